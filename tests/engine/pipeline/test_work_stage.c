/* SPDX-License-Identifier: BSD-3-Clause */
/* test_work_stage.c - chunks that are worked on in a ring: what a checksum and a conversion
 * are, and that all chunks of a transfer are in its sum. */
#include "engine/pipeline/work_stage.h"

#include <math.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "tests/tap.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

static double value_of(uint32_t bits)
{
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

static uint16_t converted(uint32_t bits)
{
    uint16_t out;
    xb_work_convert(&out, &bits, sizeof bits);
    return out;
}

/* Is it the nearest bfloat16 of a finite float, by distances in double precision, which are
 * exact? Behind the largest one lies 2^128, as if the exponent went on. */
static bool is_nearest(uint32_t bits, uint16_t got)
{
    uint16_t below = (uint16_t)(bits >> 16), above = (uint16_t)(below + 1); /* by magnitude */
    double x = fabs(value_of(bits)), low = fabs(value_of((uint32_t)below << 16));
    double high = (above & 0x7fff) == 0x7f80 ? 0x1p128 : fabs(value_of((uint32_t)above << 16));

    if (x - low == high - x)
        return got == (below % 2 == 0 ? below : above);
    return got == (x - low < high - x ? below : above);
}

static void test_convert(void)
{
    static const uint32_t rests[] = {0, 1, 0x7fff, 0x8000, 0x8001, 0xffff};
    bool nearest = true, no_number = true;

    for (uint32_t top = 0; top < 0x10000; top++)
        for (size_t i = 0; i < ROWS(rests); i++) {
            uint32_t bits = top << 16 | rests[i];
            uint16_t got = converted(bits);
            if ((bits & 0x7f800000) != 0x7f800000)
                nearest = nearest && is_nearest(bits, got);
            else if (bits & 0x7fffff)
                no_number = no_number && (got & 0x7f80) == 0x7f80 && got & 0x7f &&
                            got >> 15 == bits >> 31;
        }
    ok(nearest, "every kind of float becomes the nearest one, of two as near the even one");
    ok(no_number, "what is not a number stays none, with its sign");
    is_int(converted(0x3f800000), 0x3f80, "1");
    is_int(converted(0x7f7fffff), 0x7f80, "the largest float is infinite");
    is_int(converted(0xff800000), 0xff80, "as what was");
    is_int(converted(0x00008001), 0x0001, "the smallest ones are kept");
}

static void test_in_place(void)
{
    uint32_t wide[1000];
    uint16_t apart[1000];
    bool same = true;

    for (uint32_t n = 0; n <= 1000; n += 37) {
        for (uint32_t i = 0; i < n; i++)
            wide[i] = i * 2654435761u;
        xb_work_convert(apart, wide, n * sizeof *wide);
        xb_work_convert(wide, wide, n * sizeof *wide);
        same = same && memcmp(wide, apart, n * sizeof *apart) == 0;
    }
    ok(same, "what is converted may be written over");
}

static void test_checksum(void)
{
    unsigned char bytes[40];
    uint64_t words[5];
    bool any = true;

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(255 - 3 * i);
    for (uint64_t n = 0; n <= sizeof bytes; n++) {
        uint64_t want = 0;
        memset(words, 0, sizeof words);
        memcpy(words, bytes, n);
        for (size_t i = 0; i < ROWS(words); i++)
            want += words[i];
        any = any && xb_work_checksum(bytes, n) == want;
    }
    ok(any, "words are added up, and the part of one at the end");
    uint64_t before = xb_work_checksum(bytes, sizeof bytes);
    bytes[39] ^= 1;
    ok(xb_work_checksum(bytes, sizeof bytes) != before, "the last byte counts");
}

/* Two transfers of 5 chunks of 24 bytes, the last one shorter, through 3 slots. */
static void test_stage(int threads)
{
    enum { DEPTH = 3, CHUNK = 24, BYTES = 110, STRIDE = 32 };
    unsigned char slots[DEPTH * STRIDE];
    const struct xb_ring ring = {.slots = slots,
                                 .stride = STRIDE,
                                 .bytes = BYTES,
                                 .chunk = CHUNK,
                                 .shrinks = 1,
                                 .chunks_per_op = 5,
                                 .depth = DEPTH};
    struct xb_work_stage s;
    struct xb_error err = {""};
    uint64_t want = 0;

    if (!ok(xb_work_stage_open(&s, &ring, XB_CHUNK_CHECKSUM, threads, &err) == 0, err.text))
        return;
    struct xb_stage stage = xb_work_stage(&s);
    for (uint64_t k = 0; k < 10; k++) {
        uint64_t bytes = k % 5 == 4 ? BYTES - 4 * CHUNK : CHUNK;
        unsigned char *slot = slots + k % DEPTH * STRIDE;
        for (uint64_t i = 0; i < STRIDE; i++)
            slot[i] = (unsigned char)(k * 41 + i * 7 + 1);
        want = (k % 5 == 0 ? 0 : want) + xb_work_checksum(slot, bytes);
        stage.start(stage.ctx, k, &err);
        while (stage.test(stage.ctx, k, &err) == 0)
            sched_yield();
        if (k % 5 == 4)
            ok(s.total == want, "the sum is of all chunks of the transfer, and of no other");
    }
    xb_work_stage_close(&s);
    xb_work_stage_close(&s);
}

int main(void)
{
    test_convert();
    test_in_place();
    test_checksum();
    test_stage(1);
    test_stage(3);
    return done_testing();
}
