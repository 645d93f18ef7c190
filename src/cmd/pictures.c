/* SPDX-License-Identifier: BSD-3-Clause */
/* pictures.c - charts into files, for papers and slides. */
#include "cmd/pictures.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/output.h"
#include "report/charts/render.h"

#define NAME_LEN 96 /* of a file without its folder and ending */

const char *const xb_picture_forms[] = {"svg", "png", NULL};

bool xb_is_picture_form(const char *form)
{
    for (size_t i = 0; form && xb_picture_forms[i]; i++)
        if (strcmp(xb_picture_forms[i], form) == 0)
            return true;
    return false;
}

/* The chart's id and the words of its title, in small letters and digits. */
static void name_chart(const struct xb_chart *chart, char name[NAME_LEN])
{
    size_t n = (size_t)snprintf(name, NAME_LEN, "%.40s", chart->id);
    bool gap = true;

    for (const char *p = chart->title; *p && n + 3 < NAME_LEN; p++) {
        bool word = isascii((unsigned char)*p) && isalnum((unsigned char)*p);
        if (word && gap)
            name[n++] = '-';
        if (word)
            name[n++] = (char)tolower((unsigned char)*p);
        gap = !word;
    }
    name[n] = '\0';
}

/* The file of each chart; the caller frees them. NULL when out of memory. */
static char **name_files(const struct xb_charts *charts, const char *folder, const char *form)
{
    char **files = calloc(charts->n + 1, sizeof *files);
    size_t len = strlen(folder);

    while (len > 1 && folder[len - 1] == '/')
        len--;
    for (size_t i = 0; files && i < charts->n; i++) {
        char name[NAME_LEN];
        name_chart(&charts->chart[i], name);
        if (asprintf(&files[i], "%.*s/%s.%s", (int)len, folder, name, form) < 0)
            files[i] = NULL;
    }
    return files;
}

static int check_files(char *const *files, size_t n, const char *folder, bool force,
                       struct xb_error *err)
{
    struct xb_output *outputs = calloc(n + 1, sizeof *outputs);
    int rc = outputs ? 0 : xb_fail(err, "out of memory");

    for (size_t i = 0; rc == 0 && i < n; i++) {
        outputs[i] = (struct xb_output){.what = "picture", .file = files[i]};
        if (!files[i])
            rc = xb_fail(err, "out of memory");
    }
    if (rc == 0 && mkdir(folder, 0777) != 0 && errno != EEXIST)
        rc = xb_fail(err, "%s: cannot be made: %s", folder, strerror(errno));
    if (rc == 0)
        rc = xb_outputs_check(outputs, n, NULL, 0, force, err);
    free(outputs);
    return rc;
}

static int write_svgs(struct xb_charts *charts, char *const *files, bool force,
                      struct xb_error *err)
{
    int rc = xb_render_svg(charts, NULL, err);

    for (size_t i = 0; rc == 0 && i < charts->n; i++)
        rc = xb_output_write(files[i], charts->chart[i].svg, force, err);
    return rc;
}

static int write_pngs(const struct xb_charts *charts, char *const *files, bool force,
                      struct xb_error *err)
{
    struct xb_picture *pictures = calloc(charts->n + 1, sizeof *pictures);
    int rc = pictures ? xb_render_png(charts, pictures, err) : xb_fail(err, "out of memory");

    for (size_t i = 0; rc == 0 && i < charts->n; i++)
        rc = xb_output_bytes(files[i], pictures[i].png, pictures[i].size, force, err);
    for (size_t i = 0; pictures && i < charts->n; i++)
        free(pictures[i].png);
    free(pictures);
    return rc;
}

int xb_pictures_write(const char *form, const struct xb_format_set *set, const char *folder,
                      bool force, struct xb_error *err)
{
    struct xb_charts charts;

    if (xb_charts_of(set, &charts, err) < 0)
        return -1;
    if (charts.n == 0) {
        xb_fail(err, "%s: nothing was measured that a chart can show", set->source[0].name);
        return 1;
    }
    char **files = name_files(&charts, folder, form);
    int rc = files ? check_files(files, charts.n, folder, force, err)
                   : xb_fail(err, "out of memory");
    if (rc == 0)
        rc = strcmp(form, "svg") == 0 ? write_svgs(&charts, files, force, err)
                                      : write_pngs(&charts, files, force, err);
    for (size_t i = 0; rc == 0 && i < charts.n; i++)
        printf("%s: %s\n", files[i], charts.chart[i].title);
    for (size_t i = 0; files && i < charts.n; i++)
        free(files[i]);
    free(files);
    xb_charts_release(&charts);
    return rc;
}
