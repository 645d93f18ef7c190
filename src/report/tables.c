/* SPDX-License-Identifier: BSD-3-Clause */
/* tables.c - a row for each member of a report's structs, in the order of the file. */
#include "report/tables.h"

#include "model/figures/trend.h"
#include "report/field_rows.h"
#include "report/report.h"

#define SINCE_2(object, key, kind, member)                                                     \
    {                                                                                          \
        .name = (key), .type = (kind), .offset = offsetof(struct object, member),              \
        .flags = XB_FIELD_SINCE_2                                                              \
    }
#define LATER(object, key, kind, member)                                                       \
    {                                                                                          \
        .name = (key), .type = (kind), .offset = offsetof(struct object, member),              \
        .flags = XB_FIELD_SINCE_2 | XB_FIELD_LATER                                             \
    }
#define PART(object, key, kind, member, rows)                                                  \
    {                                                                                          \
        .name = (key), .type = (kind), .offset = offsetof(struct object, member),              \
        .fields = (rows)                                                                       \
    }

static const char *status_word(int status)
{
    return xb_status_name((enum xb_status)status);
}

static const char *run_status_word(int status)
{
    return xb_run_status_name((enum xb_run_status)status);
}

#define STATUS(object)                                                                         \
    {                                                                                          \
        .name = "status", .type = XB_FIELD_WORD, .offset = offsetof(struct object, status),    \
        .flags = XB_FIELD_NEEDED, .word = status_word, .words = XB_TIMEOUT + 1                 \
    }

/* ---- the run ---- */

static const struct xb_field schema_fields[] = {
    NEEDED(xb_report_schema, "name", XB_FIELD_TEXT, name),
    NEEDED(xb_report_schema, "version", XB_FIELD_WHOLE, version),
    END,
};

static const struct xb_field policy_fields[] = {
    ROW(xb_report_policy, "name", XB_FIELD_TEXT, name),
    ROW(xb_report_policy, "hash", XB_FIELD_HASH, hash),
    END,
};

static const struct xb_field range_fields[] = {
    ROW(xb_report_range, "first", XB_FIELD_BYTES, first),
    ROW(xb_report_range, "last", XB_FIELD_BYTES, last),
    ROW(xb_report_range, "most", XB_FIELD_BYTES, most),
    END,
};

const struct xb_field xb_report_use_fields[] = {
    NEEDED(xb_report_use, "rank", XB_FIELD_WHOLE, rank),
    PART(xb_report_use, "rss_bytes", XB_FIELD_OBJECT, rss_bytes, range_fields),
    PART(xb_report_use, "descriptors", XB_FIELD_OBJECT, descriptors, range_fields),
    PART(xb_report_use, "gpu_bytes", XB_FIELD_OBJECT, gpu_bytes, range_fields),
    ROW(xb_report_use, "warning", XB_FIELD_TEXT, warning),
    END,
};

const struct xb_field xb_report_run_fields[] = {
    ROW(xb_report_run, "id", XB_FIELD_TEXT, id),
    SINCE_2(xb_report_run, "label", XB_FIELD_TEXT, label),
    ROW(xb_report_run, "start_utc", XB_FIELD_TEXT, start_utc),
    ROW(xb_report_run, "end_utc", XB_FIELD_TEXT, end_utc),
    ROW(xb_report_run, "argv", XB_FIELD_TEXTS, argv),
    LATER(xb_report_run, "required", XB_FIELD_TEXTS, required),
    SINCE_2(xb_report_run, "launcher", XB_FIELD_TEXT, launcher),
    NEEDED(xb_report_run, "seed", XB_FIELD_DIGITS, seed),
    SINCE_2(xb_report_run, "passes", XB_FIELD_WHOLE, passes),
    LATER(xb_report_run, "repeat_for_s", XB_FIELD_RATIO, repeat_for_s),
    LATER(xb_report_run, "max_time_s", XB_FIELD_RATIO, max_time_s),
    LATER(xb_report_run, "passes_made", XB_FIELD_WHOLE, passes_made),
    LIST(xb_report_run, "resources", resources, xb_report_use, xb_report_use_fields,
         XB_FIELD_SINCE_2 | XB_FIELD_LATER),
    NEEDED(xb_report_run, "device", XB_FIELD_TEXT, device),
    NEEDED(xb_report_run, "plan_hash", XB_FIELD_HASH, plan_hash),
    ROW(xb_report_run, "plan_cases", XB_FIELD_WHOLE, plan_cases),
    ROW(xb_report_run, "scenario", XB_FIELD_JSON, scenario),
    PART(xb_report_run, "policy", XB_FIELD_MAYBE, policy, policy_fields),
    PART(xb_report_run, "slurm", XB_FIELD_MAYBE, slurm, xb_report_slurm_fields),
    SINCE_2(xb_report_run, "resumed", XB_FIELD_JSON, resumed),
    END,
};

const struct xb_field xb_report_build_fields[] = {
    ROW(xb_report_build, "version", XB_FIELD_TEXT, version),
    ROW(xb_report_build, "git", XB_FIELD_TEXT, git),
    ROW(xb_report_build, "compiler", XB_FIELD_TEXT, compiler),
    ROW(xb_report_build, "mpi", XB_FIELD_TEXT, mpi),
    ROW(xb_report_build, "cuda", XB_FIELD_TEXT, cuda),
    ROW(xb_report_build, "nccl", XB_FIELD_TEXT, nccl),
    ROW(xb_report_build, "hwloc", XB_FIELD_TEXT, hwloc),
    ROW(xb_report_build, "features", XB_FIELD_TEXTS, features),
    END,
};

static const struct xb_field clock_fields[] = {
    ROW(xb_report_clock, "resolution_ns", XB_FIELD_NS, resolution_ns),
    ROW(xb_report_clock, "overhead_ns", XB_FIELD_NS, overhead_ns),
    END,
};

const struct xb_field xb_report_environment_fields[] = {
    ROW(xb_report_environment, "driver", XB_FIELD_TEXT, driver),
    ROW(xb_report_environment, "cuda_runtime", XB_FIELD_TEXT, cuda_runtime),
    ROW(xb_report_environment, "nccl_library", XB_FIELD_TEXT, nccl_library),
    ROW(xb_report_environment, "mpi_library", XB_FIELD_TEXT, mpi_library),
    ROW(xb_report_environment, "mpi_cuda_aware", XB_FIELD_BOOL, mpi_cuda_aware),
    ROW(xb_report_environment, "mpi_cuda_aware_how", XB_FIELD_TEXT, mpi_cuda_aware_how),
    ROW(xb_report_environment, "variables", XB_FIELD_NAMED, variables),
    SINCE_2(xb_report_environment, "set_by_xferbench", XB_FIELD_NAMED, set_by_xferbench),
    PART(xb_report_environment, "clock", XB_FIELD_OBJECT, clock, clock_fields),
    SINCE_2(xb_report_environment, "nodes", XB_FIELD_JSON, nodes),
    END,
};

static const struct xb_field gpu_fields[] = {
    ROW(xb_report_gpu, "uuid", XB_FIELD_TEXT, uuid),
    ROW(xb_report_gpu, "pci_bus_id", XB_FIELD_TEXT, pci_bus_id),
    ROW(xb_report_gpu, "name", XB_FIELD_TEXT, name),
    LATER(xb_report_gpu, "mig", XB_FIELD_BOOL, mig),
    END,
};

const struct xb_field xb_report_rank_fields[] = {
    ROW(xb_report_rank, "rank", XB_FIELD_WHOLE, rank),
    ROW(xb_report_rank, "node", XB_FIELD_WHOLE, node),
    NEEDED(xb_report_rank, "host", XB_FIELD_TEXT, host),
    PART(xb_report_rank, "gpu", XB_FIELD_MAYBE, gpu, gpu_fields),
    LIST(xb_report_rank, "visible_gpus", visible, xb_report_gpu, gpu_fields,
         XB_FIELD_SINCE_2 | XB_FIELD_LATER),
    END,
};

/* ---- cases ---- */

const struct xb_field xb_report_key_fields[] = {
    NEEDED(xb_report_key, "pattern", XB_FIELD_TEXT, pattern),
    SINCE_2(xb_report_key, "pairs", XB_FIELD_JSON, pairs),
    NEEDED(xb_report_key, "method", XB_FIELD_TEXT, method),
    NEEDED(xb_report_key, "options", XB_FIELD_JSON, options),
    NEEDED(xb_report_key, "src", XB_FIELD_TEXT, src),
    NEEDED(xb_report_key, "dst", XB_FIELD_TEXT, dst),
    NEEDED(xb_report_key, "locality", XB_FIELD_TEXT, locality),
    NEEDED(xb_report_key, "bytes", XB_FIELD_WHOLE, bytes),
    NEEDED(xb_report_key, "size_class", XB_FIELD_WHOLE, size_class),
    ROW(xb_report_key, "chunk_bytes", XB_FIELD_WHOLE, chunk_bytes),
    ROW(xb_report_key, "depth", XB_FIELD_WHOLE, depth),
    ROW(xb_report_key, "window", XB_FIELD_WHOLE, window),
    LATER(xb_report_key, "cache", XB_FIELD_TEXT, cache),
    LATER(xb_report_key, "allocator", XB_FIELD_TEXT, allocator),
    LATER(xb_report_key, "contention", XB_FIELD_TEXT, contention),
    LATER(xb_report_key, "traffic", XB_FIELD_TEXT, traffic),
    ROW(xb_report_key, "src_offset", XB_FIELD_WHOLE, src_offset),
    ROW(xb_report_key, "dst_offset", XB_FIELD_WHOLE, dst_offset),
    END,
};

const struct xb_field xb_report_choice_fields[] = {
    NEEDED(xb_report_choice, "method", XB_FIELD_TEXT, method),
    ROW(xb_report_choice, "options", XB_FIELD_JSON, options),
    ROW(xb_report_choice, "chunk_bytes", XB_FIELD_WHOLE, chunk_bytes),
    ROW(xb_report_choice, "depth", XB_FIELD_WHOLE, depth),
    END,
};

static const struct xb_field timing_fields[] = {
    ROW(xb_report_timing, "clock", XB_FIELD_TEXT, clock),
    NEEDED(xb_report_timing, "ops_per_sample", XB_FIELD_WHOLE, ops_per_sample),
    NEEDED(xb_report_timing, "n", XB_FIELD_WHOLE, n),
    SINCE_2(xb_report_timing, "passes", XB_FIELD_WHOLE, passes),
    SINCE_2(xb_report_timing, "interval", XB_FIELD_TEXT, interval),
    ROW(xb_report_timing, "stop_reason", XB_FIELD_TEXT, stop_reason),
    END,
};

const struct xb_field xb_report_setup_fields[] = {
    ROW(xb_report_setup, "total", XB_FIELD_US, total),
    LATER(xb_report_setup, "start", XB_FIELD_US, start),
    ROW(xb_report_setup, "open", XB_FIELD_US, open),
    ROW(xb_report_setup, "register", XB_FIELD_US, register_),
    ROW(xb_report_setup, "map", XB_FIELD_US, map),
    ROW(xb_report_setup, "first", XB_FIELD_US, first),
    END,
};

static const struct xb_field time_fields[] = {
    NEEDED(xb_report_time, "min", XB_FIELD_US, min),
    NEEDED(xb_report_time, "median", XB_FIELD_US, median),
    ROW(xb_report_time, "ci_lo", XB_FIELD_US, ci_lo),
    ROW(xb_report_time, "ci_hi", XB_FIELD_US, ci_hi),
    ROW(xb_report_time, "p90", XB_FIELD_US, p90),
    ROW(xb_report_time, "p99", XB_FIELD_US, p99),
    NEEDED(xb_report_time, "max", XB_FIELD_US, max),
    NEEDED(xb_report_time, "mean", XB_FIELD_US, mean),
    ROW(xb_report_time, "cv", XB_FIELD_RATIO, cv),
    ROW(xb_report_time, "device_median", XB_FIELD_US, device_median),
    END,
};

static const struct xb_field op_time_fields[] = {
    NEEDED(xb_report_op_time, "n", XB_FIELD_WHOLE, n),
    NEEDED(xb_report_op_time, "min", XB_FIELD_US, min),
    NEEDED(xb_report_op_time, "median", XB_FIELD_US, median),
    ROW(xb_report_op_time, "p90", XB_FIELD_US, p90),
    ROW(xb_report_op_time, "p99", XB_FIELD_US, p99),
    NEEDED(xb_report_op_time, "max", XB_FIELD_US, max),
    END,
};

static const struct xb_field rate_fields[] = {
    ROW(xb_report_rate, "median", XB_FIELD_RATIO, median),
    ROW(xb_report_rate, "ci_lo", XB_FIELD_RATIO, ci_lo),
    ROW(xb_report_rate, "ci_hi", XB_FIELD_RATIO, ci_hi),
    END,
};

const struct xb_field xb_report_carried_fields[] = {
    ROW(xb_report_carried, "nvlink_tx", XB_FIELD_RATIO, by[XB_NVLINK_TX]),
    ROW(xb_report_carried, "nvlink_rx", XB_FIELD_RATIO, by[XB_NVLINK_RX]),
    ROW(xb_report_carried, "pcie_tx", XB_FIELD_RATIO, by[XB_PCIE_TX]),
    ROW(xb_report_carried, "pcie_rx", XB_FIELD_RATIO, by[XB_PCIE_RX]),
    ROW(xb_report_carried, "nic_tx", XB_FIELD_RATIO, by[XB_NIC_TX]),
    ROW(xb_report_carried, "nic_rx", XB_FIELD_RATIO, by[XB_NIC_RX]),
    END,
};

static const struct xb_field verify_fields[] = {
    NEEDED(xb_report_verify, "checked_bytes", XB_FIELD_WHOLE, checked_bytes),
    SINCE_2(xb_report_verify, "stamped_batches", XB_FIELD_WHOLE, stamped_batches),
    NEEDED(xb_report_verify, "wrong_bytes", XB_FIELD_WHOLE, wrong_bytes),
    ROW(xb_report_verify, "first_bad_offset", XB_FIELD_WHOLE, first_bad_offset),
    END,
};

static const struct xb_field stage_fields[] = {
    NEEDED(xb_report_stage, "name", XB_FIELD_TEXT, name),
    ROW(xb_report_stage, "rank", XB_FIELD_WHOLE, rank),
    ROW(xb_report_stage, "us", XB_FIELD_US, us),
    ROW(xb_report_stage, "first_us", XB_FIELD_US, first_us),
    END,
};

const struct xb_field xb_report_pipeline_fields[] = {
    LIST(xb_report_pipeline, "stages", stages, xb_report_stage, stage_fields, XB_FIELD_NEEDED),
    ROW(xb_report_pipeline, "there_us", XB_FIELD_US, there_us),
    ROW(xb_report_pipeline, "back_us", XB_FIELD_US, back_us),
    ROW(xb_report_pipeline, "chunks", XB_FIELD_WHOLE, chunks),
    ROW(xb_report_pipeline, "bottleneck", XB_FIELD_TEXT, bottleneck),
    ROW(xb_report_pipeline, "saturating_depth", XB_FIELD_WHOLE, saturating_depth),
    ROW(xb_report_pipeline, "model_us", XB_FIELD_US, model_us),
    ROW(xb_report_pipeline, "measured_over_model", XB_FIELD_RATIO, measured_over_model),
    END,
};

static const char *trend_word(int kind)
{
    return xb_trend_name((enum xb_trend_kind)kind);
}

static const struct xb_field drift_step_fields[] = {
    NEEDED(xb_report_drift_step, "since_s", XB_FIELD_BYTES, since_s),
    NEEDED(xb_report_drift_step, "since_utc", XB_FIELD_TEXT, since_utc),
    NEEDED(xb_report_drift_step, "before_us", XB_FIELD_US, before_us),
    NEEDED(xb_report_drift_step, "after_us", XB_FIELD_US, after_us),
    NEEDED(xb_report_drift_step, "change", XB_FIELD_RATIO, change),
    END,
};

static const struct xb_field drift_fields[] = {
    {.name = "kind",
     .type = XB_FIELD_WORD,
     .offset = offsetof(struct xb_report_drift, kind),
     .flags = XB_FIELD_NEEDED,
     .word = trend_word,
     .words = XB_TREND_STEPPED + 1},
    NEEDED(xb_report_drift, "p", XB_FIELD_RATIO, p),
    NEEDED(xb_report_drift, "change", XB_FIELD_RATIO, change),
    ROW(xb_report_drift, "per_hour", XB_FIELD_RATIO, per_hour),
    NEEDED(xb_report_drift, "within_s", XB_FIELD_RATIO, within_s),
    LIST(xb_report_drift, "steps", steps, xb_report_drift_step, drift_step_fields,
         XB_FIELD_NEEDED),
    END,
};

#define DRIFT(object)                                                                          \
    {                                                                                          \
        .name = "drift", .type = XB_FIELD_MAYBE, .offset = offsetof(struct object, drift),     \
        .flags = XB_FIELD_SINCE_2 | XB_FIELD_LATER, .fields = drift_fields                     \
    }

static const struct xb_field lane_time_fields[] = {
    NEEDED(xb_report_lane_time, "median", XB_FIELD_US, median),
    ROW(xb_report_lane_time, "ci_lo", XB_FIELD_US, ci_lo),
    ROW(xb_report_lane_time, "ci_hi", XB_FIELD_US, ci_hi),
    NEEDED(xb_report_lane_time, "min", XB_FIELD_US, min),
    NEEDED(xb_report_lane_time, "max", XB_FIELD_US, max),
    NEEDED(xb_report_lane_time, "mean", XB_FIELD_US, mean),
    END,
};

static const struct xb_field round_fields[] = {
    NEEDED(xb_report_round, "round", XB_FIELD_WHOLE, round),
    ROW(xb_report_round, "company", XB_FIELD_TEXT, company),
    NEEDED(xb_report_round, "concurrent", XB_FIELD_RATIO, concurrent),
    PART(xb_report_round, "time_us", XB_FIELD_MAYBE, time_us, lane_time_fields),
    ROW(xb_report_round, "gb_per_s", XB_FIELD_RATIO, gb_per_s),
    ROW(xb_report_round, "ceiling_gb_per_s", XB_FIELD_RATIO, ceiling_gb_per_s),
    ROW(xb_report_round, "fraction_of_ceiling", XB_FIELD_RATIO, fraction_of_ceiling),
    END,
};

const struct xb_field xb_report_lane_fields[] = {
    STATUS(xb_report_lane),
    ROW(xb_report_lane, "reason", XB_FIELD_TEXT, reason),
    NEEDED(xb_report_lane, "transfers", XB_FIELD_WHOLE, transfers),
    PART(xb_report_lane, "time_us", XB_FIELD_MAYBE, time_us, lane_time_fields),
    ROW(xb_report_lane, "gb_per_s", XB_FIELD_RATIO, gb_per_s),
    ROW(xb_report_lane, "ceiling_gb_per_s", XB_FIELD_RATIO, ceiling_gb_per_s),
    ROW(xb_report_lane, "fraction_of_ceiling", XB_FIELD_RATIO, fraction_of_ceiling),
    PART(xb_report_lane, "carried_by", XB_FIELD_MAYBE, carried_by, xb_report_carried_fields),
    PART(xb_report_lane, "verify", XB_FIELD_MAYBE, verify, verify_fields),
    {.name = "contention",
     .type = XB_FIELD_MAYBE,
     .offset = offsetof(struct xb_report_lane, contention),
     .flags = XB_FIELD_SINCE_2 | XB_FIELD_LATER,
     .fields = rate_fields},
    DRIFT(xb_report_lane),
    LATER(xb_report_lane, "bytes", XB_FIELD_WHOLE, bytes),
    LATER(xb_report_lane, "samples_us", XB_FIELD_SAMPLES, samples_us),
    END,
};

const struct xb_field xb_report_lane_1_fields[] = {
    NEEDED(xb_report_step, "src_rank", XB_FIELD_WHOLE, src_rank),
    NEEDED(xb_report_step, "dst_rank", XB_FIELD_WHOLE, dst_rank),
    NEEDED(xb_report_step, "src", XB_FIELD_TEXT, src),
    NEEDED(xb_report_step, "dst", XB_FIELD_TEXT, dst),
    END,
};

const struct xb_field xb_report_case_fields[] = {
    NEEDED(xb_report_case, "id", XB_FIELD_TEXT, id),
    {.name = "key",
     .type = XB_FIELD_OBJECT,
     .offset = offsetof(struct xb_report_case, key),
     .flags = XB_FIELD_NEEDED,
     .fields = xb_report_key_fields},
    PART(xb_report_case, "chosen", XB_FIELD_MAYBE, chosen, xb_report_choice_fields),
    STATUS(xb_report_case),
    ROW(xb_report_case, "reason", XB_FIELD_TEXT, reason),
    ROW(xb_report_case, "warning", XB_FIELD_TEXT, warning),
    LATER(xb_report_case, "measured_utc", XB_FIELD_TEXT, measured_utc),
    SINCE_2(xb_report_case, "notes", XB_FIELD_TEXTS, notes),
    PART(xb_report_case, "timing", XB_FIELD_MAYBE, timing, timing_fields),
    {.name = "setup_us",
     .type = XB_FIELD_MAYBE,
     .offset = offsetof(struct xb_report_case, setup_us),
     .flags = XB_FIELD_SINCE_2,
     .fields = xb_report_setup_fields},
    SINCE_2(xb_report_case, "overhead_us", XB_FIELD_US, overhead_us),
    LATER(xb_report_case, "post_us", XB_FIELD_US, post_us),
    SINCE_2(xb_report_case, "slowest_lane", XB_FIELD_WHOLE, slowest_lane),
    LATER(xb_report_case, "slowest_round", XB_FIELD_WHOLE, slowest_round),
    ROW(xb_report_case, "concurrent", XB_FIELD_RATIO, concurrent),
    ROW(xb_report_case, "transfer_bytes", XB_FIELD_BYTES, transfer_bytes),
    PART(xb_report_case, "time_us", XB_FIELD_MAYBE, time_us, time_fields),
    PART(xb_report_case, "bandwidth_gb_per_s", XB_FIELD_MAYBE, bandwidth, rate_fields),
    PART(xb_report_case, "op_time_us", XB_FIELD_MAYBE, op_time_us, op_time_fields),
    ROW(xb_report_case, "ceiling_gb_per_s", XB_FIELD_RATIO, ceiling_gb_per_s),
    ROW(xb_report_case, "fraction_of_ceiling", XB_FIELD_RATIO, fraction_of_ceiling),
    PART(xb_report_case, "carried_by", XB_FIELD_MAYBE, carried_by, xb_report_carried_fields),
    ROW(xb_report_case, "figures", XB_FIELD_FIGURES, figures),
    PART(xb_report_case, "pipeline", XB_FIELD_MAYBE, pipeline, xb_report_pipeline_fields),
    PART(xb_report_case, "verify", XB_FIELD_MAYBE, verify, verify_fields),
    SINCE_2(xb_report_case, "passes_us", XB_FIELD_TIMES, passes_us),
    LATER(xb_report_case, "passes_s", XB_FIELD_SAMPLES, passes_s),
    DRIFT(xb_report_case),
    SINCE_2(xb_report_case, "schedule", XB_FIELD_WHOLE, schedule),
    LIST(xb_report_case, "lanes", lanes, xb_report_lane, xb_report_lane_fields,
         XB_FIELD_SINCE_2),
    LIST(xb_report_case, "rounds", rounds, xb_report_round, round_fields,
         XB_FIELD_SINCE_2 | XB_FIELD_LATER),
    ROW(xb_report_case, "samples_us", XB_FIELD_SAMPLES, samples_us),
    ROW(xb_report_case, "op_samples_us", XB_FIELD_SAMPLES, op_samples_us),
    END,
};

/* ---- schedules and totals ---- */

const struct xb_field xb_report_step_fields[] = {
    NEEDED(xb_report_step, "round", XB_FIELD_WHOLE, round),
    NEEDED(xb_report_step, "chain", XB_FIELD_WHOLE, chain),
    NEEDED(xb_report_step, "step", XB_FIELD_WHOLE, step),
    NEEDED(xb_report_step, "src_rank", XB_FIELD_WHOLE, src_rank),
    NEEDED(xb_report_step, "dst_rank", XB_FIELD_WHOLE, dst_rank),
    NEEDED(xb_report_step, "src", XB_FIELD_TEXT, src),
    NEEDED(xb_report_step, "dst", XB_FIELD_TEXT, dst),
    ROW(xb_report_step, "link_class", XB_FIELD_TEXT, link_class),
    LATER(xb_report_step, "company", XB_FIELD_TEXT, company),
    END,
};

const struct xb_field xb_report_schedule_fields[] = {
    LIST(xb_report_schedule, "", steps, xb_report_step, xb_report_step_fields, XB_FIELD_NEEDED),
    END,
};

const struct xb_field xb_report_path_fields[] = {
    NEEDED(xb_report_path, "method", XB_FIELD_TEXT, method),
    SINCE_2(xb_report_path, "options", XB_FIELD_JSON, options),
    NEEDED(xb_report_path, "src", XB_FIELD_TEXT, src),
    NEEDED(xb_report_path, "dst", XB_FIELD_TEXT, dst),
    NEEDED(xb_report_path, "locality", XB_FIELD_TEXT, locality),
    NEEDED(xb_report_path, "size_class", XB_FIELD_WHOLE, size_class),
    ROW(xb_report_path, "total_transfers", XB_FIELD_WHOLE, total_transfers),
    ROW(xb_report_path, "total_bytes", XB_FIELD_BYTES, total_bytes),
    ROW(xb_report_path, "total_time_us", XB_FIELD_US, total_time_us),
    ROW(xb_report_path, "failures", XB_FIELD_WHOLE, failures),
    ROW(xb_report_path, "best_gb_per_s", XB_FIELD_RATIO, best_gb_per_s),
    ROW(xb_report_path, "avg_gb_per_s", XB_FIELD_RATIO, avg_gb_per_s),
    END,
};

const struct xb_field xb_report_fields[] = {
    PART(xb_report, "schema", XB_FIELD_OBJECT, schema, schema_fields),
    {.name = "status",
     .type = XB_FIELD_WORD,
     .offset = offsetof(struct xb_report, status),
     .word = run_status_word,
     .words = XB_RUN_NOTHING + 1},
    {.name = "run",
     .type = XB_FIELD_OBJECT,
     .offset = offsetof(struct xb_report, run),
     .flags = XB_FIELD_NEEDED,
     .fields = xb_report_run_fields},
    PART(xb_report, "build", XB_FIELD_OBJECT, build, xb_report_build_fields),
    PART(xb_report, "environment", XB_FIELD_OBJECT, environment, xb_report_environment_fields),
    ROW(xb_report, "topology", XB_FIELD_JSON, topology),
    LIST(xb_report, "cases", cases, xb_report_case, xb_report_case_fields, XB_FIELD_NEEDED),
    LIST(xb_report, "schedules", schedules, xb_report_schedule, xb_report_schedule_fields,
         XB_FIELD_SINCE_2),
    LIST(xb_report, "paths", paths, xb_report_path, xb_report_path_fields, 0),
    SINCE_2(xb_report, "outliers", XB_FIELD_JSON, outliers),
    {.name = "tuned",
     .type = XB_FIELD_MAYBE,
     .offset = offsetof(struct xb_report, tuned),
     .flags = XB_FIELD_SINCE_2 | XB_FIELD_LATER,
     .fields = xb_report_tuned_fields},
    END,
};
