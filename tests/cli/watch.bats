#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Ranks that stop, die or are told to end: the others say which, and the run ends with what it has.

# shellcheck disable=SC2154,SC2030,SC2031 # bats' run and common.bash set them

load common

setup() {
    common_setup
    need_python
    # The second case takes 20 s a transfer: the run is in it when its journal has two lines.
    null_scenario s.json 'host->host@node' '' '"delay": "20s"'
    # As under a batch system ranks have the time to save, where a test does not say otherwise.
    export OMPI_MCA_odls_base_sigkill_timeout=3
}

teardown() {
    explain_failure
    local pid
    for pid in $(own_processes); do kill -CONT "$pid" 2>/dev/null || true; done
    end_job
}

# in_second_case N ARGUMENT...: N ranks run in the background and are in the second case.
in_second_case() {
    local n=$1
    shift
    start_ranks "$n" run s.json -o r.json "$@"
    wait_for 100 has_lines r.json.journal 2
}

# said PART...: stderr has a line with all of them.
said() {
    local line=$stderr part
    for part in "$@"; do
        line=$(grep -F -- "$part" <<<"$line") || {
            printf 'no line of stderr has: %s\nin: %s\n' "$*" "$stderr"
            return 1
        }
    done
}

check_partial() {
    validate_report r.json
    assert_report r.json 'r["status"] == "interrupted"' '[c["status"] for c in cases] == ["ok"]'
    assert_no_processes
}

# ---- what ranks were told ----

# differ NAMES RANK0... : RANK1...: two ranks that were told this end at once, and these are named.
differ() {
    local -a first=() second=()
    local names=$1
    shift
    while [[ $1 != : ]]; do
        first+=("$1")
        shift
    done
    second=("${@:2}")
    OMPI_MCA_odls_base_sigkill_timeout=0 run --separate-stderr timeout -k 5 "$PATIENCE" "$MPIRUN" --oversubscribe -n 1 "$XFERBENCH" "${first[@]}" : \
        -n 1 "$XFERBENCH" "${second[@]}"
    assert_status 2
    assert_one_error "not told the same as rank 0: rank 1 (" "$names"
    [[ ! -e r.json && ! -e r.json.journal ]]
    assert_no_processes
}

@test "ranks of two commands, or with other options, end before anything can hang" {
    differ 'command is info, there run' run s.json -o r.json : info
    differ '--mpi-device-buffers is no, there auto' run s.json -o r.json : run s.json -o r.json --mpi-device-buffers no
    differ '--label is base, there new' run s.json -o r.json --label new : run s.json -o r.json --label base
    differ 'overrides is sampling.warmup=1s, there (none)' run s.json -o r.json : run s.json -o r.json --set sampling.warmup=1s
}

@test "ranks of two builds of the program end before anything can hang" {
    null_scenario q.json 'host->host' ''
    run -0 xb run q.json -q -o q.json.report
    local git
    git=$(ask q.json.report 'r["build"]["git"]')
    if [[ $git == None ]]; then skip "this build does not know its commit"; fi
    # Another program, which differs in what it says of its build.
    "$PYTHON" - "$XFERBENCH" "$git" <<'EOF'
import os, sys
program, git = open(sys.argv[1], "rb").read(), sys.argv[2].encode()
assert git in program
open("other", "wb").write(program.replace(git, b"x" * len(git)))
os.chmod("other", 0o755)
EOF
    OMPI_MCA_odls_base_sigkill_timeout=0 run --separate-stderr timeout -k 5 "$PATIENCE" "$MPIRUN" --oversubscribe \
        -n 1 "$XFERBENCH" run s.json -o r.json : -n 1 ./other run s.json -o r.json
    assert_status 2
    assert_one_error "not told the same as rank 0: rank 1 (" "build is xxx" "there $git"
    [[ ! -e r.json && ! -e r.json.journal ]]
}

# bats test_tags=long
@test "whatever ranks were told differently is named" {
    differ 'command is run, there tune' tune -o r.json : run
    differ 'SCENARIO is quick, there s.json' run s.json -o r.json : run quick -o r.json
    differ '--seed is 3, there (none); --output is q.json, there r.json' run s.json -o r.json : run s.json -o q.json --seed 3
    differ '--device is cpu, there auto' info : info --device cpu
}

@test "a patience that is no number is said" {
    XFERBENCH_PATIENCE=soon run -2 --separate-stderr xb run s.json -o r.json
    assert_one_error "XFERBENCH_PATIENCE: got 'soon', expected seconds"
    XFERBENCH_PATIENCE=-1 run -2 --separate-stderr xb info
    assert_one_error "XFERBENCH_PATIENCE: got '-1'"
}

# ---- signals ----

# check_signal SIGNAL TARGET: to rank 1, or to mpirun, which passes it on or ends the ranks: the run
# ends with a partial report, and can go on.
check_signal() {
    local named="SIG$1"
    in_second_case 2
    if [[ $2 == mpirun ]]; then
        kill -s "$1" "$job"
        [[ $1 == USR* ]] || named=SIGTERM
    else
        kill -s "$1" "$(rank_pid "$2")"
        named+=" at rank $2 ("
    fi
    wait_job
    if [[ $2 == mpirun && $1 != USR* ]]; then [[ $status != 0 ]]; else assert_status 5; fi
    if [[ $2 == mpirun ]]; then
        if hurried; then
            rm r.json.journal
            return
        fi
        stderr=$(cat err.?)
    fi
    said "$named" "interrupted; partial report in r.json; go on with --resume r.json"
    check_partial
    rm r.json
}

@test "a signal to one rank alone ends all, in order" {
    check_signal TERM 1
    check_signal USR1 1
    check_signal XCPU 1
}

# bats test_tags=long
@test "each signal, to either rank or to mpirun, leaves a partial report" {
    local signal
    for signal in INT HUP QUIT USR2; do
        check_signal "$signal" 1
        check_signal "$signal" 0
    done
    catch_ranks
    for signal in INT TERM HUP USR1 USR2; do check_signal "$signal" mpirun; done
}

@test "under nohup SIGHUP is ignored, and the run goes on" {
    null_scenario s.json 'host->host' '' '"delay": "300ms"'
    (trap '' HUP; exec "$XFERBENCH" run s.json -o r.json </dev/null >out 2>err 3>&-) &
    job=$!
    wait_for 100 has_lines r.json.journal 2
    kill -s HUP "$job"
    wait_job
    assert_status 0
    assert_report r.json 'len(ok) == 2'
}

@test "a second signal ends a rank at once, and the journal is whole" {
    export OMPI_MCA_odls_base_sigkill_timeout=0
    XFERBENCH_PATIENCE=300 in_second_case 2
    local first second
    first=$(rank_pid 0) second=$(rank_pid 1)
    kill -s STOP "$first" # it would save, and so end the run
    kill -s TERM "$second"
    sleep 1
    kill -0 "$second"
    kill -s TERM "$second"
    # a third one and more, where the first was not yet there when the second came
    wait_for 100 eval "kill -s TERM $second 2>/dev/null; ! [[ -e /proc/$second ]] || grep -q '^State:.Z' /proc/$second/status"
    kill -s KILL "$first" 2>/dev/null || true # the launcher may have been faster
    wait_job
    [[ $status != 0 ]]
    assert_no_processes
    if [[ -e r.json ]]; then return; fi # rank 0 was let, and has saved
    [[ $(wc -l <r.json.journal) == 2 ]]
    "$PYTHON" -c 'import json; [json.loads(l) for l in open("r.json.journal")]'
}

@test "who reads no more of stdout ends nothing: the report is there, and the status is true" {
    null_scenario s.json 'host->host@node' '' '"delay": "1us"'
    # Each rank's own stdout is the pipe that nobody reads. Were it mpirun's, Open MPI 4 would now and then end the
    # job itself: at its eleventh SIGPIPE.
    # shellcheck disable=SC2016
    run "$MPIRUN" -n 2 --oversubscribe bash -c '"$1" run s.json -o r.json 2>>err </dev/null | :; exit "${PIPESTATUS[0]}"' - "$XFERBENCH"
    assert_status 0
    assert_report r.json 'len(ok) == len(cases) == 2'
    null_scenario s.json 'host->host' '' '"fail": "open"'
    # shellcheck disable=SC2016
    run bash -c '"$1" run s.json -o q.json 2>err </dev/null | :; exit "${PIPESTATUS[0]}"' - "$XFERBENCH"
    assert_status 1
    assert_report q.json 'r["status"] == "failed"'
    assert_only_files s.json r.json q.json err
}

# ---- stopped and dead ranks ----

# check_stopped RANK: a rank that is stopped in a case is named, and what was measured is kept.
check_stopped() {
    XFERBENCH_PATIENCE=4 in_second_case 3
    kill -s STOP "$(rank_pid "$1")"
    wait_job
    assert_status 5
    said "rank $1 (" "is stopped (SIGSTOP or a debugger)" "in: case 2 of 2: stream/null"
    said "  rank $1 (" "stopped: case 2 of 2"
    [[ $(grep -cE '^xferbench: error:   ranks? .*case 2 of 2: stream/null' <<<"$stderr") -ge 2 ]]
    said "partial report in r.json; go on with --resume r.json"
    [[ $(grep -c 'is stopped' <<<"$stderr") == 1 ]]
    check_partial
    rm r.json
}

# bats test_tags=long
@test "a rank that is stopped in a case is named, and the run ends by itself" {
    local rank
    for rank in 1 2; do check_stopped "$rank"; done
}

# bats test_tags=long
@test "rank 0, stopped in a case, is named by the others, and saves when it is let" {
    check_stopped 0
}

# bats test_tags=long
@test "a rank that is stopped before it has met the others is named" {
    local rank
    for rank in 0 1; do
        XFERBENCH_PATIENCE=2 start_ranks 2 run s.json -o r.json
        wait_for 100 rank_is_there "$rank"
        kill -s STOP "$(rank_pid "$rank")"
        wait_job
        [[ $status != 0 ]]
        said "rank $rank (" "is stopped (SIGSTOP or a debugger)"
        assert_no_processes
    done
}

# The rank runs the program, and no longer what mpirun is before it does.
rank_is_there() {
    local pid
    pid=$(rank_pid "$1")
    grep -qxE '(lt-)?xferbench' "/proc/$pid/comm"
}

# bats test_tags=long
@test "a job that is stopped as a whole and goes on accuses nobody" {
    null_scenario s.json 'host->host@node' '' '"delay": "300ms"'
    XFERBENCH_PATIENCE=4 in_second_case 2
    local both
    both=$(rank_pid 0)\ $(rank_pid 1)
    # shellcheck disable=SC2086 # a list
    kill -s STOP $both
    sleep 6
    # shellcheck disable=SC2086
    kill -s CONT $both
    wait_job
    assert_status 0
    assert_report r.json 'len(ok) == 2'
    [[ $stderr != *error* ]]
}

@test "a rank that is killed is named, and what was measured is kept" {
    in_second_case 2
    kill -s KILL "$(rank_pid 1)"
    wait_job
    [[ $status != 0 ]]
    said "rank 1 (" "is gone, its last step was: case 2 of 2: stream/null"
    said "  rank 0 (" "case 2 of 2"
    if hurried; then
        assert_no_processes
        return
    fi
    check_partial
}

@test "rank 0, killed, is named by another, which says how to go on" {
    in_second_case 2
    kill -s KILL "$(rank_pid 0)"
    wait_job
    [[ $status != 0 && ! -e r.json ]]
    said "rank 0 (" "is gone, its last step was: case 2 of 2"
    said "the journal stays: go on with --resume r.json.journal"
    assert_no_processes
}

@test "rank 0, killed when its report is there, leaves nothing to go on with" {
    null_scenario s.json 'host->host@node' '' '"delay": "1us"'
    XFERBENCH=$XB_BUILDDIR/tests/cli/mpi_fails
    XB_MPI_FAIL=end XB_MPI_RANK=0 run --separate-stderr xrun 2 run s.json -o r.json
    [[ $status != 0 && ! -e r.json.journal ]]
    assert_report r.json 'len(ok) == 2'
    said "rank 0 (" "is gone, its last step was: ending MPI"
    [[ $stderr != *"go on with"* ]]
}

# ---- cases that hang ----

@test "a case that hung is not tried again by a run that goes on, unless that is asked for" {
    null_scenario s.json 'host->host@node' '' '"hang": "post", "at": "destination"' '"delay": "1us"'
    run -1 --separate-stderr xrun 2 run s.json -o r.json --case-timeout 4
    said "error: rank 1 (" "did not come back from: case 2 of 3"
    said "go on with --resume r.json, which leaves out the case that hung (--retry-hung does not)"
    validate_report r.json
    assert_report r.json '[c["notes"].count("hung") for c in cases] == [0, 1]' \
        '"rank 1 (" in cases[1]["reason"]'
    run -1 --separate-stderr xrun 2 run s.json --resume r.json -o on.json --case-timeout 4
    said "[2/3]" "hung before, taken over"
    validate_report on.json
    assert_report on.json '[c["status"] for c in cases] == ["ok", "timeout", "ok"]' \
        '"hung" in cases[1]["notes"] and "resumed" in cases[1]["notes"]' 'r["status"] == "failed"'
}

# bats test_tags=long
@test "a case that hung is in the journal, and is tried again where that is asked for" {
    null_scenario s.json 'host->host@node' '' '"hang": "post", "at": "source"' '"delay": "1us"'
    # The first pass of the others is in slices, so the journal stays.
    run -1 --separate-stderr xrun 2 run s.json -o r.json --case-timeout 1 --passes 3 --seed 2
    said "go on with --resume r.json.journal, which leaves out the case that hung"
    [[ $(grep -c '"hung"' r.json.journal) == 1 ]]
    run -1 --separate-stderr xrun 2 run s.json --resume r.json.journal -o on.json --case-timeout 1 --passes 3 --seed 2
    said "hung before, taken over"
    assert_report on.json 'len(ok) == 2' 'len(cases) == 3'
    run -1 --separate-stderr xrun 2 run s.json --resume on.json --retry-hung -o again.json --case-timeout 1 --passes 3 --seed 2
    said "did not come back"
}
