/* SPDX-License-Identifier: BSD-3-Clause */
/* contention.h - what a lane loses in company: its time beside others over its time alone.
 *
 * A case that is told to find it measures its lanes by themselves too, in rounds before the one
 * in which they are busy together, in the same run and the same passes. Of four lanes that is
 * four rounds more; with `pairs`, in which each two are measured together as well, ten. What
 * two lanes share is seen there: the pairs of GPUs below one PCI Express switch.
 */
#ifndef XB_MODEL_PLAN_CONTENTION_H
#define XB_MODEL_PLAN_CONTENTION_H

#include <stddef.h>

/* What a scenario's case asks for. */
enum xb_contention {
    XB_CONTENTION_NONE,
    XB_CONTENTION_ALL,   /* each chain of a round alone, then all of them */
    XB_CONTENTION_PAIRS, /* each alone, each two, then all */
};

/* "none", "all", "pairs", NULL-terminated, in the order of the enum. */
extern const char *const xb_contention_names[];

/* Who is busy at the same time as a lane. */
enum xb_company {
    XB_COMPANY_ALL, /* all that the pattern means to be */
    XB_COMPANY_ALONE,
    XB_COMPANY_TWO, /* the lane and one other */
};
#define XB_COMPANIES 3

/* "all", "alone", "two"; a constant string. */
const char *xb_company_name(enum xb_company company);

/* How many rounds there are in place of one of so many chains. */
size_t xb_contention_rounds(enum xb_contention contention, size_t chains);

/* How many lanes these rounds have together, in place of one of so many chains and lanes. */
size_t xb_contention_lanes(enum xb_contention contention, size_t chains, size_t lanes);

/* Of these rounds number i, from 0: who is busy, and the chains where that is not all: one, or
 * two with the lower one first. */
enum xb_company xb_contention_round(enum xb_contention contention, size_t chains, size_t i,
                                    size_t chain[2]);

#endif
