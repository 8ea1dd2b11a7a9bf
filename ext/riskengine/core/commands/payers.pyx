"""Who pays into an account, or gets what it pays: a fund, the fees, the venue (FD-14, MN-6)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.codes cimport (
    FIELD_AMOUNT_ATOMS,
    FIELD_FUND_ID,
    FIELD_PAYER,
    REJECT_REASON_NOT_WITHDRAWABLE,
    REJECT_REASON_UNKNOWN_ENUM,
    REJECT_REASON_UNKNOWN_FUND,
    WRITE_OFF_PAYER_FUND,
    WRITE_OFF_PAYER_VENUE,
)
from riskengine.core.base.fixedpoint cimport int128_t
from riskengine.core.base.refusal cimport Refusal, refuse, refuse_in_detail, refuse_outside
from riskengine.core.books.books cimport Books
from riskengine.core.books.limits cimport MAX_BALANCE_ATOMS
from riskengine.core.commands.guards cimport find_fund
from riskengine.core.losses.means cimport spare
from riskengine.core.margin.assess cimport assess


cdef bint refuse_payer(
    Books& books, Payer payer, int32_t asset, int32_t* fund, Refusal* refusal
) noexcept nogil:
    """Refuse a payer that is none, or a fund that is not named; else set the fund (GD-25)."""
    fund[0] = -1
    if not WRITE_OFF_PAYER_FUND <= payer.kind <= WRITE_OFF_PAYER_VENUE:
        return refuse(refusal, REJECT_REASON_UNKNOWN_ENUM, FIELD_PAYER, payer.kind, 0)
    if payer.kind != WRITE_OFF_PAYER_FUND:
        return refuse_outside(refusal, FIELD_FUND_ID, payer.fund_id, 0, 0)
    fund[0] = find_fund(books, payer.fund_id)
    return (fund[0] < 0 or books.accounts[fund[0]].asset != asset) and refuse(
        refusal, REJECT_REASON_UNKNOWN_FUND, FIELD_FUND_ID, payer.fund_id, 0
    )


cdef int64_t payable_by(Books& books, Payer payer, int32_t asset, int32_t fund) noexcept nogil:
    """Return the most that the payer can pay, in atoms (FD-14).

    Who has it pay decides by himself: what a fund may pay by rule in a window does not bound him.
    """
    cdef int128_t fees = books.assets[asset].fees_atoms
    if payer.kind == WRITE_OFF_PAYER_FUND:
        return spare(books, fund, assess(books, fund))
    if payer.kind == WRITE_OFF_PAYER_VENUE or fees > MAX_BALANCE_ATOMS:
        return MAX_BALANCE_ATOMS
    if fees < 0:
        return 0
    return <int64_t>fees


cdef bint refuse_unpayable(
    int64_t amount_atoms, int64_t highest_atoms, Payer payer, Refusal* refusal
) noexcept nogil:
    """Refuse an amount that is more than the payer can pay."""
    return amount_atoms > highest_atoms and refuse_in_detail(
        refusal,
        REJECT_REASON_NOT_WITHDRAWABLE,
        FIELD_AMOUNT_ATOMS,
        amount_atoms,
        highest_atoms,
        payer.kind,
    )
