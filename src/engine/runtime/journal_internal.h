/* journal_internal.h - what writing and reading a journal share. */
#ifndef XB_ENGINE_RUNTIME_JOURNAL_INTERNAL_H
#define XB_ENGINE_RUNTIME_JOURNAL_INTERNAL_H

#include "report/report.h"

#define XB_JOURNAL_NAME    "xferbench-journal"
#define XB_JOURNAL_VERSION 3
#define XB_JOURNAL_LANE    "lane"  /* the key of a line that holds one lane of a case */
#define XB_JOURNAL_SLICE   "slice" /* of one that holds what a pass gave of a case */

/* The first line of a journal. */
struct xb_journal_header {
    char *name;
    int64_t version;
    uint64_t plan_hash, seed;
    char *device;
    struct xb_texts ranks;
    char *run_id, *start_utc;
    cJSON *scenario;
    struct xb_report_build build;
    struct xb_report_environment environment;
};

extern const struct xb_field xb_journal_header_fields[];

#endif
