#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
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

# journal_of REPORT: that of a run which was killed behind its first case, beside it.
journal_of() {
    "$PYTHON" - "$1" <<'EOF'
import json, sys
r = json.load(open(sys.argv[1]))
ranks = ["%s/%s" % (q["host"], (q["gpu"] or {}).get("uuid") or "-") for q in r["topology"]["ranks"]]
header = {"name": "xferbench-journal", "version": 3, "plan_hash": r["run"]["plan_hash"], "seed": r["run"]["seed"],
          "device": "cpu", "ranks": ranks, "run_id": r["run"]["id"], "start_utc": r["run"]["start_utc"],
          "scenario": r["run"]["scenario"], "build": r["build"], "environment": r["environment"]}
case = dict(r["cases"][0], schedule=r["schedules"][r["cases"][0]["schedule"]])
with open(sys.argv[1] + ".journal", "w") as f:
    for line in header, case:
        f.write(json.dumps(line, separators=(",", ":")) + "\n")
EOF
}

# leave_journal FILE: of a run of s.json that was killed behind its first case, without a report.
leave_journal() {
    run -0 xb run s.json -o "$1"
    journal_of "$1"
    rm "$1"
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
    run -0 --separate-stderr xb run --resume r.json.journal -o r.json -v
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

@test "a disk that is full costs no case and no pass that was measured, and its journal is gone on with" {
    XFERBENCH=$XB_BUILDDIR/tests/cli/disk_fails
    # the header, and a pass of each case; the fourth line is cut
    XB_FAIL_WRITE=4 run -1 --separate-stderr xb run s.json -o r.json --passes 3
    assert_has "$stderr" "r.json.journal: cannot write: No space left on device"
    validate_report r.json
    assert_report r.json 'r["status"] == "interrupted"' 'sorted(c["timing"]["passes"] for c in ok) == [1, 2]' \
        'all(c["notes"] == ["partial"] for c in cases)'
    [[ $(wc -l <r.json.journal) == 3 && -z $(tail -c 1 r.json.journal | tr -d '\n') ]]
    run -0 --separate-stderr xb run --resume r.json.journal -o r.json -v
    [[ $(grep -c 'taken over' <<<"$stderr") == 2 ]]
    assert_report r.json 'len(ok) == 2' 'all(c["timing"]["passes"] == 3 for c in cases)'
    # the last pass, of which the result does not find room
    XB_FAIL_WRITE=4 run -1 --separate-stderr xb run s.json -o new.json --passes 2
    validate_report new.json
    assert_report new.json 'sorted(c["timing"]["passes"] for c in ok) == [1, 2]'
}

@test "what cannot be read back is named, and stays in the journal" {
    XFERBENCH=$XB_BUILDDIR/tests/cli/disk_fails
    XB_FAIL_READ=1 run -1 --separate-stderr xb run s.json -o r.json
    assert_has "$stderr" "r.json.journal: cannot read back what was measured: Input/output error" \
        "no report was written; what was measured is in r.json.journal: go on with --resume r.json.journal"
    assert_only_files s.json r.json.journal
    run -0 --separate-stderr xb run --resume r.json.journal -o r.json -v
    [[ $(grep -c 'taken over' <<<"$stderr") == 2 ]]
    assert_report r.json 'len(ok) == 2'
    # behind the report, when the table is printed
    XB_FAIL_READ=3 run -0 --separate-stderr xb run s.json -o new.json
    assert_one_error "the table is not whole: new.json.journal: cannot read back what was measured"
    assert_report new.json 'len(ok) == 2'
}

# bats test_tags=long
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

@test "where files cannot be locked a run says so, and what is there still stops the next one" {
    XFERBENCH=$XB_BUILDDIR/tests/cli/disk_fails
    export XB_FAIL_LOCK=1
    leave_journal r.json
    run -0 --separate-stderr xb run s.json -o free.json
    assert_has "$stderr" "warning: free.json.journal.new: cannot be locked: No locks available"
    run -2 --separate-stderr xb run s.json -o r.json
    assert_one_error "r.json.journal: was left by a run that began"
    : >other.json.journal.new
    run -2 --separate-stderr xb run s.json -o other.json
    assert_one_error "other.json.journal.new: another run begins, or died when it began: remove it if none does"
    run -0 xb run --resume r.json.journal -o r.json
    assert_only_files s.json free.json r.json other.json.journal.new
}

@test "a journal that is found is an offer to go on with it" {
    leave_journal r.json
    cp r.json.journal kept
    run -2 --separate-stderr xb run s.json -o r.json
    assert_one_error "r.json.journal: was left by a run that began 20" \
        "'run --resume r.json.journal -o r.json' goes on with it, --force replaces it"
    cmp r.json.journal kept
    assert_only_files s.json r.json.journal kept
    run -0 --separate-stderr xb run s.json -o r.json --force -v
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

@test "bytes that are no UTF-8, wherever they come from, make no report invalid, and can be had back" {
    XFERBENCH=$XB_BUILDDIR/tests/cli/disk_fails
    export XB_HOST=$'no\xe9l' NCCL_HOSTID=$'\xff\x80' SLURM_JOB_ID=1 SLURM_JOB_NAME=$'caf\xe9'
    local args=(s.json --set $'name=caf\xe9' -o $'r\xe9.json')
    run -0 xb run "${args[@]}"
    cp $'r\xe9.json' r.json
    iconv -f UTF-8 -t UTF-8 r.json >copy.json
    validate_report copy.json
    "$PYTHON" - <<'EOF'
import json, re
r = json.load(open("r.json", encoding="utf-8"))
def back(text): # as the docs say
    return re.sub("[\uef80-\uefff]", lambda m: chr(ord(m[0]) - 0xef00), text)
run, env = r["run"], r["environment"]
assert back(run["argv"][-1]) == "r\xe9.json", run["argv"]
assert back(env["variables"]["NCCL_HOSTID"]) == "\xff\x80", env["variables"]
assert back(r["topology"]["ranks"][0]["host"]) == back(env["nodes"][0]["host"]) == "no\xe9l"
assert back(run["scenario"]["name"]) == "caf\xe9"
assert back(run["slurm"]["job_name"]) == "caf\xe9"
EOF
    # the environment is the same when it is read again, from a report and from a journal
    run -0 --separate-stderr xb run "${args[@]:0:3}" --resume $'r\xe9.json' -o again.json -v
    [[ $(grep -c 'taken over' <<<"$stderr") == 2 ]]
    assert_report again.json 'r["run"]["resumed"]["file"] == "r\uefe9.json"'
    journal_of r.json
    run -0 --separate-stderr xb run --resume r.json.journal -o third.json -v
    [[ $(grep -c 'taken over' <<<"$stderr") == 1 ]]
    assert_report third.json 'r["run"]["resumed"]["differences"] is None'
    # a journal of such a run is found and named
    NCCL_HOSTID=$'\xfe' run -2 --separate-stderr xb run --resume r.json -o fourth.json
    assert_has "$stderr" "variables.NCCL_HOSTID was"
}

# refuse_output WHY ARGUMENT...: exit status 2, said once with these words, before anything is
# measured.
refuse_output() {
    local why=$1
    shift
    run -2 --separate-stderr xb run "$@"
    assert_one_error "$why"
    [[ $stderr != *"[1/"* && $stderr != *"MPI"* ]] || { echo "$stderr"; return 1; }
}

@test "an output that cannot be written is refused before anything is measured" {
    local long
    printf -v long '%250s' ''
    long=${long// /n}
    mkdir folder
    mkfifo fifo
    ln -s nowhere dangling
    refuse_output "'': cannot be the report: found an empty text, expected the name of a file" s.json -o ''
    refuse_output "folder: cannot be the report: it is a folder" s.json -o folder
    refuse_output "/dev/full: cannot be the report: No space left on device" s.json -o /dev/full
    refuse_output "$long: cannot be the report: File name too long" s.json -o "$long"
    refuse_output "fifo: cannot be the report: it is a pipe" s.json -o fifo
    refuse_output "none/r.json: cannot be the report: No such file or directory" s.json -o none/r.json
    refuse_output "s.json/r.json: cannot be the report: Not a directory" s.json -o s.json/r.json
    refuse_output "dangling: cannot be the report: it is a link to what is not there" s.json -o dangling
    refuse_output "fifo: cannot be the trace" s.json -o r.json --trace fifo
    refuse_output "none/t.json: cannot be the trace" s.json -o r.json --trace none/t.json
    # as another user, for root may write everywhere
    chmod 500 folder
    [[ -w folder ]] || refuse_output "folder/r.json: cannot be the report: Permission denied" s.json -o folder/r.json
    assert_only_files s.json folder fifo dangling
    # on ranks: by the first alone
    run -2 --separate-stderr xrun 2 run s.json -o fifo
    assert_one_error "fifo: cannot be the report: it is a pipe"
}

@test "what is read is never written to, whatever the names" {
    cp s.json kept
    ln s.json hard.json
    ln -s s.json soft.json
    refuse_output "s.json: cannot be the report: it is the scenario, which is read" s.json -o s.json --force
    refuse_output "hard.json: cannot be the report: it is the scenario" s.json -o hard.json --force
    refuse_output "s.json: cannot be the report: it is the scenario" s.json -o soft.json --force
    refuse_output "soft.json: cannot be the trace: it is the scenario" s.json -o r.json --trace soft.json --force
    cp "$XB_SRCDIR/scenarios/policies/static.json" policy.json
    scenario auto.json '[{"paths": ["host->host"], "sizes": 8, "methods": ["auto"]}]'
    refuse_output "policy.json: cannot be the report: it is the policy" auto.json --policy policy.json -o policy.json --force
    run -0 xb run s.json -o old.json
    refuse_output "old.json: cannot be the trace: it is the report or journal to resume" --resume old.json -o r.json --trace old.json --force
    cmp s.json kept
    assert_only_files s.json kept hard.json soft.json policy.json auto.json old.json
}

@test "report, trace and journal are three files" {
    ln -s "$PWD" here
    refuse_output "r.json: cannot be both the report and the trace" s.json -o r.json --trace r.json
    refuse_output "here/r.json: cannot be both the report and the trace" s.json -o r.json --trace here/r.json
    refuse_output "r.json.journal: cannot be both the journal and the trace" s.json -o r.json --trace r.json.journal
    refuse_output "-: cannot be both the report and the trace" s.json -o - --trace -
    assert_only_files s.json here
}

@test "a report that is there is not replaced unless asked for, or gone on with" {
    run -0 xb run s.json -o r.json
    cp r.json kept
    refuse_output "r.json: cannot be the report: it is there already; --force replaces it, 'run --resume r.json -o r.json' goes on with it" s.json -o r.json
    refuse_output "kept: cannot be the trace: it is there already; --force replaces it" s.json -o new.json --trace kept
    cmp r.json kept
    run -0 xb run s.json --resume r.json -o r.json
    assert_report r.json 'all("resumed" in c["notes"] for c in cases)'
    run -0 xb run s.json -o r.json --force
    assert_report r.json 'not any("resumed" in c["notes"] for c in cases)'
    # what is resumed elsewhere gives no right to replace another
    refuse_output "kept: cannot be the report" s.json --resume r.json -o kept
    # a partial report beside the journal that is gone on with
    leave_journal p.json
    cp kept p.json
    run -0 xb run --resume p.json.journal -o p.json
    assert_report p.json 'len(ok) == 2' 'r["run"]["resumed"]["file"] == "p.json.journal"'
    # but a report is no reason to lose a journal that has more
    leave_journal j.json
    cp kept j.json
    refuse_output "j.json.journal: was left by a run that began" --resume j.json -o j.json
    run -0 xb run s.json -o j.json --resume-if-exists j.json
    assert_only_files s.json r.json kept p.json j.json
}

# bats test_tags=long
@test "a job that is queued again replaces its own trace, and no other file" {
    local again=(run s.json -o r.json --trace t.json --resume-if-exists r.json)
    run -0 xb "${again[@]}"
    run -0 xb "${again[@]}"
    "$PYTHON" -c 'import json; assert "traceEvents" in json.load(open("t.json"))'
    mkfifo fifo
    refuse_output "fifo: cannot be the trace: it is a pipe" s.json -o r.json --resume r.json --trace fifo
    refuse_output "s.json: cannot be the trace: it is the scenario" s.json -o r.json --resume r.json --trace s.json
    echo '{"mine": 1}' >mine
    refuse_output "mine: cannot be the trace: it is there already" s.json -o r.json --resume r.json --trace mine
    # nor is it another run's to replace
    refuse_output "t.json: cannot be the trace: it is there already" s.json -o new.json --trace t.json
}

@test "a report that comes to be there meanwhile is not replaced, and the journal stays" {
    null_scenario s.json 'host->host' '' '"delay": "300ms"'
    start_ranks 1 run s.json -o r.json
    wait_for 100 has_lines r.json.journal 2
    echo other >r.json
    wait_job
    assert_status 1
    assert_has "$stderr" "r.json: cannot write: it has come to be there meanwhile"
    [[ $(<r.json) == other ]]
    rm r.json
    run -0 xb run --resume r.json.journal -o r.json
    assert_report r.json 'len(ok) == 2' 'all("resumed" in c["notes"] for c in cases)'
}

@test "a report that comes to be there before the journal is claimed is said before anything is measured" {
    XFERBENCH=$XB_BUILDDIR/tests/cli/disk_fails
    XB_APPEARS=r.json run -2 --separate-stderr xb run s.json -o r.json
    assert_has "$stderr" "r.json: another program has made it meanwhile, expected a name that is free, or --force"
    [[ $stderr != *"[1/"* && ! -s r.json ]]
    assert_only_files s.json r.json
    XB_APPEARS=r.json run -0 xb run s.json -o r.json --force
    assert_report r.json 'len(ok) == 2'
}

# interrupt_soon ARGUMENT...: a run of r.json that is interrupted in its first case.
interrupt_soon() {
    start_ranks 2 run "$@" -o r.json
    wait_for 100 grep -q '^device cpu' err
    wait_for 100 test ! -e r.json.journal.new
    sleep 0.3
    kill -s TERM "$(rank_pid 0)"
    wait_job
    assert_status 5
    assert_has "$stderr" "interrupted before anything was measured; r.json is as it was"
    cmp r.json kept
}

# bats test_tags=long
@test "a run that is interrupted before it has measured anything leaves the report that is there" {
    null_scenario slow.json 'host->host@node' '' '"delay": "20s"'
    run -1 xrun 2 run slow.json --case-timeout 5 -o r.json
    assert_report r.json '[c["status"] for c in cases] == ["ok", "timeout"]'
    cp r.json kept
    # what timed out would be measured anew
    interrupt_soon --resume r.json
    assert_only_files s.json slow.json r.json kept out err
    # another run
    interrupt_soon slow.json --force --set 'cases[*].methods=[{"name": "null", "delay": "19s"}]'
    assert_only_files s.json slow.json r.json kept out err
    # the journal that was gone on with stays, too
    journal_of r.json
    interrupt_soon --resume r.json.journal
    assert_only_files s.json slow.json r.json kept out err r.json.journal
    run -1 --separate-stderr xrun 2 run --resume r.json.journal -o new.json --case-timeout 1 -v
    [[ $(grep -c 'taken over' <<<"$stderr") == 1 ]]
}

@test "a link is followed, never replaced" {
    mkdir there
    run -0 xb run s.json -o there/r.json
    ln -s there/r.json link.json
    refuse_output "cannot be the report: it is there already" s.json -o link.json
    run -0 xb run s.json -o link.json --force
    [[ -L link.json && -f there/r.json ]]
    run -0 xb run s.json --resume link.json -o link.json
    [[ -L link.json ]]
    assert_report there/r.json 'all("resumed" in c["notes"] for c in cases)'
    assert_only_files s.json there link.json
    [[ $(ls there) == r.json ]]
}

@test "a device is written to, never replaced" {
    # a node of our own: what may be damaged here is no one's
    mknod null c 1 3 2>/dev/null || skip "may make no device"
    run -0 --separate-stderr xb run s.json -o null
    assert_has "$output" "report: null"
    [[ -c null ]]
    ln -s /proc/self/fd/1 stdout
    run -0 --separate-stderr xb run s.json -o stdout
    [[ -L stdout ]]
    "$PYTHON" -c 'import json, sys; assert json.loads(sys.argv[1])["status"] == "ok"' "$output"
    assert_only_files s.json null stdout
}

@test "runs that start at once without -o leave a report each" {
    local i jobs=()
    for i in 1 2 3; do
        xb run s.json >"out.$i" 2>&1 3>&- &
        jobs+=($!)
    done
    for i in "${jobs[@]}"; do wait "$i"; done
    [[ $(find . -name 'xferbench-t-*.json' | wc -l) == 3 ]]
    validate_report xferbench-t-*.json
}

# run_beside SUFFIX: a run without -o, where files of the name that it would take, with this behind
# it, are there.
run_beside() (
    local i host
    host=$(uname -n)
    for ((i = 0; i < 30; i++)); do
        echo '{"of": "another"}' >"xferbench-t-$(date -u -d "+$i seconds" +%Y%m%dT%H%M%SZ)-${host%%.*}-$BASHPID.json$1"
    done
    exec "$XFERBENCH" run s.json
)

# bats test_tags=long
@test "a name that is taken, by a report or by a journal, is another's: the run takes the next" {
    local suffix
    for suffix in '' .journal; do
        run -0 run_beside "$suffix"
        validate_report xferbench-t-*-2.json
        assert_has "$output" "report: $(echo xferbench-t-*-2.json)"
        [[ $(cat xferbench-t-*.json"$suffix" | grep -c another) == 30 ]]
        rm xferbench-*
    done
}

@test "-o - writes the report to standard output and nothing else there, without a journal" {
    run -0 --separate-stderr xb run s.json -o /dev/stdout
    cat >out.json <<<"$output"
    validate_report out.json
    xb run s.json -o /dev/stdout >file.json
    validate_report file.json
    xb run s.json -o >(cat >pipe.json) >table
    wait_for 100 validate_report pipe.json
    grep -q stream table
    assert_only_files s.json out.json file.json pipe.json table
    catch_ranks
    run -0 xrun 2 run s.json -o -
    validate_report out.0
    assert_report out.0 'len(ok) == 2'
    [[ ! -s out.1 ]]
    assert_has "$(<err.0)" "- is no file: no journal is kept" "stream"
    assert_only_files s.json out.json file.json pipe.json table caught out.0 out.1 err.0 err.1
}

@test "a report that goes to no file has all passes, and nothing is left of where they waited" {
    mkdir tmp
    export TMPDIR=$PWD/tmp
    run -0 --separate-stderr xb run s.json -o - --passes 3
    cat >out.json <<<"$output"
    validate_report out.json
    assert_report out.json 'len(ok) == 2' \
        'all(c["timing"]["passes"] == len(c["passes_us"]) == 3 and c["notes"] == [] for c in cases)'
    run -0 --separate-stderr xb run --resume out.json -o - -v
    [[ $(grep -c 'taken over' <<<"$stderr") == 2 ]]
    assert_only_files s.json out.json tmp
    [[ -z $(find tmp -type f) ]]
}
