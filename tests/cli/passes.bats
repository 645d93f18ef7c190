#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# A run makes several passes over its cases: what each of them gives, what they come to, and how a
# run that died between them goes on.

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

# slow_cases: each transfer of one case takes so long that a run can be ended in a pass of one's
# choice.
slow_cases() {
    null_scenario s.json 'host->host@node' '' '"delay": "200ms"' '"delay": "1us"'
    args=(s.json --passes 6 --set sampling.min_samples=6 --set sampling.max_samples=6)
}

# The passes that progress shows of a case whose id has this part, in a word.
passes_of() { grep -F "$1" <<<"$stderr" | sed -n 's|^\[pass \([0-9]*\)/.*|\1|p' | xargs; }

# The lines of pass N without it.
lines_of_pass() { sed -n "s|^\[pass $1/[0-9]* [0-9]*/[0-9]*\] \([^ ]*\):.*|\1|p" <<<"$stderr"; }

# interrupt_in_third_pass: what two passes gave is in part.json, and in its journal.
interrupt_in_third_pass() {
    slow_cases
    start_ranks 2 run "${args[@]}" -o part.json
    wait_for 100 has_lines part.json.journal 8
    kill -s TERM "$(rank_pid 0)"
    wait_job
}

@test "each case is seen in every pass, and its interval is between them" {
    three_cases
    run -0 --separate-stderr xrun 2 run s.json --passes 6 -o r.json -v
    assert_report r.json 'r["run"]["passes"] == 6' 'len(ok) == 3' \
        'r["run"]["scenario"]["sampling"]["passes"] == 6' \
        'all(c["timing"]["passes"] == 6 == len(c["passes_us"]) for c in cases)' \
        'all(c["timing"]["interval"] == "passes" for c in cases)' \
        'all(c["time_us"]["ci_lo"] == min(c["passes_us"]) for c in cases)' \
        'all(c["time_us"]["ci_hi"] == max(c["passes_us"]) for c in cases)' \
        'all(c["timing"]["n"] >= 6 for c in cases)' \
        'all(l["time_us"]["ci_lo"] <= l["time_us"]["median"] <= l["time_us"]["ci_hi"] for c in cases for l in c["lanes"])' \
        'all("partial" not in c["notes"] for c in cases)' \
        'all(c["timing"]["stop_reason"] in ("max_time", "max_samples") for c in cases)' \
        'all(c["verify"]["checked_bytes"] >= 2 * c["key"]["bytes"] * len(c["lanes"]) for c in cases)'
    check_report r.json
    [[ $(passes_of 'host->host@self/4KiB') == "1 2 3 4 5 6" ]]
    assert_has "$stderr" "[pass 1/6 1/3]" "[pass 6/6 3/3]"
    assert_only_files s.json r.json
}

@test "cases are shuffled by the seed, each pass in another order; the report is in the plan's" {
    scenario s.json '[{"paths": ["host->host"], "sizes": {"from": 1, "to": 512, "factor": 2}, "methods": ["direct"]}]'
    run -0 --separate-stderr xb run s.json --passes 2 -o a.json -v
    local first second
    first=$(lines_of_pass 1) second=$(lines_of_pass 2)
    [[ $first != "$second" ]]
    [[ $(sort <<<"$first") == "$(sort <<<"$second")" && $(wc -l <<<"$first") == 10 ]]
    assert_report a.json '[c["key"]["bytes"] for c in cases] == [1 << i for i in range(10)]'
    run -0 --separate-stderr xb run s.json --passes 2 -o b.json -v
    [[ $(lines_of_pass 1) == "$first" && $(lines_of_pass 2) == "$second" ]]
    run -0 --separate-stderr xb run s.json --passes 2 --seed 2 -o c.json -v
    [[ $(lines_of_pass 1) != "$first" ]]
}

@test "one pass has intervals of its samples, too few passes have none" {
    three_cases
    run -0 --separate-stderr xrun 2 run s.json --passes 1 -o one.json
    assert_has "$stderr" "[1/3] " "[3/3] "
    run -0 --separate-stderr xrun 2 run s.json --passes 3 -o three.json
    validate_report one.json three.json
    check_report one.json
    assert_report one.json 'r["run"]["passes"] == 1' \
        'all(c["timing"]["interval"] == "samples" and c["timing"]["passes"] == 1 for c in cases)' \
        'all(c["time_us"]["ci_lo"] is not None for c in cases)'
    assert_report three.json 'all(c["timing"]["passes"] == 3 for c in cases)' \
        'all(c["time_us"]["ci_lo"] is None for c in cases)' \
        'all("partial" not in c["notes"] for c in cases)'
}

@test "what is not ok is not measured again, on any rank" {
    null_scenario s.json 'host->host@node' '"corrupt": 7, "after": 0' '"fail": "probe"' '' \
        '"fail": "wait", "after": 3' # on a busy machine a slice may have no more transfers than samples
    run -4 --separate-stderr xrun 2 run s.json --passes 3 -o r.json -v
    validate_report r.json
    assert_report r.json '[c["status"] for c in cases] == ["corrupt", "skipped", "ok", "failed"]' \
        'all("partial" not in c["notes"] for c in cases)'
    [[ $(passes_of corrupt=7) == 1 && $(passes_of fail=probe) == 1 && $(passes_of fail=wait) == 1 ]]
    [[ $(passes_of fail=none,hang=none,corrupt=-1) == "1 2 3" ]]
}

@test "an experiment is measured once" {
    scenario s.json '[
        {"pattern": "queue", "paths": ["host->host"], "sizes": "64B", "methods": ["queue"]},
        {"paths": ["host->host"], "sizes": "4KiB", "methods": ["direct"]}]'
    run -0 --separate-stderr xb run s.json --passes 2 -o r.json -v
    validate_report r.json
    [[ $(passes_of queue/) == 1 && $(passes_of direct) == "1 2" ]]
    assert_report r.json '[c["timing"]["interval"] for c in cases] == ["samples", "passes"]' \
        '[c["timing"]["passes"] for c in cases] == [1, 2]'
}

@test "a number of passes that cannot be is refused" {
    three_cases
    local n
    for n in 0 101 1.5 many; do
        run --separate-stderr xrun 2 run s.json --passes "$n" -o r.json
        assert_status 2
        assert_one_error "sampling.passes" "a whole number from 1 to 100"
    done
    assert_only_files s.json
}

@test "what is looked into once is in the report of all passes, and of a run that went on" {
    scenario s.json '[{"paths": ["gpu->gpu@node"], "sizes": "1MiB", "methods": [{"name": "host-staged", "chunk": "256KiB", "depth": 3}]},
                      {"paths": ["host->host@node"], "sizes": "4KiB", "methods": [{"name": "null", "delay": "200ms"}]}]'
    local again=(s.json --passes 3 --set sampling.min_samples=3 --set sampling.max_samples=3 --trace t.json)
    start_ranks 2 run "${again[@]}" -o part.json
    wait_for 100 has_lines part.json.journal 3 # header and a pass of each case
    kill -s KILL "$job" "$(rank_pid 0)" "$(rank_pid 1)"
    wait_job
    assert_no_processes
    [[ ! -e t.json ]]
    cp part.json.journal part.json.kept
    run -0 --separate-stderr xrun 2 run "${again[@]}" --resume part.json.journal -o part.json
    validate_report part.json
    assert_report part.json 'cases[0]["pipeline"]["chunks"] == 4 and cases[0]["pipeline"]["measured_over_model"] > 0' \
        'all(c["timing"]["passes"] == 3 for c in cases)'
    "$PYTHON" - <<'PYTHON'
import json
bars = [e for e in json.load(open("t.json"))["traceEvents"] if e["ph"] == "X"]
assert len(bars) == 8, bars
first = [json.loads(l)["slice"] for l in open("part.json.kept") if 'host-staged' in l and '"slice"' in l][0]
assert len(first["bars"]) == 8 and first["pass"] == 0, first
zero = min(b["start_us"] for b in first["bars"])
assert sorted(round(b["start_us"] - zero, 3) for b in first["bars"]) == sorted(round(b["ts"], 3) for b in bars)
PYTHON
}

# The journal's slices of pass N, from 0.
slices_of() { grep -c "^{\"slice\":.*\"pass\":$1," part.json.journal; }

@test "a run that is killed in its third pass goes on there" {
    slow_cases
    start_ranks 2 run "${args[@]}" -o part.json
    wait_for 100 has_lines part.json.journal 8 # header, two passes of three cases, and one more
    kill -s KILL "$job" "$(rank_pid 0)" "$(rank_pid 1)"
    wait_job
    assert_no_processes
    [[ $(slices_of 0) == 3 && $(slices_of 1) == 3 && $(slices_of 2) -ge 1 ]]
    local known
    known=$(grep -c '"slice"' part.json.journal)
    # a last line that was cut is measured again
    printf '{"slice":{"id":"stream/null[del' >>part.json.journal
    cp part.json.journal kept
    run -0 --separate-stderr xrun 2 run --resume part.json.journal -o part.json -v
    [[ $(grep -c 'taken over' <<<"$stderr") == "$known" ]]
    [[ $(grep -c '^\[pass 2/6 .*taken over' <<<"$stderr") == 3 && $(grep -c '^\[pass 6/6 .*: ok' <<<"$stderr") == 3 ]]
    validate_report part.json
    assert_report part.json 'len(ok) == len(cases) == 3' 'all(c["timing"]["passes"] == 6 for c in cases)' \
        'all("resumed" in c["notes"] and "partial" not in c["notes"] for c in cases)' \
        'all(sorted(c["passes_us"])[0] == c["time_us"]["ci_lo"] for c in cases)'
    # what the first run measured is in it
    "$PYTHON" - <<'EOF'
import json, statistics
cases = {c["id"]: c for c in json.load(open("part.json"))["cases"]}
for line in open("kept").readlines()[1:-1]:
    s = json.loads(line)["slice"]
    median = statistics.median(s["samples_us"])
    passes = cases[s["id"]]["passes_us"]
    assert min(abs(median - us) for us in passes) < 2e-4, (median, passes)
EOF
    [[ ! -e part.json.journal ]]
}

@test "a case that was bad, measured again in a pass and then interrupted stands in the report once" {
    slow_cases
    start_ranks 2 run "${args[@]}" -o part.json
    wait_for 100 has_lines part.json.journal 5 # header, a pass, and more
    kill -s KILL "$job" "$(rank_pid 0)" "$(rank_pid 1)"
    wait_job
    assert_no_processes
    cp part.json.journal kept
    run -0 xrun 2 run --resume kept -o whole.json
    # before these passes an earlier run has found the first case bad
    "$PYTHON" - <<'EOF'
import json
r = json.load(open("whole.json"))
lines = open("kept").readlines()
first = json.loads(lines[1])["slice"]["id"]
case = [c for c in r["cases"] if c["id"] == first][0]
case.update(status="timeout", reason="of the first run", notes=[], schedule=r["schedules"][case["schedule"]])
with open("part.json.journal", "w") as f:
    f.writelines([lines[0], json.dumps(case) + "\n"] + lines[1:])
EOF
    start_ranks 2 run --resume part.json.journal -o part.json -v
    wait_for 100 grep -q 'taken over' err
    wait_for 100 test ! -e part.json.journal.new
    kill -s TERM "$(rank_pid 0)"
    wait_job
    assert_status 5
    validate_report part.json
    assert_report part.json 'len(by) == len(cases) >= 1' 'not any(c["reason"] for c in cases)' \
        'by[json.loads(open("kept").readlines()[1])["slice"]["id"]]["status"] == "ok"'
}

# bats test_tags=long
@test "a run that is interrupted between passes reports what they gave, and its journal goes on" {
    interrupt_in_third_pass
    assert_status 5
    assert_has "$stderr" "go on with --resume part.json.journal"
    validate_report part.json
    assert_report part.json 'len(ok) == len(cases) == len(by) == 3' 'r["status"] == "interrupted"' \
        'all(c["notes"] == ["partial"] for c in cases)' \
        'all(2 <= c["timing"]["passes"] == len(c["passes_us"]) <= 5 for c in cases)' \
        'all(c["time_us"]["ci_lo"] is None for c in cases)' \
        'all(c["timing"]["interval"] == "passes" for c in cases)'
    # of a report only cases that have all of their passes are taken over
    run -0 --separate-stderr xrun 2 run --resume part.json -o again.json -v
    [[ $stderr != *"taken over"* ]]
    assert_report again.json 'all(c["timing"]["passes"] == 6 and not "resumed" in c["notes"] for c in cases)'
    # the journal is there, and a job that is queued again finds it
    run -0 --separate-stderr xrun 2 run "${args[@]}" -o part.json --resume-if-exists part.json -v
    [[ $(grep -c '^\[pass 2/6 .*taken over' <<<"$stderr") == 3 ]]
    assert_report part.json 'r["run"]["resumed"]["file"] == "part.json.journal"' \
        'all(c["timing"]["passes"] == 6 and "resumed" in c["notes"] for c in cases)'
    [[ ! -e part.json.journal ]]
    run -0 --separate-stderr xrun 2 run --resume part.json -o b.json -v
    [[ $(grep -c '^\[pass 1/6 .*taken over' <<<"$stderr") == 3 && $stderr != *": ok"* ]]
}

# bats test_tags=long
@test "a run whose rank is stopped in a later pass keeps what the earlier ones gave" {
    slow_cases
    XFERBENCH_PATIENCE=4 start_ranks 2 run "${args[@]}" -o part.json
    wait_for 100 has_lines part.json.journal 8
    kill -s STOP "$(rank_pid 1)"
    wait_job
    assert_status 5
    validate_report part.json
    assert_report part.json 'len(by) == len(cases) == 3' 'r["status"] == "interrupted"' 'ok == cases' \
        'all(2 <= c["timing"]["passes"] <= 5 and c["notes"] == ["partial"] for c in cases)'
    run -0 --separate-stderr xrun 2 run --resume part.json.journal -o part.json
    assert_report part.json 'len(ok) == len(cases) == 3' 'all(c["timing"]["passes"] == 6 for c in cases)'
}

# bats test_tags=long
@test "what is measured in all passes again goes on where that run dies too" {
    interrupt_in_third_pass
    # of its report no case is taken over, for none has all of its passes
    start_ranks 2 run "${args[@]}" --resume part.json -o part.json --force # without its journal
    wait_for 100 has_lines part.json.journal 11 # header, three passes of three cases, and one more
    kill -s KILL "$job" "$(rank_pid 0)" "$(rank_pid 1)"
    wait_job
    assert_no_processes
    run -0 --separate-stderr xrun 2 run --resume part.json.journal -o part.json -v
    [[ $(grep -c '^\[pass 2/6 .*taken over' <<<"$stderr") == 3 ]]
    assert_report part.json 'len(ok) == len(cases) == 3' 'all(c["timing"]["passes"] == 6 for c in cases)'
}

@test "where a case begins anew it pays for what it sets up, and in its first pass alone" {
    need_python
    scenario s.json '[{"paths": ["gpu->gpu@node"], "sizes": "4MiB", "methods": ["p2p", "host-staged"]},
        {"paths": ["host->gpu"], "sizes": ["4MiB", "1MiB"], "methods": ["direct"]}]'
    local setup
    for setup in kept anew; do
        run -0 --separate-stderr xrun 2 run s.json -o "$setup.json" --set sampling.setup=$setup --set sampling.passes=2 --set show=setup
        validate_report "$setup.json"
        assert_has "$output" "stream/p2p[engine=ce,side=push]/gpu->gpu@node/4MiB  "
        assert_report "$setup.json" 'len(ok) == 4' 'all(c["setup_us"]["start"] is None for c in ok)' \
            'all(0 <= c["setup_us"][k] <= c["setup_us"]["open"] for c in ok for k in ("register", "map"))' \
            'all(abs(c["setup_us"]["open"] + c["setup_us"]["first"] - c["setup_us"]["total"]) < 0.2 for c in ok)'
    done
    # the arena keeps one buffer for both sizes, and the ranks' mappings of it
    assert_report kept.json '3 * min(c["setup_us"]["register"] for c in ok[2:]) < max(c["setup_us"]["register"] for c in ok[2:])'
    assert_report anew.json 'all(c["setup_us"]["register"] > 20 for c in ok)' 'all(c["setup_us"]["map"] > 1 for c in ok[:2])'
}
