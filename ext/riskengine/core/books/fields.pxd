"""What of each struct is carried: hashed, kept and read back, in one order.

Each function writes or reads, as the stream does. An index is carried as the id of what it leads
to, by who knows both.
"""

from libc.stdint cimport int64_t

from riskengine.core.base.words cimport Words
from riskengine.core.books.books cimport (
    Account,
    AccountName,
    Asset,
    Attempt,
    Books,
    EndedOrder,
    FundWindow,
    Debtor,
    Leg,
    LiquidationOrder,
    MarketPayouts,
    Reservation,
    Timer,
)
from riskengine.core.books.desk cimport AssetTotals, EngineTotals, MarketTotals
from riskengine.core.books.market cimport Market


cdef enum Record:  # what is carried together; an account with its name
    HEAD_RECORD
    ASSET_RECORD
    DEBTOR_RECORD
    MARKET_RECORD
    ACCOUNT_RECORD
    LEG_RECORD
    ATTEMPT_RECORD
    ORDER_RECORD
    TIMER_RECORD
    WINDOW_RECORD
    PAYOUTS_RECORD
    ENDED_RECORD
    RESERVATION_RECORD


cdef void carry_head(Books& books, Words& words) noexcept nogil
cdef void carry_name(AccountName& name, Words& words) noexcept nogil
cdef void carry_asset(Asset& asset, Words& words) noexcept nogil
cdef void carry_debtor(Debtor& debtor, AccountName& name, Words& words) noexcept nogil
cdef void carry_market(Market& market, Words& words) noexcept nogil
cdef void carry_account(
    Account& account, int64_t& debt_market_id, Words& words
) noexcept nogil
cdef void carry_window(FundWindow& window, int64_t noted_slot, Words& words) noexcept nogil
cdef void carry_payouts(MarketPayouts& payouts, int64_t noted_slot, Words& words) noexcept nogil
cdef void carry_leg(Leg& leg, int64_t& market_id, Words& words) noexcept nogil
cdef void carry_attempt(Attempt& attempt, Words& words) noexcept nogil
cdef void carry_order(
    LiquidationOrder& order, int64_t& market_id, Words& words
) noexcept nogil
cdef void carry_timer(
    Timer& timer, int64_t& asset_id, int64_t& isolated_market_id, Words& words
) noexcept nogil
cdef void carry_ended(
    EndedOrder& ended, AccountName& name, int64_t& market_id, Words& words
) noexcept nogil
cdef void carry_reservation(
    Reservation& reservation, AccountName& name, Words& words
) noexcept nogil
cdef void carry_engine_totals(EngineTotals& totals, Words& words) noexcept nogil
cdef void carry_asset_totals(AssetTotals& totals, Words& words) noexcept nogil
cdef void carry_market_totals(MarketTotals& totals, Words& words) noexcept nogil
