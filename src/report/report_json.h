/* SPDX-License-Identifier: BSD-3-Clause */
/* report_json.h - building JSON objects, for the report's own files and policies.
 *
 * Each step of building takes over what it is given and tells whether it worked, so a builder
 * is one chain of steps joined by && that ends in xb_report_done.
 */
#ifndef XB_REPORT_REPORT_JSON_H
#define XB_REPORT_REPORT_JSON_H

#include <stdbool.h>

#include <cjson/cJSON.h>

/* Add value to an object or an array. False when memory ran out for object, value or the link;
 * then value is freed. The key is copied. */
bool xb_report_put(cJSON *object, const char *key, cJSON *value);
bool xb_report_push(cJSON *array, cJSON *value);

/* The item if it is complete; else NULL, and the item is freed. */
cJSON *xb_report_done(cJSON *item, bool complete);

/* A string, or null for NULL and "". The caller owns it; NULL when out of memory. */
cJSON *xb_report_text(const char *text);

/* A number, or null for what JSON has no number for (NaN, infinity). As above. */
cJSON *xb_report_number(double value);

/* True or false, or null for -1. As above. */
cJSON *xb_report_flag(int flag);

/* A rate above zero, rounded, or null: 0 and -1 stand for what is not known. As above. */
cJSON *xb_report_known(double value);

/* A time in microseconds to 0.1 ns, and a rate or ratio to 6 digits, as a report has them. */
double xb_round_us(double us);
double xb_round_ratio(double value);

#endif
