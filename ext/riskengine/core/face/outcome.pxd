"""What a command did, as Python values."""

from riskengine.core.base.refusal cimport Refusal
from riskengine.core.books.state cimport State
from riskengine.core.commands.frame cimport Command
from riskengine.core.commands.order_check cimport Order


cdef object outcome_view(State& state, Command& command)
cdef object order_check_view(const Order* order, const Refusal* refusal, bint refused)
