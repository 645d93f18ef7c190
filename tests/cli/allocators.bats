#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Where the memory of GPUs comes from. The device cpu has the allocators malloc and vmm.
load common

setup() {
    common_setup
    need_python
}

@test "each method moves the right bytes in memory of the allocator vmm" {
    scenario s.json '[{"paths": ["gpu->gpu@node"], "sizes": ["4KiB", 100003], "allocator": ["vmm", "malloc"],
            "methods": ["p2p", "mpi", "host-staged", "zero-copy"]},
        {"pattern": "pingpong", "paths": ["gpu->gpu@node"], "sizes": "4KiB", "allocator": "vmm", "methods": ["p2p"]},
        {"paths": ["gpu->gpu", "host->gpu", "gpu->host"], "sizes": 4099, "src_offset": 3, "allocator": "vmm", "methods": ["direct"]},
        {"paths": ["gpu->gpu@node"], "sizes": "64KiB", "allocator": "vmm",
            "methods": [{"name": "p2p", "blocks": 16, "order": "scattered", "side": ["push", "pull"]}]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    assert_report r.json 'len(cases) == 16 + 1 + 3 + 2' 'all(c["status"] == "ok" for c in cases)' \
        'all(c["verify"]["wrong_bytes"] == 0 and c["verify"]["checked_bytes"] >= c["key"]["bytes"] for c in cases)' \
        'all(("/allocator=vmm" in c["id"]) == (c["key"]["allocator"] == "vmm") for c in cases)' \
        'sum(c["key"]["allocator"] == "malloc" for c in cases) == 8'
    assert_has "$output" "allocator=vmm"
}

@test "allocators that the device or the method does not have say so, and the rest goes on" {
    scenario s.json '[{"paths": ["gpu->gpu@node"], "sizes": "4KiB", "allocator": ["pool", "nccl", "vmm"], "methods": ["p2p"]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    assert_report r.json '[c["status"] for c in cases] == ["skipped", "skipped", "ok"]' \
        '"the allocator pool is for memory of GPUs; the device cpu has none" in cases[0]["reason"]' \
        '"the allocator nccl is for memory of GPUs; the device cpu has none" in cases[1]["reason"]'
    run -2 --separate-stderr xb plan --method direct --path 'host->host' --size 8 --allocator vmm
    assert_has "$stderr" "the allocator vmm is for memory of GPUs; the path host->host@self has none"
    run -2 --separate-stderr xb plan --method direct --path 'gpu->gpu' --size 8 --allocator slab
    assert_has "$stderr" 'expected the allocator malloc, pool, vmm or nccl'
}

@test "a kernel that hands no descriptors over: what needs them is skipped with the reason" {
    XFERBENCH=$XB_BUILDDIR/tests/cli/fd_fails
    scenario s.json '[{"paths": ["gpu->gpu@node"], "sizes": "4KiB", "allocator": ["vmm", "malloc"], "methods": ["p2p", "mpi"]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    assert_report r.json '[c["status"] for c in cases] == ["skipped", "ok", "ok", "ok"]' \
        'cases[0]["key"]["allocator"] == "vmm" and cases[0]["key"]["method"] == "p2p"' \
        '"cannot be had: Operation not permitted" in cases[0]["reason"]'
}

@test "cases are named, filtered and compared by their allocator" {
    run -0 --separate-stderr xb plan --method p2p,mpi --path 'gpu->gpu@node' --size 4KiB --allocator malloc,vmm
    assert_has "$output" "stream/p2p[engine=ce,side=push]/gpu->gpu@node/4KiB/allocator=vmm" "4 cases"
    for allocator in malloc vmm; do
        run -0 --separate-stderr xrun 2 run --method mpi --path 'gpu->gpu@node' --size 4KiB --allocator $allocator -o $allocator.json
    done
    run -3 --separate-stderr xb compare malloc.json vmm.json
    run --separate-stderr xb compare malloc.json vmm.json --ignore allocator
    ((status < 2))
    assert_has "$output" "stream/mpi" " 0 missing of 1"
}
