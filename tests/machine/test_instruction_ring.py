"""The ring keeps the last instructions, as many as it is told, and each under its number."""

from random import Random

import pytest

from riskengine.machine import instruction_ring
from riskengine.machine.instruction_ring import InstructionRing


def publish(ring: InstructionRing, count: int, kept: int) -> None:
    first = ring.last_sequence + 1
    ring.publish([b"%d" % number for number in range(first, first + count)], kept)
    ring.check_invariants(ring.last_sequence)


def kept(ring: InstructionRing) -> list[int]:
    return [int(piece) for piece in ring.read(ring.oldest_sequence or 1, 1_000)]


def test_the_ring_keeps_only_the_last() -> None:
    ring = InstructionRing(4)
    assert (ring.oldest_sequence, ring.last_sequence) == (0, 0)
    for count in (3, 4, 2):
        publish(ring, count, 4)
    assert (ring.oldest_sequence, ring.last_sequence) == (6, 9)
    assert kept(ring) == [6, 7, 8, 9]
    assert ring.read(10, 100) == []


@pytest.mark.parametrize("more", [0, 1, 3, 9])
@pytest.mark.parametrize("changed", [1, 2, 4, 5, 20])
@pytest.mark.parametrize("filled", [0, 1, 4, 6])
def test_more_or_fewer_are_kept_from_now_on(filled: int, changed: int, more: int) -> None:
    ring = InstructionRing(4)
    publish(ring, filled, 4)
    publish(ring, more, changed)
    last = filled + more
    count = min(changed, min(4, filled) + more)
    assert kept(ring) == list(range(last - count + 1, last + 1))


@pytest.mark.parametrize("chunk", [1, 3, instruction_ring.CHUNK])
def test_any_changes_of_what_is_kept(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instruction_ring, "CHUNK", chunk)
    rng = Random(1)
    ring, bound, expected = InstructionRing(5), 5, list[int]()
    for _ in range(500):
        if rng.random() < 0.3:
            bound = rng.randint(1, 12)
        count = rng.randint(0, 7)
        last = ring.last_sequence
        publish(ring, count, bound)
        expected = expected[-bound:] + list(range(last + 1, last + count + 1))
        expected = expected[-bound:]
        assert kept(ring) == expected
        if expected:
            at, limit = rng.choice(expected), rng.randint(0, 9)
            read = [int(piece) for piece in ring.read(at, limit)]
            assert read == list(range(at, min(at + limit, ring.last_sequence + 1)))
