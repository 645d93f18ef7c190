#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Patterns of the whole job: who is busy at the same time, what all carry together, and what a lane
# loses in company.

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

# assert_rounds FILE PATTERN LIST: the lanes of the pattern's cases, round by round, are these.
assert_rounds() {
    assert_report "$1" "[c for c in cases if c['key']['pattern'] == '$2'] != []" \
        "all([[(l['src_rank'], l['dst_rank']) for l in lanes(c) if l['round'] == n] for n in range(1 + max(l['round'] for l in lanes(c)))] == $3
            for c in cases if c['key']['pattern'] == '$2')"
}

# Bytes of all lanes over the time to the end of the slowest are the rate; a round's too.
RATES='all(abs(c["bandwidth_gb_per_s"]["median"] - c["key"]["bytes"] * c["concurrent"] / c["time_us"]["median"] * 1e-3)
    <= 1e-3 * c["bandwidth_gb_per_s"]["median"] for c in ok)'
ROUND_RATES='all(abs(n["gb_per_s"] - c["key"]["bytes"] * n["concurrent"] / n["time_us"]["median"] * 1e-3) <= 1e-3 * n["gb_per_s"]
    for c in ok for n in c["rounds"])'

@test "each pattern of four ranks has its lanes in its rounds, and right bytes" {
    scenario s.json '[{"pattern": ["ring", "fan-in", "fan-out", "bisection", "alltoall"], "paths": ["gpu->gpu@node"],
        "sizes": 4099, "methods": ["p2p", "mpi", "host-staged", "zero-copy"]}]'
    run -0 --separate-stderr xrun 4 run s.json -o r.json
    check_report r.json
    assert_report r.json 'len(ok) == len(cases) == 20' 'all(c["key"]["pairs"] is None for c in cases)' \
        'all(c["verify"]["wrong_bytes"] == 0 and l["verify"]["checked_bytes"] >= 4099 for c in cases for l in lanes(c))' \
        "$RATES" "$ROUND_RATES" \
        'all(c["concurrent"] == {"ring": 4, "fan-in": 3, "fan-out": 3, "bisection": 2, "alltoall": 12}[c["key"]["pattern"]] for c in cases)' \
        'all(l["contention"] is None and l["company"] is None for c in cases for l in lanes(c))'
    assert_rounds r.json ring '[[(0, 1), (1, 2), (2, 3), (3, 0)]]'
    assert_rounds r.json fan-in '[[(1, 0), (2, 0), (3, 0)], [(2, 1), (3, 1), (0, 1)], [(3, 2), (0, 2), (1, 2)], [(0, 3), (1, 3), (2, 3)]]'
    assert_rounds r.json fan-out '[[(0, 1), (0, 2), (0, 3)], [(1, 2), (1, 3), (1, 0)], [(2, 3), (2, 0), (2, 1)], [(3, 0), (3, 1), (3, 2)]]'
    assert_report r.json 'all({(l["src_rank"], l["dst_rank"]) for l in lanes(c)} == {(a, b) for a in range(4) for b in range(4) if a != b}
        for c in cases if c["key"]["pattern"] == "alltoall")'
    # the round in the middle, and of a bisection the worst
    assert_report r.json 'all(len(c["rounds"]) == {"ring": 0, "alltoall": 0, "bisection": 6}.get(c["key"]["pattern"], 4) for c in cases)' \
        'all(c["slowest_round"] is None or c["rounds"][c["slowest_round"]]["gb_per_s"] == min(n["gb_per_s"] for n in c["rounds"]) for c in cases)' \
        'all(c["time_us"]["median"] == c["rounds"][c["slowest_round"]]["time_us"]["median"] for c in cases if c["key"]["pattern"] == "bisection")' \
        'all(abs(sorted(n["gb_per_s"] for n in c["rounds"])[1] / c["bandwidth_gb_per_s"]["median"] - 1) < 1e-3 for c in cases if c["key"]["pattern"].startswith("fan"))'
}

@test "the rate of all is to the end of the slowest lane, which is named" {
    scenario s.json '[{"pattern": ["alltoall", "fan-in"], "paths": ["gpu->gpu@node"], "sizes": "4KiB", "methods": ["p2p"]}]'
    XFERBENCH=$XB_BUILDDIR/tests/cli/slowed
    XB_SLOW_US=80000 XB_SLOW_LANE=2,1 run -0 --separate-stderr xrun 3 run s.json -o r.json --case-timeout 300
    assert_report r.json 'len(ok) == 2' 'all(lanes(c)[c["slowest_lane"]]["src_rank"] == 2 and lanes(c)[c["slowest_lane"]]["dst_rank"] == 1 for c in cases)' \
        '[c["time_us"]["min"] >= 80000 for c in cases] == [True, False]' \
        'cases[1]["rounds"][1]["time_us"]["min"] >= 80000' 'cases[1]["slowest_round"] == 1' \
        'all((l["time_us"]["min"] >= 80000) == ((l["src_rank"], l["dst_rank"]) == (2, 1)) for c in cases for l in lanes(c))'
}

@test "a lane with wrong bytes is corrupt in company too, and no other" {
    scenario s.json '[{"pattern": ["alltoall", "fan-in", "fan-out"], "paths": ["gpu->gpu@node"], "sizes": "4KiB",
        "methods": [{"name": "null", "corrupt": 77, "rank": 1}]}]'
    run -4 --separate-stderr xrun 3 run s.json -o r.json
    assert_report r.json '[c["status"] for c in cases] == ["corrupt"] * 3' \
        'all((l["status"] == "corrupt") == (l["src_rank"] == 1) for c in cases for l in lanes(c))' \
        'all(l["verify"]["wrong_bytes"] == (l["src_rank"] == 1) for c in cases for l in lanes(c))'
}

@test "contention: each lane alone, each two, and all, in one run and pass by pass" {
    scenario s.json '[
        {"pattern": "fan-in", "paths": ["gpu->gpu@node"], "sizes": "64KiB", "methods": ["p2p"], "contention": ["none", "all"]},
        {"pattern": "stream", "pairs": "together", "paths": ["host->gpu"], "sizes": "64KiB", "methods": ["direct"], "contention": "pairs"},
        {"pattern": "stream", "pairs": "each", "paths": ["gpu->gpu@node"], "sizes": "64KiB", "methods": ["p2p"], "contention": "all"}]'
    run -0 --separate-stderr xrun 3 run s.json -o r.json --passes 6 --set show=contention
    check_report r.json
    assert_report r.json '[c["status"] for c in cases] == ["ok"] * 3 + ["skipped"]' \
        'cases[3]["reason"] == "contention is of lanes that are busy at the same time; here each is alone: contention must be none"' \
        '[c["id"].split("/64KiB")[1] for c in cases[:3]] == ["", "/contention=all", "/contention=pairs/pairs=together"]' \
        '[l["company"] for l in lanes(cases[1])] == ["alone"] * 2 + [None] * 2 + ["alone"] * 2 + [None] * 2 + ["alone"] * 2 + [None] * 2' \
        '[l["company"] for l in lanes(cases[2])] == ["alone"] * 3 + ["two"] * 6 + [None] * 3' \
        'all((l["contention"] is None) == (l["company"] == "alone") for c in cases[1:3] for l in lanes(c))' \
        '[n["company"] for n in cases[1]["rounds"]] == [None] * 3' \
        '[n["company"] for n in cases[2]["rounds"]] == ["two"] * 3 + [None]' "$RATES" "$ROUND_RATES"
    # each is a ratio of two times of one pass, with an interval between passes
    assert_report r.json 'all(l["contention"]["ci_lo"] <= l["contention"]["median"] <= l["contention"]["ci_hi"]
            for c in cases[1:3] for l in lanes(c) if l["contention"])' \
        'all(any(0.999 * l["time_us"]["min"] / a["time_us"]["max"] <= l["contention"]["median"] <= 1.001 * l["time_us"]["max"] / a["time_us"]["min"]
            for a in lanes(c) if a["company"] == "alone" and a["src_rank"] == l["src_rank"]) for c in cases[1:3] for l in lanes(c) if l["contention"])'
    assert_has "$output" "fan-in, p2p[engine=ce,side=push,contention=all] gpu->gpu@node 64KiB" \
        "stream together, direct[memory=pinned,contention=pairs] host->gpu@self 64KiB" "as the sum of each alone" "most with"
    # the same lanes, told apart by their company
    cp r.json again.json
    xb compare r.json --all --format json -- again.json >compared.json
    "$PYTHON" - compared.json <<'EOF'
import json, sys
changes = {c["id"].split("/64KiB")[1]: c["changes"][0]["lanes"] for c in json.load(open(sys.argv[1]))["cases"]}
names = [lane["lane"] for lane in changes["/contention=pairs/pairs=together"]]
assert len(names) == len(set(names)) == 12, names
assert sum(" alone in round " in n for n in names) == 3 and sum(" two in round " in n for n in names) == 6, names
EOF
    xb report r.json --format csv --lanes >lanes.csv
    [[ $(grep -c ,alone, lanes.csv) == 9 && $(grep -c ,two, lanes.csv) == 6 ]]
}

@test "a run that was interrupted between passes goes on with rounds and contention" {
    scenario s.json '[{"pattern": "fan-in", "paths": ["host->host@node"], "sizes": "4KiB",
        "methods": [{"name": "null", "delay": "60ms"}], "contention": "all"}]'
    sed -i 's/"passes": 1/"passes": 3/; s/"max_samples": 12/"max_samples": 2, "min_samples": 2/' s.json
    start_ranks 3 run s.json -o part.json
    wait_for 100 grep -q '^{"slice".*}$' part.json.journal
    kill -s KILL "$(rank_pid 0)"
    wait_job || true
    run -0 --separate-stderr xrun 3 run s.json --resume part.json.journal -o r.json
    assert_report r.json 'len(ok) == 1' 'cases[0]["timing"]["passes"] == 3' '"resumed" in cases[0]["notes"]' \
        '[n["round"] for n in cases[0]["rounds"]] == [2, 5, 8]' 'len(cases[0]["passes_us"]) == 3' \
        'all(n["time_us"]["min"] >= 60000 for n in cases[0]["rounds"])' \
        'all((l["contention"] is None) == (l["company"] == "alone") for l in lanes(cases[0]))'
}

@test "a traffic is played with each lane's own bytes, and right ones, on all methods" {
    printf '%s\n' '# from \\ to' '0 64KiB 5' '4099 3 0' '0 12KiB 0' >halo.txt
    scenario s.json '[{"pattern": "neighbour", "traffic": "halo.txt", "paths": ["gpu->gpu@node"],
        "methods": ["p2p", "mpi", {"name": "host-staged", "chunk": "16KiB", "depth": [1, 3]}, {"name": "zero-copy", "chunk": "1KiB"}]},
        {"pattern": "neighbour", "traffic": [[2, 0], [0, 2]], "paths": ["gpu->gpu@node"], "sizes": [4096, 8192], "methods": ["p2p"]},
        {"pattern": "neighbour", "traffic": [[0, 1, "64KiB"], [1, 0, 16], [2, 1, 4100]], "paths": ["gpu->gpu@node"], "window": 3, "methods": [
            {"name": "p2p", "blocks": 4, "order": "scattered"}, {"name": "mpi", "blocks": 4, "order": "scattered"}, {"name": "host-staged", "blocks": 4, "order": "strided"}]}]'
    run -0 --separate-stderr xrun 3 run s.json -o r.json --set sampling.passes=2
    check_report r.json
    assert_report r.json 'len(ok) == len(cases) == 10' "$RATES" \
        'all(c["key"]["bytes"] == 65536 and c["transfer_bytes"] == 65536 for c in cases[:5])' \
        'all([(l["src_rank"], l["dst_rank"], l["bytes"]) for l in lanes(c)] == [(0, 1, 65536), (0, 2, 5), (1, 0, 4099), (2, 1, 12288)] for c in cases[:5])' \
        'all(abs(c["concurrent"] - (65536 + 5 + 4099 + 12288) / 65536) < 1e-5 for c in cases[:5])' \
        'all(l["verify"]["wrong_bytes"] == 0 and l["verify"]["checked_bytes"] % l["bytes"] == 0 and l["verify"]["stamped_batches"] > 0 for c in cases[:5] for l in lanes(c))' \
        'all(c["warning"] == "left out of the traffic: 1 lane within a rank" for c in cases[:5])' \
        'all(l["bytes"] is None for c in cases[5:7] for l in lanes(c))' '[c["concurrent"] for c in cases[5:7]] == [2, 2]' \
        '[c["key"]["traffic"] for c in cases[5:7]] == ["0-2,2-0"] * 2' 'cases[0]["key"]["traffic"].startswith("5-lanes-")'
    # in blocks of a quarter of each lane
    assert_report r.json 'all([l["bytes"] for l in lanes(c)] == [65536, 16, 4100] and c["verify"]["wrong_bytes"] == 0 for c in cases[7:])'
    assert_report r.json 'all(abs(l["gb_per_s"] - l["bytes"] / l["time_us"]["median"] * 1e-3) <= 1e-3 * l["gb_per_s"] + 1e-4 for c in cases[:5] for l in lanes(c))'
    xb report r.json --format csv --lanes >lanes.csv
    [[ $(grep -c ',4099.$' lanes.csv) == 5 && $(head -1 lanes.csv) == *,lane_bytes? ]]
    # the report has what was played: neither a second run of it nor one for others needs the file
    rm halo.txt
    run -0 --separate-stderr xrun 3 run --resume r.json -o again.json
    assert_report again.json '[c["id"] for c in cases] == [c["id"] for c in cases]' 'len(ok) == 10'
    xb report r.json --anonymize >anonymous.json
    assert_report anonymous.json 'len(ok) == 10' '[l["bytes"] for l in lanes(cases[0])] == [65536, 5, 4099, 12288]' 'cases[0]["key"]["traffic"].startswith("5-lanes-")'
}

@test "wrong bytes of a traffic are found in each lane, and in that alone" {
    # the last byte of 64 KiB and of 5 bytes, and one of 4099 bytes
    for lane in '65535 1 0' '4 0 1' '3 2 2'; do
        read -r offset rank step <<<"$lane"
        xrun 3 run --pattern neighbour --traffic 0-2:5,1-2:64KiB,2-0:4099 --path 'gpu->gpu@node' --method null \
            --option "corrupt=$offset" --option "rank=$rank" --device cpu -o "$rank-$step.json" --passes 1 2>/dev/null || true
    done
    # lanes that have no such byte do not come to it
    assert_report 1-0.json '[(l["status"], l["verify"] and l["verify"]["first_bad_offset"]) for l in lanes(cases[0])] == [("skipped", None), ("corrupt", 65535), ("skipped", None)]'
    assert_report 0-1.json '[(l["status"], l["verify"] and l["verify"]["first_bad_offset"]) for l in lanes(cases[0])] == [("corrupt", 4), ("ok", None), ("ok", None)]'
    assert_report 2-2.json '[(l["status"], l["verify"]["first_bad_offset"]) for l in lanes(cases[0])] == [("ok", None), ("ok", None), ("corrupt", 3)]'
}

@test "contention of a traffic: each lane alone with its own bytes" {
    run -0 --separate-stderr xrun 3 run --pattern neighbour --traffic 0-1:64KiB,1-2:4KiB --path 'gpu->gpu@node' --method p2p --contention all \
        --device cpu -o r.json --set show=contention --set sampling.max_time=30ms --passes 2
    check_report r.json
    assert_report r.json 'len(ok) == 1' '[(l["company"], l["bytes"]) for l in lanes(cases[0])] == [
            ("alone", 65536), ("alone", 4096), (None, 65536), (None, 4096)]' '[n["concurrent"] for n in cases[0]["rounds"]] == [1.0625]' "$ROUND_RATES"
    assert_has "$output" "if each were as fast as alone"
}

@test "a traffic that a job cannot play is skipped, and one that nobody can read refused" {
    printf '0 1\n1 0\n' >two.txt
    printf '0 1\n1 x\n' >bad.txt
    run -3 --separate-stderr xrun 3 run --pattern neighbour --traffic two.txt --path 'gpu->gpu@node' --method p2p --device cpu -o r.json
    assert_has "$output" "the traffic is of 2 ranks; this job has 3"
    run -2 --separate-stderr xrun 2 run --pattern neighbour --traffic bad.txt --path 'gpu->gpu@node' --method p2p --device cpu -o none.json
    assert_has "$stderr" 'bad.txt:2:3: found "x", expected bytes, as in 4096 or 64KiB'
    [[ $(grep -c "bad.txt" <<<"$stderr") == 1 && ! -e none.json ]]
    run -2 --separate-stderr xrun 2 run --pattern neighbour --traffic nowhere.txt --path 'gpu->gpu@node' --method p2p --device cpu -o none.json
    assert_has "$stderr" 'nowhere.txt: cannot be opened'
    run -0 --separate-stderr xb plan --pattern neighbour --traffic two.txt --path 'gpu->gpu@node,gpu->gpu@remote' --method mpi --ranks 2 --per-node 1
    assert_has "$output" "gpu->gpu@node/1B/traffic=2-lanes-" "skipped: no lane of the traffic is within a node in this job" \
        "-- 2 lanes in 1 round"
}

@test "plan says how many rounds and lanes a pattern comes to" {
    run -0 --separate-stderr xb plan --pattern '["ring", "fan-in", "bisection", "alltoall"]' --path gpu-\>gpu@node,gpu-\>gpu@remote \
        --method mpi --size 4KiB --ranks 8 --per-node 4
    assert_has "$output" \
        "ring/mpi[transfer=send,memory=device]/gpu->gpu@node/4KiB  -- 8 lanes in 1 round" \
        "ring/mpi[transfer=send,memory=device]/gpu->gpu@remote/4KiB  -- 8 lanes in 1 round" \
        "fan-in/mpi[transfer=send,memory=device]/gpu->gpu@node/4KiB  -- 24 lanes in 4 rounds" \
        "fan-in/mpi[transfer=send,memory=device]/gpu->gpu@remote/4KiB  -- 32 lanes in 8 rounds" \
        "bisection/mpi[transfer=send,memory=device]/gpu->gpu@node/4KiB  -- 24 lanes in 6 rounds" \
        "bisection/mpi[transfer=send,memory=device]/gpu->gpu@remote/4KiB  -- 8 lanes in 2 rounds" \
        "alltoall/mpi[transfer=send,memory=device]/gpu->gpu@node/4KiB  -- 24 lanes in 1 round" \
        "alltoall/mpi[transfer=send,memory=device]/gpu->gpu@remote/4KiB  -- 32 lanes in 1 round"
}
