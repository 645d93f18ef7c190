/* SPDX-License-Identifier: BSD-3-Clause */
/* clock_exchange.c - ping-pongs that carry a clock's reading. */
#include "engine/measure/clock_exchange.h"

#include "engine/runtime/clock.h"

void xb_clock_exchange(const struct xb_team *team,
                       struct xb_clock_exchange out[XB_CLOCK_EXCHANGES])
{
    int tag = xb_tag(team->epoch, XB_TAG_TEAM, 3);
    double us = 0;

    for (int m = 1; m < team->count; m++)
        for (int i = 0; i < XB_CLOCK_EXCHANGES; i++) {
            if (team->me == m) {
                out[i].left_us = xb_clock_us();
                xb_team_send(team, team->member[0], tag, &us, sizeof us);
                xb_team_receive(team, team->member[0], tag, &out[i].there_us, sizeof us);
                out[i].back_us = xb_clock_us();
            } else if (team->me == 0) {
                xb_team_receive(team, team->member[m], tag, &us, sizeof us);
                us = xb_clock_us();
                xb_team_send(team, team->member[m], tag, &us, sizeof us);
            }
        }
}
