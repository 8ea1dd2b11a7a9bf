"""The venue's own books, and the engine's instructions carried out in them."""

from collections.abc import Mapping

import pytest

from riskengine.api.v1 import common_pb2, instructions_pb2
from riskengine.simulator.ledger import Ledger, Trade
from riskengine.simulator.markets import ATOMS, FUND_ACCOUNT_ID, MARKETS
from riskengine.simulator.mirror import Mirror

BTC = 0
LONG, SHORT = common_pb2.SIDE_LONG, common_pb2.SIDE_SHORT


@pytest.fixture
def ledger() -> Ledger:
    """Account 1 is long 100 lots of BTC at 100,000.0 against account 2; one lot is $10."""
    ledger = Ledger(MARKETS, 3)
    ledger.marks = [1_000_000] + [1] * (len(MARKETS) - 1)
    for account_id in (1, 2, 3, FUND_ACCOUNT_ID):
        ledger.deposit(account_id, 100 * ATOMS)
    ledger.trade(Trade(BTC, 1, 2, 1_000_000, 100, buyer_fee_atoms=500, seller_fee_atoms=-50))
    return ledger


def test_a_trade_moves_cash_for_lots_and_fees_away(ledger: Ledger) -> None:
    value = 100 * 1_000_000 * 10  # lots x ticks x atoms of a tick on a lot: $1,000
    assert ledger.cash_atoms[:2] == [100 * ATOMS - value - 500, 100 * ATOMS + value + 50]
    assert [ledger.equity_atoms(account) for account in (1, 2)] == [99_999_500, 100_000_050]
    assert ledger.fees_atoms == 450
    assert ledger.missing_atoms() == 0


def test_equity_follows_the_mark(ledger: Ledger) -> None:
    ledger.marks[BTC] = 900_000  # -10 % of $1,000
    assert ledger.equity_atoms(1) == 99_999_500 - 100 * ATOMS
    assert ledger.equity_atoms(2) == 100_000_050 + 100 * ATOMS
    assert ledger.notional_atoms(1) == 900 * ATOMS
    assert ledger.open_interest_lots(BTC) == 100


@pytest.mark.parametrize(
    ("dollars", "initial", "maintenance"),
    [
        (0, 0, 0),
        (100, 1.0, 0.5),  # 1 % and 0.5 %
        (1_000_000, 10_000, 5_000),  # the floor of the next tier: the same by both rates
        (2_000_000, 30_000, 15_000),  # 1 % of the first million, 2 % of the second
        (6_000_000, 140_000, 70_000),  # 10,000 + 4 x 20,000 + 1 x 50,000
    ],
)
def test_tiers_are_continuous(
    ledger: Ledger, dollars: int, initial: float, maintenance: float
) -> None:
    notional = dollars * ATOMS
    assert ledger.requirement_atoms(BTC, notional) == initial * ATOMS
    assert ledger.requirement_atoms(BTC, notional, maintenance=True) == maintenance * ATOMS


def test_a_requirement_is_rounded_up(ledger: Ledger) -> None:
    assert ledger.requirement_atoms(BTC, 1) == 1  # 0.01 atoms
    assert ledger.margin_atoms(1) == 10 * ATOMS
    assert ledger.margin_atoms(1, maintenance=True) == 5 * ATOMS


def test_a_fill_of_a_liquidation_pays_its_fee_to_the_fund(ledger: Ledger) -> None:
    before = ledger.cash_atoms[0]
    fill = instructions_pb2.LiquidationFill(account_id=1, market_id=1, side=SHORT, fee_atoms=7)
    apply(ledger, "liquidation_fill", liquidation_fill=fill)
    assert (ledger.cash_atoms[0], ledger.cash_atoms[3]) == (before - 7, 100 * ATOMS + 7)


def test_a_repriced_trade_is_paid_by_its_other_side(ledger: Ledger) -> None:
    before = ledger.cash_atoms[:]
    told = instructions_pb2.TradeRepriced(account_id=1, counterparty_account_id=2, amount_atoms=9)
    apply(ledger, "trade_repriced", trade_repriced=told)
    assert ledger.cash_atoms == [before[0] + 9, before[1] - 9, *before[2:]]
    assert ledger.missing_atoms() == 0


def test_a_take_over_moves_the_position_to_the_fund(ledger: Ledger) -> None:
    before = ledger.cash_atoms[0]
    take = instructions_pb2.TakeOver(
        account_id=1,
        market_id=1,
        fund_account_id=FUND_ACCOUNT_ID,
        side=LONG,  # a long was closed
        size_lots=40,
        quote_atoms=390 * ATOMS,
        discount_atoms=3,
    )
    apply(ledger, "take_over", take_over=take)
    assert (ledger.position(1, BTC), ledger.position(FUND_ACCOUNT_ID, BTC)) == (60, 40)
    assert ledger.cash_atoms[0] == before + 390 * ATOMS - 3
    assert ledger.cash_atoms[3] == 100 * ATOMS - 390 * ATOMS + 3
    assert ledger.missing_atoms() == 0


def mirrored(ledger: Ledger, *bodies: Mapping[str, object]) -> None:
    mirror = Mirror(ledger)
    for body in bodies:
        (kind,) = body
        mirror.apply(kind, instructions_pb2.Instruction(**body))  # type: ignore[arg-type]


def allocation(account_id: int, side: common_pb2.Side, **money: int) -> dict[str, object]:
    """Return the allocation of a whole position of 100 lots."""
    told = instructions_pb2.LossAllocation(
        account_id=account_id,
        market_id=1,
        side=side,
        needed_lots=100,
        allocated_lots=100,
        **money,  # type: ignore[arg-type]
    )
    return {"loss_allocation": told}


def test_an_allocation_closes_both_sides_and_moves_loss_and_discount(ledger: Ledger) -> None:
    before = ledger.cash_atoms[:]
    close = instructions_pb2.AutoDeleverage(
        account_id=1,
        counterparty_account_id=2,
        market_id=1,
        side=SHORT,
        size_lots=100,
        quote_atoms=-950 * ATOMS - 7,
        loss_atoms=7,
        rank=1,
    )
    paid = {"quote_atoms": 950 * ATOMS, "haircut_atoms": 7, "discount_atoms": 4}
    told = allocation(1, LONG, **paid, fund_payment_atoms=11, loss_atoms=18)
    payout = instructions_pb2.InsurancePayout(account_id=1, fund_id=1, amount_atoms=11)
    mirrored(ledger, {"insurance_payout": payout}, {"auto_deleverage": close}, told)
    assert (ledger.position(1, BTC), ledger.position(2, BTC)) == (0, 0)
    assert ledger.cash_atoms[0] == before[0] + 950 * ATOMS + 7 + 11 - 4
    assert ledger.cash_atoms[1] == before[1] - 950 * ATOMS - 7
    assert ledger.cash_atoms[3] == before[3] - 11 + 4
    assert ledger.missing_atoms() == 0


def test_two_positions_closed_against_each_other_are_told_by_their_allocations(
    ledger: Ledger,
) -> None:
    before = ledger.cash_atoms[:]
    pair = instructions_pb2.AutoDeleverage(
        account_id=1,
        counterparty_account_id=2,
        market_id=1,
        side=SHORT,
        size_lots=100,
        quote_atoms=-950 * ATOMS,
    )
    value = 950 * ATOMS
    allocations = (
        allocation(1, LONG, quote_atoms=value, discount_atoms=5),
        allocation(2, SHORT, quote_atoms=-value),
    )
    mirrored(ledger, {"auto_deleverage": pair}, *allocations)
    assert (ledger.position(1, BTC), ledger.position(2, BTC)) == (0, 0)
    assert ledger.cash_atoms[:2] == [before[0] + value - 5, before[1] - value]
    assert ledger.cash_atoms[3] == before[3] + 5
    assert ledger.missing_atoms() == 0


def test_a_payout_comes_from_the_fund(ledger: Ledger) -> None:
    payout = instructions_pb2.InsurancePayout(account_id=3, fund_id=1, amount_atoms=9)
    apply(ledger, "insurance_payout", insurance_payout=payout)
    assert ledger.cash_atoms[2:] == [100 * ATOMS + 9, 100 * ATOMS - 9]


def test_the_funds_part_of_a_late_fill_is_moved_to_it(ledger: Ledger) -> None:
    """The trade was booked on account 1, whole; it had none of those lots any more."""
    ledger.trade(Trade(BTC, 3, 1, 990_000, 10, liquidation_id=5))
    account, fund = ledger.cash_atoms[0], ledger.cash_atoms[3]
    late = instructions_pb2.LateFill(
        account_id=1,
        market_id=1,
        fund_account_id=FUND_ACCOUNT_ID,
        side=SHORT,
        size_lots=7,
        price_ticks=990_000,
    )
    apply(ledger, "late_fill", late_fill=late)
    value = 7 * 990_000 * 10
    assert (ledger.position(1, BTC), ledger.position(FUND_ACCOUNT_ID, BTC)) == (97, -7)
    assert (ledger.cash_atoms[0], ledger.cash_atoms[3]) == (account - value, fund + value)
    late.side = LONG
    apply(ledger, "late_fill", late_fill=late)
    assert (ledger.position(1, BTC), ledger.position(FUND_ACCOUNT_ID, BTC)) == (90, 0)
    assert (ledger.cash_atoms[0], ledger.cash_atoms[3]) == (account, fund)
    assert ledger.missing_atoms() == 0


def indebted() -> Ledger:
    """Return accounts 1 and 2 with 300 and 100 beyond zero, and debts of 90 and 30 of 3 and 4."""
    ledger = Ledger(MARKETS, 4)
    for account_id, atoms in enumerate((300, 100, -90, -30), start=1):
        ledger.deposit(account_id, atoms)
    return ledger


def test_what_gains_pay_goes_to_the_debtors_whose_debts_are_told_behind_it() -> None:
    """The debtors get by what is left of their debts: 3 is free, 4 owes 10 still."""
    ledger = indebted()
    spread = [
        {"loss_spread": instructions_pb2.LossSpread(account_id=each, amount_atoms=atoms)}
        for each, atoms in ((1, 80), (2, 30))
    ]
    ended = instructions_pb2.LiquidationEnded(account_id=3)
    left = instructions_pb2.BadDebt(account_id=4, amount_atoms=10)
    mirrored(ledger, *spread, {"liquidation_ended": ended}, {"bad_debt": left})
    assert ledger.cash_atoms[:4] == [220, 70, 0, -10]
    assert ledger.missing_atoms() == 0


def test_a_debt_that_is_told_or_paid_otherwise_moves_nothing() -> None:
    ledger = indebted()
    told = instructions_pb2.BadDebt(account_id=4, amount_atoms=30)
    ended = instructions_pb2.LiquidationEnded(account_id=1)
    mirrored(ledger, {"bad_debt": told}, {"liquidation_ended": ended})
    assert ledger.cash_atoms[:4] == [300, 100, -90, -30]


def test_a_debtor_that_gets_more_than_gains_paid_is_a_bug() -> None:
    spread = {"loss_spread": instructions_pb2.LossSpread(account_id=1, amount_atoms=89)}
    ended = {"liquidation_ended": instructions_pb2.LiquidationEnded(account_id=3)}
    with pytest.raises(AssertionError, match="90, 89"):
        mirrored(indebted(), spread, ended)


@pytest.mark.parametrize(
    ("payer", "deposits", "fees", "got"),
    [
        (common_pb2.WRITE_OFF_PAYER_FUND, 280, 0, 20),
        (common_pb2.WRITE_OFF_PAYER_FEES, 280, -20, 20),
        (common_pb2.WRITE_OFF_PAYER_VENUE, 300, 0, 20),
    ],
)
def test_a_write_off_is_booked_of_its_payer(
    payer: common_pb2.WriteOffPayer, deposits: int, fees: int, got: int
) -> None:
    ledger = indebted()
    bodies: list[Mapping[str, object]] = []
    if payer == common_pb2.WRITE_OFF_PAYER_FUND:
        payout = instructions_pb2.InsurancePayout(account_id=4, fund_id=1, amount_atoms=20)
        bodies.append({"insurance_payout": payout})
    off = instructions_pb2.DebtWrittenOff(account_id=4, amount_atoms=20, payer=payer, left_atoms=10)
    mirrored(ledger, *bodies, {"debt_written_off": off})
    assert ledger.cash_atoms[3] == got - 30
    assert (ledger.deposits_atoms, ledger.fees_atoms) == (deposits, fees)
    assert ledger.missing_atoms() == 0


def test_what_moves_nothing_is_passed_over(ledger: Ledger) -> None:
    before = ledger.cash_atoms[:]
    apply(ledger, "margin_call", margin_call=instructions_pb2.MarginCall(account_id=1))
    cancel = instructions_pb2.CancelLiquidationOrder(account_id=1, market_id=1, unfilled_lots=9)
    apply(ledger, "cancel_liquidation_order", cancel_liquidation_order=cancel)
    assert ledger.cash_atoms == before


def test_unknown_accounts_are_a_bug(ledger: Ledger) -> None:
    with pytest.raises(AssertionError, match="no account 4"):
        ledger.slot(4)


def apply(ledger: Ledger, kind: str, **body: object) -> None:
    Mirror(ledger).apply(kind, instructions_pb2.Instruction(**body))  # type: ignore[arg-type]
