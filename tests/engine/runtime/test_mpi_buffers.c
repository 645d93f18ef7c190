/* SPDX-License-Identifier: BSD-3-Clause */
/* test_mpi_buffers.c - what carries MPI's messages, told from the library alone. */
#include "engine/runtime/mpi_buffers.h"

#include <stdlib.h>
#include <string.h>

#include <mpi.h>

#include "tests/tap.h"

int main(int argc, char **argv)
{
    char how[200] = "";

    setenv("OMPI_MCA_pml", "^ucx,cm", 1); /* which leaves ob1, and does not name it */
    MPI_Init(&argc, &argv);
    is_int(xb_mpi_uses_ucx(), 0, "messages that go by ob1 do not go through UCX");
    is_int(xb_mpi_uses_ucx(), 0, "which can be asked again");
    bool takes = xb_mpi_takes_device_buffers(how, sizeof how);
    is_int(takes, xb_mpi_library_takes_device_buffers(), "so only the library itself can");
    ok(takes || strstr(how, "do not go through UCX"), "and else that is said");
    MPI_Finalize();
    return done_testing();
}
