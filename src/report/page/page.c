/* SPDX-License-Identifier: BSD-3-Clause */
/* page.c - the frame of a page. */
#include "report/page/page.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "report/charts/render.h"
#include "report/page/markup.h"
#include "report/page/page_parts.h"

/* "full" or its label; of several how many there are. */
static void print_title(const struct xb_format_set *set, FILE *out)
{
    if (set->n != 1) {
        fprintf(out, "xferbench: %zu reports", set->n);
        return;
    }
    const struct xb_report_run *run = &set->source[0].report->run;
    const char *scenario = xb_page_text_of(run->scenario, "name");

    fputs("xferbench: ", out);
    xb_markup_text(run->label ? run->label : scenario ? scenario : "a report", out);
}

static void print_subtitle(const struct xb_format_set *set, FILE *out)
{
    const struct xb_report *report = set->n ? set->source[0].report : NULL;

    if (!report)
        return;
    fputs("<p>", out);
    if (report->ranks.n > 0 && xb_report_rank_at(report, 0)->gpu.there) {
        xb_markup_text(xb_report_rank_at(report, 0)->gpu.name, out);
        fputs(", ", out);
    }
    fprintf(out, "%zu rank%s on ", report->ranks.n, report->ranks.n == 1 ? "" : "s");
    xb_markup_text(report->ranks.n ? xb_report_rank_at(report, 0)->host : NULL, out);
    if (report->ranks.n > 1 &&
        strcmp(xb_report_rank_at(report, 0)->host,
               xb_report_rank_at(report, report->ranks.n - 1)->host) != 0)
        fputs(" and others", out);
    fputs(", begun ", out);
    xb_markup_text(report->run.start_utc, out);
    fputs("</p>\n", out);
}

#define NONCE_LEN 33

/* A word that nobody knows before the page is written: scripts without it do not run, whoever
 * has managed to put one into a report. */
static void make_nonce(char buf[NONCE_LEN])
{
    unsigned char random[NONCE_LEN / 2] = {0};

    buf[0] = '\0'; /* no script runs where there is none */
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return;
    for (size_t i = 0; i < sizeof random; i++)
        snprintf(buf + 2 * i, 3, "%02x", random[i]);
}

/* No file is loaded, whatever stands in the page, and no script runs but those of the nonce: ""
 * where there are none. */
static void print_head(const struct xb_format_set *set, const char *nonce, FILE *out)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
          "style-src 'unsafe-inline'; img-src data:",
          out);
    if (nonce[0])
        fprintf(out, "; script-src 'nonce-%s'", nonce);
    fputs("\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<title>",
          out);
    print_title(set, out);
    fprintf(out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<header>\n<h1>",
            xb_page_style);
    print_title(set, out);
    fputs("</h1>\n", out);
    print_subtitle(set, out);
    fputs("</header>\n", out);
}

static bool is_of_several(const struct xb_format_set *set)
{
    return set->n > 1;
}

static bool is_of_tune(const struct xb_format_set *set)
{
    for (size_t i = 0; i < set->n; i++)
        if (set->source[i].report->tuned.there)
            return true;
    return false;
}

/* A part of the page, its title, and who writes it. */
struct part {
    const char *id, *title;
    bool (*is_there)(const struct xb_format_set *set); /* NULL: always */
    int (*print)(const struct xb_html_page *page, FILE *out);
};

static const struct part parts[] = {
    {"verdict", "Verdict", NULL, xb_page_verdict},
    {"machine", "The machine", NULL, xb_page_machine},
    {"tuned", "What tune chose", is_of_tune, xb_page_tuned},
    {"charts", "Charts", NULL, xb_page_charts},
    {"comparison", "Comparison", is_of_several, xb_page_comparison},
    {"cases", "All cases", NULL, xb_page_cases},
};
#define PARTS (sizeof parts / sizeof parts[0])

static bool is_there(const struct part *part, const struct xb_format_set *set)
{
    return !part->is_there || part->is_there(set);
}

static int print_parts(const struct xb_html_page *page, FILE *out)
{
    const struct xb_format_set *set = page->set;
    int rc = 0;

    fputs("<nav aria-label=\"Parts of this page\">", out);
    for (size_t i = 0; i < PARTS; i++)
        if (is_there(&parts[i], set))
            fprintf(out, "<a href=\"#%s\">%s</a> ", parts[i].id, parts[i].title);
    fputs("</nav>\n<main>\n", out);
    for (size_t i = 0; rc == 0 && i < PARTS; i++) {
        if (!is_there(&parts[i], set))
            continue;
        fprintf(out, "<section id=\"%s\">\n<h2>%s</h2>\n", parts[i].id, parts[i].title);
        rc = parts[i].print(page, out);
        fputs("</section>\n", out);
    }
    fputs("</main>\n", out);
    return rc;
}

static int print_page(const struct xb_html_page *page, FILE *out)
{
    char nonce[NONCE_LEN] = "";

    if (page->bundle)
        make_nonce(nonce);
    print_head(page->set, nonce, out);
    int rc = print_parts(page, out);
    if (nonce[0])
        fprintf(out, "<script nonce=\"%s\">%s</script>\n<script nonce=\"%s\">\n%s</script>\n",
                nonce, page->bundle, nonce, xb_page_script);
    fputs("</body>\n</html>\n", out);
    return rc;
}

int xb_page_write(const struct xb_format_set *set, FILE *out)
{
    struct xb_error no_comparison = {""}, no_picture = {""};
    struct xb_comparison *comparison = set->n > 1 ? xb_page_compare(set, &no_comparison) : NULL;
    struct xb_charts charts;
    char *bundle = NULL;
    int rc = xb_charts_of(set, &charts, &no_picture);

    if (rc == 0) {
        bool drawn = charts.n == 0 || xb_render_svg(&charts, &bundle, &no_picture) == 0;
        const struct xb_html_page page = {.set = set,
                                          .comparison = comparison,
                                          .incomparable = no_comparison.text,
                                          .charts = &charts,
                                          .undrawn = drawn ? NULL : no_picture.text,
                                          .bundle = bundle};
        rc = print_page(&page, out);
        xb_charts_release(&charts);
    }
    free(bundle);
    xb_comparison_free(comparison);
    return rc;
}
