"""Least closes (WF-5 to WF-8), and the limit of the order that does one (WF-11, WF-12)."""

from fractions import Fraction
from math import ceil, floor
from typing import NamedTuple

from tests.simulation.oracle import margin
from tests.simulation.oracle.judged import Judged
from tests.simulation.oracle.names import PPM
from tests.simulation.oracle.world import Market, World

LAST_ATTEMPT = 3


class Close(NamedTuple):
    market_id: int
    size_lots: int
    sliced: bool = False


class Rules(NamedTuple):
    buffer_ppm: int
    is_fund: bool = False


def plan(world: World, judged: Judged, rules: Rules) -> list[Close]:
    """Return the least closes that restore equity to maintenance and the buffer (WF-5, WF-6)."""
    account, equity_atoms = judged.account, judged.equity_atoms
    maintenance_atoms = judged.maintenance_atoms
    factor = PPM + rules.buffer_ppm
    need = factor * maintenance_atoms - PPM * equity_atoms
    closes = []
    for market_id in margin.legs(world, account):
        if need <= 0:
            break
        market = world.markets[market_id]
        size = abs(account.size_in(market_id))
        kept = largest_kept(market, size, need, rules)
        if kept is None:
            lots = size
            need -= factor * margin.leg_maintenance(market, size) - fee_of(market, size, rules)
        else:
            lots, need = least_close(market, size, kept, rules), 0
        closes.append(Close(market_id, lots))
    return closes


def fee_ppm(market: Market, rules: Rules) -> int:
    """Return the rate that a close is charged; funds pay none."""
    return 0 if rules.is_fund else market.parameters.liquidation_fee_ppm


def fee_of(market: Market, lots: int, rules: Rules) -> int:
    """Return the fee for closing the lots at mark, times 10^6."""
    return fee_ppm(market, rules) * lots * market.lot_value_atoms


def largest_kept(market: Market, size: int, need: int, rules: Rules) -> int | None:
    """Return the largest k that may be kept of a leg, None when not even 0 lots may (WF-6).

    factor * MM(k) + fee(size - k) <= factor * MM(size) - need: with MM unrounded no k above the
    root has it, so the sizes at which MM steps are looked through from there down.
    """
    factor = PPM + rules.buffer_ppm
    room = factor * margin.leg_maintenance(market, size) - need - fee_of(market, size, rules)
    if room < 0:
        return None
    most = roomiest_notional(market, factor, fee_ppm(market, rules), room)
    kept = min(size, floor(most / market.lot_value_atoms))
    while factor * margin.leg_maintenance(market, kept) - fee_of(market, kept, rules) > room:
        less = margin.leg_maintenance(market, kept) - 1
        kept = margin.largest_size(market, Fraction(less))
    return kept


def roomiest_notional(market: Market, factor: int, fee: int, room: int) -> Fraction:
    """Return the root of factor * MM(N) - fee * N = room, unrounded; tier by tier it rises."""
    tiers, left = market.parameters.tiers, Fraction(room)
    for tier, after in zip(tiers, (*tiers[1:], None), strict=True):
        slope = Fraction(factor * tier.maintenance_rate_ppm, PPM) - fee
        assert slope > 0
        if after is None or left < slope * (after.floor_atoms - tier.floor_atoms):
            return tier.floor_atoms + left / slope
        left -= slope * (after.floor_atoms - tier.floor_atoms)
    raise AssertionError("a market has tiers")


def least_close(market: Market, size: int, kept: int, rules: Rules) -> int:
    """Close what is not kept, in steps, no dust (WF-7)."""
    step = market.parameters.size_step_lots
    assert 0 <= kept < size
    lots = min(size, ceil(Fraction(size - kept, step)) * step)
    dust = 0 if rules.is_fund else market.parameters.dust_notional_atoms
    left_atoms = (size - lots) * market.lot_value_atoms
    return size if left_atoms < dust else lots


def sliced(market: Market, close: Close) -> Close:
    """Cut the order that does a close to the slice of its market (WF-8)."""
    largest = market.parameters.liquidation_slice_lots
    if largest == 0:
        return close
    step = market.parameters.size_step_lots
    largest = max(step, largest - largest % step)
    if close.size_lots <= largest:
        return close
    return Close(close.market_id, largest, sliced=True)


def limit_price(world: World, judged: Judged, close: Close, attempt: int) -> int:
    """Return the order's limit in ticks, on the price step; 0 when there is none (WF-11, WF-12).

    The bankruptcy price, or at the first two attempts the mark less as many discounts if that is
    better for the account.
    """
    market = world.markets[close.market_id]
    size = judged.account.size_in(close.market_id)
    sign = 1 if size > 0 else -1
    assessed = (judged.equity_atoms, judged.maintenance_atoms)
    quote = margin.quote(market, size, close.size_lots, assessed)
    prices = [Fraction(sign * quote, close.size_lots * market.multiplier)]
    if attempt < LAST_ATTEMPT:
        discounts = sign * attempt * market.parameters.discount_ppm
        prices.append(Fraction(market.mark_price_ticks * (PPM - discounts), PPM))
    step = market.parameters.price_step_ticks
    largest = market.parameters.max_price_ticks // step * step
    if size > 0:
        return min(largest, max(step, ceil(max(prices) / step) * step))
    limit = floor(min(prices) / step) * step
    return 0 if limit < step else min(largest, limit)
