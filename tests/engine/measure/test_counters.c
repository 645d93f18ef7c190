/* SPDX-License-Identifier: BSD-3-Clause */
/* test_counters.c - when a counter of 32 bits tells nothing any more. */
#include "engine/measure/counters.h"

#include "tests/tap.h"

#define GIB      (UINT64_C(1) << 30)
#define GEN5_X16 63.0 /* GB/s */
#define WRAPS_US 51e3 /* in which that link carries 3 GiB */

int main(void)
{
    static const struct row {
        uint64_t bytes;
        double elapsed_us, gb_per_s;
        bool lost;
        const char *name;
    } rows[] = {
        {GIB, 1e6, GEN5_X16, false, "few bytes, however long they took"},
        {10 * GIB, 27e3, GEN5_X16, false,
         "10 GiB over NVLink, in which PCI Express cannot wrap"},
        {10 * GIB, WRAPS_US - 1e3, GEN5_X16, false, "up to the time that it takes"},
        {10 * GIB, WRAPS_US + 1e3, GEN5_X16, true, "and no longer"},
        {10 * GIB, 200e3, GEN5_X16, true, "10 GiB that may all have gone this way"},
        {10 * GIB, 27e3, 0, true, "a link of unknown width"},
        {10 * GIB, 27e3, 450, true, "a link to the CPU that is as fast"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        is_int(xb_counter_is_lost(rows[i].bytes, rows[i].elapsed_us, rows[i].gb_per_s),
               rows[i].lost, rows[i].name);
    return done_testing();
}
