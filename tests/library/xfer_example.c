/* SPDX-License-Identifier: BSD-3-Clause */
/* xfer_example.c - how another program uses the library: pipe a picture through the GPU in
 * strips, then a tile of it in rows, and a few pixels of a list. Every rank works for itself.
 * It prints its results as a test that `make check` runs, on the device cpu; argument 1 names a
 * policy file.
 *
 * With an installed library: cc $(pkg-config --cflags xfer) xfer_example.c \
 *                                $(pkg-config --libs xfer)
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpi.h>

#include <xfer.h>

#define STRIP  (3u << 20)
#define STRIPS 8u
#define ROW    4096u /* bytes of the picture */

/* A tile of the picture: so many rows, each as wide, from a pixel on. */
#define TILE_AT    (100 * ROW + 700)
#define TILE_ROWS  200u
#define TILE_WIDTH 300u

static int checks, failed;

static void check(int good, const char *name)
{
    printf("%sok %d - %s\n", good ? "" : "not ", ++checks, name);
    failed += !good;
}

static unsigned char pixel(size_t i)
{
    return (unsigned char)(i * 7 + i / 251);
}

/* From the picture to the GPU and back, strip by strip. 0, or -1 with err filled. */
static int pipe_picture(struct xfer *x, xfer_buffer picture, xfer_buffer gpu, xfer_buffer out,
                        struct xfer_error *err)
{
    for (uint64_t at = 0; at < STRIPS * STRIP; at += STRIP)
        if (xfer_transfer(x, (struct xfer_place){gpu, 0}, (struct xfer_place){picture, at},
                          STRIP, err) < 0 ||
            xfer_transfer(x, (struct xfer_place){out, at}, (struct xfer_place){gpu, 0}, STRIP,
                          err) < 0)
            return -1;
    return 0;
}

/* Move a tile to the GPU, where its rows lie one behind another, and back to its place. */
static void pipe_tile(struct xfer *x, xfer_buffer picture, xfer_buffer gpu, xfer_buffer out)
{
    const struct xfer_blocks there = {
        .count = TILE_ROWS, .bytes = TILE_WIDTH, .src_stride = ROW};
    const struct xfer_blocks back = {
        .count = TILE_ROWS, .bytes = TILE_WIDTH, .dst_stride = ROW};
    struct xfer_error err = {""};
    char how[XFER_HOW_LEN];

    if (xfer_explain_blocks(x, gpu, picture, &there, how, &err) == 0)
        printf("# a tile to the GPU by %s\n", how);
    check(xfer_transfer_blocks(x, (struct xfer_place){gpu, 0},
                               (struct xfer_place){picture, TILE_AT}, &there, &err) == 0 &&
              xfer_transfer_blocks(x, (struct xfer_place){out, TILE_AT},
                                   (struct xfer_place){gpu, 0}, &back, &err) == 0,
          "a tile is transferred");
    if (err.text[0])
        printf("# %s\n", err.text);
}

/* Move a few pixels out of a list of places to the beginning of another buffer. */
static void gather_pixels(struct xfer *x, xfer_buffer picture, xfer_buffer gpu)
{
    static const uint64_t places[] = {70000, 12, 4000000, 555};
    const struct xfer_blocks pixels = {.count = 4, .bytes = 3, .src_at = places};
    struct xfer_error err = {""};

    check(xfer_transfer_blocks(x, (struct xfer_place){gpu, 0}, (struct xfer_place){picture, 0},
                               &pixels, &err) == 0,
          "pixels of a list are transferred");
    if (err.text[0])
        printf("# %s\n", err.text);
}

/* Does `out` hold the tile, and beside it what it was cleared to? */
static int has_tile_alone(const unsigned char *out)
{
    for (size_t i = 0; i < STRIPS * (size_t)STRIP; i++) {
        size_t behind = i - TILE_AT; /* wraps around before it */
        int inside = i >= TILE_AT && behind / ROW < TILE_ROWS && behind % ROW < TILE_WIDTH;
        if (out[i] != (inside ? pixel(i) : 0))
            return 0;
    }
    return 1;
}

static void show(const struct xfer *x)
{
    struct xfer_stats stats[8];
    size_t n = xfer_stats_get(x, stats, 8);

    for (size_t i = 0; i < n && i < 8; i++)
        printf("# %s->%s, size class %d: %llu transfers, %llu bytes, best %.2f GB/s, "
               "average %.2f GB/s\n",
               stats[i].src, stats[i].dst, stats[i].size_class,
               (unsigned long long)stats[i].transfers, (unsigned long long)stats[i].bytes,
               stats[i].best_gb_per_s, stats[i].avg_gb_per_s);
    check(n == 2 && stats[0].transfers == STRIPS && stats[0].bytes == STRIPS * STRIP &&
              stats[1].transfers == STRIPS && stats[0].failures == 0,
          "the statistics count them by path and size class");
}

/* Register the buffers, transfer, and say what was done. */
static void use(struct xfer *x, unsigned char *picture, unsigned char *gpu, unsigned char *out)
{
    const size_t bytes = STRIPS * (size_t)STRIP;
    struct xfer_error err = {""};
    xfer_buffer from, device, to;
    char how[XFER_HOW_LEN];

    check(xfer_register(x, &(struct xfer_region){picture, bytes, XFER_HOST, 0}, &from, &err) ==
                  0 &&
              xfer_register(x, &(struct xfer_region){gpu, STRIP, XFER_GPU, 0}, &device, &err) ==
                  0 &&
              xfer_register(x, &(struct xfer_region){out, bytes, XFER_HOST_PAGEABLE, 0}, &to,
                            &err) == 0,
          "buffers are registered");
    if (xfer_explain(x, device, from, STRIP, how, &err) == 0)
        printf("# to the GPU by %s\n", how);
    check(pipe_picture(x, from, device, to, &err) == 0, "the strips are transferred");
    check(memcmp(picture, out, bytes) == 0, "and every byte came back");
    if (err.text[0])
        printf("# %s\n", err.text);
    show(x);
    memset(out, 0, bytes);
    pipe_tile(x, from, device, to);
    check(has_tile_alone(out), "and came back, with nothing beside it");
    gather_pixels(x, from, device);
    check(gpu[0] == pixel(70000) && gpu[3] == pixel(12) && gpu[8] == pixel(4000002) &&
              gpu[9] == pixel(555),
          "and are those");
    check(xfer_transfer(x, (struct xfer_place){device, 1}, (struct xfer_place){from, 0}, STRIP,
                        &err) < 0,
          "a byte beyond a buffer is refused");
    printf("# %s\n", err.text);
}

int main(int argc, char **argv)
{
    struct xfer_error err = {""};
    struct xfer *x;

    MPI_Init(&argc, &argv);
    unsigned char *picture = malloc(STRIPS * (size_t)STRIP);
    unsigned char *out = calloc(STRIPS, STRIP), *gpu = malloc(STRIP);
    for (size_t i = 0; picture && i < STRIPS * (size_t)STRIP; i++)
        picture[i] = pixel(i);
    check(picture && out && gpu && xfer_create(argc > 1 ? argv[1] : NULL, "cpu", &x, &err) == 0,
          "the library is ready");
    if (failed) {
        printf("# %s\n", err.text);
    } else {
        use(x, picture, gpu, out);
        xfer_destroy(x);
    }
    free(picture);
    free(out);
    free(gpu);
    MPI_Finalize();
    printf("1..%d\n", checks);
    return failed ? 1 : 0;
}
