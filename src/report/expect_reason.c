/* expect_reason.c - what is wrong with a host, in one line. */
#include "report/expect_reason.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "base/utf8.h"
#include "report/expect_finding.h"

#define ITEMS_MAX 3 /* that a line names */

/* A bad finding of a host. */
struct bad {
    const struct xb_checked *checked;
    const struct xb_finding *f;
    int named; /* by which item of the line, from 1; 0: by none yet */
};

struct host {
    const char *name;
    enum xb_level level;
    struct xb_list bad; /* of struct bad */
};

static struct bad *bad_at(const struct host *h, size_t i)
{
    return (struct bad *)h->bad.item + i;
}

/* ---- ends of lanes ---- */

static bool is_lane(const struct bad *b)
{
    return b->f->of == XB_FINDING_LANE && b->f->where;
}

static bool touches(const struct bad *b, const struct xb_finding_end *e)
{
    return strcmp(b->f->src.key, e->key) == 0 || strcmp(b->f->dst.key, e->key) == 0;
}

/* Do they join the same two ends, in whichever direction? */
static bool joins_same(const struct bad *a, const struct bad *b)
{
    return touches(b, &a->f->src) && touches(b, &a->f->dst);
}

/* Pairs of ends that bad lanes with this end join and no item has named yet. */
static size_t count_pairs(const struct host *h, const struct xb_finding_end *e)
{
    size_t n = 0;

    for (size_t i = 0; i < h->bad.n; i++) {
        const struct bad *b = bad_at(h, i);
        bool counts = is_lane(b) && !b->named && touches(b, e);
        for (size_t k = 0; counts && k < i; k++) {
            const struct bad *before = bad_at(h, k);
            counts = !is_lane(before) || before->named || !touches(before, e) ||
                     !joins_same(before, b);
        }
        n += counts;
    }
    return n;
}

/* The GPU that most of the pairs have as an end, where no lane has one any end; NULL without a
 * lane that is not named. */
static const struct xb_finding_end *find_end(const struct host *h, size_t *pairs)
{
    const struct xb_finding_end *found = NULL;

    *pairs = 0;
    for (size_t i = 0; i < h->bad.n; i++) {
        const struct bad *b = bad_at(h, i);
        const struct xb_finding_end *ends[] = {&b->f->src, &b->f->dst};
        for (int e = 0; is_lane(b) && !b->named && e < 2; e++) {
            size_t n = count_pairs(h, ends[e]);
            if (!found || (ends[e]->is_gpu && (n > *pairs || !found->is_gpu))) {
                *pairs = n;
                found = ends[e];
            }
        }
    }
    return found;
}

/* ---- words ---- */

struct line {
    char *text;
    size_t len;
    int items;
};

__attribute__((format(printf, 2, 3))) static void append(struct line *l, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    int n = vsnprintf(l->text + l->len, XB_REASON_LINE - l->len, fmt, args);
    va_end(args);
    l->len += n > 0 ? (size_t)n : 0;
    if (l->len >= XB_REASON_LINE)
        l->len = XB_REASON_LINE - 1;
}

/* "p2p 256MiB: ", "p2p 8B pingpong: ". */
static void append_case(struct line *l, const struct xb_checked_case *c)
{
    bool is_stream = strcmp(c->pattern, "stream") == 0;
    char size[XB_UNITS_LEN];

    append(l, "%s %s%s%s: ", c->method, xb_size_format((uint64_t)c->bytes, size),
           is_stream ? "" : " ", is_stream ? "" : c->pattern);
}

/* Different lanes that this item of the line names. */
static size_t count_lanes(const struct host *h, int item)
{
    size_t n = 0;

    for (size_t i = 0; i < h->bad.n; i++) {
        const struct bad *b = bad_at(h, i);
        bool counts = is_lane(b) && b->named == item;
        for (size_t k = 0; counts && k < i; k++) {
            const struct bad *before = bad_at(h, k);
            counts = before->named != item || strcmp(before->f->where, b->f->where) != 0;
        }
        n += counts;
    }
    return n;
}

/* Name a GPU, or a pair where that is all that is bad about it, with the lane that is worst. */
static void append_lanes(struct line *l, struct host *h, const struct xb_finding_end *e,
                         size_t pairs)
{
    const struct bad *worst = NULL;
    char words[XB_FINDING_WORDS];

    for (size_t i = 0; i < h->bad.n; i++) {
        struct bad *b = bad_at(h, i);
        if (!is_lane(b) || b->named || !touches(b, e))
            continue;
        b->named = l->items;
        if (!worst || xb_finding_strain(b->f) > xb_finding_strain(worst->f))
            worst = b;
    }
    size_t lanes = count_lanes(h, l->items);
    const struct xb_finding_end *first = pairs == 1 ? &worst->f->src : e;
    append(l, "%s%s", first->is_known && first->is_gpu ? "GPU " : "",
           pairs == 1 ? worst->f->where : e->name);
    if (worst->f->link_class)
        append(l, " %s", worst->f->link_class);
    if (lanes > 1)
        append(l, " (%zu lanes)", lanes);
    append(l, ": ");
    append_case(l, xb_finding_case(worst->checked, worst->f));
    append(l, "%s", xb_finding_words(worst->f, words));
}

/* What is not about a lane: a GPU's links, a case, the run. */
static void append_other(struct line *l, struct bad *b)
{
    char words[XB_FINDING_WORDS];

    b->named = l->items;
    if (b->f->where)
        append(l, "GPU %s: ", b->f->where);
    if (xb_finding_case(b->checked, b->f))
        append_case(l, xb_finding_case(b->checked, b->f));
    append(l, "%s", xb_finding_words(b->f, words));
}

static size_t count_unnamed(const struct host *h)
{
    size_t n = 0;

    for (size_t i = 0; i < h->bad.n; i++)
        n += bad_at(h, i)->named == 0;
    return n;
}

static void write_line(struct host *h, struct xb_reason *out)
{
    const struct xb_finding_end *e;
    struct line l = {.text = out->text};
    size_t pairs;

    out->host = h->name;
    out->level = h->level;
    if (h->name[0])
        append(&l, "%s: ", h->name);
    for (size_t i = 0; i < h->bad.n && l.items < ITEMS_MAX; i++)
        if (!is_lane(bad_at(h, i))) {
            append(&l, "%s", l.items++ ? "; " : "");
            append_other(&l, bad_at(h, i));
        }
    while (l.items < ITEMS_MAX && (e = find_end(h, &pairs))) {
        append(&l, "%s", l.items++ ? "; " : "");
        append_lanes(&l, h, e, pairs);
    }
    if (count_unnamed(h) > 0)
        append(&l, "; and %zu more", count_unnamed(h));
    xb_utf8_make_line(l.text);
}

/* ---- hosts ---- */

static struct host *find_host(struct xb_list *hosts, const char *name)
{
    for (size_t i = 0; i < hosts->n; i++)
        if (strcmp(((struct host *)hosts->item)[i].name, name) == 0)
            return (struct host *)hosts->item + i;
    struct host *h = xb_list_add(hosts, sizeof *h);
    if (h)
        h->name = name;
    return h;
}

static int collect(struct xb_list *hosts, const struct xb_checked *k)
{
    for (size_t i = 0; i < k->findings.n; i++) {
        const struct xb_finding *f = xb_finding_at(k, i);
        if (f->level < XB_LEVEL_WARNING)
            continue;
        struct host *h = find_host(hosts, f->host ? f->host : "");
        struct bad *b = h ? xb_list_add(&h->bad, sizeof *b) : NULL;
        if (!b)
            return -1;
        *b = (struct bad){.checked = k, .f = f};
        h->level = f->level > h->level ? f->level : h->level;
    }
    return 0;
}

/* A line is about what is critical where anything is. */
static void drop_lesser(struct host *h)
{
    size_t n = 0;

    for (size_t i = 0; i < h->bad.n; i++)
        if (bad_at(h, i)->f->level == h->level)
            *bad_at(h, n++) = *bad_at(h, i);
    h->bad.n = n;
}

int xb_check_reasons(const struct xb_check *check, struct xb_reason **out, size_t *n)
{
    static const enum xb_level order[] = {XB_LEVEL_CRITICAL, XB_LEVEL_WARNING};
    struct xb_list hosts = {NULL, 0, 0};
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < check->reports.n; i++)
        rc = collect(&hosts, xb_checked_at(check, i));
    *n = 0;
    *out = rc == 0 ? calloc(hosts.n + 1, sizeof **out) : NULL;
    for (size_t o = 0; *out && o < sizeof order / sizeof order[0]; o++)
        for (size_t i = 0; i < hosts.n; i++) {
            struct host *h = (struct host *)hosts.item + i;
            if (h->level != order[o])
                continue;
            drop_lesser(h);
            write_line(h, &(*out)[(*n)++]);
        }
    for (size_t i = 0; i < hosts.n; i++)
        free(((struct host *)hosts.item)[i].bad.item);
    free(hosts.item);
    return *out ? 0 : -1;
}
