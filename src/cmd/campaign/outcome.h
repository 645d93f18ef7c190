/* SPDX-License-Identifier: BSD-3-Clause */
/* outcome.h - what became of a launch, and why. */
#ifndef XB_CMD_CAMPAIGN_OUTCOME_H
#define XB_CMD_CAMPAIGN_OUTCOME_H

#include "base/error.h"
#include "cmd/campaign/child.h"
#include "cmd/campaign/record.h"

/* Its status by how its processes ended and what its report is. It is done where it ended by
 * itself with a status that `run` gives after its last case (0, 1, 3 or 4), and its report is
 * whole: cases in it may have failed. Where it is not done, why says so in words, with what its
 * log has to say. Files by their paths. */
enum xb_launch_status xb_outcome(const struct xb_child_end *end, const char *report,
                                 const char *log, struct xb_error *why);

/* How one ended that is not done: "ended by signal 9 (Killed) after 3.1 s", into buf, which is
 * returned. */
#define XB_OUTCOME_LEN 160
const char *xb_outcome_words(const struct xb_child_end *end, char buf[XB_OUTCOME_LEN]);

/* The last lines of its log that say something, without the command that stands first; of a
 * long line its beginning. Returns how many; none where it cannot be read. */
#define XB_LAST_LINES    24
#define XB_LAST_LINE_LEN 512
size_t xb_outcome_last_lines(const char *log, char lines[XB_LAST_LINES][XB_LAST_LINE_LEN]);

#endif
