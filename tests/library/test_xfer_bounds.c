/* SPDX-License-Identifier: BSD-3-Clause */
/* test_xfer_bounds.c - the library face: blocks that are refused, and those just within. One
 * rank, cpu device. */
#include <sys/mman.h>

#include "tests/library/xfer_fixture.h"

static const char rules[] =
    "{\"schema\": {\"name\": \"xferbench-policy\", \"version\": 1}, \"name\": \"t\","
    " \"rules\": [{\"use\": {\"method\": \"direct\"}}]}";

static void check_refused(struct buffers *b)
{
    static const uint64_t outside[] = {0, 65136, 500}, no[] = {UINT64_MAX - 2, 0, 500};
    static const uint64_t close[] = {500, 0, 549};
    static const struct {
        struct xfer_blocks blocks;
        const char *text;
    } bad[] = {
        {{XFER_MOST_BLOCKS + 1, 1, 1, 1, NULL, NULL},
         "found 1048577 blocks, expected 1048576 at most"},
        {{4, 100, 99, 100, NULL, NULL},
         "found blocks of 100 bytes that are 99 apart at the destination, expected no overlap"},
        {{4, 100, 100, 1, NULL, NULL},
         "found blocks of 100 bytes that are 1 apart at the source, expected no overlap"},
        {{3, 50, 50, 0, close, NULL},
         "found a distance of 50 bytes and a list of the blocks of the destination, expected "
         "one"},
        {{3, 50, 0, 50, NULL, close},
         "a list of the blocks of the source, expected one of them"},
        {{7, 100, 10861, 0, NULL, NULL},
         "found block 6 of 100 bytes, 65166 behind offset 301 of the destination, expected it "
         "to "
         "end within its 65536 bytes"},
        {{7, 100, 0, 10905, NULL, NULL},
         "found block 6 of 100 bytes, 65430 behind offset 11 of the source, expected it to end "
         "within its 65536 bytes"},
        {{3, 100, 0, 0, outside, NULL},
         "found block 1 of 100 bytes, 65136 behind offset 301 of"},
        {{3, 100, 0, 0, NULL, no},
         "found block 0 of 100 bytes, 18446744073709551613 behind offset 11 of the source"},
        {{2, 100, UINT64_MAX, 0, NULL, NULL}, "found block 1 of 100 bytes, 184467440737095516"},
        {{2, UINT64_MAX, 0, 0, NULL, NULL},
         "found block 0 of 18446744073709551615 bytes, 0 be"},
        {{XFER_MOST_BLOCKS, 1ull << 44, 0, 0, NULL, NULL},
         "found block 0 of 17592186044416 by"},
        {{3, 50, 0, 0, close, NULL},
         "found block 2 of the destination within 49 bytes of block 0, expected no overlap of "
         "50 "
         "bytes each"},
    };
    struct xfer_error err = {""};
    char how[XFER_HOW_LEN];
    struct xfer_stats row;

    xfer_stats_clear(b->x);
    take(b, HOST, GPU);
    memset(to, 0xa5, BYTES);
    memset(expected, 0xa5, BYTES);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        is_int(xfer_transfer_blocks(b->x, (struct xfer_place){b->to, TO},
                                    (struct xfer_place){b->from, FROM}, &bad[i].blocks, &err),
               -1, bad[i].text);
        contains(err.text, bad[i].text, "the error says so");
    }
    is_int(xfer_explain_blocks(b->x, b->to, b->from, &bad[1].blocks, how, &err), -1,
           "nor is it explained");
    const struct xfer_blocks rows = {.count = 5, .bytes = 16, .dst_stride = 40};
    const struct xfer_blocks none = {.count = 0, .bytes = 10}, empty = {.count = 10};
    is_int(xfer_transfer_blocks(b->x, (struct xfer_place){b->to, BYTES},
                                (struct xfer_place){b->from, 0}, &none, &err),
           0, "no blocks");
    is_int(xfer_transfer_blocks(b->x, (struct xfer_place){b->to, BYTES},
                                (struct xfer_place){b->from, 0}, &empty, &err),
           0, "empty ones");
    is_int(xfer_transfer_blocks(b->x, (struct xfer_place){b->to, BYTES + 1},
                                (struct xfer_place){b->from, 0}, &none, &err),
           -1, "no blocks beyond the end");
    contains(err.text, "behind offset 65537 of the destination", "the error says so");
    is_int(xfer_transfer_blocks(b->x, (struct xfer_place){b->to, 0},
                                (struct xfer_place){b->to + 1, 0}, &rows, &err),
           -1, "from no buffer");
    contains(err.text, "found the source 0x", "the error says so");
    ok(memcmp(to, expected, BYTES) == 0, "nothing moved");
    is_int((long long)xfer_stats_get(b->x, &row, 1), 0, "and nothing is counted");
    give(b);
}

/* Within one buffer blocks may lie between each other. */
static void check_one_buffer(struct buffers *b)
{
    static const uint64_t places[] = {0, 100, 30}, downwards[] = {100, 0, 30};
    const struct xfer_blocks rows = {
        .count = 100, .bytes = 10, .dst_stride = 20, .src_stride = 20};
    const struct xfer_blocks falling = {.count = 3, .bytes = 10, .dst_at = downwards};
    const struct xfer_blocks listed = {.count = 3, .bytes = 10, .dst_at = places};
    struct xfer_error err = {""};
    bool good = true;

    take(b, HOST, GPU);
    for (unsigned i = 0; i < 2000; i++)
        to[i] = (unsigned char)(i / 10 * 7 + i);
    is_int(xfer_transfer_blocks(b->x, (struct xfer_place){b->to, 10},
                                (struct xfer_place){b->to, 0}, &rows, &err),
           0, "even rows to odd ones");
    for (unsigned i = 0; i < 2000; i++)
        good = good && to[i] == (unsigned char)(i / 20 * 2 * 7 + i - (i / 10 % 2) * 10);
    ok(good, "every byte is there and no other");
    is_int(xfer_transfer_blocks(b->x, (struct xfer_place){b->to, 9},
                                (struct xfer_place){b->to, 0}, &rows, &err),
           -1, "rows that overlap the next ones");
    contains(
        err.text,
        "found block 0 of the destination that overlaps block 0 of the source, expected none",
        "the error says so");
    is_int(xfer_transfer_blocks(b->x, (struct xfer_place){b->to, 11},
                                (struct xfer_place){b->to, 0}, &rows, &err),
           -1, "or those after");
    contains(err.text, "block 0 of the destination that overlaps block 1 of", "as it says");
    is_int(xfer_transfer_blocks(b->x, (struct xfer_place){b->to, 0},
                                (struct xfer_place){b->to, 80}, &listed, &err),
           -1, "one of a list");
    contains(err.text, "block 1 of the destination that overlaps block 2 of", "by its number");
    is_int(xfer_transfer_blocks(b->x, (struct xfer_place){b->to, 80},
                                (struct xfer_place){b->to, 60}, &falling, &err),
           -1, "the lowest of a list");
    contains(err.text, "block 1 of the destination that overlaps block 2 of", "by its number");
    is_int(xfer_transfer_blocks(b->x, (struct xfer_place){b->to, 0},
                                (struct xfer_place){b->to, 110}, &listed, &err),
           0, "side by side is no overlap");
    give(b);
}

/* Offsets beyond what 32 bits count, in memory of which few pages are there. */
static void check_far(struct buffers *b)
{
    const size_t bytes = (size_t)6 << 30, far = (size_t)5 << 30;
    static const uint64_t places[] = {((uint64_t)5 << 30) + 3, 0, 1000};
    const struct xfer_blocks listed = {.count = 3, .bytes = 100, .src_at = places};
    const struct xfer_blocks rows = {.count = 2, .bytes = 100, .src_stride = far};
    struct xfer_error err = {""};
    char how[XFER_HOW_LEN] = "";
    unsigned char *wide = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (!ok(wide != MAP_FAILED, "an address space of 6 GiB"))
        return;
    memset(wide, 1, 100);
    memset(wide + 1000, 2, 100);
    memset(wide + far + 3, 3, 100);
    memset(wide + far, 4, 3);
    take(b, HOST, GPU);
    xfer_unregister(b->x, b->from, NULL);
    is_int(xfer_register(b->x, &(struct xfer_region){wide, bytes, XFER_HOST_PINNED, 0},
                         &b->from, &err),
           0, "is a buffer");
    is_int(xfer_transfer_blocks(b->x, (struct xfer_place){b->to, 0},
                                (struct xfer_place){b->from, 0}, &listed, &err),
           0, "far blocks of a list");
    ok(to[0] == 3 && to[99] == 3 && to[100] == 1 && to[199] == 1 && to[200] == 2 &&
           to[299] == 2,
       "are those");
    xfer_explain_blocks(b->x, b->to, b->from, &rows, how, &err);
    contains(how, "order scattered", "no copy engine has such rows");
    is_int(xfer_transfer_blocks(b->x, (struct xfer_place){b->to, 0},
                                (struct xfer_place){b->from, 0}, &rows, &err),
           0, "far rows");
    ok(to[0] == 1 && to[99] == 1 && to[100] == 4 && to[102] == 4 && to[103] == 3 &&
           to[199] == 3 && to[200] == 2,
       "are those");
    give(b);
    munmap(wide, bytes);
}

int main(void)
{
    struct buffers b;

    if (fixture_open(&b, rules)) {
        check_refused(&b);
        check_one_buffer(&b);
        check_far(&b);
    }
    fixture_close(&b);
    return done_testing();
}
