/* SPDX-License-Identifier: BSD-3-Clause */
/* gray_scott_steps.h - what gray_scott.c has in both precisions: included once for each, with
 * REAL, the type, and NAMED(x), the function x for it. Written as the equations are, unlike the
 * kernels, which are compared with it. */

static inline void NAMED(cell)(const REAL *u, const REAL *v, REAL around_u, REAL around_v,
                               REAL *to_u, REAL *to_v)
{
    const REAL dt = (REAL)XB_GRAY_SCOTT_DT, feed = (REAL)XB_GRAY_SCOTT_F;
    const REAL du = (REAL)XB_GRAY_SCOTT_DU, dv = (REAL)XB_GRAY_SCOTT_DV;
    const REAL kill = (REAL)(XB_GRAY_SCOTT_F + XB_GRAY_SCOTT_K);
    REAL uvv = *u * *v * *v;

    *to_u = *u + du * (around_u - 4 * *u) + dt * (feed * (1 - *u) - uvv);
    *to_v = *v + dv * (around_v - 4 * *v) + dt * (uvv - kill * *v);
}

/* A row of both fields, and where it goes; the rows beside it are at distances up and down. */
struct NAMED(row) {
    const REAL *u, *v;
    REAL *to_u, *to_v;
    ptrdiff_t up, down;
};

/* Cells [from, end) of a row, which have both neighbours in it. */
static void NAMED(inner)(const struct NAMED(row) * r, int from, int end)
{
    const REAL *restrict u = r->u, *restrict v = r->v;
    REAL *restrict to_u = r->to_u, *restrict to_v = r->to_v;
    ptrdiff_t up = r->up, down = r->down;

    for (int x = from; x < end; x++)
        NAMED(cell)
    (u + x, v + x, u[x + up] + u[x + down] + u[x - 1] + u[x + 1],
     v[x + up] + v[x + down] + v[x - 1] + v[x + 1], to_u + x, to_v + x);
}

/* A cell whose neighbours are at x = left and right. */
static void NAMED(edge)(const struct NAMED(row) * r, int x, int left, int right)
{
    const REAL *u = r->u, *v = r->v;

    NAMED(cell)
    (u + x, v + x, u[x + r->up] + u[x + r->down] + u[left] + u[right],
     v[x + r->up] + v[x + r->down] + v[left] + v[right], r->to_u + x, r->to_v + x);
}

void NAMED(xb_gray_scott_step)(const REAL *u, const REAL *v, REAL *to_u, REAL *to_v, int width,
                               int height)
{
    for (int y = 0; y < height; y++) {
        ptrdiff_t at = (ptrdiff_t)y * width, whole = (ptrdiff_t)height * width;
        const struct NAMED(row) r = {.u = u + at,
                                     .v = v + at,
                                     .to_u = to_u + at,
                                     .to_v = to_v + at,
                                     .up = y > 0 ? -width : whole - width,
                                     .down = y + 1 < height ? width : width - whole};
        int last = width - 1;
        NAMED(edge)(&r, 0, last, width > 1);
        NAMED(inner)(&r, 1, last);
        if (last > 0)
            NAMED(edge)(&r, last, last - 1, 0);
    }
}

void NAMED(xb_gray_scott_begin)(REAL *u, REAL *v, int width, int height)
{
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            size_t at = (size_t)y * (size_t)width + (size_t)x;
            struct start s = start_of(x, y, width, height);
            u[at] = (REAL)s.u;
            v[at] = (REAL)s.v;
        }
    }
}
