/* SPDX-License-Identifier: BSD-3-Clause */
/* xfer.h - transfers within a rank by the methods that a policy picks: the engine of xferbench
 * for other programs.
 *
 *     struct xfer *x;
 *     struct xfer_error err;
 *     xfer_buffer from, to;
 *
 *     MPI_Init(&argc, &argv);
 *     int rc = xfer_create(NULL, NULL, &x, &err);
 *     if (rc == 0)
 *         rc = xfer_register(x, &(struct xfer_region){host, bytes, XFER_HOST, 0}, &from, &err);
 *     if (rc == 0)
 *         rc = xfer_register(x, &(struct xfer_region){device, bytes, XFER_GPU, 0}, &to, &err);
 *     struct xfer_place there = {to, 0}, here = {from, 0};
 *     if (rc == 0)
 *         rc = xfer_transfer(x, there, here, bytes, &err);
 *     if (rc < 0)
 *         fprintf(stderr, "%s\n", err.text);
 *     xfer_destroy(x);
 *
 * Link with `pkg-config --libs xfer`. A function that fails returns -1 and says why in err,
 * which the caller owns and may pass as NULL; else it returns 0. One thread at a time. Every
 * call but those for statistics leaves the GPU that the rank has taken as the current one of
 * the thread that called.
 *
 * There are no transfers between ranks. The methods for them agree on each step among the ranks
 * of a case, and hand out memory of their own where the user's cannot be shared; a pair of send
 * and receive would need a protocol beside them.
 */
#ifndef XFER_H
#define XFER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define XFER_ERROR_LEN 512

struct xfer_error {
    char text[XFER_ERROR_LEN];
};

struct xfer; /* opaque */

/* Called by all ranks of MPI_COMM_WORLD after MPI_Init, and a failure of one is everybody's.
 * policy is a policy file, which rank 0 reads; NULL is the shipped `static`, looked for in
 * $XFERBENCH_SCENARIOS/policies and where it is installed. device is "cuda", "cpu", or "auto"
 * or NULL for what is found. Each rank takes a GPU and is bound to cores near it, unless a
 * launcher has bound it, as by `xferbench run`; NCCL_NVLS_ENABLE is set to 0 in the environment
 * where it is not set. From then until xfer_destroy errors on MPI_COMM_WORLD are returned.
 * There may be one at a time in a process. The caller destroys *out; on failure it is NULL. */
int xfer_create(const char *policy, const char *device, struct xfer **out,
                struct xfer_error *err);

/* Called by all ranks, before MPI_Finalize. Buffers that are still registered are given back to
 * their owner, not freed. NULL is allowed. */
void xfer_destroy(struct xfer *x);

enum xfer_memory {
    XFER_HOST,          /* plain host memory: pinned here until it is unregistered */
    XFER_HOST_PINNED,   /* host memory that is pinned and mapped for the device already */
    XFER_GPU,           /* memory of a GPU; with the device cpu, any host memory */
    XFER_HOST_PAGEABLE, /* plain host memory that stays as it is */
};

typedef uint64_t xfer_buffer; /* 0 is never a buffer */

/* A piece of memory: bytes from ptr on. gpu is for XFER_GPU: 0 is the GPU that the rank has
 * taken, k the k-th other one that it sees, in bus order. */
struct xfer_region {
    void *ptr;
    uint64_t bytes;
    enum xfer_memory memory;
    int gpu;
};

/* Make a region known. Its memory stays the caller's and must outlive the registration; region
 * itself is not kept. What kind of memory it is is not verified. The caller unregisters. */
int xfer_register(struct xfer *x, const struct xfer_region *region, xfer_buffer *out,
                  struct xfer_error *err);
int xfer_unregister(struct xfer *x, xfer_buffer buffer, struct xfer_error *err);

/* A place in a registered buffer: offset bytes from its beginning. */
struct xfer_place {
    xfer_buffer buffer;
    uint64_t offset;
};

/* Move bytes from src to dst and return when the last one is there.
 * Work of the caller on the two ranges must be complete. Refused, and nothing moves: a buffer
 * that is not registered, a range that reaches beyond its buffer, ranges that overlap, and a
 * path that no method does. The method is the policy's choice for the path and this very size,
 * with its options, chunk and depth. Where that cannot work on the caller's buffers (`unified`
 * moves pages of its own, `zero-copy` reads no pageable memory, `mpi` is between ranks) or the
 * policy has no rule, `direct` stands for it, or `p2p` between two GPUs. Which memory an end
 * has is what it was registered as, whatever the policy's options `memory` of `direct` and
 * `host_memory` of `host-staged` say. What the method needs is kept for a call with the same
 * arguments that follows. After a failure on the way the destination's bytes are undefined. 0
 * bytes are moved at once and counted nowhere.
 */
int xfer_transfer(struct xfer *x, struct xfer_place dst, struct xfer_place src, uint64_t bytes,
                  struct xfer_error *err);

#define XFER_MOST_BLOCKS 1048576 /* of one transfer */

/* Blocks of `bytes` bytes each. At either end they begin a stride apart, the first one at the
 * place itself; or where a list says, in bytes behind the place. Example: a tile of 64 by 32
 * floats out of a matrix of 1,000 columns, to the GPU, where it lies in one piece:
 *
 *     (struct xfer_blocks){.count = 32, .bytes = 256, .src_stride = 4000}
 */
struct xfer_blocks {
    uint64_t count, bytes;
    uint64_t dst_stride, src_stride; /* from the beginning of one to that of the next, in bytes;
                                        0: they lie one behind another */
    const uint64_t *dst_at, *src_at; /* count offsets each, in place of a stride, which must be
                                        0; NULL for none. They stay the caller's */
};

/* Move all blocks and return when the last byte is there; bytes between them stay as they are.
 * As xfer_transfer, and refused are besides: more than XFER_MOST_BLOCKS, a stride that is
 * smaller than a block, a block of the destination that overlaps another one or one of the
 * source. Blocks of the source that a list names may overlap each other.
 * The policy's rules for so many blocks of this size say how their copies are submitted: one by
 * one, as a batch, as rows, as planes of them, by a kernel, as a graph, packed into one copy,
 * or through a ring in chunks of whole blocks. Blocks that are equally far apart are `strided`,
 * also those of a list; a list of planes, all alike, of such rows, with whole strides from one
 * plane to the next, is `planes`; others are `scattered`, and so are those that are more than 2
 * GiB apart. What lies one behind another at both ends is one piece, with its rules. Where the
 * policy's choice cannot be made `direct` stands for it, or `p2p` between two GPUs: as rows or
 * planes if they are such, else by a kernel where the GPU addresses both ends, as a batch by
 * `p2p`, or one by one. A call is the same as the one before if its lists hold the same
 * offsets. */
int xfer_transfer_blocks(struct xfer *x, struct xfer_place dst, struct xfer_place src,
                         const struct xfer_blocks *blocks, struct xfer_error *err);

/* Write how a transfer of so many bytes from the beginning of src to that of dst would be made,
 * "zero-copy chunk 16MiB depth 1", or one of these blocks, "direct memory pinned blocks 1024
 * order strided submission 2d", into how; what stands for another method is followed by
 * " (not ...)" with the policy's choice or "the policy's" where it has no rule. */
#define XFER_HOW_LEN 256
int xfer_explain(struct xfer *x, xfer_buffer dst, xfer_buffer src, uint64_t bytes,
                 char how[XFER_HOW_LEN], struct xfer_error *err);
int xfer_explain_blocks(struct xfer *x, xfer_buffer dst, xfer_buffer src,
                        const struct xfer_blocks *blocks, char how[XFER_HOW_LEN],
                        struct xfer_error *err);

/* What this rank has transferred on one path in one size class (0: up to 4 KiB, 1: 64 KiB,
 * 2: 1 MiB, 3: 16 MiB, 4: 128 MiB, 5: larger) since the statistics were cleared. Of blocks it
 * is their bytes together that count, without what lies between them. A time is that of the
 * whole call. Calls that were refused are not counted, those that failed on the way only
 * as failures. Rates are in units of 1e9 bytes a second, 0 without a transfer. */
struct xfer_stats {
    char src[16], dst[16]; /* "host", "gpu", "gpu+1" */
    int size_class;
    uint64_t transfers, bytes, failures;
    uint64_t replaced; /* of the transfers: not made as the policy says */
    double time_us;
    double best_gb_per_s, avg_gb_per_s;
};

/* Write at most max entries, ordered by first appearance, to out and return how many there are.
 */
size_t xfer_stats_get(const struct xfer *x, struct xfer_stats *out, size_t max);
void xfer_stats_clear(struct xfer *x);

#ifdef __cplusplus
}
#endif

#endif
