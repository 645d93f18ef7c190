/* SPDX-License-Identifier: BSD-3-Clause */
/* targets.c - the readers that get bytes. */
#include "tests/fuzz/targets.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/json.h"
#include "base/units.h"
#include "cmd/campaign/asked.h"
#include "cmd/campaign/record.h"
#include "engine/methods/method.h"
#include "engine/runtime/journal.h"
#include "lab/experiment.h"
#include "model/plan/path.h"
#include "model/plan/plan.h"
#include "model/policy/policy.h"
#include "model/scenario/scenario.h"
#include "model/scenario/traffic_file.h"
#include "model/topology/nvml_file.h"
#include "model/topology/topology.h"
#include "report/anonymize.h"
#include "report/compare.h"
#include "report/compare_noise.h"
#include "report/expect.h"
#include "report/formats/format.h"
#include "report/report.h"

/* For the leak sanitizer: hwloc keeps memory of a file that it refuses. That shows where its
 * own parser reads the file (HWLOC_LIBXML=0); the other one is a plug-in that is gone by the
 * time leaks are looked for. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libhwloc";
}

/* The bytes as a file, whose name is the same each time. */
static const char *file_of(const uint8_t *bytes, size_t len)
{
    static char name[32];
    static int fd = -1;

    if (fd < 0) {
        fd = memfd_create("input", 0);
        snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    }
    if (fd < 0 || ftruncate(fd, 0) != 0 || pwrite(fd, bytes, len, 0) != (ssize_t)len)
        abort();
    return name;
}

/* The bytes as a text; the caller frees it. */
static char *text_of(const uint8_t *bytes, size_t len)
{
    char *text = malloc(len + 1);

    if (!text)
        abort();
    if (len > 0)
        memcpy(text, bytes, len);
    text[len] = '\0';
    return text;
}

static void read_scenario(const uint8_t *bytes, size_t len)
{
    struct xb_scenario scenario;
    struct xb_plan plan;
    struct xb_error err;

    if (xb_scenario_load(file_of(bytes, len), NULL, xb_lab_catalog(), &scenario, &err) < 0)
        return;
    if (xb_plan_expand(&scenario, &plan, &err) == 0)
        xb_plan_release(&plan);
    xb_scenario_release(&scenario);
}

static void read_policy(const uint8_t *bytes, size_t len)
{
    struct xb_policy policy;
    struct xb_error err;

    if (xb_policy_load(file_of(bytes, len), xb_engine_catalog(), &policy, &err) == 0)
        xb_policy_release(&policy);
}

static void read_expectations(const uint8_t *bytes, size_t len)
{
    struct xb_expectations expectations;
    struct xb_error err;

    if (xb_expect_load(file_of(bytes, len), xb_lab_catalog(), &expectations, &err) == 0)
        xb_expect_release(&expectations);
}

static void read_report(const uint8_t *bytes, size_t len)
{
    struct xb_report report;
    struct xb_error err;

    if (xb_report_load(file_of(bytes, len), &report, &err) == 0)
        xb_report_release(&report);
}

/* What a report says must not move a terminal's cursor, nor become markup: a page has no script
 * of its own where there is nothing to draw with. In CSV texts stand as they are. */
static void check_shown(const char *form, const char *text, size_t len)
{
    for (size_t i = 0; i < len && strcmp(form, "csv") != 0; i++)
        if (iscntrl((unsigned char)text[i]) && !strchr("\n\t\x7f", text[i]))
            abort();
    if (strcmp(form, "html") == 0 && strcasestr(text, "<script"))
        abort();
}

static void show(const struct xb_format *format, const struct xb_format_set *set)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    if (!out)
        abort();
    (void)xb_format_write(format, set, out);
    fclose(out);
    check_shown(format->name, text, len);
    free(text);
}

/* The report beside itself, as `compare` reads it. */
static void show_compared(const char *file)
{
    const struct xb_compare_ask ask = XB_COMPARE_ASK;
    struct xb_launches *launches = xb_launches_new();
    struct xb_comparison *comparison = NULL;
    struct xb_error err;
    char *text = NULL;
    size_t len;

    if (launches && xb_launches_add(launches, "before", file, &err) == 0 &&
        xb_launches_add(launches, "after", file, &err) == 0)
        comparison = xb_compare(launches, &ask, &err);
    for (int form = 0; comparison && xb_compare_formats[form]; form++) {
        FILE *out = open_memstream(&text, &len);
        if (!out)
            abort();
        (void)xb_comparison_print(comparison, (enum xb_compare_format)form, true, out);
        fclose(out);
        check_shown(xb_compare_formats[form], text, len);
        free(text);
    }
    xb_comparison_free(comparison);
    xb_launches_free(launches);
}

/* In each form, alone and beside itself, and without names. */
static void read_shown(const uint8_t *bytes, size_t len)
{
    const char *file = file_of(bytes, len);
    struct xb_report report;
    const struct xb_format_source both[] = {{.report = &report, .name = "one"},
                                            {.report = &report, .name = "two"}};
    struct xb_format_set set = {.source = both,
                                .n = 1,
                                .lanes = true,
                                .catalog = xb_lab_catalog(),
                                .page = {.columns = 80, .verbose = true}};
    struct xb_error err;

    setenv("XFERBENCH_PYTHON", "/nonexistent", 1); /* no pictures */
    if (xb_report_load(file, &report, &err) < 0)
        return;
    for (size_t i = 0; xb_formats[i]; i++)
        if (!xb_formats[i]->is_of_run)
            show(xb_formats[i], &set);
    set.n = 2;
    show(xb_format_find("html"), &set);
    show_compared(file);
    set.n = 1;
    if (xb_anonymize(&report, 1, &err) == 0)
        show(xb_format_find("json"), &set);
    xb_report_release(&report);
}

static void read_noise(const uint8_t *bytes, size_t len)
{
    struct xb_noise noise;
    struct xb_error err;

    if (xb_noise_load(file_of(bytes, len), &noise, &err) == 0)
        xb_noise_release(&noise);
}

static int take_case(void *arg, const struct xb_report *of, struct xb_report_case *c,
                     struct xb_error *err)
{
    (void)arg, (void)of, (void)c, (void)err;
    return 0;
}

static int take_slice(void *arg, struct xb_slice_entry *slice, struct xb_error *err)
{
    (void)arg, (void)slice, (void)err;
    return 0;
}

/* As a run that resumes it, with whatever plan and ranks it was made. */
static void read_journal(const uint8_t *bytes, size_t len)
{
    static const char *const ranks[] = {"node/-", "node/-"};
    const struct xb_journal_key key = {.plan_hash = 1,
                                       .seed = 1,
                                       .nranks = 2,
                                       .ranks = ranks,
                                       .device = "cpu",
                                       .anyway = true};
    const struct xb_journal_taker taker = {take_case, take_slice, NULL};
    const char *file = file_of(bytes, len);
    struct xb_report report;
    struct xb_error err;
    char *scenario;
    uint64_t seed;

    if (xb_journal_load(file, &key, &taker, &report, &err) == 0)
        xb_report_release(&report);
    if (xb_journal_origin(file, &scenario, &seed, &err) == 0)
        free(scenario);
}

/* A file of configurations, as `campaign --configs` takes it. */
static void read_configurations(const uint8_t *bytes, size_t len)
{
    const struct xb_campaign_words words = {.file = file_of(bytes, len),
                                            .launches = XB_NOT_GIVEN,
                                            .max_launches = XB_NOT_GIVEN,
                                            .seed = XB_NOT_GIVEN};
    struct xb_campaign campaign;
    struct xb_error err;

    if (xb_campaign_begin(&campaign, &err) < 0)
        abort();
    if (xb_campaign_ask(&words, &campaign, &err) == 0)
        (void)xb_campaign_check(&campaign, &err);
    xb_campaign_release(&campaign);
}

/* What a campaign's folder keeps of it, as --resume and report take it. */
static void read_campaign(const uint8_t *bytes, size_t len)
{
    struct xb_campaign campaign;
    struct xb_error err;

    if (xb_campaign_load(file_of(bytes, len), &campaign, &err) == 0)
        xb_campaign_release(&campaign);
}

static void read_traffic(const uint8_t *bytes, size_t len)
{
    char *text = text_of(bytes, len);
    struct xb_traffic traffic;
    struct xb_error err;

    if (xb_traffic_file_parse("traffic", text, len, &traffic, &err) == 0)
        free(traffic.lane);
    free(text);
}

/* The first line is the assignment, what follows the document. */
static void read_set(const uint8_t *bytes, size_t len)
{
    char *text = text_of(bytes, len), *line = strchr(text, '\n');
    struct xb_json doc;
    struct xb_error err;

    if (line) {
        *line++ = '\0';
        if (xb_json_parse("document", line, strlen(line), &doc, &err) == 0) {
            (void)xb_json_set(&doc, text, &err);
            xb_json_release(&doc);
        }
    }
    free(text);
}

static void read_units(const uint8_t *bytes, size_t len)
{
    char *text = text_of(bytes, len);
    uint64_t size;
    int64_t duration;
    struct xb_error err;

    (void)xb_size_parse(text, &size, &err);
    (void)xb_duration_parse(text, &duration, &err);
    free(text);
}

static void read_path(const uint8_t *bytes, size_t len)
{
    char *text = text_of(bytes, len);
    struct xb_path path;
    struct xb_error err;

    (void)xb_path_parse(text, &path, &err);
    free(text);
}

static void read_topology(const uint8_t *bytes, size_t len)
{
    struct xb_topology *topology;
    struct xb_error err;

    setenv("HWLOC_LIBXML", "0", 1);
    setenv("HWLOC_PLUGINS_PATH", "/nonexistent", 1); /* loaded anew each time, for nothing */
    if (xb_topology_load(file_of(bytes, len), &topology, &err) == 0)
        xb_topology_release(topology);
}

/* What NVML says of a node, beside its topology. */
static void read_gpus(const uint8_t *bytes, size_t len)
{
    struct xb_node_info node = {.ngpus = 0};
    struct xb_error err;

    (void)xb_nvml_file_read(file_of(bytes, len), &node, &err);
    xb_node_info_release(&node);
}

const struct xb_fuzz_target xb_fuzz_targets[] = {
    {"scenario", read_scenario, "scenarios"},
    {"policy", read_policy, "scenarios/policies"},
    {"expectations", read_expectations, "scenarios/expectations"},
    {"report", read_report, NULL},
    {"shown", read_shown, "tests/fuzz/corpus/report"},
    {"noise", read_noise, NULL},
    {"journal", read_journal, NULL},
    {"configurations", read_configurations, NULL},
    {"campaign", read_campaign, NULL},
    {"traffic", read_traffic, NULL},
    {"set", read_set, NULL},
    {"units", read_units, NULL},
    {"path", read_path, NULL},
    {"topology", read_topology, "tests/data/topo"},
    {"gpus", read_gpus, "tests/data/topo"},
    {NULL, NULL, NULL},
};
