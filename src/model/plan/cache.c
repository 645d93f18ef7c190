/* SPDX-License-Identifier: BSD-3-Clause */
/* cache.c - the names of what caches may hold. */
#include "model/plan/cache.h"

#include <stddef.h>

const char *const xb_cache_names[] = {[XB_CACHE_WARM] = "warm", [XB_CACHE_COLD] = "cold", NULL};
