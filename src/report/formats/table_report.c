/* table_report.c - the measured cases of a report as a table, and what kept others from it. */
#include "report/formats/table.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/units.h"
#include "report/report_json.h"

#define XB_METHOD_TEXT_LEN 256
#define XB_CELL_LEN        96

/* A reason or warning that some cases share. */
struct xb_note {
    const char *kind, *text; /* kind is a status or "warning"; both borrowed */
    size_t cases;
};

struct xb_notes {
    struct xb_note *note;
    size_t count, room;
};

/* Text that is built piece by piece; what does not fit is cut. */
struct xb_text {
    char text[XB_METHOD_TEXT_LEN];
    size_t len;
};

static void append(struct xb_text *out, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void append(struct xb_text *out, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    int n = vsnprintf(out->text + out->len, sizeof(out->text) - out->len, fmt, args);
    va_end(args);
    if (n > 0)
        out->len += (size_t)n;
    if (out->len >= sizeof(out->text))
        out->len = sizeof(out->text) - 1;
}

/* The next option goes behind '[' or ','. */
static void append_option(struct xb_text *out, int *shown, const cJSON *value, const char *name)
{
    append(out, "%c%s=", (*shown)++ ? ',' : '[', name);
    if (cJSON_IsString(value))
        append(out, "%s", value->valuestring);
    else if (cJSON_IsBool(value))
        append(out, "%s", cJSON_IsTrue(value) ? "yes" : "no");
    else
        append(out, "%.15g", cJSON_GetNumberValue(value));
}

/* The member with the method that was measured: what the policy chose, where it was asked. */
static const char *measured(const cJSON *entry)
{
    return cJSON_IsObject(xb_report_member(entry, NULL, "chosen")) ? "chosen" : "key";
}

/* "p2p[engine=ce,side=push]", "auto: p2p[...]" where the policy chose it; offsets and window
 * only where they are not the usual ones. */
static void method_text(const cJSON *entry, struct xb_text *out)
{
    static const struct {
        const char *name;
        double usual;
    } extras[] = {{"src_offset", 0}, {"dst_offset", 0}, {"window", 1}};
    const char *group = measured(entry);
    const cJSON *options = xb_report_member(entry, group, "options"), *option;
    int shown = 0;

    *out = (struct xb_text){0};
    if (strcmp(group, "key") != 0)
        append(out, "%s: ", xb_report_member_text(entry, "key", "method"));
    append(out, "%s", xb_report_member_text(entry, group, "method"));
    cJSON_ArrayForEach(option, options)
    {
        append_option(out, &shown, option, option->string);
    }
    for (size_t i = 0; i < sizeof(extras) / sizeof(extras[0]); i++) {
        const cJSON *value = xb_report_member(entry, "key", extras[i].name);

        if (cJSON_IsNumber(value) && value->valuedouble != extras[i].usual)
            append_option(out, &shown, value, extras[i].name);
    }
    if (shown)
        append(out, "]");
}

/* "256KiB x 4"; "-" for a method without chunks. */
static void chunk_text(const cJSON *entry, char out[XB_CELL_LEN])
{
    double chunk = xb_report_member_number(entry, measured(entry), "chunk_bytes");
    double depth = xb_report_member_number(entry, measured(entry), "depth");

    if (chunk > 0 && depth > 0) {
        char size[XB_UNITS_LEN];

        snprintf(out, XB_CELL_LEN, "%s x %.0f", xb_size_format((uint64_t)chunk, size), depth);
    } else {
        snprintf(out, XB_CELL_LEN, "-");
    }
}

/* "-" where the key has no size. */
static const char *size_text(const cJSON *entry, char buf[XB_UNITS_LEN])
{
    double bytes = xb_report_member_number(entry, "key", "bytes");

    return bytes >= 0 ? xb_size_format((uint64_t)bytes, buf) : "-";
}

/* At least four significant digits down to 1 GB/s; "-" for no rate. */
static void rate_text(double rate, char out[XB_CELL_LEN])
{
    if (rate > 0)
        snprintf(out, XB_CELL_LEN, "%.*f",
                 rate >= 100  ? 1
                 : rate >= 10 ? 2
                 : rate >= 1  ? 3
                              : 4,
                 rate);
    else
        snprintf(out, XB_CELL_LEN, "-");
}

/* Half-width of the interval in % of the median; "-" without an interval. */
static void spread_text(const cJSON *entry, char out[XB_CELL_LEN])
{
    double width = xb_report_member_number(entry, "time_us", "ci_hi") -
                   xb_report_member_number(entry, "time_us", "ci_lo");
    double percent = 100 * width / 2 / xb_report_member_number(entry, "time_us", "median");

    if (isfinite(percent))
        snprintf(out, XB_CELL_LEN, "%.1f", percent);
    else
        snprintf(out, XB_CELL_LEN, "-");
}

static int add_row(struct xb_table *table, const cJSON *entry)
{
    struct xb_text method;
    char path[XB_CELL_LEN], size[XB_UNITS_LEN], chunk[XB_CELL_LEN], time[XB_UNITS_LEN];
    char rate[XB_CELL_LEN], spread[XB_CELL_LEN];

    method_text(entry, &method);
    snprintf(path, sizeof(path), "%s->%s@%s", xb_report_member_text(entry, "key", "src"),
             xb_report_member_text(entry, "key", "dst"),
             xb_report_member_text(entry, "key", "locality"));
    chunk_text(entry, chunk);
    rate_text(xb_report_member_number(entry, "bandwidth_gb_per_s", "median"), rate);
    spread_text(entry, spread);

    const char *const cells[] = {
        xb_report_member_text(entry, "key", "pattern"),
        method.text,
        path,
        size_text(entry, size),
        chunk,
        xb_time_us_format(xb_report_member_number(entry, "time_us", "median"), time),
        rate,
        spread,
        xb_report_member_text(entry, NULL, "status"),
        NULL,
    };
    return xb_table_add(table, cells);
}

static int print_measured(const cJSON *cases, FILE *out)
{
    static const char *const titles[] = {"pattern",        "method",  "path",  ">size",
                                         ">chunk x depth", ">median", ">GB/s", ">+-%",
                                         "status",         NULL};
    struct xb_table *table = xb_table_new(titles);
    int rows = 0, rc = table ? 0 : -1;
    const cJSON *entry;

    cJSON_ArrayForEach(entry, cases)
    {
        if (rc == 0 && xb_report_member(entry, "time_us", "median")) {
            rc = add_row(table, entry);
            rows++;
        }
    }
    if (rc == 0 && rows > 0)
        xb_table_print(table, out);
    else if (rc == 0)
        fputs("no case was measured\n", out);
    xb_table_free(table);
    return rc;
}

/* Count a case under its kind and text; cases without a text have none to note. */
static int note_case(struct xb_notes *notes, const char *kind, const char *text)
{
    if (text[0] == '\0')
        return 0;
    for (size_t i = 0; i < notes->count; i++) {
        struct xb_note *note = &notes->note[i];

        if (strcmp(note->kind, kind) == 0 && strcmp(note->text, text) == 0) {
            note->cases++;
            return 0;
        }
    }
    if (notes->count == notes->room) {
        size_t room = notes->room ? 2 * notes->room : 16;
        struct xb_note *note = realloc(notes->note, room * sizeof(*note));

        if (!note)
            return -1;
        notes->note = note;
        notes->room = room;
    }
    notes->note[notes->count++] = (struct xb_note){.kind = kind, .text = text, .cases = 1};
    return 0;
}

/* The ids of the cases that did not do what was asked; a skipped one was not asked for. */
static void print_ids(const struct xb_note *note, const cJSON *cases, FILE *out)
{
    const cJSON *entry;

    if (strcmp(note->kind, "skipped") == 0 || strcmp(note->kind, "warning") == 0)
        return;
    cJSON_ArrayForEach(entry, cases)
    {
        if (strcmp(xb_report_member_text(entry, NULL, "status"), note->kind) == 0 &&
            strcmp(xb_report_member_text(entry, NULL, "reason"), note->text) == 0)
            fprintf(out, "  %s\n", xb_report_member_text(entry, NULL, "id"));
    }
}

/* Reasons in order of appearance, then warnings. */
static int collect_notes(const cJSON *cases, struct xb_notes *notes)
{
    const cJSON *entry;

    cJSON_ArrayForEach(entry, cases)
    {
        if (note_case(notes, xb_report_member_text(entry, NULL, "status"),
                      xb_report_member_text(entry, NULL, "reason")) != 0)
            return -1;
    }
    cJSON_ArrayForEach(entry, cases)
    {
        if (note_case(notes, "warning", xb_report_member_text(entry, NULL, "warning")) != 0)
            return -1;
    }
    return 0;
}

static int print_notes(const cJSON *cases, FILE *out)
{
    struct xb_notes notes = {0};
    int rc = collect_notes(cases, &notes);

    for (size_t i = 0; i < notes.count; i++) {
        const struct xb_note *note = &notes.note[i];

        fprintf(out, "%s%s %zu: %s\n", i == 0 ? "\n" : "", note->kind, note->cases, note->text);
        print_ids(note, cases, out);
    }
    free(notes.note);
    return rc;
}

void xb_table_print_report(const cJSON *report, FILE *out)
{
    const cJSON *cases = xb_report_member(report, NULL, "cases");

    if (print_measured(cases, out) != 0 || print_notes(cases, out) != 0)
        xb_log_error("out of memory while printing the table");
}
