/* SPDX-License-Identifier: BSD-3-Clause */
/* null_spec.h - what the method null is, and its options. */
#ifndef XB_ENGINE_METHODS_NULL_SPEC_H
#define XB_ENGINE_METHODS_NULL_SPEC_H

#include "model/scenario/catalog.h"

enum {
    XB_NULL_FAIL_NONE,
    XB_NULL_FAIL_PROBE,
    XB_NULL_FAIL_OPEN,
    XB_NULL_FAIL_PREPARE,
    XB_NULL_FAIL_POST,
    XB_NULL_FAIL_WAIT,
};
static const char *const xb_null_fails[] = {"none", "probe", "open", "prepare",
                                            "post", "wait",  NULL};

enum { XB_NULL_HANG_NONE, XB_NULL_HANG_WAIT, XB_NULL_HANG_POST };
static const char *const xb_null_hangs[] = {"none", "wait", "post", NULL};

enum { XB_NULL_AT_DESTINATION, XB_NULL_AT_SOURCE };
static const char *const xb_null_ends[] = {"destination", "source", NULL};

struct xb_null_options {
    int64_t delay; /* ns */
    int fail, hang, at;
    int64_t corrupt; /* bytes, -1 for none */
    int64_t after;   /* transfers */
    int64_t rank;    /* world rank, -1 for all */
};

static const struct xb_option xb_null_option_table[] = {
    {.name = "delay",
     .type = XB_OPTION_DURATION,
     .max = 3600ll * 1000000000,
     .summary = "time that every transfer takes",
     XB_OPTION_MEMBER(struct xb_null_options, delay)},
    {.name = "fail",
     .type = XB_OPTION_ENUM,
     .choices = xb_null_fails,
     .summary = "the call that fails",
     XB_OPTION_MEMBER(struct xb_null_options, fail)},
    {.name = "hang",
     .type = XB_OPTION_ENUM,
     .choices = xb_null_hangs,
     .summary = "wait: never completes; post: never returns",
     XB_OPTION_MEMBER(struct xb_null_options, hang)},
    {.name = "corrupt",
     .type = XB_OPTION_INT,
     .min = -1,
     .max = 1ll << 40,
     .fallback = -1,
     .summary = "offset of a byte that every transfer spoils, -1 for none",
     XB_OPTION_MEMBER(struct xb_null_options, corrupt)},
    {.name = "after",
     .type = XB_OPTION_INT,
     .max = 1ll << 40,
     .summary = "transfers that go well before fail in post or wait, hang and corrupt begin",
     XB_OPTION_MEMBER(struct xb_null_options, after)},
    {.name = "at",
     .type = XB_OPTION_ENUM,
     .choices = xb_null_ends,
     .summary = "the end at which fail and hang happen",
     XB_OPTION_MEMBER(struct xb_null_options, at)},
    {.name = "rank",
     .type = XB_OPTION_INT,
     .min = -1,
     .max = 1048575,
     .fallback = -1,
     .summary = "the source of the lanes that anything of this is about, -1 for all",
     XB_OPTION_MEMBER(struct xb_null_options, rank)},
    {0},
};

#define XB_NULL_SPEC                                                                           \
    {                                                                                          \
        .name = "null",                                                                        \
        .summary = "moves nothing; delays, fails, hangs or spoils a byte on request",          \
        .options = xb_null_option_table, .flags = XB_METHOD_NO_BYTES,                          \
        .paths = {XB_ANY_PATH, XB_ANY_PATH, XB_ANY_PATH},                                      \
    }

#endif
