/* SPDX-License-Identifier: BSD-3-Clause */
/* check.c - hold reports against expectations, or learn these from reports. */
#include "cmd/cmd.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/output.h"
#include "cmd/check/expectations.h"
#include "cmd/launch.h"
#include "lab/experiment.h"
#include "report/expect_check.h"
#include "report/expect_learn.h"
#include "report/formats/check_format.h"

struct args {
    char **reports;
    struct xb_sets expect, cases;
    const char *format, *output, *name, *like;
    int learn, one_node, force;
    uint64_t launches;
};

static const struct xb_arg check_args[] = {
    {.group = "Checking",
     .name = "expect",
     .type = XB_ARG_SET,
     .argument = "FILE",
     .help =
         "expectations, a file or a name; may be repeated (default:\nof those in the folders "
         "expectations/ beside scenarios all\nthat match a report's machine)",
     .offset = offsetof(struct args, expect),
     .wants = XB_WANTS_EXPECTATIONS},
    {.name = "format",
     .type = XB_ARG_TEXT,
     .argument = "FORMAT",
     .help = "plugin (the default), lines, reason, junit, prometheus or\njson",
     .offset = offsetof(struct args, format),
     .wants = XB_WANTS_CHECK_FORMAT},
    {.name = "output",
     .letter = 'o',
     .type = XB_ARG_TEXT,
     .argument = "FILE",
     .help = "write there, whole or not at all (default: standard output)",
     .offset = offsetof(struct args, output),
     .wants = XB_WANTS_FILE},
    XB_FORCE_ARG(struct args, force, "the file of -o"),
    {.group = "Learning expectations",
     .name = "learn",
     .type = XB_ARG_VALUE,
     .value = 1,
     .help = "make expectations from the reports, of machines that are well",
     .offset = offsetof(struct args, learn)},
    {.name = "name",
     .type = XB_ARG_TEXT,
     .argument = "NAME",
     .help = "what expectations that are learnt are called (default:\nthe output's, or learnt)",
     .offset = offsetof(struct args, name)},
    {.name = "cases",
     .type = XB_ARG_SET,
     .argument = "JSON",
     .help =
         "learn from such cases alone, '{\"method\": \"p2p\",\n\"size_class\": [4, 5]}', by "
         "the keys that a bound's cases have;\nmay be repeated: from any of them",
     .offset = offsetof(struct args, cases)},
    {.name = "like",
     .type = XB_ARG_TEXT,
     .argument = "FILE",
     .help = "make the bounds and needs of these expectations anew, a file\nor a name, in "
             "place of one for each case",
     .offset = offsetof(struct args, like),
     .wants = XB_WANTS_EXPECTATIONS},
    {.name = "launches",
     .type = XB_ARG_COUNT,
     .max = 1000000,
     .argument = "N",
     .help = "learn from cases alone that at least N reports have\n(default 4)",
     .offset = offsetof(struct args, launches)},
    {.name = "one-node",
     .type = XB_ARG_VALUE,
     .value = 1,
     .help = "learn although all reports are of one node",
     .offset = offsetof(struct args, one_node)},
    {0},
};

/* ---- reports ---- */

struct reports {
    struct xb_report *report;
    size_t n;
};

static int load_reports(char *const *files, struct reports *out, struct xb_error *err)
{
    size_t n = 0;

    while (files[n])
        n++;
    out->n = 0;
    out->report = calloc(n + 1, sizeof *out->report);
    if (!out->report)
        return xb_fail(err, "out of memory for reports");
    for (; out->n < n; out->n++)
        if (xb_report_load(files[out->n], &out->report[out->n], err) < 0)
            return -1;
    return 0;
}

static void release_reports(struct reports *reports)
{
    for (size_t i = 0; i < reports->n; i++)
        xb_report_release(&reports->report[i]);
    free(reports->report);
}

/* The output is none of the reports, and is not there unless it may be replaced. */
static int check_output(const struct args *a, const char *what, struct xb_error *err)
{
    const struct xb_output out = {.what = what, .file = a->output};
    size_t n = 0;

    while (a->reports[n])
        n++;
    struct xb_input *in = calloc(n + 1, sizeof *in);
    if (!in)
        return xb_fail(err, "out of memory");
    for (size_t i = 0; i < n; i++)
        in[i] = (struct xb_input){.what = "report", .file = a->reports[i]};
    int rc = xb_outputs_check(&out, 1, in, n, a->force, err);
    free(in);
    return rc;
}

static const char *output_of(const struct args *a)
{
    return a->output ? a->output : "-";
}

/* ---- check ---- */

static int print_check(const struct args *a, const struct xb_check_format *format,
                       const struct xb_check *check, struct xb_error *err)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    int rc = out ? format->write(check, out) : -1;

    if (out && fclose(out) != 0)
        rc = -1;
    if (rc < 0)
        xb_fail(err, "out of memory for verdicts");
    else if (len == 0 && !a->output)
        rc = 0; /* a form may have nothing to say */
    else {
        if (len > 0 && text[len - 1] == '\n')
            text[len - 1] = '\0'; /* the output ends its last line itself */
        rc = xb_output_write(output_of(a), text, a->force, err);
    }
    free(text);
    return rc;
}

/* Verdicts on all reports into check, in the end the exit status or -1. */
static int hold(const struct args *a, const struct xb_expectation_files *files,
                const struct reports *reports, const struct xb_check_format *format,
                struct xb_error *err)
{
    struct xb_check check = {.level = XB_LEVEL_GOOD};
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < reports->n; i++)
        rc = xb_check_add(&check, a->reports[i], &reports->report[i], files->expect, files->n,
                          err);
    if (rc == 0)
        rc = print_check(a, format, &check, err);
    if (rc == 0)
        rc = xb_level_exit(check.level);
    xb_check_release(&check);
    return rc;
}

static int check_reports(const struct args *a, struct xb_error *err)
{
    const struct xb_check_format *format =
        a->format ? xb_check_format_find(a->format, err) : xb_check_formats[0];
    struct xb_expectation_files files = {NULL, NULL, 0};
    struct reports reports = {NULL, 0};
    int rc = -1;

    if (format && check_output(a, "verdicts", err) == 0 &&
        xb_expectation_files_open(a->expect.list, &files, err) == 0 &&
        load_reports(a->reports, &reports, err) == 0)
        rc = hold(a, &files, &reports, format, err);
    release_reports(&reports);
    xb_expectation_files_release(&files);
    return rc;
}

/* ---- learn ---- */

struct filters {
    struct xb_json *doc;
    struct xb_case_terms *terms;
    size_t n;
};

static int read_filters(const struct args *a, struct filters *out, struct xb_error *err)
{
    out->doc = calloc(a->cases.count + 1, sizeof *out->doc);
    out->terms = calloc(a->cases.count + 1, sizeof *out->terms);
    if (!out->doc || !out->terms)
        return xb_fail(err, "out of memory");
    for (out->n = 0; out->n < a->cases.count; out->n++) {
        const char *text = a->cases.list[out->n];
        struct xb_json *doc = &out->doc[out->n];
        if (xb_json_parse("--cases", text, strlen(text), doc, err) < 0)
            return -1;
        struct xb_node root = xb_json_root(doc);
        if (xb_case_terms_read(&root, xb_lab_catalog(), &out->terms[out->n], err) < 0) {
            xb_json_release(doc);
            return -1;
        }
    }
    return 0;
}

static void release_filters(struct filters *filters)
{
    for (size_t i = 0; i < filters->n; i++) {
        xb_case_terms_release(&filters->terms[i]);
        xb_json_release(&filters->doc[i]);
    }
    free(filters->terms);
    free(filters->doc);
}

/* What expectations are called: as asked, or as their file without its end. */
static void name_expectations(const struct args *a, char *buf, size_t len)
{
    const char *file = a->output && strcmp(a->output, "-") != 0 ? a->output : "learnt";
    const char *slash = strrchr(file, '/'), *given = a->name ? a->name
                                                     : slash ? slash + 1
                                                             : file;

    snprintf(buf, len, "%s", given);
    size_t n = strlen(buf);
    if (!a->name && n > 5 && strcmp(buf + n - 5, ".json") == 0)
        buf[n - 5] = '\0';
}

static void say_learnt(const struct args *a, const struct xb_learnt *l)
{
    fprintf(stderr, "%s: %zu bounds from %zu reports of %zu node%s\n", output_of(a), l->bounds,
            l->reports, l->nodes, l->nodes == 1 ? "" : "s");
    if (l->seldom > 0)
        fprintf(stderr,
                "left out: %zu case%s that fewer reports have than --launches asks for\n",
                l->seldom, l->seldom == 1 ? "" : "s");
    if (l->noisy > 0)
        fprintf(stderr, "left out: %zu figure%s so far apart that no bound is left\n", l->noisy,
                l->noisy == 1 ? "" : "s");
    if (l->broken > 0)
        xb_log_warn("left out: %zu case%s not ok: are these machines well?", l->broken,
                    l->broken == 1 ? " that is" : "s that are");
    if (l->reports < XB_LEARN_LAUNCHES)
        xb_log_warn(
            "bands from %zu launches are a guess: launches differ more than what one of "
            "them sees",
            l->reports);
}

static int write_learnt(const struct args *a, cJSON *file, struct xb_error *err)
{
    char *text = xb_json_print(file, true);
    int rc = text ? xb_output_write(output_of(a), text, a->force, err)
                  : xb_fail(err, "out of memory for expectations");

    free(text);
    return rc;
}

static int read_like(const struct args *a, struct xb_expectations *out, struct xb_error *err)
{
    char path[4096];

    if (!a->like)
        return 0;
    if (xb_expect_find(a->like, path, sizeof path, err) < 0)
        return -1;
    return xb_expect_load(path, xb_lab_catalog(), out, err);
}

static int learn(const struct args *a, struct xb_error *err)
{
    struct reports reports = {NULL, 0};
    struct filters filters = {NULL, NULL, 0};
    struct xb_expectations like = {.name = NULL};
    struct xb_learnt learnt;
    cJSON *file = NULL;
    char name[256];
    int rc = -1;

    name_expectations(a, name, sizeof name);
    if (check_output(a, "expectations", err) == 0 && read_filters(a, &filters, err) == 0 &&
        read_like(a, &like, err) == 0 && load_reports(a->reports, &reports, err) == 0) {
        const struct xb_learn_options options = {
            .name = name,
            .one_node = a->one_node,
            .launches = a->launches > 0 ? (size_t)a->launches : XB_LEARN_LAUNCHES,
            .like = a->like ? &like : NULL,
            .cases = filters.terms,
            .n = filters.n};
        file = xb_expect_learn(reports.report, reports.n, &options, &learnt, err);
    }
    if (file)
        rc = write_learnt(a, file, err);
    if (rc == 0)
        say_learnt(a, &learnt);
    cJSON_Delete(file);
    xb_expect_release(&like);
    release_reports(&reports);
    release_filters(&filters);
    return rc;
}

/* ---- the command ---- */

/* Who watches reads the first line, also of what could not be checked. */
static int print_unknown(const struct args *a, const char *text)
{
    struct xb_error line;

    snprintf(line.text, sizeof line.text, "%s", text);
    if (!a->learn && (!a->format || strcmp(a->format, xb_check_formats[0]->name) == 0))
        printf("XFERBENCH UNKNOWN - %s\n", xb_check_make_line(line.text));
    return xb_level_exit(XB_LEVEL_UNKNOWN);
}

static int fail(const struct args *a, const struct xb_error *err)
{
    xb_log_error("%s", err->text);
    return print_unknown(a, err->text);
}

static const char *contradiction(const struct args *a)
{
    if (a->learn && (a->expect.count > 0 || a->format))
        return "--learn makes expectations: --expect and --format are for what checks";
    if (a->like && a->cases.count > 0)
        return "--like says which cases there are: --cases does not go with it";
    if (!a->learn &&
        (a->name || a->like || a->one_node || a->cases.count > 0 || a->launches > 0))
        return "--name, --cases, --like, --launches and --one-node are for --learn";
    return NULL;
}

/* Wrong usage ends as all that cannot be told does. */
static int check_main(int argc, char **argv)
{
    struct args a = {.launches = 0};
    struct xb_error err = {""};
    const char *wrong;
    int status;

    if (!xb_command_parse(&xb_command_check, argc, argv, &a, &status)) {
        if (status != XB_EXIT_OK)
            status = print_unknown(&a, "wrong usage, which standard error explains");
    } else if ((wrong = contradiction(&a))) {
        xb_command_refuse(&xb_command_check, wrong);
        status = print_unknown(&a, wrong);
    } else {
        status = a.learn ? learn(&a, &err) : check_reports(&a, &err);
        status = status < 0 ? fail(&a, &err) : status;
    }
    xb_sets_free(&a.expect);
    xb_sets_free(&a.cases);
    return status;
}

const struct xb_command xb_command_check = {
    .name = "check",
    .summary = "hold reports against what machines of their kind should do",
    .operand = "REPORT",
    .operand_help = "a report of run",
    .least = 1,
    .most = INT_MAX,
    .operand_offset = offsetof(struct args, reports),
    .args = check_args,
    .operand_wants = XB_WANTS_FILE,
    .ends = "0 good\n1 a warning\n2 critical\n"
            "3 unknown: nothing was expected or measured; wrong usage",
    .main = check_main,
};
