"""The whole state as bytes, and back: how many words the totals are, these, and the books.

All that follows the totals are the canonical words of the books, so that their hash is the state's.
"""

from libc.stddef cimport size_t
from libc.stdint cimport int64_t, uintptr_t

from riskengine.core.base.words cimport Words
from riskengine.core.books.canonical cimport write_books, write_totals
from riskengine.core.commands.read_back cimport read_books, read_totals
from riskengine.core.commands.state cimport State

cdef enum:
    WORD_BYTES = 8


cdef bint write_state(State& state, Words& words) noexcept nogil:
    """Write the number of words of the totals, the totals, and the books.

    False without memory to sort in. Between commands only.
    """
    words.begin_measuring()
    if not write_totals(state.desk.books, state.desk.totals, words):
        return False
    words.put(<int64_t>words.end_measuring())
    return write_totals(state.desk.books, state.desk.totals, words) and write_books(
        state.desk.books, words
    )


cdef void keep_words(void* pieces, const int64_t* words, size_t count) noexcept nogil:
    """Keep words as a piece of bytes."""
    with gil:
        (<list>pieces).append((<const char*>words)[: count * WORD_BYTES])


cdef bytes saved_state(State& state):
    """Return the state as bytes."""
    cdef Words words
    cdef list pieces = []
    words.write_to(&keep_words, <void*>pieces)
    if not write_state(state, words):
        raise MemoryError("no memory to sort accounts in")
    return b"".join(pieces)


cdef object read_state_back(State& state, const unsigned char[::1] saved):
    """Read into a state that has just begun what `saved_state` gave.

    Raises ValueError when it is something else.
    """
    cdef Words books, totals
    cdef const int64_t* words
    cdef size_t count, totals_words
    cdef bint is_read = False
    if saved.shape[0] < WORD_BYTES or saved.shape[0] % WORD_BYTES:
        raise ValueError(f"{saved.shape[0]} bytes are no state")
    if <uintptr_t>&saved[0] % WORD_BYTES:
        raise ValueError("a state must lie at a multiple of 8 bytes")
    words = <const int64_t*>&saved[0]
    totals_words = <size_t>words[0]
    words += 1
    count = <size_t>saved.shape[0] // WORD_BYTES - 1
    if totals_words > count:
        raise ValueError("these bytes are no state")
    with nogil:
        books.read_from(words + totals_words, count - totals_words)
        totals.read_from(words, totals_words)
        totals.carry(state.desk.books.sequence)
        if read_books(state, books):
            is_read = read_totals(state.desk.totals, totals)
    if not is_read:
        raise ValueError("these bytes are no state")
