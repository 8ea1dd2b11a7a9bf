// A clone of this process that writes into a pipe what the memory held when it was made.
#pragma once

#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>

namespace riskengine {

// Write all bytes, or end this process: nobody reads any more.
inline void write_all_or_exit(int fd, const char* bytes, std::size_t count) {
    while (count > 0) {
        const ssize_t written = write(fd, bytes, count);
        if (written < 0 && errno != EINTR) _exit(1);
        if (written > 0) {
            bytes += written;
            count -= static_cast<std::size_t>(written);
        }
    }
}

// Clone this process and have the clone call `body(context, fd)`, where fd is the only descriptor
// that it keeps, and end: with 0 when the body returned true. It ends with its parent's thread, gives
// no signal when it ends, and takes none but SIGKILL. `body` may neither take nor give back memory
// of the allocator: other threads of the parent may have held its locks.
//
// Returns the clone's process id; -1 with errno when there is none.
inline pid_t clone_into(int fd, bool (*body)(void* context, int fd), void* context) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const pid_t parent = getpid();
    // The system call itself: libc's fork would run what libraries have asked to be run then.
    const long pid = syscall(SYS_clone, 0UL, nullptr, nullptr, nullptr, 0UL);
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (static_cast<pid_t>(syscall(SYS_getppid)) != parent) _exit(1);
        if (fd != 0 && dup2(fd, 0) < 0) _exit(1);
        syscall(SYS_close_range, 1U, ~0U, 0U);
        _exit(body(context, 0) ? 0 : 1);
    }
    const int error = errno;
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    errno = error;
    return static_cast<pid_t>(pid);
}

}  // namespace riskengine
