/* differences.c - in what two runs' builds and environments differ. */
#include "report/differences.h"

#include <stdio.h>
#include <string.h>

#include "report/tables.h"

/* Found anew in each run, or no more than words for what stands beside. */
static const char *const passed_over[] = {"clock", "mpi_cuda_aware_how", "load",
                                          "available_bytes", NULL};

struct found {
    char *text;
    size_t len;
    int count;
    bool out_of_memory;
};

static bool is_passed_over(const char *name)
{
    for (size_t i = 0; passed_over[i]; i++)
        if (strcmp(passed_over[i], name) == 0)
            return true;
    return false;
}

static char *value_text(const cJSON *value)
{
    return !value || cJSON_IsNull(value) ? strdup("nothing") : cJSON_PrintUnformatted(value);
}

static void add_difference(struct found *f, const char *prefix, const char *name,
                           const cJSON *was, const cJSON *is)
{
    char *old = value_text(was), *now = value_text(is);
    size_t at = strlen(f->text);

    if (old && now)
        snprintf(f->text + at, f->len - at, "%s%s%s was %s, is %s", f->count ? "; " : "",
                 prefix, name, old, now);
    else
        f->out_of_memory = true;
    f->count++;
    cJSON_free(old);
    cJSON_free(now);
}

static void compare(struct found *f, const char *prefix, const cJSON *was, const cJSON *is);

/* Nodes by their number; there are as many as there were, for the ranks are the same. */
static void compare_nodes(struct found *f, const cJSON *was, const cJSON *is)
{
    const cJSON *old = was ? was->child : NULL;
    char prefix[64];

    for (const cJSON *node = is->child; node; node = node->next) {
        const cJSON *host = cJSON_GetObjectItemCaseSensitive(node, "host");
        snprintf(prefix, sizeof prefix,
                 "%.50s: ", cJSON_IsString(host) ? host->valuestring : "");
        compare(f, prefix, old, node);
        old = old ? old->next : NULL;
    }
}

/* Members of two objects, either of which may be null: those of the second, then those that
 * only the first has. */
static void compare(struct found *f, const char *prefix, const cJSON *was, const cJSON *is)
{
    const cJSON *member;
    char inner[64];

    cJSON_ArrayForEach(member, is)
    {
        const cJSON *old = cJSON_GetObjectItemCaseSensitive(was, member->string);
        bool both_null = (!old || cJSON_IsNull(old)) && cJSON_IsNull(member);
        if (is_passed_over(member->string) || both_null || cJSON_Compare(old, member, true))
            continue;
        if (cJSON_IsArray(member) && cJSON_IsObject(member->child)) {
            compare_nodes(f, old, member);
        } else if (cJSON_IsObject(member)) {
            snprintf(inner, sizeof inner, "%s.", member->string);
            compare(f, inner, old, member);
        } else {
            add_difference(f, prefix, member->string, old, member);
        }
    }
    cJSON_ArrayForEach(member, was)
    {
        if (!is_passed_over(member->string) && !cJSON_IsNull(member) &&
            !cJSON_GetObjectItemCaseSensitive(is, member->string))
            add_difference(f, prefix, member->string, member, NULL);
    }
}

int xb_report_differences(const struct xb_report *was, const struct xb_report *is, char *text,
                          size_t len)
{
    struct found f = {.text = text, .len = len};

    text[0] = '\0';
    if (!was->build.version) {
        snprintf(text, len, "it does not say by what build it was made");
        return 1;
    }
    cJSON *old_build = xb_fields_write(xb_report_build_fields, &was->build);
    cJSON *new_build = xb_fields_write(xb_report_build_fields, &is->build);
    cJSON *old_env = xb_fields_write(xb_report_environment_fields, &was->environment);
    cJSON *new_env = xb_fields_write(xb_report_environment_fields, &is->environment);
    f.out_of_memory = !old_build || !new_build || !old_env || !new_env;
    if (!f.out_of_memory) {
        compare(&f, "build.", old_build, new_build);
        compare(&f, "", old_env, new_env);
    }
    cJSON_Delete(old_build);
    cJSON_Delete(new_build);
    cJSON_Delete(old_env);
    cJSON_Delete(new_env);
    return f.out_of_memory ? -1 : f.count;
}
