/* SPDX-License-Identifier: BSD-3-Clause */
/* watch_alone.c - who is stopped, before ranks can see each other. */
#include "config.h"

#include "engine/runtime/watch_alone.h"

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "engine/runtime/process.h"

#define SPEAK_S       3 /* that another rank has to say it first */
#define PROCESSES_MAX 1024

void xb_watch_say_alone(int rank, const char *step, double limit_s)
{
    struct xb_process *all = calloc(PROCESSES_MAX, sizeof *all);
    int n = all ? xb_process_list(all, PROCESSES_MAX) : 0, lowest = 0;
    int size = xb_process_local_size();
    char host[64] = "";

    while (lowest < n && xb_process_is_stopped(all[lowest].state))
        lowest++;
    bool some_ended = n > 0 && n < size;
    if (some_ended || (lowest < n && all[lowest].rank < rank))
        sleep(SPEAK_S); /* another one says it, and the launcher ends this one meanwhile */
    gethostname(host, sizeof host - 1);
    xb_log_error("rank %d (%s) did not come back within %.0f s from: %s", rank, host, limit_s,
                 step);
    for (int i = 0; i < n; i++)
        if (xb_process_is_stopped(all[i].state))
            xb_log_error("  rank %d (%s, process %d) is stopped (SIGSTOP or a debugger)",
                         all[i].rank, host, (int)all[i].pid);
    if (some_ended)
        xb_log_error("  of %d ranks on %s there are %d", size, host, n);
    for (int i = 0; i < n; i++)
        if (xb_process_is_stopped(all[i].state))
            kill(all[i].pid, SIGCONT); /* it would be left; so it ends by itself */
    free(all);
}
