/* SPDX-License-Identifier: BSD-3-Clause */
/* test_gray_scott.c - the two solvers of the CPU agree, and do what the equations say. */
#include "lab/gray_scott/gray_scott.h"

#include <stdlib.h>

#include "tests/tap.h"
#include "gray_scott_model.h"

struct fields {
    int width, height;
    float *memory, *now[2], *next[2];
};

static struct fields make(int width, int height)
{
    size_t n = (size_t)width * (size_t)height;
    float *m = calloc(4 * n, sizeof *m);
    struct fields f = {width, height, m, {m, m + n}, {m + 2 * n, m + 3 * n}};

    xb_gray_scott_begin_float(f.now[0], f.now[1], width, height);
    return f;
}

static void step(struct fields *f, int steps)
{
    for (int s = 0; s < steps; s++) {
        xb_gray_scott_step_float(f->now[0], f->now[1], f->next[0], f->next[1], f->width,
                                 f->height);
        for (int i = 0; i < 2; i++) {
            float *old = f->now[i];
            f->now[i] = f->next[i];
            f->next[i] = old;
        }
    }
}

static void test_precisions(void)
{
    static const int sizes[][2] = {{64, 48}, {300, 200}, {5, 3}, {2, 2},
                                   {1, 1},   {7, 1},     {1, 9}};

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct fields f = make(sizes[i][0], sizes[i][1]);
        size_t n = (size_t)f.width * (size_t)f.height;
        double *want = xb_gray_scott_solve(f.width, f.height, 64);
        char name[64];

        step(&f, 64);
        double error = xb_gray_scott_error(f.now[1], want, n);
        snprintf(name, sizeof name, "%d x %d: the precisions agree to %g", f.width, f.height,
                 error);
        ok(error < 1e-5, name);
        f.now[1][n / 2] += 0.1f;
        ok(xb_gray_scott_error(f.now[1], want, n) > 1e-5, "a wrong cell shows");
        free(want);
        free(f.memory);
    }
}

/* Of a grid where all is alike but one cell, far from the edges and across them. */
static void test_one_cell(void)
{
    enum { W = 6, H = 5 };
    static const int at[][2] = {{3, 2}, {0, 0}, {5, 4}, {0, 2}, {3, 4}};
    const double u = 0.5, v = 0.25, d = 0.125;
    const double fed = XB_GRAY_SCOTT_F * (1 - u) - u * v * v;
    const double grown = u * v * v - (XB_GRAY_SCOTT_F + XB_GRAY_SCOTT_K) * v;

    for (size_t i = 0; i < sizeof at / sizeof at[0]; i++) {
        double from[2][W * H], to[2][W * H];
        int x = at[i][0], y = at[i][1], wrong = 0;
        for (int c = 0; c < W * H; c++) {
            from[0][c] = u;
            from[1][c] = v;
        }
        from[0][y * W + x] = u + d; /* u v^2 grows by d v^2 there alone */
        xb_gray_scott_step_double(from[0], from[1], to[0], to[1], W, H);
        for (int c = 0; c < W * H; c++) {
            int dx = abs(c % W - x), dy = abs(c / W - y);
            dx = dx == W - 1 ? 1 : dx;
            dy = dy == H - 1 ? 1 : dy;
            double share = dx + dy == 0   ? -4
                           : dx + dy == 1 ? 1
                                          : 0,
                   here = dx + dy == 0 ? d : 0;
            double want_u = u + here + XB_GRAY_SCOTT_DU * d * share + fed -
                            here * (XB_GRAY_SCOTT_F + v * v);
            double want_v = v + grown + here * v * v;
            wrong += fabs(to[0][c] - want_u) > 1e-14 || fabs(to[1][c] - want_v) > 1e-14;
        }
        is_int(wrong, 0, "a step of one cell and its four neighbours");
    }
}

static void test_sum(void)
{
    float v[50];

    for (int i = 0; i < 50; i++)
        v[i] = (float)(i + 1);
    is_near(xb_gray_scott_sum(v, 50), 1275, 0, "a sum");
    is_near(xb_gray_scott_sum(v, 0), 0, 0, "of nothing");
    is_near(xb_gray_scott_sum(v, 3), 6, 0, "of few");
    v[17] = NAN;
    ok(isnan(xb_gray_scott_sum(v, 50)), "what is no number shows");
}

static void test_start(void)
{
    struct fields f = make(64, 48);
    int alike = 0;

    ok(f.now[1][0] < 0.02f && f.now[0][0] > 0.98f, "nothing in the corner");
    ok(f.now[1][24 * 64 + 32] > 0.2f && f.now[0][24 * 64 + 32] < 0.6f, "a seed in the middle");
    for (int i = 1; i < 64 * 48; i++)
        alike += f.now[1][i] == f.now[1][i - 1];
    ok(alike == 0, "neighbours differ");
    free(f.memory);
}

int main(void)
{
    test_precisions();
    test_one_cell();
    test_sum();
    test_start();
    return done_testing();
}
