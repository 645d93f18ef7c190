/* result.h - what measuring one case gave. Filled by the engine on rank 0, read by report and
 * table. */
#ifndef XB_REPORT_RESULT_H
#define XB_REPORT_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/figures/sampling.h"
#include "model/plan/pattern.h"
#include "model/policy/policy.h"

#define XB_REASON_LEN 512

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
    uint64_t first_bad; /* offset into the transfer; only with wrong_bytes > 0 */
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
};

/* A figure that only some methods have. */
struct xb_figure {
    char name[32]; /* as it stands in the report, with its unit: "wait_us" */
    double value;
};
#define XB_MAX_FIGURES 24

struct xb_result {
    enum xb_status status;
    char reason[XB_REASON_LEN];  /* why it is not ok, else "" */
    char warning[XB_REASON_LEN]; /* what a reader must know of an ok result, else "" */
    struct xb_choice chosen;     /* by the policy; without a method where it was not asked */
    struct xb_lanes lanes;       /* which ranks moved what; count 0 if it was never decided */
    int64_t ops_per_sample;      /* transfers of one lane in one sample; 0 without samples */
    enum xb_stop stop;
    double *samples_us; /* owned; time of one transfer in each sample, slowest chain */
    size_t nsamples;
    double *op_samples_us; /* owned; times of transfers that were timed one by one, beside
                              samples of several; NULL without */
    size_t nop_samples;
    bool has_device_time;
    double device_time_us; /* median by device events, in-rank copies only */
    struct xb_verify verify;
    bool has_carried;         /* of any counter */
    double carried[XB_WIRES]; /* bytes that it saw over bytes moved, all ranks of the case
                                 together; negative if it could not be read */
    struct xb_pipeline_times pipeline;
    struct xb_bar *bars; /* owned; of one transfer, where a trace was asked for */
    size_t nbars;
    size_t nfigures;
    struct xb_figure figures[XB_MAX_FIGURES];
    double ceiling_gb_per_s; /* the most the hardware can carry; 0 if it cannot be told */
};

/* "ok", "skipped", "failed", "corrupt", "implausible", "timeout"; constant strings. */
const char *xb_status_name(enum xb_status status);

/* The status of that name, or -1. */
int xb_status_find(const char *name);

/* "nvlink_tx", ...; constant strings. */
const char *xb_wire_name(enum xb_wire wire);

/* "target", "max_time", "max_samples"; NULL for XB_STOP_NONE. */
const char *xb_stop_name(enum xb_stop stop);

/* Free what a result owns and empty it. */
void xb_result_release(struct xb_result *result);

#endif
