/* SPDX-License-Identifier: BSD-3-Clause */
/* program.c - which command is meant, and help for who asks for none or for another one. */
#include "config.h"

#include "cmd/cmd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/nearest.h"
#include "base/utf8.h"

#define COMMANDS_MAX 40

static void print_row(FILE *out, const char *name, const char *summary)
{
    fprintf(out, "  %-10s %s\n", name, summary);
}

static int help(const struct xb_command *const *commands, FILE *out)
{
    fprintf(out, "xferbench %s - how fast bytes move between GPUs, and what carried them\n\n",
            PACKAGE_VERSION);
    fprintf(out, "Usage: [mpirun ...] xferbench COMMAND [ARGUMENT...]\n\n");
    for (size_t i = 0; commands[i]; i++)
        print_row(out, commands[i]->name, commands[i]->summary);
    print_row(out, "help", "this text, or 'help COMMAND': what COMMAND --help says");
    fprintf(out, "\n'xferbench COMMAND --help' says more; 'xferbench --version' says what the "
                 "program\nwas built with.\n");
    return out == stdout ? XB_EXIT_OK : XB_EXIT_USAGE;
}

static const struct xb_command *find(const struct xb_command *const *commands, const char *name)
{
    for (size_t i = 0; commands[i]; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

static int refuse(const struct xb_command *const *commands, const char *name)
{
    const char *names[COMMANDS_MAX + 2] = {"help"};
    char hint[XB_HINT_LEN];

    for (size_t i = 0; i < COMMANDS_MAX && commands[i]; i++)
        names[i + 1] = commands[i]->name;
    char *printable = xb_utf8_printable(name);
    fprintf(stderr, "xferbench: no command '%s'%s\n\n", printable ? printable : "",
            xb_did_you_mean(name, names, hint));
    free(printable);
    return help(commands, stderr);
}

/* help [COMMAND] */
static int help_main(const struct xb_command *const *commands, int argc, char **argv)
{
    char *help_of[] = {argc > 1 ? argv[1] : NULL, (char[]){"--help"}, NULL};
    bool itself = argc > 1 && (strcmp(argv[1], "help") == 0 || argv[1][0] == '-');

    if (argc < 2 || itself)
        return help(commands, stdout);
    const struct xb_command *command = find(commands, argv[1]);
    if (!command)
        return refuse(commands, argv[1]);
    return command->main(2, help_of);
}

static int start(const struct xb_command *const *commands, int argc, char **argv)
{
    if (argc < 2)
        return help(commands, stderr);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return help(commands, stdout);
    if (strcmp(argv[1], "--version") == 0) {
        xb_version_print();
        return XB_EXIT_OK;
    }
    if (strcmp(argv[1], "help") == 0)
        return help_main(commands, argc - 1, argv + 1);
    const struct xb_command *command = find(commands, argv[1]);
    return command ? command->main(argc - 1, argv + 1) : refuse(commands, argv[1]);
}

int xb_command_main(const struct xb_command *const *commands, int argc, char **argv)
{
    int status = start(commands, argc, argv);

    /* what a full disk has not taken was not printed; who closes a pipe has seen enough */
    errno = 0;
    if ((fflush(stdout) != 0 || ferror(stdout)) && errno != EPIPE && status == XB_EXIT_OK) {
        xb_log_error("cannot write to standard output%s%s", errno ? ": " : "",
                     errno ? strerror(errno) : "");
        status = XB_EXIT_USAGE;
    }
    return status;
}
