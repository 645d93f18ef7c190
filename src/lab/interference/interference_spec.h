/* SPDX-License-Identifier: BSD-3-Clause */
/* interference_spec.h - what the laboratory's interference is, and its options. */
#ifndef XB_LAB_INTERFERENCE_INTERFERENCE_SPEC_H
#define XB_LAB_INTERFERENCE_INTERFERENCE_SPEC_H

#include "model/scenario/catalog.h"
#include "model/scenario/sms_option.h"

/* What moves the bytes. */
enum xb_carrier { XB_CARRIER_CE, XB_CARRIER_SM, XB_CARRIER_NCCL };
static const char *const xb_company_engines[] = {"ce", "sm", "nccl", NULL};

enum xb_company_side { XB_COMPANY_PUSH, XB_COMPANY_PULL };
static const char *const xb_company_sides[] = {"push", "pull", NULL};

/* What the transfer has beside it. */
enum xb_beside { XB_BESIDE_ARITHMETIC, XB_BESIDE_MEMORY, XB_BESIDE_TRANSFER };
static const char *const xb_besides[] = {"arithmetic", "memory", "transfer", NULL};

struct xb_interference_options {
    int engine, side;
    int64_t sms;
    int beside;
    int64_t threads;
};

static const struct xb_option xb_interference_option_table[] = {
    {.name = "engine",
     .type = XB_OPTION_ENUM,
     .choices = xb_company_engines,
     .fallback = XB_CARRIER_CE,
     .summary = "what moves the bytes: ce, the copy engine; sm, a kernel; nccl, between ranks",
     XB_OPTION_MEMBER(struct xb_interference_options, engine)},
    {.name = "side",
     .type = XB_OPTION_ENUM,
     .choices = xb_company_sides,
     .fallback = XB_COMPANY_PUSH,
     .quiet = true,
     .summary = "between GPUs of a rank, whose ce or kernel it is: push, the source's; pull, "
                "the destination's",
     XB_OPTION_MEMBER(struct xb_interference_options, side)},
    XB_SMS_OPTION(struct xb_interference_options, "the kernel of engine sm"),
    {.name = "beside",
     .type = XB_OPTION_ENUM,
     .choices = xb_besides,
     .fallback = XB_BESIDE_ARITHMETIC,
     .summary = "what goes on beside it on the GPU that works: a kernel that arithmetic or "
                "memory limits, or a second transfer the same way",
     XB_OPTION_MEMBER(struct xb_interference_options, beside)},
    {.name = "threads",
     .type = XB_OPTION_INT,
     .min = 0,
     .max = 256,
     .fallback = 0,
     .quiet = true,
     .summary = "threads that compute where host memory stands for a GPU's; 0: one a core",
     XB_OPTION_MEMBER(struct xb_interference_options, threads)},
    {0},
};

#define XB_COMPANY_SPEC                                                                        \
    {                                                                                          \
        .name = "company",                                                                     \
        .summary = "a transfer beside work on the same GPU, and both alone",                   \
        .options = xb_interference_option_table, .kind = XB_KIND_EXPERIMENT,                   \
        .paths = {                                                                             \
            [XB_SELF] = XB_HOST_TO_GPU | XB_GPU_TO_HOST | XB_GPU_TO_GPU | XB_GPU_TO_OTHER |    \
                        XB_OTHER_TO_GPU,                                                       \
            [XB_NODE] = XB_GPU_TO_GPU,                                                         \
        },                                                                                     \
    }

#define XB_INTERFERENCE_EXPERIMENT                                                             \
    {                                                                                          \
        .name = "interference",                                                                \
        .summary = "what a transfer and work on the same GPU take from each other",            \
        .method = XB_COMPANY_SPEC,                                                             \
    }

#endif
