/* SPDX-License-Identifier: BSD-3-Clause */
/* journal.h - every result reaches the disk when it is there, so that a run that dies can be
 * resumed, and stays there until it comes back for the report: who measures keeps only where it
 * stands. Rank 0 alone uses it.
 *
 * "REPORT.journal" is one JSON value a line: a header, which says what is measured, by what and
 * where, then the cases of the report as they come, each with the steps of its schedule; before
 * a case has had all of its passes, what each of them gave, with where the line of the pass
 * before begins. It is removed when the report itself has been written.
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
    bool *differs;               /* is set where something that must agree does not; or NULL */
};

/* Where a line begins, in bytes; of none. */
#define XB_NOWHERE INT64_C(-1)

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

/* One without a name, for a report that goes to no file: it holds what was measured until that
 * comes back, and goes with this process. -1 where there is no room for one. */
int xb_journal_nameless(struct xb_journal **out, struct xb_error *err);

/* Is it there for a later run, should this one die? Not where it is NULL. */
bool xb_journal_is_kept(const struct xb_journal *journal);

/* Write its header. What the run that is resumed has follows, before the journal begins. */
int xb_journal_fill(struct xb_journal *journal, const struct xb_journal_key *key,
                    struct xb_error *err);

/* Wait until what it has is on the disk, and give it its name, in place of the one that was
 * there. Not 0 where it cannot, or another run has begun one since. */
int xb_journal_begin(struct xb_journal *journal, struct xb_error *err);

/* Append a case of a report; once the journal has begun it is on the disk then. *where is its
 * line, XB_NOWHERE where it could not be written, or the disk not be waited for. */
int xb_journal_add(struct xb_journal *journal, const struct xb_report *report,
                   const struct xb_report_case *c, int64_t *where, struct xb_error *err);

/* The same of what there is of a case that had not all of its passes when the run ended: for
 * this run to read back. Who resumes goes by what each pass gave. */
int xb_journal_add_partial(struct xb_journal *journal, const struct xb_report *report,
                           const struct xb_report_case *c, int64_t *where,
                           struct xb_error *err);

/* Append what a pass, from 0, gave of a case that is to have more of them, behind the line of
 * the pass before. It is with the system at once, so that it outlives this process, and on the
 * disk at the latest with a line that follows a second later. *where as above. */
int xb_journal_add_slice(struct xb_journal *journal, const char *id, int pass,
                         const struct xb_result *slice, int64_t before, int64_t *where,
                         struct xb_error *err);

/* Append what one lane of a case that is being measured came to. Its case follows, or is
 * measured again: such lines are for who looks into the journal of a run that died. */
int xb_journal_add_lane(struct xb_journal *journal, const struct xb_case *c,
                        const struct xb_lane_result *lane, struct xb_error *err);

/* Read back a case, whole or partial, that was added; as xb_report_read_case does. */
int xb_journal_case(struct xb_journal *journal, int64_t where, struct xb_report *report,
                    struct xb_report_case *out, struct xb_error *err);

/* Read back what each of n passes gave of a case, of which the last is at `where`, in their
 * order: take is called for each, and may empty what it gets. One of them is in memory at a
 * time, and where all of them stand. -1 also where take returns it. */
typedef int xb_journal_take_slice(void *arg, struct xb_slice_entry *slice,
                                  struct xb_error *err);
int xb_journal_slices(struct xb_journal *journal, int64_t where, size_t n,
                      xb_journal_take_slice *take, void *arg, struct xb_error *err);

/* Has it taken the place of the very journal that it goes on with? */
bool xb_journal_goes_on(const struct xb_journal *journal);

/* Close, and remove the file where the report, which is on the disk by now, made it
 * superfluous, or where it never began. NULL is allowed. */
void xb_journal_close(struct xb_journal *journal, bool remove_file);

/* Is there a journal of that name with its header? One that died while that was written says
 * nothing. */
bool xb_journal_has_header(const char *file);

/* Who takes what a report or journal has, one at a time in the order of the file: cases, whose
 * schedules are among those of `of`, and what passes gave of cases. A slice stands behind the
 * case of its id where that was not good and was being measured again, else before it. Both may
 * empty what they get. -1 ends the reading. */
struct xb_journal_taker {
    int (*take_case)(void *arg, const struct xb_report *of, struct xb_report_case *c,
                     struct xb_error *err);
    xb_journal_take_slice *take_slice;
    void *arg;
};

/* Read a report, or a journal line by line. out becomes a report without cases: that report's,
 * or one that has of the journal the build, the environment, and of the run id, start and
 * scenario. The caller releases it; on failure it is empty. A last line that was cut short is
 * left out. Fails, naming file and difference, when it was made from another plan or seed, by
 * other ranks or on another device; also in another environment or by another build, unless key
 * says that these may differ. Without a key nothing is compared, and nobody takes anything: of
 * a journal the header alone is read. A report is read whole, and in memory until all of its
 * cases were taken. */
int xb_journal_load(const char *file, const struct xb_journal_key *key,
                    const struct xb_journal_taker *taker, struct xb_report *out,
                    struct xb_error *err);

/* The scenario and the seed that a report or journal was made from: JSON text, which the caller
 * frees. 0 or -1. */
int xb_journal_origin(const char *file, char **scenario, uint64_t *seed, struct xb_error *err);

/* The label of the run that a report or journal is of; the caller frees it. NULL where it has
 * none or cannot be read. */
char *xb_journal_label(const char *file);

/* The command line that a report or journal was made by, as a shell takes it; the caller frees
 * it. NULL where it cannot be read or does not say. */
char *xb_journal_command(const char *file);

#endif
