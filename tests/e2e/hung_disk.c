/* Preloaded into a server: syncs of files do not return while a file named by HUNG_WHILE is there. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

static void wait_while_hung(void) {
    const char *path = getenv("HUNG_WHILE");
    while (path && access(path, F_OK) == 0) usleep(10000);
}

int fdatasync(int fd) {
    static int (*real)(int);
    if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    wait_while_hung();
    return real(fd);
}

int fsync(int fd) {
    static int (*real)(int);
    if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    wait_while_hung();
    return real(fd);
}
