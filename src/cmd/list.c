/* SPDX-License-Identifier: BSD-3-Clause */
/* list.c - methods with their options, patterns, devices, and files that are known by name. */
#include "cmd/cmd.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/units.h"
#include "engine/methods/method.h"
#include "engine/pipeline/stages.h"
#include "lab/experiment.h"

#define DESCRIPTION_WIDTH 90

static void list_option(const struct xb_option *o)
{
    char range[256], fallback[64];

    printf("      %s=%s (%s, default %s)\n          %s\n", o->name,
           xb_option_range(o, range, sizeof range), xb_option_type_name(o->type),
           xb_option_format(o, o->fallback, fallback, sizeof fallback), o->summary);
}

/* A line for the localities whose paths are the same. */
static void list_paths(const struct xb_method_spec *s)
{
    for (int first = 0; first < XB_LOCALITIES; first++) {
        char kinds[256], localities[32] = "";
        bool shown = s->paths[first] == 0;
        for (int l = 0; l < XB_LOCALITIES; l++) {
            size_t used = strlen(localities);
            if (s->paths[l] != s->paths[first])
                continue;
            shown = shown || l < first;
            snprintf(localities + used, sizeof localities - used, "%s%s", used ? ", " : "",
                     xb_locality_name((enum xb_locality)l));
        }
        if (!shown)
            printf("      paths %s: %s\n", localities,
                   xb_path_kinds_format(s->paths[first], kinds, sizeof kinds));
    }
}

static void list_method(const struct xb_method_spec *s)
{
    char chunk[XB_UNITS_LEN];

    printf("  %-12s %s\n", s->name, s->summary);
    list_paths(s);
    for (size_t k = 0; k < xb_option_count(s->options); k++)
        list_option(&s->options[k]);
    if (s->flags & XB_METHOD_TAKES_CHUNKS) {
        printf("      chunk=SIZE (size, default %s)\n          bytes of a piece\n",
               s->default_chunk ? xb_size_format(s->default_chunk, chunk) : "size");
        printf("      depth=1 to %d (int, default %d)\n          pieces in flight\n",
               XB_MAX_DEPTH, (int)s->default_depth);
    }
}

static void list_methods(void)
{
    printf("methods:\n");
    for (size_t i = 0; xb_methods[i]; i++)
        list_method(&xb_methods[i]->spec);
}

/* An experiment stands for a pattern; its method follows it. */
static void list_experiments(void)
{
    printf("experiments, each named as pattern, with its method:\n");
    for (size_t i = 0; xb_experiments[i]; i++) {
        const struct xb_experiment_spec *s = &xb_experiments[i]->spec;
        printf("  %-18s %s\n", s->name, s->summary);
        list_method(&s->method);
    }
}

/* What a file says of itself, in lines; nothing where it cannot be read. */
static void list_description(const char *file)
{
    struct xb_json doc;
    struct xb_error err;

    if (xb_json_load(file, XB_JSON_MAX_BYTES, &doc, &err) < 0)
        return;
    const char *text =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(doc.root, "description"));
    for (size_t len; text && *text; text += len) {
        len = strlen(text);
        while (len > 0 && (len > DESCRIPTION_WIDTH || (text[len] && text[len] != ' ')))
            len--;
        if (len == 0) /* a word that is longer than a line */
            len = strcspn(text, " ");
        printf("      %.*s\n", (int)len, text);
        len += text[len] == ' ';
    }
    xb_json_release(&doc);
}

/* Files of a kind that can be given without a folder, if there are any. */
static void list_named(enum xb_named_kind kind)
{
    struct xb_named_files files;

    if (xb_named_list(kind, &files) < 0) {
        xb_log_error("out of memory");
        return;
    }
    if (files.n > 0)
        printf("%s:\n", xb_named_kind_name(kind));
    for (size_t i = 0; i < files.n; i++) {
        printf("  %-14s %s\n", files.file[i].name, files.file[i].path);
        list_description(files.file[i].path);
    }
    xb_named_release(&files);
}

static int list_main(int argc, char **argv)
{
    int status;

    if (!xb_command_parse(&xb_command_list, argc, argv, NULL, &status))
        return status;
    list_methods();
    printf("patterns:\n");
    for (size_t i = 0; xb_patterns[i]; i++)
        printf("  %-18s %s\n", xb_patterns[i]->name, xb_patterns[i]->summary);
    list_experiments();
    printf("devices:\n");
    for (size_t i = 0; xb_devices[i]; i++) {
        struct xb_error reason = {""};
        int usable = xb_devices[i]->probe(&reason) == 0;
        printf("  %-14s %s%s%s\n", xb_devices[i]->name, xb_devices[i]->summary,
               usable ? "" : "; not usable here: ", reason.text);
    }
    for (int kind = 0; kind < XB_NAMED_KINDS; kind++)
        list_named((enum xb_named_kind)kind);
    return XB_EXIT_OK;
}

const struct xb_command xb_command_list = {
    .name = "list",
    .summary =
        "list what there is: methods with options, patterns, devices, scenarios, policies",
    .ends = "0 it is done\n2 wrong usage, or a file that cannot be read or written",
    .main = list_main,
};
