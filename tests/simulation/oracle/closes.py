"""Least closes (WF-5 to WF-8), and the limit of the order that does one (WF-11, WF-12)."""

from fractions import Fraction
from math import ceil, floor
from typing import NamedTuple

from tests.simulation.oracle import margin
from tests.simulation.oracle.names import PPM
from tests.simulation.oracle.world import Account, Market, World


class Close(NamedTuple):
    market_id: int
    size_lots: int
    sliced: bool = False


class Rules(NamedTuple):
    buffer_ppm: int
    is_fund: bool = False


def plan(world: World, account: Account, rules: Rules) -> list[Close]:
    """Return the least closes that restore equity to maintenance and the buffer (WF-5, WF-6)."""
    equity_atoms, maintenance_atoms = margin.assess(world, account)
    factor = 1 + Fraction(rules.buffer_ppm, PPM)
    need = factor * maintenance_atoms - equity_atoms
    closes = []
    for market_id in margin.legs(world, account):
        if need <= 0:
            break
        market = world.markets[market_id]
        size = abs(account.size_in(market_id))
        relief = factor * margin.leg_maintenance(market, size)
        if relief <= need:
            lots, need = size, need - relief
        else:
            lots, need = least_close(market, size, (relief - need) / factor, rules), Fraction(0)
        closes.append(sliced(market, Close(market_id, lots), rules))
    return closes


def least_close(market: Market, size: int, kept_atoms: Fraction, rules: Rules) -> int:
    """Keep what `kept_atoms` of maintenance allow; close the rest in steps, no dust (WF-7)."""
    step = market.parameters.size_step_lots
    kept = margin.largest_size(market, kept_atoms)
    assert 0 <= kept < size
    lots = min(size, ceil(Fraction(size - kept, step)) * step)
    dust = 0 if rules.is_fund else market.parameters.dust_notional_atoms
    left_atoms = (size - lots) * market.lot_value_atoms
    return size if left_atoms < dust else lots


def sliced(market: Market, close: Close, rules: Rules) -> Close:
    """Cut the close to the slice of its market (WF-8)."""
    largest = market.parameters.liquidation_slice_lots
    if rules.is_fund or largest == 0:
        return close
    step = market.parameters.size_step_lots
    largest = max(step, largest - largest % step)
    if close.size_lots <= largest:
        return close
    return Close(close.market_id, largest, sliced=True)


def limit_price(world: World, account: Account, close: Close) -> int:
    """Return the order's limit in ticks, on the price step; 0 when there is none (WF-11, WF-12)."""
    market = world.markets[close.market_id]
    quote = margin.bankruptcy_quote(world, account, close.market_id, close.size_lots)
    step = market.parameters.price_step_ticks
    largest = market.parameters.max_price_ticks // step * step
    steps = Fraction(quote, close.size_lots * market.multiplier * step)
    if account.size_in(close.market_id) > 0:
        return min(largest, max(step, ceil(steps) * step))
    limit = floor(-steps) * step
    return 0 if limit < step else min(largest, limit)
