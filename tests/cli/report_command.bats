#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# xferbench report: reports as tables, Markdown and CSV, and without what tells whose they are.

# shellcheck disable=SC2154 # bats' run and common.bash set them

load common

QUICK=$XB_SRCDIR/results/2xh200-nv18-2026-11-22/starts/quick-1.json
MATRIX=$XB_SRCDIR/results/4xh200-nv18-2026-11-22/matrix.json
OLD=$XB_SRCDIR/results/2xh200-nv18-2026-11-21/quick.json

setup() {
    common_setup
    need_python
}

# csv_is FILE REPORT EXPRESSION...: true of rows (of the CSV, as dicts of texts), head (its titles)
# and r (the report, numbers as they are written).
csv_is() {
    "$PYTHON" - "$@" <<'EOF'
import csv, json, sys
rows = list(csv.DictReader(open(sys.argv[1], newline="")))
r = json.load(open(sys.argv[2]), parse_float=str, parse_int=str)
env = {"rows": rows, "head": list(rows[0]), "r": r, "cases": r["cases"], "json": json}
wrong = [e for e in sys.argv[3:] if not eval(e, env)]
for expression in wrong:
    print("not so:", expression)
sys.exit(bool(wrong))
EOF
}

@test "the table is what run shows" {
    three_cases
    run -0 --separate-stderr xrun 2 run s.json -o r.json
    local shown=$output
    run -0 --separate-stderr xb report r.json
    # But for last digits: the file has times to 0.1 ns.
    cases_of() { awk '/@/ || /^ *[0-9]+[KMG]?i?B / { print $1, $2 }' <<<"$1"; }
    [[ $(cases_of "$shown") == "$(cases_of "$output")" && $(cases_of "$output" | grep -c iB) == 3 && -z $stderr ]]
    run -0 --separate-stderr xb report --format matrix "$MATRIX"
    assert_has "$output" "from \\ to"
    run -0 --separate-stderr xb report "$QUICK" "$MATRIX"
    assert_has "$output" "$QUICK"$'\n\ndevice cuda' $'\n\n'"$MATRIX"$'\n\ndevice cuda'
}

@test "CSV has every figure of every case, to the last digit" {
    run -0 --separate-stderr xb report --format csv "$QUICK" -o q.csv
    [[ -z $output && -z $stderr ]]
    csv_is q.csv "$QUICK" 'len(rows) == len(cases) == 72' '[w["id"] for w in rows] == [c["id"] for c in cases]'
    "$PYTHON" - q.csv "$QUICK" <<'EOF'
import csv, json, sys
rows = list(csv.DictReader(open(sys.argv[1], newline="")))
cases = json.load(open(sys.argv[2]), parse_float=str, parse_int=str)["cases"]
renamed = {"timing_n": "samples", "timing_passes": "passes", "timing_interval": "interval",
           "timing_ops_per_sample": "ops_per_sample", "timing_stop_reason": "stop_reason",
           "time_us_cv": "time_cv", "op_time_us_n": "op_time_n",
           "verify_first_bad_offset": "verify_first_bad_offset_bytes"}
offsets = {"src_offset": "src_offset_bytes", "dst_offset": "dst_offset_bytes", "delay": "delay_ns"}
elsewhere = {"timing_clock", "schedule"} # one constant; the lanes' table
def leaves(value, name):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{name}_{key}" if name else key)
    elif not isinstance(value, list):
        yield name, value
checked = 0
for row, case in zip(rows, cases):
    for name, value in leaves({k: v for k, v in case.items() if k != "pipeline"}, ""):
        if name.startswith("key_options_"):
            option = name[len("key_options_"):]
            name = "option_" + offsets.get(option, option)
        elif name.startswith("key_"):
            name = offsets.get(name[4:], name[4:])
        name = renamed.get(name, name)
        if name in elsewhere or value is None and name not in row:
            continue
        text = "" if value is None else json.dumps(value) if isinstance(value, bool) else value
        assert row[name] == text, (case["id"], name, row[name], value)
        checked += 1
    assert row["notes"] == " ".join(case["notes"]) and row["lanes"] == (str(len(case["lanes"])) if case["lanes"] else "")
assert checked > 72 * 45, checked
EOF
}

@test "CSV of several reports has the columns of all, and a column for each report's own" {
    null_scenario s.json 'host->host' '"delay": "1us"'
    run -0 xb run s.json -o null.json
    run -0 xb report -f csv "$QUICK" null.json "$OLD" -o all.csv
    csv_is all.csv null.json 'len(rows) == 72 + 1 + 72' \
        '[w["file"] for w in rows] == ["'"$QUICK"'"] * 72 + ["null.json"] + ["'"$OLD"'"] * 72' \
        'rows[72]["option_delay_ns"] == "1000" == cases[0]["key"]["options"]["delay"]' \
        'all(rows[0][o] == "" for o in head if o.startswith("option_") and o != "option_memory")' \
        'rows[0]["option_memory"] == "pinned" and rows[72]["option_memory"] == ""' \
        'rows[72]["run_id"] == r["run"]["id"] and rows[72]["start_utc"] == r["run"]["start_utc"]' \
        'rows[72]["hosts"] == r["topology"]["ranks"][0]["host"] and rows[72]["ranks"] == "1"' \
        'rows[0]["hosts"] == "vm" and rows[0]["ranks"] == "2" and rows[0]["device"] == "cuda"' \
        '[h for h in head if h.startswith("option_")] == sorted(h for h in head if h.startswith("option_"))' \
        'head[:8] == "file run_id label start_utc hosts ranks device id".split()' \
        'len(head) == len(set(head))'
    # The order of columns is that of the page.
    "$PYTHON" - all.csv "$XB_SRCDIR/docs/reports.md" <<'EOF'
import csv, re, sys
head = next(csv.reader(open(sys.argv[1], newline="")))
page = re.findall(r"`([a-z_0-9]+)`", open(sys.argv[2]).read().split("They are, in this order:")[1].split("## A row for each lane")[0])
known = [h for h in head if not h.startswith(("option_", "figure_"))]
page = [p for p in page if p in known]
assert page == known, [pair for pair in zip(page, known) if pair[0] != pair[1]][:3]
EOF
}

@test "CSV has figures of methods in columns of their own" {
    scenario q.json '[{"pattern": "queue", "paths": ["host->host"], "sizes": 64, "methods": [{"name": "queue", "work": "1us"}]}]'
    run -0 xb run q.json -o q.json.report
    run -0 xb report -f csv q.json.report "$QUICK" -o f.csv
    csv_is f.csv q.json.report 'rows[0]["option_work_ns"] == "1000"' \
        'all(rows[0]["figure_" + k] == v for k, v in cases[0]["figures"].items())' \
        '"figure_items_per_s" in head and rows[1]["figure_items_per_s"] == ""'
}

@test "CSV with a row for each lane says who it is and what it came to" {
    run -0 xb report --format csv --lanes "$MATRIX" -o lanes.csv
    csv_is lanes.csv "$MATRIX" \
        'len(rows) == sum(len(c["lanes"]) for c in cases)' \
        '[w["lane"] for w in rows] == [str(i) for c in cases for i, _ in enumerate(c["lanes"])]' \
        '[w["gb_per_s"] for w in rows] == [l["gb_per_s"] or "" for c in cases for l in c["lanes"]]' \
        '[w["time_us_median"] for w in rows] == [l["time_us"]["median"] for c in cases for l in c["lanes"]]' \
        '[(w["src_rank"], w["dst_rank"], w["round"], w["lane_src"], w["link_class"]) for w in rows] == [(s["src_rank"], s["dst_rank"], s["round"], s["src"], s["link_class"] or "") for c in cases for s in r["schedules"][int(c["schedule"])]]' \
        'all(w["src_gpu"] == (r["topology"]["ranks"][int(w["src_rank"])]["gpu"]["pci_bus_id"] if w["lane_src"] == "gpu" else "") for w in rows)' \
        'all(w["src_host"] == w["dst_host"] == "vm" for w in rows)' \
        '"time_us_p90" not in head and "bandwidth_gb_per_s_median" not in head'
    run -2 --separate-stderr xb report --lanes "$MATRIX"
    assert_has "$stderr" "--lanes: found --format table beside it, expected --format csv"
}

@test "run shows the same CSV" {
    three_cases
    run -0 --separate-stderr xrun 2 run s.json -o r.json --set show=csv
    printf '%s\n' "$output" >shown.csv
    run -0 --separate-stderr xb report --format csv r.json
    diff <(printf '%s\n' "$output") shown.csv
}

@test "Markdown says what was measured on, and has the table" {
    run -0 --separate-stderr xb report --format markdown "$QUICK"
    assert_has "$output" "| report | $QUICK |" "| GPUs | 2 x NVIDIA H200 |" "| ranks | 2 x vm |" \
        "| driver | 580.159.04 |" "| pattern | method | path | size |" "|---|---|---|---:|" \
        "| stream | direct[memory=pinned] | host->gpu@self | 4KiB | - | 6.798 us | 0.6025 | 4.2 | ok |" \
        $'\n```\nskipped 2: needs two ranks on two nodes'
    [[ $(grep -c '^| stream\|^| bidirectional\|^| pingpong\|^| collective' <<<"$output") == \
        $(xb report "$QUICK" -v | grep -c '^ *[0-9][0-9A-Za-z]*B  ') ]]
    # Every line of a table has the columns of its head.
    [[ $(sed -n '/^| pattern/,/^$/p' <<<"$output" | grep . | awk -F ' \\| ' '{ print NF }' | sort -u | wc -l) -le 2 ]]
}

@test "what is there is not replaced, and a report never by itself" {
    cp "$QUICK" a.json
    echo mine >there
    run -2 --separate-stderr xb report a.json -o there
    assert_has "$stderr" "there: cannot be the output: it is there already"
    [[ $(<there) == mine ]]
    run -0 xb report a.json -o there --force
    assert_has "$(<there)" "device cuda"
    run -2 --separate-stderr xb report a.json --format json -o ./a.json --force
    assert_has "$stderr" "./a.json: cannot be the output: it is the report"
    cmp a.json "$QUICK"
    run -2 --separate-stderr xb report a.json -o no/such/place
    assert_has "$stderr" "no/such/place"
    [[ $(xb report a.json -o -) == "$(xb report a.json)" ]]
    run -2 --separate-stderr xb report a.json -o /dev/full
    assert_has "$stderr" "/dev/full: cannot be the output: No space left on device"
    assert_only_files a.json there
}

@test "what cannot be shown is said" {
    echo '{"schema": {"name": "other", "version": 2}}' >other.json
    echo '{' >broken.json
    run -2 --separate-stderr xb report "$QUICK" other.json -o out
    assert_has "$stderr" 'other.json:1: schema.name: found "other", expected "xferbench-report"'
    run -2 --separate-stderr xb report broken.json
    assert_has "$stderr" "broken.json:2:1: not valid JSON"
    run -2 --separate-stderr xb report missing.json
    assert_has "$stderr" "missing.json: cannot be opened"
    run -2 --separate-stderr xb report
    assert_has "$stderr" "expected at least one file"
    run -2 --separate-stderr xb report "$QUICK" --format markdwon
    assert_has "$stderr" "--format: got 'markdwon' (did you mean markdown?), expected budget, contention, csv, html, interference, json, markdown, matrix, setup, table, svg or png"
    run -2 --separate-stderr xb report "$QUICK" --formt csv
    assert_has "$stderr" "unknown option --formt (did you mean --format?)"
    run -2 --separate-stderr xb report "$QUICK" --format trace
    assert_has "$stderr" "a report does not hold what that form shows"
    run -2 --separate-stderr xb report "$QUICK" "$MATRIX" --format json
    assert_has "$stderr" "--format json: found 2 files, expected one report"
    assert_only_files other.json broken.json
}

@test "a report without cases, or of skipped ones alone, is a sentence in each form that is laid out for people" {
    local form first
    "$PYTHON" - "$QUICK" <<'EOF'
import json, sys
report = json.load(open(sys.argv[1]))
report["cases"] = [c for c in report["cases"] if c["status"] == "skipped"]
json.dump(report, open("skipped.json", "w"))
json.dump(report | {"cases": []}, open("none.json", "w"))
EOF
    for form in matrix budget contention interference setup; do
        first="no case was measured"
        [[ $form != setup ]] || first="no case was set up and measured"
        run -0 --separate-stderr --keep-empty-lines xb report --format "$form" none.json
        [[ $output == "$first"$'\n' && -z $stderr ]]
        run -0 --separate-stderr --keep-empty-lines xb report --format "$form" skipped.json
        [[ $output == "$first"$'\n\nskipped 2: needs two ranks on two nodes'* ]]
    done
    run -0 xb report none.json
    [[ ${lines[-1]} == "no case was measured" ]]
}

@test "as JSON a report of version 1 becomes one of version 2" {
    run -0 xb report --format json "$OLD" -o new.json
    validate_report new.json
    assert_report new.json 'r["schema"]["version"] == 2' 'len(cases) == 72' 'r["outliers"] == [] == r["environment"]["nodes"]'
    run -0 xb report --format json "$QUICK" -o same.json
    "$PYTHON" - "$QUICK" same.json <<'EOF'
import json, sys
def part(old, new): # new keys are null
    if isinstance(old, dict):
        return all(k in new and part(v, new[k]) for k, v in old.items())
    if isinstance(old, list):
        return len(old) == len(new) and all(map(part, old, new))
    return old == new
assert part(*(json.load(open(f)) for f in sys.argv[1:3]))
EOF
}

# ---- without what tells whose it is ----

# plant FILE OUT: the report with a text of its own at every key of the schema that takes any text,
# "Zq1Q", "Zq2Q", ...; what is there of lists and objects once, all that may be null not so.
plant() {
    "$PYTHON" - "$XB_SRCDIR/results/schema/report-v2.schema.json" "$1" <<'EOF'
import json, sys
schema = json.load(open(sys.argv[1]))
count = 0
names = {"/environment/variables": ["UCX_NET_DEVICES", "NCCL_TOPO_FILE"], "/environment/set_by_xferbench": ["CUDA_VISIBLE_DEVICES"]}
patterns = {"T[0-9]": "2026-11-23T14:03:20Z", "0x": "0x0123456789abcdef", "^[a-z]": "direct", "host|gpu": "gpu"}
def text(s):
    global count
    if "pattern" in s:
        return next(v for k, v in patterns.items() if k in s["pattern"])
    count += 1
    return f"Zq{count}Q"
def make(s, path):
    if "$ref" in s:
        return make({**schema["$defs"][s["$ref"].split("/")[-1]], **{k: v for k, v in s.items() if k != "$ref"}}, path)
    for word in ("anyOf", "oneOf"):
        if word in s:
            return make(next(o for o in s[word] if o.get("type") != "null"), path)
    if "const" in s:
        return s["const"]
    if "enum" in s:
        return next(v for v in s["enum"] if v is not None)
    kinds = s["type"] if isinstance(s["type"], list) else [s["type"]]
    kind = next(k for k in kinds if k != "null")
    if kind == "object":
        made = {k: make(v, f"{path}/{k}") for k, v in s.get("properties", {}).items()}
        more = s.get("additionalProperties", {})
        if more is not False and not made or isinstance(more, dict) and more:
            keys = names.get(path, ["0"] if "propertyNames" in s else ["name"])
            made.update({k: make(more or {"type": "string"}, f"{path}/{k}") for k in keys})
        return made
    if kind == "array":
        return [make(s["items"], path + "[]") for _ in range(s.get("minItems", 1))]
    return text(s) if kind == "string" else True if kind == "boolean" else 1
r = make(schema, "")
for c in r["cases"]:
    c["schedule"] = c["slowest_lane"] = c["slowest_round"] = 0
r["outliers"] = [make({"$ref": "#/$defs/outlier"}, "/outliers[]")]
r["tuned"]["crossovers"] = [make({"$ref": "#/$defs/tuned_crossover"}, "/tuned/crossovers[]")]
r["tuned"]["points"][0]["does_not_part_from"] = [make({"$ref": "#/$defs/text"}, "/tuned/points[]/does_not_part_from[]")]
r["outliers"][0]["ends"] = [make(schema["$defs"]["outlier"]["properties"]["ends"]["items"], "/outliers[]/ends[]")]
json.dump(r, open(sys.argv[2], "w"), indent=1)
assert count > 60, count
EOF
}

@test "no text that the schema lets in comes through, and no key is lost" {
    plant all.json
    run -0 --separate-stderr xb report --anonymize all.json -o anonymous.json
    [[ -z $stderr ]]
    "$PYTHON" - all.json anonymous.json <<'EOF'
import json, re, sys
old, new = (json.load(open(f)) for f in sys.argv[1:3])
stays = r"topology/(nodes/gpus|ranks/gpu|ranks/visible_gpus)/name|environment/nodes/cpu" # names of hardware
found = []
def compare(a, b, path):
    if isinstance(a, dict):
        for k in a:
            if k not in b:
                found.append(f"lost: {path}/{k}")
            else:
                compare(a[k], b[k], f"{path}/{k}")
    elif isinstance(a, list):
        if len(a) != len(b):
            found.append(f"lost: {path}[]")
        for x, y in zip(a, b):
            compare(x, y, path)
    elif isinstance(a, str) and re.search(r"Zq\d+Q", a):
        if isinstance(b, str) and not b:
            found.append(f"empty: {path}")
        elif re.search("Zq", str(b)) and not re.fullmatch(stays, path.strip("/")):
            found.append(f"stays: {path}: {b}")
    elif a != b:
        found.append(f"changed: {path}: {a} is {b}")
compare(old, new, "")
print("\n".join(found))
sys.exit(bool(found))
EOF
}

@test "every key of an unknown kind is left out" {
    cp "$QUICK" a.json
    "$PYTHON" - a.json <<'EOF'
import json, sys
r = json.load(open(sys.argv[1]))
r["topology"]["ranks"][0]["gpu"]["serial"] = 1324820066245
r["topology"]["ranks"][0]["user"] = "Zq1Q"
r["topology"]["site"] = {"name": "Zq2Q", "rack": [7, "Zq3Q"]}
r["environment"]["nodes"][0]["mac"] = "00:1b:21:3c:4d:5e"
r["run"]["scenario"]["notes of Zq4Q"] = "x"
r["outliers"] = [{"kind": "node", "direction": "both", "link_class": "other-node", "than": "others",
    "ends": [{"host": r["topology"]["ranks"][0]["host"], "rank": None, "gpu": None, "nic": None, "rack": "Zq5Q"}],
    "cases_compared": 1, "measured_again": 0, "seen_again": 0, "owner": "Zq6Q",
    "cases": [{"id": r["cases"][0]["id"], "gb_per_s": 1, "usual_gb_per_s": 2, "ratio": 0.5, "again_ratio": None}]}]
json.dump(r, open(sys.argv[1], "w"))
EOF
    run -0 xb report --anonymize a.json -o b.json
    validate_report b.json
    run -1 grep -E 'Zq|1324820066245|serial|rack|4d' b.json
}

@test "reports of real runs lose their names, and nothing else" {
    local file
    three_cases
    UCX_NET_DEVICES=Fabric9 NCCL_CONF_FILE=/home/Joe/nccl.conf SLURM_JOB_ID=778899 SLURM_JOB_NAME=Secret \
        SLURM_ARRAY_JOB_ID=778890 SLURM_ARRAY_TASK_ID=34 SLURM_JOB_NODELIST="atlas[17-18]" \
        run -0 xrun 2 run s.json -o one.json --set 'description="run of Contoso by Joe"'
    "$PYTHON" - one.json <<'EOF'
import json, sys
host, uuid = "Atlas17.contoso.example", "GPU-c0799718-948e-2e57-c1b3-572cd73af1f3"
r = json.load(open(sys.argv[1]))
was = r["topology"]["ranks"][0]["host"]
for place in r["topology"]["nodes"] + r["topology"]["ranks"] + r["environment"]["nodes"]:
    place["host"] = host
for rank in r["topology"]["ranks"]:
    rank["gpu"] = {"uuid": uuid, "pci_bus_id": "0000:3b:00.0", "name": "NVIDIA H200", "sharers": 1,
                   "pcie": {"gen": 5, "width": 16}, "nvlink": {"links": 18, "gb_per_s": 478.1}, "memory_gb_per_s": 4814.3}
    rank["warning"] = f"{host}: /sys/class/infiniband/mlx5_0 of 10.11.12.13 is down; ask joe@contoso.example"
c = r["cases"][0]
c.update(status="failed", reason=f"rank 0 ({host}): cannot open /dev/shm/Joe: No such file or directory")
r["status"] = "failed"
r["run"]["label"] = "Contoso, rack 7"
r["environment"]["mpi_library"] = "Open MPI v4.1.6, package: Open MPI Joe@Atlas17 Distribution"
json.dump(r, open(sys.argv[1], "w"))
EOF
    run -0 xb report --anonymize one.json -o gone.json
    validate_report gone.json
    run -1 grep -iE "atlas|contoso|joe|secret|77889|fabric9|c0799718|10\.11\.12\.13|/home|/dev/shm" gone.json
    run -1 grep -w "$(hostname)" gone.json
    assert_report gone.json 'r["topology"]["ranks"][1]["host"] == "node0" == r["environment"]["nodes"][0]["host"]' \
        'r["topology"]["ranks"][0]["gpu"]["name"] == "NVIDIA H200"' 'r["topology"]["ranks"][0]["gpu"]["pci_bus_id"] == "0000:3b:00.0"' \
        'r["topology"]["ranks"][0]["gpu"]["uuid"] == "GPU-00000000-0000-0000-0000-000000000001"' \
        '__import__("re").fullmatch("rank 0 .node0.: cannot open path-[0-9]+: No such file or directory", cases[0]["reason"])' \
        'r["run"]["label"] == "label-1"' 'r["environment"]["mpi_library"].startswith("Open MPI v4.1.6, package: Open MPI word-")' \
        'sorted([r["run"]["slurm"]["job_id"], r["run"]["slurm"]["array_job_id"]]) == [1, 2]' \
        'r["run"]["slurm"]["array_task_id"] == 1 and r["run"]["slurm"]["node_list"] == "nodelist-1"' \
        'r["run"]["device"] == "cpu"'
    # Every reader takes it, and what it reads are the same figures.
    local columns='time_us_median|bandwidth_gb_per_s_median|^id$|status|verify_checked_bytes'
    run -0 xb report -f csv gone.json -o gone.csv
    run -0 xb report -f csv one.json -o one.csv
    "$PYTHON" - one.csv gone.csv <<EOF
import csv, re, sys
one, gone = (list(csv.DictReader(open(f, newline=""))) for f in sys.argv[1:3])
assert [{k: v for k, v in w.items() if re.search("$columns", k)} for w in one] == [{k: v for k, v in w.items() if re.search("$columns", k)} for w in gone]
EOF
    run -0 xb report gone.json
    run -0 xb report -f markdown gone.json
}

@test "reports that are given together share their names" {
    sed 's/"vm"/"borea"/g' "$QUICK" >second.json
    cp "$QUICK" first.json
    run -0 --separate-stderr xb report --anonymize first.json second.json "$MATRIX" -o out
    [[ $output == "first.json: out/report-1.json"$'\n'"second.json: out/report-2.json"$'\n'"$MATRIX: out/report-3.json" ]]
    validate_report out/report-1.json out/report-2.json out/report-3.json
    [[ $(ask out/report-1.json 'r["topology"]["ranks"][0]["host"]') == node0 ]]
    [[ $(ask out/report-2.json 'r["topology"]["ranks"][0]["host"]') == node1 ]]
    [[ $(ask out/report-3.json 'r["topology"]["ranks"][0]["host"]') == node0 ]]
    local uuids='[k["gpu"]["uuid"] for k in r["topology"]["ranks"]][:2]'
    [[ $(ask out/report-1.json "$uuids") == "$(ask out/report-2.json "$uuids")" ]]
    [[ $(ask out/report-1.json "$uuids") != "$(ask out/report-3.json "$uuids")" ]]
    run -2 --separate-stderr xb report --anonymize first.json second.json -o out
    assert_has "$stderr" "out/report-1.json: cannot be the output: it is there already"
    run -2 --separate-stderr xb report --anonymize first.json second.json
    assert_has "$stderr" "--format json: found several reports, expected -o FOLDER for them"
    # In another form they are one table, without the names of their files.
    run -0 xb report --anonymize -f csv first.json second.json -o both.csv
    csv_is both.csv first.json '{w["file"] for w in rows} == {"report-1.json", "report-2.json"}' \
        '{w["hosts"] for w in rows} == {"node0", "node1"}'
}

@test "every report in results can be made anonymous, and is valid then" {
    local file files=()
    while read -r file; do files+=("$file"); done < <(grep -lE '"name":\s*"xferbench-report"' "$XB_SRCDIR"/results/*/*.json "$XB_SRCDIR"/results/*/starts/*.json)
    ((${#files[@]} > 10))
    run -0 xb report --anonymize "${files[@]}" -o out
    validate_report out/*.json
    run -1 grep -rE '"vm"|GPU-[1-9a-f]|/tmp/' out
    # Reasons and warnings come through whole.
    run -1 grep -rE '"(reason|warning)":.*word-' out
}

@test "the words that stay are sorted, for they are found by halving" {
    LC_ALL=C sort -cu <(sed -n '/words\[\]/,/^};/p' "$XB_SRCDIR/src/report/anonymize_words.c" | grep -oE '"[a-z0-9]+"')
}

@test "the help names every form that --format takes" {
    local form
    run -2 --separate-stderr xb report --format none r.json
    local forms=${stderr##*expected }
    forms=${forms%%$'\n'*}
    run -0 xb report --help
    for form in ${forms//[,]/ }; do
        [ "$form" = or ] || [[ $output =~ (^|[^a-z])"$form"([^a-z]|$) ]] || fail "$form is not in the help"
    done
}
