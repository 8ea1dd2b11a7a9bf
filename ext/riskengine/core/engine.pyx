"""The engine: a deterministic state machine over the core's State (see engine.pyi).

A command is start, rows, end_command; what it did is handed out as an Outcome. An engine is used
on one thread: large batches of trades let go of the GIL, for the threads that sync and serve.
"""

from libc.stdint cimport int32_t, int64_t
from libc.string cimport memset

from riskengine.core.base.codes cimport (
    FIELD_ACCOUNT_ID,
    FIELD_AMOUNT_ATOMS,
    FIELD_ASSET_ID,
    FIELD_BUYER_ACCOUNT_ID,
    FIELD_BUYER_FEE_ATOMS,
    FIELD_LIQUIDATION_ID,
    FIELD_MARKET_ID,
    FIELD_MARK_PRICE_TICKS,
    FIELD_MODE,
    FIELD_PRICE_TICKS,
    FIELD_SELLER_ACCOUNT_ID,
    FIELD_SELLER_FEE_ATOMS,
    FIELD_SIZE_LOTS,
    POSITION_UPDATE_MODE_ABSOLUTE,
    POSITION_UPDATE_MODE_DELTA,
    REJECT_REASON_UNKNOWN_ENUM,
)
from riskengine.core.base.column cimport Column, borrow
from riskengine.core.base.refusal cimport Refusal
from riskengine.core.books.books cimport Asset, Parameters
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
    note_row,
    refuse_column,
    refuse_optional_column,
    refuse_rows,
    refuse_tick,
    refuse_whole,
    start,
)
from riskengine.core.commands.judgement cimport touch_marked
from riskengine.core.commands.rows cimport (
    apply_close,
    apply_deposit,
    apply_mark,
    apply_position_update,
    apply_report,
    apply_withdrawal,
)
from riskengine.core.commands.setup_rows cimport (
    apply_asset,
    apply_fund,
    apply_fund_deposit,
    apply_market,
    apply_parameters,
)
from riskengine.core.commands.state cimport state_of_books
from riskengine.core.commands.trade_batch cimport TradeColumns, apply_trades
from riskengine.core.commands.trade_guards cimport PositionUpdate
from riskengine.core.face.outcome cimport outcome_view
from riskengine.core.face.parse cimport parse_market, parse_symbol
from riskengine.core.face.questions cimport ReadOnlyEngine

cdef enum:
    RELEASE_ROWS = 256  # fewer take less time than it takes to get the GIL back


cdef class Engine(ReadOnlyEngine):
    cdef object done(self, Progress& progress):
        end_command(self.state, progress)
        return outcome_view(self.state.desk, progress)

    def create_asset(self, int64_t time_nanos, int64_t asset_id, str symbol, int64_t exponent):
        cdef Progress progress
        cdef Refusal refusal
        cdef Asset asset
        memset(&asset, 0, sizeof(asset))
        parse_symbol(symbol, asset.symbol)
        asset.asset_id = asset_id
        asset.exponent = exponent
        if start(self.state.desk, progress, time_nanos):
            note_row(progress, 0, apply_asset(self.state.desk.books, &asset, &refusal), &refusal)
        return self.done(progress)

    def create_fund(self, int64_t time_nanos, int64_t fund_id, int64_t asset_id):
        cdef Progress progress
        cdef Refusal refusal
        if start(self.state.desk, progress, time_nanos):
            note_row(
                progress, 0, apply_fund(self.state.desk, fund_id, asset_id, &refusal), &refusal
            )
        return self.done(progress)

    def set_market(self, int64_t time_nanos, object parameters):
        cdef Progress progress
        cdef Refusal refusal
        cdef MarketRules rules
        parse_market(parameters, &rules)
        if start(self.state.desk, progress, time_nanos):
            note_row(progress, 0, apply_market(self.state, &rules, &refusal), &refusal)
        return self.done(progress)

    def set_risk_parameters(self, int64_t time_nanos, object parameters):
        cdef Progress progress
        cdef Refusal refusal
        cdef Parameters wanted
        wanted.margin_call_ppm = parameters.margin_call_ppm
        wanted.liquidation_buffer_ppm = parameters.liquidation_buffer_ppm
        wanted.take_over_ppm = parameters.take_over_ppm
        if start(self.state.desk, progress, time_nanos):
            note_row(progress, 0, apply_parameters(self.state.desk, &wanted, &refusal), &refusal)
        return self.done(progress)

    def fund_deposit(self, int64_t time_nanos, int64_t fund_id, int64_t amount_atoms):
        cdef Progress progress
        cdef Refusal refusal
        if start(self.state.desk, progress, time_nanos):
            note_row(
                progress,
                0,
                apply_fund_deposit(self.state.desk, fund_id, amount_atoms, &refusal),
                &refusal,
            )
        return self.done(progress)

    def withdraw(
        self, int64_t time_nanos, int64_t account_id, int64_t asset_id, int64_t amount_atoms
    ):
        cdef Progress progress
        cdef Refusal refusal
        if start(self.state.desk, progress, time_nanos):
            note_row(
                progress,
                0,
                apply_withdrawal(self.state.desk, account_id, asset_id, amount_atoms, &refusal),
                &refusal,
            )
        return self.done(progress)

    def close_account(self, int64_t time_nanos, int64_t account_id):
        cdef Progress progress
        cdef Refusal refusal
        if start(self.state.desk, progress, time_nanos):
            note_row(progress, 0, apply_close(self.state.desk, account_id, &refusal), &refusal)
        return self.done(progress)

    def deposits(self, int64_t time_nanos, object account_id, object asset_id, object amount_atoms):
        cdef Progress progress
        cdef Refusal refusal
        cdef Column accounts, assets, amounts
        cdef int64_t row
        cdef bint applied
        borrow(accounts, account_id, "account_id")
        borrow(assets, asset_id, "asset_id")
        borrow(amounts, amount_atoms, "amount_atoms")
        if start(self.state.desk, progress, time_nanos) and not (
            refuse_column(progress, FIELD_ASSET_ID, assets.rows(), accounts.rows())
            or refuse_column(progress, FIELD_AMOUNT_ATOMS, amounts.rows(), accounts.rows())
            or refuse_rows(progress, FIELD_ACCOUNT_ID, accounts.rows())
        ):
            for row in range(accounts.rows()):
                applied = apply_deposit(
                    self.state.desk, accounts[row], assets[row], amounts[row], &refusal
                )
                note_row(progress, row, applied, &refusal)
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
    ):
        cdef Progress progress
        cdef TradeColumns columns
        cdef Column markets, buyers, sellers, prices, sizes, buyer_fees, seller_fees, liquidations
        cdef int64_t rows
        borrow(markets, market_id, "market_id")
        borrow(buyers, buyer_account_id, "buyer_account_id")
        borrow(sellers, seller_account_id, "seller_account_id")
        borrow(prices, price_ticks, "price_ticks")
        borrow(sizes, size_lots, "size_lots")
        borrow(buyer_fees, buyer_fee_atoms, "buyer_fee_atoms")
        borrow(seller_fees, seller_fee_atoms, "seller_fee_atoms")
        borrow(liquidations, liquidation_id, "liquidation_id")
        rows = markets.rows()
        if start(self.state.desk, progress, time_nanos) and not (
            refuse_column(progress, FIELD_BUYER_ACCOUNT_ID, buyers.rows(), rows)
            or refuse_column(progress, FIELD_SELLER_ACCOUNT_ID, sellers.rows(), rows)
            or refuse_column(progress, FIELD_PRICE_TICKS, prices.rows(), rows)
            or refuse_column(progress, FIELD_SIZE_LOTS, sizes.rows(), rows)
            or refuse_optional_column(progress, FIELD_BUYER_FEE_ATOMS, buyer_fees.rows(), rows)
            or refuse_optional_column(progress, FIELD_SELLER_FEE_ATOMS, seller_fees.rows(), rows)
            or refuse_optional_column(progress, FIELD_LIQUIDATION_ID, liquidations.rows(), rows)
            or refuse_rows(progress, FIELD_MARKET_ID, rows)
        ):
            columns.rows = rows
            columns.market_id = markets.data()
            columns.buyer_account_id = buyers.data()
            columns.seller_account_id = sellers.data()
            columns.price_ticks = prices.data()
            columns.size_lots = sizes.data()
            columns.buyer_fee_atoms = buyer_fees.data() if buyer_fees.rows() else NULL
            columns.seller_fee_atoms = seller_fees.data() if seller_fees.rows() else NULL
            columns.liquidation_id = liquidations.data() if liquidations.rows() else NULL
            if rows < RELEASE_ROWS:
                apply_trades(self.state.desk, self.state.index, progress, &columns)
            else:
                with nogil:
                    apply_trades(self.state.desk, self.state.index, progress, &columns)
                    end_command(self.state, progress)
                return outcome_view(self.state.desk, progress)
        return self.done(progress)

    def position_updates(
        self,
        int64_t time_nanos,
        int32_t mode,
        object account_id,
        object market_id,
        object size_lots,
        object price_ticks,
    ):
        cdef Progress progress
        cdef Refusal refusal
        cdef PositionUpdate update
        cdef Column accounts, markets, sizes, prices
        cdef int64_t row
        cdef bint applied
        borrow(accounts, account_id, "account_id")
        borrow(markets, market_id, "market_id")
        borrow(sizes, size_lots, "size_lots")
        borrow(prices, price_ticks, "price_ticks")
        if start(self.state.desk, progress, time_nanos) and not (
            refuse_column(progress, FIELD_MARKET_ID, markets.rows(), accounts.rows())
            or refuse_column(progress, FIELD_SIZE_LOTS, sizes.rows(), accounts.rows())
            or refuse_column(progress, FIELD_PRICE_TICKS, prices.rows(), accounts.rows())
            or refuse_rows(progress, FIELD_ACCOUNT_ID, accounts.rows())
        ):
            if mode not in (POSITION_UPDATE_MODE_DELTA, POSITION_UPDATE_MODE_ABSOLUTE):
                refuse_whole(progress, REJECT_REASON_UNKNOWN_ENUM, FIELD_MODE, mode, 0)
                return self.done(progress)
            update.is_absolute = mode == POSITION_UPDATE_MODE_ABSOLUTE
            for row in range(accounts.rows()):
                update.account_id = accounts[row]
                update.market_id = markets[row]
                update.size_lots = sizes[row]
                update.price_ticks = prices[row]
                applied = apply_position_update(self.state.desk, &update, &refusal)
                note_row(progress, row, applied, &refusal)
        return self.done(progress)

    def mark_prices(self, int64_t time_nanos, object market_id, object mark_price_ticks):
        cdef Progress progress
        cdef Refusal refusal
        cdef Column markets, prices
        cdef int64_t row
        cdef bint applied
        borrow(markets, market_id, "market_id")
        borrow(prices, mark_price_ticks, "mark_price_ticks")
        if start(self.state.desk, progress, time_nanos) and not (
            refuse_column(progress, FIELD_MARK_PRICE_TICKS, prices.rows(), markets.rows())
            or refuse_rows(progress, FIELD_MARKET_ID, markets.rows())
        ):
            for row in range(markets.rows()):
                applied = apply_mark(self.state.desk, markets[row], prices[row], &refusal)
                note_row(progress, row, applied, &refusal)
            touch_marked(self.state.desk, self.state.index)
        return self.done(progress)

    def liquidation_reports(self, int64_t time_nanos, object liquidation_id):
        cdef Progress progress
        cdef Refusal refusal
        cdef Column liquidations
        cdef int64_t row
        cdef bint applied
        borrow(liquidations, liquidation_id, "liquidation_id")
        if start(self.state.desk, progress, time_nanos) and not refuse_rows(
            progress, FIELD_LIQUIDATION_ID, liquidations.rows()
        ):
            for row in range(liquidations.rows()):
                applied = apply_report(self.state.desk, liquidations[row], &refusal)
                note_row(progress, row, applied, &refusal)
        return self.done(progress)

    def tick(self, int64_t time_nanos):
        cdef Progress progress
        cdef Refusal refusal
        if start(
            self.state.desk, progress, time_nanos
        ) and not refuse_tick(self.state.desk.books, progress):
            note_row(progress, 0, True, &refusal)
        return self.done(progress)

    def fork(self):
        cdef Engine copy = Engine(full_scan=self.state.index.full_scan)
        state_of_books(copy.state, self.state.desk.books)
        copy.state.desk.totals = self.state.desk.totals
        return copy


def bounds():
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
