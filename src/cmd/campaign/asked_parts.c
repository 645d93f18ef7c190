/* SPDX-License-Identifier: BSD-3-Clause */
/* asked_parts.c - parts of a campaign, as the command line or a file gives them. */
#include "cmd/campaign/asked_parts.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "model/campaign/launch_order.h"

#define LEAST_SHARE 0.001
#define MOST_SHARE  0.5

int xb_asked_no_memory(struct xb_error *err)
{
    return xb_fail(err, "out of memory for a campaign");
}

int xb_asked_share(const char *text, double *out, struct xb_error *err)
{
    if (xb_share_parse(text, out, err) < 0)
        return -1;
    if (*out >= LEAST_SHARE && *out <= MOST_SHARE)
        return 0;
    return xb_fail(err, "got '%s', expected a share from %g%% to %g%%", text, 100 * LEAST_SHARE,
                   100 * MOST_SHARE);
}

struct xb_config *xb_asked_add_config(struct xb_campaign *c, const char *name,
                                      struct xb_error *err)
{
    struct xb_config *config =
        c->configs.n < XB_CONFIGS_MAX ? xb_list_add(&c->configs, sizeof *config) : NULL;

    if (!config && c->configs.n == XB_CONFIGS_MAX)
        xb_fail(err, "the configuration '%s' is one too many: expected at most %d", name,
                XB_CONFIGS_MAX);
    else if (!config || !(config->name = strdup(name)))
        xb_asked_no_memory(err);
    if (!config || !config->name)
        return NULL;
    config->environment.there = true;
    return config;
}

int xb_asked_add_variable(struct xb_named_texts *variables, const char *name, size_t len,
                          const char *value, struct xb_error *err)
{
    struct xb_named_text *item = NULL;

    for (size_t i = 0; i < variables->n; i++) /* the last one counts */
        if (strncmp(variables->item[i].name, name, len) == 0 && !variables->item[i].name[len])
            item = &variables->item[i];
    if (!item) {
        item = realloc(variables->item, (variables->n + 1) * sizeof *variables->item);
        if (!item)
            return xb_asked_no_memory(err);
        variables->item = item;
        item += variables->n++;
        *item = (struct xb_named_text){.name = strndup(name, len)};
    }
    free(item->value);
    item->value = value ? strdup(value) : NULL;
    return item->name && (item->value || !value) ? 0 : xb_asked_no_memory(err);
}

size_t xb_asked_variable_name(const char *word)
{
    size_t n = 0;

    while (isalpha((unsigned char)word[n]) || word[n] == '_' ||
           (n > 0 && isdigit((unsigned char)word[n])))
        n++;
    return word[n] == '=' ? n : 0;
}
