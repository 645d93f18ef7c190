/* test_catalog.c - faults in the declared tables are found at the program's start. */
#include "model/scenario/catalog.h"

#include "tests/catalog_fixture.h"
#include "tests/tap.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

static const char *const no_choices[] = {NULL};
static const char *const two_choices[] = {"a", "b", NULL};

#define INT_OPTION(option_name)                                                                \
    {                                                                                          \
        .name = (option_name), .type = XB_OPTION_INT, .max = 9                                 \
    }

static const struct {
    const char *name;
    struct xb_option options[XB_MAX_OPTIONS + 2];
    const char *error; /* NULL: none */
} option_rows[] = {
    {"no options", {{.name = NULL}}, NULL},
    {"as many as there may be",
     {INT_OPTION("a"), INT_OPTION("b"), INT_OPTION("c"), INT_OPTION("d"), INT_OPTION("e"),
      INT_OPTION("f"), INT_OPTION("g"), INT_OPTION("h")},
     NULL},
    {"one more",
     {INT_OPTION("a"), INT_OPTION("b"), INT_OPTION("c"), INT_OPTION("d"), INT_OPTION("e"),
      INT_OPTION("f"), INT_OPTION("g"), INT_OPTION("h"), INT_OPTION("i")},
     "method \"m\": more than 8 options"},
    {"twice the same", {INT_OPTION("a"), INT_OPTION("a")}, "option \"a\" stands twice"},
    {"an empty name", {INT_OPTION("")}, "empty or reserved"},
    {"name is reserved", {INT_OPTION("name")}, "option \"name\""},
    {"chunk is reserved", {INT_OPTION("chunk")}, "option \"chunk\""},
    {"depth is reserved", {INT_OPTION("depth")}, "option \"depth\""},
    {"a default below the range",
     {{.name = "a", .type = XB_OPTION_INT, .min = 1, .max = 9}},
     "the default 0 is not within 1 and 9"},
    {"a default above the range",
     {{.name = "a", .type = XB_OPTION_SIZE, .max = 9, .fallback = 10}},
     "the default 10 is not within 0 and 9"},
    {"a default of the last choice",
     {{.name = "a", .type = XB_OPTION_ENUM, .choices = two_choices, .fallback = 1}},
     NULL},
    {"a default beyond the choices",
     {{.name = "a", .type = XB_OPTION_ENUM, .choices = two_choices, .fallback = 2}},
     "not within 0 and 1"},
    {"no choices", {{.name = "a", .type = XB_OPTION_ENUM, .choices = no_choices}}, "default 0"},
    {"choices forgotten", {{.name = "a", .type = XB_OPTION_ENUM}}, "default 0"},
    {"a bool of 2", {{.name = "a", .type = XB_OPTION_BOOL, .fallback = 2}}, "default 2"},
};

static void check(const struct xb_catalog *catalog, const char *error, const char *name)
{
    struct xb_error err = {""};

    is_int(xb_catalog_check(catalog, &err), error ? -1 : 0, name);
    if (error)
        contains(err.text, error, "the error says so");
    else
        is_str(err.text, "", "no error");
}

static void test_options(void)
{
    for (size_t i = 0; i < ROWS(option_rows); i++) {
        const struct xb_method_spec spec = {.name = "m", .options = option_rows[i].options};
        const struct xb_method_spec *const methods[] = {&spec, NULL};
        const struct xb_catalog catalog = {.methods = methods, .devices = fixture_devices};
        check(&catalog, option_rows[i].error, option_rows[i].name);
    }
}

static void test_methods(void)
{
    static const struct xb_method_spec nameless = {.name = ""};
    static const struct xb_method_spec other_direct = {.name = "direct"};
    static const struct xb_method_spec no_chunk = {
        .name = "a", .flags = XB_METHOD_CHUNKED, .default_depth = 1};
    static const struct xb_method_spec no_depth = {
        .name = "a", .flags = XB_METHOD_CHUNKED, .default_chunk = 1};
    static const struct xb_method_spec no_transfer = {
        .name = "a", .options = fixture_memory_options, .first_collective = 1};
    static const struct xb_method_spec one_off = {
        .name = "a", .options = fixture_mpi_options, .first_collective = 1};
    static const char *const disorder[] = {"send",       "all-gather", "all-reduce",
                                           "all-to-all", "reduce",     NULL};
    static const struct xb_option disorderly[] = {
        {.name = "transfer", .type = XB_OPTION_ENUM, .choices = disorder}, {.name = NULL}};
    static const struct xb_method_spec wrong_names = {
        .name = "a", .options = disorderly, .first_collective = 1};
    static const struct {
        const char *name;
        const struct xb_method_spec *spec;
        const char *error;
    } rows[] = {
        {"a good method", &fixture_mpi, NULL},
        {"collectives without a choice", &no_transfer, "not as the last choices"},
        {"collectives from the wrong choice on", &one_off, "not as the last choices"},
        {"collectives in another order", &wrong_names,
         "found the collective all-gather, expected all-reduce"},
        {"a name twice", &other_direct, "method \"direct\" stands twice"},
        {"no name", &nameless, "a method has no name"},
        {"chunked without a chunk", &no_chunk, "without a default chunk and depth"},
        {"chunked without a depth", &no_depth, "without a default chunk and depth"},
    };

    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct xb_method_spec *const methods[] = {&fixture_direct, rows[i].spec, NULL};
        const struct xb_catalog catalog = {.methods = methods, .devices = fixture_devices};
        check(&catalog, rows[i].error, rows[i].name);
    }
}

#define EXPERIMENT(e_name, m_name, ...)                                                        \
    {                                                                                          \
        .name = (e_name), .method = {                                                          \
            .name = (m_name),                                                                  \
            .kind = XB_KIND_EXPERIMENT,                                                        \
            __VA_ARGS__                                                                        \
        }                                                                                      \
    }

static void test_experiments(void)
{
    static const struct {
        const char *name;
        struct xb_experiment_spec spec;
        const char *error;
    } rows[] = {
        {"a good experiment", EXPERIMENT("a", "m", ), NULL},
        {"named as its method", EXPERIMENT("m", "m", ), NULL},
        {"no name", EXPERIMENT("", "m", ), "an experiment has no name"},
        {"a name twice", EXPERIMENT("queue", "m", ), "experiment \"queue\" stands twice"},
        {"a pattern's name", EXPERIMENT("stream", "m", ), "or is a pattern's name"},
        {"another method's name", EXPERIMENT("a", "p2p", ), "method \"p2p\" stands twice"},
        {"another experiment's method", EXPERIMENT("a", "queue", ),
         "method \"queue\" stands twice"},
        {"chunked",
         EXPERIMENT("a", "m", .flags = XB_METHOD_CHUNKED, .default_depth = 1,
                    .default_chunk = 1),
         "experiment \"a\": its method is not of the kind of experiments, or chunked"},
        {"the work of a method",
         {.name = "a", .method = {.name = "m"}},
         "experiment \"a\": its method is not of the kind"},
        {"between ranks",
         {.name = "a",
          .method = {.name = "m", .kind = XB_KIND_EXPERIMENT},
          .path = {.locality = XB_NODE}},
         "its path is not within a rank"},
    };

    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct xb_experiment_spec *const experiments[] = {&fixture_queue, &rows[i].spec,
                                                                NULL};
        const struct xb_catalog catalog = {
            .methods = fixture_methods, .experiments = experiments, .devices = fixture_devices};
        check(&catalog, rows[i].error, rows[i].name);
    }
    ok(xb_catalog_experiment(&fixture_catalog, "overlap") == &fixture_overlap, "found by name");
    ok(!xb_catalog_experiment(&fixture_catalog, "gray-scott"), "not by its method's name");
    ok(!xb_catalog_method(&fixture_catalog, "gray-scott"), "which is no method of transfers");
}

static void test_devices(void)
{
    static const struct {
        const char *devices[3];
        const char *error;
    } rows[] = {
        {{"cpu", "cuda", NULL}, NULL},
        {{"cpu", "cpu", NULL}, "device \"cpu\" stands twice"},
        {{"auto", NULL, NULL}, "device \"auto\": the name is empty or reserved"},
        {{"cpu", "", NULL}, "device \"\": the name is empty or reserved"},
    };

    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct xb_catalog catalog = {.methods = fixture_methods,
                                           .devices = rows[i].devices};
        check(&catalog, rows[i].error, "devices");
    }
}

int main(void)
{
    check(&fixture_catalog, NULL, "the catalog of the other tests");
    ok(xb_catalog_method(&fixture_catalog, "p2p") == &fixture_p2p, "found by name");
    ok(xb_catalog_method(&fixture_catalog, "p2") == NULL, "an unknown name is not found");
    test_options();
    test_methods();
    test_experiments();
    test_devices();
    return done_testing();
}
