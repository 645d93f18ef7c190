/* SPDX-License-Identifier: BSD-3-Clause */
/* carried.c - which wires carried the bytes: what the counters saw over what was moved, of each
 * method and path at its largest size. What left the source and what came to the destination
 * stand apart, since the same byte is in both.
 */
#include "report/charts/kinds.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/case_walk.h"

#define MOST_ROWS 40    /* cases in the picture */
#define LEAST     0.005 /* bytes a byte: less is noise of the counters */

static const struct xb_chart_column columns[] = {
    {"name", "Path and method", NULL}, {"size", "Size", NULL},
    {"side", "Counted", NULL},         {"nvlink", "NVLink", "of the bytes"},
    {"pcie", "PCIe", "of the bytes"},  {"nic", "NIC", "of the bytes"},
};

/* The largest case of a name. */
struct largest {
    char *name;
    int64_t bytes;
    double by[XB_WIRES];
};

struct largest_list {
    struct largest *item;
    size_t n;
};

static int take(struct largest_list *list, const struct xb_report_case *c)
{
    char about[XB_CHART_ABOUT_LEN], method[XB_METHOD_TEXT_LEN];
    char name[XB_CHART_ABOUT_LEN + XB_METHOD_TEXT_LEN];
    struct largest *at = NULL;

    snprintf(name, sizeof name, "%s, %s", xb_chart_about(c, about),
             xb_chart_method(c, method, sizeof method));
    for (size_t i = 0; !at && i < list->n; i++)
        if (strcmp(list->item[i].name, name) == 0)
            at = &list->item[i];
    if (at && at->bytes >= c->key.bytes)
        return 0;
    if (!at) {
        struct largest *more = realloc(list->item, (list->n + 1) * sizeof *more);
        if (!more)
            return -1;
        list->item = more;
        at = &more[list->n++];
        at->name = strdup(name);
    }
    at->bytes = c->key.bytes;
    memcpy(at->by, c->carried_by.by, sizeof at->by);
    return at->name ? 0 : -1;
}

static bool is_known(const struct xb_report_case *c)
{
    bool known = false;

    for (int w = 0; c->carried_by.there && w < XB_WIRES; w++)
        known = known || isfinite(c->carried_by.by[w]);
    return c->status == XB_OK && known;
}

/* Did the counters see any of its bytes? */
static bool was_seen(const struct largest *item)
{
    for (int w = 0; w < XB_WIRES; w++)
        if (item->by[w] > LEAST)
            return true;
    return false;
}

static void add_rows(struct xb_draft *d, const struct largest *item)
{
    /* as the report names them, without the direction */
    static const char *const wires[] = {"nvlink", "pcie", "nic"};

    for (int sent = 1; sent >= 0; sent--) {
        xb_draft_row(d);
        xb_draft_text(d, "name", item->name);
        xb_draft_size(d, "size", item->bytes);
        xb_draft_text(d, "side", sent ? "sent at the source" : "received at the destination");
        for (int w = 0; w < XB_WIRES; w++)
            for (size_t k = 0; k < sizeof wires / sizeof wires[0]; k++)
                if (xb_wire_is_sent((enum xb_wire)w) == (bool)sent &&
                    strncmp(xb_wire_name((enum xb_wire)w), wires[k], strlen(wires[k])) == 0)
                    xb_draft_number(d, wires[k], item->by[w]);
    }
}

static int add_chart(const struct xb_chart_source *source, const struct largest_list *list,
                     struct xb_charts *out)
{
    struct xb_draft d =
        xb_draft_begin(XB_CHART_CARRIED, columns, sizeof columns / sizeof columns[0]);
    size_t n = 0;

    for (size_t i = 0; i < list->n; i++)
        if (was_seen(&list->item[i]) && n++ < MOST_ROWS)
            add_rows(&d, &list->item[i]);
    if (n == 0) {
        xb_draft_drop(&d);
        return 0;
    }
    xb_draft_title(&d, source, "Bytes that the counters saw, over the bytes moved");
    xb_draft_describe(&d, "Of each path and method at its largest size, how many bytes each "
                          "kind of link carried for each byte that was moved.");
    if (n < list->n)
        xb_draft_describe(&d, "Cases whose bytes no counter saw are left out.");
    if (n > MOST_ROWS)
        xb_draft_describe(&d, "%zu more are left out.", n - MOST_ROWS);
    xb_draft_spec(
        &d, "{'transform':[{'fold':['nvlink','pcie','nic'],'as':['wire','share']},"
            "{'filter':'isValid(datum.share)&&datum.share>0.005'},"
            "{'calculate':'{nvlink:`NVLink`,pcie:`PCIe`,nic:`NIC`}[datum.wire]','as':'wire'},{'"
            "calculate':'datum.name+`, `+datum.side+`: `+format(datum.share,`.3~r`)+` by "
            "`+datum.wire','as':'told'}],"
            "'facet':{'column':{'field':'side','sort':'descending','title':null}},"
            "'spec':{'width':140,'height':{'step':20},'encoding':{"
            "'y':{'field':'name','type':'nominal','sort':null,'title':null,"
            "'axis':{" XB_CHART_NAMES "}},"
            "'x':{'field':'share','type':'quantitative','stack':'zero',"
            "'title':'bytes seen a byte moved','axis':{'tickCount':3}},"
            "'order':{'field':'wire'}},'layer':[{'mark':{'type':'bar','stroke':'white'},"
            "'encoding':{'color':{'field':'wire','type':'nominal','scale':{'domain':['NVLink',"
            "'PCIe','NIC'],'range':['#0072B2','#E69F00','#BBBBBB']},'legend':{'title':null}},"
            "'description':{'field':'told'},'tooltip':[{'field':'name','title':'Case'},{'field'"
            ":'size','title':'Size'},"
            "{'field':'side','title':'Counted'},{'field':'wire','title':'Wire'},"
            "{'field':'share','title':'Bytes a byte'}]}}]}}");
    return xb_draft_end(&d, "carried", out);
}

static int add_carried(const struct xb_chart_source *source, struct xb_charts *out,
                       struct xb_error *err)
{
    struct xb_case_walk walk = xb_cases(source->report);
    struct largest_list list = {NULL, 0};
    const struct xb_report_case *c;
    int rc = 0;

    while (rc == 0 && (c = xb_cases_next(&walk)))
        if (is_known(c))
            rc = take(&list, c);
    if (xb_cases_end(&walk) < 0)
        rc = -1;
    if (rc == 0 && list.n > 0)
        rc = add_chart(source, &list, out);
    for (size_t i = 0; i < list.n; i++)
        free(list.item[i].name);
    free(list.item);
    return rc < 0 ? xb_fail(err, "out of memory for charts, or a case cannot be read back") : 0;
}

const struct xb_chart_kind xb_chart_carried = {.of_report = add_carried};
