/* SPDX-License-Identifier: BSD-3-Clause */
/* report.h - the report of a run: typed structs from the first result to the last format.
 *
 * They are filled by build.c from what the session knows, by build_case.c from what each case
 * gave, and by read.c from a file; all fill the same. The format is
 * results/schema/report-v2.schema.json, and the rows that writer and reader share are in
 * tables.c. Missing values are null (-1, NAN, NULL); GB/s is 1e9 bytes a second; the unit
 * stands in the key. Nothing here touches MPI, a device or a clock.
 */
#ifndef XB_REPORT_REPORT_H
#define XB_REPORT_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cjson/cJSON.h>

#include "base/error.h"
#include "base/json.h"
#include "model/plan/plan.h"
#include "model/scenario/scenario.h"
#include "model/topology/node_info.h"
#include "model/topology/rank_info.h"
#include "report/host_facts.h"
#include "report/result.h"
#include "report/run_status.h"
#include "report/slurm.h"
#include "report/tuned.h"

#define XB_REPORT_NAME      "xferbench-report"
#define XB_REPORT_VERSION   2
#define XB_REPORT_MAX_BYTES ((size_t)1 << 32) /* of a file that is read */

/* ---- what a report holds ---- */

struct xb_report_schema {
    char *name;
    int64_t version; /* of the file that was read; a report is written in the last one */
};

struct xb_report_policy {
    bool there;
    char *name;
    uint64_t hash;
};

/* Over the passes of a run. */
struct xb_report_range {
    double first, last, most;
};

/* What a rank's process took behind each pass. */
struct xb_report_use {
    int64_t rank;
    struct xb_report_range rss_bytes, descriptors, gpu_bytes;
    char *warning; /* where something grows steadily */
};

struct xb_report_run {
    char *id, *label, *start_utc, *end_utc; /* ISO 8601, "2026-01-31T12:00:00Z" */
    struct xb_texts argv;
    struct xb_texts required; /* filters of cases that must be measured */
    char *launcher;
    uint64_t seed;
    int64_t passes;           /* that were to be made at least */
    double repeat_for_s;      /* for which further ones were begun */
    double max_time_s;        /* by which the run was to end */
    int64_t passes_made;      /* the most that a case has */
    struct xb_list resources; /* of struct xb_report_use, by rank */
    char *device;
    uint64_t plan_hash;
    int64_t plan_cases;
    cJSON *scenario; /* as it was read, with overrides applied */
    struct xb_report_policy policy;
    struct xb_report_slurm slurm; /* of the job; not there outside one */
    cJSON *resumed;
};

struct xb_report_build {
    char *version, *git, *compiler, *mpi, *cuda, *nccl, *hwloc;
    struct xb_texts features;
};

struct xb_report_clock {
    double resolution_ns, overhead_ns;
};

struct xb_report_environment {
    char *driver, *cuda_runtime, *nccl_library, *mpi_library;
    bool mpi_cuda_aware;
    char *mpi_cuda_aware_how;
    struct xb_named_texts variables; /* that the user has set */
    struct xb_named_texts set_by_xferbench;
    struct xb_report_clock clock;
    cJSON *nodes;
};

struct xb_report_gpu {
    bool there;
    char *uuid, *pci_bus_id, *name;
    bool mig; /* an instance, which has the bus id in common with others */
};

/* What the formats and who resumes need of a rank. */
struct xb_report_rank {
    int64_t rank, node;
    char *host;
    struct xb_report_gpu gpu;
    struct xb_list visible; /* of struct xb_report_gpu, its own too, in bus order; or none */
};

struct xb_report_key {
    char *pattern, *traffic; /* as in the id; traffic NULL where the pattern plays none */
    cJSON *pairs;            /* a text, or a list of pairs */
    char *method;
    cJSON *options; /* an object */
    char *src, *dst, *locality;
    int64_t bytes, size_class, chunk_bytes, depth, window, src_offset, dst_offset;
    char *cache;      /* "warm" or "cold"; NULL in reports that do not know it: warm */
    char *allocator;  /* of memory of GPUs; NULL in reports that do not know it: malloc */
    char *contention; /* "none", "all" or "pairs"; NULL in reports that do not know it: none */
};

/* What the policy picked. */
struct xb_report_choice {
    bool there;
    char *method;
    cJSON *options;
    int64_t chunk_bytes, depth;
};

struct xb_report_timing {
    bool there;
    char *clock;
    int64_t ops_per_sample, n, passes;
    char *interval; /* what ci_lo and ci_hi are of: "samples", or "passes" */
    char *stop_reason;
};

struct xb_report_setup {
    bool there;
    double total, start, open, register_, map, first;
};

struct xb_report_time {
    bool there;
    double min, median, ci_lo, ci_hi, p90, p99, max, mean, cv, device_median;
};

struct xb_report_op_time {
    bool there;
    int64_t n;
    double min, median, p90, p99, max;
};

struct xb_report_rate { /* or another quotient */
    bool there;
    double median, ci_lo, ci_hi;
};

struct xb_report_carried {
    bool there;
    double by[XB_WIRES]; /* bytes that the counter saw over the bytes moved */
};

struct xb_report_verify {
    bool there;
    int64_t checked_bytes, stamped_batches, wrong_bytes, first_bad_offset;
};

struct xb_report_stage {
    char *name;
    int64_t rank;
    double us, first_us;
};

struct xb_report_pipeline {
    bool there;
    struct xb_list stages; /* of struct xb_report_stage */
    double there_us, back_us;
    int64_t chunks;
    char *bottleneck;
    int64_t saturating_depth;
    double model_us, measured_over_model;
};

struct xb_report_drift_step {
    double since_s;  /* the first pass behind it, as passes_s */
    char *since_utc; /* the same as a time */
    double before_us, after_us, change;
};

/* Whether the medians of passes stay where they are; changes are shares of the time, above 0
 * where it becomes longer. */
struct xb_report_drift {
    bool there;
    int kind; /* enum xb_trend_kind */
    double p, change, per_hour, within_s;
    struct xb_list steps; /* of struct xb_report_drift_step */
};

struct xb_report_lane_time {
    bool there;
    double median, ci_lo, ci_hi, min, max, mean;
};

struct xb_report_lane {
    int status; /* enum xb_status */
    char *reason;
    int64_t transfers; /* that were timed */
    int64_t bytes;     /* of one, where the lane has its own; -1: as of the case */
    struct xb_report_lane_time time_us;
    double gb_per_s, ceiling_gb_per_s, fraction_of_ceiling; /* the first of its median */
    struct xb_report_carried carried_by;
    struct xb_report_verify verify;
    struct xb_report_rate contention; /* its time in this round over its time alone */
    struct xb_report_drift drift;     /* of several lanes, of those that do not stay */
    struct xb_numbers samples_us;     /* none unless asked for */
};

/* What a round of several moved as a whole; one lane's rounds stand with their lanes. */
struct xb_report_round {
    int64_t round;
    char *company;     /* as that of a step */
    double concurrent; /* lanes whose bytes add up in time_us */
    struct xb_report_lane_time time_us;
    double gb_per_s, ceiling_gb_per_s, fraction_of_ceiling;
};

struct xb_report_case {
    char *id;
    struct xb_report_key key;
    struct xb_report_choice chosen;
    int status;                            /* enum xb_status */
    char *reason, *warning, *measured_utc; /* the last: when it was there, as start_utc */
    struct xb_texts notes;
    struct xb_report_timing timing;
    struct xb_report_setup setup_us;
    double overhead_us, post_us;
    int64_t slowest_lane;  /* index into lanes; -1 unless several are ok */
    int64_t slowest_round; /* index into rounds; -1 unless there are several in full company */
    double concurrent;     /* lanes whose bytes add up in time_us */
    double transfer_bytes; /* of one transfer of one lane; 0 for a method that moves none */
    struct xb_report_time time_us;
    struct xb_report_rate bandwidth;
    struct xb_report_op_time op_time_us;
    double ceiling_gb_per_s, fraction_of_ceiling;
    struct xb_report_carried carried_by;
    struct xb_named_numbers figures;
    struct xb_report_pipeline pipeline;
    struct xb_report_verify verify;
    struct xb_numbers passes_us;
    struct xb_numbers passes_s; /* since the run's start; none where not all are known */
    struct xb_report_drift drift;
    int64_t schedule;      /* index into the report's; -1 where no ranks were decided on */
    struct xb_list lanes;  /* of struct xb_report_lane, in the order of the schedule's steps */
    struct xb_list rounds; /* of struct xb_report_round */
    struct xb_numbers samples_us, op_samples_us; /* none unless asked for */
    struct xb_bar *bars;                         /* for a trace; not in the file */
    size_t nbars;
};

struct xb_report_step {
    int64_t round, chain, step, src_rank, dst_rank;
    char *src, *dst; /* the lane's own endpoints */
    char *link_class;
    char *company; /* "alone" or "two", of who looks for contention; NULL for all of a round */
};

struct xb_report_schedule {
    struct xb_list steps; /* of struct xb_report_step */
};

/* What the lanes of a method with its options, a path and a size class add up to. */
struct xb_report_path {
    char *method;
    cJSON *options;
    char *src, *dst, *locality;
    int64_t size_class, total_transfers;
    double total_bytes, total_time_us;
    int64_t failures;
    double best_gb_per_s, avg_gb_per_s;
    size_t place,
        turn; /* of the first case, and of its lanes, that are in it; not in the file */
};

/* Who has the cases of a report that are not in its list, and reads them back one at a time:
 * report/case_walk.h. Without `read` they are in the list. */
struct xb_case_store {
    /* The case at a place below n into *out, of which nothing is freed before. Returns 1; 0
     * where there is none at that place, or -1 where it cannot be read, for which the store has
     * words. Its schedule is one of the report's. */
    int (*read)(void *arg, size_t place, struct xb_report_case *out);
    void *arg;
    size_t n;
    enum xb_run_status status; /* what they add up to: of those that were counted */
};

struct xb_report {
    struct xb_report_schema schema;
    int status; /* enum xb_run_status */
    struct xb_report_run run;
    struct xb_report_build build;
    struct xb_report_environment environment;
    cJSON *topology;              /* as it is written */
    struct xb_list ranks;         /* of struct xb_report_rank, read from the topology */
    struct xb_list cases;         /* of struct xb_report_case; xb_cases walks through them */
    struct xb_list schedules;     /* of struct xb_report_schedule */
    struct xb_list paths;         /* of struct xb_report_path */
    cJSON *outliers;              /* a list */
    struct xb_report_tuned tuned; /* of the report of tune, when it ended */
    struct xb_case_store store;   /* that has the cases instead; not in the file */
};

/* Element i of the lists, with i below their n, or a rank by its number, or NULL; it moves when
 * its list grows. */
struct xb_report_rank *xb_report_rank_at(const struct xb_report *report, size_t i);
struct xb_report_rank *xb_report_rank_of(const struct xb_report *report, int64_t rank);
struct xb_report_case *xb_report_case_at(const struct xb_report *report, size_t i);
struct xb_report_path *xb_report_path_at(const struct xb_report *report, size_t i);
struct xb_report_lane *xb_report_lane_at(const struct xb_report_case *c, size_t i);

/* Bytes of one transfer of lane i: its own, or the case's. */
double xb_report_lane_bytes(const struct xb_report_case *c, size_t i);

/* Step i of a case's schedule, that of its lane i; NULL without one. */
struct xb_report_step *xb_report_step_of(const struct xb_report *report,
                                         const struct xb_report_case *c, size_t i);

/* Was lane i measured in full company, not alone or with one other to find its contention? */
bool xb_report_lane_is_full(const struct xb_report *report, const struct xb_report_case *c,
                            size_t i);
struct xb_report_round *xb_report_round_at(const struct xb_report_case *c, size_t i);

/* ---- build ---- */

struct xb_named { /* a name and a value, both NUL-terminated; value NULL is null */
    const char *name;
    const char *value;
};

/* What is known when a run begins; strings are borrowed and NULL stands for null. */
struct xb_report_head {
    const char *id, *label, *start_utc, *launcher;
    char *const *argv;           /* NULL-terminated */
    const char *const *required; /* NULL-terminated; NULL for none */
    uint64_t seed;               /* below 2^53, for readers that hold numbers as doubles */
    const char *device;
    const struct xb_scenario *scenario;
    const struct xb_policy *policy; /* that cases were decided by */
    uint64_t plan_hash;
    size_t plan_cases;
    int passes;                   /* of the run over the plan; 0 where it makes none */
    double max_time_s;            /* by which the run is to end; 0: no limit */
    const struct xb_named *slurm; /* NULL-terminated by name; NULL when not in a Slurm job */
    const char *version, *git, *compiler, *build_mpi, *build_cuda, *build_nccl, *build_hwloc;
    const char *const *features; /* NULL-terminated */
    const char *driver, *cuda_runtime, *mpi_library, *nccl_library;
    bool mpi_cuda_aware;
    const char *mpi_cuda_aware_how;          /* how that was found out */
    const struct xb_named *variables;        /* allow-listed environment that the user has set,
                                                NULL-terminated by name */
    const struct xb_named *set_by_xferbench; /* the same of what this program has set; may be
                                                NULL */
    double clock_resolution_ns, clock_overhead_ns;
    const struct xb_rank_info *ranks;
    size_t nranks;
    const struct xb_node_info *nodes;  /* by number; NULL where they are not described */
    const struct xb_host_facts *hosts; /* of the nodes, by number */
    size_t nhosts;
};

/* Begin a report: everything but cases. The caller releases it, also after a failure, which is
 * to be out of memory. */
int xb_report_begin(struct xb_report *report, const struct xb_report_head *head,
                    struct xb_error *err);

/* What a case gave, as it stands in a report, into *out, which the caller releases; samples
 * says whether its samples go with it. fraction_of_ceiling is the median bandwidth over the
 * ceiling, null when either is not known. A case that is ok has the note "noisy" where its
 * interval is wider than 10 % to either side, and "partial" where it has not all of its passes;
 * from 12 passes on "drifts" or "steps", where it or a lane of it does. Lanes find their steps
 * in a schedule of the report, which cases share. On failure, which is to be out of memory, out
 * is empty. */
#define XB_NOTE_NOISY       "noisy"
#define XB_NOTE_PARTIAL     "partial"
#define XB_NOTE_DRIFTS      "drifts"
#define XB_NOTE_STEPS       "steps"
#define XB_NOTE_HUNG        "hung" /* a rank did not come back from it, which ended the run */
#define XB_NOTE_OUT_OF_TIME "out-of-time" /* skipped: the run's time was over before it */
int xb_report_make(struct xb_report *report, const struct xb_case *c,
                   const struct xb_result *result, bool samples, struct xb_report_case *out,
                   struct xb_error *err);

/* The same, into the report's list. On failure nothing is added. */
int xb_report_add(struct xb_report *report, const struct xb_case *c,
                  const struct xb_result *result, bool samples, struct xb_error *err);

/* A case with nothing in it; and one that is let go of, which is empty then. */
void xb_report_case_clear(struct xb_report_case *c);
void xb_report_case_release(struct xb_report_case *c);

/* Does a case have this note? */
bool xb_report_noted(const struct xb_report_case *c, const char *note);

/* Say of a case that it is of an earlier run: it gets the note "resumed", and where it does not
 * say when it was measured, the end of that run, or its start. -1 when out of memory. */
#define XB_NOTE_RESUMED "resumed"
int xb_report_mark_resumed(struct xb_report_case *c, const struct xb_report_run *run,
                           struct xb_error *err);

/* Remove case i of the list. */
void xb_report_drop(struct xb_report *report, size_t i);

/* End a report: status, end_utc as start_utc, how many passes were made, and the totals in
 * `paths`, of the cases in the list or of those that were counted. */
int xb_report_end(struct xb_report *report, enum xb_run_status status, const char *end_utc,
                  struct xb_error *err);

/* Fill `paths`: for each method with its options, path and size class the totals over the lanes
 * of the cases, ordered by first appearance. The method is the one that was measured: of the
 * method auto, what the policy picked. Every lane that is ok counts for its own path, so the
 * way back of a case may stand in another row than the way there. total_transfers counts the
 * lanes' timed transfers, total_bytes their bytes, total_time_us the time that they were busy:
 * transfers times the mean. avg_gb_per_s is total_bytes over total_time_us and best_gb_per_s
 * the best sample's of one lane, both thus rates of one direction; they are null when nothing
 * was timed. failures counts failed, corrupt and timed-out cases, each once, for the path of
 * its first such lane (of its key when it never had lanes). Skipped cases make no row. */
int xb_report_total(struct xb_report *report, struct xb_error *err);

/* Take a case that the store has, at its place, into what all of them add up to: status, passes
 * that were made, and `paths`, whose rows are in the order of places whatever the order of
 * counting. Once for each case, before the report ends. -1 when out of memory. */
int xb_report_count(struct xb_report *report, const struct xb_report_case *c, size_t place,
                    struct xb_error *err);

/* What the cases add up to: corrupt before failed before ok (timed-out and implausible cases
 * count as failed); nothing where all are skipped, or there is none. */
enum xb_run_status xb_report_status(const struct xb_report *report);

/* A report with nothing in it; and one that is let go of, which is empty then. */
void xb_report_empty(struct xb_report *report);
void xb_report_release(struct xb_report *report);

/* The `topology` of a report; node hosts are those of their first ranks. nodes, by number, say
 * what GPUs there are and what their links end in; NULL where nobody has described them. What
 * is wrong with the links stands in `warnings`. The caller owns it; NULL when out of memory. */
cJSON *xb_report_topology(const struct xb_rank_info *ranks, size_t nranks,
                          const struct xb_node_info *nodes);

/* Complete `topology` when a run is over: the states of the ranks' GPUs then, after[nranks],
 * and warnings of what changed meanwhile. ranks are those that the report began with. -1 when
 * out of memory. */
int xb_report_states(struct xb_report *report, const struct xb_rank_info *ranks, size_t nranks,
                     const struct xb_gpu_state *after, struct xb_error *err);

/* Add a warning about the run as a whole to those in `topology`. -1 when out of memory. */
int xb_report_warn(struct xb_report *report, const char *text, struct xb_error *err);

/* ---- write ---- */

/* A report whose cases are in its list as JSON, in version XB_REPORT_VERSION; the caller owns
 * it; NULL when out of memory. */
cJSON *xb_report_json(const struct xb_report *report);

/* Any report as text to out, with one case at a time in memory as JSON. -1 when out of memory,
 * or when the store cannot read a case; whether all reached out is for ferror to say. */
int xb_report_print(const struct xb_report *report, FILE *out);

/* A case as it stands in the report, but with the steps of its schedule in place of their
 * index, so that it can be read alone, and with its bars where it has any. The caller owns it;
 * NULL when out of memory. */
cJSON *xb_report_case_json(const struct xb_report *report, const struct xb_report_case *c);

/* Write a report to a file in the same way, and other JSON, as xb_output_write does. */
int xb_report_save(const struct xb_report *report, const char *file, bool replace,
                   struct xb_error *err);
int xb_report_write(const char *file, const cJSON *json, bool replace, struct xb_error *err);

/* ---- read ---- */

/* Read a report of version 1 or 2 from a file, or from the root of a document. Each error names
 * file, line where it can, JSON path, what was found and what was expected. A case of version 1
 * is one of pairs "first"; its lanes have the times of the case, which one clock took. The
 * caller releases it; on failure it is empty. */
int xb_report_load(const char *file, struct xb_report *out, struct xb_error *err);
int xb_report_read(const struct xb_node *root, struct xb_report *out, struct xb_error *err);

/* Read a case that xb_report_case_json wrote into *out, which the caller releases; its schedule
 * is one of the report's, added where there is none alike. On failure out is empty. */
int xb_report_read_case(struct xb_json *doc, struct xb_report *report,
                        struct xb_report_case *out, struct xb_error *err);

/* Index of the schedule of these steps, which are taken over, added where there is none alike;
 * -1 when out of memory; then they stay the caller's. */
int64_t xb_report_schedule(struct xb_report *report, struct xb_report_schedule *schedule);

#endif
