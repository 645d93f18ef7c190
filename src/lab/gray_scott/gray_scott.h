/* SPDX-License-Identifier: BSD-3-Clause */
/* gray_scott.h - the Gray-Scott system on the CPU: the cpu device's own solver in single
 * precision, and one in double precision that devices are compared with. Model and numbers are
 * in kernels/gray_scott_model.h.
 *
 * A field is width x height values whose rows follow one another, width and height at least 1.
 */
#ifndef XB_LAB_GRAY_SCOTT_GRAY_SCOTT_H
#define XB_LAB_GRAY_SCOTT_GRAY_SCOTT_H

#include <stddef.h>

/* Write the state at the beginning: u = 1 and v = 0 but for a rectangle in the middle with 1/2
 * and 1/4, as Pearson begins, and up to 1 % of noise everywhere, so that no two cells agree and
 * a misplaced one shows. The same numbers in both precisions. */
void xb_gray_scott_begin_float(float *u, float *v, int width, int height);
void xb_gray_scott_begin_double(double *u, double *v, int width, int height);

/* One step from fields u and v to others. */
void xb_gray_scott_step_float(const float *u, const float *v, float *to_u, float *to_v,
                              int width, int height);
void xb_gray_scott_step_double(const double *u, const double *v, double *to_u, double *to_v,
                               int width, int height);

/* Field v after so many steps from the beginning, in double precision; the caller frees it.
 * NULL when out of memory. */
double *xb_gray_scott_solve(int width, int height, long steps);

/* Sum of n values, in double precision and in an order that depends on n alone. */
double xb_gray_scott_sum(const float *v, size_t n);

/* Relative error ||got - want|| / ||want|| of n values, in the Euclidean norm. */
double xb_gray_scott_error(const float *got, const double *want, size_t n);

#endif
