/* xfer.c - the library face: buffers, transfers and statistics. */
#include "xfer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/units.h"
#include "engine/measure/session_open.h"
#include "engine/runtime/agree.h"
#include "engine/runtime/clock.h"
#include "engine/runtime/share.h"
#include "library/xfer_internal.h"

struct buffer {
    void *ptr; /* NULL: the place is free */
    uint64_t bytes;
    struct xb_endpoint endpoint;
    bool registered_here; /* with the device */
    uint32_t generation;  /* of the place: a handle of an earlier one is no longer good */
};

/* The arguments that a lane is open for. */
struct call {
    xfer_buffer dst, src;
    uint64_t dst_offset, src_offset, bytes;
};

struct xfer {
    struct xb_session session;
    struct xb_policy policy;
    struct buffer *buffers;
    size_t nbuffers;
    struct call last; /* of the lane */
    struct xb_xfer_lane lane;
    struct xfer_stats *stats;
    size_t nstats;
};

static bool in_use; /* the session has the process's GPU and binding */

static int give_error(const struct xb_error *from, struct xfer_error *to)
{
    if (to)
        snprintf(to->text, sizeof to->text, "%s", from->text);
    return -1;
}

/* ---- create and destroy ---- */

static int find_policy(const char *given, char *path, size_t len, struct xb_error *err)
{
    const char *dirs[] = {getenv("XFERBENCH_SCENARIOS"), XB_SCENARIO_DIR};

    if (given) {
        snprintf(path, len, "%s", given);
        return 0;
    }
    for (size_t i = 0; i < 2; i++) {
        if (!dirs[i])
            continue;
        snprintf(path, len, "%s/policies/static.json", dirs[i]);
        if (access(path, R_OK) == 0)
            return 0;
    }
    return xb_fail(err, "no policy static.json: looked for it in %s%s%s/policies",
                   dirs[0] ? dirs[0] : "", dirs[0] ? "/policies and " : "", dirs[1]);
}

static int read_policy(struct xfer *x, const char *given, struct xb_error *err)
{
    const struct xb_session *s = &x->session;
    struct xb_shared_text file;
    int rc = xb_share_text(find_policy, given, &file, err);

    if (rc == 0)
        rc = xb_policy_parse(file.path, file.text, xb_engine_catalog(), &x->policy, err);
    else if (s->rank != 0)
        rc = 0; /* rank 0 has the reason */
    free(file.text);
    return xb_agree(s->world, rc < 0 ? XB_ERROR : XB_GO, s->rank, s->ranks[s->rank].host,
                    err) == XB_GO
               ? 0
               : -1;
}

static int open_all(struct xfer *x, const char *policy, const char *device,
                    struct xb_error *err)
{
    const struct xb_session_options options = {.device = device ? device : "auto", .seed = 1};

    if (xb_session_open(&options, &x->session, err) < 0)
        return -1;
    if (read_policy(x, policy, err) == 0)
        return 0;
    xb_policy_release(&x->policy);
    xb_session_close(&x->session);
    return -1;
}

int xfer_create(const char *policy, const char *device, struct xfer **out,
                struct xfer_error *err)
{
    struct xfer *x = calloc(1, sizeof *x);
    struct xb_error why = {""};
    char name[64] = "";
    int rc = XB_GO, rank;

    *out = NULL;
    gethostname(name, sizeof name - 1);
    if (!x)
        rc = xb_fail(&why, "out of memory");
    else if (in_use)
        rc = xb_fail(&why, "this process has one already, expected it to be destroyed first");
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    if (xb_agree(MPI_COMM_WORLD, rc, rank, name, &why) != XB_GO ||
        open_all(x, policy, device, &why) < 0) {
        free(x);
        return give_error(&why, err);
    }
    in_use = true;
    *out = x;
    return 0;
}

/* The calls below use the rank's GPU, whatever the calling thread has used. */
static int enter(const struct xfer *x, struct xb_error *err)
{
    const struct xb_device *dev = x->session.device;
    return dev->enter ? dev->enter(err) : 0;
}

static void forget(struct xfer *x, struct buffer *b)
{
    if (b->registered_here)
        x->session.device->host_unregister(b->ptr);
    *b = (struct buffer){.generation = b->generation};
}

void xfer_destroy(struct xfer *x)
{
    struct xb_error none;

    if (!x)
        return;
    enter(x, &none);
    xb_xfer_lane_close(&x->lane, false);
    for (size_t i = 0; i < x->nbuffers; i++)
        if (x->buffers[i].ptr)
            forget(x, &x->buffers[i]);
    xb_policy_release(&x->policy);
    xb_session_close(&x->session);
    free(x->buffers);
    free(x->stats);
    free(x);
    in_use = false;
}

/* ---- buffers ---- */

/* A handle is the generation of a place above its index. */
static xfer_buffer handle_of(const struct xfer *x, const struct buffer *b)
{
    return (uint64_t)b->generation << 32 | (uint64_t)(b - x->buffers);
}

static struct buffer *find_buffer(const struct xfer *x, xfer_buffer handle)
{
    size_t i = (size_t)(handle & UINT32_MAX);

    if (i >= x->nbuffers || !x->buffers[i].ptr || handle_of(x, &x->buffers[i]) != handle)
        return NULL;
    return &x->buffers[i];
}

static struct buffer *free_place(struct xfer *x)
{
    for (size_t i = 0; i < x->nbuffers; i++)
        if (!x->buffers[i].ptr)
            return &x->buffers[i];
    struct buffer *more = realloc(x->buffers, (x->nbuffers + 1) * sizeof *more);
    if (!more)
        return NULL;
    x->buffers = more;
    x->buffers[x->nbuffers] = (struct buffer){0};
    return &x->buffers[x->nbuffers++];
}

static int check_memory(const struct xfer *x, const struct xfer_region *region,
                        struct xb_error *err)
{
    int others = x->session.device->others();

    if (!region->ptr || region->bytes == 0 ||
        region->bytes > UINTPTR_MAX - (uintptr_t)region->ptr)
        return xb_fail(err, "found a buffer of %" PRIu64 " bytes at %p, expected memory",
                       region->bytes, region->ptr);
    if (region->memory != XFER_HOST && region->memory != XFER_HOST_PINNED &&
        region->memory != XFER_GPU)
        return xb_fail(err, "found the kind of memory %d, expected one of enum xfer_memory",
                       (int)region->memory);
    if (region->memory == XFER_GPU && (region->gpu < 0 || region->gpu > others))
        return xb_fail(err, "found GPU %d, expected one from 0 to %d", region->gpu, others);
    return 0;
}

int xfer_register(struct xfer *x, const struct xfer_region *region, xfer_buffer *out,
                  struct xfer_error *err)
{
    struct xb_error why = {""};

    *out = 0;
    if (enter(x, &why) < 0 || check_memory(x, region, &why) < 0)
        return give_error(&why, err);
    struct buffer *b = free_place(x);
    if (!b) {
        xb_fail(&why, "out of memory");
        return give_error(&why, err);
    }
    if (region->memory == XFER_HOST &&
        x->session.device->host_register(region->ptr, region->bytes, &why) < 0)
        return give_error(&why, err);
    *b = (struct buffer){.ptr = region->ptr,
                         .bytes = region->bytes,
                         .endpoint = {.kind = region->memory == XFER_GPU ? XB_GPU : XB_HOST,
                                      .index = region->memory == XFER_GPU ? region->gpu : 0},
                         .registered_here = region->memory == XFER_HOST,
                         .generation = b->generation + 1};
    *out = handle_of(x, b);
    return 0;
}

static int no_buffer(const char *which, xfer_buffer handle, struct xb_error *err)
{
    return xb_fail(err, "found %s %#" PRIx64 ", expected a buffer that is registered", which,
                   handle);
}

int xfer_unregister(struct xfer *x, xfer_buffer buffer, struct xfer_error *err)
{
    struct buffer *b = find_buffer(x, buffer);
    struct xb_error why;

    if (!b) {
        no_buffer("the buffer", buffer, &why);
        return give_error(&why, err);
    }
    if (enter(x, &why) < 0)
        return give_error(&why, err);
    if (x->last.dst == buffer || x->last.src == buffer)
        xb_xfer_lane_close(&x->lane, false);
    forget(x, b);
    return 0;
}

/* ---- transfers ---- */

static int check_range(const struct buffer *b, const char *which, uint64_t offset,
                       uint64_t bytes, struct xb_error *err)
{
    if (offset <= b->bytes && bytes <= b->bytes - offset)
        return 0;
    return xb_fail(err,
                   "found %" PRIu64 " bytes at offset %" PRIu64
                   " of %s, expected them to end within its %" PRIu64 " bytes",
                   bytes, offset, which, b->bytes);
}

/* The two ends of a call, checked. */
static int find_ends(const struct xfer *x, const struct call *call, struct xb_xfer_end *dst,
                     struct xb_xfer_end *src, struct xb_error *err)
{
    const struct buffer *to = find_buffer(x, call->dst), *from = find_buffer(x, call->src);

    if (!to)
        return no_buffer("the destination", call->dst, err);
    if (!from)
        return no_buffer("the source", call->src, err);
    if (check_range(to, "the destination", call->dst_offset, call->bytes, err) < 0 ||
        check_range(from, "the source", call->src_offset, call->bytes, err) < 0)
        return -1;
    uintptr_t d = (uintptr_t)to->ptr + call->dst_offset;
    uintptr_t s = (uintptr_t)from->ptr + call->src_offset;
    if (d < s + call->bytes && s < d + call->bytes)
        return xb_fail(err,
                       "found a destination that overlaps its source by %" PRIu64
                       " bytes, expected none",
                       call->bytes - (d > s ? d - s : s - d));
    *dst = (struct xb_xfer_end){to->ptr, to->bytes, call->dst_offset, to->endpoint};
    *src = (struct xb_xfer_end){from->ptr, from->bytes, call->src_offset, from->endpoint};
    return 0;
}

/* Have a lane for this call: that of the last one if it is the same. */
static int have_lane(struct xfer *x, const struct call *call, const struct xb_xfer_move *move,
                     struct xb_error *err)
{
    const struct call *last = &x->last;

    if (x->lane.is_open && last->dst == call->dst && last->src == call->src &&
        last->dst_offset == call->dst_offset && last->src_offset == call->src_offset &&
        last->bytes == call->bytes)
        return 0;
    xb_xfer_lane_close(&x->lane, false);
    x->last = *call;
    return xb_xfer_lane_choose(&x->session, &x->policy, move, &x->lane, err);
}

/* The entry of this path and size class, made if need be; NULL when out of memory. */
static struct xfer_stats *find_stats(struct xfer *x, struct xb_endpoint src,
                                     struct xb_endpoint dst, uint64_t bytes)
{
    struct xfer_stats fresh = {.size_class = xb_size_class(bytes)};
    char name[XB_PATH_LEN];

    snprintf(fresh.src, sizeof fresh.src, "%.15s", xb_endpoint_format(src, name));
    snprintf(fresh.dst, sizeof fresh.dst, "%.15s", xb_endpoint_format(dst, name));
    for (size_t i = 0; i < x->nstats; i++)
        if (x->stats[i].size_class == fresh.size_class &&
            strcmp(x->stats[i].src, fresh.src) == 0 && strcmp(x->stats[i].dst, fresh.dst) == 0)
            return &x->stats[i];
    struct xfer_stats *more = realloc(x->stats, (x->nstats + 1) * sizeof *more);
    if (!more)
        return NULL;
    x->stats = more;
    x->stats[x->nstats] = fresh;
    return &x->stats[x->nstats++];
}

static void count(struct xfer_stats *s, uint64_t bytes, double us, bool replaced)
{
    double rate = us > 0 ? xb_gb_per_s((double)bytes, us) : 0;

    s->transfers++;
    s->bytes += bytes;
    s->replaced += replaced;
    s->time_us += us;
    if (rate > s->best_gb_per_s)
        s->best_gb_per_s = rate;
    s->avg_gb_per_s = s->time_us > 0 ? xb_gb_per_s((double)s->bytes, s->time_us) : 0;
}

/* Make a transfer whose arguments are good. */
static int transfer(struct xfer *x, const struct call *call, const struct xb_xfer_move *move,
                    struct xb_error *err)
{
    double begin_us = xb_clock_us();

    if (have_lane(x, call, move, err) < 0)
        return -1;
    struct xfer_stats *stats =
        find_stats(x, move->src.endpoint, move->dst.endpoint, call->bytes);
    if (!stats)
        return xb_fail(err, "out of memory");
    if ((!x->lane.is_open && xb_xfer_lane_open(&x->lane, err) < 0) ||
        xb_xfer_lane_run(&x->lane, err) < 0) {
        xb_xfer_lane_close(&x->lane, true);
        stats->failures++;
        return -1;
    }
    count(stats, call->bytes, xb_clock_us() - begin_us, x->lane.replaced);
    return 0;
}

int xfer_transfer(struct xfer *x, struct xfer_place dst, struct xfer_place src, uint64_t bytes,
                  struct xfer_error *err)
{
    const struct call call = {dst.buffer, src.buffer, dst.offset, src.offset, bytes};
    struct xb_xfer_move move = {.bytes = bytes};
    struct xb_error why = {""};

    if (find_ends(x, &call, &move.dst, &move.src, &why) < 0)
        return give_error(&why, err);
    if (bytes == 0)
        return 0;
    if (enter(x, &why) < 0)
        return give_error(&why, err);
    return transfer(x, &call, &move, &why) == 0 ? 0 : give_error(&why, err);
}

/* ---- what is done and was done ---- */

int xfer_explain(struct xfer *x, xfer_buffer dst, xfer_buffer src, uint64_t bytes,
                 char how[XFER_HOW_LEN], struct xfer_error *err)
{
    const struct call call = {.dst = dst, .src = src, .bytes = bytes};
    char chunk[XB_UNITS_LEN];
    struct xb_xfer_move move = {.bytes = bytes};
    struct xb_xfer_lane lane;
    struct xb_error why = {""};
    size_t n;

    if (find_ends(x, &call, &move.dst, &move.src, &why) < 0 ||
        xb_xfer_lane_choose(&x->session, &x->policy, &move, &lane, &why) < 0)
        return give_error(&why, err);
    n = (size_t)snprintf(how, XFER_HOW_LEN, "%s", lane.c.method->name);
    for (size_t i = 0; i < xb_option_count(lane.c.method->options) && n < XFER_HOW_LEN; i++) {
        const struct xb_option *opt = &lane.c.method->options[i];
        int64_t held = xb_option_get(opt, &lane.c.options);
        char value[64];
        if (xb_option_is_written(opt, held))
            n += (size_t)snprintf(how + n, XFER_HOW_LEN - n, " %s %s", opt->name,
                                  xb_option_format(opt, held, value, sizeof value));
    }
    if (lane.c.chunk && n < XFER_HOW_LEN)
        n += (size_t)snprintf(how + n, XFER_HOW_LEN - n, " chunk %s depth %d",
                              xb_size_format(lane.c.chunk, chunk), lane.c.depth);
    if (lane.replaced && n < XFER_HOW_LEN)
        snprintf(how + n, XFER_HOW_LEN - n, " (not %s)",
                 lane.asked.method ? lane.asked.method->name : "the policy's");
    return 0;
}

size_t xfer_stats_get(const struct xfer *x, struct xfer_stats *out, size_t max)
{
    for (size_t i = 0; i < x->nstats && i < max; i++)
        out[i] = x->stats[i];
    return x->nstats;
}

void xfer_stats_clear(struct xfer *x)
{
    x->nstats = 0;
}
