/* list.c - methods with their options, patterns, devices. */
#include "cmd/cmd.h"

#include <glob.h>
#include <stdio.h>
#include <string.h>

#include "engine/methods/method.h"
#include "lab/experiment.h"

static void list_option(const struct xb_option *o)
{
    char fallback[64], range[256] = "";

    xb_option_format(o, o->fallback, fallback, sizeof fallback);
    for (size_t i = 0; o->type == XB_OPTION_ENUM && o->choices[i]; i++)
        snprintf(range + strlen(range), sizeof range - strlen(range), "%s%s", i ? "|" : "",
                 o->choices[i]);
    printf("      %s=%s  %s (default %s)\n", o->name,
           range[0]                    ? range
           : o->type == XB_OPTION_BOOL ? "true|false"
                                       : "...",
           o->summary, fallback);
}

static void list_method(const struct xb_method_spec *s)
{
    printf("  %-12s %s%s\n", s->name, s->summary,
           s->flags & XB_METHOD_CHUNKED ? " (takes chunk and depth)" : "");
    for (size_t k = 0; k < xb_option_count(s->options); k++)
        list_option(&s->options[k]);
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
        char path[XB_PATH_LEN];
        printf("  %-14s %s; path %s\n", s->name, s->summary, xb_path_format(&s->path, path));
        list_method(&s->method);
    }
}

/* Names of the scenarios that can be given without a folder. */
static void list_scenarios(void)
{
    const char *dir;

    printf("scenarios:\n");
    for (size_t i = 0; (dir = xb_scenario_folder(i)); i++) {
        char pattern[4200];
        glob_t found;
        snprintf(pattern, sizeof pattern, "%s/*.json", dir);
        if (glob(pattern, 0, NULL, &found) == 0)
            for (size_t k = 0; k < found.gl_pathc; k++) {
                const char *name = strrchr(found.gl_pathv[k], '/') + 1;
                printf("  %-14.*s %s\n", (int)strcspn(name, "."), name, found.gl_pathv[k]);
            }
        globfree(&found);
    }
}

int xb_cmd_list(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--help") == 0)
        return xb_usage("list");
    if (argc > 1)
        return xb_usage_error("list", "takes no arguments");
    list_methods();
    printf("patterns:\n");
    for (size_t i = 0; xb_patterns[i]; i++)
        printf("  %-14s %s\n", xb_patterns[i]->name, xb_patterns[i]->summary);
    list_experiments();
    printf("devices:\n");
    for (size_t i = 0; xb_devices[i]; i++) {
        struct xb_error reason = {""};
        int usable = xb_devices[i]->probe(&reason) == 0;
        printf("  %-14s %s%s%s\n", xb_devices[i]->name, xb_devices[i]->summary,
               usable ? "" : "; not usable here: ", reason.text);
    }
    list_scenarios();
    return XB_EXIT_OK;
}
