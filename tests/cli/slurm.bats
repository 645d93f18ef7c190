#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Batch jobs of a real Slurm: that of scripts/slurmlab, with the files of scripts/slurm.

# shellcheck disable=SC2154 # bats' run and common.bash set them
# shellcheck disable=SC2030,SC2031 # each test has its environment
# shellcheck disable=SC2016 # what the ranks' shells are to expand

load common

setup_file() {
    load common
    SLURMLAB=$XB_SRCDIR/scripts/slurmlab
    JOBS=$XB_SRCDIR/scripts/slurm
    LAB=t$$
    local rc=0
    NO_SLURM=$("$SLURMLAB" check 3>&-) || rc=$?
    export SLURMLAB JOBS LAB NO_SLURM
    if ((rc == 77)); then return; fi
    # Short: sockets stand below it.
    XDG_RUNTIME_DIR=$(mktemp -d /tmp/xbs-test.XXXXXX)
    export XDG_RUNTIME_DIR
    "$SLURMLAB" --name "$LAB" up 4 >/dev/null 3>&-
}

teardown_file() {
    if [[ -n $NO_SLURM ]]; then return; fi
    "$SLURMLAB" --name "$LAB" down
    rm -rf -- "$XDG_RUNTIME_DIR"
}

setup() {
    if [[ -n $NO_SLURM ]]; then skip "no Slurm here: $NO_SLURM"; fi
    common_setup
    need_python
    # Jobs run it by its name.
    export XFERBENCH XFERBENCH_RUN=-q
}

teardown() {
    explain_failure
    if [[ -n $NO_SLURM ]]; then return; fi
    if [[ -z ${BATS_TEST_COMPLETED-} ]]; then tail -n 30 -- *.log 2>/dev/null || true; fi
    lab scancel --user=root
    another down
    wait_for 100 no_jobs
}

# lab COMMAND…: on the first node.
lab() { timeout -k 5 "$PATIENCE" "$SLURMLAB" --name "$LAB" run -- "$@" </dev/null 3>&-; }

# another COMMAND…: of slurmlab, for a lab of this test alone, whose state stands in the test's folder.
another() { XDG_RUNTIME_DIR=$BATS_TEST_TMPDIR env --default-signal=TERM "$SLURMLAB" --name "$LAB-b" "$@" 3>&-; }

no_jobs() { [[ -z $(lab squeue -h) ]]; }

# submit ARGUMENT…: as of sbatch; the job's number is left in $job.
submit() { job=$(lab sbatch --parsable "$@"); }

# state JOB WORD: it is so: RUNNING, COMPLETED, ...; for all tasks of an array. One question that is not
# answered does not take the patience of those behind it.
state() {
    local found
    found=$(PATIENCE=30 lab scontrol show job "$1" | sed -n 's/.*JobState=\([A-Z]*\).*/\1/p' | sort -u)
    [[ $found == "$2" ]]
}

# many N MILLISECONDS [PATH]: a scenario of so many cases that take so long each, in two passes of three samples.
many() {
    local i options=()
    for ((i = 0; i < $1; i++)); do options+=("\"delay\": \"$(($2 + i))ms\""); done
    null_scenario s.json "${3:-host->host@node}" "${options[@]}"
    sed -i 's/"sampling": .*/"sampling": {"min_samples": 2, "max_samples": 2, "warmup": "0s", "passes": 2},/' s.json
}

@test "a step of srun that is interrupted ends with 5 at every task, and its report says what it was part of" {
    many 20 100 'host->host@remote'
    lab srun -J four --mpi=pmix -N 2 --ntasks-per-node=2 --gpus-per-node=2 "$XFERBENCH" run s.json -o r.json >out 2>err &
    wait_for 100 has_lines r.json.journal 3
    lab scancel --name=four --signal=USR1
    status=0
    wait $! || status=$?
    if ((status == 14)) && grep -qE 'n2: tasks? [23].*: Exited with exit code 14' err; then
        assert_has "$(<err)" "SIGUSR1 at rank" "interrupted; partial report in r.json"
        grep -qE 'n1: tasks? 0.*: Exited with exit code 5' err
        assert_report r.json 'r["status"] == "interrupted"' '0 < len(cases) < 20'
        skip "this MPI aborts the ranks of another node, once task 0 has ended, with MPI_ERR_UNKNOWN (14)"
    fi
    assert_status 5
    assert_has "$(<err)" "SIGUSR1 at rank" "interrupted; partial report in r.json" \
        "n1: tasks 0-1: Exited with exit code 5" "n2: tasks 2-3: Exited with exit code 5"
    run -1 grep -iE 'alarm clock|killed|terminated' err
    validate_report r.json
    assert_report r.json 'r["status"] == "interrupted"' '0 < len(cases) < 20' \
        '{k: v for k, v in r["run"]["slurm"].items() if k != "job_id"} == {"cluster": "lab", "partition": "lab",
            "job_name": "four", "array_job_id": None, "array_task_id": None, "step_id": 0, "restart_count": None,
            "nodes": 2, "tasks": 4, "cpus_per_task": None, "gpus_on_node": 2, "node_list": "n[1-2]",
            "step_node_list": "n[1-2]", "job_gpus": None, "step_gpus": "0,1"}' \
        'r["run"]["slurm"]["job_id"] > 0'
}

# No state, process or namespace of a lab that lived for one command.
assert_gone() {
    [[ -z $(find "$BATS_TEST_TMPDIR" -maxdepth 1 -name 'xb[ns]-*') ]]
    run grep -sl -- "$LAB-b" /proc/[0-9]*/environ
    [[ -z $output ]]
    run ls /var/run/netns
    [[ $output != *"$LAB-b"* ]]
}

# bats test_tags=long
@test "a lab lives for one command, hands on its exit status, and leaves nothing" {
    run -3 another run srun -N 2 sh -c 'hostname; echo "$0"; exit 3' 'a  b'
    assert_has "$output" n1 n2 'a  b'
    assert_gone
    # nor where it is interrupted
    another run srun sh -c 'touch up; sleep 600' &
    wait_for 100 test -e up
    kill -s TERM "$(pgrep -P $!)"
    status=0
    wait $! || status=$?
    assert_status 143
    assert_gone
}

# bats test_tags=long
@test "a job that is told before its end goes on by itself, under srun and under mpirun" {
    many 10 150
    submit --ntasks=2 "$JOBS/node.sbatch" s.json
    local first=$job
    XFERBENCH_LAUNCHER=mpirun submit --ntasks=2 --signal=B:USR1@60 "$JOBS/node.sbatch" s.json
    wait_for 100 has_lines "xferbench-$first.0.json.journal" 3
    wait_for 100 has_lines "xferbench-$job.0.json.journal" 3
    lab scancel --signal=USR1 "$first"
    lab scancel --batch --signal=USR1 "$job"
    wait_for 300 state "$first" COMPLETED
    wait_for 300 state "$job" COMPLETED
    local id
    for id in "$first" "$job"; do
        assert_has "$(<"xferbench-$id.log")" "interrupted; partial report in xferbench-$id.0.json" \
            "the job is queued again and goes on" "job $id: restart 1, on " "xferbench-$id.0.json: exit status 0"
        validate_report "xferbench-$id.0.json"
        assert_report "xferbench-$id.0.json" 'len(ok) == len(cases) == 10' \
            'any("resumed" in c["notes"] for c in cases)' 'r["run"]["slurm"]["restart_count"] == 1'
    done
    assert_report "xferbench-$first.0.json" 'r["run"]["slurm"]["step_id"] == 0' 'r["run"]["launcher"] == "srun"'
    assert_report "xferbench-$job.0.json" 'r["run"]["slurm"]["step_id"] is None' 'r["run"]["launcher"] == "mpirun"'
    run ls
    [[ $output != *journal* ]]
}

# bats test_tags=long
@test "a job that somebody ends stays ended, and another one goes on in its name" {
    many 10 150
    submit --ntasks=2 --nodelist=n2 "$JOBS/node.sbatch" s.json
    wait_for 100 has_lines "xferbench-$job.0.json.journal" 3
    lab scancel "$job"
    wait_for 100 state "$job" CANCELLED
    local name=xferbench-$job
    assert_has "$(<"$name.log")" "SIGTERM at rank" "with XFERBENCH_NAME=$name goes on"
    assert_report "$name.0.json" 'r["status"] == "interrupted"'
    XFERBENCH_NAME=$name submit --ntasks=2 --nodelist=n2 "$JOBS/node.sbatch" s.json
    wait_for 120 state "$job" COMPLETED
    assert_report "$name.0.json" 'len(ok) == len(cases) == 10' 'any("resumed" in c["notes"] for c in cases)'
}

# bats test_tags=long
@test "a job that is queued again elsewhere begins anew" {
    many 10 150
    submit --ntasks=2 --nodelist=n2 "$JOBS/node.sbatch" s.json
    wait_for 100 has_lines "xferbench-$job.0.json.journal" 3
    lab scontrol requeue "$job"
    wait_for 100 state "$job" PENDING
    lab scontrol update JobId="$job" ReqNodeList=n3
    wait_for 120 state "$job" COMPLETED
    assert_has "$(<"xferbench-$job.log")" "cannot be gone on with here, so the run begins anew"
    [[ -e xferbench-$job.0.json.before-1 && -e xferbench-$job.0.json.journal.before-1 ]]
    assert_report "xferbench-$job.0.json" 'len(ok) == 10' 'r["topology"]["ranks"][0]["host"] == "n3"'
}

# bats test_tags=long
@test "scenarios between nodes are steps with a report each" {
    many 2 10 'host->host@remote'
    cp s.json t.json
    submit -W --nodes=2 --ntasks-per-node=2 "$JOBS/nodes.sbatch" s.json t.json
    assert_report "xferbench-$job.0.json" 'len(ok) == 2' 'r["run"]["slurm"]["step_id"] == 0'
    assert_report "xferbench-$job.1.json" 'len(ok) == 2' 'r["run"]["slurm"]["step_id"] == 1'
}

# bats test_tags=long
@test "four tasks of an array in one folder, one of them ended by its time limit: four reports, one table" {
    many 20 500
    submit --array=1-4 --ntasks=2 --signal=CONT@0 "$JOBS/array.sbatch" s.json
    wait_for 100 state "$job" RUNNING
    lab scontrol update "JobId=${job}_4" TimeLimit=1
    wait_for 400 state "$job" COMPLETED
    local i reports=()
    for i in 1 2 3 4; do
        reports+=("xferbench-${job}_$i.0.json")
        validate_report "xferbench-${job}_$i.0.json"
        assert_report "xferbench-${job}_$i.0.json" 'len(ok) == len(cases) == 20' \
            "r['run']['slurm']['array_job_id'] == $job and r['run']['slurm']['array_task_id'] == $i" \
            "((r['run']['slurm']['restart_count'] or 0) >= 1) == ($i == 4)" \
            "r['run']['label'] == ('default' if $i % 2 else 'eager')"
    done
    assert_has "$(<"xferbench-${job}_4.log")" "DUE TO TIME LIMIT" "interrupted (TimeLimit); the job is queued again" \
        "restart 1, on "
    run xb compare "${reports[@]}" --row label
    assert_has "$output" "default (base): 2 launches, eager: 2 launches"
}

# bats test_tags=long
@test "a campaign in one allocation goes on after its time" {
    many 2 100
    XFERBENCH_RUN='-q --device cpu' XFERBENCH_LAUNCHES=4 submit --ntasks=2 "$JOBS/campaign.sbatch" s.json
    wait_for 120 test -e "xferbench-$job/default-02.json"
    lab scancel --batch --signal=USR1 "$job"
    wait_for 400 state "$job" COMPLETED
    assert_has "$(<"xferbench-$job.log")" "interrupted (SIGUSR1); the job is queued again" \
        "campaign --resume xferbench-$job" "default (base): 4 launches, eager: 4 launches"
}

# bats test_tags=long
@test "a prolog drains a node that does not do what it should, with the check's first line as its reason" {
    cat >node.json <<'EOT'
{"name": "p", "device": "cpu", "sampling": {"max_samples": 12, "max_time": "20ms", "warmup": "0s", "passes": 1},
 "cases": [{"paths": ["host->host"], "sizes": "64KiB", "methods": ["direct"]}]}
EOT
    cat >high.json <<'EOT'
{"schema": {"name": "xferbench-expectations", "version": 1}, "name": "high", "match": {"host": "n1"},
 "bounds": [{"cases": {"method": "direct"}, "gb_per_s": {"below": {"critical": 1000000}}}]}
EOT
    sed "s|^xferbench=.*|xferbench=$XFERBENCH|; s|^check=.*|check=($PWD/node.json --expect $PWD/high.json)|;
        s|^report=.*|report=$PWD/\$SLURMD_NODENAME.json|" "$JOBS/prolog.sh" >prolog.sh
    chmod +x prolog.sh
    local conf="Prolog=$PWD/prolog.sh"$'\n'"PrologFlags=Alloc"
    # Two jobs: one node is well, and gets both in the end.
    SLURMLAB_CONF=$conf run another run bash -c 'srun -w n2 hostname; timeout 10 srun -w n1 hostname; sinfo -h -N -o "%N %t %E"'
    assert_has "$output" "n2" "n1 drain xferbench: n1: " "direct 64KiB: " "expected 1000000.0 GB/s or more"
    [[ $output != *"n2 drain"* ]]
}
