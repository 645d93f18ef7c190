/* SPDX-License-Identifier: BSD-3-Clause */
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

/* Fill what a report's head says of the build alone, with constant strings. Needs no session
 * and no MPI. */
void xb_environment_build(struct xb_report_head *head);

/* The first line of what the MPI library that is loaded says of itself, into buf, which it
 * returns. May be called before MPI is started, and after it has ended. */
#define XB_MPI_LIBRARY_LEN 512
const char *xb_environment_mpi_library(char buf[XB_MPI_LIBRARY_LEN]);

#endif
