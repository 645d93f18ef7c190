#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# One byte that goes wrong is found, whatever the method, and where it is; what is right is never
# accused.

# shellcheck disable=SC2154 # bats' run and common.bash set them

load common

setup() {
    common_setup
    need_python
}

# methods_scenario SIZES: what every_method has.
methods_scenario() {
    scenario s.json "$(every_method "$1")"
    have_time
}

# Time for all samples on a busy machine too: of a case that has few no batch is spoilt before those are
# compared as a whole. And batches so long that they are of several transfers: else none is timed by itself.
have_time() { sed -i 's/"max_time": "20ms"/"max_time": "1s", "min_batch": "4ms"/' s.json; }

# every_method SIZES: groups with all methods that the cpu device has between two ranks and within
# one.
every_method() {
    cat <<EOF
[{"paths": ["gpu->gpu@node"], "sizes": $1, "window": [1, 4], "methods": [
    {"name": "p2p", "engine": ["ce", "sm"], "side": ["push", "pull"]}, "mpi",
    {"name": "host-staged", "chunk": ["size", "size/3"]}, "zero-copy"]},
 {"paths": ["gpu->gpu@node"], "sizes": $1, "src_offset": 1, "dst_offset": 3, "methods": ["p2p", "mpi", "host-staged", "zero-copy"]},
 {"paths": ["gpu->gpu@node"], "sizes": $1, "methods": [{"name": "mpi", "transfer": "put"}]},
 {"paths": ["host->gpu", "gpu->host"], "sizes": $1, "methods": ["direct", "zero-copy"]},
 {"paths": ["host->host"], "sizes": $1, "methods": ["direct"]},
 {"paths": ["host->gpu", "gpu->host"], "sizes": $1, "methods": [
    {"name": "host-staged", "chunk": "size/3", "depth": 3, "threads": [1, 3]}]},
 {"paths": ["host->gpu", "gpu->gpu@node"], "sizes": [64, "64KiB"], "methods": [
    {"name": "host-staged", "chunk": "size/4", "depth": 3, "process": ["checksum", "convert"]}]},
 {"paths": ["gpu->gpu"], "sizes": $1, "methods": ["direct", "host-staged"]},
 {"pattern": ["bidirectional", "pingpong"], "paths": ["gpu->gpu@node"], "sizes": $1, "methods": ["p2p", "mpi", "host-staged"]},
 {"pattern": "collective", "paths": ["host->host@node"], "sizes": [64, "64KiB"], "methods": [
    {"name": "mpi", "transfer": ["all-gather", "all-to-all", "gather", "scatter"]},
    {"name": "mpi", "transfer": ["all-reduce", "reduce-scatter"], "datatype": ["uint64", "float"]}]}]
EOF
}

# corrupt KIND SEED [PROGRAM]: a byte of every case goes wrong; what was seen of it goes to the file seen, a
# line for each: kind, size, and caught, missed or misplaced. What was not spoilt must be ok.
corrupt() {
    # shellcheck disable=SC2034 # common.bash reads it
    XFERBENCH=$XB_BUILDDIR/tests/cli/${3-corrupts}
    rm -f r.json spoilt
    XB_CORRUPT=$1 XB_CORRUPT_SEED=$2 run --separate-stderr xrun 2 run s.json -o r.json
    [[ $status == 4 || $status == 0 || $status == 3 ]] # 3: nothing was measured, all were skipped
    touch spoilt
    "$PYTHON" - "$1" <<'EOF'
import json, sys
kind = sys.argv[1]
spoilt = {}
for line in open("spoilt"):
    id, offset = line.rsplit(" ", 1)
    spoilt[id] = int(offset)
with open("seen", "a") as seen:
    for case in json.load(open("r.json"))["cases"]:
        id, status = case["id"], case["status"]
        if id not in spoilt:
            assert status in ("ok", "skipped"), (id, status, case["reason"])
            continue
        assert status in ("ok", "corrupt"), (id, status, case["reason"])
        if kind == "last" and status == "ok" and case["timing"]["n"] < 10:
            continue # a machine so slow that the samples' last batch was not yet the one to spoil
        right = status == "corrupt" and case["verify"]["first_bad_offset"] == spoilt[id]
        word = "caught" if right else "missed" if status == "ok" else "misplaced"
        print(kind, case["key"]["bytes"], word, id, spoilt[id], file=seen)
EOF
}

# seen KIND WORD: how many of the corruptions.
seen() { grep -cE "^$1 [0-9]+ $2 " seen || true; }

# all_caught KIND LEAST: so many at least, and each with its offset.
all_caught() {
    echo "$1: $(seen "$1" caught) caught"
    grep -E "^$1 [0-9]+ (missed|misplaced) " seen || true
    [[ $(seen "$1" caught) -ge $2 && $(seen "$1" '(missed|misplaced)') == 0 ]]
}

@test "a byte of the verified transfer is found, with its offset" {
    methods_scenario '["64KiB"]'
    corrupt verified 1
    all_caught verified 40
}

@test "a byte of a batch's last transfer is found, with its offset" {
    methods_scenario '["64KiB"]'
    corrupt last 1
    all_caught last 40
}

@test "a byte of transfers timed one by one is found, with its offset" {
    methods_scenario '["64KiB"]'
    corrupt single 1
    all_caught single 10 # a slow machine has batches of one transfer, and times no others
}

@test "so it is in transfers and collectives of NCCL, by the test's own library" {
    local kind
    scenario s.json '[{"paths": ["gpu->gpu@node"], "sizes": [64, "64KiB"], "window": [1, 4], "methods": ["nccl"]},
        {"pattern": ["bidirectional", "pingpong"], "paths": ["gpu->gpu@node"], "sizes": "64KiB", "methods": ["nccl"]},
        {"pattern": "collective", "paths": ["gpu->gpu@node"], "sizes": "64KiB", "methods": [
            {"name": "nccl", "transfer": ["all-reduce", "all-gather", "reduce-scatter", "all-to-all"]}]}]'
    have_time
    for kind in verified last single; do corrupt $kind 1 corrupts_nccl; done
    if grep -q 'this build has no NCCL' r.json; then skip "this build has no NCCL"; fi
    all_caught verified 10
    all_caught last 7
    all_caught single 3
}

# bats test_tags=long
@test "1000 corruptions of transfers that are compared as a whole: all found, with their offsets" {
    local seed kind
    methods_scenario '[64, 4099, "64KiB"]'
    for seed in 1 2 3 4; do
        for kind in verified last single; do corrupt "$kind" "$seed"; done
    done
    for kind in verified last single; do all_caught "$kind" 250; done
    [[ $(seen '(verified|last|single)' caught) -ge 1000 ]]
}

# bats test_tags=long
@test "of what is not compared as a whole that share is found which stamps and later bytes leave" {
    local seed
    methods_scenario '[64, 4099, "64KiB"]'
    for seed in 1 2 3 4; do
        corrupt batch "$seed"
        corrupt one "$seed"
    done
    # up to 16 KiB stamps cover all of a batch's last transfer; of 64 KiB every eighth byte. What is
    # found is where it is.
    [[ $(seen '(batch|one)' misplaced) == 0 ]]
    "$PYTHON" - <<'EOF'
import collections
count = collections.Counter(tuple(line.split()[:3]) for line in open("seen"))
def share(kind, size):
    caught, missed = count[kind, size, "caught"], count[kind, size, "missed"]
    print("%s, %s bytes: %d of %d" % (kind, size, caught, caught + missed))
    return caught / (caught + missed)
assert share("batch", "64") == share("batch", "4099") == 1
assert 0.03 < share("batch", "65536") < 0.4
assert max([share("one", size) for size in ("64", "4099", "65536")]) < 0.5
EOF
}

@test "100000 clean transfers of all methods: none is accused" {
    scenario s.json "$(every_method '[64, 4099]')"
    local made=0 try # a slow machine makes fewer in a run
    for ((try = 0; made < 100000 && try < 100; try++)); do
        # ranks that rest make few; time for all samples, as above
        XFERBENCH_REST=0 run -0 --separate-stderr xrun 2 run s.json -o r.json --force --case-timeout 300 --set sampling.max_time=1s
        assert_report r.json 'len(ok) > 60' 'all(c["status"] in ("ok", "skipped") for c in cases)' \
            'all(c["verify"]["wrong_bytes"] == 0 and c["verify"]["stamped_batches"] >= 10 for c in ok)'
        made=$((made + $(ask r.json 'sum(p["total_transfers"] for p in r["paths"])')))
    done
    ((made >= 100000))
}
