/* SPDX-License-Identifier: BSD-3-Clause */
/* caches.c - host memory put out of the processor's caches, by the processor's own instruction
 * for a line: clflushopt or clflush on x86, dc civac on aarch64. Sources: Intel's Software
 * Developer's Manual, volume 2; the Arm Architecture Reference Manual, DC CIVAC and CTR_EL0.
 */
#include "engine/runtime/caches.h"

#include <stddef.h>

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>
#include <stdbool.h>

#define HAS_CLFLUSH    (1u << 19) /* CPUID 1, EDX */
#define HAS_CLFLUSHOPT (1u << 23) /* CPUID 7, EBX */

/* Bytes of a line, 0 where the processor has no such instruction; *opt: it has the one that
 * does not wait for the line before it. */
static size_t line_bytes(bool *opt)
{
    unsigned a, b, c, d, line;

    *opt = false;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(d & HAS_CLFLUSH))
        return 0;
    line = (b >> 8 & 0xff) * 8;
    if (__get_cpuid_count(7, 0, &a, &b, &c, &d))
        *opt = b & HAS_CLFLUSHOPT;
    return line;
}

__attribute__((target("clflushopt"))) static void flush_opt(uintptr_t at, uintptr_t end,
                                                            size_t line)
{
    for (; at < end; at += line)
        _mm_clflushopt((void *)at);
}

int xb_caches_can_flush(struct xb_error *reason)
{
    bool opt;

    if (line_bytes(&opt) > 0)
        return 0;
    xb_fail(reason, "this processor has no instruction that puts memory out of its caches");
    return 1;
}

void xb_caches_flush(const void *at, uint64_t bytes)
{
    bool opt;
    size_t line = line_bytes(&opt);
    uintptr_t first = (uintptr_t)at, end = first + bytes;

    if (line == 0)
        return;
    first -= first % line;
    _mm_mfence(); /* what was written before is written back */
    if (opt)
        flush_opt(first, end, line);
    else
        for (; first < end; first += line)
            _mm_clflush((const void *)first);
    _mm_mfence();
}

#elif defined(__aarch64__)

int xb_caches_can_flush(struct xb_error *reason)
{
    (void)reason; /* Linux lets programs use it */
    return 0;
}

void xb_caches_flush(const void *at, uint64_t bytes)
{
    uint64_t type;
    uintptr_t first = (uintptr_t)at, end = first + bytes;

    __asm__("mrs %0, ctr_el0" : "=r"(type));
    size_t line = (size_t)4 << (type >> 16 & 0xf); /* the smallest of all data caches */
    first -= first % line;
    __asm__ volatile("dsb sy" ::: "memory");
    for (; first < end; first += line)
        __asm__ volatile("dc civac, %0" ::"r"(first) : "memory");
    __asm__ volatile("dsb sy" ::: "memory");
}

#else

int xb_caches_can_flush(struct xb_error *reason)
{
    xb_fail(reason, "no instruction is known that puts memory out of this processor's caches");
    return 1;
}

void xb_caches_flush(const void *at, uint64_t bytes)
{
    (void)at;
    (void)bytes;
}

#endif
