/* SPDX-License-Identifier: BSD-3-Clause */
/* test_catalog.c - faults in the declared tables are found at the program's start. */
#include "model/scenario/catalog.h"

#include "tests/catalog_fixture.h"
#include "tests/tap.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

static const char *const no_choices[] = {NULL};
static const char *const two_choices[] = {"a", "b", NULL};

#define INT_OPTION(option_name, i)                                                             \
    {                                                                                          \
        .name = (option_name), .type = XB_OPTION_INT, .max = 9, .offset = 8 * (i), .size = 8   \
    }

#define FLAG(option, at)                                                                       \
    {                                                                                          \
        .name = (option), .type = XB_OPTION_BOOL, .offset = (at), .size = 1                    \
    }
#define TWELVE_FLAGS                                                                           \
    FLAG("a", 0), FLAG("b", 1), FLAG("c", 2), FLAG("d", 3), FLAG("e", 4), FLAG("f", 5),        \
        FLAG("g", 6), FLAG("h", 7), FLAG("i", 8), FLAG("j", 9), FLAG("k", 10), FLAG("l", 11)

static const struct {
    const char *name;
    struct xb_option options[XB_MAX_OPTIONS + 2];
    const char *error; /* NULL: none */
} option_rows[] = {
    {"no options", {{.name = NULL}}, NULL},
    {"as many as there may be", {TWELVE_FLAGS}, NULL},
    {"one more", {TWELVE_FLAGS, FLAG("m", 12)}, "method \"m\": more than 12 options"},
    {"twice the same", {INT_OPTION("a", 0), INT_OPTION("a", 1)}, "option \"a\" stands twice"},
    {"two on one member",
     {INT_OPTION("a", 1), {.name = "b", .type = XB_OPTION_BOOL, .offset = 15, .size = 1}},
     "\"a\" and \"b\" share a member"},
    {"an int of 4 bytes",
     {{.name = "a", .type = XB_OPTION_INT, .max = 9, .size = 4}},
     "its member has 4 bytes, expected 8 of type int"},
    {"a member forgotten",
     {{.name = "a", .type = XB_OPTION_BOOL}},
     "its member has 0 bytes, expected 1 of type bool"},
    {"a struct that is too large", {INT_OPTION("a", 10)}, "its struct has more than 80 bytes"},
    {"an empty name", {INT_OPTION("", 0)}, "the name is empty"},
    {"name is reserved", {INT_OPTION("name", 0)}, "option \"name\": the name is reserved"},
    {"chunk is reserved", {INT_OPTION("chunk", 0)}, "option \"chunk\""},
    {"depth is reserved", {INT_OPTION("depth", 0)}, "option \"depth\""},
    {"a default below the range",
     {{.name = "a", .type = XB_OPTION_INT, .min = 1, .max = 9}},
     "the default 0 is not within 1 and 9"},
    {"a default above the range",
     {{.name = "a", .type = XB_OPTION_SIZE, .max = 9, .fallback = 10}},
     "the default 10 is not within 0 and 9"},
    {"a default of the last choice",
     {{.name = "a",
       .type = XB_OPTION_ENUM,
       .choices = two_choices,
       .fallback = 1,
       .size = sizeof(int)}},
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
        const struct xb_method_spec spec = {
            .name = "m", .options = option_rows[i].options, .paths = {XB_ANY_PATH}};
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
        .name = "a", .paths = {XB_ANY_PATH}, .flags = XB_METHOD_CHUNKED, .default_depth = 1};
    static const struct xb_method_spec no_depth = {
        .name = "a", .paths = {XB_ANY_PATH}, .flags = XB_METHOD_CHUNKED, .default_chunk = 1};
    static const struct xb_method_spec pathless = {.name = "a"};
    static const struct xb_method_spec foreign = {.name = "a",
                                                  .options = xb_direct_option_table,
                                                  .collective_option = xb_nccl_option_table,
                                                  .first_collective = 1};
    static const struct xb_method_spec no_transfer = {.name = "a",
                                                      .options = xb_direct_option_table,
                                                      .collective_option =
                                                          &xb_direct_option_table[0],
                                                      .first_collective = 1};
    static const struct xb_method_spec one_off = {.name = "a",
                                                  .options = xb_mpi_option_table,
                                                  .collective_option = xb_mpi_option_table,
                                                  .first_collective = 1};
    static const char *disorder[] = {"send", XB_COLLECTIVE_NAMES NULL};
    static const struct xb_option disorderly[] = {
        {.name = "transfer", .type = XB_OPTION_ENUM, .choices = disorder, .size = sizeof(int)},
        {.name = NULL}};
    static const struct xb_method_spec wrong_names = {.name = "a",
                                                      .options = disorderly,
                                                      .collective_option = disorderly,
                                                      .first_collective = 1};
    static const struct xb_method_spec loud = {.name = "a",
                                               .options = xb_mpi_option_table,
                                               .collective_option = xb_mpi_option_table,
                                               .first_collective = XB_MPI_COLLECTIVE,
                                               .datatype_option = &xb_mpi_option_table[1]};
    static const struct xb_method_spec adds_nothing = {.name = "a",
                                                       .options = xb_nccl_option_table,
                                                       .datatype_option =
                                                           &xb_nccl_option_table[1]};
    static const char *const bytes_too[] = {"uint64", "bytes", NULL};
    static const struct xb_option other_types[] = {{.name = "transfer",
                                                    .type = XB_OPTION_ENUM,
                                                    .choices = xb_nccl_transfers,
                                                    .size = sizeof(int)},
                                                   {.name = "datatype",
                                                    .type = XB_OPTION_ENUM,
                                                    .choices = bytes_too,
                                                    .quiet = true,
                                                    .offset = sizeof(int),
                                                    .size = sizeof(int)},
                                                   {.name = NULL}};
    static const struct xb_method_spec wrong_types = {.name = "a",
                                                      .options = other_types,
                                                      .collective_option = other_types,
                                                      .first_collective = XB_NCCL_COLLECTIVE,
                                                      .datatype_option = &other_types[1]};
    static const struct xb_method_spec works_aloud = {.name = "a",
                                                      .options = xb_host_staged_option_table,
                                                      .flags = XB_METHOD_CHUNKED,
                                                      .chunk_work_option =
                                                          xb_host_staged_option_table};
    static const struct xb_method_spec no_chunks = {.name = "a",
                                                    .options = xb_host_staged_option_table,
                                                    .chunk_work_option =
                                                        &xb_host_staged_option_table[3]};
    static const struct xb_method_spec foreign_memory = {.name = "a",
                                                         .options = xb_host_staged_option_table,
                                                         .host_memory_option =
                                                             &xb_direct_option_table[0]};
    static const struct xb_method_spec other_memory = {.name = "a",
                                                       .options = xb_host_staged_option_table,
                                                       .host_memory_option =
                                                           &xb_host_staged_option_table[3]};
    static const struct {
        const char *name;
        const struct xb_method_spec *spec;
        const char *error;
    } rows[] = {
        {"a good method", &fixture_mpi, NULL},
        {"host memory in another method's option", &foreign_memory,
         "has a choice of host memory, but not as that of an option"},
        {"host memory in an option that is another", &other_memory,
         "has a choice of host memory, but not as that of an option"},
        {"work on chunks in an option that is another", &works_aloud,
         "works on chunks, but not"},
        {"work on chunks without chunks", &no_chunks, "option of its own beside its chunks"},
        {"datatypes in a loud option", &loud, "has datatypes, but not as the choices"},
        {"datatypes without collectives", &adds_nothing, "quiet option of its own beside"},
        {"datatypes that are others", &wrong_types, "has datatypes, but not as the choices"},
        {"collectives without a choice", &no_transfer, "not as the last choices"},
        {"collectives in another method's option", &foreign, "not as the last choices"},
        {"a method without a path", &pathless, "method \"a\" takes no path"},
        {"collectives from the wrong choice on", &one_off, "not as the last choices"},
        {"collectives in another order", &wrong_names,
         "found the collective all-gather, expected all-reduce"},
        {"a name twice", &other_direct, "method \"direct\" stands twice"},
        {"no name", &nameless, "a method has no name"},
        {"chunked without a chunk", &no_chunk, "without a default chunk and depth"},
        {"chunked without a depth", &no_depth, "without a default chunk and depth"},
    };

    disorder[1] = disorder[2];
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
            .paths = {XB_ANY_PATH},                                                            \
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
         {.name = "a", .method = {.name = "m", .paths = {XB_ANY_PATH}}},
         "experiment \"a\": its method is not of the kind"},
        {"between nodes",
         {.name = "a",
          .method = {.name = "m",
                     .kind = XB_KIND_EXPERIMENT,
                     .paths = {[XB_REMOTE] = XB_HOST_TO_HOST}}},
         "or takes paths between nodes"},
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

/* What methods say they take, as the program itself asks it. */
static void test_paths(void)
{
    static const struct {
        const struct xb_method_spec *spec;
        const char *path;
        bool takes;
    } rows[] = {
        {&fixture_direct, "host->gpu", true},
        {&fixture_direct, "host->gpu@node", false},
        {&fixture_direct, "gpu->gpu+1", false},
        {&fixture_p2p, "gpu->gpu@node", true},
        {&fixture_p2p, "gpu+1->gpu+2", true},
        {&fixture_p2p, "gpu+1->gpu+2@node", false},
        {&fixture_p2p, "gpu->gpu@remote", false},
        {&fixture_host_staged, "host->host", false},
        {&fixture_host_staged, "host->gpu", true},
        {&fixture_host_staged, "host->host@remote", true},
        {&fixture_unified, "gpu->gpu", false},
        {&fixture_unified, "gpu->gpu+3", true},
        {&fixture_zero_copy, "gpu->gpu@remote", false},
        {&fixture_mpi, "gpu->host@remote", true},
        {&fixture_mpi, "gpu->host", false},
        {&fixture_nccl, "gpu->gpu@node", true},
        {&fixture_nccl, "host->host@node", false},
        {&fixture_null, "gpu+4->host@remote", true},
        {&fixture_queue.method, "host->host", true},
        {&fixture_overlap.method, "gpu->host", true},
    };

    for (size_t i = 0; i < ROWS(rows); i++) {
        struct xb_path path;
        xb_path_parse(rows[i].path, &path, NULL);
        ok(xb_catalog_takes_path(rows[i].spec, &path) == rows[i].takes, rows[i].path);
    }
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
    test_paths();
    test_devices();
    return done_testing();
}
