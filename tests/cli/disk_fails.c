/* SPDX-License-Identifier: BSD-3-Clause */
/* disk_fails.c - xferbench on a machine that fails or is odd. With XB_HOST its name is that;
 * with XB_FAIL_LOCK=1 files cannot be locked; with XB_FAIL_SYNC=N calls of fdatasync fail from
 * the Nth on, as those of a disk that breaks; with XB_FAIL_WRITE=N those of write to a journal,
 * as of a disk that is full, of which the Nth writes half; with XB_FAIL_READ=N those of pread;
 * with XB_FAIL_THREAD=1 it gets no thread; with XB_APPEARS=FILE that file comes to be there
 * when one is locked. What is defined here is found before the library's own; libraries call
 * that. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* Does the caller stand in the program, not in a library? */
static int is_ours(const void *caller)
{
    Dl_info there, here;

    return dladdr(caller, &there) && dladdr((const void *)(size_t)&is_ours, &here) &&
           there.dli_fbase == here.dli_fbase;
}

int gethostname(char *name, size_t len)
{
    const char *host = getenv("XB_HOST");
    int (*next)(char *, size_t) = (int (*)(char *, size_t))dlsym(RTLD_NEXT, "gethostname");

    if (!host || !is_ours(__builtin_return_address(0)))
        return next(name, len);
    strncpy(name, host, len);
    return 0;
}

int fdatasync(int fd)
{
    static atomic_int calls;
    const char *from = getenv("XB_FAIL_SYNC");

    if (from && is_ours(__builtin_return_address(0)) &&
        atomic_fetch_add(&calls, 1) + 1 >= atoi(from)) {
        errno = EIO;
        return -1;
    }
    return fsync(fd);
}

/* Is this call of something on a journal the one that fails, or behind it? 0, or by how much.
 */
static int fails(int fd, const char *variable, atomic_int *calls, const void *caller)
{
    const char *from = getenv(variable);
    char link[64], name[4096] = "";

    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    if (!from || !is_ours(caller) || readlink(link, name, sizeof name - 1) < 0 ||
        !strstr(name, ".journal"))
        return 0;
    int late = atomic_fetch_add(calls, 1) + 2 - atoi(from);
    return late > 0 ? late : 0;
}

ssize_t write(int fd, const void *bytes, size_t n)
{
    static atomic_int calls;
    ssize_t (*next)(int, const void *, size_t) =
        (ssize_t(*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
    int late = fails(fd, "XB_FAIL_WRITE", &calls, __builtin_return_address(0));

    if (late == 1)
        return next(fd, bytes, n / 2);
    if (late == 0)
        return next(fd, bytes, n);
    errno = ENOSPC;
    return -1;
}

ssize_t pread(int fd, void *bytes, size_t n, off_t at)
{
    static atomic_int calls;
    ssize_t (*next)(int, void *, size_t, off_t) =
        (ssize_t(*)(int, void *, size_t, off_t))dlsym(RTLD_NEXT, "pread");

    if (fails(fd, "XB_FAIL_READ", &calls, __builtin_return_address(0)) == 0)
        return next(fd, bytes, n, at);
    errno = EIO;
    return -1;
}

int flock(int fd, int how)
{
    int (*next)(int, int) = (int (*)(int, int))dlsym(RTLD_NEXT, "flock");
    const char *appears = getenv("XB_APPEARS");

    if (appears)
        close(open(appears, O_WRONLY | O_CREAT, 0666));
    if (!getenv("XB_FAIL_LOCK"))
        return next(fd, how);
    errno = ENOLCK;
    return -1;
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*body)(void *),
                   void *arg)
{
    if (getenv("XB_FAIL_THREAD") && is_ours(__builtin_return_address(0)))
        return EAGAIN;
    int (*next)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *) =
        (int (*)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *))dlsym(
            RTLD_NEXT, "pthread_create");
    return next(thread, attr, body, arg);
}
