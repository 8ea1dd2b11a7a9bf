"""Numbers and reasons in words."""

from riskengine.api.v1 import common_pb2, instructions_pb2
from riskengine.simulator.ledger import Ledger
from riskengine.simulator.markets import ATOMS, FUND_ACCOUNT_ID, MarketSpec
from riskengine.simulator.policies import policy_name
from riskengine.simulator.population import Population
from riskengine.simulator.tally import Deleverage
from riskengine.units import PPM

LONG, SHORT = common_pb2.SIDE_LONG, common_pb2.SIDE_SHORT
UNITS = ((1e9, " bn"), (1e6, " M"), (1e3, " k"))


def dollars(atoms: int) -> str:
    """Return money in three to four figures: `$1.23 M`, `-$45.6 k`, `$12.30`."""
    value = abs(atoms) / ATOMS
    sign = "-" if atoms < 0 else ""
    for size, unit in UNITS:
        if value >= size:
            scaled = value / size
            return f"{sign}${scaled:.{_decimals(scaled)}f}{unit}"
    return f"{sign}${value:.2f}"


def _decimals(scaled: float) -> int:
    return 2 if scaled < 10 else 1 if scaled < 100 else 0


def exact_dollars(atoms: int) -> str:
    """Return money to the atom."""
    whole, rest = divmod(abs(atoms), ATOMS)
    return f"{'-' if atoms < 0 else ''}${whole:,}.{rest:06}"


def percent(ppm: float, digits: int = 1) -> str:
    """Return a signed ratio."""
    return f"{ppm * 100 / PPM:+.{digits}f}%"


def size(market: MarketSpec, lots: int) -> str:
    """Return a size with its unit: `1,240 LINK`."""
    contracts = market.contracts(abs(lots))
    return f"{contracts:,.{0 if contracts >= 100 else 4 if contracts < 10 else 1}f} {market.name}"


def side_name(lots: int) -> str:
    """Return which side a signed size is."""
    return "long" if lots > 0 else "short"


def who(population: Population, account_id: int) -> str:
    """Return an account with its kind."""
    if account_id == FUND_ACCOUNT_ID:
        return "the insurance fund"
    return f"{population.group(account_id).value} {account_id:,}"


def deleverage_reason(
    ledger: Ledger, population: Population, deleverage: Deleverage
) -> tuple[str, str, str]:
    """Return what happened to the first counterparty of an allocation, why it, and why at all."""
    first, loss = deleverage.first, deleverage.allocation
    market = next(spec for spec in ledger.markets if spec.market_id == first.market_id)
    seen = first.evidence
    what = (
        f"{who(population, first.counterparty_account_id).capitalize()} was closed"
        f" {size(market, first.size_lots)} of a {side_name(seen.position_lots)} of"
        f" {size(market, seen.position_lots)} at {market.price_text(first.price_ticks)}"
        f" (mark {market.price_text(seen.mark_price_ticks)})"
    )
    if loss.touched_accounts > 1:
        others = loss.touched_accounts - 1
        what += f", with {others:,} other{'s' if others > 1 else ''}"
    return what + ".", _why_it(market, deleverage), _why_at_all(market, population, deleverage)


def _why_it(market: MarketSpec, deleverage: Deleverage) -> str:
    first, loss = deleverage.first, deleverage.allocation
    if first.counterparty_account_id == FUND_ACCOUNT_ID:
        return "Why it: the fund's own opposite inventory goes first."
    if first.policy == common_pb2.LOSS_POLICY_QUEUE:
        return _why_in_the_queue(market, first)
    if first.policy == common_pb2.LOSS_POLICY_PRO_RATA:
        share = PPM * loss.allocated_lots // max(1, loss.needed_lots)
        return (
            f"Why it: pro_rata closes every opposite position by its size; {share / 10_000:.0f} %"
            f" of {size(market, loss.needed_lots)} found takers."
        )
    return f"Why it: {policy_name(first.policy)} put it first of {loss.touched_accounts:,}."


def _why_in_the_queue(market: MarketSpec, first: instructions_pb2.AutoDeleverage) -> str:
    seen = first.evidence
    notional = market.notional_atoms(abs(seen.position_lots), seen.mark_price_ticks)
    leverage = notional / max(1, seen.equity_atoms)
    score = first.score_ppm / PPM
    if score <= 0:
        return f"Why it: rank {first.rank} in the queue; nobody with a profit was left."
    return (
        f"Why it: rank {first.rank} in the queue, score {score:.3f} ="
        f" {100 * score / leverage:.1f} % profit on cost x {leverage:.2f} leverage."
    )


def _why_at_all(market: MarketSpec, population: Population, deleverage: Deleverage) -> str:
    loss = deleverage.allocation
    seen = loss.evidence
    position = f"{side_name(seen.position_lots)} of {size(market, seen.position_lots)}"
    margin = f"equity {dollars(seen.equity_atoms)} under maintenance"
    state = f"Why at all: {who(population, loss.account_id)}, {position}: {margin}"
    if loss.account_id == FUND_ACCOUNT_ID:
        return f"{state} {dollars(seen.maintenance_atoms)}."
    paid = f", paid {dollars(loss.fund_payment_atoms)}" if loss.fund_payment_atoms else ""
    return f"{state} {dollars(seen.maintenance_atoms)}; the fund could not take it{paid}."
