"""What a fund can pay and hold (FD-1, FD-8 to FD-11), by what it was worth in the last 8 hours.

Nothing is ever forgotten here: the window is what is looked at.
"""

from fractions import Fraction
from math import ceil, floor

from tests.simulation.oracle import log_time, margin
from tests.simulation.oracle.names import FUND_ACCOUNT_BASE, NANOS_PER_SLOT, PPM, WINDOW_SLOTS
from tests.simulation.oracle.world import Account, FundWindow, Market, World


def present_slot(world: World) -> int:
    return world.time_nanos // NANOS_PER_SLOT


def in_window(world: World, slots: dict[int, int]) -> list[int]:
    """Return what was noted in the last 96 slots, the present one included."""
    first = present_slot(world) - WINDOW_SLOTS + 1
    return [atoms for slot, atoms in slots.items() if slot >= first]


def window_of(world: World, fund: Account) -> FundWindow:
    return world.fund_windows.setdefault(fund.account_id - FUND_ACCOUNT_BASE, FundWindow())


def noted_equity(world: World, fund: Account) -> int:
    """Return what a fund is worth without gains of its inventory that are not settled (FD-9)."""
    gains = (
        position.size_lots * world.markets[market_id].lot_value_atoms - position.cost_atoms
        for market_id, position in fund.positions.items()
    )
    return fund.balance_atoms + sum(min(0, gain) for gain in gains)


def peak(world: World, fund: Account) -> int:
    """Return the highest of what was noted of the fund in the window, or is now (FD-9)."""
    noted = in_window(world, window_of(world, fund).noted)
    return max([noted_equity(world, fund), *noted])


def kept(world: World, fund: Account) -> int:
    """Return the equity at which the fund has lost what it may of its peak (FD-11)."""
    return ceil(Fraction(peak(world, fund) * (PPM - world.risk.fund_drawdown_ppm), PPM))


def is_stopped(world: World, fund: Account) -> bool:
    """Say whether the fund is stopped, if that were decided now (FD-11)."""
    if world.risk.fund_drawdown_ppm == 0:
        return False
    highest, equity_atoms = peak(world, fund), noted_equity(world, fund)
    if equity_atoms < highest and equity_atoms <= kept(world, fund):
        return True
    return window_of(world, fund).is_stopped and not goes_on(world, fund)


def goes_on(world: World, fund: Account) -> bool:
    """Say whether a fund that was stopped goes on: by the peak at which it was (FD-11, TM-8)."""
    highest, resume_ppm = window_of(world, fund).stop_peak_atoms, world.risk.fund_resume_ppm
    above = highest - floor(Fraction(highest * resume_ppm, PPM))
    is_above = resume_ppm > 0 and noted_equity(world, fund) > above
    return is_above and not log_time.awaits_marks(world, fund.asset_id)


def put(world: World, fund: Account, equity_atoms: int) -> None:
    """Note an equity in the present slot."""
    noted, slot = window_of(world, fund).noted, present_slot(world)
    noted[slot] = max(noted.get(slot, equity_atoms), equity_atoms)


def note(world: World, fund: Account) -> None:
    """Note what the fund is worth, and decide whether it is stopped (FD-9, FD-11)."""
    put(world, fund, noted_equity(world, fund))
    window, stopped = window_of(world, fund), is_stopped(world, fund)
    if not stopped:
        window.stop_peak_atoms = 0
    elif not window.is_stopped:
        window.stop_peak_atoms = peak(world, fund)
    window.is_stopped = stopped


def note_slot(world: World, before: dict[int, int]) -> None:
    """Begin a slot with what funds were worth before the command; a venue, with what they are."""
    slot = present_slot(world)
    if world.noted_slot is None:
        for fund_id in world.funds:
            world.fund_account(fund_id).has_changed = True
    elif world.noted_slot != slot:
        for fund_id, equity_atoms in before.items():
            put(world, world.fund_account(fund_id), equity_atoms)
    world.noted_slot = slot


def equities(world: World) -> dict[int, int]:
    """Return what would be noted of all funds."""
    return {fund_id: noted_equity(world, world.fund_account(fund_id)) for fund_id in world.funds}


def note_changed(world: World) -> None:
    """Note what the funds are worth whose accounts the command has changed (FD-9)."""
    for fund_id in world.funds:
        fund = world.fund_account(fund_id)
        if fund.has_changed:
            note(world, fund)
            fund.has_changed = False


def forget(world: World) -> None:
    """Have nothing noted while the venue is loaded (LD-3)."""
    world.noted_slot = None
    world.fund_windows = {}
    world.payouts = {}
    for fund_id in world.funds:
        world.fund_account(fund_id).has_changed = False


def spare(world: World, fund: Account) -> int:
    """Return what a fund has and does not need for its inventory (FD-1); nothing is noted."""
    equity_atoms, maintenance_atoms = margin.assess(world, fund)
    return max(0, min(fund.balance_atoms, equity_atoms - maintenance_atoms))


def available(world: World, fund: Account) -> int:
    """Return what a fund can pay without endangering its inventory (FD-1); it is noted first."""
    note(world, fund)
    if window_of(world, fund).is_stopped:
        return 0
    equity_atoms, maintenance_atoms = margin.assess(world, fund)
    most = min(fund.balance_atoms, equity_atoms - maintenance_atoms)
    if world.risk.fund_drawdown_ppm:
        most = min(most, noted_equity(world, fund) - kept(world, fund))
    return max(0, most)


def paid_for(world: World, market_id: int) -> int:
    """Return what was paid for losses of a market in the window (FD-10)."""
    return sum(in_window(world, world.payouts.get(market_id, {})))


def note_payout(world: World, market_id: int, atoms: int) -> None:
    """Note what was paid for a loss of a market."""
    paid, slot = world.payouts.setdefault(market_id, {}), present_slot(world)
    paid[slot] = paid.get(slot, 0) + atoms


def at_most_for(world: World, market_id: int, atoms: int) -> int:
    """Return so much, or what is left of the share of the fund's peak for the market (FD-10)."""
    parameters = world.markets[market_id].parameters
    if parameters.fund_share_ppm == 0:
        return atoms
    highest = peak(world, world.fund_account(parameters.fund_id))
    share = floor(Fraction(highest * parameters.fund_share_ppm, PPM))
    return min(atoms, max(0, share - paid_for(world, market_id)))


def pays_for(world: World, market: Market, fund: Account) -> bool:
    """Say whether the fund may pay for losses of the market, if that is limited (LS-2)."""
    if world.risk.fund_drawdown_ppm == 0 and market.parameters.fund_share_ppm == 0:
        return True
    most = available(world, fund)
    return at_most_for(world, market.parameters.market_id, most) > 0


def may_hold(world: World, market: Market, fund: Account, size_lots: int) -> bool:
    """Say whether a fund may hold so much in a market, and with it in all (FD-8)."""
    market_id = market.parameters.market_id
    if abs(size_lots) < abs(fund.size_in(market_id)):
        return True
    has = max(0, min(fund.balance_atoms, margin.equity(world, fund)))
    held = {
        one: abs(position.size_lots) * world.markets[one].lot_value_atoms
        for one, position in fund.positions.items()
    }
    held[market_id] = abs(size_lots) * market.lot_value_atoms
    limits = (
        (held[market_id], world.risk.fund_market_notional_ppm),
        (held[market_id], market.parameters.inventory_ppm),
        (sum(held.values()), world.risk.fund_notional_ppm),
    )
    return all(ppm == 0 or atoms <= has * ppm // PPM for atoms, ppm in limits)
