/* SPDX-License-Identifier: BSD-3-Clause */
/* test_tuning.c - winners, rules and regrets from trials that are made up. */
#include "tune/tuning.h"

#include <stdlib.h>
#include <string.h>

#include "tests/catalog_fixture.h"
#include "tests/tap.h"
#include "tests/tune/trial_fixture.h"

static void test_same_use(void)
{
    struct xb_trial a = trial(&fixture_zero_copy, &to_gpu, 65536, 4096, 4, 1);
    struct xb_trial b = trial(&fixture_zero_copy, &to_gpu, 1 << 20, 4096, 4, 1);
    struct xb_trial whole = trial(&fixture_zero_copy, &to_gpu, 4096, 4096, 4, 1);
    struct xb_trial other = trial(&fixture_zero_copy, &to_gpu, 1 << 20, 1 << 20, 4, 1);

    ok(xb_same_use(&a.c, &b.c), "the same chunk and depth for another size");
    ok(!xb_same_use(&a.c, &whole.c), "the whole is not a chunk of that size");
    ok(xb_same_use(&whole.c, &other.c), "but the whole is the whole");
    b.c.depth = 3;
    ok(!xb_same_use(&a.c, &b.c), "another depth");
    a = trial(&fixture_p2p, &between, 64, 0, 0, 1);
    b = a;
    xb_option_set(&fixture_p2p.options[1], &b.c.options, XB_P2P_PULL);
    ok(!xb_same_use(&a.c, &b.c) && !xb_same_method(&a.c, &b.c), "another option");
}

/* What is written is what the policy then says. */
static void test_rules(void)
{
    struct xb_trial direct = trial(&fixture_direct, &to_gpu, 4096, 0, 0, 1);
    struct xb_trial cut = trial(&fixture_zero_copy, &to_gpu, 1 << 20, 65536, 4, 1);
    struct xb_trial whole = trial(&fixture_host_staged, &between, 4096, 4096, 1, 1);
    const struct xb_range ranges[] = {
        {.to = 65536, .use = direct.c},
        {.from = 65537, .use = cut.c},
        {.use = whole.c},
    };
    char text[2048] = "{\"schema\":{\"name\":\"xferbench-policy\",\"version\":1},"
                      "\"name\":\"t\",\"rules\":[";
    struct xb_policy policy = {0};
    struct xb_choice choice;
    struct xb_error err = {""};

    for (size_t i = 0; i < 3; i++) {
        cJSON *rule = xb_range_rule(&ranges[i]);
        char *printed = cJSON_PrintUnformatted(rule);
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", i ? "," : "",
                 printed);
        cJSON_free(printed);
        cJSON_Delete(rule);
    }
    strcat(text, "]}");
    is_int(xb_policy_parse("t", text, &fixture_catalog, &policy, &err), 0,
           "the rules are a policy");
    is_str(err.text, "", "without complaint");
    xb_policy_decide(&policy, &to_gpu, 65536, NULL,
                     (struct xb_policy_place){XB_GPU_DISCRETE, XB_LINK_MIXED}, &choice, &err);
    ok(choice.method == &fixture_direct, "up to its end");
    xb_policy_decide(&policy, &to_gpu, 65537, NULL,
                     (struct xb_policy_place){XB_GPU_DISCRETE, XB_LINK_MIXED}, &choice, &err);
    ok(choice.method == &fixture_zero_copy && choice.chunk == 65536 && choice.depth == 4,
       "and from there on the next, with chunk and depth");
    xb_policy_decide(&policy, &between, 1 << 20, NULL,
                     (struct xb_policy_place){XB_GPU_DISCRETE, XB_LINK_MIXED}, &choice, &err);
    ok(choice.chunk == 1 << 20 && choice.depth == 1, "a whole stays a whole");
    xb_policy_release(&policy);
}

/* The size that is printed is the one where the rules change, whatever it is. */
static void test_crossover_text(void)
{
    struct xb_trial direct = trial(&fixture_direct, &to_gpu, 4096, 0, 0, 1);
    struct xb_trial cut = trial(&fixture_zero_copy, &to_gpu, 1 << 20, 65536, 4, 1);
    struct xb_trial whole = trial(&fixture_host_staged, &between, 4096, 4096, 1, 1);
    struct xb_range a = {.to = 304 << 10, .use = direct.c, .parted = true};
    struct xb_range b = {.from = (304 << 10) + 1, .use = cut.c};
    struct xb_range other = {.use = whole.c};
    char text[1000];

    is_str(xb_crossover_format(&a, &b, text, sizeof text),
           "host->gpu@self: above 304KiB zero-copy 64KiB x 4, which is faster than "
           "direct[memory=pinned]",
           "where the range ends");
    cJSON *rule = xb_range_rule(&a), *x = xb_crossover_json(&a, &b);
    is_int((long long)cJSON_GetObjectItem(x, "above")->valuedouble,
           (long long)cJSON_GetObjectItem(rule, "to")->valuedouble, "as the rule has it");
    ok(cJSON_IsTrue(cJSON_GetObjectItem(x, "parted")), "and that they part");
    cJSON_Delete(rule);
    cJSON_Delete(x);
    a.parted = false;
    contains(xb_crossover_format(&a, &b, text, sizeof text), "which does not part from",
             "or not");
    ok(!xb_crossover_format(&b, &other, text, sizeof text), "another path is no crossover");
    ok(!xb_crossover_format(&b, NULL, text, sizeof text), "nor is the end");
    b.use = direct.c;
    ok(!xb_crossover_json(&a, &b), "nor the same method");
}

static void test_regret(void)
{
    const double choice[] = {10, 30, 0, 22, 5}, best[] = {10, 10, 10, 20, 0};
    const struct xb_point points[] = {AT(to_gpu, 1), AT(between, 2), AT(to_gpu, 3),
                                      AT(to_gpu, 4), AT(to_gpu, 5)};
    struct xb_regret r = xb_regret_of(choice, best, points, 5);

    is_int((long long)r.points, 3, "points that have both");
    is_int((long long)r.no_answer, 1, "a choice that does not work");
    is_near(r.worst, 3, 1e-12, "the worst");
    ok(r.where.bytes == 2 && r.where.path.locality == XB_NODE, "and where");
    is_near(r.median, 1.1, 1e-12, "the median");
    is_int((long long)r.nhigh, 2, "those above 1.05");
    r = xb_regret_of(choice, best, points, 0);
    ok(r.points == 0 && r.worst == 0, "no points, no regret");
}

int main(void)
{
    test_same_use();
    test_rules();
    test_crossover_text();
    test_regret();
    return done_testing();
}
