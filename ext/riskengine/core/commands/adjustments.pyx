"""Balances that are adjusted, each with a reason and somebody on the other side (MN-6, MN-7)."""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.codes cimport (
    ADJUSTMENT_REASON_CORRECTION,
    ADJUSTMENT_REASON_FEE_PAYOUT,
    ADJUSTMENT_REASON_FUND_SURPLUS,
    ADJUSTMENT_REASON_REALISED_PROFIT,
    ADJUSTMENT_REASON_REBATE,
    FIELD_ACCOUNT_ID,
    FIELD_AMOUNT_ATOMS,
    FIELD_ASSET_ID,
    FIELD_FUND_ID,
    FIELD_ISOLATED_MARKET_ID,
    FIELD_PAYER,
    FIELD_REASON,
    REJECT_REASON_LOSS_UNALLOCATED,
    REJECT_REASON_OVERFLOW,
    REJECT_REASON_REASON_MISMATCH,
    REJECT_REASON_UNKNOWN_ENUM,
    WRITE_OFF_PAYER_FEES,
    WRITE_OFF_PAYER_FUND,
)
from riskengine.core.base.refusal cimport Refusal, refuse, refuse_in_detail, refuse_outside
from riskengine.core.books.booking cimport balance_fits
from riskengine.core.books.books cimport AccountName, Books
from riskengine.core.books.desk cimport Desk, add_balance, touch
from riskengine.core.books.limits cimport MAX_BALANCE_ATOMS
from riskengine.core.commands.frame cimport (
    Progress,
    accept_row,
    optional,
    refuse_column,
    refuse_optional_column,
    refuse_row,
    refuse_rows,
)
from riskengine.core.commands.money cimport paid_in, refuse_named, refuse_not_withdrawable
from riskengine.core.commands.payers cimport Payer, payable_by, refuse_payer, refuse_unpayable
from riskengine.core.losses.gate cimport Gates, found_loss, is_gate_closed
from riskengine.core.margin.assess cimport assess


cdef struct Adjustment:
    AccountName name
    int64_t amount_atoms  # signed: what the account gets
    int64_t reason  # an AdjustmentReason
    Payer payer  # who gets it when the amount is negative
    int32_t account  # dense indices, set by the guards
    int32_t asset
    int32_t fund  # -1 when it is no fund


cdef int64_t payer_wanted(int64_t reason) noexcept nogil:
    """Return the one WriteOffPayer that a reason is of, 0 when it is of any (MN-6)."""
    if reason == ADJUSTMENT_REASON_FEE_PAYOUT:
        return WRITE_OFF_PAYER_FEES
    return WRITE_OFF_PAYER_FUND if reason == ADJUSTMENT_REASON_FUND_SURPLUS else 0


cdef bint refuse_reason(const Adjustment* asked, Refusal* refusal) noexcept nogil:
    """Refuse a reason that is none, and one that is not of this payer or sign (MN-6)."""
    cdef int64_t wanted = payer_wanted(asked.reason)
    if not ADJUSTMENT_REASON_REBATE <= asked.reason <= ADJUSTMENT_REASON_FUND_SURPLUS:
        return refuse(refusal, REJECT_REASON_UNKNOWN_ENUM, FIELD_REASON, asked.reason, 0)
    if wanted != 0 and asked.payer.kind != wanted:
        return refuse_in_detail(
            refusal,
            REJECT_REASON_REASON_MISMATCH,
            FIELD_PAYER,
            asked.payer.kind,
            wanted,
            asked.reason,
        )
    return (
        asked.amount_atoms < 0
        and asked.reason != ADJUSTMENT_REASON_CORRECTION
        and asked.reason != ADJUSTMENT_REASON_REALISED_PROFIT
        and refuse_outside(refusal, FIELD_AMOUNT_ATOMS, asked.amount_atoms, 1, MAX_BALANCE_ATOMS)
    )


cdef bint refuse_asked(Books& books, Adjustment* asked, Refusal* refusal) noexcept nogil:
    """Refuse what names nobody, nothing or no reason; else set the indices (MN-6)."""
    if refuse_named(books, asked.name, &asked.account, refusal):
        return True
    asked.asset = books.accounts[asked.account].asset
    if asked.amount_atoms == 0:
        return refuse_outside(refusal, FIELD_AMOUNT_ATOMS, 0, 1, 1)
    return (
        refuse_outside(
            refusal,
            FIELD_AMOUNT_ATOMS,
            asked.amount_atoms,
            -MAX_BALANCE_ATOMS,
            MAX_BALANCE_ATOMS,
        )
        or refuse_reason(asked, refusal)
        or refuse_payer(books, asked.payer, asked.asset, &asked.fund, refusal)
    )


cdef bint refuse_unfit(
    Books& books, int32_t account, int64_t change_atoms, int64_t amount_atoms, Refusal* refusal
) noexcept nogil:
    """Refuse an amount that takes a balance past its bound (BD-6)."""
    return not balance_fits(books, account, change_atoms) and refuse(
        refusal, REJECT_REASON_OVERFLOW, FIELD_AMOUNT_ATOMS, amount_atoms, MAX_BALANCE_ATOMS
    )


cdef bint refuse_paid(
    Books& books, const Adjustment* asked, Gates& gates, Refusal* refusal
) noexcept nogil:
    """Refuse to pay an account what its balance, or who pays, has no room for (MN-6).

    A fund pays nothing while a loss is unallocated: its money is wanted for that.
    """
    cdef int64_t highest = payable_by(books, asked.payer, asked.asset, asked.fund)
    if asked.fund >= 0 and found_loss(books, gates, asked.asset) > 0:
        highest = 0
    return refuse_unfit(
        books, asked.account, asked.amount_atoms, asked.amount_atoms, refusal
    ) or refuse_unpayable(asked.amount_atoms, highest, asked.payer, refusal)


cdef bint refuse_gain_taken(
    Books& books, const Adjustment* asked, Gates& gates, Refusal* refusal
) noexcept nogil:
    """Refuse to take of a gain while the gate is closed: it is wanted there (MN-6).

    Nothing of what was paid in goes with the amount, so all of it is gain where there is one.
    """
    return (
        assess(books, asked.account).equity_atoms > paid_in(books, asked.account)
        and is_gate_closed(books, gates, asked.asset)
        and refuse_in_detail(
            refusal,
            REJECT_REASON_LOSS_UNALLOCATED,
            FIELD_AMOUNT_ATOMS,
            asked.amount_atoms,
            0,
            books.assets[asked.asset].asset_id,
        )
    )


cdef bint refuse_taken(
    Books& books, const Adjustment* asked, Gates& gates, Refusal* refusal
) noexcept nogil:
    """Refuse to take from an account what it could not withdraw (MN-6)."""
    if refuse_not_withdrawable(books, asked.account, -asked.amount_atoms, refusal):
        if refusal.field == FIELD_AMOUNT_ATOMS:
            refusal.value = asked.amount_atoms
        return True
    if refuse_gain_taken(books, asked, gates, refusal):
        return True
    return asked.fund >= 0 and refuse_unfit(
        books, asked.fund, -asked.amount_atoms, asked.amount_atoms, refusal
    )


cdef void adjust(Desk& desk, const Adjustment* asked) noexcept nogil:
    """Move the amount between the account and who stands on the other side (MN-7)."""
    add_balance(desk, asked.account, asked.amount_atoms)
    touch(desk, asked.account)
    if asked.fund >= 0:
        add_balance(desk, asked.fund, -asked.amount_atoms)
        touch(desk, asked.fund)
    elif asked.payer.kind == WRITE_OFF_PAYER_FEES:
        desk.books.assets[asked.asset].fees_atoms -= asked.amount_atoms
    else:
        desk.books.assets[asked.asset].net_deposits_atoms += asked.amount_atoms


cdef bint refuse_columns(Progress& progress, const AdjustmentColumns& columns) noexcept nogil:
    """Refuse columns that do not make a batch (CM-2)."""
    cdef int64_t rows = columns.account_id.rows()
    return (
        refuse_column(progress, FIELD_ASSET_ID, columns.asset_id, rows)
        or refuse_column(progress, FIELD_AMOUNT_ATOMS, columns.amount_atoms, rows)
        or refuse_column(progress, FIELD_REASON, columns.reason, rows)
        or refuse_column(progress, FIELD_PAYER, columns.payer, rows)
        or refuse_optional_column(progress, FIELD_FUND_ID, columns.fund_id, rows)
        or refuse_optional_column(
            progress, FIELD_ISOLATED_MARKET_ID, columns.isolated_market_id, rows
        )
        or refuse_rows(progress, FIELD_ACCOUNT_ID, rows)
    )


cdef Adjustment row_of(const AdjustmentColumns& columns, int64_t row) noexcept nogil:
    """Return what a row asks."""
    cdef Adjustment asked
    asked.name.account_id = columns.account_id[row]
    asked.name.asset_id = columns.asset_id[row]
    asked.name.isolated_market_id = optional(columns.isolated_market_id, row)
    asked.amount_atoms = columns.amount_atoms[row]
    asked.reason = columns.reason[row]
    asked.payer.kind = columns.payer[row]
    asked.payer.fund_id = optional(columns.fund_id, row)
    return asked


cdef bint refuse_adjustment(
    Books& books, Adjustment* asked, Gates& gates, Refusal* refusal
) noexcept nogil:
    """Refuse a row by the first guard that fails; else set its indices (MN-6)."""
    if refuse_asked(books, asked, refusal):
        return True
    if asked.amount_atoms > 0:
        return refuse_paid(books, asked, gates, refusal)
    return refuse_taken(books, asked, gates, refusal)


cdef void apply_adjustments(
    Desk& desk, Progress& progress, const AdjustmentColumns& columns
) noexcept nogil:
    """Adjust row by row, and note what became of each (MN-7, CM-3).

    What of a loss is unallocated is looked at once, as the batch finds it.
    """
    cdef Adjustment asked
    cdef Refusal refusal
    cdef Gates gates
    cdef int64_t row
    cdef size_t i
    if refuse_columns(progress, columns):
        return
    for i in range(desk.books.assets.size()):
        found_loss(desk.books, gates, <int32_t>i)
    for row in range(columns.account_id.rows()):
        asked = row_of(columns, row)
        if refuse_adjustment(desk.books, &asked, gates, &refusal):
            refuse_row(progress, row, &refusal)
        else:
            adjust(desk, &asked)
            accept_row(progress)
