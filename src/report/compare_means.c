/* SPDX-License-Identifier: BSD-3-Clause */
/* compare_means.c - the geometric means of a comparison, by method and size class. */
#include "report/compare_print.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const class_names[] = {"up to 4KiB",    "4KiB to 64KiB",   "64KiB to 1MiB",
                                          "1MiB to 16MiB", "16MiB to 128MiB", "above 128MiB"};

/* Methods in the order in which they are met, each with its classes from the smallest on. */
static void order_means(const struct xb_class_mean *means, size_t n, size_t *order)
{
    for (size_t i = 0; i < n; i++) {
        size_t at = i;
        for (size_t k = 0; k < i; k++)
            if (strcmp(means[order[k]].method, means[i].method) == 0 &&
                (at == i || means[order[k]].size_class < means[i].size_class))
                at = means[order[k]].size_class < means[i].size_class ? k + 1 : k;
        memmove(order + at + 1, order + at, (i - at) * sizeof(*order));
        order[at] = i;
    }
}

static void add_mean(const struct xb_comparison *c, const struct xb_class_mean *mean,
                     const char *name, struct xb_table **table)
{
    char cases[24], r[XB_CHANGE_LEN], s[XB_CHANGE_LEN];
    bool known = mean->size_class >= 0 && mean->size_class < 6;
    const char *size = known ? class_names[mean->size_class] : "-";

    snprintf(cases, sizeof cases, "%zu", mean->cases);
    xb_ratio_text(&mean->change, r);
    xb_interval_text(&mean->change, s);
    const char *verdict = xb_verdict_name(mean->change.verdict);
    if (xb_sides(c) > 2)
        xb_compare_add(
            table, (const char *const[]){mean->method, size, cases, name, r, s, verdict, NULL});
    else
        xb_compare_add(table,
                       (const char *const[]){mean->method, size, cases, r, s, verdict, NULL});
}

struct xb_table *xb_compare_means(const struct xb_comparison *c, const struct xb_names *names,
                                  size_t *shown)
{
    static const char *const plain[] = {"geometric mean of", "sizes",   ">cases", ">ratio",
                                        ">interval",         "verdict", NULL},
                             *const more[] = {
                                 "geometric mean of", "sizes",   ">cases", "side", ">ratio",
                                 ">interval",         "verdict", NULL};
    struct xb_table *table = xb_table_new(xb_sides(c) > 2 ? more : plain);

    *shown = 0;
    for (size_t side = 1; side < xb_sides(c); side++) {
        const struct xb_class_mean *means = c->means[side].item;
        size_t *order = calloc(c->means[side].n + 1, sizeof(*order));
        if (!order) {
            xb_table_free(table);
            return NULL;
        }
        order_means(means, c->means[side].n, order);
        for (size_t i = 0; i < c->means[side].n; i++, ++*shown)
            add_mean(c, &means[order[i]], names->sides.value[side], &table);
        free(order);
    }
    return table;
}
