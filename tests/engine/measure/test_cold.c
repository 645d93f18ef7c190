/* SPDX-License-Identifier: BSD-3-Clause */
/* test_cold.c - what is put out of caches before a transfer, and what is skipped instead: by a
 * device that only notes what it is asked. */
#include "engine/measure/cold.h"

#include "engine/pipeline/turn.h"
#include "tests/tap.h"

static struct call {
    enum xb_mem_kind kind;
    int gpu;
    const void *at;
    uint64_t bytes;
} calls[8];
static int ncalls, answer;

static int note(enum xb_mem_kind kind, int gpu, const void *at, uint64_t bytes,
                struct xb_error *err)
{
    calls[ncalls++ % 8] = (struct call){kind, gpu, at, bytes};
    if (answer != 0)
        xb_fail(err, "no such memory");
    return answer;
}

static unsigned char ring[64];

static bool staging(void *ctx, struct xb_mem *out)
{
    *out = (struct xb_mem){.ptr = ring, .bytes = sizeof ring, .kind = XB_MEM_PINNED};
    return ctx != NULL;
}

/* One lane within a rank, from its host to its second GPU. */
static unsigned char source[4], destination[4];
static struct xb_device device = {.name = "noting", .make_cold = note};
static struct xb_method method;
static struct xb_case c;
static struct xb_lane lane;
static struct xb_round round_;
static struct xb_lane_run mine;
static struct xb_case_run run;

static void begin(void)
{
    ncalls = answer = 0;
    device.make_cold = note;
    method = (struct xb_method){.spec = {.name = "m"}};
    c = (struct xb_case){.method = &method.spec,
                         .pattern = xb_pattern_find("stream", NULL),
                         .path = {{XB_HOST, 0}, {XB_GPU, 1}, XB_SELF},
                         .bytes = 1000,
                         .window = 1,
                         .cache = XB_CACHE_COLD};
    lane = (struct xb_lane){.path = c.path};
    round_ = (struct xb_round){.lane = &lane, .count = 1, .chains = 1};
    mine = (struct xb_lane_run){
        .t = {.device = &device,
              .c = &c,
              .lane = &lane,
              .roles = XB_ROLE_SRC | XB_ROLE_DST,
              .src_mem = {.ptr = source, .bytes = 1, .kind = XB_MEM_PINNED},
              .dst_mem = {.ptr = destination, .bytes = 1, .kind = XB_MEM_DEVICE, .gpu = 1},
              .src = source + 1,
              .dst = destination + 2}};
    run = (struct xb_case_run){
        .c = &c, .method = &method, .round = &round_, .mine = &mine, .nmine = 1};
}

static void check_probe(int want, const char *why, const char *name)
{
    struct xb_error err = {""};

    is_int(xb_cold_probe(&run, &mine, &err), want, name);
    if (why)
        contains(err.text, why, "says why");
}

static void test_probe(void)
{
    begin();
    check_probe(XB_GO, NULL, "memory that can be cold");
    is_int(ncalls, 2, "both ends were asked about");
    ok(calls[0].bytes == 0 && calls[1].bytes == 0, "and nothing was done");
    ok(calls[0].kind == XB_MEM_PINNED && calls[1].kind == XB_MEM_DEVICE, "by their kinds");
    begin();
    answer = 1;
    check_probe(XB_SKIP, "no such memory", "memory that cannot");
    begin();
    device.make_cold = NULL;
    check_probe(XB_SKIP, "device noting cannot", "a device that cannot");
    begin();
    mine.t.roles = XB_ROLE_DST;
    check_probe(XB_GO, NULL, "one end");
    is_int(ncalls, 1, "is asked about alone");
    begin();
    c.cache = XB_CACHE_WARM;
    c.window = 4;
    device.make_cold = NULL;
    check_probe(XB_GO, NULL, "a warm case asks for nothing");
}

static void test_make(void)
{
    struct xb_error err = {""};

    begin();
    is_int(xb_cold_make(&run, &err), 0, "made cold");
    is_int(ncalls, 2, "source and destination");
    ok(calls[0].at == source + 1 && calls[0].bytes == 1000 + 3 * XB_TURN_STEP,
       "all that a transfer may read");
    ok(calls[1].at == destination + 2 && calls[1].bytes == 1000 + 2 * XB_TURN_STEP,
       "and write");
    is_int(calls[1].gpu, 1, "on its GPU");
    begin();
    method.staging = staging;
    mine.ctx = &mine;
    is_int(xb_cold_make(&run, &err), 0, "with a ring between them");
    is_int(ncalls, 3, "which is cold as well");
    ok(calls[2].at == ring && calls[2].bytes == sizeof ring, "all of it");
    begin();
    answer = 1;
    is_int(xb_cold_make(&run, &err), -1, "a refusal is a failure now");
    is_int(ncalls, 1, "the first of all");
    begin();
    c.cache = XB_CACHE_WARM;
    is_int(xb_cold_make(&run, &err), 0, "a warm case");
    is_int(ncalls, 0, "stays warm");
}

int main(void)
{
    test_probe();
    test_make();
    return done_testing();
}
