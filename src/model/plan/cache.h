/* SPDX-License-Identifier: BSD-3-Clause */
/* cache.h - where a case's bytes may lie when a transfer of them starts. */
#ifndef XB_MODEL_PLAN_CACHE_H
#define XB_MODEL_PLAN_CACHE_H

enum xb_cache {
    XB_CACHE_WARM, /* where the transfer before, and its check, have left them */
    XB_CACHE_COLD, /* in no cache: they were put out of them before each transfer */
};

/* "warm" and "cold", by number, NULL-terminated. */
extern const char *const xb_cache_names[];

#endif
