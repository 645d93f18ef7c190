/* SPDX-License-Identifier: BSD-3-Clause */
/* passed.c - devices that were passed over though they are there. */
#include "engine/devices/device.h"

#include <string.h>

#include "engine/devices/nvidia_signs.h"

/* The device of this build that has the name; NULL where it has none. */
static const struct xb_device *row_of(const char *name)
{
    for (size_t i = 0; xb_devices[i]; i++)
        if (strcmp(xb_devices[i]->name, name) == 0)
            return xb_devices[i];
    return NULL;
}

bool xb_device_passed(const struct xb_device *chosen, struct xb_error *why)
{
    struct xb_error reason, what;

    for (size_t i = 0; xb_devices[i] && xb_devices[i] != chosen; i++)
        if (xb_devices[i]->broken && xb_devices[i]->probe(&reason) != 0 &&
            xb_devices[i]->broken(&what)) {
            xb_fail(why, "device %s is there and cannot be used: %s; %s", xb_devices[i]->name,
                    reason.text, what.text);
            return true;
        }
    if (row_of("cuda") || !(chosen->caps & XB_DEVICE_IS_HOST) || !xb_nvidia_signs("", &what))
        return false;
    xb_fail(why, "this build of xferbench has no CUDA, and there is %.400s", what.text);
    return true;
}
