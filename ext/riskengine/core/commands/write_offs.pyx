"""Writing off of debts, each by one who pays (GD-25, FD-14)."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.codes cimport (
    ACCOUNT_STATE_BANKRUPT,
    EVENT_KIND_DEBT_WRITTEN_OFF,
    FIELD_ACCOUNT_ID,
    FIELD_AMOUNT_ATOMS,
    REJECT_REASON_NOT_BANKRUPT,
    WRITE_OFF_PAYER_FEES,
    WRITE_OFF_PAYER_FUND,
)
from riskengine.core.base.fixedpoint cimport greatest, least
from riskengine.core.base.refusal cimport Refusal, refuse, refuse_outside
from riskengine.core.books.books cimport Books
from riskengine.core.books.desk cimport Desk, add_balance, touch
from riskengine.core.books.limits cimport MAX_BALANCE_ATOMS
from riskengine.core.commands.frame cimport Progress, accept_row, refuse_row
from riskengine.core.commands.money cimport refuse_named
from riskengine.core.commands.payers cimport payable_by, refuse_payer, refuse_unpayable
from riskengine.core.events.event cimport Event
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
    ) or refuse_payer(books, asked.payer, asset, fund, refusal):
        return True
    highest = payable_by(books, asked.payer, asset, fund[0])
    return refuse_unpayable(asked.amount_atoms, highest, asked.payer, refusal)


cdef void pay(Desk& desk, const WriteOff* asked, int32_t account, int32_t fund) noexcept nogil:
    """Have the payer pay; what the venue pays is no deposit of the debtor's (FD-14)."""
    cdef int32_t asset = desk.books.accounts[account].asset
    if asked.payer.kind == WRITE_OFF_PAYER_FUND:
        pay_from_fund(desk, fund, account, asked.amount_atoms)
        return
    add_balance(desk, account, asked.amount_atoms)
    if asked.payer.kind == WRITE_OFF_PAYER_FEES:
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
    event.payer = asked.payer.kind
    event.fund_id = asked.payer.fund_id
    event.left_atoms = debt_of(desk.books, account)
    touch(desk, account)
    accept_row(progress)
