"""The state as Python values, for questions."""

from libc.stdint cimport int32_t, int64_t

from riskengine.core.books.state cimport State


cdef object account_view(State& state, int32_t account, bint with_positions)
cdef object market_view(State& state, int32_t market)
cdef object fund_view(State& state, int32_t fund)
cdef object asset_view(State& state)
cdef object parameters_view(State& state)
cdef list account_page(State& state, int64_t after_account_id, int64_t limit, int32_t wanted_state)
cdef object bad_debt(State& state)
