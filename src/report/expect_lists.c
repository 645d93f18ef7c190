/* SPDX-License-Identifier: BSD-3-Clause */
/* expect_lists.c - what a check has found, and what of it counts. */
#include <stdlib.h>
#include <string.h>

#include "report/expect_finding.h"

struct xb_checked *xb_checked_at(const struct xb_check *check, size_t i)
{
    return (struct xb_checked *)check->reports.item + i;
}

struct xb_finding *xb_finding_at(const struct xb_checked *checked, size_t i)
{
    return (struct xb_finding *)checked->findings.item + i;
}

struct xb_checked_case *xb_checked_case_at(const struct xb_checked *checked, size_t i)
{
    return (struct xb_checked_case *)checked->cases.item + i;
}

const struct xb_expectations *xb_checked_by(const struct xb_checked *checked, size_t i)
{
    return ((const struct xb_expectations *const *)checked->by.item)[i];
}

const struct xb_checked_case *xb_finding_case(const struct xb_checked *checked,
                                              const struct xb_finding *finding)
{
    return finding->place == XB_NO_CASE ? NULL : xb_checked_case_at(checked, finding->place);
}

const struct xb_finding *xb_checked_worst(const struct xb_checked *checked,
                                          const struct xb_checked_case *c, bool figures)
{
    const struct xb_finding *worst = NULL;

    for (size_t i = 0; i < c->n; i++) {
        const struct xb_finding *f = xb_finding_at(checked, c->first + i);
        if (figures && !f->has_figure)
            continue;
        if (!worst || f->level > worst->level ||
            (f->level == worst->level && xb_finding_strain(f) > xb_finding_strain(worst)))
            worst = f;
    }
    return worst;
}

/* ---- what is missing ---- */

static bool is_met(const struct xb_checked *k, const struct xb_expectations *by, size_t bound)
{
    for (size_t i = 0; i < k->findings.n; i++) {
        const struct xb_finding *f = xb_finding_at(k, i);
        if (f->has_figure && f->by == by && f->bound == bound)
            return true;
    }
    return false;
}

/* There are bounds, and none of them has met a case. */
static bool is_unbound(const struct xb_checked *k)
{
    bool bounds = false;

    for (size_t e = 0; e < k->by.n; e++)
        bounds = bounds || xb_checked_by(k, e)->nbounds > 0;
    for (size_t i = 0; bounds && i < k->findings.n; i++)
        bounds = !xb_finding_at(k, i)->by;
    return bounds;
}

/* Begin one that is gone where a second look finds a figure. */
static int begin_unmet(struct xb_finding *f, enum xb_level level, const struct xb_checked *k)
{
    *f = (struct xb_finding){.of = XB_FINDING_REPORT,
                             .level = level,
                             .place = XB_NO_CASE,
                             .lanes = 1,
                             .is_unmet = true};
    return xb_text_dup(k->hosts.n == 1 ? k->hosts.value[0] : NULL, &f->host);
}

static int add_required(struct xb_checked *k, const struct xb_expectations *by)
{
    struct xb_finding f;

    for (size_t b = 0; b < by->nbounds; b++) {
        if (!by->bounds[b].required || is_met(k, by, b))
            continue;
        if (begin_unmet(&f, XB_LEVEL_CRITICAL, k) < 0)
            return -1;
        f.by = by;
        f.bound = b;
        if (xb_finding_add(k, &f,
                           "bounds[%zu] of %s is required, and nothing was measured for it", b,
                           by->name) < 0)
            return -1;
    }
    return 0;
}

int xb_finding_add_unmet(struct xb_checked *k)
{
    struct xb_finding f;

    if (is_unbound(k) && (begin_unmet(&f, XB_LEVEL_UNKNOWN, k) < 0 ||
                          xb_finding_add(k, &f, "nothing that %s expect was measured",
                                         xb_checked_by(k, 0)->name) < 0))
        return -1;
    for (size_t e = 0; e < k->by.n; e++)
        if (add_required(k, xb_checked_by(k, e)) < 0)
            return -1;
    return 0;
}

/* ---- measured again ---- */

static struct xb_checked_case *find_case(const struct xb_checked *checked, const char *id)
{
    for (size_t i = 0; i < checked->cases.n; i++)
        if (strcmp(xb_checked_case_at(checked, i)->id, id) == 0)
            return xb_checked_case_at(checked, i);
    return NULL;
}

/* It stays in the list, and counts for nothing. */
static void let_go(struct xb_finding *f)
{
    xb_finding_release(f);
    *f = (struct xb_finding){.place = XB_NO_CASE, .of = XB_FINDING_CASE};
}

/* What was found then counts; what counted so far becomes a text. */
static int replace_case(struct xb_checked *k, struct xb_checked_case *c,
                        struct xb_checked *from, const struct xb_checked_case *now)
{
    size_t first = k->findings.n, place = (size_t)(c - xb_checked_case_at(k, 0));

    if (!(c->earlier = strdup(xb_checked_worst(k, c, false)->text)))
        return -1;
    for (size_t i = 0; i < now->n; i++) {
        struct xb_finding *f = xb_list_add(&k->findings, sizeof *f);
        struct xb_finding *taken = xb_finding_at(from, now->first + i);
        if (!f)
            return -1;
        *f = *taken;
        f->place = place;
        *taken = (struct xb_finding){.place = XB_NO_CASE};
    }
    for (size_t i = 0; i < c->n; i++)
        let_go(xb_finding_at(k, c->first + i));
    k->count[c->level]--;
    k->count[now->level]++;
    c->level = now->level;
    c->first = first;
    c->n = now->n;
    return 0;
}

/* Without the places of findings that have been replaced. */
static void close_ranks(struct xb_checked *k)
{
    size_t n = 0;

    k->level = XB_LEVEL_GOOD;
    for (size_t i = 0; i < k->cases.n; i++)
        xb_checked_case_at(k, i)->n = 0;
    for (size_t i = 0; i < k->findings.n; i++) {
        struct xb_finding *f = xb_finding_at(k, i);
        if (!f->text)
            continue;
        if (f->level > k->level)
            k->level = f->level;
        struct xb_checked_case *c =
            f->place == XB_NO_CASE ? NULL : xb_checked_case_at(k, f->place);
        if (c && c->n++ == 0)
            c->first = n;
        *xb_finding_at(k, n++) = *f;
    }
    k->findings.n = n;
}

int xb_check_again(struct xb_check *check, struct xb_check *again, struct xb_error *err)
{
    struct xb_checked *k = xb_checked_at(check, 0), *from = xb_checked_at(again, 0);

    for (size_t i = 0; i < from->cases.n; i++) {
        struct xb_checked_case *c = find_case(k, xb_checked_case_at(from, i)->id);
        if (c && replace_case(k, c, from, xb_checked_case_at(from, i)) < 0)
            return xb_fail(err, "out of memory for verdicts");
    }
    for (size_t i = 0; i < k->findings.n; i++) /* what has failed first may have figures now */
        if (xb_finding_at(k, i)->is_unmet)
            let_go(xb_finding_at(k, i));
    close_ranks(k);
    if (xb_finding_add_unmet(k) < 0)
        return xb_fail(err, "out of memory for verdicts");
    check->level = k->level;
    return 0;
}

/* ---- letting go ---- */

static void release(struct xb_checked *k)
{
    for (size_t i = 0; i < k->findings.n; i++)
        xb_finding_release(xb_finding_at(k, i));
    for (size_t i = 0; i < k->cases.n; i++) {
        struct xb_checked_case *c = xb_checked_case_at(k, i);
        free(c->id);
        free(c->pattern);
        free(c->method);
        free(c->earlier);
    }
    for (size_t i = 0; i < k->hosts.n; i++)
        free(k->hosts.value[i]);
    free(k->hosts.value);
    free(k->file);
    free(k->run_id);
    free(k->start_utc);
    free(k->end_utc);
    free(k->by.item);
    free(k->findings.item);
    free(k->cases.item);
}

void xb_check_release(struct xb_check *check)
{
    for (size_t i = 0; i < check->reports.n; i++)
        release(xb_checked_at(check, i));
    free(check->reports.item);
    *check = (struct xb_check){.level = XB_LEVEL_GOOD};
}
