"""Loaded accounts and positions, as they stood elsewhere (LD-4 to LD-7).

What of an account's deposits is no longer in its balance is carried in by its asset, and the other
side of a position is the market's outside leg: so money is conserved after every row.
"""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.codes cimport (
    FIELD_ACCOUNT_ID,
    FIELD_ASSET_ID,
    FIELD_BALANCE_ATOMS,
    FIELD_COST_ATOMS,
    FIELD_DEBT_MARKET_ID,
    FIELD_MARKET_ID,
    FIELD_NET_DEPOSITS_ATOMS,
    FIELD_SIZE_LOTS,
    REJECT_REASON_ALREADY_EXISTS,
    REJECT_REASON_UNKNOWN_FUND,
    REJECT_REASON_UNKNOWN_MARKET,
)
from riskengine.core.base.id_map cimport id_map_get
from riskengine.core.base.refusal cimport Refusal, refuse, refuse_in_detail, refuse_outside
from riskengine.core.books.booking cimport Booked, set_leg
from riskengine.core.books.books cimport CROSS, TRADER, Books, find_account, find_leg
from riskengine.core.books.desk cimport Desk, add_account, add_balance
from riskengine.core.books.limits cimport (
    FUND_ACCOUNT_BASE,
    MAX_BALANCE_ATOMS,
    MAX_FUND_ID,
    MAX_ID,
    MAX_NOTIONAL_ATOMS,
)
from riskengine.core.books.market cimport Market
from riskengine.core.commands.frame cimport (
    Progress,
    accept_row,
    optional,
    refuse_column,
    refuse_optional_column,
    refuse_row,
    refuse_rows,
)
from riskengine.core.commands.guards cimport (
    find_fund,
    refuse_account,
    refuse_asset,
    refuse_booked,
    refuse_crowd,
    refuse_unmarked,
)


cdef struct LoadedAccount:
    int64_t account_id
    int64_t asset_id
    int64_t stated_atoms  # its balance
    int64_t net_deposits_atoms
    int64_t debt_market_id
    int32_t asset  # dense indices, set by the guard
    int32_t account  # that of a fund; -1 of a trader's, which is new
    int32_t debt_market  # -1 when there is none


cdef struct LoadedPosition:
    int64_t account_id
    int64_t market_id
    int64_t size_lots
    int64_t cost_atoms
    int32_t account  # dense indices, set by the guard
    int32_t market


cdef bint refuse_known(Books& books, const LoadedAccount* loaded, Refusal* refusal) noexcept nogil:
    """Refuse an account that is there already, or a fund that holds anything (LD-4)."""
    cdef int32_t present = find_account(books, loaded.account_id, loaded.asset, CROSS)
    if present < 0:
        return False
    if (
        loaded.account >= 0
        and books.accounts[present].balance_atoms == 0
        and books.accounts[present].first_leg < 0
    ):
        return False
    return refuse_in_detail(
        refusal,
        REJECT_REASON_ALREADY_EXISTS,
        FIELD_ACCOUNT_ID,
        loaded.account_id,
        0,
        loaded.asset_id,
    )


cdef bint refuse_name(Books& books, LoadedAccount* loaded, Refusal* refusal) noexcept nogil:
    """Refuse a name that no account may have, or has already; else set asset and account (LD-4).
    """
    if refuse_outside(
        refusal, FIELD_ACCOUNT_ID, loaded.account_id, 1, FUND_ACCOUNT_BASE + MAX_FUND_ID
    ) or refuse_asset(books, loaded.asset_id, &loaded.asset, refusal):
        return True
    loaded.account = -1
    if loaded.account_id > MAX_ID:
        loaded.account = find_fund(books, loaded.account_id - FUND_ACCOUNT_BASE)
        if loaded.account < 0 or books.accounts[loaded.account].asset != loaded.asset:
            return refuse(
                refusal, REJECT_REASON_UNKNOWN_FUND, FIELD_ACCOUNT_ID, loaded.account_id, 0
            )
    return refuse_known(books, loaded, refusal)


cdef bint refuse_debt_market(Books& books, LoadedAccount* loaded, Refusal* refusal) noexcept nogil:
    """Refuse a debt market of another asset, or any of a fund; else set its index (LD-4)."""
    loaded.debt_market = -1
    if loaded.account >= 0:
        return refuse_outside(refusal, FIELD_DEBT_MARKET_ID, loaded.debt_market_id, 0, 0)
    if loaded.debt_market_id == 0:
        return False
    loaded.debt_market = id_map_get(books.directory.market_index, loaded.debt_market_id)
    return (
        loaded.debt_market < 0
        or books.markets[loaded.debt_market].rules.asset != loaded.asset
    ) and refuse(
        refusal, REJECT_REASON_UNKNOWN_MARKET, FIELD_DEBT_MARKET_ID, loaded.debt_market_id, 0
    )


cdef bint refuse_loaded_account(
    Books& books, LoadedAccount* loaded, Refusal* refusal
) noexcept nogil:
    """Refuse an account that cannot stand as it is stated; else set its indices (LD-4)."""
    if refuse_name(books, loaded, refusal) or refuse_outside(
        refusal,
        FIELD_BALANCE_ATOMS,
        loaded.stated_atoms,
        -MAX_BALANCE_ATOMS,
        MAX_BALANCE_ATOMS,
    ):
        return True
    if loaded.account >= 0 and loaded.stated_atoms == 0:
        return refuse_outside(refusal, FIELD_BALANCE_ATOMS, 0, 1, 1)
    return (
        refuse_outside(
            refusal,
            FIELD_NET_DEPOSITS_ATOMS,
            loaded.net_deposits_atoms,
            -MAX_BALANCE_ATOMS,
            MAX_BALANCE_ATOMS,
        )
        or refuse_debt_market(books, loaded, refusal)
        or (loaded.account < 0 and refuse_crowd(books, loaded.account_id, refusal))
    )


cdef void load_account(Desk& desk, const LoadedAccount* loaded) noexcept nogil:
    """Open the account, if it is a trader's, with its balance; its asset carries the rest (LD-5).
    """
    cdef int32_t account = loaded.account
    if account < 0:
        account = add_account(desk, loaded.account_id, loaded.asset, TRADER)
        desk.books.accounts[account].debt_market = loaded.debt_market
        desk.books.accounts[account].net_deposits_atoms = loaded.net_deposits_atoms
    add_balance(desk, account, loaded.stated_atoms)
    desk.books.assets[loaded.asset].net_deposits_atoms += loaded.net_deposits_atoms
    desk.books.assets[loaded.asset].carried_in_atoms += (
        loaded.net_deposits_atoms - loaded.stated_atoms
    )


cdef bint refuse_account_columns(
    Progress& progress, const LoadAccountColumns& columns
) noexcept nogil:
    """Refuse columns that do not make a batch (CM-2)."""
    cdef int64_t rows = columns.account_id.rows()
    return (
        refuse_column(progress, FIELD_ASSET_ID, columns.asset_id, rows)
        or refuse_column(progress, FIELD_BALANCE_ATOMS, columns.balance_atoms, rows)
        or refuse_optional_column(
            progress, FIELD_NET_DEPOSITS_ATOMS, columns.net_deposits_atoms, rows
        )
        or refuse_optional_column(progress, FIELD_DEBT_MARKET_ID, columns.debt_market_id, rows)
        or refuse_rows(progress, FIELD_ACCOUNT_ID, rows)
    )


cdef void apply_load_accounts(
    Desk& desk, Progress& progress, const LoadAccountColumns& columns
) noexcept nogil:
    """Load account by account, and note what became of each row (LD-4, CM-3)."""
    cdef LoadedAccount loaded
    cdef Refusal refusal
    cdef int64_t row
    if refuse_account_columns(progress, columns):
        return
    for row in range(columns.account_id.rows()):
        loaded.account_id = columns.account_id[row]
        loaded.asset_id = columns.asset_id[row]
        loaded.stated_atoms = columns.balance_atoms[row]
        loaded.net_deposits_atoms = loaded.stated_atoms
        if columns.net_deposits_atoms.rows() > 0:
            loaded.net_deposits_atoms = columns.net_deposits_atoms[row]
        loaded.debt_market_id = optional(columns.debt_market_id, row)
        if refuse_loaded_account(desk.books, &loaded, &refusal):
            refuse_row(progress, row, &refusal)
        else:
            load_account(desk, &loaded)
            accept_row(progress)


cdef bint refuse_loaded_size(
    Books& books, const LoadedPosition* loaded, Refusal* refusal
) noexcept nogil:
    """Refuse a size or a cost that no position may have; a size need not be on its step (LD-6)."""
    cdef int64_t most = books.markets[loaded.market].rules.max_position_lots
    if loaded.size_lots == 0:
        return refuse_outside(refusal, FIELD_SIZE_LOTS, 0, 1, 1)
    return refuse_outside(
        refusal, FIELD_SIZE_LOTS, loaded.size_lots, -most, most
    ) or refuse_outside(
        refusal, FIELD_COST_ATOMS, loaded.cost_atoms, -MAX_NOTIONAL_ATOMS, MAX_NOTIONAL_ATOMS
    )


cdef bint refuse_loaded_position(
    Books& books, LoadedPosition* loaded, Refusal* refusal
) noexcept nogil:
    """Refuse a position that cannot stand as it is stated; else set its indices (LD-6)."""
    cdef Booked booked
    if (
        refuse_unmarked(books, loaded.market_id, &loaded.market, refusal)
        or refuse_account(
            books,
            FIELD_ACCOUNT_ID,
            loaded.account_id,
            books.markets[loaded.market].rules.asset,
            &loaded.account,
            refusal,
        )
        or refuse_loaded_size(books, loaded, refusal)
    ):
        return True
    if find_leg(books, loaded.account, loaded.market) >= 0:
        return refuse_in_detail(
            refusal,
            REJECT_REASON_ALREADY_EXISTS,
            FIELD_MARKET_ID,
            loaded.market_id,
            0,
            loaded.account_id,
        )
    booked.leg = -1
    booked.size_lots = loaded.size_lots
    booked.cost_atoms = loaded.cost_atoms
    booked.balance_change_atoms = 0
    return refuse_booked(
        books,
        loaded.account,
        &books.markets[loaded.market],
        loaded.size_lots,
        0,
        &booked,
        refusal,
    )


cdef void load_position(Desk& desk, const LoadedPosition* loaded) noexcept nogil:
    """Give the account the position, and the outside its other side (LD-7).

    The market to which its debt counts stays, if it has one.
    """
    cdef Market* market = &desk.books.markets[loaded.market]
    cdef int32_t debt_market = desk.books.accounts[loaded.account].debt_market
    set_leg(desk, loaded.account, loaded.market, loaded.size_lots, loaded.cost_atoms)
    if debt_market >= 0:
        desk.books.accounts[loaded.account].debt_market = debt_market
    market.now.outside_lots -= loaded.size_lots
    market.now.outside_cost_atoms -= loaded.cost_atoms


cdef void apply_load_positions(
    Desk& desk, Progress& progress, const LoadPositionColumns& columns
) noexcept nogil:
    """Load position by position, and note what became of each row (LD-6, CM-3)."""
    cdef LoadedPosition loaded
    cdef Refusal refusal
    cdef int64_t rows = columns.account_id.rows()
    cdef int64_t row
    if (
        refuse_column(progress, FIELD_MARKET_ID, columns.market_id, rows)
        or refuse_column(progress, FIELD_SIZE_LOTS, columns.size_lots, rows)
        or refuse_column(progress, FIELD_COST_ATOMS, columns.cost_atoms, rows)
        or refuse_rows(progress, FIELD_ACCOUNT_ID, rows)
    ):
        return
    for row in range(rows):
        loaded.account_id = columns.account_id[row]
        loaded.market_id = columns.market_id[row]
        loaded.size_lots = columns.size_lots[row]
        loaded.cost_atoms = columns.cost_atoms[row]
        if refuse_loaded_position(desk.books, &loaded, &refusal):
            refuse_row(progress, row, &refusal)
        else:
            load_position(desk, &loaded)
            accept_row(progress)
