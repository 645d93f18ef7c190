/* SPDX-License-Identifier: BSD-3-Clause */
/* circle.h - a round robin tournament: the circle method.
 *
 * The last player stays, the others go round a circle and meet who is opposite. Source: E.
 * Lucas, "Récréations mathématiques", vol. 2 (1883), the walks of the pupils.
 */
#ifndef XB_MODEL_PLAN_CIRCLE_H
#define XB_MODEL_PLAN_CIRCLE_H

#include <stdbool.h>
#include <stddef.h>

/* Rounds in which n players meet each other once; with an odd one, each rests in one of them.
 */
size_t xb_circle_rounds(int n);

/* The two players, from 0, of meeting k, from 0 to (n + 1) / 2 - 1, in a round. False where one
 * of the two is the player that an odd number lacks. */
bool xb_circle_meeting(int n, size_t round, int k, int *a, int *b);

#endif
