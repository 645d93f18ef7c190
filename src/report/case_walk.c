/* SPDX-License-Identifier: BSD-3-Clause */
/* case_walk.c - the cases of a report, one after the other, wherever they are. */
#include "report/case_walk.h"

struct xb_case_walk xb_cases(const struct xb_report *report)
{
    return (struct xb_case_walk){.report = report};
}

static void let_go(struct xb_case_walk *walk)
{
    if (walk->holds)
        xb_report_case_release(&walk->held);
    walk->holds = false;
}

const struct xb_report_case *xb_cases_next(struct xb_case_walk *walk)
{
    const struct xb_report *report = walk->report;
    const struct xb_case_store *store = &report->store;

    let_go(walk);
    if (walk->failed)
        return NULL;
    if (!store->read) {
        walk->place = walk->next;
        return walk->next < report->cases.n ? xb_report_case_at(report, walk->next++) : NULL;
    }
    while (walk->next < store->n) {
        walk->place = walk->next++;
        int rc = store->read(store->arg, walk->place, &walk->held);
        walk->holds = rc > 0;
        walk->failed = rc < 0;
        if (rc != 0)
            return rc > 0 ? &walk->held : NULL;
    }
    return NULL;
}

const struct xb_report_case *xb_cases_at(struct xb_case_walk *walk, size_t place)
{
    walk->next = place;
    return xb_cases_next(walk);
}

int xb_cases_end(struct xb_case_walk *walk)
{
    let_go(walk);
    return walk->failed ? -1 : 0;
}
