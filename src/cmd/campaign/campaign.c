/* SPDX-License-Identifier: BSD-3-Clause */
/* campaign.c - start configurations in turn, and compare them. */
#include "config.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/output.h"
#include "cmd/campaign/asked.h"
#include "cmd/campaign/command.h"
#include "cmd/campaign/conclude.h"
#include "cmd/campaign/go.h"
#include "cmd/cmd.h"
#include "cmd/launch.h"
#include "cmd/run/outputs.h"
#include "lab/experiment.h"
#include "model/campaign/launch_order.h"

#define EXIT_INTERRUPTED 5
#define SAID_SCENARIO    "command-line" /* what one is called whose cases are said in options */

struct args {
    struct xb_campaign_words words;
    struct xb_sets configs, ignores, filters;
    const char *output, *resume;
    enum xb_compare_format format;
    int dry_run;
    struct xb_launch launch; /* scenario and level of this command line */
};

static const struct xb_arg campaign_args[] = {
    {.group = "Launches",
     .name = "config",
     .type = XB_ARG_SET,
     .argument = "NAME=LAUNCHER",
     .help = "a configuration, e.g. --config ucx='mpirun -n 2';\nVARIABLE=VALUE may stand "
             "before the launcher, arguments for\n'run' after it and --; quotes work as in a "
             "shell, and nothing\nis expanded; may be repeated, the first is the base",
     .offset = offsetof(struct args, configs)},
    {.name = "configs",
     .type = XB_ARG_TEXT,
     .argument = "FILE",
     .help = "configurations, and what is not said here, from a JSON\nfile",
     .offset = offsetof(struct args, words.file),
     .wants = XB_WANTS_FILE},
    {.name = "launches",
     .type = XB_ARG_COUNT,
     .max = XB_LAUNCHES_MAX,
     .argument = "N",
     .help = "of each configuration (default 8)",
     .offset = offsetof(struct args, words.launches)},
    {.name = "until",
     .type = XB_ARG_TEXT,
     .argument = "SHARE",
     .help = "in place of --launches: until each case has its verdict\nor is known to within "
             "SHARE, as 2%, to either side",
     .offset = offsetof(struct args, words.until)},
    {.name = "max-launches",
     .type = XB_ARG_COUNT,
     .max = XB_LAUNCHES_MAX,
     .argument = "N",
     .help = "of each configuration, the limit of --until (default 32)",
     .offset = offsetof(struct args, words.max_launches)},
    {.name = "launch-timeout",
     .type = XB_ARG_SECONDS,
     .argument = "S",
     .help =
         "end a launch that takes longer (default: 10 times the\nlongest before it, 10 min at "
         "least, 2 h before there is one)",
     .offset = offsetof(struct args, words.launch_timeout_s)},
    {.name = "seed",
     .type = XB_ARG_COUNT,
     .max = XB_SEED_MAX,
     .argument = "N",
     .help = "seed of the order of launches, and of the comparison\n(default 1)",
     .offset = offsetof(struct args, words.seed)},
    {.name = "dry-run",
     .type = XB_ARG_VALUE,
     .value = 1,
     .help = "show the launches in their order and start none",
     .offset = offsetof(struct args, dry_run)},
    {.group = "Comparison",
     .name = "threshold",
     .type = XB_ARG_TEXT,
     .argument = "SHARE",
     .help = "a change of less than this is none (default 5%)",
     .offset = offsetof(struct args, words.threshold)},
    {.name = "filter",
     .type = XB_ARG_SET,
     .argument = "KEY=PATTERN",
     .help = "compare only cases whose KEY is like this; may be\nrepeated",
     .offset = offsetof(struct args, filters)},
    {.name = "ignore",
     .type = XB_ARG_SET,
     .argument = "KEY",
     .help =
         "compare cases that differ in KEY, as where configurations\ngive another option to "
         "a method; may be repeated",
     .offset = offsetof(struct args, ignores)},
    {.name = "format",
     .type = XB_ARG_CHOICE,
     .choices = xb_compare_formats,
     .argument = "FORMAT",
     .help = "of the comparison: table, markdown, csv, json or junit",
     .offset = offsetof(struct args, format)},
    {.group = "Folder",
     .name = "output",
     .letter = 'o',
     .type = XB_ARG_TEXT,
     .argument = "FOLDER",
     .help = "for campaign.json and a report and log of each launch;\nnew or empty (default: "
             "xferbench-campaign-NAME-TIME-HOST-PID)",
     .offset = offsetof(struct args, output),
     .wants = XB_WANTS_FOLDER},
    {.name = "resume",
     .type = XB_ARG_TEXT,
     .argument = "FOLDER",
     .help = "go on with the campaign that is there; with a larger\n--launches beyond its end",
     .offset = offsetof(struct args, resume),
     .wants = XB_WANTS_FOLDER},
    XB_WORD_ARGS(struct args, launch),
    XB_PROGRESS_ARGS(struct args, launch),
    {0},
};

/* ---- a new one ---- */

/* Read the scenario, and see that it can be planned. Its file, or what would be one, is *text,
 * which the caller frees. */
static int read_scenario(const struct xb_launch *launch, const char *named, char **text,
                         struct xb_error *err)
{
    struct xb_scenario scenario;
    struct xb_plan plan;

    if (xb_launch_read_scenario(launch, named, &scenario, err) < 0)
        return -1;
    int rc = xb_plan_expand(&scenario, &plan, err);
    if (rc == 0) {
        xb_plan_release(&plan);
        const char *file = scenario.doc.text;
        *text = file ? strdup(file) : xb_json_print(scenario.doc.root, true);
        rc = *text ? 0 : xb_fail(err, "out of memory for a campaign");
    }
    xb_scenario_release(&scenario);
    return rc;
}

/* The name of a folder that no other campaign has: as runs name their reports. */
static void name_folder(const struct xb_campaign *c, char *name, size_t len)
{
    char what[128], stem[XB_STEM_LEN];
    const char *slash = strrchr(c->scenario, '/'), *base = slash ? slash + 1 : c->scenario;

    snprintf(what, sizeof what, "%.*s", (int)strcspn(base, "."), base);
    xb_run_stem(what, stem);
    snprintf(name, len, "xferbench-campaign%s", stem + strlen("xferbench"));
}

/* The folder with the scenario's copy and campaign.json in it. */
static int make_folder(const char *name, const struct xb_campaign *c, const char *scenario,
                       struct xb_folder *folder, struct xb_error *err)
{
    if (xb_folder_make(name, folder, err) < 0)
        return -1;
    char *copy = xb_folder_file(folder, c->scenario_file);
    char *file = xb_folder_file(folder, XB_CAMPAIGN_FILE);
    int rc = copy && file ? xb_output_write(copy, scenario, false, err)
                          : xb_fail(err, "out of memory for a campaign");

    if (rc == 0 && (rc = xb_campaign_save(c, file, err)) < 0)
        unlink(copy); /* so that the folder can be tried again */
    free(copy);
    free(file);
    if (rc < 0)
        xb_folder_close(folder);
    return rc;
}

static int show_launches(const struct xb_campaign *c, const char *name, struct xb_error *err)
{
    struct xb_folder folder = {.path = xb_folder_path(name, err), .lock = -1};
    int rc = folder.path ? 0 : -1;

    for (size_t i = 0; rc == 0 && i < xb_campaign_most(c); i++) {
        struct xb_campaign_launch launch;
        rc = xb_campaign_launch_make(c, &folder, i, &launch, err);
        if (rc < 0)
            break;
        printf("%s-%02d: ", launch.config, (int)launch.number);
        xb_campaign_launch_print(&launch, stdout);
        printf("\n");
        xb_campaign_launch_release(&launch);
    }
    free(folder.path);
    return rc;
}

/* What is asked for, checked, and its folder; where nothing is to be started there is none, and
 * its path is NULL. */
static int begin(struct args *a, struct xb_campaign *c, struct xb_folder *folder,
                 struct xb_error *err)
{
    const char *output = a->output;
    char name[XB_STEM_LEN + 16], *scenario = NULL;
    bool said;

    if (xb_launch_check_words(&a->launch, &said, err) < 0)
        return -1;
    a->words.scenario = said ? SAID_SCENARIO : a->launch.scenario;
    if (xb_campaign_begin(c, err) < 0 || xb_campaign_ask(&a->words, c, err) < 0 ||
        xb_campaign_check(c, err) < 0 || xb_campaign_check_launchers(c, err) < 0)
        return -1;
    if (xb_text_dup(XB_SCENARIO_COPY, &c->scenario_file) < 0)
        return xb_fail(err, "out of memory for a campaign");
    if (read_scenario(&a->launch, c->scenario, &scenario, err) < 0)
        return -1;
    if (!output) {
        name_folder(c, name, sizeof name);
        output = name;
    }
    int rc = 0;
    if (a->launch.print_scenario)
        printf("%s\n", scenario);
    else if (a->dry_run)
        rc = show_launches(c, output, err);
    else
        rc = make_folder(output, c, scenario, folder, err);
    free(scenario);
    return rc;
}

/* ---- one that goes on ---- */

/* Do the launches follow the order of the seed, so that the next one can be told? */
static int check_order(const struct xb_campaign *c, const char *file, struct xb_error *err)
{
    if (c->configs.n > XB_CONFIGS_MAX || c->launches_asked < 1 ||
        c->launches_asked > XB_LAUNCHES_MAX)
        return xb_fail(err,
                       "%s: found %zu configurations and %lld launches of each, expected at "
                       "most %d and from 1 to %d",
                       file, c->configs.n, (long long)c->launches_asked, XB_CONFIGS_MAX,
                       XB_LAUNCHES_MAX);
    for (size_t i = 0; i < c->launches.n; i++) {
        const struct xb_campaign_launch *l = xb_campaign_launch(c, i);
        size_t k = xb_launch_config(c->configs.n, c->seed, i);
        if (strcmp(l->config, xb_campaign_config(c, k)->name) != 0 ||
            l->number != (int64_t)(i / c->configs.n) + 1)
            return xb_fail(err,
                           "%s: launches[%zu]: found %s-%02d, expected %s-%02zu by the seed",
                           file, i, l->config, (int)l->number, xb_campaign_config(c, k)->name,
                           i / c->configs.n + 1);
    }
    return 0;
}

static int take_more(const struct args *a, struct xb_campaign *c, struct xb_error *err)
{
    const struct xb_campaign_words *w = &a->words;

    if (w->launches != XB_NOT_GIVEN && !isnan(c->until))
        return xb_fail(err, "--launches: the campaign goes on until all is decided, and the "
                            "level of its looks depends on its limit: expected no --launches");
    if (w->launches != XB_NOT_GIVEN && (int64_t)w->launches < c->launches_asked)
        return xb_fail(err, "--launches: got %llu, expected the campaign's %lld or more",
                       (unsigned long long)w->launches, (long long)c->launches_asked);
    if (w->launches != XB_NOT_GIVEN)
        c->launches_asked = (int64_t)w->launches;
    if (w->launch_timeout_s > 0)
        c->launch_timeout_s = w->launch_timeout_s;
    return 0;
}

/* Read it, as it was left, and go to where it was begun. */
static int resume(const struct args *a, struct xb_campaign *c, struct xb_folder *folder,
                  struct xb_error *err)
{
    char *file;
    int rc;

    if (xb_folder_open(a->resume, folder, err) < 0)
        return -1;
    file = xb_folder_file(folder, XB_CAMPAIGN_FILE);
    rc = file ? xb_campaign_load(file, c, err) : xb_fail(err, "out of memory for a campaign");
    if (rc == 0)
        rc = check_order(c, file, err);
    if (rc == 0 && chdir(c->folder) != 0)
        rc = xb_fail(err, "%s: the campaign was begun there: cannot go there", c->folder);
    if (rc == 0)
        rc = take_more(a, c, err);
    if (rc == 0)
        rc = xb_campaign_check(c, err);
    if (rc == 0)
        rc = xb_campaign_check_launchers(c, err);
    if (rc == 0 &&
        (strcmp(c->version, PACKAGE_VERSION) != 0 || strcmp(c->git ? c->git : "", XB_GIT) != 0))
        xb_log_warn("the campaign was begun by xferbench %s %s, and this is %s %s", c->version,
                    c->git ? c->git : "", PACKAGE_VERSION, XB_GIT);
    if (rc == 0 && c->launches.n > 0 &&
        xb_campaign_launch(c, c->launches.n - 1)->status == XB_LAUNCH_INTERRUPTED)
        xb_campaign_drop_launch(c);
    free(file);
    if (rc < 0)
        xb_folder_close(folder);
    return rc;
}

/* ---- the command ---- */

static int go(struct xb_campaign *c, const struct xb_folder *folder,
              enum xb_compare_format format)
{
    struct xb_child_guard guard;
    struct xb_error err = {""};
    int rc = xb_child_guard_begin(&guard, &err);

    if (rc == 0) {
        rc = xb_campaign_go(c, folder, &guard, &err);
        xb_child_guard_end(&guard);
    }
    if (rc < 0) {
        xb_log_error("%s", err.text);
        return XB_EXIT_USAGE;
    }
    if (rc == 0)
        return xb_campaign_conclude(c, folder, format);
    xb_log_error("ended by signal %d (%s): go on with --resume %s", rc, strsignal(rc),
                 folder->path);
    return EXIT_INTERRUPTED;
}

/* What does not go with --resume: all that stands in campaign.json. */
static bool asks_anew(const struct args *a)
{
    const struct xb_campaign_words *w = &a->words;
    struct xb_scenario_words cases = xb_launch_words(&a->launch);
    bool said = xb_words_first(&cases) < XB_WORDS;

    return a->launch.scenario || said || w->file || w->until || w->threshold || w->configs ||
           w->run || w->ignores || w->filters || a->output || w->max_launches != XB_NOT_GIVEN ||
           w->seed != XB_NOT_GIVEN || a->dry_run;
}

/* Begin or go on as the command line says. Returns the exit status. */
static int start(struct args *a)
{
    struct xb_campaign campaign;
    struct xb_folder folder = {.lock = -1};
    struct xb_error err = {""};
    int status = XB_EXIT_OK;

    xb_campaign_clear(&campaign);
    if (getenv("OMPI_COMM_WORLD_SIZE"))
        status = xb_command_refuse(&xb_command_campaign,
                                   "is started without mpirun: it starts the launches itself");
    else if (a->resume && asks_anew(a))
        status = xb_command_refuse(&xb_command_campaign,
                                   "--resume takes all but --launches, --launch-timeout and "
                                   "--format from its folder");
    else if ((a->resume ? resume(a, &campaign, &folder, &err)
                        : begin(a, &campaign, &folder, &err)) < 0)
        status = xb_command_refuse(&xb_command_campaign, err.text);
    else if (folder.path)
        status = go(&campaign, &folder, a->format);
    xb_folder_close(&folder);
    xb_campaign_release(&campaign);
    return status;
}

static int campaign_main(int argc, char **argv)
{
    struct args a = {.words = {.launches = XB_NOT_GIVEN,
                               .max_launches = XB_NOT_GIVEN,
                               .seed = XB_NOT_GIVEN}};
    int status, own = 1;

    while (own < argc && strcmp(argv[own], "--") != 0)
        own++;
    if (xb_launch_parse(&xb_command_campaign, own, argv, &a, &a.launch, &status)) {
        a.words.configs = a.configs.list;
        a.words.ignores = a.ignores.list;
        a.words.filters = a.filters.list;
        a.words.run = own + 1 < argc ? argv + own + 1 : NULL;
        xb_log_setup(a.launch.level, 1);
        status = start(&a);
    }
    xb_sets_free(&a.configs);
    xb_sets_free(&a.ignores);
    xb_sets_free(&a.filters);
    xb_launch_free(&a.launch);
    return status;
}

const struct xb_command xb_command_campaign = {
    .name = "campaign",
    .summary = "start configurations in turn, several times, and compare them",
    .operand = "SCENARIO",
    .operand_help = "a file or a name (default quick); what stands after -- are\narguments for "
                    "'run' of all launches",
    .most = 1,
    .operand_offset = offsetof(struct args, launch.scenario),
    .args = campaign_args,
    .operand_wants = XB_WANTS_SCENARIO,
    .ends = "0 no case is slower, and all launches are done\n"
            "1 a case is slower\n"
            "2 wrong usage, or a file that cannot be read or written\n"
            "3 nothing could be compared, cases are missing, or launches failed or hung\n"
            "4 a report holds corrupt cases\n"
            "5 interrupted",
    .main = campaign_main,
};
