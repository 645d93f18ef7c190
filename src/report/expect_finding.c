/* SPDX-License-Identifier: BSD-3-Clause */
/* expect_finding.c - making the findings of a check. */
#include "report/expect_finding.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "base/utf8.h"
#include "report/formats/format.h"

#define TEXT_LEN 640

void xb_finding_release(struct xb_finding *f)
{
    free(f->src.key);
    free(f->src.name);
    free(f->dst.key);
    free(f->dst.name);
    free(f->link_class);
    free(f->host);
    free(f->where);
    free(f->text);
}

int xb_finding_add(struct xb_checked *k, struct xb_finding *made, const char *fmt, ...)
{
    struct xb_finding *f;
    char text[TEXT_LEN];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    xb_utf8_make_line(text); /* a reason may have lines, a name anything */
    if (made->host)
        xb_utf8_make_line(made->host);
    if (made->where)
        xb_utf8_make_line(made->where);
    made->text = strdup(text);
    f = made->text ? xb_list_add(&k->findings, sizeof *f) : NULL;
    if (!f) {
        xb_finding_release(made);
        return -1;
    }
    *f = *made;
    k->level = made->level > k->level ? made->level : k->level;
    return 0;
}

/* ---- where it is ---- */

static const char *host_of(const struct xb_report *report, int64_t rank)
{
    const struct xb_report_rank *at = xb_report_rank_of(report, rank);

    return at ? at->host : NULL;
}

/* An end by its bus id; where that is not known by rank and endpoint, but for a host beside a
 * known GPU. */
static int fill_end(const struct xb_report *report, int64_t rank, const char *endpoint,
                    bool beside_known, struct xb_finding_end *out)
{
    const struct xb_report_gpu *gpu = xb_format_gpu(report, rank, endpoint);
    const char *host = host_of(report, rank);
    char name[XB_CELL_LEN];

    xb_format_end(report, rank, endpoint, name);
    out->rank = rank;
    out->is_gpu = strcmp(endpoint, "host") != 0;
    out->is_known = gpu && gpu->pci_bus_id;
    int key = gpu && gpu->uuid ? asprintf(&out->key, "%s %s", host ? host : "", gpu->uuid)
                               : asprintf(&out->key, "%" PRId64 " %s", rank, endpoint);
    bool alone = out->is_known || (beside_known && !out->is_gpu);
    int named = alone ? asprintf(&out->name, "%s", name)
                      : asprintf(&out->name, "rank %" PRId64 " %s", rank, name);
    out->key = key < 0 ? NULL : out->key;
    out->name = named < 0 ? NULL : out->name;
    return key < 0 || named < 0 ? -1 : 0;
}

int xb_finding_place(const struct xb_report *report, const struct xb_report_case *c, size_t i,
                     struct xb_finding *f)
{
    const struct xb_report_step *step = xb_report_step_of(report, c, i);

    if (!step)
        return 0;
    const char *from = host_of(report, step->src_rank), *to = host_of(report, step->dst_rank);
    bool one_host = from && to && strcmp(from, to) == 0;
    bool known_src = xb_format_gpu(report, step->src_rank, step->src) != NULL;
    bool known_dst = xb_format_gpu(report, step->dst_rank, step->dst) != NULL;
    if (fill_end(report, step->src_rank, step->src, known_dst, &f->src) < 0 ||
        fill_end(report, step->dst_rank, step->dst, known_src, &f->dst) < 0 ||
        xb_text_dup(step->link_class, &f->link_class) < 0 ||
        xb_text_dup(one_host ? from : NULL, &f->host) < 0)
        return -1;
    int n = one_host ? asprintf(&f->where, "%s->%s", f->src.name, f->dst.name)
                     : asprintf(&f->where, "%s %s->%s %s", from ? from : "unknown", f->src.name,
                                to ? to : "unknown", f->dst.name);
    f->where = n < 0 ? NULL : f->where;
    return n < 0 ? -1 : 0;
}

const char *xb_finding_host(const struct xb_report *report, const struct xb_report_case *c)
{
    const char *host =
        c->lanes.n == 0 && report->ranks.n > 0 ? xb_report_rank_at(report, 0)->host : NULL;

    for (size_t i = 0; i < c->lanes.n; i++) {
        const struct xb_report_step *step = xb_report_step_of(report, c, i);
        const char *ends[] = {host_of(report, step->src_rank), host_of(report, step->dst_rank)};
        for (int e = 0; e < 2; e++) {
            if (!ends[e] || (host && strcmp(host, ends[e]) != 0))
                return NULL;
            host = ends[e];
        }
    }
    return host;
}

/* ---- figures ---- */

struct xb_finding_figures xb_finding_of_case(const struct xb_report_case *c)
{
    return (struct xb_finding_figures){.us = c->time_us.there ? c->time_us.median : NAN,
                                       .gb_per_s =
                                           c->bandwidth.there ? c->bandwidth.median : NAN,
                                       .ceiling = c->ceiling_gb_per_s,
                                       .fraction = c->fraction_of_ceiling};
}

struct xb_finding_figures xb_finding_of_lane(const struct xb_report_lane *lane)
{
    return (struct xb_finding_figures){.us = lane->time_us.there ? lane->time_us.median : NAN,
                                       .gb_per_s = lane->gb_per_s,
                                       .ceiling = lane->ceiling_gb_per_s,
                                       .fraction = lane->fraction_of_ceiling};
}

bool xb_finding_by_lane(const struct xb_report_case *c)
{
    const struct xb_pattern *pattern = xb_pattern_find(c->key.pattern, NULL);

    return c->lanes.n > 0 && pattern && !pattern->one_operation;
}

/* ---- bounds ---- */

static enum xb_level level_of(const struct xb_finding *f)
{
    if (f->value < f->below.critical || f->value > f->above.critical)
        return XB_LEVEL_CRITICAL;
    if (f->value < f->below.warning || f->value > f->above.warning)
        return XB_LEVEL_WARNING;
    return XB_LEVEL_GOOD;
}

static struct xb_expect_limits scale(const struct xb_expect_limits *limits, double by)
{
    return (struct xb_expect_limits){limits->warning * by, limits->critical * by};
}

void xb_finding_hold(struct xb_finding *f, const struct xb_finding_figures *figures)
{
    const struct xb_expect_bound *b = &f->by->bounds[f->bound];
    bool is_fraction = b->figure == XB_EXPECT_FRACTION;

    f->is_time = b->figure == XB_EXPECT_TIME;
    f->value = f->is_time ? figures->us : figures->gb_per_s;
    f->fraction = figures->fraction;
    f->below = is_fraction ? scale(&b->below, figures->ceiling) : b->below;
    f->above = is_fraction ? scale(&b->above, figures->ceiling) : b->above;
    f->has_figure =
        !isnan(f->value) && (!is_fraction || (!isnan(f->fraction) && figures->ceiling > 0));
    f->level = f->has_figure ? level_of(f) : XB_LEVEL_UNKNOWN;
}

/* The limit of these that a figure meets first; NAN without one. */
static double limit_of(const struct xb_expect_limits *limits)
{
    return isnan(limits->warning) ? limits->critical : limits->warning;
}

double xb_finding_strain(const struct xb_finding *f)
{
    double least = limit_of(&f->below), most = limit_of(&f->above);

    return f->has_figure ? fmax(least / f->value, f->value / most) : INFINITY;
}

/* ---- words ---- */

static const char *number_text(const struct xb_finding *f, double value, char buf[XB_CELL_LEN])
{
    char rate[XB_CELL_LEN];

    if (f->is_time)
        xb_time_us_format(value, buf);
    else if (value > 0)
        snprintf(buf, XB_CELL_LEN, "%.20s GB/s", xb_format_rate(value, rate));
    else
        snprintf(buf, XB_CELL_LEN, "%g GB/s", value);
    return buf;
}

/* "379.0 GB/s or more", "7.021 us or less", or both. */
static const char *expected_text(const struct xb_finding *f, char buf[XB_CELL_LEN * 2])
{
    double least = limit_of(&f->below), most = limit_of(&f->above);
    char low[XB_CELL_LEN], high[XB_CELL_LEN];

    number_text(f, least, low);
    number_text(f, most, high);
    if (isnan(most) || f->value < least)
        snprintf(buf, XB_CELL_LEN * 2, "%s or more", low);
    else if (isnan(least) || f->value > most)
        snprintf(buf, XB_CELL_LEN * 2, "%s or less", high);
    else
        snprintf(buf, XB_CELL_LEN * 2, "%.80s to %.80s", low, high);
    return buf;
}

const char *xb_finding_words(const struct xb_finding *f, char buf[XB_FINDING_WORDS])
{
    char found[XB_CELL_LEN], expected[XB_CELL_LEN * 2];

    if (!f->has_figure)
        return f->text;
    snprintf(buf, XB_FINDING_WORDS, "%.60s, expected %s", number_text(f, f->value, found),
             expected_text(f, expected));
    return buf;
}

int xb_finding_add_held(struct xb_checked *k, struct xb_finding *f)
{
    const struct xb_expect_bound *b = &f->by->bounds[f->bound];
    char words[XB_FINDING_WORDS], lanes[48] = "";

    if (!f->has_figure)
        return xb_finding_add(k, f, "no %s is known", xb_expect_figure_name(b->figure));
    if (f->lanes > 1)
        snprintf(lanes, sizeof lanes, ", nearest of %zu lanes", f->lanes);
    xb_finding_words(f, words);
    return b->figure == XB_EXPECT_FRACTION
               ? xb_finding_add(k, f, "%s (%.3f of the ceiling%s)", words, f->fraction, lanes)
               : xb_finding_add(k, f, "%s%s", words, lanes);
}
