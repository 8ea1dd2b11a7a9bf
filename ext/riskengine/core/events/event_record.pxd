"""An event as a Python value: the struct itself, read field by field."""

from riskengine.core.events.event cimport Event


cdef class EventRecord:
    cdef Event event  # all that there is to set in a new one
