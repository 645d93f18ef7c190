/* SPDX-License-Identifier: BSD-3-Clause */
/* test_traffic.c - an application's own traffic: as text, in a job, and as lanes with bytes. */
#include "model/plan/traffic.h"

#include "model/plan/lane_case.h"
#include "model/plan/schedule.h"
#include "tests/tap.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))
#define MOST        8

#define KIB UINT64_C(1024)
#define MIB (1024 * KIB)

struct row {
    const char *name;
    struct xb_traffic_lane lane[MOST];
    size_t count;
    int nranks;
    const char *want;
};

static struct xb_traffic traffic_of(const struct row *row, struct xb_traffic_lane room[MOST])
{
    memcpy(room, row->lane, sizeof row->lane);
    return (struct xb_traffic){room, row->count, row->nranks};
}

static void test_texts(void)
{
    static const struct row rows[] = {
        {"lanes of the case's size", {{0, 1, 0}, {1, 0, 0}}, 2, 0, "0-1,1-0"},
        {"with their bytes", {{0, 1, MIB}, {1, 0, 64 * KIB}}, 2, 0, "0-1:1MiB,1-0:64KiB"},
        {"in whatever order they are written",
         {{1, 0, 7}, {0, 3, 5}, {0, 1, 9}},
         3,
         0,
         "0-1:9B,0-3:5B,1-0:7B"},
        {"48 characters",
         {{0, 1, 100}, {0, 2, 100}, {0, 3, 100}, {0, 4, 100}, {0, 5, 100000}},
         5,
         0,
         "0-1:100B,0-2:100B,0-3:100B,0-4:100B,0-5:100000B"},
    };
    struct xb_traffic_lane room[MOST];
    char text[XB_TRAFFIC_TEXT_LEN], other[XB_TRAFFIC_TEXT_LEN];
    struct xb_error err = {""};

    for (size_t i = 0; i < ROWS(rows); i++) {
        struct xb_traffic t = traffic_of(&rows[i], room);
        is_int(xb_traffic_settle(&t, &err), 0, rows[i].name);
        is_str(xb_traffic_format(&t, text), rows[i].want, "its text");
        ok(strlen(text) <= 48, "which is short");
    }

    struct xb_traffic_lane many[MOST];
    for (int i = 0; i < MOST; i++)
        many[i] = (struct xb_traffic_lane){i, i + 1, 123456};
    struct xb_traffic t = {many, MOST, 0};
    contains(xb_traffic_format(&t, text), "8-lanes-", "more than that is a number and a hash");
    is_int((long long)strlen(text), 8 + 16, "of 16 digits");
    many[MOST - 1].bytes++;
    ok(strcmp(xb_traffic_format(&t, other), text) != 0, "one byte more is another");
    many[MOST - 1].bytes--;
    is_str(xb_traffic_format(&t, other), text, "and back");
    t.nranks = MOST + 1;
    ok(strcmp(xb_traffic_format(&t, other), text) != 0, "a job of so many ranks is another");
    t.count = 1;
    contains(xb_traffic_format(&t, other), "1-lanes-", "that of a matrix is always a hash");
}

static void test_settle(void)
{
    static const struct row rows[] = {
        {"a pair that stands twice",
         {{0, 1, 5}, {1, 0, 5}, {0, 1, 6}},
         3,
         0,
         "the lane from rank 0 to rank 1 stands twice, expected it once"},
        {"some with bytes",
         {{1, 0, 5}, {2, 3, 0}},
         2,
         0,
         "the lane from rank 2 to rank 3 says no bytes and others do: expected bytes of each, "
         "or of none"},
        {"the first without",
         {{0, 1, 0}, {2, 3, 5}},
         2,
         0,
         "the lane from rank 0 to rank 1 says no bytes and others do: expected bytes of each, "
         "or of none"},
    };
    struct xb_traffic_lane room[MOST];

    for (size_t i = 0; i < ROWS(rows); i++) {
        struct xb_traffic t = traffic_of(&rows[i], room);
        struct xb_error err = {""};
        is_int(xb_traffic_settle(&t, &err), -1, rows[i].name);
        is_str(err.text, rows[i].want, "says which");
    }
}

/* Ranks 0 and 1 on one node, 2 and 3 on another. */
static const struct job_row {
    const char *name, *path;
    struct xb_traffic_lane lane[MOST];
    size_t count;
    int nranks;
    const char *lanes, *left_out, *reason; /* "SRC>DST:BYTES ..." */
    double concurrent;
} jobs[] = {
    {"all lanes within nodes, each with its bytes",
     "gpu->gpu@node",
     {{0, 1, 4096}, {2, 3, 1024}},
     2,
     0,
     "0>1:4096 2>3:1024 ",
     "",
     "",
     1.25},
    {"of the case's size",
     "gpu->gpu@node",
     {{0, 1, 0}, {1, 0, 0}},
     2,
     4,
     "0>1:0 1>0:0 ",
     "",
     "",
     2},
    {"those between nodes are left out",
     "gpu->gpu@node",
     {{0, 0, 8}, {0, 1, 4096}, {0, 2, 4096}, {1, 3, 4}},
     4,
     0,
     "0>1:4096 ",
     "2 lanes between nodes and 1 within a rank",
     "",
     1},
    {"and the other way round",
     "host->host@remote",
     {{0, 1, 4096}, {0, 2, 2048}},
     2,
     0,
     "0>2:2048 ",
     "1 lane within nodes",
     "",
     0.5},
    {"a job of another number of ranks",
     "gpu->gpu@node",
     {{0, 1, 8}},
     1,
     3,
     NULL,
     NULL,
     "the traffic is of 3 ranks; this job has 4, expected as many",
     0},
    {"without a rank that is named",
     "gpu->gpu@node",
     {{0, 1, 8}, {0, 9, 8}, {9, 0, 8}},
     3,
     0,
     NULL,
     NULL,
     "the traffic names rank 9; this job has 4, from 0",
     0},
    {"no lane within a node",
     "gpu->gpu@node",
     {{0, 2, 8}},
     1,
     0,
     NULL,
     NULL,
     "no lane of the traffic is within a node in this job",
     0},
    {"none between nodes",
     "gpu->gpu@remote",
     {{0, 1, 8}},
     1,
     0,
     NULL,
     NULL,
     "no lane of the traffic is between nodes in this job",
     0},
    {"one rank by itself",
     "host->gpu",
     {{0, 0, 8}},
     1,
     0,
     NULL,
     NULL,
     "the pattern is of several ranks; the path says self, expected node or remote",
     0},
};

static void test_jobs(void)
{
    const struct xb_job job = {.nranks = 4, .node_of_rank = (const int[]){0, 0, 1, 1}};

    for (size_t i = 0; i < ROWS(jobs); i++) {
        const struct job_row *row = &jobs[i];
        struct xb_traffic_lane room[MOST];
        struct xb_traffic traffic = {room, row->count, row->nranks};
        struct xb_case c = {
            .pattern = xb_pattern_find("neighbour", NULL), .traffic = &traffic, .bytes = 4096};
        struct xb_schedule schedule;
        struct xb_round round = {0};
        struct xb_error err = {""};
        char text[256] = "", left_out[XB_LEFT_OUT_LEN];
        size_t used = 0;

        memcpy(room, row->lane, sizeof room);
        xb_path_parse(row->path, &c.path, NULL);
        is_int(xb_schedule_open(&c, &job, &schedule, &err), row->lanes ? 0 : 1, row->name);
        is_str(err.text, row->reason, "the reason");
        if (!row->lanes)
            continue;
        is_int((long long)schedule.rounds, 1, "one round");
        xb_schedule_round(&schedule, 0, &round, NULL);
        for (size_t l = 0; l < round.count; l++)
            used += (size_t)snprintf(text + used, sizeof text - used, "%d>%d:%d ",
                                     round.lane[l].src_rank, round.lane[l].dst_rank,
                                     (int)round.lane[l].bytes);
        is_str(text, row->lanes, "its lanes");
        is_int(round.chains, (long long)round.count, "each a chain of its own");
        is_near(xb_round_concurrent(&schedule, &round), row->concurrent, 0, "their bytes");
        is_str(xb_traffic_left_out(&traffic, &c.path, &job, left_out), row->left_out,
               "what is left out");
        xb_round_release(&round);
        xb_schedule_close(&schedule);
    }
}

/* A lane is alone with its own bytes, too. */
static void test_contention(void)
{
    const struct xb_job job = {.nranks = 4, .node_of_rank = (const int[]){0, 0, 1, 1}};
    struct xb_traffic_lane room[] = {{0, 1, 4096}, {2, 3, 1024}};
    struct xb_traffic traffic = {room, 2, 0};
    struct xb_case c = {.pattern = xb_pattern_find("neighbour", NULL),
                        .traffic = &traffic,
                        .bytes = 4096,
                        .contention = XB_CONTENTION_ALL};
    struct xb_schedule schedule;
    struct xb_round round = {0};

    xb_path_parse("gpu->gpu@node", &c.path, NULL);
    is_int(xb_schedule_open(&c, &job, &schedule, NULL), 0, "contention of a traffic");
    is_int((long long)schedule.rounds, 3, "each alone, then both");
    xb_schedule_round(&schedule, 1, &round, NULL);
    is_int((long long)round.lane[0].bytes, 1024, "the smaller lane alone");
    is_near(xb_round_concurrent(&schedule, &round), 0.25, 0, "is a quarter of the larger");
    xb_round_release(&round);
    xb_schedule_close(&schedule);
}

static void test_lane_case(void)
{
    static const struct xb_method_spec chunked = {.flags = XB_METHOD_CHUNKED};
    static const struct xb_method_spec pieces = {.flags = XB_METHOD_PIECES};
    struct xb_case c = {.method = &chunked, .bytes = 4096, .chunk = 1024, .depth = 3}, room;
    struct xb_lane lane = {.bytes = 0};

    ok(xb_lane_case(&c, &lane, &room) == &c, "a lane of the case's size has the case");
    lane.bytes = 4096;
    ok(xb_lane_case(&c, &lane, &room) == &c, "so has one that says the same size");
    is_int((long long)xb_lane_bytes(&c, &lane), 4096, "which it is");
    lane.bytes = 512;
    is_int((long long)xb_lane_case(&c, &lane, &room)->bytes, 512, "another has its own");
    is_int((long long)room.chunk, 512, "in one chunk that is no larger");
    is_int(room.depth, 3, "as deep as before");
    lane.bytes = 2048;
    is_int((long long)xb_lane_case(&c, &lane, &room)->chunk, 1024, "or in chunks of the case");
    c.method = &pieces;
    lane.bytes = 512;
    is_int((long long)xb_lane_case(&c, &lane, &room)->chunk, 0, "or as a whole");
    is_int(room.depth, 0, "without a depth");
}

int main(void)
{
    test_texts();
    test_settle();
    test_jobs();
    test_contention();
    test_lane_case();
    return done_testing();
}
