/* SPDX-License-Identifier: BSD-3-Clause */
/* announce.h - what a run is about to measure on. */
#ifndef XB_CMD_ANNOUNCE_H
#define XB_CMD_ANNOUNCE_H

#include "engine/runtime/session.h"

/* Say in one line what device it is, also to who wants quiet. Rank 0's word. */
void xb_announce_device(const struct xb_session *session);

#endif
