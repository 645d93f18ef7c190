/* SPDX-License-Identifier: BSD-3-Clause */
/* cmd.h - the subcommands and what they have in common. */
#ifndef XB_CMD_CMD_H
#define XB_CMD_CMD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "model/plan/plan.h"
#include "model/scenario/scenario.h"
#include "model/topology/node_info.h"
#include "model/topology/placement.h"
#include "model/topology/rank_info.h"

enum xb_arg_type {
    XB_ARG_TEXT,    /* const char *, borrowed from the command line */
    XB_ARG_COUNT,   /* uint64_t, a whole number from 0 to max */
    XB_ARG_SECONDS, /* double; "10", "2.5s", "500ms"; more than 0, at most a day */
    XB_ARG_CHOICE,  /* int or an enum: the index of one of choices */
    XB_ARG_SET,     /* struct xb_sets: one more; may be repeated */
    XB_ARG_VALUE,   /* int or an enum: set to value; the option takes no argument */
};

/* What the value of an option or an operand names, for who completes it. Values that stand in
 * choices, or in the argument as "a|b", need none. */
enum xb_wants {
    XB_WANTS_TEXT, /* anything */
    XB_WANTS_FILE,
    XB_WANTS_FOLDER,
    XB_WANTS_NAMED, /* a scenario, policy or expectations, by file or name */
    XB_WANTS_SCENARIO,
    XB_WANTS_POLICY,
    XB_WANTS_EXPECTATIONS,
    XB_WANTS_METHODS, /* names, with commas between them, as the next two */
    XB_WANTS_PATTERNS,
    XB_WANTS_ALLOCATORS,
    XB_WANTS_FORMAT,       /* of reports */
    XB_WANTS_CHECK_FORMAT, /* of verdicts */
};

/* A row for each option of a command: what reads it and what help says of it. */
struct xb_arg {
    const char *group; /* heading of this row and those up to the next one with a heading */
    const char *name;  /* of --name; NULL ends a table */
    char letter;       /* of -l; 0 for none */
    enum xb_arg_type type;
    const char *argument; /* what help calls it: "FILE"; NULL where none is taken */
    const char *help;     /* "\n" between its lines */
    size_t offset;        /* of the member that takes it, in the command's own struct */
    uint64_t max;
    const char *const *choices; /* NULL-terminated */
    const char *key; /* of a set: KEY="ARGUMENT" is added, or KEY=ARGUMENT where there is a max,
                        of a number; NULL for ARGUMENT itself */
    int value;
    enum xb_wants wants;
};

/* The row of an int that is not 0 where nothing is to be in colour. */
#define XB_COLOUR_ARG(args_t, member)                                                          \
    {                                                                                          \
        .name = "no-color", .type = XB_ARG_VALUE, .value = 1,                                  \
        .help = "no colours, as with NO_COLOR in the environment",                             \
        .offset = offsetof(args_t, member)                                                     \
    }

struct xb_command {
    const char *name, *summary;
    const char *operand; /* what help calls it: "SCENARIO"; NULL where none is taken */
    const char *operand_help;
    enum xb_wants operand_wants;
    const char *ends;          /* exit statuses: lines of "NUMBER, a blank and when" */
    int least, most;           /* operands */
    size_t operand_offset;     /* of the member that takes them: where most is 1 a const char *,
                                * which stays as it is without one; else a char **, whose list
                                * ends with NULL */
    const struct xb_arg *args; /* NULL for none; all commands have --help besides */
    /* argv[0] is the command's name. Returns the exit status. */
    int (*main)(int argc, char **argv);
};

extern const struct xb_command xb_command_campaign, xb_command_check, xb_command_compare,
    xb_command_info, xb_command_list, xb_command_plan, xb_command_report, xb_command_run,
    xb_command_tune, xb_command_validate;

enum { XB_EXIT_OK = 0, XB_EXIT_FAILED = 1, XB_EXIT_USAGE = 2 };

/* "KEY=VALUE" strings, NULL-terminated and owned, in the order in which they were given. */
struct xb_sets {
    char **list;
    size_t count;
};
void xb_sets_free(struct xb_sets *sets);

/* The program: what argv[1] names among these, NULL-terminated, or help. Returns the exit
 * status. */
int xb_command_main(const struct xb_command *const *commands, int argc, char **argv);

/* Print what --help of a command says. */
void xb_help_print(const struct xb_command *command, FILE *out);

/* Print the page of the manual of a command, or of the program where command is NULL, in the
 * macros of man(7). */
void xb_manual_print(const struct xb_command *const *commands, const struct xb_command *command,
                     FILE *out);

/* Print the completion of command lines for bash. */
void xb_completion_print(const struct xb_command *const *commands, FILE *out);

/* Print the versions of the program, of what it was built with and, where they can be asked
 * before MPI is started, of the libraries that are loaded here: one a line. */
void xb_version_print(void);

/* Read a command line into the command's own struct by its rows. True: go on. False: it asked
 * for help or was wrong, which has been said, and *status is how to end. Needs nothing but the
 * arguments, so it comes before MPI; of the ranks that were given the same arguments one
 * speaks. Texts are
 * borrowed from argv, which is put in another order. */
bool xb_command_parse(const struct xb_command *command, int argc, char **argv, void *out,
                      int *status);

/* Say what else is wrong with the arguments, in the same way; returns XB_EXIT_USAGE. */
int xb_command_refuse(const struct xb_command *command, const char *text);

/* The file that this program is, from the root; false, and "", where it cannot be told. */
bool xb_program_path(char *path, size_t len);

/* The file that SCENARIO means: itself when it has a slash or ends in ".json", else NAME.json
 * in $XFERBENCH_SCENARIOS, beside the program in scenarios/, in the tree that the program is
 * installed in, wherever that was moved, or where scenarios were to be installed.
 * Writes it to path; fails, listing the places, when there is none. */
int xb_scenario_find(const char *scenario, char *path, size_t len, struct xb_error *err);

/* The same for a policy, whose names are looked for in the folder policies/ of these. */
int xb_policy_find(const char *policy, char *path, size_t len, struct xb_error *err);

/* The same for expectations, in the folder expectations/. */
int xb_expect_find(const char *expect, char *path, size_t len, struct xb_error *err);

/* Kinds of files that are known by name; each has its own folder below those of scenarios. */
enum xb_named_kind {
    XB_NAMED_SCENARIO,
    XB_NAMED_POLICY,
    XB_NAMED_EXPECTATIONS,
    XB_NAMED_KINDS
};

/* "scenarios", "policies", "expectations"; constant strings. */
const char *xb_named_kind_name(enum xb_named_kind kind);

/* Is it a file rather than a name: has it a slash, or does it end in ".json"? */
bool xb_named_is_file(const char *given);

/* All files of a kind, each name once, by folder and name; the caller releases them. -1 when
 * out of memory. */
struct xb_named_files {
    struct xb_named_file {
        char *name, *path;
    } * file;
    size_t n;
};
int xb_named_list(enum xb_named_kind kind, struct xb_named_files *out);
void xb_named_release(struct xb_named_files *files);

/* The file of that kind and name, into path; false where there is none. */
bool xb_named_find(enum xb_named_kind kind, const char *name, char *path, size_t len);

/* Fail because no file of these kinds, from the first to the last, has that name: with one that
 * is near, and where they were looked for. Always returns -1. */
int xb_named_fail(enum xb_named_kind first, enum xb_named_kind last, const char *given,
                  struct xb_error *err);

/* Print the places of so many ranks (0: one for each of its GPUs) on the node that a saved
 * topology describes, every rank seeing every GPU and bound to nothing: what `plan` and `info`
 * show of a machine that one is not on. Returns how many ranks, or -1. */
int xb_places_show_saved(const char *xml_file, uint64_t nranks, struct xb_error *err);

/* Ranks as they would be placed on one node of a saved machine, and that node. */
struct xb_saved_job {
    struct xb_rank_info *ranks;
    struct xb_place_words *words; /* of their places */
    size_t nranks;
    struct xb_node_info node;
};

/* Read a saved topology, and what NVML says in the file beside it, and place so many ranks as
 * xb_places_show_saved does. The caller releases. */
int xb_saved_job_load(const char *xml_file, uint64_t nranks, struct xb_saved_job *out,
                      struct xb_error *err);
void xb_saved_job_release(struct xb_saved_job *job);

/* Print the tables of a node's GPUs: their links, and what joins each two. */
void xb_links_print(const struct xb_node_info *node);

/* Print a line for everything that is wrong with the links of a job's GPUs. */
void xb_links_warn(const struct xb_rank_info *ranks, size_t nranks,
                   const struct xb_node_info *nodes, size_t nnodes);

/* Say what is wrong with places, "rank 1: ..."; where several ranks in a row have the same,
 * "ranks 0 to 63: ...". */
void xb_places_warn(const struct xb_rank_info *ranks, size_t nranks,
                    void (*say)(const char *text));

/* Print the table of places: rank, host, GPU, bus id, NUMA node, cores, NIC, and warnings. */
void xb_places_print(const struct xb_rank_info *ranks, size_t nranks);

#endif
