/* SPDX-License-Identifier: BSD-3-Clause */
/* student.h - what few values of a normal distribution tell: Student's t, and where the next
 * value will lie. Pure numbers in and out. */
#ifndef XB_MODEL_FIGURES_STUDENT_H
#define XB_MODEL_FIGURES_STUDENT_H

#include <stdbool.h>
#include <stddef.h>

/* P(|T| <= t) of Student's distribution with df >= 1 degrees of freedom, t >= 0. The finite
 * sums of M. Abramowitz, I. A. Stegun, "Handbook of mathematical functions", 1964, 26.7.3
 * and 26.7.4.
 */
double xb_student_within(double t, int df);

/* The t with P(|T| <= t) = level, 0 <= level < 1: 2.776 for 0.95 and 4 degrees of freedom. By
 * halving, to 1e-12 of itself. */
double xb_student_quantile(double level, int df);

/* Mean and standard deviation (n-1) of n >= 1 values; the deviation of one value is 0. */
void xb_mean_sd(const double *x, size_t n, double *mean, double *sd);

/* An interval that holds one more value of the same normal distribution with this probability:
 * mean +- t(n-1) sd sqrt(1 + 1/n). False, and nothing written, below two values. Source: G. J.
 * Hahn, "Factors for calculating two-sided prediction intervals for samples from a normal
 * distribution", JASA 64, 1969; W. Q. Meeker, G. J. Hahn, L. A. Escobar, "Statistical
 * intervals", 2nd ed., 2017, section 4.7. */
bool xb_prediction_interval(const double *x, size_t n, double level, double *lo, double *hi);

#endif
