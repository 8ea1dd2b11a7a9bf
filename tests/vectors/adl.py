"""Cases of auto-deleveraging: who is closed, how much, and for what."""

from decimal import Decimal
from typing import Any

from riskengine.core.enums import EventKind, LossPolicy
from riskengine.core.types import Event
from tests.core.driver import only
from tests.vectors.cases import Case, dec
from tests.vectors.rig import ALL_DUST, Rig, of_kind


def dydx_rig(case: Case, holders: list[dict[str, Any]]) -> tuple[Rig, list[Event]]:
    """Have account 1 be closed against accounts 2, 3..., what the book is asked for reported.

    Holders come first: one whose equity is 0 waits with an open order of its own meanwhile. A loss
    comes of a mark that doubles, where its holders were not below zero before.
    """
    mark, liquidated = case.given["mark"], case.given["liquidated"]
    part = dec(case.given.get("closed_share", 1))
    slicing: dict[str, Any] = {} if part == 1 else {"liquidation_slice": part}
    rate = case.given["maintenance_rate"]
    rig = Rig(take_over_ppm=0)
    rig.market("BTC", rate, lot=-4, dust_notional_atoms=ALL_DUST, **slicing)
    is_gap = equity_of(case) < 0 and all(holder["cash"] > 0 for holder in holders)
    rig.mark({"BTC": mark // 2 if is_gap else mark})
    for account_id, holder in enumerate(holders, start=2):
        size, cash = dec(holder["size"]), dec(holder["cash"])
        rig.deposit(account_id, cash + size * mark * 2)
        rig.hold(account_id, "BTC", size, mark * 2)
    size = dec(liquidated["size"])
    rig.deposit(1, dec(liquidated["cash"]) + size * mark / 2)
    events = rig.hold(1, "BTC", size, mark // 2)
    if is_gap:
        events = rig.mark({"BTC": mark})
    for order in of_kind(events, EventKind.LIQUIDATION_ORDER):
        events = rig.driver.report(order.liquidation_id)
    return rig, events


def equity_of(case: Case) -> Decimal:
    """Return the equity of who is liquidated at the mark."""
    liquidated = case.given["liquidated"]
    equity: Decimal = dec(liquidated["cash"]) + dec(liquidated["size"]) * case.given["mark"]
    return equity


def close_at_the_bankruptcy_price(case: Case) -> None:
    """A loss is met as stated; equity that is left stays with its account, closed at the mark."""
    rig, events = dydx_rig(case, [case.given["holder"]])
    loss = only(events, EventKind.LOSS_ALLOCATION)
    assert (loss.touched_accounts, loss.skipped_accounts) == (1, 0)
    if case.then.get("accepted") is False:
        # All is closed at the mark all the same, and what the holder has not is debt.
        assert loss.size_lots == loss.needed_lots == 10**4
        assert rig.money(only(events, EventKind.BAD_DEBT).amount_atoms) == -equity_of(case)
        assert rig.cash(2) == case.given["holder"]["cash"] + case.given["mark"] == 0
        return
    kept = max(Decimal(0), equity_of(case)) * dec(case.given["closed_share"])
    assert rig.cash(1) == case.then["liquidated_cash"] + kept
    assert rig.cash(2) == case.then["holder_cash"] - kept


def close_over_several_holders(case: Case) -> None:
    """As one: each holder closes at the mark, and the equity is not theirs."""
    rig, events = dydx_rig(case, case.given["holders"])
    assert len(of_kind(events, EventKind.AUTO_DELEVERAGE)) == 2
    kept = equity_of(case)
    assert rig.cash(1) == case.then["liquidated_cash"] + kept > 0
    stated = [cash - kept / 2 for cash in case.then["holder_cash"]]
    assert [rig.cash(2), rig.cash(3)] == stated


def allocation_down_the_queue(case: Case) -> None:
    """Leverage falls down the queue, profit is the same: `n * 660 / (n * (160 + 50 * rank))`."""
    liquidated = case.given["liquidated"]
    rig = Rig(atom=0)
    rig.market("A", "0.05")
    rig.mark({"A": 600})
    for rank, holder in enumerate(case.given["queue"], start=1):
        rig.deposit(holder["account"] + 10, holder["size"] * (100 + 50 * rank))
        rig.hold(holder["account"] + 10, "A", holder["size"], 600)
    # At 660 equity is -10 a lot: the bankruptcy price of the short is 650.
    rig.deposit(1, -liquidated["size"] * (liquidated["bankruptcy_price"] - 600))
    rig.hold(1, "A", liquidated["size"], 600)
    events = of_kind(rig.mark({"A": 660}), EventKind.AUTO_DELEVERAGE)
    assert [
        {
            "account": event.counterparty_account_id - 10,
            "size": event.size_lots,
            "price": event.price_ticks,
        }
        for event in events
    ] == case.then["fills"]
    for account, left in case.then["left"].items():
        assert rig.held(int(account) + 10, "A") == left


def ranking_by_return_on_equity(case: Case) -> None:
    """Profit times leverage ranks these two holders as profit by equity does."""
    liquidated, holders = case.given["liquidated"], case.given["holders"]
    rig = Rig(atom=0)
    rig.market("A", "0.05")
    rig.mark({"A": liquidated["entry"]})
    for holder in holders:
        rig.deposit(holder["account"], holder["equity"])
        rig.hold(holder["account"], "A", holder["size"], liquidated["entry"])
    rig.deposit(1, liquidated["equity"])
    rig.hold(1, "A", liquidated["size"], liquidated["entry"])
    events = of_kind(rig.mark({"A": liquidated["mark"]}), EventKind.AUTO_DELEVERAGE)
    assert [event.counterparty_account_id for event in events] == case.then["chosen"]
    # 600 / 1000 * (400 / 700) beats 300 / 500 * (200 / 400).
    assert events[0].score_ppm == 600_000 * 571_428 // 10**6
    assert events[0].score_ppm != case.then["scores"][1] * 10**6


def transfer_of_profit_at_mark(case: Case) -> None:
    liquidated = case.given["liquidated"]
    entry, mark, size = (dec(liquidated[name]) for name in ("entry", "mark", "size"))
    rig = Rig()
    rig.market("A", "0.01")
    rig.mark({"A": entry})
    rig.deposit(1, liquidated["equity"] + size * (entry - mark))
    rig.deposit(2, 10**5)
    rig.trade(1, 2, "A", size, entry)
    events = rig.mark({"A": mark})
    closed = only(events, EventKind.AUTO_DELEVERAGE)
    assert rig.price("A", closed.mark_price_ticks) == case.given["price"]
    assert rig.money(closed.loss_atoms) == case.then["transferred"]
    assert rig.driver.engine.bad_debt_atoms == case.then["bad_debt"]
    assert rig.balance(1) == 0
    assert rig.balance(2) == 10**5 + size * (entry - mark) - case.then["transferred"]


def gains_scaled_to_what_was_collected(case: Case) -> None:
    """The mark falls by one, so that gains are lots; the long has what was collected."""
    gains = case.given["gains"]
    rig = Rig(atom=0)
    rig.market("A", "0.001", loss_policy=LossPolicy.PRO_RATA)
    rig.mark({"A": 100})
    rig.deposit(1, case.given["collected"])
    holders = dict(enumerate(gains, start=2))
    for account_id, name in holders.items():
        rig.deposit(account_id, 1_000)
        rig.trade(1, account_id, "A", gains[name], 100)
    loss = only(rig.mark({"A": 99}), EventKind.LOSS_ALLOCATION)
    assert loss.loss_atoms == loss.haircut_atoms == case.given["due"] - case.given["collected"]
    paid = {name: rig.equity(account_id) - 1_000 for account_id, name in holders.items()}
    assert paid == case.then["paid"]
    assert rig.balance(1) == 0


def a_real_allocation(case: Case) -> None:
    """The long has lost its margin exactly, so that the close is at the mark.

    The sum is met to the last contract with one holder closed in part; profit times leverage puts
    other holders in front than the venue did.
    """
    price = case.given["price"]
    rig = Rig()
    rig.market("AVAX", "0.001", tick=-3, lot=-2)
    rig.mark({"AVAX": price})
    for holder in case.given["holders"]:
        gain = -holder["size"] * (holder["entry"] - price)
        rig.deposit(holder["account"] + 1, holder["equity"] - gain)
        rig.hold(holder["account"] + 1, "AVAX", holder["size"], holder["entry"])
    rig.deposit(1, case.given["size"])
    order = only(rig.hold(1, "AVAX", case.given["size"], price + 1), EventKind.LIQUIDATION_ORDER)
    events = rig.driver.report(order.liquidation_id)
    loss = only(events, EventKind.LOSS_ALLOCATION)
    assert rig.size("AVAX", loss.size_lots) == case.then["closed_size"]
    assert loss.haircut_atoms == loss.skipped_accounts == 0
    closed = of_kind(events, EventKind.AUTO_DELEVERAGE)
    assert {rig.price("AVAX", event.price_ticks) for event in closed} == {price}
    left = [event.counterparty_account_id for event in closed if is_left(rig, event)]
    assert len(left) == case.then["partly_closed"]
    assert len(closed) - len(left) != case.then["fully_closed"]
    assert rig.held(1, "AVAX") == 0


def is_left(rig: Rig, event: Event) -> bool:
    return rig.held(event.counterparty_account_id, "AVAX") != 0


CHECKS = {
    "close_at_the_bankruptcy_price": close_at_the_bankruptcy_price,
    "close_over_several_holders": close_over_several_holders,
    "allocation_down_the_queue": allocation_down_the_queue,
    "ranking_by_return_on_equity": ranking_by_return_on_equity,
    "transfer_of_profit_at_mark": transfer_of_profit_at_mark,
    "a_real_allocation": a_real_allocation,
    "gains_scaled_to_what_was_collected": gains_scaled_to_what_was_collected,
}
