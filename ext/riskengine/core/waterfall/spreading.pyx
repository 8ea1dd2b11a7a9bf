"""Spreading of debts over gains: who is asked for what, and how far it has come (FD-13).

Gains are those of the instant at which it begins, whenever an account is looked at. What each of
them pays and each debtor gets is decided at once; then it is booked and told, account by account,
and the work can pause before each.
"""

from libc.stddef cimport size_t
from libc.stdint cimport int8_t, int32_t, int64_t
from libcpp.vector cimport vector

from riskengine.core.base.codes cimport EVENT_KIND_LOSS_SPREAD
from riskengine.core.base.fixedpoint cimport int128_t
from riskengine.core.books.books cimport Debtor
from riskengine.core.books.desk cimport (
    DIVIDED_BITS,
    Desk,
    add_balance,
    take_part_of_unit,
    take_unit,
    take_units,
    touch,
)
from riskengine.core.books.limits cimport MOST_SHARED_ATOMS
from riskengine.core.events.event cimport Event
from riskengine.core.losses.exact_parts cimport exact_parts_by_id
from riskengine.core.losses.spread cimport (
    Gain,
    add_gain,
    may_gain,
    shares_of_gains,
    sort_gains,
)
from riskengine.core.margin.emit cimport add_risk, emit
from riskengine.core.waterfall.debts cimport (
    end_debt,
    forget_ended_debts,
    is_due,
    tell_debt,
    wait_again,
)

cdef int64_t least_of_three(int128_t debts, int128_t gains, int64_t most) noexcept nogil:
    """Return the least of two sums and the most that is spread at once."""
    cdef int128_t whole = debts if debts < gains else gains
    return <int64_t>whole if whole < most else most


cdef void clear_asset(Spreading& spreading) noexcept nogil:
    """Forget what was divided in the asset before."""
    spreading.parts.clear()
    spreading.due.clear()
    spreading.debts_parts.clear()
    spreading.taken = 0
    spreading.given = 0


cdef bint begin_spreading(Desk& desk, Spreading& spreading) noexcept nogil:
    """Find the assets in which debts are due; return whether there are any (FD-13)."""
    cdef size_t i
    cdef bint is_any = False
    desk.running.are_debts_due = False
    spreading.is_asked.clear()
    spreading.is_asked.resize(desk.books.assets.size(), <int8_t>0)
    for i in range(desk.books.debtors.size()):
        if is_due(desk, &desk.books.debtors[i]):
            spreading.is_asked[desk.books.accounts[desk.books.debtors[i].account].asset] = 1
            is_any = True
    if is_any:
        spreading.accounts = desk.books.accounts.size()
        spreading.looked_at = 0
        spreading.traders = 0
        spreading.is_listed = False
        spreading.gains.clear()
        spreading.next_asset = 0
        spreading.end = 0
        clear_asset(spreading)
    return is_any


cdef bint list_gains(Desk& desk, Spreading& spreading) noexcept nogil:
    """List the gains of all who may have one, HOLDERS_A_UNIT for a unit (FD-13).

    Return whether that is done, and the units are spent of dividing debts among them (WK-1).
    """
    cdef int32_t account
    while spreading.looked_at < spreading.accounts:
        account = <int32_t>spreading.looked_at
        if may_gain(desk.books, account, spreading.is_asked):
            if not take_part_of_unit(desk, spreading.traders):
                return False
            add_gain(desk, account, spreading.gains)
            spreading.traders += 1
        spreading.looked_at += 1
    if not take_units(desk, <int64_t>(spreading.gains.size() >> DIVIDED_BITS)):
        return False
    sort_gains(spreading.gains)
    return True


cdef void divide(Desk& desk, Spreading& spreading, int32_t asset) noexcept nogil:
    """Divide the debts of an asset that are due over its gains, as far as these go (FD-13).

    Sums have 128 bits, weights 64: so that their product fits, no more than 2^61 atoms are spread
    at once, which is twice what an account can owe; what is beyond waits again.
    """
    cdef vector[int64_t] debts
    cdef vector[int64_t] ids
    cdef int128_t total_debts = 0
    cdef int128_t total_gains = 0
    cdef int64_t whole, debt
    cdef int32_t account
    cdef size_t i
    for i in range(desk.books.debtors.size()):
        account = desk.books.debtors[i].account
        debt = -desk.books.accounts[account].balance_atoms
        if (
            desk.books.accounts[account].asset == asset
            and is_due(desk, &desk.books.debtors[i])
            and debt > 0  # no deposit has come in between
        ):
            spreading.due.push_back(i)
            debts.push_back(debt)
            ids.push_back(desk.books.accounts[account].account_id)
            total_debts += debt
    for i in range(spreading.begin, spreading.end):
        total_gains += spreading.gains[i].gain_atoms
    whole = least_of_three(total_debts, total_gains, MOST_SHARED_ATOMS)
    desk.totals.assets[asset].spread_atoms += whole
    desk.running.held_asset = asset
    spreading.parts = shares_of_gains(spreading.gains, spreading.begin, spreading.end, whole)
    spreading.debts_parts = exact_parts_by_id(debts, ids, whole)


cdef bint divide_next(Desk& desk, Spreading& spreading) noexcept nogil:
    """Divide the debts of the next asset that are due; return whether there is such an asset."""
    cdef int32_t asset = spreading.next_asset
    clear_asset(spreading)
    if <size_t>asset >= spreading.is_asked.size():
        return False
    spreading.next_asset += 1
    spreading.begin = spreading.end
    while (
        spreading.end < spreading.gains.size() and spreading.gains[spreading.end].asset == asset
    ):
        spreading.end += 1
    if spreading.is_asked[asset]:
        divide(desk, spreading, asset)
    return True


cdef bint take_gains(Desk& desk, Spreading& spreading) noexcept nogil:
    """Have each gain pay its part, for a unit, and tell it; return whether all have (FD-13)."""
    cdef const Gain* gain
    cdef Event* event
    cdef int64_t part
    while spreading.taken < spreading.parts.size():
        part = spreading.parts[spreading.taken]
        gain = &spreading.gains[spreading.begin + spreading.taken]
        if part > 0:
            if not take_unit(desk):
                return False
            add_balance(desk, gain.account, -part)
            desk.running.held_atoms += part
            touch(desk, gain.account)
            event = emit(desk, EVENT_KIND_LOSS_SPREAD, gain.account)
            event.amount_atoms = part
            add_risk(event, gain.risk)
        spreading.taken += 1
    return True


cdef bint give_to_debtors(Desk& desk, Spreading& spreading) noexcept nogil:
    """Give each debtor its part, for a unit; what is left of a debt is told, and waits again.

    A deposit may have come in between: then less is left. Return whether all have theirs (FD-13).
    """
    cdef Debtor* debtor
    cdef int64_t part, left
    while spreading.given < spreading.due.size():
        if not take_unit(desk):
            return False
        debtor = &desk.books.debtors[spreading.due[spreading.given]]
        part = spreading.debts_parts[spreading.given]
        if part > 0:
            add_balance(desk, debtor.account, part)
            desk.running.held_atoms -= part
        left = -desk.books.accounts[debtor.account].balance_atoms
        if left <= 0:
            end_debt(desk, debtor.account)
        else:
            tell_debt(desk, debtor.account, left)
            wait_again(desk.books, debtor)
        spreading.given += 1
    return True


cdef bint spread_debts(Desk& desk, Spreading& spreading) noexcept nogil:
    """Spread what is left of the debts that are due, asset by asset; return whether that is done.

    Rule FD-13.
    """
    if not spreading.is_listed and not list_gains(desk, spreading):
        return False
    spreading.is_listed = True
    while True:
        if not take_gains(desk, spreading) or not give_to_debtors(desk, spreading):
            return False
        if not divide_next(desk, spreading):
            forget_ended_debts(desk)
            return True
