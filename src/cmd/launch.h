/* SPDX-License-Identifier: BSD-3-Clause */
/* launch.h - the way into and out of commands that start MPI, and what commands about a
 * scenario take alike. */
#ifndef XB_CMD_LAUNCH_H
#define XB_CMD_LAUNCH_H

#include "base/log.h"
#include "cmd/cmd.h"
#include "engine/measure/session_open.h"
#include "model/scenario/scenario_words.h"

/* What the command line says of the scenario and of how to go about it. */
struct xb_launch {
    const char *scenario; /* file or name; NULL or the default before a command line is read */
    struct xb_sets sets;  /* of --set and --device */
    struct xb_sets words[XB_WORDS]; /* in place of a scenario, of commands that take them */
    int print_scenario;             /* not 0: show the scenario as a file, and nothing else */
    enum xb_log_level level;
    int no_colour;
    char **argv; /* as given: getopt puts it in another order. NULL-terminated */
};

/* The rows of those options, whose struct xb_launch is a member of the command's own struct. */
#define XB_SCENARIO_ARGS(args_t, member)                                                       \
    {.group = "Scenario",                                                                      \
     .name = "device",                                                                         \
     .type = XB_ARG_SET,                                                                       \
     .key = "device",                                                                          \
     .argument = "auto|cuda|cpu",                                                              \
     .help = "device to measure (default: the scenario's)",                                    \
     .offset = offsetof(args_t, member.sets)},                                                 \
    {                                                                                          \
        .name = "set", .type = XB_ARG_SET, .argument = "KEY=VALUE",                            \
        .help = "override a key of the scenario, e.g.\n"                                       \
                "--set 'cases[*].sizes=[\"1MiB\"]'; may be repeated",                          \
        .offset = offsetof(args_t, member.sets)                                                \
    }
/* Of commands that take a scenario in words too: a row for each. */
#define XB_WORD_ARG(args_t, member, word, text, called, says)                                  \
    XB_WORD_ARG_OF(args_t, member, word, NULL, XB_WANTS_TEXT, text, called, says)
#define XB_WORD_ARG_OF(args_t, member, word, heading, names, text, called, says)               \
    {                                                                                          \
        .group = (heading), .name = (text), .type = XB_ARG_SET, .argument = (called),          \
        .help = (says), .offset = offsetof(args_t, member.words[word]), .wants = (names)       \
    }
#define XB_WORD_ARGS(args_t, member)                                                           \
    XB_WORD_ARG_OF(                                                                            \
        args_t, member, XB_WORD_METHOD, "Cases in place of a scenario", XB_WANTS_METHODS,      \
        "method", "NAMES",                                                                     \
        "cases of these methods, without a scenario: with --path\nand --size; these "          \
        "and the next may be repeated, and hold\nseveral values, with commas"),                \
        XB_WORD_ARG(args_t, member, XB_WORD_PATH, "path", "PATHS",                             \
                    "'gpu->gpu@node,host->gpu': on these paths"),                              \
        XB_WORD_ARG(args_t, member, XB_WORD_SIZE, "size", "SIZES",                             \
                    "4KiB,1MiB, or 1KiB:64MiB:4 (first, last, factor)"),                       \
        XB_WORD_ARG_OF(args_t, member, XB_WORD_PATTERN, NULL, XB_WANTS_PATTERNS, "pattern",    \
                       "NAMES", "stream (the default), pingpong, ...; list has them"),         \
        XB_WORD_ARG(args_t, member, XB_WORD_PAIRS, "pairs", "PAIRS",                           \
                    "classes (the default), each, ..., or 0-3,2-1"),                           \
        XB_WORD_ARG_OF(                                                                        \
            args_t, member, XB_WORD_TRAFFIC, NULL, XB_WANTS_FILE, "traffic", "FILE",           \
            "of the pattern neighbour: a matrix of bytes, or lanes\n0-3:1MiB,2-1:64KiB"),      \
        XB_WORD_ARG(args_t, member, XB_WORD_OPTION, "option", "KEY=VALUES",                    \
                    "engine=ce,sm for every method that has the option;\nfor one of them "     \
                    "METHOD.KEY=VALUES"),                                                      \
        XB_WORD_ARG(args_t, member, XB_WORD_CHUNK, "chunk", "SIZES",                           \
                    "size/4,1MiB, or a range as of --size, for every method\nthat takes "      \
                    "chunks"),                                                                 \
        XB_WORD_ARG(args_t, member, XB_WORD_DEPTH, "depth", "NUMBERS",                         \
                    "1,3 or 1:16:2, for the same"),                                            \
        XB_WORD_ARG(args_t, member, XB_WORD_WINDOW, "window", "NUMBERS",                       \
                    "transfers that are posted before any is waited for"),                     \
        XB_WORD_ARG(args_t, member, XB_WORD_CACHE, "cache", "warm|cold",                       \
                    "where the bytes lie when a transfer starts"),                             \
        XB_WORD_ARG_OF(                                                                        \
            args_t, member, XB_WORD_ALLOCATOR, NULL, XB_WANTS_ALLOCATORS, "allocator",         \
            "NAMES",                                                                           \
            "malloc (the default), pool, vmm, nccl: where the memory of\nGPUs comes from"),    \
        XB_WORD_ARG(args_t, member, XB_WORD_CONTENTION, "contention", "all|pairs",             \
                    "measure lanes that are busy together alone too, or\neach two as well"),   \
        XB_WORD_ARG(args_t, member, XB_WORD_SRC_OFFSET, "src-offset", "SIZES",                 \
                    "first byte that is read"),                                                \
        XB_WORD_ARG(args_t, member, XB_WORD_DST_OFFSET, "dst-offset", "SIZES",                 \
                    "first byte that is written"),                                             \
    {                                                                                          \
        .name = "print-scenario", .type = XB_ARG_VALUE, .value = 1,                            \
        .help = "show the scenario file that the options stand for, and\ndo nothing else",     \
        .offset = offsetof(args_t, member.print_scenario)                                      \
    }

/* The row of an int that is not 0 where files that are there may be replaced. */
#define XB_FORCE_ARG(args_t, member, what)                                                     \
    {                                                                                          \
        .name = "force", .type = XB_ARG_VALUE, .value = 1,                                     \
        .help = "replace " what " that is there", .offset = offsetof(args_t, member)           \
    }

/* Of commands that make passes over the scenario. */
#define XB_PASSES_ARG(args_t, member, says)                                                    \
    {                                                                                          \
        .group = "Measuring", .name = "passes", .type = XB_ARG_SET, .key = "sampling.passes",  \
        .max = XB_PASSES_MAX, .argument = "N", .help = (says),                                 \
        .offset = offsetof(args_t, member.sets)                                                \
    }
#define XB_REPEAT_ARG(args_t, member)                                                          \
    {                                                                                          \
        .name = "repeat-for", .type = XB_ARG_SET, .key = "sampling.repeat_for",                \
        .argument = "TIME",                                                                    \
        .help = "go on with further passes after those of --passes\n"                          \
                "until TIME (90s, 10m, 2h) is over, and say what drifts,\n"                    \
                "steps or leaks meanwhile; at least two passes are made",                      \
        .offset = offsetof(args_t, member.sets)                                                \
    }

#define XB_PROGRESS_ARGS(args_t, member)                                                       \
    {.group = "Progress",                                                                      \
     .name = "quiet",                                                                          \
     .letter = 'q',                                                                            \
     .type = XB_ARG_VALUE,                                                                     \
     .value = XB_LOG_QUIET,                                                                    \
     .help = "only errors and warnings, and that no GPU is used where\nnone is",               \
     .offset = offsetof(args_t, member.level)},                                                \
        {.name = "verbose",                                                                    \
         .letter = 'v',                                                                        \
         .type = XB_ARG_VALUE,                                                                 \
         .value = XB_LOG_VERBOSE,                                                              \
         .help =                                                                               \
             "a line for each case as it is done, and more; in the\ntable what was skipped",   \
         .offset = offsetof(args_t, member.level)},                                            \
        XB_COLOUR_ARG(args_t, member.no_colour)

/* Read the command line into the command's own struct, of which launch is a member: true, or
 * false with the exit status, as xb_command_parse; either way xb_launch_free lets go of what
 * launch holds. */
bool xb_launch_parse(const struct xb_command *command, int argc, char **argv, void *out,
                     struct xb_launch *launch, int *status);
void xb_launch_free(struct xb_launch *launch);

/* What was said of cases in words; borrows from launch. */
struct xb_scenario_words xb_launch_words(const struct xb_launch *launch);

/* Are cases said in words? Fails where a scenario is named beside them. */
int xb_launch_check_words(const struct xb_launch *launch, bool *said, struct xb_error *err);

/* Read the scenario that is said in words, or else the one of this name, with the overrides of
 * the command line; without MPI. The caller releases it. */
int xb_launch_read_scenario(const struct xb_launch *launch, const char *named,
                            struct xb_scenario *out, struct xb_error *err);

/* Print a scenario as the file that says all that it has come to, overrides included. */
int xb_launch_print_scenario(const struct xb_scenario *scenario, struct xb_error *err);

/* xb_session_open, called by all ranks; where they are more than the processors of their node
 * they rest from now on while they wait (rest.h). The caller closes the session. */
int xb_launch_session(const struct xb_session_options *options, struct xb_session *out,
                      struct xb_error *err);

/* Start MPI and the watchdog, see that all ranks were told the same, call body on all of them
 * with the command's own struct, end MPI. Returns what body returned. */
int xb_launch_mpi(enum xb_log_level level, const struct xb_command *command, void *arg,
                  int (*body)(void *arg, int rank));

#endif
