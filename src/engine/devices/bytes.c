/* SPDX-License-Identifier: BSD-3-Clause */
/* bytes.c - fill and check of the test pattern in host memory. */
#include "engine/devices/bytes.h"

#include <string.h>

_Static_assert((uint64_t)XB_BYTES_KEYS << XB_BYTES_FLOAT_BITS <= 1 << 24,
               "up to there every whole number is a float, and sums are exact");

/* Eight pattern bytes from a word-aligned offset, as they lie in memory. */
static uint64_t word_bytes(const struct xb_bytes_keys *keys, uint64_t offset, bool poison)
{
    uint64_t w = xb_bytes_sum_word(keys, offset / 8, poison);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    w = __builtin_bswap64(w);
#endif
    return w;
}

/* Bytes until the pattern offset is a multiple of 8, at most bytes. */
static uint64_t head_bytes(uint64_t first, uint64_t bytes)
{
    uint64_t head = (8 - first % 8) % 8;
    return head < bytes ? head : bytes;
}

void xb_bytes_fill(void *dst, uint64_t bytes, const struct xb_bytes_keys *keys, uint64_t first,
                   bool poison)
{
    uint8_t *p = dst;
    uint64_t i = 0, head = head_bytes(first, bytes);

    for (; i < head; i++)
        p[i] = xb_bytes_sum_byte(keys, first + i, poison);
    for (; i + 8 <= bytes; i += 8) {
        uint64_t w = word_bytes(keys, first + i, poison);
        memcpy(p + i, &w, 8);
    }
    for (; i < bytes; i++)
        p[i] = xb_bytes_sum_byte(keys, first + i, poison);
}

static void check_byte(uint8_t got, const struct xb_bytes_keys *keys, uint64_t offset,
                       bool poison, struct xb_verify *out)
{
    if (got == xb_bytes_sum_byte(keys, offset, poison))
        return;
    if (out->wrong_bytes++ == 0 || offset < out->first_bad)
        out->first_bad = offset;
}

void xb_bytes_check(const void *src, uint64_t bytes, const struct xb_bytes_keys *keys,
                    uint64_t first, bool poison, struct xb_verify *out)
{
    const uint8_t *p = src;
    uint64_t i = 0, head = head_bytes(first, bytes);

    for (; i < head; i++)
        check_byte(p[i], keys, first + i, poison, out);
    for (; i + 8 <= bytes; i += 8) {
        uint64_t got;
        memcpy(&got, p + i, 8);
        if (got == word_bytes(keys, first + i, poison))
            continue;
        for (uint64_t b = 0; b < 8; b++)
            check_byte(p[i + b], keys, first + i + b, poison, out);
    }
    for (; i < bytes; i++)
        check_byte(p[i], keys, first + i, poison, out);
    out->checked_bytes += bytes;
    out->done = true;
}

/* Stamp i of a stretch, as far as it lies within: a stretch without stamps. */
static struct xb_stretch stamp_of(const struct xb_stretch *s, uint64_t i)
{
    uint64_t from = xb_stamps_at(s->stamps, s->first, i),
             to = from + xb_stamps_bytes(s->stamps);
    struct xb_stretch one = *s;

    from = from > s->first ? from : s->first;
    to = to < s->first + s->bytes ? to : s->first + s->bytes;
    one.stamps = NULL;
    one.poison = false;
    one.bytes = from < to ? to - from : 0;
    one.from += one.bytes > 0 ? from - s->first : 0;
    one.first = from;
    return one;
}

/* Fill what a stretch without stamps is of, or compare it where there is an out. */
static void walk(const struct xb_stretch *s, const struct xb_bytes_keys *keys,
                 struct xb_verify *out)
{
    for (uint64_t done = 0, run; done < s->bytes; done += run) {
        unsigned char *at = s->base + xb_block_map_at(&s->map, s->from + done);
        run = xb_block_map_run(&s->map, s->from + done, s->bytes - done);
        if (out)
            xb_bytes_check(at, run, keys, s->first + done, s->poison, out);
        else
            xb_bytes_fill(at, run, keys, s->first + done, s->poison);
    }
}

static void walk_all(const struct xb_stretch *s, const struct xb_bytes_keys *keys,
                     struct xb_verify *out)
{
    if (!s->stamps) {
        walk(s, keys, out);
        return;
    }
    for (uint64_t i = 0; i < xb_stamps_count(s->stamps, s->first, s->bytes); i++) {
        struct xb_stretch one = stamp_of(s, i);
        walk(&one, keys, out);
    }
}

void xb_bytes_fill_stretch(const struct xb_stretch *s, const struct xb_bytes_keys *keys)
{
    walk_all(s, keys, NULL);
}

void xb_bytes_check_stretch(const struct xb_stretch *s, const struct xb_bytes_keys *keys,
                            struct xb_verify *out)
{
    walk_all(s, keys, out);
}
