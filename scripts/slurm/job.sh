# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
# job.sh - what the batch files beside it share: a run that is interrupted leaves a partial report,
# says so in the job's log, and goes on when the same file runs again, which the job asks for by itself.
#
# From the environment (sbatch hands on that of the caller):
#   XFERBENCH           the program (default xferbench)
#   XFERBENCH_LAUNCHER  starts the ranks (default "srun --mpi=pmix"; "mpirun" with sbatch --signal=B:USR1@60)
#   XFERBENCH_RUN       further arguments of run, as "--passes 3 --device cuda"
#   XFERBENCH_NAME      what names of files begin with (default xferbench-JOB; in an array _TASK follows): with
#                       that of another job this one goes on with what that one has left
#   XFERBENCH_RESTARTS  how often the job is queued again at most (default 10)

read -ra launcher <<<"${XFERBENCH_LAUNCHER:-srun --mpi=pmix}"
xferbench=${XFERBENCH:-xferbench}
read -ra run_arguments <<<"${XFERBENCH_RUN-}"
# The last task of an array has the array's number as its own, by which Slurm means all of them.
job=${SLURM_ARRAY_JOB_ID:-$SLURM_JOB_ID}${SLURM_ARRAY_TASK_ID:+_$SLURM_ARRAY_TASK_ID}
name=${XFERBENCH_NAME:-xferbench-${SLURM_ARRAY_JOB_ID:-$SLURM_JOB_ID}}
stem=$name${SLURM_ARRAY_TASK_ID:+_$SLURM_ARRAY_TASK_ID}
restarts=${XFERBENCH_RESTARTS:-10}
[[ $restarts =~ ^[0-9]{1,9}$ ]] || { echo "XFERBENCH_RESTARTS: got '$restarts', expected a whole number" >&2; exit 2; }
restarts=$((10#$restarts)) # "08" is no octal number
told= # the signal that this job was sent
child=
worst=0

# Open MPI 4's mpirun gives ranks 1 s between SIGTERM and SIGKILL: too little for a large report. It waits as
# long where a rank ends with a failure. Open MPI 5's gives 0.25 s, whatever it is told.
export OMPI_MCA_odls_base_sigkill_timeout=${OMPI_MCA_odls_base_sigkill_timeout:-5}

say() { printf '%s: %s %s: %s\n' "$(date -u +%FT%TZ)" xferbench "job $job" "$*"; }

# Before its time is over the batch shell is told with --signal=B:USR1@60, and hands it on; without B:
# Slurm tells the ranks, and this shell nothing.
trap 'told=USR1; if [[ -n $child ]]; then kill -s USR1 "$child" 2>/dev/null; fi' USR1
# The time is over, or somebody ends the job: Slurm sends this to all processes of the job at once.
trap 'told=TERM' TERM

# attend COMMAND…: run it to its end, whatever signals come meanwhile; its exit status.
attend() {
    "$@" &
    child=$!
    while kill -0 "$child" 2>/dev/null; do wait "$child"; done
    wait "$child"
    local status=$?
    child=
    return "$status"
}

# measure STEP ARGUMENT…: one run with its report STEM.STEP.json. Where it was interrupted the job ends
# here, and is queued again.
measure() {
    local report=$stem.$1.json file status=0
    shift
    local command=("${launcher[@]}" "$xferbench" run "$@" "${run_arguments[@]}" -o "$report" --resume-if-exists "$report")
    say "${SLURM_RESTART_COUNT:+restart $SLURM_RESTART_COUNT, }on $SLURM_JOB_NODELIST: ${command[*]}"
    attend "${command[@]}" || status=$?
    if ((status == 2 && ${SLURM_RESTART_COUNT:-0} > 0)); then
        say "$report: cannot be gone on with here, so the run begins anew; what there was ends in .before-$SLURM_RESTART_COUNT"
        for file in "$report" "$report.journal"; do
            if [[ -e $file ]]; then mv "$file" "$file.before-$SLURM_RESTART_COUNT"; fi
        done
        status=0
        attend "${command[@]}" || status=$?
    fi
    say "$report: exit status $status"
    if ((status > worst)); then worst=$status; fi
    if ((status == 5)) || [[ $told == TERM ]]; then go_on_later "$report"; fi
}

# measure_each SCENARIO…: a step for each, and the end of the job with the worst exit status.
measure_each() {
    local step=0 scenario
    for scenario; do
        measure "$step" "$scenario"
        step=$((step + 1))
    done
    exit "$worst"
}

# Queue the job again, unless somebody has ended it, and end. What Slurm queues again by itself, after a
# preemption or the loss of a node, needs no asking.
go_on_later() {
    local reason=${told:+SIG$told}
    if [[ $told == TERM ]]; then reason=$(squeue -h -j "$job" -o %r); fi
    if [[ $told == TERM && $reason != TimeLimit ]]; then
        say "$1: interrupted, as the job is ended or queued again by others; the same file with XFERBENCH_NAME=$name goes on"
    elif ((${SLURM_RESTART_COUNT:-0} >= restarts)); then
        say "$1: interrupted (${reason:-by a signal to the ranks}) after ${SLURM_RESTART_COUNT:-0} restarts, and not queued again"
    else
        say "$1: interrupted (${reason:-by a signal to the ranks}); the job is queued again and goes on"
        # Slurm ends the job then, with all that it has started. A run goes on where it was, so by the same nodes.
        trap '' TERM
        if ! scontrol requeue "$job"; then
            say "it cannot be queued again; the same file with XFERBENCH_NAME=$name goes on"
        elif ! stay_on_nodes; then
            say "it may get other nodes than $SLURM_JOB_NODELIST, and then begins anew"
        fi
    fi
    exit 5
}

# Of a job that is queued again. In the folder where it is, scontrol leaves files for who has shrunk a job.
stay_on_nodes() {
    local folder status=0
    folder=$(mktemp -d) || return
    (cd "$folder" && scontrol update "JobId=$job" "ReqNodeList=$SLURM_JOB_NODELIST") >/dev/null 2>&1 || status=$?
    rm -rf -- "$folder"
    return "$status"
}
