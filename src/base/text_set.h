/* SPDX-License-Identifier: BSD-3-Clause */
/* text_set.h - different texts, numbered in the order in which they came.
 *
 *     struct xb_text_set hosts = {.n = 0};
 *     xb_text_set_add(&hosts, "n1");       0
 *     xb_text_set_add(&hosts, "n2");       1
 *     xb_text_set_add(&hosts, "n1");       0 again: there are two
 *     xb_text_set_at(&hosts, 1);           "n2"
 *
 * The number is an index into whatever the caller keeps of each text. A text is found among n
 * by some log n comparisons: what looks for the names of all ranks one by one would take n of
 * them for each. The search is that of tsearch in <search.h>, which the C library keeps
 * balanced.
 */
#ifndef XB_BASE_TEXT_SET_H
#define XB_BASE_TEXT_SET_H

#include <stddef.h>
#include <stdint.h>

/* All zeros is an empty set. */
struct xb_text_set {
    void *tree;
    struct xb_text_entry **entry; /* by number */
    size_t n, room;
};

/* The number of a text, which is copied into the set where it is new: then it is what n was. -1
 * when out of memory, with the set as it was. */
int64_t xb_text_set_add(struct xb_text_set *set, const char *text);

/* The number of the text of len bytes, which need not end there, or -1. */
int64_t xb_text_set_find(const struct xb_text_set *set, const char *text, size_t len);

/* Text i, with i below n; it belongs to the set, and stays where it is while others come. */
const char *xb_text_set_at(const struct xb_text_set *set, size_t i);

/* Let go of all texts; the set is empty then. */
void xb_text_set_release(struct xb_text_set *set);

#endif
