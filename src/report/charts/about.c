/* SPDX-License-Identifier: BSD-3-Clause */
/* about.c - how charts name what they show of cases, and the axis that sizes stand on. */
#include "report/charts/draft.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/plan/plan.h"
#include "model/plan/pattern.h"

#define MOST_LABELS  12 /* of sizes that stand beside each other */
#define MOST_LETTERS 50 /* of a name in a legend of two columns */

const char *xb_chart_about(const struct xb_report_case *c, char buf[XB_CHART_ABOUT_LEN])
{
    char path[XB_CELL_LEN];
    char *list = cJSON_IsArray(c->key.pairs) ? cJSON_PrintUnformatted(c->key.pairs) : NULL;
    const char *pairs = list ? list : cJSON_GetStringValue(c->key.pairs);
    bool usual = !pairs || strcmp(pairs, "classes") == 0 || strcmp(pairs, "first") == 0;

    snprintf(buf, XB_CHART_ABOUT_LEN, "%s%s%.60s%s%.80s, %s", c->key.pattern,
             c->key.traffic ? " " : "", c->key.traffic ? c->key.traffic : "", usual ? "" : " ",
             usual ? "" : pairs, xb_format_path(c, path));
    cJSON_free(list);
    return buf;
}

const char *xb_chart_method(const struct xb_report_case *c, char *buf, size_t len)
{
    struct xb_report_case asked = *c;
    char text[XB_METHOD_TEXT_LEN];

    asked.chosen.there = false;
    snprintf(buf, len, "%s", xb_format_method(&asked, text));
    return buf;
}

bool xb_chart_has_rate(const struct xb_report_case *c)
{
    return c->status == XB_OK && c->bandwidth.there && c->bandwidth.median > 0 &&
           c->key.bytes > 0 && xb_pattern_find(c->key.pattern, NULL) != NULL;
}

const char *xb_chart_legend(size_t longest)
{
    return longest > MOST_LETTERS ? "{'title':null,'columns':1,'labelLimit':680}"
                                  : "{'title':null,'columns':2}";
}

char *xb_chart_size_axis(int64_t least, int64_t most, size_t beside)
{
    int first = (int)floor(log2((double)least)), last = (int)ceil(log2((double)most));
    int step = 1 + (last - first) / (MOST_LABELS / (int)beside);
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    if (!out)
        return NULL;
    fprintf(out,
            "'x':{'field':'bytes','type':'quantitative','title':'Size of a transfer',"
            "'scale':{'type':'log','base':2,'nice':false,'domain':[%.0f,%.0f],'padding':12},"
            "'axis':{'values':[",
            (double)least, (double)most);
    for (int i = first; i <= last; i += step)
        fprintf(out, "%s%.0f", i > first ? "," : "", ldexp(1, i));
    fputs("],'labelExpr':'datum.value<1024?datum.value+` B`:"
          "datum.value<1048576?datum.value/1024+` KiB`:"
          "datum.value<1073741824?datum.value/1048576+` MiB`:datum.value/1073741824+` GiB`'}}",
          out);
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    return text;
}
