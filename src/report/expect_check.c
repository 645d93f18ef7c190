/* SPDX-License-Identifier: BSD-3-Clause */
/* expect_check.c - reports held against expectations. */
#include "report/expect_check.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text_set.h"
#include "base/utf8.h"
#include "report/case_walk.h"
#include "report/expect_finding.h"

const char *xb_finding_of_name(enum xb_finding_of of)
{
    static const char *const names[] = {[XB_FINDING_CASE] = "case",
                                        [XB_FINDING_LANE] = "lane",
                                        [XB_FINDING_MACHINE] = "machine",
                                        [XB_FINDING_REPORT] = "report"};
    return names[of];
}

static enum xb_level worse(enum xb_level a, enum xb_level b)
{
    return a > b ? a : b;
}

/* ---- cases ---- */

/* A report while it is held against expectations. */
struct holding {
    struct xb_checked *k;
    const struct xb_report *report;
};

/* A finding about the case that is looked at. */
static struct xb_finding about_case(const struct holding *h, enum xb_finding_of of)
{
    return (struct xb_finding){.of = of, .place = h->k->cases.n, .lanes = 1};
}

static int add_skipped(const struct holding *h, struct xb_finding *f, const char *reason)
{
    f->level = f->by->bounds[f->bound].skipped;
    return xb_finding_add(h->k, f, "skipped: %s", reason ? reason : "no reason is given");
}

/* Of the good lanes of a case the one nearest to a bound, which stands for all of them. */
struct nearest {
    struct xb_finding f;
    size_t lane, lanes;
};

static void take_good(struct nearest *nearest, const struct xb_finding *f, size_t lane)
{
    if (nearest->lanes++ == 0 || xb_finding_strain(f) > xb_finding_strain(&nearest->f)) {
        nearest->f = *f;
        nearest->lane = lane;
    }
}

/* Hold a lane against a bound. */
static int hold_lane(const struct holding *h, const struct xb_report_case *c, size_t i,
                     struct xb_finding f, struct nearest *nearest)
{
    const struct xb_report_lane *lane = xb_report_lane_at(c, i);
    struct xb_finding_figures figures = xb_finding_of_lane(lane);

    f.of = XB_FINDING_LANE;
    if (lane->status == XB_OK)
        xb_finding_hold(&f, &figures);
    if (lane->status == XB_OK && f.level == XB_LEVEL_GOOD) {
        take_good(nearest, &f, i);
        return 0;
    }
    if (xb_finding_place(h->report, c, i, &f) < 0) {
        xb_finding_release(&f);
        return -1;
    }
    return lane->status == XB_OK ? xb_finding_add_held(h->k, &f)
                                 : add_skipped(h, &f, lane->reason ? lane->reason : c->reason);
}

static int hold_lanes(const struct holding *h, const struct xb_report_case *c,
                      const struct xb_finding *f)
{
    const struct xb_case_terms *terms = &f->by->bounds[f->bound].cases;
    struct nearest nearest = {.lanes = 0};

    for (size_t i = 0; i < c->lanes.n; i++) {
        const struct xb_report_lane *lane = xb_report_lane_at(c, i);
        const struct xb_report_step *step = xb_report_step_of(h->report, c, i);
        bool counts = lane->status == XB_OK || lane->status == XB_SKIPPED;
        counts = counts && xb_report_lane_is_full(h->report, c, i);
        if (counts && xb_case_terms_meet_link(terms, step ? step->link_class : NULL) &&
            hold_lane(h, c, i, *f, &nearest) < 0)
            return -1;
    }
    if (nearest.lanes == 0)
        return 0;
    nearest.f.lanes = nearest.lanes;
    if (xb_finding_place(h->report, c, nearest.lane, &nearest.f) == 0)
        return xb_finding_add_held(h->k, &nearest.f);
    xb_finding_release(&nearest.f);
    return -1;
}

/* Hold a case against a bound that meets it. */
static int hold_case(const struct holding *h, const struct xb_report_case *c,
                     const struct xb_expectations *by, size_t bound)
{
    struct xb_finding f = about_case(h, XB_FINDING_CASE);
    struct xb_finding_figures figures = xb_finding_of_case(c);

    f.by = by;
    f.bound = bound;
    bool no_ranks = c->lanes.n == 0 && !xb_report_noted(c, XB_NOTE_OUT_OF_TIME);
    if (c->status == XB_SKIPPED && no_ranks)
        return 0; /* the job has none for it */
    if (!by->bounds[bound].of_case && xb_finding_by_lane(c))
        return hold_lanes(h, c, &f);
    if (c->status != XB_OK && c->status != XB_SKIPPED)
        return 0;
    if (xb_text_dup(xb_finding_host(h->report, c), &f.host) < 0)
        return -1;
    if (c->status == XB_SKIPPED)
        return add_skipped(h, &f, c->reason);
    xb_finding_hold(&f, &figures);
    return xb_finding_add_held(h->k, &f);
}

static bool is_broken(int status)
{
    return status != XB_OK && status != XB_SKIPPED;
}

/* What is not ok is critical, whether anything is expected of it or not. */
static int add_broken(const struct holding *h, const struct xb_report_case *c)
{
    size_t before = h->k->findings.n;
    struct xb_finding f;

    for (size_t i = 0; i < c->lanes.n; i++) {
        const struct xb_report_lane *lane = xb_report_lane_at(c, i);
        if (!is_broken(lane->status))
            continue;
        f = about_case(h, XB_FINDING_LANE);
        f.level = XB_LEVEL_CRITICAL;
        if (xb_finding_place(h->report, c, i, &f) < 0) {
            xb_finding_release(&f);
            return -1;
        }
        if (xb_finding_add(h->k, &f, "%s: %s", xb_status_name((enum xb_status)lane->status),
                           lane->reason ? lane->reason
                           : c->reason  ? c->reason
                                        : "") < 0)
            return -1;
    }
    if (!is_broken(c->status) || h->k->findings.n > before)
        return 0;
    f = about_case(h, XB_FINDING_CASE);
    f.level = XB_LEVEL_CRITICAL;
    if (xb_text_dup(xb_finding_host(h->report, c), &f.host) < 0)
        return -1;
    return xb_finding_add(h->k, &f, "%s: %s", xb_status_name((enum xb_status)c->status),
                          c->reason ? c->reason : "");
}

/* Add a case with its findings, from the first on. */
static int add_case(struct xb_checked *k, const struct xb_report_case *c, size_t first)
{
    struct xb_checked_case *made = xb_list_add(&k->cases, sizeof *made);

    if (!made)
        return -1;
    *made = (struct xb_checked_case){.bytes = c->key.bytes,
                                     .first = first,
                                     .n = k->findings.n - first,
                                     .was_broken = is_broken(c->status)};
    for (size_t i = first; i < k->findings.n; i++)
        made->level = worse(made->level, xb_finding_at(k, i)->level);
    k->count[made->level]++;
    const struct xb_text_copy copies[] = {
        {c->id, &made->id}, {c->key.pattern, &made->pattern}, {c->key.method, &made->method}};
    if (xb_text_copies(copies, sizeof copies / sizeof copies[0]) < 0)
        return -1;
    xb_utf8_make_line(made->id);
    return 0;
}

static int check_case(const struct holding *h, const struct xb_report_case *c)
{
    size_t first = h->k->findings.n;

    if (add_broken(h, c) < 0)
        return -1;
    for (size_t e = 0; e < h->k->by.n; e++) {
        const struct xb_expectations *by = xb_checked_by(h->k, e);
        for (size_t b = 0; b < by->nbounds; b++)
            if (xb_case_terms_meet(&by->bounds[b].cases, c) && hold_case(h, c, by, b) < 0)
                return -1;
    }
    if (h->k->findings.n > first)
        return add_case(h->k, c, first);
    h->k->free_cases++;
    return 0;
}

/* ---- the machine ---- */

/* The host of a report of one node, else NULL. */
static const char *only_host(const struct xb_checked *k)
{
    return k->hosts.n == 1 ? k->hosts.value[0] : NULL;
}

/* Begin a finding that is about no case. -1 when out of memory. */
static int begin(struct xb_finding *f, enum xb_finding_of of, enum xb_level level,
                 const char *host)
{
    *f = (struct xb_finding){.of = of, .level = level, .place = XB_NO_CASE, .lanes = 1};
    return xb_text_dup(host, &f->host);
}

static int check_need(struct xb_checked *k, const struct xb_expectations *by,
                      const struct xb_expect_gpu *gpu, size_t n)
{
    static const char *const words[] = {
        [XB_NEED_LEAST] = "or more", [XB_NEED_MOST] = "or less", [XB_NEED_SAME] = "exactly"};
    const struct xb_expect_need *need = &xb_expect_needs[n];
    const char *bus = gpu->bus_id;
    struct xb_finding f;
    bool asked;
    double value = xb_expect_need_of(gpu, n, &asked), wanted = by->need[n];

    if (!asked)
        return 0;
    enum xb_level level = isnan(value)                           ? XB_LEVEL_UNKNOWN
                          : xb_expect_need_met(n, value, wanted) ? XB_LEVEL_GOOD
                                                                 : XB_LEVEL_CRITICAL;
    if (begin(&f, XB_FINDING_MACHINE, level, gpu->host) < 0 ||
        xb_text_dup(bus && strncmp(bus, "0000:", 5) == 0 ? bus + 5 : bus, &f.where) < 0) {
        xb_finding_release(&f);
        return -1;
    }
    f.by = by;
    f.bound = n;
    if (isnan(value))
        return xb_finding_add(k, &f, "%s: the report does not tell", need->text);
    if (need->is_flag)
        return xb_finding_add(k, &f, "%s is %s, expected %s", need->text,
                              value > 0 ? "on" : "off", wanted > 0 ? "on" : "off");
    return xb_finding_add(k, &f, "%s: %g, expected %g %s", need->text, value, wanted,
                          words[need->kind]);
}

static int check_machine(const struct holding *h)
{
    struct xb_checked *k = h->k;
    struct xb_list gpus = {NULL, 0, 0};
    int rc = k->by.n > 0 ? xb_expect_gpus(h->report, &gpus) : 0;

    for (size_t i = 0; rc == 0 && i < gpus.n; i++)
        for (size_t e = 0; rc == 0 && e < k->by.n; e++)
            for (size_t n = 0; rc == 0 && n < XB_EXPECT_NEEDS; n++)
                if (!isnan(xb_checked_by(k, e)->need[n]))
                    rc = check_need(k, xb_checked_by(k, e),
                                    (const struct xb_expect_gpu *)gpus.item + i, n);
    free(gpus.item);
    return rc;
}

/* What the report itself warns of: links, errors, lost devices. Each sentence names its GPU. */
static int add_warnings(const struct holding *h)
{
    const cJSON *warning,
        *list = cJSON_GetObjectItemCaseSensitive(h->report->topology, "warnings");
    struct xb_finding f;

    cJSON_ArrayForEach(warning, list)
    {
        const char *text = cJSON_GetStringValue(warning);
        if (!text)
            continue;
        if (begin(&f, XB_FINDING_MACHINE, XB_LEVEL_WARNING, only_host(h->k)) < 0 ||
            xb_finding_add(h->k, &f, "%s", text) < 0)
            return -1;
    }
    return 0;
}

/* ---- the report ---- */

/* A report that is not whole: a run was interrupted, or ended by a hang. */
static int add_missing(const struct holding *h, size_t cases)
{
    const bool interrupted = h->report->status == XB_RUN_INTERRUPTED;
    const int64_t planned = h->report->run.plan_cases;
    struct xb_finding f;

    if (!interrupted && planned <= (int64_t)cases)
        return 0;
    if (begin(&f, XB_FINDING_REPORT, XB_LEVEL_UNKNOWN, only_host(h->k)) < 0)
        return -1;
    return xb_finding_add(h->k, &f, "the run %s, with %zu of %" PRId64 " cases",
                          interrupted ? "was interrupted" : "ended early", cases, planned);
}

static int choose(const struct holding *h, const struct xb_expectations *expect, size_t n)
{
    struct xb_error why = {"there are none"};
    struct xb_finding f;

    for (size_t i = 0; i < n; i++) {
        if (!xb_expect_match(&expect[i], h->report, &why))
            continue;
        const struct xb_expectations **by = xb_list_add(&h->k->by, sizeof *by);
        if (!by)
            return -1;
        *by = &expect[i];
    }
    if (h->k->by.n > 0)
        return 0;
    if (begin(&f, XB_FINDING_REPORT, XB_LEVEL_UNKNOWN, only_host(h->k)) < 0)
        return -1;
    return xb_finding_add(h->k, &f,
                          "no expectations match this machine: %s; check --learn makes them",
                          n > 1 ? "none of those there are" : why.text);
}

/* What is kept of the report itself. */
static int copy_head(struct xb_checked *k, const char *file, const struct xb_report *report)
{
    const struct xb_text_copy copies[] = {{report->run.id, &k->run_id},
                                          {report->run.start_utc, &k->start_utc},
                                          {report->run.end_utc, &k->end_utc}};
    struct xb_trait_walk walk = {.report = report, .trait = XB_TRAIT_HOST};
    struct xb_text_set hosts = {.n = 0};
    const char *host;
    int rc = 0;

    k->file = xb_utf8_repair(file); /* a name of any bytes */
    if (!k->file || xb_text_copies(copies, sizeof copies / sizeof copies[0]) < 0)
        return -1;
    xb_utf8_make_line(k->file);
    while (rc == 0 && (host = xb_expect_trait_next(&walk))) {
        rc = xb_text_set_add(&hosts, host) < 0 ? -1 : 0;
        if (rc < 0 || k->hosts.n == hosts.n)
            continue;
        rc = xb_texts_add(&k->hosts, host);
        if (rc == 0)
            xb_utf8_make_line(k->hosts.value[k->hosts.n - 1]);
    }
    xb_text_set_release(&hosts);
    return rc;
}

static int fill(const struct holding *h, const struct xb_expectations *expect, size_t n)
{
    if (choose(h, expect, n) < 0)
        return -1;
    struct xb_case_walk walk = xb_cases(h->report);
    const struct xb_report_case *c;
    size_t cases = 0;
    int rc = 0;
    for (; rc == 0 && (c = xb_cases_next(&walk)); cases++)
        rc = check_case(h, c);
    if (xb_cases_end(&walk) < 0 || rc < 0)
        return -1;
    if (xb_finding_add_unmet(h->k) < 0 || add_missing(h, cases) < 0 || check_machine(h) < 0)
        return -1;
    return add_warnings(h);
}

int xb_check_add(struct xb_check *check, const char *file, const struct xb_report *report,
                 const struct xb_expectations *expect, size_t n, struct xb_error *err)
{
    struct xb_checked *k = xb_list_add(&check->reports, sizeof *k);
    const struct holding h = {k, report};

    if (!k || copy_head(k, file, report) < 0 || fill(&h, expect, n) < 0)
        return xb_fail(err, "out of memory for verdicts");
    check->level = worse(check->level, k->level);
    return 0;
}
