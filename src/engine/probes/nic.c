/* SPDX-License-Identifier: BSD-3-Clause */
/* nic.c - what Linux says of a network card. */
#include "engine/probes/nic.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/probes/nic_choice.h"

/* The number at the start of a file of /sys; false if there is none, or -1, which says that the
 * interface does not know. */
static bool read_number(const char *file, double *value)
{
    char line[64], *end = line;
    FILE *f = fopen(file, "re");

    if (!f)
        return false;
    if (fgets(line, sizeof line, f))
        *value = strtod(line, &end);
    fclose(f);
    return end != line && *value >= 0;
}

double xb_nic_gb_per_s(const char *name)
{
    char file[160];
    double rate;

    if (!name[0])
        return 0;
    snprintf(file, sizeof file, "/sys/class/infiniband/%s/ports/1/rate", name);
    if (read_number(file, &rate)) /* "400 Gb/sec (4X NDR)" */
        return rate / 8;
    if (!xb_nic_is_hardware("", name))
        return 0;
    snprintf(file, sizeof file, "/sys/class/net/%s/speed", name);
    return read_number(file, &rate) ? rate / 8e3 : 0; /* Mb/s */
}

static uint64_t read_bytes(const char *name, const char *infiniband, const char *net)
{
    char file[160];
    double value;

    if (!name[0])
        return UINT64_MAX;
    snprintf(file, sizeof file, "/sys/class/infiniband/%s/ports/1/counters/%s", name,
             infiniband);
    if (read_number(file, &value))
        return (uint64_t)value * 4; /* counted in words of 4 bytes */
    snprintf(file, sizeof file, "/sys/class/net/%s/statistics/%s", name, net);
    return read_number(file, &value) ? (uint64_t)value : UINT64_MAX;
}

static char nearest[XB_NIC_LEN];

static void nic_open(const struct xb_place *place)
{
    memcpy(nearest, place->nic, sizeof nearest);
}

static void nic_read(struct xb_reading *out)
{
    out->bytes[XB_NIC_TX] = read_bytes(nearest, "port_xmit_data", "tx_bytes");
    out->bytes[XB_NIC_RX] = read_bytes(nearest, "port_rcv_data", "rx_bytes");
}

static void nic_close(void)
{
    nearest[0] = '\0';
}

const struct xb_probe xb_probe_nic = {
    .name = "nic", .open = nic_open, .read = nic_read, .close = nic_close};
