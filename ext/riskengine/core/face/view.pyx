"""A frozen view of the whole state, while commands go on.

The process is cloned: the clone has the memory as it was, shares it until one of the two writes to
a page, walks over it and writes the words into a pipe. It runs compiled code alone.
"""

from libc.errno cimport errno
from libc.stddef cimport size_t
from libc.stdint cimport int64_t, uintptr_t
from libcpp cimport bool

from riskengine.core.base.words cimport Words
from riskengine.core.books.books cimport Books
from riskengine.core.commands.state cimport State
from riskengine.core.face.clone cimport clone_into, write_all_or_exit
from riskengine.core.face.saving cimport write_state

cdef enum:
    WORD_BYTES = 8


cdef cppclass Viewed:
    State* state
    Words words
    int fd


cdef void write_words(void* viewed, const int64_t* words, size_t count) noexcept nogil:
    """Write words into the pipe."""
    write_all_or_exit((<Viewed*>viewed).fd, <const char*>words, count * WORD_BYTES)


cdef bool write_view(void* context, int fd) noexcept nogil:
    """Write the state into the pipe; False without memory to sort in."""
    cdef Viewed* viewed = <Viewed*>context
    viewed.fd = fd
    return write_state(viewed.state[0], viewed.words)


cdef object begin_view(State& state, int fd):
    """Have a clone of this process write the state into a pipe, and return its process id.

    Between commands only. Raises OSError when there is no clone.
    """
    cdef Viewed viewed
    cdef int pid
    viewed.state = &state
    viewed.fd = -1
    viewed.words.write_to(&write_words, &viewed)
    pid = clone_into(fd, &write_view, &viewed)
    if pid < 0:
        raise OSError(errno, "the process cannot be cloned")
    return pid


cdef list page_addresses(Books& books):
    """Return where the huge pages of accounts and legs lie, which a view leaves in small ones."""
    cdef size_t i
    cdef list addresses = []
    for i in range(books.accounts.page_count()):
        addresses.append(<uintptr_t>books.accounts.page(i))
    for i in range(books.legs.page_count()):
        addresses.append(<uintptr_t>books.legs.page(i))
    return addresses
