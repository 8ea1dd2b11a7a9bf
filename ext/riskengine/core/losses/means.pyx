"""The means of a fund: what it can pay, in all and for one market (FD-1, FD-9 to FD-11).

Whoever asks has the equity noted first: the peak is never below what the fund is worth.
"""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t

from riskengine.core.base.fixedpoint cimport PPM, div_ceil, div_floor, greatest, int128_t, least
from riskengine.core.books.books cimport (
    NEVER_NOTED,
    Books,
    FundWindow,
    awaits_marks,
    find_leg,
)
from riskengine.core.books.desk cimport Desk
from riskengine.core.books.fund_window cimport (
    begin_slot,
    noted_peak,
    paid_for,
    place_of,
    slot_at,
    window_of,
)
from riskengine.core.margin.assess cimport assess
from riskengine.core.margin.model cimport Risk
from riskengine.core.margin.thresholds cimport free_equity
from riskengine.core.margin.value cimport leg_value, lots_value

cdef extern from *:
    """
    static const int64_t RISKENGINE_UNLIMITED = INT64_MAX;
    """
    const int64_t UNLIMITED "RISKENGINE_UNLIMITED"


cdef int64_t noted_equity(Books& books, int32_t fund, Risk risk) noexcept nogil:
    """Return a fund's equity without what its inventory has gained at the marks, in atoms (FD-9).

    E - sum(max(0, size * u - cost)): a gain is noted when it is settled.
    """
    cdef int64_t equity = risk.equity_atoms
    cdef int32_t leg = books.accounts[fund].first_leg
    while leg >= 0:
        equity -= greatest(0, leg_value(&books.markets[books.legs[leg].market], &books.legs[leg]))
        leg = books.legs[leg].next_leg
    return equity


cdef int64_t noted_after(
    Books& books, int32_t market, const Booked* booked, int32_t fund, int64_t before_atoms
) noexcept nogil:
    """Return what would be noted of a fund after a booking, of which so much is now (FD-9)."""
    cdef int32_t leg = find_leg(books, fund, market)
    cdef int64_t gain = (
        lots_value(&books.markets[market], booked.size_lots) - booked.cost_atoms
    )
    cdef int64_t after = before_atoms + booked.balance_change_atoms + least(0, gain)
    if leg >= 0:
        after -= least(0, leg_value(&books.markets[market], &books.legs[leg]))
    return after


cdef int64_t peak_equity(Books& books, int32_t fund, Risk risk) noexcept nogil:
    """Return the highest of what is noted now and was in the window, in atoms (FD-9)."""
    return greatest(noted_equity(books, fund, risk), noted_peak(window_of(books, fund)))


cdef int64_t kept_ceil(Books& books, int64_t peak_atoms) noexcept nogil:
    """Return the equity at which a fund with that peak has lost what it may (FD-11)."""
    return <int64_t>div_ceil(
        <int128_t>peak_atoms * (PPM - books.parameters.fund_drawdown_ppm), PPM
    )


cdef bint does_stop_end(Books& books, int32_t fund, int64_t equity_atoms) noexcept nogil:
    """Return whether a fund that is stopped goes on by itself (FD-11).

    By the peak at which it was stopped, and not by marks from before the last start (TM-8).
    """
    cdef int64_t peak_atoms = window_of(books, fund).stop_peak_atoms
    return (
        books.parameters.fund_resume_ppm > 0
        and equity_atoms > peak_atoms - div_floor(
            <int128_t>peak_atoms * books.parameters.fund_resume_ppm, PPM
        )
        and not awaits_marks(books, books.accounts[fund].asset)
    )


cdef bint is_stopped_now(
    Books& books, int32_t fund, int64_t equity_atoms, int64_t peak_atoms
) noexcept nogil:
    """Return whether a fund with that noted equity is stopped from now on (FD-11)."""
    if books.parameters.fund_drawdown_ppm == 0:
        return False
    if equity_atoms < peak_atoms and equity_atoms <= kept_ceil(books, peak_atoms):
        return True
    return window_of(books, fund).is_stopped != 0 and not does_stop_end(books, fund, equity_atoms)


cdef int64_t least_equity(Books& books, int32_t fund, int64_t equity_atoms) noexcept nogil:
    """Return below what a fund with that noted equity may not come by itself, in atoms (FD-11)."""
    if books.parameters.fund_drawdown_ppm == 0:
        return 0
    return greatest(
        0, kept_ceil(books, greatest(equity_atoms, noted_peak(window_of(books, fund))))
    )


cdef void put_equity(Books& books, FundWindow* window, int64_t equity_atoms) noexcept nogil:
    """Note an equity in the present slot (FD-9)."""
    cdef int64_t* slot = &window.peak_atoms[place_of(books.noted_slot)]
    slot[0] = greatest(slot[0], equity_atoms)


cdef void note(Books& books, int32_t fund, Risk risk) noexcept nogil:
    """Note what a fund is worth, and decide whether it is stopped (FD-9, FD-11)."""
    cdef FundWindow* window = window_of(books, fund)
    cdef int64_t equity = noted_equity(books, fund, risk)
    cdef bint is_stopped
    put_equity(books, window, equity)
    is_stopped = is_stopped_now(books, fund, equity, noted_peak(window))
    if not is_stopped:
        window.stop_peak_atoms = 0
    elif window.is_stopped == 0:
        window.stop_peak_atoms = noted_peak(window)
    window.is_stopped = is_stopped


cdef int64_t spare(Books& books, int32_t fund, Risk risk) noexcept nogil:
    """Return what the fund has and does not need for its inventory, in atoms (FD-1).

    What bounds its payments in a window is left out; nothing is noted.
    """
    return greatest(0, least(books.accounts[fund].balance_atoms, free_equity(risk)))


cdef int64_t available(Books& books, int32_t fund, Risk risk) noexcept nogil:
    """Return what the fund can pay and still carry its inventory, in atoms (FD-1).

    Nothing while it is stopped, and no more than what it may still lose in the window.
    """
    cdef FundWindow* window = window_of(books, fund)
    cdef int64_t most = spare(books, fund, risk)
    note(books, fund, risk)
    if window.is_stopped:
        return 0
    if books.parameters.fund_drawdown_ppm > 0:
        most = least(
            most, noted_equity(books, fund, risk) - kept_ceil(books, noted_peak(window))
        )
    return greatest(0, most)


cdef int64_t share_left(Books& books, int32_t market) noexcept nogil:
    """Return what the market's fund, just noted, may still pay for losses and debts of the market.

    Rule FD-10.
    """
    cdef int64_t share_ppm = books.markets[market].rules.fund_share_ppm
    cdef int64_t peak
    if share_ppm == 0:
        return UNLIMITED
    peak = noted_peak(window_of(books, books.markets[market].rules.fund_account))
    return greatest(
        0, <int64_t>div_floor(<int128_t>peak * share_ppm, PPM) - paid_for(books, market)
    )


cdef void look_at_funds(Desk& desk) noexcept nogil:
    """Keep what would be noted of all funds before a command that would begin a slot (FD-9)."""
    cdef int32_t fund
    cdef size_t i
    desk.running.slot_equities_atoms.clear()
    if desk.books.noted_slot in (NEVER_NOTED, slot_at(desk.books.time_nanos)):
        return
    for i in range(desk.books.fund_accounts.size()):
        fund = desk.books.fund_accounts[i]
        desk.running.slot_equities_atoms.push_back(
            noted_equity(desk.books, fund, assess(desk.books, fund))
        )


cdef void note_slot(Desk& desk) noexcept nogil:
    """Begin a slot, if one does, with what all funds were worth before the command (FD-9).

    A venue that has just begun, or gone live, has them noted when its command ends.
    """
    cdef bint is_first = desk.books.noted_slot == NEVER_NOTED
    cdef size_t i
    if not begin_slot(desk.books):
        return
    if is_first:
        desk.running.changed_funds = desk.books.fund_accounts
    for i in range(desk.running.slot_equities_atoms.size()):
        put_equity(
            desk.books, &desk.books.fund_windows[i], desk.running.slot_equities_atoms[i]
        )


cdef void note_changed(Desk& desk) noexcept nogil:
    """Note what the funds are worth whose accounts the command has changed (FD-9)."""
    cdef size_t i
    cdef int32_t fund
    for i in range(desk.running.changed_funds.size()):
        fund = desk.running.changed_funds[i]
        note(desk.books, fund, assess(desk.books, fund))
    desk.running.changed_funds.clear()
