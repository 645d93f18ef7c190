/* SPDX-License-Identifier: BSD-3-Clause */
/* manual.c - pages of the manual, by the same rows as --help, in the macros of man(7). */
#include "config.h"

#include "cmd/cmd.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd/concepts.h"

/* What stands for a character that roff would read as something else; NULL for the others. */
static const char *escaped(char c)
{
    static const struct {
        char c;
        const char *as;
    } escapes[] = {{'\\', "\\e"},  {'-', "\\-"},   {'\'', "\\(aq"}, {'`', "\\(ga"},
                   {'~', "\\(ti"}, {'^', "\\(ha"}, {'.', "\\&."}};

    for (size_t i = 0; i < sizeof escapes / sizeof escapes[0]; i++)
        if (escapes[i].c == c)
            return escapes[i].as;
    return NULL;
}

#define LONG_LINE 40 /* ends at the next blank */

/* Text of len bytes as roff reads it, in lines of its own. A line must not begin with a dot or
 * a quote, so these are protected wherever they are. */
static void put(const char *text, size_t len, FILE *out)
{
    size_t column = 0;

    for (size_t i = 0; i < len; i++, column++) {
        const char *as = escaped(text[i]);
        if (text[i] == '\n' || (text[i] == ' ' && column > LONG_LINE)) {
            fputc('\n', out);
            column = 0;
        } else if (as) {
            fputs(as, out);
        } else {
            fputc(text[i], out);
        }
    }
}

static void put_text(const char *text, FILE *out)
{
    put(text, strlen(text), out);
}

static void put_upper(const char *text, FILE *out)
{
    for (; *text; text++)
        fputc(toupper((unsigned char)*text), out);
}

/* The day that the page tells: that of the sources, where it is told so (reproducible builds,
 * SOURCE_DATE_EPOCH), else today. */
static void put_head(const char *name, FILE *out)
{
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    time_t when = epoch ? (time_t)strtoll(epoch, NULL, 10) : time(NULL);
    struct tm day;
    char date[32] = "";

    if (gmtime_r(&when, &day))
        strftime(date, sizeof date, "%Y-%m-%d", &day);
    fputs(".TH XFERBENCH", out);
    fputs(name ? "\\-" : "", out);
    put_upper(name ? name : "", out);
    fprintf(out, " 1 \"%s\" \"xferbench %s\" \"xferbench\"\n", date, PACKAGE_VERSION);
    fputs(".nh\n.ad l\n", out);
}

static void put_paragraphs(const char *text, FILE *out)
{
    for (size_t len; *text; text += len + (text[len] == '\n')) {
        len = strcspn(text, "\n");
        put(text, len, out);
        fputs(text[len] ? "\n.PP\n" : "\n", out);
    }
}

/* ---- a command ---- */

static void put_option(const struct xb_arg *a, FILE *out)
{
    fputs(".TP\n", out);
    if (a->letter)
        fprintf(out, "\\fB\\-%c\\fR, ", a->letter);
    fputs("\\fB\\-\\-", out);
    put_text(a->name, out);
    fputs("\\fR", out);
    if (a->argument) {
        fputs(" \\fI", out);
        put_text(a->argument, out);
        fputs("\\fR", out);
    }
    fputc('\n', out);
    put_text(a->help, out);
    fputs(".\n", out);
}

static void put_options(const struct xb_command *c, FILE *out)
{
    fputs(".SH OPTIONS\n", out);
    for (const struct xb_arg *a = c->args; a && a->name; a++) {
        if (a->group) {
            fputs(".SS ", out);
            put_text(a->group, out);
            fputc('\n', out);
        }
        put_option(a, out);
    }
    if (c->args && c->args->group)
        fputs(".SS Help\n", out);
    fputs(".TP\n\\fB\\-h\\fR, \\fB\\-\\-help\\fR\n"
          "Show usage and options, and do nothing else.\n",
          out);
}

/* Lines of "NUMBER WHEN"; what does not begin with a number goes on with the line before. */
static void put_ends(const char *ends, FILE *out)
{
    fputs(".SH EXIT STATUS\n", out);
    for (size_t len; *ends; ends += len + (ends[len] == '\n')) {
        len = strcspn(ends, "\n");
        if (isdigit((unsigned char)*ends)) {
            fprintf(out, ".TP\n\\fB%c\\fR\n", *ends);
            put(ends + 2, len - 2, out);
        } else {
            put(ends, len, out);
        }
        fputc('\n', out);
    }
}

static void put_command(const struct xb_command *c, FILE *out)
{
    put_head(c->name, out);
    fprintf(out, ".SH NAME\nxferbench\\-%s \\- ", c->name);
    put_text(c->summary, out);
    fprintf(out, "\n.SH SYNOPSIS\n\\fBxferbench %s\\fR", c->name);
    fputs(c->args ? " [\\fIOPTION\\fR]..." : "", out);
    if (c->operand)
        fprintf(out, c->least > 0 ? " \\fI%s\\fR%s" : " [\\fI%s\\fR]%s", c->operand,
                c->most > 1 ? "..." : "");
    fputs("\n.SH DESCRIPTION\n", out);
    fputc(toupper((unsigned char)c->summary[0]), out);
    put_text(c->summary + 1, out);
    fputs(".\n", out);
    if (c->operand) {
        fprintf(out, ".TP\n\\fI%s\\fR\n", c->operand);
        put_text(c->operand_help, out);
        fputs(".\n", out);
    }
    put_options(c, out);
    put_ends(c->ends, out);
    fputs(".SH SEE ALSO\n\\fBxferbench\\fR(1)\n", out);
}

/* ---- the program ---- */

/* What the program reads of the environment. */
static void put_variables(FILE *out)
{
    static const struct {
        const char *name, *text;
    } variables[] = {
        {"XFERBENCH_SCENARIOS", "A folder in which names of scenarios are looked for first; "
                                "below it policies/ and expectations/."},
        {"XFERBENCH_PATIENCE", "Seconds until a silent or stopped rank ends the run, 30 unless "
                               "set; 0: for ever. That of rank 0 counts."},
        {"XFERBENCH_REST", "1: a rank that waits in MPI sleeps for an instant in place of "
                           "yielding, as it always does with more ranks than processors on its "
                           "node."},
        {"XFERBENCH_PYTHON", "The Python that draws charts; else python3."},
        {"XFERBENCH_SCRIPTS", "The folder of render-charts.py, if that is neither beside the "
                              "program nor where it was installed."},
        {"TMPDIR", "A folder for files without a name; else /tmp or /var/tmp."},
        {"COLUMNS", "How wide tables are; else as the terminal, or 100."},
        {"NO_COLOR", "Set and not empty: no colours."},
    };

    fputs(".SH ENVIRONMENT\n", out);
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
        fputs(".TP\n\\fB", out);
        put_text(variables[i].name, out);
        fputs("\\fR\n", out);
        put_text(variables[i].text, out);
        fputc('\n', out);
    }
}

static void put_program(const struct xb_command *const *commands, FILE *out)
{
    put_head(NULL, out);
    fputs(".SH NAME\nxferbench \\- how fast bytes move between GPUs, and what carried them\n"
          ".SH SYNOPSIS\n[\\fBmpirun\\fR ...] \\fBxferbench\\fR \\fICOMMAND\\fR "
          "[\\fIARGUMENT\\fR]...\n"
          ".br\n\\fBxferbench help\\fR [\\fICOMMAND\\fR|\\fICONCEPT\\fR]\n"
          ".SH DESCRIPTION\n"
          "xferbench measures how fast bytes move between GPUs,\nand between GPUs and hosts, "
          "over every path that software can take.\n"
          "It runs under a launcher of MPI, one rank a GPU, and writes one JSON report.\n"
          "Progress goes to standard error, tables go to standard output.\n"
          ".SH COMMANDS\n",
          out);
    for (size_t i = 0; commands[i]; i++) {
        fprintf(out, ".TP\n\\fBxferbench\\-%s\\fR(1)\n", commands[i]->name);
        put_text(commands[i]->summary, out);
        fputs(".\n", out);
    }
    fputs(".SH CONCEPTS\n\\fBxferbench help\\fR \\fICONCEPT\\fR shows these one by one.\n",
          out);
    for (const struct xb_concept *c = xb_concepts; c->name; c++) {
        fputs(".SS ", out);
        put_text(c->name, out);
        fputc('\n', out);
        put_paragraphs(c->text, out);
    }
    put_variables(out);
    fputs(".SH EXIT STATUS\nThat of the command; 2 if there is no such command.\n"
          ".SH SEE ALSO\n",
          out);
    for (size_t i = 0; commands[i]; i++)
        fprintf(out, "\\fBxferbench\\-%s\\fR(1)%s\n", commands[i]->name,
                commands[i + 1] ? "," : "");
}

void xb_manual_print(const struct xb_command *const *commands, const struct xb_command *command,
                     FILE *out)
{
    if (command)
        put_command(command, out);
    else
        put_program(commands, out);
}
