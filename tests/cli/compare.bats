#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Reports side by side: verdicts, what they stand on, forms, and how compare ends.

# shellcheck disable=SC2154 # bats' run and common.bash set them

load common

setup() {
    common_setup
    need_python
}

# make_reports FOLDER FIRST N KEY=VALUE...: launches FIRST to FIRST+N-1 of a run that never was.
make_reports() {
    local folder=$1 first=$2 n=$3 i
    shift 3
    mkdir -p "$folder"
    for ((i = first; i < first + n; i++)); do
        "$XB_BUILDDIR/tests/report/make_report" launch="$i" common=0.001 own=0.001 "$@" "$folder/$i.json"
    done
}

# validate_comparison FILE: by its schema, or loudly not.
validate_comparison() {
    if [[ -z $XB_PYTHON ]]; then
        echo "# NOT CHECKED by the schema, no python with jsonschema: $BATS_TEST_DESCRIPTION" >&3
        return
    fi
    "$XB_PYTHON" "$XB_SRCDIR/tests/validate_json.py" "$XB_SRCDIR/results/schema/comparison-v1.schema.json" "$1"
}

# assert_comparison FILE EXPRESSION...: every such expression is true of the comparison c, where by
# has its cases by their ids' methods and sizes, "mpi 4KiB", and of these the first change.
assert_comparison() {
    "$PYTHON" - "$@" <<'EOF'
import json, sys
c = json.load(open(sys.argv[1]))
by = {" ".join([x["method"]] + x["id"].split("/")[3:4]): x["changes"][0] for x in c["cases"] if x["changes"]}
wrong = [e for e in sys.argv[2:] if not eval(e, {"c": c, "by": by})]
print("\n".join("not so: " + e for e in wrong))
sys.exit(bool(wrong))
EOF
}

@test "what takes longer is found, and nothing else" {
    make_reports old 1 5
    make_reports new 11 5 'slow=*/mpi*' factor=1.2
    run -1 --separate-stderr xb compare old/*.json -- new/*.json
    [[ -z $stderr ]]
    assert_has "$output" "base: 5 launches, new: 5 launches" "shared: build.version 0.1.0" \
        "Their environments do not differ." "stream/mpi/gpu->gpu@node/4KiB" "slower" \
        "6 same, 0 faster, 2 slower, 0 unclear, 0 missing of 8."
    [[ $output != *"nccl/gpu"* ]]
    run -1 --separate-stderr xb compare old new --all
    assert_has "$output" "old (base): 5 launches, new: 5 launches" "stream/nccl/gpu->gpu@node/4KiB"
    run -0 --separate-stderr xb compare new -- old
    assert_has "$output" "6 same, 2 faster"
    run -0 --separate-stderr xb compare old -- new --threshold 30%
    assert_has "$output" "8 same" "beyond 30 %"
}

@test "how compare ends: unreadable, corrupt, slower, missing" {
    make_reports old 1 4
    make_reports slow 11 4 'slow=*/mpi*' factor=1.2
    make_reports gone 21 4 'skipped=*/mpi*'
    make_reports both 31 4 'skipped=*/mpi*' 'slow=*/nccl*' factor=1.2
    make_reports bad 41 4 'corrupt=*/mpi*' 'slow=*/nccl*' factor=1.2
    make_reports lost 51 4 'failed=*'
    run -0 xb compare old -- old
    run -1 xb compare old -- slow
    run -3 xb compare old -- gone
    assert_has "$output" "missing in new: skipped: told to be skipped"
    run -0 xb compare gone -- old # what was not there is none that is expected
    run -1 xb compare old -- both
    run -4 xb compare old -- bad
    run -4 xb compare bad
    run -3 xb compare old -- lost
    run -3 xb compare lost
    echo '{}' >old/x.json
    cp old/x.json broken.json
    run -2 --separate-stderr xb compare broken.json -- bad
    assert_one_error "broken.json" "the key \"schema\" is missing"
    run -1 xb compare old -- slow # a folder may hold other files
    run -2 --separate-stderr xb compare nothing.json -- old
    assert_one_error "nothing.json"
    run -2 --separate-stderr xb compare
    assert_one_error "expected at least one report"
    run -2 --separate-stderr xb compare old --
    assert_one_error "expected at least one report"
    run -2 --separate-stderr xb compare old -- slow --threshold much
    assert_one_error "--threshold" "much"
    run -2 --separate-stderr xb compare old -- slow --row colour
    assert_one_error "--row colour"
}

@test "a launch counts once on a side, whatever path names it" {
    make_reports old 1 1
    make_reports new 11 4 factor=1.2
    ln -s old/1.json again.json
    run -2 xb compare old/1.json old/1.json old/1.json old/1.json -- new
    assert_has "$output" "old/1.json: the same file as old/1.json, expected each launch once on a side"
    run -2 xb compare old again.json -- new
    assert_has "$output" "again.json: the same file as old/1.json"
    run -2 xb compare new -- old ./old/1.json
    run -2 xb compare old/1.json old/1.json
    run -0 xb compare old/1.json -- old/1.json
}

@test "every value of --col has its column" {
    make_reports one 1 1 cases=200
    run -0 --separate-stderr xb compare one --row method --col size --all --format json
    local columns
    columns=$("$PYTHON" -c 'import json,sys; print(*{x["column"] for x in json.load(sys.stdin)["cases"]})' <<<"$output")
    (($(wc -w <<<"$columns") > 32))
    run -0 --separate-stderr xb compare one --row method --col size --all
    for column in $columns; do
        [[ $output =~ [[:space:]]$column[[:space:]] ]]
    done
}

@test "forms for programs: JSON by its schema, CSV with a line for each side, JUnit" {
    make_reports old 1 6 wire=nvlink 'wired=*' lanes=12
    make_reports new 11 6 wire=pcie 'wired=*/mpi*' lanes=12 'slow=*/mpi*' factor=1.5 lane=5 'skipped=*/nccl*' variable=UCX_TLS value=tcp
    run -1 --separate-stderr xb compare old new --format json
    echo "$output" >c.json
    validate_comparison c.json
    assert_comparison c.json 'c["exit_status"] == 1' 'len(c["cases"]) == 8' 'len(c["files"]) == 12' \
        'c["counts"] == {"same": 6, "faster": 0, "slower": 0, "unclear": 0, "missing": 2}' \
        '[l["lane"] for l in by["mpi 4KiB"]["lanes"] if l["verdict"] == "slower"] == ["0:02:00.0 -> 0:03:00.0"]' \
        'len(by["mpi 4KiB"]["lanes"]) == 12' 'by["nccl 8KiB"]["verdict"] == "missing"' \
        'by["mpi 8KiB"]["interval"]["lo"] < by["mpi 8KiB"]["time_ratio"] < by["mpi 8KiB"]["interval"]["hi"]' \
        '{"key": "variables.UCX_TLS", "sides": [[None], ["tcp"]]} in c["differing"]' \
        'c["shared"]["nodes[0].host"] == "alpha"' \
        '[s["carried_by"] for s in c["cases"][1]["sides"]] == ["nvlink", "pcie"]' \
        'all(s["median_interval_us"]["lo"] <= s["median_us"] <= s["median_interval_us"]["hi"] for s in c["cases"][0]["sides"])' \
        'all(s["next_launch_us"]["lo"] < s["time_us"] < s["next_launch_us"]["hi"] for s in c["cases"][0]["sides"])'
    run -1 --separate-stderr xb compare old new --format csv
    echo "$output" >c.csv
    "$PYTHON" - <<'EOF'
import csv, json
rows = list(csv.DictReader(open("c.csv", newline="")))
cases = [r for r in rows if not r["lane"]]
lanes = [r for r in rows if r["lane"]]
assert len(cases) == 16 and len(lanes) == 72, (len(cases), len(lanes))
assert [r["side"] for r in cases[:2]] == ["old", "new"]
for r, c in zip(cases[1::2], json.load(open("c.json"))["cases"]):
    change = c["changes"][0]
    assert r["case"] == c["id"] and r["verdict"] == change["verdict"], r
    assert (float(r["time_ratio"]) if r["time_ratio"] else None) == change["time_ratio"], r
EOF
    run -1 --separate-stderr xb compare old new --format junit
    echo "$output" >c.xml
    "$PYTHON" - <<'EOF'
import xml.etree.ElementTree as tree
suite = tree.parse("c.xml").getroot()[0]
failed = [c.get("name") for c in suite if c.find("failure") is not None]
assert suite.get("failures") == "2" and suite.get("errors") == "2", suite.attrib
assert all(name.endswith("lane 0:02:00.0 -> 0:03:00.0") for name in failed), failed
EOF
    run -1 --separate-stderr xb compare old new --format markdown
    assert_has "$output" "| case | old | new | new/old | interval | verdict |" "| variables.UCX_TLS | - | tcp |"
}

@test "one side alone: medians, their intervals, and where the next launch will be" {
    make_reports runs 1 6
    run -0 --separate-stderr xb compare runs
    assert_has "$output" "runs: 6 launches" "next launch" "stream/mpi/gpu->gpu@node/8KiB"
    run -0 --separate-stderr xb compare runs -f json
    echo "$output" >c.json
    validate_comparison c.json
    assert_comparison c.json 'len(c["sides"]) == 1' 'all(x["changes"] == [] for x in c["cases"])'
}

@test "a campaign's folder: configurations are sides, the first is the base" {
    make_reports ab 1 4
    make_reports ab 11 4 'slow=*/mpi*' factor=2
    make_reports ab 21 3
    "$PYTHON" - <<'EOF'
import json
launches = [{"config": name, "number": i, "report": "%d.json" % (first + i)}
            for name, first, n in (("nvlink", 1, 4), ("staged", 11, 4), ("third", 21, 3)) for i in range(n)]
launches.append({"config": "third", "number": 3, "report": None})
json.dump({"schema": {"name": "xferbench-campaign", "version": 1},
           "configs": [{"name": n} for n in ("nvlink", "staged", "third")], "launches": launches}, open("ab/campaign.json", "w"))
EOF
    run -1 --separate-stderr xb compare ab
    assert_has "$output" "nvlink (base): 4 launches, staged: 4 launches, third: 3 launches" \
        "warning: third has 3 launches, which are too few" "14 same, 0 faster, 2 slower"
    run -0 --separate-stderr xb compare ab --row config --base staged
    assert_has "$output" "staged (base): 4 launches, nvlink: 4 launches" "4 faster" "0 slower"
    run -0 --separate-stderr xb compare ab --filter config=nvlink --filter config=third
    run -2 --separate-stderr xb compare ab -- old
    assert_one_error "campaign.json" "configs"
}

@test "noise of a machine tells what one launch a side cannot" {
    make_reports old 1 1
    make_reports new 11 1 'slow=*/mpi*' factor=1.5
    "$XB_BUILDDIR/tests/report/test_compare_noise" noise.json >/dev/null
    if [[ -n $XB_PYTHON ]]; then
        "$XB_PYTHON" "$XB_SRCDIR/tests/validate_json.py" "$XB_SRCDIR/results/schema/noise-v1.schema.json" noise.json
    fi
    run -0 --separate-stderr xb compare old -- new
    assert_has "$output" "8 unclear"
    run -1 --separate-stderr xb compare old -- new --noise noise.json
    assert_has "$output" "0 same" "2 slower, 6 unclear"
    run -2 --separate-stderr xb compare old -- new --noise old/1.json
    assert_one_error "old/1.json" "xferbench-noise"
}

@test "within one report: methods side by side, sizes as columns" {
    scenario s.json '[{"paths": ["host->host@node"], "sizes": ["4KiB", "64KiB"], "methods": ["mpi", "host-staged"]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    run -0 --separate-stderr xb compare r.json --row method --col size --base mpi
    assert_has "$output" "2 sides of 1 launch; base: mpi" "warning: the comparison has one launch" \
        "stream/host->host@node  host-staged" "64KiB"
    run -0 --separate-stderr xb compare r.json --row method --format json
    echo "$output" >c.json
    validate_comparison c.json
    assert_comparison c.json 'c["paired"]' 'len(c["cases"]) == 2' \
        'all(x["changes"][0]["verdict"] == "unclear" for x in c["cases"])'
}

@test "lanes of ranks without a GPU are named by these" {
    scenario s.json '[{"pairs": "each", "paths": ["host->host@node", "gpu->gpu@node"], "sizes": "4KiB", "methods": ["mpi"]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    run -0 --separate-stderr xb compare r.json -- r.json --all
    assert_has "$output" "0:rank0 host -> 0:rank1 host" "0:rank1 host -> 0:rank0 host" "0:rank0 -> 0:rank1  "
}

@test "a report against itself is the same, of every kind that there is" {
    run -0 --separate-stderr xb compare "$XB_SRCDIR"/results/2xh200-nv18-2026-11-22/starts/quick-[1-3].json -- \
        "$XB_SRCDIR"/results/2xh200-nv18-2026-11-22/starts/quick-[4-6].json --format json
    echo "$output" >c.json
    validate_comparison c.json
    assert_comparison c.json 'c["counts"]["slower"] == c["counts"]["faster"] == c["counts"]["missing"] == 0' \
        'len(c["cases"]) == 72'
}

# bats test_tags=long
@test "two sets of 8 reports of 10000 cases need less memory and time than reading them in Python" {
    need_own_memory
    make_reports old 1 8 cases=10000 wire=nvlink 'wired=*'
    make_reports new 11 8 cases=10000 wire=nvlink 'wired=*'
    "$PYTHON" - "$XFERBENCH" <<'EOF'
import json, os, resource, subprocess, sys, time
begin = time.process_time()
json.load(open("old/1.json"))
one = time.process_time() - begin
subprocess.run([sys.argv[1], "compare", "old", "new"], stdout=subprocess.DEVNULL, check=True)
took = resource.getrusage(resource.RUSAGE_CHILDREN)
print("# json.load of one: %.2f s; compare of sixteen: %.2f s and %d MiB" % (one, took.ru_utime + took.ru_stime, took.ru_maxrss // 1024))
assert took.ru_maxrss < 512 * 1024, took.ru_maxrss
assert took.ru_utime + took.ru_stime < 16 * one, (took, one)
EOF
}
