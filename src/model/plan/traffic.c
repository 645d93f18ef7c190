/* SPDX-License-Identifier: BSD-3-Clause */
/* traffic.c - an application's own traffic. */
#include "model/plan/traffic.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/units.h"

#define SHORT_TEXT 48 /* characters of a traffic that an id shows lane by lane */

static int by_ranks(const void *a, const void *b)
{
    const struct xb_traffic_lane *x = a, *y = b;

    return x->src != y->src ? (x->src > y->src) - (x->src < y->src)
                            : (x->dst > y->dst) - (x->dst < y->dst);
}

int xb_traffic_settle(struct xb_traffic *traffic, struct xb_error *err)
{
    struct xb_traffic_lane *lane = traffic->lane;

    qsort(lane, traffic->count, sizeof *lane, by_ranks);
    for (size_t i = 1; i < traffic->count; i++) {
        if (by_ranks(&lane[i - 1], &lane[i]) == 0)
            return xb_fail(err,
                           "the lane from rank %d to rank %d stands twice, expected it once",
                           lane[i].src, lane[i].dst);
        if ((lane[i].bytes > 0) != (lane[0].bytes > 0)) {
            const struct xb_traffic_lane *bare = lane[i].bytes > 0 ? &lane[0] : &lane[i];
            return xb_fail(err,
                           "the lane from rank %d to rank %d says no bytes and others do: "
                           "expected bytes of each, or of none",
                           bare->src, bare->dst);
        }
    }
    return 0;
}

uint64_t xb_traffic_largest(const struct xb_traffic *traffic)
{
    uint64_t most = 0;

    for (size_t i = 0; i < traffic->count; i++)
        most = traffic->lane[i].bytes > most ? traffic->lane[i].bytes : most;
    return most;
}

static int format_lane(const struct xb_traffic_lane *lane, char *buf, size_t len)
{
    char size[XB_UNITS_LEN];

    return snprintf(buf, len, "%d-%d%s%s", lane->src, lane->dst, lane->bytes ? ":" : "",
                    lane->bytes ? xb_size_format(lane->bytes, size) : "");
}

const char *xb_traffic_format(const struct xb_traffic *traffic, char buf[XB_TRAFFIC_TEXT_LEN])
{
    uint64_t hash = XB_HASH_BASIS;
    char lane[XB_TRAFFIC_TEXT_LEN];
    size_t used = 0;

    buf[0] = '\0';
    for (size_t i = 0; i < traffic->count; i++) {
        size_t n = (size_t)format_lane(&traffic->lane[i], lane, sizeof lane);
        if (used + n + 1 <= SHORT_TEXT)
            snprintf(buf + used, XB_TRAFFIC_TEXT_LEN - used, "%s%s", i ? "," : "", lane);
        used += n + (i ? 1 : 0);
        hash = xb_hash_text(hash, lane);
    }
    if (traffic->nranks > 0) {
        snprintf(lane, sizeof lane, "of %d", traffic->nranks);
        hash = xb_hash_text(hash, lane);
    }
    if (used > SHORT_TEXT || traffic->nranks > 0)
        snprintf(buf, XB_TRAFFIC_TEXT_LEN, "%zu-lanes-%016" PRIx64, traffic->count, hash);
    return buf;
}

enum xb_locality xb_traffic_locality(const struct xb_traffic_lane *lane,
                                     const struct xb_job *job)
{
    if (lane->src == lane->dst)
        return XB_SELF;
    return job->node_of_rank[lane->src] == job->node_of_rank[lane->dst] ? XB_NODE : XB_REMOTE;
}

int xb_traffic_fits(const struct xb_traffic *traffic, const struct xb_path *path,
                    const struct xb_job *job, struct xb_error *err)
{
    static const char *const where[XB_LOCALITIES] = {[XB_SELF] = "within a rank",
                                                     [XB_NODE] = "within a node",
                                                     [XB_REMOTE] = "between nodes"};
    size_t there = 0;
    int most = 0;

    for (size_t i = 0; i < traffic->count; i++) {
        const struct xb_traffic_lane *lane = &traffic->lane[i];
        int higher = lane->src > lane->dst ? lane->src : lane->dst;
        most = higher > most ? higher : most;
        there += higher < job->nranks && xb_traffic_locality(lane, job) == path->locality;
    }
    if (path->locality == XB_SELF)
        xb_fail(err,
                "the pattern is of several ranks; the path says %s, expected node or remote",
                xb_locality_name(path->locality));
    else if (traffic->nranks > 0 && traffic->nranks != job->nranks)
        xb_fail(err, "the traffic is of %d ranks; this job has %d, expected as many",
                traffic->nranks, job->nranks);
    else if (most >= job->nranks)
        xb_fail(err, "the traffic names rank %d; this job has %d, from 0", most, job->nranks);
    else if (there == 0)
        xb_fail(err, "no lane of the traffic is %s in this job", where[path->locality]);
    else
        return 0;
    return 1;
}

const char *xb_traffic_left_out(const struct xb_traffic *traffic, const struct xb_path *path,
                                const struct xb_job *job, char buf[XB_LEFT_OUT_LEN])
{
    static const char *const where[XB_LOCALITIES] = {
        [XB_SELF] = "within a rank", [XB_NODE] = "within nodes", [XB_REMOTE] = "between nodes"};
    size_t n[XB_LOCALITIES] = {0}, used = 0;

    for (size_t i = 0; i < traffic->count; i++)
        n[xb_traffic_locality(&traffic->lane[i], job)]++;
    n[path->locality] = 0;
    buf[0] = '\0';
    for (int l = XB_REMOTE; l >= XB_SELF; l--) {
        if (n[l] == 0)
            continue;
        used += (size_t)snprintf(buf + used, XB_LEFT_OUT_LEN - used, "%s%zu%s %s",
                                 used ? " and " : "", n[l],
                                 used       ? ""
                                 : n[l] > 1 ? " lanes"
                                            : " lane",
                                 where[l]);
    }
    return buf;
}
