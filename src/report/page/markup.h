/* SPDX-License-Identifier: BSD-3-Clause */
/* markup.h - texts and JSON as parts of an HTML page. What they say may come from anybody: none
 * of it becomes markup, or ends the element or the value that it stands in.
 */
#ifndef XB_REPORT_PAGE_MARKUP_H
#define XB_REPORT_PAGE_MARKUP_H

#include <stdio.h>

#include <cjson/cJSON.h>

/* A text between tags, or between the quotes of an attribute's value: `a<b` is `a&lt;b`. A
 * control character, and a byte that is part of no character, is U+FFFD; a line's end and a tab
 * are blanks. NULL is nothing. */
void xb_markup_text(const char *text, FILE *out);

/* The same between tags alone: a browser may begin a line after a bracket and after a comma, so
 * that "p2p[engine=ce,side=push]" is not broken within a word where a column is narrow. */
void xb_markup_breakable(const char *text, FILE *out);

/* A value for <script type="application/json">: as JSON in which "<", ">", "&" and the ends of
 * lines of JavaScript, U+2028 and U+2029, are written \u003c and so on. -1 when out of memory.
 */
int xb_markup_json(const cJSON *value, FILE *out);

#endif
