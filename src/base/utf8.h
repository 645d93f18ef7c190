/* SPDX-License-Identifier: BSD-3-Clause */
/* utf8.h - texts from outside, which may be any bytes, in files that must be UTF-8.
 *
 * A byte that is part of no character, 0x80 to 0xff, is written as the character U+EF80 to
 * U+EFFF: 0xef00 + the byte. These are for private use, so no other text has them; where one
 * does, each of its three bytes is written so. So every text can be had back, and no two become
 * one.
 */
#ifndef XB_BASE_UTF8_H
#define XB_BASE_UTF8_H

#include <stddef.h>

#include "base/error.h"

/* Bytes of the character that a text begins with; 0 where it is none: also one that is written
 * longer than it need be, half a pair, or beyond the last. */
size_t xb_utf8_length(const char *text);

/* A text as UTF-8; the caller frees it; NULL when out of memory. To be called once, where a
 * text comes in: called again it would write again what it has written. */
char *xb_utf8_text(const char *text);

/* The same into a buffer of so many bytes; what does not fit is left out, in whole characters.
 */
void xb_utf8_copy(const char *text, char *buf, size_t len);

/* Is a text one line of UTF-8, of at least one character and without control characters? 0, or
 * -1 with what was found, and where. */
int xb_utf8_expect_line(const char *text, struct xb_error *err);

/* Make one line of a text, in place: control characters become blanks, and a character that was
 * cut off at the text's end is left out. */
void xb_utf8_make_line(char *text);

/* A text from outside as a terminal or a log may have it, in one line: control characters as
 * "\\n", "\\t" or "\\x1b", and bytes of no character as "\\xff". The caller frees it; NULL when
 * out of memory. */
char *xb_utf8_printable(const char *text);

/* The name of this node as UTF-8, or "". */
void xb_utf8_host(char *buf, size_t len);

/* A text that is UTF-8 for the most part: only bytes of no character are written so, and what
 * xb_utf8_text has made stays. NULL when out of memory. */
char *xb_utf8_repair(const char *text);

#endif
