/* SPDX-License-Identifier: BSD-3-Clause */
/* fd_card.h - a file descriptor of another process of this node, taken over by where it is.
 *
 * Memory that has no name, as CUDA's virtual memory or a memfd, is handed on so: the owner
 * sends a card by any message, and who has it opens the same file. The kernel allows that to
 * processes which may trace the owner (pidfd_getfd(2)): those of the same user, where no
 * security module forbids it. One such module, Yama, is told by the owner that others may; the
 * copies that MPI libraries make from process to process need the same.
 */
#ifndef XB_ENGINE_RUNTIME_FD_CARD_H
#define XB_ENGINE_RUNTIME_FD_CARD_H

#include <stdint.h>

#include "base/error.h"

struct xb_fd_card {
    int32_t pid, fd;
    uint64_t device, inode; /* of the file, so that no other one is taken for it */
};

/* Make the card of a descriptor of this process, which stays open as long as others may fetch
 * it. One process, without the others. 0 or -1. */
int xb_fd_offer(int fd, struct xb_fd_card *out, struct xb_error *err);

/* Open what another process offers: *fd is the caller's, who closes it. 0, or 1 with the reason
 * where the kernel does not let this process have it. */
int xb_fd_fetch(const struct xb_fd_card *card, int *fd, struct xb_error *reason);

#endif
