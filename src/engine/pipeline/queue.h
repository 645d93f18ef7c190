/* SPDX-License-Identifier: BSD-3-Clause */
/* queue.h - a bounded queue between threads: who produces waits for who consumes, and the other
 * way round.
 *
 * It holds at most `capacity` items of a fixed size, which are copied in and out, in one block
 * of memory that is allocated once. Several producers and several consumers may use it at the
 * same time. What one producer puts in comes out in the order in which it was put in. Items are
 * copied under the queue's lock: large payloads are better passed as pointers to buffers of
 * which there are as many as the queue and its users can hold.
 *
 * The end: a producer, or whoever has seen an error, closes the queue. That wakes everyone;
 * puts fail from then on, takes hand out what is left and then fail too.
 */
#ifndef XB_ENGINE_PIPELINE_QUEUE_H
#define XB_ENGINE_PIPELINE_QUEUE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define XB_QUEUE_CAPACITY 2 /* where nothing asks for another: one is used, one gets ready */

struct xb_queue;

enum xb_queue_result {
    XB_QUEUE_OK,
    XB_QUEUE_CLOSED,    /* put: closed; take: closed and empty. Stays so */
    XB_QUEUE_AGAIN,     /* try: full or empty now */
    XB_QUEUE_TIMED_OUT, /* within: full or empty all the time */
};

/* What has passed since the queue was opened. */
struct xb_queue_stats {
    uint64_t puts, takes;             /* those that were XB_QUEUE_OK */
    double put_wait_us, take_wait_us; /* that threads were blocked, all together, whatever the
                                         result; of those blocked now not yet */
    double occupancy_mean;            /* items that a put found when it came, before it waited;
                                         0 without puts */
    size_t occupancy_max;             /* the most items that were there at once */
};

/* Make an open, empty queue of so many items (at least 1) of so many bytes each (at least 1);
 * the caller frees it. 0; or -1 where the numbers are too small, do not fit the address space,
 * or there is no memory, and *out is left alone. */
int xb_queue_open(size_t capacity, size_t item_bytes, struct xb_queue **out,
                  struct xb_error *err);

/* Copy an item in, from any thread. put waits as long as the queue is full, try_put not at all,
 * put_within for `us` microseconds at most (0 or less: not at all) by CLOCK_MONOTONIC.
 * XB_QUEUE_OK; XB_QUEUE_CLOSED, whether there is room or not; XB_QUEUE_AGAIN of try_put and
 * XB_QUEUE_TIMED_OUT of put_within. Except with XB_QUEUE_OK the item is not in the queue. */
enum xb_queue_result xb_queue_put(struct xb_queue *q, const void *item);
enum xb_queue_result xb_queue_try_put(struct xb_queue *q, const void *item);
enum xb_queue_result xb_queue_put_within(struct xb_queue *q, const void *item, double us);

/* Copy the oldest item out, from any thread. take waits as long as the queue is empty and not
 * closed, the others as their counterparts above. XB_QUEUE_CLOSED only when nothing is left;
 * except with XB_QUEUE_OK *item is left alone. */
enum xb_queue_result xb_queue_take(struct xb_queue *q, void *item);
enum xb_queue_result xb_queue_try_take(struct xb_queue *q, void *item);
enum xb_queue_result xb_queue_take_within(struct xb_queue *q, void *item, double us);

/* Say that nothing more comes in, from any thread, any number of times: wakes everyone who
 * waits. */
void xb_queue_close(struct xb_queue *q);

/* Free the queue and what is left in it. All calls on it must have returned, those that a close
 * has woken included: join the threads first. NULL is allowed. */
void xb_queue_free(struct xb_queue *q);

/* Copy the figures so far, from any thread: those of one instant. */
void xb_queue_stats(struct xb_queue *q, struct xb_queue_stats *out);

#endif
