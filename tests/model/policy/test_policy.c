/* SPDX-License-Identifier: BSD-3-Clause */
/* test_policy.c - what a policy answers: its rules, the shipped ones, and what is remembered.
 */
#include "model/policy/policy.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/units.h"
#include "tests/catalog_fixture.h"
#include "tests/tap.h"

#define KIB UINT64_C(1024)
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)
#define HEAD                                                                                   \
    "{\"schema\": {\"name\": \"xferbench-policy\", \"version\": 1}, \"name\": \"t\", "         \
    "\"rules\": ["
#define TAIL "]}"

static bool parse(const char *text, struct xb_policy *out)
{
    struct xb_error err = {""};
    bool good = xb_policy_parse("p.json", text, &fixture_catalog, out, &err) == 0;

    if (!good)
        printf("# %s\n", err.text);
    return good;
}

/* Method, options that are not the default, chunk and depth as one text: "host-staged 4MiB 3".
 */
static const char *answer(struct xb_policy *p, const char *path_text, uint64_t bytes,
                          enum xb_gpu_memory memory)
{
    static char text[128];
    char chunk[XB_UNITS_LEN];
    struct xb_path path;
    struct xb_choice choice;
    struct xb_error err = {""};

    if (xb_path_parse(path_text, &path, &err) < 0 ||
        xb_policy_decide(p, &path, bytes, NULL, (struct xb_policy_place){memory, XB_LINK_MIXED},
                         &choice, &err) < 0)
        return "none";
    int n = snprintf(text, sizeof text, "%s", choice.method->name);
    for (size_t i = 0; i < xb_option_count(choice.method->options); i++) {
        const struct xb_option *opt = &choice.method->options[i];
        int64_t value = xb_option_get(opt, &choice.options);
        if (value != opt->fallback)
            n += snprintf(text + n, sizeof text - (size_t)n, " %s", opt->choices[value]);
    }
    if (choice.chunk)
        snprintf(text + n, sizeof text - (size_t)n, " %s %d",
                 xb_size_format(choice.chunk, chunk), choice.depth);
    return text;
}

struct decision {
    const char *path;
    uint64_t bytes;
    enum xb_gpu_memory memory;
    const char *answer;
};

static void check_decisions(struct xb_policy *p, const struct decision *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char name[160], size[XB_UNITS_LEN];
        snprintf(name, sizeof name, "%s at %s, %s: %s", rows[i].path,
                 xb_size_format(rows[i].bytes, size), xb_gpu_memory_name(rows[i].memory),
                 rows[i].answer);
        is_str(answer(p, rows[i].path, rows[i].bytes, rows[i].memory), rows[i].answer, name);
    }
}

/* ---- the shipped policy ---- */

#define D XB_GPU_DISCRETE
#define M XB_GPU_MAPPABLE
#define U XB_GPU_UNIFIED

static const struct decision static_decisions[] = {
    /* same device */
    {"gpu->gpu", 1, D, "direct"},
    {"gpu->gpu", GIB, D, "direct"},
    {"gpu->gpu", GIB, U, "direct"},
    /* GPU to GPU, and what stands for it between nodes */
    {"gpu->gpu@node", 1, D, "p2p"},
    {"gpu->gpu@node", MIB - 1, D, "p2p"},
    {"gpu->gpu@node", MIB, D, "p2p"},
    {"gpu->gpu@node", MIB + 1, D, "p2p 1MiB 1"},
    {"gpu->gpu@node", 16 * MIB, D, "p2p 4MiB 1"},
    {"gpu->gpu@node", 64 * MIB, D, "p2p 16MiB 1"},
    {"gpu->gpu@node", 64 * MIB + 4, D, "p2p 16777472B 3"},
    {"gpu->gpu@node", GIB, M, "p2p 64MiB 3"},
    {"gpu->gpu+1", MIB - 1, D, "p2p"},
    {"gpu->gpu+1", 64 * MIB, D, "p2p 16MiB 1"},
    {"gpu+63->gpu", GIB, D, "p2p 64MiB 3"},
    {"gpu+1->gpu+2", 8 * MIB, D, "p2p 2MiB 1"},
    {"gpu->gpu@remote", 4096, D, "host-staged 4KiB 1"},
    {"gpu->gpu@remote", 64 * MIB, D, "host-staged 64MiB 1"},
    {"gpu->gpu@remote", 64 * MIB + 1, D, "host-staged 64MiB 3"},
    {"gpu->gpu@remote", GIB, D, "host-staged 64MiB 3"},
    /* host and GPU of its own memory */
    {"host->gpu", 1, D, "host-staged 1B 1"},
    {"host->gpu", MIB, D, "host-staged 1MiB 1"},
    {"host->gpu", MIB + 1, D, "unified"},
    {"host->gpu", 4 * MIB, D, "unified"},
    {"host->gpu", 4 * MIB + 1, D, "zero-copy 4194305B 1"},
    {"host->gpu", 16 * MIB, D, "zero-copy 16MiB 1"},
    {"host->gpu", 64 * MIB, D, "zero-copy 16MiB 1"},
    {"host->gpu", 64 * MIB + 1, D, "zero-copy 16MiB 3"},
    {"host->gpu", GIB, D, "zero-copy 16MiB 3"},
    {"gpu->host", MIB, D, "host-staged 1MiB 1"},
    {"gpu->host", MIB + 1, D, "unified"},
    {"gpu->host", 4 * MIB, D, "unified"},
    {"gpu->host", 4 * MIB + 1, D, "zero-copy 4194305B 1"},
    {"gpu->host", 64 * MIB, D, "zero-copy 16MiB 1"},
    {"gpu->host", 64 * MIB + 1, D, "zero-copy 16MiB 3"},
    /* memory that the host can address */
    {"host->gpu", MIB + 1, M, "host-staged 1048577B 1"},
    {"host->gpu", 2 * MIB, M, "host-staged 2MiB 1"},
    {"host->gpu", 2 * MIB + 1, M, "zero-copy 2097153B 1"},
    {"gpu->host", 64 * MIB, M, "zero-copy 4MiB 1"},
    {"gpu->host", 64 * MIB + 1, M, "zero-copy 4MiB 3"},
    /* the host's memory */
    {"host->gpu", 1, U, "zero-copy 1B 1"},
    {"host->gpu", MIB, U, "zero-copy 1MiB 1"},
    {"gpu->host", 64 * MIB, U, "zero-copy 32MiB 1"},
    {"gpu->host", 64 * MIB + 1, U, "zero-copy 32MiB 3"},
    /* host to host */
    {"host->host", MIB, D, "direct"},
    {"host->host", MIB + 1, D, "direct"},
    {"host->host@node", MIB, D, "mpi"},
    {"host->host@node", MIB + 1, D, "host-staged 1048577B 1"},
    {"host->host@node", 64 * MIB, D, "host-staged 8MiB 1"},
    {"host->host@node", 64 * MIB + 1, U, "host-staged 8MiB 3"},
    {"host->host@remote", GIB, D, "mpi"},
    /* host and another GPU, host and GPU of two ranks */
    {"host->gpu+1", MIB, D, "direct"},
    {"gpu+3->host", 64 * MIB, M, "direct"},
    {"host->gpu@node", MIB, D, "mpi"},
    {"gpu->host@node", GIB, D, "mpi"},
    {"host->gpu@remote", 1, D, "mpi"},
    {"gpu->host@remote", MIB, U, "mpi"},
    /* not covered */
    {"host->gpu+1@node", MIB, D, "none"},
    {"gpu->gpu+1@node", MIB, D, "none"},
};

static const struct {
    const char *path;
    int order;
    const char *answer;
} static_blocks[] = {
    {"host->host", XB_ORDER_SCATTERED, "direct loop"},
    {"host->gpu", XB_ORDER_STRIDED, "direct 2d"},
    {"host->gpu", XB_ORDER_PLANES, "direct 3d"},
    {"host->gpu", XB_ORDER_SCATTERED, "direct pack"},
    {"host->gpu+1", XB_ORDER_CONTIGUOUS, "direct pack"},
    {"gpu->host", XB_ORDER_STRIDED, "direct 2d"},
    {"gpu+2->host", XB_ORDER_SCATTERED, "direct pack"},
    {"gpu->gpu", XB_ORDER_STRIDED, "direct 2d"},
    {"gpu->gpu", XB_ORDER_SCATTERED, "direct batch"},
    {"gpu->gpu+1", XB_ORDER_STRIDED, "p2p 2d"},
    {"gpu+1->gpu+2", XB_ORDER_SCATTERED, "p2p batch"},
    {"gpu->gpu@node", XB_ORDER_STRIDED, "p2p 2d"},
    {"gpu->gpu@node", XB_ORDER_PLANES, "p2p 3d"},
    {"gpu->gpu@node", XB_ORDER_SCATTERED, "p2p batch"},
    {"gpu->gpu@remote", XB_ORDER_SCATTERED, "nccl loop"},
    {"host->host@node", XB_ORDER_STRIDED, "mpi datatype"},
    {"host->host@remote", XB_ORDER_SCATTERED, "mpi datatype"},
    {"host->gpu@node", XB_ORDER_SCATTERED, "none"},
};

/* Method and submission: "direct 2d". */
static const char *block_answer(struct xb_policy *p, const char *path_text,
                                const struct xb_shape *shape, uint64_t bytes)
{
    static char text[64];
    struct xb_path path;
    struct xb_choice choice;
    struct xb_error err = {""};

    if (xb_path_parse(path_text, &path, &err) < 0 ||
        xb_policy_decide(p, &path, bytes, shape, (struct xb_policy_place){D, XB_LINK_MIXED},
                         &choice, &err) < 0)
        return "none";
    struct xb_case c = {.method = choice.method, .options = choice.options};
    snprintf(text, sizeof text, "%s %s", choice.method->name,
             xb_submissions[xb_case_layout_options(&c)->submission]);
    return text;
}

static void check_static(void)
{
    struct xb_policy p;
    struct xb_error err = {""};
    char file[4096];

    snprintf(file, sizeof file, "%s/policies/static.json",
             getenv("XB_SCENARIOS") ? getenv("XB_SCENARIOS") : "scenarios");
    if (!ok(xb_policy_load(file, &fixture_catalog, &p, &err) == 0, "static.json is read")) {
        printf("# %s\n", err.text);
        return;
    }
    is_str(p.name, "static", "its name");
    check_decisions(&p, static_decisions, sizeof static_decisions / sizeof static_decisions[0]);
    for (size_t i = 0; i < sizeof static_blocks / sizeof static_blocks[0]; i++) {
        const struct xb_shape shape = {.blocks = 1024, .order = static_blocks[i].order};
        char name[160];
        snprintf(name, sizeof name, "%s in %s blocks: %s", static_blocks[i].path,
                 xb_orders[shape.order], static_blocks[i].answer);
        is_str(block_answer(&p, static_blocks[i].path, &shape, 2 * MIB),
               static_blocks[i].answer, name);
    }
    xb_policy_release(&p);
}

/* ---- how rules are read ---- */

static void check_rules(void)
{
    static const struct decision rows[] = {
        {"gpu->gpu@node", 4095, D, "host-staged 2KiB 3"},
        {"gpu->gpu@node", 4096, D, "p2p pull"},
        {"gpu->gpu@node", 8192, D, "p2p pull"},
        {"gpu->gpu@node", 8193, D, "host-staged pageable 4KiB 7"},
        {"gpu->gpu@node", 100 * KIB, D, "host-staged pageable 25KiB 7"},
        {"gpu->gpu@node", 100 * MIB, D, "host-staged pageable 64KiB 7"},
        {"gpu->gpu+7", 1, D, "p2p sm"},
        {"gpu->gpu", 1, D, "zero-copy 1B 3"},
        {"host->gpu+7@remote", 8 * MIB, U, "zero-copy 4MiB 3"},
        {"host->host@remote", 8 * MIB, M, "none"},
    };
    struct xb_policy p;

    if (!ok(parse(
                HEAD
                "{\"locality\": \"node\", \"to\": 4095,"
                "  \"use\": {\"method\": \"host-staged\", \"chunk\": \"size/2\"}},"
                "{\"locality\": \"node\", \"from\": \"4KiB\", \"to\": \"8KiB\","
                "  \"use\": {\"method\": \"p2p\", \"side\": \"pull\"}},"
                "{\"src\": \"gpu\", \"locality\": \"node\", \"note\": \"the rest\","
                "  \"use\": {\"method\": \"host-staged\", \"memory\": \"pageable\","
                "    \"chunk\": \"size/4\", \"chunk_min\": \"4KiB\", \"chunk_max\": \"64KiB\","
                "    \"depth\": 7}},"
                "{\"src\": \"gpu\", \"dst\": \"gpu+*\","
                "  \"use\": {\"method\": \"p2p\", \"engine\": \"sm\"}},"
                "{\"device\": \"unified\", \"use\": {\"method\": \"zero-copy\"}},"
                "{\"dst\": \"gpu\", \"use\": {\"method\": \"zero-copy\"}}" TAIL,
                &p),
            "a policy of all kinds of rules is read"))
        return;
    check_decisions(&p, rows, sizeof rows / sizeof rows[0]);
    xb_policy_release(&p);
}

/* ---- blocks ---- */

static void check_blocks(void)
{
    static const struct {
        int64_t blocks;
        int order, at;
        uint64_t bytes;
        const char *answer;
    } rows[] = {
        {1, 0, 0, 64 * KIB, "p2p"},
        {2, XB_ORDER_CONTIGUOUS, XB_BLOCKS_AT_BOTH, 64 * KIB, "direct loop"},
        {1024, XB_ORDER_STRIDED, XB_BLOCKS_AT_BOTH, 1024 * 4 * KIB, "direct 2d"},
        {1024, XB_ORDER_STRIDED, XB_BLOCKS_AT_SRC, 1024 * 4 * KIB, "direct pack"},
        {1024, XB_ORDER_STRIDED, XB_BLOCKS_AT_DST, 1024 * 4 * KIB, "direct 2d"},
        {1024, XB_ORDER_SCATTERED, XB_BLOCKS_AT_BOTH, 1024 * 4 * KIB, "direct kernel"},
        {1024, XB_ORDER_SCATTERED, XB_BLOCKS_AT_BOTH, 1024 * (4 * KIB + 1),
         "host-staged 4097KiB"},
        {1000, XB_ORDER_SCATTERED, XB_BLOCKS_AT_BOTH, 3000 * KIB, "direct kernel"},
        {100, XB_ORDER_SCATTERED, XB_BLOCKS_AT_BOTH, 300 * MIB, "host-staged 6MiB"},
        {1000, XB_ORDER_SCATTERED, XB_BLOCKS_AT_BOTH, 3000 * KIB + 1, "none"},
        {1025, XB_ORDER_SCATTERED, XB_BLOCKS_AT_BOTH, 1025 * 4 * KIB, "none"},
    };
    const struct xb_path path = {{XB_HOST, 0}, {XB_GPU, 0}, XB_SELF};
    struct xb_policy p;

    if (!ok(parse(HEAD
                  "{\"blocks\": {\"to\": 16}, \"block\": {\"to\": \"64KiB\"},"
                  "  \"use\": {\"method\": \"direct\"}},"
                  "{\"blocks\": {\"to\": 1024}, \"order\": \"strided\", \"blocks_at\": \"src\","
                  "  \"use\": {\"method\": \"direct\", \"submission\": \"pack\"}},"
                  "{\"blocks\": {\"to\": 1024}, \"order\": \"strided\","
                  "  \"use\": {\"method\": \"direct\", \"submission\": \"2d\"}},"
                  "{\"blocks\": {\"to\": 1024}, \"block\": {\"to\": \"4KiB\"},"
                  "  \"use\": {\"method\": \"direct\", \"submission\": \"kernel\"}},"
                  "{\"blocks\": {\"to\": 1024},"
                  "  \"use\": {\"method\": \"host-staged\", \"chunk\": \"4MiB\"}},"
                  "{\"use\": {\"method\": \"p2p\"}}" TAIL,
                  &p),
            "a policy with rules for blocks"))
        return;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct xb_shape shape = {
            .blocks = rows[i].blocks, .order = rows[i].order, .at = rows[i].at};
        char name[160], got[64] = "none", chunk[XB_UNITS_LEN], lie[XB_SHAPE_LEN];
        struct xb_choice choice;
        struct xb_error err = {""};
        if (xb_policy_decide(&p, &path, rows[i].bytes, &shape,
                             (struct xb_policy_place){D, XB_LINK_MIXED}, &choice, &err) == 0) {
            struct xb_case c = {.method = choice.method, .options = choice.options};
            const struct xb_shape own = xb_case_shape(&c);
            snprintf(
                got, sizeof got, "%s%s%s", choice.method->name, shape.blocks > 1 ? " " : "",
                choice.chunk        ? xb_size_format(choice.chunk, chunk)
                : shape.blocks == 1 ? ""
                                    : xb_submissions[xb_case_layout_options(&c)->submission]);
            ok(xb_shape_equal(&own, &shape), "the choice moves these blocks");
        }
        snprintf(name, sizeof name, "%s of %" PRIu64 " bytes: %s",
                 shape.blocks > 1 ? xb_shape_format(&shape, lie) : "one piece", rows[i].bytes,
                 rows[i].answer);
        is_str(got, rows[i].answer, name);
        if (rows[i].blocks == 1025)
            contains(err.text,
                     "has no rule for host->gpu@self at 4100KiB in 1025 scattered blocks",
                     "it says of which blocks");
        if (rows[i].bytes % (uint64_t)shape.blocks)
            contains(err.text, "are not 1000 blocks of equal size", "it says why");
    }
    xb_policy_release(&p);
}

/* ---- what is remembered ---- */

/* 100 KiB and 1 MiB are of one size class, with a rule's end between them. */
#define BOUNDARY                                                                               \
    HEAD "{\"to\": \"512KiB\", \"use\": {\"method\": \"direct\"}},"                            \
         "{\"use\": {\"method\": \"p2p\"}}" TAIL

/* Answers for two sizes, asked for in this order and twice. */
static void check_order(struct xb_policy *p, uint64_t first, uint64_t second)
{
    xb_policy_clear_cache(p);
    is_str(answer(p, "gpu->gpu", first, D), first <= 512 * KIB ? "direct" : "p2p", "the first");
    is_str(answer(p, "gpu->gpu", second, D), second <= 512 * KIB ? "direct" : "p2p",
           "the second, of the same class, has its own answer");
    is_int((long long)p->from_cache, 0, "neither was remembered");
    is_str(answer(p, "gpu->gpu", first, D), first <= 512 * KIB ? "direct" : "p2p",
           "the first again");
    is_str(answer(p, "gpu->gpu", second, D), second <= 512 * KIB ? "direct" : "p2p",
           "the second again");
    is_int((long long)p->from_cache, 2, "both were remembered");
    is_int((long long)p->decided, 2, "and not worked out again");
}

/* What a table by size class would answer: that of the first size of the class it met. */
static void check_class_would_differ(struct xb_policy *p)
{
    char by_class[6][128] = {""}, own[128];
    const uint64_t sizes[] = {100 * KIB, MIB};
    int wrong = 0;

    is_int(xb_size_class(sizes[0]), xb_size_class(sizes[1]), "both sizes are of one class");
    for (size_t i = 0; i < 2; i++) {
        int class = xb_size_class(sizes[i]);
        snprintf(own, sizeof own, "%s", answer(p, "gpu->gpu", sizes[i], D));
        if (!by_class[class][0])
            snprintf(by_class[class], sizeof by_class[class], "%s", own);
        wrong += strcmp(by_class[class], own) != 0;
    }
    is_int(wrong, 1, "a table by class would change an answer");
}

static void check_cache(void)
{
    struct xb_policy p;

    if (!ok(parse(BOUNDARY, &p), "a policy with a boundary within a class"))
        return;
    check_order(&p, 100 * KIB, MIB);
    check_order(&p, MIB, 100 * KIB);
    check_class_would_differ(&p);
    xb_policy_clear_cache(&p);
    is_int((long long)(p.decided + p.from_cache), 0, "a cleared table knows nothing");
    is_str(answer(&p, "gpu->gpu", MIB, D), "p2p", "but answers");
    is_int((long long)p.decided, 1, "by the rules");
    answer(&p, "gpu->gpu@node", MIB, D);
    answer(&p, "gpu->host", MIB, D);
    answer(&p, "gpu->gpu", MIB, U);
    is_int((long long)p.decided, 4, "other paths and other memory are other questions");
    const struct xb_path path = {{XB_GPU, 0}, {XB_GPU, 0}, XB_SELF};
    struct xb_choice choice;
    struct xb_error err;
    for (int order = 0; order < 3; order++)
        xb_policy_decide(&p, &path, MIB, &(struct xb_shape){.blocks = 4, .order = order},
                         (struct xb_policy_place){D, XB_LINK_MIXED}, &choice, &err);
    is_int((long long)p.decided, 7, "and so are blocks");
    /* many more than there are places */
    int wrong = 0;
    for (uint64_t round = 0; round < 2; round++)
        for (uint64_t bytes = 500 * KIB; bytes < 520 * KIB; bytes++)
            wrong += strcmp(answer(&p, "gpu->gpu", bytes, D),
                            bytes <= 512 * KIB ? "direct" : "p2p") != 0;
    is_int(wrong, 0, "answers that took the place of others are right");
    xb_policy_release(&p);
}

static void check_hash(void)
{
    struct xb_policy a, b, c;

    ok(parse(HEAD "{\"use\": {\"method\": \"direct\"}}" TAIL, &a) &&
           parse(HEAD " {\n\"use\":  {\"method\": \"direct\"}}" TAIL, &b) &&
           parse(HEAD "{\"use\": {\"method\": \"p2p\"}}" TAIL, &c),
       "three policies");
    ok(a.hash == b.hash, "white space does not count");
    ok(a.hash != c.hash, "a rule does");
    xb_policy_release(&a);
    xb_policy_release(&b);
    xb_policy_release(&c);
}

static void check_apply(void)
{
    const struct xb_case c = {.id = "x",
                              .pattern = xb_patterns[0],
                              .method = &fixture_direct,
                              .path = {{XB_GPU, 0}, {XB_GPU, 0}, XB_NODE},
                              .bytes = MIB,
                              .window = 3,
                              .src_offset = 5};
    struct xb_choice choice;
    struct xb_policy p;
    struct xb_error err;

    ok(parse(HEAD "{\"use\": {\"method\": \"host-staged\", \"chunk\": \"size/4\", "
                  "\"depth\": 2}}" TAIL,
             &p) &&
           xb_policy_decide(&p, &c.path, c.bytes, NULL,
                            (struct xb_policy_place){D, XB_LINK_MIXED}, &choice, &err) == 0,
       "a choice");
    struct xb_case made = xb_choice_apply(&choice, &c);
    ok(made.method == &fixture_host_staged && made.chunk == 256 * KIB && made.depth == 2,
       "the case takes its method, chunk and depth");
    ok(strcmp(made.id, "x") == 0 && made.window == 3 && made.src_offset == 5 &&
           made.bytes == MIB,
       "and keeps the rest");
    cJSON *json = xb_choice_json(&choice);
    char *text = cJSON_PrintUnformatted(json);
    is_str(text,
           "{\"method\":\"host-staged\",\"options\":{\"memory\":\"pinned\"},"
           "\"chunk_bytes\":262144,\"depth\":2}",
           "as a report has it");
    cJSON_free(text);
    cJSON_Delete(json);
    json = xb_choice_json(&(struct xb_choice){0});
    ok(cJSON_IsNull(json), "no choice is null");
    cJSON_Delete(json);
    xb_policy_release(&p);
}

int main(void)
{
    check_static();
    check_rules();
    check_blocks();
    check_cache();
    check_hash();
    check_apply();
    return done_testing();
}
