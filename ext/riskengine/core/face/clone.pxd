"""A clone of this process that writes into a pipe; see clone.hpp."""

from libc.stddef cimport size_t
from libcpp cimport bool


cdef extern from "clone.hpp" namespace "riskengine" nogil:
    int clone_into(int fd, bool (*body)(void*, int) noexcept nogil, void* context)
    void write_all_or_exit(int fd, const char* data, size_t count)
