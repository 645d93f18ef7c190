/* SPDX-License-Identifier: BSD-3-Clause */
/* format_write.c - a set of reports in one form. */
#include "report/formats/format.h"

#include <stdlib.h>

#include "base/screen.h"

struct xb_page xb_page_of(int fd, bool verbose)
{
    return (struct xb_page){.columns = (size_t)xb_screen_columns(fd),
                            .colours = xb_screen_colours(fd),
                            .verbose = verbose};
}

/* Who is slow, above all else; no wider than the page says. */
static int write_outliers(const struct xb_report *report, const struct xb_page *page, FILE *out)
{
    char *text = NULL;
    size_t len;
    FILE *lines = open_memstream(&text, &len);

    if (!lines)
        return -1;
    xb_format_outliers(report, lines);
    if (fclose(lines) != 0) {
        free(text);
        return -1;
    }
    xb_screen_wrap(text, page->columns, 2, out);
    free(text);
    return 0;
}

static int write_one(const struct xb_format *format, const struct xb_report *report,
                     const struct xb_page *page, FILE *out)
{
    if (!format->is_document && xb_format_has_outliers(report)) {
        if (!format->write_page)
            xb_format_outliers(report, out);
        else if (write_outliers(report, page, out) < 0)
            return -1;
        fputc('\n', out);
    }
    return format->write_page ? format->write_page(report, page, out)
                              : format->write(report, out);
}

/* The name of one of several, above it. */
static void write_name(const char *name, size_t i, const struct xb_page *page, FILE *out)
{
    fputs(i ? "\n" : "", out);
    if (page)
        xb_screen_wrap(name, page->columns, 2, out);
    else
        fprintf(out, "%s\n", name);
    fputc('\n', out);
}

int xb_format_write(const struct xb_format *format, const struct xb_format_set *set, FILE *out)
{
    struct xb_page page = set->page;
    int rc = format->write_set ? format->write_set(set, out) : 0;

    page.columns = page.columns ? page.columns : XB_SCREEN_USUAL;
    for (size_t i = 0; rc == 0 && !format->write_set && i < set->n; i++) {
        if (set->n > 1)
            write_name(set->source[i].name, i, format->write_page ? &page : NULL, out);
        rc = write_one(format, set->source[i].report, &page, out);
    }
    return rc;
}
