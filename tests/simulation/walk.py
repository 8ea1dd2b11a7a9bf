"""A seeded random walk over commands that looks at the oracle to do interesting things."""

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from random import Random

from tests.simulation import adjustments, invalid, payments, write_offs
from tests.simulation.commands import Command
from tests.simulation.fills import Fills
from tests.simulation.gaps import Gaps
from tests.simulation.oracle import margin, questions
from tests.simulation.oracle.engine import Oracle
from tests.simulation.oracle.names import (
    FUND_ACCOUNT_BASE,
    MAX_BALANCE_ATOMS,
    MAX_FEE_ATOMS,
    MAX_NOTIONAL_ATOMS,
    NANOS_PER_MILLI,
    PPM,
    Mode,
    Policy,
    State,
)
from tests.simulation.oracle.world import Account, AccountName, Market, MarketParameters
from tests.simulation.themes import (
    PAUSES_NANOS,
    Theme,
    apart_from,
    make_inventory_ppm,
    make_rates_ppm,
    make_risk,
    make_share_ppm,
    make_theme,
    make_tiers,
)

Row = tuple[int, ...]


class Walk:
    """Makes one command after the other; the caller applies each to `oracle` before the next."""

    def __init__(
        self, seed: int, oracle: Oracle, asset_count: int = 1, *, pauses: bool = True
    ) -> None:
        """Walk on a venue that goes by the seed; without pauses never for hours at once."""
        self.rng = Random(seed)
        self.theme: Theme = make_theme(self.rng, asset_count)
        self.has_pauses = pauses and self.theme.pauses_ppm > 0
        self.oracle = oracle
        self.gaps = Gaps(seed, oracle.world, PAUSES_NANOS if self.has_pauses else ())
        self.fills = Fills(self.rng, oracle)
        self.opening = self.theme.opening()
        self.opened = 0
        self.left_ids: list[int] = []
        self.makers: list[tuple[int, Callable[[], Command | None]]] = [
            (30, self.trades),
            (14, self.marks),
            (20, self.aimed_mark),
            (14, self.fill),
            (5, self.report),
            (6, self.tick),
            (8, self.deposits),
            (4, self.withdraw),
            (4, self.reserve),
            (4, self.adjust),
            (5, self.leave),
            (6, self.fund_deposit),
            (4, self.write_off),
            (3, self.deltas),
            (2, self.absolutes),
            (1, self.change_market),
            (1, self.change_risk),
            (5, self.again),
        ]
        if asset_count > 1:
            self.makers.append((20, self.aimed_marks))

    def commands(self, count: int) -> Iterator[Command]:
        for _ in range(count):
            yield self.next()

    def next(self) -> Command:
        if self.opened < len(self.opening):
            return self.open_venue()
        if self.gaps.is_due():
            return self.gaps.command()
        weights = [weight for weight, _ in self.makers]
        while True:
            command = self.rng.choices(self.makers, weights)[0][1]()
            if command is not None:
                return invalid.spoil(self.rng, command) if self.rng.random() < 0.12 else command

    def open_venue(self) -> Command:
        """Return the next command of the opening, or a spoiled one that is done already."""
        if self.opened and self.rng.random() < 0.2:
            return invalid.spoil(self.rng, self.rng.choice(self.opening[: self.opened]))
        self.opened += 1
        return self.opening[self.opened - 1]

    def again(self) -> Command:
        """Repeat one of the commands that opened the venue, mostly spoiled."""
        command = self.rng.choice(self.opening)._replace(time_nanos=self.now())
        return invalid.spoil(self.rng, command) if self.rng.random() < 0.7 else command

    def now(self) -> int:
        """Step on a little, often not at all; now and then to a timer or beyond it."""
        world, rng = self.oracle.world, self.rng
        due = self.oracle.next_timer_nanos
        if due and rng.random() < 0.08:
            return max(world.time_nanos, due + rng.choice((-1, 0, 0, 1)))
        if self.has_pauses and rng.random() * PPM < self.theme.pauses_ppm:
            return world.time_nanos + rng.choice(PAUSES_NANOS)
        return world.time_nanos + rng.choice((0, 0, 1, NANOS_PER_MILLI, 200 * NANOS_PER_MILLI))

    def market(self) -> Market:
        return self.rng.choice(list(self.oracle.world.markets.values()))

    def traders(self) -> list[Account]:
        return list(self.oracle.world.traders())

    def account(self, account_id: int, market: Market) -> Account | None:
        """Return the account that a trade of the market would be booked on."""
        name = AccountName(account_id, market.parameters.asset_id)
        return self.oracle.world.accounts.get(name)

    def account_id(self, market: Market) -> int:
        """Return a trader's id, or now and then that of a fund, or of one without such money."""
        world, rng = self.oracle.world, self.rng
        if rng.random() < 0.03 and world.funds:
            return FUND_ACCOUNT_BASE + rng.choice(list(world.funds))
        asset_id = market.parameters.asset_id
        traders = [held for held in self.traders() if held.asset_id == asset_id]
        if not traders or rng.random() < 0.01:
            traders = self.traders()
        return rng.choice(traders).account_id

    def price_near(self, market: Market) -> int:
        """Return a price about the mark; of those that 17 divides, one far through it."""
        parameters = market.parameters
        spread = max(1, market.mark_price_ticks * self.theme.volatility_ppm // PPM // 4)
        price = market.mark_price_ticks + self.rng.randint(-spread, spread)
        if price % 17 == 0:
            price = price * (20, 80, 120, 300)[price // 17 % 4] // 100
        price -= price % parameters.price_step_ticks
        return max(parameters.price_step_ticks, min(price, parameters.max_price_ticks))

    def size_for(self, account: Account | None, market: Market) -> int:
        """Return a size that mostly takes a part of the account's equity, or a little more."""
        rng, parameters = self.rng, market.parameters
        if account is None:
            return parameters.size_step_lots
        share = Fraction(rng.choice((1, 20, 50, 80, 95, 100, 103, 200)), 100)
        equity = max(1, margin.equity(self.oracle.world, account))
        size = parameters.max_position_lots
        if market.mark_price_ticks:
            size = min(size, 1 + margin.largest_size(market, share * equity))
        held = abs(account.size_in(parameters.market_id))
        if held and rng.random() < 0.3:
            size = min(size, rng.choice((held, held // 2, 2 * held)))
            if size == held:
                return held
        size -= size % parameters.size_step_lots
        return max(parameters.size_step_lots, size)

    def trades(self) -> Command | None:
        if len(self.traders()) < 3:
            return self.deposits()
        rows = [self._trade() for _ in range(self.rng.choice((1, 1, 1, 4)))]
        return _command("trades", self.now(), rows)

    def _trade(self) -> Row:
        rng, market = self.rng, self.market()
        buyer, seller = self.account_id(market), self.account_id(market)
        if buyer == seller:
            seller = self.account_id(market)
        size = self.size_for(self.account(rng.choice((buyer, seller)), market), market)
        if self.left_ids and rng.random() < 0.02:
            seller = rng.choice(self.left_ids)
        price = self.price_near(market)
        fee = rng.choice(
            (0, 0, min(size * price * market.multiplier // 2_000, MAX_FEE_ATOMS + 1), -1)
        )
        if rng.random() < 0.02:
            fee = 2 * self.theme.unit_atoms
        row = (market.parameters.market_id, buyer, seller, price, size, fee, 0)
        return (*row, self.fills.stale_id() if rng.random() < 0.02 else 0)

    def fill(self) -> Command | None:
        rows = self.fills.rows(self.account_id) if self.traders() else []
        return _command("trades", self.now(), rows) if rows else None

    def report(self) -> Command | None:
        ids = self.fills.open_ids()
        if not ids:
            return None
        chosen = self.rng.sample(ids, self.rng.randint(1, len(ids)))
        if self.rng.random() < 0.2:
            chosen.append(self.fills.stale_id())
        return _command("liquidation_reports", self.now(), [(one,) for one in chosen])

    def tick(self) -> Command | None:
        due = self.oracle.next_timer_nanos
        later = self.oracle.world.time_nanos + 1_000 * NANOS_PER_MILLI
        return Command("tick", max(self.now(), self.rng.choice((due, later))), ())

    def marks(self) -> Command:
        world, rng = self.oracle.world, self.rng
        rows: list[Row] = []
        for market in world.markets.values():
            if rng.random() < 0.6 or not rows:
                move = int(rng.gauss(0, self.theme.volatility_ppm))
                if rng.random() < 0.05:
                    move *= 5
                market_id = market.parameters.market_id
                mark = market.mark_price_ticks or self.theme.marks.get(market_id, 100)
                mark = mark * (PPM + move) // PPM + rng.randint(-1, 1)
                if rng.random() < 0.01:
                    mark = rng.choice((1, market.parameters.max_price_ticks))
                rows.append((market_id, self._inside(market, mark)))
        return _command("mark_prices", self.now(), rows)

    def _inside(self, market: Market, mark: int) -> int:
        return max(1, min(mark, market.parameters.max_price_ticks))

    def aimed_mark(self) -> Command | None:
        """Put a mark on the edge of some account's liquidation or bankruptcy."""
        row = self._aimed_at_one_of(list(self.oracle.world.accounts.values()))
        return _command("mark_prices", self.now(), [row]) if row else None

    def aimed_marks(self) -> Command | None:
        """Do so to an account of every asset in one batch, or to all accounts of one party."""
        world, rng = self.oracle.world, self.rng
        holders = [held for held in world.accounts.values() if held.positions]
        party = rng.choice(holders).account_id if holders and rng.random() < 0.5 else 0
        rows = []
        for asset in self.theme.assets:
            of_asset = [held for held in holders if held.asset_id == asset.asset_id]
            own = [held for held in of_asset if held.account_id == party]
            row = self._aimed_at_one_of(own or of_asset)
            rows += [row] if row else []
        return _command("mark_prices", self.now(), rows) if rows else None

    def _aimed_at_one_of(self, accounts: list[Account]) -> Row | None:
        world, rng = self.oracle.world, self.rng
        holders = [account for account in accounts if account.positions]
        if not holders:
            return None
        account = rng.choice(holders)
        market_id = rng.choice(sorted(account.positions))
        price = questions.liquidation_price(world, account, market_id)
        if rng.random() < 0.3:
            price = questions.bankruptcy_price(world, account, market_id)
        if price == 0:
            return None
        market = world.markets[market_id]
        spread = max(2, price // rng.choice((300, 3_000, 10**6)))
        return market_id, self._inside(market, price + rng.randint(-spread, spread))

    def deposits(self) -> Command:
        rng, traders = self.rng, self.traders()
        rows = []
        for _ in range(rng.choice((1, 1, 3))):
            amount = rng.randint(1, 2 * self.theme.unit_atoms)
            if self.theme.scale == "huge" and rng.random() < 0.05:
                amount = MAX_BALANCE_ATOMS - rng.randint(0, 2)
            if len(traders) < self.theme.accounts or rng.random() < 0.02:
                asset_id = rng.choice(self.theme.assets).asset_id
                account_id = self._new_id(asset_id)
            else:
                needy, debt = self._needy(traders)
                account_id, asset_id, amount = *needy[:2], debt or amount
            rows.append((account_id, asset_id, amount))
        command = _command("deposits", self.now(), rows)
        if rng.random() < 0.8:
            return command
        isolated = tuple(rng.choice((0, 0, 0, 1, -1)) for _ in rows)
        return command._replace(arguments=(*command.arguments, isolated))

    def _new_id(self, asset_id: int) -> int:
        """Return an id: of one who has accounts in other assets alone, of one who left, or any."""
        known = {held.account_id for held in self.oracle.world.of_asset(asset_id)}
        others = sorted({held.account_id for held in self.traders()} - known)
        if others and self.rng.random() < 0.8:
            return self.rng.choice(others)
        if self.left_ids and self.rng.random() < 0.5:
            return self.rng.choice(self.left_ids)
        return self.rng.choice((self.rng.randint(1, 99), self.rng.randint(2**61, 2**62 - 1)))

    def _needy(self, traders: list[Account]) -> tuple[AccountName, int]:
        """Return someone, rather who needs it, and how much would just cover a debt, or 0."""
        poor = [a for a in traders if a.balance_atoms <= 0 or a.state != State.NORMAL]
        account = self.rng.choice(poor or traders)
        if account.state != State.BANKRUPT:
            return account.name, 0
        return account.name, max(1, -account.balance_atoms + self.rng.choice((-1, 0, 1)))

    def withdraw(self) -> Command | None:
        return payments.withdrawals(self.rng, self.oracle.world, self.now(), self.theme.unit_atoms)

    def reserve(self) -> Command | None:
        return payments.reservation(self.rng, self.oracle.world, self.now())

    def adjust(self) -> Command | None:
        return adjustments.command(self.rng, self.oracle.world, self.now())

    def leave(self) -> Command | None:
        """Close an account, mostly one without positions, once it is paid out."""
        rng, traders = self.rng, self.traders()
        if not traders:
            return None
        flat = [account for account in traders if not account.positions]
        account = rng.choice(flat if flat and rng.random() < 0.9 else traders)
        if account in flat and account.balance_atoms > 0 and rng.random() < 0.7:
            return _command("withdrawals", self.now(), [(*account.name[:2], account.balance_atoms)])
        self.left_ids.append(account.account_id)
        name = account.name[: rng.choice((1, 2, 3))]
        if len(self.theme.assets) > 1 and rng.random() < 0.8:
            name = account.name
        return Command("close_account", self.now(), name)

    def fund_deposit(self) -> Command | None:
        """Pay into a fund; with a bankrupt account about, into the one that owes for it."""
        world, rng = self.oracle.world, self.rng
        fund_id = rng.choice(list(world.funds))
        amount = rng.randint(1, 1 + self.theme.unit_atoms // rng.choice((1, 20, 1_000)))
        if world.bankrupt:
            market_id = world.accounts[rng.choice(world.bankrupt)].debt_market
            fund_id = world.markets[market_id].parameters.fund_id if market_id else 0
        elif rng.random() < 0.8:
            return None
        return Command("fund_deposit", self.now(), (fund_id, amount))

    def write_off(self) -> Command | None:
        given = write_offs.arguments(self.rng, self.oracle.world, self.traders())
        return None if given is None else Command("write_off", self.now(), given)

    def deltas(self) -> Command | None:
        return self._updates(Mode.DELTA)

    def absolutes(self) -> Command | None:
        return self._updates(Mode.ABSOLUTE)

    def _updates(self, mode: Mode) -> Command | None:
        if not self.traders():
            return None
        rows = []
        for _ in range(self.rng.choice((1, 1, 3))):
            market = self.market()
            account_id = self.account_id(market)
            account = self.account(account_id, market)
            size = self.rng.choice((-1, 1)) * self.size_for(account, market)
            held = account.size_in(market.parameters.market_id) if account else 1
            if self.rng.random() < 0.3:
                size = -held if mode == Mode.DELTA else self.rng.choice((0, held))
            rows.append((account_id, market.parameters.market_id, size, self.price_near(market)))
        command = _command("position_updates", self.now(), rows)
        return command._replace(arguments=(int(mode), *command.arguments))

    def change_market(self) -> Command:
        rng, market = self.rng, self.market()
        parameters = market.parameters
        tiers = make_tiers(rng, self.theme.unit_atoms)
        fee_ppm, discount_ppm = make_rates_ppm(rng, tiers)
        changed = parameters._replace(
            tiers=tiers,
            liquidation_fee_ppm=fee_ppm,
            liquidation_slice_lots=rng.choice((0, 1, parameters.max_position_lots // 50)),
            loss_policy=int(rng.choice(list(Policy))),
            order_band_ppm=rng.choice((1, 50_000, 300_000)),
            size_step_lots=rng.choice((1, *3 * (parameters.size_step_lots,), 10)),
            max_price_ticks=self._raised(market),
            reprices_trades=fee_ppm > 0,
            discount_ppm=discount_ppm,
            book_attempts=rng.randint(0, 3),
            fund_share_ppm=make_share_ppm(apart_from(rng)),
            inventory_ppm=make_inventory_ppm(apart_from(rng)),
            fund_id=self._fund_for(parameters),
        )
        return Command("set_market", self.now(), (changed,))

    def _fund_for(self, parameters: MarketParameters) -> int:
        """Return the fund of a market, now and then another one of its asset, which is refused."""
        asset_id = parameters.asset_id
        funds = [fund.fund_id for fund in self.theme.funds if fund.asset_id == asset_id]
        return apart_from(self.rng).choice((*3 * (parameters.fund_id,), *funds))

    def _raised(self, market: Market) -> int:
        """Return a highest price for the market: as it is, a little higher, or all there may be."""
        present = market.parameters.max_price_ticks
        room = MAX_NOTIONAL_ATOMS // (market.parameters.max_position_lots * market.multiplier)
        return min(room, self.rng.choice((present, present, present + 1, 2 * present, room)))

    def change_risk(self) -> Command:
        return Command("set_risk_parameters", self.now(), (make_risk(self.rng),))


def _command(name: str, time_nanos: int, rows: Sequence[Row]) -> Command:
    return Command(name, time_nanos, tuple(zip(*rows, strict=True)))
