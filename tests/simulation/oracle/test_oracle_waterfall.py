"""The oracle's waterfall against Dango's examples (take-over 0, buffer 0, no insurance).

They leave the fee out of a close, so there is none.
"""

from typing import NamedTuple

import pytest

from tests.simulation.oracle import views
from tests.simulation.oracle.engine import Oracle
from tests.simulation.oracle.names import Kind, Side
from tests.simulation.oracle.world import (
    AccountName,
    MarketParameters,
    Outcome,
    RiskParameters,
    RiskTier,
)

ALICE, BOB, MAKER = 1, 2, 3
ETH, FUND, USD = 1, 1, 1
DOLLAR = 1_000_000
CENT_TICKS = 100
ETH_LOTS = 10_000


class Case(NamedTuple):
    alice_margin: int
    alice_lots: int
    oracle: int


LONG = Case(2_180, 10 * ETH_LOTS, 1_800)
SHORT = Case(2_220, -10 * ETH_LOTS, 2_200)


def trade(
    oracle: Oracle, buyer: int, seller: int, price: int, lots: int, order: int = 0
) -> Outcome:
    return oracle.trades(
        oracle.world.time_nanos,
        [ETH],
        [buyer],
        [seller],
        [price * CENT_TICKS],
        [lots],
        [],
        [],
        [order],
    )


def liquidate(case: Case) -> tuple[Oracle, dict[str, int]]:
    """Open ten at 2,000, move the mark; return the liquidation order."""
    oracle = Oracle()
    oracle.create_asset(0, USD, "USD", -6)
    oracle.create_fund(0, FUND, USD)
    tiers = (RiskTier(0, 100_000, 50_000),)
    oracle.set_market(
        0,
        MarketParameters(
            ETH, "ETH", USD, FUND, -2, -4, 1, 1, 10**7, 10**9, tiers, 0, 1_000, 0, 0, 0, 1
        ),
    )
    oracle.set_risk_parameters(0, RiskParameters(1_250_000, 0, 0))
    oracle.mark_prices(0, [ETH], [2_000 * CENT_TICKS])
    for account, dollars in ((ALICE, case.alice_margin), (BOB, 10_000), (MAKER, 10**6)):
        oracle.deposits(0, [account], [USD], [dollars * DOLLAR])
    buyer, seller = (ALICE, BOB) if case.alice_lots > 0 else (BOB, ALICE)
    trade(oracle, buyer, seller, 2_000, abs(case.alice_lots))
    outcome = oracle.mark_prices(0, [ETH], [case.oracle * CENT_TICKS])
    orders = [e for e in outcome.events if e["kind"] == Kind.LIQUIDATION_ORDER]
    assert len(orders) == 1
    return oracle, orders[0]


def dollars(oracle: Oracle, account_id: int) -> float:
    return oracle.world.accounts[AccountName(account_id, USD)].balance_atoms / DOLLAR


def lots(oracle: Oracle, account_id: int) -> int:
    return oracle.world.accounts[AccountName(account_id, USD)].size_in(ETH)


@pytest.mark.parametrize(
    ("case", "side", "limit", "margin", "left"),
    [
        # deficit 900 - 180 = 720; close 720 / (1800 * 5 %) = 8
        pytest.param(LONG, Side.SHORT, 1_782, 580, 2, id="peer-139"),
        # deficit 1100 - 220 = 880; close 880 / 110 = 8
        pytest.param(SHORT, Side.LONG, 2_222, 620, -2, id="peer-145"),
    ],
)
def test_book_fills_the_order(case: Case, side: Side, limit: int, margin: float, left: int) -> None:
    oracle, order = liquidate(case)
    assert (order["side"], order["size_lots"]) == (side, 8 * ETH_LOTS)
    assert order["price_ticks"] == limit * CENT_TICKS

    buyer, seller = (ALICE, MAKER) if side == Side.LONG else (MAKER, ALICE)
    trade(oracle, buyer, seller, case.oracle, 8 * ETH_LOTS, order["liquidation_id"])

    assert dollars(oracle, ALICE) == margin
    assert lots(oracle, ALICE) == left * ETH_LOTS
    assert (dollars(oracle, BOB), lots(oracle, BOB)) == (10_000, -case.alice_lots)
    assert oracle.world.fund_account(FUND).balance_atoms == 0


@pytest.mark.parametrize(
    ("case", "price", "margin", "bob", "left"),
    [
        # bankruptcy price 1800 - 180 / 10; Bob gains 8 * (2000 - 1782)
        pytest.param(LONG, 1_782, 436, 11_744, 2, id="peer-141"),
        pytest.param(SHORT, 2_222, 444, 11_776, -2, id="peer-147"),
    ],
)
def test_counterparty_takes_what_the_book_does_not(
    case: Case, price: int, margin: float, bob: int, left: int
) -> None:
    oracle, order = liquidate(case)

    outcome = oracle.liquidation_reports(0, [order["liquidation_id"]])

    closed = [e for e in outcome.events if e["kind"] == Kind.AUTO_DELEVERAGE]
    assert [(e["size_lots"], e["price_ticks"]) for e in closed] == [
        (8 * ETH_LOTS, price * CENT_TICKS)
    ]
    assert (dollars(oracle, ALICE), lots(oracle, ALICE)) == (margin, left * ETH_LOTS)
    assert (dollars(oracle, BOB), lots(oracle, BOB)) == (bob, -left * ETH_LOTS)
    assert oracle.world.fund_account(FUND).balance_atoms == 0
    views.check_invariants(oracle.world)
