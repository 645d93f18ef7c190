/* SPDX-License-Identifier: BSD-3-Clause */
/* test_path.c - words for endpoints and paths, there and back. */
#include "model/plan/path.h"
#include "model/plan/path_kinds.h"

#include "tests/tap.h"

static void test_good_paths(void)
{
    static const struct {
        const char *text, *formatted, *reversed;
    } rows[] = {
        {"host->gpu", "host->gpu@self", "gpu->host@self"},
        {"host->host@self", "host->host@self", "host->host@self"},
        {"gpu->gpu@node", "gpu->gpu@node", "gpu->gpu@node"},
        {"gpu->host@remote", "gpu->host@remote", "host->gpu@remote"},
        {"gpu->gpu+1", "gpu->gpu+1@self", "gpu+1->gpu@self"},
        {"gpu+63->gpu+10@node", "gpu+63->gpu+10@node", "gpu+10->gpu+63@node"},
        {"host->gpu+*", "host->gpu+*@self", "gpu+*->host@self"},
        {"gpu+*->gpu+*@self", "gpu+*->gpu+*@self", "gpu+*->gpu+*@self"},
        {"gpu+*->gpu", "gpu+*->gpu@self", "gpu->gpu+*@self"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct xb_error err = {""};
        struct xb_path path;
        char buf[XB_PATH_LEN];
        is_int(xb_path_parse(rows[i].text, &path, &err), 0, rows[i].text);
        is_str(xb_path_format(&path, buf), rows[i].formatted, "as text again");
        struct xb_path back = xb_path_reverse(&path);
        is_str(xb_path_format(&back, buf), rows[i].reversed, "the other way round");
    }
}

static void test_bad_paths(void)
{
    static const struct {
        const char *text, *found, *expected;
    } rows[] = {
        {"", "the path \"\"", "SRC->DST@LOCALITY"},
        {"host", "the path \"host\"", "SRC->DST or SRC->DST@LOCALITY"},
        {"host-gpu", "the path \"host-gpu\"", "SRC->DST"},
        {"->gpu", "the endpoint \"\"", "host, gpu, gpu+K (K from 1 to 63) or gpu+*"},
        {"gpu->", "the endpoint \"\"", "host, gpu, gpu+K (K from 1 to 63) or gpu+*"},
        {"hots->gpu", "the endpoint \"hots\"", "K from 1 to 63"},
        {"gpu->Host", "the endpoint \"Host\"", "host, gpu, gpu+K (K from 1 to 63) or gpu+*"},
        {"gpu->gpu->gpu", "the endpoint \"gpu->gpu\"",
         "host, gpu, gpu+K (K from 1 to 63) or gpu+*"},
        {"gpu -> host", "the endpoint \"gpu \"", "host, gpu, gpu+K (K from 1 to 63) or gpu+*"},
        {"gpu+0->gpu", "the endpoint \"gpu+0\"", "K from 1 to 63"},
        {"gpu+64->gpu", "the endpoint \"gpu+64\"", "K from 1 to 63"},
        {"gpu+01->gpu", "the endpoint \"gpu+01\"", "K from 1 to 63"},
        {"gpu+1x->gpu", "the endpoint \"gpu+1x\"", "K from 1 to 63"},
        {"gpu+->gpu", "the endpoint \"gpu+\"", "K from 1 to 63"},
        {"gpu*->gpu", "the endpoint \"gpu*\"", "K from 1 to 63) or gpu+*"},
        {"gpu+**->gpu", "the endpoint \"gpu+**\"", "or gpu+*"},
        {"gpu+-1->gpu", "the endpoint \"gpu+-1\"", "K from 1 to 63"},
        {"host+*->gpu", "the endpoint \"host+*\"", "host, gpu"},
        {"gpu->gpu+*@node", "gpu+* in the path \"gpu->gpu+*@node\"",
         "within a rank alone (@self)"},
        {"gpu+*->host@remote", "gpu+* in the path \"gpu+*->host@remote\"", "(@self)"},
        {"gpu+99999999999999999999->gpu", "the endpoint \"gpu+9999", "K from 1 to 63"},
        {"gpu->gpu@", "the locality \"\"", "self, node or remote"},
        {"gpu->gpu@nod", "the locality \"nod\"", "self, node or remote"},
        {"gpu->gpu@node@node", "the locality \"node@node\"", "self, node or remote"},
        {"hosthosthosthosthosthosthosthosthosthosthosthosthost->gpu", "the endpoint \"hosthost",
         "host, gpu, gpu+K (K from 1 to 63) or gpu+*"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct xb_error err = {""};
        struct xb_path path = {.src = {.kind = XB_GPU, .index = 7}};
        is_int(xb_path_parse(rows[i].text, &path, &err), -1, rows[i].text);
        contains(err.text, rows[i].found, "what was found");
        contains(err.text, rows[i].expected, "what was expected");
        is_int(path.src.index, 7, "nothing is changed");
    }
}

static void test_endpoints(void)
{
    struct xb_endpoint e;
    char buf[XB_PATH_LEN];

    is_int(xb_endpoint_parse("gpu+2", &e, NULL), 0, "gpu+2 is an endpoint");
    is_int(e.kind, XB_GPU, "a GPU");
    is_int(e.index, 2, "the second other one");
    is_int(xb_endpoint_parse("gpu+*", &e, NULL), 0, "gpu+* is an endpoint");
    is_int(e.index, XB_GPU_ANY, "every other one");
    is_int(xb_endpoint_parse("host", &e, NULL), 0, "host is an endpoint");
    is_int(e.kind, XB_HOST, "the host");
    is_int(e.index, 0, "without an index");
    is_str(xb_endpoint_format(e, buf), "host", "as text again");
    is_int(xb_endpoint_parse("nic", &e, NULL), -1, "an error needs no text");
    is_str(xb_locality_name(XB_SELF), "self", "self");
    is_str(xb_locality_name(XB_NODE), "node", "node");
    is_str(xb_locality_name(XB_REMOTE), "remote", "remote");
}

static void test_kinds(void)
{
    static const struct {
        const char *path, *kind;
        enum xb_path_kind bit;
    } rows[] = {
        {"host->host", "host->host", XB_HOST_TO_HOST},
        {"host->gpu@node", "host->gpu", XB_HOST_TO_GPU},
        {"host->gpu+2", "host->gpu+K", XB_HOST_TO_OTHER},
        {"gpu->host", "gpu->host", XB_GPU_TO_HOST},
        {"gpu->gpu@remote", "gpu->gpu", XB_GPU_TO_GPU},
        {"gpu->gpu+1", "gpu->gpu+K", XB_GPU_TO_OTHER},
        {"gpu+1->host", "gpu+K->host", XB_OTHER_TO_HOST},
        {"gpu+9->gpu", "gpu+K->gpu", XB_OTHER_TO_GPU},
        {"gpu+1->gpu+2", "gpu+K->gpu+K", XB_OTHER_TO_OTHER},
        {"host->gpu+*", "host->gpu+K", XB_HOST_TO_OTHER},
        {"gpu+*->gpu", "gpu+K->gpu", XB_OTHER_TO_GPU},
        {"gpu+*->gpu+*", "gpu+K->gpu+K", XB_OTHER_TO_OTHER},
    };
    unsigned all = 0;
    char text[64];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct xb_path path;
        xb_path_parse(rows[i].path, &path, NULL);
        is_int(xb_path_kind_of(&path), rows[i].bit, rows[i].path);
        is_str(xb_path_kinds_format(rows[i].bit, text, sizeof text), rows[i].kind, "in words");
        all |= rows[i].bit;
    }
    is_int(all, XB_ANY_PATH, "there are no others");
    is_str(xb_path_kinds_format(all, text, sizeof text), "any path", "all");
    is_str(xb_path_kinds_format(0, text, sizeof text), "", "none");
    is_str(xb_path_kinds_format(XB_HOST_TO_GPU | XB_GPU_TO_OTHER, text, sizeof text),
           "host->gpu gpu->gpu+K", "two");
}

int main(void)
{
    test_good_paths();
    test_bad_paths();
    test_endpoints();
    test_kinds();
    return done_testing();
}
