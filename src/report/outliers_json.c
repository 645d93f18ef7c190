/* SPDX-License-Identifier: BSD-3-Clause */
/* outliers_json.c - who is slow, as it stands in a report. */
#include "report/outliers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/formats/format.h"
#include "report/outlier_lanes.h"
#include "report/report_json.h"

/* The ranks of a report beside what its topology says of each, sorted by node. */
struct placed {
    const struct xb_report *report;
    struct of_rank {
        const struct xb_report_rank *rank;
        const char *nic;
    } * of;        /* by node, then as in the report */
    size_t *place; /* of each rank of the report in the list above */
};

static int by_node(const void *a, const void *b)
{
    const struct of_rank *x = a, *y = b;

    if (x->rank->node != y->rank->node)
        return x->rank->node < y->rank->node ? -1 : 1;
    return (x->rank > y->rank) - (x->rank < y->rank);
}

/* The topology has the ranks in the order of the report. The caller frees what is in it. -1
 * when out of memory. */
static int place_ranks(const struct xb_report *report, struct placed *out)
{
    const cJSON *ranks = cJSON_GetObjectItemCaseSensitive(report->topology, "ranks");
    const cJSON *object = ranks ? ranks->child : NULL;
    size_t n = report->ranks.n;

    *out = (struct placed){report, calloc(n + 1, sizeof *out->of),
                           calloc(n + 1, sizeof *out->place)};
    if (!out->of || !out->place)
        return -1;
    for (size_t i = 0; i < n; i++, object = object ? object->next : NULL)
        out->of[i] = (struct of_rank){
            xb_report_rank_at(report, i),
            cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, "nic"))};
    qsort(out->of, n, sizeof *out->of, by_node);
    for (size_t i = 0; i < n; i++)
        out->place[out->of[i].rank - xb_report_rank_at(report, 0)] = i;
    return 0;
}

static cJSON *end_json(const char *host, double rank, const char *gpu, const char *nic)
{
    cJSON *object = cJSON_CreateObject();
    bool good = xb_report_put(object, "host", xb_report_text(host)) &&
                xb_report_put(object, "rank", xb_report_number(rank)) &&
                xb_report_put(object, "gpu", xb_report_text(gpu)) &&
                xb_report_put(object, "nic", xb_report_text(nic));

    return xb_report_done(object, good);
}

static cJSON *rank_json(const struct placed *p, int rank, const char *end)
{
    const struct xb_report_gpu *gpu = xb_format_gpu(p->report, rank, end);
    const struct xb_report_rank *of = xb_report_rank_of(p->report, rank);
    size_t place = p->place[of - xb_report_rank_at(p->report, 0)];

    return end_json(of->host, rank, gpu ? gpu->pci_bus_id : NULL, p->of[place].nic);
}

/* The first of the ranks that are not on a lower node. */
static size_t first_of_node(const struct placed *p, int node)
{
    size_t low = 0, high = p->report->ranks.n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (p->of[middle].rank->node < node)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* A node by its host, and its NIC where all its ranks use the same. */
static cJSON *node_json(const struct placed *p, int node)
{
    const char *host = NULL, *nic = NULL;
    size_t first = first_of_node(p, node);

    for (size_t i = first; i < p->report->ranks.n && p->of[i].rank->node == node; i++) {
        const char *its = p->of[i].nic;
        host = p->of[i].rank->host;
        nic = i == first || (nic && its && strcmp(nic, its) == 0) ? its : NULL;
    }
    return end_json(host, NAN, NULL, nic);
}

/* The end that a rank is slow with: its GPU where either end of its lanes is one. */
static const char *end_of(const struct xb_outlier *x)
{
    const char *end = x->roles == XB_RECEIVES ? x->dst_end : x->src_end;

    return x->roles == (XB_SENDS | XB_RECEIVES) && !xb_outlier_is_gpu(end) ? x->dst_end : end;
}

static cJSON *ends_json(const struct xb_outlier *x, const struct placed *p)
{
    cJSON *ends = cJSON_CreateArray();
    bool good = true;

    switch (x->kind) {
    case XB_SUSPECT_NODE:
        good = xb_report_push(ends, node_json(p, x->src));
        break;
    case XB_SUSPECT_RANK:
        good = xb_report_push(ends, rank_json(p, x->src, end_of(x)));
        break;
    case XB_SUSPECT_LINK:
        good = xb_report_push(ends, rank_json(p, x->src, x->src_end)) &&
               xb_report_push(ends, rank_json(p, x->dst, x->dst_end));
        break;
    case XB_SUSPECT_ALL:
        break;
    }
    return xb_report_done(ends, good);
}

static cJSON *cases_json(const struct xb_outlier *x)
{
    cJSON *array = cJSON_CreateArray();
    bool good = true;

    for (size_t i = 0; good && i < x->cases.n; i++) {
        const struct xb_outlier_case *c = xb_outlier_case_at(x, i);
        cJSON *object = cJSON_CreateObject();
        bool whole =
            xb_report_put(object, "id", xb_report_text(c->id)) &&
            xb_report_put(object, "gb_per_s", xb_report_number(xb_round_ratio(c->gb_per_s))) &&
            xb_report_put(object, "usual_gb_per_s",
                          xb_report_number(xb_round_ratio(c->usual_gb_per_s))) &&
            xb_report_put(object, "ratio", xb_report_number(xb_round_ratio(c->ratio))) &&
            xb_report_put(object, "again_ratio",
                          xb_report_number(xb_round_ratio(c->again_ratio)));
        good = xb_report_push(array, xb_report_done(object, whole));
    }
    return xb_report_done(array, good);
}

static const char *kind_name(const struct xb_outlier *x)
{
    switch (x->kind) {
    case XB_SUSPECT_NODE:
        return "node";
    case XB_SUSPECT_RANK:
        return xb_outlier_is_gpu(end_of(x)) ? "gpu" : "rank";
    case XB_SUSPECT_LINK:
        return "link";
    case XB_SUSPECT_ALL:
        break;
    }
    return "all";
}

static const char *direction_name(int roles)
{
    return roles == XB_SENDS ? "send" : roles == XB_RECEIVES ? "receive" : "both";
}

static size_t looked_at(const struct xb_outliers *o, const char *link_class)
{
    for (size_t i = 0; i < o->looked.n; i++) {
        const struct xb_outlier_looked *l =
            (const struct xb_outlier_looked *)o->looked.item + i;
        if (strcmp(l->link_class, link_class) == 0)
            return l->cases;
    }
    return 0;
}

static cJSON *outlier_json(const struct xb_outliers *o, const struct xb_outlier *x,
                           const struct placed *p)
{
    size_t looked, seen;
    cJSON *object = cJSON_CreateObject();

    xb_outlier_count_again(x, &looked, &seen);
    bool good =
        xb_report_put(object, "kind", xb_report_text(kind_name(x))) &&
        xb_report_put(object, "direction", xb_report_text(direction_name(x->roles))) &&
        xb_report_put(object, "link_class", xb_report_text(x->link_class)) &&
        xb_report_put(object, "than", xb_report_text(x->of_ceiling ? "ceiling" : "others")) &&
        xb_report_put(object, "ends", ends_json(x, p)) &&
        xb_report_put(object, "cases_compared",
                      xb_report_number((double)looked_at(o, x->link_class))) &&
        xb_report_put(object, "cases", cases_json(x)) &&
        xb_report_put(object, "measured_again", xb_report_number((double)looked)) &&
        xb_report_put(object, "seen_again", xb_report_number((double)seen));
    return xb_report_done(object, good);
}

cJSON *xb_outliers_json(const struct xb_outliers *o, const struct xb_report *report)
{
    cJSON *array = cJSON_CreateArray();
    struct placed placed;
    bool good = place_ranks(report, &placed) == 0;

    for (size_t i = 0; good && i < o->list.n; i++)
        if (!xb_outlier_is_gone(xb_outlier_at(o, i)))
            good = xb_report_push(array, outlier_json(o, xb_outlier_at(o, i), &placed));
    free(placed.of);
    free(placed.place);
    return xb_report_done(array, good);
}
