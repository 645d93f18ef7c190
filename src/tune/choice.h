/* SPDX-License-Identifier: BSD-3-Clause */
/* choice.h - which of the ways that were measured to take. Pure functions.
 *
 * Finalists are trials that were measured in passes. Where a point has some, they alone
 * are chosen from: of many trials that were measured once the fastest is also the luckiest. A
 * contender is a finalist than which no other is faster beyond doubt, so that the intervals of
 * all contenders overlap: between them times do not tell, and the simplest is taken.
 */
#ifndef XB_TUNE_CHOICE_H
#define XB_TUNE_CHOICE_H

#include "model/scenario/catalog.h"
#include "tune/tuning.h"

#define XB_FINALISTS       4   /* of a point at most */
#define XB_FINALIST_WITHIN 1.5 /* times the fastest of the search */

/* What to prefer where times do not tell. */
struct xb_preference {
    const struct xb_catalog *catalog; /* with the table of methods */
    const struct xb_case *before;     /* chosen for the next smaller size; NULL for none */
};

/* Is a simpler than b? By the first of these in which they differ:
 * 1. it goes on with the method and options that were chosen for the next smaller size, so that
 *    the policy has fewer rules; then with its chunk and depth too;
 * 2. it cuts a transfer into fewer pieces: one where it is not chunked;
 * 3. it has less depth;
 * 4. its method stands first in the table;
 * 5. fewer of its options are other than their defaults;
 * 6. its id comes first, which only makes the answer the same everywhere. */
bool xb_is_simpler(const struct xb_case *a, const struct xb_case *b,
                   const struct xb_preference *by);

/* Do the intervals of two trials not touch? */
bool xb_trials_part(const struct xb_trial *a, const struct xb_trial *b);

/* The fastest ok trial of a point, of its finalists if there are any; or NULL. */
const struct xb_trial *xb_trials_best(const struct xb_trials *trials,
                                      const struct xb_point *point);

/* The smallest best_us of a point, in microseconds; 0 where nothing was ok. Where some
 * were measured at several moments, it is one of theirs. */
double xb_trials_best_us(const struct xb_trials *trials, const struct xb_point *point);

/* Indices of the trials to measure in passes: the fastest of each method with its options that
 * is within XB_FINALIST_WITHIN of the fastest of all, fastest first. Returns how many. */
size_t xb_trials_finalists(const struct xb_trials *trials, const struct xb_point *point,
                           size_t out[XB_FINALISTS]);

/* The one to choose: the simplest contender. Where there are no finalists it is the fastest,
 * unless the intervals of the fastest and of a trial that goes on with what was chosen for the
 * size before overlap; then that one. NULL where nothing was ok. */
const struct xb_trial *xb_trials_choose(const struct xb_trials *trials,
                                        const struct xb_point *point,
                                        const struct xb_preference *by);

/* The other contender number i of the point of one that was chosen, from which it does
 * not part; NULL behind the last, and where nothing was measured in passes. */
const struct xb_trial *xb_trials_rival(const struct xb_trials *trials,
                                       const struct xb_trial *chosen, size_t i);

#endif
