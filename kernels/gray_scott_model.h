/* SPDX-License-Identifier: BSD-3-Clause */
/* gray_scott_model.h - the reaction-diffusion system of Gray and Scott, for C and CUDA alike.
 *
 *   du/dt = Du lap(u) - u v^2 + F (1 - u)
 *   dv/dt = Dv lap(v) + u v^2 - (F + k) v
 *
 * on a periodic grid, by explicit Euler steps and the Laplacian of five points. Equations and
 * numbers are those of J. E. Pearson, "Complex Patterns in a Simple System", Science 261 (1993)
 * 189-192: 256 points over a length of 2.5, Du = 2e-5, Dv = 1e-5, a time step of 1; F and k are
 * from the middle of the range that he shows. Diffusion stands here as D dt / dx^2.
 */
#ifndef XB_KERNELS_GRAY_SCOTT_MODEL_H
#define XB_KERNELS_GRAY_SCOTT_MODEL_H

#define XB_GRAY_SCOTT_DU 0.2097152 /* 2e-5 * 1 / (2.5 / 256)^2 */
#define XB_GRAY_SCOTT_DV 0.1048576
#define XB_GRAY_SCOTT_DT 1.0
#define XB_GRAY_SCOTT_F  0.04
#define XB_GRAY_SCOTT_K  0.06

#define XB_GRAY_SCOTT_MULTIPLE 4 /* widths are multiples of it, so that rows are of quads */

#endif
