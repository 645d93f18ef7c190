/* SPDX-License-Identifier: BSD-3-Clause */
/* test_anonymize.c - what of a text stays, what is replaced, and that one thing has one name.
 */
#include "report/anonymize.h"

#include <stdlib.h>

#include "report/anonymize_internal.h"
#include "tests/report/report_fixture.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])
#define UUID_1       "c0799718-948e-2e57-c1b3-572cd73af1f3"
#define MADE         "00000000-0000-0000-0000-00000000000"

/* Each with names of its own; "atlas" and "atlas-2.site.org" are hosts, "Custom X9 GPU" a part.
 */
static const struct {
    const char *was, *is;
} texts[] = {
    /* what tells nothing */
    {"", ""},
    {"needs two ranks on two nodes; this job has 2 ranks on 1 node",
     "needs two ranks on two nodes; this job has 2 ranks on 1 node"},
    {"12 % slower, 64MiB in 1.5ms at 390.7 GB/s", "12 % slower, 64MiB in 1.5ms at 390.7 GB/s"},
    {"stream/p2p[engine=ce,side=push]/gpu->gpu+1@node/64MiB",
     "stream/p2p[engine=ce,side=push]/gpu->gpu+1@node/64MiB"},
    {"580.159.04", "580.159.04"},
    {"Open MPI v4.1.6, package: Debian OpenMPI, ident: 4.1.6, Sep 30, 2023",
     "Open MPI v4.1.6, package: Debian OpenMPI, ident: 4.1.6, Sep 30, 2023"},
    {"steps from 2026-11-23T14:03:20Z on", "steps from 2026-11-23T14:03:20Z on"},
    {"GPU 0000:3b:00.0, 3b:00.0 and 00000000:c1:00.0",
     "GPU 0000:3b:00.0, 3b:00.0 and 00000000:c1:00.0"},
    {"cuda_copy,cuda_ipc,posix,cma,self,tcp", "cuda_copy,cuda_ipc,posix,cma,self,tcp"},
    {"mlx5_0:1,eth0,ib1,enp65s0f0,bond0", "mlx5_0:1,eth0,ib1,enp65s0f0,bond0"},
    {"cases[*].sizes=[\"size/4\"]", "cases[*].sizes=[\"size/4\"]"},
    {"Custom X9 GPU has 17 NVLinks", "Custom X9 GPU has 17 NVLinks"},
    {"at 12:00:01", "at 12:00:01"},
    /* hosts */
    {"rank 1 (atlas): failed", "rank 1 (node0): failed"},
    {"atlas:5000 and atlas.local and atlas", "node0:5000 and node0.local and node0"},
    {"atlas-2.site.org, atlas-2.site.org:1", "node1, node1:1"},
    {"atlas2 atlasx", "word-1 word-2"},
    {"joe@atlas", "word-1@node0"},
    /* words that are not the program's, the same ones by the same name */
    {"by Contoso for Contoso, not contoso", "by word-1 for word-1, not word-2"},
    {"Open MPI joe@build7 Distribution", "Open MPI word-1@word-2 Distribution"},
    {"gr\xC3\xB6\xC3\x9F"
     "e",
     "word-1"},
    {"key a1b2c3d4e5", "key word-1"},
    {"serial 1324820066245", "serial word-1"},
    /* paths */
    {"/home/joe/x.json and /home/joe/x.json", "path-1 and path-1"},
    {"-o=/scratch/p1/out.json", "-o=path-1"},
    {"cannot open '/dev/shm/xferbench-1': No such file or directory",
     "cannot open 'path-1': No such file or directory"},
    {"results/contoso/run.json ../x/y ~/joe ./run.json", "path-1 path-2 path-3 path-4"},
    {"out.json contoso.json", "out.json word-1.json"},
    {"/opt/a:/opt/b", "path-1:path-2"},
    {"/tmp/run.json, / or 1 / 2", "path-1, / or 1 / 2"},
    {"stream/p2p[side=push]/gpu->gpu@node/64MiB", "stream/p2p[side=push]/gpu->gpu@node/64MiB"},
    /* addresses */
    {"10.1.2.3 and 10.1.2.3:80 and 10.0.0.0/24", "address-1 and address-1:80 and address-2/24"},
    {"ip-10-1-2-3", "word-1-address-1"},
    {"fe80::1a:2b and 00:1b:21:3c:4d:5e and 2001:0:0:1",
     "address-1 and address-2 and address-3"},
    {"tcp://10.1.2.3", "tcp:path-1"},
    {"00-1b-21-3c-4d-5e", "address-1"},
    {"2001:db8:: and fe80::", "address-1:: and address-2::"},
    {"serial 0322717012, core 0012", "serial word-1, core 0012"},
    /* labels and jobs, whatever they are made of */
    {"grace hopper before", "label-1"},
    {"--label=grace hopper before", "--label=label-1"},
    {"report-778899.json", "report-job-1.json"},
    /* UUIDs */
    {"GPU-" UUID_1, "GPU-" MADE "1"},
    {"GPU-" UUID_1 ",MIG-" UUID_1 ",MIG-00112233-4455-6677-8899-aabbccddeeff",
     "GPU-" MADE "1,MIG-" MADE "1,MIG-" MADE "2"},
    {"GPU-C0799718-948E-2E57-C1B3-572CD73AF1F3 GPU-" UUID_1, "GPU-" MADE "1 GPU-" MADE "1"},
    {"MIG-GPU-" UUID_1 "/1/0", "path-1"},
};

static void test_texts(void)
{
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct xb_anon_names names = {.is = NULL};
        xb_anon_learn(&names, XB_ANON_HOST, "atlas");
        xb_anon_learn(&names, XB_ANON_HOST, "atlas-2.site.org");
        xb_anon_learn(&names, "label-", "grace hopper before");
        xb_anon_learn(&names, "job-", "778899");
        xb_anon_keep(&names, "Custom X9 GPU");
        char *is = xb_anon_text(&names, texts[i].was);
        is_str(is, texts[i].is, texts[i].was);
        ok(!names.failed, "without a failure");
        free(is);
        xb_anon_names_release(&names);
    }
}

static const struct {
    bool (*is)(const char *text);
    const char *text;
    bool yes;
} shapes[] = {
    {xb_anon_is_utc, "2026-11-23T14:03:20Z", true},
    {xb_anon_is_utc, "2026-11-23T14:03:20Zx", false},
    {xb_anon_is_utc, "yesterday", false},
    {xb_anon_is_hash, "0x0123456789abcdef", true},
    {xb_anon_is_hash, "0x0123456789abcde", false},
    {xb_anon_is_hash, "0xcontoso", false},
    {xb_anon_is_run_id, "2026-11-23T14:03:20Z-0123abcd", true},
    {xb_anon_is_run_id, "2026-11-23T14:03:20Z-atlas", false},
    {xb_anon_is_commit, "7c97ae4", true},
    {xb_anon_is_commit, "7c97ae4-dirty", true},
    {xb_anon_is_commit, "7c97ae4-joe", false},
    {xb_anon_is_commit, "v1-contoso", false},
    {xb_anon_is_word, "gpu+1", true},
    {xb_anon_is_word, "host-staged", true},
    {xb_anon_is_word, "Contoso", false},
    {xb_anon_is_word, "two words", false},
    {xb_anon_is_word, "", false},
    {xb_anon_is_case_id, "stream/null[delay=10us]/host->gpu@self/4KiB", true},
    {xb_anon_is_case_id, "stream/p2p[engine=ce]/gpu->gpu+*@node/1GiB/pairs=each,offset=1+3",
     true},
    {xb_anon_is_case_id, "stream/Contoso/4KiB", false},
    {xb_anon_is_case_id, "of contoso", false},
    {xb_anon_is_case_id, "", false},
};

static void test_shapes(void)
{
    for (size_t i = 0; i < COUNT(shapes); i++)
        ok(shapes[i].is(shapes[i].text) == shapes[i].yes, shapes[i].text);
}

/* What rows say of paths, wherever the search begins. */
static void test_rows(void)
{
    static const struct {
        const char *path;
        int rule; /* -1: none */
    } paths[] = {
        {"run.label", XB_ANON_NAME},
        {"run.scenario.cases[].methods[].name", XB_ANON_TEXT},
        {"run.scenario.of us", -1},
        {"topology.ranks[].gpu.name", XB_ANON_PART},
        {"topology.ranks[].gpu.serial", -1},
        {"topology.ranks[].visible_gpus[].uuid", XB_ANON_TEXT},
        {"topology.ranks[].gpu.state.before.throttle[]", XB_ANON_WORD},
        {"cases[].time_us.median", XB_ANON_FIGURE},
        {"cases[].time_us", -1},
        {"run.slurm.job_id", XB_ANON_NAME},
        {"run.slurm.job_account", -1},
    };

    for (size_t i = 0; i < COUNT(paths); i++)
        for (size_t hint = 0; hint < 200; hint += 66) {
            size_t at = hint;
            const struct xb_anon_row *row = xb_anon_row_of(paths[i].path, &at);
            is_int(row ? (int)row->rule : -1, paths[i].rule, paths[i].path);
        }
    ok(xb_anon_is_above("cases[].time_us"), "above a row");
    ok(xb_anon_is_above("topology.ranks"), "of a list");
    ok(!xb_anon_is_above("cases[].time"), "not half a name");
    ok(!xb_anon_is_above("run.seed"), "nor a row itself");
}

/* Words are found by halving, so they must be sorted. */
static void test_words(void)
{
    static const char *const known[] = {"0s", "a100", "failed", "Rank", "NCCL", "zero"};

    for (size_t i = 0; i < COUNT(known); i++)
        ok(xb_anon_knows(known[i], strlen(known[i])), known[i]);
    ok(!xb_anon_knows("contoso", 7), "and no other");
    ok(!xb_anon_knows("", 0), "nor none");
}

/* Two reports: the same host, and other ones, in texts before they are met as hosts. */
static void test_reports(void)
{
    static const struct xb_rank_info first[] = {
        {.rank = 0,
         .node = 0,
         .host = "atlas",
         .gpu_uuid = "GPU-" UUID_1,
         .gpu_name = "NVIDIA H200",
         .nvisible = 1,
         .place = {.has_gpu = true, .pci = "0000:3b:00.0"}}};
    static const struct xb_rank_info second[] = {
        {.rank = 0, .node = 0, .host = "borea", .place = {.has_gpu = false}},
        {.rank = 1, .node = 1, .host = "atlas", .place = {.has_gpu = false}}};
    struct xb_gpu_info gpu = xb_gpu_unknown("0000:3b:00.0");
    const struct xb_node_info node = {.gpus = &gpu, .ngpus = 1};
    const struct xb_report_head heads[] = {
        {.device = "cpu", .ranks = first, .nranks = 1, .nodes = &node},
        {.device = "cpu", .ranks = second, .nranks = 2},
    };
    struct xb_report reports[2];
    struct xb_error err = {""};

    snprintf(gpu.uuid, sizeof gpu.uuid, "GPU-" UUID_1);
    for (size_t i = 0; i < 2; i++) {
        xb_report_begin(&reports[i], &heads[i], NULL);
        add_row(&reports[i], &rows[PLAIN]);
        add_row(&reports[i], &rows[FAILED]);
        struct xb_report_case *c = xb_report_case_at(&reports[i], 1);
        free(c->reason);
        c->reason = strdup("rank 0 (borea): no memory on atlas");
        xb_text_dup(i ? "night run" : "day run", &reports[i].run.label);
    }
    cJSON_AddStringToObject(reports[0].topology, "serial", "1324820066245");
    is_int(xb_anonymize(reports, 2, &err), 0, "two reports");
    is_str(err.text, "", "without an error");
    is_str(xb_report_rank_at(&reports[0], 0)->host, "node0", "the first host");
    is_str(xb_report_rank_at(&reports[1], 0)->host, "node1", "another one");
    is_str(xb_report_rank_at(&reports[1], 1)->host, "node0", "the first again");
    is_str(xb_report_rank_at(&reports[0], 0)->gpu.uuid, "GPU-" MADE "1", "a UUID");
    is_str(((struct xb_report_gpu *)xb_report_rank_at(&reports[0], 0)->visible.item)->uuid,
           "GPU-" MADE "1", "the same where it is seen");
    is_str(xb_report_rank_at(&reports[0], 0)->gpu.name, "NVIDIA H200", "a GPU's name stays");
    is_str(xb_report_rank_at(&reports[0], 0)->gpu.pci_bus_id, "0000:3b:00.0", "and its bus id");
    is_str(reports[0].run.label, "label-1", "a label");
    is_str(reports[1].run.label, "label-2", "another one");
    for (size_t i = 0; i < 2; i++) {
        is_str(xb_report_case_at(&reports[i], 1)->reason, "rank 0 (node1): no memory on node0",
               "hosts in texts");
        is_near(xb_report_case_at(&reports[i], 0)->time_us.median, 4, 0, "figures stay");
        is_str(xb_report_case_at(&reports[i], 0)->id, "plain", "and ids");
    }
    ok(!at(reports[0].topology, "serial", NULL), "what has no row is left out");
    ok(at(reports[0].topology, "ranks", NULL), "and nothing else");
    xb_report_release(&reports[0]);
    xb_report_release(&reports[1]);
}

int main(void)
{
    test_texts();
    test_shapes();
    test_rows();
    test_words();
    test_reports();
    return done_testing();
}
