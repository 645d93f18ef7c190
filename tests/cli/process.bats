#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Chunks that are worked on in the ring of host-staged: checksums and conversion.
load common

setup() {
    common_setup
    need_python
}

@test "checksum and convert on every path, in whole and odd chunks, by one thread and several" {
    scenario s.json '[{"paths": ["host->gpu", "gpu->host", "gpu->gpu", "gpu->gpu@node", "host->host@node"], "sizes": [48, 99996],
            "window": [1, 3], "methods": [{"name": "host-staged", "chunk": ["size", "size/4"], "depth": [1, 4],
                "process": ["checksum", "convert"]}]},
        {"paths": ["gpu->gpu", "host->gpu"], "sizes": "1MiB", "src_offset": 1, "dst_offset": 3,
            "methods": [{"name": "host-staged", "chunk": "64KiB", "depth": 4, "threads": [2, 3], "process": ["checksum", "convert"]}]},
        {"pattern": ["pingpong", "bidirectional"], "paths": ["gpu->gpu@node"], "sizes": ["64KiB", 4099],
            "methods": [{"name": "host-staged", "chunk": "4KiB", "process": "checksum"}]},
        {"pattern": "bidirectional", "paths": ["gpu->gpu@node"], "sizes": "64KiB",
            "methods": [{"name": "host-staged", "chunk": "4KiB", "process": "convert"}]}]'
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    assert_report r.json 'len(cases) == 120 + 8 + 4 + 1' 'all(c["status"] == "ok" for c in cases)' \
        'all(c["verify"]["wrong_bytes"] == 0 for c in cases)' \
        'all(c["verify"]["checked_bytes"] >= c["key"]["bytes"] / (2 if c["key"]["options"]["process"] == "convert" else 1) for c in cases)' \
        'any("process" in [s["name"] for s in c["pipeline"]["stages"]] for c in cases if c.get("pipeline"))'
}

@test "what cannot be converted is said" {
    run -2 --separate-stderr xb plan --method host-staged --option process=convert --path 'host->gpu' --size 4099
    assert_has "$stderr" "process convert is of floats of 4 bytes; found a size of 4099 bytes in chunks of 4099"
    run -2 --separate-stderr xb plan --method host-staged --option process=convert --path 'gpu->gpu@node' --pattern pingpong --size 4KiB
    assert_has "$stderr" "process convert: what a pingpong sends on has been converted already"
    run -2 --separate-stderr xb plan --method host-staged --option process=compress --path 'host->gpu' --size 4KiB
    assert_has "$stderr" 'found the string "compress", expected none, checksum or convert'
}

@test "a checksum that is wrong makes the case corrupt, though all bytes arrived" {
    scenario s.json '[{"paths": ["gpu->gpu@node"], "sizes": "64KiB", "methods": [
        {"name": "host-staged", "chunk": "4KiB", "process": ["none", "checksum"]}]}]'
    XFERBENCH=$XB_BUILDDIR/tests/cli/corrupts XB_CORRUPT=checksum run -4 --separate-stderr xrun 2 run s.json -o r.json
    assert_report r.json '[c["status"] for c in cases] == ["ok", "corrupt"]' \
        'cases[1]["verify"]["wrong_bytes"] == 0' \
        'cases[1]["reason"].startswith("untimed transfer: the checksum that was taken on the way is ")'
}
