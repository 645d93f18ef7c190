/* SPDX-License-Identifier: BSD-3-Clause */
/* main.c - the table of subcommands. */
#include "cmd/cmd.h"

static const struct xb_command *const commands[] = {
    &xb_command_run,
    &xb_command_tune,
    &xb_command_check,
    &xb_command_campaign,
    &xb_command_compare,
    &xb_command_plan,
    &xb_command_report,
    &xb_command_info,
    &xb_command_list,
    &xb_command_validate,
    NULL,
};

int main(int argc, char **argv)
{
    return xb_command_main(commands, argc, argv);
}
