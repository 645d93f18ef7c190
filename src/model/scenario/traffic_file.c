/* SPDX-License-Identifier: BSD-3-Clause */
/* traffic_file.c - an application's traffic in a file: a matrix of bytes. */
#include "model/scenario/traffic_file.h"

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "model/scenario/scenario.h"

#define CELL_LEN 40 /* the longest number, its unit included */

/* A matrix that is being read. */
struct reader {
    const char *name;
    const char *at, *end; /* of the line */
    const char *begin;    /* of the line, for columns */
    size_t line;          /* from 1 */
    char mark;            /* between cells: a comma or semicolon, or 0 for spaces */
    bool titled;          /* lines begin with a title */
    int columns, rows;    /* -1: not known yet */
    size_t first_row;     /* the line that it stands in */
    size_t room;
    struct xb_traffic *out;
};

/* "halo.txt:3:17: " in front of the text. Returns -1. */
__attribute__((format(printf, 4, 5))) static int
fail_at(const struct reader *r, const char *at, struct xb_error *err, const char *fmt, ...)
{
    struct xb_error why;
    va_list args;

    va_start(args, fmt);
    vsnprintf(why.text, sizeof why.text, fmt, args);
    va_end(args);
    return xb_fail(err, "%s:%zu:%zu: %s", r->name, r->line, (size_t)(at - r->begin) + 1,
                   why.text);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static void skip_blanks(struct reader *r)
{
    while (r->at < r->end && is_blank(*r->at))
        r->at++;
}

/* The next cell of the line: from *cell, so many characters. False behind the last. */
static bool next_cell(struct reader *r, bool first, const char **cell, size_t *len)
{
    skip_blanks(r);
    if (!first && r->mark) {
        if (r->at == r->end)
            return false;
        r->at++; /* the mark, at which the cell before it ended */
        skip_blanks(r);
    } else if (r->at == r->end) {
        return false;
    }
    *cell = r->at;
    while (r->at < r->end && (r->mark ? *r->at != r->mark : !is_blank(*r->at)))
        r->at++;
    *len = (size_t)(r->at - *cell);
    while (*len > 0 && is_blank((*cell)[*len - 1]))
        --*len;
    return true;
}

/* "4096", "64KiB", and as programs write numbers, "4.096e+03", where it is whole. */
static int read_bytes(const struct reader *r, const char *cell, size_t len, uint64_t *bytes,
                      struct xb_error *err)
{
    char text[CELL_LEN + 1], *end;
    struct xb_error ignored;

    if (len > 0 && len <= CELL_LEN && !memchr(cell, '\0', len)) {
        memcpy(text, cell, len);
        text[len] = '\0';
        if (xb_size_parse(text, bytes, &ignored) == 0 && *bytes <= XB_SIZE_MAX)
            return 0;
        double value = strtod(text, &end);
        if (*end == '\0' && value >= 0 && value <= (double)XB_SIZE_MAX &&
            value == floor(value) && strspn(text, "0123456789.eE+-") == len) {
            *bytes = (uint64_t)value;
            return 0;
        }
    }
    size_t shown = len < CELL_LEN ? len : CELL_LEN;
    char quoted[CELL_LEN + 1];
    for (size_t i = 0; i < shown; i++) /* a file of any bytes is no text for a terminal */
        quoted[i] = cell[i] >= ' ' && cell[i] <= '~' ? cell[i] : '?';
    quoted[shown] = '\0';
    return fail_at(r, cell, err, "found \"%s%s\", expected bytes, as in 4096 or 64KiB", quoted,
                   shown < len ? "..." : "");
}

static int add_lane(struct reader *r, const char *cell, int src, int dst, uint64_t bytes,
                    struct xb_error *err)
{
    struct xb_traffic *t = r->out;

    if (t->count == XB_TRAFFIC_LANES)
        return fail_at(r, cell, err, "found more than %d lanes, expected at most that",
                       XB_TRAFFIC_LANES);
    if (t->count == r->room) {
        size_t room = r->room ? 2 * r->room : 64;
        struct xb_traffic_lane *more = realloc(t->lane, room * sizeof *more);
        if (!more)
            return xb_fail(err, "%s: out of memory", r->name);
        t->lane = more;
        r->room = room;
    }
    t->lane[t->count++] = (struct xb_traffic_lane){src, dst, bytes};
    return 0;
}

static int read_row(struct reader *r, struct xb_error *err)
{
    const char *cell;
    uint64_t bytes = 0;
    size_t len;
    int n = 0;

    if (r->titled && !next_cell(r, true, &cell, &len))
        return 0;
    for (bool first = !r->titled; next_cell(r, first, &cell, &len); first = false, n++) {
        if (n == XB_TRAFFIC_RANKS)
            return fail_at(r, cell, err, "found more than %d numbers, expected at most that",
                           XB_TRAFFIC_RANKS);
        if (r->columns >= 0 && r->rows >= r->columns)
            return fail_at(r, cell, err,
                           "found another row, expected %d, as many as columns in line %zu",
                           r->columns, r->first_row);
        if (read_bytes(r, cell, len, &bytes, err) < 0 ||
            (bytes > 0 && add_lane(r, cell, r->rows, n, bytes, err) < 0))
            return -1;
    }
    if (r->columns < 0) {
        r->columns = n;
        r->first_row = r->line;
    }
    if (n != r->columns)
        return fail_at(r, r->end, err, "found %d number%s, expected %d as in line %zu", n,
                       n == 1 ? "" : "s", r->columns, r->first_row);
    r->rows++;
    return 0;
}

/* One line of the file, which is not blank. The first says what stands between cells. */
static int read_line(struct reader *r, bool *first, struct xb_error *err)
{
    if (!*first)
        return read_row(r, err);
    *first = false;
    size_t len = (size_t)(r->end - r->at);
    r->mark = memchr(r->at, ',', len) ? ',' : memchr(r->at, ';', len) ? ';' : '\0';
    r->titled = r->mark && *r->at == r->mark;
    return r->titled ? 0 : read_row(r, err);
}

int xb_traffic_file_parse(const char *name, const char *text, size_t len,
                          struct xb_traffic *out, struct xb_error *err)
{
    struct reader r = {.name = name, .columns = -1, .out = out};
    const char *end = text + len;
    bool first = true;
    int rc = 0;

    *out = (struct xb_traffic){0};
    for (const char *at = text; rc == 0 && at < end;) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        line_end = line_end ? line_end : end;
        const char *comment = memchr(at, '#', (size_t)(line_end - at));
        r.line++;
        r.begin = r.at = at;
        r.end = comment ? comment : line_end;
        skip_blanks(&r);
        if (r.at < r.end)
            rc = read_line(&r, &first, err);
        at = line_end + (line_end < end);
    }
    if (rc == 0 && r.columns < 0)
        rc = xb_fail(err, "%s: found no numbers, expected a matrix of bytes", name);
    else if (rc == 0 && r.rows < r.columns)
        rc = xb_fail(err, "%s: found %d row%s, expected %d, as many as columns in line %zu",
                     name, r.rows, r.rows == 1 ? "" : "s", r.columns, r.first_row);
    else if (rc == 0 && out->count == 0)
        rc = xb_fail(err, "%s: all is 0, expected a lane at least", name);
    out->nranks = r.columns;
    if (rc == 0)
        return 0;
    free(out->lane);
    *out = (struct xb_traffic){0};
    return -1;
}
