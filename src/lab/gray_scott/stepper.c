/* SPDX-License-Identifier: BSD-3-Clause */
/* stepper.c - which device has which solver. */
#include "config.h"

#include "lab/gray_scott/stepper.h"

#include <stddef.h>

extern const struct xb_device xb_device_cpu;
extern const struct xb_stepper xb_cpu_stepper;
#ifdef HAVE_CUDA
extern const struct xb_device xb_device_cuda;
extern const struct xb_stepper xb_cuda_stepper;
#endif

static const struct {
    const struct xb_device *device;
    const struct xb_stepper *stepper;
} steppers[] = {
#ifdef HAVE_CUDA
    {&xb_device_cuda, &xb_cuda_stepper},
#endif
    {&xb_device_cpu, &xb_cpu_stepper},
};

const struct xb_stepper *xb_stepper_of(const struct xb_device *device)
{
    for (size_t i = 0; i < sizeof steppers / sizeof steppers[0]; i++)
        if (steppers[i].device == device)
            return steppers[i].stepper;
    return NULL;
}
