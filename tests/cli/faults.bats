#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# What goes wrong is found, said and survived. The method null does wrong on request.

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

@test "the look at processes sees those of this test alone" {
    local own others
    cp "$(type -P sleep)" xferbench
    mkdir elsewhere
    (cd elsewhere && exec ../xferbench 60) 3>&- &
    others=$!
    ./xferbench 60 3>&- &
    own=$!
    wait_for 100 grep -qx xferbench "/proc/$others/comm"
    wait_for 100 grep -qx xferbench "/proc/$own/comm"
    run own_processes
    kill "$own" "$others"
    [[ $output == "$own" ]]
}

@test "a wrong byte makes the case corrupt, with its offset, and the run goes on" {
    null_scenario s.json 'host->gpu' '"corrupt": [0, 77, 4095]' ''
    run -4 --separate-stderr xrun 1 run s.json -o r.json
    validate_report r.json
    assert_report r.json 'r["status"] == "corrupt"' \
        '[c["status"] for c in cases] == ["corrupt"] * 3 + ["ok"]' \
        '[c["verify"]["first_bad_offset"] for c in cases] == [0, 77, 4095, None]' \
        '[c["verify"]["wrong_bytes"] for c in cases] == [1, 1, 1, 0]' \
        '"untimed transfer: 1 of 4096 bytes wrong, the first at offset 77" in cases[1]["reason"]' \
        'sum(p["failures"] for p in r["paths"]) == 3'
    assert_has "$output" "corrupt"
}

@test "a byte that goes wrong only later is caught by the check after the timed block" {
    null_scenario s.json 'host->host@node' '"corrupt": 9, "after": 1' '"corrupt": 9, "after": 1000000000'
    run -4 --separate-stderr xrun 2 run s.json -o r.json
    validate_report r.json
    assert_report r.json '[c["status"] for c in cases] == ["corrupt", "ok"]' \
        'cases[0]["reason"].startswith("timed transfers: ")' \
        'cases[0]["verify"]["first_bad_offset"] == 9'
}

@test "an offset behind the transfer cannot be spoilt: skipped" {
    null_scenario s.json 'host->host' '"corrupt": 4096'
    run -3 --separate-stderr xb run s.json -o r.json
    assert_report r.json 'cases[0]["status"] == "skipped"'
}

@test "a failure in any call fails its case alone, and names call and rank" {
    null_scenario s.json 'host->host@node' '"fail": "open"' '"fail": "prepare"' '"fail": "post"' \
        '"fail": "wait"' '"fail": "post", "after": 3' '"fail": "wait", "at": "source"' ''
    # An ok case between them: the next case after each failure.
    "$PYTHON" - <<'EOF'
import json
s = json.load(open("s.json"))
group = s["cases"][0]
s["cases"] = []
for i, method in enumerate(group["methods"]):
    s["cases"] += [dict(group, methods=[method]), dict(group, methods=["mpi"], sizes=8 + i)]
json.dump(s, open("s.json", "w"))
EOF
    run -1 --separate-stderr xrun 2 run s.json -o r.json
    validate_report r.json
    assert_report r.json 'r["status"] == "failed"' 'len(cases) == 14' \
        '[c["status"] for c in cases] == ["failed", "ok"] * 6 + ["ok", "ok"]' \
        'all("injected failure in " + f in c["reason"] for c, f in zip(cases[0::2], ("open", "prepare", "post", "wait", "post", "wait")))' \
        'all(c["reason"].startswith("rank 1 (") for c in cases[0:10:2])' \
        'cases[10]["reason"].startswith("rank 0 (")'
    assert_only_files s.json r.json
}

@test "a failure within the only rank fails its case alone" {
    null_scenario s.json 'gpu->gpu' '"fail": ["open", "prepare", "post", "wait"]' ''
    run -1 --separate-stderr xb run s.json -o r.json
    validate_report r.json
    assert_report r.json '[c["status"] for c in cases] == ["failed"] * 4 + ["ok"]' \
        'all(c["reason"].startswith("rank 0 (") for c in cases[:4])'
}

@test "corrupt outweighs failed in the exit status" {
    null_scenario s.json 'host->host' '"corrupt": 1' '"fail": "open"'
    run -4 xb run s.json -o r.json
    assert_report r.json 'r["status"] == "corrupt"' \
        '[c["status"] for c in cases] == ["corrupt", "failed"]'
}

@test "one rank whose probe says no: all skip, with its reason" {
    null_scenario s.json 'host->host@node' '"fail": "probe"' '"fail": "probe", "at": "source"' ''
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    validate_report r.json
    assert_report r.json 'r["status"] == "ok"' \
        '[c["status"] for c in cases] == ["skipped", "skipped", "ok"]' \
        'cases[0]["reason"].startswith("rank 1 (") and "injected failure in probe" in cases[0]["reason"]' \
        'cases[1]["reason"].startswith("rank 0 (")'
}

@test "a transfer that never completes ends with the case's time, and the run goes on" {
    null_scenario s.json 'host->host@node' '"hang": "wait"' '"hang": "wait", "after": 2, "at": "source"' ''
    run -1 --separate-stderr xrun 2 run s.json -o r.json --case-timeout 4
    validate_report r.json
    assert_report r.json 'r["status"] == "failed"' \
        '[c["status"] for c in cases] == ["timeout", "timeout", "ok"]' \
        'all("not complete within the case'"'"'s time of 4 s" in c["reason"] for c in cases[:2])' \
        'sum(p["failures"] for p in r["paths"]) == 2'
    assert_only_files s.json r.json
}

@test "a case of many quick batches ends with its time too" {
    need_python
    scenario s.json '[{"paths": ["host->host"], "sizes": ["64KiB"], "methods": ["direct"]}]'
    run -1 --separate-stderr xb run s.json -o r.json --case-timeout 0.5 \
        --set sampling.max_time=20s --set sampling.min_samples=900000 --set sampling.max_samples=1000000
    assert_report r.json 'cases[0]["status"] == "timeout"' '"0.5 s" in cases[0]["reason"]'
}

# check_hang RANK: a call that hangs at the rank, source or destination, is ended with status 1.
check_hang() {
    null_scenario s.json 'host->host@node' '' "\"hang\": \"post\", \"at\": \"$1\"" '"delay": "1us"'
    run -1 --separate-stderr xrun 2 run s.json -o r.json --case-timeout 4
    validate_report r.json
    assert_report r.json 'r["status"] == "failed"' 'r["run"]["plan_cases"] == 3' \
        '[c["status"] for c in cases] == ["ok", "timeout"]' \
        '"a rank did not come back within 4 s" in cases[1]["reason"]'
    assert_has "$stderr" "go on with --resume"
    assert_only_files s.json r.json
    assert_no_processes
}

@test "a call that never returns is ended by the watchdog, and what was measured is kept" {
    check_hang destination
}

# bats test_tags=long
@test "the watchdog ends a call of rank 0 itself, which writes the report" {
    check_hang source
}

@test "SIGTERM and SIGINT leave a partial report with what was measured" {
    local signal
    null_scenario s.json 'gpu->gpu@node' '' '"delay": "20s"'
    for signal in TERM INT; do
        start_ranks 2 run s.json -o r.json
        wait_for 100 has_lines r.json.journal 2
        kill -s "$signal" "$(rank_pid 0)"
        wait_job
        assert_status 5
        validate_report r.json
        assert_report r.json 'r["status"] == "interrupted"' '[c["status"] for c in cases] == ["ok"]' \
            'r["run"]["plan_cases"] == 2' 'len(r["paths"]) == 1'
        assert_has "$stderr" "interrupted; partial report in r.json" "--resume"
        assert_only_files s.json r.json out err
        assert_no_processes
        rm r.json
    done
}

@test "SIGTERM to mpirun, as at the end of a Slurm job, leaves a partial report too" {
    export OMPI_MCA_odls_base_sigkill_timeout=4 # as there, the ranks have the time to write it
    null_scenario s.json 'gpu->gpu@node' '' '"delay": "20s"'
    start_ranks 2 run s.json -o r.json
    wait_for 100 has_lines r.json.journal 2
    kill -s TERM "$job"
    wait_job
    [[ $status != 0 ]]
    assert_no_processes
    if hurried; then return; fi
    validate_report r.json
    assert_report r.json 'r["status"] == "interrupted"' '[c["status"] for c in cases] == ["ok"]'
}

@test "a folder that does not exist is said before anything is measured" {
    null_scenario s.json 'host->host' ''
    run -2 --separate-stderr xrun 2 run s.json -o missing/r.json
    assert_one_error missing/r.json "No such file"
    [[ $stderr != *"[1/1]"* ]]
    assert_only_files s.json
}

@test "a report that cannot be written is said before anything is measured" {
    null_scenario s.json 'host->host' ''
    mkdir folder
    run -2 --separate-stderr xb run s.json -o folder
    assert_one_error folder
    [[ $stderr != *"[1/1]"* ]]
    assert_only_files s.json folder
}

@test "a scenario's name with a slash still names a file in this folder" {
    null_scenario s.json 'host->host' ''
    run -0 xb run s.json --set 'name="a/b"'
    [[ $(find . -maxdepth 1 -name 'xferbench-*.json' | wc -l) == 1 ]]
}

@test "a collective of MPI that takes too long ends its case, not the run" {
    scenario s.json '[{"pattern": "collective", "paths": ["host->host@node"], "sizes": "16MiB",
            "methods": [{"name": "mpi", "transfer": ["all-reduce", "all-to-all"]}]},
        {"paths": ["host->host"], "sizes": 8, "methods": ["null"]}]'
    run -1 --separate-stderr xrun 2 run s.json --case-timeout 0.004 -o r.json
    validate_report r.json
    assert_report r.json 'r["status"] == "failed"' 'len(cases) == 3' \
        'all(c["status"] == "timeout" for c in cases[:2])'
}

@test "a window that MPI does not make: skipped where it has none over such memory, else failed" {
    scenario s.json '[{"paths": ["host->host@node"], "sizes": [8, "64KiB"], "methods": [{"name": "mpi", "transfer": "put"}]},
        {"paths": ["host->host@node"], "sizes": 8, "methods": ["mpi"]}]'
    XFERBENCH=$XB_BUILDDIR/tests/cli/window_fails
    run -0 --separate-stderr xrun 2 run s.json -o good.json
    assert_report good.json 'len(ok) == 3'
    XB_FAIL_CLASS=win run -0 --separate-stderr xrun 2 run s.json -o win.json
    assert_report win.json '[c["status"] for c in cases] == ["skipped", "skipped", "ok"]' \
        'all("MPI makes no window over this memory" in c["reason"] for c in cases[:2])'
    XB_FAIL_CLASS=memory run -1 --separate-stderr xrun 2 run s.json -o memory.json
    assert_report memory.json '[c["status"] for c in cases] == ["failed", "failed", "ok"]' \
        'all("MPI_Win_create" in c["reason"] for c in cases[:2])'
}
