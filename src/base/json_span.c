/* SPDX-License-Identifier: BSD-3-Clause */
/* json_span.c - extents of members and elements, told by quotes and brackets. */
#include "base/json_span.h"

#include <string.h>

static const char *skip_blanks(const char *pos, const char *end)
{
    while (pos < end && (*pos == ' ' || *pos == '\t' || *pos == '\n' || *pos == '\r'))
        pos++;
    return pos;
}

/* What a byte means where values are skipped: most of them nothing. */
enum { PLAIN, QUOTE, OPEN, CLOSE };
static const unsigned char meaning[256] = {
    ['"'] = QUOTE, ['{'] = OPEN, ['['] = OPEN, ['}'] = CLOSE, [']'] = CLOSE};

/* Behind the string that begins at pos; NULL where it does not end. */
static const char *skip_string(const char *pos, const char *end)
{
    for (pos++; pos < end; pos++) {
        if (*pos == '"')
            return pos + 1;
        if (*pos == '\\')
            pos++;
    }
    return NULL;
}

/* Behind the object or array that begins at pos; NULL where it does not end. */
static const char *skip_nested(const char *pos, const char *end)
{
    size_t depth = 0;

    while (pos < end) {
        unsigned char what = meaning[(unsigned char)*pos];
        if (what == QUOTE) {
            pos = skip_string(pos, end);
            if (!pos)
                return NULL;
            continue;
        }
        pos++;
        depth += what == OPEN;
        if (what == CLOSE && --depth == 0)
            return pos;
    }
    return NULL;
}

static const char *skip_value(const char *pos, const char *end)
{
    if (pos >= end)
        return NULL;
    if (*pos == '"')
        return skip_string(pos, end);
    if (*pos == '{' || *pos == '[')
        return skip_nested(pos, end);
    static const char behind[] = {' ', '\t', '\n', '\r', ',', ']', '}'};
    const char *begin = pos;
    while (pos < end && !memchr(behind, *pos, sizeof behind))
        pos++;
    return pos > begin ? pos : NULL;
}

/* Walk from the bracket at pos on. */
static void begin(struct xb_span_walk *walk, const char *pos, const char *end)
{
    *walk = (struct xb_span_walk){.end = end};
    if (pos < end && (*pos == '{' || *pos == '[')) {
        walk->object = *pos == '{';
        walk->pos = pos + 1;
    }
}

void xb_span_open(struct xb_span_walk *walk, const char *text, size_t len)
{
    begin(walk, skip_blanks(text, text + len), text + len);
}

void xb_span_enter(struct xb_span_walk *walk, struct xb_span_walk *inner)
{
    begin(inner, walk->at, walk->end);
    inner->outer = walk;
    walk->pos = walk->at = NULL;
}

/* The key at pos, and behind its colon; NULL where there is none. */
static const char *take_key(struct xb_span_walk *walk, const char *pos)
{
    const char *begin = pos;

    if (pos >= walk->end || *pos != '"' || !(pos = skip_string(pos, walk->end)))
        return NULL;
    walk->key = (struct xb_span){begin + 1, (size_t)(pos - begin) - 2};
    pos = skip_blanks(pos, walk->end);
    return pos < walk->end && *pos == ':' ? skip_blanks(pos + 1, walk->end) : NULL;
}

struct xb_span xb_span_value(struct xb_span_walk *walk)
{
    walk->pos = skip_value(walk->at, walk->end);
    return walk->pos ? (struct xb_span){walk->at, (size_t)(walk->pos - walk->at)}
                     : (struct xb_span){walk->at, 0};
}

/* Behind the closing bracket at pos. */
static void end(struct xb_span_walk *walk, const char *pos)
{
    if (walk->outer)
        walk->outer->pos = walk->outer->at = pos + 1;
    walk->ended = walk->outer || skip_blanks(pos + 1, walk->end) == walk->end;
    walk->pos = walk->at = NULL;
}

bool xb_span_next(struct xb_span_walk *walk)
{
    const char *pos = walk->pos, *last = walk->end;
    bool first = !walk->at && pos;

    if (!pos && walk->at)
        pos = skip_value(walk->at, last);
    walk->pos = walk->at = NULL; /* until the step is made */
    if (!pos)
        return false;
    pos = skip_blanks(pos, last);
    bool comma = !first && pos < last && *pos == ',';
    if (comma)
        pos = skip_blanks(pos + 1, last);
    if (pos == last)
        return false;
    if (!comma && *pos == (walk->object ? '}' : ']')) {
        end(walk, pos);
        return false;
    }
    if (first || comma)
        walk->at = walk->object ? take_key(walk, pos) : pos;
    if (walk->at == last || (walk->at && strchr(",:]}", *walk->at)))
        walk->at = NULL;
    return walk->at;
}

bool xb_span_is(struct xb_span span, const char *text)
{
    return strlen(text) == span.len && memcmp(span.at, text, span.len) == 0;
}
