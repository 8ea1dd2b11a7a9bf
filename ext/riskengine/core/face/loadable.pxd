"""The engine's commands that load a venue."""

from riskengine.core.commands.frame cimport Progress
from riskengine.core.face.questions cimport ReadOnlyEngine


cdef class LoadableEngine(ReadOnlyEngine):
    cdef object done(self, Progress& progress)
