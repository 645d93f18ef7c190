/* SPDX-License-Identifier: BSD-3-Clause */
/* markup.c - texts and JSON as parts of an HTML page. */
#include "report/page/markup.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/utf8.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* What stands for a character of one byte that is not written as it is, or NULL. */
static const char *stands_for(unsigned char byte)
{
    switch (byte) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    case '\n':
    case '\r':
    case '\t':
        return " ";
    default:
        return byte < 0x20 || byte == 0x7f ? REPLACEMENT : NULL;
    }
}

/* U+0080 to U+009F are control characters too. */
static bool is_control(const char *text, size_t len)
{
    return len == 2 && (unsigned char)text[0] == 0xc2 && (unsigned char)text[1] < 0xa0;
}

/* How many bytes of the text are one character, which is printed. */
static size_t print_character(const char *text, FILE *out)
{
    size_t len = xb_utf8_length(text);
    const char *other = stands_for((unsigned char)*text);

    if (len == 0 || is_control(text, len))
        other = REPLACEMENT;
    if (other)
        fputs(other, out);
    else
        fwrite(text, 1, len, out);
    return len ? len : 1;
}

void xb_markup_text(const char *text, FILE *out)
{
    while (text && *text)
        text += print_character(text, out);
}

void xb_markup_breakable(const char *text, FILE *out)
{
    while (text && *text) {
        bool breaks = strchr("[,", *text) != NULL;
        text += print_character(text, out);
        if (breaks && *text && *text != ' ')
            fputs("<wbr>", out);
    }
}

/* Bytes of U+2028 or U+2029, with which a text begins; else 0. */
static size_t line_end(const char *text)
{
    return strncmp(text, "\xe2\x80\xa8", 3) == 0 || strncmp(text, "\xe2\x80\xa9", 3) == 0 ? 3
                                                                                          : 0;
}

int xb_markup_json(const cJSON *value, FILE *out)
{
    char *text = xb_json_print(value, false);

    for (const char *at = text; at && *at;) {
        size_t len = line_end(at);
        if (len) /* which stand in strings alone, as do the others */
            fprintf(out, "\\u202%c", at[2] == '\xa8' ? '8' : '9');
        else if (strchr("<>&", *at))
            fprintf(out, "\\u%04x", (unsigned)*at);
        else
            fputc(*at, out);
        at += len ? len : 1;
    }
    free(text);
    return text ? 0 : -1;
}
