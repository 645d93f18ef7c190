/* SPDX-License-Identifier: BSD-3-Clause */
/* student.c - Student's t. */
#include "model/figures/student.h"

#include <math.h>

#define HALVINGS 200

double xb_student_within(double t, int df)
{
    double angle = atan(t / sqrt(df)), c = cos(angle), term, sum;
    double pi = acos(-1);

    if (df % 2) {
        sum = df > 1 ? c : 0;
        term = c;
        for (int k = 3; k <= df - 2; k += 2)
            sum += term *= c * c * (k - 1) / k;
        return 2 / pi * (angle + sin(angle) * sum);
    }
    sum = term = 1;
    for (int k = 2; k <= df - 2; k += 2)
        sum += term *= c * c * (k - 1) / k;
    return sin(angle) * sum;
}

double xb_student_quantile(double level, int df)
{
    double lo = 0, hi = 1;

    while (xb_student_within(hi, df) < level && hi < 1e300)
        hi *= 2;
    for (int i = 0; i < HALVINGS && hi - lo > 1e-12 * hi; i++) {
        double middle = (lo + hi) / 2;
        if (xb_student_within(middle, df) < level)
            lo = middle;
        else
            hi = middle;
    }
    return (lo + hi) / 2;
}

void xb_mean_sd(const double *x, size_t n, double *mean, double *sd)
{
    double sum = 0, squares = 0;

    for (size_t i = 0; i < n; i++)
        sum += x[i];
    *mean = sum / (double)n;
    for (size_t i = 0; i < n; i++)
        squares += (x[i] - *mean) * (x[i] - *mean);
    *sd = n > 1 ? sqrt(squares / (double)(n - 1)) : 0;
}

bool xb_prediction_interval(const double *x, size_t n, double level, double *lo, double *hi)
{
    double mean, sd;

    if (n < 2)
        return false;
    xb_mean_sd(x, n, &mean, &sd);
    double half = xb_student_quantile(level, (int)n - 1) * sd * sqrt(1 + 1 / (double)n);
    *lo = mean - half;
    *hi = mean + half;
    return true;
}
