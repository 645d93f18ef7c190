/* SPDX-License-Identifier: BSD-3-Clause */
/* page_links.c - what joins the GPUs of a run: their NVLinks, and the class of each pair that a
 * case has used.
 */
#include "report/page/page_parts.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text_set.h"
#include "report/page/markup.h"

#define MOST_GPUS 16 /* of a table of pairs */

#define LABEL_LEN (XB_CELL_LEN + 40)

/* The GPUs between which something was moved, and the link class from each to each; NULL where
 * nothing was. */
struct pairs {
    struct xb_text_set gpus; /* "1: 3b:00.0", node and bus id */
    const char *link[MOST_GPUS][MOST_GPUS];
    bool many; /* more GPUs than that */
};

static int number_of(struct pairs *pairs, const struct xb_report *report, int64_t rank,
                     const char *endpoint)
{
    const struct xb_report_rank *r = xb_report_rank_of(report, rank);
    char end[XB_CELL_LEN], label[LABEL_LEN];

    if (!r || !xb_format_gpu(report, rank, endpoint))
        return -1;
    xb_format_end(report, rank, endpoint, end);
    snprintf(label, sizeof label, "%" PRId64 ": %s", r->node, end);
    if (xb_text_set_find(&pairs->gpus, label, strlen(label)) < 0 &&
        pairs->gpus.n == MOST_GPUS) {
        pairs->many = true;
        return -1;
    }
    return (int)xb_text_set_add(&pairs->gpus, label);
}

static void find_pairs(const struct xb_report *report, struct pairs *pairs)
{
    for (size_t i = 0; i < report->schedules.n && !pairs->many; i++) {
        const struct xb_report_schedule *s =
            (const struct xb_report_schedule *)report->schedules.item + i;
        for (size_t k = 0; k < s->steps.n && !pairs->many; k++) {
            const struct xb_report_step *step =
                (const struct xb_report_step *)s->steps.item + k;
            int from = number_of(pairs, report, step->src_rank, step->src);
            int to = number_of(pairs, report, step->dst_rank, step->dst);
            if (from >= 0 && to >= 0 && from != to)
                pairs->link[from][to] = step->link_class;
        }
    }
}

static int print_pairs(const struct pairs *pairs, FILE *out)
{
    const char *cells[MOST_GPUS + 2] = {"from \\ to (node: GPU)"};
    size_t n = pairs->gpus.n;

    for (size_t to = 0; to < n; to++)
        cells[to + 1] = xb_text_set_at(&pairs->gpus, to);
    struct xb_table *table = xb_table_new(cells);
    int rc = table ? 0 : -1;
    for (size_t from = 0; rc == 0 && from < n; from++) {
        cells[0] = xb_text_set_at(&pairs->gpus, from);
        for (size_t to = 0; to < n; to++) {
            const char *link = pairs->link[from][to];
            cells[to + 1] = link ? link : from == to ? "itself" : "-";
        }
        rc = xb_table_add(table, cells);
    }
    if (rc == 0) {
        xb_page_element("h4", "What joins the GPUs that were measured", out);
        return xb_page_table(table, "The link class from each GPU to each", out);
    }
    xb_table_free(table);
    return rc;
}

/* ---- NVLinks ---- */

static int add_link(struct xb_table *table, const cJSON *node, const cJSON *gpu,
                    const cJSON *link)
{
    char number[24], links[24], rate[XB_CELL_LEN] = "-", end[XB_CELL_LEN];
    const char *pci = xb_page_text_of(gpu, "pci_bus_id"), *to = xb_page_text_of(link, "end");
    const char *far = xb_page_text_of(link, "pci_bus_id");

    snprintf(number, sizeof number, "%.0f", xb_page_number_of(node, "node"));
    snprintf(links, sizeof links, "%.0f", xb_page_number_of(link, "links"));
    snprintf(end, sizeof end, "%.20s%s%.60s", to ? to : "-", far ? " " : "", far ? far : "");
    xb_format_rate(xb_page_number_of(link, "gb_per_s"), rate);
    const char *const cells[] = {number, pci ? pci : "-", end, links, rate, NULL};
    return xb_table_add(table, cells);
}

static int print_links(const struct xb_report *report, FILE *out)
{
    static const char *const titles[] = {
        "node", "GPU", "links end in", ">links", ">GB/s in one direction", NULL};
    const cJSON *node, *gpu, *link;
    struct xb_table *table = xb_table_new(titles);
    int rc = table ? 0 : -1;
    bool any = false;

    cJSON_ArrayForEach(node, cJSON_GetObjectItemCaseSensitive(report->topology, "nodes"))
    {
        cJSON_ArrayForEach(gpu, cJSON_GetObjectItemCaseSensitive(node, "gpus"))
        {
            cJSON_ArrayForEach(link, cJSON_GetObjectItemCaseSensitive(gpu, "links"))
            {
                rc = rc == 0 ? add_link(table, node, gpu, link) : rc;
                any = true;
            }
        }
    }
    if (rc == 0 && any) {
        xb_page_element("h4", "NVLinks", out);
        return xb_page_table(table, "The NVLinks of each GPU", out);
    }
    xb_table_free(table);
    return rc;
}

int xb_page_links(const struct xb_report *report, FILE *out)
{
    struct pairs pairs = {.many = false};
    int rc = 0;

    find_pairs(report, &pairs);
    if (pairs.many)
        xb_page_element("p", "There are too many GPUs for a table of what joins each pair.",
                        out);
    else if (pairs.gpus.n > 1)
        rc = print_pairs(&pairs, out);
    xb_text_set_release(&pairs.gpus);
    return rc == 0 ? print_links(report, out) : rc;
}
