/* journal_internal.h - what the files of the journal share. */
#ifndef XB_ENGINE_RUNTIME_JOURNAL_INTERNAL_H
#define XB_ENGINE_RUNTIME_JOURNAL_INTERNAL_H

#include <stdbool.h>
#include <stdio.h>

#include "report/report.h"

#define XB_JOURNAL_NAME    "xferbench-journal"
#define XB_JOURNAL_VERSION 3
#define XB_JOURNAL_LANE    "lane"  /* the key of a line that holds one lane of a case */
#define XB_JOURNAL_SLICE   "slice" /* of one that holds what a pass gave of a case */

/* A journal that is being written; its file is locked as long as it is open. */
struct xb_journal {
    FILE *file;
    char *name;       /* "REPORT.journal" */
    char *new_name;   /* that the file has until it begins: "REPORT.journal.new" */
    int old;          /* the journal that it will replace, locked; -1 where none is */
    bool goes_on;     /* with that one */
    bool begun;       /* it has its name */
    double synced_us; /* when it was last on the disk */
};

/* The first line of a journal. */
struct xb_journal_header {
    char *name;
    int64_t version;
    uint64_t plan_hash, seed;
    char *device;
    struct xb_texts ranks;
    char *run_id, *start_utc;
    char *host; /* of the process that writes it, and its number there */
    int64_t pid;
    cJSON *scenario;
    struct xb_report_build build;
    struct xb_report_environment environment;
};

extern const struct xb_field xb_journal_header_fields[];

/* Is it the beginning of a header and no more, or empty? */
bool xb_journal_is_cut(const char *file);

/* Are there cases in it, or what passes gave of some? */
bool xb_journal_has_results(const char *file);

/* The header of a journal, which the caller releases by its rows. -1 where there is none that
 * is whole, or of another version; then it is empty. */
int xb_journal_head(const char *file, struct xb_journal_header *out);

#endif
