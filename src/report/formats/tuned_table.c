/* SPDX-License-Identifier: BSD-3-Clause */
/* tuned_table.c - what tune chose, as tables and lines for people. */
#include "report/formats/tuned_table.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/screen.h"
#include "base/text_set.h"
#include "base/units.h"
#include "report/formats/format.h"

#define REGRET_HIGH 1.05 /* what counts as a bad choice */
#define USE_LEAST   28   /* columns that a use keeps while there are others to leave out */

/* Texts of a report may have any length. NULL when out of memory; the caller frees it. */
static char *place_text(const struct xb_tuned_place *p)
{
    char *text;

    if (asprintf(&text, "%s->%s@%s%s%s%s", p->src, p->dst, p->locality,
                 p->link_class ? " (" : "", p->link_class ? p->link_class : "",
                 p->link_class ? ")" : "") < 0)
        return NULL;
    return text;
}

/* "64 scattered", "16 strided at dst"; "" of one piece. As above. */
static char *blocks_text(const struct xb_tuned_place *p)
{
    const char *at = p->blocks_at && strcmp(p->blocks_at, "both") != 0 ? p->blocks_at : NULL;
    char *text;

    if (p->blocks <= 1)
        return strdup("");
    if (asprintf(&text, "%" PRId64 " %s%s%s", p->blocks, p->order ? p->order : "",
                 at ? " at " : "", at ? at : "") < 0)
        return NULL;
    return text;
}

/* "1.034"; "-" where there is none. */
static const char *number_text(double value, const char *form, char buf[XB_CELL_LEN])
{
    if (!isfinite(value))
        return "-";
    snprintf(buf, XB_CELL_LEN, form, value);
    return buf;
}

/* With commas; the caller frees it. */
static char *join(const struct xb_texts *texts)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    for (size_t i = 0; out && i < texts->n; i++)
        fprintf(out, "%s%s", i ? ", " : "", texts->value[i]);
    if (out)
        fclose(out);
    return text;
}

static double us_of(const struct xb_tuned_use *use)
{
    return use->there ? use->us : NAN;
}

static double regret_of(const struct xb_tuned_use *use)
{
    return use->there ? use->regret : NAN;
}

/* What static uses, in short where that is what was chosen. */
static const char *fixed_text(const struct xb_tuned_point *p)
{
    if (!p->fixed.there)
        return "no answer";
    return p->chosen.there && strcmp(p->fixed.use, p->chosen.use) == 0 ? "the same"
                                                                       : p->fixed.use;
}

/* Was anything ok there? */
static bool works(const struct xb_tuned_point *p)
{
    return p->best.there;
}

static int add_point(struct xb_table *table, const struct xb_tuned_point *p)
{
    char *where = place_text(&p->place), *blocks = blocks_text(&p->place);
    char *rivals = join(&p->rivals);
    char size[XB_UNITS_LEN], measured[24], us[XB_CELL_LEN], regret[XB_CELL_LEN],
        fixed[XB_CELL_LEN];
    int rc = -1;

    snprintf(measured, sizeof measured, "%" PRId64, p->measured);
    if (where && blocks && rivals) {
        const char *const cells[] = {
            where,
            xb_size_format((uint64_t)p->bytes, size),
            blocks,
            measured,
            p->chosen.there ? p->chosen.use : "no answer",
            number_text(us_of(&p->chosen), "%.2f", us),
            number_text(regret_of(&p->chosen), "%.3f", regret),
            fixed_text(p),
            number_text(regret_of(&p->fixed), "%.3f", fixed),
            p->best.there && !(p->chosen.there && strcmp(p->best.id, p->chosen.id) == 0)
                ? p->best.use
                : "",
            rivals,
            NULL};
        rc = xb_table_add(table, cells);
    }
    free(where);
    free(blocks);
    free(rivals);
    return rc;
}

/* Does any point have several blocks, a best that is another one, or rivals? Columns that are
 * empty have no title, and are not printed. */
struct columns {
    bool blocks, best, rivals;
};

static struct columns columns_of(const struct xb_report_tuned *tuned)
{
    struct columns has = {.blocks = false};

    for (size_t i = 0; i < tuned->points.n; i++) {
        const struct xb_tuned_point *p = xb_tuned_point_at(tuned, i);
        has.blocks = has.blocks || p->place.blocks > 1;
        has.rivals = has.rivals || p->rivals.n > 0;
        has.best = has.best ||
                   (p->best.there && p->chosen.there && strcmp(p->best.id, p->chosen.id) != 0);
    }
    return has;
}

struct xb_table *xb_tuned_points(const struct xb_report_tuned *tuned, bool all_columns)
{
    const struct columns all = {true, true, true};
    const struct columns has = all_columns ? all : columns_of(tuned);
    const char *const titles[] = {"path",
                                  ">size",
                                  has.blocks ? "blocks" : "",
                                  "?>measured",
                                  "chosen",
                                  "?.us",
                                  ".regret",
                                  "?static",
                                  ".static's",
                                  has.best ? "?best" : "",
                                  has.rivals ? "?does not part from" : "",
                                  NULL};
    struct xb_table *table = xb_table_new(titles);
    int rc = table ? 0 : -1;

    for (size_t i = 0; rc == 0 && i < tuned->points.n; i++)
        if (works(xb_tuned_point_at(tuned, i)))
            rc = add_point(table, xb_tuned_point_at(tuned, i));
    if (rc == 0)
        return table;
    xb_table_free(table);
    return NULL;
}

static int add_crossover(struct xb_table *table, const struct xb_tuned_crossover *x)
{
    char *where = place_text(&x->place), *blocks = blocks_text(&x->place);
    char size[XB_UNITS_LEN], above[XB_UNITS_LEN + 16];
    int rc = -1;

    snprintf(above, sizeof above, "%s%s", xb_size_format((uint64_t)x->above, size),
             x->place.blocks > 1 ? " a block" : "");
    if (where && blocks) {
        const char *const cells[] = {
            where,    blocks,    above,
            x->after, x->before, x->parted ? "is faster" : "does not part from it",
            NULL};
        rc = xb_table_add(table, cells);
    }
    free(where);
    free(blocks);
    return rc;
}

struct xb_table *xb_tuned_crossovers(const struct xb_report_tuned *tuned)
{
    static const char *const titles[] = {"path",        "blocks", ">above", "use",
                                         "in place of", "there",  NULL};
    struct xb_table *table = xb_table_new(titles);
    int rc = table ? 0 : -1;

    for (size_t i = 0; rc == 0 && i < tuned->crossovers.n; i++)
        rc = add_crossover(table, xb_tuned_crossover_at(tuned, i));
    if (rc == 0)
        return table;
    xb_table_free(table);
    return NULL;
}

static void print_crossovers(const struct xb_report_tuned *tuned, FILE *out)
{
    for (size_t i = 0; i < tuned->crossovers.n; i++) {
        const struct xb_tuned_crossover *x = xb_tuned_crossover_at(tuned, i);
        char *where = place_text(&x->place), *blocks = blocks_text(&x->place);
        char size[XB_UNITS_LEN];

        xb_screen_print(where ? where : "", out);
        if (blocks && blocks[0]) {
            fputs(", ", out);
            xb_screen_print(blocks, out);
            fputs(" blocks", out);
        }
        fprintf(out, ": above %s%s ", xb_size_format((uint64_t)x->above, size),
                x->place.blocks > 1 ? " a block" : "");
        xb_screen_print(x->after, out);
        fprintf(out, ", which %s ", x->parted ? "is faster than" : "does not part from");
        xb_screen_print(x->before, out);
        fputc('\n', out);
        free(where);
        free(blocks);
    }
}

/* Each place once. */
int xb_tuned_print_nothing(const struct xb_report_tuned *tuned, FILE *out)
{
    struct xb_text_set places = {.n = 0};
    size_t points = 0;
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < tuned->points.n; i++) {
        const struct xb_tuned_point *p = xb_tuned_point_at(tuned, i);
        char *where = works(p) ? NULL : place_text(&p->place);
        points += !works(p);
        if (!works(p) && (!where || xb_text_set_add(&places, where) < 0))
            rc = -1;
        free(where);
    }
    if (points > 0)
        fprintf(out, "nothing works at %zu point%s: ", points, points == 1 ? "" : "s");
    for (size_t i = 0; i < places.n; i++) {
        fputs(i ? ", " : "", out);
        xb_screen_print(xb_text_set_at(&places, i), out);
    }
    fputs(points > 0 ? "\n" : "", out);
    xb_text_set_release(&places);
    return rc;
}

static void print_regret(const struct xb_report_tuned *tuned, const char *name, bool fixed,
                         FILE *out)
{
    const struct xb_tuned_point *worst = NULL;
    size_t answers = 0, high = 0, none = 0;
    double most = 0;
    char size[XB_UNITS_LEN];

    for (size_t i = 0; i < tuned->points.n; i++) {
        const struct xb_tuned_point *p = xb_tuned_point_at(tuned, i);
        double regret = regret_of(fixed ? &p->fixed : &p->chosen);
        none += p->best.there && !isfinite(regret);
        answers += isfinite(regret);
        high += regret > REGRET_HIGH;
        if (regret > most) {
            most = regret;
            worst = p;
        }
    }
    if (!worst)
        return;
    char *where = place_text(&worst->place), *blocks = blocks_text(&worst->place);
    bool several = blocks && blocks[0];
    fprintf(out, "regret of %s: worst %.2f (", name, most);
    xb_screen_print(where ? where : "", out);
    fprintf(out, ", %s%s", xb_size_format((uint64_t)worst->bytes, size), several ? " in " : "");
    xb_screen_print(several ? blocks : "", out);
    fprintf(out, "%s), above %g at %zu of %zu points", several ? " blocks" : "", REGRET_HIGH,
            high, answers);
    if (none)
        fprintf(out, ", %zu without an answer that works here", none);
    fputc('\n', out);
    free(where);
    free(blocks);
}

void xb_tuned_print_regrets(const struct xb_report_tuned *tuned, FILE *out)
{
    print_regret(tuned, "static", true, out);
    print_regret(tuned, "tuned", false, out);
}

int xb_tuned_print(const struct xb_report_tuned *tuned, const struct xb_page *page, FILE *out)
{
    const struct xb_table_fit fit = {
        .columns = page->columns, .least = USE_LEAST, .colours = page->colours};
    struct xb_table *table = xb_tuned_points(tuned, false);
    char *text = NULL;
    size_t len;
    FILE *lines = open_memstream(&text, &len);
    int rc = table && lines ? 0 : -1;

    if (rc == 0) {
        fputs("\nwhat tune chose\n", out);
        xb_table_print_fit(table, &fit, out);
        rc = xb_tuned_print_nothing(tuned, lines);
        print_crossovers(tuned, lines);
        xb_tuned_print_regrets(tuned, lines);
    }
    if (lines && fclose(lines) != 0)
        rc = -1;
    if (rc == 0)
        xb_screen_wrap(text, page->columns, 2, out);
    free(text);
    xb_table_free(table);
    return rc;
}
