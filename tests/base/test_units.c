/* SPDX-License-Identifier: BSD-3-Clause */
/* test_units.c - sizes, durations, shares and rates, read and written. */
#include "base/units.h"

#include <stdlib.h>

#include "tests/tap.h"

static const struct {
    const char *text;
    uint64_t bytes;
    const char *written;
} sizes[] = {
    {"0", 0, "0B"},
    {"0KiB", 0, "0B"},
    {"1", 1, "1B"},
    {"1000", 1000, "1000B"},
    {"4096", 4096, "4KiB"},
    {"4096B", 4096, "4KiB"},
    {"2.5KiB", 2560, "2560B"},
    {"1.0B", 1, "1B"},
    {"0.5KiB", 512, "512B"},
    {"16MiB", 16777216, "16MiB"},
    {"1024MiB", 1073741824, "1GiB"},
    {"1.5TiB", 1649267441664, "1536GiB"},
    {"9007199254740993", 9007199254740993, "9007199254740993B"},
    {"16777215.5TiB", UINT64_MAX - (UINT64_C(1) << 39) + 1, "17179868672GiB"},
    {"18446744073709551615", UINT64_MAX, "18446744073709551615B"},
};

static const struct {
    const char *text;
    const char *error;
} bad_sizes[] = {
    {"", "expected a number"},
    {"MiB", "expected a number"},
    {".5MiB", "expected a number"},
    {"+1", "expected a number"},
    {" 1", "expected a number"},
    {"-1", "negative"},
    {"-1MiB", "negative"},
    {"1.MiB", "unknown unit \".MiB\""},
    {"16MB", "unknown unit \"MB\", expected B, KiB, MiB, GiB or TiB"},
    {"16mib", "unknown unit \"mib\""},
    {"16MiBx", "unknown unit \"MiBx\""},
    {"16 MiB", "unknown unit \" MiB\""},
    {"1e3", "unknown unit \"e3\""},
    {"0x10", "unknown unit \"x10\""},
    {"1.5", "whole bytes"},
    {"0.0001KiB", "whole bytes"},
    {"18446744073709551616", "too many digits"},
    {"0.00000000000000000000", "too many digits"},
    {"16777216TiB", "too large"},
};

static const struct {
    const char *text;
    int64_t ns;
    const char *written;
} durations[] = {
    {"0", 0, "0s"},
    {"0us", 0, "0s"},
    {"1ns", 1, "1ns"},
    {"2.5us", 2500, "2500ns"},
    {"300ms", 300000000, "300ms"},
    {"1s", 1000000000, "1s"},
    {"0.25s", 250000000, "250ms"},
    {"2min", 120000000000, "2min"},
    {"10m", 600000000000, "10min"},
    {"1.5h", 5400000000000, "90min"},
    {"90s", 90000000000, "90s"},
    {"9223372036854775807ns", INT64_MAX, "9223372036854775807ns"},
};

static const struct {
    const char *text;
    const char *error;
} bad_durations[] = {
    {"", "expected a number"},
    {"5", "its unit is missing, expected ns, us, ms, s, min or h behind it"},
    {"-1s", "negative"},
    {"1d", "unknown unit \"d\""},
    {"1 s", "unknown unit \" s\""},
    {"1S", "unknown unit \"S\""},
    {"1ss", "unknown unit \"ss\""},
    {"0.5ns", "whole nanoseconds"},
    {"9223372036854775808ns", "too large"},
    {"200000000min", "too large"},
};

static const struct {
    double us;
    const char *written;
} times[] = {
    {7.0214, "7.021 us"}, {1355.2, "1.355 ms"},  {2.1e6, "2.100 s"},      {0.1234, "123.4 ns"},
    {1.0, "1.000 us"},    {999.94, "999.9 us"},  {999.96, "1.000 ms"},    {9.9996, "10.00 us"},
    {99.996, "100.0 us"}, {999999.0, "1.000 s"}, {12.345678, "12.35 us"}, {0.0005, "0.500 ns"},
    {1.234e9, "1234 s"},  {0.0, "0.000 ns"},     {-7.0214, "-7.021 us"},
};

static const struct {
    uint64_t bytes;
    int class;
} classes[] = {
    {0, 0},       {4096, 0},     {4097, 1},     {65536, 1},     {65537, 2},     {1048576, 2},
    {1048577, 3}, {16777216, 3}, {16777217, 4}, {134217728, 4}, {134217729, 5}, {UINT64_MAX, 5},
};

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static const struct {
    const char *text;
    double share;
} shares[] = {{"5%", 0.05},    {"0.05", 0.05}, {"0%", 0},
              {"2.5%", 0.025}, {"1", 1},       {"1000%", 10}};

static const char *const bad_shares[] = {"",      "%",  "5 %",  " 5%",  "-5%", "5%%", "5x",
                                         "1001%", "11", "1e-2", "nan%", "inf", "0x1", "1.2.3"};

static void test_shares(void)
{
    for (size_t i = 0; i < COUNT(shares); i++) {
        double share = 77;
        is_int(xb_share_parse(shares[i].text, &share, NULL), 0, shares[i].text);
        is_near(share, shares[i].share, 1e-12, "comes to the share");
    }
    for (size_t i = 0; i < COUNT(bad_shares); i++) {
        double share = 77;
        struct xb_error err = {""};
        is_int(xb_share_parse(bad_shares[i], &share, &err), -1, bad_shares[i]);
        contains(err.text, "expected a share", "says what is");
        ok(share > 76, "leaves the result alone");
    }
}

static void test_sizes(void)
{
    char buf[XB_UNITS_LEN];
    for (size_t i = 0; i < COUNT(sizes); i++) {
        uint64_t bytes = 77;
        struct xb_error err = {""};
        is_int(xb_size_parse(sizes[i].text, &bytes, &err), 0, sizes[i].text);
        ok(bytes == sizes[i].bytes, "comes to the bytes");
        is_str(xb_size_format(bytes, buf), sizes[i].written, "is written");
        uint64_t again = 77;
        xb_size_parse(buf, &again, &err);
        ok(again == bytes, "is read back");
    }
    for (size_t i = 0; i < COUNT(bad_sizes); i++) {
        uint64_t bytes = 77;
        struct xb_error err = {""};
        is_int(xb_size_parse(bad_sizes[i].text, &bytes, &err), -1, bad_sizes[i].text);
        contains(err.text, bad_sizes[i].error, "says why");
        contains(err.text, bad_sizes[i].text, "quotes the text");
        ok(bytes == 77, "leaves the result alone");
    }
}

static void test_durations(void)
{
    char buf[XB_UNITS_LEN];
    for (size_t i = 0; i < COUNT(durations); i++) {
        int64_t ns = 77;
        struct xb_error err = {""};
        is_int(xb_duration_parse(durations[i].text, &ns, &err), 0, durations[i].text);
        is_int(ns, durations[i].ns, "comes to the nanoseconds");
        is_str(xb_duration_format(ns, buf), durations[i].written, "is written");
    }
    for (size_t i = 0; i < COUNT(bad_durations); i++) {
        int64_t ns = 77;
        struct xb_error err = {""};
        is_int(xb_duration_parse(bad_durations[i].text, &ns, &err), -1, bad_durations[i].text);
        contains(err.text, bad_durations[i].error, "says why");
        is_int(ns, 77, "leaves the result alone");
    }
    is_str(xb_duration_format(-300000000, buf), "-300ms", "a negative difference");
    is_str(xb_duration_format(INT64_MIN, buf), "-9223372036854775808ns", "the smallest one");
    is_int(xb_duration_parse("x", &(int64_t){0}, NULL), -1, "an error text is not required");
}

int main(void)
{
    char buf[XB_UNITS_LEN];
    test_sizes();
    test_durations();
    test_shares();
    for (size_t i = 0; i < COUNT(times); i++)
        is_str(xb_time_us_format(times[i].us, buf), times[i].written, times[i].written);
    for (size_t i = 0; i < COUNT(classes); i++) {
        char name[XB_UNITS_LEN];
        is_int(xb_size_class(classes[i].bytes), classes[i].class,
               xb_size_format(classes[i].bytes, name));
    }
    is_near(xb_gb_per_s(16777216, 1000), 16.777216, 1e-12, "16 MiB in 1 ms");
    is_near(xb_gb_per_s(1e9, 1e6), 1.0, 1e-12, "1e9 bytes in a second");
    return done_testing();
}
