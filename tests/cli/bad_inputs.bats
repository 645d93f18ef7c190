#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Each bad input of tests/data/bad_inputs.jsonl: what the program says of it, and how it ends.

load common

setup() { common_setup; }

@test "each bad input has its message and its status, and leaves nothing" {
    [[ -n $PYTHON ]] || skip "python3 is missing"
    run "$PYTHON" "$XB_SRCDIR/tests/cli/bad_inputs.py" "$XFERBENCH" "$XB_SRCDIR/tests/data/bad_inputs.jsonl"
    echo "$output" | head -n 40
    assert_status 0
    [[ ${lines[-1]} == *" bad inputs, 0 of them wrong" ]]
    ((${lines[-1]%% *} >= 200))
}

@test "a message that is another one, and a status, are found" {
    [[ -n $PYTHON ]] || skip "python3 is missing"
    printf '%s\n' '{"arguments": ["list", "x"], "status": 2, "says": "list: found the argument '"'x'"', expected options alone"}' \
        '{"arguments": ["list", "x"], "status": 2, "says": "list: found an argument"}' \
        '{"arguments": ["list", "x"], "status": 1, "says": "list: found the argument '"'x'"', expected options alone"}' >rows
    run -1 "$PYTHON" "$XB_SRCDIR/tests/cli/bad_inputs.py" "$XFERBENCH" rows
    assert_has "$output" "rows:2: list x: ended with 2, expected 2" "rows:3: list x: ended with 2, expected 1" "3 bad inputs, 2 of them wrong"
}
