"""A frozen view of the whole state, while commands go on.

The process is cloned: the clone has the memory as it was, shares it until one of the two writes to
a page, walks over it and writes the words into a pipe. It runs compiled code alone.
"""

from libc.errno cimport errno
from libc.stddef cimport size_t
from libc.stdint cimport int64_t, uintptr_t
from libcpp cimport bool

from riskengine.core.base.words cimport Words
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


cdef list memory_pages(State& state):
    """Return where the pages lie that commands write to most, and the size of each in bytes.

    Those of accounts, of legs with their watches, and of the heaps.
    """
    cdef list pages = []
    cdef size_t heap, i
    for i in range(state.desk.books.accounts.page_count()):
        pages.append(
            (<uintptr_t>state.desk.books.accounts.page(i), state.desk.books.accounts.page_bytes())
        )
    for i in range(state.desk.books.legs.page_count()):
        pages.append((<uintptr_t>state.desk.books.legs.page(i), state.desk.books.legs.page_bytes()))
    for heap in range(state.index.heaps.size()):
        for i in range(state.index.heaps[heap].page_count()):
            pages.append(
                (
                    <uintptr_t>state.index.heaps[heap].page(i),
                    state.index.heaps[heap].page_bytes(),
                )
            )
    return pages
