"""How much of what was answered and instructed is remembered: set by a command (GD-22)."""

from riskengine.core.books.books cimport Books, Retention
from riskengine.core.commands.frame cimport Progress


cdef void apply_retention(
    Books& books, Progress& progress, const Retention* wanted
) noexcept nogil
