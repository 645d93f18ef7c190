#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# What is seen: the progress line on a terminal and lines in a log, tables that fit, colours, and
# nothing that a terminal would act on.

# shellcheck disable=SC2154 # bats' run and common.bash set them

load common

QUICK=$XB_SRCDIR/results/2xh200-nv18-2026-11-22/starts/quick-1.json
MATRIX=$XB_SRCDIR/results/4xh200-nv18-2026-11-22/matrix.json
OUTLIER=$XB_SRCDIR/results/1xh200-2026-11-24/lab/outliers-320us.json
TYPES=(table matrix contention budget setup interference)

setup() {
    common_setup
    unset COLUMNS
}

# Reports in results/, one a line.
all_reports() {
    grep -rlE '"name":[[:space:]]*"xferbench-report"' "$XB_SRCDIR/results" --include='*.json' | grep -v '/schema/'
}

# on_terminal COLUMNS [--env NAME=VALUE]... ARGUMENT...: the program on a terminal; what would be
# seen is in $output, what was written in the file raw.
on_terminal() {
    local columns=$1 env=()
    shift
    while [[ $1 == --env ]]; do
        env+=("$1" "$2")
        shift 2
    done
    run timeout -k 5 "$PATIENCE" "$PYTHON" "$XB_SRCDIR/tests/cli/terminal.py" "$columns" raw "${env[@]}" "$XFERBENCH" "$@"
}

# four_cases: one is skipped and one corrupt; neither is the first nor the last.
four_cases() {
    scenario s.json '[
        {"paths": ["host->host"], "sizes": "4KiB", "methods": ["direct"]},
        {"paths": ["host->host"], "sizes": "4KiB", "methods": [{"name": "null", "fail": "probe"}, {"name": "null", "corrupt": 0}]},
        {"paths": ["host->host"], "sizes": "64KiB", "methods": ["direct"]}]'
    args=(run s.json --passes 1)
}

@test "no line of a table is wider than the page, of whatever report" {
    local columns reports
    mapfile -t reports < <(all_reports)
    ((${#reports[@]} > 25)) # a release has fewer than a checkout
    for columns in 80 100; do
        COLUMNS=$columns xb report "${reports[@]}" >"all.$columns"
        awk -v n="$columns" 'length($0) > n { print "wider than " n ": " $0; wide++ } END { exit wide > 0 }' "all.$columns"
        [[ $(grep -c '^device ' "all.$columns") == "${#reports[@]}" ]]
    done
    # without a terminal and without COLUMNS it is 100
    xb report "${reports[@]}" | cmp - all.100
    COLUMNS=80 xb report -v "$MATRIX" "$QUICK" "$OUTLIER" | awk 'length($0) > 80 { exit 1 }'
}

@test "a row a case, methods of one size beside one another" {
    run -0 xb report "$QUICK"
    # all that was measured has a row, or a cell of a grid
    run -0 --separate-stderr xb report "$QUICK" -v
    [[ $(grep -c '^ *[0-9][0-9A-Za-z]*B  ' <<<"$output") == 70 && -z $stderr ]]
    [[ $(grep -c '^stream, gpu->gpu@node$' <<<"$output") == 1 ]]
    local sizes
    sizes=$(sed -n '/^stream, gpu->gpu@node$/,/^$/s/^ *\([0-9][0-9A-Za-z]*B\)  .*/\1/p' <<<"$output")
    [[ $(uniq <<<"$sizes" | wc -l) == $(sort -u <<<"$sizes" | wc -l) ]] # each size in one place
    assert_has "$output" $'\n8MiB  mpi ' "  time us  " "device cuda: 2 x NVIDIA H200; 2 ranks on 1 node"
    # of sources and destinations a grid
    run -0 xb report "$MATRIX"
    [[ $(grep -c '^from . to ' <<<"$output") == 5 && $(grep -c '^3 00:09.0 ' <<<"$output") == 5 ]]
    # and of chunks and depths, whose best has a row
    run -0 xb report "$XB_SRCDIR/results/2xh200-nv18-2026-11-21/grid.json"
    [[ $(grep -c '^chunk . depth ' <<<"$output") == 6 && $(grep -c '^ *[0-9]*[GM]iB  host-staged ' <<<"$output") == 6 ]]
    # what was slow is marked
    run -0 xb report "$OUTLIER"
    assert_has "$output" "! something was slow in it"
    [[ $(grep -c '^ *[0-9]*MiB  direct .* !' <<<"$output") == 1 ]]
}

@test "skips are a line a reason, and --verbose has their ids" {
    run -0 xb report "$QUICK"
    assert_has "$output" $'\n2 cases skipped: needs two ranks on two nodes' $'\n--verbose lists the skipped cases\n'
    [[ $output != *"@remote/"* ]]
    run -0 xb report --verbose "$QUICK"
    assert_has "$output" $'\n  stream/mpi[transfer=send,memory=device]/gpu->gpu@remote/8MiB\n'
    [[ $(grep -c '^  [a-z]*/.*@remote/' <<<"$output") == 2 && $output != *"--verbose lists"* ]]
    four_cases
    run -4 --separate-stderr xb "${args[@]}" -o r.json
    assert_has "$output" $'\n1 case skipped: ' $'\n1 case corrupt: ' "stream/null"
    [[ $(grep -c '^  stream/null' <<<"$output") == 1 ]]
    run -4 --separate-stderr xb "${args[@]}" -o v.json -v
    [[ $(grep -c '^  stream/null' <<<"$output") == 2 ]]
}

@test "a log has the first step and the last, and each that failed; -v has all, -q none" {
    four_cases
    run -4 --separate-stderr xb "${args[@]}" -o r.json
    assert_has "$stderr" $'\n[1/4] ' $'\n[4/4] '
    grep -q '^\[./4\] stream/null.*: corrupt: ' <<<"$stderr"
    [[ $stderr != *$'\r'* && $stderr != *$'\033'* ]]
    run -4 --separate-stderr xb "${args[@]}" -o v.json -v
    [[ $(grep -cE '^\[[1-4]/4\] stream/[^ ]*: (ok, [0-9.]+ GB/s|skipped: .*|corrupt: .*)$' <<<"$stderr") == 4 ]]
    run -4 --separate-stderr xb "${args[@]}" -o q.json -q
    [[ $stderr == "device cpu: no GPU is used; these are figures of host memory" ]]
}

@test "on a terminal progress is one line that is written again, and goes" {
    need_python
    four_cases
    local columns
    for columns in 40 60 80 200; do
        on_terminal "$columns" "${args[@]}" -o "r$columns.json"
        assert_status 4
        [[ $output != *"escape: "* ]]
        # each of the four was there, and made room: for another one, or for what came behind it
        [[ $(grep -c '^over: \[[1-4]/4\] ' <<<"$output") == 4 ]]
        awk -v n=$((columns - 1)) '/^over: / && length($0) - 6 > n { wide = 1 } END { exit wide }' <<<"$output"
        grep -q '^\[./4\] stream/null' <<<"$output" # which failed: a line that stays
        [[ $(grep -c '^\[./4\] ' <<<"$output") == 1 && ${lines[-1]} == "end: " ]]
        assert_has "$output" "report: r$columns.json"
    done
    # none where a terminal cannot do that, or where somebody wants none
    on_terminal 80 --env TERM=dumb "${args[@]}" -o dumb.json
    assert_status 4
    [[ $output != *"over: "* && $output != *"colour: "* && $output == *"[1/4] "*"[4/4] "* ]]
    on_terminal 0 "${args[@]}" -o none.json # as Open MPI's
    [[ $output == *"[1/4] "*"[4/4] "* ]]
    grep -q $'\033' raw && return 1
    on_terminal 80 "${args[@]}" -o quiet.json -q
    [[ $output != *"over: "* && $output != *"[1/4] "* ]]
    on_terminal 80 "${args[@]}" -o verbose.json -v
    [[ $output != *"over: "* && $(grep -c '^\[[1-4]/4\] ' <<<"$output") == 4 ]]
}

@test "a table is as wide as the terminal, or as COLUMNS says" {
    need_python
    COLUMNS=80 xb report "$MATRIX" "$QUICK" >at.80
    COLUMNS=200 xb report "$MATRIX" "$QUICK" >at.200
    run -1 cmp -s at.80 at.200
    local columns
    for columns in 80 200; do
        on_terminal "$columns" --env NO_COLOR=1 report "$MATRIX" "$QUICK"
        assert_status 0
        tr -d '\r' <raw | cmp - "at.$columns"
    done
    on_terminal 200 --env NO_COLOR=1 --env COLUMNS=80 report "$MATRIX" "$QUICK"
    tr -d '\r' <raw | cmp - at.80
}

@test "colours are for terminals, not with NO_COLOR or --no-color, and never the only sign" {
    need_python
    on_terminal 100 report "$QUICK"
    grep -q $'\033\\[33m.* ~ .*\033\\[0m' raw # noisy ones
    sed 's/\x1b\[[0-9;]*m//g' raw >without
    on_terminal 100 --env NO_COLOR= report "$QUICK" # which is empty
    grep -q $'\033' raw
    local said
    for said in NO_COLOR=1 TERM=dumb TERM=; do
        on_terminal 100 --env "$said" report "$QUICK"
        assert_status 0
        cmp raw without
    done
    on_terminal 100 report --no-color "$QUICK"
    cmp raw without
    run -0 xb report "$QUICK"
    [[ $output != *$'\033'* ]]
    # of a run, errors too
    on_terminal 100 report none.json
    assert_status 2
    grep -q $'^\033\\[31mxferbench: error: \033\\[0m' raw
    on_terminal 100 --env NO_COLOR=1 report none.json
    grep -q '^xferbench: error: ' raw
    four_cases
    on_terminal 100 "${args[@]}" -o r.json
    grep -q $'\033\\[31m.*corrupt' raw
    on_terminal 100 "${args[@]}" -o n.json --no-color
    grep -q $'\033\\[3' raw && return 1
    grep -q corrupt raw
}

@test "nothing in a report moves a terminal" {
    need_python
    "$PYTHON" - "$OUTLIER" hostile.json <<'EOF'
import json, sys
evil = "x\x1b]0;pwned\x07\x1b[2J\r\n\x9b31m\u202e\x7f"
r = json.load(open(sys.argv[1]))
def spoil(value, key=""):
    if isinstance(value, dict):
        return {k: spoil(v, k) for k, v in value.items()}
    if isinstance(value, list):
        return [spoil(v, key) for v in value]
    if isinstance(value, str) and key in ("host", "id", "label", "name", "reason", "warning", "nic", "pci_bus_id", "method", "device", "memory", "notes", "start_utc"):
        return value + evil
    return value
r["run"]["label"] = "label"
r["cases"][0]["warning"] = "careful"
c = json.loads(json.dumps(r["cases"][0]))
c.update(id="skipped", status="skipped", reason="no", time_us=None, bandwidth_gb_per_s=None, lanes=[], schedule=None, slowest_lane=None, slowest_round=None)
r["cases"].append(c)
r["run"]["label"] = r["run"]["label"] + evil
for part in ("topology", "cases", "outliers"):
    r[part] = spoil(r[part])
json.dump(r, open(sys.argv[2], "w"))
EOF
    local form
    for form in "${TYPES[@]}"; do
        xb report --format "$form" -v hostile.json >"shown.$form"
        "$PYTHON" - "shown.$form" <<'EOF'
import sys
text = open(sys.argv[1], newline="").read()
bad = {c for c in text if c != "\n" and (ord(c) < 32 or 127 <= ord(c) < 160 or c == "\u202e")}
sys.exit(f"{sys.argv[1]}: {bad}" if bad or "pwned" not in text else 0)
EOF
    done
    COLUMNS=80 xb report hostile.json | awk 'length($0) > 80 { exit 1 }'
    # nor in what is said of it
    run -2 --separate-stderr xb report $'none\033[2J.json'
    assert_has "$stderr" 'none\x1b[2J.json: cannot be opened'
}

# A line "..." stands for any number of others.
@test "the tables in the docs are what is printed" {
    need_python
    cd "$XB_SRCDIR"
    XFERBENCH=$XFERBENCH run -0 "$PYTHON" - docs/output.md <<'EOF'
import os, re, shlex, subprocess, sys
shown = 0
for block in re.findall(r"^```\n(\$ .*?)^```$", open(sys.argv[1]).read(), re.S | re.M):
    command, text = block.split("\n", 1)
    variable, program, *arguments = shlex.split(command[2:])
    name, value = variable.split("=")
    got = subprocess.run([os.environ["XFERBENCH"], *arguments], env=dict(os.environ, **{name: value}), capture_output=True, text=True).stdout
    for part in re.split(r"^\.\.\.\n", text, flags=re.M):
        if part not in got:
            sys.exit(f"{command}: not printed:\n{part}\nbut:\n{got}")
    shown += 1
sys.exit(shown != 2)
EOF
}
