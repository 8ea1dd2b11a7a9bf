"""Streams of words, and room to sort in; see words.hpp."""

from libc.stdint cimport int64_t
from libcpp cimport bool


cdef extern from "words.hpp" namespace "riskengine" nogil:
    ctypedef void (*Flush)(void* context, const int64_t* words, size_t count) noexcept nogil

    ctypedef void (*Tell)(
        void* context, int record, const int64_t* words, size_t count
    ) noexcept nogil

    cdef cppclass Words:
        Words()
        void write_to(Flush, void*)
        void tell_to(Tell, void*)
        void read_from(const int64_t*, size_t)
        bool is_reading()
        bool has_failed()
        void fail()
        size_t left()
        void carry[T](T&)
        void begin(int)
        void put_count(size_t)
        void put(int64_t)
        int64_t next()
        size_t next_count(size_t)
        void begin_measuring()
        size_t end_measuring()
        void flush()

    cdef cppclass Scratch[T]:
        Scratch()
        bool take(size_t)
        T* begin()
        T* end()
        size_t size()
        T& operator[](size_t)
        void push_back(const T&)
