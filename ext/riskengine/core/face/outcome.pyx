"""What a command did, as Python values."""

from libc.stddef cimport size_t
from libc.stdint cimport int64_t

from riskengine.core.base import codes
from riskengine.core.base.refusal cimport Refusal
from riskengine.core.books.desk cimport Desk
from riskengine.core.events.event cimport Event
from riskengine.core.events.event_record cimport EventRecord
from riskengine.core.types import Event as EventView
from riskengine.core.types import OrderCheck, Outcome, Rejection


cdef dict FIELD_NAMES = {
    field.value: field.name.removeprefix("FIELD_").lower() for field in codes.Field
} | {codes.Field.FIELD_NONE.value: ""}

cdef extern from "Python.h":
    object PyType_GenericAlloc(type kind, Py_ssize_t length)

cdef object NEW_TUPLE = tuple.__new__  # of a NamedTuple's values, without its Python function
cdef type EVENT = EventView
cdef type OUTCOME = Outcome
cdef type REJECTION = Rejection


cdef object rejection_view(int64_t row, const Refusal* refusal):
    """Return the Rejection of a row."""
    return NEW_TUPLE(
        REJECTION,
        (
            row,
            refusal.reason,
            FIELD_NAMES[refusal.field],
            refusal.value,
            refusal.limit,
            refusal.detail,
        ),
    )


cdef object event_view(const Event* event):
    """Return a copy of the event that Python owns."""
    cdef EventRecord record = PyType_GenericAlloc(EVENT, 0)
    record.event = event[0]
    return record


cdef object outcome_view(Desk& desk, Progress& progress):
    """Return the Outcome of a finished command."""
    cdef size_t i
    cdef list rejections = []
    cdef list events = []
    for i in range(progress.refusals.size()):
        rejections.append(
            rejection_view(progress.refusals[i].row, &progress.refusals[i].refusal)
        )
    if progress.succeeded:
        for i in range(desk.running.events.size()):
            events.append(event_view(&desk.running.events[i]))
    return NEW_TUPLE(
        OUTCOME,
        (
            desk.books.sequence if progress.succeeded else 0,
            progress.time_nanos if progress.succeeded else desk.books.time_nanos,
            progress.applied_rows,
            progress.rejected_rows,
            rejections,
            events,
        ),
    )


cdef object order_check_view(const Order* order, const Refusal* refusal, bint refused):
    """Return the OrderCheck of an order."""
    return OrderCheck(
        rejection_view(0, refusal) if refused else None,
        order.equity_after_atoms,
        order.initial_after_atoms,
    )
