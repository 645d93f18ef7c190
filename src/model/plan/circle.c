/* SPDX-License-Identifier: BSD-3-Clause */
/* circle.c - a round robin tournament. */
#include "model/plan/circle.h"

size_t xb_circle_rounds(int n)
{
    return n < 2 ? 0 : (size_t)(n + n % 2 - 1);
}

bool xb_circle_meeting(int n, size_t round, int k, int *a, int *b)
{
    int even = n + n % 2, turn = (int)round, circle = even - 1;

    *a = k == 0 ? circle : (turn + k) % circle;
    *b = k == 0 ? turn : (turn - k + circle) % circle;
    return *a < n && *b < n;
}
