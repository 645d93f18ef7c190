/* SPDX-License-Identifier: BSD-3-Clause */
/* table_cell.c - cells of Markdown and CSV. */
#include "report/formats/table_cell.h"

#include <stdbool.h>
#include <string.h>

#include "base/screen.h"

void xb_cell_print_markdown(const char *text, FILE *out)
{
    for (size_t n; *text; text += n) {
        char character[8] = "";
        size_t columns;
        n = xb_screen_character(text, &columns);
        memcpy(character, *text == '\n' ? " " : text, n);
        if (*text == '|')
            fputc('\\', out);
        if (*text == '<')
            fputs("&lt;", out);
        else
            xb_screen_print(character, out);
    }
}

void xb_cell_print_csv(const char *text, FILE *out)
{
    bool quoted = strpbrk(text, ",\"\r\n") != NULL;

    if (quoted)
        fputc('"', out);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', out);
        fputc(*text, out);
    }
    if (quoted)
        fputc('"', out);
}
