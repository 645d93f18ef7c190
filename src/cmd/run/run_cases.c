/* SPDX-License-Identifier: BSD-3-Clause */
/* run_cases.c - what there is of the cases of a run: where it stands in the journal, and back
 * from there.
 */
#include "cmd/run/run_books.h"

#include "base/log.h"
#include "engine/measure/exec.h"
#include "engine/measure/policy_choice.h"
#include "model/figures/sampling.h"
#include "report/slices.h"

/* ---- what its passes gave ---- */

/* As many samples as a case's own passes may have stay, or so many where that is more. */
#define LEAST_KEPT 1000

struct sum {
    struct xb_run_books *b;
    const struct xb_case *c;
    struct xb_result *of;
};

static int add_slice(void *arg, struct xb_slice_entry *slice, struct xb_error *err)
{
    struct sum *sum = arg;
    struct xb_case actual;
    struct xb_error why;

    xb_auto_resolve(sum->b->session, sum->b->options->policy, sum->c, &actual,
                    &slice->result.chosen, &why);
    return xb_slices_add(sum->of, &slice->result, sum->b->passes) == 0
               ? 0
               : xb_fail(err, "out of memory for %s", sum->c->id);
}

int xb_run_cases_sum(struct xb_run_books *b, size_t i, struct xb_result *sum,
                     struct xb_error *err)
{
    const struct xb_run_case *c = &b->cases[i];
    const int64_t samples = b->scenario->sampling.max_samples;
    struct sum to = {b, &b->plan->cases[i], sum};

    *sum = (struct xb_result){.status = XB_OK};
    if (b->repeat_s > 0)
        sum->most_samples = samples > LEAST_KEPT ? (size_t)samples : (size_t)LEAST_KEPT;
    if (c->slices >= 0 &&
        xb_journal_slices(b->journal, c->slices, (size_t)c->have, add_slice, &to, err) < 0) {
        xb_result_release(sum);
        return -1;
    }
    sum->resumed = c->earlier;
    return 0;
}

/* What several passes come to. */
static void conclude(struct xb_run_books *b, size_t i, struct xb_result *sum)
{
    const struct xb_case *c = &b->plan->cases[i];
    struct xb_case moved = sum->chosen.method ? xb_choice_apply(&sum->chosen, c) : *c;

    if (sum->passes_asked > 1)
        xb_exec_conclude(b->session, &moved, sum);
}

/* ---- what the report has ---- */

static int make(struct xb_run_books *b, size_t i, const struct xb_result *result,
                struct xb_report_case *out, struct xb_error *err)
{
    return xb_report_make(&b->books.report, &b->plan->cases[i], result, b->books.samples, out,
                          err);
}

/* Case i as the report has it. */
static int read_case(struct xb_run_books *b, size_t i, struct xb_report_case *out,
                     struct xb_error *err)
{
    const struct xb_run_case *c = &b->cases[i];
    struct xb_result sum = {.status = XB_OK};

    if (b->kept_of == &b->plan->cases[i])
        return make(b, i, &b->kept, out, err);
    if (c->line >= 0)
        return xb_journal_case(b->journal, c->line, &b->books.report, out, err);
    if (xb_run_cases_sum(b, i, &sum, err) < 0)
        return -1;
    conclude(b, i, &sum);
    int rc = make(b, i, &sum, out, err);
    xb_result_release(&sum);
    return rc;
}

int xb_run_cases_read(void *books, size_t place, struct xb_report_case *out)
{
    struct xb_run_books *b = books;

    if (!b->cases[place].reported)
        return 0;
    return read_case(b, place, out, &b->unread) < 0 ? -1 : 1;
}

static int count(struct xb_run_books *b, size_t i, const struct xb_report_case *c,
                 struct xb_error *err)
{
    b->cases[i].reported = true;
    return xb_report_count(&b->books.report, c, i, err);
}

static void keep(struct xb_run_books *b, size_t i, struct xb_result *result)
{
    xb_result_release(&b->kept);
    b->kept = *result;
    b->kept_of = &b->plan->cases[i];
    *result = (struct xb_result){.status = XB_OK};
}

void xb_run_cases_keep(struct xb_run_books *b, size_t i, struct xb_result *result)
{
    conclude(b, i, result);
    keep(b, i, result);
}

int xb_run_cases_enter(struct xb_run_books *b, size_t i, struct xb_result *result,
                       struct xb_error *err)
{
    struct xb_run_case *entry = &b->cases[i];
    struct xb_report_case made;

    conclude(b, i, result);
    if (make(b, i, result, &made, err) < 0) {
        xb_result_release(result);
        return -1;
    }
    int rc = xb_journal_add(b->journal, &b->books.report, &made, &entry->line, err);
    if (rc == 0) {
        entry->open = false;
        xb_result_release(result);
    } else {
        keep(b, i, result);
    }
    struct xb_error why;
    if (count(b, i, &made, rc == 0 ? err : &why) < 0)
        rc = -1;
    xb_report_case_release(&made);
    return rc;
}

int xb_run_cases_report(struct xb_run_books *b, size_t i, bool over, struct xb_error *err)
{
    struct xb_run_case *entry = &b->cases[i];
    bool kept = b->kept_of == &b->plan->cases[i], of_passes = !kept && entry->line < 0;
    struct xb_report_case made;
    struct xb_error why;

    if (entry->reported || (!kept && entry->line < 0 && entry->slices < 0))
        return 0;
    if (read_case(b, i, &made, err) < 0)
        return -1;
    int rc = count(b, i, &made, err);
    /* what has no line is made up of its passes each time that it is looked at */
    if (of_passes && over)
        xb_journal_add(b->journal, &b->books.report, &made, &entry->line, &why);
    else if (of_passes)
        xb_journal_add_partial(b->journal, &b->books.report, &made, &entry->line, &why);
    entry->open = entry->open && !over;
    xb_report_case_release(&made);
    return rc;
}

bool xb_run_cases_open(const struct xb_run_books *b)
{
    for (size_t i = 0; b->cases && i < b->plan->count; i++)
        if (b->cases[i].open)
            return true;
    return false;
}
