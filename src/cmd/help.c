/* SPDX-License-Identifier: BSD-3-Clause */
/* help.c - what --help of a command says, by the command's rows. */
#include "config.h"

#include "cmd/cmd.h"

#include <ctype.h>
#include <string.h>

#define HELP_COLUMN 30
#define ENDS_COLUMN 6

/* A row in two columns; "\n" parts the lines of the right one. */
static void print_row(FILE *out, const char *left, const char *right, int column)
{
    int at = fprintf(out, "  %s", left);

    if (at > column - 2) {
        fprintf(out, "\n");
        at = 0;
    }
    for (const char *line = right, *end; line; line = end) {
        end = strchr(line, '\n');
        fprintf(out, "%*s%.*s\n", column - at, "", end ? (int)(end - line) : (int)strlen(line),
                line);
        end = end ? end + 1 : NULL;
        at = 0;
    }
}

static void print_options(const struct xb_command *c, FILE *out)
{
    char left[128], letter[8];

    if (c->args && !c->args->group)
        fprintf(out, "\nOptions:\n");
    for (const struct xb_arg *a = c->args; a && a->name; a++) {
        if (a->group)
            fprintf(out, "\n%s:\n", a->group);
        snprintf(letter, sizeof letter, a->letter ? "-%c, " : "    ", a->letter);
        snprintf(left, sizeof left, "%s--%s%s%s", letter, a->name, a->argument ? " " : "",
                 a->argument ? a->argument : "");
        print_row(out, left, a->help, HELP_COLUMN);
    }
    fprintf(out, "\nHelp:\n");
    print_row(out, "-h, --help", "this text", HELP_COLUMN);
}

void xb_help_print(const struct xb_command *c, FILE *out)
{
    size_t len;

    fprintf(out, "Usage: xferbench %s%s", c->name, c->args ? " [OPTION...]" : "");
    if (c->operand)
        fprintf(out, c->least > 0 ? " %s%s" : " [%s%s]", c->operand, c->most > 1 ? "..." : "");
    fprintf(out, "\n%s.\n", c->summary);
    if (c->operand) {
        fprintf(out, "\n");
        print_row(out, c->operand, c->operand_help, HELP_COLUMN);
    }
    print_options(c, out);
    fprintf(out, "\nExit status:\n");
    for (const char *line = c->ends; *line; line += len + (line[len] == '\n')) {
        bool goes_on = !isdigit((unsigned char)*line);
        len = strcspn(line, "\n");
        if (goes_on)
            fprintf(out, "%*s%.*s\n", ENDS_COLUMN, "", (int)len, line);
        else
            fprintf(out, "  %c%*s%.*s\n", *line, ENDS_COLUMN - 3, "", (int)len - 2, line + 2);
    }
}
