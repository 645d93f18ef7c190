/* SPDX-License-Identifier: BSD-3-Clause */
/* test_nvidia_signs.c - a driver that is broken, told from one that is not there. */
#include "engine/devices/nvidia_signs.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/tap.h"

static char root[] = "/tmp/xb-signs-XXXXXX";

static void make(const char *path, bool folder)
{
    char file[256];

    snprintf(file, sizeof file, "%s%s", root, path);
    if (folder)
        mkdir(file, 0700);
    else
        fclose(fopen(file, "w"));
}

static void drop(const char *path)
{
    char file[256];

    snprintf(file, sizeof file, "%s%s", root, path);
    remove(file);
}

/* What there is below the root while a row is looked at. */
enum there { NOTHING, NODE, CONTROL, DRIVER, BOTH };

static void put(enum there there)
{
    if (there == NODE || there == BOTH)
        make("/dev/nvidia0", false);
    if (there == NODE)
        make("/dev/nvidia12", false);
    if (there == CONTROL)
        make("/dev/nvidiactl", false);
    if (there == DRIVER || there == BOTH)
        make("/proc/driver/nvidia/version", false);
}

static void take_away(void)
{
    drop("/dev/nvidia0");
    drop("/dev/nvidia12");
    drop("/dev/nvidiactl");
    drop("/proc/driver/nvidia/version");
}

static const struct {
    const char *name;
    enum there there;
    int error;
    const char *visible, *what; /* NULL: not broken */
} rows[] = {
    {"no GPU, no driver", NOTHING, 35, NULL, NULL},
    {"a driver that finds no GPU", NOTHING, 100, NULL, NULL},
    {"none is shown, without an error", NOTHING, 0, NULL, NULL},
    {"a stub of libcuda", NOTHING, 34, NULL, NULL},
    {"libcuda does not start", NOTHING, 999, NULL, "libcuda is there"},
    {"nor does the fabric manager", NOTHING, 802, NULL, "libcuda is there"},
    {"a GPU without libcuda", NODE, 35, NULL, "there is /dev/nvidia0"},
    {"a GPU that CUDA does not find", NODE, 100, NULL, "there is /dev/nvidia0"},
    {"or does not show", BOTH, 0, NULL, "there is /dev/nvidia0, /proc/driver/nvidia/version"},
    {"a GPU, and libcuda does not start", NODE, 803, NULL, "there is /dev/nvidia0"},
    {"a driver alone", DRIVER, 35, NULL, "there is /proc/driver/nvidia/version"},
    {"its control node alone", CONTROL, 100, NULL, "there is /dev/nvidiactl"},
    {"a GPU that is hidden on purpose", NODE, 100, "", NULL},
    {"the same without an error", BOTH, 0, "-1", NULL},
    {"hidden or not, libcuda does not start", NODE, 3, "", "there is /dev/nvidia0"},
};

int main(void)
{
    struct xb_error what;

    if (!mkdtemp(root))
        return 1;
    make("/dev", true);
    make("/proc", true);
    make("/proc/driver", true);
    make("/proc/driver/nvidia", true);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        what.text[0] = '\0';
        put(rows[i].there);
        ok(xb_nvidia_is_broken(root, rows[i].error, rows[i].visible, &what) ==
               (rows[i].what != NULL),
           rows[i].name);
        is_str(rows[i].what ? what.text : "", rows[i].what ? rows[i].what : "", "what says so");
        ok(xb_nvidia_signs(root, &what) == (rows[i].there != NOTHING), "signs");
        take_away();
    }
    drop("/proc/driver/nvidia");
    drop("/proc/driver");
    drop("/proc");
    drop("/dev");
    rmdir(root);
    return done_testing();
}
