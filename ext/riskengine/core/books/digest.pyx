"""Hash of the books: BLAKE2b-128 over their canonical words.

`tests/core/test_hashed.py` holds which fields are hashed, and why the others are not.
"""

import hashlib

from libc.stddef cimport size_t
from libc.stdint cimport int64_t

from riskengine.core.base.words cimport Words
from riskengine.core.books.books cimport Books
from riskengine.core.books.canonical cimport write_books

cdef extern from *:
    """
    static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "words are hashed as they lie there");
    """

cdef enum:
    DIGEST_BYTES = 16


cdef void add_words(void* digest, const int64_t* words, size_t count) noexcept nogil:
    """Hash words, the least significant byte of each first."""
    with gil:
        (<object>digest).update((<const char*>words)[: count * sizeof(int64_t)])


cdef object state_digest(Books& books):
    """Return BLAKE2b-128 over the canonical words, as 32 hexadecimal digits (ST-11)."""
    cdef Words words
    digest = hashlib.blake2b(digest_size=DIGEST_BYTES)
    words.write_to(&add_words, <void*>digest)
    if not write_books(books, words):
        raise MemoryError("no memory to sort accounts in")
    return digest.hexdigest()
