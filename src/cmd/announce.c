/* SPDX-License-Identifier: BSD-3-Clause */
/* announce.c - what a run is about to measure on. */
#include "cmd/announce.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "engine/devices/device.h"

/* Is it the first rank whose GPU has this UUID, or this name? */
static bool is_first(const struct xb_session *s, int rank, bool by_name)
{
    for (int r = 0; r < rank; r++)
        if (strcmp(by_name ? s->ranks[r].gpu_name : s->ranks[r].gpu_uuid,
                   by_name ? s->ranks[rank].gpu_name : s->ranks[rank].gpu_uuid) == 0)
            return false;
    return true;
}

/* GPUs of this name that ranks have taken, each once. */
static int count_gpus(const struct xb_session *s, const char *name)
{
    int n = 0;

    for (int r = 0; r < s->nranks; r++)
        n += strcmp(s->ranks[r].gpu_name, name) == 0 && is_first(s, r, false);
    return n;
}

void xb_announce_device(const struct xb_session *s)
{
    char gpus[256] = "";
    size_t used = 0;

    if (s->device_is_host) {
        xb_log_notice("device %s: no GPU is used; these are figures of host memory",
                      s->device_name);
        return;
    }
    for (int r = 0; r < s->nranks && used < sizeof gpus; r++)
        if (is_first(s, r, true))
            used +=
                (size_t)snprintf(gpus + used, sizeof gpus - used, "%s%d x %s", used ? ", " : "",
                                 count_gpus(s, s->ranks[r].gpu_name), s->ranks[r].gpu_name);
    xb_log_progress("device %s: %s, for %d rank%s on %d node%s%s%s", s->device_name, gpus,
                    s->nranks, s->nranks == 1 ? "" : "s", s->nnodes, s->nnodes == 1 ? "" : "s",
                    s->device_info.driver[0] ? "; driver " : "", s->device_info.driver);
}
