"""Cases of the waterfall: how much is closed, through what, and what is left."""

from decimal import Decimal

from riskengine.core.enums import EventKind, LiquidationOutcome
from riskengine.core.types import Event
from tests.core.driver import kinds, only
from tests.vectors.cases import Case, dec
from tests.vectors.rig import ALL_DUST, BOOK_ATTEMPTS, WHOLE, Rig, of_kind

ALICE, BOB, MAKER = 1, 2, 3
DISCOUNT_PPM = 20_000


def rig_of_dango(case: Case, *names: str) -> Rig:
    """Make markets with the case's rate and a discount of 2 %, and no level of take-over.

    There is no fee, which Dango leaves out of a close and this engine counts in: what is left is
    compared with the fee added.
    """
    rig = Rig(take_over_ppm=0)
    for name in names:
        rig.market(
            name,
            case.given["maintenance_rate"],
            tick=-2,
            lot=-3,
            discount_ppm=DISCOUNT_PPM,
            book_attempts=BOOK_ATTEMPTS,
        )
    return rig


def whole_waterfall(case: Case) -> None:
    alice, bob, then = case.given["alice"], case.given["bob"], case.then
    size, mark = alice["size"], case.given["mark"]
    rig = rig_of_dango(case, "ETH")
    rig.mark({"ETH": alice["entry"]})
    rig.deposit(ALICE, alice["balance"])
    rig.deposit(BOB, bob["balance"])
    rig.deposit(MAKER, 10**6)
    buyer, seller = (ALICE, BOB) if size > 0 else (BOB, ALICE)
    rig.trade(buyer, seller, "ETH", abs(size), alice["entry"])
    events = rig.mark({"ETH": mark})
    if case.id in BELOW_NOTHING:
        closed_without_the_book(rig, case)
        return
    order = only(events, EventKind.LIQUIDATION_ORDER)
    filled = min(case.given["book_depth_at_mark"], rig.size("ETH", order.size_lots))
    kept = Decimal(0)
    if filled:
        buyer, seller = (MAKER, ALICE) if size > 0 else (ALICE, MAKER)
        rig.trade(buyer, seller, "ETH", filled, mark, fills=order.liquidation_id)
    else:
        kept = closed_at_the_mark(rig, case, order)
    for name, account, more in (("alice", ALICE, then["fund"]), ("bob", BOB, -kept)):
        assert rig.balance(account) == then[name]["balance"] + more
        assert rig.held(account, "ETH") == then[name]["size"]
    assert rig.money(rig.driver.fund().balance_atoms) == kept
    assert rig.driver.engine.bad_debt_atoms == then["bad_debt"]


def closed_at_the_mark(rig: Rig, case: Case, order: Event) -> Decimal:
    """Have nobody fill an order; return what the fund gets of it, which Dango gives to Bob.

    Its limit is Dango's price, at which Alice is closed there. Here Bob is closed at the mark, and
    the discount of 2 % is more than Alice's part of the equity: what she keeps is the same.
    """
    adl = case.then["adl"]
    order = rig.at_bankruptcy_price(order)
    assert rig.price("ETH", order.price_ticks) == adl["price"]
    closed = only(rig.driver.report(order.liquidation_id), EventKind.AUTO_DELEVERAGE)
    assert rig.size("ETH", closed.size_lots) == adl["size"]
    assert rig.price("ETH", closed.price_ticks) == case.given["mark"] != adl["price"]
    part: Decimal = adl["size"] * abs(dec(case.given["mark"] - adl["price"]))
    return part


BELOW_NOTHING = {"peer-143", "peer-149"}


def closed_without_the_book(rig: Rig, case: Case) -> None:
    """Check what becomes of an equity of -200 on 10 ETH: all at the price that Dango has for 6.

    Below nothing the book is not asked, so nothing is filled at a loss first and there is no bad
    debt: Bob closes 10 at 1700 + 200 / 10 (at 2300 - 200 / 10).
    """
    price = case.then["adl"]["price"]
    entry, balance = case.given["bob"]["entry"], case.given["bob"]["balance"]
    assert [rig.held(account, "ETH") for account in (ALICE, BOB)] == [0, 0]
    assert rig.balance(ALICE) == 0
    assert rig.balance(BOB) == balance + 10 * abs(entry - price) != case.then["bob"]["balance"]
    assert rig.driver.fund().balance_atoms == rig.driver.engine.bad_debt_atoms == 0


def whole_waterfall_of_two_markets(case: Case) -> None:
    """The part that is closed pays 2 % of it to the fund, not all of the equity to Bob."""
    alice, bob, marks = case.given["alice"], case.given["bob"], case.given["marks"]
    held = alice["positions"]
    rig = rig_of_dango(case, *held)
    rig.mark({name: leg["entry"] for name, leg in held.items()})
    rig.deposit(ALICE, alice["balance"])
    rig.deposit(BOB, bob["balance"])
    for name, leg in held.items():
        assert bob["positions"][name]["size"] == -leg["size"]
        buyer, seller = (ALICE, BOB) if leg["size"] > 0 else (BOB, ALICE)
        rig.trade(buyer, seller, name, abs(leg["size"]), leg["entry"])
    order = rig.at_bankruptcy_price(only(rig.mark(marks), EventKind.LIQUIDATION_ORDER))
    closed = only(rig.driver.report(order.liquidation_id), EventKind.AUTO_DELEVERAGE)
    adl = case.then["adl"]
    mark, leg = marks[adl["market"]], held[adl["market"]]
    assert closed.market_id == rig.id(adl["market"])
    assert rig.size(adl["market"], closed.size_lots) == adl["size"]
    assert rig.price(adl["market"], closed.price_ticks) == mark
    side = 1 if leg["size"] > 0 else -1
    lost = side * adl["size"] * (leg["entry"] - mark)
    discount = adl["size"] * mark * Decimal(DISCOUNT_PPM).scaleb(-6)
    assert rig.balance(ALICE) == alice["balance"] - lost - discount
    assert rig.balance(BOB) == bob["balance"] + lost
    assert rig.money(rig.driver.fund().balance_atoms) == discount
    # Dango takes all equity as that of the one leg: 3,065 a coin (3,435); here it is 940 (1,060).
    assert abs(mark - adl["price"]) > 3 * discount / adl["size"]


def negative_balance_with_equity(case: Case) -> None:
    """Debt is judged on equity, never on the balance alone."""
    given, then = case.given, case.then
    rig = rig_of_dango(case, "ETH")
    rig.mark({"ETH": given["mark"]})
    rig.deposit(ALICE, 1)
    rig.deposit(BOB, 10**6)
    # A venue's fee is what takes the balance below 0.
    fee = int((1 - given["balance"]) * 10**6)
    events = rig.trade(ALICE, BOB, "ETH", given["size"], given["entry"], fees=(fee, 0))
    order = rig.at_bankruptcy_price(only(events, EventKind.LIQUIDATION_ORDER))
    assert rig.size("ETH", order.size_lots) == then["closed_size"]
    assert rig.price("ETH", order.price_ticks) == then["bankruptcy_price"]
    rig.trade(BOB, ALICE, "ETH", then["closed_size"], given["mark"], fills=order.liquidation_id)
    assert rig.balance(ALICE) == then["balance"] + then["fee"]
    assert rig.equity(ALICE) == then["equity"] + then["fee"]
    assert rig.driver.engine.bad_debt_atoms == then["bad_debt"]


def least_close(case: Case) -> None:
    """`shortage / (price * (rate - fees))`: 10 lots of 100 at 10 % make MM 100.

    The asset is worth one of itself: where it is not, another size is stated.
    """
    given = case.given
    rig = Rig()
    fee_ppm = int(given["liquidator_fee_ppm"] + given["fund_fee_ppm"])
    rig.market("A", given["maintenance_rate"], lot=-3, liquidation_fee_ppm=fee_ppm)
    rig.mark({"A": 2 * given["mark"]})
    rig.deposit(1, 1_000 + 100 - given["shortage"])
    rig.hold(1, "A", 10, 2 * given["mark"])
    order = only(rig.mark({"A": given["mark"]}), EventKind.LIQUIDATION_ORDER)
    closed, stated = rig.size("A", order.size_lots), Decimal(case.then["closed_size_1e9"])
    rate = given["maintenance_rate"] - Decimal(fee_ppm).scaleb(-6)
    assert closed == given["shortage"] / (given["mark"] * rate)
    assert (closed == stated.scaleb(-9)) == (given["asset_price"] == 1)


def order_or_take_over(case: Case) -> None:
    """At 10 % ten lots of 100 make the maintenance of 100."""
    assert case.given["maintenance"] == 100
    for equity, action in zip(case.given["equities"], case.then["actions"], strict=True):
        rig = Rig(atom=0)
        rig.market("A", "0.1")
        rig.fund_deposit(10**4)
        rig.mark({"A": 200})
        rig.deposit(1, equity + 1_000)
        rig.hold(1, "A", 10, 200)
        found = kinds(rig.mark({"A": 100}))
        assert ("TAKE_OVER" in found) == (action == "take_over")
        assert ("LIQUIDATION_ORDER" in found) == (action == "order")


def whole_take_over(case: Case) -> None:
    """The fund pays the 50 that are missing and takes over at the mark: the user ends at 0."""
    given = case.given
    rig = Rig()
    rig.market("A", given["maintenance_rate"])
    rig.fund_deposit(1_000)
    rig.hold_with_cash(1, given["cash"], {"A": given["size"]}, {"A": given["mark"]})
    events = rig.mark({"A": given["mark"]})
    missing = -given["cash"] - given["size"] * given["mark"]
    assert rig.money(only(events, EventKind.INSURANCE_PAYOUT).amount_atoms) == missing
    taken = only(events, EventKind.TAKE_OVER)
    assert rig.money(taken.quote_atoms) == given["size"] * given["mark"]
    assert rig.cash(1) == 0 != case.then["cash_after"]
    assert rig.money(rig.driver.fund().equity_atoms) == 1_000 - missing


def debt_of_a_bad_fill(case: Case) -> None:
    """A long that is closed below its bankruptcy price owes `(bankruptcy - fill) * size`.

    Where trades stay as they are. That price is the last limit of an order, so that such a trade
    fills none; the order has no position left.
    """
    given = {name: dec(value) for name, value in case.given.items()}
    mark, size = given["mark"], given["size"]
    rig = Rig(atom=-9, take_over_ppm=0)
    rig.market(
        "A",
        "0.2",
        tick=-4,
        lot=-3,
        dust_notional_atoms=ALL_DUST,
        reprices_trades=False,
        book_attempts=BOOK_ATTEMPTS,
    )
    rig.mark({"A": 2 * mark})
    rig.deposit(1, size * (2 * mark - given["bankruptcy_price"]))
    rig.deposit(2, 10**3)
    rig.hold(1, "A", size, 2 * mark)
    order = only(rig.mark({"A": mark}), EventKind.LIQUIDATION_ORDER)
    assert rig.price("A", order.price_ticks) == mark
    order = rig.at_bankruptcy_price(order)
    assert rig.price("A", order.price_ticks) == given["bankruptcy_price"]
    events = rig.fill(order, 2, "A", size, given["fill_price"])
    debt = rig.money(only(events, EventKind.BAD_DEBT).amount_atoms)
    assert debt == (given["bankruptcy_price"] - given["fill_price"]) * size
    assert abs(debt - case.then["shortfall"]) < Decimal("0.001")
    ended = only(events, EventKind.LIQUIDATION_ORDER_ENDED)
    assert (ended.outcome, ended.size_lots) == (LiquidationOutcome.REPLACED, 0)


def who_is_riskier(case: Case) -> None:
    """Equity is scaled by 0.4, which changes no comparison but makes both liquidatable."""
    rig = Rig(atom=0, take_over_ppm=WHOLE)
    rig.market("A", "0.05")
    rig.mark({"A": 200})
    accounts = {1: case.given["a"], 2: case.given["b"]}
    for account_id, account in accounts.items():
        size = account["maintenance"] // 5
        rig.deposit(account_id, account["equity"] * 2 // 5 + size * 100)
        rig.hold(account_id, "A", size, 200)
    events = of_kind(rig.mark({"A": 100}), EventKind.CANCEL_ORDERS)
    order = [event.account_id for event in events]
    # Of equals the lower account id comes first.
    assert order == ([2, 1] if case.then["safer"] == "a" else [1, 2])


CHECKS = {
    "whole_waterfall": whole_waterfall,
    "whole_waterfall_of_two_markets": whole_waterfall_of_two_markets,
    "negative_balance_with_equity": negative_balance_with_equity,
    "least_close": least_close,
    "order_or_take_over": order_or_take_over,
    "whole_take_over": whole_take_over,
    "debt_of_a_bad_fill": debt_of_a_bad_fill,
    "who_is_riskier": who_is_riskier,
}
