/* SPDX-License-Identifier: BSD-3-Clause */
/* common.c - files that are known by name: scenarios, policies, expectations. */
#include "config.h"

#include "cmd/cmd.h"

#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/nearest.h"

/* Kinds of files, and their folders below those of scenarios. */
static const struct {
    const char *what, *whats, *folder;
} kinds[XB_NAMED_KINDS] = {
    [XB_NAMED_SCENARIO] = {"scenario", "scenarios", ""},
    [XB_NAMED_POLICY] = {"policy", "policies", "/policies"},
    [XB_NAMED_EXPECTATIONS] = {"expectations", "expectations", "/expectations"},
};

bool xb_named_is_file(const char *given)
{
    size_t n = strlen(given);
    return strchr(given, '/') || (n > 5 && strcmp(given + n - 5, ".json") == 0);
}

bool xb_program_path(char *path, size_t len)
{
    ssize_t n = readlink("/proc/self/exe", path, len - 1);

    path[n > 0 ? n : 0] = '\0';
    return n > 0;
}

/* The folder of scenarios beside the running program, as in a build tree, or NULL. */
static const char *beside_program(void)
{
    static char dir[PATH_MAX + 16];
    char exe[PATH_MAX];
    char *slash = xb_program_path(exe, sizeof exe) ? strrchr(exe, '/') : NULL;

    if (!slash)
        return NULL;
    snprintf(dir, sizeof dir, "%.*s/scenarios", (int)(slash - exe), exe);
    return dir;
}

/* The folder of scenarios of the tree that the program is installed in, or NULL. It is found
 * from the program on, as far away as bin and share were when it was built: so a tree that was
 * moved has its own. */
static const char *installed_with_program(void)
{
    static char dir[PATH_MAX];
    char exe[PATH_MAX], path[2 * PATH_MAX];
    const char *bin = XB_BIN_DIR, *scenarios = XB_SCENARIO_DIR;
    char *slash = xb_program_path(exe, sizeof exe) ? strrchr(exe, '/') : NULL;
    size_t same = 0, used;

    if (!slash)
        return NULL;
    for (size_t i = 0; bin[i] && bin[i] == scenarios[i]; i++)
        if (bin[i] == '/')
            same = i + 1;
    used = (size_t)snprintf(path, sizeof path, "%.*s", (int)(slash - exe), exe);
    for (const char *at = bin + same; at && *at && used < sizeof path; at = strchr(at, '/')) {
        at += *at == '/';
        used += (size_t)snprintf(path + used, sizeof path - used, "/..");
    }
    if (used < sizeof path)
        snprintf(path + used, sizeof path - used, "/%s", scenarios + same);
    return realpath(path, dir) && strcmp(dir, scenarios) != 0 ? dir : NULL;
}

/* Folder i of those where names of scenarios are looked for, in order, or NULL behind the last.
 * The text is valid until the next call. */
static const char *folder_at(size_t i)
{
    const char *dirs[5] = {NULL}, *found;
    size_t n = 0;

    if ((found = getenv("XFERBENCH_SCENARIOS")))
        dirs[n++] = found;
    if ((found = beside_program()))
        dirs[n++] = found;
    if ((found = installed_with_program()))
        dirs[n++] = found;
    dirs[n++] = XB_SCENARIO_DIR;
    return i < n ? dirs[i] : NULL;
}

const char *xb_named_kind_name(enum xb_named_kind kind)
{
    return kinds[kind].whats;
}

/* ---- all of a kind ---- */

void xb_named_release(struct xb_named_files *files)
{
    for (size_t i = 0; i < files->n; i++) {
        free(files->file[i].name);
        free(files->file[i].path);
    }
    free(files->file);
    *files = (struct xb_named_files){.file = NULL};
}

static bool has_name(const struct xb_named_files *files, const char *name, size_t len)
{
    for (size_t i = 0; i < files->n; i++)
        if (strlen(files->file[i].name) == len && memcmp(files->file[i].name, name, len) == 0)
            return true;
    return false;
}

/* One that stands in an earlier folder too is that one. */
static int add_file(struct xb_named_files *files, const char *path)
{
    const char *name = strrchr(path, '/') + 1;
    size_t len = strlen(name) - strlen(".json");
    struct xb_named_file *more;

    if (has_name(files, name, len))
        return 0;
    more = realloc(files->file, (files->n + 1) * sizeof *more);
    if (!more)
        return -1;
    files->file = more;
    more[files->n] = (struct xb_named_file){strndup(name, len), strdup(path)};
    files->n++; /* what is NULL of it is freed all the same */
    return more[files->n - 1].name && more[files->n - 1].path ? 0 : -1;
}

int xb_named_list(enum xb_named_kind kind, struct xb_named_files *out)
{
    const char *dir;
    int rc = 0;

    *out = (struct xb_named_files){.file = NULL};
    for (size_t i = 0; rc == 0 && (dir = folder_at(i)); i++) {
        char pattern[PATH_MAX + 32];
        glob_t found;
        snprintf(pattern, sizeof pattern, "%s%s/*.json", dir, kinds[kind].folder);
        if (glob(pattern, 0, NULL, &found) == 0)
            for (size_t k = 0; rc == 0 && k < found.gl_pathc; k++)
                rc = add_file(out, found.gl_pathv[k]);
        globfree(&found);
    }
    if (rc < 0)
        xb_named_release(out);
    return rc;
}

/* ---- one by its name ---- */

bool xb_named_find(enum xb_named_kind kind, const char *name, char *path, size_t len)
{
    const char *dir;

    for (size_t i = 0; (dir = folder_at(i)); i++)
        if (snprintf(path, len, "%s%s/%s.json", dir, kinds[kind].folder, name) < (int)len &&
            access(path, R_OK) == 0)
            return true;
    return false;
}

#define NAMES_MAX 200 /* that a name is compared with */

/* Kinds from the first up to the last were looked through in vain. */
int xb_named_fail(enum xb_named_kind first, enum xb_named_kind last, const char *given,
                  struct xb_error *err)
{
    struct xb_named_files files[XB_NAMED_KINDS] = {{.file = NULL}};
    const char *names[NAMES_MAX + 1] = {NULL}, *words[XB_NAMED_KINDS + 1] = {NULL}, *dir;
    char what[64], hint[XB_HINT_LEN], looked[XB_ERROR_LEN] = "";
    size_t n = 0;

    for (enum xb_named_kind kind = first; kind <= last; kind++) {
        words[kind - first] = kinds[kind].what;
        if (xb_named_list(kind, &files[kind]) < 0)
            continue; /* then there is no hint */
        for (size_t i = 0; i < files[kind].n && n < NAMES_MAX; i++)
            names[n++] = files[kind].file[i].name;
    }
    xb_did_you_mean(given, names, hint);
    for (enum xb_named_kind kind = first; kind <= last; kind++)
        xb_named_release(&files[kind]);
    for (size_t i = 0, at = 0; (dir = folder_at(i)) && at < sizeof looked; i++)
        at += (size_t)snprintf(looked + at, sizeof looked - at, "%s%s%s", i ? ", " : "", dir,
                               first == last ? kinds[first].folder : "");
    return xb_fail(err, "no %s '%s'%s: looked for %s.json in %s",
                   xb_error_list(words, what, sizeof what), given, hint, given, looked);
}

static int find_or_fail(enum xb_named_kind kind, const char *given, char *path, size_t len,
                        struct xb_error *err)
{
    if (xb_named_is_file(given)) {
        snprintf(path, len, "%s", given);
        return 0;
    }
    return xb_named_find(kind, given, path, len) ? 0 : xb_named_fail(kind, kind, given, err);
}

int xb_scenario_find(const char *scenario, char *path, size_t len, struct xb_error *err)
{
    return find_or_fail(XB_NAMED_SCENARIO, scenario, path, len, err);
}

int xb_policy_find(const char *policy, char *path, size_t len, struct xb_error *err)
{
    return find_or_fail(XB_NAMED_POLICY, policy, path, len, err);
}

int xb_expect_find(const char *expect, char *path, size_t len, struct xb_error *err)
{
    return find_or_fail(XB_NAMED_EXPECTATIONS, expect, path, len, err);
}
