"""Cases of the waterfall: how much is closed, through what, and what is left."""

import math
from decimal import Decimal
from fractions import Fraction

from riskengine.core.enums import EventKind, LiquidationOutcome
from tests.core.driver import kinds, only
from tests.scenarios.vector_file import Case, dec
from tests.scenarios.vector_rig import ALL_DUST, WHOLE, Rig, of_kind

ALICE, BOB, MAKER = 1, 2, 3
FEE_PPM = 1_000


def dango_rig(*names: str) -> Rig:
    """Make markets with Dango's maintenance of 5 % and fee of 0.1 %, and no level of take-over."""
    rig = Rig(take_over_ppm=0)
    for name in names:
        rig.market(name, "0.05", liquidation_fee_ppm=FEE_PPM, tick=-2, lot=-3)
    return rig


def liquidation_full_waterfall(case: Case) -> None:
    alice, bob = case.inputs["alice"], case.inputs["bob"]
    size, oracle = alice["eth_position"], case.inputs["oracle"]
    rig = dango_rig("ETH")
    rig.mark({"ETH": alice["entry"]})
    rig.deposit(ALICE, alice["margin"])
    rig.deposit(BOB, bob["margin"])
    rig.deposit(MAKER, 10**6)
    buyer, seller = (ALICE, BOB) if size > 0 else (BOB, ALICE)
    rig.trade(buyer, seller, "ETH", abs(size), alice["entry"])
    events = rig.mark({"ETH": oracle})
    if case.id in BELOW_NOTHING:
        closed_without_the_book(rig, case)
        return
    order = only(events, EventKind.LIQUIDATION_ORDER)
    filled = min(case.inputs["book_depth_at_oracle"], rig.size("ETH", order.size_lots))
    if filled:
        buyer, seller = (MAKER, ALICE) if size > 0 else (ALICE, MAKER)
        rig.trade(buyer, seller, "ETH", filled, oracle, fills=order.liquidation_id)
    else:
        events = rig.driver.report(order.liquidation_id)
        closed = only(events, EventKind.AUTO_DELEVERAGE)
        assert rig.size("ETH", closed.size_lots) == dec(case.expected["adl_size"])
        assert rig.price("ETH", closed.price_ticks) == dec(case.expected["adl_price"])
        assert rig.price("ETH", order.price_ticks) == dec(case.expected["adl_price"])
    assert rig.balance(ALICE) == dec(case.expected["alice_margin"])
    assert rig.balance(BOB) == dec(case.expected["bob_margin"])
    assert rig.held(ALICE, "ETH") == case.expected["alice_position"]
    assert rig.held(BOB, "ETH") == case.expected["bob_position"]
    assert rig.money(rig.driver.fund().balance_atoms) == dec(case.expected["insurance_fund"])
    assert rig.driver.engine.bad_debt_atoms == case.expected["bad_debt"]


BELOW_NOTHING = {"peer-143", "peer-149"}


def closed_without_the_book(rig: Rig, case: Case) -> None:
    """Check what becomes of an equity of -200 on 10 ETH: all at the price that Dango has for 6.

    Below nothing the book is not asked, so nothing is filled at a loss first and there is no bad
    debt: Bob closes 10 at 1700 + 200 / 10 (at 2300 - 200 / 10).
    """
    price = dec(case.expected["adl_price"])
    entry = case.inputs["bob"]["entry"]
    assert [rig.held(account, "ETH") for account in (ALICE, BOB)] == [0, 0]
    assert rig.balance(ALICE) == 0
    assert rig.balance(BOB) == case.inputs["bob"]["margin"] + 10 * abs(entry - price)
    assert rig.driver.fund().balance_atoms == rig.driver.engine.bad_debt_atoms == 0


def liquidation_full_waterfall_multi(case: Case) -> None:
    """The part that is closed gives up `equity * MM of the part / MM`, not all of the equity."""
    given = case.inputs
    rig = dango_rig("eth", "btc")
    rig.mark({name: given[name][1] for name in ("eth", "btc")})
    rig.deposit(ALICE, given["margin"])
    rig.deposit(BOB, 12_000)
    for name in ("eth", "btc"):
        size, entry = given[name]
        buyer, seller = (ALICE, BOB) if size > 0 else (BOB, ALICE)
        rig.trade(buyer, seller, name, abs(size), entry)
    order = only(rig.mark(given["oracle"]), EventKind.LIQUIDATION_ORDER)
    closed = only(rig.driver.report(order.liquidation_id), EventKind.AUTO_DELEVERAGE)
    assert closed.market_id == rig.id("btc")
    part = dec(case.expected["adl"][0].split()[0])
    assert rig.size("btc", closed.size_lots) == part
    side = 1 if given["btc"][0] > 0 else -1
    worth = {name: abs(given[name][0]) * given["oracle"][name] for name in ("eth", "btc")}
    gain = sum(given[n][0] * (given["oracle"][n] - given[n][1]) for n in ("eth", "btc"))
    equity, value = given["margin"] + gain, Fraction(part) * given["oracle"]["btc"]
    shared = equity * value / sum(worth.values())
    quote = Decimal(math.ceil((side * value - shared) * 10**6)).scaleb(-6)
    realised = quote - side * part * given["btc"][1]
    fee = dec(case.expected["insurance_fund"])
    assert rig.balance(ALICE) == given["margin"] + realised - fee
    assert rig.balance(BOB) == 12_000 - realised
    assert rig.money(rig.driver.fund().balance_atoms) == fee
    # Dango takes all equity as that of the one leg: 43,935 (56,435); shared it is 44,817.35...
    assert abs(quote / part - side * dec(case.expected["adl"][1])) > 800


def partial_with_negative_margin(case: Case) -> None:
    """Debt is judged on equity, never on the balance alone."""
    given = case.inputs
    size, entry = given["eth"]
    rig = dango_rig("ETH")
    rig.mark({"ETH": given["oracle"]})
    rig.deposit(ALICE, 1)
    rig.deposit(BOB, 10**6)
    # A venue's fee is what takes the balance below 0.
    fee = int((1 - given["margin"]) * 10**6)
    events = rig.trade(ALICE, BOB, "ETH", size, entry, fees=(fee, 0))
    order = only(events, EventKind.LIQUIDATION_ORDER)
    assert rig.size("ETH", order.size_lots) == case.expected["close"]
    assert rig.price("ETH", order.price_ticks) == case.expected["bankruptcy_price"]
    events = rig.trade(
        BOB, ALICE, "ETH", case.expected["close"], given["oracle"], fills=order.liquidation_id
    )
    fill = only(events, EventKind.LIQUIDATION_FILL)
    assert rig.money(fill.fee_atoms) == case.expected["fee"]
    assert rig.balance(ALICE) == case.expected["margin_after"]
    assert rig.equity(ALICE) == case.expected["equity_after"]
    assert rig.driver.engine.bad_debt_atoms == case.expected["bad_debt"]


def partial_liquidation_size(case: Case) -> None:
    """`shortage / (price * rate)`: 10 lots of 100 at 10 % make MM 100."""
    given = case.inputs
    rig = Rig()
    rig.market("A", given["margin_ratio"], lot=-3)
    rig.mark({"A": 2 * given["oracle_price"]})
    rig.deposit(1, 1_000 + 100 - given["margin_shortage"])
    rig.hold(1, "A", 10, 2 * given["oracle_price"])
    order = only(rig.mark({"A": given["oracle_price"]}), EventKind.LIQUIDATION_ORDER)
    assert rig.size("A", order.size_lots) == Decimal(case.expected["base_1e9"]).scaleb(-9)


def liquidation_ladder_hyperliquid(case: Case) -> None:
    for equity, action in zip(case.inputs["account_equity"], case.expected["action"], strict=True):
        rig = Rig(atom=0)
        rig.market("A", "0.1")
        rig.fund_deposit(10**4)
        rig.mark({"A": 200})
        rig.deposit(1, equity + 1_000)
        rig.hold(1, "A", 10, 200)
        found = kinds(rig.mark({"A": 100}))
        assert ("TAKE_OVER" in found) == action.startswith("backstop")
        assert ("LIQUIDATION_ORDER" in found) == action.startswith("market-order")


def liquidate_full(case: Case) -> None:
    """The fund takes the leg over at its bankruptcy price, 150: the user ends at 0, not at -51."""
    given = case.inputs
    rig = Rig()
    rig.market("A", given["margin_ratio"])
    rig.fund_deposit(1_000)
    rig.hold_with_cash(1, given["quote_entry"], {"A": given["position"]}, {"A": given["oracle"]})
    taken = only(rig.mark({"A": given["oracle"]}), EventKind.TAKE_OVER)
    assert rig.money(taken.quote_atoms) == -given["quote_entry"]
    assert rig.cash(1) == 0
    assert rig.money(rig.driver.fund().equity_atoms) == 1_000 + given["oracle"] - 150


def bad_debt_execution(case: Case) -> None:
    """A long that is closed below its bankruptcy price owes `(p_bankruptcy - p_executed) * dq`."""
    given = {name: dec(value) for name, value in case.inputs.items()}
    rig = Rig(atom=-9, take_over_ppm=0)
    rig.market("A", "0.2", tick=-4, lot=-3, dust_notional_atoms=ALL_DUST)
    rig.mark({"A": 2 * given["p"]})
    rig.deposit(1, given["dq"] * (2 * given["p"] - given["pbk"]))
    rig.deposit(2, 10**3)
    rig.hold(1, "A", given["dq"], 2 * given["p"])
    order = only(rig.mark({"A": given["p"]}), EventKind.LIQUIDATION_ORDER)
    assert rig.price("A", order.price_ticks) == given["pbk"]
    events = rig.trade(2, 1, "A", given["dq"], given["pexec"], fills=order.liquidation_id)
    debt = rig.money(only(events, EventKind.BAD_DEBT).amount_atoms)
    assert debt == (given["pbk"] - given["pexec"]) * given["dq"]
    assert abs(debt - dec(case.expected["shortfall"])) < Decimal("0.001")
    ended = only(events, EventKind.LIQUIDATION_ORDER_ENDED)
    assert ended.outcome == LiquidationOutcome.FILLED


def risk_order(case: Case) -> None:
    """Equity is scaled by 0.4, which changes no comparison but makes both liquidatable."""
    rig = Rig(atom=0, take_over_ppm=WHOLE)
    rig.market("A", "0.05")
    rig.mark({"A": 200})
    pairs = {1: case.inputs["a_nc_mmr"], 2: case.inputs["b_nc_mmr"]}
    for account_id, (equity, maintenance) in pairs.items():
        size = maintenance // 5
        rig.deposit(account_id, equity * 2 // 5 + size * 100)
        rig.hold(account_id, "A", size, 200)
    events = of_kind(rig.mark({"A": 100}), EventKind.CANCEL_ORDERS)
    first_is_safer = case.expected["cmp"] < 0
    order = [event.account_id for event in events]
    assert order == ([2, 1] if first_is_safer else [1, 2])


KINDS = {
    "liquidation_full_waterfall": liquidation_full_waterfall,
    "liquidation_full_waterfall_multi": liquidation_full_waterfall_multi,
    "partial_with_negative_margin": partial_with_negative_margin,
    "partial_liquidation_size": partial_liquidation_size,
    "liquidation_ladder_hyperliquid": liquidation_ladder_hyperliquid,
    "liquidate_full": liquidate_full,
    "bad_debt_execution": bad_debt_execution,
    "risk_order": risk_order,
}
