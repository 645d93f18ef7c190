/* SPDX-License-Identifier: BSD-3-Clause */
/* anonymize_text.c - texts without what they must not tell, and shapes that tell nothing. */
#include "report/anonymize_internal.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CASE_ID_MAX 500
#define DIGITS_MAX  12 /* longer numbers may be of a device or a person */
#define ZEROS_MAX   4  /* so may those that begin with 0, from here on */
#define NUMBER_MIN  4  /* digits of a number that is a name, as a job's */
#define WORD_ENDS   " \t\r\n'\"`,;:=()[]{}<>|"

/* ---- shapes ---- */

/* Does a text begin so? '0' in the shape is a digit, 'x' a hexadecimal one. */
static bool begins_as(const char *text, const char *shape)
{
    for (; *shape; shape++, text++) {
        unsigned char c = (unsigned char)*text;
        bool good = *shape == '0' ? isdigit(c) : *shape == 'x' ? isxdigit(c) : *text == *shape;
        if (!good)
            return false;
    }
    return true;
}

static bool is_as(const char *text, const char *shape)
{
    return strlen(text) == strlen(shape) && begins_as(text, shape);
}

#define UTC  "0000-00-00T00:00:00Z"
#define UUID "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"

bool xb_anon_is_utc(const char *text)
{
    return is_as(text, UTC);
}

bool xb_anon_is_hash(const char *text)
{
    return strncmp(text, "0x", 2) == 0 && is_as(text + 2, "xxxxxxxxxxxxxxxx");
}

bool xb_anon_is_run_id(const char *text)
{
    return is_as(text, UTC "-xxxxxxxx");
}

bool xb_anon_is_commit(const char *text)
{
    size_t digits = strspn(text, "0123456789abcdef");

    return digits >= 7 && digits <= 40 &&
           (text[digits] == '\0' || strcmp(text + digits, "-dirty") == 0);
}

bool xb_anon_is_word(const char *text)
{
    size_t len = strlen(text);

    return len > 0 && len <= 40 &&
           strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789+*_-") == len;
}

/* ---- pieces of words ---- */

/* Words are made of pieces: what is neither a letter nor a digit stands between them. A byte
 * beyond ASCII is part of a letter. */
static bool is_part(char c)
{
    return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

static size_t piece_len(const char *at)
{
    size_t len = 0;

    while (is_part(at[len]))
        len++;
    return len;
}

/* Is it one of the words of a list, whatever its case? */
static bool is_among(const char *word, size_t len, const char *const *list)
{
    for (; *list; list++)
        if (strlen(*list) == len && strncasecmp(word, *list, len) == 0)
            return true;
    return false;
}

/* "64MiB", "12us", "16x" */
static bool is_amount(const char *piece, size_t len, size_t digits)
{
    static const char *const units[] = {"b",   "kib", "mib", "gib", "tib", "kb", "mb", "gb",
                                        "tb",  "k",   "m",   "g",   "ns",  "us", "ms", "s",
                                        "min", "h",   "d",   "mhz", "ghz", "w",  "c",  "x",
                                        "th",  "st",  "nd",  "rd",  NULL};

    return digits > 0 && digits <= DIGITS_MAX && is_among(piece + digits, len - digits, units);
}

/* Interfaces by the names that the kernel and drivers give: "eth0", "mlx5", "enp65s0f0". */
static bool is_interface(const char *piece, size_t len)
{
    static const char *const kinds[] = {"eth", "ib", "hsn", "mlx", "cxi", "bond", NULL};
    size_t letters = strcspn(piece, "0123456789");

    if (len >= 3 && strncmp(piece, "en", 2) == 0 && strchr("ops", piece[2]))
        return strspn(piece + 3, "0123456789spfnd") >= len - 3;
    return letters < len && len - letters <= 2 && is_among(piece, letters, kinds) &&
           strspn(piece + letters, "0123456789") >= len - letters;
}

static bool tells_nothing(const char *piece, size_t len)
{
    size_t digits = strspn(piece, "0123456789");
    bool is_version = piece[0] == 'v' && len > 1 && strspn(piece + 1, "0123456789") >= len - 1;

    digits = digits < len ? digits : len;
    if (digits == len) /* no amount begins with 0 */
        return len <= DIGITS_MAX && (piece[0] != '0' || len <= ZEROS_MAX);
    return len == 1 || is_version || is_amount(piece, len, digits) ||
           is_interface(piece, len) || xb_anon_knows(piece, len);
}

bool xb_anon_is_case_id(const char *text)
{
    size_t len = strlen(text), n;

    for (size_t i = 0; i < len; i += n ? n : 1) {
        n = piece_len(text + i);
        size_t digits = strspn(text + i, "0123456789");
        size_t small = strspn(text + i, "abcdefghijklmnopqrstuvwxyz0123456789");
        bool is_sign = n == 0 && strchr("+*_-/[]=,.>@:", text[i]);
        if (!is_sign && (n == 0 || (small < n && !is_amount(text + i, n, digits))))
            return false;
    }
    return len > 0 && len <= CASE_ID_MAX;
}

/* ---- a text, from left to right ---- */

/* What follows at `at` is looked at by each of the functions below: they write what stands for
 * it and return its length, or 0 where it is not theirs. */
struct scan {
    struct xb_anon_names *names;
    FILE *out;
};

static size_t replace(struct scan *s, const char *prefix, const char *at, size_t len)
{
    char *was = strndup(at, len);

    if (was)
        fputs(xb_anon_name(s->names, prefix, was), s->out);
    else
        s->names->failed = true;
    free(was);
    return len;
}

static size_t copy(struct scan *s, const char *at, size_t len)
{
    fwrite(at, 1, len, s->out);
    return len;
}

static size_t take_kept(struct scan *s, const char *at)
{
    for (size_t i = 0; i < s->names->nkept; i++) {
        size_t len = strlen(s->names->kept[i]);
        if (strncmp(at, s->names->kept[i], len) == 0 && !is_part(at[len]))
            return copy(s, at, len);
    }
    return 0;
}

static size_t take_shape(struct scan *s, const char *at)
{
    static const char *const kept[] = {UTC, "xxxxxxxx:xx:xx.0", "xxxx:xx:xx.0", "xx:xx.0",
                                       NULL};

    if (begins_as(at, UUID) && !is_part(at[strlen(UUID)])) {
        char lower[sizeof UUID];
        for (size_t i = 0; i < sizeof lower; i++)
            lower[i] = (char)tolower((unsigned char)at[i]);
        replace(s, XB_ANON_UUID, lower, strlen(UUID));
        return strlen(UUID);
    }
    for (size_t i = 0; kept[i]; i++)
        if (begins_as(at, kept[i]) && !is_part(at[strlen(kept[i])]))
            return copy(s, at, strlen(kept[i]));
    return 0;
}

/* Four numbers or more that the same sign joins: "10.1.2.3", and "10-1-2-3" in names of hosts.
 */
static size_t dotted_len(const char *at)
{
    size_t len = strspn(at, "0123456789"), groups = 1;
    char sign = at[len];

    while (len > 0 && sign && strchr(".-", sign) && at[len] == sign &&
           isdigit((unsigned char)at[len + 1])) {
        len += 1 + strspn(at + len + 1, "0123456789");
        groups++;
    }
    return groups >= 4 && !is_part(at[len]) ? len : 0;
}

/* Hexadecimal numbers with two colons or more: of IPv6, or of a network card. */
static size_t colons_len(const char *at)
{
    size_t len = strspn(at, "0123456789abcdefABCDEF:"), colons = 0;

    for (size_t i = 0; i < len; i++)
        colons += at[i] == ':';
    while (len > 0 && at[len - 1] == ':')
        len--;
    bool is_time = len == strlen("00:00:00") && begins_as(at, "00:00:00");
    return colons >= 2 && !is_time && !is_part(at[len]) ? len : 0;
}

/* Six hexadecimal pairs with dashes: of a network card. */
static size_t dashes_len(const char *at)
{
    static const char shape[] = "xx-xx-xx-xx-xx-xx";

    return begins_as(at, shape) && !is_part(at[strlen(shape)]) ? strlen(shape) : 0;
}

static size_t take_address(struct scan *s, const char *at)
{
    size_t len = dotted_len(at);

    if (len == 0)
        len = dashes_len(at);
    if (len == 0)
        len = colons_len(at);
    return len > 0 ? replace(s, XB_ANON_ADDRESS, at, len) : 0;
}

/* A whole word with a slash in it, unless all its pieces tell nothing and it is no path from a
 * root or a folder: "GB/s", "size/4", and what follows an option in a case's id. */
static size_t take_path(struct scan *s, const char *text, const char *at)
{
    size_t len = strcspn(at, WORD_ENDS), n, dots = strspn(at, "~.");
    bool tells = len > dots + 1 && at[dots] == '/' && (at == text || at[-1] != ']');

    if (!memchr(at, '/', len))
        return 0;
    for (size_t i = 0; i < len; i += n ? n : 1) {
        n = piece_len(at + i);
        n = n < len - i ? n : len - i;
        tells = tells || (n > 0 && !tells_nothing(at + i, n));
    }
    return tells ? replace(s, XB_ANON_PATH, at, len) : 0;
}

/* The longest name that is known and ends with a piece: "atlas" in "atlas.site:5000". */
static size_t take_known(struct scan *s, const char *at)
{
    size_t len = 0;

    while (is_part(at[len]) || (at[len] && strchr("._-", at[len])))
        len++;
    for (; len > 0; len--) {
        const char *is = is_part(at[len]) ? NULL : xb_anon_known(s->names, at, len);
        if (is) {
            fputs(is, s->out);
            return len;
        }
    }
    return 0;
}

static size_t take_piece(struct scan *s, const char *at)
{
    size_t len = piece_len(at);

    return tells_nothing(at, len) ? copy(s, at, len) : replace(s, XB_ANON_OTHER, at, len);
}

bool xb_anon_tells(const char *text)
{
    for (size_t n; *text; text += n ? n : 1) {
        n = piece_len(text);
        bool is_number = n > 0 && strspn(text, "0123456789") >= n;
        if (n > 0 && (is_number ? n >= NUMBER_MIN : !tells_nothing(text, n)))
            return true;
    }
    return false;
}

/* Of an argument that is a label as a whole, or ends in "=" and one. */
static const char *whole_known(const struct xb_anon_names *names, const char *text,
                               size_t *before)
{
    const char *equals = strchr(text, '='), *is = xb_anon_known(names, text, strlen(text));

    *before = is || !equals ? 0 : (size_t)(equals + 1 - text);
    return is || !equals ? is : xb_anon_known(names, equals + 1, strlen(equals + 1));
}

char *xb_anon_text(struct xb_anon_names *names, const char *text)
{
    static size_t (*const takers[])(struct scan * s, const char *at) = {
        take_kept, take_shape, take_known, take_address, take_piece};
    char *made = NULL;
    size_t size, n;
    struct scan s = {names, open_memstream(&made, &size)};

    if (!s.out)
        return NULL;
    const char *whole = whole_known(names, text, &n);
    if (whole) {
        fprintf(s.out, "%.*s%s", (int)n, text, whole);
        text = "";
    }
    for (const char *at = text; *at; at += n) {
        n = at == text || strchr(WORD_ENDS, at[-1]) ? take_path(&s, text, at) : 0;
        for (size_t i = 0; n == 0 && is_part(*at) && i < sizeof takers / sizeof takers[0]; i++)
            n = takers[i](&s, at);
        if (n == 0)
            n = copy(&s, at, 1);
    }
    return fclose(s.out) == 0 ? made : NULL;
}
