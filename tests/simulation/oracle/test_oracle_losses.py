"""The oracle's losses by hand: the gap rule, what funds and holders pay, needs of both sides."""

import pytest

from tests.simulation.oracle import holders
from tests.simulation.oracle.names import Ended, Kind, Policy, Side, State
from tests.simulation.oracle.parts import exact_parts
from tests.simulation.oracle.world import Order, RiskTier
from tests.simulation.oracle.worlds import (
    FUND_ACCOUNT,
    equity,
    hold,
    judge,
    market,
    of_kind,
    ordered,
    size,
    world,
)

A, B, C, D = 1, 2, 3, 4
ONE, TWO = 1, 2


@pytest.mark.rule("LS-17")
@pytest.mark.parametrize(
    ("whole", "weights", "ties", "parts"),
    [
        pytest.param(10, [7, 4, 4], [], [5, 3, 2], id="4.67, 2.67, 2.67"),
        pytest.param(1, [1, 1, 1], [9, 3, 5], [0, 1, 0], id="the lowest tie"),
        pytest.param(5, [0, 0], [], [0, 0], id="nothing to weigh by"),
        pytest.param(3, [0, 2], [], [0, 3], id="more than the weights"),
    ],
)
def test_parts_are_exact(whole: int, weights: list[int], ties: list[int], parts: list[int]) -> None:
    assert exact_parts(whole, weights, ties) == parts


@pytest.mark.rule("LS-4", "LS-8")
@pytest.mark.parametrize("paid_in", [13_000, 13_001])
def test_a_leg_that_did_not_move_pays_nothing(paid_in: int) -> None:
    """Junk falls from 100 to 50, BTC stays: E is 13,000 - 50,000, and BTC's holder pays 0."""
    junk = market(ONE, 100, 50)
    btc = market(TWO, 60_000, 60_000, 1_000, tiers=(RiskTier(0, 10_000, 5_000),))
    made = world(junk, btc)
    hold(made, A, paid_in - 50_000, {ONE: 1_000, TWO: 5})
    hold(made, B, 50_000, {ONE: -1_000})
    hold(made, C, 100_000, {TWO: -5})

    events = judge(made)

    allocations = of_kind(events, Kind.LOSS_ALLOCATION)
    lost = 50_000 - paid_in
    assert [(e["market_id"], e.get("loss_atoms", 0)) for e in allocations] == [
        (ONE, lost),
        (TWO, 0),
    ]
    assert [e.get("haircut_atoms", 0) for e in allocations] == [lost, 0]
    assert (equity(made, A), equity(made, B), equity(made, C)) == (0, 50_000 - lost, 100_000)
    assert [size(made, one, two) for one, two in ((A, ONE), (A, TWO), (B, ONE), (C, TWO))] == [
        0
    ] * 4


@pytest.mark.rule("LS-17", "WF-22")
def test_a_holder_pays_what_it_can_and_the_rest_is_debt() -> None:
    """Need 10 at 10 a lot, one short with E 75: it takes all 10, pays 75, debt 25."""
    made = world(market(ONE, 110, 100))
    hold(made, A, -100, {ONE: 10})
    hold(made, B, 75, {ONE: -10})

    events = judge(made)

    pair = of_kind(events, Kind.AUTO_DELEVERAGE)[0]
    assert (pair["size_lots"], pair["loss_atoms"], pair["quote_atoms"]) == (10, 75, -1_075)
    assert pair["price_ticks"] == 107
    assert of_kind(events, Kind.BAD_DEBT)[0]["amount_atoms"] == 25
    assert (equity(made, A), equity(made, B)) == (-25, 0)


@pytest.mark.rule("LS-17")
def test_what_one_cannot_pay_is_offered_once_to_the_others() -> None:
    """Of 100 each of two is due 50; B has 20, so C pays 80, within 10 a lot and its spare."""
    made = world(market(ONE, 120, 100))
    hold(made, A, -100, {ONE: 10})
    hold(made, B, 20, {ONE: -5})
    hold(made, C, 500, {ONE: -5})

    judge(made)

    assert (equity(made, A), equity(made, B), equity(made, C)) == (0, 0, 420)


@pytest.mark.rule("LS-17")
def test_nobody_pays_more_than_the_command_gave_the_lots_that_are_closed() -> None:
    """A lost 10 a lot on 10; B is short 5 of them, gained 50 with these, and has much more."""
    made = world(market(ONE, 110, 100))
    hold(made, A, -100, {ONE: 10})
    hold(made, B, 10_000, {ONE: -5})

    judge(made)

    assert (equity(made, A), size(made, A), equity(made, B)) == (-50, 5, 9_950)


@pytest.mark.rule("LS-4", "LS-17")
def test_nobody_pays_for_what_the_command_did_not_move() -> None:
    """E is below zero by a trade, and no mark moved: the loss is debt, the lots go at the mark."""
    made = world(market(ONE, 100, 100))
    hold(made, A, -100, {ONE: 10})
    hold(made, B, 500, {ONE: -10})

    events = judge(made)

    assert of_kind(events, Kind.BAD_DEBT)[0]["amount_atoms"] == 100
    assert (equity(made, A), equity(made, B), size(made, B)) == (-100, 500, 0)


@pytest.mark.rule("LS-4", "WF-23", "MG-10")
def test_a_winner_behind_an_open_order_gives_the_gap_back() -> None:
    """Long 10@100 of 100; at 94 an order; at 50 it is replaced, and the short gets 90 for 10."""
    made = world(market(ONE, 94, 50))
    held = hold(made, A, -400, {ONE: 10})
    ordered(made, held, Order(1, held.name, ONE, Side.SHORT, 2, 93, False))
    hold(made, B, 1_500, {ONE: -10})

    events = judge(made)

    ended = of_kind(events, Kind.LIQUIDATION_ORDER_ENDED)[0]
    assert (ended["outcome"], ended["needed_lots"]) == (Ended.REPLACED, 2)
    assert of_kind(events, Kind.AUTO_DELEVERAGE)[0]["price_ticks"] == 90
    assert (equity(made, A), equity(made, B)) == (0, 1_100)
    assert held.state == State.NORMAL


@pytest.mark.rule("LS-5")
def test_a_fund_shares_by_market_then_by_account() -> None:
    """It has 100, and is asked 60, 20 and, of no leg, 70 for market 1, and 50 for market 2."""
    made = world(market(ONE, 110, 100), market(TWO, 105, 100), fund_atoms=100)
    hold(made, A, -60, {ONE: 6})
    hold(made, B, -90, {ONE: 2})
    hold(made, C, -50, {TWO: 10})

    events = judge(made)

    paid = {e["account_id"]: e["amount_atoms"] for e in of_kind(events, Kind.INSURANCE_PAYOUT)}
    # 75 and 25 of 100; in market 1 60, 20 and B's other 70 of 150 get 30, 10 and 35.
    assert paid == {A: 30, B: 45, C: 25}
    of_legs = {e["account_id"]: e["amount_atoms"] for e in of_kind(events, Kind.LOSS_ALLOCATION)}
    assert of_legs == {A: 30, B: 10, C: 25}
    assert equity(made, FUND_ACCOUNT) == 0


@pytest.mark.rule("LS-1", "LS-5")
def test_a_fund_takes_the_legs_only_of_whom_it_paid_whole() -> None:
    """100 of A's 100 are paid and 50 are left, the maintenance of 10 lots at 100."""
    for fund_atoms, taken in ((150, 1), (149, 0), (99, 0)):
        made = world(market(ONE, 110, 100), fund_atoms=fund_atoms)
        hold(made, A, -100, {ONE: 10})
        hold(made, B, 1_000, {ONE: -10})

        events = judge(made)

        assert len(of_kind(events, Kind.TAKE_OVER)) == taken
        assert len(of_kind(events, Kind.AUTO_DELEVERAGE)) == 1 - taken
        assert equity(made, A) == 0
        assert equity(made, B) == 1_000 - max(0, 100 - fund_atoms)


@pytest.mark.rule("FD-3")
def test_a_fund_below_zero_asks_no_fund_but_holders() -> None:
    """Its E is -161 of a gap of 160 (93 to 77 in 10 lots): the short pays 145 of 160 at most."""
    made = world(market(ONE, 93, 77), fund_atoms=0)
    fund = hold(made, FUND_ACCOUNT, -161, {ONE: 10})
    fund.is_fund = True
    hold(made, B, 145, {ONE: -10})

    events = judge(made)

    allocation = of_kind(events, Kind.LOSS_ALLOCATION)[0]
    assert (allocation["loss_atoms"], allocation["haircut_atoms"]) == (160, 145)
    assert "amount_atoms" not in allocation
    assert (equity(made, FUND_ACCOUNT), equity(made, B)) == (-16, 0)


@pytest.mark.rule("LS-6")
def test_needs_of_both_sides_meet_at_the_mark_before_any_holder() -> None:
    """10 long and 4 short are closed: 4 meet, 6 go to the holder, who bears the longs' loss."""
    made = world(market(ONE, 110, 100))
    hold(made, A, -50, {ONE: 10})
    hold(made, B, -30, {ONE: -4})
    hold(made, C, 1_000, {ONE: -20})

    events = judge(made)

    pairs = [
        (e["account_id"], e["counterparty_account_id"], e["size_lots"], e.get("rank", 0))
        for e in of_kind(events, Kind.AUTO_DELEVERAGE)
    ]
    assert pairs == [(A, B, 4, 0), (A, C, 6, 1)]
    allocations = of_kind(events, Kind.LOSS_ALLOCATION)
    assert [(e["account_id"], e["touched_accounts"]) for e in allocations] == [(B, 1), (A, 2)]
    assert (equity(made, A), equity(made, B), equity(made, C)) == (0, -30, 950)
    assert size(made, C) == -14


@pytest.mark.rule("LS-6")
def test_a_loss_of_lots_that_all_met_is_debt() -> None:
    made = world(market(ONE, 110, 100), market(TWO, 110, 100))
    hold(made, A, -50, {ONE: 10})
    hold(made, B, -30, {ONE: -10, TWO: 10})
    hold(made, C, 1_000, {TWO: -10})

    events = judge(made)

    assert [e["amount_atoms"] for e in of_kind(events, Kind.BAD_DEBT)] == [50]
    assert (equity(made, A), equity(made, B), equity(made, C)) == (-50, 0, 970)


@pytest.mark.rule("LS-8", "LS-16", "LS-18")
def test_needs_are_pooled_but_each_account_settles_at_its_own_price() -> None:
    """E +30 (its order of 4 expired) and E -100 at 93: 372 - 8 and 930 + 100."""
    made = world(market(ONE, 103, 93))
    solvent = hold(made, A, 30, {ONE: 10})
    order = ordered(made, solvent, Order(1, solvent.name, ONE, Side.SHORT, 4, 92, False))
    order.outcome = Ended.EXPIRED
    hold(made, B, -100, {ONE: 10})
    hold(made, C, 1_000, {ONE: -14})

    events = judge(made)

    told = [
        (e["account_id"], e["quote_atoms"] - e.get("discount_atoms", 0) + e.get("haircut_atoms", 0))
        for e in of_kind(events, Kind.LOSS_ALLOCATION)
    ]
    assert told[:2] == [(B, 1_030), (A, 364)]
    pairs = of_kind(events, Kind.AUTO_DELEVERAGE)
    assert [(e["account_id"], e["size_lots"]) for e in pairs] == [(B, 10), (A, 4)]
    assert sum(e["loss_atoms"] for e in pairs) == 100
    assert (equity(made, A), equity(made, B), equity(made, C)) == (22, 0, 900)


@pytest.mark.rule("LS-16")
def test_pairs_are_fewer_than_needs_and_holders() -> None:
    """529 at most; nine times, every 150 lots, a need and a share end at once."""
    made = world(market(ONE, 101, 100, loss_policy=int(Policy.PRO_RATA)))
    for number in range(30):
        hold(made, 1 + number, -20, {ONE: 50})
    for number in range(500):
        hold(made, 1_000 + number, 1_000, {ONE: -3})

    events = judge(made)

    assert len(of_kind(events, Kind.AUTO_DELEVERAGE)) == 529 - 9
    assert len(of_kind(events, Kind.LOSS_ALLOCATION)) == 30


@pytest.mark.rule("LS-14")
@pytest.mark.parametrize("policy", list(Policy))
@pytest.mark.parametrize(
    ("wanted", "lots"),
    [
        pytest.param(10, {Policy.PRO_RATA: (0, 10), Policy.QUEUE: (10, 0)}, id="one step"),
        pytest.param(15, {Policy.PRO_RATA: (5, 10), Policy.QUEUE: (15, 0)}, id="an odd rest"),
        pytest.param(50, {Policy.PRO_RATA: (20, 30), Policy.QUEUE: (20, 30)}, id="all"),
    ],
)
def test_whole_steps_are_shared_first(
    policy: Policy, wanted: int, lots: dict[Policy, tuple[int, int]]
) -> None:
    """Step 10, shorts of 20 and 30."""
    made = world(market(ONE, 100, 100, size_step_lots=10, loss_policy=int(policy)))
    hold(made, A, 1_000, {ONE: -20})
    hold(made, B, 10_000, {ONE: -30})

    choice = holders.choose(made, made.markets[ONE], True, wanted)

    shares = {one.account.account_id: one.lots for one in choice.shares}
    assert (shares.get(A, 0), shares.get(B, 0)) == lots[policy]


@pytest.mark.rule("LS-14")
def test_lots_of_no_whole_step_come_last() -> None:
    """Step 10: 15 and 7 have one step; of 20 needed the other ten come in lots, in order."""
    made = world(market(ONE, 100, 100, size_step_lots=10))
    hold(made, A, 1_000, {ONE: -15})
    hold(made, B, 1_000, {ONE: -7})

    choice = holders.choose(made, made.markets[ONE], True, 20)

    assert {one.account.account_id: one.lots for one in choice.shares} == {A: 15, B: 5}


@pytest.mark.rule("LS-9")
def test_inventory_of_a_fund_meets_first_and_pays_within_what_it_has_available() -> None:
    """It is short 6 with 400: 20 are its maintenance after the 6 lots of market 1 have gone."""
    made = world(market(ONE, 120, 100), market(TWO, 100, 100))
    fund = hold(made, FUND_ACCOUNT, 40, {ONE: -6, TWO: 4})
    fund.is_fund = True
    hold(made, A, -100, {ONE: 10})
    hold(made, B, 500, {ONE: -10})

    judge(made)

    # Available at the begin is 0 (E 40 of M 50), so L is 100: 60 of it are the fund's, 20 it has.
    assert (size(made, FUND_ACCOUNT), size(made, B)) == (0, -6)
    assert (equity(made, FUND_ACCOUNT), equity(made, A), equity(made, B)) == (20, 0, 420)


@pytest.mark.rule("JD-1", "WF-22")
def test_who_finds_nobody_owes_and_is_asked_again_at_each_mark() -> None:
    made = world(market(ONE, 110, 100))
    alone = hold(made, A, -30, {ONE: 10})

    events = judge(made)

    assert [e["kind"] for e in events] == [Kind.CANCEL_ORDERS, Kind.LOSS_ALLOCATION, Kind.BAD_DEBT]
    assert alone.state == State.BANKRUPT
    made.events = []
    made.touch(alone)
    assert judge(made) == []
    hold(made, B, 1_000, {ONE: -10})
    made.touch(alone)
    events = judge(made)
    assert (equity(made, A), equity(made, B)) == (0, 970)
    assert events[-1]["kind"] == Kind.LIQUIDATION_ENDED
