/* launch.h - the way into and out of commands that start MPI, and what run and tune, which
 * measure scenarios, take alike. */
#ifndef XB_CMD_LAUNCH_H
#define XB_CMD_LAUNCH_H

#include <getopt.h>
#include <stdbool.h>

#include "base/error.h"
#include "base/log.h"
#include "cmd/cmd.h"

/* What the command line says, as xb_launch_parse finds it. */
struct xb_launch {
    const char
        *scenario;       /* file or name; what it is before parsing stays where none is given */
    struct xb_sets sets; /* of --set and --device */
    enum xb_log_level level;
    bool help;
    char **argv; /* as given: getopt puts it in another order. NULL-terminated */
    char device[64];
};

/* val of the options that are taken here; 'q', 'v' and 'h' are quiet, verbose and help. Those
 * of a command itself are 'o' and whatever begins at XB_OPT_OWN. */
enum { XB_OPT_SET = 1000, XB_OPT_DEVICE, XB_OPT_OWN };

/* One of the command's own options, with optarg; arg is the command's. 0 or -1. */
typedef int (*xb_take_option)(int c, void *arg, struct xb_error *err);

/* Parse options (long ones as listed, and -o, -q, -v, -h) and at most one SCENARIO. 0, or -1
 * with what was wrong; either way xb_launch_free lets go of what it holds. */
int xb_launch_parse(struct xb_launch *launch, int argc, char **argv,
                    const struct option *options, xb_take_option take, void *arg,
                    struct xb_error *err);
void xb_launch_free(struct xb_launch *launch);

/* Start MPI, and when the arguments were well on all ranks (rc is 0, or -1 with the reason in
 * err) call body on each of them; end MPI. Returns what body returned, or XB_EXIT_USAGE after
 * rank 0 has said what was wrong. */
int xb_launch_mpi(const char *command, enum xb_log_level level, int rc, struct xb_error *err,
                  int (*body)(void *arg, int rank), void *arg);

#endif
