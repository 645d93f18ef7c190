/* SPDX-License-Identifier: BSD-3-Clause */
/* pipeline.c - pieces on their way: bandwidth by chunk and depth, with what was the fastest and
 * what the policy chose, and the model's time beside the measured one.
 */
#include "report/charts/kinds.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/figures/stats.h"
#include "report/case_walk.h"

#define MOST_GRIDS  8
#define LEAST_CELLS 4 /* of a grid */
#define NAME_LEN    (XB_CHART_ABOUT_LEN + XB_METHOD_TEXT_LEN)

/* ---- grids ---- */

static const struct xb_chart_column grid_columns[] = {
    {"chunk", "Chunk", NULL},
    {"depth", "Depth", NULL},
    {"gbps", "Bandwidth", "GB/s"},
    {"lo", "from", "GB/s"},
    {"hi", "to", "GB/s"},
    {"us", "Time", "µs"},
    {"bottleneck", "Slowest stage", NULL},
    {"mark", "Mark", NULL},
};

struct cell {
    int64_t chunk, depth;
    struct xb_report_rate rate;
    double us;
    char *bottleneck;
    bool chosen;
};

/* Cells of a method on a path at a size. */
struct grid {
    char *name;
    int64_t bytes;
    struct cell *cell;
    size_t n;
};

struct grids {
    struct grid *item;
    size_t n;
};

static struct grid *grid_of(struct grids *grids, const char *name, int64_t bytes)
{
    for (size_t i = 0; i < grids->n; i++)
        if (grids->item[i].bytes == bytes && strcmp(grids->item[i].name, name) == 0)
            return &grids->item[i];
    struct grid *more = realloc(grids->item, (grids->n + 1) * sizeof *more);
    if (!more)
        return NULL;
    grids->item = more;
    more[grids->n] = (struct grid){.name = strdup(name), .bytes = bytes};
    return more[grids->n].name ? &more[grids->n++] : NULL;
}

/* The cell of a chunk and depth, added where it is new; NULL when out of memory. */
static struct cell *cell_of(struct grid *grid, int64_t chunk, int64_t depth)
{
    for (size_t i = 0; i < grid->n; i++)
        if (grid->cell[i].chunk == chunk && grid->cell[i].depth == depth)
            return &grid->cell[i];
    struct cell *more = realloc(grid->cell, (grid->n + 1) * sizeof *more);
    if (!more)
        return NULL;
    grid->cell = more;
    more[grid->n] = (struct cell){.chunk = chunk, .depth = depth};
    return &more[grid->n++];
}

/* The method that was measured, with its options, which of `auto` is what was picked. */
static void name_grid(const struct xb_report_case *c, char out[NAME_LEN])
{
    struct xb_report_case asked = *c;
    char about[XB_CHART_ABOUT_LEN], method[XB_METHOD_TEXT_LEN];

    if (c->chosen.there) {
        asked.key.method = c->chosen.method;
        asked.key.options = c->chosen.options;
    }
    snprintf(out, NAME_LEN, "%s\n%s", xb_chart_about(c, about),
             xb_chart_method(&asked, method, sizeof method));
}

/* Did a policy choose it: that of the run for a case of `auto`, or the one that tune made? */
static bool is_choice(const struct xb_report *report, const struct xb_report_case *c)
{
    for (size_t i = 0; i < report->tuned.points.n; i++) {
        const struct xb_tuned_use *chosen = &xb_tuned_point_at(&report->tuned, i)->chosen;
        if (chosen->there && strcmp(chosen->id, c->id) == 0)
            return true;
    }
    return c->chosen.there;
}

static int add_cell(struct grids *grids, const struct xb_report *report,
                    const struct xb_report_case *c)
{
    int64_t chunk = c->chosen.there ? c->chosen.chunk_bytes : c->key.chunk_bytes;
    int64_t depth = c->chosen.there ? c->chosen.depth : c->key.depth;
    char name[NAME_LEN];

    if (!xb_chart_has_rate(c) || chunk <= 0 || depth <= 0)
        return 0;
    name_grid(c, name);
    struct grid *grid = grid_of(grids, name, c->key.bytes);
    struct cell *cell = grid ? cell_of(grid, chunk, depth) : NULL;
    if (!cell)
        return -1;
    cell->chosen = cell->chosen || is_choice(report, c);
    if (cell->rate.median >= c->bandwidth.median)
        return 0;
    cell->rate = c->bandwidth;
    cell->us = c->time_us.median;
    free(cell->bottleneck);
    return xb_text_dup(c->pipeline.there ? c->pipeline.bottleneck : NULL, &cell->bottleneck);
}

static size_t count_chunks(const struct grid *grid)
{
    size_t n = 0;

    for (size_t i = 0; i < grid->n; i++) {
        size_t k = 0;
        while (grid->cell[k].chunk != grid->cell[i].chunk)
            k++;
        n += k == i;
    }
    return n;
}

/* Does it say something: several chunks and depths? */
static bool is_shown(const struct grid *grid)
{
    size_t chunks = count_chunks(grid);

    return grid->n >= LEAST_CELLS && chunks > 1 && chunks < grid->n;
}

/* Is there another grid of this name that shows more: of more cells, or of larger transfers? */
static bool is_behind(const struct grids *grids, const struct grid *grid)
{
    for (size_t i = 0; i < grids->n; i++) {
        const struct grid *other = &grids->item[i];
        if (other != grid && is_shown(other) && strcmp(other->name, grid->name) == 0 &&
            (other->n > grid->n || (other->n == grid->n && other->bytes > grid->bytes)))
            return true;
    }
    return false;
}

static int by_chunk_and_depth(const void *a, const void *b)
{
    const struct cell *x = a, *y = b;

    if (x->chunk != y->chunk)
        return x->chunk > y->chunk ? -1 : 1;
    return (x->depth > y->depth) - (x->depth < y->depth);
}

static void draw_grid(struct xb_draft *d, double least, double most)
{
    xb_draft_spec(
        d,
        "{'transform':[{'calculate':'datum.chunk+` x `+datum.depth+`: `+datum.gbps+` GB/s`',"
        "'as':'told'}],'width':420,'height':{'step':30},"
        "'encoding':{'y':{'field':'chunk','type':'ordinal','sort':null,'title':'Chunk'},"
        "'x':{'field':'depth','type':'ordinal','sort':'ascending','title':'Depth',"
        "'axis':{'labelAngle':0}}},"
        "'layer':[{'mark':{'type':'rect','stroke':'white'},'encoding':{'color':{"
        "'field':'gbps','type':'quantitative','scale':{'scheme':'blues','domain':[%.4g,%.4g]},"
        "'legend':{'title':'GB/"
        "s','orient':'right','gradientLength':120}},'description':{'field':'told'},"
        "'tooltip':[{'field':'chunk','title':'Chunk'},{'field':'depth','title':'Depth'},"
        "{'field':'gbps','title':'GB/s'},{'field':'lo','title':'from'},"
        "{'field':'hi','title':'to'},{'field':'us','title':'µs'},"
        "{'field':'bottleneck','title':'Slowest stage'},{'field':'mark','title':'Mark'}]}},"
        "{'transform':[{'filter':'isValid(datum.mark)'}],'mark':{'type':'rect','aria':false,"
        "'filled':false,'stroke':'#D55E00','strokeWidth':3}},"
        "{'mark':{'type':'text','aria':false},'encoding':{'text':{'field':'gbps',"
        "'type':'quantitative','format':'.3~r'},'color':{'condition':{'test':'datum.gbps>%.4g',"
        "'value':'white'},'value':'#222'}}}]}",
        least, most, least + 0.55 * (most - least));
}

static int add_grid(const struct xb_chart_source *source, struct grid *grid, size_t sizes,
                    size_t left_out, struct xb_charts *out)
{
    struct xb_draft d = xb_draft_begin(XB_CHART_PIPELINE, grid_columns,
                                       sizeof grid_columns / sizeof grid_columns[0]);
    const struct cell *best = grid->cell;
    double least = INFINITY;
    char size[XB_CHART_SIZE], chunk[XB_CHART_SIZE];

    qsort(grid->cell, grid->n, sizeof *grid->cell, by_chunk_and_depth);
    for (size_t i = 0; i < grid->n; i++) {
        least = fmin(least, grid->cell[i].rate.median);
        if (grid->cell[i].rate.median > best->rate.median || i == 0)
            best = &grid->cell[i];
    }
    for (size_t i = 0; i < grid->n && i < XB_CHART_ROWS; i++) {
        const struct cell *cell = &grid->cell[i];
        xb_draft_row(&d);
        xb_draft_size(&d, "chunk", cell->chunk);
        xb_draft_whole(&d, "depth", cell->depth);
        xb_draft_number(&d, "gbps", cell->rate.median);
        xb_draft_number(&d, "lo", cell->rate.ci_lo);
        xb_draft_number(&d, "hi", cell->rate.ci_hi);
        xb_draft_number(&d, "us", cell->us);
        xb_draft_text(&d, "bottleneck", cell->bottleneck);
        if (cell == best || cell->chosen)
            xb_draft_text(&d, "mark",
                          !cell->chosen  ? "fastest"
                          : cell == best ? "fastest, chosen by the policy"
                                         : "chosen by the policy");
    }
    xb_draft_title(&d, source, "Chunk and depth: %s, %s", grid->name,
                   xb_chart_size(grid->bytes, size));
    xb_draft_describe(&d,
                      "Bandwidth of each chunk and depth; the fastest, %s x %" PRId64
                      " with %.4g GB/s, has a border, and so has what the policy chose%s.",
                      xb_chart_size(best->chunk, chunk), best->depth, best->rate.median,
                      source->report->tuned.there ? " that tune made" : ", where it was asked");
    if (source->report->tuned.there)
        xb_draft_describe(&d, "Of what was chosen this is the time in passes, of most others "
                              "that of one moment: some of them were lucky.");
    if (sizes > 1)
        xb_draft_describe(&d, "Of %zu sizes this one has the most cells.", sizes);
    if (left_out)
        xb_draft_describe(&d, "%zu more of such charts are left out.", left_out);
    draw_grid(&d, fmin(least, 0.8 * best->rate.median), best->rate.median);
    return xb_draft_end(&d, "pipeline", out);
}

static int add_grids(const struct xb_chart_source *source, struct grids *grids,
                     struct xb_charts *out)
{
    size_t shown = 0, added = 0;
    int rc = 0;

    for (size_t i = 0; i < grids->n; i++)
        shown += is_shown(&grids->item[i]) && !is_behind(grids, &grids->item[i]);
    for (size_t i = 0; rc == 0 && i < grids->n && added < MOST_GRIDS; i++) {
        size_t sizes = 0;
        if (!is_shown(&grids->item[i]) || is_behind(grids, &grids->item[i]))
            continue;
        for (size_t k = 0; k < grids->n; k++)
            sizes += is_shown(&grids->item[k]) &&
                     strcmp(grids->item[k].name, grids->item[i].name) == 0;
        added++;
        rc = add_grid(source, &grids->item[i], sizes,
                      added == MOST_GRIDS ? shown - MOST_GRIDS : 0, out);
    }
    return rc;
}

/* ---- the model ---- */

static const struct xb_chart_column model_columns[] = {
    {"path", "Path and method", NULL},
    {"size", "Size", NULL},
    {"chunk", "Chunk", NULL},
    {"depth", "Depth", NULL},
    {"model", "Model", "µs"},
    {"us", "Measured", "µs"},
    {"over", "Measured over model", NULL},
};

/* How far apart the times of a picture are, and the ratios. */
struct model {
    double least, most;
    struct xb_numbers over;
    size_t left_out;
};

static int add_model(struct xb_draft *d, struct model *model, const struct xb_report_case *c)
{
    char about[XB_CHART_ABOUT_LEN], text[XB_CHART_ABOUT_LEN + 80];
    double us = c->time_us.median;

    if (c->status != XB_OK || !c->pipeline.there || !(c->pipeline.model_us > 0) || !(us > 0))
        return 0;
    double *more = realloc(model->over.value, (model->over.n + 1) * sizeof *model->over.value);
    if (!more)
        return -1;
    model->over.value = more;
    more[model->over.n++] = us / c->pipeline.model_us;
    if (xb_draft_rows(d) == XB_CHART_ROWS) {
        model->left_out++;
        return 0;
    }
    model->least = fmin(model->least, fmin(us, c->pipeline.model_us));
    model->most = fmax(model->most, fmax(us, c->pipeline.model_us));
    snprintf(text, sizeof text, "%.60s, %s", c->key.method, xb_chart_about(c, about));
    xb_draft_row(d);
    xb_draft_text(d, "path", text);
    xb_draft_size(d, "size", c->key.bytes);
    xb_draft_size(d, "chunk", c->chosen.there ? c->chosen.chunk_bytes : c->key.chunk_bytes);
    xb_draft_whole(d, "depth", c->chosen.there ? c->chosen.depth : c->key.depth);
    xb_draft_number(d, "model", c->pipeline.model_us);
    xb_draft_number(d, "us", us);
    xb_draft_number(d, "over", us / c->pipeline.model_us);
    return 0;
}

static int end_model(struct xb_draft *d, const struct xb_chart_source *source,
                     const struct model *model, struct xb_charts *out)
{
    double low = model->least / 1.3, high = model->most * 1.3;
    struct xb_stats stats;

    if (xb_stats_compute(model->over.value, model->over.n, &stats) < 0)
        return -1;
    xb_draft_title(d, source, "Pipelined transfers: the model's time and the measured one");
    xb_draft_describe(d,
                      "On the line both are the same; above it transfers took longer than "
                      "the stages' times let expect. The median of measured over model is "
                      "%.3g, from %.3g to %.3g.",
                      stats.median, stats.min, stats.max);
    if (model->left_out)
        xb_draft_describe(d, "%zu more cases are left out.", model->left_out);
    xb_draft_spec(
        d,
        "{'width':720,'height':380,'autosize':{'type':'fit-x','contains':'padding'},"
        "'transform':[{'calculate':'datum.path+`, `+datum.size+`: `+datum.us+` µs, by the "
        "model `+datum.model',"
        "'as':'told'}],'layer':["
        "{'params':[{'name':'zoom','select':'interval','bind':'scales'}],"
        "'mark':{'type':'point','filled':true,'clip':true,'size':45,'opacity':0.75},"
        "'encoding':{'x':{'field':'model','type':'quantitative','title':'By the model, µs',"
        "'scale':{'type':'log','nice':false,'domain':[%.4g,%.4g]}},"
        "'y':{'field':'us','type':'quantitative','title':'Measured, µs',"
        "'scale':{'type':'log','nice':false,'domain':[%.4g,%.4g]}},"
        "'color':{'field':'path','sort':null,'legend':{'title':null,'columns':2}},"
        "'shape':{'field':'path','sort':null,'legend':{'title':null,'columns':2}},"
        "'description':{'field':'told'},"
        "'tooltip':[{'field':'path','title':'Case'},{'field':'size','title':'Size'},"
        "{'field':'chunk','title':'Chunk'},{'field':'depth','title':'Depth'},"
        "{'field':'model','title':'Model, µs'},{'field':'us','title':'Measured, µs'},"
        "{'field':'over','title':'Measured over model'}]}},"
        "{'data':{'values':[{}]},'mark':{'type':'rule','aria':false,'clip':true,"
        "'strokeDash':[9,4],'color':'#444'},'encoding':{'x':{'datum':%.4g},"
        "'y':{'datum':%.4g},'x2':{'datum':%.4g},'y2':{'datum':%.4g}}}]}",
        low, high, low, high, low, low, high, high);
    return xb_draft_end(d, "model", out);
}

/* ---- both ---- */

static int add_pipelines(const struct xb_chart_source *source, struct xb_charts *out,
                         struct xb_error *err)
{
    struct xb_case_walk walk = xb_cases(source->report);
    struct xb_draft d = xb_draft_begin(XB_CHART_PIPELINE, model_columns,
                                       sizeof model_columns / sizeof model_columns[0]);
    struct model model = {.least = INFINITY};
    struct grids grids = {NULL, 0};
    const struct xb_report_case *c;
    int rc = 0;

    while (rc == 0 && (c = xb_cases_next(&walk)))
        rc = add_cell(&grids, source->report, c) < 0 || add_model(&d, &model, c) < 0 ? -1 : 0;
    if (xb_cases_end(&walk) < 0)
        rc = -1;
    if (rc == 0)
        rc = add_grids(source, &grids, out);
    if (rc == 0 && xb_draft_rows(&d) > 1)
        rc = end_model(&d, source, &model, out);
    xb_draft_drop(&d);
    free(model.over.value);
    for (size_t i = 0; i < grids.n; i++) {
        for (size_t k = 0; k < grids.item[i].n; k++)
            free(grids.item[i].cell[k].bottleneck);
        free(grids.item[i].cell);
        free(grids.item[i].name);
    }
    free(grids.item);
    return rc < 0 ? xb_fail(err, "out of memory for charts, or a case cannot be read back") : 0;
}

const struct xb_chart_kind xb_chart_pipeline = {.of_report = add_pipelines};
