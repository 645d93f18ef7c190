/* SPDX-License-Identifier: BSD-3-Clause */
/* page_verdict.c - the first part of a page: how runs came out, and what there is to know of
 * their figures before one trusts them.
 */
#include "report/page/page_parts.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text_set.h"
#include "model/figures/trend.h"
#include "report/case_walk.h"
#include "report/drift.h"
#include "report/page/markup.h"

/* What may be found, in the order of the page. */
enum group { SLOW, ODD, NOISY, DRIFTING, SKIPPED, GROUPS };

static const struct {
    const char *title, *none;
} groups[GROUPS] = {
    [SLOW] = {"Slow", "No GPU, link, rank or node lags behind its like."},
    [ODD] = {"Odd", "Nothing failed, and nobody warned of anything."},
    [NOISY] = {"Noisy", "All intervals are within 10 % of their median."},
    [DRIFTING] = {"Drifting", "No case was seen to change from pass to pass."},
    [SKIPPED] = {"Skipped", "Nothing was left out."},
};

#define MOST_IDS 200 /* that are listed of one finding */

/* One thing that holds of some cases, or of none in particular. */
struct finding {
    char *text; /* as it was said first */
    size_t cases;
    bool differs;        /* it was said of others with other numbers */
    struct xb_texts ids; /* the first MOST_IDS */
};

struct group_findings {
    struct xb_text_set said; /* what is said, without its numbers, numbered as the list */
    struct xb_list list;     /* of struct finding */
};

struct verdict {
    struct group_findings group[GROUPS];
    size_t cases, measured, noisy;
};

/* ---- findings ---- */

/* The text with "#" for each number, so that "sent 1.44" and "sent 1.11" are alike. NULL when
 * out of memory; the caller frees it. */
static char *without_numbers(const char *text)
{
    char *plain = malloc(strlen(text) + 1), *to = plain;

    for (; plain && *text; text++) {
        bool number =
            isdigit((unsigned char)*text) || (*text == '.' && to > plain && to[-1] == '#');
        if (!number)
            *to++ = *text;
        else if (to == plain || to[-1] != '#')
            *to++ = '#';
    }
    if (plain)
        *to = '\0';
    return plain;
}

/* Add the id, with the text where that is not the first one's. */
static int add_id(struct finding *f, const char *id, const char *text)
{
    bool same = strcmp(f->text, text) == 0;
    char *line = NULL;

    f->cases++;
    f->differs = f->differs || !same;
    if (f->ids.n == MOST_IDS)
        return 0;
    if (!same && asprintf(&line, "%s: %s", id, text) < 0)
        return -1;
    int rc = xb_texts_add(&f->ids, line ? line : id);
    free(line);
    return rc;
}

/* Note a text of a group, and the case that it is about, where it is about one: those that are
 * alike but for numbers are one finding. -1 when out of memory, as all below. */
static int note(struct verdict *v, enum group group, const char *text, const char *id)
{
    struct group_findings *g = &v->group[group];
    char *plain = id ? without_numbers(text) : NULL;
    int64_t at = id && !plain ? -1 : xb_text_set_add(&g->said, plain ? plain : text);

    free(plain);
    if (at < 0)
        return -1;
    if ((size_t)at == g->list.n) {
        struct finding *added = xb_list_add(&g->list, sizeof *added);
        if (!added || !(added->text = strdup(text)))
            return -1;
    }
    struct finding *f = (struct finding *)g->list.item + at;
    return id ? add_id(f, id, text) : 0;
}

/* "failed: cannot open ..." */
static int note_with(struct verdict *v, enum group group, const char *word, const char *text,
                     const char *id)
{
    char *whole;

    if (asprintf(&whole, "%s: %s", word, text) < 0)
        return -1;
    int rc = note(v, group, whole, id);
    free(whole);
    return rc;
}

static int note_drift(struct verdict *v, const struct xb_report_case *c,
                      const struct xb_report_drift *drift, const struct xb_report_step *lane)
{
    char text[XB_DRIFT_TEXT_LEN + 80], how[XB_DRIFT_TEXT_LEN];

    if (!xb_drift_told(drift))
        return 0;
    snprintf(text, sizeof text, "%s: %s", xb_trend_name((enum xb_trend_kind)drift->kind),
             xb_drift_text(drift, how));
    if (lane)
        snprintf(text + strlen(text), sizeof text - strlen(text),
                 ", lane %" PRId64 "->%" PRId64, lane->src_rank, lane->dst_rank);
    return note(v, DRIFTING, text, c->id);
}

/* Of a case, or else of its lanes, which would say it again. */
static int note_drifts(struct verdict *v, const struct xb_report *report,
                       const struct xb_report_case *c)
{
    int rc = note_drift(v, c, &c->drift, NULL);

    for (size_t i = 0; rc == 0 && !xb_drift_told(&c->drift) && i < c->lanes.n; i++)
        rc = note_drift(v, c, &xb_report_lane_at(c, i)->drift, xb_report_step_of(report, c, i));
    return rc;
}

static int note_case(struct verdict *v, const struct xb_report *report,
                     const struct xb_report_case *c)
{
    const char *status = xb_status_name((enum xb_status)c->status);
    int rc = 0;

    v->cases++;
    v->measured += c->time_us.there;
    if (c->status == XB_SKIPPED)
        rc = note(v, SKIPPED, c->reason ? c->reason : "for no reason that is known", c->id);
    else if (c->status != XB_OK)
        rc = note_with(v, ODD, status, c->reason ? c->reason : "no reason is known", c->id);
    if (rc == 0 && c->warning)
        rc = note_with(v, ODD, "warning", c->warning, c->id);
    if (rc == 0 && xb_report_noted(c, XB_NOTE_PARTIAL))
        rc = note(v, ODD, "partial: the run ended before all passes were made", c->id);
    if (rc == 0 && xb_report_noted(c, XB_NOTE_NOISY)) {
        v->noisy++;
        rc = note(v, NOISY, "intervals wider than 10 % of the median to either side", c->id);
    }
    return rc == 0 ? note_drifts(v, report, c) : rc;
}

/* Outliers, a line each. */
static int note_slow(struct verdict *v, const struct xb_report *report)
{
    char *text = NULL, *rest = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    int rc = out ? 0 : -1;

    if (out)
        xb_format_outliers(report, out);
    if (out && fclose(out) != 0)
        rc = -1;
    for (char *line = rc == 0 ? strtok_r(text, "\n", &rest) : NULL; line && rc == 0;
         line = strtok_r(NULL, "\n", &rest))
        rc = note(v, SLOW, strncmp(line, "slow: ", 6) == 0 ? line + 6 : line, NULL);
    free(text);
    return rc;
}

/* What is wrong with GPUs, links, places of ranks and their processes. */
static int note_machine(struct verdict *v, const struct xb_report *report)
{
    const cJSON *item;
    char who[40];
    int rc = 0;

    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(report->topology, "warnings"))
    {
        if (rc == 0 && cJSON_IsString(item))
            rc = note(v, ODD, item->valuestring, NULL);
    }
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(report->topology, "ranks"))
    {
        const char *warning = xb_page_text_of(item, "warning");
        snprintf(who, sizeof who, "rank %.0f", xb_page_number_of(item, "rank"));
        if (rc == 0 && warning)
            rc = note_with(v, ODD, who, warning, NULL);
    }
    for (size_t i = 0; rc == 0 && i < report->run.resources.n; i++) {
        const struct xb_report_use *use =
            (const struct xb_report_use *)report->run.resources.item + i;
        snprintf(who, sizeof who, "rank %" PRId64, use->rank);
        if (use->warning)
            rc = note_with(v, ODD, who, use->warning, NULL);
    }
    return rc;
}

static void release(struct verdict *v)
{
    for (int g = 0; g < GROUPS; g++) {
        struct group_findings *group = &v->group[g];
        for (size_t i = 0; i < group->list.n; i++) {
            struct finding *f = (struct finding *)group->list.item + i;
            for (size_t k = 0; k < f->ids.n; k++)
                free(f->ids.value[k]);
            free(f->ids.value);
            free(f->text);
        }
        free(group->list.item);
        xb_text_set_release(&group->said);
    }
}

/* All that there is to note of a report; the caller releases it, on failure too. */
static int find(const struct xb_report *report, struct verdict *v)
{
    struct xb_case_walk walk = xb_cases(report);
    const struct xb_report_case *c;

    *v = (struct verdict){.cases = 0};
    int rc = note_slow(v, report);
    while (rc == 0 && (c = xb_cases_next(&walk)))
        rc = note_case(v, report, c);
    if (xb_cases_end(&walk) < 0)
        rc = -1;
    return rc == 0 ? note_machine(v, report) : rc;
}

/* ---- what is shown of them ---- */

static const char *status_sentence(enum xb_run_status status)
{
    switch (status) {
    case XB_RUN_OK:
        return "No case failed.";
    case XB_RUN_FAILED:
        return "Cases failed, timed out or are implausible.";
    case XB_RUN_CORRUPT:
        return "Cases delivered wrong bytes.";
    case XB_RUN_INTERRUPTED:
        return "The run was interrupted; what it had measured stands here.";
    case XB_RUN_NOTHING:
        return "No case was measured.";
    }
    return "";
}

static void print_ids(const struct finding *f, FILE *out)
{
    if (f->cases == 0)
        return;
    fputs("<details><summary>which cases</summary><ul class=\"ids\">", out);
    for (size_t i = 0; i < f->ids.n; i++)
        xb_page_element("li", f->ids.value[i], out);
    if (f->cases > f->ids.n)
        fprintf(out, "<li>and %zu more</li>", f->cases - f->ids.n);
    fputs("</ul></details>", out);
}

static void print_group(const struct verdict *v, enum group g, FILE *out)
{
    const struct group_findings *group = &v->group[g];

    fprintf(out, "<dt>%s</dt>\n", groups[g].title);
    if (group->list.n == 0)
        fprintf(out, "<dd class=\"none\">%s</dd>\n", groups[g].none);
    for (size_t i = 0; i < group->list.n; i++) {
        const struct finding *f = (const struct finding *)group->list.item + i;
        fputs("<dd>", out);
        if (f->cases > 0)
            fprintf(out, "<b>%zu case%s</b>: ", f->cases, f->cases == 1 ? "" : "s");
        xb_markup_text(f->text, out);
        fputs(f->differs ? ", and the like with other numbers" : "", out);
        print_ids(f, out);
        fputs("</dd>\n", out);
    }
}

/* "ok: No case failed. 458 of 638 cases were measured." */
static void print_status(const struct xb_report *report, const struct verdict *v, FILE *out)
{
    enum xb_run_status status = (enum xb_run_status)report->status;

    fprintf(out, "<p class=\"status %s\"><b>%s</b> %s %zu of %zu case%s %s measured.</p>\n",
            status == XB_RUN_OK ? "good" : "bad", xb_run_status_name(status),
            status_sentence(status), v->measured, v->cases, v->cases == 1 ? "" : "s",
            v->measured == 1 ? "was" : "were");
}

static void print_groups(const struct verdict *v, FILE *out)
{
    fputs("<dl class=\"findings\">\n", out);
    for (int g = 0; g < GROUPS; g++)
        print_group(v, (enum group)g, out);
    fputs("</dl>\n", out);
}

/* Whoever looks at several reports sees first which of them need a look. */
static int print_summary(const struct xb_format_set *set, const struct verdict *all, FILE *out)
{
    static const char *const titles[] = {"report",   "setting", "status", ">measured",
                                         ">slow",    ">odd",    ">noisy", ">drifting",
                                         ">skipped", "begun",   NULL};
    struct xb_table *table = xb_table_new(titles);
    int rc = table ? 0 : -1;

    for (size_t i = 0; rc == 0 && i < set->n; i++) {
        const struct xb_report *report = set->source[i].report;
        const struct verdict *v = &all[i];
        char measured[64], count[GROUPS][24];
        snprintf(measured, sizeof measured, "%zu of %zu", v->measured, v->cases);
        for (int g = 0; g < GROUPS; g++) {
            size_t n = 0;
            for (size_t k = 0; k < v->group[g].list.n; k++) {
                size_t cases = ((const struct finding *)v->group[g].list.item + k)->cases;
                n += cases ? cases : 1;
            }
            snprintf(count[g], sizeof count[g], "%zu", n);
        }
        const char *cells[] = {set->source[i].name ? set->source[i].name : "",
                               set->source[i].set ? set->source[i].set : "",
                               xb_run_status_name((enum xb_run_status)report->status),
                               measured,
                               count[SLOW],
                               count[ODD],
                               count[NOISY],
                               count[DRIFTING],
                               count[SKIPPED],
                               report->run.start_utc ? report->run.start_utc : "",
                               NULL};
        rc = xb_table_add(table, cells);
    }
    if (rc == 0)
        return xb_page_table(table, "How the reports came out", out);
    xb_table_free(table);
    return rc;
}

static void print_each(const struct xb_format_set *set, const struct verdict *all, FILE *out)
{
    for (size_t i = 0; i < set->n; i++) {
        const struct verdict *v = &all[i];
        bool told = set->source[i].report->status != XB_RUN_OK || v->group[SLOW].list.n > 0;
        if (set->n > 1) {
            fprintf(out, "<details%s><summary>", told ? " open" : "");
            xb_page_name(&set->source[i], out);
            fputs("</summary>\n", out);
        }
        print_status(set->source[i].report, v, out);
        print_groups(v, out);
        if (set->n > 1)
            fputs("</details>\n", out);
    }
}

int xb_page_verdict(const struct xb_html_page *page, FILE *out)
{
    const struct xb_format_set *set = page->set;
    struct verdict *all = calloc(set->n + 1, sizeof *all);
    int rc = all ? 0 : -1;

    for (size_t i = 0; rc == 0 && i < set->n; i++)
        rc = find(set->source[i].report, &all[i]);
    if (rc == 0 && set->n > 1) {
        xb_page_comparison_sum(page, out);
        rc = print_summary(set, all, out);
    }
    if (rc == 0)
        print_each(set, all, out);
    for (size_t i = 0; all && i < set->n; i++)
        release(&all[i]);
    free(all);
    return rc;
}
