#!/usr/bin/env bats
# What a run leaves on the disk: nothing that was there is lost, whatever ends the run.

# shellcheck disable=SC2154 # bats' run and common.bash set them

load common

setup() {
    common_setup
    need_python
    null_scenario s.json 'host->host' '' '"delay": "1us"'
}

teardown() {
    explain_failure
    end_job
}

# leave_journal FILE: of a run of s.json that was killed behind its first case.
leave_journal() {
    run -0 xb run s.json -o "$1"
    "$PYTHON" - "$1" <<'EOF'
import json, os, sys
r = json.load(open(sys.argv[1]))
ranks = ["%s/%s" % (q["host"], (q["gpu"] or {}).get("uuid") or "-") for q in r["topology"]["ranks"]]
header = {"name": "xferbench-journal", "version": 3, "plan_hash": r["run"]["plan_hash"], "seed": r["run"]["seed"],
          "device": "cpu", "ranks": ranks, "run_id": r["run"]["id"], "start_utc": r["run"]["start_utc"],
          "scenario": r["run"]["scenario"], "build": r["build"], "environment": r["environment"]}
case = dict(r["cases"][0], schedule=r["schedules"][r["cases"][0]["schedule"]])
with open(sys.argv[1] + ".journal", "w") as f:
    for line in header, case:
        f.write(json.dumps(line) + "\n")
os.remove(sys.argv[1])
EOF
}

@test "a resume in place that cannot begin leaves the journal as it was" {
    leave_journal r.json
    cp r.json.journal kept
    XFERBENCH=$XB_BUILDDIR/tests/cli/disk_fails
    XB_FAIL_THREAD=1 run -2 --separate-stderr xb run --resume r.json.journal -o r.json
    assert_one_error "no thread"
    cmp r.json.journal kept
    assert_only_files s.json r.json.journal kept
    XB_FAIL_SYNC=1 run -2 --separate-stderr xb run --resume r.json.journal -o r.json
    assert_one_error "r.json.journal: cannot write: Input/output error"
    cmp r.json.journal kept
    assert_only_files s.json r.json.journal kept
    run -2 --separate-stderr xb run --resume r.json.journal -o r.json --set 'cases[*].sizes=8'
    assert_one_error "r.json.journal: made from plan 0x"
    cmp r.json.journal kept
    assert_only_files s.json r.json.journal kept
    run -0 --separate-stderr xb run --resume r.json.journal -o r.json
    [[ $(grep -c 'taken over' <<<"$stderr") == 1 ]]
    assert_report r.json 'len(ok) == 2'
    assert_only_files s.json r.json kept
}

@test "a disk that fails later on costs no case that was measured" {
    XFERBENCH=$XB_BUILDDIR/tests/cli/disk_fails
    # the header, its journal and the first case are on the disk
    XB_FAIL_SYNC=4 run -1 --separate-stderr xb run s.json -o r.json
    assert_has "$stderr" "r.json.journal: cannot write: Input/output error"
    validate_report r.json
    assert_report r.json 'r["status"] == "interrupted"' 'len(cases) == 2'
}

@test "a second run with the same output stops at once and says who has it" {
    null_scenario s.json 'host->host@node' '' '"delay": "20s"'
    start_ranks 2 run s.json -o r.json
    wait_for 100 has_lines r.json.journal 2
    cp r.json.journal kept
    local how writer
    writer="r.json.journal: process $(rank_pid 0) on $(uname -n) writes it"
    for how in '' --force '--resume r.json.journal' '--resume-if-exists r.json'; do
        # shellcheck disable=SC2086 # words
        run -2 --separate-stderr xrun 2 run s.json -o r.json $how
        assert_one_error "$writer, a run that began 20"
        [[ $stderr != *"[1/"* ]]
    done
    # nor does one that resumes it elsewhere read what is not complete
    run -2 --separate-stderr xrun 2 run s.json --resume r.json.journal -o other.json
    assert_one_error "$writer"
    [[ $(head -n 2 r.json.journal) == "$(head -n 2 kept)" ]]
    kill -s TERM "$(rank_pid 0)"
    wait_job
    assert_status 5
    validate_report r.json
    assert_report r.json '[c["status"] for c in cases] == ["ok"]'
    assert_only_files s.json r.json kept out err
}

@test "a journal that is found is an offer to go on with it" {
    leave_journal r.json
    cp r.json.journal kept
    run -2 --separate-stderr xb run s.json -o r.json
    assert_one_error "r.json.journal: was left by a run that began 20" \
        "'run --resume r.json.journal -o r.json' goes on with it, --force replaces it"
    cmp r.json.journal kept
    assert_only_files s.json r.json.journal kept
    run -0 --separate-stderr xb run s.json -o r.json --force
    assert_has "$stderr" "warning: r.json.journal: was left by another run" "--force"
    [[ $stderr != *'taken over'* ]]
    assert_report r.json 'len(ok) == 2'
    assert_only_files s.json r.json kept
}

@test "a journal whose header was cut short holds nothing: the run begins anew and says so" {
    leave_journal r.json
    head -c 300 r.json.journal >cut
    local how
    for how in '' '--resume-if-exists r.json'; do
        cp cut r.json.journal
        # shellcheck disable=SC2086 # words
        run -0 --separate-stderr xb run s.json -o r.json $how
        assert_has "$stderr" "r.json.journal: was left by another run and holds nothing"
        assert_report r.json 'len(ok) == 2' 'r["run"]["resumed"] is None'
        assert_only_files s.json r.json cut
        rm r.json
    done
}
