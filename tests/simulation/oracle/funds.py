"""What funds pay of losses (LS-5): each up to what it has available, shared market by market."""

from typing import NamedTuple

from tests.simulation.oracle import gap, means
from tests.simulation.oracle.judged import Judged
from tests.simulation.oracle.names import Kind
from tests.simulation.oracle.parts import exact_parts
from tests.simulation.oracle.world import World


class Ask(NamedTuple):
    """What an account asks of a fund, for a leg or for what no leg has lost (ST-3)."""

    judged: Judged
    fund_id: int
    market_id: int
    atoms: int
    is_laid: bool

    @property
    def account_id(self) -> int:
        return self.judged.account.account_id


def pay_losses(world: World, candidates: list[Judged]) -> None:
    """Share each loss over its legs (LS-4), and have the funds pay (LS-5); tell of it."""
    asks: list[Ask] = []
    for judged in candidates:
        if judged.equity_atoms < 0:
            asks += asks_of(world, judged, gap.lay_on_legs(world, judged))
    paid: dict[Ask, int] = {}
    for fund_id in {ask.fund_id: None for ask in asks}:
        of_fund = [ask for ask in asks if ask.fund_id == fund_id]
        available_atoms = means.available(world, world.fund_account(fund_id))
        paid |= split(world, of_fund, available_atoms)
    for judged in candidates:
        if judged.equity_atoms < 0:
            book(world, judged, {ask: paid[ask] for ask in asks if ask.judged is judged})


def asks_of(world: World, judged: Judged, unlaid_atoms: int) -> list[Ask]:
    """Return what an account below zero asks for, legs first; a fund asks nobody."""
    account = judged.account
    if account.is_fund:
        return []
    wanted = [(market_id, loss.share_atoms, True) for market_id, loss in judged.losses.items()]
    if account.debt_market:
        wanted.append((account.debt_market, unlaid_atoms, False))
    return [
        Ask(judged, world.markets[market_id].parameters.fund_id, market_id, atoms, is_laid)
        for market_id, atoms, is_laid in wanted
        if atoms > 0
    ]


def split(world: World, asks: list[Ask], available_atoms: int) -> dict[Ask, int]:
    """Return what a fund pays on each: all, or parts by market, and in a market by ask.

    A market's part is at most what is left of its share of the fund's peak (FD-10).
    """
    market_ids = sorted({ask.market_id for ask in asks})
    by_market = [[ask for ask in asks if ask.market_id == one] for one in market_ids]
    wanted = [wanted_for(world, of_market) for of_market in by_market]
    parts = wanted if sum(wanted) <= available_atoms else exact_parts(available_atoms, wanted)
    paid: dict[Ask, int] = {}
    for of_market, part in zip(by_market, parts, strict=True):
        ids = [ask.account_id for ask in of_market]
        weights = [ask.atoms for ask in of_market]
        shares = weights if sum(weights) <= part else exact_parts(part, weights, ids)
        paid |= dict(zip(of_market, shares, strict=True))
    return paid


def wanted_for(world: World, of_market: list[Ask]) -> int:
    """Return what is wanted for a market, at most what is left of its share (FD-10)."""
    wanted = sum(ask.atoms for ask in of_market)
    return means.at_most_for(world, of_market[0].market_id, wanted)


def book(world: World, judged: Judged, paid: dict[Ask, int]) -> None:
    """Move what an account gets, note for which market and leg, and tell once of its fund."""
    account = judged.account
    by_fund: dict[int, int] = {}
    for ask, atoms in paid.items():
        by_fund[ask.fund_id] = by_fund.get(ask.fund_id, 0) + atoms
        means.note_payout(world, ask.market_id, atoms)
        if ask.is_laid:
            judged.losses[ask.market_id].paid_atoms = atoms
    if paid:
        unpaid = {ask: ask.atoms - atoms for ask, atoms in paid.items()}
        ask = max(unpaid, key=unpaid.__getitem__)  # the first of equals
        judged.most_unpaid = ask.market_id if unpaid[ask] else 0
    assert len(by_fund) <= 1
    for fund_id, atoms in by_fund.items():
        pay(world, judged, fund_id, atoms)
    judged.is_paid_whole = sum(by_fund.values()) == -judged.equity_atoms
    assert account.is_fund or sum(by_fund.values()) <= -judged.equity_atoms


def pay(world: World, judged: Judged, fund_id: int, atoms: int) -> None:
    """Move money from a fund to an account, and tell, if it is any."""
    if atoms == 0:
        return
    world.fund_account(fund_id).balance_atoms -= atoms
    judged.account.balance_atoms += atoms
    world.emit(Kind.INSURANCE_PAYOUT, judged.account, fund_id=fund_id, amount_atoms=atoms)
