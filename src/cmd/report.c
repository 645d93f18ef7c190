/* SPDX-License-Identifier: BSD-3-Clause */
/* report.c - show reports in another form, or without what tells whose they are. */
#include "cmd/cmd.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/nearest.h"
#include "base/output.h"
#include "base/screen.h"
#include "cmd/pictures.h"
#include "lab/experiment.h"
#include "report/anonymize.h"
#include "report/formats/format.h"
#include "report/report_files.h"

#define FORMATS_MAX 32

struct args {
    char **files;
    const char *format, *output; /* NULL where none is named */
    int lanes, anonymize, force, verbose, no_colour;
};

static const struct xb_arg report_args[] = {
    {.name = "format",
     .letter = 'f',
     .type = XB_ARG_TEXT,
     .argument = "FORM",
     .help = "table (default), markdown, csv (a row for each case, with all\n"
             "figures), matrix (lanes as sources by destinations), json,\n"
             "budget, contention, interference, setup (tables of cases\n"
             "that have these),\n"
             "html (a page with all tables and charts),\n"
             "svg or png (a file for each chart, into the folder -o)",
     .offset = offsetof(struct args, format),
     .wants = XB_WANTS_FORMAT},
    {.name = "lanes",
     .type = XB_ARG_VALUE,
     .value = 1,
     .help = "of csv: a row for each lane",
     .offset = offsetof(struct args, lanes)},
    {.name = "anonymize",
     .type = XB_ARG_VALUE,
     .value = 1,
     .help = "without names of hosts, users, jobs, paths, addresses and\n"
             "UUIDs, for others; as json where no form is named",
     .offset = offsetof(struct args, anonymize)},
    {.name = "output",
     .letter = 'o',
     .type = XB_ARG_TEXT,
     .argument = "FILE",
     .help = "write there instead of to standard output; a folder for\n"
             "charts, and where several reports are made anonymous as json",
     .offset = offsetof(struct args, output),
     .wants = XB_WANTS_FILE},
    {.name = "force",
     .type = XB_ARG_VALUE,
     .value = 1,
     .help = "replace a file that is there",
     .offset = offsetof(struct args, force)},
    {.name = "verbose",
     .letter = 'v',
     .type = XB_ARG_VALUE,
     .value = 1,
     .help = "in the table also what was skipped, and each case of a grid",
     .offset = offsetof(struct args, verbose)},
    XB_COLOUR_ARG(struct args, no_colour),
    {0},
};

/* ---- what is asked for ---- */

/* The form of that name, of those that need no more than the file. */
static const struct xb_format *find_format(const char *name, struct xb_error *err)
{
    const char *known[FORMATS_MAX + 1] = {NULL};
    const struct xb_format *format = xb_format_find(name);
    char list[XB_ERROR_LEN], hint[XB_HINT_LEN];
    size_t n = 0;

    if (format && !format->is_of_run)
        return format;
    for (size_t i = 0; xb_formats[i] && n < FORMATS_MAX; i++)
        if (!xb_formats[i]->is_of_run)
            known[n++] = xb_formats[i]->name;
    for (size_t i = 0; xb_picture_forms[i] && n < FORMATS_MAX; i++)
        known[n++] = xb_picture_forms[i];
    xb_fail(err, "--format: got '%s'%s, expected %s%s", name,
            xb_did_you_mean(name, known, hint), xb_error_list(known, list, sizeof list),
            format ? "; a report does not hold what that form shows, which run has" : "");
    return NULL;
}

/* Does each report become a document of its own? */
static bool is_apart(const struct xb_format *format)
{
    return format->is_document && !format->write_set;
}

static int check_request(const struct args *a, const struct xb_format *format, size_t files,
                         struct xb_error *err)
{
    if (a->lanes && !format->has_lanes)
        return xb_fail(err, "--lanes: found --format %s beside it, expected --format csv",
                       format->name);
    if (files > 1 && is_apart(format) && !a->anonymize)
        return xb_fail(err, "--format %s: found %zu files, expected one report", format->name,
                       files);
    if (files > 1 && is_apart(format) && !a->output)
        return xb_fail(err, "--format %s: found several reports, expected -o FOLDER for them",
                       format->name);
    return 0;
}

/* ---- reports ---- */

/* The files that were named, with what they are launches of. */
struct files {
    struct xb_texts file, set;
};

struct reports {
    struct xb_report *report;
    struct xb_format_source *source;
    size_t n;
    char (*names)[40]; /* in place of their files', where these must not be told */
};

static int add_file(void *arg, const char *set, const char *file, struct xb_error *err)
{
    struct files *files = arg;

    return xb_texts_add(&files->file, file) < 0 || xb_texts_add(&files->set, set) < 0
               ? xb_fail(err, "out of memory")
               : 0;
}

/* All reports that the paths name: files, and those in folders. */
static int find_files(char *const *paths, struct files *out, struct xb_error *err)
{
    const struct xb_report_visit visit = {.add = add_file, .arg = out};
    char name[PATH_MAX];

    for (char *const *path = paths; *path; path++) {
        xb_report_path_name(paths, *path, name, sizeof name);
        if (xb_report_files(*path, NULL, name, &visit, err) < 0)
            return -1;
    }
    return out->file.n > 0 ? 0 : xb_fail(err, "%s: no launch has left a report", *paths);
}

static void release_files(struct files *files)
{
    for (size_t i = 0; i < files->file.n; i++)
        free(files->file.value[i]);
    for (size_t i = 0; i < files->set.n; i++)
        free(files->set.value[i]);
    free(files->file.value);
    free(files->set.value);
}

static void release(struct reports *r)
{
    for (size_t i = 0; i < r->n; i++)
        xb_report_release(&r->report[i]);
    free(r->report);
    free(r->source);
    free(r->names);
}

static int load(const struct files *files, struct reports *out, struct xb_error *err)
{
    size_t n = files->file.n;

    *out = (struct reports){.report = calloc(n, sizeof *out->report),
                            .source = calloc(n, sizeof *out->source)};
    if (!out->report || !out->source)
        return xb_fail(err, "out of memory");
    for (; out->n < n; out->n++) {
        struct xb_report *report = &out->report[out->n];
        const char *file = files->file.value[out->n];
        if (xb_report_load(file, report, err) < 0)
            return -1;
        out->source[out->n] = (struct xb_format_source){
            .report = report, .name = file, .set = files->set.value[out->n]};
    }
    return 0;
}

/* Their files' names may tell whose they are as well, and so may those of folders and
 * configurations. */
static int anonymize(struct reports *r, struct xb_error *err)
{
    const char **sets = calloc(r->n, sizeof *sets);

    r->names = calloc(r->n, sizeof *r->names);
    if (!r->names || !sets) {
        free(sets);
        return xb_fail(err, "out of memory");
    }
    for (size_t i = 0; i < r->n; i++) {
        snprintf(r->names[i], sizeof r->names[i], "report-%zu.json", i + 1);
        r->source[i].name = r->names[i];
        size_t first = 0; /* of its set, which has that one's name */
        while (strcmp(r->source[first].set, r->source[i].set) != 0)
            first++;
        sets[i] = r->names[first];
    }
    for (size_t i = 0; i < r->n; i++)
        r->source[i].set = sets[i];
    free(sets);
    return xb_anonymize(r->report, r->n, err);
}

/* ---- output ---- */

/* A report that is written by itself, and where to. */
struct target {
    char file[4096];
};

/* Where each report goes: into the folder, which is made where it is not there. */
static int name_targets(const struct args *a, size_t n, struct target *out,
                        struct xb_error *err)
{
    size_t len = strlen(a->output);

    while (len > 1 && a->output[len - 1] == '/')
        len--;
    for (size_t i = 0; i < n; i++)
        if (snprintf(out[i].file, sizeof out[i].file, "%.*s/report-%zu.json", (int)len,
                     a->output, i + 1) >= (int)sizeof out[i].file)
            return xb_fail(
                err, "%s: the name is too long: found %zu characters, expected fewer than %zu",
                a->output, len, sizeof out[i].file - sizeof "/report-.json");
    if (mkdir(a->output, 0777) != 0 && errno != EEXIST)
        return xb_fail(err, "%s: cannot be made: %s", a->output, strerror(errno));
    return 0;
}

/* Can the outputs be written, and is none of them an input? */
static int check_outputs(const struct args *a, const struct xb_texts *files,
                         const struct target *targets, size_t n, struct xb_error *err)
{
    struct xb_output *out = calloc(n, sizeof *out);
    struct xb_input *in = calloc(files->n, sizeof *in);
    int rc = out && in ? 0 : xb_fail(err, "out of memory");

    for (size_t i = 0; rc == 0 && i < n; i++)
        out[i] = (struct xb_output){.what = "output", .file = targets[i].file};
    for (size_t i = 0; rc == 0 && i < files->n; i++)
        in[i] = (struct xb_input){.what = "report", .file = files->value[i]};
    if (rc == 0)
        rc = xb_outputs_check(out, n, in, files->n, a->force, err);
    free(in);
    free(out);
    return rc;
}

struct job {
    const struct xb_format *format;
    struct xb_format_set set;
};

static int print(const void *arg, FILE *out)
{
    const struct job *job = arg;

    return xb_format_write(job->format, &job->set, out);
}

/* What goes to standard output is laid out for the terminal there. */
static struct xb_page page_of(const char *file, bool verbose)
{
    return xb_page_of(xb_output_kind(file) == XB_OUTPUT_STDOUT ? STDOUT_FILENO : -1, verbose);
}

/* All reports into one output, or each into its own. */
static int write_all(const struct args *a, const struct xb_format *format,
                     const struct files *files, const struct reports *r,
                     const struct target *targets, size_t n, struct xb_error *err)
{
    for (size_t i = 0; i < n; i++) {
        const struct job job = {format,
                                {.source = r->source + i,
                                 .n = n > 1 ? 1 : r->n,
                                 .lanes = a->lanes,
                                 .catalog = xb_lab_catalog(),
                                 .page = page_of(targets[i].file, a->verbose)}};
        if (xb_output_print(targets[i].file, print, &job, a->force, err) < 0)
            return -1;
        if (n > 1)
            printf("%s: %s\n", files->file.value[i], targets[i].file);
    }
    return 0;
}

static int show(const struct args *a, const struct xb_format *format, const struct files *files,
                struct xb_error *err)
{
    struct reports reports = {.report = NULL};
    size_t n = files->file.n > 1 && is_apart(format) ? files->file.n : 1;
    struct target *targets = calloc(n, sizeof *targets);
    int rc = targets ? 0 : xb_fail(err, "out of memory");

    if (rc == 0 && n > 1)
        rc = name_targets(a, n, targets, err);
    else if (rc == 0)
        snprintf(targets[0].file, sizeof targets[0].file, "%s", a->output ? a->output : "-");
    if (rc == 0 && a->output)
        rc = check_outputs(a, &files->file, targets, n, err);
    if (rc == 0)
        rc = load(files, &reports, err);
    if (rc == 0 && a->anonymize)
        rc = anonymize(&reports, err);
    if (rc == 0)
        rc = write_all(a, format, files, &reports, targets, n, err);
    release(&reports);
    free(targets);
    return rc;
}

/* ---- charts ---- */

/* As a command ends: 1 where there is nothing to draw with. */
static int draw(const struct args *a, const struct files *files, struct xb_error *err)
{
    struct reports reports = {.report = NULL};
    int rc = load(files, &reports, err);

    if (rc == 0 && a->anonymize)
        rc = anonymize(&reports, err);
    if (rc == 0) {
        const struct xb_format_set set = {
            .source = reports.source, .n = reports.n, .catalog = xb_lab_catalog()};
        rc = xb_pictures_write(a->format, &set, a->output, a->force, err);
    }
    release(&reports);
    return rc == 0 ? XB_EXIT_OK : rc > 0 ? XB_EXIT_FAILED : XB_EXIT_USAGE;
}

/* What is wrong with asking for charts so; NULL where nothing is. */
static const char *refuse_charts(const struct args *a)
{
    if (a->lanes)
        return "--lanes: found charts beside it, expected --format csv";
    return a->output ? NULL : "charts are files: --format svg and png need -o FOLDER";
}

/* Reports in one form; returns the exit status, as below. */
static int report_in(const struct args *a, const struct xb_format *format)
{
    struct files files = {.file = {NULL, 0}};
    struct xb_error err = {""};
    int status = XB_EXIT_OK;

    if (find_files(a->files, &files, &err) < 0) {
        status = XB_EXIT_USAGE;
    } else if (!format) {
        status = draw(a, &files, &err);
    } else if (check_request(a, format, files.file.n, &err) < 0) {
        release_files(&files);
        return xb_command_refuse(&xb_command_report, err.text);
    } else if (show(a, format, &files, &err) < 0) {
        status = XB_EXIT_USAGE;
    }
    if (status != XB_EXIT_OK)
        xb_log_error("%s", err.text);
    release_files(&files);
    return status;
}

static int report(const struct args *a)
{
    const char *form = a->format ? a->format : a->anonymize ? "json" : "table";
    struct xb_error err = {""};

    if (xb_is_picture_form(form)) {
        const char *wrong = refuse_charts(a);
        return wrong ? xb_command_refuse(&xb_command_report, wrong) : report_in(a, NULL);
    }
    const struct xb_format *format = find_format(form, &err);
    return format ? report_in(a, format) : xb_command_refuse(&xb_command_report, err.text);
}

static int report_main(int argc, char **argv)
{
    struct args a = {.format = NULL};
    int status;

    if (!xb_command_parse(&xb_command_report, argc, argv, &a, &status))
        return status;
    if (a.no_colour)
        xb_screen_no_colour();
    return report(&a);
}

const struct xb_command xb_command_report = {
    .name = "report",
    .summary = "show reports as a page, pictures, tables or CSV, or make them anonymous",
    .operand = "FILE",
    .operand_help = "a report, a folder of them, or a campaign's folder",
    .least = 1,
    .most = INT_MAX,
    .operand_offset = offsetof(struct args, files),
    .args = report_args,
    .operand_wants = XB_WANTS_FILE,
    .ends = "0 it is done\n1 charts: there is nothing to draw them with, or nothing to draw\n2 "
            "wrong usage, or a file that cannot be read or written",
    .main = report_main,
};
