"""Memory after a view.

While a clone shares the memory, a write to a huge page splits it and copies a part; afterwards it
stays in small ones, and a random access costs a walk of the page table. And each page that nobody
has written to costs a fault at its next write.
"""

from libc.stddef cimport size_t
from libc.stdint cimport uintptr_t

from riskengine.core.base.paged cimport mend


def mend_pages(list pages):
    """Have each page, by address and size in bytes, be as it was before the process was cloned."""
    cdef uintptr_t address
    cdef size_t size_bytes
    for address, size_bytes in pages:
        with nogil:
            mend(<void*>address, size_bytes)
