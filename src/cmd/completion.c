/* SPDX-License-Identifier: BSD-3-Clause */
/* completion.c - completion of command lines for bash, by the same rows as --help. */
#include "config.h"

#include "cmd/cmd.h"

#include <string.h>

#include "cmd/concepts.h"
#include "cmd/names.h"

static const char head[] =
    "# bash completion of xferbench, made by 'xferbench help --completion'\n"
    "# shellcheck shell=bash\n";

/* Names of files are asked of the program: they change, its options do not. */
static const char body[] =
    "# _xferbench_reply FLAG... -- WORD: what compgen finds, one a line\n"
    "_xferbench_reply()\n"
    "{\n"
    "    local line\n"
    "    while IFS= read -r line; do COMPREPLY+=(\"$line\"); done < <(compgen \"$@\")\n"
    "}\n"
    "\n"
    "# _xferbench_value WORD KIND NAME...: words that a value may be\n"
    "_xferbench_value()\n"
    "{\n"
    "    local cur=$1 kind=$2 name before=\n"
    "    shift 2\n"
    "    case $kind in\n"
    "    words) _xferbench_reply -W \"$*\" -- \"$cur\" ;;\n"
    "    list)\n"
    "        case $cur in *,*) before=${cur%,*}, ;; esac\n"
    "        _xferbench_reply -P \"$before\" -W \"$*\" -- \"${cur##*,}\"\n"
    "        ;;\n"
    "    file) _xferbench_reply -f -- \"$cur\" ;;\n"
    "    folder) _xferbench_reply -d -- \"$cur\" ;;\n"
    "    named)\n"
    "        for name in \"$@\"; do\n"
    "            _xferbench_reply -W \"$(\"${COMP_WORDS[0]}\" help --names \"$name\" "
    "2>/dev/null)\" -- \"$cur\"\n"
    "        done\n"
    "        _xferbench_reply -f -- \"$cur\"\n"
    "        ;;\n"
    "    esac\n"
    "    case $kind in file | folder | named)\n"
    "        compopt -o filenames 2>/dev/null ;;\n"
    "    esac\n"
    "}\n"
    "\n"
    "_xferbench()\n"
    "{\n"
    "    local cur=$2 option=$3 command=${COMP_WORDS[1]} wants\n"
    "    COMPREPLY=()\n"
    "    # --device=cpu comes as three words\n"
    "    if [ \"$option\" = = ]; then\n"
    "        option=${COMP_WORDS[COMP_CWORD - 2]}\n"
    "    elif [ \"$cur\" = = ]; then\n"
    "        cur=\n"
    "    fi\n"
    "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
    "        _xferbench_reply -W \"$_xferbench_commands help --help --version\" -- \"$cur\"\n"
    "        return\n"
    "    fi\n"
    "    if [ \"$command\" = help ]; then\n"
    "        _xferbench_reply -W \"$_xferbench_commands $_xferbench_concepts\" -- \"$cur\"\n"
    "        return\n"
    "    fi\n"
    "    wants=$(_xferbench_wants \"$command $option\")\n"
    "    if [ -z \"$wants\" ]; then\n"
    "        case $cur in\n"
    "        -*)\n"
    "            _xferbench_reply -W \"$(_xferbench_options \"$command\")\" -- \"$cur\"\n"
    "            return\n"
    "            ;;\n"
    "        esac\n"
    "        wants=$(_xferbench_wants \"$command\")\n"
    "    fi\n"
    "    # shellcheck disable=SC2086 # several words\n"
    "    [ -z \"$wants\" ] || _xferbench_value \"$cur\" $wants\n"
    "}\n"
    "\n"
    "complete -F _xferbench xferbench\n";

/* ---- values ---- */

static void put_names(enum xb_names table, FILE *out)
{
    const char *name, *summary;

    for (size_t i = 0; (name = xb_names_at(table, i, &summary)); i++)
        fprintf(out, " %s", name);
}

/* The kind of a value, and the names that it has, as _xferbench_value takes them. */
static void put_wants(enum xb_wants wants, FILE *out)
{
    switch (wants) {
    case XB_WANTS_TEXT:
        fputs("text", out);
        break;
    case XB_WANTS_FILE:
        fputs("file", out);
        break;
    case XB_WANTS_FOLDER:
        fputs("folder", out);
        break;
    case XB_WANTS_NAMED:
        fputs("named scenarios policies expectations", out);
        break;
    case XB_WANTS_SCENARIO:
        fputs("named scenarios", out);
        break;
    case XB_WANTS_POLICY:
        fputs("named policies", out);
        break;
    case XB_WANTS_EXPECTATIONS:
        fputs("named expectations", out);
        break;
    case XB_WANTS_METHODS:
        fputs("list", out);
        put_names(XB_NAMES_METHODS, out);
        break;
    case XB_WANTS_PATTERNS:
        fputs("list", out);
        put_names(XB_NAMES_PATTERNS, out);
        put_names(XB_NAMES_EXPERIMENTS, out);
        break;
    case XB_WANTS_ALLOCATORS:
        fputs("list", out);
        put_names(XB_NAMES_ALLOCATORS, out);
        break;
    case XB_WANTS_FORMAT:
        fputs("words", out);
        put_names(XB_NAMES_FORMATS, out);
        break;
    case XB_WANTS_CHECK_FORMAT:
        fputs("words", out);
        put_names(XB_NAMES_CHECK_FORMATS, out);
        break;
    }
}

static void put_value(const struct xb_arg *a, FILE *out)
{
    if (a->choices) {
        fputs("words", out);
        for (size_t i = 0; a->choices[i]; i++)
            fprintf(out, " %s", a->choices[i]);
    } else if (strchr(a->argument, '|')) {
        fputs("words ", out);
        for (const char *c = a->argument; *c; c++)
            fputc(*c == '|' ? ' ' : *c, out);
    } else {
        put_wants(a->wants, out);
    }
}

/* ---- tables of options ---- */

static void put_options(const struct xb_command *const *commands, FILE *out)
{
    fputs("_xferbench_options()\n{\n    case $1 in\n", out);
    for (size_t i = 0; commands[i]; i++) {
        fprintf(out, "    %s) echo '", commands[i]->name);
        for (const struct xb_arg *a = commands[i]->args; a && a->name; a++) {
            fprintf(out, "--%s ", a->name);
            if (a->letter)
                fprintf(out, "-%c ", a->letter);
        }
        fputs("--help -h' ;;\n", out);
    }
    fputs("    esac\n}\n\n", out);
}

static void put_all_wants(const struct xb_command *const *commands, FILE *out)
{
    fputs(
        "# _xferbench_wants 'COMMAND [OPTION]': the kind of the option's value, or of what "
        "the\n# command is about, with the names that there are; nothing where it takes none\n"
        "_xferbench_wants()\n{\n    case $1 in\n",
        out);
    for (size_t i = 0; commands[i]; i++) {
        const struct xb_command *c = commands[i];
        for (const struct xb_arg *a = c->args; a && a->name; a++) {
            if (!a->argument)
                continue;
            fprintf(out, "    '%s --%s'", c->name, a->name);
            if (a->letter)
                fprintf(out, " | '%s -%c'", c->name, a->letter);
            fputs(") echo '", out);
            put_value(a, out);
            fputs("' ;;\n", out);
        }
        if (c->operand) {
            fprintf(out, "    '%s') echo '", c->name);
            put_wants(c->operand_wants, out);
            fputs("' ;;\n", out);
        }
    }
    fputs("    esac\n}\n\n", out);
}

void xb_completion_print(const struct xb_command *const *commands, FILE *out)
{
    fputs(head, out);
    fputs("_xferbench_commands='", out);
    for (size_t i = 0; commands[i]; i++)
        fprintf(out, "%s%s", i ? " " : "", commands[i]->name);
    fputs("'\n_xferbench_concepts='", out);
    for (const struct xb_concept *c = xb_concepts; c->name; c++)
        fprintf(out, "%s%s", c > xb_concepts ? " " : "", c->name);
    fputs("'\n\n", out);
    put_options(commands, out);
    put_all_wants(commands, out);
    fputs(body, out);
}
