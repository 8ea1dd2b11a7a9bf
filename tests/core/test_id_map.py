"""The map of ids: what is removed is gone, what collided with it is found all the same."""

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskengine.core.face.testing import IdTable, shard_and_slot

SLOTS = 8
"""Of a shard, until it holds five."""

LAST = SLOTS - 1


@cache
def ids_at(slot: int) -> tuple[int, ...]:
    """Return four ids of the first shard that belong to the same slot."""
    found: list[int] = []
    key = 0
    while len(found) < 4:
        key += 1
        if shard_and_slot(key, SLOTS) == (0, slot):
            found.append(key)
    return tuple(found)


COLLIDING = [key for slot in (0, 1, 2, LAST) for key in ids_at(slot)]
"""Ids that stand in each other's way, also across the end of the shard."""


@given(st.lists(st.sampled_from(COLLIDING), min_size=10, max_size=60))
def test_it_holds_what_a_dictionary_holds(keys: list[int]) -> None:
    """Each key comes, or goes if it is there."""
    table, model = IdTable(), dict[int, int]()
    for value, key in enumerate(keys):
        if key in model:
            table.remove(key)
            del model[key]
        else:
            table.put(key, value)
            model[key] = value
        assert [table.get(each) for each in COLLIDING] == [
            model.get(each, -1) for each in COLLIDING
        ]


@pytest.mark.parametrize("slot", [0, LAST])
@pytest.mark.parametrize("removed", range(4))
def test_one_of_a_run_is_removed_and_the_others_move_up(slot: int, removed: int) -> None:
    table = IdTable()
    run = ids_at(slot)
    for value, key in enumerate(run):
        table.put(key, value)
    table.remove(run[removed])
    assert [table.get(key) for key in run] == [-1 if i == removed else i for i in range(4)]
    table.put(run[removed], 9)
    assert table.get(run[removed]) == 9


def test_one_that_is_at_home_is_not_moved_before_it() -> None:
    """Two ids of slot 0 fill 0 and 1; that of slot 2 stays when the first is removed."""
    table = IdTable()
    first, second = ids_at(0)[:2]
    third = ids_at(2)[0]
    for value, key in enumerate((first, second, third)):
        table.put(key, value)
    table.remove(first)
    assert [table.get(key) for key in (first, second, third)] == [-1, 1, 2]


def test_coming_and_going_takes_no_room() -> None:
    """Four of a shard at a time is what eight slots are for, whoever they are."""
    table = IdTable()
    for key in ids_at(0):
        table.put(key, 0)
    slots = table.slots
    for _ in range(1_000):
        for slot in (0, 1, 2, LAST, 0):
            assert [table.get(key) for key in COLLIDING].count(0) == 4
            for key in [key for key in COLLIDING if table.get(key) == 0]:
                table.remove(key)
            for key in ids_at(slot):
                table.put(key, 0)
    assert table.slots == slots == SLOTS
