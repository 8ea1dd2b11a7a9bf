"""Deposits, withdrawals and closing of accounts (GD-9 to GD-11)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.codes cimport (
    FIELD_ACCOUNT_ID,
    FIELD_AMOUNT_ATOMS,
    FIELD_ASSET_ID,
    FIELD_ISOLATED_MARKET_ID,
    REJECT_REASON_ACCOUNT_IN_LIQUIDATION,
    REJECT_REASON_HAS_BALANCE,
    REJECT_REASON_HAS_POSITIONS,
    REJECT_REASON_HAS_RESERVATIONS,
    REJECT_REASON_LOSS_UNALLOCATED,
    REJECT_REASON_NOT_WITHDRAWABLE,
    REJECT_REASON_OVERFLOW,
)
from riskengine.core.base.fixedpoint cimport greatest, least, magnitude
from riskengine.core.base.refusal cimport Refusal, refuse, refuse_in_detail, refuse_outside
from riskengine.core.books.booking cimport balance_fits
from riskengine.core.books.books cimport (
    CROSS,
    FUND,
    TRADER,
    Account,
    AccountName,
    Books,
    Leg,
    find_account,
    is_in_liquidation,
    is_loading,
)
from riskengine.core.books.desk cimport Desk, add_account, add_balance, remove_account, touch
from riskengine.core.books.limits cimport MAX_BALANCE_ATOMS, MAX_ID, MAX_NET_DEPOSITS_ATOMS
from riskengine.core.books.reservations cimport count_reservations, first_reservation
from riskengine.core.commands.frame cimport (
    Progress,
    accept_row,
    optional,
    refuse_column,
    refuse_optional_column,
    refuse_row,
    refuse_rows,
    refuse_venue_columns,
)
from riskengine.core.commands.guards cimport (
    refuse_account,
    refuse_asset,
    refuse_crowd,
    refuse_isolated,
    refuse_party,
)
from riskengine.core.commands.passes cimport is_at_rest, look_before_deposit, note_deposit
from riskengine.core.commands.state cimport State
from riskengine.core.losses.gate cimport Gates, is_gate_closed
from riskengine.core.margin.assess cimport assess
from riskengine.core.margin.model cimport Risk
from riskengine.core.margin.value cimport leg_value
from riskengine.core.margin.what_if cimport withdrawable


cdef bint refuse_amount(Refusal* refusal, int64_t amount_atoms) noexcept nogil:
    """Refuse an amount that no account may hold (BD-6)."""
    return refuse_outside(refusal, FIELD_AMOUNT_ATOMS, amount_atoms, 1, MAX_BALANCE_ATOMS)


cdef bint refuse_net_deposits(
    Books& books, int32_t account, int64_t amount_atoms, int64_t change_atoms, Refusal* refusal
) noexcept nogil:
    """Refuse an amount that takes the account's net deposits out of their bounds (BD-12)."""
    cdef int64_t after = books.accounts[account].net_deposits_atoms + change_atoms
    return magnitude(after) > MAX_NET_DEPOSITS_ATOMS and refuse(
        refusal, REJECT_REASON_OVERFLOW, FIELD_AMOUNT_ATOMS, amount_atoms, MAX_NET_DEPOSITS_ATOMS
    )


cdef int64_t gains_to_book(Desk& desk, int32_t account) noexcept nogil:
    """Return what closes of the account's legs may add to its balance while work is pending.

    They are at the mark, and were decided with the balance as it stood. Rules BD-6, WK-4.
    """
    cdef const Leg* leg
    cdef int64_t gains = 0
    cdef int32_t index = desk.books.accounts[account].first_leg
    if not desk.running.is_pending:
        return 0
    while index >= 0:
        leg = &desk.books.legs[index]
        gains += greatest(0, leg_value(&desk.books.markets[leg.market], leg))
        index = leg.next_leg
    return gains


cdef bint refuse_receipt(
    Desk& desk, int32_t account, int64_t amount_atoms, Refusal* refusal
) noexcept nogil:
    """Refuse to pay in what takes the account past its bounds (GD-9)."""
    if not balance_fits(desk.books, account, amount_atoms + gains_to_book(desk, account)):
        return refuse(
            refusal, REJECT_REASON_OVERFLOW, FIELD_AMOUNT_ATOMS, amount_atoms, MAX_BALANCE_ATOMS
        )
    return refuse_net_deposits(desk.books, account, amount_atoms, amount_atoms, refusal)


cdef bint refuse_deposit(
    Desk& desk,
    const AccountName& name,
    int64_t amount_atoms,
    int32_t* asset,
    int32_t* account,
    Refusal* refusal,
) noexcept nogil:
    """Refuse money that cannot be held; else set asset and account, which is -1 when it is new.

    Rule GD-9.
    """
    if (
        refuse_outside(refusal, FIELD_ACCOUNT_ID, name.account_id, 1, MAX_ID)
        or refuse_asset(desk.books, name.asset_id, asset, refusal)
        or refuse_isolated(name.isolated_market_id, refusal)
        or refuse_amount(refusal, amount_atoms)
    ):
        return True
    account[0] = find_account(desk.books, name.account_id, asset[0], CROSS)
    if account[0] < 0:
        return refuse_crowd(desk.books, name.account_id, refusal)
    return refuse_receipt(desk, account[0], amount_atoms, refusal)


cdef void move_money(Desk& desk, int32_t account, int64_t amount_atoms) noexcept nogil:
    """Pay into the account from outside, or out of it when the amount is negative (GD-9, GD-10)."""
    add_balance(desk, account, amount_atoms)
    desk.books.accounts[account].net_deposits_atoms += amount_atoms
    desk.books.assets[desk.books.accounts[account].asset].net_deposits_atoms += amount_atoms


cdef bint refuse_money_columns(Progress& progress, const MoneyColumns& columns) noexcept nogil:
    """Refuse columns that do not make a batch (CM-2)."""
    cdef int64_t rows = columns.account_id.rows()
    return (
        refuse_column(progress, FIELD_ASSET_ID, columns.asset_id, rows)
        or refuse_column(progress, FIELD_AMOUNT_ATOMS, columns.amount_atoms, rows)
        or refuse_optional_column(
            progress, FIELD_ISOLATED_MARKET_ID, columns.isolated_market_id, rows
        )
        or refuse_venue_columns(progress, columns.venue, rows)
        or refuse_rows(progress, FIELD_ACCOUNT_ID, rows)
    )


cdef AccountName name_in(const MoneyColumns& columns, int64_t row) noexcept nogil:
    """Return the name of the account of a row (ST-12)."""
    cdef AccountName name
    name.account_id = columns.account_id[row]
    name.asset_id = columns.asset_id[row]
    name.isolated_market_id = optional(columns.isolated_market_id, row)
    return name


cdef void apply_deposits(
    State& state, Progress& progress, const MoneyColumns& columns
) noexcept nogil:
    """Pay in row by row, opening accounts that are new, and note what became of each row.

    Also while work is pending. Rules GD-9, CM-3, WK-4.
    """
    cdef Refusal refusal
    cdef int64_t row
    cdef int32_t asset, account
    cdef bint was_at_rest
    cdef AccountName name
    if refuse_money_columns(progress, columns):
        return
    for row in range(columns.account_id.rows()):
        name = name_in(columns, row)
        if refuse_deposit(
            state.desk, name, columns.amount_atoms[row], &asset, &account, &refusal
        ):
            refuse_row(progress, row, &refusal)
            continue
        if account < 0:
            account = add_account(state.desk, name.account_id, asset, TRADER)
        look_before_deposit(state, account)
        was_at_rest = is_at_rest(state, account)
        move_money(state.desk, account, columns.amount_atoms[row])
        note_deposit(state, account, columns.amount_atoms[row], was_at_rest)
        accept_row(progress)


cdef bint refuse_named(
    Books& books, const AccountName& name, int32_t* account, Refusal* refusal
) noexcept nogil:
    """Refuse an account that does not exist or is a fund's; else set its index (GD-23)."""
    cdef int32_t asset
    return (
        refuse_outside(refusal, FIELD_ACCOUNT_ID, name.account_id, 1, MAX_ID)
        or refuse_party(books, FIELD_ACCOUNT_ID, name.account_id, refusal)
        or refuse_asset(books, name.asset_id, &asset, refusal)
        or refuse_isolated(name.isolated_market_id, refusal)
        or refuse_account(books, FIELD_ACCOUNT_ID, name.account_id, asset, account, refusal)
    )


cdef bint refuse_in_liquidation(
    Books& books, int32_t account, Refusal* refusal
) noexcept nogil:
    """Refuse an account that may not act for itself."""
    return is_in_liquidation(&books.accounts[account]) and refuse(
        refusal,
        REJECT_REASON_ACCOUNT_IN_LIQUIDATION,
        FIELD_ACCOUNT_ID,
        books.accounts[account].account_id,
        0,
    )


cdef int64_t paid_in(Books& books, int32_t account) noexcept nogil:
    """Return what of its deposits an account has not withdrawn; it leaves at any time (MG-11)."""
    return greatest(0, books.accounts[account].net_deposits_atoms)


cdef int64_t payable(Desk& desk, int32_t account, Risk risk, Gates& gates) noexcept nogil:
    """Return the most that Withdraw would pay out now (GD-10, WK-4)."""
    cdef const Account* of = &desk.books.accounts[account]
    cdef int64_t highest
    if (
        desk.running.is_pending
        or is_loading(desk.books)
        or of.kind == FUND
        or is_in_liquidation(of)
    ):
        return 0
    highest = least(
        least(withdrawable(desk.books, account, risk), MAX_BALANCE_ATOMS),
        of.net_deposits_atoms + MAX_NET_DEPOSITS_ATOMS,
    )
    if highest <= paid_in(desk.books, account) or not is_gate_closed(
        desk.books, gates, of.asset
    ):
        return highest
    return paid_in(desk.books, account)


cdef bint refuse_gain(
    Books& books, int32_t account, int64_t amount_atoms, Gates& gates, Refusal* refusal
) noexcept nogil:
    """Refuse to pay out more than was paid in while the gate is closed (MG-11)."""
    cdef int32_t asset = books.accounts[account].asset
    return (
        amount_atoms > paid_in(books, account)
        and is_gate_closed(books, gates, asset)
        and refuse_in_detail(
            refusal,
            REJECT_REASON_LOSS_UNALLOCATED,
            FIELD_AMOUNT_ATOMS,
            amount_atoms,
            paid_in(books, account),
            books.assets[asset].asset_id,
        )
    )


cdef bint refuse_not_withdrawable(
    Books& books, int32_t account, int64_t amount_atoms, Refusal* refusal
) noexcept nogil:
    """Refuse to take from an account what its positions want, or anything in liquidation (MG-8)."""
    cdef int64_t highest
    if refuse_in_liquidation(books, account, refusal):
        return True
    highest = withdrawable(books, account, assess(books, account))
    return amount_atoms > highest and refuse(
        refusal, REJECT_REASON_NOT_WITHDRAWABLE, FIELD_AMOUNT_ATOMS, amount_atoms, highest
    )


cdef bint refuse_payment(
    Books& books, int32_t account, int64_t amount_atoms, Gates& gates, Refusal* refusal
) noexcept nogil:
    """Refuse to pay out of an account what is not withdrawable (GD-10)."""
    return (
        refuse_amount(refusal, amount_atoms)
        or refuse_not_withdrawable(books, account, amount_atoms, refusal)
        or refuse_net_deposits(books, account, amount_atoms, -amount_atoms, refusal)
        or refuse_gain(books, account, amount_atoms, gates, refusal)
    )


cdef void apply_withdrawals(
    Desk& desk, Progress& progress, const MoneyColumns& columns
) noexcept nogil:
    """Pay out row by row at most what is withdrawable, and note what became of each row.

    Rules GD-10, CM-3.
    """
    cdef Refusal refusal
    cdef Gates gates
    cdef int64_t row
    cdef int32_t account
    cdef AccountName name
    if refuse_money_columns(progress, columns):
        return
    for row in range(columns.account_id.rows()):
        name = name_in(columns, row)
        if refuse_named(desk.books, name, &account, &refusal) or refuse_payment(
            desk.books, account, columns.amount_atoms[row], gates, &refusal
        ):
            refuse_row(progress, row, &refusal)
            continue
        move_money(desk, account, -columns.amount_atoms[row])
        touch(desk, account)
        accept_row(progress)


cdef bint refuse_close(
    Books& books, const AccountName& name, int32_t* index, Refusal* refusal
) noexcept nogil:
    """Refuse to close an account that holds something; else set its index (GD-11)."""
    cdef const Account* account
    if refuse_named(books, name, index, refusal) or refuse_in_liquidation(
        books, index[0], refusal
    ):
        return True
    account = &books.accounts[index[0]]
    if account.leg_count > 0:
        return refuse(
            refusal, REJECT_REASON_HAS_POSITIONS, FIELD_ACCOUNT_ID, account.leg_count, 0
        )
    if account.balance_atoms != 0:
        return refuse(
            refusal, REJECT_REASON_HAS_BALANCE, FIELD_ACCOUNT_ID, account.balance_atoms, 0
        )
    return first_reservation(books, index[0]) >= 0 and refuse(
        refusal,
        REJECT_REASON_HAS_RESERVATIONS,
        FIELD_ACCOUNT_ID,
        count_reservations(books, index[0]),
        0,
    )


cdef void apply_close(Desk& desk, Progress& progress, const AccountName& name) noexcept nogil:
    """Close an account that holds neither positions nor money (GD-11)."""
    cdef Refusal refusal
    cdef int32_t account
    if refuse_close(desk.books, name, &account, &refusal):
        refuse_row(progress, 0, &refusal)
        return
    remove_account(desk, account)
    accept_row(progress)
