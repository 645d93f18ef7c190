#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# What the scripts say of arguments and files that are not what they expect.

# shellcheck disable=SC2154,SC2016,SC2238 # bats' run sets them; bash -c expands them; cut is a file

load common

setup() { common_setup; }

# refuse_script STATUS MESSAGE SCRIPT ARGUMENT...: it ends so, with one line.
refuse_script() {
    local status_wanted=$1 message=$2
    shift 2
    run "-$status_wanted" --separate-stderr "$XB_SRCDIR/scripts/$1" "${@:2}"
    [[ $stderr == "$message" ]] || { printf 'said: %s\nexpected: %s\n' "$stderr" "$message"; return 1; }
}

@test "a trace that cannot be drawn is named, with what is wrong with it" {
    [[ -n $PYTHON ]] || skip "python3 is missing"
    local wanted='expected what run --trace has written'
    echo '{"traceEvents": []}' >empty
    echo '{"cases": []}' >other
    echo '[' >cut
    echo '{"traceEvents": [{"pid": 1, "name": "process_name", "args": {"name": "a\u001bb<"}}]}' >bars
    refuse_script 1 "nosuch: cannot be read: No such file or directory" trace-svg.py nosuch
    refuse_script 1 ".: cannot be read: Is a directory" trace-svg.py .
    refuse_script 1 "other: found no \"traceEvents\", $wanted" trace-svg.py other
    refuse_script 1 "cut: found no \"traceEvents\", $wanted" trace-svg.py cut
    refuse_script 1 "empty: found no transfer, expected a case of one lane, in chunks: others are not traced" trace-svg.py empty
    refuse_script 1 "bars: found no case x, expected one of 1" trace-svg.py bars x
    run -1 --separate-stderr "$XB_SRCDIR/scripts/trace-svg.py" bars
    assert_has "$stderr" "bars: found events that are not whole (" "expected those that run --trace writes"
    [[ $stderr != *Traceback* ]]
}

@test "a picture of a trace is XML in UTF-8, whatever the locale, and who cannot have it is told" {
    [[ -n $PYTHON ]] || skip "python3 is missing"
    echo '{"traceEvents": [{"pid": 1, "tid": 1, "ph": "M", "name": "process_name", "args": {"name": "a\u001bb<"}},
        {"pid": 1, "tid": 1, "ph": "M", "name": "thread_name", "args": {"name": "x&"}},
        {"pid": 1, "tid": 1, "ph": "X", "name": "chunk 0", "ts": 0, "dur": 2, "args": {}}]}' >bars
    PYTHONIOENCODING=ascii "$XB_SRCDIR/scripts/trace-svg.py" bars >picture.svg
    "$PYTHON" -c 'import sys, xml.etree.ElementTree as t; t.parse(sys.argv[1])' picture.svg
    run -1 --separate-stderr bash -c '"$0" bars >/dev/full' "$XB_SRCDIR/scripts/trace-svg.py"
    assert_has "$stderr" "standard output: cannot be written: No space left on device"
    [[ $stderr != *Traceback* ]]
}

# is_over PID: it has ended, whether anybody has asked for its status or not.
is_over() { [[ ! -e /proc/$1/stat || $(sed 's/.*) \(.\).*/\1/' "/proc/$1/stat") == Z ]]; }

@test "no further chart is drawn when who asked for them is gone" {
    [[ -n $PYTHON ]] || skip "python3 is missing"
    mkdir fake
    cat >fake/vl_convert.py <<'EOT'
import os, signal, time
def vegalite_to_svg(spec, allowed_base_urls):
    with open("drawn", "a") as f:
        f.write("one\n")
    parent = int(os.environ["ASKS"])
    if os.getppid() == parent:
        os.kill(parent, signal.SIGKILL)
    while os.getppid() == parent:
        time.sleep(0.01)
    with open("pid.new", "w") as f:
        f.write(str(os.getpid()))
    os.rename("pid.new", "pid")
    return '<svg xmlns="http://www.w3.org/2000/svg"/>'
EOT
    echo '{"format": "svg", "charts": [{"id": "a", "title": "", "description": "", "spec": {}, "rows": []},
        {"id": "b", "title": "", "description": "", "spec": {}, "rows": []}]}' >asked
    (PYTHONPATH=fake bash -c 'ASKS=$$ "$0" "$1" <asked >out 2>err 3>&-; :' "$PYTHON" "$XB_SRCDIR/scripts/render-charts.py") || true
    wait_for 100 test -e pid
    wait_for 100 is_over "$(<pid)"
    [[ $(<drawn) == one && ! -s out ]]
}

@test "options that a script does not have, and values that are none" {
    : >bin
    refuse_script 2 "quickstart: unknown option '--nonsense', expected --no-install, --no-run or --help" quickstart.sh --nonsense
    refuse_script 2 "gpu-check: -n needs a value, expected a number" gpu-check.sh -n
    refuse_script 2 "gpu-check: -o needs a value, expected a folder" gpu-check.sh -o
    refuse_script 2 "gpu-check: -n: got 'two', expected a number of ranks from 1" gpu-check.sh -n two
    refuse_script 2 "gpu-check: -n: got '0', expected a number of ranks from 1" gpu-check.sh -n 0
    refuse_script 2 "fuzz.sh: -t: got '', expected a whole number" fuzz.sh -t
    refuse_script 2 "fuzz.sh: -n: got 'x', expected a whole number" fuzz.sh -n x bin
    refuse_script 2 "fuzz.sh: -k needs a value, expected a folder" fuzz.sh -k
    refuse_script 2 "fuzz.sh: unknown option '-z', expected -t, -n, -k or --help" fuzz.sh -z
    refuse_script 2 "fuzz.sh: nosuch: found no file, expected a release, which 'make dist' makes" fuzz.sh nosuch
    refuse_script 2 "coverage: nosuch: found no file, expected a release, which 'make dist' makes" coverage.sh nosuch
    refuse_script 2 "coverage: nosuch: found no folder, expected one with a build" coverage.sh --read nosuch
    refuse_script 2 "coverage: unknown option '--nonsense', expected --read or --help" coverage.sh --nonsense
    refuse_script 2 "check-tidy: nosuch.c: found no file, expected a C source" check-tidy.sh nosuch.c -- -I.
    refuse_script 2 "check-tidy: unknown option '-z', expected --help, or files, -- and flags" check-tidy.sh -z
    refuse_script 2 "netlab: --name: got 'a/b', expected up to 40 letters, digits and ._-, the first a letter, a digit or _" netlab --name a/b status
    refuse_script 2 "slurmlab: --name: got '', expected up to 38 letters, digits and ._-, the first a letter, a digit or _" slurmlab --name '' status
    assert_only_files bin
}

@test "what gpu-check runs under compute-sanitizer is a scenario of all kernels" {
    local file=$XB_TESTS_DATA/each_kernel.json kernel
    run -0 xb plan "$file" --ranks 2 --per-node 2
    # each file of kernels has a case that launches one of them
    for kernel in copy:engine=sm pingpong:pingpong/p2p load:company gray_scott:gray-scott nccl_pointer:mapping=nccl touch:access=fault bytes:direct; do
        [[ -f $XB_SRCDIR/kernels/${kernel%:*}.cu ]]
        assert_has "$output" "${kernel#*:}"
    done
    local kernels=("$XB_SRCDIR"/kernels/*.cu)
    [[ ${#kernels[@]} == 7 ]] # a new one needs a case
}

@test "a job is queued again only as often as is said, and a number that is none ends it" {
    export SLURM_JOB_ID=7 SLURM_JOB_NODELIST=n1 SLURM_RESTART_COUNT=9
    local again='. "$0"; scontrol() { echo "scontrol $*"; }; told=; go_on_later r.json'
    XFERBENCH_RESTARTS=08 run -5 bash -c "$again" "$XB_SRCDIR/scripts/slurm/job.sh"
    assert_has "$output" "after 9 restarts, and not queued again"
    [[ $output != *scontrol* ]]
    XFERBENCH_RESTARTS=12 run -5 bash -c "$again" "$XB_SRCDIR/scripts/slurm/job.sh"
    assert_has "$output" "scontrol requeue 7"
    XFERBENCH_RESTARTS='a[$(touch made)]' run -2 bash -c "$again" "$XB_SRCDIR/scripts/slurm/job.sh"
    assert_has "$output" "expected a whole number"
    assert_only_files
}
