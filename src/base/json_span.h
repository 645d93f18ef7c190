/* SPDX-License-Identifier: BSD-3-Clause */
/* json_span.h - where the parts of a JSON text begin and end, without reading them: for files
 * of which little is needed, or too large to be a tree.
 *
 *     struct xb_span_walk walk, list;
 *     xb_span_open(&walk, text, strlen(text));       {"a": 1, "b": [2, 3], "c": {}}
 *     while (xb_span_next(&walk))
 *         if (xb_span_is(walk.key, "a"))
 *             use(xb_span_value(&walk));             1
 *         else if (xb_span_is(walk.key, "b")) {
 *             xb_span_enter(&walk, &list);
 *             while (xb_span_next(&list))
 *                 use(xb_span_value(&list));         2, then 3
 *         }                                          c is passed over
 *     if (!walk.ended)                               it is no JSON: let xb_json_parse say why
 *
 * Each byte is looked at once. Spans point into the text. What lies between brackets is told
 * apart by quotes and brackets alone, so a text that is no JSON may be walked through all the
 * same: who needs to know parses what a span holds.
 */
#ifndef XB_BASE_JSON_SPAN_H
#define XB_BASE_JSON_SPAN_H

#include <stdbool.h>
#include <stddef.h>

struct xb_span {
    const char *at;
    size_t len;
};

struct xb_span_walk {
    struct xb_span key; /* of a member, without its quotes, as it is written; else empty */
    bool object;        /* of members, not of elements */
    bool ended;         /* it came to the closing bracket */
    struct xb_span_walk *outer;
    const char *at, *pos, *end; /* the value; behind it, once it is passed; of the text */
};

/* Begin with an object or an array; blanks may stand around it, and nothing else. Of anything
 * else the walk has no steps and does not end. */
void xb_span_open(struct xb_span_walk *walk, const char *text, size_t len);

/* Begin with the value that a walk has come to. That walk goes on behind it when this one has
 * ended, and if it does not, has ended without being whole. */
void xb_span_enter(struct xb_span_walk *walk, struct xb_span_walk *inner);

/* On to the next member or element: true, with its key; false behind the last one. */
bool xb_span_next(struct xb_span_walk *walk);

/* The value that a walk has come to, from its first byte to its last; empty, and the walk is
 * over, where it has no end. Once a step. */
struct xb_span xb_span_value(struct xb_span_walk *walk);

/* Is this what a span holds? */
bool xb_span_is(struct xb_span span, const char *text);

#endif
