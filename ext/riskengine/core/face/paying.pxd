"""The engine's commands that pay in and out."""

from riskengine.core.face.timed cimport TimedEngine


cdef class PayingEngine(TimedEngine):
    pass
