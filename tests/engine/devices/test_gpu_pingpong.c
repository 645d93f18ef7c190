/* SPDX-License-Identifier: BSD-3-Clause */
/* test_gpu_pingpong.c - a resident kernel whose peer never answers ends by itself. */
#include "engine/devices/device.h"
#include "tests/engine/gpu_fixture.h"

/* One side alone; the kernel must end after its limit and say so. */
static void run_alone(const struct xb_device *dev, bool starts)
{
    struct xb_mem box = {0}, payload = {0};
    struct xb_error err = {""};
    int done;

    ok(dev->alloc(XB_MEM_DEVICE, 0, 4096, &box, &err) == 0 &&
           dev->alloc(XB_MEM_DEVICE, 0, 4096, &payload, &err) == 0 &&
           dev->resident->inbox_clear(box.ptr, box.bytes, &err) == 0,
       "memory");
    struct xb_resident_side side = {.src = payload.ptr,
                                    .dst = payload.ptr,
                                    .outbox = (char *)box.ptr + 2048,
                                    .inbox = box.ptr,
                                    .bytes = 64,
                                    .starts = starts};
    is_int(dev->resident->start(&side, 10, 50e3, &err), 0, "it starts");
    is_int(dev->resident->done(&err), 0, "it waits for an answer");
    dev->resident->go();
    while ((done = dev->resident->done(&err)) == 0)
        ;
    is_int(done, 2, starts ? "the starter's time ends" : "the other's time ends");
    dev->free(&box);
    dev->free(&payload);
}

static void run_all(void)
{
    const struct xb_device *dev = fixture_gpu();

    if (!dev)
        return;
    run_alone(dev, true);
    run_alone(dev, false);
}

int main(void)
{
    run_all();
    return done_testing();
}
