"""What the holders who close needs pay of their loss, and who gets it (LS-17, LS-18).

A holder pays at most what this command's mark gave the lots that it closes, and only what it has
above its maintenance: nobody is charged for what it had before, and nobody is made liquidatable.
"""

from libc.stddef cimport size_t
from libc.stdint cimport int64_t
from libcpp.vector cimport vector

from riskengine.core.base.fixedpoint cimport greatest, least
from riskengine.core.books.between cimport paid_between
from riskengine.core.books.desk cimport (
    DIVIDED_BITS,
    Desk,
    add_balance,
    take_part_of_unit,
    take_units,
)
from riskengine.core.books.limits cimport MOST_SHARED_ATOMS
from riskengine.core.losses.exact_parts cimport exact_parts, exact_parts_by_id
from riskengine.core.losses.gap cimport moved_atoms
from riskengine.core.losses.means cimport available
from riskengine.core.losses.need cimport Need, asked_atoms
from riskengine.core.losses.pairing cimport Pair
from riskengine.core.losses.share cimport Share
from riskengine.core.margin.assess cimport assess
from riskengine.core.margin.model cimport Risk
from riskengine.core.margin.thresholds cimport free_equity


cdef int64_t loss_of_side(vector[Need]& needs, const vector[size_t]& side) noexcept nogil:
    """Return what the holders of a side are asked for, in atoms.

    More than all that was ever paid in is asked of nobody: they could not pay it.
    """
    cdef int64_t total = 0
    cdef size_t i
    for i in range(side.size()):
        total = least(MOST_SHARED_ATOMS, total + asked_atoms(&needs[side[i]]))
    return total


cdef int64_t most_paid(Desk& desk, const Share* share) noexcept nogil:
    """Return the most that a holder pays, its lots being booked: min(|u - u'| * a, E - M) (LS-17).

    A fund pays out of what it has available (FD-1). What was paid in since the pass began is left
    out (WK-2).
    """
    cdef Risk risk = assess(desk.books, share.account)
    cdef int64_t spare = (
        available(desk.books, share.account, risk)
        if share.is_fund
        else free_equity(risk) - paid_between(desk.running.between, share.account)
    )
    spare = greatest(0, spare)
    return least(spare, moved_atoms(desk, &desk.books.markets[share.market], share.lots))


cdef bint find_most_paid(
    Desk& desk,
    vector[Need]& needs,
    const vector[size_t]& side,
    const vector[Share]& shares,
    vector[int64_t]& most,
) noexcept nogil:
    """Find what each holder pays at most, if there is a loss, HOLDERS_A_UNIT for a unit (LS-17).

    Return whether that is done, and the units are spent of dividing the loss among them (WK-1).
    """
    if loss_of_side(needs, side) == 0:
        return True
    while most.size() < shares.size():
        if not take_part_of_unit(desk, <int64_t>most.size()):
            return False
        most.push_back(most_paid(desk, &shares[most.size()]))
    return take_units(desk, <int64_t>(shares.size() >> DIVIDED_BITS))


cdef int64_t ask_holders(
    vector[Share]& shares, const vector[int64_t]& most, int64_t loss_atoms
) noexcept nogil:
    """Set what each holder pays, and return the sum (LS-17).

    By lots, as far as it can; what one cannot is offered once to all, in order.
    """
    cdef vector[int64_t] lots
    cdef vector[int64_t] ids
    cdef vector[int64_t] due
    cdef int64_t left = loss_atoms
    cdef int64_t more
    cdef size_t i
    for i in range(shares.size()):
        lots.push_back(shares[i].lots)
        ids.push_back(shares[i].account_id)
    due = exact_parts_by_id(lots, ids, loss_atoms)
    for i in range(shares.size()):
        shares[i].paid_atoms = least(due[i], most[i])
        left -= shares[i].paid_atoms
    for i in range(shares.size()):
        more = least(left, most[i] - shares[i].paid_atoms)
        shares[i].paid_atoms += more
        left -= more
    return loss_atoms - left


cdef void give_to_closed(
    Desk& desk, vector[Need]& needs, const vector[size_t]& side, int64_t paid_atoms
) noexcept nogil:
    """Give the accounts of a side what was paid, in proportion to what they lack (LS-18)."""
    cdef vector[int64_t] asked
    cdef vector[int64_t] ids
    cdef vector[int64_t] parts
    cdef size_t i
    for i in range(side.size()):
        asked.push_back(asked_atoms(&needs[side[i]]))
        ids.push_back(desk.books.accounts[needs[side[i]].account].account_id)
    parts = exact_parts_by_id(asked, ids, paid_atoms)
    for i in range(side.size()):
        needs[side[i]].received_atoms = parts[i]
        if parts[i] > 0:
            add_balance(desk, needs[side[i]].account, parts[i])


cdef int64_t bear_loss(
    Desk& desk,
    vector[Need]& needs,
    const vector[size_t]& side,
    vector[Share]& shares,
    const vector[int64_t]& most,
) noexcept nogil:
    """Have the holders pay what they can of the loss of a side's needs; return the sum.

    All lots of the market are booked, and it was found what each pays at most. Rules LS-17, LS-18.
    """
    cdef int64_t loss = loss_of_side(needs, side)
    cdef int64_t paid
    cdef size_t i
    if loss == 0 or shares.empty():
        return 0
    paid = ask_holders(shares, most, loss)
    for i in range(shares.size()):
        if shares[i].paid_atoms > 0:
            add_balance(desk, shares[i].account, -shares[i].paid_atoms)
    give_to_closed(desk, needs, side, paid)
    return paid


cdef vector[int64_t] paid_by_pair(
    const vector[Share]& shares, const vector[Pair]& pairs
) noexcept nogil:
    """Return what its holder paid in each pair; the pairs of a holder are in a row (LS-16)."""
    cdef vector[int64_t] paid
    cdef vector[int64_t] lots
    cdef vector[int64_t] parts
    cdef size_t i
    for i in range(pairs.size()):
        lots.push_back(pairs[i].lots)
        if i + 1 < pairs.size() and pairs[i + 1].other == pairs[i].other:
            continue
        if lots.size() == 1:
            paid.push_back(shares[pairs[i].other].paid_atoms)
        else:
            parts = exact_parts(lots, shares[pairs[i].other].paid_atoms)
            paid.insert(paid.end(), parts.begin(), parts.end())
        lots.clear()
    return paid
