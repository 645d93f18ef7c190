/* SPDX-License-Identifier: BSD-3-Clause */
/* overlap.c - a loop of three stages, and how much of it runs at the same time. */
#include "lab/overlap.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/pipeline/queue.h"
#include "engine/runtime/agree.h"
#include "engine/runtime/clock.h"
#include "lab/gray_scott/gray_scott.h"
#include "lab/owner.h"

#define POLL_US 2.0 /* between two looks at the device, which take its driver's lock */

/* A host buffer, and the batch whose result is in it or comes into it. */
struct slot {
    struct xb_owned owned;
    struct xb_mem mem; /* empty where nothing is downloaded */
    struct xb_batch *batch;
};

struct xb_overlap {
    struct xb_overlap_config config;
    const struct xb_device *dev;
    const struct xb_stepper *stepper;
    struct xb_fields *fields;
    struct slot slots[XB_OVERLAP_MAX_DEPTH];
    struct slot *last;      /* of the last image */
    struct xb_batch *next;  /* built, not started */
    struct xb_batch *spent; /* complete, not freed */
    struct xb_overlap_times times;
    double deadline_us;
    double *sums;   /* of each image, in the first round; later ones must have the same */
    long processed; /* images of the round so far */
    bool has_sums, right, broken;
    int file;      /* -1 for none */
    float *result; /* what xb_overlap_image downloads to; NULL for the last slot's */

    /* the thread that processes; struct slot * goes through the queues */
    struct xb_queue *idle, *filled;
    pthread_t consumer;
    bool has_consumer;
    atomic_bool stop;
    int consumer_rc; /* written before it closes `idle` */
    struct xb_error consumer_err;
};

int xb_overlap_buffers(const struct xb_overlap_config *config)
{
    switch (config->mode) {
    case XB_OVERLAP_DOUBLE:
        return 2;
    case XB_OVERLAP_DEPTH:
        return config->depth;
    case XB_OVERLAP_LOCKSTEP:
    case XB_OVERLAP_PREPARED:
        break;
    }
    return 1;
}

uint64_t xb_overlap_image_bytes(const struct xb_overlap_config *config)
{
    return (uint64_t)config->width * (uint64_t)config->height * sizeof(float);
}

/* C: let go of a batch that is complete, and build the next one. */
static int prepare(struct xb_overlap *o, struct xb_error *err)
{
    double from_us = xb_clock_us();
    const struct xb_overlap_config *c = &o->config;

    o->stepper->free(o->spent);
    o->spent = NULL;
    int rc = o->stepper->build(o->fields, c->steps / c->images, &o->next, err);
    o->times.prepare_us += xb_clock_us() - from_us;
    return rc < 0 ? XB_ERROR : XB_GO;
}

/* X begins, in a free buffer. */
static int start(struct xb_overlap *o, struct slot *s, struct xb_error *err)
{
    if (xb_owner_pass(&s->owned, XB_OWNER_FREE, XB_OWNER_DEVICE, err) < 0)
        return XB_ERROR;
    o->spent = s->batch;
    s->batch = o->next;
    o->next = NULL;
    o->last = s;
    return o->stepper->run(s->batch, s->mem.ptr, err) < 0 ? XB_ERROR : XB_GO;
}

/* X ends. */
static int await(struct xb_overlap *o, struct slot *s, struct xb_error *err)
{
    int rc;

    while ((rc = o->stepper->done(s->batch, err)) == 0) {
        double now_us = xb_clock_us();
        if (atomic_load(&o->stop) || now_us > o->deadline_us) {
            xb_fail(err, "an image was not complete within the case's time");
            return XB_TIMED_OUT;
        }
        while (xb_clock_us() < now_us + POLL_US)
            sched_yield();
    }
    return rc < 0 ? XB_ERROR : XB_GO;
}

static int write_image(const struct xb_overlap *o, const struct slot *s, struct xb_error *err)
{
    uint64_t bytes = xb_overlap_image_bytes(&o->config), done = 0;

    while (done < bytes) {
        ssize_t n = pwrite(o->file, (const char *)s->mem.ptr + done, bytes - done, (off_t)done);
        if (n < 0 && errno != EINTR)
            return xb_fail(err, "cannot write the image: %s", strerror(errno));
        done += n > 0 ? (uint64_t)n : 0;
    }
    return 0;
}

/* R: what the host does with an image in its hands. */
static int process(struct xb_overlap *o, const struct slot *s, struct xb_error *err)
{
    double from_us = xb_clock_us();
    enum xb_overlap_stages stages = o->config.stages;
    size_t cells = xb_overlap_image_bytes(&o->config) / sizeof(float);
    int rc = 0;

    if (stages < XB_OVERLAP_SUM)
        return 0;
    if (xb_owner_check(&s->owned, XB_OWNER_HOST, err) < 0)
        return -1;
    double sum = xb_gray_scott_sum(s->mem.ptr, cells);
    if (!o->has_sums)
        o->sums[o->processed] = sum;
    o->right = isfinite(sum) && sum == o->sums[o->processed] && o->right;
    o->processed++;
    if (stages == XB_OVERLAP_WRITE)
        rc = write_image(o, s, err);
    o->times.process_us += xb_clock_us() - from_us;
    return rc;
}

/* From a started image to a free buffer. */
static int finish(struct xb_overlap *o, struct slot *s, struct xb_error *err)
{
    double us;
    int rc;

    if (o->config.fault == XB_OVERLAP_READS_EARLY && process(o, s, err) < 0)
        return XB_ERROR;
    if ((rc = await(o, s, err)) != XB_GO)
        return rc;
    if (xb_owner_pass(&s->owned, XB_OWNER_DEVICE, XB_OWNER_HOST, err) < 0 ||
        o->stepper->elapsed(s->batch, &us, err) < 0)
        return XB_ERROR;
    o->times.device_us += us;
    if (process(o, s, err) < 0 ||
        xb_owner_pass(&s->owned, XB_OWNER_HOST, XB_OWNER_FREE, err) < 0)
        return XB_ERROR;
    return XB_GO;
}

static int lockstep(struct xb_overlap *o, struct xb_error *err)
{
    int rc = XB_GO;

    for (int64_t n = 0; rc == XB_GO && n < o->config.images; n++) {
        rc = prepare(o, err);
        if (rc == XB_GO)
            rc = start(o, &o->slots[0], err);
        if (rc == XB_GO)
            rc = finish(o, &o->slots[0], err);
    }
    return rc;
}

static int prepared(struct xb_overlap *o, struct xb_error *err)
{
    int rc = prepare(o, err);

    for (int64_t n = 0; rc == XB_GO && n < o->config.images; n++) {
        rc = start(o, &o->slots[0], err);
        if (rc == XB_GO && n + 1 < o->config.images)
            rc = prepare(o, err);
        if (rc == XB_GO)
            rc = finish(o, &o->slots[0], err);
    }
    return rc;
}

/* The thread that does R, for all rounds. */
static void *consume(void *arg)
{
    struct xb_overlap *o = arg;
    bool early = o->config.fault == XB_OVERLAP_GIVES_BACK_EARLY;
    struct slot *s;

    while (xb_queue_take(o->filled, &s) == XB_QUEUE_OK) {
        if (early && xb_queue_put(o->idle, &s) != XB_QUEUE_OK)
            break;
        o->consumer_rc = finish(o, s, &o->consumer_err);
        if (o->consumer_rc != XB_GO || (!early && xb_queue_put(o->idle, &s) != XB_QUEUE_OK))
            break;
    }
    xb_queue_close(o->idle);
    return NULL;
}

/* A free buffer, waiting for one. The consumer waits for the device no longer than the case has
 * time, so this ends too. */
static int take_idle(struct xb_overlap *o, struct slot **s, struct xb_error *err)
{
    if (xb_queue_take(o->idle, s) == XB_QUEUE_OK)
        return XB_GO;
    *err = o->consumer_err;
    return o->consumer_rc == XB_GO ? XB_ERROR : o->consumer_rc;
}

static int streamed(struct xb_overlap *o, struct xb_error *err)
{
    struct slot *s;
    int rc = XB_GO;

    for (int64_t n = 0; rc == XB_GO && n < o->config.images; n++) {
        rc = prepare(o, err);
        if (rc == XB_GO)
            rc = take_idle(o, &s, err);
        if (rc == XB_GO)
            rc = start(o, s, err);
        if (rc == XB_GO && xb_queue_put(o->filled, &s) != XB_QUEUE_OK)
            rc = xb_fail(err, "the queue of images was closed");
    }
    for (int i = 0; rc == XB_GO && i < xb_overlap_buffers(&o->config); i++)
        rc = take_idle(o, &s, err);
    return rc;
}

static bool is_streamed(enum xb_overlap_mode mode)
{
    return mode == XB_OVERLAP_DOUBLE || mode == XB_OVERLAP_DEPTH;
}

/* All buffers are free and known to be. */
static int prime(struct xb_overlap *o, enum xb_overlap_mode as, struct xb_error *err)
{
    for (int i = 0; is_streamed(as) && i < xb_overlap_buffers(&o->config); i++) {
        struct slot *s = &o->slots[i];
        if (xb_queue_put(o->idle, &s) != XB_QUEUE_OK)
            return xb_fail(err, "the queue of buffers was closed");
    }
    return 0;
}

/* The batches that are left, so that each mode builds and frees as many. */
static void let_go(struct xb_overlap *o)
{
    double from_us = xb_clock_us();

    o->stepper->free(o->spent);
    o->spent = NULL;
    for (int i = 0; i < XB_OVERLAP_MAX_DEPTH; i++) {
        o->stepper->free(o->slots[i].batch);
        o->slots[i].batch = NULL;
    }
    o->times.prepare_us += xb_clock_us() - from_us;
}

static int run_mode(struct xb_overlap *o, enum xb_overlap_mode as, struct xb_error *err)
{
    if (is_streamed(as))
        return streamed(o, err);
    return as == XB_OVERLAP_PREPARED ? prepared(o, err) : lockstep(o, err);
}

int xb_overlap_round(struct xb_overlap *o, enum xb_overlap_mode as, double deadline_us,
                     struct xb_overlap_times *out, struct xb_error *err)
{
    if (o->broken)
        return xb_fail(err, "an earlier round failed");
    o->times = (struct xb_overlap_times){0};
    o->right = true;
    o->processed = 0;
    o->deadline_us = deadline_us;
    if (o->stepper->reset(o->fields, err) < 0 || prime(o, as, err) < 0)
        return XB_ERROR;
    double from_us = xb_clock_us();
    int rc = run_mode(o, as, err);
    o->broken = rc != XB_GO;
    if (rc != XB_GO)
        return rc;
    let_go(o);
    o->has_sums = true;
    o->times.total_us = xb_clock_us() - from_us;
    *out = o->times;
    return XB_GO;
}

const float *xb_overlap_image(struct xb_overlap *o, struct xb_error *err)
{
    if (!o->result)
        return xb_owner_check(&o->last->owned, XB_OWNER_FREE, err) < 0 ? NULL
                                                                       : o->last->mem.ptr;
    return o->stepper->download(o->fields, o->result, err) < 0 ? NULL : o->result;
}

bool xb_overlap_is_right(const struct xb_overlap *o)
{
    return o->right;
}

/* A file that is gone when it is closed, whatever ends the program. */
static int open_file(struct xb_overlap *o, struct xb_error *err)
{
    const char *dir = getenv("TMPDIR");
    char path[4096];

    snprintf(path, sizeof path, "%s/xferbench-XXXXXX", dir && *dir ? dir : "/tmp");
    o->file = mkstemp(path);
    if (o->file < 0)
        return xb_fail(err, "cannot make the file %s: %s", path, strerror(errno));
    unlink(path);
    return 0;
}

static int open_buffers(struct xb_overlap *o, struct xb_error *err)
{
    uint64_t bytes = xb_overlap_image_bytes(&o->config);

    if (o->config.stages == XB_OVERLAP_COMPUTE) {
        o->result = malloc(bytes);
        return o->result ? 0 : xb_fail(err, "out of memory");
    }
    for (int i = 0; i < xb_overlap_buffers(&o->config); i++)
        if (o->dev->alloc(XB_MEM_PINNED, 0, bytes, &o->slots[i].mem, err) < 0)
            return -1;
    return o->config.stages == XB_OVERLAP_WRITE ? open_file(o, err) : 0;
}

static int open_consumer(struct xb_overlap *o, struct xb_error *err)
{
    size_t n = (size_t)xb_overlap_buffers(&o->config);

    if (!is_streamed(o->config.mode))
        return 0;
    if (xb_queue_open(n, sizeof(struct slot *), &o->idle, err) < 0 ||
        xb_queue_open(n, sizeof(struct slot *), &o->filled, err) < 0)
        return -1;
    int rc = pthread_create(&o->consumer, NULL, consume, o);
    if (rc != 0)
        return xb_fail(err, "cannot start a thread: %s", strerror(rc));
    o->has_consumer = true;
    return 0;
}

int xb_overlap_open(const struct xb_device *dev, const struct xb_overlap_config *config,
                    struct xb_overlap **out, struct xb_error *err)
{
    struct xb_overlap *o = calloc(1, sizeof *o);

    if (!o)
        return xb_fail(err, "out of memory");
    o->config = *config;
    o->dev = dev;
    o->stepper = config->stepper;
    o->file = -1;
    o->sums = calloc((size_t)config->images, sizeof *o->sums);
    if (!o->sums)
        xb_fail(err, "out of memory");
    if (!o->sums || o->stepper->open(config->width, config->height, &o->fields, err) < 0 ||
        open_buffers(o, err) < 0 || open_consumer(o, err) < 0) {
        xb_overlap_close(o);
        return -1;
    }
    *out = o;
    return 0;
}

static void stop_consumer(struct xb_overlap *o)
{
    if (o->has_consumer) {
        atomic_store(&o->stop, true);
        xb_queue_close(o->filled);
        xb_queue_close(o->idle);
        pthread_join(o->consumer, NULL);
    }
    xb_queue_free(o->filled);
    xb_queue_free(o->idle);
}

void xb_overlap_close(struct xb_overlap *o)
{
    if (!o)
        return;
    stop_consumer(o);
    o->stepper->close(o->fields);
    o->stepper->free(o->next);
    let_go(o);
    for (int i = 0; i < XB_OVERLAP_MAX_DEPTH; i++)
        if (o->slots[i].mem.ptr)
            o->dev->free(&o->slots[i].mem);
    if (o->file >= 0)
        close(o->file);
    free(o->sums);
    free(o->result);
    free(o);
}
