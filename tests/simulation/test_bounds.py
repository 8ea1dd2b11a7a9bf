"""Engine and oracle where every bound (BD-3 to BD-7) is reached at once: nothing wraps."""

import pytest

from tests.simulation.commands import Command
from tests.simulation.oracle.names import MAX_BALANCE_ATOMS, MAX_POSITIONS, Kind, Policy
from tests.simulation.oracle.world import MarketParameters, RiskParameters, RiskTier
from tests.simulation.side_by_side import SideBySide

USD, FUND = 1, 1_000_000
MAX_PRICE, MAX_POSITION = 2**20, 2**34
IDS = tuple(range(2**62 - MAX_POSITIONS, 2**62))
ENTRY = MAX_PRICE * 3 // 4
LONG, SHORT, THIRD = 1, 2**62 - 1, 7
TIMEOUT_MILLIS = 3_600_000
TIMEOUT_NANOS = TIMEOUT_MILLIS * 10**6


def market(market_id: int, policy: Policy) -> MarketParameters:
    tiers = (RiskTier(0, 10**6, 500_000), RiskTier(2**54, 10**6, 10**6))
    units = (-2, -4, 1, 1, MAX_PRICE, MAX_POSITION)
    fees = (100_000, TIMEOUT_MILLIS, 0, 0, 0)
    return MarketParameters(
        market_id, "M", USD, FUND, *units, tiers, *fees, int(policy), discount_ppm=100_000
    )


def full_venue(policy: Policy, fund_atoms: int) -> SideBySide:
    """Open 128 markets in which one account is long and one short, each to the limit."""
    pair = SideBySide()
    pair.apply(Command("create_asset", 0, (USD, "USD", -6)))
    pair.apply(Command("create_fund", 0, (FUND, USD)))
    pair.apply(Command("fund_deposit", 0, (FUND, fund_atoms)))
    for market_id in IDS:
        pair.apply(Command("set_market", 0, (market(market_id, policy),)))
    mark(pair, ENTRY)
    accounts = (LONG, SHORT, THIRD)
    pair.apply(Command("deposits", 0, (accounts, (USD,) * 3, (MAX_BALANCE_ATOMS,) * 3)))
    size, price = (MAX_POSITION,) * MAX_POSITIONS, (ENTRY,) * MAX_POSITIONS
    buyers, sellers = (LONG,) * MAX_POSITIONS, (SHORT,) * MAX_POSITIONS
    outcome = pair.apply(Command("trades", 0, (IDS, buyers, sellers, price, size, (), (), ())))
    assert outcome.applied_rows == MAX_POSITIONS
    return pair


def mark(pair: SideBySide, price: int, time_nanos: int = 0) -> None:
    pair.apply(Command("mark_prices", time_nanos, (IDS, (price,) * MAX_POSITIONS)))


@pytest.mark.rule("BD-7")
@pytest.mark.slow
@pytest.mark.parametrize("policy", list(Policy))
@pytest.mark.parametrize("fund_atoms", [1, MAX_BALANCE_ATOMS])
@pytest.mark.parametrize("price", [1, MAX_PRICE])
def test_whole_venue_falls_or_rises(policy: Policy, fund_atoms: int, price: int) -> None:
    pair = full_venue(policy, fund_atoms)

    mark(pair, price)
    # Who has equity and finds no fund has orders out; then nobody fills them.
    pair.apply(Command("tick", TIMEOUT_NANOS, ()))

    assert pair.kinds[Kind.CANCEL_ORDERS] > 0
    assert pair.kinds[Kind.TAKE_OVER] + pair.kinds[Kind.LOSS_ALLOCATION] > 0
    mark(pair, MAX_PRICE - price + 1, TIMEOUT_NANOS)
    pair.replay()


@pytest.mark.rule("BD-7")
@pytest.mark.slow
def test_orders_at_the_bounds() -> None:
    pair = full_venue(Policy.QUEUE, MAX_BALANCE_ATOMS)
    parameters = RiskParameters(10 * 10**6 - 1, 10**6, 500_000, 10 * 10**6)
    pair.apply(Command("set_risk_parameters", 2**62 - 2, (parameters,)))

    pair.apply(Command("mark_prices", 2**62 - 1, (IDS, (ENTRY // 2,) * MAX_POSITIONS)))

    assert pair.kinds[Kind.LIQUIDATION_ORDER] > 0
    pair.apply(Command("tick", 2**62, ()))
    pair.replay()


@pytest.mark.rule("BD-6", "BD-7")
@pytest.mark.slow
def test_a_liquidation_takes_a_balance_past_its_bound() -> None:
    """Gains are booked, and nobody has room for what the losses are worth to him.

    Equity stays where marks could take it.
    """
    pair = full_venue(Policy.QUEUE, 1)
    losing = 100
    prices = (1,) * losing + (MAX_PRICE,) * (MAX_POSITIONS - losing)

    pair.apply(Command("mark_prices", 0, (IDS, prices)))

    account = pair.engine.account(LONG)
    assert account is not None
    assert len(account.positions) == losing
    past_atoms = account.balance_atoms - MAX_BALANCE_ATOMS
    assert 0 < past_atoms <= MAX_POSITIONS * 2**55
    for column in ((IDS[0],), (THIRD,), (LONG,)), ((IDS[-1],), (LONG,), (THIRD,)):
        trade = Command("trades", 0, (*column, (1,), (1,), (), (), ()))
        assert pair.apply(trade).applied_rows == 0
    for price in (MAX_PRICE, 1):
        mark(pair, price)
        account = pair.engine.account(LONG)
        assert account is not None
        assert abs(account.equity_atoms) <= MAX_BALANCE_ATOMS + MAX_POSITIONS * 2**55
        pair.engine.check_invariants()
    pair.replay()
