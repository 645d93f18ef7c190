/* SPDX-License-Identifier: BSD-3-Clause */
/* give_up.h - the end of a job in which a rank can take no part any more. */
#ifndef XB_ENGINE_RUNTIME_GIVE_UP_H
#define XB_ENGINE_RUNTIME_GIVE_UP_H

#include <mpi.h>
#include <stdlib.h>

/* End the job where this rank cannot make the call in which the others wait, as without memory.
 * MPI only promises to try that; a rank that went on would use what it has not. */
_Noreturn static inline void xb_give_up(MPI_Comm comm)
{
    MPI_Abort(comm, 1);
    abort();
}

#endif
