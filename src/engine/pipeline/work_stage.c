/* SPDX-License-Identifier: BSD-3-Clause */
/* work_stage.c - the stage of a ring in which chunks are worked on, in their slots. */
#include "engine/pipeline/work_stage.h"

#include <string.h>

uint64_t xb_work_checksum(const void *bytes, uint64_t count)
{
    const unsigned char *p = bytes;
    uint64_t sum = 0, word;

    for (; count >= sizeof word; count -= sizeof word, p += sizeof word) {
        memcpy(&word, p, sizeof word);
        sum += word;
    }
    word = 0;
    memcpy(&word, p, count);
    return sum + word;
}

/* The upper half of a float's bits, rounded. Adding carries into the exponent where it must. */
static uint16_t nearest_bfloat16(uint32_t bits)
{
    uint32_t magnitude = bits & 0x7fffffff;
    uint32_t rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
    uint32_t quiet_nan = bits >> 16 | 0x40;

    return (uint16_t)(magnitude > 0x7f800000 ? quiet_nan : rounded);
}

/* Floats that are converted together: read before any of them is written. */
#define TOGETHER 64

/* The same for two at once, in the halves of a word, which does not carry from one into the
 * other but where one is not a number. True where there is such a one: then nothing is right.
 */
static bool convert_pairs(const uint64_t pairs[TOGETHER / 2], uint32_t narrow[TOGETHER / 2])
{
    uint64_t no_numbers = 0;

    for (int i = 0; i < TOGETHER / 2; i++) {
        uint64_t w = pairs[i];
        no_numbers |= (w & 0x7fffffff7fffffff) + 0x007fffff007fffff;
        w += 0x00007fff00007fff + (w >> 16 & 0x0000000100000001);
        narrow[i] = (uint32_t)(w >> 32 & 0xffff0000) | (uint32_t)(w >> 16 & 0xffff);
    }
    return no_numbers & 0x8000000080000000;
}

void xb_work_convert(void *dst, const void *src, uint64_t bytes)
{
    const unsigned char *from = src;
    unsigned char *to = dst;

    for (uint64_t n; bytes > 0; bytes -= n) {
        uint64_t pairs[TOGETHER / 2] = {0};
        uint32_t wide[TOGETHER], narrow[TOGETHER / 2];
        n = bytes < sizeof pairs ? bytes : sizeof pairs;
        if (n == sizeof pairs)
            memcpy(pairs, from, sizeof pairs); /* of a known length: no call */
        else
            memcpy(pairs, from, n);
        if (convert_pairs(pairs, narrow)) {
            uint16_t one[TOGETHER];
            memcpy(wide, pairs, sizeof wide);
            for (int i = 0; i < TOGETHER; i++)
                one[i] = nearest_bfloat16(wide[i]);
            memcpy(narrow, one, sizeof narrow);
        }
        memcpy(to, narrow, n / 2);
        from += n;
        to += n / 2;
    }
}

/* A chunk is of one thread: what is converted lies where others would still read. */
static void take_sum(const struct xb_copiers_job *job, uint64_t part, uint64_t parts)
{
    (void)part;
    (void)parts;
    *(uint64_t *)job->dst = xb_work_checksum(job->src, job->bytes);
}

static void convert(const struct xb_copiers_job *job, uint64_t part, uint64_t parts)
{
    (void)part;
    (void)parts;
    xb_work_convert(job->dst, job->src, job->bytes);
}

static int work_start(void *ctx, uint64_t k, struct xb_error *err)
{
    struct xb_work_stage *s = ctx;
    unsigned char *slot = xb_ring_slot(s->ring, k);
    struct xb_copiers_job job = {
        .work = convert, .dst = slot, .src = slot, .bytes = xb_ring_chunk_bytes(s->ring, k)};

    (void)err;
    if (s->work == XB_CHUNK_CHECKSUM) {
        job.work = take_sum;
        job.dst = &s->sum[k % s->ring->depth];
    }
    if (s->threads)
        xb_copiers_start(s->threads, k, &job);
    else
        job.work(&job, 0, 1);
    return 0;
}

static int work_test(void *ctx, uint64_t k, struct xb_error *err)
{
    struct xb_work_stage *s = ctx;

    (void)err;
    if (s->threads && !xb_copiers_done(s->threads, k))
        return 0;
    if (k % s->ring->chunks_per_op == 0)
        s->total = 0;
    s->total += s->sum[k % s->ring->depth];
    return 1;
}

int xb_work_stage_open(struct xb_work_stage *s, const struct xb_ring *ring,
                       enum xb_chunk_work work, int threads, struct xb_error *err)
{
    *s = (struct xb_work_stage){.ring = ring, .work = work};
    if (threads <= 1)
        return 0;
    s->threads = xb_copiers_open(threads, ring->depth, XB_CHUNK_OF_ONE, err);
    return s->threads ? 0 : -1;
}

void xb_work_stage_close(struct xb_work_stage *s)
{
    xb_copiers_close(s->threads);
    s->threads = NULL;
}

struct xb_stage xb_work_stage(struct xb_work_stage *s)
{
    return (struct xb_stage){
        .name = "process", .ctx = s, .start = work_start, .test = work_test};
}
