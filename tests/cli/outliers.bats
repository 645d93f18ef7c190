#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Who is slow: a GPU as a GPU, a link as a link, a node as a node, and nobody else.
#
# A transfer takes 10 ms here, of who is slow 40: a busy machine makes
# neither half as long again.

# shellcheck disable=SC2154 # bats' run and common.bash set them

load common

setup() {
    common_setup
    need_python
    XFERBENCH=$XB_BUILDDIR/tests/cli/slowed
    export XB_SLOW_US=40000 XB_USUAL_US=10000
}

# two_cases FILE PATTERN PATH [LIMITS]: two cases.
two_cases() {
    cat >"$1" <<EOT
{"name": "t", "device": "cpu", "outliers": {"off": 1, "again": 2${4:+, $4}},
 "sampling": {"min_samples": 3, "max_samples": 3, "max_time": "50ms", "warmup": "0s", "passes": 1},
 "cases": [{"pattern": "$2", "paths": ["$3"], "sizes": ["4KiB", "8KiB"], "methods": ["p2p"]}]}
EOT
}

@test "a slow GPU is named as a GPU, above the table, and was measured again" {
    two_cases s.json matrix 'gpu->gpu@node'
    XB_SLOW_GPU=2 run -0 --separate-stderr xrun 4 run s.json -o r.json --case-timeout 300
    validate_report r.json
    assert_report r.json '[(o["kind"], o["direction"], o["than"]) for o in r["outliers"]] == [("gpu", "both", "others")]' \
        '[e["rank"] for e in r["outliers"][0]["ends"]] == [2]' \
        'r["outliers"][0]["ends"][0]["host"] == r["topology"]["ranks"][2]["host"]' \
        '[c["id"] for c in r["outliers"][0]["cases"]] == [c["id"] for c in cases]' \
        'all(0.15 < c["ratio"] < 0.5 and 0.15 < c["again_ratio"] < 0.5 for c in r["outliers"][0]["cases"])' \
        'r["outliers"][0]["cases_compared"] == r["outliers"][0]["measured_again"] == r["outliers"][0]["seen_again"] == 2'
    [[ ${lines[0]} == "slow: GPU (rank 2, "*"): over "*" of what others reach ("*"), in 2 of 2 cases, again in 2 of 2" ]]
    assert_has "$stderr" "slower than others of their kind: 1; cases to measure again: 2"
    run -0 --separate-stderr "$XFERBENCH" report --format markdown r.json
    assert_has "$output" "slow: GPU (rank 2, "
    run -0 --separate-stderr "$XFERBENCH" report --format csv r.json
    [[ $output != *slow:* ]]
    run -0 --separate-stderr "$XFERBENCH" report --anonymize -o a.json r.json
    validate_report a.json
    assert_report a.json 'r["outliers"][0]["ends"][0]["host"] == r["topology"]["ranks"][2]["host"]'
}

@test "a slow link is named as a link, also in a ring, and one way" {
    two_cases s.json matrix 'gpu->gpu@node'
    XB_SLOW_LANE=3,1 run -0 --separate-stderr xrun 4 run s.json -o r.json --case-timeout 300
    assert_report r.json '[(o["kind"], o["direction"], [e["rank"] for e in o["ends"]]) for o in r["outliers"]] == [("link", "send", [3, 1])]'
    [[ ${lines[0]} == "slow: link (rank 3, "*") -> (rank 1, "* ]]
    two_cases s.json ring 'gpu->gpu@node'
    XB_SLOW_LANE=1,2 run -0 --separate-stderr xrun 4 run s.json -o ring.json --case-timeout 300
    assert_report ring.json '[(o["kind"], [e["rank"] for e in o["ends"]]) for o in r["outliers"]] == [("link", [1, 2])]'
}

@test "without a slow one nobody is named, nor where lanes share what they end in" {
    two_cases s.json matrix 'gpu->gpu@node'
    run -0 --separate-stderr xrun 4 run s.json -o r.json --case-timeout 300
    assert_report r.json 'r["outliers"] == []'
    [[ $output != *slow:* ]]
    two_cases s.json fan-in 'gpu->gpu@node'
    XB_SLOW_GPU=2 run -0 --separate-stderr xrun 4 run s.json -o in.json --case-timeout 300
    assert_report in.json 'r["outliers"] == []'
}

@test "no time to measure again is said, and the limits are the scenario's" {
    two_cases s.json matrix 'gpu->gpu@node'
    XB_SLOW_GPU=2 run -0 --separate-stderr xrun 4 run s.json -o r.json --case-timeout 300 --set outliers.again=0
    assert_report r.json '[o["measured_again"] for o in r["outliers"]] == [0]' \
        'all(c["again_ratio"] is None for c in r["outliers"][0]["cases"])'
    [[ ${lines[0]} == *"in 2 of 2 cases, not measured again" ]]
    XB_SLOW_GPU=2 run -0 --separate-stderr xrun 4 run s.json -o off.json --case-timeout 300 --set outliers.off=100
    assert_report off.json 'r["outliers"] == []'
    run -2 --separate-stderr "$XFERBENCH" plan s.json --set outliers.off=0
    assert_has "$stderr" "outliers.off: " "expected"
}

@test "a slow node of four is named as a node, and nothing else" {
    local netlab=$XB_SRCDIR/scripts/netlab why
    if ! why=$("$netlab" check); then skip "no lab here: $why"; fi
    XDG_RUNTIME_DIR=$(mktemp -d /tmp/xbo-test.XXXXXX) # short: Open MPI makes sockets below it
    export XDG_RUNTIME_DIR
    "$netlab" --name o$$ up 4 >/dev/null
    if ! why=$("$netlab" --name o$$ shape n1 rate 400mbit 2>&1); then
        "$netlab" --name o$$ down
        skip "$why"
    fi
    local n
    for n in 2 4; do "$netlab" --name o$$ shape n$n rate 400mbit; done
    "$netlab" --name o$$ shape n3 rate 40mbit
    cat >s.json <<'EOT'
{"name": "t", "device": "cpu", "outliers": {"off": 1},
 "sampling": {"min_samples": 3, "max_samples": 3, "max_time": "20ms", "warmup": "0s", "passes": 1},
 "cases": [{"pattern": "matrix", "paths": ["host->host@remote"], "sizes": "1MiB", "methods": ["mpi"]}]}
EOT
    XFERBENCH=$XB_BUILDDIR/xferbench
    run --separate-stderr timeout -k 5 "$PATIENCE" "$netlab" --name o$$ run -n 1 -- "$XFERBENCH" run s.json -o r.json --case-timeout 300 </dev/null
    "$netlab" --name o$$ down
    rm -rf -- "$XDG_RUNTIME_DIR"
    assert_status 0
    validate_report r.json
    assert_report r.json '[(o["kind"], [e["host"] for e in o["ends"]]) for o in r["outliers"]] == [("node", ["n3"])]' \
        'r["outliers"][0]["ends"][0]["rank"] is None' 'r["outliers"][0]["link_class"] == "other-node"'
}
