/* SPDX-License-Identifier: BSD-3-Clause */
/* test_xfer_blocks.c - the library face: transfers of many blocks. One rank, cpu device. */
#include "tests/library/xfer_fixture.h"

/* A rule for each range of block sizes, so that the size picks the way. */
static const char rules[] =
    "{\"schema\": {\"name\": \"xferbench-policy\", \"version\": 1}, \"name\": \"t\","
    " \"rules\": ["
    "{\"use\": {\"method\": \"p2p\"}},"
    "{\"blocks\": {\"from\": 2}, \"block\": {\"to\": 64}, \"order\": \"planes\","
    " \"use\": {\"method\": \"direct\", \"submission\": \"3d\"}},"
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

/* Offsets of no pattern, one that is equally far apart, and one that is so but for its end. */
static const uint64_t some[] = {9000, 17, 4100, 2051, 12001};
static const uint64_t others[] = {5000, 1000, 40000, 3000, 20000};
static const uint64_t even[] = {7, 1007, 2007, 3007, 4007};
static const uint64_t uneven[] = {0, 1000, 2000, 3000, 4001};
static const uint64_t backwards[] = {8000, 6000, 4000, 2000, 0};
static const uint64_t twice[] = {300, 310, 300, 305, 0};
static const uint64_t planes[] = {5, 105, 205, 1005, 1105, 1205};
static const uint64_t wide[] = {0, 1000, 2000, 7000, 8000, 9000};
static const uint64_t pairs[] = {0, 100, 500, 600, 1000, 1100};
static const uint64_t broken[] = {0, 100, 250, 350, 500, 600};
static const uint64_t ends[] = {0, 100, 200, 500, 600, 701};
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
    {HOST,
     GPU,
     {6, 50, 0, 0, planes, wide},
     "direct memory pinned blocks 6 order planes rows 3 submission 3d"},
    {PAGEABLE,
     GPU,
     {6, 50, 70, 0, NULL, planes},
     "direct memory pageable blocks 6 order planes rows 3 submission 3d"},
    {GPU,
     HOST,
     {6, 50, 0, 0, planes, NULL},
     "direct memory pinned blocks 6 order planes rows 3 blocks_at dst submission 3d"},
    {GPU,
     HOST,
     {6, 100, 0, 0, NULL, planes},
     "direct memory pinned blocks 6 order planes rows 3 blocks_at src submission pack"},
    {HOST,
     GPU,
     {6, 1000, 0, 0, wide, NULL},
     "direct memory pinned blocks 6 order planes rows 3 blocks_at dst submission 3d (not the "
     "policy's)"},
    {HOST,
     GPU,
     {6, 50, 0, 0, planes, pairs},
     "direct memory pinned blocks 6 order scattered submission kernel"},
    {HOST,
     GPU,
     {6, 50, 0, 0, broken, NULL},
     "direct memory pinned blocks 6 order scattered blocks_at dst submission kernel"},
    {HOST,
     GPU,
     {6, 50, 0, 0, NULL, ends},
     "direct memory pinned blocks 6 order scattered blocks_at src submission kernel"},
    {HOST,
     GPU,
     {5, 50, 0, 0, planes, NULL},
     "direct memory pinned blocks 5 order scattered blocks_at dst submission kernel"},
    /* as many as fill a buffer */
    {HOST,
     GPU,
     {21000, 1, 3, 2, NULL, NULL},
     "direct memory pinned blocks 21000 order strided"},
};

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

int main(void)
{
    struct buffers b;

    if (fixture_open(&b, rules)) {
        check_moves(&b);
        check_lists(&b);
    }
    fixture_close(&b);
    return done_testing();
}
