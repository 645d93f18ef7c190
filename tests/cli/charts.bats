#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# xferbench report --format svg and png: the charts of reports as files, one a chart.

# shellcheck disable=SC2154 # bats' run and common.bash set them

load common

QUICK=$XB_SRCDIR/results/2xh200-nv18-2026-11-22/starts/quick-1.json
MATRIX=$XB_SRCDIR/results/4xh200-nv18-2026-11-22/matrix.json

setup() {
    common_setup
    unset XFERBENCH_PYTHON
}

need_drawing() {
    python3 -c 'import vl_convert' 2>/dev/null || skip "no python3 with vl-convert-python to draw with"
}

# stand_in LINE...: a script stands in for Python, and does what the lines say.
stand_in() {
    printf '%s\n' '#!/bin/sh' "$@" >python
    chmod +x python
    export XFERBENCH_PYTHON=$PWD/python
}

# pictures_are EXPRESSION...: true of files (names of all SVGs below this folder), texts (the text in
# them), ids, hrefs, tags and attributes of their elements, and roots (their first elements).
pictures_are() {
    python3 - "$@" <<'EOF'
import glob, re, sys, xml.etree.ElementTree as ET
files = sorted(glob.glob("**/*.svg", recursive=True))
roots = [ET.parse(f).getroot() for f in files]
elements = [e for r in roots for e in r.iter()]
env = {"files": files, "roots": roots, "re": re,
       "raw": [open(f, encoding="utf-8").read() for f in files],
       "texts": [t for e in elements if e.tag.endswith("}text") for t in e.itertext()],
       "titles": [e.text for e in elements if e.tag.endswith("}title")],
       "ids": [e.get("id") for e in elements if e.get("id")],
       "values": [v for e in elements for v in e.attrib.values()],
       "names": {k for e in elements for k in e.attrib},
       "tags": {e.tag.split("}")[1] for e in elements}}
wrong = [e for e in sys.argv[1:] if not eval(e, env)]
for expression in wrong:
    print("not so:", expression)
sys.exit(bool(wrong))
EOF
}

@test "charts are files: they need a folder" {
    run -2 --separate-stderr xb report --format svg "$QUICK"
    [[ $stderr == *"--format svg and png need -o FOLDER"* ]]
    run -2 --separate-stderr xb report --format png --lanes -o d "$QUICK"
    [[ $stderr == *"expected --format csv"* && ! -e d ]]
}

@test "an unknown form is told beside those that there are" {
    run -2 --separate-stderr xb report --format svgg "$QUICK"
    [[ $stderr == *"did you mean svg"* && $stderr == *png* ]]
}

@test "without Python charts are not drawn, and what is missing is said" {
    XFERBENCH_PYTHON=$PWD/nowhere run -1 --separate-stderr xb report --format svg -o d "$QUICK"
    [[ $stderr == *"charts are drawn by Python 3, and $PWD/nowhere cannot be started: No such file"* ]]
    [[ -z $(ls d) ]]
}

@test "without the package its name is said" {
    stand_in 'exit 3'
    run -1 --separate-stderr xb report --format png -o d "$QUICK"
    [[ $stderr == *"vl-convert-python, which $PWD/python does not have: install it, "*"-m pip install vl-convert-python"* ]]
}

@test "where drawing fails, the last line that it says is passed on" {
    stand_in 'cat >/dev/null' 'echo first >&2' 'echo "the last word" >&2' 'echo >&2' 'exit 1'
    run -2 --separate-stderr xb report --format svg -o d "$QUICK"
    [[ $stderr == *"charts were not drawn: the last word" && -z $(ls d) ]]
    stand_in 'exit 7'
    run -2 --separate-stderr xb report --format svg -o d "$QUICK"
    [[ $stderr == *"it gave no reason"* ]]
}

@test "an answer that is none is no picture" {
    stand_in 'cat >/dev/null' 'echo "{\"drawn\": [\"<svg/>\"]}"'
    run -2 --separate-stderr xb report --format svg -o d "$QUICK"
    [[ $stderr == *"what came back is not "*" drawings"* && -z $(ls d) ]]
}

@test "much is said in both directions, and neither side waits for the other" {
    # More than any pipe holds, before anything is read and behind it.
    stand_in 'head -c 3000000 /dev/zero | tr "\0" x' 'head -c 3000000 /dev/zero | tr "\0" y >&2' 'echo >&2' \
        'echo "the end" >&2' 'exit 1'
    run -2 --separate-stderr xb report --format svg -o d "$QUICK"
    [[ $stderr == *"charts were not drawn: the end" ]]
}

@test "a report in which nothing was measured has no charts" {
    need_python
    "$PYTHON" - "$QUICK" <<'EOF'
import json, sys
r = json.load(open(sys.argv[1]))
for c in r["cases"]:
    c["status"] = "skipped"
json.dump(r, open("none.json", "w"))
EOF
    run -1 --separate-stderr xb report --format svg -o d none.json
    [[ $stderr == *"none.json: nothing was measured that a chart can show" && ! -e d ]]
}

@test "a chart is a picture of text, with its own name and ids, that needs nothing from elsewhere" {
    need_drawing
    run -0 --separate-stderr xb report --format svg -o d "$MATRIX"
    local said=$output
    run -0 --separate-stderr xb report --format svg -o e "$QUICK"
    # Each file is said once, with its title.
    [[ $(wc -l <<<"$said") == $(find d -name '*.svg' | wc -l) ]]
    [[ $said == *"d/matrix-1-gb-s-by-pair-stream-each-gpu-gpu-node-"*".svg: GB/s by pair: stream each, gpu->gpu@node; p2p"* ]]
    # What is drawn twice in a page has the same ids: each report by itself.
    (cd e && pictures_are 'len(ids) == len(set(ids)) > 0')
    pictures_are 'all(e.get("id").startswith(r.get("id")[:-3]) for r in roots for e in r.iter() if e.get("id"))' \
        'all(r.tag.endswith("}svg") and r.get("aria-label") for r in roots)' \
        'all(r[0].tag.endswith("}desc") and len(r[0].text) > 20 for r in roots)' \
        'any("0 vm 00:06.0" in t for t in texts) and "Bandwidth, GB/s" in texts and "256 KiB" in texts' \
        'any("gpu->gpu@node" in t for t in texts) and "GB/s" in texts' \
        'any(t.startswith("p2p[engine=ce,side=push], 256 KiB: ") and t.endswith(" GB/s") for t in titles)' \
        'not any("axis" in t for t in titles)' \
        'not {"script", "image", "foreignObject"} & tags' \
        'all(m in ids for v in values for m in re.findall(r"url\(#([^)]*)\)", v))' \
        'not any("http" in v for v in values)'
}

@test "hostile names of hosts are text and nothing else" {
    need_drawing
    python3 - "$MATRIX" <<'EOF'
import json, sys
r = json.load(open(sys.argv[1]))
names = ['datum["x"]', "'</script><script>alert(1)</script>", "<svg onload=alert(1)>", "a\"b`c{{d}}\u0001"]
for rank, name in zip(r["topology"]["ranks"], names):
    rank["host"] = name
r["run"]["label"] = names[1]
json.dump(r, open("hostile.json", "w"))
r["run"]["label"] = names[2]
json.dump(r, open("other.json", "w"))
EOF
    run -0 --separate-stderr xb report --format svg -o d hostile.json other.json
    pictures_are 'any("0 datum[\"x\"] 00:06.0" in t for t in texts)' \
        'any("<svg onload=alert(1)>" in t for t in texts)' \
        '"script" not in tags and not any(n.startswith("on") for n in names)' \
        'not any("<script" in t or "<svg onload" in t for t in raw)'
}

@test "files that are there are replaced only where that is wanted" {
    need_drawing
    run -0 xb report --format svg -o d "$MATRIX"
    local file
    file=$(find d -name 'matrix-1-*')
    echo mine >"$file"
    run -2 --separate-stderr xb report --format svg -o d "$MATRIX"
    [[ $stderr == *"it is there already; --force replaces it" && $(<"$file") == mine ]]
    run -0 xb report --format svg -o d --force "$MATRIX"
    [[ $(<"$file") == "<svg"* ]]
}

@test "png files are pictures to their last byte" {
    need_drawing
    run -0 --separate-stderr xb report --format png -o d "$MATRIX"
    python3 - d/*.png <<'EOF'
import sys
for name in sys.argv[1:]:
    data = open(name, "rb").read()
    assert data[:8] == b"\x89PNG\r\n\x1a\n" and data[-8:-4] == b"IEND", name
EOF
    [[ $(find d -name '*.png' | wc -l) == "${#lines[@]}" ]]
}

@test "several reports are compared" {
    need_drawing
    run -0 --separate-stderr xb report --format svg -o d "$QUICK" "${QUICK/-1.json/-2.json}"
    [[ $output == *"/comparison-1-quick-2-against-quick-1.svg: quick-2 against quick-1"* ]]
    [[ $output == *"/beside-1-"* ]]
}

@test "what a page needs to draw comes as one text that ends no script" {
    need_drawing
    echo '{"format": "svg", "bundle": true, "charts": []}' |
        python3 "$XB_SRCDIR/scripts/render-charts.py" >out.json
    python3 - <<'EOF'
import json
b = json.load(open("out.json"))["bundle"]
assert "vegaEmbed" in b and "</script" not in b.lower()
EOF
}

@test "a chart that cannot be drawn is named" {
    need_drawing
    run -1 --separate-stderr python3 "$XB_SRCDIR/scripts/render-charts.py" <<<'{"format": "svg", "charts":
        [{"id": "curve-7", "title": "", "description": "", "rows": [], "spec": {"mark": 5}}]}'
    [[ $stderr == "chart curve-7: "* ]]
}
