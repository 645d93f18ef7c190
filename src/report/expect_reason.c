/* SPDX-License-Identifier: BSD-3-Clause */
/* expect_reason.c - what is wrong with a host, in one line. */
#include "report/expect_reason.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text_set.h"
#include "base/units.h"
#include "base/utf8.h"
#include "report/expect_finding.h"

#define ITEMS_MAX 3 /* that a line names */

/* A bad finding of a host. */
struct bad {
    const struct xb_checked *checked;
    const struct xb_finding *f;
    size_t end[2]; /* of a lane: numbers of its ends among the host's */
    int named;     /* by which item of the line, from 1; 0: by none yet */
};

struct host {
    const char *name;
    enum xb_level level;
    struct xb_list bad;      /* of struct bad */
    struct xb_text_set ends; /* of their lanes, by key */
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

static bool touches(const struct bad *b, size_t end)
{
    return b->end[0] == end || b->end[1] == end;
}

/* Two ends that lanes join, in whichever direction. */
struct pair {
    size_t low, high;
};

static int by_ends(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;

    return x->low != y->low ? (x->low > y->low) - (x->low < y->low)
                            : (x->high > y->high) - (x->high < y->high);
}

/* For each end how many different pairs have it, of those that bad lanes join and no item has
 * named yet. -1 when out of memory. */
static int count_pairs(const struct host *h, size_t *count)
{
    struct pair *pairs = calloc(h->bad.n + 1, sizeof *pairs);
    size_t n = 0;

    if (!pairs)
        return -1;
    for (size_t i = 0; i < h->bad.n; i++) {
        const struct bad *b = bad_at(h, i);
        bool turned = b->end[0] > b->end[1];
        if (is_lane(b) && !b->named)
            pairs[n++] = (struct pair){b->end[turned], b->end[!turned]};
    }
    qsort(pairs, n, sizeof *pairs, by_ends);
    memset(count, 0, h->ends.n * sizeof *count);
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && by_ends(&pairs[i - 1], &pairs[i]) == 0)
            continue;
        count[pairs[i].low]++;
        if (pairs[i].high != pairs[i].low)
            count[pairs[i].high]++;
    }
    free(pairs);
    return 0;
}

/* An end that an item of the line is about. */
struct chosen {
    const struct xb_finding_end *end; /* NULL without a lane that is not named */
    size_t number, pairs;             /* of the end, and that have it */
};

/* The GPU that most of the pairs have as an end, where no lane has one any end. -1 when out of
 * memory. */
static int find_end(const struct host *h, struct chosen *out)
{
    size_t *count = calloc(h->ends.n + 1, sizeof *count);
    int rc = count ? count_pairs(h, count) : -1;

    *out = (struct chosen){.end = NULL};
    for (size_t i = 0; rc == 0 && i < h->bad.n; i++) {
        const struct bad *b = bad_at(h, i);
        const struct xb_finding_end *ends[] = {&b->f->src, &b->f->dst};
        for (int e = 0; is_lane(b) && !b->named && e < 2; e++) {
            size_t n = count[b->end[e]];
            if (!out->end || (ends[e]->is_gpu && (n > out->pairs || !out->end->is_gpu)))
                *out = (struct chosen){ends[e], b->end[e], n};
        }
    }
    free(count);
    return rc;
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

/* Different lanes that this item of the line names; -1 when out of memory. */
static int64_t count_lanes(const struct host *h, int item)
{
    struct xb_text_set lanes = {.n = 0};
    int64_t rc = 0;

    for (size_t i = 0; rc >= 0 && i < h->bad.n; i++)
        if (is_lane(bad_at(h, i)) && bad_at(h, i)->named == item)
            rc = xb_text_set_add(&lanes, bad_at(h, i)->f->where);
    rc = rc < 0 ? -1 : (int64_t)lanes.n;
    xb_text_set_release(&lanes);
    return rc;
}

/* Name a GPU, or a pair where that is all that is bad about it, with the lane that is worst. */
static int append_lanes(struct line *l, struct host *h, const struct chosen *chosen)
{
    const struct bad *worst = NULL;
    char words[XB_FINDING_WORDS];
    bool pair = chosen->pairs == 1;

    for (size_t i = 0; i < h->bad.n; i++) {
        struct bad *b = bad_at(h, i);
        if (!is_lane(b) || b->named || !touches(b, chosen->number))
            continue;
        b->named = l->items;
        if (!worst || xb_finding_strain(b->f) > xb_finding_strain(worst->f))
            worst = b;
    }
    assert(worst); /* it was chosen for it */
    int64_t lanes = count_lanes(h, l->items);
    const struct xb_finding_end *first = pair ? &worst->f->src : chosen->end;
    append(l, "%s%s", first->is_known && first->is_gpu ? "GPU " : "",
           pair ? worst->f->where : chosen->end->name);
    if (worst->f->link_class)
        append(l, " %s", worst->f->link_class);
    if (lanes > 1)
        append(l, " (%" PRId64 " lanes)", lanes);
    append(l, ": ");
    append_case(l, xb_finding_case(worst->checked, worst->f));
    append(l, "%s", xb_finding_words(worst->f, words));
    return lanes < 0 ? -1 : 0;
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

static int write_line(struct host *h, struct xb_reason *out)
{
    struct line l = {.text = out->text};
    struct chosen chosen;
    int rc = find_end(h, &chosen);

    out->host = h->name;
    out->level = h->level;
    if (h->name[0])
        append(&l, "%s: ", h->name);
    for (size_t i = 0; i < h->bad.n && l.items < ITEMS_MAX; i++)
        if (!is_lane(bad_at(h, i))) {
            append(&l, "%s", l.items++ ? "; " : "");
            append_other(&l, bad_at(h, i));
        }
    while (rc == 0 && l.items < ITEMS_MAX && chosen.end) {
        append(&l, "%s", l.items++ ? "; " : "");
        rc = append_lanes(&l, h, &chosen);
        if (rc == 0)
            rc = find_end(h, &chosen);
    }
    if (count_unnamed(h) > 0)
        append(&l, "; and %zu more", count_unnamed(h));
    xb_utf8_make_line(l.text);
    return rc;
}

/* ---- hosts ---- */

struct hosts {
    struct xb_text_set names;
    struct xb_list list; /* of struct host, by the numbers of their names */
};

static struct host *host_at(const struct hosts *hosts, size_t i)
{
    return (struct host *)hosts->list.item + i;
}

static struct host *find_host(struct hosts *hosts, const char *name)
{
    int64_t number = xb_text_set_add(&hosts->names, name);

    if (number < 0)
        return NULL;
    if ((size_t)number < hosts->list.n)
        return host_at(hosts, (size_t)number);
    struct host *h = xb_list_add(&hosts->list, sizeof *h);
    if (h)
        h->name = name;
    return h;
}

static int add_bad(struct host *h, const struct xb_checked *k, const struct xb_finding *f)
{
    struct bad *b = xb_list_add(&h->bad, sizeof *b);

    if (!b)
        return -1;
    *b = (struct bad){.checked = k, .f = f};
    h->level = f->level > h->level ? f->level : h->level;
    for (int e = 0; is_lane(b) && e < 2; e++) {
        int64_t number = xb_text_set_add(&h->ends, e ? f->dst.key : f->src.key);
        if (number < 0)
            return -1;
        b->end[e] = (size_t)number;
    }
    return 0;
}

static int collect(struct hosts *hosts, const struct xb_checked *k)
{
    for (size_t i = 0; i < k->findings.n; i++) {
        const struct xb_finding *f = xb_finding_at(k, i);
        if (f->level < XB_LEVEL_WARNING)
            continue;
        struct host *h = find_host(hosts, f->host ? f->host : "");
        if (!h || add_bad(h, k, f) < 0)
            return -1;
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
    struct hosts hosts = {.list = {NULL, 0, 0}};
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < check->reports.n; i++)
        rc = collect(&hosts, xb_checked_at(check, i));
    *n = 0;
    *out = rc == 0 ? calloc(hosts.list.n + 1, sizeof **out) : NULL;
    for (size_t o = 0; *out && o < sizeof order / sizeof order[0]; o++)
        for (size_t i = 0; rc == 0 && i < hosts.list.n; i++) {
            struct host *h = host_at(&hosts, i);
            if (h->level != order[o])
                continue;
            drop_lesser(h);
            rc = write_line(h, &(*out)[(*n)++]);
        }
    for (size_t i = 0; i < hosts.list.n; i++) {
        xb_text_set_release(&host_at(&hosts, i)->ends);
        free(host_at(&hosts, i)->bad.item);
    }
    free(hosts.list.item);
    xb_text_set_release(&hosts.names);
    if (*out && rc == 0)
        return 0;
    free(*out);
    *out = NULL;
    return -1;
}
