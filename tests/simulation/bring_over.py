"""A venue of one engine as the commands that load it into another."""

from collections.abc import Iterator
from typing import Any

from riskengine.core.engine import Engine
from riskengine.core.enums import AccountState, Side
from riskengine.core.types import MarketParameters, RiskParameters, RiskTier
from riskengine.units import PPM
from tests.core.driver import column
from tests.pieces import finish, whole

Call = tuple[Any, ...]
"""A method and its arguments after the time; tuples of integers are columns."""


def can_be_brought_over(engine: Engine) -> bool:
    """Say whether nothing waits but open orders, and nobody is to be judged.

    None of the orders is for more than its account has (LD-8), is a second attempt, is being
    cancelled, or stands beside a fund that was asked already; no late fill of one that has ended is
    waited for: then all can be loaded as they are.
    """
    dump = engine.dump()
    accounts = dump["accounts"]
    waits = [one for one in accounts if one["retry_nanos"] or one["asked"]]
    ended = [order for one in accounts for order in one["orders"] if order["outcome"]]
    again = [
        order
        for one in accounts
        for order in one["orders"]
        if order["attempt"] > 1 or order["cancelling"]
    ]
    bankrupt = [one for one in accounts if one["state"] == AccountState.BANKRUPT]
    too_large = [one for one in accounts for order in one["orders"] if _exceeds(one, order)]
    if dump["ended_orders"]:
        return False
    if waits or ended or again or bankrupt or too_large or engine.scan():
        return False
    return not _is_a_call_above_its_level(engine) and _has_rows_for_deposits(engine)


def _is_a_call_above_its_level(engine: Engine) -> bool:
    """Say whether somebody's call has not ended, and would not be made: loading forgets it."""
    call_ppm = engine.parameters.margin_call_ppm
    called = engine.accounts(0, 10**6, AccountState.MARGIN_CALL)
    return any(one.equity_atoms * PPM >= call_ppm * one.maintenance_atoms for one in called)


def _has_rows_for_deposits(engine: Engine) -> bool:
    """Say whether what is of no trader can stand with a fund's row."""
    dump = engine.dump()
    funds = {one["asset_id"] for one in dump["accounts"] if one["is_fund"] and one["balance_atoms"]}
    return all(asset in funds or not left for asset, left in left_of_deposits(dump).items())


def _exceeds(account: dict[str, Any], order: dict[str, Any]) -> bool:
    """Say whether a fill of what is open would grow the account's position or turn it."""
    lots = {held["market_id"]: held["size_lots"] for held in account["positions"]}
    closing = -lots.get(order["market_id"], 0)
    if order["side"] == Side.SHORT:
        closing = -closing
    return bool(order["size_lots"] - order["filled_lots"] > closing)


def loading_calls(engine: Engine) -> Iterator[Call]:
    """Yield what loads the venue, but for going live.

    What of an asset's deposits is of no trader stands with the row of its first fund. A fund
    without money has no row, as it has nothing to be loaded.
    """
    dump = engine.dump()
    yield from _venue(dump, engine)
    yield "begin_loading", dump["last_liquidation_id"]
    rows = [one for one in dump["accounts"] if not one["is_fund"] or one["balance_atoms"]]
    if rows:
        yield "load_accounts", *zip(*_accounts(dump, rows), strict=True)
    positions = [
        (one["account_id"], each["market_id"], each["size_lots"], each["cost_atoms"])
        for one in dump["accounts"]
        for each in one["positions"]
    ]
    if positions:
        yield "load_positions", *zip(*positions, strict=True)
    reservations = [
        (one["account_id"], one["asset_id"], each["reservation_id"], each["amount_atoms"])
        for one in dump["accounts"]
        for each in one["reservations"]
    ]
    if reservations:
        yield "load_reservations", *zip(*reservations, strict=True)
    orders = sorted(_orders(dump))
    if orders:
        yield "load_liquidations", *zip(*orders, strict=True)


def _venue(dump: dict[str, Any], engine: Engine) -> Iterator[Call]:
    for asset in dump["assets"]:
        yield "create_asset", asset["asset_id"], asset["symbol"], asset["exponent"]
    for fund in engine.funds():
        yield "create_fund", fund.fund_id, fund.asset_id
    for market in dump["markets"]:
        rules = dict(market["parameters"])
        rules["tiers"] = tuple(RiskTier(**tier) for tier in rules["tiers"])
        yield "set_market", MarketParameters(**rules)
    yield "set_risk_parameters", RiskParameters(**dump["parameters"])
    marks = {
        market["parameters"]["market_id"]: market["mark_price_ticks"]
        for market in dump["markets"]
        if market["mark_price_ticks"]
    }
    if marks:
        yield "mark_prices", tuple(marks), tuple(marks.values())


def _accounts(
    dump: dict[str, Any], rows: list[dict[str, Any]]
) -> Iterator[tuple[int, int, int, int, int]]:
    left = left_of_deposits(dump)
    for one in rows:
        net_atoms = one["net_deposits_atoms"]
        if one["is_fund"]:
            net_atoms = left[one["asset_id"]]
            left[one["asset_id"]] = 0
        name = one["account_id"], one["asset_id"]
        debt_market_id = 0 if one["is_fund"] else one["debt_market_id"]
        yield (*name, one["balance_atoms"], net_atoms, debt_market_id)


def left_of_deposits(dump: dict[str, Any]) -> dict[int, int]:
    """Return by asset what of its net deposits is of no trader who is still there."""
    left = {check["asset_id"]: check["net_deposits_atoms"] for check in dump["conservation"]}
    for one in dump["accounts"]:
        left[one["asset_id"]] -= one["net_deposits_atoms"]
    return left


def _orders(dump: dict[str, Any]) -> Iterator[tuple[int, ...]]:
    for one in dump["accounts"]:
        for order in one["orders"]:
            named = (order["liquidation_id"], one["account_id"], order["market_id"], order["side"])
            sizes = (order["size_lots"], order["filled_lots"])
            bounds = (order["limit_price_ticks"], order["deadline_nanos"])
            yield (*named, *sizes, *bounds, order["sliced"])


def apply(engine: Engine, time_nanos: int, call: Call) -> list[Any]:
    """Apply a call with all its work, which must not be refused, and return its events."""
    name, *arguments = call
    is_record = (MarketParameters, RiskParameters)
    given = [
        column(value) if isinstance(value, tuple) and not isinstance(value, is_record) else value
        for value in arguments
    ]
    outcome = getattr(engine, name)(time_nanos, *given)
    assert outcome.rejections == [], (name, outcome.rejections[:3])
    outcome = whole(finish(engine, outcome))
    engine.check_invariants()
    return list(outcome.events)
