/* SPDX-License-Identifier: BSD-3-Clause */
/* screen.h - where people read: how wide it is, whether it takes colours and lines that are
 * written again, and texts that are made fit for it.
 *
 * A terminal whose size is 0 x 0, as the one that Open MPI gives its ranks for standard output,
 * counts as none: what is written there may end in a file. Widths are columns of a terminal:
 * most characters take one, those of Chinese, Japanese and Korean and emoji two.
 */
#ifndef XB_BASE_SCREEN_H
#define XB_BASE_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define XB_SCREEN_USUAL 100 /* columns, where no terminal says how many */
#define XB_SCREEN_LEAST 40  /* tables are laid out for no fewer */

/* Columns of the terminal that the file descriptor is, now; 0 where it is none. */
int xb_screen_width(int fd);

/* Columns to lay a table out for: COLUMNS where the environment has a number there, else those
 * of the terminal, else XB_SCREEN_USUAL; XB_SCREEN_LEAST at least. */
int xb_screen_columns(int fd);

/* Is it a terminal on which a line can be written again? Not where TERM is "dumb" or not set.
 */
bool xb_screen_rewrites(int fd);

/* Does it take colours? As xb_screen_rewrites, and not where NO_COLOR is set and not empty
 * (https://no-color.org), or after xb_screen_no_colour. */
bool xb_screen_colours(int fd);
void xb_screen_no_colour(void);

/* Escape sequences, for where xb_screen_colours says yes. */
#define XB_SCREEN_RED    "\033[31m"
#define XB_SCREEN_YELLOW "\033[33m"
#define XB_SCREEN_BOLD   "\033[1m"
#define XB_SCREEN_PLAIN  "\033[0m"

/* ---- texts ---- */

/* Bytes of the character that a text begins with, and in *columns how many it takes; a byte of
 * no character is one of one column. */
size_t xb_screen_character(const char *text, size_t *columns);

/* Columns that a text takes. */
size_t xb_screen_text_width(const char *text);

/* Print a text with a question mark for each character that does more than to be seen: control
 * characters (so no text that was read can move the cursor, or set a title), marks that turn
 * the direction of writing, and bytes of no character. */
void xb_screen_print(const char *text, FILE *out);

/* The same to a text in place, which never becomes longer; ends of lines stay where `lines`. */
void xb_screen_tame(char *text, bool lines);

/* A text in so many columns at most: itself where it fits, else in a buffer of len bytes, with
 * "..." for what is left out of its middle. Of three columns or fewer it is cut. */
const char *xb_screen_elide(const char *text, size_t columns, char *buf, size_t len);

/* Print a text, which may hold ends of lines, in lines of at most so many columns, broken at
 * blanks, or within a word that is longer than a line. What goes on in the next line
 * begins there with `indent` blanks; all end with a line's end. As xb_screen_print. */
void xb_screen_wrap(const char *text, size_t columns, size_t indent, FILE *out);

#endif
