"""Tables in packed columns of protobuf; see packed.hpp."""

from libc.stddef cimport size_t
from libc.stdint cimport int64_t, uint8_t, uint64_t
from libcpp cimport bool


cdef extern from "packed.hpp" namespace "riskengine" nogil:
    uint8_t* put_varint(uint8_t* at, uint64_t value)
    size_t varint_bytes(uint64_t value)
    uint8_t delimited(int field)

    cdef cppclass PackedTable:
        PackedTable()
        bool take(int columns, size_t most_rows)
        void clear()
        size_t rows()
        void put(int64_t)
        void put_signed(int64_t)
        void end_row()
        size_t field_bytes()
        uint8_t* write(int field, uint8_t* at)
