/* SPDX-License-Identifier: BSD-3-Clause */
/* run_uses.c - what passes take while they go on: their time, and what ranks take of their
 * nodes.
 */
#include "cmd/run/run_books.h"

#include <inttypes.h>

#include "base/log.h"
#include "engine/runtime/clock.h"

void xb_run_books_start(struct xb_run_books *b)
{
    b->began_us = xb_clock_passed_us();
}

double xb_run_books_repeating_s(const struct xb_run_books *b)
{
    return b->repeated_s + (xb_clock_passed_us() - b->began_us) * 1e-6;
}

void xb_run_books_take_use(struct xb_run_books *b, const struct xb_use *ranks)
{
    xb_watchdog_lock();
    xb_use_log_add(&b->uses, xb_clock_unix_s(), ranks);
    xb_watchdog_unlock();
}

/* Say which ranks take more from pass to pass. */
static void warn_of_uses(const struct xb_report *report)
{
    for (size_t i = 0; i < report->run.resources.n; i++) {
        const struct xb_report_use *use =
            (const struct xb_report_use *)report->run.resources.item + i;
        if (use->warning)
            xb_log_warn("rank %" PRId64 ": %s", use->rank, use->warning);
    }
}

int xb_run_books_report_uses(struct xb_run_books *b, struct xb_error *err)
{
    if (xb_report_uses(&b->books.report, &b->uses, err) < 0)
        return -1;
    warn_of_uses(&b->books.report);
    return 0;
}
