/* SPDX-License-Identifier: BSD-3-Clause */
/* session_use.c - what the processes of a session take of their nodes now. */
#include "engine/measure/session_use.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/devices/device.h"

static double resident_bytes(void)
{
    FILE *f = fopen("/proc/self/status", "re");
    static const char resident[] = "VmRSS:";
    double kib = NAN;
    char line[128];

    while (f && isnan(kib) && fgets(line, sizeof line, f))
        if (strncmp(line, resident, strlen(resident)) == 0)
            kib = strtod(line + strlen(resident), NULL); /* "   5120 kB" */
    if (f)
        fclose(f);
    return kib * 1024;
}

static double open_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    double n = -3; /* "." and "..", and that of the folder */

    if (!folder)
        return NAN;
    while (readdir(folder))
        n++;
    closedir(folder);
    return n;
}

static double gpu_bytes(const struct xb_device *device)
{
    struct xb_error ignored;
    uint64_t bytes;

    return device->mem_used && device->mem_used(0, &bytes, &ignored) == 0 ? (double)bytes : NAN;
}

void xb_session_use(const struct xb_session *session, struct xb_use *out)
{
    const struct xb_use mine = {{[XB_USE_RSS] = resident_bytes(),
                                 [XB_USE_DESCRIPTORS] = open_descriptors(),
                                 [XB_USE_GPU] = gpu_bytes(session->device)}};

    MPI_Gather(&mine, (int)sizeof mine, MPI_BYTE, out, (int)sizeof mine, MPI_BYTE, 0,
               session->world);
}
