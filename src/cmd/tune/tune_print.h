/* SPDX-License-Identifier: BSD-3-Clause */
/* tune_print.h - what tune found, as text. */
#ifndef XB_CMD_TUNE_TUNE_PRINT_H
#define XB_CMD_TUNE_TUNE_PRINT_H

#include <stdio.h>

#include "tune/tune.h"

/* What it came to. */
struct xb_tune_results {
    struct xb_regret fixed, tuned;
    size_t measured;        /* trials that were ok */
    size_t finalists;       /* of these, in passes */
    double finals_s;        /* that the finalists of the search took */
    double tuning_s, all_s; /* until the policy stood, and with the regrets */
};

/* Print ranges, crossovers, what did not part, chunks and regrets. */
void xb_tune_print(const struct xb_tune *tune, const struct xb_tune_results *results,
                   FILE *out);

#endif
