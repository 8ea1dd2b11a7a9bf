"""Accounts, positions, open liquidation orders and reservations, as messages of columns.

A clone of the process takes the one walk over the books, is told each record, reads it back by the
fields that are carried (books/fields), and writes it as a row into the columns of StateRows (see
state.proto). A message leaves when its columns are full; each has its length before it, as 32 bits.
An account comes whole within one message, its liquidation orders within one or several; behind all
accounts come reservations.
"""

from libc.errno cimport errno
from libc.stddef cimport size_t
from libc.stdint cimport int64_t, uint8_t, uint32_t
from libc.string cimport memcpy
from libcpp cimport bool
from libcpp.algorithm cimport binary_search, sort
from libcpp.vector cimport vector

from riskengine.core.base.codes cimport LIQUIDATION_OUTCOME_UNSPECIFIED
from riskengine.core.base.expect cimport expect
from riskengine.core.base.packed cimport PackedTable, delimited, put_varint, varint_bytes
from riskengine.core.base.words cimport Scratch, Words
from riskengine.core.books.books cimport (
    Account,
    AccountName,
    Leg,
    LiquidationOrder,
    Reservation,
)
from riskengine.core.books.canonical cimport write_books
from riskengine.core.books.fields cimport (
    ACCOUNT_RECORD,
    LEG_RECORD,
    ORDER_RECORD,
    RESERVATION_RECORD,
    carry_account,
    carry_leg,
    carry_name,
    carry_order,
    carry_reservation,
)
from riskengine.core.books.limits cimport MAX_ID, MAX_LEGS_PER_ACCOUNT
from riskengine.core.commands.state cimport State
from riskengine.core.face.clone cimport clone_into, write_all_or_exit

cdef enum:
    ROWS = 4096  # after which a message leaves
    LENGTH_BYTES = 4
    VARINT_BYTES = 10  # at most

cdef enum:  # columns of the tables
    ACCOUNT_COLUMNS = 7
    POSITION_COLUMNS = 4
    LIQUIDATION_COLUMNS = 13
    RESERVATION_COLUMNS = 5
    TABLE_COLUMNS = ACCOUNT_COLUMNS + POSITION_COLUMNS + LIQUIDATION_COLUMNS + RESERVATION_COLUMNS
    KEYS = TABLE_COLUMNS + 5  # each with a length

cdef enum:  # fields of StreamStateResponse and of StateRows
    ROWS_FIELD = 2
    ACCOUNTS_FIELD = 1
    POSITIONS_FIELD = 2
    LIQUIDATIONS_FIELD = 3
    RESERVATIONS_FIELD = 4


cdef cppclass Telling:
    State* state
    int fd
    vector[int64_t] market_ids  # in order; empty: all
    vector[int64_t] account_ids
    Words words  # of the walk
    PackedTable accounts
    PackedTable positions
    PackedTable liquidations
    PackedTable reservations
    Scratch[uint8_t] message
    AccountName name  # of the account to which legs and orders belong
    Account account
    int64_t debt_market_id  # 0: none
    bint is_wanted  # the account's id is
    bint is_told  # it has a row


cdef bint is_among(vector[int64_t]& ids, int64_t wanted) noexcept nogil:
    """Return whether an id is among those that are asked for; all are without any."""
    return ids.empty() or binary_search(ids.begin(), ids.end(), wanted)


cdef bint take_room(Telling* telling) noexcept nogil:
    """Take room for the rows of a message; False when the system had no memory."""
    cdef size_t cells = (
        ROWS * ACCOUNT_COLUMNS
        + (ROWS + MAX_LEGS_PER_ACCOUNT) * POSITION_COLUMNS
        + ROWS * LIQUIDATION_COLUMNS
        + ROWS * RESERVATION_COLUMNS
    )
    return (
        telling.accounts.take(ACCOUNT_COLUMNS, ROWS)
        and telling.positions.take(POSITION_COLUMNS, ROWS + MAX_LEGS_PER_ACCOUNT)
        and telling.liquidations.take(LIQUIDATION_COLUMNS, ROWS)
        and telling.reservations.take(RESERVATION_COLUMNS, ROWS)
        and telling.message.take(LENGTH_BYTES + KEYS * (1 + VARINT_BYTES) + cells * VARINT_BYTES)
    )


cdef void send_rows(Telling* telling) noexcept nogil:
    """Write the rows that there are as a message, its length before it, and begin anew."""
    cdef uint8_t* begin = telling.message.begin()
    cdef uint8_t* at = begin + LENGTH_BYTES
    cdef uint32_t length
    cdef size_t content = (
        telling.accounts.field_bytes()
        + telling.positions.field_bytes()
        + telling.liquidations.field_bytes()
        + telling.reservations.field_bytes()
    )
    if content == 0:
        return
    at[0] = delimited(ROWS_FIELD)
    at = put_varint(at + 1, content)
    at = telling.accounts.write(ACCOUNTS_FIELD, at)
    at = telling.positions.write(POSITIONS_FIELD, at)
    at = telling.liquidations.write(LIQUIDATIONS_FIELD, at)
    at = telling.reservations.write(RESERVATIONS_FIELD, at)
    length = <uint32_t>(at - begin - LENGTH_BYTES)
    expect(length == 1 + varint_bytes(content) + content)
    memcpy(begin, &length, LENGTH_BYTES)
    write_all_or_exit(telling.fd, <const char*>begin, LENGTH_BYTES + length)
    telling.accounts.clear()
    telling.positions.clear()
    telling.liquidations.clear()
    telling.reservations.clear()


cdef void put_name(PackedTable& table, const AccountName& name) noexcept nogil:
    """Put the three cells of an account's name."""
    table.put(name.account_id)
    table.put(name.asset_id)
    table.put(name.isolated_market_id)


cdef void tell_account(Telling* telling) noexcept nogil:
    """Put the row of the account, once."""
    if telling.is_told:
        return
    telling.is_told = True
    put_name(telling.accounts, telling.name)
    telling.accounts.put(telling.account.state)
    telling.accounts.put_signed(telling.account.balance_atoms)
    telling.accounts.put(telling.debt_market_id)
    telling.accounts.put_signed(telling.account.net_deposits_atoms)
    telling.accounts.end_row()


cdef void take_account(Telling* telling, Words& record) noexcept nogil:
    """Read an account; its row is put once something of it is wanted."""
    carry_name(telling.name, record)
    carry_account(telling.account, telling.debt_market_id, record)
    if telling.name.account_id > MAX_ID:
        telling.debt_market_id = 0
    if telling.accounts.rows() >= ROWS or telling.positions.rows() >= ROWS:
        send_rows(telling)
    telling.is_wanted = is_among(telling.account_ids, telling.name.account_id)
    telling.is_told = False
    if telling.is_wanted and telling.market_ids.empty():
        tell_account(telling)


cdef void take_leg(Telling* telling, Words& record) noexcept nogil:
    """Read a leg of the account, and put its row if it is wanted."""
    cdef Leg leg
    cdef int64_t market_id = 0
    carry_leg(leg, market_id, record)
    if not (telling.is_wanted and is_among(telling.market_ids, market_id)):
        return
    tell_account(telling)
    telling.positions.put(<int64_t>telling.accounts.rows() - 1)
    telling.positions.put(market_id)
    telling.positions.put_signed(leg.size_lots)
    telling.positions.put_signed(leg.cost_atoms)
    telling.positions.end_row()


cdef void take_order(Telling* telling, Words& record) noexcept nogil:
    """Read an order of the account's attempt, and put its row if it is open and wanted."""
    cdef LiquidationOrder order
    cdef int64_t market_id = 0
    carry_order(order, market_id, record)
    if order.outcome != LIQUIDATION_OUTCOME_UNSPECIFIED or not (
        telling.is_wanted and is_among(telling.market_ids, market_id)
    ):
        return
    tell_account(telling)
    if telling.liquidations.rows() >= ROWS:
        send_rows(telling)
    telling.liquidations.put(order.liquidation_id)
    put_name(telling.liquidations, telling.name)
    telling.liquidations.put(market_id)
    telling.liquidations.put(order.side)
    telling.liquidations.put(order.size_lots)
    telling.liquidations.put(order.filled_lots)
    telling.liquidations.put(order.limit_price_ticks)
    telling.liquidations.put(order.deadline_nanos)
    telling.liquidations.put(order.sliced)
    telling.liquidations.put(order.attempt)
    telling.liquidations.put(order.cancelling)
    telling.liquidations.end_row()


cdef void take_reservation(Telling* telling, Words& record) noexcept nogil:
    """Read a reservation, and put its row if its account is wanted; it is of no market."""
    cdef Reservation reservation
    cdef AccountName name
    carry_reservation(reservation, name, record)
    if not (telling.market_ids.empty() and is_among(telling.account_ids, name.account_id)):
        return
    if telling.reservations.rows() >= ROWS:
        send_rows(telling)
    put_name(telling.reservations, name)
    telling.reservations.put(reservation.reservation_id)
    telling.reservations.put(reservation.amount_atoms)
    telling.reservations.end_row()


cdef bint is_told_of(int record) noexcept nogil:
    """Return whether rows are made of such records."""
    return record in (ACCOUNT_RECORD, LEG_RECORD, ORDER_RECORD, RESERVATION_RECORD)


cdef void take_record(void* context, int record, const int64_t* words, size_t count) noexcept nogil:
    """Read a record of the walk; those of which no row is made are passed over."""
    cdef Telling* telling = <Telling*>context
    cdef Words read
    if not is_told_of(record):
        return
    read.read_from(words, count)
    if record == ACCOUNT_RECORD:
        take_account(telling, read)
    elif record == LEG_RECORD:
        take_leg(telling, read)
    elif record == ORDER_RECORD:
        take_order(telling, read)
    else:
        take_reservation(telling, read)
    expect(read.left() == 0)


cdef bool write_stream(void* context, int fd) noexcept nogil:
    """Write all messages into the pipe; False without memory for them."""
    cdef Telling* telling = <Telling*>context
    telling.fd = fd
    if not take_room(telling) or not write_books(telling.state.desk.books, telling.words):
        return False
    send_rows(telling)
    return True


cdef void keep_ids(vector[int64_t]& kept, object ids) except *:
    """Keep ids in order."""
    for wanted in ids:
        kept.push_back(wanted)
    sort(kept.begin(), kept.end())


cdef object begin_state_stream(State& state, int fd, object market_ids, object account_ids):
    """Have a clone of this process write rows of the state into a pipe; return its process id.

    Between commands only. Without ids all is told; with some only what is of these markets, and
    these accounts. Raises OSError when there is no clone.
    """
    cdef Telling telling
    cdef int pid
    keep_ids(telling.market_ids, market_ids)
    keep_ids(telling.account_ids, account_ids)
    telling.state = &state
    telling.words.tell_to(&take_record, &telling)
    pid = clone_into(fd, &write_stream, &telling)
    if pid < 0:
        raise OSError(errno, "the process cannot be cloned")
    return pid
