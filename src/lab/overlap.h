/* SPDX-License-Identifier: BSD-3-Clause */
/* overlap.h - a loop of three stages, and how much of it runs at the same time.
 *
 * An image takes steps / images Gray-Scott steps:
 *   C  the CPU prepares the commands of the batch of steps (on CUDA a graph is built) and lets
 *      go of those of an earlier one;
 *   X  the device runs the batch and downloads field v into a host buffer;
 *   R  the CPU processes what is in the buffer: sums it, writes it to a file.
 *
 * lockstep  one buffer; C, X and R of an image, then the next image.
 * prepared  one buffer; C of image n + 1 while X of image n runs, then R of n.
 * double    two buffers; results stream through a bounded queue to a thread that does R: C of
 *           n + 1 and R of n - 1 while X of n runs, and X of n + 1 starts right behind X of n
 *           as soon as R of n - 1 has given its buffer back.
 * depth     the same with so many buffers.
 *
 * Before a round all buffers are free, after it they are again, and every image was processed:
 * all modes do the same work, whatever the number of images. A buffer's hand-overs are checked
 * (owner.h).
 */
#ifndef XB_LAB_OVERLAP_H
#define XB_LAB_OVERLAP_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/devices/device.h"
#include "lab/gray_scott/stepper.h"

#define XB_OVERLAP_MAX_DEPTH 16

enum xb_overlap_mode {
    XB_OVERLAP_LOCKSTEP,
    XB_OVERLAP_PREPARED,
    XB_OVERLAP_DOUBLE,
    XB_OVERLAP_DEPTH,
};

/* Each does what those before it do. */
enum xb_overlap_stages {
    XB_OVERLAP_COMPUTE,
    XB_OVERLAP_DOWNLOAD,
    XB_OVERLAP_SUM,
    XB_OVERLAP_WRITE, /* of each image over the last, to a file in $TMPDIR without a name */
};

/* What a loop that is wrong would do: a test lets it, to see that the checker stops it. */
enum xb_overlap_fault {
    XB_OVERLAP_SOUND,
    XB_OVERLAP_READS_EARLY,      /* R before X has ended */
    XB_OVERLAP_GIVES_BACK_EARLY, /* a streamed buffer is free again before X has ended */
};

struct xb_overlap_config {
    const struct xb_stepper *stepper; /* which computes; see xb_stepper_of */
    enum xb_overlap_mode mode;
    enum xb_overlap_stages stages;
    int depth; /* buffers of XB_OVERLAP_DEPTH, up to XB_OVERLAP_MAX_DEPTH */
    int width, height;
    int64_t steps, images; /* of a round; steps is a multiple of images */
    enum xb_overlap_fault fault;
};

/* What a round took, and what each stage was busy in it, in microseconds. */
struct xb_overlap_times {
    double total_us;
    double prepare_us, device_us, process_us;
};

struct xb_overlap;

/* Buffers that a mode has. */
int xb_overlap_buffers(const struct xb_overlap_config *config);

/* Bytes of an image. */
uint64_t xb_overlap_image_bytes(const struct xb_overlap_config *config);

/* Take what rounds need; host buffers are of the device that the stepper writes from. 0, or -1
 * with nothing left behind. */
int xb_overlap_open(const struct xb_device *dev, const struct xb_overlap_config *config,
                    struct xb_overlap **out, struct xb_error *err);

/* One round from the state at the beginning, until deadline_us of xb_clock_us at most: XB_GO,
 * XB_ERROR or XB_TIMED_OUT; after the latter two no round runs again. as: the mode, at most
 * that of the configuration in buffers. Going back to the beginning is not in the times. */
int xb_overlap_round(struct xb_overlap *o, enum xb_overlap_mode as, double deadline_us,
                     struct xb_overlap_times *out, struct xb_error *err);

/* Field v at the end of the last round: where it was downloaded to, or where stages has no
 * download, downloaded now. Valid until the next round; NULL with err filled. */
const float *xb_overlap_image(struct xb_overlap *o, struct xb_error *err);

/* Was the sum of every image of the last round finite, and that of the same image in the first
 * round, bit for bit? True where nothing is summed. */
bool xb_overlap_is_right(const struct xb_overlap *o);

/* NULL is allowed. */
void xb_overlap_close(struct xb_overlap *o);

#endif
