/* SPDX-License-Identifier: BSD-3-Clause */
/* xfer_fixture.h - two buffers and the library, for its tests. One rank, cpu device. */
#ifndef XB_TESTS_LIBRARY_XFER_FIXTURE_H
#define XB_TESTS_LIBRARY_XFER_FIXTURE_H

#include "xfer.h"

#include <stdlib.h>
#include <unistd.h>

#include <mpi.h>

#include "tests/tap.h"

#define BYTES 65536u

static unsigned char from[BYTES], to[BYTES], expected[BYTES];

#define FROM 11u /* places that no block divides */
#define TO   301u

#define HOST     XFER_HOST
#define GPU      XFER_GPU
#define PAGEABLE XFER_HOST_PAGEABLE

struct buffers {
    struct xfer *x;
    xfer_buffer from, to;
};

static void take(struct buffers *b, enum xfer_memory src, enum xfer_memory dst)
{
    struct xfer_error err = {""};

    ok(xfer_register(b->x, &(struct xfer_region){from, BYTES, src, 0}, &b->from, &err) == 0 &&
           xfer_register(b->x, &(struct xfer_region){to, BYTES, dst, 0}, &b->to, &err) == 0,
       "the buffers are known");
}

static void give(struct buffers *b)
{
    ok(xfer_unregister(b->x, b->from, NULL) == 0 && xfer_unregister(b->x, b->to, NULL) == 0,
       "the buffers are given back");
}

/* Have the library with a policy of these rules. False, with the reason, where it is not there.
 */
static bool fixture_open(struct buffers *b, const char *rules)
{
    char file[] = "/tmp/xferbench-test-XXXXXX";
    struct xfer_error err = {""};
    int fd = mkstemp(file), provided;

    *b = (struct buffers){0};
    MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
    ok(fd >= 0 && write(fd, rules, strlen(rules)) == (ssize_t)strlen(rules), "a policy");
    close(fd);
    for (unsigned i = 0; i < BYTES; i++)
        from[i] = (unsigned char)(i * 13 + i / 256 + 1);
    bool good = ok(xfer_create(file, "cpu", &b->x, &err) == 0, "the library is ready");
    if (!good)
        printf("# %s\n", err.text);
    unlink(file);
    return good;
}

static void fixture_close(struct buffers *b)
{
    xfer_destroy(b->x);
    MPI_Finalize();
}

#endif
