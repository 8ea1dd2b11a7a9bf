"""What a command did, as Python values."""

from riskengine.core.command cimport Command
from riskengine.core.order_check cimport Order
from riskengine.core.refusal cimport Refusal
from riskengine.core.state cimport State


cdef object outcome_view(State& state, Command& command)
cdef object order_check_view(const Order* order, const Refusal* refusal, bint refused)
