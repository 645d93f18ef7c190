/* SPDX-License-Identifier: BSD-3-Clause */
/* path.c - endpoints, localities and paths as words. */
#include "model/plan/path.h"

#include <stdio.h>
#include <string.h>

#include "base/nearest.h"

static const char *const locality_names[XB_LOCALITIES + 1] = {
    [XB_SELF] = "self",
    [XB_NODE] = "node",
    [XB_REMOTE] = "remote",
};

#define NO_INDEX (-2)

/* The K of "gpu+K", or NO_INDEX. Only the canonical spelling counts, so that one endpoint has
 * one name. */
static int gpu_index(const char *digits)
{
    int value = 0;

    if (digits[0] < '1' || digits[0] > '9')
        return NO_INDEX;
    for (; *digits >= '0' && *digits <= '9' && value <= XB_GPU_INDEX_MAX; digits++)
        value = value * 10 + (*digits - '0');
    return *digits == '\0' && value <= XB_GPU_INDEX_MAX ? value : NO_INDEX;
}

/* Copy text[0, len) as a string into buf; what does not fit is no word of ours. */
static const char *copy_word(const char *text, size_t len, char buf[XB_PATH_LEN])
{
    snprintf(buf, XB_PATH_LEN, "%.*s", len < XB_PATH_LEN ? (int)len : XB_PATH_LEN - 1, text);
    return buf;
}

int xb_endpoint_parse(const char *text, struct xb_endpoint *out, struct xb_error *err)
{
    static const char *const endpoint_names[] = {"host", "gpu", NULL};
    char hint[XB_HINT_LEN];

    if (strcmp(text, "host") == 0) {
        *out = (struct xb_endpoint){.kind = XB_HOST};
        return 0;
    }
    if (strcmp(text, "gpu") == 0) {
        *out = (struct xb_endpoint){.kind = XB_GPU};
        return 0;
    }
    if (strncmp(text, "gpu+", 4) == 0) {
        int index = strcmp(text + 4, "*") == 0 ? XB_GPU_ANY : gpu_index(text + 4);
        if (index != 0 && index != NO_INDEX) {
            *out = (struct xb_endpoint){.kind = XB_GPU, .index = index};
            return 0;
        }
    }
    return xb_fail(err,
                   "found the endpoint \"%.40s\"%s, expected host, gpu, gpu+K (K from 1 to %d) "
                   "or gpu+*",
                   text, xb_did_you_mean(text, endpoint_names, hint), XB_GPU_INDEX_MAX);
}

int xb_locality_parse(const char *text, enum xb_locality *out, struct xb_error *err)
{
    char hint[XB_HINT_LEN];

    for (int i = 0; i < XB_LOCALITIES; i++) {
        if (strcmp(text, locality_names[i]) == 0) {
            *out = (enum xb_locality)i;
            return 0;
        }
    }
    return xb_fail(err, "found the locality \"%.40s\"%s, expected self, node or remote", text,
                   xb_did_you_mean(text, locality_names, hint));
}

int xb_path_parse(const char *text, struct xb_path *out, struct xb_error *err)
{
    struct xb_path path = {.locality = XB_SELF};
    char word[XB_PATH_LEN];
    const char *arrow = strstr(text, "->");

    if (!arrow)
        return xb_fail(err, "found the path \"%.40s\", expected SRC->DST or SRC->DST@LOCALITY",
                       text);

    const char *dst = arrow + 2;
    size_t dst_len = strcspn(dst, "@");
    if (xb_endpoint_parse(copy_word(text, (size_t)(arrow - text), word), &path.src, err) < 0 ||
        xb_endpoint_parse(copy_word(dst, dst_len, word), &path.dst, err) < 0)
        return -1;
    if (dst[dst_len] == '@' && xb_locality_parse(dst + dst_len + 1, &path.locality, err) < 0)
        return -1;
    if (path.locality != XB_SELF &&
        (path.src.index == XB_GPU_ANY || path.dst.index == XB_GPU_ANY))
        return xb_fail(err,
                       "found gpu+* in the path \"%.40s\", expected it within a rank alone "
                       "(@self): between ranks every rank has a GPU of its own",
                       text);
    *out = path;
    return 0;
}

const char *xb_endpoint_format(struct xb_endpoint e, char buf[XB_PATH_LEN])
{
    if (e.kind == XB_GPU && e.index > 0)
        snprintf(buf, XB_PATH_LEN, "gpu+%d", e.index);
    else if (e.index == XB_GPU_ANY)
        snprintf(buf, XB_PATH_LEN, "gpu+*");
    else
        snprintf(buf, XB_PATH_LEN, "%s", e.kind == XB_GPU ? "gpu" : "host");
    return buf;
}

const char *xb_path_format(const struct xb_path *path, char buf[XB_PATH_LEN])
{
    char src[XB_PATH_LEN], dst[XB_PATH_LEN];

    /* Two of "gpu+2147483647" and "@remote" fit; the precisions let the compiler see it. */
    snprintf(buf, XB_PATH_LEN, "%.14s->%.14s@%s", xb_endpoint_format(path->src, src),
             xb_endpoint_format(path->dst, dst), xb_locality_name(path->locality));
    return buf;
}

const char *xb_locality_name(enum xb_locality locality)
{
    return locality_names[locality];
}

struct xb_path xb_path_reverse(const struct xb_path *path)
{
    return (struct xb_path){
        .src = path->dst,
        .dst = path->src,
        .locality = path->locality,
    };
}

bool xb_path_equal(const struct xb_path *a, const struct xb_path *b)
{
    return a->locality == b->locality && a->src.kind == b->src.kind &&
           a->src.index == b->src.index && a->dst.kind == b->dst.kind &&
           a->dst.index == b->dst.index;
}
