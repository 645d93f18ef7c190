/* SPDX-License-Identifier: BSD-3-Clause */
/* nccl_spec.h - what the method nccl is, and its options. */
#ifndef XB_ENGINE_METHODS_NCCL_SPEC_H
#define XB_ENGINE_METHODS_NCCL_SPEC_H

#include "model/plan/collective_op.h"
#include "model/scenario/catalog.h"
#include "model/scenario/layout_option.h"

/* Then the collectives, in their order. */
enum { XB_NCCL_SEND, XB_NCCL_COLLECTIVE };
static const char *const xb_nccl_transfers[] = {"send", XB_COLLECTIVE_NAMES NULL};

static const char *const xb_nccl_datatypes[] = {XB_DATATYPE_NAMES NULL};

/* What NCCL is told of the buffers before they are used. */
enum { XB_NCCL_UNREGISTERED, XB_NCCL_LOCAL, XB_NCCL_SYMMETRIC };
static const char *const xb_nccl_registrations[] = {"none", "local", "symmetric", NULL};

/* Thread blocks that its communicator may have. */
enum { XB_NCCL_CTAS_DEFAULT, XB_NCCL_CTAS_ZERO, XB_NCCL_CTAS };
static const char *const xb_nccl_ctas[] = {"default", "zero", NULL};

struct xb_nccl_options {
    int transfer;
    int datatype; /* enum xb_datatype */
    int registration, ctas;
    struct xb_layout_options layout;
};

static const struct xb_option xb_nccl_option_table[] = {
    {.name = "transfer",
     .type = XB_OPTION_ENUM,
     .choices = xb_nccl_transfers,
     .fallback = XB_NCCL_SEND,
     .summary = "send: ncclSend and ncclRecv; else a collective",
     XB_OPTION_MEMBER(struct xb_nccl_options, transfer)},
    {.name = "datatype",
     .type = XB_OPTION_ENUM,
     .choices = xb_nccl_datatypes,
     .fallback = XB_DATATYPE_UINT64,
     .quiet = true,
     .summary = "what reductions add up: 64-bit integers, or 32-bit floats as "
                "nccl-tests do",
     XB_OPTION_MEMBER(struct xb_nccl_options, datatype)},
    {.name = "registration",
     .type = XB_OPTION_ENUM,
     .choices = xb_nccl_registrations,
     .fallback = XB_NCCL_UNREGISTERED,
     .quiet = true,
     .summary = "how buffers are registered with NCCL: each rank's own, or as windows of all "
                "ranks at equal offsets, for collectives",
     XB_OPTION_MEMBER(struct xb_nccl_options, registration)},
    {.name = "ctas",
     .type = XB_OPTION_ENUM,
     .choices = xb_nccl_ctas,
     .fallback = XB_NCCL_CTAS_DEFAULT,
     .quiet = true,
     .summary = "thread blocks that NCCL takes: as many as it likes, or none wherever copy "
                "engines can do it",
     XB_OPTION_MEMBER(struct xb_nccl_options, ctas)},
    XB_LAYOUT_OPTIONS(struct xb_nccl_options),
    {0},
};

#define XB_NCCL_SPEC                                                                           \
    {                                                                                          \
        .name = "nccl", .summary = "NCCL from GPU to GPU", .options = xb_nccl_option_table,    \
        .flags = XB_METHOD_NEEDS_GPU,                                                          \
        .paths = {[XB_NODE] = XB_GPU_TO_GPU, [XB_REMOTE] = XB_GPU_TO_GPU},                     \
        .collective_option = &xb_nccl_option_table[0], .first_collective = XB_NCCL_COLLECTIVE, \
        .datatype_option = &xb_nccl_option_table[1], XB_TAKES_LAYOUT(struct xb_nccl_options),  \
    }

#endif
