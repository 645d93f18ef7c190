/* SPDX-License-Identifier: BSD-3-Clause */
/* test_policy_links.c - rules for what joins the two ends. */
#include "model/policy/policy.h"

#include "tests/catalog_fixture.h"
#include "tests/tap.h"

#define MIB (1 << 20)

static void test_links(void)
{
    static const char text[] =
        "{\"schema\": {\"name\": \"xferbench-policy\", \"version\": 1}, \"name\": \"by-link\", "
        "\"rules\": ["
        "{\"src\": \"gpu\", \"dst\": \"gpu\", \"link_class\": \"nvlink\", \"use\": "
        "{\"method\": \"p2p\"}},"
        "{\"src\": \"gpu\", \"dst\": \"gpu\", \"link_class\": \"other-socket\", \"use\": "
        "{\"method\": \"host-staged\"}},"
        "{\"src\": \"gpu\", \"dst\": \"gpu\", \"locality\": \"remote\", \"use\": "
        "{\"method\": \"nccl\"}}]}";
    static const struct {
        const char *name, *path;
        int link;
        const char *method; /* NULL: no rule, with these words */
        const char *why;
    } rows[] = {
        {"by NVLink", "gpu->gpu@node", XB_LINK_NVLINK, "p2p", NULL},
        {"by the sockets", "gpu->gpu@node", XB_LINK_OTHER_SOCKET, "host-staged", NULL},
        {"by the same rule again", "gpu->gpu@node", XB_LINK_NVLINK, "p2p", NULL},
        {"by NVLink between nodes", "gpu->gpu@remote", XB_LINK_NVLINK, "p2p", NULL},
        {"lanes of several classes take no rule that names one", "gpu->gpu@remote",
         XB_LINK_MIXED, "nccl", NULL},
        {"a class without a rule", "gpu->gpu@node", XB_LINK_PCIE_SWITCH, NULL,
         "discrete GPU memory and the link class pcie-switch"},
        {"several of them", "gpu->gpu@node", XB_LINK_MIXED, NULL,
         "discrete GPU memory and lanes that are not joined alike"},
    };
    struct xb_policy p;
    struct xb_error err = {""};

    if (xb_policy_parse("by-link", text, &fixture_catalog, &p, &err) < 0) {
        is_str(err.text, "", "a policy by link class is read");
        return;
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct xb_path path;
        struct xb_choice choice;
        xb_path_parse(rows[i].path, &path, &err);
        int rc = xb_policy_decide(&p, &path, MIB, NULL,
                                  (struct xb_policy_place){XB_GPU_DISCRETE, rows[i].link},
                                  &choice, &err);
        if (rows[i].method)
            is_str(rc == 0 ? choice.method->name : err.text, rows[i].method, rows[i].name);
        else
            contains(err.text, rows[i].why, rows[i].name);
    }
    xb_policy_release(&p);
}

/* A rule that others leave nothing for, and one that they do. */
static void test_cover(void)
{
    static const char head[] = "{\"schema\": {\"name\": \"xferbench-policy\", \"version\": 1}, "
                               "\"name\": \"cover\", \"rules\": ["
                               "{\"link_class\": \"nvlink\", \"use\": {\"method\": \"p2p\"}}, ";
    static const char again[] = "{\"link_class\": \"nvlink\", \"src\": \"gpu\", \"use\": "
                                "{\"method\": \"nccl\"}}]}";
    static const char rest[] = "{\"src\": \"gpu\", \"use\": {\"method\": \"nccl\"}}]}";
    char text[1024];
    struct xb_policy p;
    struct xb_error err = {""};

    snprintf(text, sizeof text, "%s%s", head, again);
    is_int(xb_policy_parse("p", text, &fixture_catalog, &p, &err), -1,
           "a second rule for one class never matches");
    contains(err.text, "it is taken by rules[0]", "- which is said");
    snprintf(text, sizeof text, "%s%s", head, rest);
    is_int(xb_policy_parse("p", text, &fixture_catalog, &p, &err), 0,
           "one for all others does");
    xb_policy_release(&p);
}

int main(void)
{
    test_links();
    test_cover();
    return done_testing();
}
