/* SPDX-License-Identifier: BSD-3-Clause */
/* test_visible.c - what a process may choose among, by what is listed and what the user said.
 */
#include "model/topology/visible.h"

#include "tests/tap.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

/* Two whole GPUs, and one that is parted in two. */
static const struct xb_listed_gpu node[] = {{{"0000:01:00.0", ""}, "GPU-1"},
                                            {{"0000:02:00.0", "MIG-21"}, "MIG-21"},
                                            {{"0000:02:00.0", "MIG-22"}, "MIG-22"},
                                            {{"0000:03:00.0", ""}, "GPU-3"}};

static void test_offers(void)
{
    static const struct {
        const char *name, *asked;
        size_t from, n, want; /* of node */
    } rows[] = {
        {"nothing is said: all, each as a GPU", NULL, 0, 4, 4},
        {"there are no instances: CUDA shows all GPUs", NULL, 0, 1, 0},
        {"nothing is listed", NULL, 0, 0, 0},
        {"one instance is named: that is the choice", "MIG-21", 0, 4, 0},
        {"two are: one of these", "MIG-21,MIG-22", 0, 4, 2},
        {"an instance and a GPU", "GPU-3,MIG-22", 0, 4, 2},
        {"GPUs alone", "GPU-1,GPU-3", 0, 4, 0},
        {"a number is CUDA's to understand", "0", 0, 4, 0},
        {"numbers too", "0,1", 0, 4, 0},
        {"an instance and what is not listed", "MIG-21,MIG-9", 0, 4, 0},
        {"the beginning of a UUID", "MIG-2,MIG-22", 0, 4, 0},
        {"none at all", "", 0, 4, 0},
    };

    for (size_t i = 0; i < ROWS(rows); i++) {
        struct xb_gpu_key out[8];
        size_t n =
            xb_visible_offer(node + rows[i].from, rows[i].n, rows[i].asked, out, ROWS(out));
        is_int((long long)n, (long long)rows[i].want, rows[i].name);
    }
}

static void test_what_is_offered(void)
{
    struct xb_gpu_key out[8] = {{"", ""}};

    is_int((long long)xb_visible_offer(node, 4, "GPU-3,MIG-22", out, 8), 2, "two");
    is_str(out[0].instance, "MIG-22", "the instance");
    is_str(out[0].pci, "0000:02:00.0", "of that GPU");
    is_str(out[1].pci, "0000:03:00.0", "and the whole one");
    is_str(out[1].instance, "", "which is no instance");
    is_int((long long)xb_visible_offer(node, 4, NULL, out, 1), 1, "no more than there is room");
}

static void test_values(void)
{
    static const struct {
        const char *asked, *value;
        struct xb_gpu_key chosen;
    } rows[] = {
        {NULL, "MIG-22", {"0000:02:00.0", "MIG-22"}},
        {"MIG-21,MIG-22", "MIG-21", {"0000:02:00.0", "MIG-21"}},
        {NULL, "GPU-1,GPU-3", {"0000:03:00.0", ""}},
        {"GPU-3,MIG-22", "GPU-3", {"0000:03:00.0", ""}},
    };
    struct xb_gpu_key any;
    struct xb_error err = {""};
    char value[64];

    for (size_t i = 0; i < ROWS(rows); i++) {
        is_int(xb_visible_value(node, 4, rows[i].asked, &rows[i].chosen, value, sizeof value,
                                &err),
               0, "a value");
        is_str(value, rows[i].value, "as it is to be");
        is_int((long long)xb_visible_offer(node, 4, value, &any, 1), 0, "which settles it");
    }
    is_int(xb_visible_value(node, 4, NULL, &rows[2].chosen, value, 8, &err), -1, "no room");
    contains(err.text, "too much room", "says so");
}

int main(void)
{
    test_offers();
    test_what_is_offered();
    test_values();
    return done_testing();
}
