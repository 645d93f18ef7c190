/* SPDX-License-Identifier: BSD-3-Clause */
/* traffic_file.h - an application's traffic in a file: a matrix of bytes.
 *
 *     # four ranks on a ring
 *     0      1MiB   0      64KiB
 *     64KiB  0      1MiB   0
 *     0      64KiB  0      1MiB
 *     1MiB   0      64KiB  0
 *
 * Row r has what rank r sends, column c what rank c receives. Numbers are bytes, with a unit or
 * without; 0 is no lane. They stand apart by spaces, or by commas or semicolons. What follows a
 * `#` is for people, and empty lines do not count. Tables with titles are read too, as pandas
 * writes them: where the first line begins with a comma it has the titles of the columns, and
 * the first cell of each line behind it that of its row.
 */
#ifndef XB_MODEL_SCENARIO_TRAFFIC_FILE_H
#define XB_MODEL_SCENARIO_TRAFFIC_FILE_H

#include <stddef.h>

#include "base/error.h"
#include "model/plan/traffic.h"

#define XB_TRAFFIC_FILE_BYTES (64u << 20) /* the largest that is read */
#define XB_TRAFFIC_RANKS      4096        /* of a matrix, at most */

/* Read text of so many bytes, a NUL behind them; name is the file's, for errors, which name
 * line, column, what was found and what was expected. The lanes are the caller's to free; none
 * after a failure. */
int xb_traffic_file_parse(const char *name, const char *text, size_t len,
                          struct xb_traffic *out, struct xb_error *err);

#endif
