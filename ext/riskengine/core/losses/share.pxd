"""A share: what one holder closes of the needs of the other side."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.losses.candidates cimport Candidate
from riskengine.core.margin.model cimport Risk


cdef struct Share:
    int64_t account_id  # of the holder
    int64_t lots  # to be closed on its leg, > 0
    int64_t size_lots  # of its position before, signed
    int64_t score_ppm  # of the leg, as QUEUE ranks it; evidence under any policy
    int64_t paid_atoms  # of the loss; set once all lots of the market are booked
    Risk before  # of its account; evidence
    int32_t leg
    int32_t account
    int32_t market
    int32_t is_fund


cdef inline Share share_of(const Candidate* candidate, int32_t market, int64_t lots) noexcept nogil:
    """Return the share of a holder that closes so many lots, and has paid nothing yet."""
    cdef Share share
    share.account_id = candidate.account_id
    share.lots = lots
    share.size_lots = candidate.size_lots
    share.score_ppm = candidate.score_ppm
    share.paid_atoms = 0
    share.before = candidate.risk
    share.leg = candidate.leg
    share.account = candidate.account
    share.market = market
    share.is_fund = candidate.is_fund
    return share
