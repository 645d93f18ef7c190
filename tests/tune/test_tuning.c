/* test_tuning.c - winners, rules and regrets from trials that are made up. */
#include "tune/tuning.h"

#include <stdlib.h>
#include <string.h>

#include "tests/catalog_fixture.h"
#include "tests/tap.h"

static const struct xb_path to_gpu = {{XB_HOST, 0}, {XB_GPU, 0}, XB_SELF};
static const struct xb_path between = {{XB_GPU, 0}, {XB_GPU, 0}, XB_NODE};

static struct xb_trial trial(const struct xb_method_spec *method, const struct xb_path *path,
                             uint64_t bytes, uint64_t chunk, int depth, double us)
{
    struct xb_error err;
    struct xb_trial t = {.c = {.pattern = xb_pattern_find("stream", NULL),
                               .method = method,
                               .path = *path,
                               .bytes = bytes,
                               .chunk = chunk,
                               .depth = depth,
                               .window = 1},
                         .ok = us > 0,
                         .us = us,
                         .best_us = us,
                         .ci_lo_us = 0.99 * us,
                         .ci_hi_us = 1.01 * us};
    xb_case_make_id(&t.c, &err);
    return t;
}

static void add(struct xb_trials *trials, struct xb_trial t)
{
    xb_trials_add(trials, &t);
}

static void test_winners(void)
{
    struct xb_trials t = {0};

    add(&t, trial(&fixture_direct, &to_gpu, 4096, 0, 0, 10));
    add(&t, trial(&fixture_zero_copy, &to_gpu, 4096, 4096, 1, 12));
    add(&t, trial(&fixture_direct, &to_gpu, 65536, 0, 0, 20));
    add(&t, trial(&fixture_zero_copy, &to_gpu, 65536, 4096, 4, 19.8));
    add(&t, trial(&fixture_zero_copy, &to_gpu, 65536, 8192, 4, 0));
    add(&t, trial(&fixture_zero_copy, &to_gpu, 1 << 20, 65536, 4, 50));
    add(&t, trial(&fixture_direct, &to_gpu, 1 << 20, 0, 0, 90));

    const struct xb_trial *small = xb_trials_best(&t, &to_gpu, 4096);
    ok(small && small->c.method == &fixture_direct, "the fastest");
    ok(xb_trials_best(&t, &to_gpu, 65536)->us == 19.8, "what is not ok does not win");
    ok(xb_trials_best(&t, &between, 4096) == NULL, "nothing was measured there");
    ok(xb_trials_choose(&t, &to_gpu, 65536, NULL)->us == 19.8, "nothing was chosen before");
    ok(xb_trials_choose(&t, &to_gpu, 65536, &small->c)->us == 20,
       "intervals overlap: it stays with the method");
    ok(xb_trials_choose(&t, &to_gpu, 1 << 20, &small->c)->us == 50, "they part: it changes");
    ok(xb_trials_find(&t, small->c.id) == small, "found by id");
    ok(xb_trials_find(&t, "no such") == NULL, "or not");
    xb_trials_release(&t);
}

/* What was measured again counts with the smaller of its times. */
static void test_best_us(void)
{
    struct xb_trials t = {0};

    add(&t, trial(&fixture_direct, &to_gpu, 4096, 0, 0, 10));
    add(&t, trial(&fixture_zero_copy, &to_gpu, 4096, 4096, 1, 12));
    add(&t, trial(&fixture_zero_copy, &to_gpu, 4096, 4096, 2, 0));
    is_near(xb_trials_best_us(&t, &to_gpu, 4096), 10, 0, "the smallest");
    t.trial[1].best_us = 9;
    is_near(xb_trials_best_us(&t, &to_gpu, 4096), 9, 0, "of all times");
    is_near(xb_trials_best(&t, &to_gpu, 4096)->us, 10, 0, "a choice goes by the first ones");
    t.trial[1].ok = false;
    is_near(xb_trials_best_us(&t, &to_gpu, 4096), 10, 0, "what is not ok has none");
    ok(xb_trials_best_us(&t, &between, 4096) == 0, "nothing was measured there");
    xb_trials_release(&t);
}

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
        {.path = to_gpu, .to = 65536, .use = direct.c},
        {.path = to_gpu, .from = 65537, .use = cut.c},
        {.path = between, .use = whole.c},
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
    xb_policy_decide(&policy, &to_gpu, 65536, XB_GPU_DISCRETE, &choice, &err);
    ok(choice.method == &fixture_direct, "up to its end");
    xb_policy_decide(&policy, &to_gpu, 65537, XB_GPU_DISCRETE, &choice, &err);
    ok(choice.method == &fixture_zero_copy && choice.chunk == 65536 && choice.depth == 4,
       "and from there on the next, with chunk and depth");
    xb_policy_decide(&policy, &between, 1 << 20, XB_GPU_DISCRETE, &choice, &err);
    ok(choice.chunk == 1 << 20 && choice.depth == 1, "a whole stays a whole");
    xb_policy_release(&policy);
}

static void test_regret(void)
{
    const double choice[] = {10, 30, 0, 22, 5}, best[] = {10, 10, 10, 20, 0};
    const struct xb_path paths[] = {to_gpu, between, to_gpu, to_gpu, to_gpu};
    const uint64_t bytes[] = {1, 2, 3, 4, 5};
    struct xb_regret r = xb_regret_of(choice, best, paths, bytes, 5);

    is_int((long long)r.points, 3, "points that have both");
    is_int((long long)r.no_answer, 1, "a choice that does not work");
    is_near(r.worst, 3, 1e-12, "the worst");
    ok(r.bytes == 2 && r.path.locality == XB_NODE, "and where");
    is_near(r.median, 1.1, 1e-12, "the median");
    is_int((long long)r.nhigh, 2, "those above 1.05");
    r = xb_regret_of(choice, best, paths, bytes, 0);
    ok(r.points == 0 && r.worst == 0, "no points, no regret");
}

int main(void)
{
    test_winners();
    test_best_us();
    test_same_use();
    test_rules();
    test_regret();
    return done_testing();
}
