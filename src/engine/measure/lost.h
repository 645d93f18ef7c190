/* SPDX-License-Identifier: BSD-3-Clause */
/* lost.h - ranks whose device has failed for good: no later case touches it.
 *
 * Some errors leave a device unusable for as long as its process runs. A rank learns so of its
 * own device when a round has failed, and fails its lanes of later rounds when they are probed;
 * all ranks know behind the case. What goes on is what has no part in such a device.
 */
#ifndef XB_ENGINE_MEASURE_LOST_H
#define XB_ENGINE_MEASURE_LOST_H

#include <stdbool.h>

#include "base/error.h"
#include "engine/pipeline/transfer.h"
#include "engine/runtime/session.h"
#include "report/result.h"

/* What is known of one rank's device. */
struct xb_lost {
    char *
        text; /* owned; "GPU 0000:3b:00.0 is lost since case ...: ...", NULL while it is well */
    bool told; /* all ranks know */
};

/* Free what a session keeps account of. */
void xb_lost_release(struct xb_lost *lost, int nranks);

/* Is a rank's device known to be lost? Of its own rank at once, of others behind the case. */
bool xb_lost_is(const struct xb_session *session, int rank);

/* XB_GO, or XB_ERROR with since when this rank's own device is lost. */
int xb_lost_check(const struct xb_session *session, struct xb_error *err);

/* The same for this rank's part in a lane: XB_GO too where that does not need the device. */
int xb_lost_check_lane(const struct xb_transfer *t, struct xb_error *err);

/* XB_GO, or XB_ERROR with the first rank whose device is lost: the same on all between cases.
 */
int xb_lost_check_all(const struct xb_session *session, struct xb_error *err);

/* Put "rank 1 (n2): " and since when its device is lost into text, where it is: true. */
bool xb_lost_tell(const struct xb_session *session, int rank, struct xb_error *text);

/* Something of that case has failed on this rank: ask its device whether it is lost, and
 * remember it. For one rank itself. */
void xb_lost_note(const struct xb_session *session, const char *case_id);

/* Behind a case all ranks meet and tell each other whose device was lost in it. busy: see
 * xb_session_meet. */
void xb_lost_share(const struct xb_session *session, bool busy);

#endif
