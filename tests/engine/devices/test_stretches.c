/* SPDX-License-Identifier: BSD-3-Clause */
/* test_stretches.c - stretches of buffers whose bytes lie in blocks, and stamps in stretches.
 */
#include "engine/devices/bytes.h"

#include <string.h>

#include "tests/tap.h"
#include "bytes_word.h"

#define KEY UINT64_C(0x0123456789abcdef)

/* Stamps alone are written and compared; a stretch that cuts one takes its part of it. */
static void test_stamps(void)
{
    const struct xb_stamps stamps = {.grain = 256, .place = {100}, .places = 1};
    const struct xb_bytes_keys keys = {.key = {KEY}, .count = 1},
                               stamp_keys = {.key = {~KEY}, .count = 1};
    uint8_t memory[1000];
    struct xb_stretch s = {.base = memory, .bytes = 1000, .first = 40};
    bool written = true, kept = true, found = true, missed = true;

    xb_bytes_fill_stretch(&s, &keys);
    s.stamps = &stamps;
    xb_bytes_fill_stretch(&s, &stamp_keys);
    for (uint64_t i = 0; i < 1000; i++) {
        uint64_t at = 40 + i;
        bool stamped = at % 256 < XB_STAMP_BYTES || (at >= 100 && at < 100 + XB_STAMP_BYTES);
        uint8_t want = xb_bytes_byte(stamped ? ~KEY : KEY, at, 0);
        *(stamped ? &written : &kept) &= memory[i] == want;
        memory[i] ^= 1;
        struct xb_verify v = {0};
        xb_bytes_check_stretch(&s, &stamp_keys, &v);
        if (stamped)
            found = found && v.wrong_bytes >= 1 && v.first_bad == at;
        else
            missed = missed && v.wrong_bytes == 0;
        memory[i] ^= 1;
    }
    ok(written, "stamps are where they belong, also in parts");
    ok(kept, "and nowhere else");
    ok(found, "a wrong byte of one is found");
    ok(missed, "and none beside them is looked at");
}

/* Blocks of 24 bytes, 40 apart, the third first: bytes and stamps are where a map puts them,
 * and the gaps stay. */
static void test_blocks(void)
{
    static const uint64_t place[] = {2, 0, 3, 1};
    const struct xb_stamps stamps = {.grain = 64, .place = {20}, .places = 1};
    const struct xb_bytes_keys keys = {.key = {KEY}, .count = 1},
                               stamp_keys = {.key = {~KEY}, .count = 1};
    uint8_t memory[160];
    struct xb_stretch s = {.base = memory,
                           .from = 5,
                           .bytes = 90,
                           .first = 5,
                           .map = {.block = 24, .stride = 40, .place = place}};
    struct xb_verify v = {0};
    bool right = true, stamped = true;

    memset(memory, 0xee, sizeof memory);
    xb_bytes_fill_stretch(&s, &keys);
    for (uint64_t at = 0; at < sizeof memory; at++) {
        uint64_t i = at % 40, k = at / 40 == 2 ? 0 : at / 40 == 0 ? 1 : at / 40 == 3 ? 2 : 3;
        bool inside = i < 24 && k * 24 + i >= 5 && k * 24 + i < 95;
        right =
            right && memory[at] == (inside ? xb_bytes_byte(KEY, k * 24 + i, 0) : (uint8_t)0xee);
    }
    ok(right, "blocks are filled in their places, and nothing else");
    xb_bytes_check_stretch(&s, &keys, &v);
    is_int((long long)v.checked_bytes, 90, "all are compared");
    is_int((long long)v.wrong_bytes, 0, "and right");
    memory[3 * 40 + 7] ^= 1; /* block 2 */
    xb_bytes_check_stretch(&s, &keys, &v);
    is_int((long long)v.first_bad, 2 * 24 + 7, "a wrong byte has its offset in the transfer");
    memory[3 * 40 + 7] ^= 1;
    s.stamps = &stamps;
    xb_bytes_fill_stretch(&s, &stamp_keys);
    for (uint64_t i = 5; i < 95; i++) {
        bool in_one = i % 64 < XB_STAMP_BYTES || (i >= 20 && i < 20 + XB_STAMP_BYTES);
        stamped = stamped && memory[xb_block_map_at(&s.map, i)] ==
                                 xb_bytes_byte(in_one ? ~KEY : KEY, i, 0);
    }
    ok(stamped, "stamps that reach from block to block are in both");
    is_int((long long)xb_block_map_run(&s.map, 20, 50), 4, "up to a block's end");
    is_int((long long)xb_block_map_run(&s.map, 24, 10), 10, "or to the stretch's");
}

/* Floats that are halved on their way: stamps and all that lies between them arrive as they
 * were converted one by one. */
static void test_halved(void)
{
    const struct xb_stamps stamps = {.grain = 256, .place = {4000}, .places = 1};
    const struct xb_stamps halved = xb_stamps_halve(stamps);
    struct xb_bytes_keys keys = {.key = {KEY}, .count = 1, .floats = 1}, others = keys;
    uint32_t wide[1024];
    uint16_t narrow[1024];
    struct xb_stretch from = {.base = (unsigned char *)wide, .bytes = 4000, .first = 96},
                      to = {.base = (unsigned char *)narrow, .bytes = 2000, .first = 48};
    struct xb_verify all = {0}, stamped = {0}, wrong = {0};

    others.key[0] = ~KEY;
    xb_bytes_fill_stretch(&from, &keys);
    for (size_t i = 0; i < 1000; i++)
        narrow[i] = (uint16_t)xb_bytes_bfloat16(wide[i]);
    keys.bfloat16 = 1;
    xb_bytes_check_stretch(&to, &keys, &all);
    ok(all.wrong_bytes == 0 && all.checked_bytes == 2000, "all that was converted is right");
    from.stamps = &stamps;
    xb_bytes_fill_stretch(&from, &others);
    for (size_t i = 0; i < 1000; i++)
        narrow[i] = (uint16_t)xb_bytes_bfloat16(wide[i]);
    others.bfloat16 = 1;
    to.stamps = &halved;
    xb_bytes_check_stretch(&to, &others, &stamped);
    ok(stamped.wrong_bytes == 0 && stamped.checked_bytes > 15 * 16, "and all stamps are");
    narrow[(128 - 48) / 2] ^= 1; /* at 256 of the source */
    xb_bytes_check_stretch(&to, &others, &wrong);
    is_int((long long)wrong.first_bad, 128, "a wrong one is found where it arrived");
}

int main(void)
{
    test_stamps();
    test_halved();
    test_blocks();
    return done_testing();
}
