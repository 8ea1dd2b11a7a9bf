"""Writing off of debts, each by one who pays (GD-25, FD-14)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.codes cimport (
    ACCOUNT_STATE_BANKRUPT,
    EVENT_KIND_DEBT_WRITTEN_OFF,
    FIELD_ACCOUNT_ID,
    FIELD_AMOUNT_ATOMS,
    FIELD_FUND_ID,
    FIELD_PAYER,
    REJECT_REASON_NOT_BANKRUPT,
    REJECT_REASON_NOT_WITHDRAWABLE,
    REJECT_REASON_UNKNOWN_ENUM,
    REJECT_REASON_UNKNOWN_FUND,
    WRITE_OFF_PAYER_FEES,
    WRITE_OFF_PAYER_FUND,
    WRITE_OFF_PAYER_VENUE,
)
from riskengine.core.base.fixedpoint cimport greatest, int128_t, least
from riskengine.core.base.refusal cimport Refusal, refuse, refuse_in_detail, refuse_outside
from riskengine.core.books.books cimport Books
from riskengine.core.books.desk cimport Desk, add_balance, touch
from riskengine.core.books.limits cimport MAX_BALANCE_ATOMS
from riskengine.core.commands.frame cimport Progress, accept_row, refuse_row
from riskengine.core.commands.guards cimport find_fund
from riskengine.core.commands.money cimport refuse_named
from riskengine.core.events.event cimport Event
from riskengine.core.losses.means cimport spare
from riskengine.core.margin.assess cimport assess
from riskengine.core.margin.emit cimport emit
from riskengine.core.waterfall.fund cimport pay_from_fund


cdef int64_t debt_of(Books& books, int32_t account) noexcept nogil:
    """Return what an account is below zero, in atoms, as far as its balance has room (FD-14)."""
    return greatest(
        0,
        least(
            MAX_BALANCE_ATOMS - books.accounts[account].balance_atoms,
            -assess(books, account).equity_atoms,
        ),
    )


cdef bint refuse_payer(
    Books& books, const WriteOff* asked, int32_t asset, int32_t* fund, Refusal* refusal
) noexcept nogil:
    """Refuse a payer that is none, or a fund that is not named; else set the fund (GD-25)."""
    fund[0] = -1
    if not WRITE_OFF_PAYER_FUND <= asked.payer <= WRITE_OFF_PAYER_VENUE:
        return refuse(refusal, REJECT_REASON_UNKNOWN_ENUM, FIELD_PAYER, asked.payer, 0)
    if asked.payer != WRITE_OFF_PAYER_FUND:
        return refuse_outside(refusal, FIELD_FUND_ID, asked.fund_id, 0, 0)
    fund[0] = find_fund(books, asked.fund_id)
    return (fund[0] < 0 or books.accounts[fund[0]].asset != asset) and refuse(
        refusal, REJECT_REASON_UNKNOWN_FUND, FIELD_FUND_ID, asked.fund_id, 0
    )


cdef int64_t payable_by(
    Books& books, const WriteOff* asked, int32_t asset, int32_t fund
) noexcept nogil:
    """Return the most that the payer can pay, in atoms (FD-14).

    Who writes off decides by himself: what a fund may pay by rule in a window does not bound him.
    """
    cdef int128_t fees = books.assets[asset].fees_atoms
    if asked.payer == WRITE_OFF_PAYER_FUND:
        return spare(books, fund, assess(books, fund))
    if asked.payer == WRITE_OFF_PAYER_VENUE or fees > MAX_BALANCE_ATOMS:
        return MAX_BALANCE_ATOMS
    if fees < 0:
        return 0
    return <int64_t>fees


cdef bint refuse_write_off(
    Books& books, const WriteOff* asked, int32_t* account, int32_t* fund, Refusal* refusal
) noexcept nogil:
    """Refuse what is no debt, and a payer who cannot; else set account and fund (GD-25)."""
    cdef int32_t asset
    cdef int64_t highest
    if refuse_named(books, asked.name, account, refusal):
        return True
    asset = books.accounts[account[0]].asset
    if books.accounts[account[0]].state != ACCOUNT_STATE_BANKRUPT:
        return refuse(
            refusal, REJECT_REASON_NOT_BANKRUPT, FIELD_ACCOUNT_ID, asked.name.account_id, 0
        )
    if refuse_outside(
        refusal, FIELD_AMOUNT_ATOMS, asked.amount_atoms, 1, debt_of(books, account[0])
    ) or refuse_payer(books, asked, asset, fund, refusal):
        return True
    highest = payable_by(books, asked, asset, fund[0])
    return asked.amount_atoms > highest and refuse_in_detail(
        refusal,
        REJECT_REASON_NOT_WITHDRAWABLE,
        FIELD_AMOUNT_ATOMS,
        asked.amount_atoms,
        highest,
        asked.payer,
    )


cdef void pay(Desk& desk, const WriteOff* asked, int32_t account, int32_t fund) noexcept nogil:
    """Have the payer pay; what the venue pays is no deposit of the debtor's (FD-14)."""
    cdef int32_t asset = desk.books.accounts[account].asset
    if asked.payer == WRITE_OFF_PAYER_FUND:
        pay_from_fund(desk, fund, account, asked.amount_atoms)
        return
    add_balance(desk, account, asked.amount_atoms)
    if asked.payer == WRITE_OFF_PAYER_FEES:
        desk.books.assets[asset].fees_atoms -= asked.amount_atoms
    else:
        desk.books.assets[asset].net_deposits_atoms += asked.amount_atoms


cdef void apply_write_off(Desk& desk, Progress& progress, const WriteOff* asked) noexcept nogil:
    """Write off a part of a debt, or all of it; the judgement ends a debt of nothing (FD-14)."""
    cdef Refusal refusal
    cdef int32_t account, fund
    cdef Event* event
    if refuse_write_off(desk.books, asked, &account, &fund, &refusal):
        refuse_row(progress, 0, &refusal)
        return
    pay(desk, asked, account, fund)
    desk.totals.assets[desk.books.accounts[account].asset].written_off_atoms += asked.amount_atoms
    event = emit(desk, EVENT_KIND_DEBT_WRITTEN_OFF, account)
    event.amount_atoms = asked.amount_atoms
    event.payer = asked.payer
    event.fund_id = asked.fund_id
    event.left_atoms = debt_of(desk.books, account)
    touch(desk, account)
    accept_row(progress)
