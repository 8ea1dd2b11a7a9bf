"""Safe bands: how far each price may go before an account must be looked at (SEMANTICS 10)."""

from libc.stdint cimport int32_t

from riskengine.core.margin cimport Risk
from riskengine.core.state cimport State


cdef void arm(State& state, int32_t account, Risk risk) noexcept nogil
