/* SPDX-License-Identifier: BSD-3-Clause */
/* tables.h - a row for each member of a report's structs, for writer and reader. */
#ifndef XB_REPORT_TABLES_H
#define XB_REPORT_TABLES_H

#include "report/fields.h"

extern const struct xb_field xb_report_use_fields[];
extern const struct xb_field xb_report_fields[];
extern const struct xb_field xb_report_run_fields[];
extern const struct xb_field xb_report_build_fields[];
extern const struct xb_field xb_report_environment_fields[];
extern const struct xb_field xb_report_case_fields[];
extern const struct xb_field xb_report_key_fields[];
extern const struct xb_field xb_report_choice_fields[];
extern const struct xb_field xb_report_lane_fields[];
extern const struct xb_field xb_report_setup_fields[];
extern const struct xb_field xb_report_carried_fields[];
extern const struct xb_field xb_report_pipeline_fields[];
extern const struct xb_field xb_report_path_fields[];
extern const struct xb_field xb_report_schedule_fields[]; /* one row without a name */
extern const struct xb_field xb_report_step_fields[];
extern const struct xb_field xb_report_rank_fields[];

/* Lanes of version 1: a step's ranks and endpoints, and nothing else. */
extern const struct xb_field xb_report_lane_1_fields[];

#endif
