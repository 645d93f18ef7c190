/* common.c - what the subcommands have in common. */
#include "config.h"

#include "cmd/cmd.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_file_name(const char *given)
{
    size_t n = strlen(given);
    return strchr(given, '/') || (n > 5 && strcmp(given + n - 5, ".json") == 0);
}

/* The folder of scenarios beside the running program, as in a build tree, or NULL. */
static const char *beside_program(void)
{
    static char dir[PATH_MAX + 16];
    char exe[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);

    if (n <= 0)
        return NULL;
    exe[n] = '\0';
    char *slash = strrchr(exe, '/');
    if (!slash)
        return NULL;
    snprintf(dir, sizeof dir, "%.*s/scenarios", (int)(slash - exe), exe);
    return dir;
}

const char *xb_scenario_folder(size_t i)
{
    const char *dirs[4] = {NULL};
    size_t n = 0;

    if (getenv("XFERBENCH_SCENARIOS"))
        dirs[n++] = getenv("XFERBENCH_SCENARIOS");
    if (beside_program())
        dirs[n++] = beside_program();
    dirs[n++] = XB_SCENARIO_DIR;
    return i < n ? dirs[i] : NULL;
}

/* Find what stands below the folders of scenarios, in this folder of theirs. */
static int find_below(const char *what, const char *folder, const char *given, char *path,
                      size_t len, struct xb_error *err)
{
    char looked[XB_ERROR_LEN] = "";
    const char *dir;

    if (is_file_name(given)) {
        snprintf(path, len, "%s", given);
        return 0;
    }
    for (size_t i = 0; (dir = xb_scenario_folder(i)); i++) {
        if (snprintf(path, len, "%s%s/%s.json", dir, folder, given) < (int)len &&
            access(path, R_OK) == 0)
            return 0;
        size_t at = strlen(looked);
        snprintf(looked + at, sizeof looked - at, "%s%s%s", i ? ", " : "", dir, folder);
    }
    return xb_fail(err, "no %s '%s': looked for %s.json in %s", what, given, given, looked);
}

int xb_scenario_find(const char *scenario, char *path, size_t len, struct xb_error *err)
{
    return find_below("scenario", "", scenario, path, len, err);
}

int xb_policy_find(const char *policy, char *path, size_t len, struct xb_error *err)
{
    return find_below("policy", "/policies", policy, path, len, err);
}
