"""An engine that answers questions; none changes anything (see engine.pyi)."""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.fixedpoint cimport greatest
from riskengine.core.base.id_map cimport id_map_get
from riskengine.core.base.refusal cimport Refusal
from riskengine.core.books.books cimport (
    CROSS,
    AccountName,
    Books,
    asset_or_first,
    find_account,
    find_asset,
    is_loading,
    position_count,
    trader_accounts,
)
from riskengine.core.books.digest cimport state_digest
from riskengine.core.books.limits cimport MAX_ID
from riskengine.core.books.timers cimport next_timer
from riskengine.core.commands.judgement cimport scan
from riskengine.core.commands.judgement_audit cimport assert_nobody_is_overlooked
from riskengine.core.commands.order_check cimport Order, refuse_order
from riskengine.core.commands.state cimport state_init
from riskengine.core.face.audit cimport assert_invariants, conservation_views, counters_view
from riskengine.core.face.dump cimport dump_state
from riskengine.core.face.fund_views cimport fund_view, fund_window, market_payouts
from riskengine.core.face.load_report cimport load_report_view
from riskengine.core.face.outcome cimport order_check_view
from riskengine.core.face.views cimport (
    account_page,
    account_view,
    asset_views,
    bad_debt_of,
    gate_views,
    liquidation_page,
    market_view,
    parameters_view,
    retention_view,
)
from riskengine.core.index.watch_audit cimport assert_watches
from riskengine.core.losses.gate cimport Gates
from riskengine.core.losses.ranking_audit cimport assert_rankings


cdef class ReadOnlyEngine:
    def __cinit__(self, *, bint full_scan=False):
        """Begin with empty books; with `full_scan` nothing derived is used to find accounts."""
        state_init(self.state, full_scan)

    cdef int assert_rest(self) except -1:
        """Raise RuntimeError while work is pending: the books are in the middle of it (WK-4)."""
        if self.state.desk.running.is_pending:
            raise RuntimeError("work is pending")
        return 0

    def check_order(
        self,
        int64_t account_id,
        int64_t market_id,
        int64_t side,
        int64_t size_lots,
        int64_t price_ticks,
        bint reduce_only,
        int64_t isolated_market_id=0,
    ):
        """Return an OrderCheck, as if the order were filled whole at its price (QS-1 to QS-6)."""
        cdef Order order
        cdef Refusal refusal
        cdef bint refused
        order.account_id = account_id
        order.market_id = market_id
        order.side = side
        order.size_lots = size_lots
        order.price_ticks = price_ticks
        order.reduce_only = reduce_only
        order.isolated_market_id = isolated_market_id
        refused = refuse_order(self.state.desk, &order, &refusal)
        return order_check_view(&order, &refusal, refused)

    def account(self, int64_t account_id, int64_t asset_id=0, int64_t isolated_market_id=0):
        """Return an AccountView with positions, None for a name that is nobody's (QS-9)."""
        cdef Books* books = &self.state.desk.books
        cdef int32_t asset = find_asset(books[0], asset_or_first(books[0], asset_id))
        cdef int32_t account = -1
        cdef Gates gates
        if asset >= 0 and isolated_market_id == 0:
            account = find_account(books[0], account_id, asset, CROSS)
        return None if account < 0 else account_view(self.state.desk, account, True, gates)

    def accounts(
        self,
        int64_t after_account_id,
        int64_t limit,
        int32_t state,
        int64_t after_asset_id=MAX_ID,
        int64_t after_isolated_market_id=MAX_ID,
    ):
        """Return at most `limit` AccountViews without positions, by name, after a name (QS-9)."""
        cdef AccountName after
        after.account_id = after_account_id
        after.asset_id = after_asset_id
        after.isolated_market_id = after_isolated_market_id
        return account_page(self.state.desk, after, limit, state)

    def has_account(self, int64_t account_id):
        """Return whether the party has any account."""
        return id_map_get(self.state.desk.books.directory.account_index, account_id) >= 0

    def has_market(self, int64_t market_id):
        """Return whether there is such a market."""
        return id_map_get(self.state.desk.books.directory.market_index, market_id) >= 0

    def open_liquidations(
        self, int64_t after_id, int64_t limit, int64_t account_id=0, int64_t market_id=0
    ):
        """Return at most `limit` LiquidationViews, by id, after an id (QS-10)."""
        return liquidation_page(
            self.state.desk.books, after_id, limit, account_id, market_id
        )

    def assets(self):
        """Return an AssetView of each asset, in the order in which they were made."""
        return asset_views(self.state.desk.books)

    def gates(self):
        """Return a GateView of each asset, in the order in which they were made (MG-10, MG-11)."""
        return gate_views(self.state.desk.books)

    def markets(self):
        """Return a MarketView of each market, by market id."""
        views = [
            market_view(self.state.desk.books, <int32_t>i)
            for i in range(self.state.desk.books.markets.size())
        ]
        return sorted(views, key=lambda view: view.parameters.market_id)

    def funds(self):
        """Return a FundView of each fund, by fund id."""
        cdef size_t i
        return sorted(
            [
                fund_view(self.state.desk.books, self.state.desk.books.fund_accounts[i])
                for i in range(self.state.desk.books.fund_accounts.size())
            ]
        )

    def fund_windows(self):
        """Return a FundWindowView of each fund, by fund id (FD-9)."""
        cdef size_t i
        return sorted(
            [
                fund_window(self.state.desk.books, self.state.desk.books.fund_accounts[i])
                for i in range(self.state.desk.books.fund_accounts.size())
            ]
        )

    def market_payouts(self):
        """Return a MarketPayoutsView of each market, by market id (FD-10)."""
        return sorted(
            [
                market_payouts(self.state.desk.books, <int32_t>i)
                for i in range(self.state.desk.books.markets.size())
            ]
        )

    def load_report(self, int64_t time_nanos=0):
        """Return the LoadReport: what going live would find and do at the present marks (LD-10).

        At that time, or at that of the last command when that is later.
        """
        return load_report_view(
            self.state.desk.books, greatest(time_nanos, self.state.desk.books.time_nanos)
        )

    def conservation(self):
        """Return a Conservation of each asset; it sums over all accounts and positions (ST-10)."""
        return conservation_views(self.state.desk)

    def counters(self):
        """Return the EngineCounters since the log began; a fork goes on from its origin's."""
        return counters_view(self.state.desk)

    def scan(self):
        """Assess every account and return on how many a judgement would act."""
        return scan(self.state.desk.books)

    def state_hash(self):
        """Return a hash of the books, as 32 hexadecimal digits; never while work is pending."""
        self.assert_rest()
        return state_digest(self.state.desk.books)

    def dump(self):
        """Return the books as plain values, in an order that no index decides."""
        return dump_state(self.state.desk)

    def check_invariants(self):
        """Raise AssertionError that names an invariant that is broken, of books, index or queue."""
        assert_invariants(self.state.desk)
        if not self.state.index.full_scan and not self.has_work:
            assert_watches(self.state.desk.books, self.state.index)
            assert_nobody_is_overlooked(self.state)
            assert_rankings(self.state.desk, self.state.queue)

    @property
    def has_work(self):
        """Whether something is still to be done of a command that has paused (WK-1)."""
        return bool(self.state.desk.running.is_pending)

    @property
    def sequence(self):
        """Commands that were applied."""
        return self.state.desk.books.sequence

    @property
    def time_nanos(self):
        """Time of the last command that was applied, 0 before the first."""
        return self.state.desk.books.time_nanos

    @property
    def instruction_sequence(self):
        """Events that went out, over all commands."""
        return self.state.desk.books.instruction_sequence

    @property
    def next_timer_nanos(self):
        """Time of the next timer that may fire, 0 when there is none."""
        return 0 if is_loading(self.state.desk.books) else next_timer(self.state.desk.books)

    @property
    def last_liquidation_id(self):
        """Id of the last liquidation order that was issued, 0 before the first."""
        return self.state.desk.books.last_liquidation_id

    @property
    def account_count(self):
        """Traders' margin accounts that are open."""
        return trader_accounts(self.state.desk.books)

    @property
    def position_count(self):
        """Positions, with those of funds."""
        return position_count(self.state.desk.books)

    @property
    def open_liquidation_count(self):
        """Liquidation orders that have not ended."""
        return self.state.desk.books.open_orders

    @property
    def recomputed_accounts(self):
        """Accounts judged since the log began because a mark left one of their bands."""
        return self.state.desk.totals.engine.recomputed_accounts

    @property
    def bad_debt_atoms(self):
        """What accounts of the asset made first owe, in atoms, that no fund could pay yet."""
        return bad_debt_of(self.state.desk.books, 0)

    @property
    def bad_debts_atoms(self):
        """The same of each asset, in the order in which they were made."""
        return [
            bad_debt_of(self.state.desk.books, <int32_t>i)
            for i in range(self.state.desk.books.assets.size())
        ]

    @property
    def venue_mode(self):
        """The VenueMode: LIVE, or LOADING."""
        return self.state.desk.books.venue_mode

    @property
    def parameters(self):
        """The RiskParameters in force."""
        return parameters_view(self.state.desk.books)

    @property
    def retention(self):
        """The Retention in force."""
        return retention_view(self.state.desk.books)
