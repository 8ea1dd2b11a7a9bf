"""Growing arrays in pages; see paged.hpp."""

from libcpp cimport bool


cdef extern from "paged.hpp" namespace "riskengine" nogil:
    bool mend(void* page, size_t bytes)

    cdef cppclass Paged[T]:
        Paged()
        T& operator[](size_t)
        T& back()
        size_t size()
        bool empty()
        void push_back(const T&)
        void pop_back()
        void resize(size_t)
        size_t page_count()
        const void* page(size_t)
        size_t page_bytes()

    cdef cppclass HugePaged[T](Paged[T]):
        HugePaged()

    cdef cppclass HugeLines[T]:
        HugeLines()
        T& operator[](size_t)
        size_t size()
        bool empty()
        void resize(size_t)
        size_t page_count()
        const void* page(size_t)
        size_t page_bytes()

    cdef cppclass Beside[U, T]:
        Beside()
        void stand_beside(HugeLines[T]&)
        void take_over(const Beside[U, T]&)
        U& operator[](size_t)
        size_t size()
        void push_back(const U&)

    cdef cppclass PagedHeap[T](Paged[T]):
        PagedHeap()
