/* SPDX-License-Identifier: BSD-3-Clause */
/* result.c - names of statuses and stop reasons, a result's lanes and its release. */
#include "report/result.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "model/plan/collective_op.h"

static const char *const status_names[] = {
    [XB_OK] = "ok",           [XB_SKIPPED] = "skipped",         [XB_FAILED] = "failed",
    [XB_CORRUPT] = "corrupt", [XB_IMPLAUSIBLE] = "implausible", [XB_TIMEOUT] = "timeout",
};

static const char *const stop_names[] = {
    [XB_STOP_NONE] = NULL,
    [XB_STOP_TARGET] = "target",
    [XB_STOP_MAX_TIME] = "max_time",
    [XB_STOP_MAX_SAMPLES] = "max_samples",
};

const char *xb_status_name(enum xb_status status)
{
    return status_names[status];
}

int xb_status_find(const char *name)
{
    for (size_t i = 0; i < sizeof(status_names) / sizeof(status_names[0]); i++) {
        if (strcmp(name, status_names[i]) == 0)
            return (int)i;
    }
    return -1;
}

/* Worse statuses come later in this order. */
static int badness(enum xb_status status)
{
    switch (status) {
    case XB_SKIPPED:
        return 0;
    case XB_OK:
        return 1;
    case XB_IMPLAUSIBLE:
        return 2;
    case XB_TIMEOUT:
        return 3;
    case XB_FAILED:
        return 4;
    case XB_CORRUPT:
        return 5;
    }
    return 5;
}

bool xb_status_is_worse(enum xb_status a, enum xb_status b)
{
    return badness(a) > badness(b);
}

const char *xb_stop_name(enum xb_stop stop)
{
    return stop_names[stop];
}

void xb_verify_add(struct xb_verify *sum, const struct xb_verify *more)
{
    if (more->wrong_bytes && (!sum->wrong_bytes || more->first_bad < sum->first_bad))
        sum->first_bad = more->first_bad;
    sum->done = sum->done || more->done;
    sum->checked_bytes += more->checked_bytes;
    sum->stamped_batches += more->stamped_batches;
    sum->wrong_bytes += more->wrong_bytes;
}

int xb_result_lanes(struct xb_result *result, size_t nlanes)
{
    static const struct xb_setup unknown = {NAN, NAN, NAN, NAN, NAN, NAN};
    struct xb_lane_result *lanes = calloc(nlanes + 1, sizeof *lanes);

    if (!lanes)
        return -1;
    for (size_t i = 0; i < nlanes; i++) {
        lanes[i].status = XB_SKIPPED;
        lanes[i].link_class = -1;
        lanes[i].setup = unknown;
    }
    result->lanes = lanes;
    result->nlanes = nlanes;
    return 0;
}

struct xb_round_result *xb_result_add_round(struct xb_result *result)
{
    size_t n = result->nrounds;
    struct xb_round_result *more = result->rounds;

    if ((n & (n - 1)) == 0) { /* full at every power of two */
        more = realloc(more, (n ? 2 * n : 1) * sizeof *more);
        if (!more)
            return NULL;
        result->rounds = more;
    }
    more[n] = (struct xb_round_result){.round = 0};
    result->nrounds++;
    return &more[n];
}

void xb_result_release(struct xb_result *result)
{
    for (size_t i = 0; i < result->nrounds; i++) {
        free(result->rounds[i].samples_us);
        free(result->rounds[i].passes_us);
    }
    free(result->rounds);
    for (size_t i = 0; i < result->nlanes; i++) {
        free(result->lanes[i].reason);
        free(result->lanes[i].samples_us);
        free(result->lanes[i].passes_us);
    }
    free(result->lanes);
    free(result->samples_us);
    free(result->passes_us);
    free(result->passes_s);
    free(result->bars);
    free(result->op_samples_us);
    *result = (struct xb_result){0};
}

const char *xb_wire_name(enum xb_wire wire)
{
    static const char *const names[XB_WIRES] = {
        [XB_NVLINK_TX] = "nvlink_tx", [XB_NVLINK_RX] = "nvlink_rx", [XB_PCIE_TX] = "pcie_tx",
        [XB_PCIE_RX] = "pcie_rx",     [XB_NIC_TX] = "nic_tx",       [XB_NIC_RX] = "nic_rx",
    };
    return names[wire];
}

bool xb_wire_is_sent(enum xb_wire wire)
{
    return wire == XB_NVLINK_TX || wire == XB_PCIE_TX || wire == XB_NIC_TX;
}

double xb_result_transfer_bytes(const struct xb_case *c, const struct xb_result *result)
{
    const struct xb_choice *chosen = &result->chosen;
    const struct xb_case moved = chosen->method ? xb_choice_apply(chosen, c) : *c;

    /* A collective that is skipped since ranks cannot share its size has no whole number. */
    return floor(
        xb_case_moved_bytes(&moved, result->nlanes > 0 ? result->lanes[0].members : 0));
}

double xb_result_gb_per_s(const struct xb_case *c, const struct xb_result *result)
{
    if (result->time.n == 0 || !(result->time.median > 0))
        return 0;
    return xb_gb_per_s(xb_result_transfer_bytes(c, result) * result->concurrent,
                       result->time.median);
}
