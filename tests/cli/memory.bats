#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# What rank 0 has in memory: of a case where its result stands in the journal, and no more, whatever
# its lanes, passes and samples; of a journal one line. Peaks of two runs that differ in the number of
# cases are compared, so that what every run needs does not count.

# shellcheck disable=SC2154 # bats' run and common.bash set them

load common

setup() {
    common_setup
    need_python
    need_own_memory
}

# Of so many cases not all are shown.
teardown() {
    [[ -n ${BATS_TEST_COMPLETED-} ]] || show_end stderr 10 <<<"${stderr-}"
    end_job
}

# many_cases FILE N PATH PAIRS PASSES: N cases of the method null, which take no time. Every tenth
# is skipped, and every tenth corrupt, with a reason.
many_cases() {
    "$PYTHON" - "$@" <<'PYTHON'
import json, sys
file, n, path, pairs, passes = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4], int(sys.argv[5])
def group(method, count):
    return {"pairs": pairs, "paths": [path], "sizes": list(range(1, 11)),
            "methods": [dict(method, name="null", after=a) for a in range(count // 10)]}
cases = [group({}, n * 8 // 10), group({"fail": "probe"}, n // 10), group({"corrupt": 0}, n // 10)]
sampling = {"min_samples": 8, "max_samples": 8, "max_time": "1us", "warmup": "0s", "passes": passes}
json.dump({"name": "m", "device": "cpu", "sampling": sampling, "cases": cases}, open(file, "w"))
PYTHON
}

# peaks_of N RANKS PATH PAIRS PASSES ARGUMENT...: the most that each rank has in memory in a run of
# N cases, in the files peak.N.RANK.
peaks_of() {
    local n=$1 ranks=$2 path=$3 pairs=$4 passes=$5
    shift 5
    many_cases s.json "$n" "$path" "$pairs" "$passes"
    run -0 --separate-stderr "$MPIRUN" -n "$ranks" --oversubscribe --bind-to none "$PYTHON" \
        "$XB_SRCDIR/tests/cli/peak.py" "peak.$n" "$XFERBENCH" run s.json -o "r$n.json" --quiet "$@"
    assert_report "r$n.json" "len(cases) == $n" "len(ok) == $n * 8 // 10"
}

# grows MOST FEW MANY: of two runs of so many cases, or passes, rank 0 has in the larger one at most
# so many bytes more for each that it has more.
grows() {
    "$PYTHON" - "$@" <<'PYTHON'
import sys
most, few, many = [int(a) for a in sys.argv[1:4]]
peaks = [int(open(f"peak.{n}.0").read()) for n in (few, many)]
each = (peaks[1] - peaks[0]) / (many - few)
print(f"rank 0: {each:.0f} bytes for each of {many}, expected at most {most}")
sys.exit(each > most)
PYTHON
}

# Of these about 700 bytes are the plan's and what all ranks keep of a case between its passes.
# bats test_tags=long
@test "what a case has measured is not kept in memory" {
    local passes
    for passes in 1 3; do
        peaks_of 400 1 'host->host' classes "$passes" --samples
        peaks_of 2400 1 'host->host' classes "$passes" --samples
        grows 1500 400 2400
        rm r400.json r2400.json
    done
}

# Twelve of them.
# bats test_tags=long
@test "nor are its lanes" {
    peaks_of 100 4 'host->host@node' each 1 --samples
    peaks_of 500 4 'host->host@node' each 1 --samples
    grows 3000 100 500
}

# long_journal FILE N: the journal of a run that had all of its time when it died, with N passes of
# its case, by the header and a pass of the journal "kept".
long_journal() {
    "$PYTHON" - "$@" <<'PYTHON'
import json, sys
header, line = open("kept").read().split("\n")[:2]
slice = json.loads(line)["slice"]
start = slice["measured_s"]
with open(sys.argv[1], "w") as f:
    f.write(header + "\n")
    for i in range(int(sys.argv[2])):
        slice.update({"pass": i, "measured_s": start + i, "repeating_s": 7200})
        f.write(json.dumps({"slice": slice}) + "\n")
PYTHON
}

# Of its case each pass has a median and a time in the report.
@test "a long journal is not read into memory" {
    local n
    null_scenario s.json 'host->host' ''
    start_ranks 1 run s.json --repeat-for 1h -o r.json
    wait_for 100 has_lines r.json.journal 4
    kill -s KILL "$job" "$(rank_pid 0)"
    wait_job
    cp r.json.journal kept
    for n in 500 3500; do
        long_journal "j$n" "$n"
        run -0 --separate-stderr "$PYTHON" "$XB_SRCDIR/tests/cli/peak.py" "peak.$n.0" "$XFERBENCH" run --resume "j$n" -o "r$n.json" --quiet
        assert_report "r$n.json" 'len(ok) == len(cases) == 1' "r['run']['passes_made'] == $n" \
            "cases[0]['notes'] == ['resumed']"
    done
    grows 1500 500 3500
}
