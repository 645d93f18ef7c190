/* SPDX-License-Identifier: BSD-3-Clause */
/* journal_internal.h - what the files of the journal share. */
#ifndef XB_ENGINE_RUNTIME_JOURNAL_INTERNAL_H
#define XB_ENGINE_RUNTIME_JOURNAL_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/report.h"

#define XB_JOURNAL_NAME    "xferbench-journal"
#define XB_JOURNAL_VERSION 3
#define XB_JOURNAL_LANE    "lane"    /* the key of a line that holds one lane of a case */
#define XB_JOURNAL_PARTIAL "partial" /* of one that holds a case without all of its passes */
#define XB_JOURNAL_SLICE   "slice"   /* of one that holds what a pass gave of a case, */
#define XB_JOURNAL_BEFORE  "before"  /* and, last, where the pass before stands, or null */

/* A journal that is being written; its file is locked as long as it is open. */
struct xb_journal {
    int fd;           /* for writing and reading back; -1 before it is open */
    int64_t end;      /* of what was written */
    char *name;       /* "REPORT.journal"; of one without a name what errors call it */
    char *new_name;   /* that the file has until it begins: "REPORT.journal.new"; or NULL */
    int old;          /* the journal that it will replace, locked; -1 where none is */
    bool goes_on;     /* with that one */
    bool begun;       /* it has its name */
    double synced_us; /* when it was last on the disk */
    char *line;       /* owned; the last that was read back */
    size_t room;      /* of it */
};

/* The first line of a journal. */
struct xb_journal_header {
    char *name;
    int64_t version;
    uint64_t plan_hash, seed;
    char *device;
    struct xb_texts ranks;
    char *run_id, *label, *start_utc;
    struct xb_texts argv; /* that the run was started with */
    char *host;           /* of the process that writes it, and its number there */
    int64_t pid;
    cJSON *scenario;
    struct xb_report_build build;
    struct xb_report_environment environment;
};

extern const struct xb_field xb_journal_header_fields[];

/* Wait until what it has is on the disk. */
int xb_journal_sync(struct xb_journal *journal, struct xb_error *err);

/* Is it the beginning of a header and no more, or empty? */
bool xb_journal_is_cut(const char *file);

/* Are there cases in it, or what passes gave of some? */
bool xb_journal_has_results(const char *file);

/* The header of a journal, which the caller releases by its rows. -1 where there is none that
 * is whole, or of another version; then it is empty. */
int xb_journal_head(const char *file, struct xb_journal_header *out);

#endif
