#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# xferbench report --format html: a page that is whole, in order, and made of nothing but what it says
# itself. What a browser makes of it is in browser.bats.

# shellcheck disable=SC2154 # bats' run and common.bash set them

load common

QUICK=$XB_SRCDIR/results/2xh200-nv18-2026-11-22/starts/quick-1.json
QUICK2=$XB_SRCDIR/results/2xh200-nv18-2026-11-22/starts/quick-2.json
MATRIX=$XB_SRCDIR/results/4xh200-nv18-2026-11-22/matrix.json
TUNE=$XB_SRCDIR/results/2xh200-nv18-2026-11-21/tune.json

setup() {
    common_setup
    need_python
    export XFERBENCH_SCRIPTS=$XB_SRCDIR/scripts
    export XFERBENCH_PYTHON=/nowhere/python3 # nothing to draw with, but where a test has it
}

# page_is FILE EXPRESSION...: the page is sound, and these are true of it.
page_is() { "$PYTHON" "$XB_SRCDIR/tests/page.py" "$@"; }

# page FILE REPORT...: the page of these reports, whose exit status is 0.
page() {
    local file=$1
    shift
    run -0 --separate-stderr xb report --format html "$@" -o "$file" --force
    [[ -z $output && -z $stderr ]]
}

# From here on charts are drawn, by a stand-in that draws the same for each: drawn_as SVG.
drawn_as() {
    cat >draw <<EOF
#!$(command -v "$PYTHON")
import json, sys
n = len(json.load(sys.stdin)["charts"])
json.dump({"drawn": [r'''$1'''] * n, "bundle": "window.vegaEmbed = function () {};"}, sys.stdout)
EOF
    chmod +x draw
    export XFERBENCH_PYTHON=$PWD/draw
}

# hostile FILE: a report in which all that others can name is named so as to become markup.
hostile() {
    "$PYTHON" - "$QUICK" "$1" <<'EOF'
import json, sys
bad = "\"><script>alert(1)</script></script><!-- &amp; javascript:alert(2) ' onload=alert(3) \u2028\x01\x1b[31m"
r = json.load(open(sys.argv[1]))
r["run"]["label"] = bad
r["run"]["argv"] = ["run", bad]
r["environment"]["variables"]["UCX_TLS"] = bad
r["environment"]["driver"] = bad
for node in r["topology"]["nodes"]:
    node["host"] = bad
    for gpu in node["gpus"]:
        gpu["name"] = bad
for node in r["environment"]["nodes"]:
    node["host"] = node["cpu"] = bad
for rank in r["topology"]["ranks"]:
    rank["host"] = rank["nic"] = rank["gpu"]["name"] = rank["warning"] = bad
r["topology"]["warnings"] = [bad]
where = {"src": bad, "dst": bad, "locality": bad, "link_class": bad, "blocks": 4, "order": bad, "blocks_at": bad}
use = {"id": bad, "use": bad, "us": 1, "regret": 1}
r["tuned"] = {"points": [dict(where, bytes=1, measured=1, chosen=use, static=use, best=dict(use, id="other"), does_not_part_from=[bad])],
              "crossovers": [dict(where, above=1, before=bad, after=bad, parted=True)]}
for i, case in enumerate(r["cases"]):
    case["id"] += bad
    if i % 3 == 0:
        case["warning"] = bad
    if i % 3 == 1:
        case.update(status="skipped", reason=bad)
    for option in case["key"]["options"]:
        case["key"]["options"][option] = bad
json.dump(r, open(sys.argv[2], "w"))
EOF
}

@test "a page has its parts in order and a table for each chart, also without pictures" {
    page p.html "$MATRIX"
    page_is p.html \
        'not scripts and "script-src" not in text' 'len(charts) >= 2' 'not any(e.tag == "svg" for e in elements)' \
        '"Without pictures: charts are drawn by Python 3, and /nowhere/python3 cannot be started" in by["charts"].whole' \
        '"No case failed. 7 of 7 cases were measured." in by["verdict"].whole' \
        'len(by["cases"].find("tr")) == 8' \
        'by["charts"].whole.count("395.1") >= 1'
    page q.html "$QUICK" && page t.html "$TUNE"
    page_is q.html 'len(by["cases"].find("tr")) == 71'
    page_is t.html '"448 of 522 cases were measured" in by["verdict"].whole'
    # the same on standard output, and a file that is there stays
    run -0 --separate-stderr xb report --format html "$MATRIX"
    [[ $output == "$(<p.html)" ]]
    run -2 xb report --format html "$MATRIX" -o p.html
}

@test "the machine is boxes within boxes, with each rank in the GPU that it is bound to" {
    page p.html "$MATRIX"
    page_is p.html 'len(hosts) == 1' \
        '[g.find("b")[0].text for g in elements if g.attrs.get("class") == "gpu"] == ["GPU 00:0%d.0" % i for i in (6, 7, 8, 9)]' \
        '[[r.find("b")[0].text for r in g.find("li")] for g in elements if g.attrs.get("class") == "gpu"] == [["rank %d" % i] for i in range(4)]' \
        '"18 NVLinks to switches" in hosts[0] and "NUMA node 0" in hosts[0] and "cores 48-63" in hosts[0]' \
        'by["machine"].whole.count("nvlink") == 12' '"580.159.04" in by["machine"].whole'
}

@test "a long table of cases is several, of which a browser lays out those that are seen" {
    "$PYTHON" - "$QUICK" r.json <<'EOF'
import copy, json, sys
r = json.load(open(sys.argv[1]))
ok = [c for c in r["cases"] if c["status"] == "ok"]
r["cases"] = [dict(copy.deepcopy(ok[i % len(ok)]), id="case-%d" % i) for i in range(450)]
json.dump(r, open(sys.argv[2], "w"))
EOF
    page p.html r.json
    page_is p.html \
        '[len(t.find("tr")) for t in by["cases"].find("table")] == [201, 201, 51]' \
        'len({t.find("thead")[0].whole for t in by["cases"].find("table")}) == 1' \
        'all("later" in t.parent.parent.attrs["class"].split() for t in by["cases"].find("table"))'
}

@test "GPUs and NICs below a PCIe switch are in its box, and each stands once" {
    "$PYTHON" - "$MATRIX" r.json <<'EOF'
import json, sys
r = json.load(open(sys.argv[1]))
node = r["topology"]["nodes"][0]
for i, gpu in enumerate(node["gpus"]): # two switches, a GPU behind none
    gpu.update(switch=["0000:01:00.0", "0000:01:00.0", "0000:02:00.0<b>", None][i], bridges=[], host_bridge="0000:00", numa=0)
def nic(names, bus, switch, numa=0):
    return {"names": names, "pci_bus_id": bus, "numa": numa, "switch": switch, "bridges": [], "host_bridge": "0000:00"}
node["nics"] = [nic(["mlx5_0", "ib0"], "0000:03:00.0", "0000:01:00.0"), nic(["mlx5_1"], "0000:04:00.0", "0000:05:00.0"),
                nic(["mlx5_2<i>"], "0000:06:00.0", None), nic(["eth7"], "0000:81:00.0", "0000:80:01.0", 1)]
for i, rank in enumerate(r["topology"]["ranks"]):
    rank["nic"] = ["ib0", "ib0", "bond0", None][i]
json.dump(r, open(sys.argv[2], "w"))
EOF
    page p.html r.json
    page_is p.html \
        '[b.find("span")[0].text for b in elements if b.attrs.get("class") == "switch"] == ["PCIe switch " + s for s in ("01:00.0", "02:00.0<b>", "05:00.0", "80:01.0")]' \
        '[[g.find("b")[0].text for g in b.find("li") if g.attrs["class"] in ("gpu", "nic")] for b in elements if b.attrs.get("class") == "switch"] == [["GPU 00:06.0", "GPU 00:07.0", "NIC mlx5_0"], ["GPU 00:08.0"], ["NIC mlx5_1"], ["NIC eth7"]]' \
        'len([e for e in elements if e.attrs.get("class") == "gpu"]) == 4' \
        '[e.find("b")[0].text for e in elements if e.attrs.get("class") == "nic"] == ["NIC mlx5_0", "NIC mlx5_1", "NIC mlx5_2<i>", "NIC bond0", "NIC eth7"]' \
        '"NIC mlx5_0, ib0" in hosts[0] and "03:00.0, " in hosts[0] and "used by rank 0, 1" in hosts[0]' \
        '"used by rank 2" in hosts[0] and hosts[0].count("no rank uses it") == 3 and "NUMA node 1" in hosts[0]'
    validate_report r.json
}

@test "the verdict says what is slow, odd, noisy, drifting and skipped, and of which cases" {
    "$PYTHON" - "$QUICK" r.json <<'EOF'
import json, sys
r = json.load(open(sys.argv[1]))
c = r["cases"]
r["status"] = "failed"
c[0].update(status="failed", reason="no luck")
c[1].update(status="failed", reason="no luck")
c[2].update(status="skipped", reason="no need of 7")
c[3]["warning"], c[4]["warning"] = "took 1.5 of it", "took 2.5 of it"
for i, case in enumerate(c):
    case["notes"] = ["noisy"] if i == 5 else ["partial"] if i == 6 else []
r["topology"]["ranks"][1]["warning"] = "far from home"
end = {"rank": 1, "host": "vm", "gpu": "0000:00:07.0", "nic": None}
r["outliers"] = [{"kind": "gpu", "direction": "receive", "link_class": "nvlink", "than": "lanes", "ends": [end],
                  "cases_compared": 14, "measured_again": 3, "seen_again": 3,
                  "cases": [{"id": c[9]["id"], "ratio": 0.5, "gb_per_s": 25.1, "usual_gb_per_s": 50.2,
                             "again_ratio": 0.5}]}]
json.dump(r, open(sys.argv[2], "w"))
EOF
    page p.html r.json
    page_is p.html \
        '"failed Cases failed, timed out or are implausible." in by["verdict"].whole' \
        '[e.text for e in by["verdict"].find("dt")] == ["Slow", "Odd", "Noisy", "Drifting", "Skipped"]' \
        '"GPU 00:07.0 (rank 1, vm), receiving: over nvlink at 0.500" in by["verdict"].whole' \
        '"2 cases: failed: no luck" in by["verdict"].whole' \
        '"2 cases: warning: took 1.5 of it, and the like with other numbers" in by["verdict"].whole' \
        'any(e.text.endswith(": warning: took 2.5 of it") for e in by["verdict"].find("li"))' \
        '"1 case: partial" in by["verdict"].whole' '"rank 1: far from home" in by["verdict"].whole' \
        '"1 case: intervals wider" in by["verdict"].whole' '"No case was seen to change" in by["verdict"].whole' \
        '"1 case: no need of 7" in by["verdict"].whole'
}

# slower FROM TO: the same report, as if every transfer had taken twice as long, with other settings.
slower() {
    "$PYTHON" - "$1" "$2" <<'EOF'
import json, sys
r = json.load(open(sys.argv[1]))
r["environment"]["variables"]["UCX_TLS"] = "tcp"
for c in r["cases"]:
    c["passes_us"] = [2 * t for t in c["passes_us"]]
    for of in [c] + c["lanes"]:
        for key, value in (of["time_us"] or {}).items():
            if value is not None and key != "cv":
                of["time_us"][key] = 2 * value
json.dump(r, open(sys.argv[2], "w"))
EOF
}

@test "several reports are compared: files, folders, a campaign's folder" {
    page two.html "$QUICK" "$QUICK2"
    page_is two.html '"quick-1 (base): 1 launch, quick-2: 1 launch" in by["comparison"].whole' \
        '"0 slower" in by["verdict"].whole' 'len([f for f in charts if f.parent.attrs["id"] == "comparison"]) >= 1'
    mkdir -p a b c
    cp "$QUICK" a/a-1.json && cp "$QUICK2" a/a-2.json
    slower a/a-1.json b/b-1.json && slower a/a-2.json b/b-2.json
    page folders.html a b
    page_is folders.html '"a (base): 2 launches, b: 2 launches" in by["comparison"].whole' \
        '"variables.UCX_TLS" in by["comparison"].whole' 'len(by["cases"].find("details")) == 4' \
        '"The machine and the places are those of a-1.json." in by["machine"].whole'
    # what compare says of the same
    run xb compare a b --format json
    "$PYTHON" -c 'import json, sys; n = json.load(sys.stdin)["counts"]; print("%d slower %d same, %d faster, %d unclear" % tuple(n[k] for k in ("slower", "same", "faster", "unclear")))' <<<"$output" >counts
    page_is folders.html "\"$(<counts)\" in by['verdict'].whole"
    cp a/*.json b/*.json c
    cat >c/campaign.json <<'EOF'
{"schema": {"name": "xferbench-campaign", "version": 1}, "configs": [{"name": "fast"}, {"name": "slow"}],
 "launches": [{"config": "fast", "report": "a-1.json"}, {"config": "slow", "report": "b-1.json"},
              {"config": "fast", "report": "a-2.json"}, {"config": "slow", "report": null}]}
EOF
    page campaign.html c
    page_is campaign.html '"fast (base): 2 launches, slow: 1 launch" in by["comparison"].whole'
}

@test "what reports say never becomes markup" {
    hostile 'h"><script>alert(4)<.json'
    page h.html 'h"><script>alert(4)<.json'
    page_is h.html 'not scripts' 'not any("alert" in v for e in elements for v in e.attrs.values() if e.attrs.get("role") != "region")' \
        'by["verdict"].whole.count("\"><script>alert(1)</script>") >= 3' '"<script>alert(4)" in by["machine"].whole' \
        '"\"><script>alert(1)</script>" in hosts[0]' 'by["tuned"].whole.count("<script>alert(1)</script>") >= 15'
    # and several of them, and with scripts
    drawn_as '<svg xmlns="http://www.w3.org/2000/svg" width="9"><text>a</text></svg>'
    cp h*.json g.json
    page two.html h*.json g.json
    page_is two.html 'len(scripts) == 2' 'len(charts) >= 2' 'all(len(c.find("svg")) == 1 for c in charts)' \
        'all("alert" not in s.text for s in scripts)'
}

@test "pictures that are more than pictures are not taken, and scripts that are not the page's do not run" {
    drawn_as '<svg xmlns="http://www.w3.org/2000/svg" width="9"><text>a</text></svg>'
    page p.html "$MATRIX"
    page_is p.html 'len(scripts) == 2' 'all(len(c.find("svg")) == 1 for c in charts)' \
        'scripts[0].attrs["nonce"] == scripts[1].attrs["nonce"]' '"unsafe-eval" not in text'
    page again.html "$MATRIX"
    [[ $(grep -o "nonce-[0-9a-f]*" p.html) != "$(grep -o "nonce-[0-9a-f]*" again.html)" ]]
    drawn_as '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"></svg>'
    page bad.html "$MATRIX"
    page_is bad.html 'not any(e.tag == "svg" for e in elements)' '"no plain picture" in charts[0].whole'
    # what fails to draw leaves a page with tables
    printf '#!/bin/sh\necho broken >&2; exit 1\n' >draw
    page failed.html "$MATRIX"
    page_is failed.html '"Without pictures" in by["charts"].whole' 'not scripts'
}

@test "scripts can read every row of a chart from its table" {
    drawn_as '<svg xmlns="http://www.w3.org/2000/svg" width="9"></svg>'
    page p.html "$QUICK"
    "$PYTHON" - <<'EOF'
import json, os, sys
sys.dont_write_bytecode = True
sys.path.insert(0, os.environ["XB_SRCDIR"] + "/tests")
import page
def rows(figure): # as the page's script does it
    data = json.loads(figure.find("script")[0].text)
    trs = figure.find("tr")[1:]
    assert len(trs) == len(data["rest"])
    for tr, rest in zip(trs, data["rest"]):
        row = {}
        for name, at in data["members"].items():
            value = rest.pop(0) if at[0] == "b" else tr.children[int(at[1:])].whole
            if value not in ([], ""):
                row[name] = float(value) if at[0] == "n" else value
        yield row
p = page.Page(open("p.html").read())
figures = [e for e in p.elements if e.attrs.get("class") == "chart"]
curve = next(f for f in figures if f.attrs["id"].startswith("curve"))
found = list(rows(curve))
assert found and all(isinstance(r["bytes"], (int, float)) and r["bytes"] >= 4096 for r in found), found[:2]
assert all(isinstance(r["method"], str) for r in found)
EOF
}

@test "a page that is to be shown to others has no names" {
    sed 's/"vm"/"secret-host"/g' "$QUICK" >r.json
    page p.html r.json
    page_is p.html '"secret-host" in hosts[0]'
    page anonymous.html --anonymize r.json "$QUICK2"
    page_is anonymous.html '"secret-host" not in text' '"node0" in hosts[0]' '"report-2" in by["comparison"].whole'
}
