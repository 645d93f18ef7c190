/* json_locate.c - JSON as text: what cJSON lets pass, and where an item comes from: a line or
 * the command line. */
#include "base/json_text.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

#define NUMBER_BYTES "0123456789+-.eE"
#define QUOTED_LEN   60 /* of a faulty line, in an error */

struct scan {
    const char *name;
    const char *text;
    size_t len;
    const char *pos;
    size_t depth;
};

static size_t line_at(const char *text, const char *pos)
{
    size_t line = 1;
    for (; text < pos; text++)
        line += *text == '\n';
    return line;
}

static int fail_at(const struct scan *scan, struct xb_error *err, const char *what)
{
    return xb_fail(err, "%s:%zu: not valid JSON: %s", scan->name,
                   line_at(scan->text, scan->pos), what);
}

/* A report repeats the text, and one wrong byte would make the report unreadable. */
static int check_utf8(struct scan *scan, struct xb_error *err)
{
    size_t len;
    for (const char *p = scan->text; p < scan->text + scan->len; p += len) {
        len = xb_utf8_length(p);
        scan->pos = p;
        if (len == 0)
            return fail_at(scan, err, "the text is not UTF-8");
    }
    scan->pos = scan->text;
    return 0;
}

/* Only ASCII counts as a digit, in every locale. */
static const char *skip_digits(const char *p)
{
    return p + strspn(p, "0123456789");
}

/* The end of the longest JSON number at p, or NULL when there is none. */
static const char *match_number(const char *p)
{
    p += *p == '-';
    const char *integer = p;
    p = *p == '0' ? p + 1 : skip_digits(p);
    if (p == integer)
        return NULL;
    if (*p == '.') {
        const char *fraction = ++p;
        p = skip_digits(p);
        if (p == fraction)
            return NULL;
    }
    if (*p == 'e' || *p == 'E') {
        p++;
        p += *p == '+' || *p == '-';
        const char *exponent = p;
        p = skip_digits(p);
        if (p == exponent)
            return NULL;
    }
    return p;
}

/* cJSON reads "01" and "1." and turns 1e999 into infinity. */
static int check_number(struct scan *scan, struct xb_error *err)
{
    const char *end = scan->pos + strspn(scan->pos, NUMBER_BYTES);
    if (match_number(scan->pos) != end)
        return xb_fail(err, "%s:%zu: not valid JSON: \"%.*s\" is not a number", scan->name,
                       line_at(scan->text, scan->pos),
                       (int)(end - scan->pos < QUOTED_LEN ? end - scan->pos : QUOTED_LEN),
                       scan->pos);
    if (!isfinite(strtod(scan->pos, NULL)))
        return fail_at(scan, err, "the number is too large");
    scan->pos = end;
    return 0;
}

/* cJSON keeps control characters, and cuts a string at an escaped NUL. */
static int check_string(struct scan *scan, struct xb_error *err)
{
    const char *end = scan->text + scan->len;
    for (scan->pos++; scan->pos < end && *scan->pos != '"'; scan->pos++) {
        if ((unsigned char)*scan->pos < 0x20)
            return fail_at(scan, err, "a string has a control character or does not end");
        if (*scan->pos != '\\')
            continue;
        scan->pos++;
        if (strncmp(scan->pos, "u0000", 5) == 0)
            return fail_at(scan, err, "a string has a NUL");
        if (scan->pos < end && (unsigned char)*scan->pos < 0x20)
            return fail_at(scan, err, "a string has a control character or does not end");
    }
    if (scan->pos >= end)
        return fail_at(scan, err, "a string does not end");
    scan->pos++;
    return 0;
}

static int check_nesting(struct scan *scan, struct xb_error *err)
{
    bool opens = *scan->pos == '[' || *scan->pos == '{';
    if (opens && ++scan->depth > XB_JSON_MAX_DEPTH)
        return xb_fail(err, "%s:%zu: nests deeper than %d objects and arrays", scan->name,
                       line_at(scan->text, scan->pos), XB_JSON_MAX_DEPTH);
    if (!opens && scan->depth > 0)
        scan->depth--;
    scan->pos++;
    return 0;
}

static int check_text(struct scan *scan, struct xb_error *err)
{
    while (scan->pos < scan->text + scan->len) {
        char c = *scan->pos;
        int rc = 0;
        if (c == '"')
            rc = check_string(scan, err);
        else if (c == '-' || (c >= '0' && c <= '9'))
            rc = check_number(scan, err);
        else if (c == '\0')
            rc = fail_at(scan, err, "the text has a NUL byte");
        else if (strchr("[]{}", c))
            rc = check_nesting(scan, err);
        else if ((unsigned char)c < 0x20 && !strchr("\t\n\r", c))
            rc = fail_at(scan, err, "the text has a control character");
        else
            scan->pos++;
        if (rc)
            return -1;
    }
    return 0;
}

static const char *skip_space(const char *p)
{
    return p + strspn(p, " \t\n\r");
}

/* Quote the line of a syntax error. cJSON's position may be a byte behind it: what looks like
 * the end of the text is one only where brackets are open. */
static int fail_syntax(struct scan *scan, const char *pos, struct xb_error *err)
{
    scan->pos = pos;
    if (*skip_space(pos) == '\0') {
        if (scan->depth > 0 || *skip_space(scan->text) == '\0')
            return fail_at(scan, err, "the text ends too early");
        while (strchr(" \t\n\r", *pos))
            pos--;
    }
    const char *start = pos;
    while (start > scan->text && start[-1] != '\n')
        start--;
    start = skip_space(start);
    size_t len = strcspn(start, "\r\n");
    return xb_fail(err, "%s:%zu: not valid JSON: %.*s", scan->name, line_at(scan->text, pos),
                   (int)(len < QUOTED_LEN ? len : QUOTED_LEN), start);
}

int xb_json_text_parse(const char *name, const char *text, size_t len, cJSON **out,
                       struct xb_error *err)
{
    struct scan scan = {.name = name, .text = text, .len = len, .pos = text};
    if (check_utf8(&scan, err) || check_text(&scan, err))
        return -1;
    const char *end = text;
    cJSON *root = cJSON_ParseWithOpts(text, &end, 0);
    if (!root)
        return fail_syntax(&scan, end, err);
    scan.pos = skip_space(end);
    if (scan.pos != text + len) {
        cJSON_Delete(root);
        return fail_at(&scan, err, "there is more text behind the value");
    }
    *out = root;
    return 0;
}

/* From here on the text is known to be valid. */

static const char *skip_string(const char *p)
{
    for (p++; *p != '"'; p++)
        p += *p == '\\';
    return p + 1;
}

static const char *skip_value(const char *p)
{
    if (*p == '"')
        return skip_string(p);
    if (*p != '[' && *p != '{')
        return p + strcspn(p, ",]} \t\n\r");
    size_t depth = 0;
    do {
        depth += *p == '[' || *p == '{';
        depth -= *p == ']' || *p == '}';
        p = *p == '"' ? skip_string(p) : p + 1;
    } while (depth > 0);
    return p;
}

/* Where the value of a member begins, given its key. */
static const char *member_value(const char *key)
{
    const char *colon = skip_space(skip_string(key));
    return skip_space(colon + 1);
}

/* Where child i of the container at p begins (a member at its key), or NULL when the text has
 * no such child. */
static const char *find_child(const char *p, size_t i)
{
    if (*p != '[' && *p != '{')
        return NULL;
    bool object = *p == '{';
    for (p = skip_space(p + 1); *p != ']' && *p != '}'; p = skip_space(p + 1)) {
        if (i-- == 0)
            return p;
        p = skip_space(skip_value(object ? member_value(p) : p));
        if (*p != ',')
            return NULL;
    }
    return NULL;
}

/* Find item below parent; its place among its siblings at each level goes to places. Returns
 * the number of levels, 0 when the item is not there. */
static size_t find_places(const cJSON *parent, const cJSON *item, size_t level,
                          size_t places[XB_JSON_MAX_DEPTH])
{
    if (level == XB_JSON_MAX_DEPTH)
        return 0;
    places[level] = 0;
    for (const cJSON *child = parent->child; child; child = child->next) {
        size_t levels = child == item ? level + 1 : find_places(child, item, level + 1, places);
        if (levels > 0)
            return levels;
        places[level]++;
    }
    return 0;
}

size_t xb_json_text_line(const struct xb_json *doc, const cJSON *item)
{
    size_t places[XB_JSON_MAX_DEPTH];
    if (!doc->text)
        return 0;
    size_t levels = find_places(doc->root, item, 0, places);
    if (levels == 0 && item != doc->root)
        return 0;
    /* What cJSON skipped before the value is space or a byte order mark. */
    const char *begin = doc->text;
    if (strncmp(begin, "\xEF\xBB\xBF", 3) == 0)
        begin += 3;
    const char *value = skip_space(begin);
    const char *start = value;
    for (size_t i = 0; i < levels; i++) {
        bool object = *value == '{';
        start = find_child(value, places[i]);
        if (!start)
            return 0;
        value = object ? member_value(start) : start;
    }
    return line_at(doc->text, start);
}

/* Whether path is what pattern names or lies below it; "[*]" stands for every index. */
static bool covers(const char *pattern, const char *path)
{
    for (; *pattern != '\0'; pattern++) {
        if (*pattern == '*' && pattern[1] == ']' && isdigit((unsigned char)*path)) {
            path += strspn(path, "0123456789");
            continue;
        }
        if (*pattern != *path++)
            return false;
    }
    return *path == '\0' || *path == '.' || *path == '[';
}

const char *xb_json_override(const struct xb_json *doc, const char *path)
{
    const char *latest = NULL;
    for (size_t i = 0; doc->overrides && doc->overrides[i]; i++)
        if (covers(doc->overrides[i], path))
            latest = doc->overrides[i];
    return latest;
}
