/* SPDX-License-Identifier: BSD-3-Clause */
/* test_traffic_file.c - a matrix of bytes, as people and programs write it, and what is wrong.
 */
#include "model/scenario/traffic_file.h"

#include <stdlib.h>

#include "tests/tap.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

static const struct {
    const char *name, *text;
    int nranks;
    const char *lanes; /* "SRC>DST:BYTES ..." */
} good[] = {
    {"numbers and blanks", "0 5\n7 0\n", 2, "0>1:5 1>0:7 "},
    {"units, comments, empty lines, no end of the last line",
     "# a ring\n\n 0  1KiB # there\n\t\n64B\t0", 2, "0>1:1024 1>0:64 "},
    {"commas", "0,5,6\n0,0,7\n8,0,0\n", 3, "0>1:5 0>2:6 1>2:7 2>0:8 "},
    {"semicolons, and lines that end as on Windows", "0; 5\r\n7; 0\r\n", 2, "0>1:5 1>0:7 "},
    {"titles, as pandas writes them", ",0,1\n0,0,5\n1,7,0\n", 2, "0>1:5 1>0:7 "},
    {"titles that are names", ";a b;c\n a b;0;5\nc;7;0\n", 2, "0>1:5 1>0:7 "},
    {"what numpy writes", "0.000000000000000000e+00 1.048576000000000000e+06\n4.0e+00 0.0\n", 2,
     "0>1:1048576 1>0:4 "},
    {"a rank's bytes to itself", "3 0\n0 0\n", 2, "0>0:3 "},
    {"one rank", "9", 1, "0>0:9 "},
};

static void test_good(void)
{
    for (size_t i = 0; i < ROWS(good); i++) {
        struct xb_traffic t;
        struct xb_error err = {""};
        char text[256] = "";
        size_t used = 0;

        is_int(xb_traffic_file_parse("t", good[i].text, strlen(good[i].text), &t, &err), 0,
               good[i].name);
        is_str(err.text, "", "no error");
        is_int(t.nranks, good[i].nranks, "of so many ranks");
        for (size_t l = 0; l < t.count; l++)
            used += (size_t)snprintf(text + used, sizeof text - used, "%d>%d:%d ",
                                     t.lane[l].src, t.lane[l].dst, (int)t.lane[l].bytes);
        is_str(text, good[i].lanes, "its lanes");
        free(t.lane);
    }
}

static const struct {
    const char *name, *text, *error;
} bad[] = {
    {"nothing", "", "t: found no numbers, expected a matrix of bytes"},
    {"comments alone", "# none\n\n", "t: found no numbers, expected a matrix of bytes"},
    {"titles alone", ",0,1\n", "t: found no numbers, expected a matrix of bytes"},
    {"all 0", "0 0\n0 0\n", "t: all is 0, expected a lane at least"},
    {"a word", "0 5\n7 x\n", "t:2:3: found \"x\", expected bytes, as in 4096 or 64KiB"},
    {"a unit that means two things", "# a\n0 5MB\n",
     "t:2:3: found \"5MB\", expected bytes, as in 4096 or 64KiB"},
    {"less than nothing", "0 -5\n", "t:1:3: found \"-5\", expected bytes, as in 4096 or 64KiB"},
    {"half a byte", "0 0.5\n", "t:1:3: found \"0.5\", expected bytes, as in 4096 or 64KiB"},
    {"more than there is", "0 1e300\n",
     "t:1:3: found \"1e300\", expected bytes, as in 4096 or 64KiB"},
    {"no number at all", "0 nan\n",
     "t:1:3: found \"nan\", expected bytes, as in 4096 or 64KiB"},
    {"an empty cell", "0,5\n7,\n", "t:2:3: found \"\", expected bytes, as in 4096 or 64KiB"},
    {"a long one", "0 1234567890123456789012345678901234567890123\n",
     "t:1:3: found \"1234567890123456789012345678901234567890...\", expected bytes, as in 4096 "
     "or 64KiB"},
    {"bytes that are no text", "0 \x01\xff\n",
     "t:1:3: found \"??\", expected bytes, as in 4096 or 64KiB"},
    {"a short row", "0 5 6\n7 0\n8 8 0\n", "t:2:4: found 2 numbers, expected 3 as in line 1"},
    {"a long one", "\n0 5\n7 0 1\n", "t:3:6: found 3 numbers, expected 2 as in line 2"},
    {"a row too few", "0 5 6\n7 0 1\n",
     "t: found 2 rows, expected 3, as many as columns in line 1"},
    {"one too many", "0 5\n7 0\n1 1\n",
     "t:3:1: found another row, expected 2, as many as columns in line 1"},
};

static void test_bad(void)
{
    for (size_t i = 0; i < ROWS(bad); i++) {
        struct xb_traffic t;
        struct xb_error err = {""};

        is_int(xb_traffic_file_parse("t", bad[i].text, strlen(bad[i].text), &t, &err), -1,
               bad[i].name);
        is_str(err.text, bad[i].error, "says where, and what was expected");
        ok(!t.lane && t.count == 0, "nothing is left");
    }
}

/* A row of n times a cell. */
static size_t put_row(char *text, const char *cell, int n)
{
    char *at = text;

    for (int i = 0; i < n; i++)
        at += sprintf(at, "%s%s", cell, i + 1 < n ? " " : "\n");
    return (size_t)(at - text);
}

static void test_limits(void)
{
    const size_t room = (size_t)XB_TRAFFIC_RANKS * 4 + 4096 * 256;
    char *text = malloc(room);
    struct xb_traffic t;
    struct xb_error err = {""};
    size_t used = put_row(text, "0", XB_TRAFFIC_RANKS + 1);

    is_int(xb_traffic_file_parse("t", text, used, &t, &err), -1, "a row of 4097");
    is_str(err.text, "t:1:8193: found more than 4096 numbers, expected at most that",
           "is more than there may be");
    used = 0;
    for (int r = 0; r < 182; r++)
        used += put_row(text + used, "1", 182);
    is_int(xb_traffic_file_parse("t", text, used, &t, &err), -1, "182 ranks to all others");
    is_str(err.text, "t:181:17: found more than 32768 lanes, expected at most that",
           "are more lanes than there may be");
    used = 0;
    for (int r = 0; r < 181; r++)
        used += put_row(text + used, "1", 181);
    is_int(xb_traffic_file_parse("t", text, used, &t, &err), 0, "181 are not");
    is_int((long long)t.count, 181 * 181, "all are there");
    free(t.lane);
    memcpy(text, "0 5\n7 \0\n", 8);
    is_int(xb_traffic_file_parse("t", text, 8, &t, &err), -1, "a byte of value 0");
    is_str(err.text, "t:2:3: found \"?\", expected bytes, as in 4096 or 64KiB", "is no number");
    free(text);
}

int main(void)
{
    test_good();
    test_bad();
    test_limits();
    return done_testing();
}
