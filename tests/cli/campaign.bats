#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Configurations started in turn: their order, what is kept of them, and what of launches that fail,
# hang or are interrupted.

# shellcheck disable=SC2154 # bats' run and common.bash set them
# shellcheck disable=SC2030,SC2031 # job is a test's own

load common
load campaign

setup() {
    common_setup
    scenario s.json '[{"paths": ["host->host"], "sizes": "4KiB", "methods": ["null"]}]'
}

teardown() {
    end_job
    explain_failure
}

@test "--dry-run shows the order and the commands, and makes nothing" {
    run -0 --separate-stderr xb campaign --dry-run -o ab s.json --launches 4 --config one= --config two=
    [[ $(cut -d: -f1 <<<"$output" | xargs) == "one-01 two-01 two-02 one-02 two-03 one-03 one-04 two-04" ]]
    assert_only_files s.json
    run -0 xb campaign --dry-run s.json --seed 2 --launches 1 --config one= --config two=
    [[ $(cut -d: -f1 <<<"$output" | xargs) == "two-01 one-01" ]]
}

@test "a configuration's text is words, variables and arguments, and no shell reads it" {
    local text want exe
    exe=$(realpath "$XFERBENCH")
    while IFS='|' read -r text want; do
        run -0 --separate-stderr xb campaign --dry-run -o ab s.json --launches 1 --config "a=$text" -- --passes 2
        want=${want//RUN/$exe run $PWD/ab/scenario.json -o $PWD/ab/a-01.json --label a --passes 2}
        [[ $output == "a-01: $want" ]] || {
            printf '%s\ngives    %s\nexpected a-01: %s\n' "$text" "$output" "$want"
            return 1
        }
    done <<'EOF'
|RUN
env -i|env -i RUN
env -n '2 3' "x y"z|env -n '2 3' 'x yz' RUN
A=1 B_2='x y' env A=3|A=1 B_2='x y' env A=3 RUN
A=1 A= env|A= env RUN
env $HOME ~ *|env '$HOME' '~' '*' RUN
env -- --set 'cases[0].x="1"' --seed 3|env RUN --set 'cases[0].x="1"' --seed 3
env -- |env RUN
sh -c 'exec "$0" "$@"'|sh -c 'exec "$0" "$@"' RUN
EOF
}

@test "what is wrong with a campaign is said before anything is started" {
    local row said
    echo '{' >broken.json
    echo '{"configs": [{"name": "a", "launcher": [], "shell": true}]}' >key.json
    echo '{"configs": [{"name": "a", "launcher": [], "environment": {"A B": "1"}}]}' >variable.json
    echo '{"until": "2%", "launches": 3, "configs": [{"name": "a", "launcher": []}]}' >both.json
    while IFS='|' read -r row said; do
        eval "run -2 --separate-stderr xb campaign -o ab s.json $row"
        assert_has "$stderr" "xferbench campaign: " "$said"
    done <<'EOF'
|expected a configuration
--config a|got 'a', expected NAME=LAUNCHER
--config =env|expected NAME=LAUNCHER
--config a/b=env|is part of file names
--config .a=env|is part of file names
--config a=env --config a=env|two configurations have the name 'a'
--config a="env 'x"|--config a: the quote of 'x has no end, expected a closing '
--config a="env; env"|--config a: no shell reads this: ';'
--config a=nothing-of-this-name|found no program 'nothing-of-this-name' in PATH, expected one, or its path
--config a=/|/: cannot be started: Is a directory
--config a=./nothing|./nothing: cannot be started: No such file or directory
--config a="PATH=/nowhere env"|no program 'env' in PATH
--config a= -- -o x|-o: is not for single launches
--config a= -- --output=x|--output=x: is not for single launches
--config a=" -- --resume x"|the configuration 'a': --resume: is not for single launches
--config a= -- --method p2p|--method: is not for single launches
--config a= --launches 0|--launches: got '0'
--config a= --until 2|--until: got '2', expected a share
--config a= --until 2% --launches 3|found --launches beside --until, expected one way to end
--config a= --max-launches 3|found no --until, whose limit it is
--config a= --threshold 90%|--threshold: got '90%'
--config a= --resume ab|--resume takes all but
--configs nowhere.json|nowhere.json
--configs broken.json|broken.json
--configs key.json|configs[0].shell: unknown key "shell"
--configs variable.json|expected the name of a variable
--configs both.json|expected "max_launches"
EOF
    run -2 --separate-stderr xb campaign -o ab nowhere.json --config a=
    assert_has "$stderr" nowhere.json
    run -2 --separate-stderr xb campaign -o no/such/folder s.json --config a=
    assert_has "$stderr" "cannot make the folder"
    run -2 --separate-stderr xrun 1 campaign -o ab s.json --config a=
    assert_has "$stderr" "is started without mpirun"
    [[ ! -e ab ]]
}

@test "two configurations in turn: what is kept of each launch" {
    need_python
    fake_launcher
    run --separate-stderr xb campaign -o ab/ s.json --launches 2 --config one="MARK=it ./fake $MPIRUN -n 1" \
        --config two="$MPIRUN -n 2 --oversubscribe" -- --passes 2
    [[ $status == [01] ]] # one may be found slower, on a busy machine
    assert_has "$output" "one (base): 2 launches, two: 2 launches"
    assert_has "$stderr" "launch 1 of 4: one-01" "launch 4 of 4: one-02, about"
    (cd ab && assert_only_files campaign.json scenario.json {one,two}-0{1,2}.{json,log})
    cmp <(python3 -m json.tool s.json) <(python3 -m json.tool ab/scenario.json)
    has 'names == ["one-01", "two-01", "two-02", "one-02"]' 'len(c["configs"]) == 2' \
        'all(x["status"] == "done" and x["exit_status"] == 0 and x["signal"] is None for x in l)' \
        'all(x["report"] == n + ".json" and x["log"] == n + ".log" for n, x in zip(names, l))' \
        'by["one-02"]["environment"] == {"MARK": "it"} and by["two-01"]["environment"] == {}' \
        'by["two-01"]["argv"][1:3] == ["-n", "2"] and by["two-01"]["argv"][-2:] == ["--passes", "2"]' \
        'all(x["seconds"] > 0 for x in l)' 'c["looks"] == []' 'c["until"] is None'
    grep -q "launch 1 has MARK=it, session 1" ab/one-01.log # out of the terminal's reach
    grep -q '^\$ MARK=it ./fake ' ab/one-01.log
    assert_has "$(<ab/two-02.log)" "report: $PWD/ab/two-02.json"
    assert_report ab/two-01.json 'r["run"]["passes"] == 2' 'len(r["topology"]["ranks"]) == 2'
    assert_no_processes
}

@test "a file of configurations, and the command line before it" {
    need_python
    fake_launcher
    cat >three.json <<'EOF'
{"scenario": "s.json", "launches": 5, "seed": 7, "launch_timeout": "90s", "threshold": "3%",
 "ignore": ["delay"], "run": ["--passes", "1"],
 "configs": [{"name": "a", "launcher": ["./fake"], "environment": {"MARK": "one two"}},
             {"name": "b", "launcher": ["./fake"], "environment": {"MARK": null}, "run": ["--seed", "3"]}]}
EOF
    MARK=outer run -0 --separate-stderr xb campaign -o ab --configs three.json --config c='./fake' --launches 1
    has 'sorted(names) == ["a-01", "b-01", "c-01"]' 'c["seed"] == 7' 'c["launch_timeout_s"] == 90' \
        'c["compare"] == {"threshold": 0.03, "ignore": ["delay"], "filter": []}' \
        'by["b-01"]["environment"] == {"MARK": None}' 'by["b-01"]["argv"][-2:] == ["--seed", "3"]'
    grep -q "has MARK=one two" ab/a-01.log
    grep -q "has MARK=nothing" ab/b-01.log
    grep -q '^\$ env -u MARK ./fake ' ab/b-01.log
    grep -q "has MARK=outer" ab/c-01.log
}

@test "cases may be said in options, and each report has its configuration's name" {
    need_python
    local said=(--method null --path 'host->host' --size '4KiB,8KiB' --option delay=20us)
    run -0 --separate-stderr xb campaign -o ab "${said[@]}" --launches 1 --config a= --config b=' -- --label other' \
        -- --device cpu --passes 1 --set sampling.max_time=20ms
    has 'c["scenario"] == "command-line"' 'by["a-01"]["argv"][5:7] == ["--label", "a"]'
    assert_report ab/a-01.json 'len(ok) == 2' 'r["run"]["label"] == "a"' 'cases[0]["key"]["bytes"] == 4096'
    assert_report ab/b-01.json 'r["run"]["label"] == "other"'
    run -0 --separate-stderr xb validate ab/scenario.json
    run -0 --separate-stderr xb campaign --print-scenario "${said[@]}" --config a=
    [[ $output == "$(<ab/scenario.json)" ]]
    run -2 --separate-stderr xb campaign -o cd s.json "${said[@]}" --config a=
    assert_has "$stderr" "--method and the scenario s.json do not go together"
    run -2 --separate-stderr xb campaign --resume ab "${said[@]}"
    assert_has "$stderr" "--resume takes all but"
    [[ ! -e cd ]]
}

@test "validate checks a file of configurations" {
    echo '{"configs": [{"name": "a", "launcher": ["no-such-launcher"]}, {"name": "b", "launcher": []}]}' >two.json
    run -0 --separate-stderr xb validate two.json
    [[ $output == "two.json: ok, 2 configurations" ]]
    echo '{"configs": [{"name": "a", "launcher": []}, {"name": "a", "launcher": []}]}' >two.json
    run -2 --separate-stderr xb validate two.json
    assert_has "$stderr" "two.json: two configurations have the name 'a'"
    echo '{"configs": [{"name": "a", "launchers": []}]}' >two.json
    run -2 --separate-stderr xb validate two.json
    assert_has "$stderr" 'two.json:1: configs[0].launchers: unknown key "launchers"'
}

@test "a folder that is gone is no lack of memory" {
    scenario s.json '[{"paths": ["host->host"], "sizes": 8, "methods": ["direct"]}]'
    mkdir gone
    cd gone
    rmdir ../gone
    run -2 --separate-stderr xb campaign "$OLDPWD/s.json" --config a=env -o ab
    assert_has "$stderr" "xferbench campaign: the folder that it is started in cannot be told: No such file or directory"
    run -2 --separate-stderr xb campaign --resume ab
    assert_has "$stderr" "xferbench campaign: ab: the folder that it is relative to cannot be told: No such file or directory"
}

@test "a folder is one campaign's" {
    need_python
    fake_launcher
    mkdir full empty
    : >full/something
    run -2 --separate-stderr xb campaign -o full s.json --config a=
    assert_has "$stderr" "full: is not empty"
    (cd full && assert_only_files something)
    run -2 --separate-stderr xb campaign --resume empty
    assert_has "$stderr" "empty/campaign.json" "no campaign to go on with"
    mv empty ab
    FAKE=1:hang start_campaign -o ab s.json --launches 1 --config a=./fake
    wait_for 100 test -e hanging
    run -2 --separate-stderr xb campaign --resume ab
    assert_has "$stderr" "another campaign runs there: process $job on $(hostname), since 2"
    run -2 --separate-stderr xb campaign -o ab s.json --config a=
    assert_has "$stderr" "has a campaign in it, which --resume goes on with"
    kill -TERM "$job"
    wait_job
    assert_status 5
    (cd ab && assert_only_files campaign.json scenario.json a-01.log)
}

@test "without a name the folder has one of its own" {
    run -0 --separate-stderr xb campaign s.json --launches 1 --config a=
    [[ $(echo xferbench-campaign-s-*/campaign.json) =~ ^xferbench-campaign-s-[0-9]{8}T[0-9]{6}Z-.*-[0-9]+/campaign.json$ ]]
}

@test "launches that fail are results, and the others go on" {
    canned_launcher
    fake_launcher
    FAKE="2:fail 3:die 5:lie 6:partial" run --separate-stderr xb campaign -o ab s.json --launches 4 \
        --config a='./fake ./canned 1 0.01' --config b='./fake ./canned 1 0.01'
    assert_status 3
    has 'names == ["a-01", "b-01", "b-02", "a-02", "b-03", "a-03", "a-04", "b-04"]' \
        '[x["status"] for x in l] == ["done", "failed", "failed", "done", "failed", "failed", "done", "done"]' \
        '[(x["exit_status"], x["signal"]) for x in l[1:6]] == [(7, None), (None, 9), (0, None), (0, None), (1, None)]' \
        'all((x["report"] is None) == (x["status"] != "done") for x in l)'
    grep -q "no such partition" ab/b-01.log
    assert_has "$stderr" "warning: b-01: ended with status 7 and without a whole report" ": no such partition" \
        "warning: b-02: ended by signal 9" "warning: b-03: ended with status 0 and without a whole report" \
        "warning: a-03: ended with status 1 and without a whole report" \
        "b: of 4 launches 3 failed and 0 hung" "a: of 4 launches 1 failed"
    # With none that is done there is nothing to compare.
    rm -r ab count
    FAKE="1:fail" run --separate-stderr xb campaign -o ab s.json --launches 1 --config a=./fake
    assert_status 3
    assert_has "$stderr" "error: a: none of its launches is done"
    [[ -z $output ]]
}

@test "where nothing can be compared it says which launch failed first, how, and what its log ends with" {
    canned_launcher
    fake_launcher
    # mpirun itself refuses, with a log of a screen
    cat >refuse <<'EOF'
#!/bin/bash
for i in $(seq 30); do echo "line $i of what came before"; done
rule=--------------------------------------------------------------------------
printf '%s\n' $rule "There are not enough slots available" $'\e[31min the system' "" $rule >&2
exit 213
EOF
    chmod +x refuse
    run --separate-stderr xb campaign -o ab s.json --launches 2 --config a=./refuse --config b=./refuse
    assert_status 3
    [[ -z $output ]]
    assert_has "$stderr" "error: a: none of its launches is done" "error: b: none of its launches is done" \
        "error: a-01 failed first: it ended with status 213 and without a whole report after " \
        "; the end of its log $PWD/ab/a-01.log:" "  | There are not enough slots available" '  | \x1b[31min the system' \
        "  | line 30 of what came before"
    [[ $(grep -c "failed first" <<<"$stderr") == 1 && $(grep -c "^  | " <<<"$stderr") == 24 ]]
    # of what mpirun puts between two rules the first line is the matter
    assert_has "$stderr" "warning: a-01: ended with status 213 and " " s: There are not enough slots available"
    # one of two, and one that says nothing and is killed
    rm -rf ab
    printf '#!/bin/bash\nkill -KILL $$\n' >refuse
    run --separate-stderr xb campaign -o ab s.json --launches 1 --config a='./canned 1 0.01' --config b=./refuse
    assert_status 3
    assert_has "$stderr" "error: b: none of its launches is done" "error: b-01 failed first: it ended by signal 9 (Killed)" \
        "; its log says nothing: $PWD/ab/b-01.log"
    [[ $stderr != *"a-01 failed"* ]]
}

@test "a launch whose cases fail is done, and its report says so" {
    need_python
    null_scenario s.json 'host->host' '"fail": "post"' ''
    run --separate-stderr xb campaign -o ab s.json --launches 1 --config a=
    has 'l[0]["status"] == "done"' 'l[0]["exit_status"] == 1' 'l[0]["report"] == "a-01.json"'
}

@test "a launcher that comes to be missing is a launch that failed" {
    need_python
    fake_launcher
    cat >once <<'EOF'
#!/bin/bash
rm once
exec "$@"
EOF
    chmod +x once
    run --separate-stderr xb campaign -o ab s.json --launches 2 --config a=./once
    assert_status 3
    has '[x["exit_status"] for x in l] == [0, 127]' 'l[1]["status"] == "failed"'
    assert_has "$stderr" "a-02: ended with status 127" "cannot start ./once: No such file"
}

@test "a launch that hangs is ended with all of its processes" {
    need_python
    fake_launcher
    FAKE="1:hang 3:resist" run --separate-stderr xb campaign -o ab s.json --launches 2 --launch-timeout 6 \
        --config a=./fake --config b=./fake
    assert_status 3
    no_sleepers
    has '[x["status"] for x in l] == ["hung", "done", "hung", "done"]' \
        '[x["signal"] for x in l] == [15, None, 9, None]' 'all(x["seconds"] >= 6 for x in (l[0], l[2]))' \
        'l[0]["report"] is None'
    assert_has "$stderr" "warning: a-01: was ended after" "its time was over" "a: of 2 launches 0 failed and 1 hung" "b: of 2 launches 0 failed and 1 hung"
}

@test "ranks that hang are ended with mpirun" {
    need_python
    null_scenario s.json 'host->host@node' '"delay": "3600s"'
    run --separate-stderr xb campaign -o ab s.json --launches 1 --launch-timeout 4 \
        --config a="$MPIRUN -n 2 --oversubscribe" -- --case-timeout 3600
    assert_status 3
    assert_no_processes
    has 'l[0]["status"] == "hung"'
}

@test "a launcher that writes to who is gone is not ended by it" {
    # Open MPI's mpirun was, at its end: 7 of 150 jobs
    printf '#!/bin/sh\ngrep SigIgn /proc/self/status >signals\nexit 1\n' >launcher
    chmod +x launcher
    run xb campaign quick --launches 1 --config a=./launcher -o c
    ((0x$(cut -f 2 signals) & 1 << (13 - 1))) # SIGPIPE
}

@test "what a launch leaves behind is ended" {
    need_python
    fake_launcher
    FAKE="1:leave" run -0 --separate-stderr xb campaign -o ab s.json --launches 2 --config a=./fake
    no_sleepers
    has 'all(x["status"] == "done" for x in l)'
    assert_has "$stderr" "warning: a-01: left 1 process behind"
}

@test "processes that others have started stay" {
    # exec gives the campaign the children of the shell
    bash -c 'sleep 3000 & echo $! >other; exec "$0" campaign -q -o ab s.json --launches 1 --config a=' "$XFERBENCH" </dev/null 3>&-
    kill -0 "$(<other)"
    kill "$(<other)"
}

@test "interrupted, it ends the launch, keeps what is done and goes on" {
    need_python
    fake_launcher
    local signal
    for signal in TERM INT HUP; do
        rm -rf ab count hanging
        FAKE="3:hang" start_campaign -o ab s.json --launches 3 --config a=./fake --config b=./fake
        wait_for 100 test -e hanging
        kill -s "$signal" "$job"
        wait_job
        assert_status 5
        no_sleepers
        has '[x["status"] for x in l] == ["done", "done", "interrupted"]' 'l[2]["report"] is None'
        assert_has "$stderr" "go on with --resume $PWD/ab"
        [[ -e ab/b-02.log && ! -e ab/b-02.json && ! -e ab/campaign.lock ]]
    done
    (cd / && "$XFERBENCH" campaign --resume "$OLDPWD/ab" </dev/null >"$OLDPWD/out" 2>"$OLDPWD/err") || [[ $? == 1 ]]
    has 'names == ["a-01", "b-01", "b-02", "a-02", "b-03", "a-03"]' 'all(x["status"] == "done" for x in l)'
    assert_has "$(<err)" "launch 3 of 6: b-02"
    [[ $(<err) != *"launch 2 of"* ]]
}

@test "under nohup it goes on when the terminal is gone" {
    need_python
    fake_launcher
    FAKE="1:hang" nohup "$XFERBENCH" campaign -o ab s.json --launches 1 --config a=./fake --launch-timeout 8 \
        </dev/null >out 2>err 3>&- &
    job=$!
    wait_for 100 test -e hanging
    kill -HUP "$job"
    wait_job
    assert_status 3
    has 'l[0]["status"] == "hung"'
}

@test "a campaign that is killed takes its launch with it, and goes on" {
    need_python
    null_scenario s.json 'host->host@node' '"delay": "20ms"'
    start_campaign -o ab s.json --launches 2 --config a="$MPIRUN -n 2 --oversubscribe" -- --set sampling.max_time=3600s \
        --set sampling.max_samples=1000000 --case-timeout 3600
    wait_for 100 test -e ab/a-01.json.journal
    kill -KILL "$job"
    wait_job || true
    assert_no_processes
    has 'l == []'
    # as the launches would never end, and campaign.json has what they are told
    sed -i 's/3600s/10ms/' ab/campaign.json
    run -0 --separate-stderr xb campaign --resume ab
    has 'names == ["a-01", "a-02"]'
    (cd ab && assert_only_files campaign.json noise.json scenario.json a-0{1,2}.{json,log})
}

@test "a launch that outlives its campaign is waited for before it is started again" {
    need_python
    canned_launcher
    cat >late <<'EOF'
#!/bin/bash
# Its first start heeds no SIGTERM and writes a report late; the second finds it there, as run does.
trap '' TERM
words=" $*"
report=${words##* -o }
report=${report%% *}
if mkdir first 2>/dev/null; then
    sleep 3
    echo '{}' >"$report"
    exit
fi
sleep 4
[[ ! -e $report ]] || exit 2
exec ./canned 1 0.01 "$@"
EOF
    chmod +x late
    start_campaign -o ab s.json --launches 1 --config a=./late
    wait_for 100 test -d first
    kill -KILL "$job"
    wait_job || true
    run -0 --separate-stderr xb campaign --resume ab
    has 'l[0]["status"] == "done"'
}

@test "a campaign that has ended goes on with more launches, in the same order" {
    canned_launcher
    run -0 --separate-stderr xb campaign -o ab s.json --launches 1 --config a='./canned 1 0.01' --config b='./canned 1 0.01'
    run -0 --separate-stderr xb campaign --resume ab
    has 'len(l) == 2'
    run -2 --separate-stderr xb campaign --resume ab --launches 0
    assert_has "$stderr" "expected the campaign's 1 or more"
    run -0 --separate-stderr xb campaign --resume ab --launches 2
    has 'names == ["a-01", "b-01", "b-02", "a-02"]' 'c["launches_asked"] == 2'
    sed -i 's/"seed":\t1/"seed":\t2/' ab/campaign.json
    run -2 --separate-stderr xb campaign --resume ab
    assert_has "$stderr" "launches[0]: found a-01, expected b-01 by the seed"
    echo '{"schema": {"name": "xferbench-report", "version": 2}}' >ab/campaign.json
    run -2 --separate-stderr xb campaign --resume ab
    assert_has "$stderr" 'is "xferbench-report" version 2, expected "xferbench-campaign" version 1'
}
