/* SPDX-License-Identifier: BSD-3-Clause */
/* wildcard.h - texts that are named by a pattern. */
#ifndef XB_BASE_WILDCARD_H
#define XB_BASE_WILDCARD_H

#include <stdbool.h>

/* Is the text what the pattern says? `*` stands for any bytes or none, `?` for one byte.
 * Brackets are themselves, since they stand in the ids of cases. */
bool xb_wildcard_matches(const char *pattern, const char *text);

#endif
