/* SPDX-License-Identifier: BSD-3-Clause */
/* launch.c - the way into and out of commands that start MPI. */
#include "cmd/launch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mpi.h>

#include "base/screen.h"
#include "cmd/rest.h"
#include "cmd/told.h"
#include "engine/runtime/process.h"
#include "engine/runtime/watchdog.h"
#include "lab/experiment.h"

bool xb_launch_parse(const struct xb_command *command, int argc, char **argv, void *out,
                     struct xb_launch *launch, int *status)
{
    launch->level = XB_LOG_NORMAL;
    launch->argv = calloc((size_t)argc + 1, sizeof *launch->argv);
    if (!launch->argv) {
        *status = xb_command_refuse(command, "out of memory");
        return false;
    }
    memcpy(launch->argv, argv, (size_t)argc * sizeof *argv);
    bool good = xb_command_parse(command, argc, argv, out, status);
    if (launch->no_colour)
        xb_screen_no_colour();
    return good;
}

struct xb_scenario_words xb_launch_words(const struct xb_launch *launch)
{
    struct xb_scenario_words words;

    for (int w = 0; w < XB_WORDS; w++)
        words.said[w] = (const char *const *)launch->words[w].list;
    return words;
}

int xb_launch_check_words(const struct xb_launch *launch, bool *said, struct xb_error *err)
{
    struct xb_scenario_words words = xb_launch_words(launch);
    enum xb_word first = xb_words_first(&words);

    *said = first < XB_WORDS;
    if (*said && launch->scenario)
        return xb_fail(err,
                       "%s and the scenario %s do not go together: options say which cases "
                       "there are, or a scenario does, whose keys --set overrides",
                       xb_word_option(first), launch->scenario);
    return 0;
}

int xb_launch_read_scenario(const struct xb_launch *launch, const char *named,
                            struct xb_scenario *out, struct xb_error *err)
{
    const char *const *sets = (const char *const *)launch->sets.list;
    struct xb_scenario_words words = xb_launch_words(launch);
    char file[4096];

    if (xb_words_first(&words) < XB_WORDS) {
        struct xb_json doc;
        if (xb_words_document(&words, xb_lab_catalog(), &doc, err) < 0)
            return -1;
        return xb_scenario_read(&doc, sets, xb_lab_catalog(), out, err);
    }
    if (xb_scenario_find(named, file, sizeof file, err) < 0)
        return -1;
    return xb_scenario_load(file, sets, xb_lab_catalog(), out, err);
}

int xb_launch_print_scenario(const struct xb_scenario *scenario, struct xb_error *err)
{
    char *text = xb_json_print(scenario->doc.root, true);

    if (!text)
        return xb_fail(err, "out of memory");
    printf("%s\n", text);
    free(text);
    return 0;
}

void xb_launch_free(struct xb_launch *launch)
{
    xb_sets_free(&launch->sets);
    for (int w = 0; w < XB_WORDS; w++)
        xb_sets_free(&launch->words[w]);
    free(launch->argv);
    launch->argv = NULL;
}

/* So many ranks of this node for its processors. Of those that are just as many each may have
 * one for itself, whatever Open MPI was told, and resting would be a part of what is timed. */
static bool are_too_many(int nlocal)
{
    const char *told = getenv(XB_REST_VARIABLE);

    return nlocal > sysconf(_SC_NPROCESSORS_ONLN) || (told && strcmp(told, "1") == 0);
}

int xb_launch_session(const struct xb_session_options *options, struct xb_session *out,
                      struct xb_error *err)
{
    int rc = xb_session_open(options, out, err);

    if (rc == 0)
        xb_rest_when_idle(are_too_many(out->nlocal));
    return rc;
}

int xb_launch_mpi(enum xb_log_level level, const struct xb_command *command, void *arg,
                  int (*body)(void *arg, int rank))
{
    struct xb_error err = {""};
    struct xb_told told;
    int rank, provided, status = XB_EXIT_USAGE;

    if (xb_watchdog_start(&err) < 0)
        return xb_command_refuse(command, err.text);
    xb_told_make(command, arg, &told);
    xb_rest_when_idle(are_too_many(xb_process_local_size()));
    xb_watch_step(XB_LIMIT_START, "starting MPI");
    MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    xb_log_setup(level, rank == 0);
    xb_watch_step(XB_LIMIT_START, "comparing what ranks were told");
    if (xb_told_agree(&told, &err) == 0) {
        xb_watch_step(XB_LIMIT_START, "meeting the other ranks");
        xb_watchdog_meet();
        status = body(arg, rank);
    } else if (rank == 0) {
        xb_log_error("%s", err.text);
    }
    xb_watch_step(XB_LIMIT_START, "ending MPI");
    MPI_Finalize();
    xb_watchdog_leave(status);
    return status;
}
