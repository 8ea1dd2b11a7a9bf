"""For tests only: loss policies by plain Python values, and one that no market can have.

LAST_FIRST closes whoever has the highest account id first. It shows that a policy needs a function
that looks at holders and one that chooses, and nothing else of the product.
"""

from libc.stddef cimport size_t
from libc.stdint cimport int64_t
from libcpp.vector cimport vector

cimport riskengine.core.losses.exact_parts as parts_module
cimport riskengine.core.losses.policies as policies
from riskengine.core.base.fixedpoint cimport least, magnitude
from riskengine.core.base.id_map cimport id_map_get
from riskengine.core.books.desk cimport Desk
from riskengine.core.books.limits cimport MAX_WORK_UNITS
from riskengine.core.commands.state cimport State
from riskengine.core.face.questions cimport ReadOnlyEngine
from riskengine.core.losses.candidates cimport Field, clear_field, look_at_holders, sort_by_id
from riskengine.core.losses.need cimport Pool
from riskengine.core.losses.policies cimport Policy, find_policy
from riskengine.core.losses.queue cimport Queue
from riskengine.core.losses.share cimport Share, share_of

cdef enum:
    LAST_FIRST_NUMBER = 99

LAST_FIRST = LAST_FIRST_NUMBER


def exact_parts(weights, int64_t whole):
    return parts_module.exact_parts(weights, whole)


def exact_parts_by_id(weights, ids, int64_t whole):
    return parts_module.exact_parts_by_id(weights, ids, whole)


def is_policy(int64_t number):
    return policies.is_policy(number)


cdef void choose_last_first(
    Desk& desk, Queue& queue, const Pool* pool, Field& field, vector[Share]& shares
) noexcept nogil:
    """Choose by account id descending."""
    cdef int64_t left_lots = pool.lots
    cdef int64_t lots
    cdef size_t i
    sort_by_id(field.candidates)
    for i in range(field.candidates.size(), 0, -1):
        lots = least(left_lots, magnitude(field.candidates[i - 1].size_lots))
        if lots > 0:
            shares.push_back(share_of(&field.candidates[i - 1], pool.market, lots))
        left_lots -= lots


cdef Policy policy_of(int64_t number) except *:
    """Return LAST_FIRST or a policy of the table; LookupError for any other number."""
    cdef const Policy* found = find_policy(number)
    if number == LAST_FIRST_NUMBER:
        return Policy(LAST_FIRST_NUMBER, look_at_holders, choose_last_first)
    if found == NULL:
        raise LookupError(f"there is no policy {number}")
    return found[0]


cdef object share_view(const Share* share):
    """Return account id, lots, score, equity and maintenance."""
    return (
        share.account_id,
        share.lots,
        share.score_ppm,
        share.before.equity_atoms,
        share.before.maintenance_atoms,
    )


def choose(
    ReadOnlyEngine engine, int64_t policy, int64_t market_id, bint closes_long, int64_t lots
):
    """Return the shares that the policy chooses, and how many holders it passed over."""
    cdef State* state = &engine.state
    cdef Policy row = policy_of(policy)
    cdef vector[Share] shares
    cdef Field field
    cdef Pool pool
    pool.market = id_map_get(state.desk.books.directory.market_index, market_id)
    if pool.market < 0:
        raise LookupError(f"there is no market {market_id}")
    if lots < 1:
        raise ValueError(f"{lots} lots cannot be closed")
    pool.closes_long = closes_long
    pool.lots = lots
    clear_field(field)
    state.desk.running.units_left = MAX_WORK_UNITS
    assert row.look(state.desk, state.queue, &pool, field), "a command has units for all holders"
    row.choose(state.desk, state.queue, &pool, field, shares)
    return [share_view(&shares[i]) for i in range(shares.size())], field.skipped
