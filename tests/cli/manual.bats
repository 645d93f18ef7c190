#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Help with commands and concepts, pages of the manual, completion: all are made of the same rows.

# shellcheck disable=SC2154 # bats' run and common.bash set them

load common

setup() {
    common_setup
    export LC_ALL=C # of sort
}

# commands: the names of all, as help lists them.
commands() { xb help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' | grep -vx help; }

# concepts: the names of all, as help lists them.
concepts() { xb help | sed -n '/^Concepts:/,/^$/p' | sed 1d | tr -d ' \n' | tr , '\n'; }

# long_options COMMAND: those that its help shows in the left column, without --help.
long_options() { xb "$1" --help | sed -nE 's/^  (-.,|   ) (--[a-z-]+).*/\2/p' | grep -vx -- --help; }

@test "help begins with the usage, and has groups of options and the exit statuses" {
    local command
    run -0 xb --help
    [[ ${lines[0]} == "Usage: [mpirun ...] xferbench COMMAND [ARGUMENT...]" ]]
    [[ $(commands | wc -l) -ge 10 ]]
    for command in $(commands); do
        run -0 xb "$command" --help
        [[ ${lines[0]} == "Usage: xferbench $command"* ]]
        assert_has "$output" $'\nHelp:\n  -h, --help  ' $'\nExit status:\n  0   '
    done
    run -0 xb run --help
    assert_has "$output" $'\n\nScenario:\n      --device' $'\n\nCases in place of a scenario:\n      --method' \
        $'\n\nMeasuring:\n      --passes' $'\n\nOutput:\n  -o, --output' $'\n  5   interrupted'
}

@test "help says of every concept what it is" {
    local concept
    [[ $(concepts | wc -l) -ge 30 ]]
    for concept in $(concepts); do
        run -0 --separate-stderr xb help "$concept"
        [[ ${lines[0]} == "$concept" && -z $stderr && ${lines[1]} == [A-Z]* ]]
        [[ $(wc -L <<<"$(sed '/^[a-z]*:$/,$d' <<<"$output")") -le 80 ]]
        # none hides behind a command
        run -2 xb "$concept"
        assert_has "$output" "no command '$concept'"
    done
    for concept in case path method pattern policy ceiling fraction verification pass interval outlier link-class; do
        concepts | grep -qx "$concept"
    done
    [[ $(concepts) == "$(concepts | sort -u)" ]]
}

@test "help knows concepts by other words, in several words, and lists what there is of them" {
    local given name
    while read -r name given; do
        # shellcheck disable=SC2086 # several words
        run -0 xb help $given
        [[ ${lines[0]} == "$name" ]] || { echo "$given: ${lines[0]}"; return 1; }
    done <<'EOT'
link-class class of link
link-class link class
link-class nvlink
case cases
pass passes
lane round
status skipped
verification stamps
carried-by carried_by
chunk depth
EOT
    run -0 xb help method
    assert_has "$output" $'\nmethods:\n  direct  ' $'\n  p2p  '
    run -0 xb help pattern
    assert_has "$output" $'\npatterns:\n  stream  ' $'\n  neighbour  '
    run -2 --separate-stderr xb help cieling
    assert_has "$stderr" "no command or concept 'cieling' (did you mean ceiling?)"
    [[ -z $output ]]
    run -2 --separate-stderr xb help class of nothing
    assert_has "$stderr" "no command or concept 'class'"
}

@test "every option and exit status of a command stands in its page" {
    local command option page number
    for command in $(commands); do
        run -0 --separate-stderr xb help --man "$command"
        [[ -z $stderr ]]
        page=${output//\\-/-}
        assert_has "$page" ".TH XFERBENCH-${command^^} 1" "xferbench-$command - " ".SH OPTIONS" ".SH EXIT STATUS"
        for option in $(long_options "$command") --help; do
            grep -qF -- "\\fB$option\\fR" <<<"$page" || { echo "not in the page of $command: $option"; return 1; }
        done
        for number in $(xb "$command" --help | sed -n '/^Exit status:/,$s/^  \([0-9]\) .*/\1/p'); do
            grep -qF "\\fB$number\\fR" <<<"$page"
        done
    done
    run -0 xb help --man
    page=${output//\\-/-}
    for command in $(commands); do assert_has "$page" "\\fBxferbench-$command\\fR(1)"; done
    for option in $(concepts); do grep -qx ".SS $option" <<<"$page"; done
}

@test "the program's page names every variable of its own that the sources read" {
    local name
    run -0 xb help --man
    for name in $(grep -rhoE '"XFERBENCH_[A-Z]+"' "$XB_SRCDIR/src" --include='*.[ch]' | tr -d '"' | sort -u); do
        grep -qx "\\\\fB$name\\\\fR" <<<"$output" || { echo "not in the page: $name"; return 1; }
    done
    [[ $name == XFERBENCH_* ]]
}

@test "pages are built, one for the program and each command, and are the same each time" {
    local command page pages=
    for command in '' $(commands); do
        page=man/xferbench${command:+-$command}.1
        pages+="$page "
        # a release brings them beside its sources
        [[ -s $XB_BUILDDIR/$page || -s $XB_SRCDIR/$page ]]
    done
    [[ $(sed -n '/^manual_pages = /,/^completiondir/p' "$XB_SRCDIR/Makefile.am" | grep -o 'man/[a-z-]*\.1' | sort | xargs) == \
        "$(tr ' ' '\n' <<<"$pages" | sort | xargs)" ]]
    [[ $(SOURCE_DATE_EPOCH=0 xb help --man run) == *'1970-01-01'* ]]
    [[ $(SOURCE_DATE_EPOCH=7 xb help --man) == "$(SOURCE_DATE_EPOCH=9 xb help --man)" ]]
}

@test "groff and mandoc have nothing to say about the pages" {
    local command tools=0 said
    for command in '' $(commands); do
        # shellcheck disable=SC2086 # no argument for the program's own page
        xb help --man $command >page.1
        if type -P groff >/dev/null && groff -man -Tascii -z page.1 2>/dev/null; then
            tools=$((tools + 1))
            said=$(groff -man -Tascii -ww -z page.1 2>&1)
            [[ -z $said ]] || { echo "$command: $said"; return 1; }
        fi
        if type -P mandoc >/dev/null; then
            tools=$((tools + 1))
            said=$(mandoc -T lint -W warning page.1 2>&1) || true
            [[ -z $said ]] || { echo "$command: $said"; return 1; }
        fi
    done
    [[ $tools -gt 0 ]] || skip "neither groff with its macros nor mandoc"
}

# complete_line WORD...: what bash has for the last word, one a line, of the command line "xferbench
# WORD...". "=" is a word of its own, as readline has it.
complete_line() {
    # shellcheck disable=SC2016 # another bash's
    PATH=$XB_BUILDDIR:$PATH bash --norc -c '
        source <(xferbench help --completion)
        COMP_WORDS=(xferbench "$@") COMP_CWORD=$#
        _xferbench xferbench "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
        printf "%s\n" "${COMPREPLY[@]}"' bash "$@"
}

# assert_completes EXPECTED WORD...: exactly these, sorted, with blanks between them.
assert_completes() {
    local expected=$1 found
    shift
    found=$(complete_line "$@" | sort | xargs)
    [[ $found == "$expected" ]] || { echo "$*: found '$found', expected '$expected'"; return 1; }
}

@test "bash completes commands, options, values and names" {
    local command option
    assert_completes "campaign check compare" c
    assert_completes "--help --version $({ echo help; commands; } | sort | xargs)" ''
    assert_completes "list" help lis
    assert_completes "outlier overhead" help o
    assert_completes "--resume --resume-anyway --resume-if-exists" run --resume
    assert_completes "auto cpu cuda" run --device ''
    assert_completes "cpu cuda" run --device = c
    assert_completes "mpi" run --method m
    assert_completes "nccl,p2p" run --method nccl,p
    assert_completes "fan-in fan-out" plan --pattern fan
    assert_completes "markdown matrix" report --format m
    assert_completes "json junit" check --format j
    assert_completes "csv" compare -f c
    assert_completes "queue quick" plan qu
    assert_completes "static" run --policy s
    assert_completes "h200-nv18" check --expect h
    assert_completes "static" validate stat
    assert_completes "" run --label x
    touch qu.json "a b.json"
    assert_completes "qu.json queue quick" run qu
    [[ $(complete_line report a) == "a b.json" ]]
    mkdir afolder
    assert_completes "afolder" campaign -o af
    # every option of every command
    for command in $(commands); do
        [[ $(complete_line "$command" -- | sort | xargs) == "$({ long_options "$command"; echo --help; } | sort | xargs)" ]]
    done
}

@test "the completion that is installed is the program's, and right for shellcheck" {
    local file=$XB_BUILDDIR/completion/xferbench
    [[ -e $file ]] || file=$XB_SRCDIR/completion/xferbench
    [[ $(<"$file") == "$(xb help --completion)" ]]
    bash -n "$file"
    type -P shellcheck >/dev/null || skip "no shellcheck"
    shellcheck "$file"
}
