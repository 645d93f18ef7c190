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

/* ---- measured again ---- */

static struct xb_checked_case *find_case(const struct xb_checked *checked, const char *id)
{
    for (size_t i = 0; i < checked->cases.n; i++)
        if (strcmp(xb_checked_case_at(checked, i)->id, id) == 0)
            return xb_checked_case_at(checked, i);
    return NULL;
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
    for (size_t i = 0; i < c->n; i++) { /* they stay in the list, and count for nothing */
        struct xb_finding *f = xb_finding_at(k, c->first + i);
        xb_finding_release(f);
        *f = (struct xb_finding){.place = XB_NO_CASE, .of = XB_FINDING_CASE};
    }
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
    close_ranks(k);
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
