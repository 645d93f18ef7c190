#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Transfers of many blocks: where they lie, and the ways to submit their copies.

load common

setup() { common_setup; }

@test "blocks in every order, at either end, submitted in every way that the device has, are right" {
    need_python
    scenario s.json '[{"paths": ["host->gpu", "gpu->host", "gpu->gpu", "host->host"], "sizes": 48000, "src_offset": [0, 5],
        "methods": [
            {"name": "direct", "blocks": [1, 3], "submission": ["loop", "2d", "kernel", "pack"]},
            {"name": "direct", "blocks": 16, "order": ["strided", "scattered"], "blocks_at": ["both", "src", "dst"],
             "submission": ["loop", "2d", "kernel", "pack"]}]},
        {"paths": ["host->gpu", "gpu->host"], "sizes": 96, "window": 3, "methods": [
            {"name": "direct", "blocks": 16, "order": "scattered", "submission": ["loop", "kernel", "pack"]}]}]'
    run -0 --separate-stderr xrun 1 run s.json -o r.json
    check_report r.json
    validate_report r.json
    assert_report r.json 'all(c["status"] in ("ok", "skipped") for c in cases)' \
        'all("2-D copy has rows" in c["reason"] or "between two hosts" in c["reason"] for c in cases if c["status"] == "skipped")' \
        'len({(c["key"]["src"], c["key"]["dst"], c["key"]["options"].get("submission"), c["key"]["options"].get("order")) for c in ok}) >= 36' \
        'all("blocks=" not in c["id"] and "submission" not in c["id"] for c in ok if "blocks" not in c["key"]["options"] and "submission" not in c["key"]["options"])'
}

@test "rows of planes, at either end, submitted in every way that the device has, are right" {
    need_python
    scenario s.json '[{"paths": ["host->gpu", "gpu->host", "gpu->gpu", "host->host"], "sizes": 48000, "src_offset": [0, 5],
        "methods": [
            {"name": "direct", "blocks": 24, "order": "planes", "rows": [4, 24], "blocks_at": ["both", "src", "dst"], "submission": ["loop", "3d", "kernel", "pack"]},
            {"name": "direct", "blocks": 24, "order": "planes", "rows": 3, "stride": 2001, "plane": 14007, "submission": ["loop", "3d", "kernel", "pack"]},
            {"name": "direct", "blocks": 24, "order": ["contiguous", "strided"], "submission": "3d"}]},
        {"paths": ["gpu->gpu@node", "host->host@node"], "sizes": 48000, "window": [1, 3], "methods": [
            {"name": "p2p", "side": ["push", "pull"], "blocks": 24, "order": "planes", "rows": 4, "submission": ["loop", "3d"]},
            {"name": "mpi", "blocks": 24, "order": "planes", "rows": [4, 24], "blocks_at": ["both", "src", "dst"], "submission": ["loop", "datatype", "pack"]},
            {"name": "host-staged", "chunk": [8000, 48000], "blocks": 24, "order": "planes", "rows": 6, "submission": ["loop", "kernel"]},
            {"name": "zero-copy", "chunk": 8000, "blocks": 24, "order": "planes", "rows": 4, "submission": "kernel"}]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    check_report r.json
    validate_report r.json
    assert_report r.json 'all(c["status"] in ("ok", "skipped") for c in cases)' \
        'all("does not do the path" in c["reason"] or "between two hosts" in c["reason"] for c in cases if c["status"] == "skipped")' \
        'len(ok) == 3 * 2 * (6 * 4 + 4 + 2) + 2 * (6 * 2 + 2) + 2 * 4 + 2 * 2 * 6 * 3 + 2 * 2 * 2 * 2 - 2 * 2 + 2'
}

@test "two ranks: blocks by p2p, pushed and pulled, one way, both ways and to and fro" {
    need_python
    scenario s.json '[{"pattern": ["stream", "bidirectional", "pingpong"], "paths": ["gpu->gpu@node"], "sizes": 48000, "methods": [
        {"name": "p2p", "side": ["push", "pull"], "blocks": 6, "order": ["strided", "scattered"], "stride": "11KiB", "submission": ["loop", "2d"]},
        {"name": "p2p", "side": ["push", "pull"], "engine": "sm", "blocks": 6, "order": ["contiguous", "scattered"], "submission": ["loop", "kernel"]}]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    check_report r.json
    validate_report r.json
    assert_report r.json 'len(ok) >= 3 * 2 * 3 + 2 * 2 * 4' 'sum("2-D copy has rows" in c["reason"] for c in cases if c["status"] == "skipped") == 6' \
        'sum("resident" in c["reason"] for c in cases if c["status"] == "skipped") == 8' 'len(cases) - len(ok) == 14'
}

@test "two ranks: blocks by MPI, a message each, of a derived datatype, and packed" {
    need_python
    scenario s.json '[{"pattern": ["stream", "pingpong"], "paths": ["gpu->gpu@node", "host->host@node"], "sizes": 48000, "window": [1, 3], "methods": [
        {"name": "mpi", "blocks": 6, "submission": ["loop", "datatype", "pack"]},
        {"name": "mpi", "blocks": 6, "order": ["strided", "scattered"], "blocks_at": ["both", "src"], "submission": ["loop", "datatype", "pack"]}]},
        {"paths": ["host->host@node"], "sizes": 48000, "methods": [
            {"name": "mpi", "submission": ["datatype", "pack"]}, {"name": "mpi", "blocks": 6, "submission": ["batch", "2d"]},
            {"name": "mpi", "transfer": "put", "blocks": 6}]},
        {"paths": ["host->host@node"], "sizes": 48000, "window": [1, 3], "methods": [{"name": "mpi", "blocks": 6000}]},
        {"paths": ["gpu->gpu@node"], "sizes": 48000, "methods": [{"name": "p2p", "blocks": 6, "submission": "datatype"}]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    check_report r.json
    validate_report r.json
    assert_report r.json 'len(ok) == 2 * 2 * 2 * 5 * 3 + 2 + 1' '["by batch" in c["reason"] or "by 2d" in c["reason"] for c in cases[122:124]] == [True] * 2' \
        '"transfer must be send" in cases[124]["reason"]' '"6000 blocks in a window of 3 is more than 16384" in cases[126]["reason"]' '"is for MPI" in cases[127]["reason"]'
}

@test "a block that is left out shows with its place, whichever way it is submitted" {
    need_python
    XFERBENCH=$XB_BUILDDIR/tests/cli/device_fails
    local at submission
    for submission in 'direct", "submission": "'{loop,2d,3d,kernel} 'zero-copy", "submission": "'{loop,kernel} 'host-staged", "submission": "'{2d,kernel}; do
        scenario s.json '[{"paths": ["host->gpu"], "sizes": "36KiB", "methods": [
            {"blocks": 4, "order": "strided", "name": "'"$submission"'"}]}]'
        for at in 0 3; do # of the four blocks of the transfer that is verified alone
            XB_FAULT=omits XB_FAULT_RANK=0 XB_FAULT_BYTES=9216 XB_FAULT_AT=$at run -4 --separate-stderr xrun 1 run s.json -o r.json --force
            assert_report r.json 'cases[0]["status"] == "corrupt"' "cases[0]['verify']['first_bad_offset'] == $((at * 9216))"
        done
    done
}

@test "a copy that writes between blocks is found, though all of them are right" {
    need_python
    XFERBENCH=$XB_BUILDDIR/tests/cli/device_fails
    scenario s.json '[{"paths": ["host->gpu"], "sizes": "36KiB", "methods": [{"name": "direct", "blocks": 4, "order": ["strided", "scattered"]}]}]'
    XB_FAULT=overruns XB_FAULT_RANK=0 XB_FAULT_BYTES=9216 run -4 --separate-stderr xrun 1 run s.json -o r.json
    assert_report r.json 'all(c["status"] == "corrupt" and "4 bytes beside the destination" in c["reason"] for c in cases)'
    scenario s.json '[{"paths": ["host->gpu"], "sizes": "36KiB", "methods": [
        {"name": "direct", "blocks": 4, "order": "planes", "rows": 2, "stride": 9216}]}]' # no gap but between planes
    XB_FAULT=overruns XB_FAULT_RANK=0 XB_FAULT_BYTES=9216 run -4 --separate-stderr xrun 1 run s.json -o r.json --force
    assert_report r.json '"bytes beside the destination" in cases[0]["reason"]'
    scenario s.json '[{"paths": ["host->gpu"], "sizes": "36KiB", "methods": [{"name": "direct", "blocks": 4, "order": "strided", "blocks_at": "src"}]}]'
    XB_FAULT=overruns XB_FAULT_RANK=0 XB_FAULT_BYTES=9216 run -4 --separate-stderr xrun 1 run s.json -o r.json --force
}

@test "blocks through a ring, in chunks of whole blocks, by every way that is for chunks" {
    need_python
    scenario s.json '[{"paths": ["host->gpu", "gpu->host", "gpu->gpu", "gpu->gpu@node", "host->host@node"], "sizes": 48000, "window": [1, 3], "methods": [
            {"name": "host-staged", "chunk": ["size", 16000], "depth": [1, 4], "blocks": 6, "order": ["contiguous", "strided", "scattered"],
             "submission": ["loop", "2d", "kernel"]},
            {"name": "host-staged", "chunk": 8000, "blocks": 24, "order": "scattered", "blocks_at": ["src", "dst"], "process": "checksum"}]},
        {"paths": ["host->gpu", "gpu->host"], "sizes": 48000, "methods": [
            {"name": "host-staged", "chunk": "size/5", "depth": 4, "threads": 3, "blocks": 24, "order": "scattered", "submission": ["loop", "kernel"]}]},
        {"paths": ["host->gpu", "gpu->host", "gpu->gpu@node"], "sizes": 48000, "src_offset": [0, 5], "window": [1, 3], "methods": [
            {"name": "zero-copy", "chunk": ["size", 16000], "depth": 3, "blocks": 6, "order": ["contiguous", "strided", "scattered"],
             "submission": ["loop", "kernel"]}]},
        {"pattern": ["pingpong", "bidirectional"], "paths": ["gpu->gpu@node"], "sizes": 48000, "methods": [
            {"name": "host-staged", "chunk": 16000, "blocks": 6, "order": "scattered", "submission": ["loop", "kernel"]},
            {"name": "zero-copy", "chunk": 16000, "blocks": 6, "order": "scattered", "submission": ["loop", "kernel"]}]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    check_report r.json
    validate_report r.json
    assert_report r.json 'all(c["status"] in ("ok", "skipped") for c in cases)' 'len(ok) == 5 * 2 * 2 * 2 * 8 - 2 * 2 * 2 * 5 + 5 * 2 * 2 + 4 + 3 * 2 * 2 * 2 * 6 + 8' \
        'all("2-D copy has rows" in c["reason"] or "between two hosts" in c["reason"] for c in cases if c["status"] == "skipped")' \
        '{c["key"]["chunk_bytes"] for c in cases if c["key"]["options"].get("threads") == 3} == {10000}'
}

@test "blocks by NCCL, of the test's own: a message each, in one group" {
    need_python
    XFERBENCH=$XB_BUILDDIR/tests/cli/nccl_fails
    scenario s.json '[{"pattern": ["stream", "bidirectional"], "paths": ["gpu->gpu@node"], "sizes": 48000, "window": [1, 3], "methods": [
            {"name": "nccl", "blocks": 6, "order": ["contiguous", "strided", "scattered"]}]},
        {"paths": ["gpu->gpu@node"], "sizes": 48000, "methods": [{"name": "nccl", "blocks": 6, "submission": "kernel"}]},
        {"pattern": "collective", "paths": ["gpu->gpu@node"], "sizes": 48000, "methods": [{"name": "nccl", "transfer": "all-gather", "blocks": 6}]}]'
    run --separate-stderr xrun 2 run s.json -o r.json
    if grep -q 'this build has no NCCL' r.json; then skip "this build has no NCCL"; fi
    assert_status 0
    assert_report r.json 'len(ok) == 12' '"in one group: submission must be loop" in cases[12]["reason"]' '"transfer must be send" in cases[13]["reason"]'
}

@test "what blocks cannot be is skipped, and says why" {
    need_python
    scenario s.json '[{"paths": ["host->gpu"], "sizes": 100, "methods": [
        {"name": "direct", "blocks": 7}, {"name": "direct", "blocks": 4, "order": "strided", "stride": 24},
        {"name": "direct", "blocks": 4, "stride": 50}, {"name": "direct", "order": "strided"},
        {"name": "direct", "memory": "pageable", "blocks": 4, "submission": "kernel"},
        {"name": "direct", "blocks": 4, "submission": "graph"}, "direct",
        {"name": "direct", "blocks": 4, "rows": 2}, {"name": "direct", "blocks": 4, "order": "planes"},
        {"name": "direct", "blocks": 4, "order": "planes", "rows": 3}, {"name": "direct", "blocks": 4, "order": "planes", "rows": 2, "plane": 99},
        {"name": "direct", "blocks": 4, "order": "planes", "rows": 2, "plane": 50}, {"name": "direct", "blocks": 4, "order": "planes", "rows": 2, "submission": "2d"},
        {"name": "direct", "blocks": 4, "order": "scattered", "submission": "3d"}]},
        {"paths": ["gpu->gpu"], "sizes": 100, "methods": [{"name": "p2p", "blocks": 4, "chunk": 50}, {"name": "p2p", "blocks": 4, "submission": "pack"}]}]'
    run -0 --separate-stderr xrun 1 run s.json -o r.json
    assert_report r.json 'len(ok) == 1' 'cases[0]["reason"].endswith("100B are not 7 blocks of equal size, expected a multiple of that many bytes")' \
        '"a stride of 24B is less than a block of 25B" in cases[1]["reason"]' '"have no stride" in cases[2]["reason"]' \
        '"one block lies in one piece" in cases[3]["reason"]' '"memory must be pinned" in cases[4]["reason"]' \
        '"no graphs of copies" in cases[5]["reason"]' '"there is no chunk of them" in cases[14]["reason"]' '"nobody unpacks" in cases[15]["reason"]' \
        '"rows and plane are for blocks in planes, not for the order contiguous" in cases[7]["reason"]' \
        '"4 blocks are not planes of 0 rows" in cases[8]["reason"]' '"4 blocks are not planes of 3 rows" in cases[9]["reason"]' \
        '"a plane of 99B is not 2 or more whole strides of 50B" in cases[10]["reason"]' '"a plane of 50B is not 2 or more" in cases[11]["reason"]' \
        '"not for planes of them" in cases[12]["reason"]' '"a 3-D copy has planes of rows, not scattered" in cases[13]["reason"]'
}
