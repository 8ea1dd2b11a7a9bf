"""Compares the venue's own books with the engine's, to the atom."""

import asyncio
from dataclasses import dataclass, field
from random import Random

from riskengine.api.v1 import account_service_pb2, admin_service_pb2
from riskengine.simulator.client import EngineClient
from riskengine.simulator.engine_link import CALL_SECONDS
from riskengine.simulator.ledger import Ledger
from riskengine.simulator.markets import FUND_ACCOUNT_ID
from riskengine.simulator.venue import Venue

PAGE_SIZE = 1_000
SAMPLE = 400
AT_ONCE = 16
MAX_TOLD = 10


@dataclass(slots=True)
class Reconciliation:
    """What was compared and what differed."""

    state: admin_service_pb2.GetStateResponse
    accounts: int = 0
    """Compared by equity and notional."""
    sampled: int = 0
    """Compared by balance, cost and size of every position."""
    differences: list[str] = field(default_factory=list)

    @property
    def missing_atoms(self) -> int:
        """Return what the engine's own conservation check lacks; 0 when money is conserved."""
        return sum(abs(int(check.missing_atoms)) for check in self.state.conservation)

    @property
    def holds(self) -> bool:
        """Tell whether no atom is missing and the books agree."""
        return self.missing_atoms == 0 and not self.differences

    def compare(self, what: str, engine: int, venue: int) -> None:
        """Note a difference."""
        if engine != venue:
            self.differences.append(f"{what}: engine {engine:,}, venue {venue:,}")


async def reconcile(client: EngineClient, venue: Venue, seed: int) -> Reconciliation:
    """Check money, every account's equity, and the positions of a sample and of the fund."""
    state = await client.admin.GetState(
        admin_service_pb2.GetStateRequest(with_state_hash=True), timeout=CALL_SECONDS
    )
    found = Reconciliation(state)
    _compare_money(found, venue.ledger)
    await _compare_markets(client, found, venue.ledger)
    await _compare_all(client, found, venue.ledger)
    sample = _sample(venue, seed)
    for begin in range(0, len(sample), AT_ONCE):
        batch = sample[begin : begin + AT_ONCE]
        await asyncio.gather(
            *(_compare_account(client, found, venue.ledger, account) for account in batch)
        )
    return found


def _compare_money(found: Reconciliation, ledger: Ledger) -> None:
    check = found.state.conservation[0]
    found.compare("net deposits, atoms", int(check.net_deposits_atoms), ledger.deposits_atoms)
    found.compare("fees, atoms", int(check.fees_atoms), ledger.fees_atoms)
    found.compare("accounts", found.state.account_count, ledger.account_count)
    found.compare("atoms missing in the venue's books", ledger.missing_atoms(), 0)


async def _compare_markets(client: EngineClient, found: Reconciliation, ledger: Ledger) -> None:
    answer = await client.admin.ListMarkets(
        admin_service_pb2.ListMarketsRequest(), timeout=CALL_SECONDS
    )
    for market, state in enumerate(answer.markets):
        name = state.market.symbol
        found.compare(f"{name} mark, ticks", state.mark_price_ticks, ledger.marks[market])
        interest = ledger.open_interest_lots(market)
        found.compare(f"{name} open interest, lots", state.open_interest_lots, interest)
        found.compare(f"{name} imbalance, lots", state.imbalance_lots, 0)


async def _compare_all(client: EngineClient, found: Reconciliation, ledger: Ledger) -> None:
    token = ""
    while True:
        page = await client.account.ListAccounts(
            account_service_pb2.ListAccountsRequest(page_size=PAGE_SIZE, page_token=token),
            timeout=CALL_SECONDS,
        )
        for account in page.accounts:
            name, account_id = f"account {account.account_id:,}", account.account_id
            margin = account.margin
            found.compare(
                f"{name} equity, atoms", margin.equity_atoms, ledger.equity_atoms(account_id)
            )
            found.compare(
                f"{name} notional, atoms", margin.notional_atoms, ledger.notional_atoms(account_id)
            )
        found.accounts += len(page.accounts)
        token = page.next_page_token
        if not token:
            break
    found.compare("accounts listed", found.accounts, ledger.account_count)


def _sample(venue: Venue, seed: int) -> list[int]:
    """Return the fund, the market makers, and some of the deleveraged, the liquidated, and all."""
    rng = Random(f"sample {seed}")
    tally = venue.tally
    chosen = {FUND_ACCOUNT_ID, *tally.population.maker_ids}
    for group in (sorted(tally.deleveraged), sorted(tally.liquidated)):
        chosen.update(rng.sample(group, min(SAMPLE // 4, len(group))))
    count = venue.ledger.account_count
    chosen.update(rng.sample(range(1, count + 1), min(SAMPLE // 2, count)))
    return sorted(chosen)


async def _compare_account(
    client: EngineClient, found: Reconciliation, ledger: Ledger, account_id: int
) -> None:
    answer = await client.account.GetAccount(
        account_service_pb2.GetAccountRequest(account_id=account_id), timeout=CALL_SECONDS
    )
    name, account = f"account {account_id:,}", answer.account
    sizes = {position.market_id: position.size_lots for position in account.positions}
    for market, spec in enumerate(ledger.markets):
        found.compare(
            f"{name} {spec.symbol}, lots",
            sizes.get(spec.market_id, 0),
            ledger.position(account_id, market),
        )
    cost = sum(position.cost_atoms for position in account.positions)
    cash = ledger.cash_atoms[ledger.slot(account_id)]
    found.compare(f"{name} balance less cost, atoms", account.margin.balance_atoms - cost, cash)
    found.sampled += 1
