/* SPDX-License-Identifier: BSD-3-Clause */
/* program.c - which command is meant, and help for who asks for none or for another one. */
#include "config.h"

#include "cmd/cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/nearest.h"
#include "base/utf8.h"
#include "cmd/concepts.h"

#define NAMES_MAX 200
#define WIDTH     80

static void print_row(FILE *out, const char *name, const char *summary)
{
    fprintf(out, "  %-10s %s\n", name, summary);
}

static int help(const struct xb_command *const *commands, FILE *out)
{
    char names[4096] = "";
    size_t used = 0;

    fprintf(out,
            "Usage: [mpirun ...] xferbench COMMAND [ARGUMENT...]\n"
            "       xferbench help [COMMAND|CONCEPT]\n\n"
            "xferbench %s: how fast bytes move between GPUs, and what carried them.\n\n"
            "Commands:\n",
            PACKAGE_VERSION);
    for (size_t i = 0; commands[i]; i++)
        print_row(out, commands[i]->name, commands[i]->summary);
    print_row(out, "help", "this text; what COMMAND --help says; or what a concept is");
    fprintf(out, "\nConcepts:\n");
    for (const struct xb_concept *c = xb_concepts; c->name && used < sizeof names; c++)
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", used ? ", " : "",
                                 c->name);
    xb_wrapped_print(names, 2, WIDTH, out);
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

/* Who asks for help may mean a concept too. */
static int refuse(const struct xb_command *const *commands, const char *name, bool concepts)
{
    const char *names[NAMES_MAX + 2] = {"help"};
    char hint[XB_HINT_LEN];
    size_t n = 1;

    for (size_t i = 0; n < NAMES_MAX && commands[i]; i++)
        names[n++] = commands[i]->name;
    for (size_t i = 0; concepts && n < NAMES_MAX && xb_concepts[i].name; i++)
        names[n++] = xb_concepts[i].name;
    char *printable = xb_utf8_printable(name);
    fprintf(stderr, "xferbench: no command %s'%s'%s\n\n", concepts ? "or concept " : "",
            printable ? printable : "", xb_did_you_mean(name, names, hint));
    free(printable);
    return help(commands, stderr);
}

static int print_named(enum xb_named_kind kind)
{
    struct xb_named_files files;

    if (xb_named_list(kind, &files) < 0)
        return XB_EXIT_FAILED;
    for (size_t i = 0; i < files.n; i++)
        printf("%s\n", files.file[i].name);
    xb_named_release(&files);
    return XB_EXIT_OK;
}

/* What the build and completion ask for: --man [COMMAND], --completion, --names KIND. False
 * where it is none of these. */
static bool help_for_programs(const struct xb_command *const *commands, int argc, char **argv,
                              int *status)
{
    const char *what = argc > 1 ? argv[1] : "", *of = argc > 2 ? argv[2] : NULL;
    const struct xb_command *command = of ? find(commands, of) : NULL;

    *status = XB_EXIT_OK;
    if (strcmp(what, "--completion") == 0 && !of) {
        xb_completion_print(commands, stdout);
        return true;
    }
    if (strcmp(what, "--man") == 0 && (!of || command)) {
        xb_manual_print(commands, command, stdout);
        return true;
    }
    for (int kind = 0; strcmp(what, "--names") == 0 && of && kind < XB_NAMED_KINDS; kind++)
        if (strcmp(of, xb_named_kind_name((enum xb_named_kind)kind)) == 0) {
            *status = print_named((enum xb_named_kind)kind);
            return true;
        }
    return false;
}

/* help [COMMAND|CONCEPT] */
static int help_main(const struct xb_command *const *commands, int argc, char **argv)
{
    char *help_of[] = {argc > 1 ? argv[1] : NULL, (char[]){"--help"}, NULL};
    const struct xb_command *command;
    const struct xb_concept *concept;
    int status;

    if (help_for_programs(commands, argc, argv, &status))
        return status;
    if (argc < 2 || strcmp(argv[1], "help") == 0 || argv[1][0] == '-')
        return help(commands, stdout);
    if (argc == 2 && (command = find(commands, argv[1])))
        return command->main(2, help_of);
    concept = xb_concept_find(argv + 1, argc - 1);
    if (!concept)
        return refuse(commands, argv[1], true);
    xb_concept_print(concept, stdout);
    return XB_EXIT_OK;
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
    return command ? command->main(argc - 1, argv + 1) : refuse(commands, argv[1], false);
}

/* Where a standard stream is closed, the next file that is opened would take its number, and
 * get what is printed. What takes its place here fails whoever reads or writes it. */
static void fill_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
            (void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

int xb_command_main(const struct xb_command *const *commands, int argc, char **argv)
{
    fill_standard_streams();
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error of who writes it */
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
