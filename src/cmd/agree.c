/* SPDX-License-Identifier: BSD-3-Clause */
/* agree.c - arguments that are wrong on one rank, or differ, end all of them. */
#include "cmd/agree.h"

#include <inttypes.h>
#include <unistd.h>

#include <mpi.h>

#include "engine/runtime/agree.h"

int xb_arguments_agree(int rc, struct xb_error *err)
{
    struct xb_error agreed = *err;
    char host[64] = "";
    int rank;

    gethostname(host, sizeof host - 1);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    if (xb_agree(MPI_COMM_WORLD, rc < 0 ? XB_ERROR : XB_GO, rank, host, &agreed) == XB_GO)
        return 0;
    if (rc == 0) /* else the rank's own text says it without naming ranks */
        *err = agreed;
    return -1;
}

int xb_plans_agree(const struct xb_session *s, uint64_t hash, struct xb_error *err)
{
    uint64_t first[2] = {hash, s->seed};
    int rc = XB_GO;

    MPI_Bcast(first, 2, MPI_UINT64_T, 0, s->world);
    if (hash != first[0])
        rc = xb_fail(err,
                     "has another plan (0x%016" PRIx64 ") than rank 0 (0x%016" PRIx64
                     "): arguments, scenario, policy or version differ",
                     hash, first[0]);
    else if (s->seed != first[1])
        rc = xb_fail(err, "has another seed (%" PRIu64 ") than rank 0 (%" PRIu64 ")", s->seed,
                     first[1]);
    return xb_agree(s->world, rc, s->rank, s->ranks[s->rank].host, err) == XB_GO ? 0 : -1;
}
