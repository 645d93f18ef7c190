#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Reports held against expectations, and these learnt from reports.

# shellcheck disable=SC2154 # bats' run and common.bash set them

load common

setup() {
    common_setup
    need_python
}

# expectations FILE MEMBERS: expectations of the cpu device with these members.
expectations() {
    cat >"$1" <<EOF
{
  "schema": {"name": "xferbench-expectations", "version": 1},
  "name": "mine",
  "match": {"device": "cpu"},
  $2
}
EOF
}

# measured FILE: a report with a case of two lanes, whose time is known, and one that is skipped.
measured() {
    null_scenario s.json "gpu->gpu@node" '"delay": "2ms"'
    run -0 --separate-stderr xrun 2 run s.json --set 'cases[0].pairs="each"' -o "$1"
}

# like FILE FROM FACTOR HOST: a report like FROM, but of another host, and with 2 ms times a factor
# for each time.
like() {
    "$PYTHON" - "$@" <<'EOF'
import json, sys, zlib
to, file, factor, host = sys.argv[1:]
r = json.load(open(file))
for case in r["cases"]:
    for part in [case] + case["lanes"]:
        for key in part["time_us"] if part["time_us"] else []:
            if part["time_us"][key] is not None and key != "cv":
                part["time_us"][key] = 2000 * float(factor)
for place in r["topology"]["nodes"] + r["topology"]["ranks"]:
    place["host"] = host
r["run"]["id"] = r["run"]["id"][:-8] + "%08x" % zlib.crc32(to.encode()) # another launch
json.dump(r, open(to, "w"))
EOF
}

# learnt FILE: expectations from four launches of four nodes.
learnt() {
    local i factor
    measured r.json
    for i in 1 2 3 4; do
        factor=1.00$i
        like "n$i.json" r.json "$factor" "node0$i"
    done
    run -0 --separate-stderr xb check --learn -o "$1" n1.json n2.json n3.json n4.json
    assert_has "$stderr" "$1: 1 bounds from 4 reports of 4 nodes"
}

# holds FILE EXPRESSION...: every such Python expression is true of the JSON file, j.
holds() {
    "$PYTHON" -c '
import json, sys
j = json.load(open(sys.argv[1]))
wrong = [e for e in sys.argv[2:] if not eval(e)]
sys.exit("not so: %s" % wrong if wrong else 0)' "$@"
}

# valid SCHEMA FILE: by a schema, where there is something to check it with.
valid() {
    [[ -z $XB_PYTHON ]] || "$XB_PYTHON" "$XB_SRCDIR/tests/validate_json.py" "$XB_SRCDIR/results/schema/$1" "$2"
}

@test "what is learnt holds for reports like those, and tells those that are slower" {
    local row
    learnt e.json
    valid expectations-v1.schema.json e.json
    run -0 xb validate e.json
    assert_has "$output" "e.json: ok, 1 bounds"
    for row in "1.0 0 OK" "1.01 0 OK" "1.05 1 WARNING" "1.1 2 CRITICAL" "0.9 1 WARNING"; do
        read -r factor want word <<<"$row"
        like x.json r.json "$factor" node09
        run -"$want" --separate-stderr xb check --expect ./e.json x.json
        assert_has "${lines[0]}" "XFERBENCH $word - " "| 'stream/null[delay:2ms," "us;"
    done
    assert_has "${lines[2]}" "warning: node09: rank " " gpu->rank "
    run -3 --separate-stderr xb check x.json
    assert_has "${lines[0]}" "XFERBENCH UNKNOWN - no expectations match this machine" "--learn"
}

@test "reports of one node alone are learnt from only when told" {
    local file
    measured r.json
    for file in a b c d; do like "$file.json" r.json 1 node01; done
    run -3 --separate-stderr xb check --learn -o e.json a.json b.json c.json d.json
    assert_has "$stderr" "all 4 reports are of one node" "--one-node"
    run -3 --separate-stderr xb check --learn --one-node -o e.json a.json b.json c.json a.json
    assert_has "$stderr" "reports 1 and 4 are of the same run"
    run -0 --separate-stderr xb check --learn --one-node -o e.json a.json b.json c.json d.json
    run -3 --separate-stderr xb check --learn --one-node -o e.json a.json
    assert_has "$stderr" "e.json: "
    run -3 --separate-stderr xb check --learn --one-node --force -o e.json a.json
    assert_has "$stderr" "found no case with figures that is ok in at least 4 of these 1 reports"
    run -0 --separate-stderr xb check --learn --one-node --force --launches 1 -o e.json a.json
    assert_has "$stderr" "bands from 1 launches are a guess"
    run -3 --separate-stderr xb check --learn --one-node --launches 1 --cases '{"method": "mpi"}' a.json
    assert_has "$stderr" "found no case with figures that is ok in at least 1"
    run -3 --separate-stderr xb check --learn --one-node --cases '{"methods": 1}' a.json
    assert_has "$stderr" "--cases" 'unknown key "methods"'
    # its bounds made anew
    like b.json a.json 2 node01
    run -0 --separate-stderr xb check --learn --one-node --launches 1 --like ./e.json -o e2.json b.json
    holds e2.json 'j["name"] == "e2"' 'len(j["bounds"]) == 1' 'j["bounds"][0]["learnt"]["median"] == 4000' \
        'j["bounds"][0]["cases"]["id"].startswith("stream/null")'
    run -3 --separate-stderr xb check --learn --like ./e.json --cases '{}' b.json
    assert_has "$stderr" "--cases does not go with it"
}

@test "what cannot be checked is unknown, also wrong usage" {
    expectations e.json '"bounds": []'
    run -3 --separate-stderr xb check
    assert_has "$stderr" "expected at least one report"
    [[ $output == "XFERBENCH UNKNOWN - wrong usage, which standard error explains" ]]
    run -3 --separate-stderr xb check $'no|\nfile'
    [[ $output == "XFERBENCH UNKNOWN - no/ file: cannot be opened: No such file or directory" ]]
    run -3 --separate-stderr xb check --bogus r.json
    run -3 --separate-stderr xb check --format yaml e.json
    assert_has "$stderr" "--format: got 'yaml', expected plugin, lines"
    run -3 --separate-stderr xb check --one-node e.json
    assert_has "$stderr" "are for --learn"
    run -3 --separate-stderr xb check --learn --format json e.json
    assert_has "$stderr" "--learn makes expectations"
    run -3 --separate-stderr xb check --expect ./e.json none.json
    assert_has "$output" "XFERBENCH UNKNOWN - none.json: "
    run -3 --separate-stderr xb check --expect ./e.json e.json
    assert_has "$output" "XFERBENCH UNKNOWN - e.json:" "xferbench-report"
    run -3 --separate-stderr xb check --expect nowhere e.json
    assert_has "$output" "no expectations 'nowhere'" "/expectations"
    run -0 --separate-stderr xb check --help
    assert_has "$output" "Usage: xferbench check"
}

@test "each form can be read by what it is for" {
    local format
    learnt e.json
    like x.json r.json 2 node09
    for format in plugin lines reason junit prometheus json; do
        run -2 --separate-stderr xb check --expect ./e.json --format "$format" -o "out.$format" x.json n1.json
        [[ -z $output ]]
    done
    run -3 --separate-stderr xb check --expect ./e.json --format prometheus -o out.prometheus x.json
    assert_has "$stderr" "out.prometheus: "
    run -2 --separate-stderr xb check --expect ./e.json --format prometheus -o out.prometheus --force x.json
    valid check-v1.schema.json out.json
    holds out.json 'j["exit_status"] == 2' '[r["status"] for r in j["reports"]] == ["critical", "good"]' \
        'j["reports"][0]["findings"][0]["figure"]["unit"] == "us"'
    grep -qx 'exit_status: 2' out.lines
    grep -q '^reason: node09: rank [01] gpu->rank [01] gpu' out.lines
    [[ $(wc -l <out.reason) == 1 ]]
    (($(wc -c <out.reason) < 250))
    "$PYTHON" - <<'EOF'
import re, xml.etree.ElementTree as tree
suite = tree.parse("out.junit").getroot()[0]
assert suite.get("failures") == "1" and suite.get("tests") == "2", suite.attrib
label = r'[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*"'
names, sample = set(), re.compile(r'(\w+)(?:\{%s(?:,%s)*\})? [-+.\de]+$' % (label, label))
for line in open("out.prometheus").read().rstrip("\n").split("\n"):
    if line.startswith("# TYPE"):
        names.add(line.split()[2])
    elif not line.startswith("# HELP"):
        assert sample.match(line) and sample.match(line).group(1) in names, line
assert "xferbench_check_case_time_seconds" in names
EOF
    run -0 --separate-stderr xb check --expect ./e.json --format reason n1.json
    [[ -z $output ]]
}

# A bound that no copy on the cpu device breaks, but a lane of tests/cli/slowed.
SLOW='"bounds": [{"cases": {"method": "p2p"}, "time_us": {"above": {"warning": 20000, "critical": 50000}}}]'

slow_scenario() {
    scenario s.json '[{"pairs": "each", "paths": ["gpu->gpu@node"], "sizes": "4KiB", "methods": ["p2p"]},
        {"paths": ["host->host"], "sizes": "4KiB", "methods": ["direct"]}]'
    expectations e.json "$SLOW"
}

@test "run --check names a slow lane, after a second look" {
    slow_scenario
    XFERBENCH=$XB_BUILDDIR/tests/cli/slowed
    XB_SLOW_LANE=2,0 XB_SLOW_US=80000 run -1 --separate-stderr xrun 3 run s.json --check --expect ./e.json -o r.json
    assert_has "$stderr" "check: 1 case is not good; it is measured again"
    assert_has "$output" "XFERBENCH CRITICAL - " ": rank 2 gpu->rank 0 gpu same-device: p2p 4KiB: " \
        "expected 20.00 ms or less; 1 case critical, 0 cases good, 1 without a bound" \
        "measured again: stream/p2p[" "; first "
    check_report r.json
    check_report r-again.json
    assert_report r-again.json 'len(cases) == 1' \
        '[(l["src_rank"], l["dst_rank"]) for l in lanes(cases[0]) if l["time_us"]["min"] >= 80000] == [(2, 0)]'
    assert_only_files e.json r.json r-again.json s.json
    # the same, of the report alone
    run -2 --separate-stderr xb check --expect ./e.json --format reason r.json
    assert_has "$output" "xferbench: " ": rank 2 gpu->rank 0 gpu same-device: p2p 4KiB: "
}

@test "run --check names a slow GPU once" {
    slow_scenario
    XFERBENCH=$XB_BUILDDIR/tests/cli/slowed
    XB_SLOW_GPU=1 XB_SLOW_US=80000 run -1 --separate-stderr xrun 3 run s.json -q --check --expect ./e.json -o r.json
    assert_has "$output" ": rank 1 gpu same-device (4 lanes): p2p 4KiB: "
}

@test "run --check: what is good at the second look is good" {
    slow_scenario
    XFERBENCH=$XB_BUILDDIR/tests/cli/slowed
    export XB_SLOW_UNLESS=r-again.json.journal
    XB_SLOW_LANE=2,0 XB_SLOW_US=80000 run -0 --separate-stderr xrun 3 run s.json --check --expect ./e.json -o r.json
    assert_has "$output" "XFERBENCH OK - 1 case good" "measured again: stream/p2p[" "; first "
    assert_report r.json 'max(l["time_us"]["min"] for l in cases[0]["lanes"]) >= 80000'
    assert_report r-again.json 'max(l["time_us"]["min"] for l in cases[0]["lanes"]) < 80000'
    # so is one whose time was over, and the run ends well
    export XB_SLOW_UNLESS=t-again.json.journal
    XB_SLOW_LANE=2,0 XB_SLOW_US=20000000 run -0 --separate-stderr xrun 3 run s.json --case-timeout 5 --check --expect ./e.json -o t.json
    assert_has "$output" "XFERBENCH OK - 1 case good" "; first timeout: "
    assert_report t.json 'cases[0]["status"] == "timeout"'
}

@test "run --check keeps what a run ends with, and ends with 1 for what is not good" {
    local file
    expectations e.json '"bounds": [{"cases": {"method": "null"}, "time_us": {"above": {"critical": 150000}}}]'
    null_scenario s.json "host->host" ''
    run -0 --separate-stderr xrun 2 run s.json -q --check --expect ./e.json -o r.json
    assert_has "$output" "XFERBENCH OK - 1 case good"
    assert_only_files e.json r.json s.json
    null_scenario s.json "host->host" '"corrupt": 3'
    run -4 --separate-stderr xrun 1 run s.json -q --check --expect ./e.json -o corrupt.json
    assert_has "$output" "XFERBENCH CRITICAL - " "corrupt"
    null_scenario s.json "host->host" '"fail": "post"'
    run -1 --separate-stderr xrun 1 run s.json -q --check --expect ./e.json -o failed.json
    assert_has "$output" "XFERBENCH CRITICAL - " "measured again: "
    null_scenario s.json "host->host" '"delay": "200ms"'
    run -1 --separate-stderr xb run s.json -q --check --expect ./e.json -o -
    assert_has "$stderr" "XFERBENCH CRITICAL - " "measured again: "
    printf '%s\n' "$output" >stdout.json
    check_report stdout.json
    # what there was no time for is not good, either; where that is all, nothing was measured
    null_scenario s.json "host->host" '"delay": "300ms"'
    run -3 --separate-stderr xrun 1 run s.json -q --check --expect ./e.json --max-time 0.01s -o t.json
    assert_has "$output" "XFERBENCH UNKNOWN - skipped: the run's time "
    validate_report t.json
    assert_report t.json 'cases[0]["notes"] == ["out-of-time"]'
    # of a machine that nobody has expectations of nothing is good
    run -1 --separate-stderr xrun 1 run s.json -q --check -o none.json
    assert_has "$output" "XFERBENCH UNKNOWN - no expectations match"
    # what is wrong with the files is said before anything is measured
    run -2 --separate-stderr xrun 1 run s.json --expect ./e.json -o x.json
    assert_has "$stderr" "found --expect without --check, expected --check beside it"
    echo '{}' >bad.json
    run -2 --separate-stderr xrun 1 run s.json --check --expect ./bad.json -o x.json
    assert_has "$stderr" "bad.json:1: the key \"schema\" is missing"
    touch x-again.json
    run -2 --separate-stderr xrun 1 run s.json --check --expect ./e.json -o x.json
    assert_has "$stderr" "x-again.json: "
    [[ ! -e x.json ]]
}

@test "the shipped expectations hold for our own reports" {
    local file h200=$XB_SRCDIR/results/2xh200-nv18-2026-11-22
    [[ -f $h200/full.json && -d $XB_SRCDIR/results/2xh200-nv18-2026-11-23 ]] || skip "a release holds only some of the reports"
    run -0 xb validate h200-nv18
    assert_has "$output" "expectations/h200-nv18.json: ok, "
    for file in "$XB_SRCDIR"/scenarios/expectations/*.json; do valid expectations-v1.schema.json "$file"; done
    for file in "$h200"/full.json "$h200"/matrix.json "$h200"/starts/starts-?.json "$h200"/starts/quick-?.json; do
        run -0 xb check "$file"
    done
    # those that they were not learnt from: of the scenario node, on the next day
    run -0 xb check "$XB_SRCDIR"/results/2xh200-nv18-2026-11-23/node/*.json
    assert_has "${lines[0]}" "XFERBENCH OK - 13 cases good, "
    # and one of four GPUs, from before reports told of ECC
    run -3 xb check "$XB_SRCDIR/results/4xh200-nv18-2026-11-22/matrix.json"
    assert_has "${lines[0]}" "ECC: the report does not tell; 4 cases good"
}

@test "the scenario node measures on ranks, and in one process" {
    # one process: 4 links to the host, there and back, and 12 pairs of 4 GPUs
    run -0 xb plan node --topology "$TOPO/h200x4-vm.xml" --ranks 1
    assert_has "$output" "/host->gpu@self/64MiB/pairs=each  -- 1 lane" "/host->gpu+*@self/64MiB/pairs=each  -- 3 lanes" \
        "/gpu->gpu+*@self/64MiB/pairs=each  -- 3 lanes in 3 rounds" "/gpu+*->gpu@self/64MiB/pairs=each  -- 3 lanes" \
        "/gpu+*->gpu+*@self/64MiB/pairs=each  -- 6 lanes in 6 rounds"
    run -0 xb plan node --ranks 8
    assert_has "$output" "/gpu->gpu@node/64MiB/pairs=rounds  -- 56 lanes in 14 rounds"
    run -0 --separate-stderr xrun 2 run node --device cpu -q --set 'cases[*].sizes="64KiB"' -o r.json
    assert_report r.json 'len(ok) == 3' 'all(c["reason"] for c in cases if c["status"] != "ok")'
}
