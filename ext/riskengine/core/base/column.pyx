"""Columns of a batch, straight from the memory of the Python values that hold them."""

from libc.stdint cimport int64_t

from cpython.buffer cimport PyBUF_RECORDS_RO, PyObject_CheckBuffer, PyObject_GetBuffer


cdef bint is_int64(const Py_buffer* buffer) noexcept:
    """Return whether the elements are native signed integers of 64 bits (`struct`'s q or l)."""
    cdef const char* code = buffer.format
    if code == NULL or buffer.itemsize != sizeof(int64_t):
        return False
    if code[0] in b"@=":
        code += 1
    return code[0] in b"lq" and code[1] == 0


cdef int borrow(Column& column, object values, str name) except -1:
    """Take the buffer of a column until the end of the caller's scope.

    Raises TypeError or ValueError that names the column.
    """
    cdef Py_buffer* buffer = &column.buffer
    if not PyObject_CheckBuffer(values):
        raise TypeError(f"{name} must be an array of int64, not {type(values).__name__}")
    PyObject_GetBuffer(values, buffer, PyBUF_RECORDS_RO)
    if buffer.ndim != 1:
        raise ValueError(f"{name} must have one dimension, not {buffer.ndim}")
    if not is_int64(buffer):
        code = (<bytes>buffer.format).decode() if buffer.format != NULL else "B"
        raise ValueError(f"{name} must hold int64, not elements of type {code!r}")
    if buffer.shape[0] > 1 and buffer.strides[0] != sizeof(int64_t):
        raise ValueError(f"{name} must be contiguous, not have a stride of {buffer.strides[0]}")
    return 0


cdef int borrow_optional(Column& column, object values, str name) except -1:
    """Take the buffer of a column that may be left out (None), and has no rows then."""
    return 0 if values is None else borrow(column, values, name)
