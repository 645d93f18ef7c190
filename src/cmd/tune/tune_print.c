/* SPDX-License-Identifier: BSD-3-Clause */
/* tune_print.c - what tune found, for people. */
#include "cmd/tune/tune_print.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/units.h"
#include "report/formats/table.h"

static void print_ranges(const struct xb_tune *tune, FILE *out)
{
    static const char *const titles[] = {"path", ">blocks", "order", ">up to", "use", NULL};
    struct xb_table *table = xb_table_new(titles);
    char where[XB_WHERE_LEN], size[XB_UNITS_LEN], use[XB_CASE_ID_LEN], blocks[48], order[48];

    for (size_t i = 0; table && i < tune->nranges; i++) {
        const struct xb_range *r = &tune->ranges[i];
        const struct xb_point point = xb_point_of(&r->use);
        const struct xb_shape shape = point.shape;
        if (r->blocks_to == 0)
            snprintf(blocks, sizeof blocks, "%" PRId64 "-", r->blocks_from);
        else
            snprintf(blocks, sizeof blocks, "%" PRId64 "-%" PRId64, r->blocks_from,
                     r->blocks_to);
        snprintf(order, sizeof order, "%s%s%s", xb_orders[shape.order],
                 shape.at == XB_BLOCKS_AT_BOTH ? "" : " at ",
                 shape.at == XB_BLOCKS_AT_BOTH ? "" : xb_blocks_at_ends[shape.at]);
        const char *cells[] = {xb_where_format(&point, where),
                               shape.blocks > 1 ? blocks : "1",
                               shape.blocks > 1 ? order : "",
                               r->to ? xb_size_format(r->to, size) : "any size",
                               xb_use_format(&r->use, use, sizeof use),
                               NULL};
        xb_table_add(table, cells);
    }
    if (table)
        xb_table_print(table, out);
    xb_table_free(table);
}

/* The best chunk and depth of every pipelined method, also where another method is faster. */
static void print_pipelines(const struct xb_tune *tune, FILE *out)
{
    static const char *const titles[] = {"pipelined",      "path",  ">size",
                                         ">chunk x depth", ">GB/s", NULL};
    struct xb_table *table = xb_table_new(titles);
    char where[XB_WHERE_LEN], size[XB_UNITS_LEN], chunk[XB_UNITS_LEN], cut[64], rate[32];

    for (size_t i = 0; table && i < tune->tuner.nfound; i++) {
        const struct xb_trial *t = &tune->tuner.trials.trial[tune->tuner.found[i]];
        if (!t->ok) /* any more */
            continue;
        const struct xb_point point = xb_point_of(&t->c);
        snprintf(cut, sizeof cut, "%s x %d", xb_size_format(t->c.chunk, chunk), t->c.depth);
        snprintf(rate, sizeof rate, "%.2f", xb_gb_per_s((double)t->c.bytes, t->us));
        const char *cells[] = {t->c.method->name,
                               xb_where_format(&point, where),
                               xb_size_format(t->c.bytes, size),
                               cut,
                               rate,
                               NULL};
        xb_table_add(table, cells);
    }
    if (table && tune->tuner.nfound > 0) {
        fprintf(out, "\n");
        xb_table_print(table, out);
    }
    xb_table_free(table);
}

static void print_crossovers(const struct xb_tune *tune, FILE *out)
{
    char text[2 * XB_CASE_ID_LEN + 200];
    bool any = false;

    for (size_t i = 0; i + 1 < tune->nranges; i++)
        if (xb_crossover_format(&tune->ranges[i], &tune->ranges[i + 1], text, sizeof text)) {
            fprintf(out, "%s%s\n", any ? "" : "\n", text);
            any = true;
        }
}

/* Where finalists did not part, and which was kept. */
static void print_undecided(const struct xb_tune *tune, FILE *out)
{
    char text[(XB_FINALISTS + 2) * XB_CASE_ID_LEN];
    bool any = false;

    for (size_t i = 0; i < tune->npicks; i++)
        if (xb_undecided_format(tune, &tune->picks[i], text, sizeof text)) {
            fprintf(out, "%s%s\n", any ? "" : "\n", text);
            any = true;
        }
}

static void print_regret(const char *name, const struct xb_regret *r, FILE *out)
{
    char where[XB_POINT_LEN];

    if (r->points == 0) {
        fprintf(out, "regret of %s: no point to compare\n", name);
        return;
    }
    fprintf(out, "regret of %s: worst %.2f (%s), median %.3f, above %g at %zu of %zu points",
            name, r->worst, xb_point_format(&r->where, where), r->median, XB_REGRET_HIGH,
            r->nhigh, r->points);
    if (r->no_answer)
        fprintf(out, ", %zu without an answer that works here", r->no_answer);
    fprintf(out, "\n");
}

void xb_tune_print(const struct xb_tune *tune, const struct xb_tune_results *r, FILE *out)
{
    print_ranges(tune, out);
    print_crossovers(tune, out);
    print_undecided(tune, out);
    print_pipelines(tune, out);
    fprintf(out, "\n");
    print_regret("static", &r->fixed, out);
    print_regret("tuned", &r->tuned, out);
    fprintf(out, "tuned in %.1f s by %zu measurements", r->tuning_s, r->measured);
    if (tune->tuner.passes > 1)
        fprintf(out, ", %zu of them in %d passes (%.1f s)", r->finalists, tune->tuner.passes,
                r->finals_s);
    fprintf(out, "; with the regrets %.1f s\n", r->all_s);
}
