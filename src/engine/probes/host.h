/* SPDX-License-Identifier: BSD-3-Clause */
/* host.h - what the operating system of this rank's node says of itself. */
#ifndef XB_ENGINE_PROBES_HOST_H
#define XB_ENGINE_PROBES_HOST_H

#include "report/host_facts.h"

/* Read them from the files below root, "" for this machine's own; what is not there stays
 * unknown. The kernel, the host's name, the load and the processors are this machine's. For one
 * rank itself. */
void xb_host_read(const char *root, struct xb_host_facts *out);

#endif
