/* SPDX-License-Identifier: BSD-3-Clause */
/* watch_signal.c - signals that tell a rank to end. */
#include "config.h"

#include "engine/runtime/watch_signal.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

#include "report/run_status.h"

#define AGAIN_MS 250 /* signals that follow so soon are one */

static const int heeded[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGXCPU};
#define NHEEDED (sizeof heeded / sizeof heeded[0])

/* By a handler, for the thread: which signal came first and when, at once. */
static _Atomic int64_t first_signal; /* 0: none */
#define SIGNALS 128

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void on_signal(int number)
{
    int64_t first = 0, now = now_ms();

    if (!atomic_compare_exchange_strong(&first_signal, &first, now * SIGNALS + number) &&
        now - first / SIGNALS > AGAIN_MS)
        _exit(xb_run_exit_status(XB_RUN_INTERRUPTED));
}

int xb_watch_signal_got(void)
{
    return (int)(atomic_load(&first_signal) % SIGNALS);
}

void xb_watch_signals_heed(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART}, before;

    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < NHEEDED; i++) {
        bool nohup = heeded[i] == SIGHUP && sigaction(SIGHUP, NULL, &before) == 0 &&
                     before.sa_handler == SIG_IGN;
        if (!nohup)
            sigaction(heeded[i], &action, NULL);
    }
    signal(SIGPIPE, SIG_IGN);
}
