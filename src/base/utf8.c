/* SPDX-License-Identifier: BSD-3-Clause */
/* utf8.c - any bytes as UTF-8, and none of them lost. */
#include "base/utf8.h"

#include <stdbool.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MARK_LEN 3 /* bytes of a character that stands for a byte */

size_t xb_utf8_length(const char *text)
{
    const unsigned char *byte = (const unsigned char *)text;
    size_t len = byte[0] < 0x80                       ? 1
                 : byte[0] >= 0xC2 && byte[0] <= 0xDF ? 2
                 : byte[0] >= 0xE0 && byte[0] <= 0xEF ? 3
                 : byte[0] >= 0xF0 && byte[0] <= 0xF4 ? 4
                                                      : 0;
    for (size_t i = 1; i < len; i++)
        if ((byte[i] & 0xC0) != 0x80)
            return 0;
    bool overlong = (byte[0] == 0xE0 && byte[1] < 0xA0) || (byte[0] == 0xF0 && byte[1] < 0x90);
    bool no_character =
        (byte[0] == 0xED && byte[1] >= 0xA0) || (byte[0] == 0xF4 && byte[1] >= 0x90);
    return overlong || no_character ? 0 : len;
}

/* Is it a character that stands for a byte: 0xee 0xbe or 0xbf, and one more? */
static bool is_mark(const char *text)
{
    const unsigned char *byte = (const unsigned char *)text;
    return byte[0] == 0xEE && (byte[1] == 0xBE || byte[1] == 0xBF);
}

/* A byte of no character as the character that stands for it. */
static void put_mark(unsigned char byte, char *to)
{
    unsigned c = 0xef00u + byte;

    to[0] = (char)(0xe0u | c >> 12);
    to[1] = (char)(0x80u | (c >> 6 & 0x3fu));
    to[2] = (char)(0x80u | (c & 0x3fu));
}

/* As much as the buffer takes. */
static void convert(const char *text, bool marks_too, char *to, size_t len)
{
    size_t room = len - 1;

    while (*text) {
        size_t n = xb_utf8_length(text);
        bool as_it_is = n > 0 && !(marks_too && is_mark(text));
        size_t bytes = n > 0 ? n : 1, out = as_it_is ? n : MARK_LEN * bytes;
        if (out > room)
            break;
        if (as_it_is)
            memcpy(to, text, n);
        for (size_t i = 0; !as_it_is && i < bytes; i++)
            put_mark((unsigned char)text[i], to + MARK_LEN * i);
        text += bytes;
        to += out;
        room -= out;
    }
    *to = '\0';
}

static char *converted(const char *text, bool marks_too)
{
    size_t len = MARK_LEN * strlen(text) + 1;
    char *to = malloc(len);

    if (to)
        convert(text, marks_too, to, len);
    return to;
}

char *xb_utf8_text(const char *text)
{
    return converted(text, true);
}

void xb_utf8_copy(const char *text, char *buf, size_t len)
{
    convert(text, true, buf, len);
}

/* Of a character of n bytes, 1 for a byte that is none. */
static bool is_control(const char *at, size_t n)
{
    unsigned char byte = (unsigned char)*at;

    return byte < 0x20 || byte == 0x7f || (n == 2 && byte == 0xc2 && (at[1] & 0xe0) == 0x80);
}

int xb_utf8_expect_line(const char *text, struct xb_error *err)
{
    size_t n = 1;

    for (const char *at = text; *at; at += n) {
        unsigned char byte = (unsigned char)*at;
        n = xb_utf8_length(at);
        if (n == 0)
            return xb_fail(err, "found the byte 0x%02x at %zu, expected UTF-8", byte,
                           (size_t)(at - text));
        if (is_control(at, n))
            return xb_fail(err, "found a control character at %zu, expected one line of text",
                           (size_t)(at - text));
    }
    return *text ? 0 : xb_fail(err, "found an empty text, expected one line of text");
}

/* Is what is left no more than the beginning of a character? */
static bool is_end(const char *at)
{
    size_t n = 1;

    while ((at[n] & 0xC0) == 0x80)
        n++;
    return (*at & 0xC0) == 0xC0 && at[n] == '\0';
}

void xb_utf8_make_line(char *text)
{
    size_t n;

    for (char *at = text; *at; at += n) {
        n = xb_utf8_length(at);
        if (n == 0 && is_end(at)) {
            *at = '\0';
            return;
        }
        n = n > 0 ? n : 1;
        if (is_control(at, n))
            memset(at, ' ', n);
    }
}

char *xb_utf8_printable(const char *text)
{
    static const char letters[] = "\n\t\r", names[] = "ntr";
    char *printable = malloc(4 * strlen(text) + 1), *to = printable; /* a byte becomes four */

    while (to && *text) {
        size_t n = xb_utf8_length(text);
        const char *letter = strchr(letters, *text);
        if (letter)
            to += sprintf(to, "\\%c", names[letter - letters]);
        else if (n == 0 || is_control(text, n))
            for (size_t i = 0; i < (n > 0 ? n : 1); i++)
                to += sprintf(to, "\\x%02x", (unsigned char)text[i]);
        else
            to = mempcpy(to, text, n);
        text += n > 0 ? n : 1;
    }
    if (to)
        *to = '\0';
    return printable;
}

void xb_utf8_host(char *buf, size_t len)
{
    char name[256] = "";

    gethostname(name, sizeof name - 1);
    xb_utf8_copy(name, buf, len);
}

static bool is_whole(const char *text)
{
    size_t n;

    while (*text && (n = xb_utf8_length(text)) > 0)
        text += n;
    return *text == '\0';
}

char *xb_utf8_repair(const char *text)
{
    return is_whole(text) ? strdup(text) : converted(text, false);
}
