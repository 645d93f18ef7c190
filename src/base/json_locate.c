/* SPDX-License-Identifier: BSD-3-Clause */
/* json_locate.c - JSON as text: what cJSON lets pass, and where an item comes from: a line or
 * the command line. */
#include "base/json_text.h"

#include <ctype.h>
#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "base/utf8.h"

#define NUMBER_BYTES "0123456789+-.eE"
#define QUOTED_LEN   60 /* of a faulty line, in an error */
#define WORD_LEN     64 /* of what stands without quotes */
#define HEX_DIGITS   "0123456789abcdefABCDEF"
#define PLAIN_DIGITS 300 /* a double holds any number of so many digits */

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

/* In characters, from 1. */
static size_t column_at(const char *text, const char *pos)
{
    size_t column = 1;
    while (pos > text && pos[-1] != '\n')
        column += ((unsigned char)*--pos & 0xc0) != 0x80;
    return column;
}

static int fail_at(const struct scan *scan, struct xb_error *err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static int fail_at(const struct scan *scan, struct xb_error *err, const char *fmt, ...)
{
    struct xb_error made;
    va_list args;
    va_start(args, fmt);
    vsnprintf(made.text, sizeof made.text, fmt, args);
    va_end(args);
    return xb_fail(err, "%s:%zu:%zu: not valid JSON: %s", scan->name,
                   line_at(scan->text, scan->pos), column_at(scan->text, scan->pos), made.text);
}

/* A report repeats the text, and one wrong byte would make the report unreadable. */
static int check_utf8(struct scan *scan, struct xb_error *err)
{
    size_t len;
    for (const char *p = scan->text; p < scan->text + scan->len; p += len) {
        len = (unsigned char)*p < 0x80 ? 1 : xb_utf8_length(p);
        scan->pos = p;
        if (len == 0)
            return fail_at(scan, err, "found the byte 0x%02x, expected UTF-8",
                           (unsigned char)*p);
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

static bool is_letter(char c)
{
    return isalpha((unsigned char)c) || c == '_' || c == '$' || (unsigned char)c >= 0x80;
}

/* true, false and null are all the words that stand outside of texts. */
static int check_word(struct scan *scan, struct xb_error *err)
{
    static const char *const words[] = {"true", "false", "null", NULL};
    static const char *const no_numbers[] = {"NaN", "nan", "Infinity", "inf", "Inf", NULL};
    char word[WORD_LEN], hint[XB_HINT_LEN];
    size_t len = 0;
    while (is_letter(scan->pos[len]) ||
           (scan->pos[len] && strchr("0123456789-.", scan->pos[len])))
        len++;
    snprintf(word, sizeof word, "%.*s", (int)(len < sizeof word ? len : sizeof word),
             scan->pos);
    for (size_t i = 0; words[i]; i++)
        if (strcmp(word, words[i]) == 0) {
            scan->pos += len;
            return 0;
        }
    for (size_t i = 0; no_numbers[i]; i++)
        if (strcmp(word, no_numbers[i]) == 0)
            return fail_at(scan, err, "found %s, expected a number or null: JSON has no other",
                           word);
    return fail_at(scan, err, "%s stands without double quotes%s, expected them around a text",
                   word, xb_did_you_mean(word, words, hint));
}

/* cJSON reads "01" and "1." and turns 1e999 into infinity. */
static int check_number(struct scan *scan, struct xb_error *err)
{
    const char *end = scan->pos + strspn(scan->pos, NUMBER_BYTES);
    if (is_letter(*end) && (isdigit((unsigned char)*scan->pos) || end == scan->pos + 1)) {
        scan->pos += !isdigit((unsigned char)*scan->pos); /* 16MiB, or -Infinity */
        return check_word(scan, err);
    }
    if (match_number(scan->pos) != end)
        return fail_at(
            scan, err, "\"%.*s\" is not a number, expected one such as 3, -0.5 or 1e9",
            (int)(end - scan->pos < QUOTED_LEN ? end - scan->pos : QUOTED_LEN), scan->pos);
    bool may_be_large = end - scan->pos > PLAIN_DIGITS ||
                        memchr(scan->pos, 'e', (size_t)(end - scan->pos)) ||
                        memchr(scan->pos, 'E', (size_t)(end - scan->pos));
    if (may_be_large && !isfinite(strtod(scan->pos, NULL)))
        return fail_at(scan, err, "the number %.*s is too large, expected at most %g",
                       (int)(end - scan->pos < QUOTED_LEN ? end - scan->pos : QUOTED_LEN),
                       scan->pos, DBL_MAX);
    scan->pos = end;
    return 0;
}

/* The code unit of an escape uXXXX, or -1. */
static long code_unit(const char *escape)
{
    if (escape[0] != 'u' || strspn(escape + 1, HEX_DIGITS) < 4)
        return -1;
    char digits[5] = {escape[1], escape[2], escape[3], escape[4], '\0'};
    return strtol(digits, NULL, 16);
}

static int fail_open_string(struct scan *scan, struct xb_error *err)
{
    return fail_at(scan, err, "a string does not end, expected a closing \"");
}

static int fail_control(struct scan *scan, struct xb_error *err)
{
    return fail_at(scan, err,
                   "a string has the control character 0x%02x, expected a closing \" before it "
                   "or an escape such as \\n",
                   (unsigned char)*scan->pos);
}

/* scan->pos is behind the backslash. */
static int check_escape(struct scan *scan, struct xb_error *err)
{
    const char *p = scan->pos;
    if (p == scan->text + scan->len)
        return fail_open_string(scan, err);
    if ((unsigned char)*p < 0x20)
        return fail_control(scan, err);
    if (!strchr("\"\\/bfnrtu", *p))
        return fail_at(scan, err,
                       "\\%.*s is no escape, expected \\\", \\\\, \\/, \\b, \\f, \\n, \\r, \\t "
                       "or \\u and four hexadecimal digits",
                       (int)((unsigned char)*p < 0x80 ? 1 : xb_utf8_length(p)), p);
    if (*p != 'u')
        return 0;
    long unit = code_unit(p);
    if (unit < 0)
        return fail_at(scan, err,
                       "\\u is not an escape by itself, expected four hexadecimal "
                       "digits behind it");
    if (unit == 0)
        return fail_at(scan, err, "\\u0000 stands in a string, expected a text without NUL");
    if (unit < 0xd800 || unit > 0xdfff)
        return 0;
    long second = unit < 0xdc00 && p[5] == '\\' ? code_unit(p + 6) : -1;
    if (second < 0xdc00 || second > 0xdfff)
        return fail_at(
            scan, err,
            "\\%.5s is half of a character, expected \\uD800 to \\uDBFF and behind it "
            "\\uDC00 to \\uDFFF",
            p);
    scan->pos += 6; /* the second one is no character by itself */
    return 0;
}

/* cJSON keeps control characters, and cuts a string at an escaped NUL. */
static int check_string(struct scan *scan, struct xb_error *err)
{
    const char *end = scan->text + scan->len;
    for (scan->pos++; scan->pos < end && *scan->pos != '"'; scan->pos++) {
        if ((unsigned char)*scan->pos < 0x20)
            return fail_control(scan, err);
        if (*scan->pos != '\\')
            continue;
        scan->pos++;
        if (check_escape(scan, err))
            return -1;
    }
    if (scan->pos >= end)
        return fail_open_string(scan, err);
    scan->pos++;
    return 0;
}

static int check_nesting(struct scan *scan, struct xb_error *err)
{
    bool opens = *scan->pos == '[' || *scan->pos == '{';
    if (opens && ++scan->depth > XB_JSON_MAX_DEPTH)
        return xb_fail(
            err,
            "%s:%zu:%zu: nests deeper than is read, expected at most %d objects and arrays",
            scan->name, line_at(scan->text, scan->pos), column_at(scan->text, scan->pos),
            XB_JSON_MAX_DEPTH);
    if (!opens && scan->depth > 0)
        scan->depth--;
    scan->pos++;
    return 0;
}

static const char *skip_space(const char *p)
{
    return p + strspn(p, " \t\n\r");
}

/* What cJSON skips before the value, besides space: a byte order mark. */
static const char *skip_mark(const char *text)
{
    return strncmp(text, "\xEF\xBB\xBF", 3) == 0 ? text + 3 : text;
}

/* What other languages have and JSON has not. */
static int check_foreign(struct scan *scan, struct xb_error *err)
{
    char c = *scan->pos, next = scan->pos[1];
    if (c == '#' || (c == '/' && (next == '/' || next == '*')))
        return fail_at(scan, err, "%.*s begins a comment, expected none: JSON has none",
                       c == '#' ? 1 : 2, scan->pos);
    if (c == '\'')
        return fail_at(scan, err, "found a single quote, expected texts in double quotes");
    if (c == ',') {
        char behind = *skip_space(scan->pos + 1);
        if (behind == '}' || behind == ']')
            return fail_at(scan, err, "found a comma before the closing %c, expected none",
                           behind);
    }
    scan->pos++;
    return 0;
}

static int check_text(struct scan *scan, struct xb_error *err)
{
    scan->pos = skip_mark(scan->text);
    while (scan->pos < scan->text + scan->len) {
        char c = *scan->pos;
        int rc = 0;
        if (c == '"')
            rc = check_string(scan, err);
        else if (c && strchr("+-.0123456789", c))
            rc = check_number(scan, err);
        else if (is_letter(c))
            rc = check_word(scan, err);
        else if (c == '\0')
            rc = fail_at(scan, err, "found a NUL byte, expected text");
        else if (c == '[' || c == ']' || c == '{' || c == '}')
            rc = check_nesting(scan, err);
        else if ((unsigned char)c < 0x20 && !strchr("\t\n\r", c))
            rc = fail_at(scan, err, "found the control character 0x%02x, expected text",
                         (unsigned char)c);
        else
            rc = check_foreign(scan, err);
        if (rc)
            return -1;
    }
    return 0;
}

/* cJSON's position is a byte behind what it found where the key of a member should be. */
static const char *find_fault(const struct scan *scan, const char *pos)
{
    const char *before = pos - 1;
    if (pos - scan->text < 2 || strchr(" \t\n\r[{\"", *before))
        return pos;
    while (before > scan->text && strchr(" \t\n\r", before[-1]))
        before--;
    return before > scan->text && strchr("{,", before[-1]) ? pos - 1 : pos;
}

/* Quote the line of a syntax error. What looks like the end of the text is one only where
 * brackets are open. */
static int fail_syntax(struct scan *scan, const char *pos, struct xb_error *err)
{
    pos = find_fault(scan, pos);
    scan->pos = pos;
    bool is_last = *pos && !strchr("]}", *pos) && *skip_space(pos + 1) == '\0';
    if (*skip_space(pos) == '\0' || (is_last && scan->depth > 0)) {
        if (scan->depth > 0 || *skip_space(scan->text) == '\0')
            return fail_at(scan, err,
                           scan->depth > 0
                               ? "the text ends too early, expected a closing } or ]"
                               : "the text ends too early, expected a value");
        while (strchr(" \t\n\r", *pos))
            pos--;
    }
    const char *start = pos;
    while (start > scan->text && start[-1] != '\n')
        start--;
    start = skip_space(start);
    size_t len = strcspn(start, "\r\n");
    scan->pos = pos;
    return fail_at(scan, err, "%.*s", (int)(len < QUOTED_LEN ? len : QUOTED_LEN), start);
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
        return fail_at(&scan, err, "there is more text behind the value, expected one value");
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
    const char *value = skip_space(skip_mark(doc->text));
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

/* Go as far as a KEY and a path are the same; "[*]" stands for every index. */
static void walk(const char **key, const char **path)
{
    const char *k = *key, *p = *path;
    while (*k != '\0' && *p != '\0')
        if (*k == '*' && k[1] == ']' && isdigit((unsigned char)*p)) {
            k++;
            p += strspn(p, "0123456789");
        } else if (*k == *p) {
            k++;
            p++;
        } else {
            break;
        }
    *key = k;
    *path = p;
}

static bool is_below(char c)
{
    return c == '.' || c == '[';
}

const char *xb_json_option(const struct xb_json *doc, const char *path)
{
    const char *latest = NULL;
    for (size_t i = 0; i < doc->nsaid; i++) {
        const char *key = doc->said[i].path, *rest = path;
        walk(&key, &rest);
        if (*key == '\0' && (*rest == '\0' || is_below(*rest)))
            latest = doc->said[i].option;
    }
    return latest;
}

const char *xb_json_maker(const struct xb_json *doc, const char *path)
{
    for (size_t i = 0; i < doc->nsaid; i++) {
        const char *key = doc->said[i].path, *rest = path;
        walk(&key, &rest);
        if (*rest == '\0' && is_below(*key) && doc->said[i].makes)
            return doc->said[i].option;
    }
    return NULL;
}
