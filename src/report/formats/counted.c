/* SPDX-License-Identifier: BSD-3-Clause */
/* counted.c - the names that ranks have, each once, with how many have it. */
#include "report/formats/format.h"

#include <stdlib.h>

#include "base/text_set.h"

const char *xb_rank_host(const struct xb_report_rank *rank)
{
    return rank->host;
}

const char *xb_rank_gpu(const struct xb_report_rank *rank)
{
    return rank->gpu.there ? rank->gpu.name : NULL;
}

char *xb_format_counted(const struct xb_report *report, xb_rank_name_fn *name_of)
{
    char *text = NULL;
    size_t len;
    struct xb_text_set names = {.n = 0};
    size_t *count = calloc(report->ranks.n + 1, sizeof *count);
    FILE *out = open_memstream(&text, &len);
    bool good = count && out;

    for (size_t i = 0; good && i < report->ranks.n; i++) {
        const char *name = name_of(xb_report_rank_at(report, i));
        int64_t number = name ? xb_text_set_add(&names, name) : 0;
        good = number >= 0;
        if (name && good)
            count[number]++;
    }
    for (size_t i = 0; good && i < names.n; i++)
        fprintf(out, "%s%zu x %s", i ? ", " : "", count[i], xb_text_set_at(&names, i));
    if (out)
        fclose(out);
    xb_text_set_release(&names);
    free(count);
    if (good)
        return text;
    free(text);
    return NULL;
}
