"""What a command did, as Python values."""

from libc.stdint cimport int64_t

from riskengine.core.base.refusal cimport Refusal
from riskengine.core.books.desk cimport Desk
from riskengine.core.commands.frame cimport Progress
from riskengine.core.commands.order_check cimport Order


cdef object rejection_view(int64_t row, const Refusal* refusal)
cdef object outcome_view(Desk& desk, Progress& progress)
cdef object order_check_view(const Order* order, const Refusal* refusal, bint refused)
