"""The engine: a deterministic state machine over the core's State (see engine.pyi).

A command is start, rows, end_command; what it did is handed out as an Outcome. An engine is used
on one thread: large batches of trades let go of the GIL, for the threads that sync and serve.
"""

from libc.stdint cimport int32_t, int64_t
from libc.string cimport memset

from riskengine.core.base.column cimport Column, borrow, borrow_optional
from riskengine.core.books.books cimport Asset, Parameters, Retention
from riskengine.core.books.limits cimport (
    FUND_ACCOUNT_BASE,
    MAX_ACCOUNTS,
    MAX_ASSETS,
    MAX_BALANCE_ATOMS,
    MAX_FUNDS,
    MAX_ID,
    MAX_LEGS_PER_ACCOUNT,
    MAX_MARKETS,
    MAX_NOTIONAL_ATOMS,
    MAX_ROWS,
    MAX_SIDE_TOTAL_LOTS,
    MAX_TIERS,
)
from riskengine.core.books.market cimport MarketRules
from riskengine.core.commands.frame cimport (
    Progress,
    end_command,
    start,
    start_live,
    take_sequence,
)
from riskengine.core.commands.markets cimport apply_market
from riskengine.core.commands.marks cimport MarkColumns, apply_marks
from riskengine.core.commands.positions cimport PositionColumns, apply_position_updates
from riskengine.core.commands.reports cimport apply_reports
from riskengine.core.commands.retention cimport apply_retention
from riskengine.core.commands.setup cimport (
    apply_asset,
    apply_fund,
    apply_parameters,
)
from riskengine.core.commands.state cimport copy_state
from riskengine.core.commands.trades cimport TradeColumns, apply_trades
from riskengine.core.face.outcome cimport outcome_view
from riskengine.core.face.parse cimport parse_market, parse_symbol
from riskengine.core.face.paying cimport PayingEngine
from riskengine.core.face.saving cimport read_state_back, saved_state
from riskengine.core.face.state_stream cimport begin_state_stream
from riskengine.core.face.view cimport begin_view, memory_pages

cdef enum:
    RELEASE_ROWS = 256  # fewer take less time than it takes to get the GIL back


cdef class Engine(PayingEngine):
    """An engine that takes commands; each returns its Outcome, also when it is refused.

    An integer that does not fit its C type raises OverflowError, a column that is no contiguous
    buffer of int64 a TypeError or ValueError that names it; then nothing has changed.
    """

    def create_asset(self, int64_t time_nanos, int64_t asset_id, str symbol, int64_t exponent):
        """Make a settlement asset, of which one atom is 10^exponent (GD-1)."""
        cdef Progress progress
        cdef Asset asset
        memset(&asset, 0, sizeof(asset))
        parse_symbol(symbol, asset.symbol)
        asset.asset_id = asset_id
        asset.exponent = exponent
        if start(self.state.desk, progress, time_nanos):
            apply_asset(self.state.desk, progress, &asset)
        return self.done(progress)

    def create_fund(self, int64_t time_nanos, int64_t fund_id, int64_t asset_id):
        """Open an insurance fund of the asset, with nothing in it (GD-3)."""
        cdef Progress progress
        if start(self.state.desk, progress, time_nanos):
            apply_fund(self.state.desk, progress, fund_id, asset_id)
        return self.done(progress)

    def set_market(self, int64_t time_nanos, object parameters):
        """Make a market by MarketParameters, or change what can be changed of it (GD-4, GD-6)."""
        cdef Progress progress
        cdef MarketRules rules
        parse_market(parameters, &rules)
        if start(self.state.desk, progress, time_nanos):
            apply_market(self.state, progress, &rules)
        return self.done(progress)

    def set_risk_parameters(self, int64_t time_nanos, object parameters):
        """Set the levels of RiskParameters and judge everybody (GD-7)."""
        cdef Progress progress
        cdef Parameters wanted
        wanted.margin_call_ppm = parameters.margin_call_ppm
        wanted.liquidation_buffer_ppm = parameters.liquidation_buffer_ppm
        wanted.take_over_ppm = parameters.take_over_ppm
        wanted.margin_call_clear_ppm = parameters.margin_call_clear_ppm
        wanted.withdrawal_margin_ppm = parameters.withdrawal_margin_ppm
        wanted.gate_floor_units = parameters.gate_floor_units
        wanted.gate_ppm = parameters.gate_ppm
        wanted.fund_market_notional_ppm = parameters.fund_market_notional_ppm
        wanted.fund_notional_ppm = parameters.fund_notional_ppm
        wanted.fund_drawdown_ppm = parameters.fund_drawdown_ppm
        wanted.fund_resume_ppm = parameters.fund_resume_ppm
        wanted.second_term_millis = parameters.second_term_millis
        wanted.late_fill_millis = parameters.late_fill_millis
        wanted.spread_after_millis = parameters.spread_after_millis
        wanted.work_units = parameters.work_units
        wanted.max_reservations = parameters.max_reservations
        if start(self.state.desk, progress, time_nanos):
            apply_parameters(self.state.desk, progress, &wanted)
        return self.done(progress)

    def set_retention(
        self,
        int64_t time_nanos,
        int64_t client_count,
        int64_t answer_count,
        int64_t answer_bytes,
        int64_t instruction_count,
        int64_t caller_client_count,
        int64_t client_idle_millis,
    ):
        """Set how much is remembered around the core, which only keeps the numbers (GD-22)."""
        cdef Progress progress
        cdef Retention wanted
        wanted.client_count = client_count
        wanted.answer_count = answer_count
        wanted.answer_bytes = answer_bytes
        wanted.instruction_count = instruction_count
        wanted.caller_client_count = caller_client_count
        wanted.client_idle_millis = client_idle_millis
        if start(self.state.desk, progress, time_nanos):
            apply_retention(self.state.desk.books, progress, &wanted)
        return self.done(progress)

    def trades(
        self,
        int64_t time_nanos,
        object market_id,
        object buyer_account_id,
        object seller_account_id,
        object price_ticks,
        object size_lots,
        object buyer_fee_atoms,
        object seller_fee_atoms,
        object liquidation_id,
        object venue_id=None,
        object venue_time_nanos=None,
    ):
        """Book two-sided trades, a row each, in ticks, lots and atoms (GD-12, GD-13).

        Each of the three columns before the venue's own may be empty, which stands for zeros; these
        two may be left out, and are not looked at.
        """
        cdef Progress progress
        cdef TradeColumns columns
        borrow(columns.market_id, market_id, "market_id")
        borrow(columns.buyer_account_id, buyer_account_id, "buyer_account_id")
        borrow(columns.seller_account_id, seller_account_id, "seller_account_id")
        borrow(columns.price_ticks, price_ticks, "price_ticks")
        borrow(columns.size_lots, size_lots, "size_lots")
        borrow(columns.buyer_fee_atoms, buyer_fee_atoms, "buyer_fee_atoms")
        borrow(columns.seller_fee_atoms, seller_fee_atoms, "seller_fee_atoms")
        borrow(columns.liquidation_id, liquidation_id, "liquidation_id")
        borrow_optional(columns.venue.venue_id, venue_id, "venue_id")
        borrow_optional(columns.venue.venue_time_nanos, venue_time_nanos, "venue_time_nanos")
        if columns.market_id.rows() < RELEASE_ROWS:
            if start_live(self.state.desk, progress, time_nanos):
                apply_trades(self.state.desk, self.state.index, progress, columns)
            return self.done(progress)
        with nogil:
            if start_live(self.state.desk, progress, time_nanos):
                apply_trades(self.state.desk, self.state.index, progress, columns)
            end_command(self.state, progress)
        return outcome_view(self.state.desk, progress)

    def position_updates(
        self,
        int64_t time_nanos,
        int32_t mode,
        object account_id,
        object market_id,
        object size_lots,
        object price_ticks,
    ):
        """Book one-sided updates, a row each: signed lots at a price in ticks (GD-15 to GD-17).

        `mode` is a PositionUpdateMode; with another one the batch is refused whole.
        """
        cdef Progress progress
        cdef PositionColumns columns
        columns.mode = mode
        borrow(columns.account_id, account_id, "account_id")
        borrow(columns.market_id, market_id, "market_id")
        borrow(columns.size_lots, size_lots, "size_lots")
        borrow(columns.price_ticks, price_ticks, "price_ticks")
        if start_live(self.state.desk, progress, time_nanos):
            apply_position_updates(self.state.desk, progress, columns)
        return self.done(progress)

    def mark_prices(self, int64_t time_nanos, object market_id, object mark_price_ticks):
        """Set marks in ticks, at most one a market and all at one instant (GD-18, JD-2)."""
        cdef Progress progress
        cdef MarkColumns columns
        borrow(columns.market_id, market_id, "market_id")
        borrow(columns.mark_price_ticks, mark_price_ticks, "mark_price_ticks")
        if start(self.state.desk, progress, time_nanos):
            apply_marks(self.state.desk, self.state.index, progress, columns)
        return self.done(progress)

    def liquidation_reports(self, int64_t time_nanos, object liquidation_id):
        """End the named orders, which the venue will fill no further (GD-19)."""
        cdef Progress progress
        cdef Column liquidations
        borrow(liquidations, liquidation_id, "liquidation_id")
        if start_live(self.state.desk, progress, time_nanos):
            apply_reports(self.state.desk, progress, liquidations)
        return self.done(progress)

    def register_client(self, int64_t time_nanos, str client_id):
        """Let time go on, as `note` does, for a client that is registered beside the core."""
        return self.note(time_nanos)

    def forget_client(self, int64_t time_nanos, str caller, str client_id):
        """Let time go on, as `note` does, for a client that is forgotten beside the core."""
        return self.note(time_nanos)

    def take_sequence(self, int64_t time_nanos):
        """Take a sequence for what is noted of a refusal, at the time that it is (CM-8)."""
        cdef Progress progress
        take_sequence(self.state.desk, progress, time_nanos)
        return outcome_view(self.state.desk, progress)

    def save(self):
        """Return books and totals as bytes, of which `read_back` makes an engine like this one."""
        self.assert_rest()
        return saved_state(self.state)

    def begin_view(self, int fd):
        """Have a clone of this process write what `save` would return into `fd`; return its id."""
        self.assert_rest()
        return begin_view(self.state, fd)

    def memory_pages(self):
        """Return the pages that `mend_pages` mends after a view, by address and size in bytes."""
        return memory_pages(self.state)

    def begin_state_stream(self, int fd, object market_ids=(), object account_ids=()):
        """Have a clone of this process write the rows of the state into `fd`; return its id."""
        self.assert_rest()
        return begin_state_stream(self.state, fd, market_ids, account_ids)

    @staticmethod
    def read_back(const unsigned char[::1] saved not None, *, bint full_scan=False):
        """Return an engine with the books and totals that were saved."""
        cdef Engine engine = Engine(full_scan=full_scan)
        read_state_back(engine.state, saved)
        return engine

    def fork(self):
        """Return a copy, with work that is pending, which will tell the same events."""
        cdef Engine copy = Engine(full_scan=self.state.index.full_scan)
        copy_state(copy.state, self.state)
        return copy


def bounds():
    """Return the bounds of docs/rules/bounds.md that others keep as well, by name."""
    return {
        "max_id": MAX_ID,
        "fund_account_base": FUND_ACCOUNT_BASE,
        "max_notional_atoms": MAX_NOTIONAL_ATOMS,
        "max_balance_atoms": MAX_BALANCE_ATOMS,
        "max_side_total_lots": MAX_SIDE_TOTAL_LOTS,
        "max_positions_per_account": MAX_LEGS_PER_ACCOUNT,
        "max_accounts": MAX_ACCOUNTS,
        "max_assets": MAX_ASSETS,
        "max_markets": MAX_MARKETS,
        "max_funds": MAX_FUNDS,
        "max_tiers": MAX_TIERS,
        "max_rows": MAX_ROWS,
    }
