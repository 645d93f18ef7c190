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

/* What a run wants a journal for. */
struct xb_journal_claim {
    const char *report_file; /* that it is beside */
    const char *resumed;     /* report or journal that is resumed, or NULL */
    bool force;              /* a journal that is there is replaced even if it is not resumed */
};

/* A journal starts in three steps, so that the one that is there, which may be the very one
 * that is resumed, stays as it is until the new one is complete and all else that a run needs
 * is there: it is opened, before what is resumed is read; filled; begun.
 *
 * To open it claims the output for this process, with a lock on the journal that goes with the
 * process: "REPORT.journal.new" is made, and that and a "REPORT.journal" that is there are
 * locked. Returns 0; XB_JOURNAL_TAKEN, with err filled, where another run writes to that output
 * now, or has left a journal with results that is neither resumed nor to be replaced by force;
 * -1 where it cannot be written, which tells before the measuring that the report could not
 * either. Links are not followed. *out is NULL, which the other functions take, when it is not
 * 0, or where the report file is there and not a regular one, a device say. */
#define XB_JOURNAL_TAKEN 1
int xb_journal_open(const struct xb_journal_claim *claim, struct xb_journal **out,
                    struct xb_error *err);

/* Write its header, the cases of the run that is resumed (NULL where none is) and the slices of
 * others, to the disk. */
int xb_journal_fill(struct xb_journal *journal, const struct xb_journal_key *key,
                    const struct xb_report *resumed, const struct xb_journal_slices *slices,
                    struct xb_error *err);

/* Give it its name, in place of the one that was there. Not 0 where it cannot, or another run
 * has begun one since. */
int xb_journal_begin(struct xb_journal *journal, struct xb_error *err);

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

/* Has it taken the place of the very journal that it goes on with? */
bool xb_journal_goes_on(const struct xb_journal *journal);

/* Close, and remove the file where the report, which is on the disk by now, made it
 * superfluous, or where it never began. NULL is allowed. */
void xb_journal_close(struct xb_journal *journal, bool remove_file);

/* Is there a journal of that name with its header? One that died while that was written says
 * nothing. */
bool xb_journal_has_header(const char *file);

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
