/* test_xfer_blocks.c - the library face: transfers of many blocks. One rank, cpu device. */
#include "xfer.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <mpi.h>

#include "tests/tap.h"

#define BYTES 65536u

static unsigned char from[BYTES], to[BYTES], expected[BYTES];

/* A rule for each range of block sizes, so that the size picks the way. */
static const char rules[] =
    "{\"schema\": {\"name\": \"xferbench-policy\", \"version\": 1}, \"name\": \"t\","
    " \"rules\": ["
    "{\"use\": {\"method\": \"p2p\"}},"
    "{\"blocks\": {\"to\": 3}, \"block\": {\"to\": 8}, \"order\": \"strided\", \"blocks_at\":"
    " \"dst\", \"use\": {\"method\": \"direct\", \"submission\": \"3d\"}},"
    "{\"blocks\": {\"from\": 2}, \"block\": {\"to\": 16}, \"use\": {\"method\": \"direct\"}},"
    "{\"blocks\": {\"from\": 2}, \"block\": {\"to\": 32},"
    " \"use\": {\"method\": \"direct\", \"submission\": \"2d\"}},"
    "{\"blocks\": {\"from\": 2}, \"block\": {\"to\": 64},"
    " \"use\": {\"method\": \"direct\", \"submission\": \"kernel\"}},"
    "{\"blocks\": {\"from\": 2}, \"block\": {\"to\": 128},"
    " \"use\": {\"method\": \"direct\", \"submission\": \"pack\"}},"
    "{\"blocks\": {\"from\": 2}, \"block\": {\"to\": 256}, \"use\": {\"method\": "
    "\"host-staged\","
    " \"chunk\": \"1KiB\", \"depth\": 2, \"threads\": 2, \"submission\": \"kernel\"}},"
    "{\"blocks\": {\"from\": 2}, \"block\": {\"to\": 512}, \"use\": {\"method\": \"zero-copy\","
    " \"chunk\": \"1KiB\", \"depth\": 2, \"submission\": \"kernel\"}},"
    "{\"blocks\": {\"from\": 2}, \"block\": {\"to\": 600}, \"use\": {\"method\": \"p2p\","
    " \"engine\": \"sm\", \"submission\": \"kernel\"}},"
    "{\"blocks\": {\"from\": 2}, \"block\": {\"to\": 700}, \"use\": {\"method\": \"p2p\","
    " \"side\": \"pull\", \"submission\": \"2d\"}},"
    "{\"blocks\": {\"from\": 2}, \"block\": {\"to\": 800}, \"use\": {\"method\": \"direct\","
    " \"submission\": \"graph\"}},"
    "{\"blocks\": {\"from\": 2}, \"block\": {\"to\": 900}, \"use\": {\"method\": \"p2p\","
    " \"submission\": \"batch\"}}]}";

#define HOST     XFER_HOST
#define GPU      XFER_GPU
#define PAGEABLE XFER_HOST_PAGEABLE

/* Offsets of no pattern, one that is equally far apart, and one that is so but for its end. */
static const uint64_t some[] = {9000, 17, 4100, 2051, 12001};
static const uint64_t others[] = {5000, 1000, 40000, 3000, 20000};
static const uint64_t even[] = {7, 1007, 2007, 3007, 4007};
static const uint64_t uneven[] = {0, 1000, 2000, 3000, 4001};
static const uint64_t backwards[] = {8000, 6000, 4000, 2000, 0};
static const uint64_t twice[] = {300, 310, 300, 305, 0};
static const uint64_t behind[] = {50, 60, 70, 80, 90};

static const struct {
    enum xfer_memory src, dst;
    struct xfer_blocks blocks;
    const char *how;
} moves[] = {
    {HOST, GPU, {5, 16, 40, 100, NULL, NULL}, "direct memory pinned blocks 5 order strided"},
    {HOST,
     GPU,
     {3, 8, 9, 0, NULL, NULL},
     "direct memory pinned blocks 3 order strided blocks_at dst submission 3d"},
    {HOST, GPU, {5, 1, 2, 3, NULL, NULL}, "direct memory pinned blocks 5 order strided"},
    {HOST,
     GPU,
     {500, 17, 0, 31, NULL, NULL},
     "direct memory pinned blocks 500 order strided blocks_at src submission 2d"},
    {GPU,
     HOST,
     {500, 17, 18, 0, NULL, NULL},
     "direct memory pinned blocks 500 order strided blocks_at dst submission 2d"},
    {PAGEABLE,
     GPU,
     {50, 32, 64, 33, NULL, NULL},
     "direct memory pageable blocks 50 order strided submission 2d"},
    {HOST,
     GPU,
     {5, 32, 0, 0, some, NULL},
     "direct memory pinned blocks 5 order scattered blocks_at dst submission kernel (not "
     "direct "
     "submission 2d)"},
    {HOST,
     GPU,
     {5, 64, 0, 0, some, others},
     "direct memory pinned blocks 5 order scattered submission kernel"},
    {GPU,
     GPU,
     {300, 33, 60, 34, NULL, NULL},
     "direct memory pinned blocks 300 order strided submission kernel"},
    {PAGEABLE,
     GPU,
     {5, 64, 0, 0, some, others},
     "direct memory pageable blocks 5 order scattered (not direct submission kernel)"},
    {PAGEABLE,
     GPU,
     {5, 64, 100, 64, NULL, NULL},
     "direct memory pageable blocks 5 order strided blocks_at dst submission 2d (not direct "
     "submission kernel)"},
    {HOST,
     HOST,
     {5, 64, 100, 64, NULL, NULL},
     "direct memory pinned blocks 5 order strided blocks_at dst (not direct submission "
     "kernel)"},
    {HOST,
     GPU,
     {5, 128, 0, 0, some, others},
     "direct memory pinned blocks 5 order scattered submission pack"},
    {PAGEABLE,
     GPU,
     {5, 100, 0, 0, NULL, others},
     "direct memory pageable blocks 5 order scattered blocks_at src submission pack"},
    {GPU,
     PAGEABLE,
     {90, 100, 300, 150, NULL, NULL},
     "direct memory pageable blocks 90 order strided submission pack"},
    {HOST,
     HOST,
     {5, 100, 0, 200, others, NULL},
     "direct memory pinned blocks 5 order scattered submission pack"},
    {HOST,
     GPU,
     {90, 200, 301, 203, NULL, NULL},
     "host-staged memory pinned host_memory pinned threads 2 blocks 90 order strided "
     "submission "
     "kernel chunk 1200B depth 2"},
    {PAGEABLE,
     GPU,
     {5, 256, 0, 0, some, others},
     "host-staged memory pinned threads 2 blocks 5 order scattered submission kernel chunk "
     "1KiB "
     "depth 2"},
    {GPU,
     PAGEABLE,
     {5, 256, 0, 0, some, NULL},
     "host-staged memory pinned threads 2 blocks 5 order scattered blocks_at dst submission "
     "kernel chunk 1KiB depth 2"},
    {HOST,
     GPU,
     {7, 500, 1000, 501, NULL, NULL},
     "zero-copy blocks 7 order strided submission kernel chunk 1500B depth 2"},
    {PAGEABLE,
     GPU,
     {7, 500, 1000, 501, NULL, NULL},
     "direct memory pageable blocks 7 order strided submission 2d (not zero-copy submission "
     "kernel)"},
    {GPU,
     GPU,
     {5, 600, 0, 0, backwards, others},
     "p2p engine sm side push blocks 5 order scattered submission kernel"},
    {GPU,
     GPU,
     {20, 700, 701, 800, NULL, NULL},
     "p2p engine ce side pull blocks 20 order strided submission 2d"},
    {HOST,
     GPU,
     {5, 800, 0, 0, backwards, NULL},
     "direct memory pinned blocks 5 order scattered blocks_at dst submission kernel (not "
     "direct "
     "submission graph)"},
    {GPU,
     GPU,
     {5, 900, 1000, 0, NULL, NULL},
     "direct memory pinned blocks 5 order strided blocks_at dst submission 2d (not p2p "
     "submission batch)"},
    {HOST,
     GPU,
     {5, 1000, 0, 0, NULL, others},
     "direct memory pinned blocks 5 order scattered blocks_at src submission kernel (not the "
     "policy's)"},
    /* what a list comes down to */
    {HOST,
     GPU,
     {5, 30, 0, 0, even, NULL},
     "direct memory pinned blocks 5 order strided blocks_at dst submission 2d"},
    {HOST,
     GPU,
     {5, 30, 0, 40, uneven, NULL},
     "direct memory pinned blocks 5 order scattered submission kernel (not direct submission "
     "2d)"},
    {GPU,
     HOST,
     {5, 16, 0, 0, NULL, twice},
     "direct memory pinned blocks 5 order scattered blocks_at src"},
    {GPU, GPU, {5, 10, 0, 10, behind, NULL}, "p2p engine ce side push"},
    {GPU, GPU, {5, 10, 0, 0, NULL, NULL}, "p2p engine ce side push"},
    {GPU, GPU, {1, 10, 0, 3, some, NULL}, "p2p engine ce side push"},
    /* as many as fill a buffer */
    {HOST,
     GPU,
     {21000, 1, 3, 2, NULL, NULL},
     "direct memory pinned blocks 21000 order strided"},
};

#define FROM 11u /* places that no block divides */
#define TO   301u

static uint64_t at(const uint64_t *list, uint64_t stride, const struct xfer_blocks *b,
                   uint64_t k)
{
    return list ? list[k] : k * (stride ? stride : b->bytes);
}

/* What memory must hold behind a transfer to `to`, which was full of such bytes. */
static void expect(const struct xfer_blocks *b, unsigned char before)
{
    memset(expected, before, BYTES);
    for (uint64_t k = 0; k < b->count; k++)
        memcpy(expected + TO + at(b->dst_at, b->dst_stride, b, k),
               from + FROM + at(b->src_at, b->src_stride, b, k), b->bytes);
}

struct buffers {
    struct xfer *x;
    xfer_buffer from, to;
};

/* Each of two patterns differs from any byte that the other may hide. */
static bool is_moved(const struct buffers *b, const struct xfer_blocks *blocks,
                     struct xfer_error *err)
{
    static const unsigned char before[] = {0xa5, 0x5a};

    for (int i = 0; i < 2; i++) {
        memset(to, before[i], BYTES);
        expect(blocks, before[i]);
        if (xfer_transfer_blocks(b->x, (struct xfer_place){b->to, TO},
                                 (struct xfer_place){b->from, FROM}, blocks, err) < 0 ||
            memcmp(to, expected, BYTES) != 0)
            return false;
    }
    return true;
}

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

static void check_moves(struct buffers *b)
{
    struct xfer_error err = {""};
    char how[XFER_HOW_LEN] = "";
    struct xfer_stats rows[32];
    uint64_t bytes = 0, counted = 0;
    size_t n = sizeof moves / sizeof moves[0];

    for (size_t i = 0; i < n; i++) {
        const struct xfer_blocks *blocks = &moves[i].blocks;
        take(b, moves[i].src, moves[i].dst);
        is_int(xfer_explain_blocks(b->x, b->to, b->from, blocks, how, &err), 0, "explained");
        is_str(how, moves[i].how, "is how");
        ok(is_moved(b, blocks, &err), "every block is moved and no other byte");
        bytes += 2 * blocks->count * blocks->bytes;
        give(b);
        if (err.text[0])
            printf("# %s\n", err.text);
        err.text[0] = '\0';
    }
    size_t entries = xfer_stats_get(b->x, rows, 32);
    for (size_t i = 0; i < entries && i < 32; i++)
        counted += rows[i].bytes;
    is_int((long long)counted, (long long)bytes, "the bytes of blocks are counted");
}

/* A list is looked at in each call. */
static void check_lists(struct buffers *b)
{
    uint64_t list[] = {100, 300, 200, 0, 700}, same[5];
    struct xfer_blocks blocks = {.count = 5, .bytes = 50, .dst_at = list};
    struct xfer_error err = {""};

    take(b, HOST, GPU);
    ok(is_moved(b, &blocks, &err), "blocks to a list");
    list[2] = 500;
    ok(is_moved(b, &blocks, &err), "to the same list, which says another thing");
    memcpy(same, list, sizeof same);
    memset(list, 0xff, sizeof list);
    blocks.dst_at = same;
    ok(is_moved(b, &blocks, &err), "to a copy of it, when it is gone");
    blocks.count = 4;
    ok(is_moved(b, &blocks, &err), "to less of it");
    blocks.src_at = blocks.dst_at;
    ok(is_moved(b, &blocks, &err), "from there too");
    give(b);
    if (err.text[0])
        printf("# %s\n", err.text);
}

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
                                (struct xfer_place){b->to + 1, 0}, &moves[0].blocks, &err),
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
    char file[] = "/tmp/xferbench-test-XXXXXX";
    struct xfer_error err = {""};
    struct buffers b = {0};
    int fd = mkstemp(file), provided;

    MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
    ok(fd >= 0 && write(fd, rules, strlen(rules)) == (ssize_t)strlen(rules), "a policy");
    close(fd);
    for (unsigned i = 0; i < BYTES; i++)
        from[i] = (unsigned char)(i * 13 + i / 256 + 1);
    if (ok(xfer_create(file, "cpu", &b.x, &err) == 0, "the library is ready")) {
        check_moves(&b);
        check_lists(&b);
        check_refused(&b);
        check_one_buffer(&b);
        check_far(&b);
    } else {
        printf("# %s\n", err.text);
    }
    xfer_destroy(b.x);
    unlink(file);
    MPI_Finalize();
    return done_testing();
}
