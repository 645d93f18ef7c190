/* SPDX-License-Identifier: BSD-3-Clause */
/* outputs.c - names for what a run writes, and whether they will do. */
#include "cmd/run/outputs.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/output.h"
#include "cmd/run/run_check.h"
#include "report/formats/trace.h"

/* Add to a stem a word of it, cut at so many letters; what may not stand in a file's name, or
 * needs quotes in a shell, is an underscore. */
static void add_word(char *stem, const char *word, size_t most)
{
    size_t at = strlen(stem);

    if (!word || !word[0])
        return;
    if (at > 0)
        stem[at++] = '-';
    for (; *word && most > 0 && at + 1 < XB_STEM_LEN; word++, most--)
        stem[at++] = isalnum((unsigned char)*word) || strchr("._+", *word) ? *word : '_';
    stem[at] = '\0';
}

static void add_job(char *stem)
{
    const char *array = getenv("SLURM_ARRAY_JOB_ID"), *job = getenv("SLURM_JOB_ID");

    if (array) {
        add_word(stem, array, 20);
        add_word(stem, getenv("SLURM_ARRAY_TASK_ID"), 20);
    } else {
        add_word(stem, job ? job : getenv("PBS_JOBID"), 40);
    }
}

void xb_run_stem(const char *scenario, char stem[XB_STEM_LEN])
{
    char host[256] = "", when[32], pid[24];
    time_t now = time(NULL);
    struct tm tm;

    gethostname(host, sizeof host - 1);
    host[strcspn(host, ".")] = '\0';
    gmtime_r(&now, &tm);
    strftime(when, sizeof when, "%Y%m%dT%H%M%SZ", &tm);
    snprintf(pid, sizeof pid, "%ld", (long)getpid());
    stem[0] = '\0';
    add_word(stem, "xferbench", 10);
    add_word(stem, scenario, 60);
    add_word(stem, when, sizeof when);
    add_job(stem);
    add_word(stem, host, 40);
    add_word(stem, pid, sizeof pid);
}

int xb_run_outputs_check(struct xb_run_options *options, const struct xb_run_inputs *inputs,
                         char path[4096], struct xb_error *err)
{
    char journal[4096], begun[4096], again[4096 + 16] = "", hint[2 * 4096];
    bool is_file = options->output && xb_output_kind(options->output) == XB_OUTPUT_FILE;

    if (is_file) { /* what a link leads to, and its journal beside it */
        char *target = xb_output_follow(options->output);
        if (!target)
            return xb_fail(err, "out of memory");
        if (strlen(target) + sizeof ".journal.new" <= sizeof journal) {
            snprintf(path, 4096, "%s", target);
            options->output = path;
        }
        free(target);
    }
    const char *const file = is_file ? options->output : NULL;
    snprintf(journal, sizeof journal, "%.4080s.journal", file ? file : "");
    snprintf(begun, sizeof begun, "%.4080s.journal.new", file ? file : "");
    if (file && options->check)
        xb_run_check_name(file, again, sizeof again);
    snprintf(hint, sizeof hint, "'run --resume %.4000s -o %.4000s' goes on with it",
             options->output ? options->output : "", options->output ? options->output : "");
    const struct xb_input in[] = {{"scenario", inputs->scenario, false},
                                  {"policy", inputs->policy, false},
                                  {"report or journal to resume", options->resume, true}};
    const struct xb_output out[] = {
        {.what = "report", .file = options->output, .hint = hint, .goes_on = true},
        {.what = "journal", .file = file ? journal : NULL, .beside = true, .goes_on = true},
        {.what = "journal", .file = file ? begun : NULL, .beside = true},
        {.what = "report of what is measured again", .file = again[0] ? again : NULL},
        {.what = "trace", .file = options->trace, .begins = XB_TRACE_BEGINS},
    };
    options->replace_trace = options->trace && access(options->trace, F_OK) == 0;
    options->replace = file && access(file, F_OK) == 0;
    return xb_outputs_check(out, sizeof out / sizeof out[0], in, sizeof in / sizeof in[0],
                            options->force, err);
}

FILE *xb_run_people(const char *output)
{
    return xb_output_kind(output) == XB_OUTPUT_STDOUT ? stderr : stdout;
}
