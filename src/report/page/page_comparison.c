/* SPDX-License-Identifier: BSD-3-Clause */
/* page_comparison.c - of several reports, what `compare` finds: the first one's set is what the
 * others are held against.
 */
#include "report/page/page_parts.h"

#include <stdlib.h>
#include <string.h>

#include "report/compare_print.h"
#include "report/page/markup.h"

struct xb_comparison *xb_page_compare(const struct xb_format_set *set, struct xb_error *err)
{
    const struct xb_compare_ask ask = XB_COMPARE_ASK;
    struct xb_launches *launches = xb_launches_new();
    struct xb_comparison *c = NULL;
    int rc = launches ? 0 : xb_fail(err, "out of memory");

    for (size_t i = 0; rc == 0 && i < set->n; i++) {
        const struct xb_format_source *source = &set->source[i];
        const char *name = source->set ? source->set : source->name;
        rc = xb_launches_add_report(launches, name ? name : "-",
                                    source->name ? source->name : "-", source->report, err);
    }
    if (rc == 0)
        c = xb_compare(launches, &ask, err);
    xb_launches_free(launches);
    return c;
}

/* A paragraph of what writes lines of text. */
static int print_note(const struct xb_comparison *c, const char *base, FILE *out)
{
    char *text = NULL;
    size_t len;
    FILE *note = open_memstream(&text, &len);
    int rc = note ? 0 : -1;

    if (note && xb_sides(c) > 1)
        rc = xb_compare_print_sum(c, base, true, note);
    else if (note)
        xb_compare_print_alone_note(note);
    if (note && fclose(note) != 0)
        rc = -1;
    if (rc == 0)
        xb_page_element("p", text, out);
    free(text);
    return rc;
}

/* A table under a title if it has rows; it is freed. */
static int print_table(struct xb_table *table, size_t shown, const char *title, FILE *out)
{
    if (table && shown == 0) {
        xb_table_free(table);
        return 0;
    }
    xb_page_element("h3", title, out);
    return xb_page_table(table, title, out);
}

static int print_sides(const struct xb_comparison *c, const struct xb_names *names, FILE *out)
{
    fputs("<p>", out);
    for (size_t side = 0; side < xb_sides(c); side++) {
        fputs(side ? ", <b>" : "<b>", out);
        xb_markup_text(names->sides.value[side], out);
        fprintf(out, "</b>%s: %zu launch%s", side == 0 && xb_sides(c) > 1 ? " (base)" : "",
                c->launches[side], c->launches[side] == 1 ? "" : "es");
    }
    fputs("</p>\n", out);
    for (size_t i = 0; i < c->warnings.n; i++) {
        fputs("<p class=\"warning\"><b>warning</b>: ", out);
        xb_markup_text(c->warnings.value[i], out);
        fputs("</p>\n", out);
    }
    return 0;
}

/* What differs comes first, all cases behind a click. */
static int print_changes(const struct xb_comparison *c, const struct xb_names *names, FILE *out)
{
    size_t shown;
    struct xb_table *table = xb_compare_cases(c, names, false, &shown);

    if (table && shown == 0)
        fputs("<p>No case is slower, faster, unclear or missing.</p>\n", out);
    if (print_table(table, shown, "Cases that are not the same", out) < 0)
        return -1;
    table = xb_compare_cases(c, names, true, &shown);
    fprintf(out, "<details><summary>All %zu cases</summary>\n", shown);
    int rc = xb_page_table(table, "All cases that were compared", out);
    fputs("</details>\n", out);
    if (rc == 0) {
        table = xb_compare_lanes(c, names, false, &shown);
        rc = print_table(table, shown, "Lanes that differ from their case", out);
    }
    if (rc == 0) {
        table = xb_compare_means(c, names, &shown);
        rc = print_table(table, shown, "By method and size", out);
    }
    return rc;
}

static int print_environment(const struct xb_comparison *c, const struct xb_names *names,
                             FILE *out)
{
    size_t shown;
    struct xb_table *table = xb_compare_differing(c, names);
    int rc;

    if (table && c->differing.n == 0)
        fputs("<p>Their environments do not differ.</p>\n", out);
    rc = print_table(table, c->differing.n, "How their environments differ", out);
    if (rc < 0 || xb_sides(c) < 2)
        return rc;
    table = xb_compare_wires(c, names, &shown);
    return print_table(table, shown, "Cases that another wire carried", out);
}

static int print_comparison(const struct xb_comparison *c, FILE *out)
{
    struct xb_names names;

    if (xb_short_names(c, &names) < 0)
        return -1;
    int rc = print_sides(c, &names, out);
    if (rc == 0 && xb_sides(c) > 1)
        rc = print_changes(c, &names, out);
    else if (rc == 0)
        rc = xb_page_table(xb_compare_alone(c, &names), "The launches together", out);
    if (rc == 0)
        rc = print_note(c, names.sides.value[0], out);
    if (rc == 0)
        rc = print_environment(c, &names, out);
    xb_short_names_free(&names);
    return rc;
}

void xb_page_comparison_sum(const struct xb_html_page *page, FILE *out)
{
    const struct xb_comparison *c = page->comparison;

    if (!c) {
        fputs("<p class=\"warning\"><b>Not compared</b>: ", out);
        xb_markup_text(page->incomparable, out);
        fputs("</p>\n", out);
        return;
    }
    if (xb_sides(c) < 2)
        return;
    fprintf(out, "<p class=\"status %s\"><b>%zu slower</b> ",
            xb_comparison_exit(c) == 0 ? "good" : "bad",
            xb_comparison_count(c, XB_VERDICT_SLOWER));
    for (int v = 0; v < XB_VERDICTS; v++)
        if (v != XB_VERDICT_SLOWER)
            fprintf(out, "%zu %s, ", xb_comparison_count(c, (enum xb_verdict)v),
                    xb_verdict_name((enum xb_verdict)v));
    fputs("of the cases that were compared with ", out);
    xb_markup_text(c->grouping.sides.value[0], out);
    fputs(".</p>\n", out);
}

int xb_page_comparison(const struct xb_html_page *page, FILE *out)
{
    int rc = 0;

    if (page->comparison)
        rc = print_comparison(page->comparison, out);
    else
        xb_page_element("p", page->incomparable, out);
    return rc == 0 ? xb_page_section_charts(page, XB_CHART_COMPARISON, out) : rc;
}
