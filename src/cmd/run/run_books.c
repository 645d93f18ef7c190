/* run_books.c - rank 0's account of a run. */
#include "cmd/run/run_books.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cmd/cmd.h"
#include "engine/measure/exec.h"
#include "engine/measure/policy_choice.h"
#include "model/figures/sampling.h"
#include "report/differences.h"
#include "report/formats/trace.h"
#include "report/slices.h"

/* ---- the report ---- */

int xb_run_books_write(struct xb_run_books *b, enum xb_run_status status, struct xb_error *err)
{
    xb_report_sort(&b->books.report);
    if (xb_run_books_report_uses(b, err) < 0)
        return -1;
    if (xb_books_write(&b->books, b->options->output, status, err) < 0)
        return -1;
    if (b->options->format->write(&b->books.report, stdout) < 0)
        xb_log_error("out of memory while printing the %s", b->options->format->name);
    fflush(stdout);
    return 0;
}

int xb_run_books_write_trace(struct xb_run_books *b, struct xb_error *err)
{
    if (!b->options->trace)
        return 0;
    cJSON *trace = xb_trace_json(&b->books.report);
    int rc = trace ? xb_report_write(b->options->trace, trace, err)
                   : xb_fail(err, "out of memory for the trace");
    cJSON_Delete(trace);
    return rc;
}

/* Index of a case of the plan, or its end where it is none of it. */
static size_t place_of(const struct xb_plan *plan, const char *id)
{
    size_t i = 0;

    while (i < plan->count && strcmp(plan->cases[i].id, id) != 0)
        i++;
    return i;
}

/* Add a case to the report, at its place. */
static int report_case(struct xb_run_books *b, size_t i, const struct xb_result *result,
                       struct xb_error *err)
{
    struct xb_report *report = &b->books.report;

    if (xb_report_add(report, &b->plan->cases[i], result, b->books.samples, err) < 0)
        return -1;
    xb_report_case_at(report, report->cases.n - 1)->place = i;
    return 0;
}

static int take_resumed(struct xb_run_books *b, size_t known, size_t place,
                        struct xb_error *err)
{
    struct xb_report *report = &b->books.report;

    if (xb_report_take(report, &b->resumed, known, err) < 0)
        return -1;
    xb_report_case_at(report, report->cases.n - 1)->place = place;
    return 0;
}

static void forget(struct xb_run_case *c)
{
    if (c->sum)
        xb_result_release(c->sum);
    free(c->sum);
    c->sum = NULL;
}

/* What the passes of a case come to, into the report. */
static int conclude(struct xb_run_books *b, size_t i, struct xb_error *err)
{
    const struct xb_case *c = &b->plan->cases[i];
    struct xb_result *sum = b->cases[i].sum;

    if (sum->passes_asked > 1) {
        struct xb_case moved = sum->chosen.method ? xb_choice_apply(&sum->chosen, c) : *c;
        xb_exec_conclude(b->session, &moved, sum);
    }
    return report_case(b, i, sum, err);
}

/* Is the case at this place of the plan in the report? */
static bool is_reported(const struct xb_run_books *b, size_t place)
{
    for (size_t i = 0; i < b->books.report.cases.n; i++)
        if (xb_report_case_at(&b->books.report, i)->place == place)
            return true;
    return false;
}

void xb_run_books_end_early(struct xb_run_books *b)
{
    struct xb_error err;

    for (size_t i = 0; b->cases && i < b->plan->count; i++)
        if (b->cases[i].sum && conclude(b, i, &err) < 0)
            xb_log_error("%s", err.text);
    /* What was taken from an earlier run and not reached in this one is not lost either. */
    for (size_t i = 0; i < b->resumed.cases.n; i++) {
        const char *id = xb_report_case_at(&b->resumed, i)->id;
        size_t at = id ? place_of(b->plan, id) : b->plan->count;
        bool is_there = at < b->plan->count && is_reported(b, at);
        if (id && !is_there && take_resumed(b, i, at, &err) < 0)
            xb_log_error("%s", err.text);
    }
}

void xb_run_books_end(struct xb_run_books *b)
{
    struct xb_error err;

    for (size_t i = 0; i < b->plan->count; i++)
        if (b->cases[i].sum && conclude(b, i, &err) == 0)
            forget(&b->cases[i]);
        else if (b->cases[i].sum)
            xb_log_error("%s", err.text);
}

/* ---- when the run cannot go on ---- */

/* Are there cases of which the journal holds more than the report? */
static bool has_slices(const struct xb_run_books *b)
{
    for (size_t i = 0; b->cases && i < b->plan->count; i++)
        if (b->cases[i].sum)
            return true;
    return false;
}

/* The case that was being measured: of its first pass, what some lanes came to is kept; the
 * case is measured again. */
static void end_current(struct xb_run_books *b, enum xb_alarm alarm)
{
    size_t i = (size_t)(b->current - b->plan->cases);
    struct xb_result *cut = b->cases[i].sum ? b->cases[i].sum : &b->lanes;
    struct xb_error err;

    if (cut == &b->lanes) {
        cut->status = XB_FAILED;
        cut->chosen = b->chosen;
        cut->concurrent = 1;
        snprintf(cut->reason, sizeof cut->reason, "interrupted behind %zu lanes", cut->nlanes);
    }
    if (alarm == XB_ALARM_HANG) {
        cut->status = XB_TIMEOUT;
        snprintf(cut->reason, sizeof cut->reason,
                 "a rank did not come back within %g s and %g s of grace; the run ended here",
                 b->options->case_timeout_s, b->grace_s);
        xb_log_error("%s: %s", b->current->id, cut->reason);
    }
    if (cut == &b->lanes && (alarm == XB_ALARM_HANG || cut->nlanes > 0) &&
        report_case(b, i, cut, &err) < 0)
        xb_log_error("%s", err.text);
}

int xb_run_books_rescue(enum xb_alarm alarm, void *books)
{
    struct xb_run_books *b = books;
    struct xb_error err;
    enum xb_run_status status = XB_RUN_INTERRUPTED;
    bool keep = has_slices(b);

    if (b->current)
        end_current(b, alarm);
    xb_run_books_end_early(b);
    if (alarm == XB_ALARM_HANG)
        status = xb_report_status(&b->books.report);
    if (xb_run_books_write_trace(b, &err) < 0)
        xb_log_error("%s", err.text);
    if (xb_run_books_write(b, status, &err) < 0) {
        xb_log_error("%s", err.text); /* the journal stays */
        return XB_EXIT_FAILED;
    }
    xb_log_warn("%s report in %s; go on with --resume%s%s%s",
                alarm == XB_ALARM_SIGNAL ? "interrupted; partial" : "incomplete",
                b->options->output, keep ? " " : "", keep ? b->options->output : "",
                keep ? ".journal" : "");
    xb_journal_close(b->journal, !keep);
    return xb_run_exit_status(status);
}

/* ---- beginning and end ---- */

#define RANK_NAME_LEN 120

/* Host and GPU of every rank, as a journal names them; one block, freed with free. */
static char **name_ranks(const struct xb_session *s)
{
    size_t n = (size_t)s->nranks;
    char **names = malloc(n * (sizeof *names + RANK_NAME_LEN));

    for (size_t r = 0; names && r < n; r++) {
        names[r] = (char *)(names + n) + r * RANK_NAME_LEN;
        snprintf(names[r], RANK_NAME_LEN, "%s/%s", s->ranks[r].host,
                 s->ranks[r].gpu_uuid[0] ? s->ranks[r].gpu_uuid : "-");
    }
    return names;
}

/* Say in the report which run is resumed, and in what it differs. */
static int note_resumed(struct xb_run_books *b, struct xb_error *err)
{
    char text[XB_ERROR_LEN];
    int n = xb_report_differences(&b->resumed, &b->books.report, text, sizeof text);
    cJSON *note = n < 0 ? NULL : cJSON_CreateObject();
    const struct {
        const char *key, *value;
    } members[] = {{"file", b->options->resume},
                   {"run_id", b->resumed.run.id},
                   {"start_utc", b->resumed.run.start_utc},
                   {"differences", n > 0 ? text : NULL}};
    bool good = note != NULL;

    for (size_t i = 0; good && i < sizeof members / sizeof members[0]; i++)
        good =
            (members[i].value ? cJSON_AddStringToObject(note, members[i].key, members[i].value)
                              : cJSON_AddNullToObject(note, members[i].key)) != NULL;
    if (!good) {
        cJSON_Delete(note);
        return xb_fail(err, "out of memory");
    }
    b->books.report.run.resumed = note;
    if (n > 0)
        xb_log_warn("%s: made by another build or in another environment: %s",
                    b->options->resume, text);
    return 0;
}

/* As many samples as a case's own passes may have stay, or so many where that is more. */
#define LEAST_KEPT 1000

/* What a case is before its first pass; NULL when out of memory. */
static struct xb_result *new_sum(const struct xb_run_books *b)
{
    const struct xb_sampling *s = &b->scenario->sampling;
    struct xb_result *sum = calloc(1, sizeof *sum);

    if (sum && b->repeat_s > 0)
        sum->most_samples =
            s->max_samples > LEAST_KEPT ? (size_t)s->max_samples : (size_t)LEAST_KEPT;
    return sum;
}

/* Go on from the passes that an earlier run has made of cases. */
static int take_slices(struct xb_run_books *b, struct xb_journal_slices *slices,
                       struct xb_error *err)
{
    for (size_t k = 0; k < slices->n; k++) {
        struct xb_slice_entry *e = &slices->entry[k];
        size_t i = place_of(b->plan, e->id);
        struct xb_run_case *c = i < b->plan->count ? &b->cases[i] : NULL;
        if (!c || e->pass != c->have || (b->repeat_s <= 0 && e->pass >= b->passes))
            continue;
        struct xb_case actual;
        struct xb_error why;
        if (!c->sum && !(c->sum = new_sum(b)))
            return xb_fail(err, "out of memory");
        if (e->result.repeating_s > b->repeated_s)
            b->repeated_s = e->result.repeating_s;
        xb_auto_resolve(b->session, b->options->policy, &b->plan->cases[i], &actual,
                        &e->result.chosen, &why);
        if (xb_slices_add(c->sum, &e->result, b->passes) < 0)
            return xb_fail(err, "out of memory");
        c->have++;
    }
    return 0;
}

/* Take over what the run that is resumed has, and start this run's journal with it. */
static int open_journal(struct xb_run_books *b, char **names, struct xb_error *err)
{
    const struct xb_session *s = b->session;
    struct xb_journal_slices slices = {.entry = NULL};
    struct xb_journal_key key = {.plan_hash = b->plan->hash,
                                 .seed = s->seed,
                                 .nranks = s->nranks,
                                 .ranks = (const char *const *)names,
                                 .device = s->device->name,
                                 .run = &b->books.report,
                                 .anyway = b->options->resume_anyway};
    int rc = 0;

    if (b->options->resume)
        rc = xb_journal_load(b->options->resume, &key, &b->resumed, &slices, err) == 0
                 ? note_resumed(b, err)
                 : -1;
    if (rc == 0)
        rc = xb_journal_open(b->options->output, &key, b->options->resume ? &b->resumed : NULL,
                             &slices, &b->journal, err);
    if (rc == 0)
        rc = take_slices(b, &slices, err);
    xb_journal_slices_release(&slices);
    return rc;
}

int xb_run_books_open(struct xb_run_books *b, const struct xb_session *session,
                      const struct xb_scenario *scenario, const struct xb_plan *plan,
                      const struct xb_run_options *options, struct xb_error *err)
{
    const int passes = xb_sampling_passes(&scenario->sampling);
    const struct xb_books_subject subject = {scenario, plan, options->policy, options->argv,
                                             passes};

    *b = (struct xb_run_books){.session = session,
                               .options = options,
                               .scenario = scenario,
                               .plan = plan,
                               .passes = passes,
                               .repeat_s = 1e-9 * (double)scenario->sampling.repeat_for_ns};
    if (xb_books_open(&b->books, session, &subject, err) < 0 ||
        xb_output_check(options->trace, err) < 0)
        return -1;
    b->books.samples = options->samples;
    if (xb_use_log_open(&b->uses, (size_t)session->nranks) < 0)
        return xb_fail(err, "out of memory");
    b->cases = calloc(plan->count, sizeof *b->cases);
    char **names = b->cases ? name_ranks(session) : NULL;
    int rc = names ? open_journal(b, names, err) : xb_fail(err, "out of memory");
    free(names);
    return rc;
}

void xb_run_books_close(struct xb_run_books *b, bool keep_journal)
{
    xb_journal_close(b->journal, !(keep_journal || has_slices(b)));
    for (size_t i = 0; b->cases && i < b->plan->count; i++)
        forget(&b->cases[i]);
    free(b->cases);
    xb_report_release(&b->resumed);
    xb_use_log_release(&b->uses);
    xb_books_close(&b->books);
}

/* ---- case by case ---- */

/* One that has all it should have. */
static bool is_good(const struct xb_report_case *c)
{
    return c->status == XB_OK && !xb_report_noted(c, XB_NOTE_PARTIAL);
}

/* Index of the case of the run that is resumed to take over, or -1. The others of the same id
 * are measured again and go. */
static int64_t find_resumed(struct xb_run_books *b, const struct xb_case *c)
{
    int64_t found = -1;

    for (size_t i = 0; i < b->resumed.cases.n; i++) {
        const struct xb_report_case *old = xb_report_case_at(&b->resumed, i);
        if (!old->id || strcmp(old->id, c->id) != 0)
            continue;
        if (found < 0 && is_good(old))
            found = (int64_t)i;
        else
            xb_report_drop(&b->resumed, i--);
    }
    return found;
}

int xb_run_books_find(struct xb_run_books *b, size_t i, int pass, struct xb_error *err)
{
    int rc = pass < b->cases[i].have ? XB_KNOWN_SLICE : XB_KNOWN_NOTHING;

    xb_watchdog_lock();
    int64_t known =
        rc == XB_KNOWN_NOTHING && pass == 0 ? find_resumed(b, &b->plan->cases[i]) : -1;
    if (known >= 0)
        rc = take_resumed(b, (size_t)known, i, err) < 0 ? -1 : XB_KNOWN_CASE;
    xb_watchdog_unlock();
    return rc;
}

void xb_run_books_begin(struct xb_run_books *b, size_t i)
{
    xb_watchdog_lock();
    b->current = &b->plan->cases[i];
    xb_watchdog_unlock();
}

void xb_run_books_chosen(struct xb_run_books *b, const struct xb_choice *chosen, double grace_s)
{
    xb_watchdog_lock();
    b->chosen = *chosen;
    b->grace_s = grace_s;
    xb_watchdog_unlock();
}

static int add_slice(struct xb_run_books *b, size_t i, int pass, struct xb_result *slice,
                     bool *done, struct xb_error *err)
{
    const struct xb_case *c = &b->plan->cases[i];
    struct xb_run_case *rc = &b->cases[i];
    /* an experiment has no lanes that would keep apart what passes give: it is measured once */
    int asked = xb_case_is_experiment(c) ? 1 : b->passes;
    int made = rc->sum ? rc->sum->passes : 0;

    bool goes_on = made + 1 < asked || (b->repeat_s > 0 && asked > 1);

    if (!rc->sum && !(rc->sum = new_sum(b)))
        return xb_fail(err, "out of memory for %s", c->id);
    *done = slice->status != XB_OK || !goes_on;
    if (!*done && xb_journal_add_slice(b->journal, c->id, pass, slice, err) < 0)
        return -1;
    if (xb_slices_add(rc->sum, slice, asked) < 0)
        return xb_fail(err, "out of memory for %s", c->id);
    rc->have = pass + 1;
    if (!*done)
        return 0;
    int added = conclude(b, i, err);
    forget(rc);
    return added < 0
               ? -1
               : xb_journal_add(b->journal, &b->books.report, b->books.report.cases.n - 1, err);
}

int xb_run_books_enter(struct xb_run_books *b, size_t i, int pass, struct xb_result *slice,
                       bool *done, struct xb_error *err)
{
    xb_watchdog_lock();
    int rc = add_slice(b, i, pass, slice, done, err);
    b->current = NULL;
    xb_result_release(&b->lanes);
    b->room = 0;
    xb_watchdog_unlock();
    return rc;
}

void xb_run_books_keep_lane(void *books, const struct xb_case *c,
                            const struct xb_lane_result *lane)
{
    struct xb_run_books *b = books;
    struct xb_error err;

    if (b->current && b->cases[b->current - b->plan->cases].sum)
        return; /* there is more of the case than these lanes */
    xb_watchdog_lock();
    if (b->lanes.nlanes == b->room) {
        size_t room = b->room ? 2 * b->room : 16;
        struct xb_lane_result *more = realloc(b->lanes.lanes, room * sizeof *more);
        if (more) {
            b->lanes.lanes = more;
            b->room = room;
        }
    }
    if (b->lanes.nlanes < b->room) {
        struct xb_lane_result *kept = &b->lanes.lanes[b->lanes.nlanes++];
        *kept = *lane;
        kept->samples_us = kept->passes_us = NULL;
        kept->nsamples = kept->npasses = 0;
        kept->reason = lane->reason ? strdup(lane->reason) : NULL;
    }
    if (xb_journal_add_lane(b->journal, c, lane, &err) < 0)
        xb_log_warn("%s", err.text);
    xb_watchdog_unlock();
}
