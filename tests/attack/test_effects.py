"""The attacker's accounting: what a command gives one, beyond the marks, it takes from others."""

from collections import Counter

import pytest

from riskengine.core.enums import EventKind
from tests.attack.attacker import FRIEND, Attacker
from tests.attack.judge import breaches
from tests.attack.venue import FUND


def test_no_atom_of_an_effect_is_missing() -> None:
    seen = set()
    for seed in range(40):
        attacker = Attacker(seed)
        attacker.play(80)
        for effect in attacker.venue.effects:
            seen.add(effect.what)
            assert sum(effect.beyond.values()) == 0
            assert sum(effect.at_mark.values()) == 0
    assert seen == {"trade", "fill", "late fill", "report", "mark", "tick"}


def test_a_trade_away_from_the_mark_is_beyond_it() -> None:
    venue = Attacker(0).venue
    mark = venue.marks[1]
    effect = venue.trade(1, 2, 1, 10, mark + 3)
    assert (effect.beyond[1], effect.beyond[2]) == (-30, 30)
    effect = venue.mark({1: mark + 5})
    assert (effect.at_mark[1], effect.at_mark[2]) == (50, -50)
    assert not any(effect.beyond.values())


def test_what_is_taken_out_is_no_loss() -> None:
    venue = Attacker(0).venue
    assert venue.takes_out_all(1) == venue.withdrawn[1] == venue.paid_in[1]
    assert venue.takes_out_all(1) == 0


@pytest.mark.rule("BK-6")
def test_a_repriced_trade_moves_money_between_its_sides_alone() -> None:
    venue = Attacker(0).venue
    mark = venue.marks[1]
    has = venue.accounts()[11].equity_atoms
    lots = has // mark + 1
    venue.trade(11, 1, 1, lots, mark)
    effect = venue.trade(FRIEND, 11, 1, lots, 1)
    told = [event for event in effect.events if event.kind == EventKind.TRADE_REPRICED]
    amount = lots * (mark - 1) - has
    assert [event.amount_atoms for event in told] == ([amount] if amount > 0 else [])
    assert effect.beyond[FRIEND] == lots * (mark - 1) - max(0, amount)
    assert effect.beyond.get(FUND, 0) == 0


@pytest.mark.rule("BK-6")
def test_no_trade_is_paid_by_the_fund_or_repriced_too_far() -> None:
    """With trades left as they are the same attackers have the fund pay for them."""

    def found(*, reprices: bool) -> tuple[Counter[str], int]:
        kinds: Counter[str] = Counter()
        told = 0
        for seed in range(40):
            attacker = Attacker(seed, reprices=reprices)
            attacker.play(80)
            kinds.update(breach.kind for breach in breaches(attacker))
            events = [event for effect in attacker.venue.effects for event in effect.events]
            told += sum(event.kind == EventKind.TRADE_REPRICED for event in events)
        return kinds, told

    kinds, told = found(reprices=True)
    assert told > 0
    assert kinds["the fund pays for a trade"] == 0
    assert kinds["a trade is repriced beyond the mark"] == 0
    assert kinds["a trade is repriced for one who can pay"] == 0
    kinds, told = found(reprices=False)
    assert told == 0
    assert kinds["the fund pays for a trade"] > 0
