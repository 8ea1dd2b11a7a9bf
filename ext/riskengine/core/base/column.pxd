"""Columns of a batch, straight from the memory of the Python values that hold them."""

from libc.stdint cimport int64_t


cdef extern from "column.hpp" namespace "riskengine" nogil:
    cdef cppclass Column:
        Py_buffer buffer
        int64_t rows()
        const int64_t* data()
        int64_t operator[](int64_t)


cdef int borrow(Column& column, object values, str name) except -1
cdef int borrow_optional(Column& column, object values, str name) except -1
