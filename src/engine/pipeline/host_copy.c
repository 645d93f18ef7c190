/* SPDX-License-Identifier: BSD-3-Clause */
/* host_copy.c - copies within host memory by the processor. */
#include "engine/pipeline/host_copy.h"

#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>

#define LINE  64ull /* bytes that a cache holds together */
#define PAGE  4096ull
#define PAGES 4
#define AHEAD 512 /* bytes from what is copied to what is fetched */

bool xb_host_copy_streams(void)
{
    return true;
}

static void stream_line(unsigned char *dst, const unsigned char *src)
{
    const __m128i *from = (const void *)src;
    __m128i *to = (void *)dst;
    __m128i a = _mm_loadu_si128(from), b = _mm_loadu_si128(from + 1);
    __m128i c = _mm_loadu_si128(from + 2), d = _mm_loadu_si128(from + 3);

    _mm_stream_si128(to, a);
    _mm_stream_si128(to + 1, b);
    _mm_stream_si128(to + 2, c);
    _mm_stream_si128(to + 3, d);
}

/* So many pages side by side: the processor looks ahead within a page alone, so it has more of
 * them under way. */
static void stream_pages(unsigned char *dst, const unsigned char *src)
{
    for (uint64_t at = 0; at < PAGE; at += LINE)
        for (uint64_t page = 0; page < PAGES * PAGE; page += PAGE) {
            _mm_prefetch((const char *)src + page + at + AHEAD, _MM_HINT_T0);
            stream_line(dst + page + at, src + page + at);
        }
}

/* Whole lines of the destination by streaming stores, which others see in order only behind the
 * fence; what lies before and behind them as usual. */
static void stream(unsigned char *dst, const unsigned char *src, uint64_t bytes)
{
    uint64_t at = (LINE - (uintptr_t)dst % LINE) % LINE;

    at = at < bytes ? at : bytes;
    memcpy(dst, src, at);
    for (; bytes - at >= PAGES * PAGE; at += PAGES * PAGE)
        stream_pages(dst + at, src + at);
    for (; bytes - at >= LINE; at += LINE)
        stream_line(dst + at, src + at);
    memcpy(dst + at, src + at, bytes - at);
    _mm_sfence();
}

#else

bool xb_host_copy_streams(void)
{
    return false;
}

static void stream(unsigned char *dst, const unsigned char *src, uint64_t bytes)
{
    memcpy(dst, src, bytes);
}

#endif

void xb_host_copy(void *dst, const void *src, uint64_t bytes, enum xb_stores stores)
{
    if (stores == XB_STORES_STREAMING)
        stream(dst, src, bytes);
    else
        memcpy(dst, src, bytes);
}
