#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# What the laboratory measures on the cpu device: a bounded queue, and what overlaps a computation.

# shellcheck disable=SC2154 # bats' run and common.bash set them

load common

setup() {
    common_setup
    need_python
}

@test "queue: every item arrives, and the figures say who waited and how full it was" {
    scenario s.json '[{"pattern": "queue", "paths": ["host->host"], "sizes": 64,
        "methods": [{"name": "queue", "producers": [1, 4], "consumers": [1, 2], "capacity": [1, 2, 8]}]},
        {"pattern": "queue", "paths": ["host->host"], "sizes": [16, 31, 32, "1MiB"],
         "methods": [{"name": "queue", "consumers": 2, "work": "200us"}]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    validate_report r.json
    assert_report r.json 'ok == cases' 'len(cases) == 16' \
        'all(ranks(c) == [(0, 0)] for c in cases)' \
        'all(c["verify"]["wrong_bytes"] == 0 and c["verify"]["checked_bytes"] >= c["key"]["bytes"] * (1 + c["timing"]["ops_per_sample"] * c["timing"]["n"]) for c in cases)' \
        'all(c["timing"]["ops_per_sample"] * c["time_us"]["max"] >= 1000 for c in cases)' \
        'all(0 <= c["figures"]["occupancy_mean"] <= c["key"]["options"]["capacity"] and 1 <= c["figures"]["occupancy_max"] <= c["key"]["options"]["capacity"] for c in cases)' \
        'all(c["time_us"]["min"] <= 1.001e6 / c["figures"]["items_per_s"] for c in cases)' \
        'all(0 <= c["figures"][side + "_wait_us"] <= 1.001 * c["time_us"]["max"] * c["key"]["options"][side + "s"] for c in cases for side in ("producer", "consumer"))' \
        'all(c["time_us"]["min"] >= 99.9 for c in cases[12:])' \
        'any(c["figures"]["producer_wait_us"] > 20 and c["figures"]["occupancy_mean"] > 0.5 for c in cases[12:])' \
        'all(c["bandwidth_gb_per_s"]["median"] == 0 == c["transfer_bytes"] and c["figures"]["cpus"] >= 1 for c in cases)'
}

# bats test_tags=long
@test "queue: a consumer that takes too long ends the case, and those who wait for it" {
    scenario s.json '[{"pattern": "queue", "paths": ["host->host"], "sizes": 64,
        "methods": [{"name": "queue", "producers": 3, "work": "1min"}, "queue"]}]'
    run -1 --separate-stderr xb run s.json -o r.json --case-timeout 4
    assert_report r.json '[c["status"] for c in cases] == ["timeout", "ok"]' '" 4 s" in cases[0]["reason"]'
}

@test "queue: method and pattern belong together, and what is no queue is skipped with the reason" {
    scenario s.json '[{"pattern": ["stream", "queue"], "paths": ["host->host"], "sizes": 64, "methods": ["queue", "direct"]},
        {"pattern": "queue", "paths": ["host->gpu", "host->host@node", "host->host"], "sizes": 64, "methods": ["queue"]},
        {"pattern": "queue", "paths": ["host->host"], "sizes": [15, 1048577], "methods": ["queue"]},
        {"pattern": "queue", "paths": ["host->host"], "sizes": 64, "window": 2, "methods": ["queue"]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    check_report r.json
    assert_report r.json '[c["status"] for c in cases] == ["skipped", "ok", "ok"] + ["skipped"] * 6' \
        'all("is not for what the method" in cases[i]["reason"] for i in (0, 3))' \
        '"does not do the path" in cases[4]["reason"]' '"queue is within one rank" in cases[5]["reason"]' \
        'all("16 to 1048576 bytes" in c["reason"] for c in cases[6:8])' '"no window of 2" in cases[8]["reason"]'
    scenario s.json '[{"paths": ["host->host"], "sizes": 64, "methods": ["queue"]}]'
    run -2 --separate-stderr xb run s.json -o queue.json
    assert_one_error "cases[0]: no job can measure stream/queue" "the pattern stream is not for what the method queue does here"
}

@test "overlap: all modes give the same images, with figures of each stage" {
    mkdir tmp
    scenario s.json '[{"pattern": "overlap", "paths": ["gpu->host"], "sizes": "12KiB", "methods": [
        {"name": "gray-scott", "mode": ["lockstep", "prepared", "double", "depth"], "buffers": 4,
         "stages": ["compute", "download", "sum", "write"], "width": 64, "height": 48, "steps": 24, "images": [1, 8]}]}]'
    TMPDIR=$PWD/tmp run -0 --separate-stderr xrun 1 run s.json -o r.json
    validate_report r.json
    [[ -z $(find tmp -name 'xferbench-*') ]]
    assert_report r.json 'ok == cases' 'len(cases) == 32' \
        'all(c["transfer_bytes"] == 0 and c["verify"]["wrong_bytes"] == 0 for c in cases)' \
        'all(list(c["figures"]) == ["cells_steps_gelem_per_s", "prepare_us", "device_us", "process_us", "serial_us", "overlap_reached"] for c in cases)' \
        'all(c["figures"]["cells_steps_gelem_per_s"] > 0 and c["figures"]["prepare_us"] > 0 and c["figures"]["device_us"] > 0 for c in cases)' \
        'all((c["figures"]["process_us"] > 0) == (c["key"]["options"]["stages"] in ("sum", "write")) for c in cases)' \
        '0.2 < sorted(sum(c["figures"][s + "_us"] for s in ("prepare", "device", "process")) / c["figures"]["serial_us"] for c in cases)[16] < 5' \
        'all(c["figures"]["overlap_reached"] is None for c in cases if c["key"]["options"]["images"] == 1)' \
        'all(c["figures"]["overlap_reached"] is None or c["figures"]["overlap_reached"] <= 1 for c in cases)'
    # There is none where one stage took nearly all of the time, if only in one sample: where it lost its core.
    assert_report r.json 'any(c["figures"]["overlap_reached"] is not None for c in cases)'
}

@test "overlap: what it cannot do is skipped with the reason" {
    scenario s.json '[{"pattern": "overlap", "paths": ["gpu->host"], "sizes": "12KiB", "methods": [
            {"name": "gray-scott", "width": 64, "height": [48, 49]},
            {"name": "gray-scott", "width": 62, "height": 48},
            {"name": "gray-scott", "width": 64, "height": 48, "steps": 24, "images": 9}, "direct"]},
        {"pattern": "overlap", "paths": ["host->gpu", "gpu->host@node", "gpu->host"], "sizes": "12KiB", "methods": [{"name": "gray-scott", "width": 64, "height": 48}]},
        {"pattern": "overlap", "paths": ["gpu->host"], "sizes": "12KiB", "window": 2, "methods": [{"name": "gray-scott", "width": 64, "height": 48}]},
        {"pattern": ["stream", "overlap"], "paths": ["gpu->host"], "sizes": "12KiB", "methods": [{"name": "gray-scott", "width": 64, "height": 48}]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    validate_report r.json
    assert_report r.json '[c["status"] for c in cases] == ["ok"] + ["skipped"] * 8' \
        '"an image of 64 x 49 cells has a size of 12544 bytes, not 12288" in cases[1]["reason"]' \
        '"a multiple of 4, not 62" in cases[2]["reason"]' \
        '"24 steps cannot be divided among 9 images" in cases[3]["reason"]' \
        '"overlap is not for what the method direct does" in cases[4]["reason"]' \
        '"does not do the path host->gpu" in cases[5]["reason"]' \
        '"overlap is within one rank" in cases[6]["reason"]' \
        '"no window of 2" in cases[7]["reason"]' \
        '"stream is not for what the method gray-scott does" in cases[8]["reason"]'
}

@test "interference: both sides alone and together, by all ways, within a rank and between two" {
    scenario s.json '[{"pattern": "interference", "paths": ["gpu->gpu", "host->gpu", "gpu->host"], "sizes": 1000003, "methods": [
            {"name": "company", "beside": ["arithmetic", "transfer"]}, {"name": "company", "engine": "sm"}]},
        {"pattern": "interference", "paths": ["gpu->gpu@node"], "sizes": [1, 1000003], "src_offset": 1, "dst_offset": 3, "methods": [
            {"name": "company", "engine": ["ce", "sm"], "threads": 1}]},
        {"pattern": "interference", "paths": ["gpu->gpu"], "sizes": 1000003, "methods": [{"name": "company", "side": "pull"}, {"name": "company", "beside": "memory"}]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json --set sampling.min_samples=2 --set sampling.max_samples=2
    validate_report r.json
    assert_report r.json 'ok == cases' 'len(cases) == 9 + 4 + 2' \
        'all(ranks(c) == [(0, 0)] for c in cases[:9]) and all(ranks(c) == [(0, 1)] for c in cases[9:13])' \
        'all(c["timing"]["ops_per_sample"] == 1 for c in cases)' \
        'all(c["verify"]["wrong_bytes"] == 0 and c["verify"]["checked_bytes"] > 4 * c["key"]["bytes"] for c in cases)' \
        'all(c["figures"][x] > 0 for c in cases for x in ("transfer_alone_gb_per_s", "transfer_beside_gb_per_s", "transfer_kept", "work_kept"))' \
        'all((c["figures"]["work_" + x + "_gflop_per_s"] or 0) > 0 and c["figures"]["work_" + x + "_gb_per_s"] is None
            for c in cases for x in ("alone", "beside") if c["key"]["options"]["beside"] == "arithmetic")' \
        'all((c["figures"]["work_" + x + "_gb_per_s"] or 0) > 0 and c["figures"]["work_" + x + "_gflop_per_s"] is None
            for c in cases for x in ("alone", "beside") if c["key"]["options"]["beside"] != "arithmetic")' \
        'all(c["figures"]["together_us"] > 1000 for c in cases)' \
        '0.3 < sorted(c["bandwidth_gb_per_s"]["median"] / c["figures"]["transfer_beside_gb_per_s"] for c in cases)[7] < 3'
    run -0 xb report --format interference r.json
    assert_has "$output" "alone GB/s  beside arithmetic  beside transfer  beside memory"
    [[ $(grep -c '@self ' <<<"$output") == 7 ]]
}

@test "interference: what it cannot do is skipped with the reason" {
    scenario s.json '[{"pattern": "interference", "paths": ["gpu->gpu"], "sizes": "64KiB", "methods": [
            {"name": "company", "engine": "nccl"}, {"name": "company", "sms": 4}, {"name": "company", "engine": "sm", "sms": 4},
            {"name": "company", "beside": "transfer", "threads": 1}]},
        {"pattern": "interference", "paths": ["gpu->gpu"], "sizes": "64KiB", "window": 2, "methods": ["company"]},
        {"pattern": "interference", "paths": ["gpu->gpu@node"], "sizes": "64KiB", "methods": [
            {"name": "company", "beside": "transfer"}, {"name": "company", "engine": "nccl"}, "company", {"name": "company", "side": "pull"}]},
        {"pattern": "interference", "paths": ["gpu->gpu+1", "gpu->gpu@remote"], "sizes": "64KiB", "methods": ["company"]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    validate_report r.json
    assert_report r.json '[c["status"] for c in cases] == ["skipped"] * 7 + ["ok"] + ["skipped"] * 3' \
        '"nccl needs GPUs" in cases[0]["reason"] and "nccl needs GPUs" in cases[6]["reason"]' \
        '"sms must be 0" in cases[1]["reason"]' '"multiprocessors" in cases[2]["reason"]' \
        '"threads must be 0" in cases[3]["reason"]' '"no window of 2" in cases[4]["reason"]' \
        '"is what contention measures" in cases[5]["reason"]' \
        '"side must be push" in cases[8]["reason"]' '"interference is within one node" in cases[10]["reason"]'
    scenario s.json '[{"pattern": "interference", "paths": ["gpu->gpu@node"], "sizes": "64KiB", "methods": ["company"]}]'
    run -3 --separate-stderr xb run s.json -o one.json
    assert_report one.json '"no two ranks on the node of rank 0" in cases[0]["reason"]'
}

@test "interference: bytes that were not moved, of either side and by either rank, make it corrupt" {
    scenario s.json '[{"pattern": "interference", "paths": ["gpu->gpu"], "sizes": 65536, "methods": [
            {"name": "company", "beside": ["arithmetic", "transfer"]}]},
        {"pattern": "interference", "paths": ["gpu->gpu@node"], "sizes": 65536, "methods": [
            {"name": "company", "engine": ["ce", "sm"]}]}]'
    XFERBENCH=$XB_BUILDDIR/tests/cli/leaves_out
    XB_LEAVE_OUT=all run -4 --separate-stderr xrun 2 run s.json -o r.json
    validate_report r.json
    assert_report r.json '[c["status"] for c in cases] == ["corrupt"] * 4' 'all("bytes wrong" in c["reason"] for c in cases)'
}
