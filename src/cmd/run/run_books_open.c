/* SPDX-License-Identifier: BSD-3-Clause */
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
#include "model/figures/sampling.h"
#include "report/differences.h"

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

/* ---- what the run that is resumed has ---- */

/* Who takes it over. */
struct heir {
    struct xb_run_books *b;
    size_t *by_id; /* owned; places in the plan in the order of their ids */
};

static int compare_ids(const void *x, const void *y, void *cases)
{
    const struct xb_case *c = cases;
    const size_t *i = x, *k = y;

    return strcmp(c[*i].id, c[*k].id);
}

static int sort_ids(struct heir *h, struct xb_error *err)
{
    const struct xb_plan *plan = h->b->plan;

    h->by_id = calloc(plan->count, sizeof *h->by_id);
    if (!h->by_id)
        return xb_fail(err, "out of memory");
    for (size_t i = 0; i < plan->count; i++)
        h->by_id[i] = i;
    qsort_r(h->by_id, plan->count, sizeof *h->by_id, compare_ids, plan->cases);
    return 0;
}

/* Where in the plan a case stands; its end where it is none of it. */
static size_t find_place(const struct heir *h, const char *id)
{
    const struct xb_plan *plan = h->b->plan;
    size_t low = 0, high = plan->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(plan->cases[h->by_id[middle]].id, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < plan->count && strcmp(plan->cases[h->by_id[low]].id, id) == 0 ? h->by_id[low]
                                                                               : plan->count;
}

/* One that has all it should have. */
static bool is_good(const struct xb_report_case *c)
{
    return c->status == XB_OK && !xb_report_noted(c, XB_NOTE_PARTIAL);
}

/* One that ended the run that is resumed would end this one too. */
static bool is_hung(const struct xb_report_case *c)
{
    return c->status == XB_TIMEOUT && xb_report_noted(c, XB_NOTE_HUNG);
}

/* Slices before a case have gone into it, good or bad. Of several of one id the first that need
 * not be measured again counts, else the first. */
static int take_case(void *arg, const struct xb_report *of, struct xb_report_case *c,
                     struct xb_error *err)
{
    struct heir *h = arg;
    struct xb_run_books *b = h->b;
    size_t i = find_place(h, c->id);
    struct xb_run_case *entry = i < b->plan->count ? &b->cases[i] : NULL;
    bool good = is_good(c), hung = is_hung(c) && !b->options->retry_hung;
    int64_t where;

    if (!entry)
        return 0;
    entry->slices = XB_NOWHERE;
    entry->have = 0;
    entry->open = entry->earlier = false;
    if (entry->good || entry->hung || (entry->line >= 0 && !good && !hung))
        return 0;
    if (xb_report_mark_resumed(c, &b->resumed.run, err) < 0 ||
        xb_journal_add(b->journal, of, c, &where, err) < 0)
        return -1;
    entry->line = where;
    entry->good = good;
    entry->hung = hung;
    return 0;
}

/* Go on from the passes that it has made of a case: one that stands before them was not good
 * and was being measured again. */
static int take_slice(void *arg, struct xb_slice_entry *slice, struct xb_error *err)
{
    struct heir *h = arg;
    struct xb_run_books *b = h->b;
    size_t i = find_place(h, slice->id);
    struct xb_run_case *entry = i < b->plan->count ? &b->cases[i] : NULL;
    int64_t where;

    if (!entry || slice->pass != entry->have || (b->repeat_s <= 0 && slice->pass >= b->passes))
        return 0;
    if (xb_journal_add_slice(b->journal, slice->id, slice->pass, &slice->result, entry->slices,
                             &where, err) < 0)
        return -1;
    if (slice->result.repeating_s > b->repeated_s)
        b->repeated_s = slice->result.repeating_s;
    *entry = (struct xb_run_case){.line = XB_NOWHERE,
                                  .slices = where,
                                  .have = entry->have + 1,
                                  .earlier = true,
                                  .open = true};
    return 0;
}

/* All of it goes into this run's journal, line by line. */
static int take_resumed(struct xb_run_books *b, const struct xb_journal_key *key,
                        struct xb_error *err)
{
    struct heir h = {.b = b};
    const struct xb_journal_taker taker = {take_case, take_slice, &h};
    int rc = sort_ids(&h, err);

    if (rc == 0)
        rc = xb_journal_load(b->options->resume, key, &taker, &b->resumed, err);
    free(h.by_id);
    return rc == 0 ? note_resumed(b, err) : rc;
}

/* ---- this run's journal ---- */

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
    return xb_journal_nameless(&b->journal, err);
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
    return xb_fail(err, "%s: all names from %s.json to %s-%d.json are taken, expected -o FILE",
                   b->options->stem, b->options->stem, b->options->stem, NAMES_MAX - 1);
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
    bool may_be_there =
        b->options->force || b->options->replace || !xb_journal_is_kept(b->journal);
    if (!may_be_there && access(output, F_OK) == 0)
        return xb_fail(err,
                       "%s: another program has made it meanwhile, expected a name that is "
                       "free, or --force",
                       output);
    return 0;
}

/* Who is refused wants to know what would not be. */
static void say_made(const char *file)
{
    char *command = xb_journal_command(file);

    if (command)
        xb_log_warn(
            "%s was made by: %s; run --resume %s without a scenario takes its scenario, "
            "overrides and seed",
            file, command, file);
    free(command);
}

/* Start this run's journal, with what the run that is resumed has. */
static int open_journal(struct xb_run_books *b, char **names, struct xb_error *err)
{
    const struct xb_session *s = b->session;
    bool differs = false;
    struct xb_journal_key key = {.plan_hash = b->plan->hash,
                                 .seed = s->seed,
                                 .nranks = s->nranks,
                                 .ranks = (const char *const *)names,
                                 .device = s->device->name,
                                 .run = &b->books.report,
                                 .anyway = b->options->resume_anyway,
                                 .differs = &differs};
    int rc = claim_output(b, err);

    /* a run that goes on with another is called as that was, unless it has a label of its own
     */
    if (rc == 0 && b->options->resume && !b->books.report.run.label)
        b->books.report.run.label = xb_journal_label(b->options->resume);
    if (rc == 0)
        rc = xb_journal_fill(b->journal, &key, err);
    if (rc == 0 && b->options->resume)
        rc = take_resumed(b, &key, err);
    if (differs)
        say_made(b->options->resume);
    return rc;
}

int xb_run_books_open(struct xb_run_books *b, const struct xb_session *session,
                      const struct xb_scenario *scenario, const struct xb_plan *plan,
                      const struct xb_run_options *options, struct xb_error *err)
{
    const int passes = xb_sampling_passes(&scenario->sampling);
    const struct xb_books_subject subject = {.scenario = scenario,
                                             .plan = plan,
                                             .policy = options->policy,
                                             .argv = options->argv,
                                             .passes = passes,
                                             .max_time_s = options->max_time_s,
                                             .label = options->label,
                                             .required = options->required};

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
    for (size_t i = 0; b->cases && i < plan->count; i++)
        b->cases[i] = (struct xb_run_case){.line = XB_NOWHERE, .slices = XB_NOWHERE};
    b->books.report.store = (struct xb_case_store){
        .read = xb_run_cases_read, .arg = b, .n = plan->count, .status = XB_RUN_NOTHING};
    char **names = b->cases ? name_ranks(session) : NULL;
    int rc = names ? open_journal(b, names, err) : xb_fail(err, "out of memory");
    free(names);
    return rc;
}
