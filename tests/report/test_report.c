/* SPDX-License-Identifier: BSD-3-Clause */
/* test_report.c - whole reports.
 *
 * With a file's name as argument, a report that holds every status is also left there, to be
 * checked against the schema.
 */
#include "tests/report/report_fixture.h"

static void test_status(void)
{
    static const struct {
        int first, second;
        enum xb_run_status want;
        const char *name;
    } sums[] = {
        {PLAIN, SKIPPED, XB_RUN_OK, "ok and skipped"},
        {FAILED, PLAIN, XB_RUN_FAILED, "a failed case"},
        {PLAIN, TIMEOUT, XB_RUN_FAILED, "a timeout"},
        {IMPLAUSIBLE, PLAIN, XB_RUN_FAILED, "an implausible case"},
        {FAILED, CORRUPT, XB_RUN_CORRUPT, "corrupt goes before failed"},
        {CORRUPT, FAILED, XB_RUN_CORRUPT, "in any order"},
        {SKIPPED, PLAIN, XB_RUN_OK, "skipped and ok"},
        {SKIPPED, SKIPPED, XB_RUN_NOTHING, "all skipped"},
        {SKIPPED, TIMEOUT, XB_RUN_FAILED, "skipped and a timeout"},
    };

    for (size_t i = 0; i < sizeof(sums) / sizeof(sums[0]); i++) {
        struct xb_report report;

        xb_report_empty(&report);
        add_row(&report, &rows[sums[i].first]);
        add_row(&report, &rows[sums[i].second]);
        is_int(xb_report_status(&report), sums[i].want, sums[i].name);
        xb_report_release(&report);
    }
    struct xb_report none;
    xb_report_empty(&none);
    is_int(xb_report_status(&none), XB_RUN_NOTHING, "no case");
    xb_report_release(&none);
}

static void test_names(void)
{
    static const struct {
        const char *name;
        enum xb_run_status status;
        int exit_status;
    } runs[] = {
        {"ok", XB_RUN_OK, 0},           {"failed", XB_RUN_FAILED, 1},
        {"corrupt", XB_RUN_CORRUPT, 4}, {"interrupted", XB_RUN_INTERRUPTED, 5},
        {"nothing", XB_RUN_NOTHING, 3},
    };

    for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
        is_str(xb_run_status_name(runs[i].status), runs[i].name, runs[i].name);
        is_int(xb_run_exit_status(runs[i].status), runs[i].exit_status, runs[i].name);
    }
    for (int status = XB_OK; status <= XB_TIMEOUT; status++)
        is_int(xb_status_find(xb_status_name((enum xb_status)status)), status,
               "a status is found by its name");
    is_int(xb_status_find("fine"), -1, "no such status");
    ok(xb_stop_name(XB_STOP_NONE) == NULL, "no reason to stop");
}

static const struct xb_rank_info two_ranks[] = {
    {
        .rank = 0,
        .node = 0,
        .host = "alpha",
        .place = {.has_gpu = true,
                  .pci = "0000:3b:00.0",
                  .sharers = 1,
                  .words = &(struct xb_place_words){.cpuset = "0-7"},
                  .kept_binding = true,
                  .numa = 0,
                  .nic = "mlx5_0"},
        .gpu_uuid = "GPU-1",
        .gpu_name = "H200",
        .pcie_gen = 5,
        .pcie_width = 16,
        .nvlink_links = 18,
        .nvlink_gb_per_s = 478.125,
        .memory_gb_per_s = 4800,
        .l2_bytes = 50 << 20,
        .nic_gb_per_s = 50,
        .gpudirect_rdma = 1,
        .dma_buf = -1,
        .nvisible = 1,
        .host_memory = {.asked = 1, .pinned = true, .n = 2, .found = {{0, 3}, {1, 253}}},
    },
    {
        .rank = 1,
        .node = 0,
        .host = "alpha",
        .place = {.has_gpu = true,
                  .pci = "0000:5e:00.0",
                  .sharers = 2,
                  .numa = -1,
                  .words = &(struct xb_place_words){.warning = "far away"}},
        .nvlink_links = -1,
        .host_memory = {.asked = -1},
    },
    {.rank = 2,
     .node = 1,
     .host = "beta",
     .place = {.words = &(struct xb_place_words){.cpuset = "0"}, .numa = 1},
     .host_memory = {.asked = -1}},
};

static void test_topology(void)
{
    struct xb_gpu_info gpu = xb_gpu_unknown("0000:3b:00.0");
    struct xb_nic_info nic = {.pci = "0000:3c:00.0",
                              .nnames = 2,
                              .names = {"mlx5_0", "ib0"},
                              .numa = -1,
                              .nbridges = 1,
                              .bridges = {"0000:3a:02.0"},
                              .host_bridge = "0000:39"};
    struct xb_node_info nodes[] = {{.gpus = &gpu, .ngpus = 1, .nics = &nic, .nnics = 1},
                                   {.ngpus = 0}};

    gpu.nbridges = 2;
    snprintf(gpu.bridges[0], XB_PCI_LEN, "0000:3a:01.0");
    snprintf(gpu.bridges[1], XB_PCI_LEN, "0000:39:00.0");
    snprintf(gpu.host_bridge, XB_PCI_LEN, "0000:39");
    snprintf(gpu.pcie_switch, XB_PCI_LEN, "0000:39:00.0");
    gpu.mig = 0;
    gpu.pcie_gen = 5;
    gpu.pcie_width = 16;
    gpu.pcie_width_now = 4;
    gpu.nlinks = 2;
    gpu.links_up = 3;
    gpu.links_down = 12;
    gpu.links[0] = (struct xb_gpu_link){XB_LINK_TO_GPU, "0000:5e:00.0", 2, 50};
    gpu.links[1] = (struct xb_gpu_link){XB_LINK_TO_SWITCH, "", 4, 0};
    snprintf(gpu.cluster, sizeof gpu.cluster, "00ff");
    cJSON *topology = xb_report_topology(two_ranks, 3, nodes);

    is_json(topology,
            "{\"nodes\":[{\"node\":0,\"host\":\"alpha\",\"ranks\":[0,1],\"gpus\":["
            "{\"pci_bus_id\":\"0000:3b:00.0\",\"name\":null,\"uuid\":null,"
            "\"pcie\":{\"max\":{\"gen\":5,\"width\":16},"
            "\"current\":{\"gen\":null,\"width\":4}},\"numa\":null,"
            "\"switch\":\"0000:39:00.0\",\"bridges\":[\"0000:3a:01.0\",\"0000:39:00.0\"],"
            "\"host_bridge\":\"0000:39\",\"mig\":false,\"links\":["
            "{\"end\":\"gpu\",\"pci_bus_id\":\"0000:5e:00.0\",\"links\":2,\"gb_per_s\":50},"
            "{\"end\":\"switch\",\"pci_bus_id\":null,\"links\":4,\"gb_per_s\":null}],"
            "\"inactive_links\":[2,3],\"fabric\":{\"cluster\":\"00ff\",\"clique\":0}}],"
            "\"nics\":[{\"names\":[\"mlx5_0\",\"ib0\"],\"pci_bus_id\":\"0000:3c:00.0\","
            "\"numa\":null,"
            "\"switch\":null,\"bridges\":[\"0000:3a:02.0\"],\"host_bridge\":\"0000:39\"}]},"
            "{\"node\":1,\"host\":\"beta\",\"ranks\":[2],\"gpus\":[],\"nics\":[]}],"
            "\"ranks\":[{\"rank\":0,\"node\":0,\"host\":\"alpha\",\"cpuset\":\"0-7\","
            "\"binding_kept\":true,\"numa\":0,"
            "\"host_memory\":{\"numa_asked\":1,\"kind\":\"pinned\",\"numa_found\":{"
            "\"0\":3,\"1\":253}},\"gpu\":{\"uuid\":\"GPU-1\","
            "\"pci_bus_id\":\"0000:3b:00.0\",\"name\":\"H200\",\"mig\":false,\"sharers\":1,"
            "\"pcie\":{\"gen\":5,\"width\":16},"
            "\"nvlink\":{\"links\":18,\"expected\":18,\"gb_per_s\":478.125},"
            "\"memory_gb_per_s\":4800,\"gpudirect\":{\"rdma\":true,\"dma_buf\":null},"
            "\"clocks\":null,\"state\":null},\"visible_gpus\":[{\"uuid\":null,"
            "\"pci_bus_id\":\"0000:3b:00.0\",\"name\":null,\"mig\":false}],"
            "\"nic\":\"mlx5_0\",\"nic_gb_per_s\":50,"
            "\"warning\":null},"
            "{\"rank\":1,\"node\":0,\"host\":\"alpha\",\"cpuset\":null,\"binding_kept\":false,"
            "\"numa\":null,\"host_memory\":{\"numa_asked\":null,\"kind\":\"pageable\","
            "\"numa_found\":null},\"gpu\":{\"uuid\":null,\"pci_bus_id\":\"0000:5e:00.0\","
            "\"name\":null,\"mig\":false,\"sharers\":2,\"pcie\":{\"gen\":null,\"width\":null},"
            "\"nvlink\":{\"links\":null,\"expected\":null,\"gb_per_s\":null},"
            "\"memory_gb_per_s\":null,\"gpudirect\":{\"rdma\":false,\"dma_buf\":false},"
            "\"clocks\":null,\"state\":null},\"visible_gpus\":[],"
            "\"nic\":null,\"nic_gb_per_s\":null,\"warning\":\"far away\"},"
            "{\"rank\":2,\"node\":1,\"host\":\"beta\",\"cpuset\":\"0\",\"binding_kept\":false,"
            "\"numa\":1,\"host_memory\":{\"numa_asked\":null,\"kind\":\"pageable\","
            "\"numa_found\":null},\"gpu\":null,\"visible_gpus\":[],"
            "\"nic\":null,\"nic_gb_per_s\":null,\"warning\":"
            "null}],"
            "\"warnings\":[\"rank 0, this node, GPU 0000:3b:00.0: PCI Express has 4 of its "
            "16 lanes\"]}",
            "nodes and ranks, null for what is not known");
    cJSON_Delete(topology);
}

/* A run's GPUs when it began, and when it is over. */
static void test_states(void)
{
    struct xb_rank_info ranks[] = {two_ranks[0], two_ranks[2]};
    struct xb_gpu_state after[] = {xb_gpu_state_unknown(), {.there = false}};
    struct xb_gpu_state *before = &ranks[0].before;
    struct xb_report report;
    struct xb_error err;

    *before = xb_gpu_state_unknown();
    before->sm_mhz = 345;
    before->sm_mhz_max = 1980;
    before->ecc = 1;
    before->compute_mode = 0;
    before->power_limit_w = 700;
    before->throttle = 1;
    before->errors[XB_GPU_NVLINK_REPLAYS] = 4;
    after[0].sm_mhz = 1980;
    after[0].throttle = 4 | INT64_C(1) << 40;
    after[0].power_w = 300.5;
    after[0].errors[XB_GPU_NVLINK_REPLAYS] = 6;
    after[0].pcie_gen = 5;
    xb_report_empty(&report);
    report.topology = xb_report_topology(ranks, 2, NULL);
    is_int(xb_report_states(&report, ranks, 2, after, &err), 0, "states");
    const cJSON *gpu = cJSON_GetObjectItem(
        cJSON_GetArrayItem(cJSON_GetObjectItem(report.topology, "ranks"), 0), "gpu");
    is_json(cJSON_GetObjectItem(gpu, "clocks"),
            "{\"sm_mhz\":{\"before\":345,\"after\":1980,\"max\":1980},"
            "\"memory_mhz\":{\"before\":null,\"after\":null,\"max\":null}}",
            "clocks before and after");
    is_json(cJSON_GetObjectItem(gpu, "state"),
            "{\"ecc\":true,\"mig\":null,\"persistence\":null,\"compute_mode\":\"default\","
            "\"power_limit_w\":700,\"before\":{\"power_state\":null,\"power_w\":null,"
            "\"temperature_c\":null,\"throttle\":[\"gpu-idle\"],\"other_processes\":null,"
            "\"pcie\":{\"gen\":null,\"width\":null},\"errors\":{\"nvlink_replays\":4,"
            "\"nvlink_recoveries\":null,\"nvlink_crc_errors\":null,"
            "\"ecc_uncorrectable\":null}},\"after\":{\"power_state\":null,"
            "\"power_w\":300.5,\"temperature_c\":null,"
            "\"throttle\":[\"sw-power-cap\",\"other\"],\"other_processes\":null,"
            "\"pcie\":{\"gen\":5,\"width\":null},\"errors\":{\"nvlink_replays\":6,"
            "\"nvlink_recoveries\":null,\"nvlink_crc_errors\":null,"
            "\"ecc_uncorrectable\":null}}}",
            "state before and after");
    is_json(cJSON_GetObjectItem(report.topology, "warnings"),
            "[\"rank 0, alpha, GPU 0000:3b:00.0: 2 NVLink replays during this run\"]",
            "what moved");
    is_int(xb_report_warn(&report, "rank 1 is lost", &err), 0, "a warning of the run");
    is_json(cJSON_GetObjectItem(report.topology, "warnings"),
            "[\"rank 0, alpha, GPU 0000:3b:00.0: 2 NVLink replays during this run\","
            "\"rank 1 is lost\"]",
            "stands behind the others");
    xb_report_release(&report);
}

static char *argv_given[] = {(char[]){"xferbench"}, (char[]){"run"}, NULL};
static const char *const features[] = {"cpu", NULL};
static const struct xb_named variables[] = {
    {"UCX_TLS", "rc"}, {"EMPTY", ""}, {"UNSET", NULL}, {NULL, NULL}};
static const struct xb_named slurm[] = {{"SLURM_JOB_ID", "17"},
                                        {"SLURM_JOB_NAME", "caf\xe9"},
                                        {"SLURM_STEP_ID", "0"},
                                        {"SLURM_ARRAY_TASK_ID", ""},
                                        {"SLURM_NTASKS", "four"},
                                        {"SLURM_STEP_GPUS", "0-3"},
                                        {"SLURM_JOB_PARTITION", NULL},
                                        {"SLURM_RESTART_COUNT", "1000000000000000"},
                                        {NULL, NULL}};

static struct xb_report_head head_of(const struct xb_scenario *scenario)
{
    return (struct xb_report_head){
        .id = "r1",
        .start_utc = "2026-01-31T12:00:00Z",
        .argv = argv_given,
        .seed = (UINT64_C(1) << 53) - 1,
        .device = "cpu",
        .scenario = scenario,
        .plan_hash = 0xabc,
        .plan_cases = ROWS,
        .version = "0.1",
        .compiler = "gcc",
        .build_mpi = "Open MPI",
        .build_hwloc = "2.9",
        .features = features,
        .mpi_library = "Open MPI 4",
        .mpi_cuda_aware_how = "asked",
        .variables = variables,
        .clock_resolution_ns = 1,
        .clock_overhead_ns = 21.5,
        .ranks = two_ranks,
        .nranks = 3,
    };
}

/* A report of all rows, ended; NULL when memory runs out on the way. */
static cJSON *json_of(const struct xb_report_head *head, bool cases, const char *end_utc)
{
    struct xb_report report;
    cJSON *json = NULL;

    if (xb_report_begin(&report, head, NULL) == 0 && (!cases || add_all(&report) == 0) &&
        xb_report_end(&report, XB_RUN_CORRUPT, end_utc, NULL) == 0)
        json = xb_report_json(&report);
    xb_report_release(&report);
    return json;
}

static void test_report(const char *file)
{
    struct xb_scenario scenario = {.doc.root = cJSON_Parse("{\"name\":\"x\",\"cases\":[1]}")};
    struct xb_report_head head = head_of(&scenario);
    cJSON *report = json_of(&head, true, "2026-01-31T12:01:00Z");

    is_json(at(report, "schema", NULL), "{\"name\":\"xferbench-report\",\"version\":2}",
            "schema");
    is_json(at(report, "status", NULL), "\"corrupt\"", "status");
    is_json(at(report, "run", NULL),
            "{\"id\":\"r1\",\"label\":null,\"start_utc\":\"2026-01-31T12:00:00Z\","
            "\"end_utc\":\"2026-01-31T12:01:00Z\",\"argv\":[\"xferbench\",\"run\"],"
            "\"required\":[],\"launcher\":null,\"seed\":9007199254740991,\"passes\":null,"
            "\"repeat_for_s\":null,"
            "\"max_time_s\":null,\"passes_made\":null,\"resources\":[],"
            "\"device\":\"cpu\",\"plan_hash\":\"0x0000000000000abc\","
            "\"plan_cases\":12,\"scenario\":{\"name\":\"x\",\"cases\":[1]},\"policy\":null,"
            "\"slurm\":null,\"resumed\":null}",
            "run, with every digit of the seed");
    is_json(at(report, "build", NULL),
            "{\"version\":\"0.1\",\"git\":null,\"compiler\":\"gcc\",\"mpi\":\"Open MPI\","
            "\"cuda\":null,\"nccl\":null,\"hwloc\":\"2.9\",\"features\":[\"cpu\"]}",
            "build");
    is_json(at(report, "environment", NULL),
            "{\"driver\":null,\"cuda_runtime\":null,\"nccl_library\":null,\"mpi_library\":"
            "\"Open MPI 4\","
            "\"mpi_cuda_aware\":false,\"mpi_cuda_aware_how\":\"asked\","
            "\"variables\":{\"UCX_TLS\":\"rc\",\"EMPTY\":\"\",\"UNSET\":null},"
            "\"set_by_xferbench\":null,"
            "\"clock\":{\"resolution_ns\":1,\"overhead_ns\":21.5},\"nodes\":[]}",
            "environment, an empty variable told from an unset one");
    is_int(cJSON_GetArraySize(at(report, "cases", NULL)), ROWS, "all cases");
    is_int(cJSON_GetArraySize(at(report, "paths", NULL)), PATH_ROWS, "and their totals");
    is_int(cJSON_GetArraySize(at(report, "schedules", NULL)), 7, "schedules that differ");
    is_json(at(report, "outliers", NULL), "[]", "no outliers");
    if (file)
        is_int(xb_report_write(file, report, true, NULL), 0,
               "the report for the schema's check");
    cJSON_Delete(report);
    cJSON_Delete(scenario.doc.root);
}

/* Printed case by case, a report is to the letter what it is as a whole. */
static void test_print(bool cases)
{
    struct xb_scenario scenario = {.doc.root = cJSON_Parse("{\"name\":\"x\",\"cases\":[1]}")};
    struct xb_report_head head = head_of(&scenario);
    struct xb_report report;
    char *text = NULL;
    size_t len;

    is_int(xb_report_begin(&report, &head, NULL), 0, "a report");
    is_int(cases ? add_all(&report) : 0, 0, cases ? "with cases" : "without cases");
    FILE *out = open_memstream(&text, &len);
    is_int(xb_report_print(&report, out), 0, "is printed");
    fclose(out);
    cJSON *json = xb_report_json(&report);
    char *whole = xb_json_print(json, true);
    ok(strcmp(text, whole) == 0, "as cJSON prints it");
    free(text);
    free(whole);
    cJSON_Delete(json);
    xb_report_release(&report);
    cJSON_Delete(scenario.doc.root);
}

static void test_slurm(void)
{
    struct xb_report_head head = head_of(NULL);

    head.slurm = slurm;
    cJSON *report = json_of(&head, false, NULL);
    is_json(at(report, "run", "slurm"),
            "{\"cluster\":null,\"partition\":null,\"job_name\":\"caf\xee\xbf\xa9\","
            "\"job_id\":17,\"array_job_id\":null,\"array_task_id\":null,\"step_id\":0,"
            "\"restart_count\":null,\"nodes\":null,\"tasks\":null,\"cpus_per_task\":null,"
            "\"gpus_on_node\":null,\"node_list\":null,\"step_node_list\":null,"
            "\"job_gpus\":null,\"step_gpus\":\"0-3\"}",
            "a Slurm job, what is no number or too long for one left out");
    is_json(at(report, "run", "end_utc"), "null", "what is not known is null");
    is_json(at(report, "run", "scenario"), "null", "even the scenario");
    cJSON_Delete(report);
}

static int allocations_left;

static void *scarce_malloc(size_t size)
{
    return allocations_left-- > 0 ? malloc(size) : NULL;
}

/* Whatever allocation of JSON fails, the answer is NULL and (under a leak checker) nothing is
 * lost. */
static void test_out_of_memory(void)
{
    cJSON_Hooks scarce = {.malloc_fn = scarce_malloc, .free_fn = free};
    struct xb_scenario scenario = {.doc.root = cJSON_Parse("{\"name\":\"x\"}")};
    struct xb_report_head head = head_of(&scenario);
    cJSON *report = NULL;
    int tries = 0;

    head.slurm = slurm;
    cJSON_InitHooks(&scarce);
    for (; !report && tries < 10000; tries++) {
        allocations_left = tries;
        report = json_of(&head, true, "2026-01-31T12:01:00Z");
    }
    cJSON_InitHooks(NULL);
    ok(report != NULL, "a report is built once memory suffices");
    ok(tries > 500, "and not with an allocation missing");
    is_int(cJSON_GetArraySize(at(report, "cases", NULL)), ROWS, "it has all cases");
    is_int(cJSON_GetArraySize(at(report, "paths", NULL)), PATH_ROWS, "and all totals");
    cJSON_Delete(report);
    cJSON_Delete(scenario.doc.root);
}

int main(int argc, char **argv)
{
    test_status();
    test_names();
    test_topology();
    test_states();
    test_report(argc > 1 ? argv[1] : NULL);
    test_print(true);
    test_print(false);
    test_slurm();
    test_out_of_memory();
    return done_testing();
}
