/* SPDX-License-Identifier: BSD-3-Clause */
/* gray_scott_spec.h - what the laboratory's gray-scott is, and its options. */
#ifndef XB_LAB_GRAY_SCOTT_GRAY_SCOTT_SPEC_H
#define XB_LAB_GRAY_SCOTT_GRAY_SCOTT_SPEC_H

#include "gray_scott_model.h"
#include "lab/overlap.h"
#include "model/scenario/catalog.h"

#define XB_GRAY_SCOTT_MAX_SIDE  (1 << 15)
#define XB_GRAY_SCOTT_MAX_STEPS (1 << 22)

/* In the order of enum xb_overlap_mode and enum xb_overlap_stages. */
static const char *const xb_gray_scott_modes[] = {"lockstep", "prepared", "double", "depth",
                                                  NULL};
static const char *const xb_gray_scott_stages[] = {"compute", "download", "sum", "write", NULL};

struct xb_gray_scott_options {
    int mode, stages;
    int64_t buffers;
    int64_t width, height; /* cells */
    int64_t steps, images;
};

static const struct xb_option xb_gray_scott_option_table[] = {
    {.name = "mode",
     .type = XB_OPTION_ENUM,
     .choices = xb_gray_scott_modes,
     .fallback = XB_OVERLAP_LOCKSTEP,
     .summary = "what may overlap: nothing; preparing; with two buffers, or so many, all",
     XB_OPTION_MEMBER(struct xb_gray_scott_options, mode)},
    {.name = "buffers",
     .type = XB_OPTION_INT,
     .min = 2,
     .max = XB_OVERLAP_MAX_DEPTH,
     .fallback = 3,
     .summary = "host buffers of mode depth",
     XB_OPTION_MEMBER(struct xb_gray_scott_options, buffers)},
    {.name = "stages",
     .type = XB_OPTION_ENUM,
     .choices = xb_gray_scott_stages,
     .fallback = XB_OVERLAP_SUM,
     .summary = "how far an image goes; write: to a temporary file in $TMPDIR, after the sum",
     XB_OPTION_MEMBER(struct xb_gray_scott_options, stages)},
    {.name = "width",
     .type = XB_OPTION_INT,
     .min = XB_GRAY_SCOTT_MULTIPLE,
     .max = XB_GRAY_SCOTT_MAX_SIDE,
     .fallback = 2048,
     .summary = "cells in a row, a multiple of 4",
     XB_OPTION_MEMBER(struct xb_gray_scott_options, width)},
    {.name = "height",
     .type = XB_OPTION_INT,
     .min = 1,
     .max = XB_GRAY_SCOTT_MAX_SIDE,
     .fallback = 1024,
     .summary = "rows; the size is width x height x 4 bytes",
     XB_OPTION_MEMBER(struct xb_gray_scott_options, height)},
    {.name = "steps",
     .type = XB_OPTION_INT,
     .min = 1,
     .max = XB_GRAY_SCOTT_MAX_STEPS,
     .fallback = 512,
     .summary = "time steps in all",
     XB_OPTION_MEMBER(struct xb_gray_scott_options, steps)},
    {.name = "images",
     .type = XB_OPTION_INT,
     .min = 1,
     .max = XB_GRAY_SCOTT_MAX_STEPS,
     .fallback = 8,
     .summary = "images in all; divides steps",
     XB_OPTION_MEMBER(struct xb_gray_scott_options, images)},
    {0},
};

#define XB_GRAY_SCOTT_SPEC                                                                     \
    {                                                                                          \
        .name = "gray-scott",                                                                  \
        .summary = "images of a reaction-diffusion system, in stages that overlap or not",     \
        .options = xb_gray_scott_option_table, .flags = XB_METHOD_NO_BYTES,                    \
        .kind = XB_KIND_EXPERIMENT, .paths = {[XB_SELF] = XB_GPU_TO_HOST},                     \
    }

/* Steps of a cell in a second, for estimates: results/1xh200-2026-11-21/overlap.json has 534e9;
 * a core of a server makes 0.3e9 to 0.9e9. */
#define XB_GRAY_SCOTT_GPU  500e9
#define XB_GRAY_SCOTT_HOST 0.5e9

#define XB_OVERLAP_EXPERIMENT                                                                  \
    {                                                                                          \
        .name = "overlap",                                                                     \
        .summary = "prepare, compute and download, process: stages of one rank that may "      \
                   "overlap",                                                                  \
        .method = XB_GRAY_SCOTT_SPEC, .work = {"width", "height", "steps"},                    \
        .work_per_s = {XB_GRAY_SCOTT_GPU, XB_GRAY_SCOTT_HOST}, .images = "images",             \
    }

#endif
