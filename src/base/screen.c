/* SPDX-License-Identifier: BSD-3-Clause */
/* screen.c - terminals, and texts for them. */
#include "base/screen.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/utf8.h"

static bool no_colour;

int xb_screen_width(int fd)
{
    struct winsize size = {.ws_col = 0};

    return isatty(fd) && ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

int xb_screen_columns(int fd)
{
    const char *said = getenv("COLUMNS");
    char *end = NULL;
    long columns = said ? strtol(said, &end, 10) : 0;

    if (!said || *end || columns <= 0 || columns > 100000)
        columns = xb_screen_width(fd);
    if (columns == 0)
        columns = XB_SCREEN_USUAL;
    return columns < XB_SCREEN_LEAST ? XB_SCREEN_LEAST : (int)columns;
}

bool xb_screen_rewrites(int fd)
{
    const char *term = getenv("TERM");

    return term && term[0] && strcmp(term, "dumb") != 0 && xb_screen_width(fd) > 0;
}

void xb_screen_no_colour(void)
{
    no_colour = true;
}

bool xb_screen_colours(int fd)
{
    const char *said = getenv("NO_COLOR");

    return !no_colour && !(said && said[0]) && xb_screen_rewrites(fd);
}

/* ---- texts ---- */

/* The number of a character of so many bytes. */
static uint32_t number_of(const char *text, size_t bytes)
{
    static const unsigned char first[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t number = (unsigned char)text[0] & first[bytes];

    for (size_t i = 1; i < bytes; i++)
        number = number << 6 | ((unsigned char)text[i] & 0x3f);
    return number;
}

struct range {
    uint32_t first, last;
};

static bool is_in(uint32_t number, const struct range *ranges, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (number >= ranges[i].first && number <= ranges[i].last)
            return true;
    return false;
}

size_t xb_screen_character(const char *text, size_t *columns)
{
    static const struct range wide[] = {
        {0x1100, 0x115f}, {0x2e80, 0xa4cf},   {0xac00, 0xd7a3},
        {0xf900, 0xfaff}, {0xfe30, 0xfe6f},   {0xff00, 0xff60},
        {0xffe0, 0xffe6}, {0x1f300, 0x1faff}, {0x20000, 0x3fffd}};
    size_t bytes = xb_utf8_length(text);

    *columns = 1;
    if (bytes > 1 && is_in(number_of(text, bytes), wide, sizeof wide / sizeof wide[0]))
        *columns = 2;
    return bytes > 0 ? bytes : 1;
}

size_t xb_screen_text_width(const char *text)
{
    size_t width = 0, columns;

    for (; *text; width += columns)
        text += xb_screen_character(text, &columns);
    return width;
}

/* Is the character that a text begins with one that does more than to be seen? */
static bool is_wild(const char *text)
{
    /* controls; marks of direction, and separators of lines */
    static const struct range wild[] = {{0, 0x1f},        {0x7f, 0x9f},     {0x200e, 0x200f},
                                        {0x2028, 0x202e}, {0x2066, 0x2069}, {0xfeff, 0xfeff}};
    size_t bytes = xb_utf8_length(text);

    return bytes == 0 || is_in(number_of(text, bytes), wild, sizeof wild / sizeof wild[0]);
}

static void put(const char *text, size_t bytes, FILE *out)
{
    if (is_wild(text))
        fputc('?', out);
    else
        fwrite(text, 1, bytes, out);
}

void xb_screen_print(const char *text, FILE *out)
{
    size_t columns;

    while (*text) {
        size_t bytes = xb_screen_character(text, &columns);
        put(text, bytes, out);
        text += bytes;
    }
}

void xb_screen_tame(char *text, bool lines)
{
    char *to = text;
    size_t columns;

    while (*text) {
        size_t bytes = xb_screen_character(text, &columns);
        if (is_wild(text) && !(lines && *text == '\n')) {
            *to++ = '?';
        } else {
            memmove(to, text, bytes);
            to += bytes;
        }
        text += bytes;
    }
    *to = '\0';
}

/* Where a text's first characters of at most so many columns end. */
static const char *head_end(const char *text, size_t columns)
{
    size_t width;

    while (*text) {
        size_t bytes = xb_screen_character(text, &width);
        if (width > columns)
            break;
        columns -= width;
        text += bytes;
    }
    return text;
}

/* Where its last ones begin. */
static const char *tail_begin(const char *text, size_t columns)
{
    size_t width = xb_screen_text_width(text), one;

    while (width > columns) {
        text += xb_screen_character(text, &one);
        width -= one;
    }
    return text;
}

const char *xb_screen_elide(const char *text, size_t columns, char *buf, size_t len)
{
    static const char dots[] = "...";
    const size_t ndots = sizeof dots - 1;

    if (xb_screen_text_width(text) <= columns)
        return text;
    size_t kept = columns > ndots ? columns - ndots : 0, tail = kept / 2;
    int head = (int)(head_end(text, columns > ndots ? kept - tail : columns) - text);
    snprintf(buf, len, "%.*s%s%s", head, text, columns > ndots ? dots : "",
             columns > ndots ? tail_begin(text, tail) : "");
    return buf;
}

/* The end of what goes into a line of so many columns: behind its last whole word, where there
 * is one. */
static const char *line_end(const char *text, size_t columns)
{
    const char *most = head_end(text, columns), *end = most, *word = text + strspn(text, " ");
    const char *stop = memchr(text, '\n', (size_t)(most - text));

    if (stop)
        return stop;
    if (!*most || *most == '\n' || *most == ' ')
        return most;
    while (end > word && end[-1] != ' ')
        end--;
    return end > word ? end : most;
}

void xb_screen_wrap(const char *text, size_t columns, size_t indent, FILE *out)
{
    size_t before = 0, width;

    columns = columns > indent + 1 ? columns : indent + 2;
    do {
        const char *end = line_end(text, columns - before), *last = end;
        while (last > text && last[-1] == ' ')
            last--;
        fprintf(out, "%*s", last > text ? (int)before : 0, "");
        while (text < last) {
            size_t bytes = xb_screen_character(text, &width);
            put(text, bytes, out);
            text += bytes;
        }
        fputc('\n', out);
        text = *end == '\n' ? end + 1 : end + strspn(end, " ");
        before = *end == '\n' ? 0 : indent;
    } while (*text);
}
