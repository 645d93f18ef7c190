#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Cases that the options of run and plan name, without a scenario file.

# shellcheck disable=SC2154 # bats' run and common.bash set them

load common

setup() { common_setup; }

# Little sampling, so that a run takes an instant.
LITTLE=(--device cpu --passes 1 --set sampling.max_samples=2 --set sampling.min_samples=1 --set sampling.warmup=0s)

@test "options name the cases that a scenario would name" {
    run -0 --separate-stderr xb plan --method p2p,mpi --path 'gpu->gpu@node' --size 1KiB:64MiB:4 --option engine=ce,sm
    [[ ${#lines[@]} == 28 && ${lines[27]} == "27 cases, 6 passes" ]]
    assert_has "$output" 'stream/p2p[engine=sm,side=push]/gpu->gpu@node/64MiB' 'stream/mpi[transfer=send,memory=device]/gpu->gpu@node/1KiB'
    run -0 --separate-stderr xb plan --method host-staged --path 'gpu->gpu@node' --path 'host->host@node' --size 1MiB --pattern pingpong \
        --chunk size/4 --depth 1,3 --window 2 --pairs 1-0,0-1 --src-offset 8 --passes 2 --ranks 2
    assert_has "$output" 'pingpong/host-staged[memory=pinned]/gpu->gpu@node/1MiB/chunk=256KiB,depth=3/window=2/offset=8+0/pairs=1-0,0-1' \
        "4 cases, 2 passes"
    run -0 --separate-stderr xb plan --method direct --path 'host->host' --size 8 --cache cold,warm --dst-offset 0,3
    assert_has "$output" 'host->host@self/8B/cache=cold/offset=0+3' "4 cases, 6 passes"
}

@test "what options name is measured, and the report is of the scenario command-line" {
    need_python
    run -0 --separate-stderr xrun 2 run --method direct --path 'host->host' --size 4KiB,8KiB "${LITTLE[@]}"
    local report=(xferbench-command_line-*.json)
    check_report "${report[0]}"
    assert_report "${report[0]}" 'len(ok) == len(cases) == 2' \
        'r["run"]["scenario"]["cases"] == [{"paths": ["host->host"], "sizes": ["4KiB", "8KiB"], "methods": [{"name": "direct"}]}]'
    run -0 --separate-stderr xrun 2 run --resume "${report[0]}" -o again.json --method direct --path 'host->host' --size 4KiB,8KiB "${LITTLE[@]}" -v
    [[ $(grep -c 'taken over' <<<"$stderr") == 2 ]]
}

# same_hash ARGUMENT...: run, by these, gives the same plan as by the file that --print-scenario shows.
same_hash() {
    rm -f ./*.json
    [[ $1 == --* ]] || scenario s.json '[{"paths": ["host->host"], "sizes": ["4KiB", "64KiB"], "methods": ["direct", "null"]}]'
    run -0 --separate-stderr xb run "$@" --print-scenario
    printf '%s\n' "$output" >printed.json
    [[ -z $stderr ]]
    run -0 --separate-stderr xb plan "$@" --print-scenario
    [[ $output == "$(<printed.json)" ]]
    run -0 xb validate printed.json
    run -0 xb run "$@" -o said.json
    run -0 xb run printed.json -o read.json
    assert_report said.json "r['run']['plan_hash'] == '$(ask read.json 'r["run"]["plan_hash"]')'" \
        "r['run']['scenario'] == json.load(open('printed.json'))"
}

@test "--print-scenario shows the file that the options stand for, to the same plan" {
    need_python
    same_hash --method direct --path 'host->host' --size 1KiB:16KiB:4 "${LITTLE[@]}"
    same_hash --method direct,null --path 'host->host,host->gpu' --size 8 --size 16 --option memory=pageable,pinned \
        --option null.delay=1us --window 1:4:2 --pattern stream,bidirectional --pairs each --dst-offset 0,3 "${LITTLE[@]}"
    same_hash s.json --set 'cases[0].sizes=[8, "1KiB"]' "${LITTLE[@]}" --passes 2
    # of two ranks one prints
    run -0 --separate-stderr xrun 2 run quick --print-scenario --device cpu
    [[ $(grep -c '"name":.*"quick"' <<<"$output") == 1 && $output == *'"device":'*'"cpu"'* ]]
    rm -f ./*.json
    assert_only_files
}

@test "a scenario beside options that name cases is wrong usage" {
    local command
    for command in run plan; do
        run -2 --separate-stderr xb "$command" quick --size 4KiB
        assert_one_error "xferbench $command: --size and the scenario quick do not go together"
        run -2 --separate-stderr xb "$command" --method direct --size 4KiB
        assert_has "$stderr" "--path is missing"
        run -2 --separate-stderr xb "$command" --method direct --path 'host->host' --size 4KB
        assert_has "$stderr" '--size: cases[0].sizes: "4KB" is not a size'
        run -2 --separate-stderr xb "$command" --method direct --path 'host->host' --size 4KiB --set 'cases[0].sizes=0'
        assert_has "$stderr" "--set cases[0].sizes: "
    done
    assert_only_files
}

@test "ranks that were told other cases end before anything is measured" {
    run --separate-stderr timeout -k 5 "$PATIENCE" "$MPIRUN" --oversubscribe \
        -n 1 "$XFERBENCH" run -o r.json --method mpi --path 'host->host@node' --size 8 : \
        -n 1 "$XFERBENCH" run -o r.json --method mpi --path 'host->host@node' --size 16
    assert_status 2
    assert_one_error "not told the same as rank 0: rank 1 (" "--size is 16, there 8"
    assert_only_files
}

@test "plan says what a scenario takes in a job: time, and memory of its buffers" {
    local options=(--method direct --path 'host->gpu' --size 64MiB --pairs each)
    run -0 --separate-stderr xb plan "${options[@]}" --ranks 8 --per-node 4 --device cuda
    [[ ${lines[-1]} =~ ^about\ [0-9]+\ s\ on\ the\ device\ cuda\ for\ the\ 1\ case\ that\ the\ job\ has\ ranks\ for ]]
    assert_has "${lines[-1]}" "buffers: 64 MiB of a GPU, 256 MiB of a node's host memory"
    run -0 --separate-stderr xb plan "${options[@]}" --ranks 4 --device cpu
    assert_has "${lines[-1]}" "on the device cpu" "buffers: 512 MiB of a node's host memory"
    run -0 --separate-stderr xb plan "${options[@]}" --device cpu # no job, no estimate
    [[ $output != *about* ]]
}

@test "a run with a limit ends by then with what it has, and the rest is skipped or partial" {
    need_python
    # 30 cases, each some seconds of samples
    local options=(--device cpu --method null --path 'host->host' --size 1:536870912:2 --option delay=100ms --set sampling.warmup=0s)
    run -0 --separate-stderr xb run "${options[@]}" --max-time 8 -o r.json
    check_report r.json
    assert_report r.json 'r["status"] == "ok"' 'len(cases) == 30' 'r["run"]["max_time_s"] == 8' '1 <= len(ok) < 30' \
        'all(c["notes"] == ["partial"] or "partial" in c["notes"] for c in ok)' 'all(1 <= c["timing"]["passes"] < 6 for c in ok)' \
        'all(c["status"] == "ok" or c["reason"] == "the run'"'"'s time of 8 s was over before there was time for this case" for c in cases)'
    assert_only_files r.json
    # what is required is a failure then, and where no time was left at all nothing was measured
    run -1 --separate-stderr xb run "${options[@]}" --max-time 4 -o required.json --require size=1B --require size=512MiB --require size=2B
    assert_has "$stderr" "error: required, but not measured: " "the run's time of 4 s was over"
    run -3 --separate-stderr xb run "${options[@]}" --max-time 1us -o none.json
    assert_report none.json 'r["status"] == "nothing"' 'len(cases) == 30'
}

@test "a run that was cut by its limit goes on with what is missing" {
    need_python
    local options=(--device cpu --method null --path 'host->host' --size 1:2048:2 --option delay=50ms --set sampling.warmup=0s --passes 2)
    run -0 --separate-stderr xb run "${options[@]}" --max-time 2.5 -o cut.json
    assert_report cut.json 'any("partial" in c["notes"] or c["status"] == "skipped" for c in cases)'
    run -0 --separate-stderr xb run "${options[@]}" --resume cut.json -o whole.json
    assert_report whole.json 'len(ok) == len(cases) == 12' 'not any("partial" in c["notes"] for c in cases)'
}

@test "slices are made shorter before passes are left out" {
    need_python
    local options=(--device cpu --method null --path 'host->host' --size 1:2048:2 --option delay=1ms --set sampling.warmup=0s --set sampling.max_samples=6000)
    run -0 --separate-stderr xb run "${options[@]}" --max-time 4 -o r.json
    # half a second of samples each would be more than six seconds
    assert_report r.json 'len(ok) == 12' 'all(c["timing"]["n"] < 460 for c in ok)' 'sum(c["timing"]["passes"] for c in ok) > 12'
}

@test "progress says how much time is left" {
    run -0 --separate-stderr xb run --device cpu --method null --path 'host->host' --size 1,2,3,4 --option delay=20ms -o r.json
    assert_has "$stderr" "4 cases, about "
    [[ $stderr =~ "[pass 1/6 1/4] ".*": ok, "[0-9.]+" ms, about "[0-9]+" s left" ]]
}

@test "p2p in pieces over several streams: every size and depth is right, and the whole keeps its name" {
    need_python
    scenario s.json '[{"paths": ["gpu->gpu@node"], "sizes": [1, 1000003], "window": [1, 4], "methods": [
            {"name": "p2p", "engine": ["ce", "sm"], "side": ["push", "pull"], "chunk": ["size", "size/7"], "depth": [1, 3]}]},
        {"pattern": ["bidirectional", "pingpong"], "paths": ["gpu->gpu@node"], "sizes": "64KiB", "methods": [{"name": "p2p", "chunk": "10KiB"}]},
        {"paths": ["gpu->gpu@node"], "sizes": "64KiB", "methods": ["p2p", {"name": "p2p", "chunk": "1KiB", "depth": 65}]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    check_report r.json
    assert_report r.json 'len(cases) == 36' 'all(c["status"] == "ok" for c in cases[:-1])' \
        'all((c["key"]["chunk_bytes"] is None) == (c["key"]["depth"] is None) == ("chunk" not in c["id"]) for c in cases)' \
        'sum("chunk=143104B,depth=3" in c["id"] for c in ok) == 8' 'sum(c["key"]["depth"] == 4 for c in ok) == 2' \
        'cases[-1]["reason"].endswith("depth 65 is more than is kept, expected at most 64")'
}

@test "p2p in pieces: one piece that is left out shows, wherever it is" {
    need_python
    scenario s.json '[{"paths": ["gpu->gpu@node"], "sizes": "64KiB", "methods": [{"name": "p2p", "chunk": "9KiB", "depth": 3}]}]'
    XFERBENCH=$XB_BUILDDIR/tests/cli/device_fails
    local at
    for at in 0 3 6; do # of the seven whole pieces of the transfer that is verified alone
        XB_FAULT=omits XB_FAULT_RANK=0 XB_FAULT_BYTES=9216 XB_FAULT_AT=$at run -4 --separate-stderr xrun 2 run s.json -o r.json --force
        assert_report r.json 'cases[0]["status"] == "corrupt"' "cases[0]['verify']['first_bad_offset'] == $((at * 9216))"
    done
}

@test "posting is told apart: of a copy by the processor all of it, of work that others do less" {
    need_python
    scenario s.json '[{"paths": ["host->host"], "sizes": "16MiB", "methods": ["direct"]},
        {"paths": ["gpu->gpu@node"], "sizes": "4MiB", "window": [1, 4], "methods": [{"name": "host-staged", "chunk": "64KiB", "depth": 2}, "mpi"]}]'
    local i
    for i in 1 2 3 4 5; do # where other work has taken the processor in the middle of posts, again
        run -0 --separate-stderr xrun 2 run s.json -o r.json --force
        check_report r.json
        assert_report r.json 'len(ok) == 5' 'all(c["post_us"] > 0 for c in ok)'
        run -0 xb report r.json --format csv
        assert_has "$output" ",post_us,"
        assert_report r.json '0.2 < ok[0]["post_us"] / ok[0]["time_us"]["median"] < 5' \
            'all(c["post_us"] < 0.5 * c["time_us"]["median"] for c in ok if c["key"]["method"] == "host-staged")' && return
    done
    return 1
}
