"""Huge pages, which a view leaves in small ones.

While a clone shares the memory, a write to a huge page splits it and copies a part; afterwards it
stays in small ones, and a random access costs a walk of the page table, until it is collapsed.
"""

from libc.stdint cimport uintptr_t

from riskengine.core.base.paged cimport collapse


def collapse_page(uintptr_t address):
    """Make one huge page again of that at the address; False when the system did not."""
    cdef bint is_huge
    with nogil:
        is_huge = collapse(<void*>address)
    return is_huge
