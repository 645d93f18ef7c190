/* test_conclude.c - what a case comes to where its lanes came to this and that. Made-up lanes;
 * four GPUs that NVLink joins on one node, or two on each of two. */
#include "engine/measure/conclude.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/figures/stats.h"
#include "model/plan/collective_op.h"
#include "tests/tap.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

#define RANKS  4
#define MOST   12      /* lanes */
#define BYTES  1000000 /* of a transfer: 1000 / us is GB/s */
#define NVLINK 450.0   /* GB/s */
#define NIC    50.0
#define OVER   (1000 / 500.0) /* us: more than NVLink can carry */
#define JUST   (1000 / 455.0) /* more by less than clocks and links are rounded by */

static const struct xb_method_spec copy = {.name = "copy"};
static const struct xb_method_spec migrates = {.name = "moves", .flags = XB_METHOD_MIGRATES};
static const struct xb_method_spec staged = {.name = "staged", .flags = XB_METHOD_VIA_HOST};
static const struct xb_method_spec nothing = {.name = "none", .flags = XB_METHOD_NO_BYTES};

/* ---- the run ---- */

static struct xb_rank_info ranks[RANKS];
static struct xb_gpu_info gpus[2][RANKS];
static struct xb_node_info nodes[2];
static int node_of_rank[RANKS];

/* The first so many ranks, on one node or two. */
static struct xb_session a_session(int nranks, int nnodes)
{
    for (int n = 0; n < 2; n++)
        nodes[n] = (struct xb_node_info){.gpus = gpus[n]};
    for (int r = 0; r < RANKS; r++) {
        int node = nnodes == 2 ? r / 2 : 0;
        struct xb_gpu_info *gpu = &gpus[node][nodes[node].ngpus++];
        node_of_rank[r] = node;
        ranks[r] = (struct xb_rank_info){.rank = r,
                                         .node = node,
                                         .place = {.has_gpu = true},
                                         .nvlink_links = 18,
                                         .nic_gb_per_s = NIC,
                                         .nvisible = nnodes == 2 ? 2 : RANKS};
        snprintf(ranks[r].place.pci, sizeof ranks[r].place.pci, "0000:0%d:00.0", (r + 1) % 8);
        snprintf(ranks[r].place.nic, sizeof ranks[r].place.nic, "mlx5_0");
        *gpu = xb_gpu_unknown(ranks[r].place.pci);
        gpu->pcie_gen = 5;
        gpu->pcie_width = 16;
        gpu->nlinks = 1;
        gpu->links[0] =
            (struct xb_gpu_link){.end = XB_LINK_TO_SWITCH, .links = 18, .gb_per_s = NVLINK};
        for (int g = 0; g < ranks[r].nvisible; g++)
            ranks[r].visible[g] = (uint8_t)g;
    }
    return (struct xb_session){.nranks = nranks,
                               .nnodes = nnodes,
                               .node_of_rank = node_of_rank,
                               .ranks = ranks,
                               .nodes = nodes};
}

/* ---- a case and its lanes ---- */

/* What a lane came to. */
struct lane {
    enum xb_status status;
    double us; /* 0 where it was not timed */
};

struct setting {
    const char *pattern, *path;
    enum xb_pairs_kind kind;
    int nranks, nnodes;
    const struct xb_method_spec *method;
};

struct concluded {
    struct xb_session session;
    struct xb_job job;
    struct xb_case c;
    struct xb_schedule schedule;
    struct xb_result out;
};

static struct xb_stats stats_of(double us)
{
    double samples[6];
    struct xb_stats stats;

    for (size_t i = 0; i < ROWS(samples); i++)
        samples[i] = us;
    xb_stats_compute(samples, ROWS(samples), &stats);
    return stats;
}

/* All lanes of the schedule, measured as the n that are given say, in turn. */
static void begin(const struct setting *set, const struct lane *lanes, struct concluded *k)
{
    struct xb_round round = {0};
    size_t n = 0;

    memset(k, 0, sizeof *k);
    k->session = a_session(set->nranks, set->nnodes);
    k->job = xb_session_job(&k->session);
    k->c = (struct xb_case){.pattern = xb_pattern_find(set->pattern, NULL),
                            .method = set->method,
                            .pairs = {.kind = set->kind},
                            .bytes = BYTES,
                            .window = 1};
    xb_path_parse(set->path, &k->c.path, NULL);
    xb_schedule_open(k->c.pattern, &k->c.path, &k->c.pairs, &k->job, &k->schedule, NULL);
    k->out.lanes = calloc(MOST + 1, sizeof *k->out.lanes);
    for (size_t r = 0; r < k->schedule.rounds; r++) {
        xb_schedule_round(&k->schedule, r, &round, NULL);
        for (size_t i = 0; i < round.count && n < MOST; i++, n++) {
            const struct xb_lane *place = &round.lane[i];
            k->out.lanes[n] = (struct xb_lane_result){.round = place->round,
                                                      .chain = place->chain,
                                                      .step = place->step,
                                                      .src_rank = place->src_rank,
                                                      .dst_rank = place->dst_rank,
                                                      .path = place->path,
                                                      .link_class = place->link_class,
                                                      .status = lanes[n].status,
                                                      .ops_per_sample = 1,
                                                      .setup = {NAN, NAN, NAN, NAN, NAN}};
            if (lanes[n].us > 0)
                k->out.lanes[n].time = stats_of(lanes[n].us);
            if (lanes[n].status != XB_OK)
                k->out.lanes[n].reason = strdup(xb_status_name(lanes[n].status));
        }
    }
    k->out.nlanes = n;
    xb_round_release(&round);
}

/* What the clock of the one round saw. */
static void add_samples(struct concluded *k, double us)
{
    k->out.nsamples = us > 0 ? 6 : 0;
    k->out.samples_us = us > 0 ? calloc(6, sizeof(double)) : NULL;
    for (size_t i = 0; i < k->out.nsamples; i++)
        k->out.samples_us[i] = us;
}

static void conclude(struct concluded *k)
{
    xb_conclude_case(&k->session, &k->c, &k->schedule, &k->out);
}

static void end(struct concluded *k)
{
    xb_result_release(&k->out);
    xb_schedule_close(&k->schedule);
}

/* ---- time and status ---- */

#define EACH_OF_THREE                                                                          \
    {                                                                                          \
        "stream", "gpu->gpu@node", XB_PAIRS_EACH, 3, 1, &copy                                  \
    }
#define FIRST                                                                                  \
    {                                                                                          \
        "stream", "gpu->gpu@node", XB_PAIRS_FIRST, 4, 1, &copy                                 \
    }
#define TOGETHER                                                                               \
    {                                                                                          \
        "stream", "gpu->gpu@node", XB_PAIRS_TOGETHER, 4, 1, &copy                              \
    }

static const struct row {
    const char *name;
    struct setting set;
    struct lane lanes[MOST];
    double whole_us; /* what one clock saw of all */
    enum xb_status status;
    const char *reason;
    double us; /* 0: not timed */
    enum xb_case_time time_of;
    double concurrent;
    size_t slowest;
    double ceiling;
} rows[] = {
    {"the lane in the middle",
     EACH_OF_THREE,
     {{0, 10}, {0, 30}, {0, 20}, {0, 40}, {0, 60}, {0, 50}},
     0,
     XB_OK,
     "",
     40,
     XB_TIME_OF_MEDIAN_LANE,
     1,
     4,
     NVLINK},
    {"of those that were measured",
     EACH_OF_THREE,
     {{0, 10}, {XB_SKIPPED, 0}, {0, 20}, {XB_SKIPPED, 0}, {0, 60}, {XB_SKIPPED, 0}},
     0,
     XB_OK,
     "",
     20,
     XB_TIME_OF_MEDIAN_LANE,
     1,
     4,
     NVLINK},
    {"skipped only where all are",
     EACH_OF_THREE,
     {{XB_SKIPPED, 0},
      {XB_SKIPPED, 0},
      {XB_SKIPPED, 0},
      {XB_SKIPPED, 0},
      {XB_SKIPPED, 0},
      {XB_SKIPPED, 0}},
     0,
     XB_SKIPPED,
     "skipped",
     0,
     XB_TIME_OF_SCHEDULE,
     0,
     0,
     0},
    {"one that failed, by its ranks",
     EACH_OF_THREE,
     {{0, 10}, {XB_SKIPPED, 0}, {XB_FAILED, 0}, {0, 20}, {0, 30}, {XB_TIMEOUT, 0}},
     0,
     XB_FAILED,
     "1->0: failed",
     20,
     XB_TIME_OF_MEDIAN_LANE,
     1,
     4,
     NVLINK},
    {"all that failed, without",
     EACH_OF_THREE,
     {{XB_FAILED, 0},
      {XB_FAILED, 0},
      {XB_FAILED, 0},
      {XB_FAILED, 0},
      {XB_FAILED, 0},
      {XB_FAILED, 0}},
     0,
     XB_FAILED,
     "failed",
     0,
     XB_TIME_OF_SCHEDULE,
     0,
     0,
     0},
    {"corrupt is the worst, and has no time",
     EACH_OF_THREE,
     {{0, 10}, {XB_FAILED, 0}, {XB_CORRUPT, 5}, {XB_TIMEOUT, 0}, {XB_IMPLAUSIBLE, 1}, {0, 30}},
     0,
     XB_CORRUPT,
     "1->0: corrupt",
     30,
     XB_TIME_OF_MEDIAN_LANE,
     1,
     5,
     NVLINK},
    {"a lane that is too fast",
     EACH_OF_THREE,
     {{0, 10}, {0, OVER}, {0, 10}, {0, 20}, {0, 30}, {0, 30}},
     0,
     XB_IMPLAUSIBLE,
     "0->2: 500.0 GB/s are more than the 450.0 GB/s that the hardware",
     20,
     XB_TIME_OF_MEDIAN_LANE,
     1,
     4,
     NVLINK},
    {"a lane that is just not",
     EACH_OF_THREE,
     {{0, JUST}, {0, JUST}, {0, JUST}, {0, JUST}, {0, JUST}, {0, JUST}},
     0,
     XB_OK,
     "",
     JUST,
     XB_TIME_OF_MEDIAN_LANE,
     1,
     0,
     NVLINK},
    {"what moves nothing has no ceiling",
     {"stream", "gpu->gpu@node", XB_PAIRS_EACH, 2, 1, &nothing},
     {{0, OVER}, {0, OVER}},
     0,
     XB_OK,
     "",
     OVER,
     XB_TIME_OF_MEDIAN_LANE,
     1,
     0,
     0},
    {"in rounds, too, a lane of them",
     {"stream", "gpu->gpu@node", XB_PAIRS_ROUNDS, 4, 1, &copy},
     {{0, 10},
      {0, 11},
      {0, 12},
      {0, 13},
      {0, 14},
      {0, 99},
      {0, 16},
      {0, 17},
      {0, 18},
      {0, 19},
      {0, 20},
      {0, 21}},
     0,
     XB_OK,
     "",
     17,
     XB_TIME_OF_MEDIAN_LANE,
     1,
     5,
     NVLINK},
    {"both directions count",
     {"bidirectional", "gpu->gpu@node", XB_PAIRS_EACH, 2, 1, &copy},
     {{0, 10}, {0, 20}, {0, 30}, {0, 40}},
     0,
     XB_OK,
     "",
     30,
     XB_TIME_OF_MEDIAN_LANE,
     2,
     3,
     2 * NVLINK},
    {"there and back count once",
     {"pingpong", "gpu->gpu@node", XB_PAIRS_EACH, 2, 1, &copy},
     {{0, 10}, {0, 99}, {0, 30}, {0, 99}},
     0,
     XB_OK,
     "",
     30,
     XB_TIME_OF_MEDIAN_LANE,
     1,
     2,
     NVLINK},
    {"one pair is timed as a whole",
     FIRST,
     {{0, 10}},
     12,
     XB_OK,
     "",
     12,
     XB_TIME_OF_SCHEDULE,
     1,
     0,
     NVLINK},
    {"both directions of one pair",
     {"bidirectional", "gpu->gpu@node", XB_PAIRS_FIRST, 4, 1, &copy},
     {{0, 3}, {0, 4}},
     4,
     XB_OK,
     "",
     4,
     XB_TIME_OF_SCHEDULE,
     2,
     1,
     2 * NVLINK},
    {"there and back of one pair",
     {"pingpong", "gpu->gpu@node", XB_PAIRS_FIRST, 4, 1, &copy},
     {{0, 3}, {0, 3}},
     3,
     XB_OK,
     "",
     3,
     XB_TIME_OF_SCHEDULE,
     1,
     0,
     NVLINK},
    {"pairs together add up",
     TOGETHER,
     {{0, 10}, {0, 20}},
     21,
     XB_OK,
     "",
     21,
     XB_TIME_OF_SCHEDULE,
     2,
     1,
     2 * NVLINK},
    {"but for one that was skipped, which moved nothing",
     TOGETHER,
     {{XB_SKIPPED, 0}, {0, 20}},
     21,
     XB_OK,
     "",
     21,
     XB_TIME_OF_SCHEDULE,
     1,
     1,
     NVLINK},
    {"and may be too fast as a whole alone",
     TOGETHER,
     {{0, 3}, {0, 3}},
     OVER,
     XB_IMPLAUSIBLE,
     "1000.0 GB/s are more than the 900.0 GB/s",
     OVER,
     XB_TIME_OF_SCHEDULE,
     2,
     0,
     2 * NVLINK},
    {"one pair that failed has no time",
     FIRST,
     {{XB_FAILED, 0}},
     0,
     XB_FAILED,
     "failed",
     0,
     XB_TIME_OF_SCHEDULE,
     1,
     0,
     NVLINK},
    {"of unlike classes each has its lane",
     {"stream", "gpu->gpu@remote", XB_PAIRS_EACH, 4, 2, &copy},
     {{0, 100}, {0, 100}, {0, 100}, {0, 100}, {0, 100}, {0, 100}, {0, 100}, {0, 200}},
     0,
     XB_OK,
     "",
     100,
     XB_TIME_OF_MEDIAN_LANE,
     1,
     7,
     NIC},
};

static void test_rows(void)
{
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct row *row = &rows[i];
        struct concluded k;
        begin(&row->set, row->lanes, &k);
        add_samples(&k, row->whole_us);
        conclude(&k);
        is_str(xb_status_name(k.out.status), xb_status_name(row->status), row->name);
        if (row->reason[0])
            ok(strncmp(k.out.reason, row->reason, strlen(row->reason)) == 0, "its reason");
        else
            is_str(k.out.reason, "", "no reason");
        is_near(k.out.time.n ? k.out.time.median : 0, row->us, 1e-9, "its time");
        is_int(k.out.time_of, row->time_of, "of what");
        is_near(k.out.concurrent, row->concurrent, 0, "lanes that add up");
        is_int((long long)k.out.slowest_lane, (long long)row->slowest, "the slowest lane");
        is_near(k.out.ceiling_gb_per_s, row->ceiling, 1e-9, "the ceiling");
        ok(isnan(k.out.overhead_us), "what an empty transfer takes is not known");
        end(&k);
    }
}

/* Which of two statuses is the case's: the first column is worse than all after it. */
static void test_worst(void)
{
    static const enum xb_status order[] = {XB_CORRUPT,     XB_FAILED, XB_TIMEOUT,
                                           XB_IMPLAUSIBLE, XB_OK,     XB_SKIPPED};
    static const struct setting two = {"stream", "gpu->gpu@node", XB_PAIRS_EACH, 2, 1, &copy};

    for (size_t worse = 0; worse < ROWS(order); worse++)
        for (size_t better = worse; better < ROWS(order); better++)
            for (int turned = 0; turned < 2; turned++) {
                const struct lane lanes[2] = {{turned ? order[better] : order[worse], 0},
                                              {turned ? order[worse] : order[better], 0}};
                struct concluded k;
                begin(&two, lanes, &k);
                conclude(&k);
                is_str(xb_status_name(k.out.status), xb_status_name(order[worse]),
                       xb_status_name(order[better]));
                end(&k);
            }
}

/* A lane that is too fast says so itself. */
static void test_implausible_lane(void)
{
    static const struct lane lanes[] = {{0, 10}, {0, OVER}, {0, 10}, {0, 10}, {0, 10}, {0, 10}};
    static const struct setting set = EACH_OF_THREE;
    struct concluded k;

    begin(&set, lanes, &k);
    conclude(&k);
    for (size_t i = 0; i < k.out.nlanes; i++) {
        const struct xb_lane_result *lane = &k.out.lanes[i];
        is_int(lane->status, i == 1 ? XB_IMPLAUSIBLE : XB_OK, "a lane");
        ok((lane->reason != NULL) == (i == 1), "has a reason where it is too fast");
        is_near(lane->ceiling_gb_per_s, NVLINK, 1e-9, "and its ceiling");
    }
    end(&k);
}

/* ---- sums ---- */

static void test_sums(void)
{
    static const struct lane lanes[] = {{0, 10},          {0, 10}, {XB_CORRUPT, 0},
                                        {XB_CORRUPT, 10}, {0, 10}, {XB_SKIPPED, 0}};
    static const struct setting set = EACH_OF_THREE;
    struct concluded k;

    begin(&set, lanes, &k);
    for (size_t i = 0; i < 5; i++)
        k.out.lanes[i].verify = (struct xb_verify){.done = true, .checked_bytes = 100};
    k.out.lanes[2].verify = (struct xb_verify){true, 100, 3, 50};
    k.out.lanes[3].verify = (struct xb_verify){true, 100, 4, 20};
    k.out.lanes[0].setup = (struct xb_setup){7, 1, 2, 3, 4};
    k.out.lanes[1].setup = (struct xb_setup){70, 10, NAN, 30, 40};
    conclude(&k);
    ok(k.out.verify.done, "all were verified");
    is_int((long long)k.out.verify.checked_bytes, 500, "checked bytes add up");
    is_int((long long)k.out.verify.wrong_bytes, 7, "and wrong ones");
    is_int((long long)k.out.verify.first_bad, 20, "the lowest of the first is the first");
    is_near(k.out.setup.total, 77, 1e-9, "setup adds up");
    is_near(k.out.setup.register_, 2, 1e-9, "as far as it is known");
    is_near(k.out.setup.first, 44, 1e-9, "all of it");
    end(&k);
}

/* ---- wires ---- */

static void carry(struct xb_lane_result *lane, enum xb_wire wire, double share)
{
    if (!lane->has_carried)
        for (int w = 0; w < XB_WIRES; w++)
            lane->carried[w] = -1;
    lane->has_carried = true;
    lane->carried[wire] = share;
}

static const struct wire_row {
    const char *name;
    struct setting set;
    enum xb_wire wire, other; /* XB_WIRES for none */
    double carried, other_carried;
    double us;
    int64_t ops;
    enum xb_status status;
    const char *text; /* of the warning, or of the reason where it is not ok; "" for none */
} wire_rows[] = {
    {"NVLink carried it", FIRST, XB_NVLINK_TX, XB_WIRES, 1.01, 0, 10, 1, XB_OK, ""},
    {"most of it", FIRST, XB_NVLINK_TX, XB_WIRES, 0.5, 0, 10, 1, XB_OK, ""},
    {"something else did", FIRST, XB_NVLINK_TX, XB_PCIE_TX, 0.1, 0.9, 10, 1, XB_OK,
     "the NVLink that joins the GPUs carried 0.10 of the bytes, PCI Express sent 0.90"},
    {"nobody knows what", FIRST, XB_NVLINK_TX, XB_WIRES, 0.1, 0, 10, 1, XB_OK,
     "the NVLink that joins the GPUs carried 0.10 of the bytes"},
    {"the counter cannot be read", FIRST, XB_PCIE_TX, XB_WIRES, 0, 0, 10, 1, XB_OK, ""},
    {"a staged method need not take NVLink",
     {"stream", "gpu->gpu@node", XB_PAIRS_FIRST, 4, 1, &staged},
     XB_NVLINK_TX,
     XB_WIRES,
     0,
     0,
     100,
     1,
     XB_OK,
     ""},
    {"nor one that moves nothing",
     {"stream", "gpu->gpu@node", XB_PAIRS_FIRST, 4, 1, &nothing},
     XB_NVLINK_TX,
     XB_WIRES,
     0,
     0,
     10,
     1,
     XB_OK,
     ""},
    {"to another GPU of the rank",
     {"stream", "gpu->gpu+1", XB_PAIRS_FIRST, 4, 1, &copy},
     XB_NVLINK_TX,
     XB_WIRES,
     0.2,
     0,
     10,
     1,
     XB_OK,
     "the NVLink that joins the GPUs carried 0.20"},
    {"from there",
     {"stream", "gpu+1->gpu", XB_PAIRS_FIRST, 4, 1, &copy},
     XB_NVLINK_RX,
     XB_WIRES,
     0.2,
     0,
     10,
     1,
     XB_OK,
     "the NVLink that joins the GPUs carried 0.20"},
    {"between two others nobody looks",
     {"stream", "gpu+1->gpu+2", XB_PAIRS_FIRST, 4, 1, &copy},
     XB_NVLINK_TX,
     XB_WIRES,
     0,
     0,
     10,
     1,
     XB_OK,
     ""},
    {"pages that did not move",
     {"stream", "host->gpu", XB_PAIRS_FIRST, 4, 1, &migrates},
     XB_PCIE_RX,
     XB_WIRES,
     0.1,
     0,
     20,
     2,
     XB_IMPLAUSIBLE,
     "PCI Express carried 0.10 of the bytes"},
    {"pages that did",
     {"stream", "host->gpu", XB_PAIRS_FIRST, 4, 1, &migrates},
     XB_PCIE_RX,
     XB_WIRES,
     1,
     0,
     20,
     2,
     XB_OK,
     ""},
    {"too few to tell",
     {"stream", "host->gpu", XB_PAIRS_FIRST, 4, 1, &migrates},
     XB_PCIE_RX,
     XB_WIRES,
     0.1,
     0,
     20,
     0,
     XB_OK,
     ""},
    {"between nodes the NIC",
     {"stream", "gpu->gpu@remote", XB_PAIRS_FIRST, 4, 2, &copy},
     XB_NIC_TX,
     XB_PCIE_TX,
     0.25,
     1,
     100,
     1,
     XB_OK,
     "the nearest NIC carried 0.25 of the bytes, PCI Express sent 1.00"},
    {"which carried it",
     {"stream", "gpu->gpu@remote", XB_PAIRS_FIRST, 4, 2, &copy},
     XB_NIC_TX,
     XB_WIRES,
     1.05,
     0,
     100,
     1,
     XB_OK,
     ""},
};

static void test_wires(void)
{
    for (size_t i = 0; i < ROWS(wire_rows); i++) {
        const struct wire_row *row = &wire_rows[i];
        const struct lane lane = {XB_OK, row->us};
        struct concluded k;
        begin(&row->set, &lane, &k);
        k.out.lanes[0].ops_per_sample = row->ops;
        carry(&k.out.lanes[0], row->wire, row->carried);
        if (row->other != XB_WIRES)
            carry(&k.out.lanes[0], row->other, row->other_carried);
        conclude(&k);
        is_str(xb_status_name(k.out.status), xb_status_name(row->status), row->name);
        const char *text = row->status == XB_OK ? k.out.warning : k.out.reason;
        ok(row->text[0] ? strncmp(text, row->text, strlen(row->text)) == 0 : !text[0],
           row->text[0] ? row->text : "nothing to say");
        is_near(k.out.carried[row->wire], row->carried, 1e-9, "what the case says it carried");
        end(&k);
    }
}

/* Two lanes that leave a node by one NIC see each other's bytes in its counter. */
static void test_shared_nic(void)
{
    static const struct setting set = {"stream", "gpu->gpu@remote", XB_PAIRS_TOGETHER, 4, 2,
                                       &copy};
    static const struct lane lanes[] = {{0, 100}, {0, 100}};
    struct concluded k;

    for (int apart = 0; apart < 2; apart++) {
        begin(&set, lanes, &k);
        if (apart)
            snprintf(ranks[1].place.nic, sizeof ranks[1].place.nic, "mlx5_1");
        for (size_t i = 0; i < 2; i++)
            carry(&k.out.lanes[i], XB_NIC_TX, 2);
        conclude(&k);
        for (size_t i = 0; i < 2; i++)
            is_near(k.out.lanes[i].carried[XB_NIC_TX], apart ? 2 : 1, 1e-9,
                    apart ? "a NIC of its own" : "half of what the NIC carried");
        end(&k);
    }
}

/* The mean of lanes that were measured, unknown where one of them is. */
static void test_mean_carried(void)
{
    static const struct setting set = EACH_OF_THREE;
    static const struct lane lanes[] = {{0, 10}, {XB_SKIPPED, 0}, {0, 10},
                                        {0, 10}, {XB_FAILED, 0},  {0, 10}};
    struct concluded k;

    begin(&set, lanes, &k);
    for (size_t i = 0; i < 6; i++) {
        carry(&k.out.lanes[i], XB_NVLINK_TX, i == 0 ? 1.8 : 1);
        carry(&k.out.lanes[i], XB_PCIE_TX, i == 3 ? -1 : 0.5);
    }
    conclude(&k);
    ok(k.out.has_carried, "something is known");
    is_near(k.out.carried[XB_NVLINK_TX], 1.2, 1e-9, "the mean");
    is_near(k.out.carried[XB_PCIE_TX], -1, 0, "unknown of one is unknown of all");
    end(&k);
}

/* ---- rounds ---- */

/* What one clock saw belongs to the case where there is one round alone. */
static void test_round(void)
{
    for (int alone = 0; alone < 2; alone++) {
        struct xb_result out = {.stop = XB_STOP_TARGET};
        struct xb_result whole = {.stop = XB_STOP_MAX_TIME,
                                  .ops_per_sample = 8,
                                  .samples_us = calloc(2, sizeof(double)),
                                  .nsamples = 2,
                                  .has_device_time = true,
                                  .device_time_us = 3};
        xb_conclude_round(&out, &whole, alone);
        is_int((long long)out.nsamples, alone ? 2 : 0, alone ? "one round" : "one of several");
        is_int(out.has_device_time, alone, "has what was looked into");
        is_int((long long)out.ops_per_sample, 8, "transfers of a sample");
        is_int(out.stop, XB_STOP_MAX_TIME, "and what ended the last");
        ok(!whole.samples_us && whole.nsamples == 0, "the round keeps nothing");
        xb_result_release(&out);
    }
}

int main(void)
{
    test_rows();
    test_worst();
    test_implausible_lane();
    test_sums();
    test_wires();
    test_shared_nic();
    test_mean_carried();
    test_round();
    return done_testing();
}
