/* main.c - the subcommand table. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"

const struct xb_command xb_commands[] = {
    {"run", "measure a scenario and write a report",
     "run [SCENARIO] [OPTION...]          (SCENARIO: a file or a name, default quick)\n"
     "  -o, --output FILE          report to write (default xferbench-NAME-TIME.json)\n"
     "      --device auto|cuda|cpu device to measure (default: the scenario's)\n"
     "      --set KEY=VALUE        override a key of the scenario, e.g.\n"
     "                             --set 'cases[*].sizes=[\"1MiB\"]'; may be repeated\n"
     "      --policy FILE          for cases of the method auto: a file or a name (default\n"
     "                             static)\n"
     "      --resume FILE          take over what a report or journal already holds\n"
     "      --case-timeout S       time for one case, all its steps (default 60)\n"
     "      --seed N               seed of the test pattern (default 1)\n"
     "      --matrix               print sources by destinations, in GB/s, for cases with "
     "several "
     "lanes\n"
     "      --samples              put the samples of every batch into the report\n"
     "      --trace FILE           timeline of one transfer of each pipelined case, for "
     "Perfetto\n"
     "      --mpi-device-buffers auto|yes|no\n"
     "                             whether MPI takes device buffers (default: ask it)\n"
     "  -q, --quiet                no progress      -v, --verbose  more of it\n",
     xb_cmd_run},
    {"tune", "find the fastest method, chunk and depth for each path and size",
     "tune [SCENARIO] [OPTION...]         (SCENARIO: what to choose from, default tune)\n"
     "  -o, --output FILE          policy to write (default xferbench-policy.json)\n"
     "      --report FILE          also a report of all that was measured\n"
     "      --device auto|cuda|cpu, --set KEY=VALUE   as for run\n"
     "      --case-timeout S       time for one case, all its steps (default 30)\n"
     "  -q, --quiet                no progress      -v, --verbose  more of it\n",
     xb_cmd_tune},
    {"plan", "show the cases of a scenario without running them",
     "plan [SCENARIO] [OPTION...]\n"
     "      --device D, --set KEY=VALUE   as for run\n"
     "      --topology FILE        also place ranks on a saved topology (lstopo FILE.xml)\n"
     "      --ranks N              so many ranks (default: one for each of its GPUs)\n",
     xb_cmd_plan},
    {"info", "show where every rank runs, under mpirun or for a saved topology",
     "info [OPTION...]\n"
     "      --device auto|cuda|cpu\n"
     "      --topology FILE        place ranks on a saved topology instead\n"
     "      --ranks N              so many ranks there (default: one for each of its GPUs)\n",
     xb_cmd_info},
    {"list", "list methods with their options, patterns, devices and scenarios", "list\n",
     xb_cmd_list},
    {"validate", "check scenario and policy files word for word", "validate FILE...\n",
     xb_cmd_validate},
    {0},
};

static int help(FILE *out)
{
    fprintf(out, "xferbench %s - how fast bytes move between GPUs, and what carried them\n\n",
            PACKAGE_VERSION);
    fprintf(out, "Usage: [mpirun ...] xferbench COMMAND [ARGUMENT...]\n\n");
    for (const struct xb_command *c = xb_commands; c->name; c++)
        fprintf(out, "  %-10s %s\n", c->name, c->summary);
    fprintf(out, "\n'xferbench COMMAND --help' says more.\n");
    return out == stdout ? XB_EXIT_OK : XB_EXIT_USAGE;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return help(stderr);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return help(stdout);
    if (strcmp(argv[1], "--version") == 0) {
        printf("xferbench %s\n", PACKAGE_VERSION);
        return XB_EXIT_OK;
    }
    for (const struct xb_command *c = xb_commands; c->name; c++)
        if (strcmp(argv[1], c->name) == 0)
            return c->main(argc - 1, argv + 1);
    fprintf(stderr, "xferbench: no command '%s'\n\n", argv[1]);
    return help(stderr);
}
