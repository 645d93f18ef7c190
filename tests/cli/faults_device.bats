#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Devices, libraries and clocks that fail on one rank: its cases fail with what happened, all ranks
# go the same way, and what has no part in it is measured.

# shellcheck disable=SC2154,SC2030,SC2031 # bats' run and common.bash set them

load common

setup() {
    common_setup
    need_python
}

# fault WHAT RANK [BYTES]: the device of the runs that follow.
fault() {
    # shellcheck disable=SC2034 # common.bash reads it
    XFERBENCH=$XB_BUILDDIR/tests/cli/device_fails
    export XB_FAULT=$1 XB_FAULT_RANK=$2 XB_FAULT_BYTES=${3:-0}
}

@test "a device that is lost: its rank's lanes fail at once, all others go on" {
    fault lost 1 12344
    scenario s.json '[
        {"paths": ["gpu->gpu@node"], "sizes": ["4KiB", 12344, "8KiB"], "pairs": "each", "methods": ["p2p"]},
        {"paths": ["gpu->gpu"], "sizes": 64, "pairs": "each", "methods": ["direct"]},
        {"paths": ["host->host@node"], "sizes": 128, "pairs": "each", "methods": ["mpi"]},
        {"paths": ["gpu->gpu@node"], "sizes": 256, "pairs": [[0, 2], [2, 0]], "methods": ["p2p", "host-staged"]},
        {"paths": ["gpu->gpu@node"], "sizes": 512, "pairs": "rounds", "methods": ["host-staged"]}]'
    run -1 --separate-stderr xrun 3 run s.json -o r.json
    validate_report r.json
    # by the lane that fails first all know of it, within this case too
    assert_report r.json 'r["status"] == "failed"' 'len(cases) == 8' \
        '[c["status"] for c in cases] == ["ok", "failed", "failed", "failed", "ok", "ok", "ok", "failed"]' \
        '[l["status"] for l in cases[1]["lanes"]] == ["failed" if 1 in p and p != (0, 1) else "ok" for p in ranks(cases[1])]' \
        '"->".join(map(str, ranks(cases[1])[0])) == "0->1"' \
        '"rank 1 (" in cases[1]["reason"] and "): copy: an illegal memory access was encountered (error 700)" in cases[1]["reason"]' \
        'all([l["status"] for l in c["lanes"]] == ["failed" if 1 in p else "ok" for p in ranks(c)] for c in (cases[2], cases[3], cases[7]))' \
        'all("rank 1 (" in l["reason"] and "is lost since case " + cases[1]["id"] + ": copy: an illegal" in l["reason"] for c in (cases[2], cases[3], cases[7]) for l in c["lanes"] if l["status"] != "ok")'
    # the run as a whole says so as well
    assert_report r.json 'len([w for w in r["topology"]["warnings"] if w.startswith("rank 1 (") and "is lost since case " in w]) == 1'
    assert_has "$stderr" "warning: rank 1 (" "is lost since case"
    [[ $stderr != *touched:* ]]
}

@test "a device that is lost in a timed batch is not touched in later passes either" {
    fault lost 0 12344
    export XB_FAULT_AT=100
    scenario s.json '[{"paths": ["gpu->gpu@node"], "sizes": ["4KiB", 12344, "8KiB"], "methods": ["p2p"]},
        {"paths": ["gpu->gpu@node"], "pairs": [[1, 2]], "sizes": ["4KiB", "8KiB"], "methods": ["p2p"]}]'
    # each pass has more samples than the copies that go well, however few a slow machine makes in one
    run -1 --separate-stderr xrun 3 run s.json -o r.json --passes 3 --set sampling.min_samples=330 --set sampling.max_samples=330
    validate_report r.json
    assert_report r.json 'len(cases) == 5' '[c["status"] for c in cases[:3]] == ["failed"] * 3' \
        'all("rank 0 (" in c["reason"] and "error 700" in c["reason"] for c in cases[:3])' \
        'all(c["status"] == "ok" and len(c["passes_us"]) == 3 for c in cases[3:])'
    [[ $stderr != *touched:* ]]
}

@test "experiments on the lost device say so, and what is on host memory goes on" {
    fault lost 0 12344
    scenario s.json '[{"paths": ["gpu->gpu@node"], "pairs": [[0, 1]], "sizes": 12344, "methods": ["p2p"]},
        {"paths": ["host->gpu@node"], "pairs": [[1, 0]], "sizes": "4KiB", "methods": ["mpi"]},
        {"pattern": "collective", "paths": ["host->host@node"], "sizes": "4KiB", "methods": [{"name": "mpi", "transfer": "all-gather"}]},
        {"pattern": "queue", "paths": ["host->host"], "sizes": 64, "methods": ["queue"]},
        {"pattern": "overlap", "paths": ["gpu->host"], "sizes": "12KiB", "methods": [{"name": "gray-scott", "width": 64, "height": 48, "steps": 24, "images": 1}]}]'
    run -1 --separate-stderr xrun 2 run s.json -o r.json
    validate_report r.json
    assert_report r.json '[c["status"] for c in cases] == ["failed", "failed", "ok", "ok", "failed"]' \
        'all("rank 0 (" in c["reason"] and "is lost since case" in c["reason"] for c in (cases[1], cases[4]))'
    [[ $stderr != *touched:* ]]
}

@test "a device that is lost beside work: both ranks leave the experiment, and go on with other cases" {
    fault lost 0 12344
    export XB_FAULT_AT=40
    scenario s.json '[{"pattern": "interference", "paths": ["gpu->gpu@node"], "sizes": 12344, "methods": ["company"]},
        {"paths": ["host->host@node"], "pairs": "each", "sizes": "4KiB", "methods": ["mpi"]},
        {"pattern": "interference", "paths": ["gpu->gpu", "gpu->gpu@node"], "sizes": "4KiB", "methods": ["company"]}]'
    run -1 --separate-stderr xrun 2 run s.json -o r.json
    validate_report r.json
    assert_report r.json '[c["status"] for c in cases] == ["failed", "ok", "failed", "failed"]' \
        '"rank 0 (" in cases[0]["reason"] and "error 700" in cases[0]["reason"]' \
        'all("is lost since case " + cases[0]["id"] in c["reason"] for c in cases[2:])'
    [[ $stderr != *touched:* ]]
}

@test "device auto that comes to host memory since a driver is broken says so, also where quiet" {
    fault broken 0 1
    scenario s.json '[{"paths": ["host->host"], "sizes": 8, "methods": ["direct"]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json -q --device auto
    validate_report r.json
    local warning=": the figures are of device cpu, not of a GPU: device auto passed over what is broken: device cuda is there and cannot be used: system not yet initialized (error 802); there is /dev/nvidia0"
    assert_has "$stderr" "xferbench: warning: " "$warning"
    [[ $(grep -c "passed over" <<<"$stderr") == 1 ]] # a line a node, not a rank
    assert_report r.json "len([w for w in r['topology']['warnings'] if '$warning' in w]) == 1"
    # asked for, it is what was meant; and where there is none, nothing is passed over
    run -0 --separate-stderr xrun 2 run s.json -o cpu.json -q --device cpu
    [[ $stderr != *"passed over"* ]]
    fault peer 0 1
    run -0 --separate-stderr xrun 2 run s.json -o none.json -q --device auto
    [[ $stderr != *"passed over"* ]]
}

@test "memory that was free and cannot be had: that case fails with how much, and the next are measured" {
    local kind path
    for kind in device pinned; do
        fault "$kind" 1 $((1 << 20))
        path="gpu->gpu@node"
        [[ $kind == pinned ]] && path="host->host@node"
        scenario s.json "[{\"paths\": [\"$path\"], \"sizes\": [\"4KiB\", \"2MiB\", \"8KiB\"], \"methods\": [\"mpi\"]}]"
        run -1 --separate-stderr xrun 3 run s.json -o "$kind.json"
        validate_report "$kind.json"
        assert_report "$kind.json" '[c["status"] for c in cases] == ["ok", "failed", "ok"]' \
            '"rank 1 (" in cases[1]["reason"] and "buffer of 21" in cases[1]["reason"] and "out of memory" in cases[1]["reason"]'
    done
}

@test "shared memory that was free and cannot be had: the same" {
    # shellcheck disable=SC2034 # common.bash reads it
    XFERBENCH=$XB_BUILDDIR/tests/cli/shm_fails
    export XB_FULL_RANK=0 XB_FULL_BYTES=$((1 << 20))
    scenario s.json '[{"paths": ["host->host@node"], "sizes": ["4KiB", "2MiB", "8KiB"], "methods": ["host-staged"]},
        {"paths": ["gpu->gpu@node"], "sizes": ["4KiB", "2MiB", "8KiB"], "methods": ["p2p"]}]'
    run -1 --separate-stderr xrun 3 run s.json -o r.json
    validate_report r.json
    assert_report r.json '[c["status"] for c in cases] == ["ok", "failed", "ok"] * 2' \
        'all(c["reason"].startswith("rank 0 (") and "shared memory: cannot have " in c["reason"] and " bytes: No space left on device" in c["reason"] for c in (cases[1], cases[4]))'
}

@test "a limit of the process's memory is known: what is above it is skipped with figures, on all ranks" {
    scenario s.json '[{"paths": ["host->host@node"], "sizes": ["4KiB", "2GiB", "8KiB"], "methods": ["mpi"]}]'
    ulimit -v 1500000
    if ! xb --version >/dev/null 2>&1; then skip "needs a build that can do with little address space"; fi
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    assert_report r.json '[c["status"] for c in cases] == ["ok", "skipped", "ok"]' \
        '"rank 0 (" in cases[1]["reason"] and " bytes of host memory on " in cases[1]["reason"] and " are free" in cases[1]["reason"]'
}

@test "one rank whose memory the other cannot reach: both skip, with its reason" {
    local kind
    scenario s.json '[{"paths": ["gpu->gpu@node"], "pairs": "each", "sizes": "4KiB", "methods": [{"name": "p2p", "side": ["push", "pull"]}]},
        {"paths": ["gpu->gpu@node"], "pairs": "each", "sizes": "4KiB", "methods": ["host-staged"]}]'
    for kind in peer import; do
        fault "$kind" 1
        run -0 --separate-stderr xrun 2 run s.json -o "$kind.json"
        validate_report "$kind.json"
    done
    # asked beforehand neither way can be; found out when it maps, only where it is the one who moves
    assert_report peer.json '[c["status"] for c in cases] == ["skipped", "skipped", "ok"]' \
        'all("rank 1 (" in c["reason"] and "cannot access" in c["reason"] for c in cases[:2])'
    assert_report import.json '[[l["status"] for l in c["lanes"]] for c in cases] == [["ok", "skipped"], ["skipped", "ok"], ["ok", "ok"]]' \
        'all("rank 1 (" in l["reason"] and "peer access is not supported" in l["reason"] for c in cases for l in c["lanes"] if l["status"] != "ok")'
}

@test "one rank that cannot open the other's memory fails its lanes alone" {
    scenario s.json '[{"paths": ["gpu->gpu@node"], "pairs": "each", "sizes": "4KiB", "methods": ["p2p"]},
        {"paths": ["gpu->gpu@node"], "pairs": "each", "sizes": "4KiB", "methods": ["host-staged"]}]'
    fault handle 1
    run -1 --separate-stderr xrun 3 run s.json -o r.json
    assert_report r.json '[c["status"] for c in cases] == ["failed", "ok"]' \
        '[l["status"] for l in cases[0]["lanes"]] == ["failed" if p[0] == 1 else "ok" for p in ranks(cases[0])]' \
        '"rank 1 (" in cases[0]["reason"] and "invalid resource handle" in cases[0]["reason"]'
}

# jump WHICH SECONDS RANK READINGS: the clock of the runs that follow.
jump() {
    # shellcheck disable=SC2034 # common.bash reads it
    XFERBENCH=$XB_BUILDDIR/tests/cli/clock_jumps
    export XB_JUMP=$1 XB_JUMP_S=$2 XB_JUMP_RANK=$3 XB_JUMP_AT=$4
}

# Many quick cases and one experiment: a jump comes in one of them, or between two.
clock_scenario() {
    scenario s.json '[
        {"paths": ["gpu->gpu@node"], "sizes": [8, 64, "64KiB"], "methods": ["p2p", "mpi", "host-staged"]},
        {"paths": ["host->gpu"], "sizes": [8, "64KiB"], "methods": ["direct"]},
        {"pattern": "queue", "paths": ["host->host"], "sizes": 64, "methods": ["queue"]}]'
}

# check_jump SECONDS RANK READINGS LEAST: no case that is ok has an absurd time, and none is late by a
# clock that has jumped; so many are ok at least.
check_jump() {
    rm -f r.json
    jump raw "$1" "$2" "$3"
    run --separate-stderr xrun 2 run s.json -o r.json
    echo "a jump of $1 s at reading $3"
    [[ $status == 0 || $status == 1 ]]
    validate_report r.json
    assert_report r.json 'len(cases) == 12' 'all(c["status"] in ("ok", "failed") for c in cases)' \
        "len(ok) >= $4" 'all(0 < c["time_us"]["min"] and c["time_us"]["max"] < 1e8 for c in ok)' \
        'all("CLOCK_MONOTONIC_RAW, has jumped" in c["reason"] and "3600" in c["reason"] for c in cases if c["status"] == "failed")'
}

@test "a clock that jumps fails the case in which it does, and no other" {
    local seconds at failed
    clock_scenario
    for seconds in 3600 -3600; do
        failed=
        # it may come between two cases, where all are ok
        for at in 10700 11100 11900; do
            check_jump $seconds 0 $at 11
            if [[ $status == 1 ]]; then failed=yes && break; fi
        done
        [[ $failed ]]
    done
}

# bats test_tags=long
@test "so it does wherever the jump comes" {
    local at
    clock_scenario
    for at in 3 5000 10050 10300 11500 13000 17000 25000 40000; do
        check_jump 3600 $((at % 2)) $at 11
        check_jump -3600 $((at % 2)) $at 11
    done
}

@test "clocks that all jump, as when a machine was stopped: one case is late, and says why" {
    local at late=
    clock_scenario
    for at in 10300 10700 11100; do # it may come between two cases, as above
        jump all 3600 0 $at
        run --separate-stderr xrun 2 run s.json -o r.json --force
        [[ $status == 0 || $status == 1 ]]
        validate_report r.json
        assert_report r.json 'len(cases) == 12' 'len(ok) >= 11' \
            'all(c["status"] == "timeout" and "s of it passed between two looks at the clock" in c["reason"] for c in cases if c["status"] != "ok")'
        if [[ $status == 1 ]]; then late=yes && break; fi
    done
    [[ $late ]]
}

@test "the wall clock may jump as it likes" {
    clock_scenario
    jump wall -86400 0 0
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    validate_report r.json
    assert_report r.json 'ok == cases' 'r["run"]["start_utc"] and r["run"]["end_utc"]'
}

@test "ranks whose clocks have other steps make the same batches" {
    # a thousand steps are the least that a batch may last: 2 ms on one rank, less than 1 ms on the other
    local rank
    clock_scenario
    for rank in 0 1; do
        jump coarse 2000 $rank 0
        run -0 --separate-stderr xrun 2 run s.json -o r.json --force --set sampling.warmup=20ms --case-timeout 60
        validate_report r.json
        assert_report r.json 'ok == cases' 'len(cases) == 12'
    done
}

# mpi_fails CALL RANK BYTES [AT]: the MPI of the runs that follow.
mpi_fails() {
    # shellcheck disable=SC2034 # common.bash reads it
    XFERBENCH=$XB_BUILDDIR/tests/cli/mpi_fails
    export XB_MPI_FAIL=$1 XB_MPI_RANK=$2 XB_MPI_BYTES=$3 XB_MPI_AT=${4:-0}
}

@test "MPI out of resources on one rank, in a transfer: that case fails, and nobody waits" {
    local call
    declare -A who=([send]=0 [receive]=1) when=([send]=2 [receive]=40)
    scenario s.json '[{"paths": ["gpu->gpu@node"], "sizes": [64, 12344, 128], "window": 4, "methods": ["mpi"]},
        {"pattern": "bidirectional", "paths": ["gpu->gpu@node"], "sizes": [12344, 64], "methods": ["mpi"]},
        {"pattern": "collective", "paths": ["host->host@node"], "sizes": [192, 12384], "methods": [{"name": "mpi", "transfer": "all-reduce"}]}]'
    # in the first window, and in a batch that is timed
    for call in send receive; do
        mpi_fails $call "${who[$call]}" 12344 "${when[$call]}"
        rm -f r.json
        run -1 --separate-stderr xrun 3 run s.json -o r.json
        validate_report r.json
        assert_report r.json '[c["status"] for c in cases] == ["ok", "failed", "ok", "failed", "ok", "ok", "ok"]' \
            "all('MPI_I${call/receive/recv}' in c['reason'] and c['reason'].startswith('rank $XB_MPI_RANK (') for c in cases if c['status'] == 'failed')"
    done
    mpi_fails iallreduce 2 12384 3
    rm r.json
    run -1 --separate-stderr xrun 3 run s.json -o r.json
    assert_report r.json '[c["status"] for c in cases] == ["ok"] * 6 + ["failed"]' \
        'cases[-1]["reason"].startswith("rank 2 (") and "a collective of MPI" in cases[-1]["reason"]'
}

@test "MPI out of resources on one rank, for a window: failed, not skipped, on both sides" {
    local rank
    scenario s.json '[{"paths": ["host->host@node"], "sizes": [8, "64KiB"], "methods": [{"name": "mpi", "transfer": "put"}]},
        {"paths": ["host->host@node"], "sizes": 8, "methods": ["mpi"]}]'
    for rank in 0 1; do
        mpi_fails window $rank 0
        rm -f r.json
        run -1 --separate-stderr xrun 2 run s.json -o r.json
        assert_report r.json '[c["status"] for c in cases] == ["failed", "failed", "ok"]' \
            "all('rank $rank (' in c['reason'] and 'MPI_Win_create' in c['reason'] for c in cases[:2])"
    done
}

# bats test_tags=long
@test "a rank that does not come to make a window: the watchdog ends the run" {
    scenario s.json '[{"paths": ["host->host@node"], "sizes": 8, "methods": ["mpi", {"name": "mpi", "transfer": "put"}]}]'
    mpi_fails absent 1 0
    run -1 --separate-stderr xrun 2 run s.json -o r.json --case-timeout 1
    assert_report r.json '[c["status"] for c in cases] == ["ok", "timeout"]'
    assert_no_processes
}

@test "MPI out of resources on one rank for what ranks tell each other: the run ends, and says where" {
    scenario s.json '[{"paths": ["gpu->gpu@node"], "sizes": [8, 64, 128], "methods": ["p2p"]}]'
    mpi_fails send 1 4 40
    run --separate-stderr xrun 2 run s.json -o r.json
    [[ $status != 0 ]]
    assert_has "$stderr" "error: rank 1 (" "MPI_Isend between ranks failed"
    [[ -s r.json.journal || -s r.json ]]
    assert_no_processes
}

# nccl_fails HOW RANK BYTES [SECONDS]: the NCCL of the run that follows, with cases before, with and behind a
# failure; each has so much time, or a minute.
nccl_fails() {
    # shellcheck disable=SC2034 # common.bash reads it
    XFERBENCH=$XB_BUILDDIR/tests/cli/nccl_fails
    export XB_NCCL_FAIL=$1 XB_NCCL_RANK=$2 XB_NCCL_BYTES=$3
    scenario s.json '[{"paths": ["gpu->gpu@node"], "sizes": [64, 12344, 128], "pairs": "each", "methods": ["nccl"]},
        {"paths": ["gpu->gpu@node"], "sizes": 64, "pairs": "each", "methods": ["p2p"]},
        {"pattern": "bidirectional", "paths": ["gpu->gpu@node"], "sizes": 256, "pairs": "each", "methods": ["nccl"]},
        {"pattern": "collective", "paths": ["gpu->gpu@node"], "sizes": 192, "methods": [{"name": "nccl", "transfer": ["all-reduce", "all-gather", "all-to-all"]}]}]'
    run --separate-stderr xrun 3 run s.json -o r.json --case-timeout "${4:-60}"
    if grep -q 'this build has no NCCL' r.json; then skip "this build has no NCCL"; fi
    validate_report r.json
}

# The communicators that all ranks made or aborted, how often each.
nccl_lines() { grep -c "^nccl: $1 " <<<"$stderr" || true; }

@test "the method nccl on the test's own library" {
    nccl_fails nothing 0 0
    assert_status 0
    assert_report r.json 'ok == cases and len(cases) == 8'
    [[ $(nccl_lines made) == 3 && $(nccl_lines aborted) == 0 ]]
}

@test "NCCL's collectives with a root: each rank holds what it must" {
    # shellcheck disable=SC2034 # common.bash reads it
    XFERBENCH=$XB_BUILDDIR/tests/cli/nccl_fails
    scenario s.json '[{"pattern": "collective", "paths": ["gpu->gpu@node"], "sizes": ["3KiB", 96000], "methods": [
        {"name": "nccl", "transfer": ["broadcast", "gather", "scatter"]}, {"name": "nccl", "transfer": "reduce", "datatype": ["uint64", "float"]}]}]'
    run --separate-stderr xrun 3 run s.json -o r.json
    if grep -q 'this build has no NCCL' r.json; then skip "this build has no NCCL"; fi
    validate_report r.json
    assert_report r.json 'ok == cases and len(cases) == 10' 'all(c["verify"]["wrong_bytes"] == 0 and c["verify"]["stamped_batches"] > 0 for c in cases)'
}

@test "NCCL's registration and policy: each buffer and window made and given back, all bytes right" {
    # shellcheck disable=SC2034 # common.bash reads it
    XFERBENCH=$XB_BUILDDIR/tests/cli/nccl_fails
    scenario s.json '[{"paths": ["gpu->gpu@node"], "sizes": ["4KiB", 4099], "pairs": "each", "methods": [{"name": "nccl", "registration": "local"}]},
        {"pattern": "collective", "paths": ["gpu->gpu@node"], "sizes": ["3KiB", "6KiB"], "allocator": "vmm", "methods": [
            {"name": "nccl", "transfer": ["all-reduce", "all-gather", "reduce-scatter", "all-to-all"],
             "registration": ["none", "local", "symmetric"], "ctas": ["default", "zero"]}]},
        {"pattern": "collective", "paths": ["gpu->gpu@node"], "sizes": "3KiB", "methods": [{"name": "nccl", "transfer": "all-gather", "registration": "symmetric"}]},
        {"paths": ["gpu->gpu@node"], "sizes": "4KiB", "allocator": "vmm", "methods": [{"name": "nccl", "registration": "symmetric"}]}]'
    run --separate-stderr xrun 3 run s.json -o r.json
    if grep -q 'this build has no NCCL' r.json; then skip "this build has no NCCL"; fi
    if grep -q 'header is older' r.json; then skip "this build's NCCL has no policies"; fi
    validate_report r.json
    assert_report r.json 'len(ok) == 2 + 2 * 4 * 3 * 2 and len(cases) - len(ok) == 2' \
        '"the allocator must be vmm or nccl; found malloc" in cases[-2]["reason"]' '"for collectives: transfer must be one" in cases[-1]["reason"]' \
        'all(("registration" in c["id"]) == ("registration" in c["key"]["options"]) for c in cases)'
    # one communicator for each policy on each rank, 2 for zero
    [[ $(nccl_lines made) == 6 && $(grep -c '^nccl: policy 2 ' <<<"$stderr") == 3 && $(nccl_lines aborted) == 0 ]]
    # two windows a case and rank, of symmetric flags; six lanes of a rank's pairs, two buffers each of collectives
    [[ $(grep -c '^nccl: window .*flags 1 ' <<<"$stderr") == $((2 * 3 * 16)) ]]
    [[ $(grep -c '^nccl: registered ' <<<"$stderr") -ge $((2 * 3 * 16 + 2 * 12)) ]]
    [[ $stderr != *'nccl: forgotten'* ]]
}

@test "a buffer that NCCL does not register on one rank: those lanes fail with NCCL's words" {
    # shellcheck disable=SC2034 # common.bash reads it
    XFERBENCH=$XB_BUILDDIR/tests/cli/nccl_fails
    export XB_NCCL_FAIL=register XB_NCCL_RANK=1
    scenario s.json '[{"paths": ["gpu->gpu@node"], "sizes": 64, "methods": [{"name": "nccl", "registration": ["none", "local"]}]}]'
    run --separate-stderr xrun 2 run s.json -o r.json
    if grep -q 'this build has no NCCL' r.json; then skip "this build has no NCCL"; fi
    assert_report r.json '[c["status"] for c in cases] == ["ok", "failed"]' \
        '"registering a buffer with NCCL: unhandled system error" in cases[1]["reason"]'
}

@test "NCCL that is not made on one rank: its case fails with NCCL's words, the next makes it" {
    nccl_fails init 1 0
    assert_status 1
    assert_report r.json '[c["status"] for c in cases] == ["failed"] + ["ok"] * 7' \
        'cases[0]["reason"].startswith("rank 1 (") and "ncclCommInitRank: unhandled system error" in cases[0]["reason"]'
    # the others have aborted what they had
    [[ $(nccl_lines 'made 1') == 2 && $(nccl_lines 'aborted 1') == 2 && $(nccl_lines 'made 2') == 3 ]]
}

@test "NCCL that fails on one rank: its lanes fail with NCCL's words, all abort and make a new one" {
    nccl_fails send 1 12344
    assert_status 1
    assert_report r.json '[c["status"] for c in cases] == ["ok", "failed"] + ["ok"] * 6' \
        '[l["status"] for l in cases[1]["lanes"]] == ["failed" if p[0] == 1 else "ok" for p in ranks(cases[1])]' \
        'all(l["reason"].startswith("rank 1 (") and "an NCCL group: unhandled system error; the test" in l["reason"] for l in cases[1]["lanes"] if l["reason"])'
    # two lanes failed, and a new one each for all
    [[ $(nccl_lines 'aborted 1') == 3 && $(nccl_lines 'aborted 2') == 3 && $(nccl_lines 'made 3') == 3 ]]
    [[ $(nccl_lines 'made 4') == 0 ]]
}

@test "NCCL that tells of an error later: the same" {
    nccl_fails async 2 12344
    assert_status 1
    assert_report r.json '[c["status"] for c in cases] == ["ok", "failed"] + ["ok"] * 6' \
        '[l["status"] for l in cases[1]["lanes"]] == ["failed" if p[1] == 2 else "ok" for p in ranks(cases[1])]' \
        'all(l["reason"].startswith("rank 2 (") and "remote process exited" in l["reason"] for l in cases[1]["lanes"] if l["reason"])'
}

@test "NCCL that neither ends nor says so: those lanes are late, all abort and make a new one" {
    nccl_fails stuck 2 12344 4
    assert_status 1
    assert_report r.json '[c["status"] for c in cases] == ["ok", "timeout"] + ["ok"] * 6' \
        '[l["status"] for l in cases[1]["lanes"]] == ["timeout" if p[1] == 2 else "ok" for p in ranks(cases[1])]'
    [[ $(nccl_lines 'aborted 1') == 3 && $(nccl_lines 'made 3') == 3 ]]
}
