/* SPDX-License-Identifier: BSD-3-Clause */
/* gray_scott.cu - Gray-Scott steps, several of them in one pass over the fields.
 *
 * A warp walks down a strip of the grid. Each lane holds four neighbouring cells, so a row of
 * the strip is 128 cells wide, of which the outer quads overlap with the strips beside it. For
 * each of the steps that are made in one pass the warp keeps the last two rows that it knows of
 * the state before that step; a new row then gives the row above it one step later, which is
 * the new row for the step after. All of that stays in registers: neighbours in a row come by
 * shuffles, those above and below are the kept rows. Thus a pass reads and writes each field
 * once, whatever the number of its steps.
 *
 * What the outermost lanes compute at the strip's edges is wrong by one cell more each step,
 * which is why a pass has at most as many steps as a quad has cells.
 */
#include "gray_scott_model.h"
#include "kernels.h"

namespace
{

constexpr int kThreads = 64;
constexpr int kWarp = 32;
constexpr int kStrip = kWarp - 2; /* quads of a strip that are written */
constexpr unsigned kAll = ~0u;

static_assert(XB_GRAY_SCOTT_FUSED <= XB_GRAY_SCOTT_MULTIPLE, "the outer quads are the margin");

struct grid {
    int quads, height; /* of the fields */
    int strips;        /* side by side */
    int rows;          /* of a warp's part of its strip */
};

struct row {
    float4 u, v;
};

__device__ int wrap(int i, int n)
{
    int r = i % n;
    return r < 0 ? r + n : r;
}

/* One step of one cell: the equations sorted by what is multiplied. Written with explicit
 * fused operations so that a cell's value does not depend on the kernel it was computed in. */
__device__ void react(float u, float v, float around_u, float around_v, float *u1, float *v1)
{
    constexpr float dt = XB_GRAY_SCOTT_DT, feed = XB_GRAY_SCOTT_DT * XB_GRAY_SCOTT_F;
    constexpr float du = XB_GRAY_SCOTT_DU, dv = XB_GRAY_SCOTT_DV;
    constexpr float keep_u = 1 - 4 * XB_GRAY_SCOTT_DU - XB_GRAY_SCOTT_DT * XB_GRAY_SCOTT_F;
    constexpr float keep_v =
        1 - 4 * XB_GRAY_SCOTT_DV - XB_GRAY_SCOTT_DT * (XB_GRAY_SCOTT_F + XB_GRAY_SCOTT_K);
    float uv = __fmul_rn(__fmul_rn(u, v), dt);

    *u1 = __fmaf_rn(-uv, v, __fmaf_rn(du, around_u, __fmaf_rn(keep_u, u, feed)));
    *v1 = __fmaf_rn(uv, v, __fmaf_rn(dv, around_v, __fmul_rn(keep_v, v)));
}

/* Sums of the four neighbours of each cell of a quad. */
__device__ float4 around(float4 up, float4 c, float4 down)
{
    float left = __shfl_up_sync(kAll, c.w, 1), right = __shfl_down_sync(kAll, c.x, 1);

    return make_float4(__fadd_rn(__fadd_rn(up.x, down.x), __fadd_rn(left, c.y)),
                       __fadd_rn(__fadd_rn(up.y, down.y), __fadd_rn(c.x, c.z)),
                       __fadd_rn(__fadd_rn(up.z, down.z), __fadd_rn(c.y, c.w)),
                       __fadd_rn(__fadd_rn(up.w, down.w), __fadd_rn(c.z, right)));
}

/* The row between `up` and `down`, one step later. */
__device__ row step(const row &up, const row &c, const row &down)
{
    float4 u = around(up.u, c.u, down.u), v = around(up.v, c.v, down.v);
    row next;

    react(c.u.x, c.v.x, u.x, v.x, &next.u.x, &next.v.x);
    react(c.u.y, c.v.y, u.y, v.y, &next.u.y, &next.v.y);
    react(c.u.z, c.v.z, u.z, v.z, &next.u.z, &next.v.z);
    react(c.u.w, c.v.w, u.w, v.w, &next.u.w, &next.v.w);
    return next;
}

/* kSteps steps of the whole grid. The first rows that come out are made of rows that were not
 * there yet, and are not written. */
template <int kSteps>
__global__ void __launch_bounds__(kThreads)
    advance(grid g, const float4 *__restrict__ u, const float4 *__restrict__ v,
            float4 *__restrict__ to_u, float4 *__restrict__ to_v)
{
    int warp = static_cast<int>(blockIdx.x) * (kThreads / kWarp) +
               static_cast<int>(threadIdx.x) / kWarp;
    int lane = static_cast<int>(threadIdx.x) % kWarp;
    int quad = warp % g.strips * kStrip + lane - 1, first = warp / g.strips * g.rows;
    int end = min(first + g.rows, g.height);
    bool writes = lane >= 1 && lane <= kStrip && quad < g.quads;
    int column = wrap(quad, g.quads);
    row kept[kSteps][2] = {};

    if (first >= g.height)
        return;
    int y = wrap(first - kSteps, g.height);
    size_t at = static_cast<size_t>(y) * g.quads + column;
    row ahead = {u[at], v[at]};
    size_t out = static_cast<size_t>(first) * g.quads + column;
#pragma unroll 3
    for (int i = first - 2 * kSteps; i < end; i++) {
        row c = ahead;
        y = y + 1 == g.height ? 0 : y + 1;
        at = static_cast<size_t>(y) * g.quads + column;
        ahead = {u[at], v[at]};
#pragma unroll
        for (int s = 0; s < kSteps; s++) {
            row next = step(kept[s][0], kept[s][1], c);
            kept[s][0] = kept[s][1];
            kept[s][1] = c;
            c = next;
        }
        if (i < first)
            continue;
        if (writes) {
            to_u[out] = c.u;
            to_v[out] = c.v;
        }
        out += g.quads;
    }
}

/* Warps that a multiprocessor gets: few, so that their parts are long and little is computed
 * twice, but enough to hide what a warp waits for. */
int warps_per_sm(int steps)
{
    return steps == 1 ? 16 : 8;
}

grid make_grid(const xb_gray_scott_grid &of, int steps)
{
    grid g = {of.width / XB_GRAY_SCOTT_MULTIPLE, of.height, 0, 0};
    long long warps = static_cast<long long>(of.sms) * warps_per_sm(steps);

    g.strips = (g.quads + kStrip - 1) / kStrip;
    g.rows =
        static_cast<int>((static_cast<long long>(g.height) * g.strips + warps - 1) / warps);
    return g;
}

template <int kSteps>
void launch(const grid &g, const float *const from[2], float *const to[2], cudaStream_t stream)
{
    long long warps = static_cast<long long>(g.strips) * ((g.height + g.rows - 1) / g.rows);
    constexpr int per_block = kThreads / kWarp;
    unsigned blocks = static_cast<unsigned>((warps + per_block - 1) / per_block);

    advance<kSteps><<<blocks, kThreads, 0, stream>>>(
        g, reinterpret_cast<const float4 *>(from[0]), reinterpret_cast<const float4 *>(from[1]),
        reinterpret_cast<float4 *>(to[0]), reinterpret_cast<float4 *>(to[1]));
}

} // namespace

extern "C" int xb_kernel_gray_scott(const xb_gray_scott_grid *of, const float *const from[2],
                                    float *const to[2], int steps, cudaStream_t stream)
{
    static void (*const launches[])(const grid &, const float *const[2], float *const[2],
                                    cudaStream_t) = {launch<1>, launch<2>, launch<3>,
                                                     launch<4>};
    static_assert(sizeof launches / sizeof launches[0] == XB_GRAY_SCOTT_FUSED, "one for each");

    if (steps < 1 || steps > XB_GRAY_SCOTT_FUSED || of->width < XB_GRAY_SCOTT_MULTIPLE ||
        of->width % XB_GRAY_SCOTT_MULTIPLE != 0 || of->height < 1 || of->sms < 1)
        return static_cast<int>(cudaErrorInvalidValue);
    cudaGetLastError(); /* what is returned must be this launch's own */
    launches[steps - 1](make_grid(*of, steps), from, to, stream);
    return static_cast<int>(cudaGetLastError());
}
