/* SPDX-License-Identifier: BSD-3-Clause */
/* asked_check.c - can what is asked of a campaign be done? */
#include "cmd/campaign/asked.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/scenario/scenario_words.h"

#define NAME_LEN 64 /* of a configuration */

static int check_name(const struct xb_campaign *c, size_t i, struct xb_error *err)
{
    const char *name = xb_campaign_config(c, i)->name;
    size_t n = strlen(name);

    for (size_t k = 0; k < n; k++)
        if (!isalnum((unsigned char)name[k]) && (k == 0 || !strchr("._+-", name[k])))
            n = 0;
    if (n == 0 || n > NAME_LEN)
        return xb_fail(err,
                       "the configuration '%s': its name is part of file names: expected up to "
                       "%d letters, digits and, behind the first, any of ._+-",
                       name, NAME_LEN);
    for (size_t k = 0; k < i; k++)
        if (strcmp(xb_campaign_config(c, k)->name, name) == 0)
            return xb_fail(
                err, "two configurations have the name '%s', expected one of its own for each",
                name);
    return 0;
}

/* Is a word the option of this name, alone or with its value? */
static bool is_option(const char *word, const char *name)
{
    size_t len = strlen(name);

    return strncmp(word, name, len) == 0 && (word[len] == '\0' || word[len] == '=');
}

/* What the campaign itself tells `run`: its files, and which cases there are. */
static int check_run(const struct xb_texts *run, struct xb_error *err)
{
    static const char *const own[] = {"--output",           "--resume",         "--help", "-h",
                                      "--resume-if-exists", "--print-scenario", NULL};

    for (size_t i = 0; i < run->n; i++) {
        const char *word = run->value[i];
        bool taken = strncmp(word, "-o", 2) == 0;
        for (const char *const *name = own; *name; name++)
            taken = taken || is_option(word, *name);
        for (int w = 0; w < XB_WORDS; w++)
            taken = taken || is_option(word, xb_word_option((enum xb_word)w));
        if (taken)
            return xb_fail(
                err,
                "%s: is not for single launches: a campaign names their reports, and "
                "all measure the same cases",
                word);
    }
    return 0;
}

/* The value that a variable has for a configuration's launcher; NULL for none. */
static const char *variable_of(const struct xb_config *config, const char *name)
{
    const char *value = getenv(name);

    for (size_t i = 0; i < config->environment.n; i++)
        if (strcmp(config->environment.item[i].name, name) == 0)
            value = config->environment.item[i].value;
    return value;
}

/* May this file be started? errno says why not; who may enter a folder may not start it. */
static bool is_program(const char *file)
{
    struct stat st;

    if (stat(file, &st) != 0)
        return false;
    errno = S_ISDIR(st.st_mode) ? EISDIR : EACCES;
    return S_ISREG(st.st_mode) && access(file, X_OK) == 0;
}

/* Is there a program of this name, as execvp would find it? */
static int check_launcher(const struct xb_config *config, struct xb_error *err)
{
    const char *name = config->launcher.n ? config->launcher.value[0] : NULL;
    const char *path = variable_of(config, "PATH");
    char file[4096];

    if (!name)
        return 0;
    if (strchr(name, '/'))
        return is_program(name)
                   ? 0
                   : xb_fail(err, "the launcher of '%s': %s: cannot be started: %s",
                             config->name, name, strerror(errno));
    for (const char *at = path ? path : ""; *at; at += strcspn(at, ":"), at += *at == ':') {
        snprintf(file, sizeof file, "%.*s/%s", (int)strcspn(at, ":"), at, name);
        if (is_program(file))
            return 0;
    }
    return xb_fail(
        err, "the launcher of '%s': found no program '%s' in PATH, expected one, or its path",
        config->name, name);
}

int xb_campaign_check(const struct xb_campaign *campaign, struct xb_error *err)
{
    if (check_run(&campaign->run, err) < 0)
        return -1;
    for (size_t i = 0; i < campaign->configs.n; i++) {
        const struct xb_config *config = xb_campaign_config(campaign, i);
        if (check_name(campaign, i, err) < 0)
            return -1;
        if (check_run(&config->run, err) < 0)
            return xb_fail_in(err, "the configuration '%s'", config->name);
    }
    return 0;
}

int xb_campaign_check_launchers(const struct xb_campaign *campaign, struct xb_error *err)
{
    for (size_t i = 0; i < campaign->configs.n; i++)
        if (check_launcher(xb_campaign_config(campaign, i), err) < 0)
            return -1;
    return 0;
}
