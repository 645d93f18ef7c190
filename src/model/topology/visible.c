/* SPDX-License-Identifier: BSD-3-Clause */
/* visible.c - which GPUs and MIG instances a process can still choose among. */
#include "model/topology/visible.h"

#include <stdio.h>
#include <string.h>

/* How many commas part the words of a list: words but one. */
static size_t count_words(const char *list)
{
    size_t words = 1;

    for (; *list; list++)
        words += *list == ',';
    return words;
}

/* Is the UUID one of the words? */
static bool names(const char *list, const char *uuid)
{
    size_t len = strlen(uuid);

    for (const char *word = list; word; word = strchr(word, ',')) {
        word += *word == ',';
        if (len > 0 && strncmp(word, uuid, len) == 0 && (word[len] == ',' || word[len] == '\0'))
            return true;
    }
    return false;
}

static bool is_offered(const struct xb_listed_gpu *gpu, const char *asked)
{
    return !asked || names(asked, gpu->uuid);
}

size_t xb_visible_offer(const struct xb_listed_gpu *listed, size_t n, const char *asked,
                        struct xb_gpu_key *out, size_t max)
{
    size_t offered = 0;
    bool any_instance = false;

    for (size_t i = 0; i < n; i++) {
        if (!is_offered(&listed[i], asked))
            continue;
        any_instance = any_instance || listed[i].key.instance[0];
        if (offered < max)
            out[offered] = listed[i].key;
        offered++;
    }
    /* other words (a number, a part of a UUID, a GPU in MIG mode) are CUDA's to understand */
    if (!any_instance || (asked && (offered < 2 || offered != count_words(asked))))
        return 0;
    return offered < max ? offered : max;
}

int xb_visible_value(const struct xb_listed_gpu *listed, size_t n, const char *asked,
                     const struct xb_gpu_key *chosen, char *buf, size_t len,
                     struct xb_error *err)
{
    size_t at = 0;

    buf[0] = '\0';
    if (chosen->instance[0])
        at = (size_t)snprintf(buf, len, "%s", chosen->instance);
    for (size_t i = 0; !chosen->instance[0] && i < n && at < len; i++)
        if (!listed[i].key.instance[0] && is_offered(&listed[i], asked))
            at += (size_t)snprintf(buf + at, len - at, "%s%s", at ? "," : "", listed[i].uuid);
    return at < len ? 0 : xb_fail(err, "the UUIDs of this node's GPUs take too much room");
}
