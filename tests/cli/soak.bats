#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Runs that make passes for a time: when they end, what they keep, and what they say of cases that
# change meanwhile and of ranks that leak.

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

# One case between two ranks.
one_case() {
    scenario s.json '[{"pairs": "first", "paths": ["host->host@node"], "sizes": "4KiB", "methods": ["mpi"]}]'
}

# What holds of a report of passes for a time.
check_soak() {
    validate_report "$1"
    assert_report "$1" \
        'r["run"]["passes_made"] == max(c["timing"]["passes"] for c in ok)' \
        'all(c["timing"]["passes"] == len(c["passes_us"]) == len(c["passes_s"]) for c in ok)' \
        'all(c["passes_s"] == sorted(c["passes_s"]) for c in ok)' \
        'all(c["timing"]["interval"] == "passes" for c in ok)' \
        'all((c["drift"] is None) == (len(c["passes_us"]) < 12) for c in ok)' \
        '[u["rank"] for u in r["run"]["resources"]] == list(range(len(r["topology"]["ranks"])))' \
        'all(u["rss_bytes"]["most"] >= u["rss_bytes"]["last"] > 0 < u["descriptors"]["first"] for u in r["run"]["resources"])'
}

# assert_lasted FILE: the run took its 3 s, by the wall clock, which tells whole seconds. The passes that it
# is to make at least take a tenth of that, unless the machine is busy.
assert_lasted() {
    "$PYTHON" - "$1" <<'EOF'
import datetime, json, sys
r = json.load(open(sys.argv[1]))
start, end = (datetime.datetime.strptime(r["run"][k], "%Y-%m-%dT%H:%M:%SZ") for k in ("start_utc", "end_utc"))
assert (end - start).total_seconds() >= 2, (start, end)
EOF
}

@test "passes go on until the time is over" {
    three_cases
    run -0 --separate-stderr xrun 2 run s.json --set sampling.passes=2 --repeat-for 3s -o r.json -v
    check_soak r.json
    assert_report r.json 'r["run"]["repeat_for_s"] == 3 and r["run"]["passes"] == 2' 'len(ok) == 3' \
        'r["run"]["scenario"]["sampling"]["repeat_for"] == "3s"' \
        'all(r["run"]["passes_made"] - c["timing"]["passes"] in (0, 1) for c in ok)' \
        'all(0 <= c["passes_s"][0] for c in ok)' \
        'all(not {"partial", "resumed"} & set(c["notes"]) for c in ok)' \
        'all(c["time_us"]["ci_lo"] <= c["time_us"]["ci_hi"] for c in ok if c["timing"]["passes"] > 5)'
    assert_lasted r.json
    assert_has "$stderr" "[pass 1, 0 of 3 s, 1/3]" "[pass 2, "
    assert_only_files s.json r.json
}

@test "a clock that jumps does not move the end, nor the times of passes" {
    local seconds
    three_cases
    # shellcheck disable=SC2034 # common.bash reads it
    XFERBENCH=$XB_BUILDDIR/tests/cli/clock_jumps
    export XB_JUMP=raw XB_JUMP_RANK=0 XB_JUMP_AT=30000
    for seconds in 3600 -3600; do
        XB_JUMP_S=$seconds run --separate-stderr xrun 2 run s.json --set sampling.passes=5 --repeat-for 3s -o "r$seconds.json"
        echo "a jump of $seconds s"
        [[ $status == 0 || $status == 1 ]] # by the case in which it came
        validate_report "r$seconds.json"
        assert_report "r$seconds.json" 'all(c["passes_s"] == sorted(c["passes_s"]) for c in ok)' \
            'all(0 <= c["passes_s"][0] and c["passes_s"][-1] < 1000 for c in ok)' \
            'len(ok) >= 2'
        assert_lasted "r$seconds.json"
    done
}

@test "what a run is to make at least it makes, however short its time" {
    three_cases
    run -0 --separate-stderr xrun 2 run s.json --passes 6 --repeat-for 1ms -o six.json
    run -0 --separate-stderr xrun 2 run s.json --passes 1 --repeat-for 1ms -o two.json
    check_soak six.json
    check_soak two.json
    assert_report six.json 'all(c["timing"]["passes"] == 6 for c in cases)'
    assert_report two.json 'all(c["timing"]["passes"] == 2 for c in cases)' 'r["run"]["passes"] == 2' \
        'all(c["notes"] == [] for c in cases)'
}

@test "a run ends before its time where nothing is left to measure" {
    scenario s.json '[{"pattern": "queue", "paths": ["host->host"], "sizes": "64B", "methods": ["queue"]},
                      {"paths": ["host->host"], "sizes": "64B", "methods": [{"name": "null", "fail": "probe"}]}]'
    run -0 --separate-stderr xb run s.json --repeat-for 2h -o r.json
    validate_report r.json
    assert_report r.json '[c["status"] for c in cases] == ["ok", "skipped"]' \
        'cases[0]["timing"]["passes"] == 1 and cases[0]["timing"]["interval"] == "samples"'
}

@test "plan says for how long, and a time that is none is refused" {
    three_cases
    run -0 --separate-stderr xb plan s.json --set sampling.passes=2 --repeat-for 10m
    [[ ${lines[-1]} == "3 cases, 2 passes and more until 10min are over" ]]
    local time
    for time in 0s 10 soon; do
        run --separate-stderr xrun 2 run s.json --repeat-for "$time" -o r.json
        assert_status 2
        assert_one_error "sampling.repeat_for"
    done
    assert_only_files s.json
}

# bats test_tags=long
@test "one that is killed goes on with the rest of its time" {
    three_cases
    start_ranks 2 run s.json --set sampling.passes=2 --repeat-for 6s -o part.json
    wait_for 100 has_lines part.json.journal 40
    kill -s KILL "$job" "$(rank_pid 0)" "$(rank_pid 1)"
    wait_job
    assert_no_processes
    cp part.json.journal kept
    local known
    known=$(grep -c '"slice"' kept)
    # without another word: its time stands in its scenario
    run -0 --separate-stderr xrun 2 run --resume part.json.journal -o part.json -v
    [[ $(grep -c 'taken over' <<<"$stderr") -ge $((known - 1)) ]] # the last line may have been cut
    check_soak part.json
    assert_report part.json 'len(ok) == len(cases) == len(by) == 3' 'r["run"]["repeat_for_s"] == 6' \
        'all("resumed" in c["notes"] and "partial" not in c["notes"] for c in cases)' \
        'all(c["passes_s"][0] < 1 for c in cases)'
    # what the first run had of the time is not had again
    "$PYTHON" - "$known" <<'EOF'
import json, sys
had = max(json.loads(line)["slice"]["repeating_s"] for line in open("kept").readlines()[:-1] if '"slice"' in line)
r = json.load(open("part.json"))
assert sum(len(c["passes_us"]) for c in r["cases"]) >= int(sys.argv[1]) - 1
assert had > 0, had
EOF
    local first
    first=$(grep -v 'taken over' <<<"$stderr" | sed -n 's|^\[pass [0-9]*, \([0-9]*\) of 6 s,.*|\1|p' | head -n 1)
    if [[ -n $first ]]; then # else the first run had all of its time
        "$PYTHON" -c 'import json, sys
had = max(json.loads(l)["slice"]["repeating_s"] for l in open("kept").readlines()[:-1] if "\"slice\"" in l)
assert int(sys.argv[1]) >= round(had) - 1, (sys.argv, had)' "$first"
    fi
    [[ ! -e part.json.journal ]]
}

# The change is large, so that what else runs beside it does not hide it; what else is told of is
# not looked at.
# bats test_tags=long
@test "a case that becomes slower after some seconds is named, with when" {
    one_case
    XFERBENCH=$XB_BUILDDIR/tests/cli/changes
    XB_SLOW_AFTER_S=4 XB_SLOW_US=1000 run -0 --separate-stderr xrun 2 run s.json --set sampling.passes=2 --repeat-for 9s -o r.json
    check_soak r.json
    assert_report r.json 'ok[0]["drift"]["kind"] == "steps"' '"steps" in ok[0]["notes"]' \
        'ok[0]["drift"]["p"] <= 0.001' 'ok[0]["drift"]["change"] > 1'
    "$PYTHON" - <<'EOF'
import datetime, json
r = json.load(open("r.json"))
c = r["cases"][0]
slow = max(i for i, us in enumerate(c["passes_us"]) if us < 1000) + 1 # and all behind it
step = max(c["drift"]["steps"], key=lambda s: s["change"])
told = c["passes_s"].index(step["since_s"])
assert abs(told - slow) <= 8, (told, slow) # of many passes groups are looked at
assert step["after_us"] >= 1000 > step["before_us"], step
start = datetime.datetime.strptime(r["run"]["start_utc"], "%Y-%m-%dT%H:%M:%SZ")
since = datetime.datetime.strptime(step["since_utc"], "%Y-%m-%dT%H:%M:%SZ")
assert int(step["since_s"]) == (since - start).total_seconds(), (start, since)
EOF
    local since
    since=$(ask r.json 'max(ok[0]["drift"]["steps"], key=lambda s: s["change"])["since_utc"]')
    assert_has "$output" "steps: stream/mpi" "from $since on"
}

# bats test_tags=long
@test "a rank that leaks descriptors and memory is named" {
    need_own_memory
    one_case
    XFERBENCH=$XB_BUILDDIR/tests/cli/changes
    XB_LEAK_RANK=1 XB_SLOW_AFTER_S=0 XB_SLOW_US=3000 run -0 --separate-stderr xrun 2 run s.json --set sampling.passes=2 --repeat-for 15s -o r.json
    check_soak r.json
    assert_report r.json 'r["run"]["passes_made"] > 20' \
        'all(w in r["run"]["resources"][1]["warning"] for w in ("its memory grows", "open descriptors grows", "rank 1 on " + r["topology"]["ranks"][1]["host"]))' \
        'r["run"]["resources"][0]["warning"] is None' \
        'r["run"]["resources"][1]["descriptors"]["last"] >= r["run"]["resources"][1]["descriptors"]["first"] + r["run"]["passes_made"] - 2'
    assert_has "$stderr" "warning: rank 1: its memory grows"
    assert_has "$output" "rank 1: its memory grows"
}

# bats test_tags=long
@test "nothing grows while passes go on" {
    need_own_memory
    three_cases
    run -0 --separate-stderr xrun 2 run s.json --set sampling.passes=2 --repeat-for 20s -o r.json
    check_soak r.json
    assert_report r.json 'r["run"]["passes_made"] > 20' \
        'all(u["warning"] is None for u in r["run"]["resources"])' \
        'all(u["descriptors"]["first"] == u["descriptors"]["last"] for u in r["run"]["resources"])' \
        'all(u["rss_bytes"]["last"] - u["rss_bytes"]["first"] < 4 << 20 for u in r["run"]["resources"])'
}
