"""Nothing that the attacker does breaks a rule; what others give him is told and bounded."""

from collections import Counter

from riskengine.core.enums import EventKind, LiquidationOutcome
from tests.attack.attacker import GROUP, HOLDERS, Attacker
from tests.attack.judge import breaches, gain_atoms, gifts
from tests.attack.venue import FUND

SEEDS, MOVES = 60, 120


def test_an_attacker_takes_nothing_that_no_rule_gives_him() -> None:
    """The plays reach what they are to attack: orders, closes, gaps and steps."""
    told: Counter[tuple[str, str]] = Counter()
    outcomes = set()
    kinds: Counter[str] = Counter()
    for seed in range(SEEDS):
        attacker = Attacker(seed)
        attacker.play(MOVES)
        assert list(breaches(attacker)) == [], seed
        assert gain_atoms(attacker) <= sum(gifts(attacker)), seed
        for effect in attacker.venue.effects:
            kinds[effect.what] += 1
            for event in effect.events:
                told[EventKind(event.kind).name, who(event.account_id)] += 1
                if event.kind == EventKind.LIQUIDATION_ORDER_ENDED:
                    outcomes.add(event.outcome)
    for kind in ("AUTO_DELEVERAGE", "TAKE_OVER", "INSURANCE_PAYOUT", "LIQUIDATION_FILL"):
        for whose in ("group", "holder"):
            assert told[kind, whose] > 1, (kind, whose)
    assert told["LOSS_ALLOCATION", "fund"] > 1
    assert told["TRADE_REPRICED", "group"] > 1
    assert told["LOSS_SPREAD", "holder"] > 1
    for kind in ("LATE_FILL", "CANCEL_LIQUIDATION_ORDER"):
        assert sum(count for (name, _), count in told.items() if name == kind) > 1, kind
    assert kinds["late fill"] > 1
    assert outcomes >= {
        LiquidationOutcome.FILLED,
        LiquidationOutcome.DONE,
        LiquidationOutcome.EXPIRED,
        LiquidationOutcome.REPLACED,
        LiquidationOutcome.RECOVERED,
    }


def who(account_id: int) -> str:
    """Return whose an account is."""
    if account_id in GROUP:
        return "group"
    return "holder" if account_id in HOLDERS else "fund" if account_id == FUND else "bystander"
