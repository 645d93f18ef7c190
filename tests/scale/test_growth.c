/* SPDX-License-Identifier: BSD-3-Clause */
/* test_growth.c - rank 0, and who reads its report, compares texts n times or n log n for n
 * ranks, never n^2.
 *
 * Texts are what lists are searched for: hosts, UUIDs, bus ids, names of facts. How often two
 * are compared is counted, here and in cJSON, by the functions that do it; no time is taken.
 * From 128 ranks to 512 it is 5 times as often where it grows like n log n, 16 like n^2.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/scale/job.h"
#include "tests/tap.h"

#define FEW  128
#define MANY 512
#define MOST 8.0 /* times as often */

/* ---- counting ---- */

static unsigned long compared;

int strcmp(const char *a, const char *b)
{
    compared++;
    for (; *a && *a == *b; a++)
        b++;
    return (unsigned char)*a - (unsigned char)*b;
}

int strncmp(const char *a, const char *b, size_t n)
{
    compared++;
    for (; n > 0 && *a && *a == *b; a++, b++)
        n--;
    return n == 0 ? 0 : (unsigned char)*a - (unsigned char)*b;
}

int memcmp(const void *a, const void *b, size_t n)
{
    const unsigned char *x = a, *y = b;

    compared++;
    for (; n > 0 && *x == *y; x++, y++)
        n--;
    return n == 0 ? 0 : *x - *y;
}

/* ---- what readers do ---- */

static void count_all(int n, unsigned long *counts)
{
    const struct stage *stage;
    struct job j;
    char name[32];

    snprintf(name, sizeof name, "growth-%ld", (long)getpid());
    job_open(&j, n, name);
    for (size_t i = 0; (stage = stage_at(i)); i++) {
        if (stage->prepare)
            stage->prepare(&j);
        compared = 0;
        stage->run(&j);
        counts[i] = compared;
    }
    job_close(&j);
}

int main(void)
{
    unsigned long few[STAGES_MAX], many[STAGES_MAX];
    const struct stage *stage;

    count_all(FEW, few);
    count_all(MANY, many);
    for (size_t i = 0; (stage = stage_at(i)); i++) {
        if (stage->all_pairs)
            continue;
        ok((double)many[i] <= MOST * (double)(few[i] + FEW), stage->name);
        printf("# %lu and %lu comparisons\n", few[i], many[i]);
    }
    return done_testing();
}
