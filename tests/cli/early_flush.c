/* SPDX-License-Identifier: BSD-3-Clause */
/* early_flush.c - xferbench with an MPI whose puts leave late and whose flushes return early,
 * as some do with memory of GPUs: each flush starts the puts before the last one, and lets that
 * one wait for the next call. With LATE_US that long after it was asked for it leaves by itself
 * while its rank waits. What is defined here is found before the library's own. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <mpi.h>

static struct put {
    bool waits;
    const void *from;
    int count, to;
    MPI_Datatype type;
    MPI_Aint at;
    MPI_Win win;
    double asked_us;
} late;

static double now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e6 * (double)t.tv_sec + 1e-3 * (double)t.tv_nsec;
}

/* Make what was put off, if anything was. */
static int catch_up(void)
{
    int rc = MPI_SUCCESS;

    if (late.waits) {
        rc = PMPI_Put(late.from, late.count, late.type, late.to, late.at, late.count, late.type,
                      late.win);
        if (rc == MPI_SUCCESS)
            rc = PMPI_Win_flush(late.to, late.win);
    }
    late.waits = false;
    return rc;
}

int MPI_Put(const void *from, int count, MPI_Datatype type, int to, MPI_Aint at, int to_count,
            MPI_Datatype to_type, MPI_Win win)
{
    int rc = catch_up();

    (void)to_count;
    (void)to_type;
    late = (struct put){true, from, count, to, type, at, win, now_us()};
    return rc;
}

int MPI_Win_flush(int rank, MPI_Win win)
{
    (void)rank;
    (void)win;
    return MPI_SUCCESS;
}

/* What a rank calls now and then that waits. */
int MPI_Iprobe(int from, int tag, MPI_Comm comm, int *flag, MPI_Status *status)
{
    const char *late_us = getenv("LATE_US");

    if (late_us && late.waits && now_us() - late.asked_us >= atof(late_us)) {
        int rc = catch_up();
        if (rc != MPI_SUCCESS)
            return rc;
    }
    return PMPI_Iprobe(from, tag, comm, flag, status);
}

int MPI_Win_unlock_all(MPI_Win win)
{
    int rc = catch_up();
    return rc == MPI_SUCCESS ? PMPI_Win_unlock_all(win) : rc;
}
