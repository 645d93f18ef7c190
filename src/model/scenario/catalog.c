/* SPDX-License-Identifier: BSD-3-Clause */
/* catalog.c - looking up methods and experiments, and checking that the declared tables hold
 * together. */
#include "model/scenario/catalog.h"

#include <stdbool.h>
#include <string.h>

#include "model/plan/chunk_work.h"
#include "model/plan/collective_op.h"
#include "model/scenario/host_memory.h"

#define WORDS_MAX 64 /* that an error lists */

/* Keys that a method's object has in scenarios and policies besides the method's options. */
static const char *const reserved_names[] = {"name",      "method",    "chunk", "depth",
                                             "chunk_min", "chunk_max", NULL};

const struct xb_method_spec *xb_catalog_method(const struct xb_catalog *catalog,
                                               const char *name)
{
    for (size_t i = 0; catalog->methods[i]; i++) {
        if (strcmp(catalog->methods[i]->name, name) == 0)
            return catalog->methods[i];
    }
    return NULL;
}

/* Experiment i of the catalog, or NULL behind the last. */
static const struct xb_experiment_spec *experiment_at(const struct xb_catalog *catalog,
                                                      size_t i)
{
    return catalog->experiments ? catalog->experiments[i] : NULL;
}

const struct xb_experiment_spec *xb_catalog_experiment(const struct xb_catalog *catalog,
                                                       const char *name)
{
    const struct xb_experiment_spec *e;

    for (size_t i = 0; (e = experiment_at(catalog, i)); i++)
        if (strcmp(e->name, name) == 0)
            return e;
    return NULL;
}

const struct xb_method_spec *xb_catalog_case_method(const struct xb_catalog *catalog,
                                                    const char *name)
{
    const struct xb_method_spec *found = xb_catalog_method(catalog, name);
    const struct xb_experiment_spec *e;

    for (size_t i = 0; !found && (e = experiment_at(catalog, i)); i++)
        if (strcmp(e->method.name, name) == 0)
            found = &e->method;
    return found;
}

int xb_catalog_read_method(const struct xb_catalog *catalog, const struct xb_node *node,
                           const struct xb_method_spec **out, struct xb_error *err)
{
    const char *known[WORDS_MAX + 1] = {NULL}, *name;

    if (xb_node_string(node, &name, err) < 0)
        return -1;
    *out = xb_catalog_method(catalog, name);
    if (*out)
        return 0;
    for (size_t i = 0; i < WORDS_MAX && catalog->methods[i]; i++)
        known[i] = catalog->methods[i]->name;
    return xb_node_fail_choice(node, "method", known, err);
}

int xb_catalog_read_case_method(const struct xb_catalog *catalog, const struct xb_node *node,
                                const struct xb_method_spec **out, struct xb_error *err)
{
    const char *known[WORDS_MAX + 1] = {NULL}, *name;
    const struct xb_experiment_spec *e;
    size_t n = 0;

    if (xb_node_string(node, &name, err) < 0)
        return -1;
    *out = xb_catalog_case_method(catalog, name);
    for (; n < WORDS_MAX && catalog->methods[n]; n++)
        known[n] = catalog->methods[n]->name;
    for (size_t i = 0; n < WORDS_MAX && (e = experiment_at(catalog, i)); i++)
        known[n++] = e->method.name;
    return *out ? 0 : xb_node_fail_choice(node, "method", known, err);
}

int xb_catalog_expect_keys(const struct xb_node *node, const struct xb_method_spec *spec,
                           const char *name, const char *const *chunked, struct xb_error *err)
{
    const char *keys[1 + XB_MAX_OPTIONS + XB_CHUNKED_KEYS + 1] = {name};
    size_t n = 1;

    for (size_t i = 0; i < xb_option_count(spec->options); i++)
        keys[n++] = spec->options[i].name;
    for (size_t i = 0; spec->flags & XB_METHOD_TAKES_CHUNKS && chunked[i]; i++)
        keys[n++] = chunked[i];
    return xb_node_expect_object(node, keys, err);
}

bool xb_catalog_takes_path(const struct xb_method_spec *spec, const struct xb_path *path)
{
    return spec->paths[path->locality] & xb_path_kind_of(path);
}

static bool is_reserved(const char *name)
{
    for (size_t i = 0; reserved_names[i]; i++) {
        if (strcmp(reserved_names[i], name) == 0)
            return true;
    }
    return false;
}

static int check_options(const struct xb_option *table, struct xb_error *err)
{
    if (xb_option_count(table) > XB_MAX_OPTIONS)
        return xb_fail(err, "more than %d options", XB_MAX_OPTIONS);
    for (size_t i = 0; i < xb_option_count(table); i++)
        if (is_reserved(table[i].name))
            return xb_fail(err, "option \"%s\": the name is reserved", table[i].name);
    return xb_options_check(table, err);
}

/* Is it a row of the method's own table, and an enum? */
static bool is_own_enum(const struct xb_method_spec *spec, const struct xb_option *opt)
{
    int row = xb_option_find(spec->options, opt->name);
    return row >= 0 && &spec->options[row] == opt && opt->type == XB_OPTION_ENUM;
}

/* From first_collective on the choices of the option are the collectives, in their order. */
static int check_collectives(const struct xb_method_spec *spec, struct xb_error *err)
{
    static const char *const names[] = {XB_COLLECTIVE_NAMES};
    const size_t count = sizeof(names) / sizeof(names[0]);
    const struct xb_option *opt = spec->collective_option;

    if (!opt)
        return 0;
    if (!is_own_enum(spec, opt) || spec->first_collective < 0 ||
        xb_option_choices(opt) != spec->first_collective + (int64_t)count)
        return xb_fail(err,
                       "method \"%s\" has collectives, but not as the last choices of one of "
                       "its options",
                       spec->name);
    for (size_t i = 0; i < count; i++)
        if (strcmp(opt->choices[(size_t)spec->first_collective + i], names[i]) != 0)
            return xb_fail(err, "method \"%s\": found the collective %s, expected %s",
                           spec->name, opt->choices[(size_t)spec->first_collective + i],
                           names[i]);
    return 0;
}

/* Are these, and no others, the choices of an option of the method's own? */
static bool has_choices(const struct xb_method_spec *spec, const struct xb_option *opt,
                        const char *const *names, int64_t count)
{
    bool good = is_own_enum(spec, opt) && xb_option_choices(opt) == count;

    for (int64_t i = 0; good && i < count; i++)
        good = strcmp(opt->choices[i], names[i]) == 0;
    return good;
}
#define COUNT(names) ((int64_t)(sizeof(names) / sizeof(names)[0]))

static int check_datatypes(const struct xb_method_spec *spec, struct xb_error *err)
{
    static const char *const names[] = {XB_DATATYPE_NAMES};
    const struct xb_option *opt = spec->datatype_option;

    if (!opt || (spec->collective_option && has_choices(spec, opt, names, COUNT(names)) &&
                 opt->quiet && opt->fallback == 0))
        return 0;
    return xb_fail(err,
                   "method \"%s\" has datatypes, but not as the choices of a quiet option of "
                   "its own beside its collectives",
                   spec->name);
}

static int check_host_memory(const struct xb_method_spec *spec, struct xb_error *err)
{
    static const char *const names[] = {XB_HOST_MEMORY_NAMES};
    const struct xb_option *opt = spec->host_memory_option;

    if (!opt || has_choices(spec, opt, names, COUNT(names)))
        return 0;
    return xb_fail(err,
                   "method \"%s\" has a choice of host memory, but not as that of an option of "
                   "its own",
                   spec->name);
}

static int check_chunk_work(const struct xb_method_spec *spec, struct xb_error *err)
{
    static const char *const names[] = {XB_CHUNK_WORK_NAMES};
    const struct xb_option *opt = spec->chunk_work_option;

    if (!opt ||
        (spec->flags & XB_METHOD_CHUNKED && has_choices(spec, opt, names, COUNT(names)) &&
         opt->quiet && opt->fallback == 0))
        return 0;
    return xb_fail(err,
                   "method \"%s\" works on chunks, but not by the choices of a quiet option of "
                   "its own beside its chunks",
                   spec->name);
}

/* Methods of that name, those of experiments included. */
static int method_count(const struct xb_catalog *catalog, const char *name)
{
    const struct xb_experiment_spec *e;
    int n = 0;

    for (size_t i = 0; catalog->methods[i]; i++)
        n += strcmp(catalog->methods[i]->name, name) == 0;
    for (size_t i = 0; (e = experiment_at(catalog, i)); i++)
        n += strcmp(e->method.name, name) == 0;
    return n;
}

static int check_method(const struct xb_catalog *catalog, const struct xb_method_spec *spec,
                        struct xb_error *err)
{
    if (!spec->name || spec->name[0] == '\0')
        return xb_fail(err, "a method has no name");
    if (method_count(catalog, spec->name) != 1)
        return xb_fail(err, "method \"%s\" stands twice", spec->name);
    if (check_options(spec->options, err) < 0)
        return xb_fail_in(err, "method \"%s\"", spec->name);
    if (check_collectives(spec, err) < 0 || check_datatypes(spec, err) < 0 ||
        check_host_memory(spec, err) < 0 || check_chunk_work(spec, err) < 0)
        return -1;
    if (!spec->paths[XB_SELF] && !spec->paths[XB_NODE] && !spec->paths[XB_REMOTE])
        return xb_fail(err, "method \"%s\" takes no path", spec->name);
    if ((spec->flags & XB_METHOD_TAKES_CHUNKS) &&
        ((spec->default_chunk == 0) != !(spec->flags & XB_METHOD_CHUNKED) ||
         spec->default_depth < 1))
        return xb_fail(err,
                       "method \"%s\" takes chunks without a default chunk and depth, or has a "
                       "chunk and moves the "
                       "whole",
                       spec->name);
    return 0;
}

static int check_experiment(const struct xb_catalog *catalog,
                            const struct xb_experiment_spec *e, struct xb_error *err)
{
    if (!e->name || e->name[0] == '\0')
        return xb_fail(err, "an experiment has no name");
    if (xb_catalog_experiment(catalog, e->name) != e || xb_pattern_find(e->name, NULL))
        return xb_fail(err, "experiment \"%s\" stands twice, or is a pattern's name", e->name);
    if (check_method(catalog, &e->method, err) < 0)
        return xb_fail_in(err, "experiment \"%s\"", e->name);
    if (e->method.kind != XB_KIND_EXPERIMENT || e->method.flags & XB_METHOD_TAKES_CHUNKS ||
        e->method.paths[XB_REMOTE])
        return xb_fail(err,
                       "experiment \"%s\": its method is not of the kind of experiments, or "
                       "chunked, or takes paths between nodes",
                       e->name);
    return 0;
}

static int check_device(const struct xb_catalog *catalog, size_t i, struct xb_error *err)
{
    const char *name = catalog->devices[i];

    if (name[0] == '\0' || strcmp(name, "auto") == 0)
        return xb_fail(err, "device \"%s\": the name is empty or reserved", name);
    for (size_t j = 0; j < i; j++) {
        if (strcmp(catalog->devices[j], name) == 0)
            return xb_fail(err, "device \"%s\" stands twice", name);
    }
    return 0;
}

int xb_catalog_check(const struct xb_catalog *catalog, struct xb_error *err)
{
    const struct xb_experiment_spec *e;

    for (size_t i = 0; catalog->methods[i]; i++) {
        if (check_method(catalog, catalog->methods[i], err) < 0)
            return -1;
    }
    for (size_t i = 0; (e = experiment_at(catalog, i)); i++) {
        if (check_experiment(catalog, e, err) < 0)
            return -1;
    }
    for (size_t i = 0; catalog->devices[i]; i++) {
        if (check_device(catalog, i, err) < 0)
            return -1;
    }
    return 0;
}
