"""A share: what one counterparty does towards a loss."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.losses.candidates cimport Candidate
from riskengine.core.losses.closeout cimport Closeout, payment_ceil
from riskengine.core.margin.model cimport Risk


cdef struct Share:
    int32_t leg  # of the counterparty
    int64_t lots  # to be closed on it; 0: it keeps its size and its account only pays
    int64_t atoms  # that its account pays; negative: receives
    int64_t score_ppm  # of the leg, as QUEUE ranks it; evidence under any policy
    Risk risk  # of its account before; evidence


cdef inline Share share_of(
    const Candidate* candidate, int64_t lots, int64_t atoms
) noexcept nogil:
    """Return the candidate's share: lots that are closed and atoms that are paid."""
    cdef Share share
    share.leg = candidate.leg
    share.lots = lots
    share.atoms = atoms
    share.score_ppm = candidate.score_ppm
    share.risk = candidate.risk
    return share


cdef inline Share closing_share(
    const Closeout* closeout, const Candidate* candidate, int64_t lots
) noexcept nogil:
    """Return the share of a candidate that closes so much at the quote."""
    return share_of(candidate, lots, payment_ceil(closeout, lots))
