/* SPDX-License-Identifier: BSD-3-Clause */
/* test_host_copy.c - copies through the caches and past them: all bytes and no others, wherever
 * they begin. */
#include "engine/pipeline/host_copy.h"

#include <string.h>

#include "tests/tap.h"

#define ROOM 40000

static unsigned char from[ROOM], to[ROOM], expected[ROOM];

/* How many of the rows below end as memcpy leaves them, gaps included. */
static int count_right(enum xb_stores stores)
{
    static const size_t sizes[] = {0, 1, 15, 63, 64, 65, 4095, 4096, 16384, 16385, 36000};
    int right = 0;

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (size_t src = 0; src < 67; src += 13)
            for (size_t dst = 0; dst < 67; dst += 11) {
                memset(to, 0xa5, sizeof to);
                memset(expected, 0xa5, sizeof expected);
                memcpy(expected + dst, from + src, sizes[i]);
                xb_host_copy(to + dst, from + src, sizes[i], stores);
                right += memcmp(to, expected, sizeof to) == 0;
            }
    return right;
}

int main(void)
{
    for (size_t i = 0; i < ROOM; i++)
        from[i] = (unsigned char)(i * 7 + i / 251);
    is_int(count_right(XB_STORES_CACHED), 11 * 6 * 7, "through the caches");
    is_int(count_right(XB_STORES_STREAMING), 11 * 6 * 7, "past the caches");
    return done_testing();
}
