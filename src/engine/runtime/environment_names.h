/* SPDX-License-Identifier: BSD-3-Clause */
/* environment_names.h - variables of NCCL, UCX and UCC that are known by name. */
#ifndef XB_ENGINE_RUNTIME_ENVIRONMENT_NAMES_H
#define XB_ENGINE_RUNTIME_ENVIRONMENT_NAMES_H

#include <stdbool.h>

/* Is this one of them? */
bool xb_environment_is_known(const char *name);

#endif
