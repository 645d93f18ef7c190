/* SPDX-License-Identifier: BSD-3-Clause */
/* test_collective.c - what collective operations move, and what they leave where. */
#include "model/plan/collective_op.h"

#include "model/plan/case_fits.h"

#include <string.h>

#include "tests/catalog_fixture.h"
#include "tests/tap.h"

static struct xb_case make_case(const struct xb_method_spec *method, int64_t transfer)
{
    struct xb_case c = {.method = method,
                        .options = xb_options_default(method->options),
                        .bytes = 960,
                        .window = 1};
    if (method->collective_option)
        xb_option_set(method->collective_option, &c.options, transfer);
    return c;
}

static void test_which(void)
{
    static const struct {
        const struct xb_method_spec *method;
        int64_t transfer;
        enum xb_collective op;
    } rows[] = {
        {&fixture_nccl, 0, XB_COLLECTIVE_NONE}, {&fixture_nccl, 1, XB_ALL_REDUCE},
        {&fixture_nccl, 2, XB_ALL_GATHER},      {&fixture_nccl, 3, XB_REDUCE_SCATTER},
        {&fixture_nccl, 4, XB_ALL_TO_ALL},      {&fixture_mpi, 1, XB_COLLECTIVE_NONE},
        {&fixture_mpi, 2, XB_ALL_REDUCE},       {&fixture_p2p, 0, XB_COLLECTIVE_NONE},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct xb_case c = make_case(rows[i].method, rows[i].transfer);
        is_int(xb_case_collective(&c), rows[i].op, rows[i].method->name);
    }
}

/* A case of a pattern, method and transfer, with a datatype where the method has one. */
static struct xb_case typed(const char *pattern, const struct xb_method_spec *method,
                            int64_t transfer, enum xb_datatype type)
{
    struct xb_case c = make_case(method, transfer);

    c.pattern = xb_pattern_find(pattern, NULL);
    c.path.locality = XB_NODE;
    if (method != &fixture_mpi)
        c.path.src.kind = c.path.dst.kind = XB_GPU;
    if (method->datatype_option)
        xb_option_set(method->datatype_option, &c.options, type);
    return c;
}

/* A datatype is for what is added up. */
static void test_datatypes(void)
{
    static const struct {
        const char *pattern;
        const struct xb_method_spec *method;
        int64_t transfer;
        enum xb_datatype said;
        bool reduces;
        const char *reason; /* NULL: it fits */
    } rows[] = {
        {"collective", &fixture_nccl, 1, XB_DATATYPE_UINT64, true, NULL},
        {"collective", &fixture_nccl, 1, XB_DATATYPE_FLOAT, true, NULL},
        {"collective", &fixture_nccl, 2, XB_DATATYPE_UINT64, false, NULL},
        {"collective", &fixture_nccl, 2, XB_DATATYPE_FLOAT, false,
         "datatype float is for reductions, and the transfer all-gather is none"},
        {"collective", &fixture_nccl, 3, XB_DATATYPE_FLOAT, true, NULL},
        {"collective", &fixture_mpi, 4, XB_DATATYPE_FLOAT, true, NULL},
        {"collective", &fixture_mpi, 5, XB_DATATYPE_FLOAT, false,
         "datatype float is for reductions, and the transfer all-to-all is none"},
        {"stream", &fixture_mpi, 0, XB_DATATYPE_FLOAT, false,
         "datatype float is for reductions, and the transfer send is none"},
        {"stream", &fixture_mpi, 0, XB_DATATYPE_UINT64, false, NULL},
        {"stream", &fixture_p2p, 0, XB_DATATYPE_UINT64, false, NULL},
        {"stream", &fixture_mpi, 2, XB_DATATYPE_FLOAT, true,
         "the pattern stream is not for what the method mpi does here, expected another of one "
         "of them"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct xb_case c =
            typed(rows[i].pattern, rows[i].method, rows[i].transfer, rows[i].said);
        struct xb_error err = {""};
        ok(xb_case_reduces(&c) == rows[i].reduces, rows[i].method->name);
        is_int(xb_case_datatype(&c), rows[i].reduces ? rows[i].said : XB_DATATYPE_UINT64,
               "what it adds up");
        is_int(xb_case_fits(&c, &err), rows[i].reason ? 1 : 0, "whether it fits");
        is_str(err.text, rows[i].reason ? rows[i].reason : "", "and why not");
    }
    is_int((long long)xb_datatype_bytes(XB_DATATYPE_UINT64), 8, "bytes of an integer");
    is_int((long long)xb_datatype_bytes(XB_DATATYPE_FLOAT), 4, "and of a float");
}

/* The factors of nccl-tests. */
static void test_bus_bytes(void)
{
    struct xb_case reduce = make_case(&fixture_nccl, 1), gather = make_case(&fixture_nccl, 2),
                   scatter = make_case(&fixture_nccl, 3), all = make_case(&fixture_nccl, 4),
                   send = make_case(&fixture_nccl, 0), null = make_case(&fixture_null, 0);

    is_near(xb_case_moved_bytes(&reduce, 2), 960, 0, "all-reduce of 2: 2(n-1)/n is 1");
    is_near(xb_case_moved_bytes(&reduce, 4), 1440, 0, "of 4: 3/2");
    is_near(xb_case_moved_bytes(&gather, 2), 480, 0, "all-gather of 2: (n-1)/n is 1/2");
    is_near(xb_case_moved_bytes(&scatter, 4), 720, 0, "reduce-scatter of 4: 3/4");
    is_near(xb_case_moved_bytes(&all, 8), 840, 0, "all-to-all of 8: 7/8");
    struct xb_case cast = make_case(&fixture_nccl, 5), sum = make_case(&fixture_nccl, 6),
                   gather_one = make_case(&fixture_nccl, 7),
                   scatter_one = make_case(&fixture_nccl, 8);
    is_near(xb_case_moved_bytes(&cast, 4), 960, 0, "broadcast: 1");
    is_near(xb_case_moved_bytes(&sum, 8), 960, 0, "reduce: 1");
    is_near(xb_case_moved_bytes(&gather_one, 4), 720, 0, "gather of 4: 3/4");
    is_near(xb_case_moved_bytes(&scatter_one, 2), 480, 0, "scatter of 2: 1/2");
    ok(xb_case_reduces(&sum) && !xb_case_reduces(&cast) && !xb_case_reduces(&gather_one),
       "reduce adds up, and the others do not");
    is_near(xb_case_moved_bytes(&send, 8), 960, 0, "a message moves its bytes");
    is_near(xb_case_moved_bytes(&null, 8), 0, 0, "and what moves nothing none");
}

/* "at+bytes<first@from", for each piece. */
static void pieces_text(enum xb_collective op, int rank, char *buf, size_t len)
{
    struct xb_piece p;
    size_t used = 0;

    buf[0] = '\0';
    for (int i = 0; used < len && xb_collective_piece(op, 96, 3, rank, i, &p); i++)
        used += (size_t)snprintf(buf + used, len - used, "%d+%d<%d@%d ", (int)p.at,
                                 (int)p.bytes, (int)p.first, p.from);
}

static void test_pieces(void)
{
    static const struct {
        enum xb_collective op;
        int rank;
        const char *pieces;
    } rows[] = {
        {XB_ALL_REDUCE, 0, "0+96<0@-1 "},
        {XB_ALL_REDUCE, 2, "0+96<0@-1 "},
        {XB_ALL_GATHER, 1, "0+32<0@0 32+32<0@1 64+32<0@2 "},
        {XB_REDUCE_SCATTER, 0, "0+32<0@-1 "},
        {XB_REDUCE_SCATTER, 2, "0+32<64@-1 "},
        {XB_ALL_TO_ALL, 1, "0+32<32@0 32+32<32@1 64+32<32@2 "},
        {XB_BROADCAST, 0, ""},
        {XB_BROADCAST, 2, "0+96<0@0 "},
        {XB_REDUCE, 0, "0+96<0@-1 "},
        {XB_REDUCE, 1, ""},
        {XB_GATHER, 0, "0+32<0@0 32+32<0@1 64+32<0@2 "},
        {XB_GATHER, 1, ""},
        {XB_SCATTER, 0, "0+32<0@0 "},
        {XB_SCATTER, 2, "0+32<64@0 "},
    };
    char text[128];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pieces_text(rows[i].op, rows[i].rank, text, sizeof(text));
        is_str(text, rows[i].pieces, xb_nccl_transfers[rows[i].op + 1]);
    }
}

int main(void)
{
    test_which();
    test_datatypes();
    test_bus_bytes();
    test_pieces();
    return done_testing();
}
