"""Cases of auto-deleveraging: who is closed, how much, and for what."""

from decimal import Decimal
from typing import Any

from riskengine.core.enums import EventKind
from riskengine.core.types import Event
from tests.core.driver import only
from tests.scenarios.vector_file import Case, dec
from tests.scenarios.vector_rig import ALL_DUST, WHOLE, Rig, of_kind

BTC = 50_000


def dydx_rig(case: Case, counterparties: list[dict[str, Any]]) -> tuple[Rig, list[Event]]:
    """Have account 1 liquidated against accounts 2, 3... at BTC 50,000 with MM 10 %.

    Counterparties come first: one whose equity is 0 waits with an open order of its own meanwhile.
    """
    liquidated = case.inputs["liquidated"]
    part = dec(case.inputs.get("fraction_closed", 1))
    rig = Rig(take_over_ppm=0)
    rig.market("BTC", "0.1", lot=-4)
    rig.mark({"BTC": BTC})
    for account_id, holder in enumerate(counterparties, start=2):
        size, cash = dec(holder["pos_btc"]), dec(holder["cash"])
        rig.deposit(account_id, cash + size * BTC * 2)
        rig.hold(account_id, "BTC", size, BTC * 2)
    size = dec(liquidated["pos_btc"])
    if part == 1:
        rig.driver.risk(take_over_ppm=WHOLE)
    else:
        rig.market("BTC", "0.1", lot=-4, liquidation_slice=part, dust_notional_atoms=ALL_DUST)
    rig.deposit(1, dec(liquidated["cash"]) + size * BTC / 2)
    events = rig.hold(1, "BTC", size, BTC // 2)
    if part < 1:
        events = rig.driver.report(only(events, EventKind.LIQUIDATION_ORDER).liquidation_id)
    return rig, events


def adl_transfer(case: Case) -> None:
    rig, events = dydx_rig(case, [case.inputs["counterparty"]])
    loss = only(events, EventKind.LOSS_ALLOCATION)
    if case.expected.get("accepted") is False:
        assert (loss.size_lots, loss.skipped_accounts) == (0, 1)
        return
    assert (loss.touched_accounts, loss.skipped_accounts) == (1, 0)
    assert rig.cash(1) == dec(case.expected["liquidated_cash"])
    assert rig.cash(2) == dec(case.expected["counterparty_cash"])


def adl_split(case: Case) -> None:
    rig, events = dydx_rig(case, case.inputs["counterparties"])
    assert len(of_kind(events, EventKind.AUTO_DELEVERAGE)) == 2
    assert rig.cash(1) == case.expected["liquidated_cash"]
    assert [rig.cash(2), rig.cash(3)] == list(map(dec, case.expected["counterparty_cash"]))


def adl_queue_allocation(case: Case) -> None:
    """Leverage falls down the queue, profit is the same: `n * 640 / (n * (140 + 50 * rank))`."""
    liquidated = case.inputs["liquidated"]
    rig = Rig(atom=0)
    rig.market("A", "0.05")
    rig.mark({"A": 600})
    for rank, (account_id, size) in enumerate(case.inputs["queue"], start=1):
        rig.deposit(account_id + 10, size * (100 + 50 * rank))
        rig.hold(account_id + 10, "A", size, 600)
    # At 640 equity is 10 a lot: the bankruptcy price of the short is 650.
    rig.deposit(1, liquidated["size"] * (liquidated["bankruptcy_price"] - 600))
    rig.hold(1, "A", -liquidated["size"], 600)
    events = of_kind(rig.mark({"A": 640}), EventKind.AUTO_DELEVERAGE)
    assert [
        {
            "account": event.counterparty_account_id - 10,
            "qty": event.size_lots,
            "price": event.price_ticks,
        }
        for event in events
    ] == case.expected["fills"]
    for account, left in case.expected["remaining"].items():
        assert rig.held(int(account) + 10, "A") == left


def adl_ranking(case: Case) -> None:
    """FLOX ranks by uPnL / equity; profit times leverage ranks these two alike."""
    bankrupt, shorts = case.inputs["bankrupt"], case.inputs["shorts"]
    rig = Rig(atom=0)
    rig.market("A", "0.05")
    rig.mark({"A": bankrupt["entry"]})
    for holder in shorts:
        rig.deposit(holder["id"], holder["equity"])
        rig.hold(holder["id"], "A", holder["size"], bankrupt["entry"])
    rig.deposit(1, bankrupt["equity"])
    rig.hold(1, "A", bankrupt["long"], bankrupt["entry"])
    events = of_kind(rig.mark({"A": bankrupt["mark"]}), EventKind.AUTO_DELEVERAGE)
    assert [event.counterparty_account_id for event in events] == case.expected["chosen"]
    # 600 / 1000 * (400 / 700) beats 300 / 500 * (200 / 400).
    assert events[0].score_ppm == 600_000 * 571_428 // 10**6


def adl_example(case: Case) -> None:
    liquidated = case.inputs["liquidated"]
    entry, mark, size = (dec(liquidated[name]) for name in ("entry", "mark", "qty"))
    rig = Rig()
    rig.market("A", "0.01")
    rig.mark({"A": entry})
    rig.deposit(1, liquidated["equity_after"] + size * (entry - mark))
    rig.deposit(2, 10**5)
    rig.trade(1, 2, "A", size, entry)
    loss = only(rig.mark({"A": mark}), EventKind.LOSS_ALLOCATION)
    assert rig.money(loss.haircut_atoms) == case.expected["pnl_transferred"]
    assert rig.driver.engine.bad_debt_atoms == case.expected["bad_debt_after"]
    assert rig.balance(1) == Decimal(0)
    # Ethereal closes at the mark of 3,600 and moves the PnL; here it is in the price: 3,800.
    assert rig.balance(2) == 10**5 + size * (entry - 3_800)


KINDS = {
    "adl_transfer": adl_transfer,
    "adl_split": adl_split,
    "adl_queue_allocation": adl_queue_allocation,
    "adl_ranking": adl_ranking,
    "adl_example": adl_example,
}
