/* SPDX-License-Identifier: BSD-3-Clause */
/* overlap_figure.h - how much of the overlap that three stages allow was reached.
 *
 * n images go through stages that were busy for S_1, S_2, S_3 in all, t_i = S_i / n for each
 * image in the mean. One after the other they take T_serial = S_1 + S_2 + S_3. A stage is one
 * worker (a thread, a device) that has n pieces of work of t_i each, so no arrangement takes
 * less than n * max t_i = max S_i. What was reached of what is possible is therefore
 *
 *   (T_serial - T) / (T_serial - n * max t_i)
 *
 * 0 where nothing overlapped, 1 where the slowest stage was never idle. The bound leaves out
 * that a pipeline fills and drains: the first image passes all stages before the slowest one is
 * alone, so T >= T_serial / n + (n - 1) * max t_i, and the most that n images of equal cost
 * can reach is 1 - 1/n. A negative value says that T holds time of no stage.
 */
#ifndef XB_MODEL_FIGURES_OVERLAP_FIGURE_H
#define XB_MODEL_FIGURES_OVERLAP_FIGURE_H

#include <stddef.h>

/* Where all but the busiest stage have less than this share of the time together, there is
 * nothing to overlap, and a figure would be noise. */
#define XB_OVERLAP_LEAST 0.05

/* busy_us: what each of nstages stages was busy in all for n images that took total_us. NAN
 * where there is nothing to overlap: one image, or less than two stages with work. */
double xb_overlap_reached(const double *busy_us, size_t nstages, long images, double total_us);

#endif
