#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Measuring on the cpu device, with 1 to 4 ranks: reports are right, whatever the figures.

# shellcheck disable=SC2154 # bats' run and common.bash set them

load common

setup() {
    common_setup
    need_python
}

# Every method on every path that the cpu device has; 1000003 is no multiple of any chunk.
EVERYTHING='[
    {"paths": ["host->host", "host->gpu", "gpu->host", "gpu->gpu"], "sizes": [1, 1000003],
     "methods": [{"name": "direct", "memory": ["pinned", "pageable"]}]},
    {"paths": ["gpu->gpu@node"], "sizes": [1, 1000003],
     "methods": [{"name": "p2p", "side": ["push", "pull"]}]},
    {"paths": ["gpu->gpu", "gpu->gpu@node", "host->host@node"], "sizes": [1, 1000003],
     "methods": [{"name": "host-staged", "chunk": ["size/3"], "depth": [1, 3]}]},
    {"paths": ["gpu->gpu@node"], "sizes": [1000003],
     "methods": [{"name": "host-staged", "chunk": ["size", "4KiB"], "depth": [1, 3], "memory": "pageable"}]},
    {"paths": ["gpu->gpu@node", "host->host@node", "gpu->host@node", "host->gpu@node"],
     "sizes": [1, 1000003], "methods": ["mpi"]},
    {"paths": ["host->host", "gpu->gpu@node"], "sizes": [1, 1000003], "methods": ["null"]}]'

@test "two ranks: every method on every path, and sizes that are no multiple of the chunk" {
    scenario s.json "$EVERYTHING"
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    check_report r.json
    assert_report r.json 'r["status"] == "ok"' 'ok == cases' 'len(cases) == 48' 'r["run"]["launcher"] == "mpirun"' \
        '{c["key"]["method"] for c in ok} == {"direct", "p2p", "host-staged", "mpi", "null"}' \
        'all(ranks(c) == ([(0, 0)] if c["key"]["locality"] == "self" else [(0, 1)]) for c in ok)' \
        'all((c["key"]["depth"] is None) == (c["key"]["chunk_bytes"] is None) == (c["key"]["method"] != "host-staged") for c in cases)'
    assert_only_files s.json r.json
}

@test "one rank: what needs two is skipped with the reason, and that is no failure" {
    scenario s.json "$EVERYTHING"
    run -0 --separate-stderr xrun 1 run s.json -o r.json
    check_report r.json
    assert_report r.json 'r["status"] == "ok"' \
        'all(c["status"] == ("ok" if c["key"]["locality"] == "self" else "skipped") for c in cases)' \
        'all("needs two ranks on one node" in c["reason"] for c in cases if c["status"] == "skipped")' \
        'len(ok) == 22' 'len(r["topology"]["ranks"]) == 1'
    assert_has "$output" "26 cases skipped: needs two ranks on one node" "--verbose lists the skipped cases" "report: r.json"
}

@test "three and four ranks: those without a part in a case wait for it" {
    scenario s.json '[{"paths": ["gpu->gpu", "gpu->gpu@node"], "sizes": "64KiB", "methods": ["host-staged"]},
        {"pattern": "pingpong", "paths": ["gpu->gpu@node"], "sizes": 8, "methods": ["mpi", "p2p"]}]'
    local n
    for n in 3 4; do
        run -0 --separate-stderr xrun $n run s.json -o r$n.json
        check_report r$n.json
        assert_report r$n.json 'len(ok) == len(cases) == 4' "len(r['topology']['ranks']) == $n" \
            "[x['rank'] for x in r['topology']['ranks']] == list(range($n))" \
            "r['topology']['nodes'][0]['ranks'] == list(range($n))"
    done
}

@test "without mpirun it is one rank" {
    scenario s.json '[{"paths": ["host->gpu"], "sizes": 4096, "methods": ["direct"]}]'
    run -0 --separate-stderr xb run s.json -o r.json
    check_report r.json
    assert_report r.json 'len(ok) == 1' 'len(r["topology"]["ranks"]) == 1' 'r["run"]["launcher"] is None'
}

@test "a run has the label that it was given, whatever characters that has" {
    null_scenario s.json 'host->host' ''
    run -0 --separate-stderr xrun 2 run s.json -o r.json --label 'nach dem Treiber → 570 "ü"'
    check_report r.json
    assert_report r.json 'r["run"]["label"] == "nach dem Treiber → 570 \"ü\""'
    run -0 --separate-stderr xb run s.json -o none.json
    assert_report none.json 'r["run"]["label"] is None'
}

@test "a label that is no line of UTF-8 is wrong usage" {
    null_scenario s.json 'host->host' ''
    local label
    for label in '' $'two\nlines' $'caf\xe9' $'esc\x1b[31m' $'c1 \xc2\x85'; do
        run -2 --separate-stderr xb run s.json -o r.json --label "$label"
        assert_one_error "xferbench run: --label: found" expected
    done
    assert_only_files s.json
}

@test "bytes go to their offsets, aligned or not" {
    scenario s.json '[
        {"paths": ["host->gpu", "gpu->host", "gpu->gpu", "host->host"], "sizes": [1, 4099],
         "methods": ["direct"], "src_offset": [0, 1], "dst_offset": [3, 4095]},
        {"paths": ["gpu->gpu@node"], "sizes": [1, 4099], "src_offset": [1], "dst_offset": [0, 3],
         "methods": [{"name": "p2p", "side": ["push", "pull"]}, "mpi",
                     {"name": "host-staged", "chunk": "size/3"}]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    check_report r.json
    assert_report r.json 'ok == cases' 'len(cases) == 48' \
        '{(c["key"]["src_offset"], c["key"]["dst_offset"]) for c in cases} == {(0, 3), (0, 4095), (1, 3), (1, 4095), (1, 0)}'
}

@test "a window of transfers is one post, and each counts" {
    scenario s.json '[{"paths": ["gpu->gpu@node"], "sizes": [1, 65537], "window": [1, 4],
        "methods": ["p2p", "mpi", {"name": "host-staged", "chunk": "size/3", "depth": 2}]},
        {"paths": ["gpu->gpu"], "sizes": 65537, "window": 4, "methods": ["direct"]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    check_report r.json
    assert_report r.json 'ok == cases' 'len(cases) == 13' \
        'all(c["timing"]["ops_per_sample"] % c["key"]["window"] == 0 for c in cases)'
}

@test "small transfers are timed one by one too, and only such times have percentiles" {
    scenario s.json '[{"pattern": ["stream", "pingpong"], "paths": ["gpu->gpu@node"], "sizes": 8, "methods": ["p2p", "mpi"], "window": [1, 4]},
        {"paths": ["host->host"], "sizes": 8, "methods": ["direct", {"name": "null", "delay": "3ms"}]}]'
    # 12 with time for them, so that ten single transfers are there; a batch may be of one where the
    # machine is busy
    run -0 --separate-stderr xrun 2 run s.json -o r.json --samples --set sampling.min_samples=12 --set sampling.max_time=1s
    check_report r.json
    assert_report r.json 'len(ok) == len(cases) == 10' \
        'all((c["op_time_us"] is None) == (c["key"]["window"] == 4) for c in cases)' \
        'all(c["op_samples_us"] is None for c in cases if c["key"]["window"] == 4)' \
        'all((c["time_us"]["p90"] is None) == (c["timing"]["ops_per_sample"] > 1) for c in cases if c["key"]["window"] == 1)' \
        'all(c["timing"]["ops_per_sample"] == 1 for c in cases if c["key"]["method"] == "null")' \
        'all((t["p90"] is None) == (t["n"] < 10) and (t["p99"] is None) == (t["n"] < 100) for t in (c["op_time_us"] for c in cases) if t)' \
        'all(1 <= c["op_time_us"]["n"] == len(c["op_samples_us"]) <= 1000 for c in cases if c["timing"]["ops_per_sample"] > 1 and c["key"]["window"] == 1)' \
        'all(t["min"] <= t["median"] <= (t["p90"] or t["max"]) <= (t["p99"] or t["max"]) <= t["max"] for t in (c["op_time_us"] for c in cases) if t)' \
        'all(c["op_samples_us"] is None and c["op_time_us"]["p90"] == c["time_us"]["p90"] for c in cases if c["key"]["method"] == "null")'
}

@test "cold: each transfer finds its bytes in no cache, and takes longer for it" {
    # 256 KiB lie in a core's own cache, from which they come several times as fast as from memory. Other work
    # on the machine takes that cache too, so the best of some runs is looked at.
    local try
    scenario s.json '[{"paths": ["host->host", "gpu->gpu"], "sizes": "256KiB", "cache": ["warm", "cold"], "methods": ["direct"]},
        {"paths": ["gpu->gpu"], "sizes": "256KiB", "cache": ["warm", "cold"], "methods": ["host-staged"]}]'
    for try in 1 2 3 4 5; do
        # who rests takes longer than a copy does
        XFERBENCH_REST=0 run -0 --separate-stderr xrun 1 run s.json -o "$try.json" --set sampling.min_samples=30 --set sampling.max_samples=60
        check_report "$try.json"
        assert_report "$try.json" 'ok == cases' 'len(cases) == 6' \
            'all(("/cache=cold" in c["id"]) == (c["key"]["cache"] == "cold") for c in cases)' \
            'all(c["timing"]["ops_per_sample"] == 1 and c["op_time_us"]["n"] == c["timing"]["n"] for c in cases if c["key"]["cache"] == "cold")' \
            'all(c["verify"]["stamped_batches"] >= c["timing"]["n"] and c["verify"]["wrong_bytes"] == 0 for c in cases)'
        assert_has "$output" "direct[cache=cold]"
        need_own_copies
        assert_report "$try.json" 'all(by[c["id"] + "/cache=cold"]["time_us"]["min"] > 1.2 * c["time_us"]["min"] for c in cases if c["key"]["cache"] == "warm")' && return
    done
    return 1
}

@test "cold between ranks, both ways and through rings, is verified like the rest" {
    scenario s.json '[{"pattern": ["stream", "bidirectional"], "paths": ["gpu->gpu@node"], "sizes": [1, 100003], "cache": "cold",
            "methods": ["p2p", "mpi", "zero-copy", {"name": "host-staged", "chunk": "size/3"}]},
        {"paths": ["gpu->gpu@node"], "sizes": 4099, "src_offset": 1, "dst_offset": 3, "cache": "cold", "methods": ["p2p"]},
        {"pattern": "collective", "paths": ["host->host@node"], "sizes": "64KiB", "cache": "cold", "methods": [{"name": "mpi", "transfer": "all-reduce"}]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    check_report r.json
    assert_report r.json 'ok == cases' 'len(cases) == 18' \
        'all(c["timing"]["ops_per_sample"] == 1 and c["verify"]["stamped_batches"] > 0 for c in cases)' \
        'all(c["pipeline"] for c in cases if c["key"]["pattern"] == "stream" and c["key"]["method"] == "host-staged")'
}

@test "what cannot be cold is skipped and says why" {
    scenario s.json '[{"paths": ["gpu->gpu@node"], "sizes": 8, "window": 4, "cache": ["cold", "warm"], "methods": ["mpi"]},
        {"pattern": "pingpong", "paths": ["gpu->gpu@node"], "sizes": 8, "cache": ["cold", "warm"], "methods": ["mpi"]},
        {"pattern": "queue", "paths": ["host->host"], "sizes": 64, "cache": ["cold", "warm"], "methods": ["queue"]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    check_report r.json
    assert_report r.json '[c["status"] for c in cases] == ["skipped", "ok"] * 3' '"no window of 4" in cases[0]["reason"]' \
        '"has just arrived" in cases[2]["reason"]' '"none but the first would start cold" in cases[4]["reason"]'
}

@test "pingpong times one way, bidirectional both at once" {
    scenario s.json '[{"pattern": ["pingpong", "bidirectional"], "paths": ["gpu->gpu@node"], "sizes": [8, "1MiB"],
        "methods": [{"name": "p2p", "side": ["push", "pull"]}, "mpi", {"name": "host-staged", "chunk": "size/2"}]},
        {"pattern": ["pingpong", "bidirectional"], "paths": ["host->gpu"], "sizes": 8, "methods": ["direct"]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    check_report r.json
    assert_report r.json 'ok == cases' 'len(cases) == 18' \
        'all(c["concurrent"] == {"pingpong": 1, "bidirectional": 2}[c["key"]["pattern"]] for c in cases)' \
        'all(ranks(c) == [(0, 1), (1, 0)] for c in cases if c["key"]["locality"] == "node")' \
        'all([(s["src"], s["dst"]) for s in steps(c)] == [("host", "gpu"), ("gpu", "host")] for c in cases if c["key"]["locality"] == "self")' \
        'all(abs(c["bandwidth_gb_per_s"]["median"] - c["key"]["bytes"] * c["concurrent"] / c["time_us"]["median"] * 1e-3) <= 1e-2 * c["bandwidth_gb_per_s"]["median"] for c in cases)'
}

@test "pairs move their bytes side by side, and need two pairs" {
    scenario s.json '[{"pattern": "pairs", "paths": ["gpu->gpu@node", "host->host@node"], "sizes": [8, "1MiB"],
        "window": [1, 3], "methods": ["mpi", {"name": "host-staged", "chunk": "size/2"}]},
        {"pattern": "pairs", "paths": ["gpu->gpu@node"], "sizes": "1MiB", "methods": [{"name": "p2p", "side": ["push", "pull"]}]},
        {"pattern": "pairs", "paths": ["host->gpu", "gpu->gpu"], "sizes": 8, "methods": ["direct"]},
        {"pattern": "pairs", "paths": ["gpu->gpu@remote"], "sizes": 8, "methods": ["mpi"]}]'
    run -0 --separate-stderr xrun 4 run s.json -o r.json
    check_report r.json
    assert_report r.json 'len(ok) == 20 == len(cases) - 1' \
        'all(ranks(c) == ([(0, 1), (2, 3)] if c["key"]["locality"] == "node" else [(r, r) for r in range(4)]) for c in ok)' \
        'all(c["concurrent"] == len(c["lanes"]) for c in ok)' \
        'all(abs(c["bandwidth_gb_per_s"]["median"] - c["key"]["bytes"] * c["concurrent"] / c["time_us"]["median"] * 1e-3) <= 1e-2 * c["bandwidth_gb_per_s"]["median"] for c in ok)' \
        'cases[-1]["reason"] == "needs two pairs of ranks on paired nodes; this job has 4 ranks on 1 node"'
    run -0 --separate-stderr xrun 3 run s.json -o r3.json
    check_report r3.json
    assert_report r3.json 'all(c["status"] == ("ok" if c["key"]["locality"] == "self" else "skipped") for c in cases)' \
        'all(len(c["lanes"]) == 3 for c in ok)'
}

@test "directions that take turns do not look as if they ran at once" {
    need_python
    # One thread copies both ways, so it cannot carry much more than one way. The best samples are
    # compared, and again where other work on the machine has slowed one of the two down. A copy takes
    # a millisecond and more, of which it is little that who waits for it wakes up late.
    local try
    scenario s.json '[{"pattern": ["stream", "bidirectional"], "paths": ["host->gpu"], "sizes": ["16MiB"], "methods": ["direct"]}]'
    for try in 1 2 3 4 5; do
        run -0 --separate-stderr xb run s.json --device cpu -o "$try.json" --set sampling.max_samples=40 --set sampling.min_samples=40
        assert_report "$try.json" '2 / cases[1]["time_us"]["min"] < 1.7 / cases[0]["time_us"]["min"]' && return
    done
    return 1
}

@test "the time of a transfer is that of one transfer: a known delay" {
    # 3 ms each, in a window of 2, there and back: samples are means of single ways. Never less; how
    # much more depends on what else the machine does, so the best of some runs is looked at.
    local try
    scenario s.json '[{"pattern": ["stream", "pingpong"], "paths": ["host->host@node"], "sizes": 8, "window": [1, 2],
        "methods": [{"name": "null", "delay": "3ms", "at": "source"}]}]'
    for try in 1 2 3 4 5; do
        run -0 --separate-stderr xrun 2 run s.json -o "$try.json" --set sampling.min_samples=10 --set sampling.max_time=1s
        check_report "$try.json"
        assert_report "$try.json" 'len(ok) == 4' 'all(3000 <= c["time_us"]["min"] for c in ok)' \
            'all(c["bandwidth_gb_per_s"]["median"] == 0 == c["transfer_bytes"] for c in ok)' \
            'all(c["time_us"]["p90"] is not None for c in ok if c["key"]["window"] == 1)'
        assert_report "$try.json" 'all(c["time_us"]["min"] < 9000 for c in ok)' && return
    done
    return 1
}

@test "lockstep and pipelined transfers carry the same bytes" {
    scenario s.json '[{"paths": ["gpu->gpu@node", "gpu->gpu"], "sizes": "4MiB", "methods": [
        {"name": "host-staged", "chunk": "size", "depth": 1},
        {"name": "host-staged", "chunk": "64KiB", "depth": [1, 2, 16]}]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    check_report r.json
    assert_report r.json 'len(ok) == len(cases) == 8' \
        '{(c["key"]["chunk_bytes"], c["key"]["depth"]) for c in ok} == {(4194304, 1), (65536, 1), (65536, 2), (65536, 16)}'
}

@test "mpi puts into a window, whole and in pieces, and each is in place when it is flushed" {
    scenario s.json '[{"pattern": ["stream", "pingpong", "bidirectional"], "paths": ["gpu->gpu@node", "host->host@node"],
        "sizes": [1, 100003], "src_offset": [0, 1], "dst_offset": [0, 3],
        "methods": [{"name": "mpi", "transfer": "put"}], "window": [1, 3]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    check_report r.json
    assert_report r.json 'ok == cases'
}

@test "collectives: every rank holds what it must, bus bandwidth counts the bytes that cross a link" {
    scenario s.json '[{"pattern": "collective", "paths": ["host->host@node"], "sizes": [96, 96000],
        "src_offset": [0, 8], "dst_offset": [0, 16],
        "methods": [{"name": "mpi", "transfer": ["all-reduce", "all-gather", "reduce-scatter", "all-to-all"]}]}]'
    for n in 2 3; do
        run -0 --separate-stderr xrun $n run s.json -o r.json --force
        validate_report r.json
        assert_report r.json 'ok == cases' \
            "all(c['transfer_bytes'] == c['key']['bytes'] * ($n - 1) / $n * (2 if 'all-reduce' in c['id'] else 1) for c in cases)" \
            "all(len(c['lanes']) == $n and c['concurrent'] == 1 for c in cases)" \
            'all(c["key"]["pairs"] is None for c in cases)' \
            'all(c["verify"]["checked_bytes"] >= c["key"]["bytes"] * (1 if "scatter" in c["id"] else len(c["lanes"])) for c in cases)'
    done
}

@test "reductions of floats beside those of integers: exact, stamped, and the report says which" {
    scenario s.json '[{"pattern": "collective", "paths": ["host->host@node"], "sizes": [96, 96000], "dst_offset": [0, 8],
        "methods": [{"name": "mpi", "transfer": ["all-reduce", "reduce-scatter"], "datatype": ["uint64", "float"]},
            {"name": "mpi", "transfer": "all-gather"}]}]'
    run -0 --separate-stderr xb plan s.json
    assert_has "$output" "mpi[transfer=all-reduce,memory=device]/" "mpi[transfer=all-reduce,memory=device,datatype=float]/"
    # sums of more are not exact, and there are none; what is handed around is of any number
    run -0 --separate-stderr xb plan s.json --ranks 65
    [[ $(grep -c "skipped: sums of more than 64 ranks are not compared; here they are of 65" <<<"$output") == 16 ]]
    [[ $(grep -c "65 lanes in 1 round" <<<"$output") == 4 ]]
    for n in 2 4; do
        run -0 --separate-stderr xrun $n run s.json -o r$n.json
        validate_report r$n.json
        assert_report r$n.json 'len(cases) == 20 and ok == cases' \
            'all(c["verify"]["stamped_batches"] > 0 and c["verify"]["wrong_bytes"] == 0 for c in cases)' \
            'all(c["verify"]["checked_bytes"] >= c["key"]["bytes"] * (1 if "scatter" in c["id"] else len(c["lanes"])) for c in cases)' \
            '[c["key"]["options"].get("datatype") for c in cases] == 2 * (4 * ["uint64"] + 4 * ["float"]) + 4 * [None]' \
            'all(("datatype=float" in c["id"]) == (c["key"]["options"].get("datatype") == "float") for c in cases)' \
            'len({json.dumps(p["options"]) for p in r["paths"]}) == 5'
    done
}

@test "collectives with a root: it alone gives, or holds, what all the others do not" {
    scenario s.json '[{"pattern": "collective", "paths": ["host->host@node"], "sizes": [96, 96000],
        "src_offset": [0, 8], "dst_offset": [0, 16],
        "methods": [{"name": "mpi", "transfer": ["broadcast", "gather", "scatter"]},
            {"name": "mpi", "transfer": "reduce", "datatype": ["uint64", "float"]}]}]'
    for n in 2 3; do
        run -0 --separate-stderr xrun $n run s.json -o r.json --force
        validate_report r.json
        assert_report r.json 'ok == cases and len(cases) == 40' \
            "all(c['transfer_bytes'] == c['key']['bytes'] * (1 if 'broadcast' in c['id'] or 'reduce' in c['id'] else ($n - 1) / $n) for c in cases)" \
            'all(c["verify"]["stamped_batches"] > 0 and c["verify"]["wrong_bytes"] == 0 for c in cases)' \
            "all(c['verify']['checked_bytes'] >= c['key']['bytes'] * ($n - 1 if 'broadcast' in c['id'] else 1) for c in cases)"
    done
}

@test "collectives of MPI on memory of GPUs, where the library takes it" {
    scenario s.json '[{"pattern": "collective", "paths": ["gpu->gpu@node"], "sizes": [96, 96000], "dst_offset": [0, 8],
        "methods": [{"name": "mpi", "transfer": ["all-gather", "all-to-all", "broadcast", "gather", "scatter"]},
            {"name": "mpi", "transfer": ["all-reduce", "reduce-scatter", "reduce"], "datatype": ["uint64", "float"]}]}]'
    run -0 --separate-stderr xrun 3 run s.json -o r.json
    validate_report r.json
    assert_report r.json 'ok == cases and len(cases) == 44' 'all(c["key"]["src"] == c["key"]["dst"] == "gpu" for c in cases)' \
        'all(c["verify"]["stamped_batches"] > 0 and c["verify"]["wrong_bytes"] == 0 for c in cases)'
}

# bats test_tags=long
@test "collectives of more than 64 ranks, but for sums" {
    scenario s.json '[{"pattern": "collective", "paths": ["host->host@node"], "sizes": 72000, "methods": [
        {"name": "mpi", "transfer": ["all-gather", "broadcast", "scatter", "all-reduce"]}]}]'
    run -0 --separate-stderr xrun 72 run s.json -o r.json --case-timeout 300 --set sampling.min_samples=2 --set sampling.max_samples=2
    validate_report r.json
    assert_report r.json '[c["status"] for c in cases] == ["ok"] * 3 + ["skipped"]' 'all(len(c["lanes"]) == 72 and c["verify"]["wrong_bytes"] == 0 for c in ok)' \
        'cases[3]["reason"] == "sums of more than 64 ranks are not compared; here they are of 72"'
}

@test "a datatype is for what is added up" {
    scenario s.json '[{"pattern": "collective", "paths": ["host->host@node"], "sizes": 96,
            "methods": [{"name": "mpi", "transfer": ["all-gather", "all-to-all"], "datatype": ["float", "uint64"]}]},
        {"paths": ["host->host@node"], "sizes": 96, "methods": [{"name": "mpi", "datatype": ["float", "uint64"]}]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    check_report r.json
    assert_report r.json '[c["status"] for c in cases] == ["skipped", "ok"] * 3' \
        'cases[0]["reason"] == "datatype float is for reductions, and the transfer all-gather is none"' \
        '"the transfer send is none" in cases[4]["reason"]'
    run -0 --separate-stderr xb plan s.json --ranks 2
    assert_has "$output" "skipped: datatype float is for reductions, and the transfer all-to-all is none"
    scenario s.json '[{"pattern": "collective", "paths": ["host->host@node"], "sizes": 96,
            "methods": [{"name": "mpi", "transfer": "all-reduce", "datatype": "double"}]}]'
    run -2 --separate-stderr xb run s.json -o double.json
    assert_has "$stderr" "cases[0].methods[0].datatype" "uint64" "float"
}

@test "collectives belong to their pattern, and what cannot be divided among the ranks is skipped" {
    scenario s.json '[{"pattern": "collective", "paths": ["host->host@node"], "sizes": 96,
            "methods": ["mpi", "p2p", {"name": "mpi", "transfer": ["all-reduce", "put"]}]},
        {"pattern": "collective", "paths": ["host->host@node"], "sizes": [100, 96, 80], "methods": [{"name": "mpi", "transfer": "all-gather"}]},
        {"pattern": "collective", "paths": ["host->host@node"], "sizes": 96, "window": 2, "methods": [{"name": "mpi", "transfer": "all-reduce"}]},
        {"pattern": "collective", "paths": ["host->host@remote"], "sizes": 96, "methods": [{"name": "mpi", "transfer": "all-reduce"}]},
        {"pattern": "collective", "paths": ["host->host@node"], "sizes": [99, 96], "methods": [{"name": "mpi", "transfer": "reduce-scatter"}]}]'
    run -0 --separate-stderr xrun 3 run s.json -o r.json
    validate_report r.json
    assert_report r.json 'len(ok) == 3' \
        'all("is not for what the method" in cases[i]["reason"] for i in (0, 1, 3))' \
        '"a multiple of 16 bytes, 8 for each rank" in cases[4]["reason"]' 'cases[5]["status"] == "ok"' \
        '"of 3 ranks needs a multiple of 24 bytes" in cases[6]["reason"]' '"no window of 2" in cases[7]["reason"]' \
        '"needs two ranks on two nodes" in cases[8]["reason"]' 'cases[6]["transfer_bytes"] == 53'
}

@test "what a device of host memory has no equivalent of is skipped with the reason" {
    scenario s.json '[{"paths": ["gpu->gpu@node"], "sizes": 96, "methods": ["nccl", "unified", {"name": "mpi", "memory": "managed"}]},
        {"paths": ["host->gpu", "gpu->host"], "sizes": 96, "methods": ["unified"]}]'
    run -3 --separate-stderr xrun 2 run s.json -o r.json
    check_report r.json
    assert_report r.json 'all(c["status"] == "skipped" for c in cases)' \
        '"NCCL" in cases[0]["reason"]' 'all("does not migrate" in c["reason"] for c in cases[1:])'
}

@test "what the memory cannot hold is skipped with figures, and the run goes on" {
    scenario s.json '[{"paths": ["host->host", "gpu->gpu", "gpu->gpu@node"], "sizes": ["64TiB", 1],
        "methods": ["host-staged", "direct", "p2p", "mpi"]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    check_report r.json
    assert_report r.json 'all(c["key"]["bytes"] == 1 for c in ok)' 'len(ok) == 7' \
        'sum("memory on" in c["reason"] for c in cases if c["status"] == "skipped") == 7' \
        'all(int(c["reason"].split("needs ")[1].split()[0]) >= 2**46 and " are free" in c["reason"] for c in cases if c["reason"] and "memory on" in c["reason"])'
}

@test "a path that a method does not do is skipped with the reason" {
    scenario s.json '[{"paths": ["gpu->gpu@node", "gpu->gpu"], "sizes": 8, "methods": ["direct", "mpi"]},
        {"paths": ["gpu->gpu+1"], "sizes": 8, "methods": ["p2p", "direct"]},
        {"paths": ["gpu->gpu@remote"], "sizes": 8, "methods": ["mpi"]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    check_report r.json
    assert_report r.json '[c["status"] for c in cases] == ["skipped", "ok", "ok"] + ["skipped"] * 4' \
        'cases[0]["reason"] == "method direct does not do the path gpu->gpu@node"' \
        'cases[3]["reason"] == "method mpi does not do the path gpu->gpu@self"' \
        '"rank 0 (" in cases[4]["reason"] and "gpu->gpu+1@self needs more GPUs" in cases[4]["reason"]' \
        'cases[5]["reason"] == "method direct does not do the path gpu->gpu+1@self"' \
        'cases[6]["reason"] == "needs two ranks on two nodes; this job has 2 ranks on 1 node"'
    # and what no method of a group does is refused, by all commands
    scenario s.json '[{"paths": ["gpu->gpu@node"], "sizes": 8, "methods": ["p2p"]},
        {"paths": ["gpu->gpu@node"], "sizes": [8, 16], "methods": ["direct"]}]'
    local command
    for command in run plan validate; do
        run -2 --separate-stderr xb "$command" s.json
        assert_one_error "s.json:6: cases[1]: no job can measure any of its 2 cases; stream/direct" \
            "method direct does not do the path gpu->gpu@node"
    done
}

@test "a run that has measured nothing says so by its status" {
    scenario s.json '[{"paths": ["gpu->gpu@remote"], "sizes": [8, 16], "methods": ["mpi"]}]'
    run -3 --separate-stderr xrun 2 run s.json -o r.json
    check_report r.json
    assert_report r.json 'r["status"] == "nothing"' 'r["paths"] == []' 'all(c["status"] == "skipped" for c in cases)'
    assert_has "$stderr" "nothing was measured: every case was skipped"
    assert_has "$output" "report: r.json"
}

@test "what is required must be measured, or the run has failed and says of what" {
    scenario s.json '[{"paths": ["host->host", "gpu->gpu@remote"], "sizes": [8, 16], "methods": ["direct", "mpi"]}]'
    run -0 --separate-stderr xrun 2 run s.json -o good.json --require '*direct*self/1?B' --require 'stream/direct*host->host@self/8B'
    check_report good.json
    assert_report good.json 'r["status"] == "ok"' 'r["run"]["required"] == ["*direct*self/1?B", "stream/direct*host->host@self/8B"]'
    run -1 --separate-stderr xrun 2 run s.json -o bad.json --require path=host* --require '*mpi*@remote/16B' --passes 2
    check_report bad.json
    assert_report bad.json 'r["status"] == "failed"' 'all(c["status"] in ("ok", "skipped") for c in cases)'
    [[ $(grep -c 'error: required, but not measured: ' <<<"$stderr") == 3 ]]
    assert_has "$stderr" \
        "not measured: stream/mpi[transfer=send,memory=device]/gpu->gpu@remote/16B: needs two ranks on two nodes; this job has 2 ranks on 1 node" \
        "not measured: stream/mpi[transfer=send,memory=device]/host->host@self/8B: method mpi does not do the path"
    run -2 --separate-stderr xrun 2 run s.json -o none.json --require method=direct --require method=nccl
    assert_one_error "--require method=nccl: no case of the plan meets it, expected KEY=VALUE or the id of one"
    run -2 --separate-stderr xb run s.json -o none.json --require metod=nccl
    assert_one_error '--require metod=nccl: no case has the key "metod"'
    assert_only_files s.json good.json bad.json
}

# bats test_tags=long
@test "the shipped scenario quick ends well on two ranks" {
    run -0 --separate-stderr xrun 2 run quick --device cpu -o r.json
    check_report r.json
    assert_report r.json 'r["status"] == "ok"' \
        'all(c["status"] == "ok" for c in cases if c["key"]["locality"] != "remote" and c["key"]["options"].get("engine") != "sm" and c["key"]["method"] not in ("nccl", "unified") and c["key"]["options"].get("memory") != "managed" and c["key"]["dst"] != "gpu+1")'
}

@test "a host's pageable memory is staged by threads, which work on as many slots, and by none between GPUs" {
    need_python
    scenario s.json '[{"paths": ["host->gpu", "gpu->host", "gpu->gpu"], "sizes": 1000003, "methods": [
        {"name": "host-staged", "host_memory": ["pageable", "pinned"], "chunk": "size/7", "depth": 4, "threads": [1, 4, 5]}]},
        {"paths": ["host->gpu", "gpu->host"], "sizes": 1000003, "methods": [
            {"name": "host-staged", "process": "checksum", "chunk": "size/7", "depth": 4, "threads": [4, 5]}]}]'
    run -0 --separate-stderr xrun 1 run s.json -o r.json
    validate_report r.json
    assert_report r.json 'all(c["status"] == "ok" for c in cases if "threads=5,process" not in c["id"] and "gpu->gpu" not in c["id"])' \
        'all(c["reason"].endswith("threads 5: a ring of depth 4 keeps no more than 4 at work") for c in cases if "threads=5,process" in c["id"])' \
        'all(c["reason"].endswith("between GPUs no thread copies, expected 1") for c in cases if "gpu->gpu" in c["id"] and "threads" in c["id"])' \
        'sum(c["status"] == "ok" for c in cases) == 16'
}

@test "the processor writes past its caches where it copies, whole chunks and blocks" {
    need_python
    scenario s.json '[{"paths": ["host->gpu", "gpu->host", "gpu->gpu"], "sizes": 1000003, "src_offset": 1, "methods": [
        {"name": "host-staged", "stores": "streaming", "chunk": "size/7", "depth": 4, "threads": [1, 3]}]},
        {"paths": ["host->gpu", "gpu->host"], "sizes": 1000000, "methods": [
            {"name": "host-staged", "stores": "streaming", "chunk": "size/5", "depth": 4, "threads": [1, 3], "blocks": 20, "order": "scattered"}]},
        {"paths": ["host->host@node"], "sizes": 1000003, "methods": [{"name": "host-staged", "stores": "streaming", "chunk": "size/7"}]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    validate_report r.json
    if [[ $(uname -m) != x86_64 ]]; then
        assert_report r.json 'all("has no stores past the caches" in c["reason"] or "between GPUs" in c["reason"] for c in cases)'
        return
    fi
    assert_report r.json 'all(c["status"] == ("skipped" if c["key"]["src"] == c["key"]["dst"] == "gpu" else "ok") for c in cases)' \
        'len(ok) == 9' 'any(c["reason"].endswith("stores streaming: between GPUs no processor copies, expected stores cached") for c in cases if c["reason"])'
}

@test "multiprocessors are for kernels, and for devices that have some" {
    need_python
    scenario s.json '[{"paths": ["gpu->gpu@node"], "sizes": 4096, "methods": [
        {"name": "p2p", "engine": ["ce", "sm"], "sms": [0, 8]}, {"name": "zero-copy", "sms": [0, 8]}]},
        {"paths": ["host->gpu"], "sizes": 4096, "methods": [{"name": "zero-copy", "sms": 8}]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json --set show=budget
    validate_report r.json
    assert_report r.json 'all((c["status"] == "ok") == ("sms" not in c["key"]["options"]) for c in cases)' \
        'cases[1]["reason"].endswith("sms is about kernels, and engine ce has none: sms must be 0")' \
        'all(c["reason"].endswith("device cpu has no multiprocessors: sms must be 0") for c in cases[2:] if c["status"] != "ok")' \
        'len(ok) == 3' 'len(cases) == 7' 'cases[4]["id"] == "stream/zero-copy/gpu->gpu@node/4KiB/chunk=4KiB,depth=3"'
    assert_has "$output" "device cpu has no multiprocessors: sms must be 0"
}

@test "NCCL maps memory of GPUs, between two ranks" {
    scenario s.json '[{"paths": ["gpu->gpu@node"], "sizes": 64, "methods": [{"name": "p2p", "mapping": ["handle", "nccl"]}]},
        {"pattern": "pingpong", "paths": ["gpu->gpu@node"], "sizes": 64, "methods": [{"name": "p2p", "engine": "sm", "mapping": "nccl"}]},
        {"paths": ["gpu->gpu"], "sizes": 64, "methods": [{"name": "p2p", "mapping": "nccl"}]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    validate_report r.json
    assert_report r.json '[c["status"] for c in cases] == ["ok", "skipped", "skipped", "skipped"]' \
        'cases[1]["id"] == "stream/p2p[engine=ce,side=push,mapping=nccl]/gpu->gpu@node/64B"' \
        'all("device cpu has none" in c["reason"] or "this build has no NCCL" in c["reason"] for c in cases[1:3])' \
        'cases[3]["reason"].endswith("within a rank nothing is mapped by NCCL: mapping must be handle")'
}

@test "ranks that share processors rest while they wait, and so does the MPI library" {
    scenario s.json '[{"paths": ["host->host@node"], "sizes": 8, "methods": ["mpi"]}]'
    # what the dynamic linker binds: the library's sched_yield is the program's
    LD_DEBUG=bindings OMPI_MCA_mpi_yield_when_idle=1 run -0 --separate-stderr xrun 2 run s.json -o r.json
    grep -qE 'binding file .*libopen-pal.* to .*/xferbench .*: normal symbol .sched_yield' <<<"$stderr"
}
