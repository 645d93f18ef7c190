/* SPDX-License-Identifier: BSD-3-Clause */
/* chunk_work.h - what is done with the chunks of a transfer while they rest in a ring. */
#ifndef XB_MODEL_PLAN_CHUNK_WORK_H
#define XB_MODEL_PLAN_CHUNK_WORK_H

#include "model/plan/plan.h"

enum xb_chunk_work {
    XB_CHUNK_AS_IS,
    XB_CHUNK_CHECKSUM, /* the sum of its 64-bit words, modulo 2^64, is taken */
    XB_CHUNK_CONVERT,  /* its 32-bit floats become bfloat16: half as many bytes */
};
/* As choices of an option. */
#define XB_CHUNK_WORK_NAMES "none", "checksum", "convert"

/* What a case does with them: the value of its method's chunk_work_option, XB_CHUNK_AS_IS where
 * it has none. */
enum xb_chunk_work xb_case_chunk_work(const struct xb_case *c);

/* How many bytes of the source become one of the destination: 2 where they are converted, else
 * 1. */
uint64_t xb_case_shrinks(const struct xb_case *c);

/* Can such a case be: is there a whole number of floats in each chunk, and is what was
 * converted not sent on? 0, or 1 with the reason. */
int xb_case_chunk_work_fits(const struct xb_case *c, struct xb_error *err);

#endif
