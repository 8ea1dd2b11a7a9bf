"""A state that is saved and read back is the same state, and a view holds the one that was."""

import os
from collections.abc import Callable
from hashlib import blake2b
from random import Random
from threading import Thread

import numpy as np
import pytest

from riskengine.core.engine import Engine
from riskengine.machine.view import View, ViewError
from tests.core.crash import crash, kept, rich
from tests.core.driver import Driver

WORD = 8


def read_back(saved: bytes, *, full_scan: bool = False) -> Engine:
    engine = Engine.read_back(saved, full_scan=full_scan)
    engine.check_invariants()
    return engine


@pytest.mark.parametrize("full_scan", [False, True])
@pytest.mark.parametrize("build", [Driver, crash, rich, kept])
def test_a_state_that_is_read_back_is_the_one_that_was_saved(
    build: Callable[[], Driver], full_scan: bool
) -> None:
    driver = build()
    engine = read_back(driver.engine.save(), full_scan=full_scan)
    assert engine.state_hash() == driver.engine.state_hash()
    assert engine.dump() == driver.engine.dump()
    assert engine.counters() == driver.engine.counters()
    assert engine.save() == driver.engine.save()


def test_an_empty_engine_is_saved() -> None:
    assert read_back(Engine().save()).state_hash() == Engine().state_hash()


@pytest.mark.rule("ST-11")
def test_the_hash_is_that_of_the_words_of_the_books() -> None:
    engine = rich().engine
    saved = engine.save()
    totals = int(np.frombuffer(saved, dtype=np.int64)[0])
    assert blake2b(saved[(1 + totals) * WORD :], digest_size=16).hexdigest() == engine.state_hash()


def test_an_engine_that_is_read_back_goes_on_like_the_one_that_was_saved() -> None:
    origin = rich()
    engine = read_back(origin.engine.save())
    for price in (90, 60, 95, 140, 20):
        marks = [(1, 2, 3, 4, 5), (price,) * 5]
        columns = [np.array(column, dtype=np.int64) for column in marks]
        time = engine.time_nanos + 10**8
        assert engine.mark_prices(time, *columns) == origin.engine.mark_prices(time, *columns)
        engine.check_invariants()
        assert engine.state_hash() == origin.engine.state_hash()


def test_what_is_cut_off_is_no_state() -> None:
    saved = rich().engine.save()
    for length in (0, 1, WORD, len(saved) // 2, len(saved) - WORD, len(saved) - 1):
        with pytest.raises(ValueError, match="no state"):
            Engine.read_back(saved[:length])


@pytest.mark.release_form
def test_a_number_that_leads_to_nothing_is_found() -> None:
    """No word, whatever is put in its place, has the reader follow it anywhere."""
    saved = np.frombuffer(rich().engine.save(), dtype=np.int64)
    rng = Random(5)
    refused = 0
    for at in range(len(saved)):
        for value in (-1, 0, 2**62, -(2**63), rng.randrange(2**40), int(saved[at]) ^ 1):
            changed = saved.copy()
            changed[at] = value
            try:
                Engine.read_back(changed.tobytes()).state_hash()
            except ValueError:
                refused += 1
    assert refused > len(saved)


def read(view: View) -> bytes:
    with view:
        return b"".join(view.read())


def test_a_view_holds_the_state_as_it_was() -> None:
    driver = rich()
    before = driver.engine.save()
    view = View(driver.engine)
    driver.mark(50)
    driver.deposit(99, 5)
    assert read(view) == before
    assert read(View(driver.engine)) == driver.engine.save() != before


def test_views_of_several_states_are_read_in_any_order() -> None:
    driver = crash()
    views, states = [], []
    for amount in range(1, 6):
        driver.deposit(8, amount)
        views.append(View(driver.engine))
        states.append(driver.engine.save())
    assert [read(view) for view in reversed(views)] == states[::-1]


def test_a_view_larger_than_its_pipe_waits_for_its_reader() -> None:
    driver = Driver()
    ids = np.arange(1, 60_001, dtype=np.int64)
    ones = np.ones_like(ids)
    assert driver.engine.deposits(driver.engine.time_nanos, ids, ones, ones).sequence
    saved = driver.engine.save()
    view = View(driver.engine)
    driver.deposit(1, 7)
    assert len(saved) > 3 << 20
    assert read(view) == saved


def test_a_view_that_is_closed_leaves_nothing_behind() -> None:
    engine = rich().engine
    before = os.listdir("/proc/self/fd")
    with View(engine) as view:
        clone_id = view.clone_id
    assert os.listdir("/proc/self/fd") == before
    with pytest.raises(ProcessLookupError):
        os.kill(clone_id, 0)


def test_a_view_of_which_the_clone_was_killed_says_so() -> None:
    engine = Engine()
    ids = np.arange(1, 100_001, dtype=np.int64)
    engine.create_asset(1, 1, "USD", 0)
    engine.deposits(1, ids[:65_536], np.ones(65_536, dtype=np.int64), ids[:65_536])
    with View(engine) as view:
        os.kill(view.clone_id, 9)
        with pytest.raises(ViewError, match="-9"):
            list(view.read())


def test_who_gives_up_ends_no_other_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The id of a clone that the reader has let go may be anybody's, and 0 is all of the group."""
    view = View(Engine())
    killed: list[int] = []
    giving: list[Thread] = []
    wait = os.waitpid

    def give_up_meanwhile(clone_id: int, options: int) -> tuple[int, int]:
        found = wait(clone_id, options)
        giving.append(Thread(target=view.give_up))
        giving[0].start()
        giving[0].join(0.05)
        return found

    monkeypatch.setattr(os, "waitpid", give_up_meanwhile)
    monkeypatch.setattr(os, "kill", lambda clone_id, _number: killed.append(clone_id))
    assert read(view)
    giving[0].join()
    assert killed == []
