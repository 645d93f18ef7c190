/* SPDX-License-Identifier: BSD-3-Clause */
/* test_read.c - reports and cases are read back into what they were written from. */
#include "tests/report/report_fixture.h"

#include <glob.h>
#include <stdlib.h>
#include <unistd.h>

static const struct xb_named variables[] = {
    {"A", "1"}, {"EMPTY", ""}, {"U", NULL}, {NULL, NULL}};
static const struct xb_named slurm[] = {
    {"SLURM_JOB_ID", "17"}, {"SLURM_JOB_NODELIST", "n[1-2]"}, {NULL, NULL}};
static const struct xb_rank_info one_rank[] = {
    {.host = "n1",
     .place = {.has_gpu = true,
               .pci = "0000:3b:00.0",
               .sharers = 1,
               .words = &(struct xb_place_words){.cpuset = "0"}},
     .gpu_uuid = "GPU-1"}};

/* A report without cases. */
static struct xb_report made(void)
{
    char *argv[] = {(char[]){"xferbench"}, NULL};
    const struct xb_report_head head = {.id = "r",
                                        .start_utc = "2026-01-31T12:00:00Z",
                                        .argv = argv,
                                        .seed = (UINT64_C(1) << 53) - 1,
                                        .device = "cpu",
                                        .plan_hash = UINT64_C(0xfedcba9876543210),
                                        .slurm = slurm,
                                        .variables = variables,
                                        .clock_overhead_ns = 21.46,
                                        .ranks = one_rank,
                                        .nranks = 1};
    struct xb_report report;

    xb_report_begin(&report, &head, NULL);
    return report;
}

/* A case with all that a case can have. */
static int add_rich(struct xb_report *report)
{
    struct xb_case c;
    struct xb_result r;

    fill_case(&rows[BOTH_WAYS], &c);
    fill_result(&rows[BOTH_WAYS], &c, &r);
    r.chosen = (struct xb_choice){.method = &fixture_host_staged,
                                  .options = xb_options_default(fixture_host_staged.options),
                                  .chunk = 512,
                                  .depth = 2};
    r.has_carried = true;
    r.carried[XB_PCIE_TX] = -1;
    r.nfigures = 2;
    r.figures[0] = (struct xb_figure){"wait_us", 1.23456789};
    r.figures[1] = (struct xb_figure){"images", 12345678};
    r.pipeline = (struct xb_pipeline_times){.nstages = 2,
                                            .stage = {{"in", 0, 1.5, 2}, {"out", 1, 2.5, 3}},
                                            .chunks = 4,
                                            .model_us = 7,
                                            .bottleneck = 1,
                                            .saturating_depth = 2};
    r.overhead_us = 1.23456;
    snprintf(r.warning, sizeof(r.warning), "far away");
    int rc = xb_report_add(report, &c, &r, true, NULL);
    xb_result_release(&r);
    return rc;
}

static int add_each(struct xb_report *report)
{
    struct xb_case c;
    struct xb_result r;

    fill_each(&c, &r);
    int rc = xb_report_add(report, &c, &r, false, NULL);
    xb_result_release(&r);
    return rc;
}

static char *text_of(const struct xb_report *report)
{
    cJSON *json = xb_report_json(report);
    char *text = json ? cJSON_PrintUnformatted(json) : NULL;

    cJSON_Delete(json);
    return text;
}

static int read_text(const char *text, struct xb_report *out, struct xb_error *err)
{
    struct xb_json doc;

    xb_report_empty(out);
    if (xb_json_parse("r.json", text, strlen(text), &doc, err) < 0)
        return -1;
    struct xb_node root = xb_json_root(&doc);
    int rc = xb_report_read(&root, out, err);
    xb_json_release(&doc);
    return rc;
}

/* Build, write, read, write: the same to the letter. */
static void test_round_trip(void)
{
    struct xb_report report = made(), again;
    struct xb_error err = {""};

    is_int(add_all(&report) + add_each(&report) + add_rich(&report), 0, "cases of all kinds");
    xb_report_end(&report, XB_RUN_CORRUPT, "2026-01-31T12:01:00Z", NULL);
    char *text = text_of(&report);
    is_int(read_text(text, &again, &err), 0, "a report is read");
    is_str(err.text, "", "without an error");
    char *back = text_of(&again);
    is_str(back, text, "and is what was written");
    is_int((long long)again.cases.n, ROWS + 2, "all cases");
    is_int(xb_report_case_at(&again, ROWS)->status, XB_FAILED, "a status");
    is_int(xb_report_lane_at(xb_report_case_at(&again, ROWS), 2)->status, XB_SKIPPED,
           "a lane's status");
    is_str(xb_report_step_of(&again, xb_report_case_at(&again, ROWS), 5)->link_class,
           "pcie-switch", "a lane's link");
    ok(isnan(xb_report_case_at(&again, SKIPPED)->time_us.median), "what is null is not known");
    is_str(xb_report_rank_at(&again, 0)->gpu.uuid, "GPU-1", "ranks are known");
    is_int(again.run.slurm.job_id, 17, "the Slurm job is known");
    is_int(again.run.slurm.step_id, -1, "and what is not known of it");
    is_str(again.run.slurm.node_list, "n[1-2]", "its nodes too");
    is_int(xb_report_status(&again), XB_RUN_CORRUPT, "the status follows from the cases");
    xb_report_total(&again, NULL);
    char *totals = text_of(&again);
    is_str(totals, text, "totals follow from what was read");
    cJSON_free(totals);
    cJSON_free(back);
    cJSON_free(text);
    xb_report_release(&again);
    xb_report_release(&report);
}

/* A case by itself, as a journal has it, and marked as one of an earlier run. */
/* The first reports had Slurm's variables by their names. */
static void test_slurm_names(void)
{
    struct xb_report report = made(), again;
    struct xb_error err = {""};
    cJSON *json = xb_report_json(&report);
    cJSON *run = cJSON_GetObjectItem(json, "run");

    cJSON_ReplaceItemInObject(run, "slurm",
                              cJSON_Parse("{\"SLURM_JOB_ID\":\"18\",\"SLURM_NTASKS\":\"4\","
                                          "\"SLURM_JOB_PARTITION\":null,\"SLURM_OTHER\":\"1\","
                                          "\"SLURM_JOB_NAME\":\"caf\xee\xbf\xa9\"}"));
    char *text = cJSON_PrintUnformatted(json);
    is_int(read_text(text, &again, &err), 0, "a report with Slurm's variables is read");
    is_int(again.run.slurm.job_id, 18, "with the number of the job");
    is_int(again.run.slurm.tasks, 4, "and that of its tasks");
    is_str(again.run.slurm.job_name, "caf\xee\xbf\xa9", "and its name, to the letter");
    is_str(again.run.slurm.partition, NULL, "null stays null");
    xb_report_release(&again);
    xb_report_release(&report);
    cJSON_free(text);
    cJSON_Delete(json);
}

static void test_case_alone(void)
{
    struct xb_report report = made(), other;
    struct xb_error err = {""};
    struct xb_json doc;

    add_all(&report);
    add_each(&report);
    xb_report_empty(&other);
    for (size_t i = report.cases.n; i-- > 0;) { /* schedules get other numbers */
        cJSON *json = case_json(&report, i);
        char *text = cJSON_PrintUnformatted(json);
        is_int(xb_json_parse("line", text, strlen(text), &doc, &err), 0, "a line");
        is_int(read_into(&doc, &other, &err), 0, "is a case");
        struct xb_report_case *c = xb_report_case_at(&other, other.cases.n - 1);
        cJSON *back = case_json(&other, other.cases.n - 1);
        is_json(back, text, "the same to the letter");
        is_int(xb_report_mark_resumed(c, &report.run, &err), 0, "is marked");
        is_str(c->notes.value[c->notes.n - 1], XB_NOTE_RESUMED, "which its last note says");
        is_str(c->measured_utc, report.run.start_utc, "and when it was measured at the latest");
        size_t notes = c->notes.n;
        xb_report_mark_resumed(c, &report.run, &err);
        is_int((long long)c->notes.n, (long long)notes, "once");
        cJSON_Delete(back);
        cJSON_free(text);
        cJSON_Delete(json);
        xb_json_release(&doc);
    }
    is_int((long long)other.schedules.n, (long long)report.schedules.n, "as many schedules");
    xb_report_drop(&other, 0);
    is_int((long long)other.cases.n, (long long)report.cases.n - 1, "a case that is dropped");
    xb_report_release(&other);
    xb_report_release(&report);
}

/* Bars are no part of a report, but a journal has them. */
static void test_bars(void)
{
    struct xb_report report = made();
    struct xb_error err = {""};
    struct xb_report_case c;

    add_each(&report);
    struct xb_report_case *first = xb_report_case_at(&report, 0);
    first->bars = calloc(1, sizeof(*first->bars));
    first->nbars = 1;
    first->bars[0] = (struct xb_bar){"out", 1, 2, 3, 1e15 + 0.25, 1e15 + 0.5, 12.5};
    struct xb_json doc = {.name = (char[]){"line"}, .root = case_json(&report, 0)};
    is_int(xb_report_read_case(&doc, &report, &c, &err), 0, "a case with bars");
    is_int((long long)c.nbars, 1, "has them back");
    is_str(c.bars[0].stage, "out", "with their stage");
    is_near(c.bars[0].start_us, 1e15 + 0.25, 0, "and their clock");
    is_near(c.bars[0].clock_error_us, 12.5, 0, "- with its error");
    xb_report_case_release(&c);
    cJSON_DeleteItemFromObject(at(doc.root, "bars", NULL)->child, "chunk");
    is_int(xb_report_read_case(&doc, &report, &c, &err), -1, "a bar that lacks what it needs");
    contains(err.text, "bars[0]: the key \"chunk\" is missing", "is an error");
    cJSON_Delete(doc.root);
    char *text = text_of(&report);
    ok(!strstr(text, "bars"), "the report has none");
    cJSON_free(text);
    xb_report_release(&report);
}

/* Replace the first `from` of a text; the caller frees it. */
static char *replaced(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    char *out = NULL;

    if (!at || asprintf(&out, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from)) < 0)
        return NULL;
    return out;
}

static void test_errors(void)
{
    static const struct {
        const char *from, *to, *error;
    } bad[] = {
        {"\"version\":2", "\"version\":3", "schema.version: found the number 3"},
        {"xferbench-report", "report", "schema.name: found \"report\""},
        {"\"seed\":9007199254740991", "\"seed\":\"1\"", "run.seed: found the string \"1\""},
        {"\"plan_hash\":\"0x", "\"plan_hash\":\"", "run.plan_hash: found \"fedc"},
        {"\"plan_hash\":", "\"plan\":", "run: the key \"plan_hash\" is missing"},
        {"\"bytes\":7000", "\"bytes\":-1", "cases[0].key.bytes: found the number -1"},
        {"\"bytes\":7000", "\"bytes\":null", "cases[0].key.bytes: found null"},
        {"\"status\":\"ok\"", "\"status\":\"fine\"",
         "cases[0].status: found the string \"fine\", expected the status ok, skipped"},
        {"\"median\":4", "\"median\":\"4\"", "cases[0].time_us.median: found the string"},
        {"\"src_rank\":0", "\"src_rank\":0.5",
         "schedules[0][0].src_rank: found the number 0.5"},
        {"\"schedule\":0", "\"schedule\":99",
         "cases[0].schedule: found schedule 99, expected one of the"},
        {"\"schedule\":0", "\"schedule\":1", "cases[0].lanes: found 1 lanes, expected the 2"},
        {"\"slowest_lane\":5", "\"slowest_lane\":6",
         "slowest_lane: found lane 6, expected one of the 6"},
        {"\"overhead_us\":null,", "", "cases[0]: the key \"overhead_us\" is missing"},
        {"\"transfers\":6", "\"transfers\":[]", "cases[0].lanes[0].transfers: found an array"},
        {"\"notes\":[\"noisy\"]", "\"notes\":[1]", "cases[0].notes[0]: found the number 1"},
        {"\"outliers\":[]", "\"outlier\":[]", "the key \"outliers\" is missing"},
        {"\"host\":\"n1\",\"cpuset\"", "\"host\":null,\"cpuset\"",
         "topology.ranks[0].host: found null"},
    };
    struct xb_report report = made(), again;

    add_row(&report, &rows[PLAIN]);
    add_row(&report, &rows[BOTH_WAYS]);
    add_each(&report);
    xb_report_end(&report, XB_RUN_FAILED, NULL, NULL);
    char *text = text_of(&report);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct xb_error err = {""};
        char *wrong = replaced(text, bad[i].from, bad[i].to);
        ok(wrong != NULL, bad[i].from);
        is_int(wrong ? read_text(wrong, &again, &err) : 0, -1, bad[i].to);
        contains(err.text, bad[i].error, "the error names the place");
        is_int((long long)again.cases.n, 0, "nothing is left");
        free(wrong);
    }
    cJSON_free(text);
    xb_report_release(&report);
}

static double member(const cJSON *entry, const char *group, const char *key)
{
    const cJSON *value = at(entry, group, key);

    return cJSON_IsNumber(value) ? value->valuedouble : NAN;
}

/* Against cJSON's own view of the file. */
static void is_version_1(const char *file, const cJSON *json)
{
    struct xb_report report;
    struct xb_error err = {""};
    const cJSON *entry;
    size_t i = 0, right = 0, single = 0;

    is_int(xb_report_load(file, &report, &err), 0, file);
    is_str(err.text, "", "without an error");
    is_int(report.schema.version, 1, "of version 1");
    cJSON_ArrayForEach(entry, at(json, "cases", NULL))
    {
        const struct xb_report_case *c = xb_report_case_at(&report, i++);
        double median = member(entry, "time_us", "median");
        int lanes = cJSON_GetArraySize(at(entry, "lanes", NULL));
        if (i > report.cases.n)
            break;
        right += (isnan(median) ? isnan(c->time_us.median) : c->time_us.median == median) &&
                 strcmp(c->id, at(entry, "id", NULL)->valuestring) == 0 &&
                 strcmp(c->key.pairs->valuestring, "first") == 0 &&
                 c->lanes.n == (size_t)lanes && (lanes == 0) == (c->schedule < 0);
        single += lanes > 0 && c->time_us.there &&
                  xb_report_lane_at(c, 0)->time_us.median == c->time_us.median &&
                  xb_report_step_of(&report, c, 0)->src_rank ==
                      cJSON_GetArrayItem(at(entry, "lanes", NULL), 0)->child->valuedouble;
    }
    is_int((long long)report.cases.n, (long long)i, "all cases are there");
    is_int((long long)right, (long long)i, "with ids, medians, pairs and lanes");
    ok(single > 0, "lanes have the times of their cases");
    /* they are parted by options now, and add up to the same */
    double was = 0, is = 0;
    cJSON_ArrayForEach(entry, at(json, "paths", NULL))
    {
        was += member(entry, "total_transfers", NULL);
    }
    for (size_t k = 0; k < report.paths.n; k++)
        is += (double)xb_report_path_at(&report, k)->total_transfers;
    is_near(is, was, 0, "and totals");
    ok(report.paths.n == 0 || cJSON_IsObject(xb_report_path_at(&report, 0)->options),
       "with options");
    ok(cJSON_IsArray(report.outliers) && cJSON_IsArray(report.environment.nodes),
       "and lists where version 2 has some");

    struct xb_report again;
    char *text = text_of(&report);
    is_int(read_text(text, &again, &err), 0, "as version 2 it is read again");
    char *back = text_of(&again);
    ok(back && text && strcmp(back, text) == 0, "and written the same");
    cJSON_free(back);
    cJSON_free(text);
    xb_report_release(&again);
    xb_report_release(&report);
}

static cJSON *load_json(const char *file)
{
    struct xb_json doc;

    if (xb_json_load(file, (size_t)1 << 30, &doc, NULL) < 0)
        return NULL;
    cJSON *root = doc.root;
    doc.root = NULL;
    xb_json_release(&doc);
    return root;
}

/* Every report in results/ is read. */
static void test_results(void)
{
    const char *source = getenv("XB_SRCDIR");
    char pattern[4096];
    glob_t files;
    size_t reports = 0;

    snprintf(pattern, sizeof(pattern), "%s/results/*/*.json", source ? source : ".");
    if (glob(pattern, 0, NULL, &files) != 0)
        files.gl_pathc = 0;
    for (size_t i = 0; i < files.gl_pathc; i++) {
        cJSON *json = load_json(files.gl_pathv[i]);
        const cJSON *version = at(json, "schema", "version");
        const cJSON *name = at(json, "schema", "name");
        if (cJSON_IsString(name) && strcmp(name->valuestring, XB_REPORT_NAME) == 0 &&
            version->valuedouble == 1) {
            is_version_1(files.gl_pathv[i], json);
            reports++;
        }
        cJSON_Delete(json);
    }
    ok(reports >= 10, "reports of version 1 were there to read");
    if (files.gl_pathc)
        globfree(&files);
}

/* What only version 1 says: how many chains there were. */
static void test_chains(void)
{
    static const struct {
        const char *pattern, *concurrent, *chains; /* of two lanes */
    } some[] = {
        {"bidirectional", "2", "01"}, {"pingpong", "1", "00"}, {"collective", "1", "01"}};

    for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++) {
        struct xb_report report;
        struct xb_error err = {""};
        char text[2048], chains[3] = "";
        snprintf(text, sizeof(text),
                 "{\"schema\":{\"name\":\"xferbench-report\",\"version\":1},"
                 "\"run\":{\"seed\":1,\"device\":\"cpu\",\"plan_hash\":\"0x0123456789abcdef\"},"
                 "\"cases\":[{\"id\":\"x\",\"key\":{\"pattern\":\"%s\",\"method\":\"m\","
                 "\"options\":{},\"src\":\"host\",\"dst\":\"host\",\"locality\":\"node\","
                 "\"bytes\":1,\"size_class\":0},\"status\":\"ok\",\"concurrent\":%s,\"lanes\":["
                 "{\"src_rank\":0,\"dst_rank\":1,\"src\":\"host\",\"dst\":\"host\"},"
                 "{\"src_rank\":1,\"dst_rank\":0,\"src\":\"host\",\"dst\":\"host\"}]}]}",
                 some[i].pattern, some[i].concurrent);
        is_int(read_text(text, &report, &err), 0, some[i].pattern);
        is_str(err.text, "", "is read");
        for (size_t k = 0; k < 2 && report.cases.n; k++)
            chains[k] =
                (char)('0' +
                       xb_report_step_of(&report, xb_report_case_at(&report, 0), k)->chain);
        is_str(chains, some[i].chains, "chains of its lanes");
        xb_report_release(&report);
    }
}

int main(void)
{
    test_round_trip();
    test_slurm_names();
    test_case_alone();
    test_bars();
    test_errors();
    test_chains();
    test_results();
    return done_testing();
}
