#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# check-tidy.sh - clang-tidy over C sources, with the checks of .clang-tidy.
set -euo pipefail

usage()
{
    cat <<'EOT'
Usage: scripts/check-tidy.sh FILE... -- FLAG...

Has clang-tidy read the C sources FILE as they are compiled with these flags, as many at a time as there
are processors, and prints what it finds; the checks are those of .clang-tidy above each file. The
status is 1 where something is found or a file cannot be compiled.

  -h, --help
EOT
}

case ${1-} in -h | --help) usage; exit 0 ;; esac
files=()
while [[ $# -gt 0 && $1 != -- ]]; do
    [[ $1 != -* ]] || { echo "check-tidy: unknown option '$1', expected --help, or files, -- and flags" >&2; exit 2; }
    [[ -f $1 ]] || { echo "check-tidy: $1: found no file, expected a C source" >&2; exit 2; }
    files+=("$1")
    shift
done
[[ $# -gt 0 && ${#files[@]} -gt 0 ]] || { usage >&2; exit 2; }
command -v clang-tidy >/dev/null || { echo "check-tidy: skipped: clang-tidy is not installed"; exit 0; }

# One file a process: of several, the first one's va_list is not known as such in the others. What
# is said of a file is kept together, and of a clean one nothing is.
# shellcheck disable=SC2016 # for the shell below
one='said=$(clang-tidy --quiet "$@" 2>&1) || { printf "%s\n" "$said" | grep -Ev "^[0-9]+ (warning|error)s? .*generated" >&3; exit 1; }'
exec 3>&1
rc=0
printf '%s\0' "${files[@]}" | xargs -0 -P "$(nproc)" -I '{}' sh -c "$one" sh '{}' "$@" || rc=1
exit $rc
