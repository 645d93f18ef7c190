/* SPDX-License-Identifier: BSD-3-Clause */
/* outlier_lines.c - who is slow, a line each, above what a report is shown as. */
#include "report/formats/format.h"

#include <inttypes.h>
#include <string.h>

#include "base/screen.h"

static const char *text_of(const cJSON *object, const char *key)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
}

/* A number, or -1. */
static double number_of(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

    return cJSON_IsNumber(item) ? item->valuedouble : -1;
}

/* "86:00.0 (rank 2, n1, mlx5_2)"; of a node "n1 (mlx5_2)". */
static void print_end(const cJSON *end, FILE *out)
{
    const char *host = text_of(end, "host"), *gpu = text_of(end, "gpu");
    const char *nic = text_of(end, "nic");
    double rank = number_of(end, "rank");

    if (gpu) {
        xb_screen_print(strncmp(gpu, "0000:", 5) == 0 ? gpu + 5 : gpu, out);
        fputc(' ', out);
    }
    if (rank >= 0)
        fprintf(out, "(rank %.0f, ", rank);
    xb_screen_print(host ? host : "-", out);
    if (nic) {
        fputs(rank >= 0 ? ", " : " (", out);
        xb_screen_print(nic, out);
    }
    fputs(rank >= 0 || nic ? ")" : "", out);
}

static void print_who(const cJSON *outlier, FILE *out)
{
    static const struct {
        const char *kind, *word;
    } words[] = {
        {"node", "node "}, {"gpu", "GPU "}, {"rank", "host memory "}, {"link", "link "}};
    const char *kind = text_of(outlier, "kind"), *direction = text_of(outlier, "direction");
    const cJSON *ends = cJSON_GetObjectItemCaseSensitive(outlier, "ends"), *end;
    bool both = direction && strcmp(direction, "both") == 0, first = true;

    for (size_t i = 0; kind && i < sizeof words / sizeof words[0]; i++)
        if (strcmp(kind, words[i].kind) == 0)
            fputs(words[i].word, out);
    if (cJSON_GetArraySize(ends) == 0)
        fputs("every lane", out);
    cJSON_ArrayForEach(end, ends)
    {
        fputs(first ? "" : both ? " <-> " : " -> ", out);
        print_end(end, out);
        first = false;
    }
    if (cJSON_GetArraySize(ends) == 1 && direction && !both)
        fputs(strcmp(direction, "send") == 0 ? ", sending" : ", receiving", out);
}

/* The case in which it is slowest; NULL where there is none. */
static const cJSON *worst_of(const cJSON *cases)
{
    const cJSON *c, *worst = NULL;

    cJSON_ArrayForEach(c, cases)
    {
        double ratio = number_of(c, "ratio");
        if (ratio >= 0 && (!worst || ratio < number_of(worst, "ratio")))
            worst = c;
    }
    return worst;
}

static void print_line(const cJSON *outlier, FILE *out)
{
    const char *link = text_of(outlier, "link_class"), *than = text_of(outlier, "than");
    const cJSON *cases = cJSON_GetObjectItemCaseSensitive(outlier, "cases");
    const cJSON *worst = worst_of(cases);
    char rate[XB_CELL_LEN], usual[XB_CELL_LEN];

    fputs("slow: ", out);
    print_who(outlier, out);
    fprintf(out, ": over %s at %.3f of %s", link ? link : "-", number_of(worst, "ratio"),
            than && strcmp(than, "ceiling") == 0 ? "what it is to reach" : "what others reach");
    if (number_of(worst, "gb_per_s") > 0)
        fprintf(out, " (%s, %s GB/s)", xb_format_rate(number_of(worst, "gb_per_s"), rate),
                xb_format_rate(number_of(worst, "usual_gb_per_s"), usual));
    fprintf(out, ", in %d of %.0f cases, ", cJSON_GetArraySize(cases),
            number_of(outlier, "cases_compared"));
    if (number_of(outlier, "measured_again") > 0)
        fprintf(out, "again in %.0f of %.0f\n", number_of(outlier, "seen_again"),
                number_of(outlier, "measured_again"));
    else
        fputs("not measured again\n", out);
}

bool xb_format_has_outliers(const struct xb_report *report)
{
    return cJSON_GetArraySize(report->outliers) > 0;
}

void xb_format_outliers(const struct xb_report *report, FILE *out)
{
    const cJSON *outlier;

    cJSON_ArrayForEach(outlier, report->outliers)
    {
        if (worst_of(cJSON_GetObjectItemCaseSensitive(outlier, "cases")))
            print_line(outlier, out);
    }
}
