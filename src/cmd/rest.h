/* SPDX-License-Identifier: BSD-3-Clause */
/* rest.h - what the program does where ranks are more than the processors they run on. */
#ifndef XB_CMD_REST_H
#define XB_CMD_REST_H

#include <stdbool.h>

/* 1: ranks are more than their processors, although their node cannot know it: in a lab whose
 * nodes share them. */
#define XB_REST_VARIABLE "XFERBENCH_REST"

/* From now on whoever gives up its processor while it waits, in this program or in a library,
 * sleeps for some tens of microseconds instead (true), or does as the kernel says (false, which
 * is how a process begins). Called by each rank for itself. */
void xb_rest_when_idle(bool rest);

#endif
