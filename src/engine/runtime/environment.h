/* environment.h - what a report says of the build, the libraries and the environment. */
#ifndef XB_ENGINE_RUNTIME_ENVIRONMENT_H
#define XB_ENGINE_RUNTIME_ENVIRONMENT_H

#include "base/error.h"
#include "engine/runtime/session.h"
#include "report/report.h"

struct xb_environment; /* opaque; owns the strings that the head borrows */

/* Fill those parts of a report's head that stand for the build, the libraries, the ranks and
 * the allow-listed environment variables (rank 0's own). The caller closes the environment when
 * the head is no longer used. NULL when out of memory. */
struct xb_environment *xb_environment_open(const struct xb_session *session,
                                           struct xb_report_head *head);
void xb_environment_close(struct xb_environment *env);

#endif
