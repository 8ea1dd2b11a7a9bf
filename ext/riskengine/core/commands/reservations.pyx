"""Withdrawals in two phases: reserved, then confirmed or cancelled (MN-1 to MN-5)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.codes cimport (
    FIELD_ACCOUNT_ID,
    FIELD_AMOUNT_ATOMS,
    FIELD_ASSET_ID,
    FIELD_RESERVATION_ID,
    REJECT_REASON_ALREADY_EXISTS,
    REJECT_REASON_CAPACITY,
    REJECT_REASON_OVERFLOW,
    REJECT_REASON_UNKNOWN_RESERVATION,
)
from riskengine.core.base.refusal cimport Refusal, refuse, refuse_in_detail, refuse_outside
from riskengine.core.books.books cimport Books
from riskengine.core.books.desk cimport Desk, touch
from riskengine.core.books.limits cimport MAX_BALANCE_ATOMS, MAX_ID, MAX_RESERVED_ATOMS
from riskengine.core.books.reservations cimport (
    add_reservation,
    count_reservations,
    find_reservation,
    remove_reservation,
    reserved_of,
)
from riskengine.core.commands.frame cimport (
    Progress,
    accept_row,
    refuse_column,
    refuse_row,
    refuse_rows,
)
from riskengine.core.commands.money cimport (
    move_money,
    refuse_named,
    refuse_payment,
    refuse_receipt,
)
from riskengine.core.losses.gate cimport Gates


cdef bint refuse_new_number(
    Books& books, int32_t account, int64_t reservation_id, Refusal* refusal
) noexcept nogil:
    """Refuse a number that none can have, or one has, and one reservation too many (MN-2)."""
    cdef int64_t most = books.parameters.max_reservations
    if refuse_outside(refusal, FIELD_RESERVATION_ID, reservation_id, 1, MAX_ID):
        return True
    if find_reservation(books, account, reservation_id) >= 0:
        return refuse_in_detail(
            refusal,
            REJECT_REASON_ALREADY_EXISTS,
            FIELD_RESERVATION_ID,
            reservation_id,
            0,
            books.accounts[account].account_id,
        )
    return count_reservations(books, account) >= most and refuse(
        refusal, REJECT_REASON_CAPACITY, FIELD_RESERVATION_ID, reservation_id, most
    )


cdef bint refuse_reserved(
    Books& books, int32_t account, int64_t amount_atoms, Refusal* refusal
) noexcept nogil:
    """Refuse an amount that takes what is reserved of the account past its bound (MN-2)."""
    return reserved_of(books, account) > MAX_RESERVED_ATOMS - amount_atoms and refuse(
        refusal, REJECT_REASON_OVERFLOW, FIELD_AMOUNT_ATOMS, amount_atoms, MAX_RESERVED_ATOMS
    )


cdef void apply_reserve(
    Desk& desk, Progress& progress, const NamedReservation* asked
) noexcept nogil:
    """Withdraw what is withdrawable, and keep it for a payment that is not made yet (MN-2)."""
    cdef Refusal refusal
    cdef Gates gates
    cdef int32_t account
    if (
        refuse_named(desk.books, asked.name, &account, &refusal)
        or refuse_new_number(desk.books, account, asked.reservation_id, &refusal)
        or refuse_payment(desk.books, account, asked.amount_atoms, gates, &refusal)
        or refuse_reserved(desk.books, account, asked.amount_atoms, &refusal)
    ):
        refuse_row(progress, 0, &refusal)
        return
    move_money(desk, account, -asked.amount_atoms)
    add_reservation(desk.books, account, asked.reservation_id, asked.amount_atoms)
    touch(desk, account)
    accept_row(progress)


cdef bint refuse_reservation(
    Books& books,
    const NamedReservation* asked,
    int32_t* account,
    int32_t* reservation,
    Refusal* refusal,
) noexcept nogil:
    """Refuse a reservation that there is not; else set its account's index and its own."""
    if refuse_named(books, asked.name, account, refusal):
        return True
    reservation[0] = find_reservation(books, account[0], asked.reservation_id)
    return reservation[0] < 0 and refuse(
        refusal,
        REJECT_REASON_UNKNOWN_RESERVATION,
        FIELD_RESERVATION_ID,
        asked.reservation_id,
        0,
    )


cdef void apply_confirm(
    Desk& desk, Progress& progress, const NamedReservation* asked
) noexcept nogil:
    """Take note that what was reserved is paid out; nobody else is concerned (MN-3)."""
    cdef Refusal refusal
    cdef int32_t account, reservation
    if refuse_reservation(desk.books, asked, &account, &reservation, &refusal):
        refuse_row(progress, 0, &refusal)
        return
    remove_reservation(desk.books, reservation)
    accept_row(progress)


cdef void apply_cancel(
    Desk& desk, Progress& progress, const NamedReservation* asked
) noexcept nogil:
    """Pay what was reserved in again, as a deposit (MN-4)."""
    cdef Refusal refusal
    cdef int64_t amount_atoms
    cdef int32_t account, reservation
    if refuse_reservation(desk.books, asked, &account, &reservation, &refusal):
        refuse_row(progress, 0, &refusal)
        return
    amount_atoms = desk.books.reservations[reservation].amount_atoms
    if refuse_receipt(desk, account, amount_atoms, &refusal):
        refuse_row(progress, 0, &refusal)
        return
    remove_reservation(desk.books, reservation)
    move_money(desk, account, amount_atoms)
    touch(desk, account)
    accept_row(progress)


cdef bint refuse_loaded_reservation(
    Books& books, const NamedReservation* loaded, int32_t* account, Refusal* refusal
) noexcept nogil:
    """Refuse a reservation that could not stand here; else set its account's index (MN-5)."""
    return (
        refuse_named(books, loaded.name, account, refusal)
        or refuse_new_number(books, account[0], loaded.reservation_id, refusal)
        or refuse_outside(
            refusal, FIELD_AMOUNT_ATOMS, loaded.amount_atoms, 1, MAX_BALANCE_ATOMS
        )
        or refuse_reserved(books, account[0], loaded.amount_atoms, refusal)
    )


cdef void apply_load_reservations(
    Desk& desk, Progress& progress, const LoadReservationColumns& columns
) noexcept nogil:
    """Load reservation by reservation; what they are of is no balance already (MN-5, CM-3)."""
    cdef NamedReservation loaded
    cdef Refusal refusal
    cdef int64_t rows = columns.account_id.rows()
    cdef int64_t row
    cdef int32_t account
    if (
        refuse_column(progress, FIELD_ASSET_ID, columns.asset_id, rows)
        or refuse_column(progress, FIELD_RESERVATION_ID, columns.reservation_id, rows)
        or refuse_column(progress, FIELD_AMOUNT_ATOMS, columns.amount_atoms, rows)
        or refuse_rows(progress, FIELD_ACCOUNT_ID, rows)
    ):
        return
    loaded.name.isolated_market_id = 0
    for row in range(rows):
        loaded.name.account_id = columns.account_id[row]
        loaded.name.asset_id = columns.asset_id[row]
        loaded.reservation_id = columns.reservation_id[row]
        loaded.amount_atoms = columns.amount_atoms[row]
        if refuse_loaded_reservation(desk.books, &loaded, &account, &refusal):
            refuse_row(progress, row, &refusal)
        else:
            add_reservation(
                desk.books, account, loaded.reservation_id, loaded.amount_atoms
            )
            accept_row(progress)
