/* SPDX-License-Identifier: BSD-3-Clause */
/* bench_scale.c - how time and memory grow with the ranks of a job: schedule, gathering,
 * statistics and report, and who reads it, from 8 to 4,096 ranks that never were.
 *
 *     bench_scale [FILE]
 *
 * The table goes to stdout, and to FILE as JSON. A law is the power of n that a figure grows
 * with, by a straight line through the logarithms of the three largest; small runs measure what
 * there is always. Times are the processor's: what others do on the machine counts for little.
 * Each stage starts with what the one before it has left; its memory is the most that it holds
 * beside that, by what malloc was asked for.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "tests/scale/held.h"
#include "tests/scale/job.h"

#define TIMES 3 /* that each is run; the quickest counts */

static const int sizes[] = {8, 64, 512, 4096};
#define SIZES ((int)(sizeof sizes / sizeof *sizes))

struct figure {
    size_t things;
    double s;
    size_t bytes;
};

static double now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void run_all(int n, struct figure *out)
{
    const struct stage *stage;
    struct job j;
    char name[32];

    snprintf(name, sizeof name, "bench-scale-%ld", (long)getpid());
    job_open(&j, n, name);
    for (size_t i = 0; (stage = stage_at(i)); i++) {
        if (stage->prepare)
            stage->prepare(&j);
        size_t before = most_held = held;
        double start = now_s();
        size_t things = stage->run(&j);
        double s = now_s() - start;
        if (out[i].s == 0 || s < out[i].s)
            out[i] = (struct figure){things, s, most_held - before};
    }
    job_close(&j);
}

/* The power of n by which a figure grows, over the three largest; NAN where it is 0. */
static double law_of(const double *values)
{
    double x[3], y[3], mx = 0, my = 0, xy = 0, xx = 0;

    for (int i = 0; i < 3; i++) {
        x[i] = log(sizes[SIZES - 3 + i]);
        y[i] = log(values[SIZES - 3 + i]);
        mx += x[i] / 3;
        my += y[i] / 3;
    }
    for (int i = 0; i < 3; i++) {
        xy += (x[i] - mx) * (y[i] - my);
        xx += (x[i] - mx) * (x[i] - mx);
    }
    return isfinite(xy) ? xy / xx : NAN;
}

static double value_of(const struct figure *f, int what)
{
    return what == 0 ? (double)f->things : what == 1 ? 1e3 * f->s : (double)f->bytes / 1024;
}

/* A row for each stage and what was looked at, and the same as JSON. */
static cJSON *show(struct figure figures[][STAGES_MAX])
{
    static const char *const names[] = {"count", "ms", "KiB"};
    cJSON *list = cJSON_CreateArray();

    printf("%-25s %-6s", "stage", "");
    for (int n = 0; n < SIZES; n++)
        printf(" %10d", sizes[n]);
    printf("    law\n");
    const struct stage *s;
    for (size_t i = 0; (s = stage_at(i)); i++) {
        cJSON *stage = cJSON_CreateObject();
        cJSON_AddItemToArray(list, stage);
        cJSON_AddStringToObject(stage, "stage", s->name);
        cJSON_AddStringToObject(stage, "of", s->of);
        for (int what = 0; what < 3; what++) {
            double values[SIZES];
            for (int n = 0; n < SIZES; n++)
                values[n] = round(1e3 * value_of(&figures[n][i], what)) / 1e3;
            double law = round(100 * law_of(values)) / 100;
            cJSON *row = cJSON_AddObjectToObject(stage, names[what]);
            cJSON_AddItemToObject(row, "values", cJSON_CreateDoubleArray(values, SIZES));
            if (isfinite(law))
                cJSON_AddNumberToObject(row, "law", law);
            else
                cJSON_AddNullToObject(row, "law");
            printf("%-25s %-6s", what == 0 ? s->name : "", names[what]);
            for (int n = 0; n < SIZES; n++)
                printf(what == 0 ? " %10.0f" : " %10.2f", values[n]);
            printf(isfinite(law) ? "  n^%.2f\n" : "      -\n", law);
        }
    }
    return list;
}

static void save(cJSON *list, const char *file)
{
    struct xb_error err = {""};
    cJSON *root = cJSON_CreateObject();

    cJSON_AddItemToObject(root, "ranks", cJSON_CreateIntArray(sizes, SIZES));
    cJSON_AddNumberToObject(root, "ranks_per_node", PER_NODE);
    cJSON_AddItemToObject(root, "stages", list);
    if (file)
        must(xb_report_write(file, root, true, &err), file, &err);
    cJSON_Delete(root);
}

int main(int argc, char **argv)
{
    static struct figure figures[SIZES][STAGES_MAX];

    if (argc > 2) {
        fprintf(stderr, "usage: bench_scale [FILE]\n");
        return 2;
    }
    for (int n = 0; n < SIZES; n++) {
        fprintf(stderr, "%d ranks\n", sizes[n]);
        for (int i = 0; i < TIMES; i++)
            run_all(sizes[n], figures[n]);
    }
    save(show(figures), argc == 2 ? argv[1] : NULL);
    return 0;
}
