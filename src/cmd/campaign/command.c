/* SPDX-License-Identifier: BSD-3-Clause */
/* command.c - which launch comes when, and the command that it is started by. */
#include "cmd/campaign/command.h"

#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "cmd/cmd.h"
#include "model/campaign/launch_order.h"

size_t xb_campaign_most(const struct xb_campaign *campaign)
{
    return campaign->configs.n * (size_t)campaign->launches_asked;
}

static int add_texts(struct xb_texts *to, const struct xb_texts *from)
{
    for (size_t i = 0; i < from->n; i++)
        if (xb_texts_add(to, from->value[i]) < 0)
            return -1;
    return 0;
}

static int copy_environment(const struct xb_named_texts *from, struct xb_named_texts *to)
{
    to->there = true;
    to->item = calloc(from->n + 1, sizeof *to->item);
    for (size_t i = 0; to->item && i < from->n; i++, to->n++) {
        const char *value = from->item[i].value;
        to->item[i].name = strdup(from->item[i].name);
        to->item[i].value = value ? strdup(value) : NULL;
        if (!to->item[i].name || (value && !to->item[i].value))
            return -1;
    }
    return to->item ? 0 : -1;
}

/* Launcher, program, what all launches are told, what this configuration's are; a label among
 * these counts before that of the campaign. */
static int make_command(const struct xb_campaign *c, const struct xb_config *config,
                        const struct xb_folder *folder, const char *program,
                        struct xb_campaign_launch *out)
{
    char *scenario = xb_folder_file(folder, c->scenario_file), *report = NULL;
    int rc = -1;

    if (asprintf(&report, "%s/%s-%02d.json", folder->path, config->name, (int)out->number) < 0)
        report = NULL;
    if (scenario && report && add_texts(&out->argv, &config->launcher) == 0) {
        const char *const own[] = {program, "run",     scenario,    "-o",
                                   report,  "--label", config->name};
        rc = 0;
        for (size_t i = 0; rc == 0 && i < sizeof own / sizeof own[0]; i++)
            rc = xb_texts_add(&out->argv, own[i]);
        if (rc == 0)
            rc = add_texts(&out->argv, &c->run);
        if (rc == 0)
            rc = add_texts(&out->argv, &config->run);
    }
    free(scenario);
    free(report);
    return rc;
}

int xb_campaign_launch_make(const struct xb_campaign *campaign, const struct xb_folder *folder,
                            size_t i, struct xb_campaign_launch *out, struct xb_error *err)
{
    size_t k = xb_launch_config(campaign->configs.n, campaign->seed, i);
    const struct xb_config *config = xb_campaign_config(campaign, k);
    char program[4096];

    xb_campaign_launch_clear(out);
    out->number = (int64_t)(i / campaign->configs.n) + 1;
    if (!xb_program_path(program, sizeof program))
        return xb_fail(err, "cannot tell which program this is: /proc/self/exe cannot be read");
    out->config = strdup(config->name);
    if (asprintf(&out->report, "%s-%02d.json", config->name, (int)out->number) < 0)
        out->report = NULL;
    if (asprintf(&out->log, "%s-%02d.log", config->name, (int)out->number) < 0)
        out->log = NULL;
    if (out->config && out->report && out->log &&
        copy_environment(&config->environment, &out->environment) == 0 &&
        make_command(campaign, config, folder, program, out) == 0)
        return 0;
    xb_campaign_launch_release(out);
    return xb_fail(err, "out of memory for a campaign");
}

/* A variable that is taken away stands there as env -u NAME. */
void xb_campaign_launch_print(const struct xb_campaign_launch *launch, FILE *out)
{
    bool taken = false;

    for (size_t i = 0; i < launch->environment.n; i++)
        taken = taken || !launch->environment.item[i].value;
    if (taken)
        fputs("env", out);
    for (size_t i = 0; taken && i < launch->environment.n; i++)
        if (!launch->environment.item[i].value)
            fprintf(out, " -u %s", launch->environment.item[i].name);
    if (taken)
        fputc(' ', out);
    for (size_t i = 0; i < launch->environment.n; i++)
        if (launch->environment.item[i].value) {
            const char *value = launch->environment.item[i].value;
            fprintf(out, "%s=", launch->environment.item[i].name);
            if (value[0])
                xb_words_print(&value, 1, out);
            fputc(' ', out);
        }
    xb_words_print((const char *const *)launch->argv.value, launch->argv.n, out);
}
