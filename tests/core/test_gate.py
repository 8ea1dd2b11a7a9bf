"""Who may take what out, and when: faults of other venues as small inputs (MG-8, MG-10, MG-11).

An initial rate of 10 %, a maintenance rate of 5 %, unless changed. The gate is closed by any loss
where its level is 0.
"""

from typing import Any

import pytest

from riskengine.core.enums import AccountState, EventKind, RejectReason
from riskengine.core.types import GateView, Rejection
from tests.core.driver import FUND_ACCOUNT, Driver, kinds, only

RICH = 9
HOUR_MILLIS = 3_600_000
MOST_BALANCE = 2**60
MOST_NET_DEPOSITS = 2**61


def venue(*, gate_floor_units: int = 0, gate_ppm: int = 0, **market: Any) -> Driver:
    driver = Driver()
    driver.risk(gate_floor_units=gate_floor_units, gate_ppm=gate_ppm)
    driver.market(**{"reprices_trades": False} | market)
    driver.mark(100)
    driver.deposit(RICH, 10**6)
    return driver


def loss(driver: Driver) -> int:
    return driver.engine.gates()[0].unallocated_loss_atoms


def most_out(driver: Driver, account_id: int) -> int:
    """Return what is shown as withdrawable; it leaves, and not an atom more."""
    shown = driver.account(account_id).withdrawable_atoms
    driver.fork().refuse("withdrawals", (account_id,), (1,), (shown + 1,))
    if shown:
        driver.fork().withdraw(account_id, shown)
    return shown


def refused_gain(account_amount: int, paid_in: int) -> Rejection:
    reason = RejectReason.LOSS_UNALLOCATED
    return Rejection(0, reason, "amount_atoms", account_amount, paid_in, 1)


@pytest.mark.rule("MG-8")
@pytest.mark.parametrize(
    ("initial_ppm", "lots", "entry", "most"),
    [
        pytest.param(100_000, 50, 100, 950, id="E 1500, I 550 = 10 %: the gain backs the margin"),
        pytest.param(20_000, 250, 108, 0, id="E 1500, I 550 = 2 %: 10 % of 27500 is more"),
    ],
)
def test_a_gain_backs_the_margin_and_a_part_of_the_notional_stays(
    initial_ppm: int, lots: int, entry: int, most: int
) -> None:
    driver = venue(tiers=[(0, initial_ppm, 10_000)])
    driver.deposit(1, 1_000)
    driver.mark(entry)
    driver.trade(1, RICH, lots, entry)
    driver.mark(110)
    view = driver.account(1)
    assert (view.equity_atoms, view.initial_atoms, view.balance_atoms) == (1_500, 550, 1_000)
    assert most_out(driver, 1) == most


@pytest.mark.rule("MG-8")
def test_nobody_withdraws_down_to_the_initial_margin_of_a_low_rate() -> None:
    """A gain is realised; 10 % of the notional stays, where the margin would have kept 2 %."""
    driver = venue(tiers=[(0, 20_000, 10_000)])
    driver.deposit(1, 1_000)
    driver.trade(1, RICH, 100, 100)
    driver.mark(110)
    driver.trade(RICH, 1, 100, 110)
    driver.trade(1, RICH, 100, 110)
    assert driver.account(1).balance_atoms == 2_000
    assert most_out(driver, 1) == 2_000 - 1_100
    driver.withdraw(1, 900)
    assert driver.account(1).equity_atoms == 1_100


@pytest.mark.rule("MG-8", "GD-7")
@pytest.mark.parametrize(
    ("margin_ppm", "most"),
    [
        pytest.param(0, 500, id="the initial margin alone"),
        pytest.param(100_000, 500, id="as much as the initial margin"),
        pytest.param(100_001, 499, id="ceil(500.005)"),
        pytest.param(10**6, 0, id="all of the notional"),
    ],
)
def test_the_part_of_the_notional_is_a_parameter(margin_ppm: int, most: int) -> None:
    driver = venue()
    driver.deposit(1, 1_000)
    driver.trade(1, RICH, 50, 100)
    driver.risk(withdrawal_margin_ppm=margin_ppm)
    assert most_out(driver, 1) == most


@pytest.mark.rule("GD-10")
def test_what_is_shown_of_an_account_in_liquidation_is_nothing() -> None:
    """E = 60 has 13 to spare of its margin of 47, and 1.5 * 47 are still to be reached."""
    driver = venue(tiers=[(0, 50_000, 50_000)])
    driver.risk(liquidation_buffer_ppm=500_000, withdrawal_margin_ppm=0)
    driver.deposit(1, 100)
    driver.trade(1, RICH, 10, 100)
    driver.mark(94)
    driver.deposit(1, 20)
    assert (driver.account(1).equity_atoms, driver.account(1).initial_atoms) == (60, 47)
    assert driver.account(1).state == AccountState.LIQUIDATING
    assert driver.account(1).withdrawable_atoms == 0
    refused = driver.refuse("withdrawals", (1,), (1,), (1,))
    assert refused.reason == RejectReason.ACCOUNT_IN_LIQUIDATION


@pytest.mark.rule("GD-10", "LD-1")
def test_what_is_shown_of_a_fund_or_while_loading_is_nothing() -> None:
    driver = Driver()
    driver.fund_deposit(100)
    assert driver.account(FUND_ACCOUNT + 1).withdrawable_atoms == 0
    driver.begin_loading()
    driver.load(1, 500)
    assert driver.account(1).withdrawable_atoms == 0
    driver.go_live()
    assert most_out(driver, 1) == 500


@pytest.mark.rule("MG-10", "LS-17")
def test_a_loss_behind_an_order_is_its_winners_at_once() -> None:
    """Of the gap's 440 he gives back 400: what is his may leave at once, and nothing is missing."""
    driver = venue(liquidation_timeout_millis=HOUR_MILLIS)
    driver.deposit(1, 100)
    driver.deposit(2, 1_000)
    driver.trade(1, 2, 10, 100)
    driver.mark(94)
    assert driver.account(1).state == AccountState.LIQUIDATING
    events = driver.mark(50)
    assert only(events, EventKind.LOSS_ALLOCATION).haircut_atoms == 400
    assert driver.account(1).equity_atoms == loss(driver) == 0
    assert most_out(driver, 2) == 1_000 + 500 - 400


def unborne() -> Driver:
    """Return a venue in which account 1 owes 400, of whose 10 lots nobody has the other side."""
    driver = venue()
    driver.deposit(1, 100)
    driver.deposit(2, 1_000)
    driver.trade(2, RICH, 1, 100)
    driver.update(1, 10, 100)
    driver.mark(140)
    driver.trade(RICH, 2, 1, 140)
    driver.mark(50)
    return driver


@pytest.mark.rule("MG-10", "MG-11")
def test_a_loss_that_nobody_bears_keeps_gains_in() -> None:
    driver = unborne()
    assert driver.account(2).balance_atoms == 1_040
    assert loss(driver) == -driver.account(1).equity_atoms == 400
    assert driver.refuse("withdrawals", (2,), (1,), (1_001,)) == refused_gain(1_001, 1_000)
    assert most_out(driver, 2) == 1_000


@pytest.mark.rule("MG-10", "MG-11")
def test_a_fund_below_zero_keeps_gains_in_and_lets_out_what_was_paid_in() -> None:
    driver = venue()
    driver.market(2, tiers=[(0, 100_000, 1_000)])
    driver.mark(100, 2)
    driver.fund_deposit(50)
    for account_id, atoms in ((1, 100), (2, 999), (3, 10_000)):
        driver.deposit(account_id, atoms)
    driver.trade(1, 2, 10, 100)
    driver.trade(2, 3, 50, 100, 2)
    driver.mark(93)
    driver.marks({1: 70, 2: 77})
    driver.trade(3, RICH, 50, 77, 2)
    assert loss(driver) == max(0, -driver.fund().equity_atoms) > 0
    assert driver.account(3).balance_atoms == 11_150
    assert driver.refuse("withdrawals", (3,), (1,), (10_001,)) == refused_gain(10_001, 10_000)
    assert most_out(driver, 3) == 10_000


@pytest.mark.rule("MG-11")
def test_a_debt_of_an_atom_closes_the_gate_for_gains_alone() -> None:
    driver = venue()
    driver.mark(10)
    for account_id, atoms in ((1, 1), (2, 10), (3, 77)):
        driver.deposit(account_id, atoms)
    driver.trade(1, 2, 1, 10)
    driver.trade(2, 1, 1, 8)
    assert loss(driver) == driver.engine.bad_debt_atoms == 1
    driver.wait(30 * 24 * HOUR_MILLIS)
    assert driver.refuse("withdrawals", (2,), (1,), (11,)) == refused_gain(11, 10)
    driver.withdraw(2, 10)
    assert most_out(driver, 2) == 0
    driver.withdraw(3, 77)


@pytest.mark.rule("MG-10")
def test_a_negative_balance_with_equity_is_no_loss() -> None:
    driver = venue()
    driver.market(2)
    driver.mark(100, 2)
    driver.deposit(1, 100)
    driver.trade(1, RICH, 5, 100)
    driver.trade(RICH, 1, 5, 100, 2)
    driver.marks({1: 140, 2: 140})
    driver.trade(1, RICH, 5, 140, 2)
    view = driver.account(1)
    assert (view.balance_atoms, view.equity_atoms) == (-100, 100)
    assert driver.engine.gates() == [GateView(1, 0, 0, is_closed=False)]
    assert most_out(driver, RICH) > 0


@pytest.mark.rule("MG-11")
@pytest.mark.parametrize(
    ("floor_units", "gate_ppm", "level", "is_closed"),
    [
        pytest.param(19, 0, 19, True, id="20 > 19"),
        pytest.param(20, 0, 20, False, id="20 is not above 20"),
        pytest.param(0, 19, 19, True, id="floor(1_000_100 * 19 / 10^6) = 19"),
        pytest.param(0, 20, 20, False, id="floor(1_000_100 * 20 / 10^6) = 20"),
        pytest.param(25, 20, 25, False, id="the larger: the floor"),
        pytest.param(5, 19, 19, True, id="the larger: the part"),
    ],
)
def test_the_level_of_the_gate(
    floor_units: int, gate_ppm: int, level: int, is_closed: bool
) -> None:
    driver = venue(gate_floor_units=floor_units, gate_ppm=gate_ppm)
    driver.deposit(1, 100)
    driver.trade(1, RICH, 10, 100)
    driver.trade(RICH, 1, 10, 88)
    assert driver.engine.gates() == [GateView(1, 20, level, is_closed)]
    gain = driver.account(RICH).balance_atoms - 10**6
    assert gain == 120
    assert most_out(driver, RICH) == (10**6 if is_closed else 10**6 + gain)


@pytest.mark.rule("MG-11")
@pytest.mark.parametrize(("exponent", "level"), [(0, 7), (-6, 7 * 10**6), (-18, 7 * 10**18)])
def test_the_floor_is_in_units_of_the_asset(exponent: int, level: int) -> None:
    driver = Driver(asset_exponent=exponent)
    driver.risk(gate_floor_units=7)
    assert driver.engine.gates() == [GateView(1, 0, level, is_closed=False)]


@pytest.mark.rule("MG-11")
def test_a_gate_is_of_one_asset() -> None:
    driver = venue()
    driver.do("create_asset", 2, "EUR", 0)
    driver.deposit(5, 40, asset_id=2)
    driver.deposit(1, 100)
    driver.trade(1, RICH, 10, 100)
    driver.trade(RICH, 1, 10, 88)
    assert [gate.is_closed for gate in driver.engine.gates()] == [True, False]
    driver.withdraw(5, 40, asset_id=2)


@pytest.mark.rule("MG-11", "GD-9", "GD-10")
def test_net_deposits_follow_deposits_and_withdrawals_and_nothing_else() -> None:
    driver = venue()
    driver.deposit(1, 1_000)
    assert driver.account(1).net_deposits_atoms == 1_000
    driver.trade(1, RICH, 10, 100, fees=(3, -1))
    driver.mark(150)
    driver.trade(RICH, 1, 10, 150)
    assert driver.account(1).net_deposits_atoms == 1_000
    driver.withdraw(1, 1_200)
    assert driver.account(1).net_deposits_atoms == -200
    driver.deposit(1, 50)
    assert driver.account(1).net_deposits_atoms == -150
    assert driver.account(FUND_ACCOUNT + 1).net_deposits_atoms == 0


@pytest.mark.rule("MG-11", "GD-11")
def test_net_deposits_go_with_the_account() -> None:
    driver = venue()
    driver.deposit(1, 1_000)
    driver.trade(1, RICH, 10, 100)
    driver.trade(RICH, 1, 10, 200)
    driver.withdraw(1, 2_000)
    driver.close(1)
    driver.deposit(1, 50)
    assert driver.account(1).net_deposits_atoms == 50


@pytest.mark.rule("MG-11", "LD-5")
def test_a_loaded_account_has_paid_in_what_its_row_says() -> None:
    driver = Driver()
    driver.risk(gate_floor_units=0, gate_ppm=0)
    driver.begin_loading()
    driver.load(1, 700, 400)
    driver.load(2, 300)
    driver.load(3, -5, 100)
    assert loss(driver) == 5
    driver.go_live()
    assert [driver.account(one).net_deposits_atoms for one in (1, 2, 3)] == [400, 300, 100]
    assert driver.account(3).state == AccountState.BANKRUPT
    assert driver.refuse("withdrawals", (1,), (1,), (401,)) == refused_gain(401, 400)
    assert [most_out(driver, one) for one in (1, 2, 3)] == [400, 300, 0]


def loaded(balance_atoms: int, net_deposits_atoms: int) -> Driver:
    driver = Driver()
    driver.market(max_price_ticks=2**54, max_position_lots=1)
    driver.mark(1)
    driver.begin_loading()
    driver.load(1, balance_atoms, net_deposits_atoms)
    driver.go_live()
    return driver


@pytest.mark.rule("BD-12", "GD-9")
def test_what_is_lost_and_paid_in_again_counts_on() -> None:
    driver = loaded(-MOST_BALANCE, MOST_BALANCE)
    driver.deposit(1, MOST_BALANCE)
    assert driver.account(1).balance_atoms == 0
    assert driver.account(1).net_deposits_atoms == MOST_NET_DEPOSITS
    refused = driver.refuse("deposits", (1,), (1,), (1,))
    assert refused == Rejection(0, RejectReason.OVERFLOW, "amount_atoms", 1, MOST_NET_DEPOSITS)


@pytest.mark.rule("BD-12", "GD-10")
def test_what_is_gained_and_paid_out_counts_on() -> None:
    driver = loaded(MOST_BALANCE, -MOST_BALANCE)
    driver.withdraw(1, MOST_BALANCE - 1)
    driver.update(1, 1, 1)
    driver.mark(2**54)
    driver.update(1, -1, 2**54)
    assert driver.account(1).balance_atoms == 2**54
    assert driver.account(1).withdrawable_atoms == 1
    refused = driver.refuse("withdrawals", (1,), (1,), (2,))
    assert refused == Rejection(0, RejectReason.OVERFLOW, "amount_atoms", 2, MOST_NET_DEPOSITS)
    driver.withdraw(1, 1)
    assert driver.account(1).net_deposits_atoms == -MOST_NET_DEPOSITS


@pytest.mark.rule("MG-10")
def test_the_loss_is_the_same_after_it_is_saved_and_read_back() -> None:
    driver = unborne()
    assert loss(driver) == 400
    assert kinds(driver.mark(50)) == []
    copy = driver.fork()
    copy.engine = type(driver.engine).read_back(driver.engine.save())
    assert copy.engine.gates() == driver.engine.gates()
    assert copy.account(RICH) == driver.account(RICH)
    assert copy.engine.state_hash() == driver.engine.state_hash()
