/* SPDX-License-Identifier: BSD-3-Clause */
/* fd_fails.c - xferbench where the kernel lets nobody have a file descriptor of another
 * process, as some containers have it. What is defined here is found before the library's own.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <unistd.h>

long syscall(long number, ...)
{
    static long (*real)(long, ...);
    long a[6];
    va_list args;

    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "syscall");
    va_start(args, number);
    for (int i = 0; i < 6; i++)
        a[i] = va_arg(args, long); /* those that were not given are not looked at */
    va_end(args);
    if (number == SYS_pidfd_getfd) {
        errno = EPERM;
        return -1;
    }
    return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
