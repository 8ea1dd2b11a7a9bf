"""For tests only: loss policies by plain Python values, and one that no market can have.

LEVY takes money and closes nothing: each opposite position pays for the loss by its size. It shows
that a policy needs a function that chooses, and nothing else of the product.
"""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t
from libcpp.vector cimport vector

cimport riskengine.core.losses.exact_parts as parts_module
cimport riskengine.core.losses.policies as policies
from riskengine.core.base.fixedpoint cimport magnitude
from riskengine.core.base.id_map cimport id_map_get
from riskengine.core.books.books cimport Books, find_leg
from riskengine.core.books.desk cimport Desk, touch
from riskengine.core.commands.frame cimport Progress, end_command, start
from riskengine.core.commands.state cimport State
from riskengine.core.face.outcome cimport outcome_view
from riskengine.core.face.questions cimport ReadOnlyEngine
from riskengine.core.losses.allocation cimport Allocation, allocate_by, report_allocation
from riskengine.core.losses.candidates cimport Candidate, collect_candidates
from riskengine.core.losses.closeout cimport Closeout
from riskengine.core.losses.policies cimport Policy, find_policy
from riskengine.core.losses.queue cimport Queue
from riskengine.core.losses.share cimport Share, share_of
from riskengine.core.margin.assess cimport Risk, assess
from riskengine.core.margin.quotes cimport close_value

cdef enum:
    LEVY_NUMBER = 99

LEVY = LEVY_NUMBER


def exact_parts(weights, int64_t whole):
    return parts_module.exact_parts(weights, whole)


def is_policy(int64_t number):
    return policies.is_policy(number)


cdef Closeout find_closeout(
    Books& books, int64_t account_id, int64_t market_id, int64_t close_lots, int64_t above_atoms
) except *:
    """Return the closing of so many lots for so much more than at mark."""
    cdef Closeout closeout
    closeout.account = id_map_get(books.directory.account_index, account_id)
    closeout.market = id_map_get(books.directory.market_index, market_id)
    closeout.leg = -1
    if closeout.account >= 0 and closeout.market >= 0:
        closeout.leg = find_leg(books, closeout.account, closeout.market)
    if closeout.leg < 0:
        raise LookupError(f"account {account_id} has no position in market {market_id}")
    closeout.size_lots = books.legs[closeout.leg].size_lots
    if not 1 <= close_lots <= magnitude(closeout.size_lots):
        raise ValueError(f"{close_lots} lots of {closeout.size_lots} cannot be closed")
    closeout.close_lots = close_lots
    closeout.quote_atoms = above_atoms + close_value(
        &books.markets[closeout.market], closeout.size_lots, close_lots
    )
    return closeout


cdef int32_t choose_levy(
    Desk& desk, Queue& queue, const Closeout* closeout, vector[Share]& shares
) noexcept nogil:
    """Have each opposite position pay for the loss by its size; return how many were passed."""
    cdef vector[Candidate] candidates
    cdef vector[int64_t] sizes
    cdef vector[int64_t] parts
    cdef size_t i
    cdef int32_t skipped = collect_candidates(desk.books, closeout, candidates)
    for i in range(candidates.size()):
        sizes.push_back(magnitude(candidates[i].size_lots))
    parts = parts_module.exact_parts(
        sizes,
        closeout.quote_atoms
        - close_value(
            &desk.books.markets[closeout.market], closeout.size_lots, closeout.close_lots
        ),
    )
    for i in range(candidates.size()):
        if parts[i] > 0:
            shares.push_back(share_of(&candidates[i], 0, parts[i]))
    return skipped


cdef Policy policy_of(int64_t number) except *:
    """Return LEVY or a policy of the table; LookupError for any other number."""
    cdef const Policy* found = find_policy(number)
    if number == LEVY_NUMBER:
        return Policy(LEVY_NUMBER, choose_levy)
    if found == NULL:
        raise LookupError(f"there is no policy {number}")
    return found[0]


cdef object share_view(Books& books, const Share* share):
    """Return account id, lots, atoms, score, equity and maintenance."""
    return (
        books.accounts[books.legs[share.leg].account].account_id,
        share.lots,
        share.atoms,
        share.score_ppm,
        share.risk.equity_atoms,
        share.risk.maintenance_atoms,
    )


def choose(
    ReadOnlyEngine engine,
    int64_t policy,
    int64_t account_id,
    int64_t market_id,
    int64_t close_lots,
    int64_t above_atoms,
):
    """Return the shares that the policy chooses, and how many counterparties it passed over."""
    cdef State* state = &engine.state
    cdef Closeout closeout = find_closeout(
        state.desk.books, account_id, market_id, close_lots, above_atoms
    )
    cdef Policy row = policy_of(policy)
    cdef vector[Share] shares
    cdef int32_t skipped = row.choose(state.desk, state.queue, &closeout, shares)
    return [share_view(state.desk.books, &shares[i]) for i in range(shares.size())], skipped


def allocate(
    ReadOnlyEngine engine,
    int64_t time_nanos,
    int64_t policy,
    int64_t account_id,
    int64_t market_id,
    int64_t close_lots,
    int64_t above_atoms,
):
    """Apply an allocation as a command of its own, judgement included; return its outcome."""
    cdef State* state = &engine.state
    cdef Progress progress
    cdef Closeout closeout = find_closeout(
        state.desk.books, account_id, market_id, close_lots, above_atoms
    )
    cdef Policy row = policy_of(policy)
    cdef Allocation allocation
    cdef Risk risk
    if not start(state.desk, progress, time_nanos):
        raise ValueError(f"time {time_nanos} is refused")
    risk = assess(state.desk.books, closeout.account)
    touch(state.desk, closeout.account)
    allocation = allocate_by(state.desk, state.queue, &row, &closeout)
    report_allocation(state.desk, &closeout, risk, &allocation, 0, 0)
    progress.applied_rows = 1
    end_command(state[0], progress)
    return outcome_view(state.desk, progress)
