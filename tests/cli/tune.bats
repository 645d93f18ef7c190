#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# tune: a policy that is measured, and what it is worth.

# shellcheck disable=SC2154 # bats' run and common.bash set them

load common

setup() { common_setup; }

teardown() {
    explain_failure
    end_job
}

# Little of everything: sizes of a test, and one sample more than none.
small_tune() {
    cat >tune.json <<EOT
{"name": "small", "device": "cpu",
 "sampling": {"min_samples": 6, "max_samples": 8, "max_time": "5ms", "warmup": "0s"},
 "cases": [
   {"paths": ["host->gpu"], "sizes": ["64KiB", "1MiB"], "methods": ["direct", "zero-copy", "unified"]},
   {"paths": ["gpu->gpu@node"], "sizes": ["4KiB", "1MiB"], "methods": ["p2p", "host-staged", "nccl"]},
   {"paths": ["gpu->gpu@remote"], "sizes": "1MiB", "methods": ["mpi"]}]}
EOT
}

@test "tune writes a policy that is valid and that run can follow" {
    small_tune
    run -0 --separate-stderr xrun 2 tune tune.json -o tuned.json --report all.json -q
    assert_has "$output" "gpu->gpu@node" "host->gpu@self" "regret of static: worst " "regret of tuned: worst " "policy: tuned.json" "measurements"
    run -0 xb validate tuned.json
    if [[ -n $XB_PYTHON ]]; then
        "$XB_PYTHON" "$XB_SRCDIR/tests/validate_json.py" "$XB_SRCDIR/results/schema/policy-v1.schema.json" tuned.json
    fi
    [[ -z $PYTHON ]] || assert_short_numbers tuned.json all.json
    validate_report all.json
    scenario s.json '[{"paths": ["host->gpu", "gpu->gpu@node"], "sizes": ["4KiB", "32KiB", "1MiB", "2MiB"], "methods": ["auto"]}]'
    run -0 --separate-stderr xrun 2 run s.json --policy ./tuned.json -o r.json
    assert_report r.json 'ok == cases' 'all(c["chosen"]["method"] in ("direct", "zero-copy", "p2p", "host-staged") for c in cases)'
}

@test "tune finds how blocks are submitted, by their number and size" {
    cat >blocks.json <<EOT
{"name": "blocks", "device": "cpu",
 "sampling": {"min_samples": 6, "max_samples": 8, "max_time": "5ms", "warmup": "0s"},
 "cases": [
   {"paths": ["host->gpu"], "sizes": "64KiB", "methods": ["direct"]},
   {"paths": ["host->gpu"], "sizes": ["32KiB", "1MiB"], "methods": [
     {"name": "direct", "blocks": [16, 64], "order": ["contiguous", "scattered"], "submission": ["loop", "kernel", "pack", "2d"]}]},
   {"paths": ["gpu->gpu@node"], "sizes": "48KiB", "methods": [
     {"name": "host-staged", "blocks": 3, "order": "strided", "blocks_at": "dst"}, {"name": "host-staged", "blocks": 16}]}]}
EOT
    run -0 --separate-stderr xrun 2 tune blocks.json -o tuned.json --report all.json -q
    assert_has "$output" "2-32" "33-" "scattered" "contiguous" "regret of tuned: worst "
    run -0 xb validate tuned.json
    if [[ -n $XB_PYTHON ]]; then
        "$XB_PYTHON" "$XB_SRCDIR/tests/validate_json.py" "$XB_SRCDIR/results/schema/policy-v1.schema.json" tuned.json
    fi
    validate_report all.json
    scenario s.json '[{"paths": ["host->gpu"], "sizes": ["64KiB", "1MiB"], "methods": [
        "auto", {"name": "auto", "blocks": [2, 32, 128], "order": ["contiguous", "scattered"]}]},
        {"paths": ["gpu->gpu@node"], "sizes": "60KiB", "methods": [{"name": "auto", "blocks": [12, 15]}]}]'
    run -0 --separate-stderr xrun 2 run s.json --policy ./tuned.json -o r.json
    assert_report r.json 'ok == cases and len(cases) == 16' \
        'all(c["chosen"]["options"].get("blocks", 1) == c["key"]["options"].get("blocks", 1) for c in cases)' \
        'all("2d" != c["chosen"]["options"].get("submission") for c in cases if c["key"]["options"].get("order") == "scattered")'
    # what is chosen for a point is a trial of that point
    "$PYTHON" - <<'EOT'
import json
policy, report = json.load(open("tuned.json")), json.load(open("all.json"))
rules = [r for r in policy["rules"] if "blocks" in r]
assert {(r["src"], r["order"], r["blocks_at"]) for r in rules} == {
    ("host", "contiguous", "both"), ("host", "scattered", "both"), ("gpu", "strided", "dst"), ("gpu", "contiguous", "both")}
assert {(r["blocks"].get("from"), r["blocks"].get("to")) for r in rules if r["src"] == "host"} == {(2, 32), (33, None)}
tried = {(c["key"]["path"]["src"] if "path" in c["key"] else c["key"]["src"], c["key"]["options"].get("order", "contiguous"),
          c["key"]["options"].get("submission", "loop")) for c in report["cases"] if c["status"] == "ok"}
for r in rules:
    assert (r["src"], r["order"], r["use"].get("submission", "loop")) in tried, r
assert policy["source"]["regret"]["tuned"]["points"] == 11, policy["source"]["regret"]["tuned"]
EOT
}

@test "all that was tried is in the report once, and what tune found is the best of it" {
    need_python
    small_tune
    run -0 --separate-stderr xrun 2 tune tune.json -o tuned.json --report all.json -q
    "$PYTHON" - <<'EOT'
import json
report, policy = json.load(open("all.json")), json.load(open("tuned.json"))
ids = [c["id"] for c in report["cases"]]
assert len(ids) == len(set(ids))
assert {c["key"]["method"] for c in report["cases"]} >= {"direct", "zero-copy", "unified", "p2p", "host-staged", "nccl", "mpi"}
source = policy["source"]
assert source["cases_measured"] <= len(ids) and source["tuning_s"] > 0
for name in ("static", "tuned"):
    assert source["regret"][name]["points"] == 4 and source["regret"][name]["worst"] >= 1
found = {(p["method"], p["bytes"]): p for p in source["pipelines"]}
assert set(found) == {("zero-copy", 65536), ("zero-copy", 1 << 20), ("host-staged", 4096), ("host-staged", 1 << 20)}, set(found)
for (method, size), p in found.items():
    mine = [c for c in report["cases"] if c["status"] == "ok" and c["key"]["method"] == method and c["key"]["bytes"] == size]
    own = [c for c in mine if (c["key"].get("chunk_bytes"), c["key"].get("depth")) == (p["chunk_bytes"], p["depth"])]
    assert len(own) == 1
    # a finalist has the time of its passes, which is not to be compared with those of one moment
    once = [c["time_us"]["median"] for c in mine if c["timing"]["interval"] == "samples"]
    if own[0]["timing"]["interval"] == "samples":
        assert p["us"] <= min(once) / 0.99, (method, size, p["us"], once)
    else:
        assert abs(p["us"] - own[0]["time_us"]["median"]) < 1e-3
    assert len(mine) >= (2 if size > 4096 else 1)  # the smallest chunk is 4 KiB
EOT
}

@test "the report of tune says what was chosen, against the best and static, and table and page show it" {
    need_python
    small_tune
    run -0 --separate-stderr xrun 2 tune tune.json -o tuned.json --report all.json -q
    validate_report all.json
    COLUMNS=200 xb report all.json >table
    XFERBENCH_PYTHON=/nowhere/python3 xb report --format html all.json -o page.html
    "$PYTHON" - <<'EOT'
import json
report, source = json.load(open("all.json")), json.load(open("tuned.json"))["source"]
by_id = {c["id"]: c for c in report["cases"]}
points = report["tuned"]["points"]
assert len(points) == 5 and len({(p["src"], p["locality"], p["bytes"]) for p in points}) == 5
for p in points:
    same = lambda c: all(c["key"][k] == p[k] for k in ("src", "dst", "locality", "bytes"))
    assert p["measured"] == sum(c["status"] == "ok" and same(c) for c in report["cases"]), p
    for use in (p["chosen"], p["static"], p["best"]):
        assert use is None or same(by_id[use["id"]]) and by_id[use["id"]]["status"] == "ok"
        assert use is None or use["use"].startswith(by_id[use["id"]]["key"]["method"])
        assert use is None or abs(use["regret"] - use["us"] / p["best"]["us"]) < 1e-3
    assert (p["chosen"] is None) == (p["measured"] == 0) and (p["measured"] > 0 or p["locality"] == "remote")
for name, key in (("tuned", "chosen"), ("static", "static")): # as the policy says it
    regrets = [p[key]["regret"] for p in points if p[key]]
    assert abs(max(regrets) - source["regret"][name]["worst"]) < 1e-4, (name, regrets)
assert [x["above"] for x in report["tuned"]["crossovers"]] == [x["above"] for x in source["crossovers"]]
texts = [[p["chosen"]["use"] if p["chosen"] else "nothing works", "%.3f" % p["chosen"]["regret"] if p["chosen"] else "-"] for p in points]
table, page = open("table").read(), open("page.html").read()
rows = table.split("what tune chose\n")[1].splitlines()[2:]
works = [t for t in texts if t[1] != "-"]
assert len(works) == 4 and all(t in row for use, row in zip(works, rows) for t in use), (works, rows)
assert rows[4] == "nothing works at 1 point: gpu->gpu@remote", rows
part = page.split('<section id="tuned">')[1].split("</section>")[0]
assert part.count("<tr>") == 1 + len(works) + (1 + len(source["crossovers"]) if source["crossovers"] else 0), part
words = part.replace("<wbr>", "")
assert all(t.replace(">", "&gt;") in words for use in works for t in use)
assert "<p>nothing works at 1 point: gpu-&gt;gpu@remote</p>" in part
EOT
    "$PYTHON" "$XB_SRCDIR/tests/page.py" page.html '"regret of static: worst " in by["tuned"].whole'
    # one that is to be shown to others keeps it; one of anything else has none
    xb report --anonymize all.json >others.json
    "$PYTHON" - <<'EOT'
import json
assert json.load(open("others.json"))["tuned"] == json.load(open("all.json"))["tuned"]
EOT
    scenario s.json '[{"paths": ["host->gpu"], "sizes": "4KiB", "methods": ["direct"]}]'
    run -0 --separate-stderr xrun 1 run s.json -o r.json -q
    grep -qE '"tuned":\s*null' r.json
    run -0 xb report r.json
    [[ $output != *"what tune chose"* ]]
}

@test "where nothing can be measured tune says so, and writes nothing" {
    scenario s.json '[{"paths": ["gpu->gpu@remote"], "sizes": "4KiB", "methods": ["mpi"]}]'
    run -1 --separate-stderr xrun 2 tune s.json -o tuned.json
    assert_has "$stderr" "nothing could be measured"
    assert_only_files s.json
    run -1 --separate-stderr xrun 2 tune s.json -o tuned.json --report why.json
    assert_only_files s.json why.json
    validate_report why.json
    if [[ -n $PYTHON ]]; then
        assert_report why.json 'cases and all(c["status"] == "skipped" and c["reason"] for c in cases)'
    fi
    run -2 --separate-stderr xb tune nowhere.json
    run -2 --separate-stderr xb tune --frobnicate
}

@test "what the shipped policy chooses is a candidate, and nothing is chosen that another surely beats" {
    cat >s.json <<EOT
{"name": "s", "device": "cpu", "sampling": {"min_samples": 6, "max_samples": 8, "max_time": "5ms", "warmup": "0s"},
 "cases": [{"paths": ["gpu->gpu@node"], "sizes": ["64KiB", "1MiB"], "methods": ["mpi"]}]}
EOT
    run -0 --separate-stderr xrun 2 tune s.json -o tuned.json --report all.json -q
    need_python
    "$PYTHON" - <<'EOT'
import json
policy, cases = json.load(open("tuned.json")), json.load(open("all.json"))["cases"]
assert policy["source"]["cases_measured"] >= 4
for size in (1 << 16, 1 << 20):
    mine = [c for c in cases if c["status"] == "ok" and c["key"]["bytes"] == size]
    assert {c["key"]["method"] for c in mine} == {"mpi", "p2p"}, "the shipped policy says p2p"
    final = [c for c in mine if c["timing"]["interval"] == "passes"]
    slowest = min(c["time_us"]["ci_hi"] for c in final)
    good = {c["key"]["method"] for c in final if c["time_us"]["ci_lo"] <= slowest}
    rule = next(r for r in policy["rules"] if r.get("from", 0) <= size <= r.get("to", size))
    assert rule["use"]["method"] in good, (size, rule, good)
EOT
}

@test "candidates that are not ways to do the same are refused, before anything is measured" {
    local bad
    for bad in '"pattern": "pingpong", "methods": ["mpi"]' '"window": 4, "methods": ["mpi"]' \
        '"cache": "cold", "methods": ["mpi"]' '"src_offset": 8, "methods": ["mpi"]' '"methods": ["null"]' '"methods": ["auto"]'; do
        scenario s.json "[{\"paths\": [\"gpu->gpu@node\"], \"sizes\": 8, $bad}]"
        run -2 --separate-stderr xb tune s.json -o tuned.json
        assert_has "$stderr" "tune compares transfers"
    done
    for bad in '"blocks": 4, "order": "strided", "stride": "4KiB"|knows no stride and no planes' '"submission": ["loop", "kernel"]|knows no submission'; do
        scenario s.json "[{\"paths\": [\"host->gpu\"], \"sizes\": 4096, \"methods\": [{\"name\": \"direct\", ${bad%|*}}]}]"
        run -2 --separate-stderr xb tune s.json -o tuned.json
        assert_has "$stderr" "${bad#*|}"
    done
    small_tune
    run -2 --separate-stderr xrun 2 tune tune.json -o nowhere/tuned.json
    assert_has "$stderr" "nowhere/tuned.json: cannot be the policy: No such file"
    run -2 --separate-stderr xb tune tune.json -o tuned.json --report tuned.json
    assert_has "$stderr" "--output and --report: found tuned.json for both, expected two files"
    run -2 --separate-stderr timeout 60 "$MPIRUN" -n 1 --oversubscribe "$XB_BUILDDIR/xferbench" tune tune.json -o tuned.json : \
        -n 1 "$XB_BUILDDIR/xferbench" tune tune.json -o tuned.json --set 'cases[1].sizes=["4KiB"]'
    assert_has "$stderr" "rank 1" "overrides is cases[1].sizes"
    [[ ! -e tuned.json ]]
}

@test "-o - writes the policy to standard output and nothing else there" {
    scenario s.json '[{"paths": ["host->gpu"], "sizes": "64KiB", "methods": ["direct", "zero-copy"]}]'
    run -0 --separate-stderr xb tune s.json -o - --passes 1
    cat >tuned.json <<<"$output"
    run -0 xb validate tuned.json
    assert_only_files s.json tuned.json
    run -0 --separate-stderr xb tune s.json -o tuned.json --force --report - --passes 1
    cat >report.json <<<"$output"
    validate_report report.json
    assert_has "$stderr" "policy: tuned.json" "regret of tuned"
}

# refuse_tune WHY FILE [OPTION]: as the policy, or with --report as the report.
refuse_tune() {
    local why=$1 file=$2 output=-o
    shift 2
    if [[ ${1-} == --report ]]; then output=--report; shift; fi
    [[ -e fifo ]] || mkfifo fifo
    [[ -e tuned.json ]] || echo '{}' >tuned.json
    local elsewhere=()
    if [[ $output == --report ]]; then elsewhere=(-o elsewhere.json); fi
    run -2 --separate-stderr xb tune mine.json "$output" "$file" "${elsewhere[@]}" "$@"
    assert_one_error "$why"
}

@test "what tune writes replaces nothing, and a report that nobody asked for finds a name" {
    cp "$XB_SRCDIR/scenarios/tune.json" mine.json
    ln mine.json hard.json
    refuse_tune "tuned.json: cannot be the policy: it is there already; --force replaces it" tuned.json
    refuse_tune "tuned.json: cannot be the report: it is there already" tuned.json --report
    refuse_tune "hard.json: cannot be the policy: it is the scenario" hard.json --force
    refuse_tune "/dev/full: cannot be the policy: No space left on device" /dev/full
    refuse_tune "'': cannot be the policy: found an empty text, expected the name of a file" ''
    refuse_tune "fifo: cannot be the policy: it is a pipe" fifo
    assert_only_files mine.json hard.json fifo tuned.json
}

# start_tune ARGUMENT...: a tune with these arguments that is behind its first candidate, in the middle of the
# next, whose first transfer takes nearly a minute.
start_tune() {
    cat >slow.json <<EOT
{"name": "slow", "device": "cpu",
 "sampling": {"min_samples": 6, "max_samples": 6, "max_time": "5ms", "warmup": "0s"},
 "cases": [{"paths": ["gpu->gpu@node"], "sizes": ["4KiB"], "methods": ["p2p", "mpi"]}]}
EOT
    XFERBENCH=$XB_BUILDDIR/tests/cli/slowed XB_SLOW_LANE_mpi=0,1 XB_SLOW_US=50000000 \
        start_ranks 2 tune slow.json -o tuned.json "$@"
    wait_for 100 grep -q '^\[1/2\]' err
}

# check_interrupted FILE ARGUMENT...: such a tune is interrupted; what it measured is in the file.
check_interrupted() {
    local file=$1
    shift
    start_tune "$@"
    kill -s TERM "$(rank_pid 0)"
    wait_job
    assert_status 5
    assert_has "$stderr" "interrupted; no policy was written; what was measured is in $file"
    assert_only_files err out slow.json "$file" ${there:+"$there"}
    validate_report "$file"
    assert_report "$file" 'r["status"] == "interrupted"' 'len(ok) == len(cases) == 1' \
        'r["run"]["scenario"]["name"] == "slow"'
    assert_no_processes
}

@test "finalists have passes, and text, rules and source name the same sizes" {
    need_python
    small_tune
    run -0 --separate-stderr xrun 2 tune tune.json -o tuned.json --report all.json
    assert_has "$stderr" "[pass 1/6] " "[pass 6/6] "
    assert_has "$output" " of them in 6 passes ("
    validate_report all.json
    printf '%s\n' "$output" >text
    "$PYTHON" - <<'EOT'
import json, re
report, policy = json.load(open("all.json")), json.load(open("tuned.json"))
text, source = open("text").read(), policy["source"]
final = [c for c in report["cases"] if c["timing"] and c["timing"]["interval"] == "passes"]
assert all(c["status"] == "ok" and c["timing"]["passes"] == 6 == len(c["passes_us"]) and not "partial" in c["notes"] for c in final)
assert all(c["time_us"]["ci_lo"] == min(c["passes_us"]) and c["time_us"]["ci_hi"] == max(c["passes_us"]) for c in final)
place = lambda k: (k["src"], k["dst"], k["locality"], k["bytes"])
assert {place(c["key"]) for c in final} >= {("host", "gpu", "self", 1 << 16), ("host", "gpu", "self", 1 << 20), ("gpu", "gpu", "node", 1 << 12), ("gpu", "gpu", "node", 1 << 20)}
assert source["passes"] == 6 and source["finalists"] == len(final)
method = lambda rule: {k: v for k, v in rule["use"].items() if k not in ("chunk", "depth")}
ends = [r["to"] for r, n in zip(policy["rules"], policy["rules"][1:]) if "to" in r and method(r) != method(n)]
unit = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20}
said = [int(n) * unit[u] for n, u in re.findall(r": above (\d+)(\w+) ", text)]
assert ends == said == [c["above"] for c in source["crossovers"]], (ends, said, source["crossovers"])
undecided = [l for l in text.splitlines() if l.endswith("the simpler one is kept")]
assert len(undecided) == len(source["undecided"])
for line, u in zip(undecided, source["undecided"]):
    assert f": {u['kept']} does not part from {', '.join(u['does_not_part_from'])}: " in line, (line, u)
EOT
    run -0 --separate-stderr xrun 2 tune tune.json -o one.json --report ones.json --passes 1
    assert_report ones.json 'all(c["timing"]["interval"] == "samples" for c in ok)'
    [[ $stderr != *"[pass "* && $output != *"simpler one"* && $output != *" passes ("* ]]
    run -0 xb tune --help
    assert_has "$output" "--passes N" "the simpler one"
}

# bats test_tags=long
@test "what passes gave until tune is interrupted is in the report" {
    cat >slow.json <<EOT
{"name": "slow", "device": "cpu",
 "sampling": {"min_samples": 1500, "max_samples": 6000, "max_time": "1s", "warmup": "0s"},
 "cases": [{"paths": ["gpu->gpu@node"], "sizes": ["4KiB", "64KiB", "1MiB"], "methods": ["p2p"]}]}
EOT
    start_ranks 2 tune slow.json -o tuned.json --report all.json
    wait_for 100 grep -q '^\[pass 2/6\]' err
    kill -s TERM "$(rank_pid 0)"
    wait_job
    assert_status 5
    assert_only_files all.json err out slow.json
    validate_report all.json
    assert_report all.json 'r["status"] == "interrupted"' 'len(ok) == len(cases) == 3' \
        'all(c["timing"]["interval"] == "passes" and c["notes"] == ["partial"] for c in cases)' \
        'all(2 <= c["timing"]["passes"] == len(c["passes_us"]) < 6 for c in cases)'
    assert_no_processes
}

@test "what was measured until tune is interrupted is kept beside the policy" {
    check_interrupted tuned.json.report.json
    local there=tuned.json.report.json # by now
    check_interrupted tuned.json.report-2.json
}

@test "what was measured until tune is interrupted is kept where another tune has left its own meanwhile" {
    start_tune
    echo other >tuned.json.report.json
    kill -s TERM "$(rank_pid 0)"
    wait_job
    assert_status 5
    assert_has "$stderr" "what was measured is in tuned.json.report-2.json"
    [[ $(<tuned.json.report.json) == other ]]
    validate_report tuned.json.report-2.json
}

@test "what tune measured is kept beside the policy where others have taken the report's name meanwhile" {
    start_tune --report all.json
    echo other >all.json
    kill -s TERM "$(rank_pid 0)"
    wait_job
    assert_status 5
    assert_has "$stderr" "what was measured is in tuned.json.report.json"
    [[ $(<all.json) == other ]]
    validate_report tuned.json.report.json
}

# bats test_tags=long
@test "what was measured until tune is interrupted is kept where it is asked for" {
    check_interrupted all.json --report all.json
}

# two_sockets PROGRAM: the script sockets runs the program as on a machine with two sockets of one
# core, of which each rank has the other one than the rank before.
two_sockets() {
    local cpus
    cpus=$("$PYTHON" -c 'import os; print(*sorted(os.sched_getaffinity(0))[:2])')
    read -r -a cpus <<<"$cpus"
    if ((${#cpus[@]} < 2)); then skip "needs two processors"; fi
    cat >sockets <<EOT
#!/bin/bash
cpus=(${cpus[*]})
export HWLOC_SYNTHETIC="pack:2 core:1 pu:1(indexes=${cpus[0]},${cpus[1]})" HWLOC_THISSYSTEM=1
exec taskset -c "\${cpus[OMPI_COMM_WORLD_RANK % 2]}" "$1" "\$@"
EOT
    chmod +x sockets
}

@test "where a path has lanes of two link classes, each has rules of its own" {
    need_python
    two_sockets "$XB_BUILDDIR/tests/cli/slowed"
    cat >tune.json <<EOT
{"name": "links", "device": "cpu",
 "sampling": {"min_samples": 6, "max_samples": 8, "max_time": "5ms", "warmup": "0s", "passes": 2},
 "cases": [{"paths": ["gpu->gpu@node"], "sizes": ["4KiB", "64KiB"], "methods": ["p2p", "mpi"]},
           {"paths": ["host->host@node"], "sizes": "48KiB", "methods": [{"name": "host-staged", "blocks": 3}]},
           {"paths": ["host->gpu"], "sizes": "4KiB", "methods": ["direct"]}]}
EOT
    # one method is slow within a socket, the other between sockets
    XFERBENCH=$PWD/sockets XB_SLOW_US=30000 XB_SLOW_LANE_mpi=0,2 XB_SLOW_LANE_p2p=0,1 \
        run -0 --separate-stderr xrun 3 tune tune.json -o tuned.json --report all.json -q
    assert_has "$output" "gpu->gpu@node (same-device) " "gpu->gpu@node (other-socket) " "host->gpu@self "
    validate_report all.json
    run -0 xb validate tuned.json
    if [[ -n $XB_PYTHON ]]; then
        "$XB_PYTHON" "$XB_SRCDIR/tests/validate_json.py" "$XB_SRCDIR/results/schema/policy-v1.schema.json" tuned.json
    fi
    "$PYTHON" - <<'EOT'
import json
policy, cases = json.load(open("tuned.json")), json.load(open("all.json"))["cases"]
rules, source = policy["rules"], policy["source"]
said = [(r.get("link_class"), r["use"]["method"], "note" in r) for r in rules if r["src"] == "gpu"]
assert said == [("same-device", "p2p", False), ("other-socket", "mpi", False), (None, "mpi", True)], said
said = [(r["dst"], r.get("link_class"), "note" in r) for r in rules if r["src"] == "host"]
assert said == [("host", "same-device", False), ("host", "other-socket", False), ("host", None, True), ("gpu", None, False)], said
assert {p["link_class"] for p in source["pipelines"] if p["dst"] == "host"} == {"same-device", "other-socket"}, source["pipelines"]
assert all("link_class" not in p for p in source["pipelines"] if p["locality"] == "self")
assert source["regret"]["tuned"]["points"] == 7, source["regret"]
pairs = {(c["key"]["locality"], json.dumps(c["key"]["pairs"])) for c in cases}
assert pairs == {("node", "[[0, 2]]"), ("node", "[[0, 1]]"), ("self", '"classes"')}, pairs
EOT
    scenario s.json '[{"paths": ["gpu->gpu@node"], "sizes": "16KiB", "methods": ["auto"], "pairs": [[2, 0]]},
        {"paths": ["gpu->gpu@node"], "sizes": "16KiB", "methods": ["auto"], "pairs": [[1, 2]]},
        {"paths": ["gpu->gpu@node"], "sizes": "16KiB", "methods": ["auto"], "pairs": "each"}]'
    two_sockets "$XFERBENCH"
    XFERBENCH=$PWD/sockets run -0 --separate-stderr xrun 3 run s.json --policy ./tuned.json -o r.json
    assert_report r.json 'ok == cases and [c["chosen"]["method"] for c in cases] == ["p2p", "mpi", "mpi"]' \
        'set(s["link_class"] for s in steps(cases[2])) == {"same-device", "other-socket"}'
}
