"""Guards that several commands and questions share; each refuses and says why.

They are inline, since those of trades are on the hottest path.
"""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.codes cimport (
    FIELD_ACCOUNT_ID,
    FIELD_ASSET_ID,
    FIELD_ISOLATED_MARKET_ID,
    FIELD_LIQUIDATION_ID,
    FIELD_MARKET_ID,
    FIELD_NONE,
    FIELD_PRICE_TICKS,
    FIELD_SIZE_LOTS,
    FIELD_SYMBOL,
    FIELD_VENUE_MODE,
    REJECT_REASON_ALLOCATION_PENDING,
    REJECT_REASON_CAPACITY,
    REJECT_REASON_INVALID_TEXT,
    REJECT_REASON_LOADING,
    REJECT_REASON_NOT_LOADING,
    REJECT_REASON_NO_MARK_PRICE,
    REJECT_REASON_OVERFLOW,
    REJECT_REASON_UNKNOWN_ACCOUNT,
    REJECT_REASON_UNKNOWN_ASSET,
    REJECT_REASON_UNKNOWN_LIQUIDATION,
    REJECT_REASON_UNKNOWN_MARKET,
    VENUE_MODE_LIVE,
    VENUE_MODE_LOADING,
)
from riskengine.core.base.fixedpoint cimport greatest, magnitude
from riskengine.core.base.id_map cimport id_map_get
from riskengine.core.base.refusal cimport (
    Refusal,
    refuse,
    refuse_in_detail,
    refuse_off_step,
    refuse_outside,
)
from riskengine.core.books.booking cimport Booked, balance_fits
from riskengine.core.books.books cimport (
    CROSS,
    Books,
    find_account,
    find_asset,
    find_leg,
    is_loading,
)
from riskengine.core.books.desk cimport Desk
from riskengine.core.books.limits cimport (
    FUND_ACCOUNT_BASE,
    MAX_ACCOUNTS,
    MAX_BALANCE_ATOMS,
    MAX_FUND_ID,
    MAX_LEGS_PER_ACCOUNT,
    MAX_NOTIONAL_ATOMS,
    MAX_SIDE_TOTAL_LOTS,
    MAX_SYMBOL_LENGTH,
)
from riskengine.core.books.market cimport Market


cdef inline int32_t find_fund(Books& books, int64_t fund_id) noexcept nogil:
    """Return the index of a fund's account, -1 when there is no such fund."""
    if not 1 <= fund_id <= MAX_FUND_ID:
        return -1
    return id_map_get(books.directory.account_index, FUND_ACCOUNT_BASE + fund_id)


cdef inline bint refuse_while_loading(Books& books, Refusal* refusal) noexcept nogil:
    """Refuse what only a live venue can say (LD-1)."""
    return is_loading(books) and refuse(
        refusal, REJECT_REASON_LOADING, FIELD_VENUE_MODE, VENUE_MODE_LOADING, VENUE_MODE_LIVE
    )


cdef inline bint refuse_while_pending(Desk& desk, Refusal* refusal) noexcept nogil:
    """Refuse what can be said only when all that follows from a command is done (WK-4)."""
    return desk.running.is_pending and refuse(
        refusal, REJECT_REASON_ALLOCATION_PENDING, FIELD_NONE, 0, 0
    )


cdef inline bint refuse_while_live(Books& books, Refusal* refusal) noexcept nogil:
    """Refuse what only a venue that is being loaded takes (LD-1)."""
    return not is_loading(books) and refuse(
        refusal, REJECT_REASON_NOT_LOADING, FIELD_VENUE_MODE, VENUE_MODE_LIVE, VENUE_MODE_LOADING
    )


cdef inline bint refuse_symbol(const char* symbol, Refusal* refusal) noexcept nogil:
    """Refuse a symbol that is empty, as `parse_symbol` leaves one that is no symbol (GD-2)."""
    return symbol[0] == 0 and refuse_in_detail(
        refusal, REJECT_REASON_INVALID_TEXT, FIELD_SYMBOL, 0, 0, MAX_SYMBOL_LENGTH
    )


cdef inline bint refuse_asset(
    Books& books, int64_t asset_id, int32_t* asset, Refusal* refusal
) noexcept nogil:
    """Refuse an asset that does not exist; else set its index."""
    asset[0] = find_asset(books, asset_id)
    return asset[0] < 0 and refuse(
        refusal, REJECT_REASON_UNKNOWN_ASSET, FIELD_ASSET_ID, asset_id, 0
    )


cdef inline bint refuse_isolated(int64_t isolated_market_id, Refusal* refusal) noexcept nogil:
    """Refuse to name any but a cross account: there are no others yet (ST-12)."""
    return refuse_outside(refusal, FIELD_ISOLATED_MARKET_ID, isolated_market_id, 0, 0)


cdef inline bint refuse_party(
    Books& books, int32_t field, int64_t account_id, Refusal* refusal
) noexcept nogil:
    """Refuse a party that has no account at all."""
    return id_map_get(books.directory.account_index, account_id) < 0 and refuse(
        refusal, REJECT_REASON_UNKNOWN_ACCOUNT, field, account_id, 0
    )


cdef inline bint refuse_account(
    Books& books,
    int32_t field,
    int64_t account_id,
    int32_t asset,
    int32_t* account,
    Refusal* refusal,
) noexcept nogil:
    """Refuse a party without a cross account of the asset; else set its index (GD-24)."""
    account[0] = find_account(books, account_id, asset, CROSS)
    return account[0] < 0 and refuse_in_detail(
        refusal,
        REJECT_REASON_UNKNOWN_ACCOUNT,
        field,
        account_id,
        0,
        books.assets[asset].asset_id,
    )


cdef inline bint refuse_crowd(
    Books& books, int64_t account_id, Refusal* refusal
) noexcept nogil:
    """Refuse another account than the most that there may be (BD-10)."""
    return (
        books.directory.free_accounts.empty()
        and books.accounts.size() >= MAX_ACCOUNTS
        and refuse(refusal, REJECT_REASON_CAPACITY, FIELD_ACCOUNT_ID, account_id, MAX_ACCOUNTS)
    )


cdef inline bint refuse_market(
    Books& books, int64_t market_id, int32_t* market, Refusal* refusal
) noexcept nogil:
    """Refuse a market that does not exist; else set its index."""
    market[0] = id_map_get(books.directory.market_index, market_id)
    return market[0] < 0 and refuse(
        refusal, REJECT_REASON_UNKNOWN_MARKET, FIELD_MARKET_ID, market_id, 0
    )


cdef inline bint refuse_unmarked(
    Books& books, int64_t market_id, int32_t* market, Refusal* refusal
) noexcept nogil:
    """Refuse a market that does not exist or has no mark; else set its index."""
    if refuse_market(books, market_id, market, refusal):
        return True
    return books.markets[market[0]].now.mark_price_ticks == 0 and refuse(
        refusal, REJECT_REASON_NO_MARK_PRICE, FIELD_MARKET_ID, market_id, 0
    )


cdef inline bint refuse_unknown_liquidation(
    Books& books, int64_t liquidation_id, Refusal* refusal
) noexcept nogil:
    """Refuse a liquidation that was never issued, naming the last one that was."""
    return refuse_in_detail(
        refusal,
        REJECT_REASON_UNKNOWN_LIQUIDATION,
        FIELD_LIQUIDATION_ID,
        liquidation_id,
        0,
        books.last_liquidation_id,
    )


cdef inline bint refuse_size_and_price(
    const Market* market, int64_t size_lots, int64_t price_ticks, Refusal* refusal
) noexcept nogil:
    """Refuse a price or a size of a trade or order outside its bounds, a price off its step.

    Whether a size may be off its step depends on whose it is. Rule GD-12.
    """
    return (
        refuse_outside(refusal, FIELD_PRICE_TICKS, price_ticks, 1, market.rules.max_price_ticks)
        or refuse_off_step(refusal, FIELD_PRICE_TICKS, price_ticks, market.rules.price_step_ticks)
        or refuse_outside(refusal, FIELD_SIZE_LOTS, size_lots, 1, market.rules.max_position_lots)
    )


cdef inline int64_t lots_held(Books& books, int32_t account, int32_t market) noexcept nogil:
    """Return the signed lots that the account has in the market; 0 when it is flat."""
    cdef int32_t leg = find_leg(books, account, market)
    return 0 if leg < 0 else books.legs[leg].size_lots


cdef inline bint refuse_leg(
    Refusal* refusal, int64_t market_id, int64_t account_id
) noexcept nogil:
    """Refuse a position beyond the number that an account may have (BD-5)."""
    return refuse_in_detail(
        refusal,
        REJECT_REASON_CAPACITY,
        FIELD_MARKET_ID,
        market_id,
        MAX_LEGS_PER_ACCOUNT,
        account_id,
    )


cdef inline bint refuse_booked(
    Books& books,
    int32_t account,
    const Market* market,
    int64_t row_lots,
    int64_t row_price_ticks,
    const Booked* booked,
    Refusal* refusal,
) noexcept nogil:
    """Refuse a row after which a position, its cost or its account would pass a bound (GD-14)."""
    if greatest(market.now.long_lots, market.now.short_lots) > MAX_SIDE_TOTAL_LOTS:
        return refuse(
            refusal, REJECT_REASON_OVERFLOW, FIELD_SIZE_LOTS, row_lots, MAX_SIDE_TOTAL_LOTS
        )
    if magnitude(booked.size_lots) > market.rules.max_position_lots:
        return refuse(
            refusal,
            REJECT_REASON_OVERFLOW,
            FIELD_SIZE_LOTS,
            row_lots,
            market.rules.max_position_lots,
        )
    if magnitude(booked.cost_atoms) > MAX_NOTIONAL_ATOMS:
        return refuse(
            refusal, REJECT_REASON_OVERFLOW, FIELD_PRICE_TICKS, row_price_ticks, MAX_NOTIONAL_ATOMS
        )
    if (
        booked.leg < 0
        and booked.size_lots != 0
        and books.accounts[account].leg_count >= MAX_LEGS_PER_ACCOUNT
    ):
        return refuse_leg(
            refusal, market.rules.market_id, books.accounts[account].account_id
        )
    if not balance_fits(books, account, booked.balance_change_atoms):
        return refuse(
            refusal, REJECT_REASON_OVERFLOW, FIELD_PRICE_TICKS, row_price_ticks, MAX_BALANCE_ATOMS
        )
    return False
