/* SPDX-License-Identifier: BSD-3-Clause */
/* shm_fails.c - xferbench on a node whose memory for segments that ranks share ends early: on
 * rank XB_FULL_RANK there are none of XB_FULL_BYTES or more, though as much is free. What is
 * defined here is found before the library's own. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

int posix_fallocate(int fd, off_t from, off_t bytes)
{
    const char *rank = getenv("XB_FULL_RANK"), *mine = getenv("OMPI_COMM_WORLD_RANK");
    const char *most = getenv("XB_FULL_BYTES");

    if (rank && mine && most && strcmp(rank, mine) == 0 && bytes >= strtol(most, NULL, 10))
        return ENOSPC;
    return fallocate(fd, 0, from, bytes) == 0 ? 0 : errno;
}
