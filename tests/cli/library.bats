#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# The library as another program finds it: installed, by its pkg-config file.

# shellcheck disable=SC2154 # bats' run and common.bash set them

load common

setup() { common_setup; }

@test "the example is built and runs by what is installed" {
    local prefix there libs cc
    prefix=$(sed -n 's/^prefix=//p' "$XB_BUILDDIR/xfer.pc")
    env -u MAKEFLAGS -u MAKELEVEL make -s -C "$XB_BUILDDIR" DESTDIR="$PWD/root" \
        install-libLIBRARIES install-includeHEADERS install-pkgconfigDATA
    there=$PWD/root$prefix
    mv "$there" "$PWD/moved" # nothing may lean on the folder that was configured
    export PKG_CONFIG_PATH=$PWD/moved/lib/pkgconfig:$PKG_CONFIG_PATH
    read -r -a libs <<<"$(pkg-config --define-variable=prefix="$PWD/moved" --cflags --libs xfer)"
    read -r -a cc <<<"${CC:-cc}" # which may bring flags
    "${cc[@]}" "$XB_SRCDIR/tests/library/xfer_example.c" -o example "${libs[@]}"
    run -0 --separate-stderr ./example
    [[ $output != *"not ok"* ]]
    assert_has "$output" "1.."
}
