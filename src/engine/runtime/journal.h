/* journal.h - every result reaches the disk when it is there, so that a run that dies can be
 * resumed. Rank 0 alone uses it.
 *
 * "REPORT.journal" is one JSON value a line: a header, which says what is measured, by what and
 * where, then the cases of the report as they come, each with the steps of its schedule; before
 * a case has had all of its passes, what each of them gave. It is removed when the report
 * itself has been written.
 */
#ifndef XB_ENGINE_RUNTIME_JOURNAL_H
#define XB_ENGINE_RUNTIME_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "report/report.h"
#include "report/slice_file.h"

struct xb_journal; /* opaque */

/* What must agree between a run and the one it resumes; the last two, unless the user says
 * otherwise. */
struct xb_journal_key {
    uint64_t plan_hash;
    uint64_t seed;
    int nranks;
    const char *const *ranks; /* nranks times "HOST/GPU-UUID", or "HOST/-" without a GPU */
    const char *device;
    const struct xb_report *run; /* this run's: its build and environment. NULL: any will do */
    bool anyway;                 /* those may differ */
};

/* What a journal holds of cases that had not all of their passes when its run died. */
struct xb_journal_slices {
    struct xb_slice_entry *entry; /* owned */
    size_t n, room;
};
void xb_journal_slices_release(struct xb_journal_slices *slices);

/* Start the journal of a report file with the cases of the run that is resumed, NULL where none
 * is, and the slices of others; an old one of the same name is replaced, and stays where that
 * fails though it may be the one that is resumed. *out is NULL, which the other functions take,
 * when the file is there and not a regular one. Fails when it cannot be written, which tells
 * before the measuring that the report could not either. */
int xb_journal_open(const char *report_file, const struct xb_journal_key *key,
                    const struct xb_report *resumed, const struct xb_journal_slices *slices,
                    struct xb_journal **out, struct xb_error *err);

/* Append case i of a report and hand it to the system. */
int xb_journal_add(struct xb_journal *journal, const struct xb_report *report, size_t i,
                   struct xb_error *err);

/* Append what a pass, from 0, gave of a case that is to have more of them. It is with the
 * system at once, so that it outlives this process, and on the disk at the latest with a line
 * that follows a second later. */
int xb_journal_add_slice(struct xb_journal *journal, const char *id, int pass,
                         const struct xb_result *slice, struct xb_error *err);

/* Append what one lane of a case that is being measured came to. Its case follows, or is
 * measured again: such lines are for who looks into the journal of a run that died. */
int xb_journal_add_lane(struct xb_journal *journal, const struct xb_case *c,
                        const struct xb_lane_result *lane, struct xb_error *err);

/* Close, and remove the file where the report made it superfluous. NULL is allowed. */
void xb_journal_close(struct xb_journal *journal, int remove_file);

/* Read a report, or a journal into a report that has the cases, the build, the environment, and
 * of the run id, start and scenario. The caller releases it; on failure it is empty. slices
 * gets those of a journal that no case of theirs follows; NULL where nobody wants them. A last
 * line that was cut short is left out. Fails, naming file and difference, when it was made from
 * another plan or seed, by other ranks or on another device; also in another environment or by
 * another build, unless key says that these may differ. Without a key nothing is compared, and
 * of a journal the header alone is read. */
int xb_journal_load(const char *file, const struct xb_journal_key *key, struct xb_report *out,
                    struct xb_journal_slices *slices, struct xb_error *err);

/* The scenario and the seed that a report or journal was made from: JSON text, which the caller
 * frees. 0 or -1. */
int xb_journal_origin(const char *file, char **scenario, uint64_t *seed, struct xb_error *err);

#endif
