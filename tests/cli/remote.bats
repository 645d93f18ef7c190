#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Two nodes, in the lab of scripts/netlab.

# shellcheck disable=SC2154 # bats' run and common.bash set them

load common

setup_file() {
    load common
    NETLAB=$XB_SRCDIR/scripts/netlab
    LAB=r$$
    local rc=0
    NO_LAB=$("$NETLAB" check) || rc=$?
    export NETLAB LAB NO_LAB
    if ((rc == 77)); then return; fi
    # Short: Open MPI makes sockets below it.
    XDG_RUNTIME_DIR=$(mktemp -d /tmp/xbr-test.XXXXXX)
    export XDG_RUNTIME_DIR
    "$NETLAB" --name "$LAB" up >/dev/null
}

teardown_file() {
    if [[ -n $NO_LAB ]]; then return; fi
    "$NETLAB" --name "$LAB" down
    rm -rf -- "$XDG_RUNTIME_DIR"
}

setup() {
    if [[ -n $NO_LAB ]]; then skip "no lab here: $NO_LAB"; fi
    common_setup
    need_python
}

teardown() {
    explain_failure
    local pid
    [[ -z $NO_LAB ]] || return 0
    for pid in $(own_processes); do kill -CONT "$pid" 2>/dev/null || true; done
    end_job
}

# lab N ARGUMENT...: the program with N ranks on each of the two nodes.
lab() {
    local n=$1
    shift
    timeout -k 5 "$PATIENCE" "$NETLAB" --name "$LAB" run -n "$n" -- "$XFERBENCH" "$@" </dev/null
}

REMOTE='[
    {"paths": ["gpu->gpu@remote", "host->host@remote"], "sizes": [1, 1000003], "methods": [
        "mpi", {"name": "host-staged", "chunk": "size", "depth": 1}, {"name": "host-staged", "chunk": "size/5", "depth": 3}]},
    {"pattern": "pingpong", "paths": ["gpu->gpu@remote"], "sizes": 8, "methods": ["mpi", "host-staged"]},
    {"pattern": "bidirectional", "paths": ["gpu->gpu@remote"], "sizes": "64KiB", "window": 4, "methods": ["mpi", "host-staged"]},
    {"paths": ["gpu->gpu@remote"], "sizes": 4099, "src_offset": 1, "dst_offset": 3, "methods": ["mpi", "host-staged"]},
    {"paths": ["gpu->gpu@node"], "sizes": "64KiB", "methods": ["p2p", "mpi", "host-staged"]},
    {"paths": ["gpu->gpu@remote"], "sizes": 8, "window": 2, "methods": ["mpi", "p2p", "direct"]}]'

check_remote() {
    validate_report "$1"
    assert_report "$1" 'r["status"] == "ok"' 'len(r["topology"]["nodes"]) == 2' \
        '[n["host"] for n in r["topology"]["nodes"]] == ["n1", "n2"]' \
        '[n["host"] for n in r["environment"]["nodes"]] == ["n1", "n2"]' \
        'all(c["verify"]["checked_bytes"] >= c["key"]["bytes"] * len(c["lanes"]) for c in ok)' \
        '[c["key"]["method"] for c in cases if c["key"]["locality"] == "remote" and c["status"] != "ok"] == ["p2p", "direct"]' \
        'all("does not do the path" in c["reason"] for c in cases[-2:])'
}

@test "one rank on each of two nodes: remote paths carry right bytes" {
    scenario s.json "$REMOTE"
    run -0 --separate-stderr lab 1 run s.json -o r.json --case-timeout 300
    check_remote r.json
    assert_report r.json '[x["host"] for x in r["topology"]["ranks"]] == ["n1", "n2"]' \
        'all(ranks(c)[0] == (0, 1) for c in ok)' \
        'all(c["status"] == "skipped" and "needs two ranks on one node; this job has 2 ranks on 2 nodes" in c["reason"] for c in cases if c["key"]["locality"] == "node")'
    assert_only_files s.json r.json
}

@test "two ranks on each of two nodes: remote paths and those within the node" {
    scenario s.json "$REMOTE"
    run -0 --separate-stderr lab 2 run s.json -o r.json --case-timeout 300
    check_remote r.json
    assert_report r.json '[x["host"] for x in r["topology"]["ranks"]] == ["n1", "n1", "n2", "n2"]' \
        '[n["ranks"] for n in r["topology"]["nodes"]] == [[0, 1], [2, 3]]' \
        'all(c["status"] == "ok" and ranks(c) == [(0, 1)] for c in cases if c["key"]["locality"] == "node")' \
        'all(ranks(c)[0] == (0, 2) for c in ok if c["key"]["locality"] == "remote")'
}

@test "pairs across two nodes: the k-th rank of one sends to the k-th of the other" {
    scenario s.json '[{"pattern": "pairs", "paths": ["gpu->gpu@remote", "host->gpu@remote"], "sizes": [8, "64KiB"], "methods": ["mpi"]},
        {"pattern": "pairs", "paths": ["gpu->gpu@remote"], "sizes": "64KiB", "window": 4, "methods": ["host-staged"]},
        {"pattern": "pairs", "paths": ["gpu->gpu@node"], "sizes": "64KiB", "methods": ["p2p"]}]'
    run -0 --separate-stderr lab 2 run s.json -o r.json --case-timeout 300
    validate_report r.json
    assert_report r.json 'len(ok) == len(cases) == 6' \
        'all(ranks(c) == ([(0, 2), (1, 3)] if c["key"]["locality"] == "remote" else [(0, 1), (2, 3)]) for c in cases)' \
        'all(c["concurrent"] == 2 for c in cases)'
}

@test "patterns of the whole job: across nodes, and on each node by itself" {
    scenario s.json '[{"pattern": ["ring", "fan-in", "fan-out", "bisection", "alltoall"], "paths": ["gpu->gpu@remote", "gpu->gpu@node"],
            "sizes": 4099, "methods": ["mpi", "host-staged"]},
        {"pattern": "alltoall", "paths": ["gpu->gpu@remote"], "sizes": 4099, "methods": ["mpi"], "contention": "all"}]'
    run -0 --separate-stderr lab 2 run s.json -o r.json --case-timeout 300
    check_report r.json
    assert_report r.json 'len(ok) == len(cases) == 21' \
        'all(sorted(set(ranks(c))) == [(a, b) for a in range(4) for b in range(4) if (a // 2 == b // 2) == (c["key"]["locality"] == "node") and a != b]
            for c in cases if c["key"]["pattern"] not in ("ring", "bisection"))' \
        'all(ranks(c) == [(0, 2), (1, 3), (2, 0), (3, 1)] for c in cases if c["key"]["pattern"] == "ring" and c["key"]["locality"] == "remote")' \
        'all(ranks(c) == [(0, 1), (1, 0), (2, 3), (3, 2)] for c in cases if c["key"]["pattern"] == "ring" and c["key"]["locality"] == "node")' \
        'all(ranks(c) == [(0, 2), (1, 3), (2, 0), (3, 1)] for c in cases if c["key"]["pattern"] == "bisection" and c["key"]["locality"] == "remote")' \
        'all(ranks(c) == [(0, 1), (2, 3), (1, 0), (3, 2)] for c in cases if c["key"]["pattern"] == "bisection" and c["key"]["locality"] == "node")' \
        '[l["contention"] is None for l in lanes(cases[-1])] == [True] * 8 + [False] * 8'
}

@test "a traffic over two nodes: within them and between them, each lane with its own bytes" {
    printf '%s\n' '0 64KiB 12KiB 0' '5 0 0 4099' '0 0 0 7' '1KiB 0 0 0' >traffic.txt
    scenario s.json '[{"pattern": "neighbour", "traffic": "traffic.txt", "paths": ["gpu->gpu@node", "gpu->gpu@remote"], "methods": ["mpi", "host-staged"]}]'
    run -0 --separate-stderr lab 2 run s.json -o r.json --case-timeout 300
    check_report r.json
    assert_report r.json 'len(ok) == len(cases) == 4' \
        'all([(a, b, l["bytes"]) for (a, b), l in zip(ranks(c), lanes(c))] == [(0, 1, 65536), (1, 0, 5), (2, 3, 7)] for c in cases if c["key"]["locality"] == "node")' \
        'all([(a, b, l["bytes"]) for (a, b), l in zip(ranks(c), lanes(c))] == [(0, 2, 12288), (1, 3, 4099), (3, 0, 1024)] for c in cases if c["key"]["locality"] == "remote")' \
        'all(c["warning"] == "left out of the traffic: 3 lanes " + ("between nodes" if c["key"]["locality"] == "node" else "within nodes") for c in cases)'
    run -4 --separate-stderr lab 2 run --pattern neighbour --traffic 0-2:12KiB,1-3:4099,3-0:5 --path 'gpu->gpu@remote' --method null \
        --option corrupt=4 --option rank=3 --device cpu -o wrong.json --passes 1
    assert_report wrong.json '[(l["status"], l["verify"]["first_bad_offset"]) for l in lanes(cases[0])] == [("ok", None), ("ok", None), ("corrupt", 4)]'
}

@test "collectives of each node, of all ranks, and of the k-th ranks of all nodes" {
    scenario s.json '[{"pattern": "collective", "paths": ["host->host@node", "host->host@remote"], "sizes": 9600, "methods": [
            {"name": "mpi", "transfer": ["all-gather", "all-to-all", "broadcast", "gather", "scatter"]},
            {"name": "mpi", "transfer": ["all-reduce", "reduce-scatter", "reduce"], "datatype": ["uint64", "float"]}]},
        {"pattern": "collective-places", "paths": ["gpu->gpu@remote"], "sizes": 9600, "methods": [
            {"name": "mpi", "transfer": ["all-gather", "all-to-all", "broadcast", "gather", "scatter", "all-reduce", "reduce-scatter", "reduce"]}]}]'
    run -0 --separate-stderr lab 2 run s.json -o r.json --case-timeout 300
    validate_report r.json
    assert_report r.json 'len(ok) == len(cases) == 30' 'all(c["verify"]["wrong_bytes"] == 0 and c["verify"]["stamped_batches"] > 0 for c in cases)' \
        'all(ranks(c) == [(0, 1), (1, 0), (2, 3), (3, 2)] for c in cases if c["key"]["locality"] == "node")' \
        'all(ranks(c) == [(0, 1), (1, 2), (2, 3), (3, 0)] for c in cases if c["key"]["pattern"] == "collective" and c["key"]["locality"] == "remote")' \
        'all(ranks(c) == [(0, 2), (2, 0), (1, 3), (3, 1)] for c in cases if c["key"]["pattern"] == "collective-places")' \
        'all(c["concurrent"] == (1 if c["key"]["pattern"] == "collective" and c["key"]["locality"] == "remote" else 2) for c in cases)' \
        'all(c["transfer_bytes"] == 9600 * (3 / 4 if c["concurrent"] == 1 else 1 / 2) for c in cases if c["key"]["options"]["transfer"] == "all-gather")' \
        'all(abs(c["bandwidth_gb_per_s"]["median"] - c["transfer_bytes"] * c["concurrent"] / c["time_us"]["median"] * 1e-3) <= 1e-3 * c["bandwidth_gb_per_s"]["median"] + 1e-6 for c in cases)'
    # a sum that lacks a rank of its own group is wrong, in every group
    XFERBENCH=$XB_BUILDDIR/tests/cli/wrong_sum
    run -4 --separate-stderr lab 2 run s.json -o wrong.json --case-timeout 300 --set 'cases[0].methods=[{"name": "mpi", "transfer": "all-reduce", "datatype": "float"}]' \
        --set 'cases[1].methods=[{"name": "mpi", "transfer": "all-reduce", "datatype": "float"}]'
    assert_report wrong.json '[c["status"] for c in cases] == ["corrupt"] * 3' 'all(l["verify"]["wrong_bytes"] > 0 for c in cases for l in lanes(c))'
}

@test "NCCL's collectives of groups: a communicator for each, made once" {
    # shellcheck disable=SC2034 # common.bash reads it
    XFERBENCH=$XB_BUILDDIR/tests/cli/nccl_fails
    scenario s.json '[{"pattern": "collective", "paths": ["gpu->gpu@node", "gpu->gpu@remote"], "sizes": 9600, "methods": [
            {"name": "nccl", "transfer": ["all-reduce", "all-gather", "reduce-scatter", "all-to-all", "broadcast", "reduce", "gather", "scatter"]}]},
        {"pattern": "collective-places", "paths": ["gpu->gpu@remote"], "sizes": 9600, "methods": [
            {"name": "nccl", "transfer": ["all-reduce", "all-gather", "reduce-scatter", "all-to-all", "broadcast", "reduce", "gather", "scatter"]}]},
        {"paths": ["gpu->gpu@remote"], "sizes": 9600, "methods": ["nccl"]}]'
    run --separate-stderr lab 2 run s.json -o r.json --case-timeout 300
    if grep -q 'this build has no NCCL' r.json; then skip "this build has no NCCL"; fi
    validate_report r.json
    assert_report r.json 'len(ok) == len(cases) == 25' 'all(c["verify"]["wrong_bytes"] == 0 and c["verify"]["stamped_batches"] > 0 for c in cases)' \
        '[c["concurrent"] for c in cases] == [2] * 8 + [1] * 8 + [2] * 8 + [1]'
    # of all ranks, of the node, and of the place
    [[ $(grep -c '^nccl: made ' <<<"$stderr") == 12 && $stderr != *'nccl: aborted'* ]]
}

@test "two nodes with four ranks each: every ordered pair, alone and in rounds" {
    scenario s.json '[{"pattern": "matrix", "paths": ["gpu->gpu@remote"], "sizes": "4KiB", "methods": ["mpi", "host-staged"]},
        {"pairs": "rounds", "paths": ["gpu->gpu@remote"], "sizes": "4KiB", "methods": ["mpi", "host-staged"]},
        {"pattern": "matrix", "paths": ["gpu->gpu@node"], "sizes": "4KiB", "methods": ["p2p"]},
        {"pairs": "rounds", "paths": ["gpu->gpu@node"], "sizes": "4KiB", "methods": ["p2p"]},
        {"paths": ["gpu->gpu@node", "gpu->gpu@remote", "host->gpu"], "sizes": "4KiB", "methods": ["mpi"]}]'
    # Eight ranks that wait for each other on fewer cores. Beside as many others of that kind some
    # have been seen to be ready for two minutes and not to run; no case's time is looked at here.
    run -0 --separate-stderr lab 4 run s.json -o r.json --case-timeout 300 \
        --set sampling.min_samples=2 --set sampling.max_samples=3
    # Between the nodes 8 rounds of 4 pairs, within them 6 rounds of 2 on each.
    assert_report r.json '[len(lanes(c)) for c in ok[:6]] == [32, 32, 32, 32, 24, 24]' \
        '[len(lanes(c)) for c in cases[6:] if c["status"] == "ok"] == [1, 1]' \
        'all(sorted((l["src_rank"], l["dst_rank"]) for l in lanes(c)) == [(a, b) for a in range(8) for b in range(8) if (a // 4 != b // 4) == (c["key"]["locality"] == "remote") and a != b] for c in cases[:6])' \
        'all(len({r for l in lanes(c)[i:i + 4] for r in (l["src_rank"], l["dst_rank"])}) == 8 for c in cases[2:4] + cases[5:6] for i in range(0, len(lanes(c)), 4))' \
        'all(c["verify"]["checked_bytes"] >= 4096 * len(lanes(c)) for c in cases[:6])'
}

# Both nodes are one machine. So one of them gets a clock of its own, 1,000 s ahead.
@test "a trace between nodes is on one clock, and says how well it is known" {
    scenario s.json '[{"paths": ["gpu->gpu@remote"], "sizes": "1MiB", "methods": [{"name": "host-staged", "chunk": "128KiB", "depth": 3}]}]'
    XFERBENCH=$XB_BUILDDIR/tests/cli/clock_jumps
    export XB_JUMP=all XB_JUMP_S=1000 XB_JUMP_RANK=1 XB_JUMP_AT=0
    run -0 --separate-stderr lab 1 run s.json -o r.json --trace t.json --case-timeout 300
    "$PYTHON" - <<'EOF'
import json
events = json.load(open("t.json"))["traceEvents"]
bars = [e for e in events if e["ph"] == "X"]
names = {e["tid"]: e["args"]["name"] for e in events if e["name"] == "thread_name"}
of = lambda rank: [b for b in bars if names[b["tid"]].startswith("rank %d " % rank)]
assert len(of(0)) == len(of(1)) == 16, names # 8 chunks, each in a copy and a message at both ends
assert all("args" not in b for b in of(0))
errors = {b["args"]["clock_error_us"] for b in of(1)}
assert len(errors) == 1 and 0 < max(errors) < 1e6, errors
error = max(errors)
for k in range(8):
    mine = [sorted((b for b in of(r) if b["name"] == "chunk %d" % k), key=lambda b: b["tid"]) for r in (0, 1)]
    # A chunk is copied in before it is copied out. When its message was posted its bar may not say: it
    # begins when the one before it was seen to be gone.
    left, there = mine[0][0], mine[1][-1]
    assert left["ts"] <= there["ts"] + there["dur"] + error, (k, left, there, error)
span = max(b["ts"] + b["dur"] for b in bars) - min(b["ts"] for b in bars)
assert span < 500e6, span
EOF
}

@test "info names both nodes" {
    run -0 --separate-stderr lab 2 info --device cpu
    assert_has "$output" "ranks: 4 on 2 nodes"
    [[ $(awk '$1 ~ /^[0-9]+$/ && NF > 5 {print $2, $3}' <<<"$output" | xargs) == "0 n1 0 n1 1 n2 1 n2" ]]
    # which MPI was told to use; what else the machine has the node does not
    [[ $(awk '$1 ~ /^[0-9]+$/ && NF > 5 {print $NF}' <<<"$output" | sort -u) == lab0 ]]
}

@test "the interface's counters see what crosses it, and what was lost and had to cross it again" {
    if ! command -v nft >/dev/null; then skip "needs nftables: no command 'nft'"; fi
    scenario s.json '[{"paths": ["host->host@remote"], "sizes": "4MiB", "methods": ["mpi", "host-staged"]}]'
    run -0 --separate-stderr lab 1 run s.json -o r.json --case-timeout 300
    # headers and acknowledgements beside the bytes; a virtual interface says no speed that is true
    assert_report r.json 'len(ok) == len(cases) == 2' 'all(c["ceiling_gb_per_s"] is None for c in cases)' \
        'all(0.98 < c["carried_by"][w] < 1.5 for c in ok for w in ("nic_tx", "nic_rx"))'
    "$NETLAB" --name "$LAB" shape n2 loss 10%
    run --separate-stderr lab 1 run s.json -o lossy.json --case-timeout 300
    "$NETLAB" --name "$LAB" shape n2 none
    assert_status 0
    # Of ten bytes one and more is sent twice; headers are a sixtieth. How long it takes is chance: most of what is
    # lost is sent again at once, and other work on the machine may cost as much.
    assert_report lossy.json 'len(ok) == 2' 'max(c["carried_by"][w] for c in ok for w in ("nic_tx", "nic_rx")) > 1.04'
}

@test "a failure on the other node fails the case alone and names the host" {
    null_scenario s.json 'host->host@remote' '"fail": "wait"' '"fail": "probe"' ''
    run --separate-stderr lab 1 run s.json -o r.json
    assert_status 1
    validate_report r.json
    assert_report r.json '[c["status"] for c in cases] == ["failed", "skipped", "ok"]' \
        'cases[0]["reason"] == "rank 1 (n2): injected failure in wait"' \
        'cases[1]["reason"] == "rank 1 (n2): injected failure in probe"'
}

# in_the_lab RANK SIGNAL: two ranks on each of two nodes, and the signal to one of them in the second
# case, which takes long; leaves status, output and stderr.
in_the_lab() {
    local pid found=
    null_scenario s.json 'host->host@node' '' '"delay": "20s"'
    timeout -k 5 "$PATIENCE" "$NETLAB" --name "$LAB" run -n 2 -- "$XFERBENCH" run s.json -o r.json </dev/null >out 2>err 3>&- &
    job=$!
    wait_for 100 has_lines r.json.journal 2
    for pid in $(own_processes); do
        if tr '\0' '\n' <"/proc/$pid/environ" | grep -qx "OMPI_COMM_WORLD_RANK=$1"; then found=$pid; fi
    done
    kill -s "$2" "$found"
    wait_job
}

# bats test_tags=long
@test "a rank that is stopped on either node is named, and so is one that is told to end" {
    local rank
    export XFERBENCH_PATIENCE=4
    for rank in 3 0; do
        in_the_lab "$rank" STOP
        assert_status 5
        grep -qE "rank $rank \(n$((rank / 2 + 1)), process [0-9]+\) is stopped" <<<"$stderr"
        assert_report r.json 'r["status"] == "interrupted"' 'len(ok) == 1'
        rm r.json
        assert_no_processes
    done
    in_the_lab 2 STOP # who speaks for its node
    assert_status 5
    assert_has "$stderr" "rank 2 (n2, " "its node does not answer" "partial report in r.json"
    rm r.json
    in_the_lab 3 TERM
    assert_status 5
    assert_has "$stderr" "SIGTERM at rank 3 (n2, " "interrupted; partial report in r.json"
    assert_no_processes
}

@test "tune finds chunk and depth for transfers that are staged over the network" {
    cat >s.json <<EOT
{"name": "s", "device": "cpu", "sampling": {"min_samples": 6, "max_samples": 8, "max_time": "20ms", "warmup": "0s"},
 "cases": [{"paths": ["gpu->gpu@remote"], "sizes": ["64KiB", "1MiB"], "methods": ["host-staged", "mpi"]}]}
EOT
    run -0 --separate-stderr lab 1 tune s.json -o tuned.json --report all.json -q
    validate_report all.json
    "$PYTHON" - <<'EOT'
import json
cases, policy = json.load(open("all.json"))["cases"], json.load(open("tuned.json"))
tried = {size: {(c["key"]["chunk_bytes"], c["key"]["depth"]) for c in cases
                if c["status"] == "ok" and c["key"]["method"] == "host-staged" and c["key"]["bytes"] == size}
         for size in (65536, 1 << 20)}
for p in policy["source"]["pipelines"]:
    assert p["method"] == "host-staged" and p["locality"] == "remote"
    assert (p["chunk_bytes"], p["depth"]) in tried[p["bytes"]]
assert [p["bytes"] for p in policy["source"]["pipelines"]] == [65536, 1 << 20]
assert len(tried[1 << 20]) >= 2, tried # how many more depends on what they take
assert all(r["locality"] == "remote" for r in policy["rules"]) and policy["rules"]
stages = [c["pipeline"]["stages"] for c in cases if c["status"] == "ok" and c["key"]["method"] == "host-staged"]
assert all([s["name"] for s in x] == ["copy-in", "message", "copy-out"] for x in stages), stages
EOT
}
