# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
# shellcheck disable=SC2154 # bats' run sets output, stderr and status
# What the CLI tests share: the real program under mpirun, small scenarios, and questions to
# reports.
# bats' run also sets the variable i: a loop around it counts by another.

bats_require_minimum_version 1.8.0

XB_SRCDIR=${XB_SRCDIR:-$(cd "$BATS_TEST_DIRNAME/../.." && pwd)}
XB_BUILDDIR=${XB_BUILDDIR:-$XB_SRCDIR}
MPIRUN=${MPIRUN:-mpirun}
MPI_BIN=$(dirname "$(type -P "$MPIRUN")")
export TOPO=$XB_SRCDIR/tests/data/topo
export XFERBENCH_SCENARIOS=$XB_SRCDIR/scenarios XFERBENCH_SCRIPTS=$XB_SRCDIR/scripts

# configure gives an empty XB_PYTHON where no python has jsonschema; by hand it is not set at all.
if [[ -z ${XB_PYTHON+set} ]]; then
    XB_PYTHON=
    if python3 -c 'import jsonschema' 2>/dev/null; then XB_PYTHON=python3; fi
fi
PYTHON=${XB_PYTHON:-$(command -v python3 || true)}
export XB_SRCDIR XB_BUILDDIR XB_PYTHON

# Tests run as root in containers, and with more ranks than cores.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_mpi_yield_when_idle=1
# Whoever waits sleeps for an instant, and does not yield, as one rank alone and two on two cores would: they may
# have a core each. Beside other work a process that yields, and any that shares its core, was seen to be ready
# and not to run for a minute, so that cases of two ranks were not complete in that time.
export XFERBENCH_REST=1
# Reports hold it; what the caller has set must not decide a test.
unset UCX_TLS
unset NO_COLOR
# Sentences below a table are a line each.
export COLUMNS=400

# A rank that ends with a failure ends the job: mpirun would give the others 1 to 2 s for it, where
# they have nothing left to do.
export OMPI_MCA_odls_base_sigkill_timeout=0

XFERBENCH=$XB_BUILDDIR/xferbench

common_setup() {
    # At its end Open MPI's mpirun writes to who is gone, and catches SIGPIPE no more: 7 of 150 jobs whose output
    # nobody read ended with 141. With the signal ignored none did; the ranks get it back from mpirun.
    printf '#!/bin/sh\ntrap "" PIPE\nexec "%s" "$@"\n' "$(type -P "$MPIRUN")" >"$BATS_TEST_TMPDIR/mpirun"
    chmod +x "$BATS_TEST_TMPDIR/mpirun"
    MPIRUN=$BATS_TEST_TMPDIR/mpirun
    mkdir "$BATS_TEST_TMPDIR/work" && cd "$BATS_TEST_TMPDIR/work" || return
    # What Open MPI leaves behind when its ranks or it are killed goes with the test's folder.
    export OMPI_MCA_btl_vader_backing_directory=$BATS_TEST_TMPDIR
    export PRTE_MCA_prte_tmpdir_base=$BATS_TEST_TMPDIR
}

# The processes of the program that stand in this folder: others may run it beside this test.
# libtool gives another name to what it runs in place of an installed program.
own_processes() {
    local pid
    for pid in $(pgrep -x '(lt-)?(xferbench|slowed)'); do
        if [[ "/proc/$pid/cwd" -ef . ]]; then echo "$pid"; fi
    done
}

# Nothing of the program that this test has started runs any more. What is being killed may take
# an instant to go.
assert_no_processes() {
    local i left
    for ((i = 0; i < 300; i++)); do
        left=$(own_processes)
        [[ -z $left ]] && return
        sleep 0.1
    done
    echo "still running: ${left//$'\n'/ }"
    return 1
}

# Seconds after which a run is taken for one that will not end. Where other work has the cores, each
# message between ranks waits for its turn: two busy loops a core make of 3 s well over a minute. A
# case that hangs is ended by the program much earlier, so this is for what its deadlines do not see.
PATIENCE=400

# The program without mpirun.
xb() { timeout -k 5 "$PATIENCE" "$XFERBENCH" "$@" </dev/null; }

# xrun N ARGUMENT...: the program on N ranks.
xrun() {
    local n=$1 bind=()
    shift
    if ((n > 2)); then bind=(--bind-to none); fi
    # where ranks wait for their turn on a busy machine a case may take more than the usual minute
    if ((n > 1)) && [[ ${1-} == run && " $* " != *' --case-timeout '* ]]; then set -- "$@" --case-timeout 300; fi
    timeout -k 5 "$PATIENCE" "$MPIRUN" -n "$n" --oversubscribe "${bind[@]}" "$XFERBENCH" "$@" </dev/null
}

# From here on the program is one that catches what each rank writes in the files out.RANK and err.RANK.
# Open MPI 5 mixes unfinished lines of both, and hands nothing on once mpirun itself is told to end.
catch_ranks() {
    # shellcheck disable=SC2016 # the rank's own
    printf '#!/bin/sh\nexec "%s" "$@" >"out.$OMPI_COMM_WORLD_RANK" 2>"err.$OMPI_COMM_WORLD_RANK"\n' \
        "$XFERBENCH" >caught
    chmod +x caught
    XFERBENCH=./caught
}

# scenario FILE GROUPS: a scenario with the groups of cases, a JSON list, little sampling and one
# pass.
scenario() {
    cat >"$1" <<EOF
{
  "name": "t",
  "device": "cpu",
  "sampling": {"max_samples": 12, "max_time": "20ms", "warmup": "0s", "passes": 1},
  "cases": $2
}
EOF
}

# null_methods OPTIONS...: the method null once for each argument, with these options.
null_methods() {
    local options list=
    for options in "$@"; do
        list+="${list:+, }{\"name\": \"null\"${options:+, $options}}"
    done
    echo "[$list]"
}

# Three cases, of which the last has lanes in turn.
three_cases() {
    scenario s.json '[
        {"paths": ["host->host"], "sizes": ["4KiB", "64KiB"], "methods": ["direct"]},
        {"pairs": "each", "paths": ["host->host@node"], "sizes": "4KiB", "methods": ["mpi"]}]'
}

# null_scenario FILE PATH OPTIONS...: one case of the method null for each argument, 4 KiB each.
null_scenario() {
    local file=$1 path=$2
    shift 2
    scenario "$file" "[{\"paths\": [\"$path\"], \"sizes\": \"4KiB\", \"methods\": $(null_methods "$@")}]"
}

# What a test that fails leaves for whoever reads the log alone: how the last run ended, what it
# printed, and what in the reports is not ok. Shown by teardown; files with one of their own call it.
explain_failure() {
    local file
    [[ -z ${BATS_TEST_COMPLETED-} ]] || return 0
    echo "the last run's exit status: ${status-none}"
    show_end stdout 30 <<<"${output-}"
    show_end stderr 30 <<<"${stderr-}"
    for file in out err; do
        if [[ -f $file ]]; then show_end "the file $file" 30 <"$file"; fi
    done
    for file in *.journal; do # how far a run came that left no report
        if [[ -f $file ]]; then show_end "$file, $(wc -l <"$file") lines," 1 <"$file"; fi
    done
    for file in *.json; do
        if [[ -f $file && -n $PYTHON ]]; then show_cases "$file"; fi
    done
}

teardown() { explain_failure; }

# show_end WHAT N: the last N lines of what comes in, cut where they are long.
show_end() {
    local lines
    lines=$(tail -n "$2" | cut -c 1-300)
    if [[ -n $lines ]]; then printf '%s ends with:\n%s\n' "$1" "$lines"; fi
}

# show_cases FILE: of a report the cases that are not ok, each with its status and its reason. Not
# every file of such a name is a report.
show_cases() {
    "$PYTHON" - "$1" <<'EOF' 2>/dev/null || true
import json, sys
r = json.load(open(sys.argv[1]))
print("report %s: %s, %d cases" % (sys.argv[1], r["status"], len(r["cases"])))
for c in r["cases"]:
    if c["status"] != "ok":
        print("  %s: %s: %s" % (c["id"], c["status"], c["reason"]))
    for l in c["lanes"] if c["status"] != "ok" else []:
        if l["reason"] and l["reason"] != c["reason"]:
            print("    a lane: %s: %s" % (l["status"], l["reason"]))
EOF
}

assert_status() {
    [[ $status == "$1" ]] && return
    echo "exit status $status, expected $1"
    return 1
}

# assert_has TEXT PART...: every part stands in the text.
assert_has() {
    local text=$1 part
    shift
    for part in "$@"; do
        [[ $text == *"$part"* ]] && continue
        printf 'not found: %s\nin: %s\n' "$part" "$text"
        return 1
    done
}

# Lines of stderr and stdout that begin with the program's name: what it has to complain about.
complaints() {
    printf '%s\n%s\n' "$output" "${stderr-}" | grep -E '^(xferbench|[a-z]+: unrec)' |
        grep -v '^xferbench: warning: ' || true
}

# assert_one_error PART...: the program complains once, whatever the number of ranks.
assert_one_error() {
    [[ $(complaints | wc -l) == 1 ]] || {
        printf 'expected one complaint, found:\n%s\n' "$(complaints)"
        return 1
    }
    assert_has "$(complaints)" "$@"
}

# What a sanitizer keeps of freed memory counts as the program's.
need_own_memory() {
    if grep -qaE '__(a|t)san_init' "$XFERBENCH"; then skip "the memory of a sanitizer counts too"; fi
}

# ThreadSanitizer writes down each byte that is copied, which takes longer than the copy.
need_own_copies() {
    if grep -qa '__tsan_init' "$XFERBENCH"; then skip "copies take as long as a sanitizer's notes of them"; fi
}

need_python() {
    if [[ -z $PYTHON ]]; then skip "no python3 to read reports with"; fi
}

# ask FILE EXPRESSION: print the value of a Python expression over r (the report), cases
# (its cases), ok (those that are), by (case by id), steps(case) and ranks(case) (of its schedule),
# and lanes(case), each with its place in it.
# assert_report FILE EXPRESSION...: every such expression is true of the report.
ask() { python_report ask "$@"; }
assert_report() { python_report assert "$@"; }

python_report() {
    "$PYTHON" - "$@" <<'EOF'
import json, sys
verb, file, expressions = sys.argv[1], sys.argv[2], sys.argv[3:]
r = json.load(open(file))
cases = r["cases"]
def lanes(case): # where each is stands in a schedule that cases share
    return [{**place, **lane} for place, lane in zip(env["steps"](case), case["lanes"])]
env = {"json": json, "r": r, "cases": cases, "ok": [c for c in cases if c["status"] == "ok"],
       "by": {c["id"]: c for c in cases},
       "steps": lambda c: [] if c["schedule"] is None else r["schedules"][c["schedule"]],
       "ranks": lambda c: [(s["src_rank"], s["dst_rank"]) for s in env["steps"](c)],
       "lanes": lanes}
if verb == "ask":
    print(eval(expressions[0], env))
    sys.exit(0)
wrong = 0
for expression in expressions:
    try:
        why = None if eval(expression, env) else "not so"
    except Exception as error: # a case that is not there, say
        why = "%s: %s" % (type(error).__name__, error)
    if why:
        wrong = 1
        print("%s, in %s: %s" % (why, file, expression))
sys.exit(wrong)
EOF
}

# validate_report FILE...: by the schema of its version, or loudly not.
validate_report() {
    if [[ -z $XB_PYTHON ]]; then
        echo "# NOT CHECKED by the schema, no python with jsonschema: $BATS_TEST_DESCRIPTION" >&3
        return
    fi
    local file version
    for file in "$@"; do
        # the first in the file is the schema's itself
        version=$(grep -m 1 -oE '"version":\s*[0-9]+' "$file" | head -n 1 | grep -oE '[0-9]+')
        "$XB_PYTHON" "$XB_SRCDIR/tests/validate_json.py" \
            "$XB_SRCDIR/results/schema/report-v$version.schema.json" "$file" || return
    done
}

# What holds of every report that was made on the cpu device.
check_report() {
    validate_report "$1"
    assert_report "$1" 'r["run"]["device"] == "cpu"' \
        'r["run"]["plan_cases"] == len(cases) == len(by)' \
        'all(c["reason"] for c in cases if c["status"] != "ok")' \
        'all(c["samples_us"] is None or len(c["samples_us"]) == c["timing"]["n"] for c in cases)' \
        'all(len(c["lanes"]) == len(r["schedules"][c["schedule"]]) for c in ok)' \
        'len({json.dumps(s) for s in r["schedules"]}) == len(r["schedules"])' \
        'all(c["time_us"]["min"] <= c["time_us"]["median"] <= c["time_us"]["max"] for c in ok)' \
        'all(c["verify"]["checked_bytes"] >= sum(l.get("bytes") or c["key"]["bytes"] for l in c["lanes"]) for c in ok)'
    check_paths "$1"
}

# paths[] adds up to what the cases say.
check_paths() {
    "$PYTHON" - "$1" <<'EOF'
import collections, json, math, sys
r = json.load(open(sys.argv[1]))
rows = collections.OrderedDict()
def class_of(size):
    return sum(size > 1024 * limit for limit in (4, 64, 1024, 16384, 131072))
def row_of(k, ends, lane=None):
    size_class = class_of(lane["bytes"]) if lane and lane.get("bytes") else k["size_class"]
    return rows.setdefault((k["method"], json.dumps(k["options"]), ends["src"], ends["dst"], k["locality"], size_class),
                           {"n": 0, "bytes": 0, "us": 0.0, "best": 0.0, "failures": 0})
for c in r["cases"]:
    if c["status"] == "skipped":
        continue
    steps = r["schedules"][c["schedule"]] if c["lanes"] else []
    key = dict(c["key"], **(c["chosen"] or {}))
    row = row_of(key, (steps or [key])[0], (c["lanes"] or [None])[0])
    if c["status"] in ("failed", "corrupt", "timeout"):
        row["failures"] += 1
    if c["status"] != "ok":
        continue
    for row, lane in [(row_of(key, step, lane), lane) for step, lane in zip(steps, c["lanes"])]:
        size = lane.get("bytes") or c["transfer_bytes"]
        row["n"] += lane["transfers"]
        row["bytes"] += lane["transfers"] * size
        row["us"] += lane["transfers"] * lane["time_us"]["mean"]
        row["best"] = max(row["best"], size / lane["time_us"]["min"] * 1e-3)
found = r["paths"]
assert len(found) == len(rows), (len(found), len(rows))
for p, (key, row) in zip(found, rows.items()):
    named = dict(p, options=json.dumps(p["options"]))
    assert tuple(named[n] for n in ("method", "options", "src", "dst", "locality", "size_class")) == key, p
    assert p["total_transfers"] == row["n"] and p["total_bytes"] == row["bytes"], (p, row)
    assert p["failures"] == row["failures"], (p, row)
    if not row["us"]:
        assert p["total_time_us"] == 0 and p["best_gb_per_s"] is p["avg_gb_per_s"] is None, p
        continue
    average = row["bytes"] / row["us"] * 1e-3
    for name, value in (("total_time_us", row["us"]), ("best_gb_per_s", row["best"]),
                        ("avg_gb_per_s", average)):
        # times are rounded to 0.1 ns, and some are of a few ns
        assert math.isclose(p[name], value, rel_tol=3e-2, abs_tol=1e-12), (name, p, row)
EOF
}

# assert_short_numbers FILE...: no number has more digits than it tells. Times have four behind the point, all else
# has six.
assert_short_numbers() {
    "$PYTHON" - "$@" <<'EOF'
import json, re, sys
def digits(text):
    return len(re.sub(r"[eE].*", "", text).replace("-", "").replace(".", "").strip("0"))
for file in sys.argv[1:]:
    numbers = []
    json.load(open(file), parse_float=numbers.append)
    long = [n for n in numbers if digits(n) > 6 and ("e" in n or len(n.split(".")[1]) > 4)]
    assert not long, (file, long[:9])
    assert numbers, file
EOF
}

# No journal, no temporary file: in the folder stand only these names.
assert_only_files() {
    local found
    found=$(find . -mindepth 1 -maxdepth 1 -printf '%f\n' | sort | xargs)
    [[ $found == "$(printf '%s\n' "$@" | sort | xargs)" ]] || {
        echo "files: $found, expected: $*"
        return 1
    }
}

# wait_for SECONDS COMMAND...: until it succeeds; fails when it does not.
wait_for() {
    local i tries=$(($1 * 20))
    shift
    for ((i = 0; i < tries; i++)); do
        "$@" 2>/dev/null && return
        sleep 0.05
    done
    echo "waited in vain for: $*"
    return 1
}

# Was mpirun told to end, and left its ranks no time to save? Open MPI 5's leaves them a quarter of a
# second and has no setting for more, which a busy machine can miss. The journal has what was measured.
hurried() {
    [[ ! -e r.json ]] && ! "$MPI_BIN/ompi_info" --param odls base --level 9 2>/dev/null | grep -q sigkill_timeout && has_lines r.json.journal 2
}

# Starts N ranks in the background: start_ranks N ARGUMENT... leaves its pid in $job; what it prints
# is in the files out and err.
start_ranks() {
    local n=$1
    shift
    rm -f out err # what an earlier job said is not this one's
    "$MPIRUN" -n "$n" --oversubscribe --bind-to none "$XFERBENCH" "$@" \
        </dev/null >out 2>err 3>&- &
    job=$!
}

# The process of a rank of the job in the background.
rank_pid() {
    local pid
    for pid in $(pgrep -P "$job"); do
        if grep -qzx "OMPI_COMM_WORLD_RANK=$1" "/proc/$pid/environ"; then
            echo "$pid"
            return
        fi
    done
    return 1
}

# Leaves the exit status of the job in $status, and what it printed as run does.
wait_job() {
    status=0
    wait "$job" || status=$?
    job=
    # shellcheck disable=SC2034 # assert_status and the tests read them
    output=$(<out) stderr=$(<err)
}

# Nothing that a test started outlives it.
end_job() {
    local pids
    [[ -n ${job-} ]] || return 0
    pids=$(pgrep -P "$job" || true)
    # shellcheck disable=SC2086 # a list of pids
    kill -KILL "$job" $pids 2>/dev/null || true
    wait "$job" 2>/dev/null || true
    job=
}

# has_lines FILE N: the file has at least so many lines, as a journal has one for its header and
# one for each case.
has_lines() {
    local lines whole
    mapfile lines <"$1" || return # without a process to wait for: the run goes on meanwhile
    whole=${#lines[@]}
    [[ $whole == 0 || ${lines[-1]} == *$'\n' ]] || whole=$((whole - 1))
    ((whole >= $2))
}
