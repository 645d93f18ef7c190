/* SPDX-License-Identifier: BSD-3-Clause */
/* gpu_fixture.h - the GPU of this machine, for tests of what only a GPU can do. */
#ifndef XB_TESTS_ENGINE_GPU_FIXTURE_H
#define XB_TESTS_ENGINE_GPU_FIXTURE_H

#include "config.h"

#include "engine/devices/device.h"
#include "tests/tap.h"

#ifdef HAVE_CUDA
extern const struct xb_device xb_device_cuda;
#endif

/* The device cuda with its first GPU attached; or NULL, with a line that skips. */
static const struct xb_device *fixture_gpu(void)
{
#ifdef HAVE_CUDA
    const struct xb_device *dev = &xb_device_cuda;
    struct xb_gpu_key key;
    struct xb_device_info info;
    struct xb_error err = {""};

    if (dev->probe(&err) == 0 && dev->visible(&key, 1) == 1) {
        is_int(dev->attach(&key, &info, &err), 0, "attached");
        return dev;
    }
    printf("ok %d - no GPU # SKIP %s\n", ++tap_count, err.text);
#else
    printf("ok %d - no GPU # SKIP built without CUDA\n", ++tap_count);
#endif
    return NULL;
}

#endif
