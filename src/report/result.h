/* SPDX-License-Identifier: BSD-3-Clause */
/* result.h - what measuring one case gave. Filled by the engine on rank 0, read by report and
 * table. */
#ifndef XB_REPORT_RESULT_H
#define XB_REPORT_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/figures/sampling.h"
#include "model/figures/stats.h"
#include "model/figures/thinning.h"
#include "model/plan/contention.h"
#include "model/plan/path.h"
#include "model/policy/policy.h"

#define XB_REASON_LEN 512
#define XB_NOISY      0.1 /* of a median, that half an interval of what is noisy is wider than */

enum xb_status {
    XB_OK,
    XB_SKIPPED, /* with a reason; a result like another */
    XB_FAILED,
    XB_CORRUPT,
    XB_IMPLAUSIBLE,
    XB_TIMEOUT,
};

/* Counters of the hardware, in the order of the report. */
enum xb_wire {
    XB_NVLINK_TX,
    XB_NVLINK_RX,
    XB_PCIE_TX,
    XB_PCIE_RX,
    XB_NIC_TX,
    XB_NIC_RX,
    XB_WIRES
};

struct xb_verify {
    bool done;
    uint64_t checked_bytes, wrong_bytes;
    uint64_t first_bad;       /* offset into the transfer; only with wrong_bytes > 0 */
    uint64_t stamped_batches; /* whose own stamps were found in the destination */
};

/* One stage of a pipelined case, as it was observed with the others running. */
struct xb_stage_time {
    char name[16];
    int rank;        /* world rank that runs it */
    double us;       /* mean time for one chunk behind another */
    double first_us; /* for the first chunk, which finds it idle */
};
#define XB_MAX_STAGE_TIMES 8

/* What a pipelined transfer was seen to spend its time on; nstages 0 if nobody looked. */
struct xb_pipeline_times {
    int nstages;
    struct xb_stage_time stage[XB_MAX_STAGE_TIMES]; /* in the order that chunks take */
    bool has_way;    /* the next two are known: the stages' ranks share a clock */
    double there_us; /* until the next rank learns that a chunk is there */
    double back_us;  /* until the first rank learns that a slot is free */
    uint64_t chunks; /* of one transfer */
    double model_us; /* time by the model of pipeline_model.h */
    int bottleneck;  /* index of the slowest stage */
    int saturating_depth;
};

/* A chunk in a stage, for a trace: times are those of one clock. */
struct xb_bar {
    char stage[16];
    int rank, lane; /* lane: place of the stage in the order that chunks take */
    uint64_t chunk;
    double start_us, done_us;
    double clock_error_us; /* by so much they may be off: 0 where the rank has that clock */
};

/* A figure that only some methods have. */
struct xb_figure {
    char name[32]; /* as it stands in the report, with its unit: "wait_us" */
    double value;
};
#define XB_MAX_FIGURES 24

/* What setting a lane up took besides its transfers, in microseconds; NAN where unknown. */
struct xb_setup {
    double total, open, register_, map, first; /* first: of the first, untimed transfer */
    double start; /* of what the method keeps for all its cases; of a case, never of a lane */
};

/* What measuring one lane gave. Its times are those of its own starter's clock; lanes of one
 * chain share the chain's time. */
struct xb_lane_result {
    int round, chain, step; /* where it stands in the schedule, from 0 */
    int src_rank, dst_rank;
    struct xb_path path; /* of this lane: with its own endpoints, swapped on a way back */
    int link_class;      /* enum xb_link_class; -1 if unknown */
    enum xb_company company;
    uint64_t bytes;     /* of one transfer, where the lane has its own; 0: the case's size */
    int group, members; /* as of struct xb_lane */
    enum xb_status status;
    char *reason;             /* owned; NULL where it is ok */
    struct xb_stats time;     /* of one transfer in microseconds; n 0 without samples */
    int64_t ops_per_sample;   /* transfers in one sample; 0 without samples */
    double ceiling_gb_per_s;  /* 0 if it cannot be told */
    bool has_carried;         /* of any counter */
    double carried[XB_WIRES]; /* bytes that it saw over this lane's bytes: what is sent at the
                                 source rank, what is received at the destination's; negative
                                 if it could not be read */
    struct xb_verify verify;
    struct xb_setup setup;
    double *samples_us; /* owned; time of one transfer in each sample, of a chain's first lane;
                           NULL unless they were asked for */
    size_t nsamples;
    struct xb_thinning thinned; /* of passes: how many samples stand for all, and theirs */
    double *passes_us;          /* owned; median of each pass, where there were several */
    size_t npasses;
};

/* What a round gave as a whole, of a case of several, where several of its chains were busy at
 * the same time: from the first start to the last end, by the clock of one rank. */
struct xb_round_result {
    int round; /* of the schedule, from 0 */
    enum xb_company company;
    double concurrent;       /* lanes whose bytes add up in `time` */
    double ceiling_gb_per_s; /* of all of them; 0 if it cannot be told */
    struct xb_stats time;    /* of one transfer in microseconds */
    int64_t ops_per_sample;  /* transfers of one lane in one sample */
    double *samples_us;      /* owned */
    size_t nsamples;
    struct xb_thinning thinned; /* of several passes */
    double *passes_us;          /* owned; median of each pass, where there were several */
    size_t npasses;
};

/* How the times of a case follow from those of its lanes and rounds. */
enum xb_case_time {
    XB_TIME_OF_SCHEDULE, /* from the first start to the last end: one clock saw all lanes */
    XB_TIME_OF_MEDIAN_LANE,
    XB_TIME_OF_ROUND, /* of `time_round`: the one in the middle, or the slowest */
};

struct xb_result {
    enum xb_status status;       /* the worst of its lanes'; skipped only where all are */
    char reason[XB_REASON_LEN];  /* why it is not ok, else "" */
    char warning[XB_REASON_LEN]; /* what a reader must know of an ok result, else "" */
    int passes, passes_asked;    /* that were made and that were to be made of it; 0 where
                                    nobody counts them */
    bool resumed;                /* some of its passes were taken over from an earlier run */
    bool hung;                   /* a rank did not come back from it */
    bool out_of_time;            /* the run's time was over before it */
    char measured_utc[24];       /* when it was there, as "2026-01-31T12:00:00Z"; "" unknown */
    double measured_s;           /* of one pass: the same in seconds since 1970; 0 unknown */
    double repeating_s; /* and since the first pass of a run that goes on for a time; else 0 */
    struct xb_choice chosen; /* by the policy; without a method where it was not asked */

    struct xb_lane_result *lanes; /* owned; in the order of the schedule */
    size_t nlanes;                /* 0 if it was never decided which ranks move what */
    double concurrent; /* lanes whose bytes add up in `time`: chains of a round; 1 where they
                          are parts of one operation, or the time is that of one lane */
    enum xb_case_time time_of;
    size_t slowest_lane; /* index; of several lanes that are ok, in full company */

    struct xb_round_result *rounds; /* owned; in the order of the schedule */
    size_t nrounds;
    size_t time_round, slowest_round; /* indexes; of rounds that were timed, in full company */

    struct xb_stats time;   /* of one transfer in microseconds; n 0 without samples */
    int64_t ops_per_sample; /* transfers of one lane in one sample; 0 without samples */
    enum xb_stop stop;
    double overhead_us; /* of an empty transfer on the same lanes; NAN where it is unknown */
    double post_us;     /* of posting one transfer, on the rank with the clock; 0 unknown */
    struct xb_setup setup;
    double *samples_us; /* owned; time of one transfer in each sample; of the median lane where
                           the time is one lane's: then only if they were asked for; of the
                           round that the time is of */
    size_t nsamples;
    size_t most_samples; /* of a lane, of the whole, and of single transfers, that are kept of
                            all passes; 0: all */
    struct xb_thinning thinned, op_thinned; /* of several passes */
    double *passes_us; /* owned; median of each pass: of the whole, or of the median lane */
    size_t npasses;
    double *passes_s; /* owned; measured_s of each pass, of several */
    size_t npasses_s;
    double *op_samples_us; /* owned; times of transfers that were timed one by one, beside
                              samples of several; NULL without */
    size_t nop_samples;
    bool has_device_time;
    double device_time_us;    /* median by device events, in-rank copies only */
    struct xb_verify verify;  /* of all lanes together */
    bool has_carried;         /* of any counter */
    double carried[XB_WIRES]; /* mean of the lanes' */
    struct xb_pipeline_times pipeline;
    struct xb_bar *bars; /* owned; of one transfer, where a trace was asked for */
    size_t nbars;
    size_t nfigures;
    struct xb_figure figures[XB_MAX_FIGURES];
    double ceiling_gb_per_s; /* the most the hardware can carry; 0 if it cannot be told */
};

/* "ok", "skipped", "failed", "corrupt", "implausible", "timeout"; constant strings. */
const char *xb_status_name(enum xb_status status);

/* Is this the worse of two statuses that lanes or passes of one case have? Skipped counts only
 * where all are, so ok is worse than that. */
bool xb_status_is_worse(enum xb_status a, enum xb_status b);

/* The status of that name, or -1. */
int xb_status_find(const char *name);

/* "nvlink_tx", ...; constant strings. */
const char *xb_wire_name(enum xb_wire wire);

/* Does a counter see what is sent, at the source, rather than what is received? */
bool xb_wire_is_sent(enum xb_wire wire);

/* "target", "max_time", "max_samples"; NULL for XB_STOP_NONE. */
const char *xb_stop_name(enum xb_stop stop);

/* Add what was compared and found elsewhere. */
void xb_verify_add(struct xb_verify *sum, const struct xb_verify *more);

/* Make room for so many lanes, each skipped so far and without figures; -1 when out of memory.
 */
int xb_result_lanes(struct xb_result *result, size_t nlanes);

/* Append an empty round to a result. It belongs to that; NULL when out of memory. */
struct xb_round_result *xb_result_add_round(struct xb_result *result);

/* Bytes that count for the rate of one transfer of one lane: those of the case, by what the
 * policy chose for it; 0 for a method that moves none. */
double xb_result_transfer_bytes(const struct xb_case *c, const struct xb_result *result);

/* Median bandwidth in GB/s, as the report has it; 0 where nothing was timed or moved. */
double xb_result_gb_per_s(const struct xb_case *c, const struct xb_result *result);

/* Free what a result owns and empty it. */
void xb_result_release(struct xb_result *result);

#endif
