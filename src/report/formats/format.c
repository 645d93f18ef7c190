/* SPDX-License-Identifier: BSD-3-Clause */
/* format.c - the words that formats share. */
#include "report/formats/format.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/screen.h"
#include "base/units.h"
#include "model/plan/allocator.h"
#include "model/plan/cache.h"
#include "model/plan/contention.h"
#include "model/plan/path.h"
#include "model/topology/topology.h"

/* Text that is built piece by piece; what does not fit is cut. */
struct text {
    char *text;
    size_t len, room;
};

static void append(struct text *out, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void append(struct text *out, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    int n = vsnprintf(out->text + out->len, out->room - out->len, fmt, args);
    va_end(args);
    if (n > 0)
        out->len += (size_t)n;
    if (out->len >= out->room)
        out->len = out->room - 1;
}

/* An option as it stands in a report. */
static void set_term(struct xb_term *term, const cJSON *value)
{
    *term = (struct xb_term){.name = value->string};
    if (cJSON_IsString(value))
        snprintf(term->value, sizeof term->value, "%s", value->valuestring);
    else if (cJSON_IsBool(value))
        snprintf(term->value, sizeof term->value, "%s", cJSON_IsTrue(value) ? "yes" : "no");
    else
        snprintf(term->value, sizeof term->value, "%.15g", cJSON_GetNumberValue(value));
}

size_t xb_format_terms(const struct xb_report_case *c, struct xb_term out[XB_TERMS_MOST])
{
    const struct {
        const char *name;
        int64_t value, usual;
    } numbers[] = {{"src_offset", c->key.src_offset, 0},
                   {"dst_offset", c->key.dst_offset, 0},
                   {"window", c->key.window, 1}};
    const struct {
        const char *name, *value, *usual;
    } words[] = {{"cache", c->key.cache, xb_cache_names[XB_CACHE_WARM]},
                 {"allocator", c->key.allocator, xb_allocator_names[XB_ALLOCATOR_MALLOC]},
                 {"contention", c->key.contention, xb_contention_names[XB_CONTENTION_NONE]}};
    const size_t conditions =
        sizeof numbers / sizeof numbers[0] + sizeof words / sizeof words[0];
    const cJSON *options = c->chosen.there ? c->chosen.options : c->key.options, *option;
    size_t n = 0;

    cJSON_ArrayForEach(option, options)
    {
        if (n + conditions < XB_TERMS_MOST)
            set_term(&out[n++], option);
    }
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        if (numbers[i].value >= 0 && numbers[i].value != numbers[i].usual) {
            out[n] = (struct xb_term){.name = numbers[i].name, .of_case = true};
            snprintf(out[n++].value, XB_CELL_LEN, "%" PRId64, numbers[i].value);
        }
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (words[i].value && strcmp(words[i].value, words[i].usual) != 0) {
            out[n] = (struct xb_term){.name = words[i].name, .of_case = true};
            snprintf(out[n++].value, XB_CELL_LEN, "%s", words[i].value);
        }
    return n;
}

const char *xb_format_method_name(const struct xb_report_case *c, char buf[XB_CELL_LEN])
{
    if (c->chosen.there)
        snprintf(buf, XB_CELL_LEN, "%s: %s", c->key.method, c->chosen.method);
    else
        snprintf(buf, XB_CELL_LEN, "%s", c->key.method);
    return buf;
}

const char *xb_format_method(const struct xb_report_case *c, char buf[XB_METHOD_TEXT_LEN])
{
    struct xb_term terms[XB_TERMS_MOST];
    struct text out = {.text = buf, .room = XB_METHOD_TEXT_LEN};
    size_t n = xb_format_terms(c, terms);
    char name[XB_CELL_LEN];

    buf[0] = '\0';
    append(&out, "%s", xb_format_method_name(c, name));
    for (size_t i = 0; i < n; i++)
        append(&out, "%c%s=%s", i ? ',' : '[', terms[i].name, terms[i].value);
    if (n)
        append(&out, "]");
    return buf;
}

void xb_format_title(const struct xb_report_case *c, FILE *out)
{
    char method[XB_METHOD_TEXT_LEN], path[XB_CELL_LEN], size[XB_UNITS_LEN];
    char *pairs = cJSON_IsArray(c->key.pairs) ? cJSON_PrintUnformatted(c->key.pairs) : NULL;
    int64_t chunk = c->chosen.there ? c->chosen.chunk_bytes : c->key.chunk_bytes;
    int64_t depth = c->chosen.there ? c->chosen.depth : c->key.depth;

    xb_screen_print(c->key.pattern, out);
    if (pairs || cJSON_IsString(c->key.pairs)) {
        fputc(' ', out);
        xb_screen_print(pairs ? pairs : c->key.pairs->valuestring, out);
    }
    fputs(", ", out);
    xb_screen_print(xb_format_method(c, method), out);
    fputc(' ', out);
    xb_screen_print(xb_format_path(c, path), out);
    fprintf(out, " %s", xb_size_format((uint64_t)c->key.bytes, size));
    if (chunk > 0 && depth > 0)
        fprintf(out, " in %s x %" PRId64, xb_size_format((uint64_t)chunk, size), depth);
    cJSON_free(pairs);
}

char *xb_format_title_without(const struct xb_report_case *c, const char *option)
{
    struct xb_report_case other = *c;
    char *title = NULL;
    size_t len;

    other.key.options = cJSON_Duplicate(c->key.options, true);
    FILE *out = other.key.options || !c->key.options ? open_memstream(&title, &len) : NULL;
    if (out) {
        if (option)
            cJSON_DeleteItemFromObjectCaseSensitive(other.key.options, option);
        else
            other.key.allocator = NULL;
        xb_format_title(&other, out);
        if (fclose(out) != 0) {
            free(title);
            title = NULL;
        }
    }
    cJSON_Delete(other.key.options);
    return title;
}

const char *xb_format_path(const struct xb_report_case *c, char buf[XB_CELL_LEN])
{
    snprintf(buf, XB_CELL_LEN, "%s->%s@%s", c->key.src, c->key.dst, c->key.locality);
    return buf;
}

const char *xb_format_rate(double rate, char buf[XB_CELL_LEN])
{
    if (rate > 0) {
        int decimals = rate >= 100 ? 1 : rate >= 10 ? 2 : rate >= 1 ? 3 : 4;
        for (double least = 0.01; rate < least && decimals < 9; decimals++)
            least /= 10;
        snprintf(buf, XB_CELL_LEN, "%.*f", decimals, rate);
    } else
        snprintf(buf, XB_CELL_LEN, "-");
    return buf;
}

static bool is_same_gpu(const struct xb_report_gpu *a, const struct xb_report_gpu *b)
{
    return a->uuid && b->uuid
               ? strcmp(a->uuid, b->uuid) == 0
               : a->pci_bus_id && b->pci_bus_id && strcmp(a->pci_bus_id, b->pci_bus_id) == 0;
}

const struct xb_report_gpu *xb_format_gpu(const struct xb_report *report, int64_t rank,
                                          const char *endpoint)
{
    struct xb_endpoint e;
    const struct xb_report_rank *r = xb_report_rank_of(report, rank);
    int others = 0;

    if (!r || xb_endpoint_parse(endpoint, &e, NULL) < 0 || e.kind != XB_GPU)
        return NULL;
    if (e.index == 0)
        return r->gpu.there ? &r->gpu : NULL;
    for (size_t i = 0; i < r->visible.n; i++) {
        const struct xb_report_gpu *gpu = (const struct xb_report_gpu *)r->visible.item + i;
        if (!is_same_gpu(gpu, &r->gpu) && ++others == e.index)
            return gpu;
    }
    return NULL;
}

const char *xb_format_end(const struct xb_report *report, int64_t rank, const char *endpoint,
                          char buf[XB_CELL_LEN])
{
    const struct xb_report_gpu *gpu = xb_format_gpu(report, rank, endpoint);
    char label[XB_GPU_LABEL_LEN];
    const char *text =
        gpu && gpu->pci_bus_id
            ? xb_gpu_label(gpu->pci_bus_id, gpu->mig && gpu->uuid ? gpu->uuid : "", label)
            : endpoint;

    snprintf(buf, XB_CELL_LEN, "%s", strncmp(text, "0000:", 5) == 0 ? text + 5 : text);
    return buf;
}

const char *xb_format_lane(const struct xb_report *report, const struct xb_report_step *step,
                           char buf[XB_LANE_TEXT_LEN])
{
    char src[XB_CELL_LEN], dst[XB_CELL_LEN];

    snprintf(buf, XB_LANE_TEXT_LEN, "%" PRId64 "->%" PRId64 " %s->%s", step->src_rank,
             step->dst_rank, xb_format_end(report, step->src_rank, step->src, src),
             xb_format_end(report, step->dst_rank, step->dst, dst));
    return buf;
}
