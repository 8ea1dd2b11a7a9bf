"""Cases of the insurance fund: what it receives, pays and can pay."""

from riskengine.core.enums import AccountState, EventKind
from tests.core.driver import FUND_ACCOUNT, kinds, only
from tests.vectors.cases import Case, dec
from tests.vectors.rig import ALL_DUST, Rig, of_kind

FUND = FUND_ACCOUNT + 1
MOST_FEE = dec("0.1")


def fund_can_pay(case: Case) -> None:
    """A debt of `-delta`: paid whole or, if the fund cannot, left to its account."""
    balance, debt = case.given["balance"], -case.given["delta"]
    rig = Rig(atom=0)
    rig.market("A", "0.05")
    rig.mark({"A": 100})
    if balance:
        rig.fund_deposit(balance)
    rig.deposit(1, 100)
    rig.deposit(2, 1_000)
    rig.trade(1, 2, "A", 1, 100)
    # Closed flat; the venue's fee takes all of the 100, and the debt on top.
    events = rig.trade(2, 1, "A", 1, 100, fees=(0, 100 + debt))
    is_paid = rig.driver.account(1).state == AccountState.NORMAL
    assert is_paid == case.then["can_pay"]
    payouts = of_kind(events, EventKind.INSURANCE_PAYOUT)
    assert sum(event.amount_atoms for event in payouts) == (debt if is_paid else 0)
    assert rig.driver.fund().balance_atoms == (balance - debt if is_paid else balance)


def what_a_fill_brings_the_fund(case: Case) -> None:
    """A close on the book: `min(fee * notional at mark, equity after)`, or a debt paid in full.

    The mark is the fill price; where equity would be below 0 there, it is the bankruptcy price, as
    an order is only issued at an equity of 0 and more. Trades stay as they are, as with dYdX; one
    at a worse price than the limit fills no order, and leaves the debt.
    """
    given = case.given
    size, cash, fill = (dec(given[name]) for name in ("size", "cash", "fill_price"))
    mark = fill if cash + size * fill >= 0 else -cash / size
    rate = min(MOST_FEE, given["fee_rate"])
    rig = Rig(take_over_ppm=0)
    rig.market(
        "BTC",
        "0.3",
        lot=-3,
        liquidation_fee_ppm=int(rate * 10**6),
        reprices_trades=False,
        dust_notional_atoms=ALL_DUST,
    )
    rig.fund_deposit(100)
    rig.deposit(2, 10**6)
    rig.hold_with_cash(1, cash, {"BTC": size}, {"BTC": mark})
    order = only(rig.mark({"BTC": mark}), EventKind.LIQUIDATION_ORDER)
    rig.fill(order, 2, "BTC", abs(size), fill)
    delta = rig.money(rig.driver.fund().balance_atoms) - 100
    if case.id == "peer-052":
        # 10 % of the notional is the most that a market may charge: 441, not all of the 490.
        assert delta == MOST_FEE * abs(size) * fill < case.then["fund_delta"]
    else:
        assert delta == case.then["fund_delta"]


def deficit_of_a_take_over(case: Case) -> None:
    """The fund pays what is missing, the deficit, and takes the long over at the mark."""
    given = case.given
    rig = Rig()
    rig.market("A", "0.05")
    rig.fund_deposit(given["fund"])
    rig.mark({"A": given["entry"]})
    rig.deposit(1, given["equity"])
    rig.hold(1, "A", given["size"], given["entry"])
    taken = only(rig.mark({"A": given["mark"]}), EventKind.TAKE_OVER)
    assert rig.money(taken.equity_atoms) == -case.then["deficit"]
    assert rig.money(rig.driver.fund().equity_atoms) == case.then["fund"]
    assert rig.balance(1) == 0


def liquidation_fee(case: Case) -> None:
    """40 bp of the notional at mark; the price that was got does not matter."""
    given = {name: dec(value) for name, value in case.given.items()}
    rig = Rig()
    rig.market(
        "A",
        "0.2",
        tick=-2,
        lot=-3,
        liquidation_fee_ppm=4_000,
        dust_notional_atoms=ALL_DUST,
    )
    rig.mark({"A": 2 * given["mark"]})
    rig.deposit(1, given["size"] * given["mark"] * dec("1.15"))
    rig.deposit(2, 10)
    rig.hold(1, "A", given["size"], 2 * given["mark"])
    order = only(rig.mark({"A": given["mark"]}), EventKind.LIQUIDATION_ORDER)
    events = rig.trade(2, 1, "A", given["size"], given["fill_price"], fills=order.liquidation_id)
    fee = rig.money(only(events, EventKind.LIQUIDATION_FILL).fee_atoms)
    assert fee == case.then["fee_40_bp_of_mark"]
    assert fee != case.then["fee_20_bp_of_mark_10_bp_of_fill"]


def equity_of_a_fund(case: Case) -> None:
    """The fund's profit is that of a long position of 1 that it holds."""
    given = case.given
    rig = Rig()
    rig.market("A", "0.01", tick=-2, max_price_ticks=2 * 10**9)
    rig.mark({"A": 100})
    rig.deposit(2, 10**8)
    rig.fund_deposit(given["deposits"][0])
    rig.trade(FUND, 2, "A", 1, 100)
    equities = []
    for deposits, profit in zip(given["deposits"], given["profit"], strict=True):
        more = deposits - given["deposits"][0]
        if more:
            rig.fund_deposit(more)
        rig.mark({"A": 100 + profit})
        equities.append(rig.money(rig.driver.fund().equity_atoms))
        assert equities[-1] == deposits + profit
    change = equities[1] - equities[0]
    assert change == case.then["deposits_change"] + case.then["profit_change"]
    assert given["equity"][1] - given["equity"][0] == case.then["equity_change"]
    assert abs(change - case.then["equity_change"]) < dec("0.01")


def liquidated_at(fund_balance: int) -> list[str]:
    """Return what becomes of a long of 10 that is liquidated 100 below 0, against one short."""
    rig = Rig(atom=0)
    rig.market("A", "0.05")
    rig.mark({"A": 100})
    if fund_balance:
        rig.fund_deposit(fund_balance)
    rig.deposit(1, 200)
    rig.deposit(2, 2_000)
    rig.trade(1, 2, "A", 10, 100)
    return kinds(rig.mark({"A": 70}))


def adl_by_an_empty_fund(case: Case) -> None:
    """ADL ends when the fund can carry the position, 135 here, not with its first cent."""
    assert case.given["balance"] == case.then["stops_with_balance_above"]
    assert ("AUTO_DELEVERAGE" in liquidated_at(case.given["balance"])) == case.then["adl"]
    assert "AUTO_DELEVERAGE" in liquidated_at(134)
    assert "AUTO_DELEVERAGE" not in liquidated_at(135)
    assert "TAKE_OVER" in liquidated_at(135)


def adl_by_drawdown_of_the_fund(case: Case) -> None:
    """A long of 100 loses 450,000 from 10,000 to 5,500 on a margin of 100,000."""
    given, then = case.given, case.then
    rig = Rig()
    rig.driver.risk(
        fund_market_notional_ppm=1,
        fund_drawdown_ppm=int(-given["trigger"] * 10**6),
        fund_resume_ppm=int(-given["stop"] * 10**6),
    )
    rig.market("A", "0.05")
    rig.mark({"A": 10_000})
    rig.fund_deposit(given["highest_balance"])
    rig.deposit(1, 450_000 + given["pnl"])
    rig.deposit(2, 10**7)
    rig.trade(1, 2, "A", 100, 10_000)
    loss = only(rig.mark({"A": 5_500}), EventKind.LOSS_ALLOCATION)
    assert rig.money(loss.loss_atoms) == -given["pnl"] == -then["ratio"] * given["highest_balance"]
    assert rig.money(loss.amount_atoms) == -given["trigger"] * given["highest_balance"]
    assert rig.money(loss.amount_atoms) == then.get("fund_pays", rig.money(loss.amount_atoms))
    assert rig.money(loss.haircut_atoms) == then["adl_pays"]
    fund = rig.driver.fund()
    assert fund.is_stopped == then["adl"]
    ratio = dec(fund.equity_atoms - fund.peak_equity_atoms) / fund.peak_equity_atoms
    assert ratio == then.get("ratio_after", ratio)
    # It goes on above the level at which ADL stops, and not at it.
    rig.fund_deposit((given["stop"] - given["trigger"]) * given["highest_balance"])
    assert rig.driver.fund().is_stopped
    rig.fund_deposit(1)
    assert not rig.driver.fund().is_stopped


def loss_within_one_fund(case: Case) -> None:
    """A long of 10 loses 1.3 M from 200,000 to 70,000 on a margin of 0.1 M.

    An asset has one fund here (GD-4), so each fund is of an asset of its own.
    """
    funds = {name: number for number, name in enumerate(case.given["funds"], start=1)}
    rig = Rig()
    for name, number in funds.items():
        if number > 1:
            rig.driver.do("create_asset", number, "USD", rig.atom)
            rig.driver.do("create_fund", number, number)
        rig.market(name, "0.05", asset_id=number, fund_id=number)
        rig.fund_deposit(case.given["funds"][name], number)
    rig.mark({"crypto": 200_000})
    rig.deposit(1, 100_000)
    rig.deposit(2, 10**7)
    rig.trade(1, 2, "crypto", 10, 200_000)
    events = rig.mark({"crypto": 70_000})
    loss = only(events, EventKind.LOSS_ALLOCATION)
    assert rig.money(loss.amount_atoms) == case.then["paid"]
    assert rig.money(loss.haircut_atoms) == case.then["adl_pays"]
    lost = case.then["paid"] + case.then["adl_pays"]
    assert lost == case.given["loss_of_crypto"]
    for name, left in case.then["fund_left"].items():
        assert rig.money(rig.driver.fund(funds[name]).equity_atoms) == left
    assert rig.driver.fund(funds["crypto"]).equity_atoms == 0


CHECKS = {
    "fund_can_pay": fund_can_pay,
    "what_a_fill_brings_the_fund": what_a_fill_brings_the_fund,
    "deficit_of_a_take_over": deficit_of_a_take_over,
    "liquidation_fee": liquidation_fee,
    "equity_of_a_fund": equity_of_a_fund,
    "adl_by_drawdown_of_the_fund": adl_by_drawdown_of_the_fund,
    "adl_by_an_empty_fund": adl_by_an_empty_fund,
    "loss_within_one_fund": loss_within_one_fund,
}
