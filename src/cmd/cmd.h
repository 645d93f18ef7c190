/* cmd.h - the subcommands and what they have in common. */
#ifndef XB_CMD_CMD_H
#define XB_CMD_CMD_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "model/plan/plan.h"
#include "model/scenario/scenario.h"
#include "model/topology/node_info.h"
#include "model/topology/placement.h"
#include "model/topology/rank_info.h"

struct xb_command {
    const char *name;
    const char *summary;
    const char *usage; /* printed by --help, behind "Usage: xferbench " */
    /* argv[0] is the command's name. Returns the exit status. */
    int (*main)(int argc, char **argv);
};

/* All commands, NULL-terminated by name. */
extern const struct xb_command xb_commands[];

enum { XB_EXIT_OK = 0, XB_EXIT_FAILED = 1, XB_EXIT_USAGE = 2 };

/* NULL-terminated "KEY=VALUE" strings that --set and --device gave, in order. */
struct xb_sets {
    const char **list;
    size_t count;
};

/* Append one; text is borrowed. -1 when out of memory. */
int xb_sets_add(struct xb_sets *sets, const char *text);
void xb_sets_free(struct xb_sets *sets);

/* The file that SCENARIO means: itself when it has a slash or ends in ".json", else NAME.json
 * in $XFERBENCH_SCENARIOS, beside the program in scenarios/, or where scenarios are installed.
 * Writes it to path; fails, listing the places, when there is none. */
int xb_scenario_find(const char *scenario, char *path, size_t len, struct xb_error *err);

/* The same for a policy, whose names are looked for in the folder policies/ of these. */
int xb_policy_find(const char *policy, char *path, size_t len, struct xb_error *err);

/* Folder i of those where names of scenarios are looked for, in order, or NULL behind the last.
 * The text is valid until the next call. */
const char *xb_scenario_folder(size_t i);

/* Whole numbers as command lines give them. */
int xb_arg_u64(const char *option, const char *text, uint64_t max, uint64_t *out,
               struct xb_error *err);

/* "10", "2.5s", "500ms" into seconds. */
int xb_arg_seconds(const char *option, const char *text, double *out, struct xb_error *err);

/* Can a file be written to that folder? To be asked before all measuring; NULL is no file. 0 or
 * -1. */
int xb_output_check(const char *file, struct xb_error *err);

/* What getopt_long complained of with ':' or '?', for commands that set opterr to 0 and begin
 * their short options with ':'. Always returns -1. */
int xb_arg_error(int c, char *const *argv, struct xb_error *err);

/* Print "xferbench COMMAND: text" and how to get help; returns XB_EXIT_USAGE. */
int xb_usage_error(const char *command, const char *text);

/* Print the usage of a command on stdout; returns XB_EXIT_OK. */
int xb_usage(const char *command);

/* Print the places of so many ranks (0: one for each of its GPUs) on the node that a saved
 * topology describes, every rank seeing every GPU and bound to nothing: what `plan` and `info`
 * show of a machine that one is not on. Returns how many ranks, or -1. */
int xb_places_show_saved(const char *xml_file, uint64_t nranks, struct xb_error *err);

/* Ranks as they would be placed on one node of a saved machine, and that node. */
struct xb_saved_job {
    struct xb_rank_info *ranks;
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

/* Print the table of places: rank, host, GPU, bus id, NUMA node, cores, NIC, and warnings. */
void xb_places_print(const struct xb_rank_info *ranks, size_t nranks);

int xb_cmd_run(int argc, char **argv);
int xb_cmd_tune(int argc, char **argv);
int xb_cmd_plan(int argc, char **argv);
int xb_cmd_info(int argc, char **argv);
int xb_cmd_list(int argc, char **argv);
int xb_cmd_validate(int argc, char **argv);

#endif
