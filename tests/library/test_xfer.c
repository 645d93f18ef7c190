/* SPDX-License-Identifier: BSD-3-Clause */
/* test_xfer.c - the library face: bytes, bounds, stand-ins, handles, statistics. One rank, cpu
 * device. */
#include "xfer.h"

#include <stdlib.h>
#include <unistd.h>

#include <mpi.h>

#include "tests/tap.h"

#define BYTES 65536u

static unsigned char host[BYTES], gpu[BYTES], other[BYTES];

/* A rule for each range of sizes, so that the size picks the method. */
static const char rules[] =
    "{\"schema\": {\"name\": \"xferbench-policy\", \"version\": 1}, \"name\": \"t\","
    " \"rules\": ["
    "{\"to\": 100, \"use\": {\"method\": \"direct\", \"memory\": \"pageable\"}},"
    "{\"to\": 1000, \"use\": {\"method\": \"p2p\", \"engine\": \"sm\"}},"
    "{\"to\": 2000, \"use\": {\"method\": \"p2p\", \"side\": \"pull\", \"chunk\": \"512B\","
    " \"depth\": 3}},"
    "{\"to\": 2100, \"use\": {\"method\": \"p2p\", \"chunk\": \"16B\", \"depth\": 100}},"
    "{\"to\": 5000, \"use\": {\"method\": \"host-staged\", \"chunk\": \"1KiB\", \"depth\": 2}},"
    "{\"to\": 8000, \"use\": {\"method\": \"host-staged\", \"memory\": \"pageable\","
    " \"threads\": 3, \"chunk\": \"2KiB\", \"depth\": 3}},"
    "{\"to\": 20000, \"use\": {\"method\": \"zero-copy\", \"chunk\": \"size/3\"}},"
    "{\"to\": 30000, \"use\": {\"method\": \"unified\"}},"
    "{\"to\": 40000, \"use\": {\"method\": \"null\"}},"
    "{\"to\": 50000, \"use\": {\"method\": \"mpi\"}}]}";

struct buffers {
    struct xfer *x;
    xfer_buffer host, gpu, other;
};

static struct xfer_stats total(const struct xfer *x)
{
    struct xfer_stats rows[32], sum = {.size_class = 0};
    size_t n = xfer_stats_get(x, rows, 32);

    for (size_t i = 0; i < n && i < 32; i++) {
        sum.transfers += rows[i].transfers;
        sum.bytes += rows[i].bytes;
        sum.failures += rows[i].failures;
        sum.replaced += rows[i].replaced;
    }
    return sum;
}

static void fill(void)
{
    for (unsigned i = 0; i < BYTES; i++) {
        host[i] = (unsigned char)(i * 13 + i / 256 + 1);
        gpu[i] = (unsigned char)(i * 7 + i / 256 + 2);
        other[i] = 0xa5;
    }
}

#define HOST     XFER_HOST
#define GPU      XFER_GPU
#define PAGEABLE XFER_HOST_PAGEABLE

struct row {
    enum xfer_memory from, to;
    uint64_t bytes;
    const char *how; /* NULL: refused */
};

/* Transfers to `other`, of memory that is registered as each kind in turn. */
static const struct row moves[] = {
    {HOST, GPU, 1, "direct memory pinned"},
    {HOST, GPU, 100, "direct memory pinned"},
    {PAGEABLE, GPU, 100, "direct memory pageable"},
    {GPU, PAGEABLE, 100, "direct memory pageable"},
    {HOST, PAGEABLE, 100, "direct memory pageable"},
    {GPU, GPU, 101, "p2p engine sm side push"},
    {HOST, GPU, 101, "direct memory pinned (not p2p)"},
    {PAGEABLE, GPU, 101, "direct memory pageable (not p2p)"},
    {GPU, GPU, 2000, "p2p engine ce side pull chunk 512B depth 3"},
    {GPU, GPU, 2100, "direct memory pinned (not p2p)"},
    {GPU, GPU, 5000, "host-staged memory pinned chunk 1KiB depth 2"},
    {GPU, HOST, 5000, "host-staged memory pinned host_memory pinned chunk 1KiB depth 2"},
    {GPU, PAGEABLE, 5000, "host-staged memory pinned chunk 1KiB depth 2"},
    {PAGEABLE, GPU, 8000, "host-staged memory pageable threads 3 chunk 2KiB depth 3"},
    {GPU, PAGEABLE, 8000, "host-staged memory pageable threads 3 chunk 2KiB depth 3"},
    {HOST, GPU, 20000, "zero-copy chunk 6912B depth 3"},
    {GPU, HOST, 20000, "zero-copy chunk 6912B depth 3"},
    {PAGEABLE, GPU, 20000, "direct memory pageable (not zero-copy)"},
    {GPU, GPU, 20000, "direct memory pinned (not zero-copy)"},
    {HOST, GPU, 30000, "direct memory pinned (not unified)"},
    {HOST, GPU, 40000, "direct memory pinned (not null)"},
    {HOST, HOST, 50000, "direct memory pinned (not mpi)"},
    {HOST, GPU, 60000, "direct memory pinned (not the policy's)"},
};
#define REPLACED 9 /* of them */

#define FROM 11u /* offsets that no chunk or page divides */
#define TO   301u

/* Does `other` hold these bytes at TO and its own beside them? */
static bool is_moved(const unsigned char *src, uint64_t bytes)
{
    for (unsigned i = 0; i < BYTES; i++) {
        bool inside = i >= TO && i - TO < bytes;
        if (other[i] != (inside ? src[FROM + i - TO] : 0xa5))
            return false;
    }
    return true;
}

static void check_move(struct buffers *b, const struct row *row)
{
    unsigned char *from = row->from == GPU ? gpu : host;
    xfer_buffer src;
    struct xfer_error err = {""};
    char how[XFER_HOW_LEN] = "";

    fill();
    ok(xfer_register(b->x, &(struct xfer_region){other, BYTES, row->to, 0}, &b->other, &err) ==
               0 &&
           xfer_register(b->x, &(struct xfer_region){from, BYTES, row->from, 0}, &src, &err) ==
               0,
       "the buffers are known");
    is_int(xfer_explain(b->x, b->other, src, row->bytes, how, &err), 0, row->how);
    is_str(how, row->how, "is how");
    for (int i = 0; i < 2; i++) /* the second time by what was kept */
        ok(xfer_transfer(b->x, (struct xfer_place){b->other, TO},
                         (struct xfer_place){src, FROM}, row->bytes, &err) == 0 &&
               is_moved(from, row->bytes),
           "every byte is moved and no other");
    ok(xfer_unregister(b->x, b->other, &err) == 0 && xfer_unregister(b->x, src, &err) == 0,
       "the buffers are given back");
    if (err.text[0])
        printf("# %s\n", err.text);
}

static void check_moves(struct buffers *b)
{
    size_t n = sizeof moves / sizeof moves[0];

    for (size_t i = 0; i < n; i++)
        check_move(b, &moves[i]);
    struct xfer_stats sum = total(b->x);
    is_int((long long)sum.transfers, (long long)(2 * n), "all are counted");
    is_int((long long)sum.replaced, 2 * REPLACED, "and how many were not as the policy says");
    is_int((long long)sum.failures, 0, "none failed");
}

static void check_refused(struct buffers *b)
{
    const struct {
        uint64_t dst_offset, src_offset, bytes;
        const char *text;
    } bad[] = {
        {BYTES - 9, 0, 10,
         "found 10 bytes at offset 65527 of the destination, expected them to end within its "
         "65536 bytes"},
        {0, BYTES, 1, "found 1 bytes at offset 65536 of the source"},
        {0, 0, BYTES + 1, "found 65537 bytes at offset 0 of the destination"},
        {UINT64_MAX, 0, 2, "found 2 bytes at offset 18446744073709551615 of the destination"},
        {0, 2, UINT64_MAX, "of the destination"},
        {BYTES + 1, 0, 0, "found 0 bytes at offset 65537 of the destination"},
    };
    struct xfer_error err;
    struct xfer_stats before = total(b->x), after;
    static unsigned char was[BYTES];

    fill();
    memcpy(was, gpu, BYTES);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        is_int(xfer_transfer(b->x, (struct xfer_place){b->gpu, bad[i].dst_offset},
                             (struct xfer_place){b->host, bad[i].src_offset}, bad[i].bytes,
                             &err),
               -1, bad[i].text);
        contains(err.text, bad[i].text, "the error says so");
    }
    is_int(xfer_transfer(b->x, (struct xfer_place){b->gpu, 10}, (struct xfer_place){b->gpu, 0},
                         11, &err),
           -1, "an overlap");
    contains(err.text, "overlaps its source by 1 bytes", "the error says so");
    is_int(xfer_transfer(b->x, (struct xfer_place){b->gpu, BYTES},
                         (struct xfer_place){b->host, 0}, 0, &err),
           0, "0 bytes at the end");
    ok(memcmp(gpu, was, BYTES) == 0, "nothing moved");
    after = total(b->x);
    ok(after.transfers == before.transfers && after.failures == before.failures,
       "and nothing is counted");
    is_int(xfer_transfer(b->x, (struct xfer_place){b->gpu, 10}, (struct xfer_place){b->gpu, 0},
                         10, NULL),
           0, "side by side is no overlap");
}

static void check_handles(struct buffers *b)
{
    struct xfer_error err;
    xfer_buffer first, second, none;

    ok(xfer_register(b->x, &(struct xfer_region){other, BYTES, XFER_HOST, 0}, &first, &err) ==
               0 &&
           xfer_unregister(b->x, first, &err) == 0 &&
           xfer_register(b->x, &(struct xfer_region){other, BYTES, XFER_HOST_PINNED, 0},
                         &second, &err) == 0,
       "a place is used again");
    ok(first != 0 && first != second, "under another handle");
    is_int(xfer_transfer(b->x, (struct xfer_place){first, 0}, (struct xfer_place){b->host, 0},
                         1, &err),
           -1, "the old one is refused");
    contains(err.text, "found the destination 0x", "and named");
    is_int(
        xfer_transfer(b->x, (struct xfer_place){second, 0}, (struct xfer_place){0, 0}, 1, &err),
        -1, "0 is no buffer");
    contains(err.text, "found the source 0, expected a buffer that is registered", "and named");
    is_int(xfer_unregister(b->x, first, &err), -1, "giving back twice is refused");
    is_int(xfer_unregister(b->x, second, NULL), 0, "and once is not");
    is_int(xfer_register(b->x, &(struct xfer_region){NULL, 4, XFER_GPU, 0}, &none, &err), -1,
           "no memory");
    is_int(xfer_register(b->x, &(struct xfer_region){other, 0, XFER_GPU, 0}, &none, &err), -1,
           "none of it");
    is_int(xfer_register(b->x, &(struct xfer_region){other, 4, XFER_GPU, 1}, &none, &err), -1,
           "no such GPU");
    contains(err.text, "found GPU 1, expected one from 0 to 0", "the error says so");
    is_int((long long)none, 0, "no handle for what was refused");
}

static void check_stats(struct buffers *b)
{
    struct xfer_stats rows[4] = {{.size_class = 9}};

    xfer_stats_clear(b->x);
    is_int((long long)xfer_stats_get(b->x, rows, 4), 0, "cleared");
    for (int i = 0; i < 3; i++)
        xfer_transfer(b->x, (struct xfer_place){b->gpu, 0}, (struct xfer_place){b->host, 0},
                      4096, NULL);
    xfer_transfer(b->x, (struct xfer_place){b->gpu, 0}, (struct xfer_place){b->host, 0}, 4097,
                  NULL);
    xfer_transfer(b->x, (struct xfer_place){b->host, 0}, (struct xfer_place){b->gpu, 0}, 4096,
                  NULL);
    is_int((long long)xfer_stats_get(b->x, rows, 1), 3, "path and size class make an entry");
    ok(strcmp(rows[0].src, "host") == 0 && strcmp(rows[0].dst, "gpu") == 0 &&
           rows[0].size_class == 0 && rows[0].transfers == 3 && rows[0].bytes == 3 * 4096,
       "the first one counts its own");
    ok(rows[0].time_us > 0 && rows[0].best_gb_per_s >= rows[0].avg_gb_per_s &&
           rows[0].avg_gb_per_s > 0,
       "with time and rates");
    xfer_stats_get(b->x, rows, 4);
    ok(rows[1].size_class == 1 && rows[1].transfers == 1 && strcmp(rows[2].src, "gpu") == 0,
       "then the others");
}

static void check_create(const char *file)
{
    struct xfer_error err = {""};
    struct xfer *x, *second;

    is_int(xfer_create("nosuch.json", "cpu", &x, &err), -1, "a policy that is not there");
    contains(err.text, "nosuch.json", "is named");
    ok(!x, "and there is nothing");
    is_int(xfer_create(NULL, "abacus", &x, &err), -1, "an unknown device");
    contains(err.text, "abacus", "is named");
    is_int(xfer_create(file, "cpu", &x, &err), 0, "an own policy");
    is_int(xfer_create(NULL, "cpu", &second, &err), -1, "a second one");
    contains(err.text, "destroyed first", "has to wait");
    xfer_destroy(x);
    is_int(xfer_create(NULL, "cpu", &x, &err), 0, "the shipped policy, after the first");
    xfer_destroy(x);
    xfer_destroy(NULL);
}

int main(void)
{
    char file[] = "/tmp/xferbench-test-XXXXXX";
    struct xfer_error err = {""};
    struct buffers b = {0};
    int fd = mkstemp(file), provided;

    MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
    ok(fd >= 0 && write(fd, rules, strlen(rules)) == (ssize_t)strlen(rules), "a policy");
    close(fd);
    check_create(file);
    if (!ok(xfer_create(file, "cpu", &b.x, &err) == 0 &&
                xfer_register(b.x, &(struct xfer_region){host, BYTES, XFER_HOST, 0}, &b.host,
                              &err) == 0 &&
                xfer_register(b.x, &(struct xfer_region){gpu, BYTES, XFER_GPU, 0}, &b.gpu,
                              &err) == 0,
            "the library is ready")) {
        printf("# %s\n", err.text);
    } else {
        check_moves(&b);
        check_refused(&b);
        check_handles(&b);
        check_stats(&b);
    }
    xfer_destroy(b.x);
    MPI_Errhandler handler;
    MPI_Comm_get_errhandler(MPI_COMM_WORLD, &handler);
    ok(handler == MPI_ERRORS_ARE_FATAL, "MPI's errors are handled as before");
    unlink(file);
    MPI_Finalize();
    return done_testing();
}
