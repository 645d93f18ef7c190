/* SPDX-License-Identifier: BSD-3-Clause */
/* mpi_spec.h - what the method mpi is, and its options. */
#ifndef XB_ENGINE_METHODS_MPI_SPEC_H
#define XB_ENGINE_METHODS_MPI_SPEC_H

#include "model/plan/collective_op.h"
#include "model/scenario/catalog.h"
#include "model/scenario/layout_option.h"

/* Then the collectives, in their order. */
enum { XB_MPI_SEND, XB_MPI_PUT, XB_MPI_COLLECTIVE };
static const char *const xb_mpi_transfers[] = {"send", "put", XB_COLLECTIVE_NAMES NULL};

enum { XB_MPI_DEVICE, XB_MPI_MANAGED };
static const char *const xb_mpi_memories[] = {"device", "managed", NULL};

static const char *const xb_mpi_datatypes[] = {XB_DATATYPE_NAMES NULL};

struct xb_mpi_options {
    int transfer;
    int memory;
    int datatype; /* enum xb_datatype */
    struct xb_layout_options layout;
};

static const struct xb_option xb_mpi_option_table[] = {
    {.name = "transfer",
     .type = XB_OPTION_ENUM,
     .choices = xb_mpi_transfers,
     .fallback = XB_MPI_SEND,
     .summary = "send: MPI_Isend and MPI_Irecv; put: MPI_Put into a window, flushed at the "
                "target; else a collective",
     XB_OPTION_MEMBER(struct xb_mpi_options, transfer)},
    {.name = "memory",
     .type = XB_OPTION_ENUM,
     .choices = xb_mpi_memories,
     .fallback = XB_MPI_DEVICE,
     .summary = "memory of GPU endpoints: managed pages lie where the library leaves them",
     XB_OPTION_MEMBER(struct xb_mpi_options, memory)},
    {.name = "datatype",
     .type = XB_OPTION_ENUM,
     .choices = xb_mpi_datatypes,
     .fallback = XB_DATATYPE_UINT64,
     .quiet = true,
     .summary = "what reductions add up: 64-bit integers, or 32-bit floats as "
                "nccl-tests do",
     XB_OPTION_MEMBER(struct xb_mpi_options, datatype)},
    XB_LAYOUT_OPTIONS(struct xb_mpi_options),
    {0},
};

#define XB_MPI_PATHS (XB_GPU_TO_GPU | XB_HOST_TO_HOST | XB_GPU_TO_HOST | XB_HOST_TO_GPU)

#define XB_MPI_SPEC                                                                            \
    {                                                                                          \
        .name = "mpi", .summary = "the MPI library from buffer to buffer",                     \
        .options = xb_mpi_option_table, XB_TAKES_LAYOUT(struct xb_mpi_options),                \
        .paths = {[XB_NODE] = XB_MPI_PATHS, [XB_REMOTE] = XB_MPI_PATHS},                       \
        .collective_option = &xb_mpi_option_table[0], .first_collective = XB_MPI_COLLECTIVE,   \
        .collective_paths = XB_HOST_TO_HOST | XB_GPU_TO_GPU,                                   \
        .datatype_option = &xb_mpi_option_table[2],                                            \
    }

#endif
