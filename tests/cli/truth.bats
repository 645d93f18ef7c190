#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# A figure stands for bytes that were moved: methods that leave transfers out and libraries that lie
# are found out.

# shellcheck disable=SC2154 # bats' run and common.bash set them

load common

setup() {
    common_setup
    need_python
}

# every_method SIZES WINDOWS: groups with all methods that the cpu device has between two ranks and
# within one.
every_method() {
    cat <<EOF
[{"paths": ["gpu->gpu@node"], "sizes": $1, "window": $2, "methods": [
    {"name": "p2p", "engine": ["ce", "sm"], "side": ["push", "pull"]}, "mpi",
    {"name": "host-staged", "chunk": ["size", "size/3"]}, "zero-copy"]},
 {"paths": ["gpu->gpu@node"], "sizes": 8, "window": $2, "methods": [{"name": "mpi", "transfer": "put"}]},
 {"paths": ["host->gpu", "host->host"], "sizes": $1, "window": $2, "methods": ["direct"]},
 {"paths": ["gpu->gpu"], "sizes": $1, "window": $2, "methods": ["direct", "host-staged", "zero-copy"]},
 {"paths": ["host->gpu", "gpu->host"], "sizes": $1, "window": $2, "methods": [
    {"name": "host-staged", "chunk": "size/3", "depth": 3, "threads": [1, 3]}]},
 {"pattern": ["bidirectional", "pingpong"], "paths": ["gpu->gpu@node"], "sizes": $1, "methods": [
    "p2p", "mpi", "host-staged"]},
 {"pattern": "collective", "paths": ["host->host@node"], "sizes": "64KiB", "methods": [
    {"name": "mpi", "transfer": ["all-gather", "all-to-all", "broadcast", "gather", "scatter"]},
    {"name": "mpi", "transfer": ["all-reduce", "reduce-scatter"], "datatype": ["uint64", "float"]}]},
 {"paths": ["host->gpu"], "sizes": 4096, "methods": [
    {"name": "direct", "blocks": 8, "order": "scattered", "submission": ["loop", "kernel", "pack"]},
    {"name": "direct", "blocks": 8, "order": "strided", "submission": "2d"}]},
 {"paths": ["gpu->gpu@node"], "sizes": 4096, "methods": [{"name": "p2p", "blocks": 8, "order": "scattered"},
    {"name": "mpi", "blocks": 8, "order": "scattered", "submission": ["loop", "datatype", "pack"]}]},
 {"pattern": "collective", "paths": ["host->host@node"], "sizes": 16, "methods": [
    {"name": "mpi", "transfer": ["all-reduce", "reduce-scatter"], "datatype": "float"}]}]
EOF
}

# run_without WHICH [FEW]: all methods with these transfers left out; none may come out ok but those whose
# batches were of so few that nothing was left out, as they are on a slow machine. Where a put's destination
# looks for the last bytes itself, it waits for them until the case's time is over. On a busy machine the time
# of another may be over too.
run_without() {
    # of several transfers, also where they are slow
    grep -q min_batch s.json || sed -i 's/"max_time": "20ms"/"max_time": "20ms", "min_batch": "4ms"/' s.json
    XFERBENCH=$XB_BUILDDIR/tests/cli/leaves_out
    XB_LEAVE_OUT=$1 run --separate-stderr xrun 2 run s.json -o r.json --case-timeout 3
    [[ $status == 4 ]]
    validate_report r.json
    assert_report r.json 'len(cases) > 30' \
        "all(c['status'] in ('corrupt', 'skipped', 'timeout') or c['timing']['ops_per_sample'] <= ${2:-0} for c in cases)" \
        'len([c for c in cases if c["status"] == "corrupt"]) > 15' \
        'len([c for c in cases if c["status"] == "timeout" and "put" not in c["id"]]) < 4' \
        'len([c for c in cases if c["status"] == "skipped"]) < 8'
}

@test "the wrapper alone leaves nothing out, and stamps are counted" {
    scenario s.json "$(every_method '[8, 4099, "64KiB"]' '[1, 4]')"
    XFERBENCH=$XB_BUILDDIR/tests/cli/leaves_out
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    assert_report r.json 'len(ok) > 50' 'all(c["verify"]["stamped_batches"] > 0 for c in ok)' \
        'all(c["verify"]["wrong_bytes"] == 0 for c in ok)'
}

# bats test_tags=long
@test "no method is ok that leaves out all transfers" {
    scenario s.json "$(every_method '[8, 4099]' '[1, 4]')"
    run_without all
}

@test "no method is ok that leaves out the first transfer of each batch" {
    scenario s.json "$(every_method '[8, "64KiB"]' '[1, 4]')"
    run_without first 1
}

@test "no method is ok that leaves out the last transfer of each batch" {
    scenario s.json "$(every_method '[8, "64KiB"]' '[1, 4]')"
    run_without last 1
}

@test "no method is ok that leaves out all but the first and the last transfer" {
    scenario s.json "$(every_method '[8, "256KiB"]' '[1, 4]')"
    run_without middle 2
}

# bats test_tags=long
@test "no method is ok that leaves out every other transfer" {
    scenario s.json "$(every_method '[8, "64KiB"]' '[1, 4]')"
    run_without odd 1
    rm r.json
    run_without even 1
}

# bats test_tags=long
@test "no method is ok that leaves out transfers which are timed one by one" {
    scenario s.json "$(every_method '[8, 4099]' '1')"
    XFERBENCH=$XB_BUILDDIR/tests/cli/leaves_out
    XB_LEAVE_OUT=singles run --separate-stderr xrun 2 run s.json -o r.json --case-timeout 3
    [[ $status == 4 ]]
    # where a batch is one transfer there are no others
    assert_report r.json 'all(c["status"] != "ok" for c in cases if c["timing"] and c["timing"]["ops_per_sample"] > 1)' \
        'len([c for c in cases if c["status"] == "corrupt" and c["reason"].startswith("transfers timed one by one")]) > 20'
}

@test "a memcpy that skips what seems to be there already makes nothing quicker" {
    scenario s.json '[{"paths": ["host->host", "host->gpu"], "sizes": 4000003, "window": [1, 4], "methods": ["direct"]},
        {"paths": ["gpu->gpu@node"], "sizes": 4000003, "window": [1, 4], "methods": ["p2p", "host-staged"]}]'
    run -0 --separate-stderr xrun 2 run s.json -o honest.json
    XFERBENCH=$XB_BUILDDIR/tests/cli/lazy_memcpy
    XB_LAZY_BYTES=4000003 run --separate-stderr xrun 2 run s.json -o lazy.json
    # what it skips is corrupt; where it finds nothing to skip, the figure is a true one
    "$PYTHON" - <<'EOF'
import json
honest, lazy = ({c["id"]: c for c in json.load(open(f))["cases"]} for f in ("honest.json", "lazy.json"))
for id, case in lazy.items():
    if case["status"] == "ok":
        assert case["time_us"]["median"] > honest[id]["time_us"]["min"] / 20, (id, case["time_us"], honest[id]["time_us"])
EOF
}

@test "stores past the caches are not memcpy's" {
    [[ $(uname -m) == x86_64 ]] || skip "this processor has no such stores"
    scenario s.json '[{"paths": ["host->host@node"], "sizes": "1MiB", "methods": [
        {"name": "host-staged", "chunk": "size/4", "depth": 2, "stores": ["cached", "streaming"]},
        {"name": "host-staged", "chunk": "1MiB", "stores": ["cached", "streaming"], "blocks": 4, "order": "scattered"}]}]'
    XFERBENCH=$XB_BUILDDIR/tests/cli/lazy_memcpy
    XB_LAZY_BLIND=1 XB_LAZY_BYTES=$((1 << 18)) run --separate-stderr xrun 2 run s.json -o r.json
    assert_status 4
    assert_report r.json 'len(cases) == 4' \
        'all(c["status"] == ("ok" if "streaming" in c["id"] else "corrupt") for c in cases)'
}

@test "a flush that returns before its puts are there is found out" {
    scenario s.json '[{"paths": ["gpu->gpu@node", "host->host@node"], "sizes": [8, "64KiB"],
        "methods": [{"name": "mpi", "transfer": "put"}]}]'
    XFERBENCH=$XB_BUILDDIR/tests/cli/early_flush
    run --separate-stderr xrun 2 run s.json -o r.json --case-timeout 2
    [[ $status == 1 || $status == 4 ]]
    assert_report r.json 'len(cases) == 4' 'not ok'
}

@test "a put that leaves after its flush is timed until its bytes are there" {
    scenario s.json '[{"paths": ["gpu->gpu@node", "host->host@node"], "sizes": [8, "64KiB"],
        "methods": [{"name": "mpi", "transfer": "put"}]}]'
    XFERBENCH=$XB_BUILDDIR/tests/cli/early_flush
    LATE_US=3000 run -0 --separate-stderr xrun 2 run s.json -o r.json --set sampling.max_time=20ms
    assert_report r.json 'len(cases) == 4' 'all(c["time_us"]["min"] >= 3000 for c in cases)'
}

@test "a sum of floats with one element that is off by one is found out" {
    scenario s.json '[{"pattern": "collective", "paths": ["host->host@node"], "sizes": [64, "64KiB"],
        "methods": [{"name": "mpi", "transfer": "all-reduce", "datatype": ["uint64", "float"]}]}]'
    XFERBENCH=$XB_BUILDDIR/tests/cli/wrong_sum
    run -4 --separate-stderr xrun 2 run s.json -o r.json
    assert_report r.json '[c["status"] for c in cases] == 2 * ["ok"] + 2 * ["corrupt"]' \
        '[c["verify"]["first_bad_offset"] // 4 for c in cases[2:]] == [8, 8192]'
}

@test "what signals cost stands beside cases between ranks, and nowhere else" {
    scenario s.json '[{"paths": ["host->host"], "sizes": 8, "methods": ["direct"]},
        {"paths": ["gpu->gpu@node"], "sizes": 8, "methods": ["p2p", "mpi", "host-staged", {"name": "mpi", "transfer": "put"}]}]'
    local passes
    for passes in 1 2; do
        run -0 --separate-stderr xrun 2 run s.json --passes "$passes" -o "$passes.json"
        assert_report "$passes.json" '[c["overhead_us"] is None for c in cases] == [True] + 4 * [False]' \
            'all(c["overhead_us"] > 0 for c in cases[1:])'
    done
}
