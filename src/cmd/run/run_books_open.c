/* run_books_open.c - rank 0's account of a run, from its name to what it goes on with. */
#include "cmd/run/run_books.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/output.h"
#include "base/utf8.h"
#include "cmd/cmd.h"
#include "cmd/run/outputs.h"
#include "engine/devices/device.h"
#include "engine/measure/policy_choice.h"
#include "model/figures/sampling.h"
#include "report/differences.h"
#include "report/slices.h"

size_t xb_run_books_place(const struct xb_plan *plan, const char *id)
{
    size_t i = 0;

    while (i < plan->count && strcmp(plan->cases[i].id, id) != 0)
        i++;
    return i;
}

#define RANK_NAME_LEN 136

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
    char *file = xb_utf8_text(b->options->resume);
    cJSON *note = n < 0 || !file ? NULL : cJSON_CreateObject();
    const struct {
        const char *key, *value;
    } members[] = {{"file", file},
                   {"run_id", b->resumed.run.id},
                   {"start_utc", b->resumed.run.start_utc},
                   {"differences", n > 0 ? text : NULL}};
    bool good = note != NULL;

    for (size_t i = 0; good && i < sizeof members / sizeof members[0]; i++)
        good =
            (members[i].value ? cJSON_AddStringToObject(note, members[i].key, members[i].value)
                              : cJSON_AddNullToObject(note, members[i].key)) != NULL;
    free(file);
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

struct xb_result *xb_run_books_new_sum(const struct xb_run_books *b)
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
        size_t i = xb_run_books_place(b->plan, e->id);
        struct xb_run_case *c = i < b->plan->count ? &b->cases[i] : NULL;
        if (!c || e->pass != c->have || (b->repeat_s <= 0 && e->pass >= b->passes))
            continue;
        struct xb_case actual;
        struct xb_error why;
        if (!c->sum && !(c->sum = xb_run_books_new_sum(b)))
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

static int set_output(struct xb_run_books *b, char *name, struct xb_error *err)
{
    free(b->output);
    b->output = name;
    return name ? 0 : xb_fail(err, "out of memory");
}

static int open_output(struct xb_run_books *b, struct xb_error *err)
{
    const struct xb_journal_claim claim = {b->output, b->options->resume, b->options->force};

    if (xb_output_kind(b->output) == XB_OUTPUT_FILE)
        return xb_journal_open(&claim, &b->journal, err);
    xb_log_progress("%s is no file: no journal is kept, a run that is killed leaves nothing",
                    b->output);
    return 0;
}

#define NAMES_MAX 1000 /* that are tried */

/* The first of the program's own names that nobody has. */
static int find_output(struct xb_run_books *b, struct xb_error *err)
{
    for (int i = 1; i < NAMES_MAX; i++) {
        char *name = NULL, suffix[16] = "";
        if (i > 1)
            snprintf(suffix, sizeof suffix, "-%d", i);
        if (asprintf(&name, "%s%s.json", b->options->stem, suffix) < 0)
            name = NULL;
        if (set_output(b, name, err) < 0)
            return -1;
        int rc = access(name, F_OK) == 0 ? XB_JOURNAL_TAKEN : open_output(b, err);
        if (rc != XB_JOURNAL_TAKEN)
            return rc;
    }
    return xb_fail(err, "%s: all names that begin so are taken", b->options->stem);
}

/* The journal of the report that was asked for, or of one with a name of its own. */
static int claim_output(struct xb_run_books *b, struct xb_error *err)
{
    const char *output = b->options->output;

    if (!output)
        return find_output(b, err);
    if (set_output(b, strdup(output), err) < 0)
        return -1;
    if (open_output(b, err) != 0)
        return -1;
    /* another run may have ended since it was looked for, and let go of its journal */
    bool may_be_there = b->options->force || b->options->replace || !b->journal;
    if (!may_be_there && access(output, F_OK) == 0)
        return xb_fail(err, "%s: has come to be there meanwhile", output);
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
    bool resumes = b->options->resume != NULL;
    int rc = claim_output(b, err);

    if (rc == 0 && resumes)
        rc = xb_journal_load(b->options->resume, &key, &b->resumed, &slices, err) == 0
                 ? note_resumed(b, err)
                 : -1;
    if (rc == 0)
        rc = xb_journal_fill(b->journal, &key, resumes ? &b->resumed : NULL, &slices, err);
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
    if (xb_books_open(&b->books, session, &subject, err) < 0)
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
