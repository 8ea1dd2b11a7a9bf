"""Assets, insurance funds and the levels of the waterfall (GD-1 to GD-3, GD-7, GD-8)."""

from libc.stdint cimport int32_t, int64_t
from libc.string cimport memset

from riskengine.core.base.codes cimport (
    FIELD_AMOUNT_ATOMS,
    FIELD_ASSET_ID,
    FIELD_EXPONENT,
    FIELD_FUND_DRAWDOWN_PPM,
    FIELD_FUND_ID,
    FIELD_FUND_MARKET_NOTIONAL_PPM,
    FIELD_FUND_NOTIONAL_PPM,
    FIELD_FUND_RESUME_PPM,
    FIELD_GATE_FLOOR_UNITS,
    FIELD_GATE_PPM,
    FIELD_LATE_FILL_MILLIS,
    FIELD_LIQUIDATION_BUFFER_PPM,
    FIELD_MARGIN_CALL_CLEAR_PPM,
    FIELD_MARGIN_CALL_PPM,
    FIELD_MAX_RESERVATIONS,
    FIELD_SECOND_TERM_MILLIS,
    FIELD_SPREAD_AFTER_MILLIS,
    FIELD_TAKE_OVER_PPM,
    FIELD_WITHDRAWAL_MARGIN_PPM,
    FIELD_WORK_UNITS,
    REJECT_REASON_ALREADY_EXISTS,
    REJECT_REASON_CAPACITY,
    REJECT_REASON_OVERFLOW,
    REJECT_REASON_UNKNOWN_FUND,
)
from riskengine.core.base.fixedpoint cimport PPM
from riskengine.core.base.refusal cimport Refusal, refuse, refuse_outside
from riskengine.core.books.booking cimport balance_fits
from riskengine.core.books.books cimport FUND, Asset, Books, Parameters, find_asset
from riskengine.core.books.desk cimport AssetTotals, Desk, add_account, add_balance, touch
from riskengine.core.books.fund_window cimport add_fund
from riskengine.core.books.limits cimport (
    FUND_ACCOUNT_BASE,
    MAX_ASSETS,
    MAX_BALANCE_ATOMS,
    MAX_DELAY_MILLIS,
    MAX_ENDED_ORDERS,
    MAX_FUNDS,
    MAX_FUND_ID,
    MAX_FUND_NOTIONAL_PPM,
    MAX_ID,
    MAX_LATE_FILL_MILLIS,
    MAX_RESERVATIONS,
    MAX_WORK_UNITS,
)
from riskengine.core.commands.frame cimport Progress, accept_row, refuse_row
from riskengine.core.commands.guards cimport find_fund, refuse_asset, refuse_symbol
from riskengine.core.commands.judgement cimport review_all
from riskengine.core.waterfall.debts cimport have_debts_wait
from riskengine.core.waterfall.late_fills cimport forget_past

cdef enum:
    LEAST_EXPONENT = -18
    HIGHEST_LEVEL_PPM = 10000000
    LEAST_TAKE_OVER_PPM = 500000
    MAX_SPREAD_AFTER_MILLIS = 7 * 24 * 3600 * 1000

cdef extern from *:
    """
    static const int64_t RISKENGINE_MAX_GATE_FLOOR_UNITS = INT64_C(1000000000000);
    """
    const int64_t MAX_GATE_FLOOR_UNITS "RISKENGINE_MAX_GATE_FLOOR_UNITS"


cdef bint refuse_new_asset(Books& books, const Asset* asset, Refusal* refusal) noexcept nogil:
    """Refuse an asset that exists, is one too many or is not well described (GD-1)."""
    if refuse_outside(refusal, FIELD_ASSET_ID, asset.asset_id, 1, MAX_ID):
        return True
    if find_asset(books, asset.asset_id) >= 0:
        return refuse(refusal, REJECT_REASON_ALREADY_EXISTS, FIELD_ASSET_ID, asset.asset_id, 0)
    if books.assets.size() >= MAX_ASSETS:
        return refuse(refusal, REJECT_REASON_CAPACITY, FIELD_ASSET_ID, asset.asset_id, MAX_ASSETS)
    return refuse_symbol(asset.symbol, refusal) or refuse_outside(
        refusal, FIELD_EXPONENT, asset.exponent, LEAST_EXPONENT, 0
    )


cdef void apply_asset(Desk& desk, Progress& progress, const Asset* asset) noexcept nogil:
    """Make a settlement asset (GD-1)."""
    cdef Refusal refusal
    cdef AssetTotals totals
    if refuse_new_asset(desk.books, asset, &refusal):
        refuse_row(progress, 0, &refusal)
        return
    memset(&totals, 0, sizeof(totals))
    desk.books.assets.push_back(asset[0])
    desk.totals.assets.push_back(totals)
    accept_row(progress)


cdef bint refuse_new_fund(
    Books& books, int64_t fund_id, int64_t asset_id, int32_t* asset, Refusal* refusal
) noexcept nogil:
    """Refuse a fund that exists, is one too many or settles in an unknown asset; else set it.

    Rule GD-3.
    """
    if refuse_outside(refusal, FIELD_FUND_ID, fund_id, 1, MAX_FUND_ID):
        return True
    if find_fund(books, fund_id) >= 0:
        return refuse(refusal, REJECT_REASON_ALREADY_EXISTS, FIELD_FUND_ID, fund_id, 0)
    if books.fund_accounts.size() >= MAX_FUNDS:
        return refuse(refusal, REJECT_REASON_CAPACITY, FIELD_FUND_ID, fund_id, MAX_FUNDS)
    return refuse_asset(books, asset_id, asset, refusal)


cdef void apply_fund(
    Desk& desk, Progress& progress, int64_t fund_id, int64_t asset_id
) noexcept nogil:
    """Make an empty insurance fund and its account (GD-3)."""
    cdef Refusal refusal
    cdef int32_t asset
    if refuse_new_fund(desk.books, fund_id, asset_id, &asset, &refusal):
        refuse_row(progress, 0, &refusal)
        return
    add_fund(desk.books, add_account(desk, FUND_ACCOUNT_BASE + fund_id, asset, FUND))
    accept_row(progress)


cdef bint refuse_fund_deposit(
    Books& books, int64_t fund_id, int64_t amount_atoms, int32_t* fund, Refusal* refusal
) noexcept nogil:
    """Refuse money that the fund cannot hold; else set the index of its account (GD-8)."""
    fund[0] = find_fund(books, fund_id)
    if fund[0] < 0:
        return refuse(refusal, REJECT_REASON_UNKNOWN_FUND, FIELD_FUND_ID, fund_id, 0)
    return refuse_outside(refusal, FIELD_AMOUNT_ATOMS, amount_atoms, 1, MAX_BALANCE_ATOMS) or (
        not balance_fits(books, fund[0], amount_atoms)
        and refuse(
            refusal, REJECT_REASON_OVERFLOW, FIELD_AMOUNT_ATOMS, amount_atoms, MAX_BALANCE_ATOMS
        )
    )


cdef void apply_fund_deposit(
    Desk& desk, Progress& progress, int64_t fund_id, int64_t amount_atoms
) noexcept nogil:
    """Pay into a fund (GD-8)."""
    cdef Refusal refusal
    cdef int32_t fund
    if refuse_fund_deposit(desk.books, fund_id, amount_atoms, &fund, &refusal):
        refuse_row(progress, 0, &refusal)
        return
    add_balance(desk, fund, amount_atoms)
    desk.books.assets[desk.books.accounts[fund].asset].net_deposits_atoms += amount_atoms
    touch(desk, fund)
    accept_row(progress)


cdef bint refuse_fund_limits(const Parameters* parameters, Refusal* refusal) noexcept nogil:
    """Refuse a limit of what funds hold and lose outside its bounds; 0 is none (GD-7)."""
    return (
        refuse_outside(
            refusal,
            FIELD_FUND_MARKET_NOTIONAL_PPM,
            parameters.fund_market_notional_ppm,
            0,
            MAX_FUND_NOTIONAL_PPM,
        )
        or refuse_outside(
            refusal,
            FIELD_FUND_NOTIONAL_PPM,
            parameters.fund_notional_ppm,
            0,
            MAX_FUND_NOTIONAL_PPM,
        )
        or refuse_outside(refusal, FIELD_FUND_DRAWDOWN_PPM, parameters.fund_drawdown_ppm, 0, PPM)
        or refuse_outside(refusal, FIELD_FUND_RESUME_PPM, parameters.fund_resume_ppm, 0, PPM)
    )


cdef bint refuse_parameters(const Parameters* parameters, Refusal* refusal) noexcept nogil:
    """Refuse a level outside its bounds; a call ends above where it is made (GD-7)."""
    return (
        refuse_outside(
            refusal,
            FIELD_MARGIN_CALL_PPM,
            parameters.margin_call_ppm,
            PPM + 1,
            HIGHEST_LEVEL_PPM - 1,
        )
        or refuse_outside(
            refusal, FIELD_LIQUIDATION_BUFFER_PPM, parameters.liquidation_buffer_ppm, 0, PPM
        )
        or refuse_outside(
            refusal,
            FIELD_TAKE_OVER_PPM,
            parameters.take_over_ppm,
            LEAST_TAKE_OVER_PPM,
            PPM,
        )
        or refuse_outside(
            refusal,
            FIELD_MARGIN_CALL_CLEAR_PPM,
            parameters.margin_call_clear_ppm,
            parameters.margin_call_ppm + 1,
            HIGHEST_LEVEL_PPM,
        )
        or refuse_outside(
            refusal, FIELD_WITHDRAWAL_MARGIN_PPM, parameters.withdrawal_margin_ppm, 0, PPM
        )
        or refuse_outside(
            refusal,
            FIELD_GATE_FLOOR_UNITS,
            parameters.gate_floor_units,
            0,
            MAX_GATE_FLOOR_UNITS,
        )
        or refuse_outside(refusal, FIELD_GATE_PPM, parameters.gate_ppm, 0, PPM)
        or refuse_fund_limits(parameters, refusal)
        or refuse_outside(
            refusal,
            FIELD_SECOND_TERM_MILLIS,
            parameters.second_term_millis,
            0,
            MAX_DELAY_MILLIS,
        )
        or refuse_outside(
            refusal,
            FIELD_LATE_FILL_MILLIS,
            parameters.late_fill_millis,
            0,
            MAX_LATE_FILL_MILLIS,
        )
        or refuse_outside(
            refusal,
            FIELD_SPREAD_AFTER_MILLIS,
            parameters.spread_after_millis,
            0,
            MAX_SPREAD_AFTER_MILLIS,
        )
        or refuse_outside(refusal, FIELD_WORK_UNITS, parameters.work_units, 0, MAX_WORK_UNITS)
        or refuse_outside(
            refusal, FIELD_MAX_RESERVATIONS, parameters.max_reservations, 0, MAX_RESERVATIONS
        )
    )


cdef void apply_parameters(
    Desk& desk, Progress& progress, const Parameters* parameters
) noexcept nogil:
    """Set the levels of the waterfall; have every account judged, and every fund noted (GD-7).

    Ended orders whose time is over by the old or the new number are forgotten for good (WF-28).
    """
    cdef Refusal refusal
    if refuse_parameters(parameters, &refusal):
        refuse_row(progress, 0, &refusal)
        return
    forget_past(desk.books, MAX_ENDED_ORDERS)
    desk.books.parameters = parameters[0]
    have_debts_wait(desk.books)
    forget_past(desk.books, MAX_ENDED_ORDERS)
    review_all(desk)
    desk.running.changed_funds = desk.books.fund_accounts
    accept_row(progress)
