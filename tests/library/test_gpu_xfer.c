/* SPDX-License-Identifier: BSD-3-Clause */
/* test_gpu_xfer.c - the library face on a GPU: every submission of blocks between memory of
 * every kind, byte by byte. Argument 1 names another device. One rank. */
#include "xfer.h"

#include <stdlib.h>
#include <unistd.h>

#include <mpi.h>

#include "engine/devices/device.h"
#include "tests/tap.h"

/* How many blocks there are picks the submission. */
static const char rules[] =
    "{\"schema\": {\"name\": \"xferbench-policy\", \"version\": 1}, \"name\": \"t\","
    " \"rules\": ["
    "{\"blocks\": {\"from\": 100, \"to\": 100}, \"use\": {\"method\": \"direct\"}},"
    "{\"blocks\": {\"from\": 101, \"to\": 101},"
    " \"use\": {\"method\": \"direct\", \"submission\": \"batch\"}},"
    "{\"blocks\": {\"from\": 102, \"to\": 102},"
    " \"use\": {\"method\": \"direct\", \"submission\": \"2d\"}},"
    "{\"blocks\": {\"from\": 103, \"to\": 103},"
    " \"use\": {\"method\": \"direct\", \"submission\": \"kernel\"}},"
    "{\"blocks\": {\"from\": 104, \"to\": 104},"
    " \"use\": {\"method\": \"direct\", \"submission\": \"3d\"}},"
    "{\"blocks\": {\"from\": 105, \"to\": 105},"
    " \"use\": {\"method\": \"direct\", \"submission\": \"graph\"}},"
    "{\"blocks\": {\"from\": 106, \"to\": 106},"
    " \"use\": {\"method\": \"direct\", \"submission\": \"pack\"}},"
    "{\"blocks\": {\"from\": 107, \"to\": 107}, \"use\": {\"method\": \"host-staged\","
    " \"chunk\": \"64KiB\", \"depth\": 3, \"threads\": 2, \"submission\": \"kernel\"}},"
    "{\"blocks\": {\"from\": 108, \"to\": 108}, \"use\": {\"method\": \"zero-copy\","
    " \"chunk\": \"64KiB\", \"depth\": 3, \"submission\": \"kernel\"}}]}";

#define FEWEST 100
#define MOST   108

/* Blocks of so many bytes, which begin so far apart; or by a list, in no order, or in planes of
 * so many rows. */
#define LISTED 0
#define PLANES 1
#define ROWS   4
static const struct shape {
    uint64_t bytes, dst_stride, src_stride;
} shapes[] = {
    {2048, 4096, 3072},   {2048, 2048, 5000},     {4000, 4016, 4000},     {3, 7, 5},
    {1001, LISTED, 1001}, {2048, 2048, LISTED},   {4096, LISTED, LISTED}, {2048, PLANES, 2048},
    {1001, 1200, PLANES}, {2048, PLANES, PLANES},
};
#define FURTHEST 5000 /* from one block to the next one */
#define PLACE    64   /* where blocks begin to count */
#define BYTES    ((uint64_t)PLACE + FURTHEST * MOST)

/* An end: what the library is given, and the same as the processor sees it. */
struct end {
    struct xb_mem mem;
    unsigned char *seen; /* a copy for memory of a GPU, else the memory itself */
    xfer_buffer buffer;
};

struct world {
    const struct xb_device *dev;
    struct xb_stream *stream;
    struct xb_event *event;
    struct xfer *x;
    struct end src, dst;
    uint64_t list[MOST], planes[MOST];
    unsigned char *expected;
};

/* Copy all bytes and wait. 0 or -1. */
static int copy(struct world *w, void *to, const void *from)
{
    struct xb_error err;
    int done = w->dev->copy(to, from, BYTES, w->stream, &err) < 0 ||
                       w->dev->event_record(w->event, w->stream, &err) < 0
                   ? -1
                   : 0;

    while (done == 0)
        done = w->dev->event_done(w->event, &err);
    return done < 0 ? -1 : 0;
}

static bool is_copy(const struct end *end)
{
    return end->seen != end->mem.ptr;
}

static int show(struct world *w, struct end *end)
{
    return is_copy(end) ? copy(w, end->seen, end->mem.ptr) : 0;
}

static int put(struct world *w, struct end *end)
{
    return is_copy(end) ? copy(w, end->mem.ptr, end->seen) : 0;
}

static bool take(struct world *w, struct end *end, enum xfer_memory memory)
{
    static const enum xb_mem_kind kinds[] = {[XFER_HOST] = XB_MEM_PAGEABLE,
                                             [XFER_HOST_PINNED] = XB_MEM_PINNED,
                                             [XFER_GPU] = XB_MEM_DEVICE,
                                             [XFER_HOST_PAGEABLE] = XB_MEM_PAGEABLE};
    struct xb_error why = {""};
    struct xfer_error err = {""};

    bool good = w->dev->alloc(kinds[memory], 0, BYTES, &end->mem, &why) == 0;
    if (good)
        end->seen = memory == XFER_GPU ? malloc(BYTES) : end->mem.ptr;
    good = good && end->seen &&
           xfer_register(w->x, &(struct xfer_region){end->mem.ptr, BYTES, memory, 0},
                         &end->buffer, &err) == 0;
    if (!ok(good, "memory is known"))
        printf("# %s%s\n", why.text, err.text);
    return good;
}

static void give(struct world *w, struct end *end)
{
    xfer_unregister(w->x, end->buffer, NULL);
    if (is_copy(end))
        free(end->seen);
    if (end->mem.ptr)
        w->dev->free(&end->mem);
    memset(end, 0, sizeof *end);
}

static uint64_t at(const struct world *w, uint64_t stride, uint64_t k)
{
    return stride == LISTED ? w->list[k] : stride == PLANES ? w->planes[k] : k * stride;
}

static uint64_t stride_of(uint64_t stride)
{
    return stride == LISTED || stride == PLANES ? 0 : stride;
}

static const uint64_t *list_of(const struct world *w, uint64_t stride)
{
    return stride == LISTED ? w->list : stride == PLANES ? w->planes : NULL;
}

/* Transfer once with destinations that were full of such bytes: is every byte right? */
static bool is_moved(struct world *w, const struct shape *s, const struct xfer_blocks *blocks,
                     unsigned char before, struct xfer_error *err)
{
    memset(w->dst.seen, before, BYTES);
    memset(w->expected, before, BYTES);
    for (uint64_t k = 0; k < blocks->count; k++)
        memcpy(w->expected + PLACE + at(w, s->dst_stride, k),
               w->src.seen + PLACE + at(w, s->src_stride, k), s->bytes);
    return put(w, &w->dst) == 0 &&
           xfer_transfer_blocks(w->x, (struct xfer_place){w->dst.buffer, PLACE},
                                (struct xfer_place){w->src.buffer, PLACE}, blocks, err) == 0 &&
           show(w, &w->dst) == 0 && memcmp(w->dst.seen, w->expected, BYTES) == 0;
}

static void check_shape(struct world *w, const struct shape *s, uint64_t count)
{
    const struct xfer_blocks blocks = {.count = count,
                                       .bytes = s->bytes,
                                       .dst_stride = stride_of(s->dst_stride),
                                       .src_stride = stride_of(s->src_stride),
                                       .dst_at = list_of(w, s->dst_stride),
                                       .src_at = list_of(w, s->src_stride)};
    struct xfer_error err = {""};
    char how[XFER_HOW_LEN] = "", name[XFER_HOW_LEN + 128];

    for (uint64_t i = 0; i < BYTES; i++)
        w->src.seen[i] = (unsigned char)(i * 13 + i / 256 + count);
    bool good = put(w, &w->src) == 0 && xfer_explain_blocks(w->x, w->dst.buffer, w->src.buffer,
                                                            &blocks, how, &err) == 0;
    /* twice from one place, the second time by what was kept */
    good = good && is_moved(w, s, &blocks, 0xa5, &err) && is_moved(w, s, &blocks, 0x5a, &err);
    snprintf(name, sizeof name, "blocks of %llu bytes by %s", (unsigned long long)s->bytes,
             how);
    if (!ok(good, name))
        printf("# %s\n", err.text);
}

static void check_path(struct world *w, enum xfer_memory src, enum xfer_memory dst)
{
    if (take(w, &w->src, src) && take(w, &w->dst, dst))
        for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
            for (uint64_t count = FEWEST; count <= MOST; count++)
                check_shape(w, &shapes[i], count);
    give(w, &w->src);
    give(w, &w->dst);
}

static void check_all(struct world *w)
{
    static const enum xfer_memory hosts[] = {XFER_HOST, XFER_HOST_PINNED, XFER_HOST_PAGEABLE};

    for (uint64_t k = 0; k < MOST; k++) { /* 35 and MOST have no common divisor */
        w->list[k] = k * 35 % MOST * FURTHEST;
        w->planes[k] = (k / ROWS * (ROWS + 1) + k % ROWS) * 3000;
    }
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        check_path(w, hosts[i], XFER_GPU);
        check_path(w, XFER_GPU, hosts[i]);
    }
    check_path(w, XFER_GPU, XFER_GPU);
}

static void run(const char *device, const char *policy)
{
    struct xb_error why = {""};
    struct xfer_error err = {""};
    struct world w = {.dev = xb_device_find(device, &why), .expected = malloc(BYTES)};

    if (!w.dev) {
        printf("ok %d - no GPU # SKIP %s\n", ++tap_count, why.text);
    } else if (ok(xfer_create(policy, device, &w.x, &err) == 0 && w.expected &&
                      w.dev->stream_open(0, &w.stream, &why) == 0 &&
                      w.dev->event_open(false, 0, &w.event, &why) == 0,
                  "the library is ready")) {
        check_all(&w);
        w.dev->event_close(w.event);
        w.dev->stream_close(w.stream);
    } else {
        printf("# %s%s\n", err.text, why.text);
    }
    xfer_destroy(w.x);
    free(w.expected);
}

int main(int argc, char **argv)
{
    char file[] = "/tmp/xferbench-test-XXXXXX";
    int fd = mkstemp(file), provided;

    MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
    ok(fd >= 0 && write(fd, rules, strlen(rules)) == (ssize_t)strlen(rules), "a policy");
    close(fd);
    run(argc > 1 ? argv[1] : "cuda", file);
    unlink(file);
    MPI_Finalize();
    return done_testing();
}
