/* SPDX-License-Identifier: BSD-3-Clause */
/* report_scan.c - a report's cases one at a time, and of each what is asked for.
 *
 * The extents of the cases and their members are told by quotes and brackets (json_span.h);
 * what is asked for is then parsed and read as in a whole report, by the same rows.
 */
#include "report/report_scan.h"

#include <stdlib.h>
#include <string.h>

#include "base/input.h"
#include "base/json_span.h"
#include "report/tables.h"

#define MOST_MEMBERS 32

/* A member of a case that is asked for, as it stands in the text. */
struct part {
    struct xb_span key, value;
};

/* A case: its parts from this one on, up to those of the next. */
struct place {
    size_t first;
    bool new;
};

struct scan {
    const char *file;
    const struct xb_report_reader *reader;
    struct xb_report head;
    struct xb_field rows[2][MOST_MEMBERS + 1]; /* of a case: those asked for, and once more */
    struct xb_list parts, places;
    struct xb_span cases; /* the brackets of the list, and all between */
    char *text;           /* of one case */
    size_t room;
};

static int no_report(const struct scan *s, const char *found, struct xb_error *err)
{
    return xb_fail(err, "%s: found %s, expected a report of this program", s->file, found);
}

static int out_of_memory(struct xb_error *err)
{
    return xb_fail(err, "out of memory for a report");
}

static bool is_among(const char *const *names, struct xb_span name)
{
    for (; names && *names; names++)
        if (xb_span_is(name, *names))
            return true;
    return false;
}

/* Is this member asked for, of a case that is new or not? */
static bool is_asked(const struct scan *s, struct xb_span member, bool new)
{
    return is_among(s->reader->members, member) || (new &&is_among(s->reader->once, member));
}

static bool is_spare(const struct scan *s, struct xb_span member)
{
    return s->reader->spare && xb_span_is(member, s->reader->spare);
}

/* The rows of what is asked for. A case of one lane comes without it, and some without what is
 * spare. */
static void choose_rows(struct scan *s, bool new)
{
    struct xb_field *to = s->rows[new];

    for (const struct xb_field *row = xb_report_case_fields; row->name; row++) {
        struct xb_span name = {row->name, strlen(row->name)};
        if (!is_asked(s, name, new) || to == s->rows[new] + MOST_MEMBERS)
            continue;
        *to = *row;
        if (strcmp(row->name, "lanes") == 0 || is_spare(s, name))
            to->flags |= XB_FIELD_LATER;
        to++;
    }
}

static bool is_several(struct xb_span list)
{
    struct xb_span_walk walk;

    xb_span_open(&walk, list.at, list.len);
    bool one = xb_span_next(&walk);
    return one && xb_span_next(&walk);
}

/* Remove part i. */
static void drop_part(struct scan *s, size_t i)
{
    struct part *parts = s->parts.item;

    memmove(parts + i, parts + i + 1, (--s->parts.n - i) * sizeof(*parts));
}

/* Find the parts of a case. Its id is the first member that the program writes. */
static int find_parts(struct scan *s, struct xb_span_walk *members, struct place *place,
                      struct xb_error *err)
{
    const struct xb_report_reader *r = s->reader;
    size_t spare = SIZE_MAX;
    bool is_told = false;
    struct part part;

    while (xb_span_next(members)) {
        part.key = members->key;
        if (!is_asked(s, part.key, place->new))
            continue;
        part.value = xb_span_value(members);
        if (r->is_new && part.value.len > 2 && xb_span_is(part.key, "id"))
            place->new = r->is_new(part.value.at + 1, part.value.len - 2, r->arg);
        if (xb_span_is(part.key, "lanes") && !is_several(part.value))
            continue;
        if (is_spare(s, part.key))
            spare = s->parts.n;
        is_told = is_told ||
                  (r->instead && xb_span_is(part.key, r->instead) && is_several(part.value));
        struct part *added = xb_list_add(&s->parts, sizeof(*added));
        if (!added)
            return out_of_memory(err);
        *added = part;
    }
    if (is_told && spare < s->parts.n)
        drop_part(s, spare);
    return members->ended && members->object ? 0
                                             : no_report(s, "a case that is no object", err);
}

static int find_cases(struct scan *s, struct xb_span_walk *cases, struct xb_error *err)
{
    struct xb_span_walk members;

    while (xb_span_next(cases)) {
        struct place place = {.first = s->parts.n, .new = true}, *added;
        xb_span_enter(cases, &members);
        if (find_parts(s, &members, &place, err) < 0)
            return -1;
        added = xb_list_add(&s->places, sizeof(*added));
        if (!added)
            return out_of_memory(err);
        *added = place;
    }
    return cases->ended && !cases->object ? 0
                                          : no_report(s, "\"cases\" that are no array", err);
}

static char *put(char *to, struct xb_span span)
{
    return (char *)memcpy(to, span.at, span.len) + span.len;
}

/* Put case i together again from its parts. */
static int join_parts(struct scan *s, size_t i, size_t *len, struct xb_error *err)
{
    const struct place *place = (const struct place *)s->places.item + i;
    const struct part *parts = s->parts.item;
    size_t end = i + 1 < s->places.n ? place[1].first : s->parts.n, bytes = 3;

    for (size_t k = place->first; k < end; k++)
        bytes += parts[k].key.len + parts[k].value.len + 4;
    if (bytes > s->room) {
        char *text = realloc(s->text, 2 * bytes);
        if (!text)
            return out_of_memory(err);
        s->text = text;
        s->room = 2 * bytes;
    }
    char *to = s->text;
    for (size_t k = place->first; k < end; k++) {
        *to++ = k == place->first ? '{' : ',';
        *to++ = '"';
        to = put(to, parts[k].key);
        *to++ = '"';
        *to++ = ':';
        to = put(to, parts[k].value);
    }
    if (end == place->first)
        *to++ = '{';
    *to++ = '}';
    *len = (size_t)(to - s->text);
    return 0;
}

/* An index of a schedule that is there, with a step for each of several lanes. */
static int check_schedule(const struct scan *s, const struct xb_report_case *c,
                          struct xb_error *err)
{
    const struct xb_report_schedule *all = s->head.schedules.item;

    if (c->schedule >= (int64_t)s->head.schedules.n ||
        (c->schedule >= 0 && c->lanes.n > 0 && c->lanes.n != all[c->schedule].steps.n))
        return xb_fail(err, "%s: %s: found schedule %lld, expected one that is there", s->file,
                       c->id, (long long)c->schedule);
    return 0;
}

static int read_case(struct scan *s, size_t i, struct xb_error *err)
{
    bool new = ((const struct place *)s->places.item)[i].new;
    struct xb_report_case c = {.bars = NULL};
    struct xb_json doc;
    size_t len = 0;

    if (join_parts(s, i, &len, err) < 0 || xb_json_parse(s->file, s->text, len, &doc, err) < 0)
        return -1;
    struct xb_node root = xb_json_root(&doc);
    xb_fields_clear(xb_report_case_fields, &c);
    int rc = xb_fields_read(s->rows[new], &root, XB_REPORT_VERSION, &c, err);
    if (rc == 0)
        rc = check_schedule(s, &c, err);
    if (rc == 0)
        rc = s->reader->visit(&s->head, &c, s->reader->arg, err);
    xb_fields_release(xb_report_case_fields, &c);
    xb_json_release(&doc);
    return rc;
}

/* Find the cases and their parts, and read the report without them. */
static int read_head(struct scan *s, const char *text, size_t len, struct xb_error *err)
{
    struct xb_span_walk walk, cases;
    struct xb_json doc;

    xb_span_open(&walk, text, len);
    while (xb_span_next(&walk))
        if (xb_span_is(walk.key, "cases") && !s->cases.at) {
            s->cases.at = walk.at;
            xb_span_enter(&walk, &cases);
            if (find_cases(s, &cases, err) < 0)
                return -1;
            s->cases.len = (size_t)(walk.pos - s->cases.at);
        }
    if (!walk.object || !walk.ended || !s->cases.at)
        return no_report(s, "no \"cases\"", err);
    size_t before = (size_t)(s->cases.at - text), behind = len - before - s->cases.len;
    char *head = malloc(before + behind + 3);
    if (!head)
        return out_of_memory(err);
    memcpy(head, text, before);
    memcpy(head + before, "[]", 2);
    memcpy(head + before + 2, s->cases.at + s->cases.len, behind);
    int rc = xb_json_parse(s->file, head, before + behind + 2, &doc, err);
    free(head);
    if (rc < 0)
        return -1;
    struct xb_node root = xb_json_root(&doc);
    rc = xb_report_read(&root, &s->head, err);
    xb_json_release(&doc);
    return rc;
}

/* As it is when it is whole and of this version; 1 where it is to be read in another way. */
static int scan_text(struct scan *s, const char *text, size_t len, struct xb_error *err)
{
    const struct xb_report_reader *r = s->reader;

    if (read_head(s, text, len, err) < 0 || s->head.schema.version < 2)
        return 1;
    int rc = r->begin ? r->begin(&s->head, r->arg, err) : 0;
    for (size_t i = 0; rc == 0 && i < s->places.n; i++)
        rc = read_case(s, i, err);
    return rc;
}

/* Read all of it at once; without a reader only to say what is wrong in it. */
static int read_whole(const char *file, const char *text, size_t len,
                      const struct xb_report_reader *r, struct xb_error *err)
{
    struct xb_report report;
    struct xb_json doc;

    if (xb_json_parse(file, text, len, &doc, err) < 0)
        return -1;
    struct xb_node root = xb_json_root(&doc);
    int rc = xb_report_read(&root, &report, err);
    xb_json_release(&doc);
    if (rc == 0 && r && r->begin)
        rc = r->begin(&report, r->arg, err);
    for (size_t i = 0; rc == 0 && r && i < report.cases.n; i++)
        rc = r->visit(&report, xb_report_case_at(&report, i), r->arg, err);
    xb_report_release(&report);
    return rc;
}

int xb_report_scan(const char *file, const struct xb_report_reader *reader,
                   struct xb_error *err)
{
    struct scan s = {.file = file, .reader = reader};
    struct xb_error better;
    char *text;
    size_t len;

    if (xb_input_text(file, XB_REPORT_MAX_BYTES, &text, &len, err) < 0)
        return -1;
    choose_rows(&s, false);
    choose_rows(&s, true);
    xb_report_empty(&s.head);
    int rc = scan_text(&s, text, len, err);
    if (rc > 0)
        rc = read_whole(file, text, len, reader, err);
    else if (rc < 0 && read_whole(file, text, len, NULL, &better) < 0 && err)
        *err = better; /* it names the line */
    free(text);
    free(s.text);
    free(s.parts.item);
    free(s.places.item);
    xb_report_release(&s.head);
    return rc;
}
