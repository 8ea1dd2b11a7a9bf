"""What is told of the fund's limits, late answers and old debts, each once."""

from types import SimpleNamespace
from typing import cast

from riskengine.simulator.fund_watch import FundWatch
from riskengine.simulator.ledger import Ledger
from riskengine.simulator.markets import ATOMS, FUND_ACCOUNT_ID, MARKETS
from riskengine.simulator.notable import STOPS_TOLD, Notable
from riskengine.simulator.tally import Tally
from riskengine.simulator.venue import Venue


def quiet_venue() -> SimpleNamespace:
    """Return as much of a venue as is looked at; its fund has $1,000 and its marks stand still."""
    ledger = Ledger(MARKETS, 9)
    ledger.deposit(FUND_ACCOUNT_ID, 1_000 * ATOMS)
    fund = FundWatch(ledger)
    fund.begin()
    return SimpleNamespace(
        ledger=ledger,
        fund=fund,
        tally=Tally(ledger, cast("object", None)),  # type: ignore[arg-type]
        late=SimpleNamespace(orders=0),
        exchange=SimpleNamespace(marks=[1_000] * len(MARKETS)),
        path=SimpleNamespace(times_seconds=(0,)),
        at=0,
    )


def told(notable: Notable) -> list[str]:
    """Return what is new, without the time."""
    return [text[len("00:00:00  ") :] for text in notable.look()]


def test_a_stop_of_the_fund_and_its_end_are_told_the_first_times() -> None:
    venue = quiet_venue()
    notable = Notable(cast("Venue", venue))
    assert told(notable) == []
    for number in range(1, STOPS_TOLD + 2):
        venue.fund.look(is_stopped=True)
        stopped = told(notable)
        assert told(notable) == []
        venue.fund.look(is_stopped=False)
        goes_on = told(notable)
        if number > STOPS_TOLD:
            assert stopped == goes_on == []
            continue
        (text,) = stopped
        assert text == (
            "The insurance fund is stopped at $1.00 k, 30 % below its highest: it pays nothing and"
            " takes nothing over."
        )
        assert goes_on == ["The insurance fund goes on: it is less than 25 % below its highest."]
    assert venue.fund.stops == STOPS_TOLD + 1


def test_late_answers_and_debts_that_are_spread_are_told() -> None:
    venue = quiet_venue()
    notable = Notable(cast("Venue", venue))
    venue.late.orders = 2
    assert told(notable) == [
        "First order cancelled at its deadline: what it filled counts in a second term."
    ]
    venue.tally.late_fills = 1
    assert told(notable) == [
        "First fill after an order's end: the fund is flat again in what it took of it."
    ]
    venue.tally.spread_atoms, venue.tally.spread_over = 3 * ATOMS, {1, 2}
    assert told(notable) == ["$3.00 of old debts in all were spread over the gains of 2 accounts."]
    assert told(notable) == []
    venue.tally.spread_atoms = 4 * ATOMS
    assert told(notable) == ["$4.00 of old debts in all were spread over the gains of 2 accounts."]
