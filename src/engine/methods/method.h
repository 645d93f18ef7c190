/* SPDX-License-Identifier: BSD-3-Clause */
/* method.h - the table of methods, transfers and collectives: how the bytes of one lane travel.
 *
 * A method is one file under methods/ that ends in one `struct xb_method`. What it is, its
 * options and the paths that it takes stand in a header beside it, NAME_spec.h, which needs no
 * MPI: tests, which do not run methods, take the specs from there. Each rank with a
 * part in a lane (source, destination or both) makes one context for it. The order of calls is
 * fixed: probe, open, prepare, then any number of post and wait, close; between the first four
 * all ranks agree whether to go on. Only prepare and wait may wait for the other end of the
 * lane; prepare is called for every lane in the order of the lanes, also after one has failed.
 * Only post and wait run inside the timer; they neither allocate nor print.
 */
#ifndef XB_ENGINE_METHODS_METHOD_H
#define XB_ENGINE_METHODS_METHOD_H

#include <stdint.h>

#include "base/error.h"
#include "engine/devices/device.h"
#include "engine/pipeline/pipeline.h"
#include "engine/pipeline/transfer.h"
#include "engine/runtime/agree.h"
#include "model/plan/plan.h"
#include "model/scenario/catalog.h"

/* Which rank's post and wait make the transfer happen. The lane's clock runs on the mover (on
 * the source where both move), and completion is known to the mover (to the destination where
 * both move). */
enum xb_mover { XB_MOVER_SRC, XB_MOVER_DST, XB_MOVER_BOTH };

struct xb_method {
    struct xb_method_spec spec;

    /* Which ranks move; NULL means XB_MOVER_BOTH. */
    enum xb_mover (*mover)(const struct xb_case *c);

    /* Is it better to post what a rank receives before what it sends, where it does both at
     * once? Without it lanes are posted in their order, the same on both ranks. */
    bool receives_first;

    /* Which GPU of this rank does the work of its part, as an endpoint's index; NULL means 0.
     */
    int (*gpu)(const struct xb_transfer *t);

    /* May the method's library still touch the buffers after a close of a case that failed?
     * Then they are left to it. */
    bool may_touch_later;

    /* Does wait go on to start copies, so that not all of a transfer is in the stream when post
     * returns? NULL means no. */
    bool (*starts_in_wait)(const struct xb_case *c);

    /* Does it need nothing of the device between two hosts, not even a stream? */
    bool needs_no_device;

    /* Do lanes of a round prepare one after another? NULL: all at the same time. */
    bool (*in_turn)(const struct xb_case *c);

    /* Where the source alone works: may it be wrong in what it believes is complete? Then the
     * destination looks for itself before it says that the last byte is there. NULL means no.
     */
    bool (*may_err)(const struct xb_case *c);

    /* Can the device itself pass this lane and the one back from GPU to GPU, in a pingpong?
     * Then side says what this rank's part of a lane gives the kernels, and post and wait are
     * not called. NULL means no. */
    bool (*is_resident)(const struct xb_case *c);
    void (*side)(void *ctx, struct xb_resident_side *side);

    /* Kind of memory of an endpoint that is the lane's source or destination; NULL means
     * XB_MEM_DEVICE of GPUs and XB_MEM_PINNED of hosts. */
    enum xb_mem_kind (*memory)(const struct xb_case *c, struct xb_endpoint e,
                               enum xb_role role);

    /* Called by all ranks of the run before each case of the method, and within it behind a
     * round that failed, whether they have a part in it or not: make, if it is not there, what
     * the method keeps for all its cases. Ends with an agreement: XB_GO, XB_SKIP or XB_ERROR,
     * the same everywhere. Stop frees it, on all ranks: at the end of a run, and before a start
     * that is to make it anew. NULL means there is no such thing. */
    int (*start)(const struct xb_session *session, const struct xb_case *c,
                 struct xb_error *err);
    void (*stop)(void);

    /* Can this rank do its part: XB_GO, or with the reason XB_SKIP, or XB_ERROR where something
     * that was there is not any more. The buffers do not exist yet. Every rank with a role is
     * asked; it has no effects. */
    int (*probe)(const struct xb_transfer *t, struct xb_error *err);

    /* Add what this rank's part needs besides its buffers; NULL means nothing. */
    void (*needs)(const struct xb_transfer *t, struct xb_needs *needs);

    /* Make the context and the card for the other end. XB_GO, XB_SKIP with the reason, or
     * XB_ERROR; except with XB_GO, *ctx stays NULL and nothing is left behind. t outlives the
     * context. */
    int (*open)(const struct xb_transfer *t, void **ctx, struct xb_card *card,
                struct xb_error *err);

    /* Take the other end's card (its own within a rank): map, register, connect. XB_GO,
     * XB_SKIP, XB_ERROR; close follows in any case. NULL means nothing to do. */
    int (*prepare)(void *ctx, const struct xb_card *peer, struct xb_error *err);

    /* Put things back so that one transfer can be made; then transfers are posted one at a
     * time, each after a reset, which is not timed. NULL means that one transfer leaves all as
     * it was for the next. 0 or -1. */
    int (*reset)(void *ctx, struct xb_error *err);

    /* Host memory of the program's own that bytes rest in on their way, as it is mapped on this
     * rank: false where there is none. NULL means that there never is; what a library has is
     * out of reach. */
    bool (*staging)(void *ctx, struct xb_mem *out);

    /* The checksum of the transfer that was completed last, as the destination's rank took it
     * on the way. Asked only where the case wants checksums; NULL where a method has none. */
    uint64_t (*checksum)(void *ctx);

    /* The pipeline that its chunks pass through on this rank; NULL means that there is none to
     * look into. */
    struct xb_pipeline *(*pipeline)(void *ctx);

    /* Start n more transfers. Called only after all before are complete. 0 or -1. */
    int (*post)(void *ctx, int n, struct xb_error *err);

    /* One step of progress: 1 when all that was posted is complete, 0 when not yet, -1. Does
     * not wait where its library lets it ask, so that one rank can drive several lanes and time
     * is kept in one place. */
    int (*wait)(void *ctx, struct xb_error *err);

    /* Free everything. Must not wait for work that may never end. */
    void (*close)(void *ctx);
};

/* All methods, NULL-terminated. */
extern const struct xb_method *const xb_methods[];

/* The specs of all methods and the names of devices and forms, for the model. */
const struct xb_catalog *xb_engine_catalog(void);

/* The row that a case's spec belongs to. */
const struct xb_method *xb_method_of(const struct xb_case *c);

/* The mover of a case. */
enum xb_mover xb_method_mover(const struct xb_case *c);

/* Seconds that a case gets on top of its own time before it counts as hung: every bounded wait
 * has ended by then. More where the method may set itself up with all ranks first. Of a case
 * whose method the policy picks the choice is to be asked about. */
double xb_method_grace_s(const struct xb_case *c);

/* Kind of memory of an endpoint in this case. */
enum xb_mem_kind xb_method_memory(const struct xb_case *c, struct xb_endpoint e,
                                  enum xb_role role);

/* Call stop of all methods. */
void xb_methods_stop(void);

/* What probes have in common, and all that a simple method asks: XB_SKIP with the reason unless
 * the method's spec takes the lane's path and the rank sees the GPUs that it names. */
int xb_method_supports(const struct xb_transfer *t, struct xb_error *err);

/* Can kernels on that GPU of this rank have so many multiprocessors, 0 for all? XB_GO, XB_SKIP
 * with the reason, or XB_ERROR where the GPU cannot be asked. */
int xb_method_has_sms(const struct xb_transfer *t, int gpu, int64_t sms, struct xb_error *err);

#endif
