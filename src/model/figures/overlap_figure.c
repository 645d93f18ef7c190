/* SPDX-License-Identifier: BSD-3-Clause */
/* overlap_figure.c - how much of the overlap that three stages allow was reached. */
#include "model/figures/overlap_figure.h"

#include <math.h>

double xb_overlap_reached(const double *busy_us, size_t nstages, long images, double total_us)
{
    double serial = 0, most = 0;

    for (size_t i = 0; i < nstages; i++) {
        serial += busy_us[i];
        most = fmax(most, busy_us[i]);
    }
    if (images < 2 || !(serial > 0 && serial - most >= XB_OVERLAP_LEAST * serial))
        return NAN;
    return (serial - total_us) / (serial - most);
}
