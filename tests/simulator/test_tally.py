"""What is counted, and how the last deleveraging is told."""

import pytest

from riskengine.api.v1 import common_pb2, instructions_pb2
from riskengine.simulator.latency import LatencyRecorder
from riskengine.simulator.ledger import Ledger
from riskengine.simulator.markets import ATOMS, FUND_ACCOUNT_ID, MARKETS
from riskengine.simulator.population import Group, Population, make_population
from riskengine.simulator.tally import LONG, SHORT, Stage, Tally
from riskengine.simulator.wording import deleverage_reason, dollars, exact_dollars, percent, size

COUNT = 400
START = [market.ticks(market.start_price) for market in MARKETS]


@pytest.fixture(scope="module")
def population() -> Population:
    return make_population(MARKETS, START, COUNT, seed=1)


@pytest.fixture
def tally(population: Population) -> Tally:
    return Tally(Ledger(MARKETS, COUNT), population)


def add(tally: Tally, **body: object) -> None:
    (kind,) = body
    tally.add(kind, instructions_pb2.Instruction(**body))  # type: ignore[arg-type]


def fill(liquidation_id: int, side: common_pb2.Side) -> instructions_pb2.LiquidationFill:
    return instructions_pb2.LiquidationFill(
        liquidation_id=liquidation_id,
        account_id=100,
        market_id=1,
        side=side,
        size_lots=2,
        fee_atoms=3,
        evidence=instructions_pb2.Evidence(mark_price_ticks=1_000_000),
    )


def test_an_orders_side_closes_the_other_and_its_fills_count_once(tally: Tally) -> None:
    for liquidation_id in (1, 1, 2):
        add(tally, liquidation_fill=fill(liquidation_id, SHORT))
    add(tally, liquidation_fill=fill(3, LONG))
    longs, shorts = tally.closed(Stage.ORDER, LONG), tally.closed(Stage.ORDER, SHORT)
    assert (longs.count, longs.notional_atoms) == (2, 3 * 20 * ATOMS)
    assert (shorts.count, shorts.notional_atoms) == (1, 20 * ATOMS)
    assert tally.fees_to_fund_atoms == 12


def test_calls_and_liquidations_follow_the_account(tally: Tally) -> None:
    add(tally, margin_call=instructions_pb2.MarginCall(account_id=50))
    add(tally, margin_call=instructions_pb2.MarginCall(account_id=51))
    add(tally, margin_call_cleared=instructions_pb2.MarginCallCleared(account_id=50))
    add(tally, cancel_orders=instructions_pb2.CancelOrders(account_id=51))
    assert (tally.called, tally.liquidating) == (set(), {51})
    ended = instructions_pb2.LiquidationEnded(
        account_id=51, state=common_pb2.ACCOUNT_STATE_MARGIN_CALL
    )
    add(tally, liquidation_ended=ended)
    add(tally, margin_call_cleared=instructions_pb2.MarginCallCleared(account_id=51))
    assert (tally.called, tally.liquidating, tally.liquidated) == (set(), set(), {51})
    assert (tally.margin_calls, tally.margin_calls_cleared) == (2, 1)


def test_bad_debt_is_gone_when_it_is_paid(tally: Tally) -> None:
    add(tally, bad_debt=instructions_pb2.BadDebt(account_id=60, amount_atoms=5))
    add(tally, bad_debt=instructions_pb2.BadDebt(account_id=61, amount_atoms=7))
    add(tally, liquidation_ended=instructions_pb2.LiquidationEnded(account_id=60))
    assert (tally.bad_debts, tally.largest_bad_debt_atoms) == ({61: 7}, 12)


def test_what_limits_and_late_answers_bring_about_is_counted(tally: Tally) -> None:
    for account_id, atoms in ((1, 5), (2, 7), (1, 1)):
        spread = instructions_pb2.LossSpread(account_id=account_id, amount_atoms=atoms)
        add(tally, loss_spread=spread)
    assert (tally.spread_atoms, tally.spread_over) == (13, {1, 2})
    late = instructions_pb2.LateFill(market_id=1, size_lots=3, price_ticks=1_000)
    add(tally, late_fill=late)
    assert (tally.late_fills, tally.late_fills_atoms) == (1, 3 * 1_000 * 10)
    add(tally, cancel_liquidation_order=instructions_pb2.CancelLiquidationOrder())
    assert tally.cancelled_orders == 1
    add(tally, bad_debt=instructions_pb2.BadDebt(account_id=60, amount_atoms=5))
    off = instructions_pb2.DebtWrittenOff(account_id=60, amount_atoms=2, left_atoms=3)
    add(tally, debt_written_off=off)
    assert tally.bad_debts == {60: 3}


def deleverage(
    tally: Tally, policy: common_pb2.LossPolicy, counterparty: int, bankrupt: int
) -> tuple[str, str, str]:
    close = instructions_pb2.AutoDeleverage(
        account_id=bankrupt,
        counterparty_account_id=counterparty,
        market_id=4,
        side=SHORT,
        size_lots=310,
        price_ticks=8_950,
        rank=1,
        score_ppm=1_239_000,
        policy=policy,
        evidence=instructions_pb2.Evidence(
            mark_price_ticks=9_000, equity_atoms=5_314_285_714, position_lots=-1_240
        ),
    )
    loss = instructions_pb2.LossAllocation(
        account_id=bankrupt,
        market_id=4,
        side=LONG,
        policy=policy,
        needed_lots=620,
        allocated_lots=620,
        touched_accounts=2,
        haircut_atoms=31 * ATOMS,
        evidence=instructions_pb2.Evidence(
            mark_price_ticks=9_000,
            equity_atoms=-402 * ATOMS,
            maintenance_atoms=33 * ATOMS,
            position_lots=620,
        ),
    )
    add(tally, auto_deleverage=close)
    add(tally, loss_allocation=loss)
    assert tally.last_deleverage is not None
    return deleverage_reason(tally.ledger, tally.population, tally.last_deleverage)


def test_a_queue_deleveraging_is_told_with_its_reason(tally: Tally) -> None:
    what, why_it, why_at_all = deleverage(tally, common_pb2.LOSS_POLICY_QUEUE, 200, 201)
    name = tally.population.group(200).value.capitalize()
    assert what == (
        f"{name} 200 was closed 310 LINK of a short of 1,240 LINK at 8.950 (mark 9.000),"
        " with 1 other."
    )
    # leverage 1,240 x $9 / $5,314.29 = 2.10; 1.239 / 2.10 = 59.0 %
    assert why_it == (
        "Why it: rank 1 in the queue, score 1.239 = 59.0 % profit on cost x 2.10 leverage."
    )
    assert why_at_all.endswith(
        " 201, long of 620 LINK: equity -$402.00 under maintenance $33.00;"
        " the fund could not take it."
    )
    assert (tally.deleveraged, tally.allocations, tally.haircut_atoms) == ({200}, 1, 31 * ATOMS)
    assert tally.closed(Stage.DELEVERAGE, LONG).notional_atoms == 620 * 9_000_000


def test_other_reasons_are_told_too(tally: Tally) -> None:
    _, pro_rata, _ = deleverage(tally, common_pb2.LOSS_POLICY_PRO_RATA, 200, 201)
    assert "pro_rata closes every opposite position by its size" in pro_rata
    # A policy without words of its own is told by its name.
    _, other, _ = deleverage(tally, common_pb2.LOSS_POLICY_UNSPECIFIED, 200, 201)
    assert other == "Why it: unspecified put it first of 2."
    _, inventory, _ = deleverage(tally, common_pb2.LOSS_POLICY_QUEUE, FUND_ACCOUNT_ID, 201)
    assert "the fund's own opposite inventory goes first" in inventory
    _, _, the_fund = deleverage(tally, common_pb2.LOSS_POLICY_QUEUE, 200, FUND_ACCOUNT_ID)
    assert the_fund.startswith("Why at all: the insurance fund, long of 620 LINK: equity")


def test_a_hedged_account_that_loses_a_leg_is_followed(tally: Tally) -> None:
    hedged = next(a.account_id for a in tally.population.accounts if a.group is Group.HEDGED)
    deleverage(tally, common_pb2.LOSS_POLICY_QUEUE, hedged, 201)
    assert (tally.hedged_hit, tally.hedged_lost) == ({hedged}, set())
    add(tally, cancel_orders=instructions_pb2.CancelOrders(account_id=hedged))
    assert tally.hedged_lost == {hedged}


@pytest.mark.parametrize(
    ("atoms", "text"),
    [
        (0, "$0.00"),
        (12_300_000, "$12.30"),
        (-402 * ATOMS, "-$402.00"),
        (1_234 * ATOMS, "$1.23 k"),
        (45_600 * ATOMS, "$45.6 k"),
        (456_700_000 * ATOMS, "$457 M"),
        (2_000_000_000 * ATOMS, "$2.00 bn"),
    ],
)
def test_dollars(atoms: int, text: str) -> None:
    assert dollars(atoms) == text


def test_other_words() -> None:
    assert exact_dollars(-1_234_567_000_001) == "-$1,234,567.000001"
    assert percent(-123_456) == "-12.3%"
    assert size(MARKETS[0], -12_345) == "1.2345 BTC"
    assert size(MARKETS[3], 1_240) == "1,240 LINK"


def test_quantiles_of_latencies() -> None:
    recorder = LatencyRecorder()
    assert recorder.quantile_millis(0.5) == 0.0
    for millis in range(1, 101):
        recorder.add(millis * 1_000_000)
    assert recorder.quantile_millis(0.5) == pytest.approx(50, rel=0.05)
    assert recorder.quantile_millis(0.99) == pytest.approx(99, rel=0.05)
    assert recorder.quantile_millis(1.0) <= 100
