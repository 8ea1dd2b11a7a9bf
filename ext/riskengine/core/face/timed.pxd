"""The engine's commands by which nothing but time goes on."""

from riskengine.core.face.loadable cimport LoadableEngine


cdef class TimedEngine(LoadableEngine):
    pass
