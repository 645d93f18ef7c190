#!/usr/bin/env bats
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

# What holds of every report.
check_report() {
    validate_report "$1"
    assert_report "$1" 'r["run"]["device"] == "cpu"' \
        'r["run"]["plan_cases"] == len(cases) == len(by)' \
        'all(c["reason"] for c in cases if c["status"] != "ok")' \
        'all(c["samples_us"] is None or len(c["samples_us"]) == c["timing"]["n"] for c in cases)' \
        'all(len(c["lanes"]) == len(r["schedules"][c["schedule"]]) for c in ok)' \
        'len({json.dumps(s) for s in r["schedules"]}) == len(r["schedules"])' \
        'all(c["time_us"]["min"] <= c["time_us"]["median"] <= c["time_us"]["max"] for c in ok)' \
        'all(c["verify"]["checked_bytes"] == c["key"]["bytes"] * len(c["lanes"]) for c in ok)'
    check_paths "$1"
}

# paths[] adds up to what the cases say.
check_paths() {
    "$PYTHON" - "$1" <<'EOF'
import collections, json, math, sys
r = json.load(open(sys.argv[1]))
rows = collections.OrderedDict()
def row_of(k, ends):
    return rows.setdefault((k["method"], json.dumps(k["options"]), ends["src"], ends["dst"], k["locality"], k["size_class"]),
                           {"n": 0, "bytes": 0, "us": 0.0, "best": 0.0, "failures": 0})
for c in r["cases"]:
    if c["status"] == "skipped":
        continue
    steps = r["schedules"][c["schedule"]] if c["lanes"] else []
    key = dict(c["key"], **(c["chosen"] or {}))
    row = row_of(key, (steps or [key])[0])
    if c["status"] in ("failed", "corrupt", "timeout"):
        row["failures"] += 1
    if c["status"] != "ok":
        continue
    for row, lane in [(row_of(key, step), lane) for step, lane in zip(steps, c["lanes"])]:
        row["n"] += lane["transfers"]
        row["bytes"] += lane["transfers"] * c["transfer_bytes"]
        row["us"] += lane["transfers"] * lane["time_us"]["mean"]
        row["best"] = max(row["best"], c["transfer_bytes"] / lane["time_us"]["min"] * 1e-3)
found = r["paths"]
assert len(found) == len(rows), (len(found), len(rows))
for p, (key, row) in zip(found, rows.items()):
    named = dict(p, options=json.dumps(p["options"]))
    assert tuple(named[n] for n in ("method", "options", "src", "dst", "locality", "size_class")) == key, p
    assert p["total_transfers"] == row["n"] and p["total_bytes"] == row["bytes"], (p, row)
    assert p["failures"] == row["failures"], (p, row)
    if not row["us"]:
        assert p["total_time_us"] == 0 and p["best_gb_per_s"] is p["avg_gb_per_s"] is None, p
        continue
    average = row["bytes"] / row["us"] * 1e-3
    for name, value in (("total_time_us", row["us"]), ("best_gb_per_s", row["best"]),
                        ("avg_gb_per_s", average)):
        # means are rounded to 0.1 ns, and some are of 10 ns
        assert math.isclose(p[name], value, rel_tol=1e-2, abs_tol=1e-12), (name, p, row)
EOF
}

@test "two ranks: every method on every path, and sizes that are no multiple of the chunk" {
    scenario s.json "$EVERYTHING"
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    check_report r.json
    assert_report r.json 'r["status"] == "ok"' 'ok == cases' 'len(cases) == 48' \
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
    assert_has "$output" "skipped 26: needs two ranks on one node" "report: r.json"
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
    assert_report r.json 'len(ok) == 1' 'len(r["topology"]["ranks"]) == 1'
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
    # 12 whatever the time, so that ten single transfers are there; a batch may be of one where the
    # machine is busy
    run -0 --separate-stderr xrun 2 run s.json -o r.json --samples --set sampling.min_samples=12
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

@test "samples stand in a report only where they are asked for" {
    scenario s.json '[{"paths": ["host->host"], "sizes": 8, "methods": ["direct"]}]'
    run -0 xb run s.json -o with.json --samples
    run -0 xb run s.json -o without.json
    check_report with.json
    validate_report without.json
    assert_report with.json 'all(c["samples_us"] and c["op_samples_us"] for c in cases)'
    assert_report without.json 'all(c["samples_us"] is c["op_samples_us"] is None for c in cases)'
}

@test "a matrix has a row for each source, where it is asked for" {
    scenario s.json '[{"pattern": "pairs", "paths": ["host->host@node"], "sizes": "4KiB", "methods": ["mpi"]},
        {"paths": ["host->host"], "sizes": "4KiB", "methods": ["direct"]}]'
    run -0 --separate-stderr xrun 4 run s.json -o a.json
    assert_has "$output" "pattern  method" "stream   mpi" "stream   direct"
    [[ $output != *"from"* ]]
    run -0 --separate-stderr xrun 4 run s.json -o b.json --matrix
    assert_has "$output" $'\nfrom \\ to  1 host  3 host\n' $'\n0 host' $'\n2 host' $'\nmin ' "stream   direct"
    run -0 --separate-stderr xrun 4 run s.json -o c.json --set show=matrix
    assert_has "$output" $'\nfrom \\ to  1 host  3 host\n'
    run -2 --separate-stderr xb run s.json -o d.json --set show=picture
    assert_has "$stderr" "show" "picture" "matrix, table or trace"
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
    # one thread copies both ways, so it cannot carry much more than one way; the best samples are
    # compared, which other work on the machine does not reach
    scenario s.json '[{"pattern": ["stream", "bidirectional"], "paths": ["host->gpu"], "sizes": ["256KiB"], "methods": ["direct"]}]'
    run -0 --separate-stderr xb run s.json --device cpu -o r.json --set sampling.max_samples=200 --set sampling.min_samples=200
    assert_report r.json '2 / cases[1]["time_us"]["min"] < 1.7 / cases[0]["time_us"]["min"]'
}

@test "the time of a transfer is that of one transfer: a known delay" {
    # 3 ms each, in a window of 2, there and back: samples are means of single ways.
    scenario s.json '[{"pattern": ["stream", "pingpong"], "paths": ["host->host@node"], "sizes": 8, "window": [1, 2],
        "methods": [{"name": "null", "delay": "3ms", "at": "source"}]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json --set sampling.min_samples=10
    check_report r.json
    assert_report r.json 'len(ok) == 4' 'all(3000 <= c["time_us"]["min"] for c in ok)' \
        'all(c["time_us"]["min"] < 9000 for c in ok)' \
        'all(c["bandwidth_gb_per_s"]["median"] == 0 == c["transfer_bytes"] for c in ok)' \
        'all(c["time_us"]["p90"] is not None for c in ok if c["key"]["window"] == 1)'
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
        run -0 --separate-stderr xrun $n run s.json -o r.json
        validate_report r.json
        assert_report r.json 'ok == cases' \
            "all(c['transfer_bytes'] == c['key']['bytes'] * ($n - 1) / $n * (2 if 'all-reduce' in c['id'] else 1) for c in cases)" \
            "all(len(c['lanes']) == $n and c['concurrent'] == 1 for c in cases)" \
            'all(c["key"]["pairs"] is None for c in cases)' \
            'all(c["verify"]["checked_bytes"] == c["key"]["bytes"] * (1 if "scatter" in c["id"] else len(c["lanes"])) for c in cases)'
    done
}

@test "collectives belong to their pattern, and what cannot be divided among the ranks is skipped" {
    scenario s.json '[{"pattern": "collective", "paths": ["host->host@node"], "sizes": 96, "methods": ["mpi", "p2p"]},
        {"paths": ["host->host@node"], "sizes": 96, "methods": [{"name": "mpi", "transfer": "all-reduce"}]},
        {"pattern": "collective", "paths": ["host->host@node"], "sizes": 100, "methods": [{"name": "mpi", "transfer": "all-reduce"}]},
        {"pattern": "collective", "paths": ["host->host@node"], "sizes": 96, "window": 2, "methods": [{"name": "mpi", "transfer": "all-reduce"}]},
        {"pattern": "collective", "paths": ["host->host@remote"], "sizes": 96, "methods": [{"name": "mpi", "transfer": "all-reduce"}]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    check_report r.json
    assert_report r.json 'all(c["status"] == "skipped" for c in cases)' \
        'all("is not for what the method" in c["reason"] for c in cases[:3])' \
        '"a multiple of 16 bytes" in cases[3]["reason"]' '"no window of 2" in cases[4]["reason"]' \
        '"the path says remote" in cases[5]["reason"]'
}

@test "queue: every item arrives, and the figures say who waited and how full it was" {
    scenario s.json '[{"pattern": "queue", "paths": ["host->host"], "sizes": 64,
        "methods": [{"name": "queue", "producers": [1, 4], "consumers": [1, 2], "capacity": [1, 2, 8]}]},
        {"pattern": "queue", "paths": ["host->host"], "sizes": [16, 31, 32, "1MiB"],
         "methods": [{"name": "queue", "consumers": 2, "work": "200us"}]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    validate_report r.json
    assert_report r.json 'ok == cases' 'len(cases) == 16' \
        'all(ranks(c) == [(0, 0)] for c in cases)' \
        'all(c["verify"]["wrong_bytes"] == 0 and c["verify"]["checked_bytes"] >= c["key"]["bytes"] * (1 + c["timing"]["ops_per_sample"] * c["timing"]["n"]) for c in cases)' \
        'all(c["timing"]["ops_per_sample"] * c["time_us"]["max"] >= 1000 for c in cases)' \
        'all(0 <= c["figures"]["occupancy_mean"] <= c["key"]["options"]["capacity"] and 1 <= c["figures"]["occupancy_max"] <= c["key"]["options"]["capacity"] for c in cases)' \
        'all(c["time_us"]["min"] <= 1.001e6 / c["figures"]["items_per_s"] for c in cases)' \
        'all(0 <= c["figures"][side + "_wait_us"] <= 1e6 / c["figures"]["items_per_s"] * c["key"]["options"][side + "s"] for c in cases for side in ("producer", "consumer"))' \
        'all(c["time_us"]["min"] >= 99.9 for c in cases[12:])' \
        'all(c["figures"]["producer_wait_us"] > 20 and c["figures"]["occupancy_mean"] > 0.5 for c in cases[12:])' \
        'all(c["bandwidth_gb_per_s"]["median"] == 0 == c["transfer_bytes"] and c["figures"]["cpus"] >= 1 for c in cases)'
}

@test "queue: a consumer that takes too long ends the case, and those who wait for it" {
    scenario s.json '[{"pattern": "queue", "paths": ["host->host"], "sizes": 64,
        "methods": [{"name": "queue", "producers": 3, "work": "1min"}, "queue"]}]'
    run -1 --separate-stderr xb run s.json -o r.json --case-timeout 4
    assert_report r.json '[c["status"] for c in cases] == ["timeout", "ok"]' '" 4 s" in cases[0]["reason"]'
}

@test "queue: method and pattern belong together, and what is no queue is skipped with the reason" {
    scenario s.json '[{"paths": ["host->host"], "sizes": 64, "methods": ["queue"]},
        {"pattern": "queue", "paths": ["host->host"], "sizes": 64, "methods": ["direct"]},
        {"pattern": "queue", "paths": ["host->gpu", "host->host@node"], "sizes": 64, "methods": ["queue"]},
        {"pattern": "queue", "paths": ["host->host"], "sizes": [15, 1048577], "methods": ["queue"]},
        {"pattern": "queue", "paths": ["host->host"], "sizes": 64, "window": 2, "methods": ["queue"]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    check_report r.json
    assert_report r.json 'all(c["status"] == "skipped" for c in cases)' 'len(cases) == 7' \
        'all("is not for what the method" in c["reason"] for c in cases[:2])' \
        '"does not do the path" in cases[2]["reason"]' '"queue is within one rank" in cases[3]["reason"]' \
        'all("16 to 1048576 bytes" in c["reason"] for c in cases[4:6])' '"no window of 2" in cases[6]["reason"]'
}

@test "what a device of host memory has no equivalent of is skipped with the reason" {
    scenario s.json '[{"paths": ["gpu->gpu@node"], "sizes": 96, "methods": ["nccl", "unified", {"name": "mpi", "memory": "managed"}]},
        {"paths": ["host->gpu", "gpu->host"], "sizes": 96, "methods": ["unified"]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    check_report r.json
    assert_report r.json 'all(c["status"] == "skipped" for c in cases)' \
        '"NCCL" in cases[0]["reason"]' 'all("does not migrate" in c["reason"] for c in cases[1:])'
}

@test "a pipelined case tells its stages, the model's time and the bottleneck" {
    scenario s.json '[{"paths": ["gpu->gpu@node", "host->host@node", "gpu->gpu"], "sizes": "4MiB", "methods": [{"name": "host-staged", "chunk": ["256KiB", "size"], "depth": [1, 3]}]},
        {"paths": ["host->gpu"], "sizes": "4MiB", "methods": [{"name": "zero-copy", "chunk": "1MiB"}]},
        {"paths": ["host->gpu"], "sizes": 8, "methods": ["direct"]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    check_report r.json
    assert_report r.json 'ok == cases' 'cases[-1]["pipeline"] is None' \
        'all([s["name"] for s in c["pipeline"]["stages"]] == ["copy-in", "copy-out"] for c in cases if c["key"]["method"] == "host-staged")' \
        'all(c["pipeline"]["stages"][-1]["rank"] == (1 if c["key"]["locality"] == "node" else 0) for c in cases if c["key"]["method"] == "host-staged")' \
        'all(c["pipeline"]["chunks"] == c["key"]["bytes"] // c["key"]["chunk_bytes"] for c in cases[:-1])' \
        'all(s["us"] > 0 and s["first_us"] > 0 for c in cases[:-1] for s in c["pipeline"]["stages"])' \
        'all((c["pipeline"]["there_us"] is not None) == (c["pipeline"]["back_us"] is not None) == (c["key"]["locality"] == "node") for c in cases[:-1])' \
        'all(c["pipeline"]["measured_over_model"] > 0 for c in cases[:-1])'
}

@test "a trace has a bar for each chunk in each stage, and arrows from stage to stage" {
    scenario s.json '[{"paths": ["gpu->gpu@node", "gpu->gpu"], "sizes": "1MiB", "methods": [{"name": "host-staged", "chunk": "256KiB", "depth": 3}, "p2p"]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json --trace t.json
    need_python
    "$PYTHON" - t.json <<'EOF'
import json, sys
events = json.load(open(sys.argv[1]))["traceEvents"]
for process, ranks in ((0, "01"), (2, "00")):
    mine = [e for e in events if e["pid"] == process]
    bars = [e for e in mine if e["ph"] == "X"]
    names = {e["tid"]: e["args"]["name"] for e in mine if e["name"] == "thread_name"}
    assert sorted(names.values()) == ["rank %s copy-in" % ranks[0], "rank %s copy-out" % ranks[1]], names
    assert sorted((names[b["tid"]].split()[-1], b["name"]) for b in bars) == sorted(
        (s, "chunk %d" % k) for s in ("copy-in", "copy-out") for k in range(4))
    assert all(b["ts"] >= 0 and b["dur"] >= 0 for b in bars)
    starts = {e["id"]: e for e in mine if e["ph"] == "s"}
    ends = {e["id"]: e for e in mine if e["ph"] == "f"}
    assert len(starts) == 4 and starts.keys() == ends.keys()
    assert all(starts[i]["ts"] <= ends[i]["ts"] and starts[i]["tid"] < ends[i]["tid"] for i in starts)
    bound = lambda e: [b["name"] for b in bars if b["tid"] == e["tid"] and b["ts"] < e["ts"] < b["ts"] + b["dur"]]
    pairs = [(bound(starts[i]), bound(ends[i])) for i in starts]
    assert sorted(pairs) == [(["chunk %d" % k],) * 2 for k in range(4)], pairs
assert {e["pid"] for e in events} == {0, 2}
EOF
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
    scenario s.json '[{"paths": ["gpu->gpu@node"], "sizes": 8, "methods": ["direct"]},
        {"paths": ["gpu->gpu"], "sizes": 8, "methods": ["mpi", "zero-copy"]},
        {"paths": ["gpu->gpu+1"], "sizes": 8, "methods": ["direct"]},
        {"paths": ["gpu->gpu@remote"], "sizes": 8, "methods": ["mpi"]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    check_report r.json
    assert_report r.json 'len(cases) == 5 and not ok' 'r["paths"] == []' \
        'all("rank 0 (" in c["reason"] and "does not do the path" in c["reason"] for c in cases[:3])' \
        '"gpu+1" in cases[3]["reason"]' \
        'cases[4]["reason"] == "needs two ranks on two nodes; this job has 2 ranks on 1 node"'
}

@test "the report says how it was made: arguments, seed, scenario, variables" {
    scenario s.json '[{"paths": ["host->host"], "sizes": 8, "methods": ["direct"]}]'
    export SECRET_TOKEN=hunter2 UCX_TLS=self,sm XFERBENCH_SECRET=hunter2
    run -0 --separate-stderr xrun 1 run s.json --seed 9007199254740991 -o r.json
    check_report r.json
    assert_report r.json 'r["run"]["seed"] == 2**53 - 1' \
        'r["run"]["argv"][-6:] == ["run", "s.json", "--seed", "9007199254740991", "-o", "r.json"]' \
        'r["run"]["scenario"] == json.load(open("s.json"))' \
        'r["environment"]["variables"]["UCX_TLS"] == "self,sm"' \
        'r["run"]["slurm"] is None' 'r["run"]["start_utc"] <= r["run"]["end_utc"]'
    run -1 grep -E 'SECRET|hunter2' r.json
    local names='CUDA_.*|NCCL_.*|UCX_.*|UCC_.*|OMPI_MCA_(btl|coll|mtl|opal|osc|pml|mpi_yield).*|FI_PROVIDER'
    run ask r.json '"\n".join(r["environment"]["variables"])'
    [[ -z $(grep -vxE "$names" <<<"$output" || true) ]]
}

@test "a Slurm job is named" {
    scenario s.json '[{"paths": ["host->host"], "sizes": 8, "methods": ["direct"]}]'
    SLURM_JOB_ID=77 SLURM_JOB_PARTITION=gpu run -0 --separate-stderr xrun 1 run s.json -o r.json
    check_report r.json
    assert_report r.json 'r["run"]["slurm"]["SLURM_JOB_ID"] == "77"' \
        'r["run"]["slurm"]["SLURM_JOB_PARTITION"] == "gpu"'
}

@test "the seed changes the bytes, not the cases" {
    scenario s.json '[{"paths": ["host->host"], "sizes": 8, "methods": ["direct"]}]'
    run -0 xb run s.json -o a.json --seed 1
    run -0 xb run s.json -o b.json --seed 2
    [[ $(ask a.json 'r["run"]["plan_hash"]') == $(ask b.json 'r["run"]["plan_hash"]') ]]
    assert_report b.json 'r["run"]["seed"] == 2' 'len(ok) == 1'
}

@test "without -o the report is named for scenario and time" {
    scenario s.json '[{"paths": ["host->host"], "sizes": 8, "methods": ["direct"]}]'
    run -0 --separate-stderr xb run s.json
    local report
    report=$(echo xferbench-t-*.json)
    [[ $report =~ ^xferbench-t-[0-9]{8}T[0-9]{6}Z\.json$ ]]
    assert_has "$output" "report: $report"
    check_report "$report"
}

@test "progress goes to stderr, the table to stdout, -q is quiet" {
    scenario s.json '[{"paths": ["host->host"], "sizes": 8, "methods": ["direct"]}]'
    run -0 --separate-stderr xb run s.json -o r.json
    assert_has "$stderr" "device cpu: no GPU is used" "[1/1] stream/direct[memory=pinned]/host->host@self/8B: ok"
    assert_has "$output" "stream   direct[memory=pinned]  host->host@self"
    [[ $output != *"[1/1]"* ]]
    run -0 --separate-stderr xb run s.json -o r.json -q
    [[ -z $stderr ]]
    assert_has "$output" "report: r.json"
}

@test "a report replaces the older one, and a pipe is written to" {
    scenario s.json '[{"paths": ["host->host"], "sizes": 8, "methods": ["direct"]}]'
    echo old >r.json
    run -0 xb run s.json -o r.json
    assert_report r.json 'len(ok) == 1'
    mkfifo pipe
    timeout 60 cat pipe >piped.json 3>&- &
    run -0 xb run s.json -o pipe
    wait $!
    validate_report piped.json
    [[ -p pipe ]]
}

@test "overlap: all modes give the same images, with figures of each stage" {
    mkdir tmp
    scenario s.json '[{"pattern": "overlap", "paths": ["gpu->host"], "sizes": "12KiB", "methods": [
        {"name": "gray-scott", "mode": ["lockstep", "prepared", "double", "depth"], "buffers": 4,
         "stages": ["compute", "download", "sum", "write"], "width": 64, "height": 48, "steps": 24, "images": [1, 8]}]}]'
    TMPDIR=$PWD/tmp run -0 --separate-stderr xrun 1 run s.json -o r.json
    validate_report r.json
    [[ -z $(find tmp -name 'xferbench-*') ]]
    assert_report r.json 'ok == cases' 'len(cases) == 32' \
        'all(c["transfer_bytes"] == 0 and c["verify"]["wrong_bytes"] == 0 for c in cases)' \
        'all(list(c["figures"]) == ["cells_steps_gelem_per_s", "prepare_us", "device_us", "process_us", "serial_us", "overlap_reached"] for c in cases)' \
        'all(c["figures"]["cells_steps_gelem_per_s"] > 0 and c["figures"]["prepare_us"] > 0 and c["figures"]["device_us"] > 0 for c in cases)' \
        'all((c["figures"]["process_us"] > 0) == (c["key"]["options"]["stages"] in ("sum", "write")) for c in cases)' \
        'all(0.5 < sum(c["figures"][s + "_us"] for s in ("prepare", "device", "process")) / c["figures"]["serial_us"] < 2 for c in cases)' \
        'all((c["figures"]["overlap_reached"] is None) == (c["key"]["options"]["images"] == 1 or (lambda us: sum(us) - max(us) < 0.05 * sum(us))([c["figures"][s + "_us"] for s in ("prepare", "device", "process")])) for c in cases)' \
        'all(c["figures"]["overlap_reached"] is None or c["figures"]["overlap_reached"] <= 1 for c in cases)'
}

@test "overlap: what it cannot do is skipped with the reason" {
    scenario s.json '[{"pattern": "overlap", "paths": ["gpu->host"], "sizes": "12KiB", "methods": [
            {"name": "gray-scott", "width": 64, "height": [48, 49]},
            {"name": "gray-scott", "width": 62, "height": 48},
            {"name": "gray-scott", "width": 64, "height": 48, "steps": 24, "images": 9}, "direct"]},
        {"pattern": "overlap", "paths": ["host->gpu", "gpu->host@node"], "sizes": "12KiB", "methods": [{"name": "gray-scott", "width": 64, "height": 48}]},
        {"pattern": "overlap", "paths": ["gpu->host"], "sizes": "12KiB", "window": 2, "methods": [{"name": "gray-scott", "width": 64, "height": 48}]},
        {"paths": ["gpu->host"], "sizes": "12KiB", "methods": [{"name": "gray-scott", "width": 64, "height": 48}]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    validate_report r.json
    assert_report r.json '[c["status"] for c in cases] == ["ok"] + ["skipped"] * 8' \
        '"an image of 64 x 49 cells has a size of 12544 bytes, not 12288" in cases[1]["reason"]' \
        '"a multiple of 4, not 62" in cases[2]["reason"]' \
        '"24 steps cannot be divided among 9 images" in cases[3]["reason"]' \
        '"overlap is not for what the method direct does" in cases[4]["reason"]' \
        '"does not do the path host->gpu" in cases[5]["reason"]' \
        '"overlap is within one rank" in cases[6]["reason"]' \
        '"no window of 2" in cases[7]["reason"]' \
        '"stream is not for what the method gray-scott does" in cases[8]["reason"]'
}

# bats test_tags=long
@test "the shipped scenario quick ends well on two ranks" {
    run -0 --separate-stderr xrun 2 run quick --device cpu -o r.json
    check_report r.json
    assert_report r.json 'r["status"] == "ok"' \
        'all(c["status"] == "ok" for c in cases if c["key"]["locality"] != "remote" and c["key"]["options"].get("engine") != "sm" and c["key"]["method"] not in ("nccl", "unified") and c["key"]["options"].get("memory") != "managed" and c["key"]["dst"] != "gpu+1")'
}

# reference_reports COMMAND ARGUMENT...: the command for each of them, its name put in first.
reference_reports() {
    local command=$1 file
    shift
    for file in "$XB_SRCDIR"/results/*/*.json; do
        if [[ $file == */schema/* ]]; then continue; fi
        "$command" "$file" "$@" || return
    done
}

@test "the reference reports were made on GPUs, and ended well" {
    reference_reports assert_report 'r["run"]["device"] == "cuda"' 'r["status"] == "ok"'
}

# bats test_tags=long
@test "the reference reports are as their schema says" {
    reference_reports validate_report
}
