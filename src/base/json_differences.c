/* SPDX-License-Identifier: BSD-3-Clause */
/* json_differences.c - where two JSON values differ. */
#include "base/json_differences.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define PATH_LEN 256

struct found {
    char *text;
    size_t len, used;
    int most, count;
    bool failed; /* out of memory */
};

static void add(struct found *f, const char *path, const cJSON *was, const cJSON *is)
{
    char *old = was ? cJSON_PrintUnformatted(was) : NULL;
    char *now = is ? cJSON_PrintUnformatted(is) : NULL;

    f->failed = f->failed || (was && !old) || (is && !now);
    if (f->count++ < f->most && f->used < f->len)
        f->used += (size_t)snprintf(f->text + f->used, f->len - f->used, "%s%s was %s, is %s",
                                    f->count > 1 ? "; " : "", path, old ? old : "nothing",
                                    now ? now : "nothing");
    cJSON_free(old);
    cJSON_free(now);
}

static void compare(struct found *f, const char *path, const cJSON *was, const cJSON *is);

static void compare_elements(struct found *f, const char *path, const cJSON *was,
                             const cJSON *is)
{
    const cJSON *old = was->child, *now = is->child;
    char below[PATH_LEN];

    for (int i = 0; old || now; i++) {
        snprintf(below, sizeof below, "%.*s[%d]", PATH_LEN - 16, path, i);
        compare(f, below, old, now);
        old = old ? old->next : NULL;
        now = now ? now->next : NULL;
    }
}

/* Members of the second, then those that only the first has. */
static void compare_members(struct found *f, const char *path, const cJSON *was,
                            const cJSON *is)
{
    const cJSON *member;
    char below[PATH_LEN];

    cJSON_ArrayForEach(member, is)
    {
        snprintf(below, sizeof below, "%s%s%s", path, path[0] ? "." : "", member->string);
        compare(f, below, cJSON_GetObjectItemCaseSensitive(was, member->string), member);
    }
    cJSON_ArrayForEach(member, was)
    {
        snprintf(below, sizeof below, "%s%s%s", path, path[0] ? "." : "", member->string);
        if (!cJSON_GetObjectItemCaseSensitive(is, member->string))
            compare(f, below, member, NULL);
    }
}

static void compare(struct found *f, const char *path, const cJSON *was, const cJSON *is)
{
    if (!was || !is)
        add(f, path, was, is);
    else if (cJSON_IsArray(was) && cJSON_IsArray(is))
        compare_elements(f, path, was, is);
    else if (cJSON_IsObject(was) && cJSON_IsObject(is))
        compare_members(f, path, was, is);
    else if (!cJSON_Compare(was, is, true))
        add(f, path, was, is);
}

int xb_json_differences(const cJSON *was, const cJSON *is, int most, char *text, size_t len)
{
    struct found f = {.text = text, .len = len, .most = most};

    text[0] = '\0';
    if (was || is)
        compare(&f, "", was, is);
    if (f.count > most && f.used < len)
        snprintf(text + f.used, len - f.used, "; and %d more", f.count - most);
    return f.failed ? -1 : f.count;
}
