/* SPDX-License-Identifier: BSD-3-Clause */
/* watch_record.c - what each rank says of itself all the time. */
#include "engine/runtime/watch_record.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LONGEST_TICK_US 5e5

static struct xb_watch_record own;
static struct xb_watch_record *_Atomic mine = &own;
static _Atomic double patience;

struct xb_watch_record *xb_watch_mine(void)
{
    return atomic_load_explicit(&mine, memory_order_acquire);
}

void xb_watch_put_text(_Atomic uint64_t *words, int n, const char *text)
{
    uint64_t word;
    size_t len = strlen(text);

    for (int i = 0; i < n; i++) {
        size_t at = (size_t)i * sizeof word, left = at < len ? len - at : 0;
        word = 0;
        memcpy(&word, text + (left ? at : 0), left < sizeof word ? left : sizeof word);
        if (i == n - 1) /* ends with 0 */
            ((char *)&word)[sizeof word - 1] = '\0';
        atomic_store_explicit(&words[i], word, memory_order_relaxed);
    }
}

void xb_watch_get_text(const _Atomic uint64_t *words, int n, char *text)
{
    for (int i = 0; i < n; i++) {
        uint64_t word = atomic_load_explicit(&words[i], memory_order_relaxed);
        memcpy(text + (size_t)i * sizeof word, &word, sizeof word);
    }
    text[(size_t)n * sizeof(uint64_t) - 1] = '\0';
}

#define COPY(member) atomic_store(&to->member, atomic_load(&from->member))

void xb_watch_move(struct xb_watch_record *to)
{
    struct xb_watch_record *from = xb_watch_mine();

    COPY(watched_us);
    COPY(signal);
    COPY(waits_for);
    COPY(meetings);
    COPY(since_us);
    COPY(due_us);
    COPY(rank);
    COPY(pid);
    COPY(born);
    for (int i = 0; i < XB_WATCH_WORDS; i++)
        COPY(step[i]);
    for (int i = 0; i < 8; i++)
        COPY(place[i]);
    atomic_store_explicit(&mine, to, memory_order_release);
}

void xb_watch_set_patience(double seconds)
{
    atomic_store(&patience, seconds);
}

double xb_watch_patience(void)
{
    return atomic_load(&patience);
}

void xb_watch_due(double seconds)
{
    struct xb_watch_record *r = xb_watch_mine();
    int64_t now = atomic_load(&r->watched_us);

    atomic_store(&r->due_us, seconds > 0 ? now + (int64_t)(seconds * 1e6) + 1 : 0);
}

void xb_watch_step(enum xb_watch_limit limit, const char *fmt, ...)
{
    struct xb_watch_record *r = xb_watch_mine();
    uint32_t version = atomic_load(&r->version);
    char text[XB_WATCH_STEP_LEN];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    atomic_store(&r->due_us, 0); /* of the step before */
    atomic_store(&r->version, version + 1);
    xb_watch_put_text(r->step, XB_WATCH_WORDS, text);
    atomic_store(&r->since_us, atomic_load(&r->watched_us));
    atomic_store(&r->version, version + 2);
    atomic_store(&r->waits_for, 0);
    xb_watch_due(limit * xb_watch_patience());
}

void xb_watch_wait(int rank)
{
    atomic_store_explicit(&xb_watch_mine()->waits_for, rank == XB_WAIT_ALL ? -1 : rank + 1,
                          memory_order_relaxed);
}

void xb_watch_meet(void)
{
    struct xb_watch_record *r = xb_watch_mine();

    atomic_fetch_add_explicit(&r->meetings, 1, memory_order_relaxed);
    xb_watch_wait(XB_WAIT_ALL);
}

void xb_watch_place(const char *fmt, ...)
{
    char text[64];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    xb_watch_put_text(xb_watch_mine()->place, 8, text);
}

void xb_watch_tick(double us)
{
    struct xb_watch_record *r = xb_watch_mine();

    atomic_fetch_add(&r->watched_us, (int64_t)(us < LONGEST_TICK_US ? us : LONGEST_TICK_US));
    atomic_fetch_add(&r->tick, 1);
}
