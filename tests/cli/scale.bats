#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Many ranks: what a plan of thousands takes, and 64 of them as real processes on few cores.

# shellcheck disable=SC2154 # bats' run and common.bash set them

load common

setup() {
    common_setup
    need_python
}

teardown() {
    explain_failure
    end_job
}

# plan_within MIB ARGUMENT...: `plan` ends within 60 s, where it took minutes once, and has at most so
# much in memory. It takes a second or less; on a busy machine that may be ten.
plan_within() {
    local most=$1
    shift
    run -0 --separate-stderr timeout -k 5 60 "$PYTHON" "$XB_SRCDIR/tests/cli/peak.py" peak "$XFERBENCH" plan "$@"
    (($(<peak) <= most << 20)) || {
        echo "plan $* had $(<peak) bytes in memory, expected at most $most MiB"
        return 1
    }
}

@test "the plan of 4096 ranks, 8 on each node: pairs in rounds, with time and memory" {
    need_own_memory
    sed -e 's/"pattern": "matrix"/"pairs": "rounds"/' "$XB_SRCDIR/scenarios/matrix.json" >rounds.json
    plan_within 256 rounds.json --ranks 4096 --per-node 8
    [[ $output == *'28672 lanes in 14 rounds'*'about '*' of a node'* ]]
    plan_within 256 matrix --ranks 4096 --per-node 8
    [[ $output == *'28672 lanes in 28672 rounds'* ]]
}

@test "the plan of 512 ranks, all at once and each lane alone" {
    need_own_memory
    plan_within 64 patterns --ranks 512 --per-node 8
    [[ $output == *'alltoall/'*'contention=all'*' 516096 lanes in 258049 rounds'* ]]
}

@test "1024 ranks on the 8 GPUs of a saved machine: placed, and its cuts found" {
    need_own_memory
    plan_within 128 patterns --topology "$TOPO/dgx8-2numa.xml" --ranks 1024
    [[ $output == *'(shared by 128)'*'bisection/'* ]]
}

# Real processes on few cores: each waits for its turn most of the time, and lets others run. In pairs,
# in rings and over cuts; what 64 ranks know of each other is little beside what MPI has of them.
# bats test_tags=long
@test "64 ranks on few cores: all lanes, right bytes, and no rank is large" {
    need_own_memory
    scenario s.json '[
        {"pairs": "rounds", "paths": ["host->host@node"], "sizes": "4KiB", "methods": ["mpi"]},
        {"pattern": ["ring", "bisection"], "paths": ["gpu->gpu@node"], "sizes": "4KiB", "methods": ["p2p"]}]'
    run -0 --separate-stderr timeout -k 5 "$PATIENCE" "$MPIRUN" -n 64 --oversubscribe --bind-to none "$PYTHON" \
        "$XB_SRCDIR/tests/cli/peak.py" peak "$XFERBENCH" run s.json -o r.json --case-timeout 300 \
        --set sampling.min_samples=6 --set sampling.max_samples=6 --set sampling.max_time=2ms --set outliers.again=0
    check_report r.json
    assert_report r.json 'len(ok) == len(cases) == 3' "len(r['topology']['ranks']) == 64" \
        '[len(c["lanes"]) for c in cases] == [64 * 63, 64, 74 * 32]' \
        'all(c["verify"]["wrong_bytes"] == 0 for c in cases)'
    (($(nproc) >= 64)) || assert_has "$stderr" 'warning: ranks 0 to 63: 64 ranks share fewer cores than they are'
    (($(sort -n peak.* | tail -1) <= 96 << 20))
}
