/* SPDX-License-Identifier: BSD-3-Clause */
/* fd_card.c - a file descriptor of another process of this node. */
#include "engine/runtime/fd_card.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int xb_fd_offer(int fd, struct xb_fd_card *out, struct xb_error *err)
{
    struct stat file;

    if (fstat(fd, &file) < 0)
        return xb_fail(err, "fstat of memory to be shared: %s", strerror(errno));
#ifdef PR_SET_PTRACER
    prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0); /* fails where there is no Yama */
#endif
    *out = (struct xb_fd_card){.pid = (int32_t)getpid(),
                               .fd = fd,
                               .device = (uint64_t)file.st_dev,
                               .inode = (uint64_t)file.st_ino};
    return 0;
}

#if defined(SYS_pidfd_open) && defined(SYS_pidfd_getfd)

int xb_fd_fetch(const struct xb_fd_card *card, int *fd, struct xb_error *reason)
{
    struct stat file;
    int process = (int)syscall(SYS_pidfd_open, card->pid, 0);

    *fd = -1;
    if (process >= 0) {
        *fd = (int)syscall(SYS_pidfd_getfd, process, card->fd, 0);
        int saved = errno;
        close(process);
        errno = saved;
    }
    if (*fd < 0) {
        xb_fail(reason, "the file descriptor %d of the process %d cannot be had: %s", card->fd,
                card->pid, strerror(errno));
        return 1;
    }
    if (fstat(*fd, &file) == 0 && (uint64_t)file.st_dev == card->device &&
        (uint64_t)file.st_ino == card->inode)
        return 0;
    xb_fail(reason,
            "the file descriptor %d of the process %d is not what the other rank has shared: "
            "do they number processes alike, as those of two containers do not?",
            card->fd, card->pid);
    close(*fd);
    *fd = -1;
    return 1;
}

#else

int xb_fd_fetch(const struct xb_fd_card *card, int *fd, struct xb_error *reason)
{
    *fd = -1;
    xb_fail(reason,
            "the file descriptor %d of the process %d cannot be had: this build is for "
            "kernels without pidfd_getfd (Linux 5.6)",
            card->fd, card->pid);
    return 1;
}

#endif
