/* SPDX-License-Identifier: BSD-3-Clause */
/* csv_columns.h - the columns of reports as CSV. docs/reports.md lists them; new ones go to the
 * end of their group, and none ever changes its name, for programs know them by it.
 */
#ifndef XB_REPORT_FORMATS_CSV_COLUMNS_H
#define XB_REPORT_FORMATS_CSV_COLUMNS_H

/* Where the value stands in the JSON of a case, a step of its schedule or a lane, and the title
 * where that is not the path with "_" between its parts. A list ends with a NULL path. */
struct xb_csv_column {
    const char *path, *title;
};

/* What tells cases apart; options follow. */
extern const struct xb_csv_column xb_csv_key_columns[];

/* What a case came to; figures of methods follow. */
extern const struct xb_csv_column xb_csv_case_columns[];

/* Of a row for each lane: who it is, and what it came to. */
extern const struct xb_csv_column xb_csv_step_columns[], xb_csv_lane_columns[];

/* Titles of what csv.c finds by itself, NULL-terminated: of a row's run, and of a lane's ends.
 */
extern const char *const xb_csv_run_titles[], *const xb_csv_end_titles[];

#endif
