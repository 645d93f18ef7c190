/* SPDX-License-Identifier: BSD-3-Clause */
/* mpi_buffers.h - can the MPI library in this process move device memory? */
#ifndef XB_ENGINE_RUNTIME_MPI_BUFFERS_H
#define XB_ENGINE_RUNTIME_MPI_BUFFERS_H

#include <stdbool.h>
#include <stddef.h>

/* Ask at run time, after MPI_Init: what Open MPI says of itself (MPIX_Query_cuda_support), else
 * whether it moves messages with a UCX that has its CUDA transports loaded and allowed. `how`
 * gets a sentence that says what the answer rests on. No communication. */
bool xb_mpi_takes_device_buffers(char *how, size_t len);

/* Does the library say by itself that all of it takes them? No communication. */
bool xb_mpi_library_takes_device_buffers(void);

/* Do MPI's messages go through UCX: 1 or 0, -1 where that cannot be told. For one rank itself,
 * after MPI_Init. */
int xb_mpi_uses_ucx(void);

#endif
