/* SPDX-License-Identifier: BSD-3-Clause */
/* json_differences.h - where two JSON values differ. */
#ifndef XB_BASE_JSON_DIFFERENCES_H
#define XB_BASE_JSON_DIFFERENCES_H

#include <stddef.h>

#include <cjson/cJSON.h>

/* Write to text, cut at len, the first differences, at most so many, by their paths: "a.b was
 * 1, is 2; c[3] was nothing, is "x"". Members may stand in any order; a value of another type
 * is one difference. Returns how many there are in all; then "" where there is none, and "and 3
 * more" behind those that are named. -1 when out of memory. */
int xb_json_differences(const cJSON *was, const cJSON *is, int most, char *text, size_t len);

#endif
