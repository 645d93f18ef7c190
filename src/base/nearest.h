/* SPDX-License-Identifier: BSD-3-Clause */
/* nearest.h - "did you mean": the word that somebody meant who wrote another one. */
#ifndef XB_BASE_NEAREST_H
#define XB_BASE_NEAREST_H

#include <stddef.h>

#define XB_HINT_LEN 96

/* The word of a NULL-terminated list that is nearest to the given one, or NULL where none is
 * near. What counts is the least cost of making one of the other: 3 for a letter that is added,
 * left out or replaced, 2 for two neighbours that change places; upper and lower case are the
 * same, and so are "-" and "_". Near is what costs less than the longer word has letters:
 * "formt" and "format", "rnu" and "run", but not "gpu" and "cpu". Of equally near ones it is
 * the first. Words of more than 63 bytes are near to none.
 *
 * The distance is that of optimal string alignment, after F. J. Damerau, "A technique for
 * computer detection and correction of spelling errors", Communications of the ACM 7 (1964),
 * and V. I. Levenshtein, "Binary codes capable of correcting deletions, insertions, and
 * reversals", Soviet Physics Doklady 10 (1966). */
const char *xb_nearest(const char *given, const char *const *words);

/* " (did you mean window?)" for a text that names the given word, or "" where none of the words
 * is near, or the given one is among them; into buf, which it returns. */
const char *xb_did_you_mean(const char *given, const char *const *words, char buf[XB_HINT_LEN]);

#endif
