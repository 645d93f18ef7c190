/* SPDX-License-Identifier: BSD-3-Clause */
/* watch_board.h - the records of the ranks of a node, side by side in shared memory. */
#ifndef XB_ENGINE_RUNTIME_WATCH_BOARD_H
#define XB_ENGINE_RUNTIME_WATCH_BOARD_H

#include <stdbool.h>

#include <mpi.h>

#include "engine/runtime/watch_record.h"
#include "engine/runtime/watch_view.h"

struct xb_watch_board; /* opaque */

/* Called by all ranks of the world, once: the lowest rank of each node makes the node's board,
 * the others map it, and the records move there. Where a node cannot share memory each of its
 * ranks has a board of its own. NULL when out of memory. The board stays until the process
 * ends.
 */
struct xb_watch_board *xb_watch_board_open(MPI_Comm world);

/* How many ranks it has, and this one's place among them. */
int xb_watch_board_count(const struct xb_watch_board *board);
int xb_watch_board_place(const struct xb_watch_board *board);

/* Look at all of them: views has one for each, by rank. By the watchdog, which remembers since
 * when each is silent. Of those that are silent the state of the process is asked for; with
 * `ask`, of all. */
void xb_watch_board_look(struct xb_watch_board *board, struct xb_watch_view *views, bool ask);

/* The order to end with a status, for all ranks of the node; -1 where there is none. */
void xb_watch_board_tell(struct xb_watch_board *board, int status);
int xb_watch_board_order(const struct xb_watch_board *board);

/* Have all other ranks of the node said that they have ended, or are gone? With `gone`, are
 * their processes gone? By any thread. */
bool xb_watch_board_ended(const struct xb_watch_board *board, bool gone);

/* When the process of a rank at a place began. */
uint64_t xb_watch_board_born(const struct xb_watch_board *board, int place);

#endif
