/* SPDX-License-Identifier: BSD-3-Clause */
/* cpu_stepper.c - the Gray-Scott solver of the cpu device: a thread stands in for the GPU and
 * its queue. It takes batches in their order and carries their commands out, beside the thread
 * that builds and starts them. */
#include "lab/gray_scott/stepper.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "engine/runtime/clock.h"
#include "lab/gray_scott/gray_scott.h"

/* One step: from which pair of fields it goes to the other one. */
struct command {
    unsigned char from;
};

struct xb_batch {
    struct xb_fields *fields;
    struct command *commands;
    int64_t count;
    float *into;
    double from_us, to_us; /* written by the worker before done */
    atomic_bool done;
    struct xb_batch *next; /* in the queue */
};

struct xb_fields {
    int width, height;
    float *memory;     /* of all fields */
    float *pair[2][2]; /* u and v, twice */
    int built;         /* the pair that holds the state once all that was built has run */
    pthread_t worker;
    pthread_mutex_t lock;
    pthread_cond_t more;
    struct xb_batch *first, *last; /* the queue */
    atomic_bool stop;
};

static size_t field_bytes(int width, int height)
{
    return (size_t)width * (size_t)height * sizeof(float);
}

static void carry_out(struct xb_fields *f, struct xb_batch *b)
{
    b->from_us = xb_clock_us();
    for (int64_t i = 0; i < b->count && !atomic_load(&f->stop); i++) {
        int from = b->commands[i].from;
        xb_gray_scott_step_float(f->pair[from][0], f->pair[from][1], f->pair[!from][0],
                                 f->pair[!from][1], f->width, f->height);
    }
    if (b->into && b->count > 0)
        memcpy(b->into, f->pair[!b->commands[b->count - 1].from][1],
               field_bytes(f->width, f->height));
    b->to_us = xb_clock_us();
    atomic_store(&b->done, true);
}

/* The oldest batch, waiting for one; NULL when the queue is stopped. */
static struct xb_batch *next_batch(struct xb_fields *f)
{
    pthread_mutex_lock(&f->lock);
    while (!f->first && !atomic_load(&f->stop))
        pthread_cond_wait(&f->more, &f->lock);
    struct xb_batch *b = atomic_load(&f->stop) ? NULL : f->first;
    if (b)
        f->first = b->next;
    pthread_mutex_unlock(&f->lock);
    return b;
}

static void *work(void *arg)
{
    struct xb_batch *b;

    while ((b = next_batch(arg)))
        carry_out(arg, b);
    return NULL;
}

static int stepper_reset(struct xb_fields *f, struct xb_error *err)
{
    (void)err;
    xb_gray_scott_begin_float(f->pair[0][0], f->pair[0][1], f->width, f->height);
    f->built = 0;
    return 0;
}

static int start_worker(struct xb_fields *f, struct xb_error *err)
{
    pthread_mutex_init(&f->lock, NULL);
    pthread_cond_init(&f->more, NULL);
    int rc = pthread_create(&f->worker, NULL, work, f);
    if (rc == 0)
        return 0;
    pthread_cond_destroy(&f->more);
    pthread_mutex_destroy(&f->lock);
    return xb_fail(err, "cpu device: cannot start a thread: %s", strerror(rc));
}

static int stepper_open(int width, int height, struct xb_fields **out, struct xb_error *err)
{
    struct xb_fields *f = calloc(1, sizeof *f);
    size_t n = (size_t)width * (size_t)height;

    if (!f)
        return xb_fail(err, "cpu device: out of memory");
    f->width = width;
    f->height = height;
    f->memory = calloc(4 * n, sizeof *f->memory);
    if (!f->memory) {
        free(f);
        return xb_fail(err, "cpu device: out of memory");
    }
    for (size_t i = 0; i < 4; i++)
        f->pair[i / 2][i % 2] = f->memory + i * n;
    stepper_reset(f, err);
    if (start_worker(f, err) < 0) {
        free(f->memory);
        free(f);
        return -1;
    }
    *out = f;
    return 0;
}

static void stepper_close(struct xb_fields *f)
{
    if (!f)
        return;
    pthread_mutex_lock(&f->lock);
    atomic_store(&f->stop, true);
    pthread_cond_signal(&f->more);
    pthread_mutex_unlock(&f->lock);
    pthread_join(f->worker, NULL);
    pthread_cond_destroy(&f->more);
    pthread_mutex_destroy(&f->lock);
    free(f->memory);
    free(f);
}

static void stepper_needs(int width, int height, uint64_t *device, uint64_t *host)
{
    *device = 0;
    *host = 4 * (uint64_t)field_bytes(width, height);
}

static int stepper_build(struct xb_fields *f, int64_t steps, struct xb_batch **out,
                         struct xb_error *err)
{
    struct xb_batch *b = calloc(1, sizeof *b);
    struct command *commands = calloc((size_t)steps, sizeof *commands);

    if (!b || !commands) {
        free(b);
        free(commands);
        return xb_fail(err, "cpu device: out of memory");
    }
    for (int64_t i = 0; i < steps; i++) {
        commands[i].from = (unsigned char)f->built;
        f->built = !f->built;
    }
    b->fields = f;
    b->commands = commands;
    b->count = steps;
    *out = b;
    return 0;
}

static void stepper_free(struct xb_batch *b)
{
    if (b)
        free(b->commands);
    free(b);
}

static int stepper_run(struct xb_batch *b, float *into, struct xb_error *err)
{
    struct xb_fields *f = b->fields;

    (void)err;
    b->into = into;
    pthread_mutex_lock(&f->lock);
    if (f->first)
        f->last->next = b;
    else
        f->first = b;
    f->last = b;
    pthread_cond_signal(&f->more);
    pthread_mutex_unlock(&f->lock);
    return 0;
}

static int stepper_done(struct xb_batch *b, struct xb_error *err)
{
    (void)err;
    return atomic_load(&b->done);
}

static int stepper_elapsed(struct xb_batch *b, double *us, struct xb_error *err)
{
    (void)err;
    *us = b->to_us - b->from_us;
    return 0;
}

static int stepper_download(struct xb_fields *f, float *into, struct xb_error *err)
{
    (void)err;
    memcpy(into, f->pair[f->built][1], field_bytes(f->width, f->height));
    return 0;
}

extern const struct xb_stepper xb_cpu_stepper;
const struct xb_stepper xb_cpu_stepper = {
    .open = stepper_open,
    .close = stepper_close,
    .needs = stepper_needs,
    .reset = stepper_reset,
    .build = stepper_build,
    .free = stepper_free,
    .run = stepper_run,
    .done = stepper_done,
    .elapsed = stepper_elapsed,
    .download = stepper_download,
};
