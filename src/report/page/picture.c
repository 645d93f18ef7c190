/* SPDX-License-Identifier: BSD-3-Clause */
/* picture.c - a drawing as part of a page. Drawings come from a library that closes its tags
 * and quotes its attributes; what is not so is no drawing.
 */
#include "report/page/picture.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "report/page/markup.h"

#define DIGITS 2 /* behind the point of a length */

/* A tag, from "<" to ">". */
struct tag {
    const char *begin, *end; /* behind the ">" */
};

/* An attribute of a tag. */
struct attribute {
    const char *name, *value; /* the value without its quotes */
    size_t name_len, value_len;
};

static bool find_tag(const char *from, struct tag *out)
{
    char quote = 0;

    if (!(out->begin = strchr(from, '<')))
        return false;
    for (const char *at = out->begin; *at; at++) {
        if (quote) {
            quote = *at == quote ? 0 : quote;
        } else if (*at == '"' || *at == '\'') {
            quote = *at;
        } else if (*at == '>') {
            out->end = at + 1;
            return true;
        }
    }
    return false;
}

static bool is_tag(const struct tag *tag, const char *name)
{
    size_t len = strlen(name);

    return strncasecmp(tag->begin + 1, name, len) == 0 &&
           !isalnum((unsigned char)tag->begin[1 + len]);
}

static bool closes_itself(const struct tag *tag)
{
    return tag->end[-2] == '/';
}

/* The next attribute behind *at, which goes on behind it. */
static bool next_attribute(const struct tag *tag, const char **at, struct attribute *out)
{
    const char *name = *at;

    while (name < tag->end && (isspace((unsigned char)*name) || *name == '/'))
        name++;
    size_t len = strcspn(name, "= \t\r\n/>");
    if (name + len + 1 >= tag->end || name[len] != '=')
        return false;
    char quote = name[len + 1];
    if (quote != '"' && quote != '\'')
        return false;
    const char *value = name + len + 2, *end = memchr(value, quote, (size_t)(tag->end - value));
    if (!end)
        return false;
    *out = (struct attribute){name, value, len, (size_t)(end - value)};
    *at = end + 1;
    return true;
}

static const char *attributes_of(const struct tag *tag)
{
    return tag->begin + strcspn(tag->begin, " \t\r\n>");
}

static bool is_named(const struct attribute *a, const char *name)
{
    return a->name_len == strlen(name) && strncmp(a->name, name, a->name_len) == 0;
}

static bool is_valued(const struct attribute *a, const char *value)
{
    return a->value_len == strlen(value) && strncmp(a->value, value, a->value_len) == 0;
}

/* ---- what is taken ---- */

/* What drawings are made of: none of it runs or loads anything by itself. */
static bool is_known(const struct tag *tag)
{
    static const char *const known[] = {"svg",  "g",        "path",           "rect",
                                        "line", "circle",   "text",           "tspan",
                                        "defs", "clipPath", "linearGradient", "radialGradient",
                                        "stop", "title",    "desc",           NULL};
    struct tag named = *tag;

    named.begin += tag->begin[1] == '/';
    for (size_t i = 0; known[i]; i++)
        if (is_tag(&named, known[i]))
            return true;
    return false;
}

/* Another element's id may be named, no address. */
static bool names_address(const struct attribute *a)
{
    const char *end = a->value + a->value_len;

    for (const char *at = a->value; at + 4 <= end; at++)
        if (strncasecmp(at, "url(", 4) == 0 && (at + 4 == end || at[4] != '#'))
            return true;
    return false;
}

static bool is_plain(const struct tag *tag)
{
    const char *at = attributes_of(tag);
    struct attribute a;

    while (next_attribute(tag, &at, &a))
        if (strncasecmp(a.name, "on", 2) == 0 || names_address(&a) ||
            (a.name_len >= 4 && strncasecmp(a.name + a.name_len - 4, "href", 4) == 0))
            return false;
    at += strspn(at, " \t\r\n/");
    return *at == '>' && at + 1 == tag->end; /* else there is what is no attribute */
}

static bool is_drawing(const char *svg)
{
    struct tag tag;
    bool first = true;

    for (const char *at = svg; find_tag(at, &tag); at = tag.end) {
        if (!is_known(&tag) || !is_plain(&tag) || (first && !is_tag(&tag, "svg")))
            return false;
        first = false;
    }
    return !first;
}

/* ---- what is written ---- */

/* Is the drawing the same without it? */
static bool is_spare(const struct attribute *a, bool values)
{
    static const char *const spare[][2] = {{"opacity", "1"},   {"stroke-width", "1"},
                                           {"y2", "0"},        {"x2", "0"},
                                           {"version", "1.1"}, {"font-family", "sans-serif"}};

    if (strncmp(a->name, "aria-", 5) == 0 || is_named(a, "role") || is_named(a, "class"))
        return true;
    if (is_named(a, "pointer-events")) /* which decides whose value is shown */
        return !values;
    for (size_t i = 0; i < sizeof spare / sizeof spare[0]; i++)
        if (is_named(a, spare[i][0]) && is_valued(a, spare[i][1]))
            return true;
    return false;
}

/* A value with no more digits behind a point than can be seen. */
static void print_value(const struct attribute *a, FILE *out)
{
    size_t digits = 0;
    bool behind = false;

    for (size_t i = 0; i < a->value_len; i++) {
        char c = a->value[i];
        bool digit = isdigit((unsigned char)c);
        digits = digit && behind ? digits + 1 : 0;
        behind = c == '.' || (behind && digit);
        if (digits <= DIGITS)
            fputc(c, out);
    }
}

static void print_tag(const struct tag *tag, const char *id, bool root, bool values, FILE *out)
{
    const char *at = attributes_of(tag);
    struct attribute a;

    fwrite(tag->begin, 1, (size_t)(at - tag->begin) - (*at == '>' && closes_itself(tag)), out);
    if (root) {
        fputs(" role=\"img\" aria-labelledby=\"", out);
        xb_markup_text(id, out);
        fputs("-title ", out);
        xb_markup_text(id, out);
        fputs("-about\"", out);
    }
    while (next_attribute(tag, &at, &a)) {
        if (is_spare(&a, values))
            continue;
        fprintf(out, " %.*s=\"", (int)a.name_len, a.name);
        print_value(&a, out);
        fputc('"', out);
    }
    fputs(closes_itself(tag) ? "/>" : ">", out);
}

bool xb_picture_print(const char *svg, const char *id, bool values, FILE *out)
{
    struct tag tag;
    bool root = true, left_out = false;

    if (!is_drawing(svg))
        return false;
    for (const char *at = svg; find_tag(at, &tag); at = tag.end) {
        if (!root && !left_out)
            fwrite(at, 1, (size_t)(tag.begin - at), out);
        bool ends = is_tag(&tag, "/desc") || (!values && is_tag(&tag, "/title"));
        left_out =
            !ends && (left_out || is_tag(&tag, "desc") || (!values && is_tag(&tag, "title")));
        bool empty = closes_itself(&tag) && is_tag(&tag, "text");
        if (!left_out && !ends && !empty)
            print_tag(&tag, id, root, values, out);
        root = false;
    }
    return true;
}
