/* SPDX-License-Identifier: BSD-3-Clause */
/* compare.c - the command: reports in, verdicts out. */
#include "cmd/cmd.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/units.h"
#include "report/compare.h"
#include "report/report_files.h"

#define DIGITS_MAX ((UINT64_C(1) << 53) - 1)

struct args {
    char **paths;
    const char *threshold, *row, *col, *base, *noise;
    struct xb_sets filters, ignores;
    uint64_t seed;
    enum xb_compare_format format;
    int all;
};

static const struct xb_arg options[] = {
    {.group = "Output",
     .name = "format",
     .letter = 'f',
     .type = XB_ARG_CHOICE,
     .argument = "FORM",
     .help = "table, markdown, csv, json or junit",
     .offset = offsetof(struct args, format),
     .choices = xb_compare_formats},
    {.name = "all",
     .letter = 'a',
     .type = XB_ARG_VALUE,
     .help = "show cases that are the same as well",
     .offset = offsetof(struct args, all),
     .value = 1},
    {.group = "What is compared",
     .name = "threshold",
     .letter = 't',
     .type = XB_ARG_TEXT,
     .argument = "SHARE",
     .help = "a change of the time by less is none, \"5%\" or \"0.05\";\nthe default is 5%",
     .offset = offsetof(struct args, threshold)},
    {.name = "filter",
     .letter = 'F',
     .type = XB_ARG_SET,
     .argument = "KEY=PATTERN",
     .help = "only cases or launches that match, with * and ?; may be\n"
             "repeated: of one key any, of several keys all must",
     .offset = offsetof(struct args, filters)},
    {.name = "ignore",
     .letter = 'i',
     .type = XB_ARG_SET,
     .argument = "KEY",
     .help = "match cases that differ in this key; may be repeated",
     .offset = offsetof(struct args, ignores)},
    {.name = "row",
     .letter = 'r',
     .type = XB_ARG_TEXT,
     .argument = "KEY",
     .help = "compare by the values of a key of cases or launches:\n"
             "method, config, variables.UCX_TLS, ...",
     .offset = offsetof(struct args, row)},
    {.name = "col",
     .letter = 'c',
     .type = XB_ARG_TEXT,
     .argument = "KEY",
     .help = "a column for each value of a key of cases: size, ...",
     .offset = offsetof(struct args, col)},
    {.name = "base",
     .letter = 'b',
     .type = XB_ARG_TEXT,
     .argument = "VALUE",
     .help = "the value that others are compared with; else the first",
     .offset = offsetof(struct args, base)},
    {.group = "Intervals",
     .name = "noise",
     .letter = 'n',
     .type = XB_ARG_TEXT,
     .argument = "FILE",
     .help = "how much launches differ on this machine, for where there\n"
             "are too few to tell; campaign makes it",
     .offset = offsetof(struct args, noise),
     .wants = XB_WANTS_FILE},
    {.name = "seed",
     .type = XB_ARG_COUNT,
     .argument = "N",
     .help = "of the draws that intervals come from; the default is 1",
     .offset = offsetof(struct args, seed),
     .max = DIGITS_MAX},
    {0},
};

/* ---- what is asked for ---- */

static int read_ask(const struct args *a, struct xb_compare_ask *ask, struct xb_error *err)
{
    ask->seed = a->seed;
    ask->row = a->row;
    ask->col = a->col;
    ask->base = a->base;
    ask->filters = (const char *const *)a->filters.list;
    ask->ignores = (const char *const *)a->ignores.list;
    if (a->threshold && xb_share_parse(a->threshold, &ask->threshold, err) < 0)
        return xb_fail_in(err, "--threshold");
    return 0;
}

/* "base" and "new" are the sets of the paths on either side of "--". Without it each path is
 * one of its own, and so is each configuration of a campaign. */
static int add_paths(struct xb_launches *launches, char **paths, const char *set,
                     struct xb_error *err)
{
    char name[4096];

    for (char **path = paths; *path; path++) {
        xb_report_path_name(paths, *path, name, sizeof name);
        if (xb_launches_add_path(launches, *path, set, name, err) < 0)
            return -1;
    }
    return 0;
}

/* ---- the command ---- */

static int print(const struct xb_comparison *c, const struct args *a, struct xb_error *err)
{
    if (xb_comparison_print(c, a->format, a->all, stdout) < 0)
        return xb_fail(err, "out of memory for a comparison");
    errno = 0;
    if (fflush(stdout) != 0 || ferror(stdout))
        return xb_fail(err, "cannot write to standard output%s%s", errno ? ": " : "",
                       errno ? strerror(errno) : "");
    return 0;
}

/* Returns the exit status. */
static int compare(const struct args *a, char **base, char **new)
{
    struct xb_launches *launches = xb_launches_new();
    struct xb_compare_ask ask = XB_COMPARE_ASK;
    struct xb_comparison *c = NULL;
    struct xb_noise noise = {.cases = {NULL, 0, 0}};
    struct xb_error err = {""};

    int rc = launches ? read_ask(a, &ask, &err) : xb_fail(&err, "out of memory");
    if (rc == 0 && a->noise) {
        rc = xb_noise_load(a->noise, &noise, &err);
        ask.noise = &noise;
    }
    if (rc == 0)
        rc = add_paths(launches, base, new ? "base" : NULL, &err);
    if (rc == 0 && new)
        rc = add_paths(launches, new, "new", &err);
    if (rc == 0)
        rc = xb_launches_expect_once(launches, &err);
    if (rc == 0 && !(c = xb_compare(launches, &ask, &err)))
        rc = -1;
    xb_launches_free(launches);
    int status = rc == 0 && (rc = print(c, a, &err)) == 0 ? xb_comparison_exit(c) : 0;
    if (rc < 0)
        xb_log_error("%s", err.text);
    xb_comparison_free(c);
    xb_noise_release(&noise);
    return rc < 0 ? XB_EXIT_USAGE : status;
}

/* The arguments from one on up to another, behind the command's name; lists of operands end
 * with NULL. The caller frees it; NULL when out of memory. */
static char **command_line(char **argv, int from, int to)
{
    char **line = calloc((size_t)(to - from) + 2, sizeof(*line));

    if (!line)
        return NULL;
    line[0] = argv[0];
    memcpy(line + 1, argv + from, (size_t)(to - from) * sizeof(*line));
    return line;
}

/* What stands behind "--" is the new side; options may stand on both sides of it. */
static int compare_main(int argc, char **argv)
{
    struct args a = {.seed = 1};
    char **base = NULL;
    int status = XB_EXIT_USAGE, at = 1;

    while (at < argc && strcmp(argv[at], "--") != 0)
        at++;
    int behind = at < argc ? at + 1 : argc;
    char **before = command_line(argv, 1, at), **after = command_line(argv, behind, argc);
    bool good =
        before && after && xb_command_parse(&xb_command_compare, at, before, &a, &status);
    if (good && at < argc) {
        base = a.paths;
        optind = 0; /* begin anew */
        good = xb_command_parse(&xb_command_compare, argc - behind + 1, after, &a, &status);
    }
    if (good)
        status = compare(&a, base ? base : a.paths, base ? a.paths : NULL);
    xb_sets_free(&a.filters);
    xb_sets_free(&a.ignores);
    free(before);
    free(after);
    return status;
}

const struct xb_command xb_command_compare = {
    .name = "compare",
    .summary = "say what is faster or slower: BASE... -- NEW..., or a campaign's folder",
    .operand = "REPORT",
    .operand_help = "a report of a launch, a folder of them, or a campaign's folder;\n"
                    "those after \"--\" are compared with those before it",
    .least = 1,
    .most = INT_MAX,
    .operand_offset = offsetof(struct args, paths),
    .args = options,
    .operand_wants = XB_WANTS_FILE,
    .ends = "0 nothing is slower\n"
            "1 a case, lane or mean is slower\n"
            "2 wrong usage, or a file that cannot be read\n"
            "3 nothing could be compared, or cases of the base are missing\n"
            "4 a report holds corrupt cases",
    .main = compare_main,
};
