/* report.h - the JSON report of a run, built from plain structs.
 *
 * Format: DESIGN "Report" and results/schema/report-v1.schema.json. Missing values are null;
 * GB/s is 1e9 bytes a second; the unit stands in the key. Nothing here touches MPI, a device or
 * a clock.
 */
#ifndef XB_REPORT_REPORT_H
#define XB_REPORT_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/error.h"
#include "model/plan/plan.h"
#include "model/scenario/scenario.h"
#include "model/topology/node_info.h"
#include "model/topology/rank_info.h"
#include "report/result.h"

#define XB_REPORT_NAME    "xferbench-report"
#define XB_REPORT_VERSION 1

/* Of the whole run; decides the exit status. */
enum xb_run_status { XB_RUN_OK, XB_RUN_FAILED, XB_RUN_CORRUPT, XB_RUN_INTERRUPTED };

struct xb_named { /* a name and a value, both NUL-terminated; value NULL is null */
    const char *name;
    const char *value;
};

/* Everything but the cases; strings are borrowed and NULL stands for null. */
struct xb_report_head {
    const char *id, *start_utc; /* ISO 8601, "2026-01-31T12:00:00Z" */
    char *const *argv;          /* NULL-terminated */
    uint64_t seed;
    const char *device;
    const struct xb_scenario *scenario;
    const struct xb_policy *policy; /* that cases were decided by */
    uint64_t plan_hash;
    size_t plan_cases;
    const struct xb_named *slurm; /* NULL-terminated by name; NULL when not in a Slurm job */
    const char *version, *git, *compiler, *build_mpi, *build_cuda, *build_nccl, *build_hwloc;
    const char *const *features; /* NULL-terminated */
    const char *driver, *cuda_runtime, *mpi_library, *nccl_library;
    bool mpi_cuda_aware;
    const char *mpi_cuda_aware_how;   /* how that was found out */
    const struct xb_named *variables; /* allow-listed environment, NULL-terminated by name */
    double clock_resolution_ns, clock_overhead_ns;
    const struct xb_rank_info *ranks;
    size_t nranks;
    const struct xb_node_info *nodes; /* by number; NULL where they are not described */
};

/* The `cases[]` entry of one measured case. Beside what DESIGN names it holds what the totals
 * are made from: `lanes`, with each lane's own ranks and endpoints (those of a lane back are
 * swapped), `concurrent`, the number of chains, and `transfer_bytes`, the bytes that a transfer
 * moves (key.bytes, or 0 for a method that moves none, whose bandwidth is then 0).
 * `chosen` is what the policy picked for a case of the method auto, else null.
 * `fraction_of_ceiling` is the median bandwidth over the ceiling, null when either is not
 * known. The caller owns it; NULL when out of memory. */
cJSON *xb_report_case(const struct xb_case *c, const struct xb_result *result);

/* The `topology` of a report; node hosts are those of their first ranks. nodes, by number, say
 * what GPUs there are and what their links end in; NULL where nobody has described them. The
 * caller owns it; NULL when out of memory. */
cJSON *xb_report_topology(const struct xb_rank_info *ranks, size_t nranks,
                          const struct xb_node_info *nodes);

/* The whole report around an array of case entries, which is taken over (freed on failure),
 * with `paths[]` totalled from them. end_utc as start_utc. The seed must be below 2^53 for
 * readers that hold numbers as doubles. The caller owns it; NULL when out of memory. */
cJSON *xb_report_build(const struct xb_report_head *head, cJSON *cases,
                       enum xb_run_status status, const char *end_utc);

/* `paths[]`: per method, path and size class the totals over the lanes of the case entries,
 * ordered by first appearance. Every lane counts for its own path, so the way back of a case
 * may stand in another row than the way there. total_transfers counts the lanes' timed
 * transfers, total_bytes their bytes, total_time_us the time that they were busy: the samples'
 * wall time, or, of lanes that follow one another, an equal share of it. avg_gb_per_s is
 * total_bytes over total_time_us and best_gb_per_s the best single sample's of one lane, both
 * thus rates of one direction; they are null when nothing was timed. failures counts failed,
 * corrupt and timed-out cases, each once, for the path of its first lane (of its key when it
 * never had lanes). Samples of cases that are not ok enter no total, and skipped cases make no
 * row. The caller owns it; NULL when out of memory. */
cJSON *xb_report_paths(const cJSON *cases);

/* What the case entries add up to: corrupt before failed before ok (skipped is ok; timed-out
 * and implausible cases count as failed). */
enum xb_run_status xb_report_status(const cJSON *cases);

/* "ok", "failed", "corrupt", "interrupted"; and the exit status 0, 1, 4, 5. */
const char *xb_run_status_name(enum xb_run_status status);
int xb_run_exit_status(enum xb_run_status status);

/* Write a report to file by writing "FILE.tmp.PID" beside it and renaming it, so that file
 * never holds half a report. On failure the temporary file is removed and file is as before. A
 * file that is there and is not a regular one (/dev/null, a pipe) is written to directly, since
 * renaming would replace it. */
int xb_report_write(const char *file, const cJSON *report, struct xb_error *err);

#endif
