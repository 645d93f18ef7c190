/* SPDX-License-Identifier: BSD-3-Clause */
/* page.c - the frame of a page. */
#include "report/page/page.h"

#include <string.h>

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

/* No file is loaded, whatever stands in the page. */
#define POLICY "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

static void print_head(const struct xb_format_set *set, FILE *out)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta http-equiv=\"Content-Security-Policy\" content=\"" POLICY "\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
          out);
    print_title(set, out);
    fprintf(out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<header>\n<h1>",
            xb_page_style);
    print_title(set, out);
    fputs("</h1>\n", out);
    print_subtitle(set, out);
    fputs("</header>\n", out);
}

/* A part of the page, its title, and who writes it. */
struct part {
    const char *id, *title;
    bool of_several; /* reports */
    int (*print)(const struct xb_page *page, FILE *out);
};

static const struct part parts[] = {
    {"verdict", "Verdict", false, xb_page_verdict},
    {"machine", "The machine", false, xb_page_machine},
    {"comparison", "Comparison", true, xb_page_comparison},
    {"cases", "All cases", false, xb_page_cases},
};
#define PARTS (sizeof parts / sizeof parts[0])

static bool is_there(const struct part *part, const struct xb_format_set *set)
{
    return !part->of_several || set->n > 1;
}

static int print_parts(const struct xb_page *page, FILE *out)
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

int xb_page_write(const struct xb_format_set *set, FILE *out)
{
    struct xb_error err = {""};
    struct xb_comparison *comparison = set->n > 1 ? xb_page_compare(set, &err) : NULL;
    const struct xb_page page = {
        .set = set, .comparison = comparison, .incomparable = err.text};

    print_head(set, out);
    int rc = print_parts(&page, out);
    fputs("</body>\n</html>\n", out);
    xb_comparison_free(comparison);
    return rc;
}
