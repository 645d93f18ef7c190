/* SPDX-License-Identifier: BSD-3-Clause */
/* clock_jumps.c - xferbench on a host whose clocks jump by XB_JUMP_S seconds, which may be
 * negative, on rank XB_JUMP_RANK. XB_JUMP tells which: "raw", the clock that transfers are
 * timed by, once it was read XB_JUMP_AT times, "all" that run on by themselves then, "wall"
 * from the beginning, again and again. With "coarse" the first does not jump, but moves in
 * steps of XB_JUMP_S nanoseconds. What is defined here is found before the library's own.
 */
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static atomic_long raw_readings, wall_readings;

static bool is_asked(const char *which)
{
    const char *asked = getenv("XB_JUMP"), *rank = getenv("XB_JUMP_RANK");
    const char *mine = getenv("OMPI_COMM_WORLD_RANK");

    return asked && strcmp(asked, which) == 0 && (!mine || strcmp(mine, rank) == 0);
}

static long number(const char *name)
{
    const char *text = getenv(name);
    return text ? strtol(text, NULL, 10) : 0;
}

int clock_gettime(clockid_t clock, struct timespec *out)
{
    int rc = (int)syscall(SYS_clock_gettime, clock, out);
    bool all = is_asked("all");

    if (clock == CLOCK_MONOTONIC_RAW)
        raw_readings++;
    if ((is_asked("raw") && clock == CLOCK_MONOTONIC_RAW) ||
        (all && (clock == CLOCK_MONOTONIC_RAW || clock == CLOCK_MONOTONIC)))
        out->tv_sec += raw_readings > number("XB_JUMP_AT") ? number("XB_JUMP_S") : 0;
    if (is_asked("coarse") && clock == CLOCK_MONOTONIC_RAW && number("XB_JUMP_S") > 0)
        out->tv_nsec -= out->tv_nsec % number("XB_JUMP_S");
    if (is_asked("wall") && clock == CLOCK_REALTIME && wall_readings++ % 2)
        out->tv_sec += number("XB_JUMP_S");
    return rc;
}

time_t time(time_t *out)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    if (out)
        *out = now.tv_sec;
    return now.tv_sec;
}
