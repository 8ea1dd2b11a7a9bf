"""The books: how they begin."""

from riskengine.core.base.codes cimport VENUE_MODE_LIVE
from riskengine.core.books.limits cimport DEFAULT_RESERVATIONS


cdef void books_init(Books& books) noexcept nogil:
    """Begin with empty books and the default parameters."""
    books.sequence = 0
    books.time_nanos = 0
    books.instruction_sequence = 0
    books.last_liquidation_id = 0
    books.timers_made = 0
    books.open_orders = 0
    books.venue_mode = VENUE_MODE_LIVE
    books.noted_slot = NEVER_NOTED
    books.parameters.margin_call_ppm = 1_250_000
    books.parameters.liquidation_buffer_ppm = 50_000
    books.parameters.take_over_ppm = 666_667
    books.parameters.margin_call_clear_ppm = 1_350_000
    books.parameters.withdrawal_margin_ppm = 100_000
    books.parameters.gate_floor_units = 1_000
    books.parameters.gate_ppm = 1_000
    books.parameters.fund_market_notional_ppm = 0
    books.parameters.fund_notional_ppm = 0
    books.parameters.fund_drawdown_ppm = 0
    books.parameters.fund_resume_ppm = 0
    books.parameters.second_term_millis = 0
    books.parameters.late_fill_millis = 0
    books.parameters.spread_after_millis = 0
    books.parameters.work_units = 0
    books.parameters.max_reservations = DEFAULT_RESERVATIONS
    books.retention.client_count = 1_000
    books.retention.answer_count = 1_024
    books.retention.answer_bytes = 4 << 20
    books.retention.instruction_count = 1_000_000
    books.retention.caller_client_count = 250
    books.retention.client_idle_millis = 3_600_000
    books.directory.oldest_liquidation_id = 1
    books.directory.first_ended = 0
