#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# A run that died goes on where it was: what is there is taken over, the rest is measured.

# shellcheck disable=SC2154 # bats' run and common.bash set them

load common

setup() {
    common_setup
    need_python
    null_scenario s.json 'host->host@node' '' '"delay": "200ms"' '"delay": "1us"'
    # One sample: the slow case takes two seconds, long enough to interrupt the run in it.
    args=(s.json --set sampling.min_samples=1 --set sampling.max_samples=1)
}

teardown() {
    explain_failure
    end_job
}

# Leaves a run of two ranks in its second case.
start_run() {
    start_ranks 2 run "${args[@]}" -o part.json
    wait_for 100 has_lines part.json.journal 2
}

# same_case FILE FILE NUMBER: the case entry is the same to the letter, but for the note.
same_case() {
    [[ $(ask "$1" "json.dumps(dict(cases[$3], notes=[n for n in cases[$3]['notes'] if n != 'resumed']))") == \
        "$(ask "$2" "json.dumps(dict(cases[$3], notes=[n for n in cases[$3]['notes'] if n != 'resumed']))")" ]]
    ask "$2" "'resumed' in cases[$3]['notes']" | grep -qx True
}

# edit FILE STATEMENTS: change a report (r) or its cases.
edit() {
    "$PYTHON" - "$@" <<'EOF'
import json, sys
r = json.load(open(sys.argv[1]))
exec(sys.argv[2], {"r": r, "cases": r["cases"]})
json.dump(r, open(sys.argv[1], "w"))
EOF
}

@test "an interrupted run goes on: what is there is taken over, the rest measured" {
    start_run
    kill -s TERM "$(rank_pid 0)"
    wait_job
    assert_status 5
    assert_report part.json '[c["status"] for c in cases] == ["ok"]'
    run -0 --separate-stderr xrun 2 run "${args[@]}" --resume part.json -o r.json -v
    assert_has "$stderr" "[1/3] stream/null" ": taken over" "[2/3]" "[3/3]"
    [[ $(grep -c 'taken over' <<<"$stderr") == 1 ]]
    validate_report r.json
    assert_report r.json 'r["status"] == "ok"' 'len(ok) == len(cases) == 3' \
        "[c['id'] for c in cases][0] == '$(ask part.json 'cases[0]["id"]')'"
    same_case part.json r.json 0
    [[ ! -e r.json.journal ]]
}

@test "the journal of killed ranks is gone on with, its last line cut or not" {
    start_run
    kill -s KILL "$job" "$(rank_pid 0)" "$(rank_pid 1)"
    wait_job
    assert_no_processes
    [[ ! -e part.json && -e part.json.journal ]]
    [[ $(wc -l <part.json.journal) == 2 ]]
    printf '{"id":"stream/null[delay=200ms,fail=no' >>part.json.journal
    # to the same report, whose journal is the very file that is resumed
    cp part.json.journal kept
    run -0 --separate-stderr xrun 2 run "${args[@]}" --resume part.json.journal -o part.json -v
    [[ $(grep -c 'taken over' <<<"$stderr") == 1 ]]
    validate_report part.json
    assert_report part.json 'len(ok) == len(cases) == 3' \
        'dict(json.loads(open("kept").readlines()[1]), schedule=0) == dict(cases[0], schedule=0, notes=[n for n in cases[0]["notes"] if n != "resumed"])' \
        'r["run"]["resumed"]["file"] == "part.json.journal" and r["run"]["resumed"]["differences"] is None' \
        'json.loads(open("kept").readline())["run_id"] == r["run"]["resumed"]["run_id"] != r["run"]["id"]'
    [[ ! -e part.json.journal ]]
}

@test "a finished report has nothing left to measure" {
    null_scenario s.json 'host->host' '' '"delay": "1us"'
    run -0 xb run s.json -o a.json
    run -0 --separate-stderr xb run s.json --resume a.json -o b.json -v
    [[ $(grep -c 'taken over' <<<"$stderr") == 2 ]]
    validate_report b.json
    same_case a.json b.json 0
    same_case a.json b.json 1
    [[ $(ask a.json 'r["run"]["id"]') != $(ask b.json 'r["run"]["id"]') ]]
}

@test "what failed or was skipped is measured again" {
    null_scenario s.json 'host->host' '' '"delay": "1us"' '"delay": "2us"'
    run -0 xb run s.json -o a.json
    edit a.json 'cases[0].update(status="failed", reason="x"); cases[1].update(status="skipped", reason="x")'
    run -0 --separate-stderr xb run s.json --resume a.json -o b.json -v
    [[ $(grep -c 'taken over' <<<"$stderr") == 1 ]]
    validate_report b.json
    assert_report b.json 'len(ok) == len(cases) == 3'
}

@test "a resumed run that is interrupted has every case once" {
    run -0 xrun 2 run "${args[@]}" -o a.json
    edit a.json 'cases[0].update(status="failed", reason="x"); cases[1].update(status="failed", reason="x")'
    start_ranks 2 run "${args[@]}" --resume a.json -o b.json -v
    # the header, the three taken over, and the first measured again
    wait_for 100 grep -q '^\[1/3\].*: ok' err
    wait_for 100 grep -q '"failed"' b.json.journal
    sleep 0.3
    kill -s TERM "$(rank_pid 0)"
    wait_job
    assert_status 5
    validate_report b.json
    assert_report b.json 'len(by) == len(cases)' 'cases[0]["status"] == "ok"' \
        'by[[c["id"] for c in cases if "delay=1us" in c["id"]][0]]["status"] == "ok"'
}

# refuse_resume FILE PART... [--seed N]: exit status 2, said once with these parts, nothing
# measured or written.
refuse_resume() {
    local file=$1 parts=() seed=()
    shift
    while (($#)); do
        if [[ $1 == --seed ]]; then
            seed=("$1" "$2")
            shift 2
        else
            parts+=("$1")
            shift
        fi
    done
    run --separate-stderr xb run s.json --resume "$file" "${seed[@]}" -o new.json
    assert_status 2
    assert_one_error "${parts[@]}"
    [[ $stderr != *"[1/"* && ! -e new.json && ! -e new.json.journal ]]
}

# journal_header SEED MEMBERS: of the plan of s.json, with these members besides.
journal_header() {
    [[ -e plan.json ]] || xb run s.json -o plan.json >plan.out 2>&1
    printf '{"name":"xferbench-journal","version":3,"plan_hash":"%s","seed":%s,%s,"build":%s,"environment":%s}\n' \
        "$(ask plan.json 'r["run"]["plan_hash"]')" "$1" "$2" "$(ask plan.json 'json.dumps(r["build"])')" \
        "$(ask plan.json 'json.dumps(r["environment"])')"
}

@test "reports of another plan or number of ranks, and what is none, are refused" {
    null_scenario s.json 'host->host' ''
    run -0 xrun 2 run s.json -o two.json
    refuse_resume two.json two.json "made by 2 ranks, this run has 1"
    run -0 xb run s.json -o other.json --set 'cases[*].sizes=8'
    refuse_resume other.json other.json "made from plan 0x" "this run's plan is 0x"
    run -0 xb run s.json -o other.json --force --set sampling.max_time=10ms
    refuse_resume other.json "made from plan 0x"
    refuse_resume missing.json missing.json "No such file"
    echo 'no report' >garbage
    refuse_resume garbage garbage "expected a report or a journal of this program"
    : >empty
    refuse_resume empty empty
    head -c 300 /dev/urandom >noise
    refuse_resume noise noise
    echo '{"schema": {"name": "something-else", "version": 9}, "cases": 3}' >foreign
    refuse_resume foreign foreign
    refuse_resume . .
}

@test "what is no file on a disk is refused at once" {
    scenario s.json '[{"paths": ["host->host"], "sizes": 8, "methods": ["direct"]}]'
    mkfifo pipe
    local what
    for what in pipe /dev/zero .; do
        run -2 --separate-stderr timeout 60 "$XFERBENCH" run s.json -o n.json --resume "$what"
        assert_has "$stderr" "$what: found a " "expected a file: it is read more than once"
    done
    rm pipe
}

@test "a run that is refused learns how the report or journal was made, and what differs" {
    null_scenario s.json 'host->host' ''
    run -0 xb run s.json -o one.json --seed 7 --set 'cases[*].sizes=[8]'
    refuse_resume one.json "made from plan 0x" ': in the scenario cases[0].sizes was [8], is "4KiB"'
    assert_has "$stderr" "warning: one.json was made by: xferbench run s.json -o one.json --seed 7 --set 'cases[*].sizes=[8]'" \
        "run --resume one.json without a scenario takes its scenario, overrides and seed"
    # As it says.
    run -0 --separate-stderr xb run --resume one.json -o two.json -v
    [[ $(grep -c 'taken over' <<<"$stderr") == 1 && $stderr != *"was made by"* ]]
    # From a journal too.
    args=(s.json --set sampling.min_samples=1 --set sampling.max_samples=1)
    null_scenario s.json 'host->host@node' '' '"delay": "200ms"'
    start_run
    kill -s KILL "$job" "$(rank_pid 0)" "$(rank_pid 1)"
    wait_job
    run --separate-stderr xrun 2 run s.json --resume part.json.journal -o new.json
    assert_status 2
    assert_has "$stderr" "part.json.journal was made by: xferbench run s.json --set sampling.min_samples=1 --set sampling.max_samples=1 -o part.json" \
        "in the scenario sampling.max_samples was 1, is 12"
    [[ $(grep -c "was made by" <<<"$stderr") == 1 ]]
    # What is no report was not made by anything.
    echo 'no report' >garbage
    refuse_resume garbage "expected a report or a journal of this program"
    [[ $stderr != *"was made by"* ]]
}

@test "a run with another seed is refused, from a report and from a journal" {
    null_scenario s.json 'host->host' ''
    run -0 xb run s.json -o one.json
    refuse_resume one.json one.json "made with seed 1, this run has 2" --seed 2
    journal_header 1 '"device":"cpu","ranks":[]' >j
    refuse_resume j "made with seed 1, this run has 9007199254740991" --seed 9007199254740991
    run -0 xb run s.json --seed 9007199254740991 -o big.json
    refuse_resume big.json "made with seed 9007199254740991, this run has 9007199254740990" \
        --seed 9007199254740990
    run -0 xb run s.json --seed 9007199254740991 --resume big.json -o new.json
}

@test "a report of another host or GPU is refused" {
    null_scenario s.json 'host->host' ''
    run -0 xb run s.json -o r.json
    local host
    host=$(ask r.json 'r["topology"]["ranks"][0]["host"]')
    cp r.json other.json
    edit other.json 'r["topology"]["ranks"][0]["host"] = "elsewhere"'
    refuse_resume other.json other.json "rank 0 was elsewhere/" ", is $host/"
    cp r.json other.json
    edit other.json 'r["topology"]["ranks"][0]["gpu"] = {"uuid": "GPU-of-old", "pci_bus_id": None, "name": None}'
    refuse_resume other.json "rank 0 was $host/GPU-of-old, is $host/"
}

# bats test_tags=long
@test "a journal of another number of ranks, device or host is refused" {
    null_scenario s.json 'host->host' ''
    run -0 xb run s.json -o r.json
    local name
    name=$(ask r.json '"%s/%s" % (lambda q: (q["host"], (q["gpu"] or {}).get("uuid") or "-"))(r["topology"]["ranks"][0])')
    journal_header 1 '"device":"cpu","ranks":["a/-","b/-","c/-"]' >j
    refuse_resume j "made by 3 ranks, this run has 1"
    journal_header 1 "\"device\":\"cuda\",\"ranks\":[\"$name\"]" >j
    refuse_resume j "made on device cuda, this run uses cpu"
    journal_header 1 '"device":"cpu","ranks":["elsewhere/-"]' >j
    refuse_resume j "rank 0 was elsewhere/-, is $name"
    journal_header 1 "\"device\":\"cpu\",\"ranks\":[\"$name\"]" >j
    run -0 xb run s.json --resume j -o new.json
}

@test "what another build or environment measured is not taken over unless that is asked for" {
    null_scenario s.json 'host->host' '' '"delay": "1us"'
    UCX_TLS=tcp OMPI_MCA_btl=self,tcp run -0 xb run s.json -o a.json
    edit a.json 'del cases[1]; r["build"]["git"] = "0123abc"'
    OMPI_MCA_btl=self,vader refuse_resume a.json a.json 'build.git was "0123abc", is ' \
        'variables.OMPI_MCA_btl was "self,tcp", is "self,vader"' 'variables.UCX_TLS was "tcp", is nothing' "--resume-anyway goes on"
    OMPI_MCA_btl=self,vader run -0 --separate-stderr xb run s.json --resume a.json --resume-anyway -o b.json
    assert_has "$stderr" "warning: a.json: made by another build" 'variables.UCX_TLS was "tcp", is nothing'
    validate_report b.json
    assert_report b.json '["resumed" in c["notes"] for c in cases] == [True, False]' \
        '"UCX_TLS was" in r["run"]["resumed"]["differences"]' \
        'all(c["measured_utc"] for c in cases)'
    # A report that does not say by what it was made is not trusted either, nor is such a journal.
    edit a.json 'r["build"]["version"] = None'
    refuse_resume a.json "does not say by what build it was made"
    printf '{"name":"xferbench-journal","version":3,"plan_hash":"%s","seed":1,"device":"cpu","ranks":["%s"]}\n' \
        "$(ask b.json 'r["run"]["plan_hash"]')" \
        "$(ask b.json '"%s/%s" % (lambda q: (q["host"], (q["gpu"] or {}).get("uuid") or "-"))(r["topology"]["ranks"][0])')" >j
    refuse_resume j "does not say by what build it was made"
}

@test "--resume alone takes scenario, overrides and seed from what it resumes" {
    start_ranks 2 run "${args[@]}" --seed 5 -o part.json
    wait_for 100 has_lines part.json.journal 2
    kill -s KILL "$job" "$(rank_pid 0)" "$(rank_pid 1)"
    wait_job
    assert_no_processes
    rm s.json
    run -0 --separate-stderr xrun 2 run --resume part.json.journal -o r.json -v
    [[ $(grep -c 'taken over' <<<"$stderr") == 1 ]]
    validate_report r.json
    assert_report r.json 'len(ok) == len(cases) == 3' 'r["run"]["seed"] == 5' \
        'r["run"]["scenario"]["name"] == "t"' 'r["run"]["scenario"]["sampling"]["max_samples"] == 1'
    edit r.json 'r["run"]["scenario"] = None'
    run --separate-stderr xrun 2 run --resume r.json -o new.json
    assert_status 2
    assert_has "$stderr" "r.json: does not hold the scenario that it was made from"
}

@test "what goes on with a run has its label, unless it has one of its own" {
    start_ranks 2 run "${args[@]}" -o part.json --label first
    wait_for 100 has_lines part.json.journal 2
    kill -s KILL "$job" "$(rank_pid 0)" "$(rank_pid 1)"
    wait_job
    assert_no_processes
    run -0 --separate-stderr xrun 2 run --resume part.json.journal -o r.json
    run -0 --separate-stderr xrun 2 run --resume r.json -o again.json
    run -0 --separate-stderr xrun 2 run --resume r.json -o second.json --label second
    assert_report r.json 'r["run"]["label"] == "first"'
    assert_report again.json 'r["run"]["label"] == "first"'
    assert_report second.json 'r["run"]["label"] == "second"'
}

@test "a job that is queued again begins anew or goes on, by one command" {
    null_scenario s.json 'host->host' '' '"delay": "1us"'
    local again=(run s.json -o out.json --resume-if-exists out.json -v)
    run -0 --separate-stderr xb "${again[@]}"
    assert_has "$stderr" "out.json: not there: begin anew"
    assert_report out.json 'len(ok) == 2' 'r["run"]["resumed"] is None'
    run -0 --separate-stderr xb "${again[@]}"
    [[ $(grep -c 'taken over' <<<"$stderr") == 2 ]]
    # The journal of one that died, where there is no report.
    { journal_header 1 "\"device\":\"cpu\",\"ranks\":[\"$(ask out.json '"%s/%s" % (lambda q: (q["host"], (q["gpu"] or {}).get("uuid") or "-"))(r["topology"]["ranks"][0])')\"]"
        ask out.json 'json.dumps(dict(cases[0], schedule=r["schedules"][cases[0]["schedule"]]))'; } >out.json.journal
    rm out.json
    run -0 --separate-stderr xb "${again[@]}"
    [[ $(grep -c 'taken over' <<<"$stderr") == 1 ]]
    assert_report out.json 'len(ok) == 2' 'r["run"]["resumed"]["file"] == "out.json.journal"'
    [[ ! -e out.json.journal ]]
    run -2 --separate-stderr xb "${again[@]}" --resume out.json
    assert_has "$stderr" "found --resume and --resume-if-exists, expected one of them"
}
