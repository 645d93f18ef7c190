#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Every pair of ranks: alone, in rounds, together; and what goes wrong with one of them stays there.

# shellcheck disable=SC2154 # bats' run and common.bash set them

load common

setup() {
    common_setup
    need_python
}

# matrix_scenario FILE PAIRS METHODS [KEYS]: one group between the GPUs of a node, 4 KiB each.
matrix_scenario() {
    scenario "$1" "[{\"pairs\": $2, \"paths\": [\"gpu->gpu@node\"], \"sizes\": \"4KiB\", \"methods\": $3${4:+, $4}}]"
}

# assert_slow_lanes LANES: a list of [source, destination] for lanes that are slow in every case of
# r.json. There no transfer is quicker than XB_SLOW_US; elsewhere the quickest is, also on a machine
# that is busy.
assert_slow_lanes() {
    assert_report r.json 'all(c["status"] == "ok" for c in cases)' \
        "all((l['time_us']['min'] >= $XB_SLOW_US) == ([l['src_rank'], l['dst_rank']] in $1) for c in cases for l in lanes(c))"
}

ALL='[(a, b) for a in range(4) for b in range(4) if a != b]'

# assert_pairs FILE LIST: the lanes of every case are these, in this order.
assert_pairs() {
    assert_report "$1" "all([(l['src_rank'], l['dst_rank']) for l in lanes(c)] == $2 for c in cases)"
}

@test "matrix: every ordered pair has its times and its right bytes" {
    scenario s.json '[{"pattern": "matrix", "paths": ["gpu->gpu@node"], "sizes": "4KiB",
        "methods": ["p2p", "mpi", "host-staged", "zero-copy"]}]'
    run -0 --separate-stderr xrun 4 run s.json -o r.json
    assert_report r.json '[c["status"] for c in cases] == ["ok"] * 4' \
        'all(c["verify"]["checked_bytes"] >= 12 * 4096 and c["verify"]["wrong_bytes"] == 0 for c in cases)' \
        'all(c["id"].endswith("/pairs=each") for c in cases)'
    assert_pairs r.json "$ALL"
    assert_report r.json 'all(l["status"] == "ok" and l["reason"] is None for c in cases for l in lanes(c))' \
        'all(l["time_us"]["median"] > 0 for c in cases for l in lanes(c))' \
        'all(l["verify"]["checked_bytes"] >= 4096 and l["verify"]["wrong_bytes"] == 0 for c in cases for l in lanes(c))'
}

@test "lanes that are slow show as such, and no others" {
    matrix_scenario s.json '"each"' '[{"name": "null", "delay": "80ms", "rank": 2}]'
    run -0 --separate-stderr xrun 4 run s.json -o r.json --case-timeout 300
    XB_SLOW_US=80000 assert_slow_lanes '[[2, 0], [2, 1], [2, 3]]'
}

@test "a slow GPU shows as its row and its column, a slow lane as its cell, and nowhere else" {
    matrix_scenario s.json '"each"' '["p2p", "host-staged", "mpi"]'
    XFERBENCH=$XB_BUILDDIR/tests/cli/slowed
    export XB_SLOW_US=80000
    XB_SLOW_GPU=2 run -0 --separate-stderr xrun 4 run s.json --matrix -o r.json --case-timeout 300
    [[ $(grep -c '^from . to ' <<<"$output") == 3 ]] # a matrix for each
    assert_slow_lanes '[[0, 2], [1, 2], [3, 2], [2, 0], [2, 1], [2, 3]]'
    XB_SLOW_LANE=3,1 run -0 --separate-stderr xrun 4 run s.json -o r.json --force --case-timeout 300
    assert_slow_lanes '[[3, 1]]'
    [[ $(grep -c '^ *[0-9]*.iB .* 3->1' <<<"$output") == 3 ]] # the slowest of the three rows
}

@test "lanes with wrong bytes are corrupt, and no others" {
    local pairs
    for pairs in each rounds; do
        matrix_scenario s.json "\"$pairs\"" '[{"name": "null", "corrupt": 77, "rank": 1}]'
        run -4 --separate-stderr xrun 4 run s.json -o "$pairs.json"
        assert_report "$pairs.json" 'cases[0]["status"] == "corrupt"' \
            'cases[0]["verify"]["wrong_bytes"] == 3' 'cases[0]["verify"]["first_bad_offset"] == 77' \
            '": untimed transfer: 1 of 4096 bytes wrong, the first at offset 77" in cases[0]["reason"]' \
            'cases[0]["reason"].startswith("1->")'
        assert_report "$pairs.json" 'all((l["status"] == "corrupt") == (l["src_rank"] == 1) for l in lanes(cases[0]))' \
            'all(l["status"] == "ok" and l["time_us"]["median"] > 0 for l in lanes(cases[0]) if l["src_rank"] != 1)' \
            'all(l["verify"]["wrong_bytes"] == (l["src_rank"] == 1) for l in lanes(cases[0]))'
    done
}

@test "lanes that cannot be are skipped, and no others" {
    local pairs
    for pairs in each rounds; do
        matrix_scenario s.json "\"$pairs\"" '[{"name": "null", "fail": "probe", "rank": 3}, {"name": "null", "fail": "probe"}]'
        run -0 --separate-stderr xrun 4 run s.json -o "$pairs.json"
        assert_report "$pairs.json" '[c["status"] for c in cases] == ["ok", "skipped"]' \
            'cases[0]["verify"]["checked_bytes"] == 9 * 4096' \
            '"injected failure in probe" in cases[1]["reason"]'
        assert_report "$pairs.json" 'all((l["status"] == "skipped") == (l["src_rank"] == 3) for l in lanes(cases[0]))' \
            'all(l["reason"].startswith("rank %d (" % l["dst_rank"]) for l in lanes(cases[0]) if l["src_rank"] == 3)' \
            'all(l["time_us"]["median"] > 0 for l in lanes(cases[0]) if l["src_rank"] != 3)' \
            'all(l["status"] == "skipped" for l in lanes(cases[1]))'
    done
}

@test "lanes that fail end alone: those behind them, and the next case, are measured" {
    local call
    for call in open prepare post wait; do
        scenario s.json "[{\"pairs\": \"each\", \"paths\": [\"gpu->gpu@node\"], \"sizes\": \"4KiB\",
            \"methods\": [{\"name\": \"null\", \"fail\": \"$call\", \"rank\": 1}, \"mpi\", \"host-staged\"]}]"
        run -1 --separate-stderr xrun 4 run s.json -o "$call.json"
        assert_report "$call.json" '[c["status"] for c in cases] == ["failed", "ok", "ok"]' \
            'cases[0]["verify"]["checked_bytes"] == 9 * 4096' \
            "'injected failure in $call' in cases[0]['reason'] and cases[0]['reason'].startswith('1->0: rank 0 (')" \
            'all(c["verify"]["checked_bytes"] >= 12 * 4096 for c in cases[1:])'
        assert_report "$call.json" 'all((l["status"] == "failed") == (l["src_rank"] == 1) for l in lanes(cases[0]))' \
            'all(l["time_us"]["median"] > 0 for l in lanes(cases[0]) if l["src_rank"] != 1)'
    done
}

@test "lanes that never complete end with their time, and those behind them are measured" {
    matrix_scenario s.json '"each"' '[{"name": "null", "hang": "wait", "after": 2, "rank": 0}, "host-staged", "mpi"]'
    run -1 --separate-stderr xrun 4 run s.json -o r.json --case-timeout 5
    assert_report r.json '[c["status"] for c in cases] == ["timeout", "ok", "ok"]' \
        'cases[0]["reason"].startswith("0->1: ")' \
        '"not complete within the case'"'"'s time of 5 s" in cases[0]["reason"]' \
        'all(c["verify"]["checked_bytes"] >= 12 * 4096 for c in cases[1:])'
    assert_report r.json 'all((l["status"] == "timeout") == (l["src_rank"] == 0) for l in lanes(cases[0]))'
}

@test "what lanes that failed have left is freed for those behind them" {
    local pairs
    pairs="[$(printf '[0, 1], %.0s' {1..31})[1, 0]]"
    scenario s.json "[{\"pairs\": $pairs, \"paths\": [\"gpu->gpu@node\"], \"sizes\": \"64MiB\",
        \"methods\": [{\"name\": \"null\", \"fail\": \"wait\", \"rank\": 0}]}]"
    # Kept from lane to lane it would be 2 GiB.
    ulimit -v $((1536 * 1024))
    if ! xb --version >/dev/null 2>&1; then skip "needs a build that can do with little address space"; fi
    run -1 --separate-stderr xrun 3 run s.json -o r.json
    assert_report r.json 'len(lanes(cases[0])) == 32' \
        '[l["status"] for l in lanes(cases[0])] == 31 * ["failed"] + ["ok"]' \
        'all("injected failure in wait" in l["reason"] for l in lanes(cases[0])[:31])'
}

@test "rounds: disjoint pairs are busy together, and a round that fails takes no other" {
    matrix_scenario s.json '"rounds"' '["p2p", "mpi", "host-staged", {"name": "null", "fail": "wait", "rank": 0}]'
    run -1 --separate-stderr xrun 4 run s.json -o r.json
    assert_report r.json '[c["status"] for c in cases] == ["ok", "ok", "ok", "failed"]' \
        "all(sorted((l['src_rank'], l['dst_rank']) for l in lanes(c)) == $ALL for c in cases)" \
        'all(len({r for l in lanes(c)[i:i + 2] for r in (l["src_rank"], l["dst_rank"])}) == 4 for c in cases for i in range(0, 12, 2))' \
        'all(c["verify"]["checked_bytes"] >= 12 * 4096 for c in cases[:3])'
    assert_report r.json 'all(l["time_us"]["median"] > 0 for c in cases[:3] for l in lanes(c))' \
        'all((lanes(cases[3])[i + k]["status"] == "failed") == any(l["src_rank"] == 0 for l in lanes(cases[3])[i:i + 2]) for i in range(0, 12, 2) for k in (0, 1))'
}

@test "a list, pairs together, the first, and one of each class" {
    matrix_scenario list.json '[[0, 3], [2, 1], [0, 3]]' '["p2p", "mpi"]'
    matrix_scenario together.json '"together"' '["p2p", "mpi"]'
    matrix_scenario first.json '"first"' '["p2p", "mpi"]'
    matrix_scenario classes.json '"classes"' '["p2p", "mpi"]'
    local kind
    for kind in list together first classes; do
        run -0 --separate-stderr xrun 4 run "$kind.json" -o "r-$kind.json"
        assert_report "r-$kind.json" 'len(ok) == len(cases) == 2' \
            'all(c["verify"]["checked_bytes"] >= 4096 * len(c["lanes"]) for c in cases)'
    done
    assert_pairs r-list.json '[(0, 3), (2, 1), (0, 3)]'
    assert_pairs r-together.json '[(0, 1), (2, 3)]'
    assert_report r-together.json 'all(c["concurrent"] == 2 for c in cases)'
    assert_pairs r-first.json '[(0, 1)]'
    assert_pairs r-classes.json '[(0, 1)]'
}

@test "a list of ranks that the job has not is skipped with the reason" {
    matrix_scenario s.json '[[0, 1], [0, 4]]' '["p2p"]'
    run --separate-stderr xrun 4 run s.json -o r.json
    assert_status 3
    assert_report r.json 'cases[0]["status"] == "skipped"' \
        'cases[0]["reason"] == "pairs[1] is of ranks 0 and 4; this job has ranks 0 to 3"'
}

@test "two ranks: there and back, each way by itself" {
    local pairs
    for pairs in each rounds; do
        matrix_scenario s.json "\"$pairs\"" '["p2p", "mpi"]'
        run -0 --separate-stderr xrun 2 run s.json -o "$pairs.json"
        assert_report "$pairs.json" 'len(ok) == len(cases) == 2' \
            'all({(l["src_rank"], l["dst_rank"]) for l in lanes(c)} == {(0, 1), (1, 0)} for c in cases)'
    done
}

@test "both directions, and there and back, over pairs" {
    scenario s.json '[
        {"pattern": ["bidirectional", "pingpong"], "pairs": "each", "paths": ["host->gpu@node"], "sizes": "4KiB", "methods": ["mpi"]},
        {"pattern": ["bidirectional", "pingpong"], "pairs": "rounds", "paths": ["host->gpu@node"], "sizes": "4KiB", "methods": ["mpi"]}]'
    run -0 --separate-stderr xrun 4 run s.json -o r.json
    assert_report r.json 'len(ok) == len(cases) == 4' 'all(len(lanes(c)) == 24 for c in cases)' \
        'all((a["src_rank"], a["dst_rank"], a["src"], a["dst"]) == (b["dst_rank"], b["src_rank"], b["dst"], b["src"]) for c in cases for a, b in zip(lanes(c)[0::2], lanes(c)[1::2]))' \
        'all(l["src"] == "host" for c in cases for l in lanes(c)[0::2])' \
        "all(sorted((l['src_rank'], l['dst_rank']) for l in lanes(c)[0::2]) == $ALL for c in cases)" \
        'all(c["verify"]["checked_bytes"] >= 24 * 4096 for c in cases)'
    assert_report r.json 'all(l["time_us"]["median"] > 0 for c in cases for l in lanes(c))' \
        'all(a["time_us"]["median"] == b["time_us"]["median"] for c in cases if c["key"]["pattern"] == "pingpong" for a, b in zip(lanes(c)[0::2], lanes(c)[1::2]))'
}

@test "every rank with itself: one of each node, each alone, all at once" {
    scenario s.json '[{"paths": ["host->gpu"], "sizes": "4KiB", "methods": ["direct"]},
        {"pairs": "each", "paths": ["host->gpu"], "sizes": "4KiB", "methods": ["direct"]},
        {"pairs": "rounds", "paths": ["host->gpu"], "sizes": "4KiB", "methods": ["direct"]}]'
    run -0 --separate-stderr xrun 4 run s.json -o r.json
    assert_report r.json '[[l["src_rank"] for l in lanes(c)] for c in ok] == [[0], [0, 1, 2, 3], [0, 1, 2, 3]]' \
        'all(l["src_rank"] == l["dst_rank"] for c in cases for l in lanes(c))'
}

@test "plan walks a schedule without MPI, also a large one" {
    matrix_scenario node.json '"rounds"' '["p2p"]'
    scenario remote.json '[{"pattern": "matrix", "paths": ["gpu->gpu@remote"], "sizes": 8, "methods": ["mpi"]},
        {"pairs": "rounds", "paths": ["gpu->gpu@remote"], "sizes": 8, "methods": ["mpi"]}]'
    run -0 xb plan node.json --ranks 8 --per-node 4
    assert_has "$output" "/pairs=rounds  -- 24 lanes in 6 rounds"
    run -0 xb plan remote.json --ranks 8 --per-node 4
    assert_has "$output" "/pairs=each  -- 32 lanes in 32 rounds" "/pairs=rounds  -- 32 lanes in 8 rounds"
    run -0 xb plan remote.json --ranks 4096 --per-node 8
    assert_has "$output" "16744448 lanes in 16744448 rounds" "16744448 lanes in 8176 rounds"
}

@test "interrupted in the middle of a case, what its lanes came to is kept, and the case measured again" {
    # the lanes of rank 3, the last ones, take their time
    matrix_scenario s.json '"each"' '[{"name": "null", "delay": "30s", "rank": 3}]'
    start_ranks 4 run s.json -o r.json
    wait_for 120 has_lines r.json.journal 4
    kill -s TERM "$(rank_pid 0)"
    wait_job
    assert_status 5
    validate_report r.json
    assert_report r.json 'r["status"] == "interrupted"' 'cases[0]["status"] == "failed"' \
        '"interrupted behind" in cases[0]["reason"]' '3 <= len(cases[0]["lanes"]) < 12' \
        'all(l["status"] == "ok" and l["time_us"]["median"] > 0 for l in cases[0]["lanes"])'
    run -1 --separate-stderr xrun 4 run s.json -o again.json --resume r.json --case-timeout 4
    assert_report again.json '[l["status"] for l in cases[0]["lanes"]] == ["ok"] * 9 + ["timeout"] * 3'
}
