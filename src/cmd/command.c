/* SPDX-License-Identifier: BSD-3-Clause */
/* command.c - command lines, read by the commands' rows. */
#include "config.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/nearest.h"
#include "base/units.h"
#include "base/utf8.h"
#include "cmd/cmd.h"
#include "engine/runtime/process.h"

#define ARGS_MAX  48  /* rows of a command at most */
#define FIRST_ROW 256 /* getopt's value of the first row; below it are letters */
#define DAY_S     86400

/* ---- who speaks ---- */

/* Is this the first of the ranks that were started by the same command line? Open MPI says how
 * many ranks each of them has ("2 1"); elsewhere all ranks are taken to have the same. */
static bool speaks(void)
{
    const char *counts = getenv("OMPI_APP_CTX_NUM_PROCS");
    int rank = xb_process_rank(), first = 0;
    char *end;

    for (long n; counts && first < rank && (n = strtol(counts, &end, 10)) > 0; counts = end)
        first += (int)n;
    return rank == first;
}

int xb_command_refuse(const struct xb_command *command, const char *text)
{
    int rank = xb_process_rank();
    char who[32] = "";

    if (rank > 0)
        snprintf(who, sizeof who, "rank %d: ", rank);
    char *printable = xb_utf8_printable(text);
    if (speaks())
        fprintf(stderr, "xferbench %s: %s%s\n'xferbench %s --help' says more.\n", command->name,
                who, printable ? printable : text, command->name);
    else
        sleep(
            1); /* launchers end all ranks when the first one fails: let that one have spoken */
    free(printable);
    return XB_EXIT_USAGE;
}

/* ---- values ---- */

static int take_count(const struct xb_arg *arg, const char *text, void *member,
                      struct xb_error *err)
{
    char *end;

    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end || errno || value > arg->max)
        return xb_fail(err, "--%s: got '%s', expected a whole number from 0 to %" PRIu64,
                       arg->name, text, arg->max);
    *(uint64_t *)member = value;
    return 0;
}

static int take_seconds(const struct xb_arg *arg, const char *text, void *member,
                        struct xb_error *err)
{
    char *end;
    int64_t ns;
    double value = strtod(text, &end);

    if (end == text || *end) {
        if (xb_duration_parse(text, &ns, err) < 0)
            return xb_fail_in(err, "--%s", arg->name);
        value = (double)ns * 1e-9;
    }
    if (!(value > 0 && value <= DAY_S))
        return xb_fail(err, "--%s: got '%s', expected more than 0 and at most %d s", arg->name,
                       text, DAY_S);
    *(double *)member = value;
    return 0;
}

static int take_choice(const struct xb_arg *arg, const char *text, void *member,
                       struct xb_error *err)
{
    char allowed[XB_ERROR_LEN], hint[XB_HINT_LEN];

    for (int i = 0; arg->choices[i]; i++)
        if (strcmp(text, arg->choices[i]) == 0) {
            *(int *)member = i;
            return 0;
        }
    return xb_fail(err, "--%s: got '%s'%s, expected %s", arg->name, text,
                   xb_did_you_mean(text, arg->choices, hint),
                   xb_error_list(arg->choices, allowed, sizeof allowed));
}

static int take_set(const struct xb_arg *arg, const char *text, struct xb_sets *sets,
                    struct xb_error *err)
{
    const char *key = arg->key ? arg->key : "", *quote = arg->key && !arg->max ? "\"" : "";
    size_t len = strlen(key) + strlen(text) + 4; /* of =, two quotes and the end */
    char **list = realloc(sets->list, (sets->count + 2) * sizeof *list);

    if (!list)
        return xb_fail(err, "out of memory");
    sets->list = list;
    list[sets->count] = malloc(len);
    if (!list[sets->count])
        return xb_fail(err, "out of memory");
    snprintf(list[sets->count++], len, "%s%s%s%s%s", key, arg->key ? "=" : "", quote, text,
             quote);
    list[sets->count] = NULL;
    return 0;
}

void xb_sets_free(struct xb_sets *sets)
{
    for (size_t i = 0; i < sets->count; i++)
        free(sets->list[i]);
    free(sets->list);
    *sets = (struct xb_sets){0};
}

static int take(const struct xb_arg *arg, const char *text, void *out, struct xb_error *err)
{
    void *member = (char *)out + arg->offset;

    switch (arg->type) {
    case XB_ARG_TEXT:
        *(const char **)member = text;
        break;
    case XB_ARG_COUNT:
        return take_count(arg, text, member, err);
    case XB_ARG_SECONDS:
        return take_seconds(arg, text, member, err);
    case XB_ARG_CHOICE:
        return take_choice(arg, text, member, err);
    case XB_ARG_SET:
        return take_set(arg, text, member, err);
    case XB_ARG_VALUE:
        *(int *)member = arg->value;
        break;
    }
    return 0;
}

/* ---- a command line ---- */

/* What getopt_long takes, made from the rows. */
struct getopt_tables {
    struct option longs[ARGS_MAX + 2];
    char shorts[2 * ARGS_MAX + 3];
};

static void make_tables(const struct xb_command *c, struct getopt_tables *t)
{
    size_t n = 0, s = 0;

    t->shorts[s++] = ':'; /* tell a value that is missing from an unknown option */
    for (const struct xb_arg *a = c->args; a && a->name; a++, n++) {
        assert(n < ARGS_MAX);
        int takes = a->argument ? required_argument : no_argument;
        t->longs[n] = (struct option){a->name, takes, NULL, FIRST_ROW + (int)n};
        if (a->letter)
            t->shorts[s++] = a->letter;
        if (a->letter && a->argument)
            t->shorts[s++] = ':';
    }
    t->longs[n] = (struct option){"help", no_argument, NULL, 'h'};
    t->longs[n + 1] = (struct option){0};
    t->shorts[s++] = 'h';
    t->shorts[s] = '\0';
}

/* The row that getopt_long's value stands for. */
static const struct xb_arg *row_of(const struct xb_command *c, int value)
{
    const struct xb_arg *a = c->args;

    if (value >= FIRST_ROW)
        return a + (value - FIRST_ROW);
    while (a->letter != value)
        a++;
    return a;
}

/* " (did you mean --format?)" of a long option, with a value or without, else "". */
static const char *nearest_option(const struct xb_command *c, const char *option,
                                  char buf[XB_HINT_LEN])
{
    const char *names[ARGS_MAX + 2] = {"help"};
    char given[XB_HINT_LEN];
    size_t n = 1;

    for (const struct xb_arg *a = c->args; a && a->name; a++)
        names[n++] = a->name;
    snprintf(given, sizeof given, "%.*s", (int)strcspn(option + 2, "="), option + 2);
    const char *nearest = xb_nearest(given, names);
    snprintf(buf, XB_HINT_LEN, nearest ? " (did you mean --%s?)" : "", nearest);
    return buf;
}

/* What --help calls the value of the option that getopt_long stopped at. */
static const char *argument_of(const struct xb_command *c, int value)
{
    const char *argument = row_of(c, value)->argument;

    return argument ? argument : "one";
}

/* What getopt_long complained of with ':' or '?'. */
static int fail_option(const struct xb_command *c, int value, char *const *argv,
                       struct xb_error *err)
{
    char shorthand[] = {'-', (char)optopt, '\0'}, hint[XB_HINT_LEN];
    /* a short one may stand among others; long ones have no character */
    const char *option = optopt > 0 && optopt < FIRST_ROW ? shorthand : argv[optind - 1];

    if (value == ':')
        return xb_fail(err, "%s needs a value, expected %s behind it", option,
                       argument_of(c, optopt));
    return xb_fail(err, "unknown option %s%s", option,
                   option == shorthand ? "" : nearest_option(c, option, hint));
}

static int take_operands(const struct xb_command *c, int count, char **operands, void *out,
                         struct xb_error *err)
{
    char word[32] = "";

    for (size_t i = 0; c->operand && c->operand[i] && i < sizeof word - 1; i++)
        word[i] = (char)tolower((unsigned char)c->operand[i]);
    if (count > 0 && !c->operand)
        return xb_fail(err, "found the argument '%s', expected options alone", operands[0]);
    if (count > c->most)
        return xb_fail(err, "found '%s' beside '%s', expected one %s at a time",
                       operands[c->most], operands[0], word);
    if (count < c->least)
        return xb_fail(err, "expected at least one %s", word);
    void *member = (char *)out + c->operand_offset;
    if (c->most > 1)
        *(char ***)member = operands;
    else if (count > 0)
        *(const char **)member = operands[0];
    return 0;
}

bool xb_command_parse(const struct xb_command *command, int argc, char **argv, void *out,
                      int *status)
{
    struct getopt_tables t;
    struct xb_error err = {""};
    int value, rc = 0;
    bool help = false;

    make_tables(command, &t);
    opterr = 0; /* all ranks parse, one of them speaks */
    while (rc == 0 && !help &&
           (value = getopt_long(argc, argv, t.shorts, t.longs, NULL)) != -1) {
        if (value == ':' || value == '?')
            rc = fail_option(command, value, argv, &err);
        else if (value == 'h')
            help = true;
        else
            rc = take(row_of(command, value), optarg, out, &err);
    }
    if (rc == 0 && !help)
        rc = take_operands(command, argc - optind, argv + optind, out, &err);
    if (help && speaks())
        xb_help_print(command, stdout);
    *status = rc < 0 ? xb_command_refuse(command, err.text) : XB_EXIT_OK;
    return rc == 0 && !help;
}
