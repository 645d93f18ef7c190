#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Ranks that are killed or stopped at random moments. XB_KILLS and XB_STOPS say how many, for who wants
# more than a few; attack.py says what must hold.

# shellcheck disable=SC2154 # bats' run and common.bash set them

load common

# bats file_tags=long

setup() {
    common_setup
    need_python
}

@test "whoever is killed, nothing is left and the run goes on to a whole report" {
    run -0 "$PYTHON" "$XB_SRCDIR/tests/cli/attack.py" --kills "${XB_KILLS:-12}" "$XFERBENCH"
}

@test "large buffers are no more left behind than small ones" {
    run -0 "$PYTHON" "$XB_SRCDIR/tests/cli/attack.py" --kills "${XB_KILLS:-4}" --bytes 128MiB "$XFERBENCH"
}

@test "a run whose rank is stopped ends by itself and names it" {
    run -0 "$PYTHON" "$XB_SRCDIR/tests/cli/attack.py" --stops "${XB_STOPS:-6}" "$XFERBENCH"
}
