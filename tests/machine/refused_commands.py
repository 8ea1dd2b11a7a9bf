"""Venues for each guard to refuse somebody, and commands that are valid but for what is spoilt."""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from riskengine.core.engine import bounds
from riskengine.core.enums import PositionUpdateMode, Side
from riskengine.core.types import Rejection, RiskParameters
from tests.core.driver import COLUMNS, FUND_ACCOUNT, MARKET, Driver, call

LAST_ISSUED = 2**24 + 8
MOST_NOTIONAL, MOST_BALANCE = 2**54, 2**60
DELTA = PositionUpdateMode.DELTA


@cache
def venue() -> Driver:
    """Somebody for each guard to refuse.

    In market 1, whose steps are 5 ticks and 2 lots, 5 is long 2 and 6 short 4, both with all the
    balance that there may be; 3 is long 10 and being liquidated by order 1; 7 is short 8. Market 2
    has no mark. 4 holds 500 and nothing else.
    """
    driver = Driver()
    steps = {"price_step_ticks": 5, "size_step_lots": 2}
    driver.market(1, max_price_ticks=1_000, max_position_lots=1_000, **steps)
    driver.market(2)
    driver.marks({1: 200})
    for account_id, amount in (
        *((5, MOST_BALANCE), (6, MOST_BALANCE)),
        *((3, 1_045), (7, 10**6), (4, 500)),
    ):
        driver.deposit(account_id, amount)
    driver.trade(3, 7, 10, 200)
    driver.trade(5, 6, 2, 100)
    driver.trade(7, 6, 2, 100)
    driver.mark(100)
    return driver


@cache
def empty_venue() -> Driver:
    driver = Driver()
    driver.engine = type(driver.engine)()
    return driver


@cache
def indebted_venue() -> Driver:
    """4 sold 2 lots and bought them back for a fee that leaves it a debt; any closes the gate."""
    driver = venue().fork()
    driver.risk(gate_floor_units=0, gate_ppm=0)
    driver.trade(7, 4, 2, 100)
    driver.trade(4, 7, 2, 100, fees=(501, 0))
    return driver


@cache
def pausing_venue() -> Driver:
    """New levels look at one account after the other."""
    driver = venue().fork()
    driver.risk(work_units=1)
    return driver


@cache
def forgetful_venue() -> Driver:
    """Order 1 has ended and was kept for late fills, for a millisecond."""
    driver = venue().fork()
    driver.risk(late_fill_millis=1)
    driver.report(1)
    driver.wait(1)
    driver.deposit(4, 1)
    return driver


@cache
def buying_venue() -> Driver:
    """8 is short 10 and being liquidated by order 2, which buys."""
    driver = venue().fork()
    driver.deposit(8, 60)
    driver.trade(7, 8, 10, 100, fees=(0, 15))
    return driver


@cache
def unbounded_venue() -> Driver:
    """No band of market 1 stops a sale; 4 is long 20."""
    driver = venue().fork()
    (present, *_) = driver.engine.markets()
    driver.do("set_market", present.parameters._replace(order_band_ppm=10**6))
    driver.trade(4, 7, 20, 100)
    return driver


@cache
def full_venue() -> Driver:
    """As many assets, funds and markets as there may be."""
    driver = Driver()
    for asset_id in range(2, bounds()["max_assets"] + 1):
        call(driver.engine, "create_asset", 0, asset_id, "EUR", -2)
    for fund_id in range(2, bounds()["max_funds"] + 1):
        call(driver.engine, "create_fund", 0, fund_id, 1)
    for market_id in range(1, bounds()["max_markets"] + 1):
        call(driver.engine, "set_market", 0, MARKET._replace(market_id=market_id))
    return driver


@cache
def two_assets() -> Driver:
    """A second asset, with fund 2; 4 has paid in the first."""
    driver = venue().fork()
    driver.do("create_asset", 2, "EUR", 0)
    driver.do("create_fund", 2, 2)
    return driver


@cache
def wide_venue() -> Driver:
    """4 has a position in each of 128 markets; there is one more."""
    driver = Driver()
    markets = tuple(range(1, 130))
    for market_id in markets:
        driver.market(market_id)
    driver.marks(dict.fromkeys(markets, 100))
    driver.deposit(4, 10**6)
    ones = (1,) * 128
    driver.do("position_updates", DELTA, (4,) * 128, markets[:128], ones, (100,) * 128)
    return driver


@cache
def crowded_venue() -> Driver:
    """129 accounts are long 2^54 lots each, which is more than 2^61."""
    driver = Driver()
    driver.market(1, max_price_ticks=1, max_position_lots=MOST_NOTIONAL)
    driver.mark(1)
    accounts = tuple(range(1, 130))
    rows = len(accounts)
    driver.do("deposits", accounts, (1,) * rows, (MOST_NOTIONAL,) * rows)
    driver.do("position_updates", DELTA, accounts, (1,) * rows, (2**54,) * rows, (1,) * rows)
    return driver


@cache
def two_funds() -> Driver:
    driver = Driver(funds=2)
    driver.market(1)
    return driver


@cache
def loading_venue() -> Driver:
    """1 and 2 are loaded in market 1, which is 2 lots too long; order 7 of the last ones is open.

    Market 2 has no mark.
    """
    driver = Driver()
    driver.do("create_asset", 2, "EUR", 0)
    driver.market(1)
    driver.market(2)
    driver.mark(100)
    driver.begin_loading(LAST_ISSUED)
    driver.load(1, 500)
    driver.load(2, 500)
    driver.load(4, 500)
    driver.load_position(1, 10, 1_000)
    driver.load_position(2, -8, -800)
    driver.load_order(LAST_ISSUED - 1, 1, Side.SHORT, 5)
    return driver


@cache
def reserving_venue() -> Driver:
    """Of 4 all is reserved, in two parts, which are as many as there may be."""
    driver = venue().fork()
    driver.risk(max_reservations=2)
    driver.reserve(4, 300, 1)
    driver.reserve(4, 200, 2)
    return driver


@cache
def fund_alone() -> Driver:
    """The fund is long; no trader has an account."""
    driver = Driver()
    driver.market(1)
    driver.mark(100)
    driver.fund_deposit(1_000)
    driver.update(FUND_ACCOUNT + 1, 2, 100)
    return driver


TRADE = {
    "market_id": 1,
    "buyer_account_id": 5,
    "seller_account_id": 7,
    "price_ticks": 100,
    "size_lots": 2,
    "buyer_fee_atoms": 0,
    "seller_fee_atoms": 0,
    "liquidation_id": 0,
}
ORDER = {
    "account_id": 4,
    "market_id": 1,
    "side": Side.LONG,
    "size_lots": 2,
    "price_ticks": 100,
    "reduce_only": False,
}
VALID: dict[str, dict[str, Any]] = {
    "create_asset": {"asset_id": 7, "symbol": "USD", "exponent": 0},
    "create_fund": {"fund_id": 9, "asset_id": 1},
    "set_market": MARKET._replace(market_id=9)._asdict(),
    "set_risk_parameters": RiskParameters()._asdict(),
    "set_retention": {
        "client_count": 1,
        "answer_count": 1,
        "answer_bytes": 64,
        "instruction_count": 1,
        "caller_client_count": 1,
        "client_idle_millis": 1,
    },
    "fund_deposit": {"fund_id": 1, "amount_atoms": 1},
    "deposits": {"account_id": 4, "asset_id": 1, "amount_atoms": 1, "isolated_market_id": 0},
    "withdrawals": {
        "account_id": 4,
        "asset_id": 1,
        "amount_atoms": 500,
        "isolated_market_id": 0,
    },
    "write_off": {
        "account_id": 4,
        "asset_id": 1,
        "amount_atoms": 1,
        "payer": 3,
        "fund_id": 0,
        "isolated_market_id": 0,
    },
    "adjust_balances": {
        "account_id": 4,
        "asset_id": 1,
        "amount_atoms": 1,
        "reason": 2,
        "payer": 3,
        "fund_id": 0,
        "isolated_market_id": 0,
    },
    "reserve_withdrawal": {
        "account_id": 4,
        "asset_id": 1,
        "amount_atoms": 500,
        "reservation_id": 1,
        "isolated_market_id": 0,
    },
    "confirm_withdrawal": {
        "account_id": 4,
        "asset_id": 1,
        "reservation_id": 1,
        "isolated_market_id": 0,
    },
    "cancel_withdrawal": {
        "account_id": 4,
        "asset_id": 1,
        "reservation_id": 1,
        "isolated_market_id": 0,
    },
    "close_account": {"account_id": 4, "asset_id": 0, "isolated_market_id": 0},
    "trades": TRADE,
    "position_updates": {"account_id": 5, "market_id": 1, "size_lots": 2, "price_ticks": 100},
    "mark_prices": {"market_id": 1, "mark_price_ticks": 100},
    "liquidation_reports": {"liquidation_id": 1},
    "tick": {},
    "set_log_time": {"log_time_nanos": 1},
    "begin_loading": {"last_liquidation_id": 1},
    "load_accounts": {
        "account_id": 3,
        "asset_id": 1,
        "balance_atoms": 5,
        "net_deposits_atoms": 5,
        "debt_market_id": 0,
    },
    "load_positions": {"account_id": 2, "market_id": 2, "size_lots": 1, "cost_atoms": 1},
    "load_liquidations": {
        "liquidation_id": LAST_ISSUED,
        "account_id": 2,
        "market_id": 1,
        "side": Side.LONG,
        "size_lots": 2,
        "filled_lots": 1,
        "limit_price_ticks": 1,
        "deadline_nanos": 9,
        "sliced": 0,
    },
    "load_reservations": {
        "account_id": 2,
        "asset_id": 1,
        "reservation_id": 9,
        "amount_atoms": 1,
    },
    "go_live": {"accept_imbalance": False},
    "check_order": ORDER,
}


class Case(NamedTuple):
    command: str
    spoilt: dict[str, Any]
    text: str
    world: Callable[[], Driver] = venue


def out_of_range(field: str, value: int, limit: int) -> str:
    return f"{field} is {value}, which is out of range; the limit is {limit}"


def refused(case: Case) -> Rejection:
    """Have the venue refuse the command that is spoilt so, and return why."""
    driver = case.world().fork()
    given = VALID[case.command] | case.spoilt
    if case.command == "check_order":
        check = driver.engine.check_order(**given)
        assert check.rejection is not None
        return check.rejection
    if case.command == "set_market":
        refusal = driver.refuse("set_market", MARKET._replace(**given))
    elif case.command == "set_risk_parameters":
        refusal = driver.refuse("set_risk_parameters", RiskParameters(**given))
    elif case.command in COLUMNS:
        mode = [given.pop("mode", DELTA)] if case.command == "position_updates" else []
        rows = [value if isinstance(value, tuple) else (value,) for value in given.values()]
        refusal = driver.refuse(case.command, *mode, *rows)
    else:
        refusal = driver.refuse(case.command, *given.values())
    return refusal
