/* SPDX-License-Identifier: BSD-3-Clause */
/* compare_noise.h - how much launches of one and the same setting differ on a machine, recorded
 * for comparisons that have too few launches to tell it by themselves.
 *
 * A file (schema "xferbench-noise", results/schema/noise-v1.schema.json) has, for each case,
 * the standard deviation between launches of the logarithm of its time, and of how many
 * launches.
 */
#ifndef XB_REPORT_COMPARE_NOISE_H
#define XB_REPORT_COMPARE_NOISE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "report/fields.h"

struct xb_launches;

#define XB_NOISE_NAME    "xferbench-noise"
#define XB_NOISE_VERSION 1

struct xb_noise_case {
    char *id;
    int64_t launches;
    double log_sd; /* n-1 in the denominator */
};

struct xb_noise {
    struct xb_texts gpus;  /* names of the machine's GPUs, by rank */
    struct xb_texts hosts; /* by node */
    struct xb_list cases;  /* of struct xb_noise_case, ordered by id */
};

/* Of a set of launches: the cases that two launches or more have measured. Fails below two
 * launches. The caller releases it. */
int xb_noise_make(const struct xb_launches *launches, size_t set, struct xb_noise *out,
                  struct xb_error *err);
void xb_noise_release(struct xb_noise *noise);

/* What is recorded of a case, or NULL. */
const struct xb_noise_case *xb_noise_find(const struct xb_noise *noise, const char *id);

/* Are the launches' machines of the kind that the noise was recorded on: have they the same
 * GPUs or, where there were none, are they the same hosts? */
bool xb_noise_fits(const struct xb_noise *noise, const struct xb_launches *launches);

/* Write it to a file, which is replaced only where replace says so, and read it back; each
 * error names the file and what was wrong. The caller releases what was loaded. */
int xb_noise_save(const struct xb_noise *noise, const char *file, bool replace,
                  struct xb_error *err);
int xb_noise_load(const char *file, struct xb_noise *out, struct xb_error *err);

#endif
