#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# The page of report --format html in a browser: it is drawn, with scripts and without, complains of
# nothing, fetches nothing, and prints.

# shellcheck disable=SC2154 # bats' run and common.bash set them

load common

FULL=$XB_SRCDIR/results/2xh200-nv18-2026-11-22/starts/quick-1.json
MANY=$XB_SRCDIR/results/2xh200-nv18-2026-11-22/full.json
OTHER=$XB_SRCDIR/results/2xh200-nv18-2026-11-22/starts/quick-2.json

setup() {
    common_setup
    need_python
    CHROMIUM=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
    if [[ -z $CHROMIUM ]]; then skip "no chromium to open pages with"; fi
    export XFERBENCH_SCRIPTS=$XB_SRCDIR/scripts
    "${XFERBENCH_PYTHON:-python3}" -c 'import vl_convert' 2>/dev/null || skip "no vl-convert-python to draw charts with"
}

# browse OPTION... FILE: what the browser says of the page is in the file said; it ends by itself.
browse() {
    local file=${*: -1}
    timeout -k 5 "$PATIENCE" "$CHROMIUM" --headless --no-sandbox --disable-gpu --no-first-run --hide-scrollbars \
        --disable-dev-shm-usage --user-data-dir="$PWD/profile" --enable-logging=stderr --log-net-log="$PWD/net.json" \
        "${@:1:$#-1}" "file://$PWD/$file" </dev/null 2>said
}

# No error on the console, and no address asked for but the file's own.
assert_silent() {
    # a specification that asks for more than it needs is warned of
    if grep CONSOLE said | grep -v '"WARN Dropping '; then return 1; fi
    "$PYTHON" - net.json <<'EOF'
import re, sys
# the log of a browser that has ended may lack its last brackets
text = open(sys.argv[1], errors="replace").read()
asked = set(re.findall(r'"(?:url|original_url)":"([a-z]+://[^"]*)"', text))
# what a browser asks for by itself, before it has seen a page
own = re.compile(r"https?://([a-z0-9.-]+\.)?(google(apis)?\.com|gvt1\.com|gstatic\.com|googleusercontent\.com)[:/]")
wrong = [a for a in asked if not a.startswith(("file://", "data:", "chrome")) and not own.match(a)]
print("asked for:", wrong)
sys.exit(bool(wrong))
EOF
}

# dom FILE EXPRESSION...: true of the document, as the browser has it at the end: figures (how many
# charts), drawn (how many of them by scripts), svgs, tags (all there are), title.
dom() {
    "$PYTHON" - "$@" <<'EOF'
import html.parser, sys
class Dom(html.parser.HTMLParser):
    found, title = [], ""
    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
    def handle_data(self, data):
        if self.found and self.found[-1][0] == "title" and not self.title:
            self.title = data
dom = Dom()
dom.feed(open(sys.argv[1], encoding="utf-8").read())
charts = [a for t, a in dom.found if t == "figure" and a.get("class") == "chart"]
known = {"tags": {t for t, a in dom.found}, "title": dom.title, "figures": len(charts),
         "drawn": sum(a.get("data-drawn") == "yes" for a in charts), "svgs": sum(t == "svg" for t, a in dom.found),
         "hints": sum(a.get("class") == "hint" and "hidden" not in a for t, a in dom.found)}
wrong = [e for e in sys.argv[2:] if not eval(e, dict(known))]
print("not so:", wrong, {k: v for k, v in known.items() if k != "tags"})
sys.exit(bool(wrong))
EOF
}

# draws FILE EXPRESSION...: scripts draw all charts of the page. A browser that is told to end may do so
# before, where others have the cores: then it is asked again, for longer. It never complains.
draws() {
    local file=$1 i
    shift
    for ((i = 1; i <= 6; i++)); do
        browse --virtual-time-budget=$((i * 20000)) --window-size=1280,60000 --dump-dom "$file" >dom
        assert_silent || return
        if dom dom 'drawn == figures > 0'; then
            dom dom "$@"
            return
        fi
    done
    return 1
}

# without_scripts FILE: the same page as who has switched scripts off sees it. A browser that was told so
# dumps no document.
without_scripts() {
    "$PYTHON" -c 'import re, sys; print(re.sub(r"<script nonce.*?</script>", "", open(sys.argv[1]).read(), flags=re.S))' "$1"
}

# bats test_tags=long
@test "scripts draw every chart anew, and nobody complains" {
    xb report --format html "$FULL" "$OTHER" -o p.html
    draws p.html 'figures > 5' 'svgs == figures' 'hints == 1'
}

# bats test_tags=long
@test "without scripts the pictures are there, and so on a small screen and on paper" {
    xb report --format html "$FULL" -o p.html
    without_scripts p.html >q.html
    browse --dump-dom q.html >dom
    dom dom 'figures > 5' 'drawn == 0' 'svgs == figures' 'hints == 0'
    assert_silent
    browse --window-size=400,4000 --screenshot="$PWD/small.png" q.html
    [[ $(head -c 4 small.png) == $'\x89PNG' ]]
    browse --no-pdf-header-footer --print-to-pdf="$PWD/p.pdf" q.html
    [[ $(head -c 5 p.pdf) == %PDF- ]]
    if command -v pdftotext >/dev/null; then # what is folded on the screen is open on paper
        pdftotext -layout p.pdf p.txt
        assert_has "$(<p.txt)" "All versions and settings" "build.compiler" "needs two ranks on two nodes" \
            "gpu->gpu@remote"
    fi
}

# many_cases FILE: a report of 5,000 cases: those of a real one, again with other sizes.
many_cases() {
    "$PYTHON" - "$MANY" "$1" <<'EOF'
import copy, json, sys
r = json.load(open(sys.argv[1]))
cases = []
while len(cases) < 5000:
    again = len(cases) // len(r["cases"])
    for case in map(copy.deepcopy, r["cases"][:5000 - len(cases)]):
        case["key"]["bytes"] += 4096 * again
        case["id"] += "/again=%d" % again if again else ""
        for of in [case] + case["lanes"]:
            of["time_us"] = of["time_us"] and {k: v and (v if k == "cv" else v * (1 + 0.003 * (again % 7))) for k, v in of["time_us"].items()}
        cases.append(case)
r["cases"], r["run"]["plan_cases"] = cases, len(cases)
json.dump(r, open(sys.argv[2], "w"))
EOF
}

# bats test_tags=long
@test "a page of 5,000 cases is small, and scrolls without stutter: nothing long is done meanwhile" {
    many_cases r.json
    xb report --format html r.json -o p.html
    rm r.json
    (($(wc -c <p.html) < 3000000))
    timeout -k 5 "$PATIENCE" "$PYTHON" "$XB_SRCDIR/tests/scroll.py" "$CHROMIUM" p.html "$PWD/profile" >frames.json
    echo "# frames while scrolling: $(<frames.json)" >&3
    # charts are drawn when it is over; on a busy machine a few frames may be late for want of a core
    "$PYTHON" - <<'EOF'
import json
f = json.load(open("frames.json"))
assert f["figures"] > 20 and f["drawn"] <= f["figures"] / 2, f
assert f["rested"], f
assert f["frames"] > 500 and f["over_100_ms"] < f["frames"] / 10, f
EOF
}

# bats test_tags=long
@test "a library that fails leaves the pictures" {
    xb report --format html "$FULL" -o p.html
    sed 's|^(function () {$|window.vegaEmbed = function () { throw new Error("no"); }; (function () {|' p.html >q.html
    run ! cmp -s p.html q.html
    browse --virtual-time-budget=5000 --window-size=1280,60000 --dump-dom q.html >dom
    dom dom 'figures > 5' 'drawn == 0' 'svgs == figures'
    assert_silent
}

# bats test_tags=long
@test "hostile names do nothing" {
    "$PYTHON" - "$FULL" r.json <<'EOF'
import json, sys
bad = "\"><script>document.title='taken'</script><img src=x onerror=document.title='taken'></script><!-- javascript:alert(1)"
text = open(sys.argv[1]).read()
r = json.loads(text)
r["run"]["label"] = bad
for node in r["topology"]["nodes"]:
    node["host"] = bad
for rank in r["topology"]["ranks"]:
    rank["host"] = rank["nic"] = rank["gpu"]["name"] = bad
for case in r["cases"]:
    case["id"] += bad
    for option in case["key"]["options"]:
        case["key"]["options"][option] = bad
json.dump(r, open(sys.argv[2], "w"))
EOF
    xb report --format html r.json -o p.html
    draws p.html '"img" not in tags' 'title.startswith("xferbench: \"><script>")'
}
