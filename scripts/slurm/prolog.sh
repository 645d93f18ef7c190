#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# prolog.sh - a prolog that keeps jobs from nodes which do not do what they should: the scenario node,
# held against expectations. What is critical drains the node, with the first line of the check as its
# reason; Slurm then queues the job again. What is a warning or unknown, or takes too long, drains nothing.
#
# In slurm.conf, for nodes that jobs have for themselves (others would be measured in company):
#     Prolog=/usr/local/share/xferbench/slurm/prolog.sh
#     PrologFlags=Alloc
# slurmd gives it no PATH and nothing of the caller's environment, so what may differ stands here.
export PATH=/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin:/sbin
export HOME=/ # Open MPI 5 does not start without
xferbench=xferbench
check=(node) # more of run's arguments, as --expect our-h200
limit_s=60
report=/run/xferbench-prolog.json # of the last job

reason=$(timeout "$limit_s" "$xferbench" run "${check[@]}" --check -q --force -o "$report" 2>/dev/null </dev/null |
    sed -n 's/^XFERBENCH CRITICAL - \([^|]*[^| ]\) *|.*/xferbench: \1/p')
[[ -n $reason ]] || exit 0
scontrol update "NodeName=$SLURMD_NODENAME" State=DRAIN "Reason=$reason"
exit 1
