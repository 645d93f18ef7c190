/* SPDX-License-Identifier: BSD-3-Clause */
/* expectations.c - the expectations that a check goes by. */
#include "cmd/check/expectations.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "lab/experiment.h"

#define PATH_LEN 4096

static int add(struct xb_expectation_files *files, const char *path, struct xb_error *err)
{
    struct xb_expectations *expect =
        realloc(files->expect, (files->n + 1) * sizeof *files->expect);
    if (!expect)
        return xb_fail(err, "out of memory for expectations");
    files->expect = expect;
    char **file = realloc(files->file, (files->n + 1) * sizeof *files->file);
    if (!file)
        return xb_fail(err, "out of memory for expectations");
    files->file = file;
    char *name = strdup(path);
    if (!name)
        return xb_fail(err, "out of memory for expectations");
    if (xb_expect_load(path, xb_lab_catalog(), &expect[files->n], err) < 0) {
        free(name);
        return -1;
    }
    file[files->n++] = name;
    return 0;
}

/* One that is named twice counts once. */
static bool has(const struct xb_expectation_files *files, const char *path)
{
    bool found = false;

    for (size_t i = 0; i < files->n; i++)
        found = found || strcmp(files->file[i], path) == 0;
    return found;
}

static int add_all(struct xb_expectation_files *files, struct xb_error *err)
{
    struct xb_named_files named;
    int rc = 0;

    if (xb_named_list(XB_NAMED_EXPECTATIONS, &named) < 0)
        return xb_fail(err, "out of memory for expectations");
    for (size_t i = 0; rc == 0 && i < named.n; i++)
        rc = add(files, named.file[i].path, err);
    xb_named_release(&named);
    return rc;
}

int xb_expectation_files_open(char *const *given, struct xb_expectation_files *out,
                              struct xb_error *err)
{
    char path[PATH_LEN];
    int rc = 0;

    *out = (struct xb_expectation_files){NULL, NULL, 0};
    if (!given)
        rc = add_all(out, err);
    for (size_t i = 0; given && rc == 0 && given[i]; i++) {
        rc = xb_expect_find(given[i], path, sizeof path, err);
        if (rc == 0 && !has(out, path))
            rc = add(out, path, err);
    }
    if (rc < 0)
        xb_expectation_files_release(out);
    return rc;
}

void xb_expectation_files_release(struct xb_expectation_files *files)
{
    for (size_t i = 0; i < files->n; i++) {
        xb_expect_release(&files->expect[i]);
        free(files->file[i]);
    }
    free(files->expect);
    free(files->file);
    *files = (struct xb_expectation_files){NULL, NULL, 0};
}
