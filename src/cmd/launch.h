/* launch.h - the way into and out of commands that start MPI, and what commands about a
 * scenario take alike. */
#ifndef XB_CMD_LAUNCH_H
#define XB_CMD_LAUNCH_H

#include "base/log.h"
#include "cmd/cmd.h"

/* What the command line says of the scenario and of how to go about it. */
struct xb_launch {
    const char *scenario; /* file or name; the default before a command line is read */
    struct xb_sets sets;  /* of --set and --device */
    enum xb_log_level level;
    char **argv; /* as given: getopt puts it in another order. NULL-terminated */
};

/* The rows of those options, whose struct xb_launch is a member of the command's own struct. */
#define XB_SCENARIO_ARGS(args_t, member)                                                       \
    {.name = "device",                                                                         \
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
/* The row of an int that is not 0 where files that are there may be replaced. */
#define XB_FORCE_ARG(args_t, member, what)                                                     \
    {                                                                                          \
        .name = "force", .type = XB_ARG_VALUE, .value = 1,                                     \
        .help = "replace " what " that is there", .offset = offsetof(args_t, member)           \
    }

/* Of commands that make passes over the scenario. */
#define XB_REPEAT_ARG(args_t, member)                                                          \
    {                                                                                          \
        .name = "repeat-for", .type = XB_ARG_SET, .key = "sampling.repeat_for",                \
        .argument = "TIME",                                                                    \
        .help = "go on with further passes behind those of --passes\n"                         \
                "until TIME (90s, 10m, 2h) is over, and say what drifts,\n"                    \
                "steps or leaks meanwhile; at least two passes are made",                      \
        .offset = offsetof(args_t, member.sets)                                                \
    }

#define XB_PROGRESS_ARGS(args_t, member)                                                       \
    {.name = "quiet",                                                                          \
     .letter = 'q',                                                                            \
     .type = XB_ARG_VALUE,                                                                     \
     .value = XB_LOG_QUIET,                                                                    \
     .help = "no progress",                                                                    \
     .offset = offsetof(args_t, member.level)},                                                \
    {                                                                                          \
        .name = "verbose", .letter = 'v', .type = XB_ARG_VALUE, .value = XB_LOG_VERBOSE,       \
        .help = "more of it", .offset = offsetof(args_t, member.level)                         \
    }

/* Read the command line into the command's own struct, of which launch is a member: true, or
 * false with the exit status, as xb_command_parse; either way xb_launch_free lets go of what
 * launch holds. */
bool xb_launch_parse(const struct xb_command *command, int argc, char **argv, void *out,
                     struct xb_launch *launch, int *status);
void xb_launch_free(struct xb_launch *launch);

/* Start MPI and the watchdog, see that all ranks were told the same, call body on all of them
 * with the command's own struct, end MPI. Returns what body returned. */
int xb_launch_mpi(enum xb_log_level level, const struct xb_command *command, void *arg,
                  int (*body)(void *arg, int rank));

#endif
