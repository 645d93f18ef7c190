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

/* Bytes of what is kept of passes: the medians of all, and samples up to a bound. */
static double bytes_of_passes(const struct xb_run_books *b)
{
    size_t numbers = 0;

    for (size_t i = 0; i < b->plan->count; i++) {
        const struct xb_result *sum = b->cases[i].sum;
        numbers += sum ? sum->npasses + sum->npasses_s + sum->nsamples + sum->nop_samples : 0;
        for (size_t l = 0; sum && l < sum->nlanes; l++)
            numbers += sum->lanes[l].npasses + sum->lanes[l].nsamples;
    }
    return (double)(numbers * sizeof(double));
}

void xb_run_books_take_use(struct xb_run_books *b, const struct xb_use *ranks)
{
    xb_watchdog_lock();
    xb_use_log_add(&b->uses, xb_clock_unix_s(), ranks, bytes_of_passes(b));
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
