"""Invariants of debts, gates, ended orders, reservations and what is noted of funds."""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t
from libcpp.algorithm cimport binary_search, sort
from libcpp.vector cimport vector

from riskengine.core.base.codes cimport ACCOUNT_STATE_BANKRUPT
from riskengine.core.base.fixedpoint cimport int128_t
from riskengine.core.base.id_map cimport id_map_get
from riskengine.core.books.books cimport DEBT_DUE, NEVER_NOTED, Books, EndedOrder
from riskengine.core.books.fund_window cimport slot_at
from riskengine.core.books.reservations cimport first_reservation
from riskengine.core.losses.gate cimport summed_loss, unallocated_loss
from riskengine.core.waterfall.late_fills cimport ENDED_NUMBERS


cdef struct Waiting:  # for a debt to be due
    int64_t account_id
    int64_t time_nanos
    int32_t asset


cdef bint waits_before(const Waiting& a, const Waiting& b) noexcept nogil:
    """Order by account, then time."""
    if a.account_id != b.account_id:
        return a.account_id < b.account_id
    if a.asset != b.asset:
        return a.asset < b.asset
    return a.time_nanos < b.time_nanos


cdef int assert_debtors(Books& books) except -1:
    """Assert that each listed debtor is one, and has the timer that it waits for (I21, I26)."""
    cdef vector[Waiting] waiting
    cdef Waiting found
    cdef size_t i
    for i in range(books.timers.size()):
        if books.timers[i].kind == DEBT_DUE:
            found.account_id = books.timers[i].subject
            found.asset = books.timers[i].asset
            found.time_nanos = books.timers[i].time_nanos
            waiting.push_back(found)
    sort(waiting.begin(), waiting.end(), &waits_before)
    for i in range(books.debtors.size()):
        assert books.accounts[books.debtors[i].account].state == ACCOUNT_STATE_BANKRUPT, (
            "I21: a listed debtor is one"
        )
        found.account_id = books.accounts[books.debtors[i].account].account_id
        found.asset = books.accounts[books.debtors[i].account].asset
        found.time_nanos = books.debtors[i].due_nanos
        assert found.time_nanos == 0 or binary_search(
            waiting.begin(), waiting.end(), found, &waits_before
        ), "I26: a debt is due by a timer"
    return 0


cdef int assert_gates(Books& books) except -1:
    """Assert that nobody is below zero outside of where losses are summed (I25)."""
    cdef size_t i
    for i in range(books.assets.size()):
        assert unallocated_loss(books, <int32_t>i) == summed_loss(books, <int32_t>i), (
            "I25: the unallocated loss is that of all accounts"
        )
    return 0


cdef int assert_ended_orders(Books& books) except -1:
    """Assert that ended orders are found by their number, and of each what can be filled (I23, I9).
    """
    cdef const EndedOrder* ended
    cdef size_t i
    for i in range(books.ended_orders.size()):
        ended = &books.ended_orders[i]
        assert 0 <= ended.moved_lots <= ended.unfilled_lots, (
            "I9: no more of an ended order is moved than is unfilled"
        )
        assert ended.next_liquidation_id == 0 or (
            ended.liquidation_id < ended.next_liquidation_id <= books.last_liquidation_id
        ), "I9: the order of a further attempt was issued later"
        assert (
            id_map_get(books.directory.ended_index, ended.liquidation_id)
            == (books.directory.first_ended + <int64_t>i) & ENDED_NUMBERS
        ), "I23: a number leads to its ended order"
        assert i == 0 or books.ended_orders[i - 1].end_nanos <= ended.end_nanos, (
            "I9: the order that ended first comes first"
        )
    return 0


cdef int assert_windows(Books& books) except -1:
    """Assert that what was noted of funds is of the window; none is stopped without limit (I26)."""
    cdef size_t i
    assert books.noted_slot in (NEVER_NOTED, slot_at(books.time_nanos)), (
        "I26: the window ends with the last command"
    )
    assert books.fund_windows.size() == books.fund_accounts.size(), "I26: each fund has a window"
    assert books.market_payouts.size() == books.markets.size(), "I26: each market has payouts"
    for i in range(books.fund_windows.size()):
        assert books.fund_windows[i].is_stopped in (0, 1), "I26: a fund is stopped or not"
        assert books.fund_windows[i].is_stopped == 0 or books.parameters.fund_drawdown_ppm > 0, (
            "I26: without a limit no fund is stopped"
        )
        assert books.fund_windows[i].is_stopped or books.fund_windows[i].stop_peak_atoms == 0, (
            "I26: what stopped a fund is kept until it goes on"
        )
    return 0


cdef int64_t listed_reservations(Books& books, int32_t account) except -1:
    """Assert that an account's reservations are its own; return how many they are (I27)."""
    cdef int64_t count = 0
    cdef int64_t slots = <int64_t>books.reservations.size()
    cdef int32_t at = first_reservation(books, account)
    while at != -1:
        assert 0 <= at < slots and count < slots, "I27: a reservation leads to the next one"
        assert books.reservations[at].account == account, "I27: a reservation knows its account"
        count += 1
        at = books.reservations[at].next_reservation
    return count


cdef int assert_reservations(Books& books) except -1:
    """Assert that every reservation is listed on its account, and that assets sum them (I27)."""
    cdef vector[int128_t] reserved_atoms
    cdef int64_t listed = 0
    cdef int64_t taken = 0
    cdef size_t i
    reserved_atoms.resize(books.assets.size(), <int128_t>0)
    for i in range(books.reservations.size()):
        if books.reservations[i].reservation_id != 0:
            taken += 1
            reserved_atoms[books.accounts[books.reservations[i].account].asset] += (
                books.reservations[i].amount_atoms
            )
    for i in range(books.accounts.size()):
        listed += listed_reservations(books, <int32_t>i)
    assert listed == taken, "I27: every reservation is listed"
    assert taken + <int64_t>books.directory.free_reservations.size() == (
        <int64_t>books.reservations.size()
    ), "I10: no slot is lost"
    for i in range(books.assets.size()):
        assert reserved_atoms[i] == books.assets[i].reserved_atoms, (
            "I27: what is reserved is what its asset says"
        )
    return 0
