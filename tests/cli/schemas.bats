#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Schemas of what the program reads and writes: each field is described, shipped files are right, and
# what a schema refuses the program refuses.

# shellcheck disable=SC2154 # bats' run and common.bash set them

load common

setup() { common_setup; }

# by_schema NAME FILE...: are the files as this schema says?
by_schema() { "$XB_PYTHON" "$XB_SRCDIR/tests/validate_json.py" "$XB_SRCDIR/results/schema/$1.schema.json" "${@:2}"; }

# agree SCHEMA BEFORE BEHIND: on stdin a line for each file, "0|TEXT" of one that is right and "1|TEXT" of one that
# is wrong, for the schema and for validate. A file's text is BEFORE, TEXT and BEHIND.
agree() {
    local expected row file n=0 by_schema by_program wrong=0
    rm -rf rows && mkdir rows
    while IFS='|' read -r expected row; do
        n=$((n + 1))
        printf -v file 'rows/%03d-%s.json' $n "$expected"
        printf '%s\n' "$2$row$3" >"$file"
    done
    by_schema "$1" rows/*.json >schema.txt || [[ $? == 1 ]]
    xb validate rows/*.json >program.txt 2>errors.txt || [[ $? == 2 ]]
    for file in rows/*.json; do
        by_schema=0 by_program=1
        if grep -q "^$file: " schema.txt; then by_schema=1; fi
        if grep -q "^$file: ok, " program.txt; then by_program=0; fi
        if [[ $file != *-$by_schema.json || $file != *-$by_program.json ]]; then
            echo "wrong ($by_schema) by the schema, ($by_program) by the program: $(<"$file")"
            grep -h "$file" schema.txt errors.txt || true
            wrong=1
        fi
    done
    [[ $n -gt 5 && $wrong == 0 ]]
}

@test "every field of every schema has a description" {
    [[ -n $PYTHON ]] || skip "no python3"
    "$PYTHON" - "$XB_SRCDIR"/results/schema/*.json <<'EOT'
import json, sys

def fields(schema, path):
    if isinstance(schema, list):
        for s in schema:
            yield from fields(s, path)
    if not isinstance(schema, dict):
        return
    for name, field in schema.get("properties", {}).items():
        if isinstance(field, dict):
            yield path + "/" + name, field
            yield from fields(field, path + "/" + name)
    for key in ("items", "prefixItems", "additionalProperties", "anyOf", "oneOf"):
        yield from fields(schema.get(key), path)
    for name, definition in schema.get("$defs", {}).items():
        yield from fields(definition, "$defs/" + name)

seen, without = 0, []
for file in sys.argv[1:]:
    schema = json.load(open(file))
    for path, field in fields(schema, ""):
        seen += 1
        # a constant describes itself
        if not field.get("description") and not (path.endswith(("/name", "/version")) and "const" in field):
            without.append("%s: %s" % (file, path))
assert seen > 500, seen
assert not without, "\n".join(without)
EOT
}

@test "shipped scenarios, policies and expectations are as their schemas say" {
    [[ -n $XB_PYTHON ]] || skip "no python with jsonschema"
    run -0 by_schema scenario-v1 "$XB_SRCDIR"/scenarios/*.json
    run -0 by_schema policy-v1 "$XB_SRCDIR"/scenarios/policies/*.json
    run -0 by_schema expectations-v1 "$XB_SRCDIR"/scenarios/expectations/*.json
}

@test "the schema of scenarios refuses what the program refuses" {
    [[ -n $XB_PYTHON ]] || skip "no python with jsonschema"
    agree scenario-v1 '' '' <<'EOT'
0|{"name": "t", "cases": [{"paths": ["host->gpu"], "sizes": 8, "methods": ["direct"]}]}
1|[]
1|{"cases": [{"paths": ["host->gpu"], "sizes": 8, "methods": ["direct"]}]}
1|{"name": 1, "cases": [{"paths": ["host->gpu"], "sizes": 8, "methods": ["direct"]}]}
1|{"name": "t", "cases": []}
1|{"name": "t", "cases": {}}
1|{"name": "t"}
EOT
    # keys beside the cases
    agree scenario-v1 '{"name": "t", "cases": [{"paths": ["host->gpu"], "sizes": 8, "methods": ["direct"]}], ' '}' <<'EOT'
0|"description": "d", "device": "auto", "show": "matrix"
1|"device": "gpu"
1|"show": "picture"
1|"descripton": "d"
0|"sampling": {"min_samples": 1, "max_samples": 1000000, "max_time": "2.5s", "warmup": "0", "min_batch": "1ms", "passes": 100}
0|"sampling": {"repeat_for": "2h", "bandwidth_ci": 1, "latency_ci": 0.5, "setup": "anew"}
1|"sampling": {"max_time": 5}
1|"sampling": {"max_time": "0s"}
1|"sampling": {"max_time": "5"}
1|"sampling": {"passes": 0}
1|"sampling": {"passes": 101}
1|"sampling": {"min_samples": 1.5}
1|"sampling": {"bandwidth_ci": 0}
1|"sampling": {"latency_ci": 1.5}
1|"sampling": {"setup": "new"}
1|"sampling": {"warm": "1s"}
0|"outliers": {"off": 0.1, "mads": 0, "ceiling": 1, "again": 0}
1|"outliers": {"off": 0}
1|"outliers": {"again": 101}
1|"outliers": {"ceiling": 2}
EOT
    # groups
    agree scenario-v1 '{"name": "t", "cases": [' ']}' <<'EOT'
0|{"paths": ["gpu->gpu@node", "gpu->gpu+1", "gpu->gpu+*"], "sizes": [1, "4KiB", {"from": "1KiB", "to": "1MiB", "factor": 4}], "methods": ["p2p", {"name": "p2p", "engine": ["ce", "sm"]}]}
0|{"pattern": ["stream", "pingpong"], "pairs": [[0, 1], [1, 0]], "paths": ["gpu->gpu@node"], "sizes": "0.5KiB", "methods": ["mpi"]}
0|{"paths": ["gpu->gpu@node"], "sizes": "1MiB", "window": [1, {"from": 2, "to": 8, "factor": 2}], "methods": ["mpi"]}
0|{"paths": ["gpu->host"], "sizes": "1MiB", "src_offset": [0, 1], "cache": ["warm", "cold"], "allocator": "pool", "contention": "all", "methods": ["direct"]}
0|{"paths": ["gpu->gpu@node"], "sizes": "1MiB", "methods": [{"name": "host-staged", "chunk": ["size/4", "64KiB"], "depth": {"from": 1, "to": 16, "factor": 2}}]}
0|{"pattern": "neighbour", "traffic": [[0, 1, "1MiB"], [1, 0, 64]], "paths": ["gpu->gpu@node"], "methods": ["p2p"]}
0|{"pattern": "queue", "paths": ["host->host"], "sizes": 8, "methods": [{"name": "queue", "producers": [1, 2], "work": "10us"}]}
1|{"paths": ["host->moon"], "sizes": 8, "methods": ["direct"]}
1|{"paths": ["host->gpu@here"], "sizes": 8, "methods": ["direct"]}
1|{"paths": ["gpu+64->host"], "sizes": 8, "methods": ["direct"]}
1|{"paths": "host->gpu", "sizes": 8, "methods": ["direct"]}
1|{"paths": [], "sizes": 8, "methods": ["direct"]}
1|{"paths": ["host->gpu"], "methods": ["direct"]}
1|{"paths": ["host->gpu"], "sizes": 0, "methods": ["direct"]}
1|{"paths": ["host->gpu"], "sizes": "0KiB", "methods": ["direct"]}
1|{"paths": ["host->gpu"], "sizes": ".5KiB", "methods": ["direct"]}
1|{"paths": ["host->gpu"], "sizes": "4MB", "methods": ["direct"]}
1|{"paths": ["host->gpu"], "sizes": -1, "methods": ["direct"]}
1|{"paths": ["host->gpu"], "sizes": [], "methods": ["direct"]}
1|{"paths": ["host->gpu"], "sizes": {"from": 1, "to": 8}, "methods": ["direct"]}
1|{"paths": ["host->gpu"], "sizes": {"from": 1, "to": 8, "factor": 1}, "methods": ["direct"]}
1|{"paths": ["host->gpu"], "sizes": 8}
1|{"paths": ["host->gpu"], "sizes": 8, "methods": []}
1|{"paths": ["host->gpu"], "sizes": 8, "methods": "direct"}
1|{"paths": ["host->gpu"], "sizes": 8, "methods": ["teleport"]}
1|{"paths": ["host->gpu"], "sizes": 8, "methods": [{"memory": "pinned"}]}
1|{"paths": ["host->gpu"], "sizes": 8, "methods": [{"name": "direct", "engine": "ce"}]}
1|{"paths": ["host->gpu"], "sizes": 8, "methods": [{"name": "direct", "memory": "pined"}]}
1|{"paths": ["host->gpu"], "sizes": 8, "methods": [{"name": "direct", "blocks": 0}]}
1|{"paths": ["host->gpu"], "sizes": 8, "methods": [{"name": "direct", "chunk": 4}]}
1|{"paths": ["gpu->gpu@node"], "sizes": 8, "methods": [{"name": "host-staged", "chunk": "size/0"}]}
1|{"paths": ["gpu->gpu@node"], "sizes": 8, "methods": [{"name": "host-staged", "depth": 0}]}
1|{"paths": ["gpu->gpu@node"], "sizes": 8, "window": 0, "methods": ["mpi"]}
1|{"paths": ["gpu->gpu@node"], "sizes": 8, "window": 65537, "methods": ["mpi"]}
1|{"paths": ["gpu->gpu@node"], "sizes": 8, "cache": "hot", "methods": ["mpi"]}
1|{"paths": ["gpu->gpu@node"], "sizes": 8, "allocator": "new", "methods": ["mpi"]}
1|{"paths": ["gpu->gpu@node"], "sizes": 8, "contention": "some", "methods": ["mpi"]}
1|{"pattern": "zigzag", "paths": ["gpu->gpu@node"], "sizes": 8, "methods": ["mpi"]}
1|{"pattern": "stream", "pairs": "some", "paths": ["gpu->gpu@node"], "sizes": 8, "methods": ["mpi"]}
1|{"pattern": "stream", "pairs": [[0]], "paths": ["gpu->gpu@node"], "sizes": 8, "methods": ["mpi"]}
1|{"pattern": "stream", "pairs": [[0, -1]], "paths": ["gpu->gpu@node"], "sizes": 8, "methods": ["mpi"]}
1|{"pattern": "stream", "traffic": [[0, 1]], "paths": ["gpu->gpu@node"], "sizes": 8, "methods": ["mpi"]}
1|{"pattern": "neighbour", "paths": ["gpu->gpu@node"], "sizes": 8, "methods": ["mpi"]}
1|{"pattern": "neighbour", "traffic": [[0, 1, 0]], "paths": ["gpu->gpu@node"], "methods": ["mpi"]}
1|{"pattern": "neighbour", "traffic": [], "paths": ["gpu->gpu@node"], "methods": ["mpi"]}
1|{"path": ["host->gpu"], "sizes": 8, "methods": ["direct"]}
EOT
}

@test "the schema of scenarios has every pattern, form, method and option of the program" {
    [[ -n $PYTHON ]] || skip "no python3"
    xb list >list.txt
    "$PYTHON" - "$XB_SRCDIR/results/schema/scenario-v1.schema.json" list.txt <<'EOT'
import json, re, sys
schema = json.load(open(sys.argv[1]))
defs = schema["$defs"]
part, method, seen, options = None, None, {}, 0
names = {"methods": set(), "patterns": set(), "experiments": set()}
for line in open(sys.argv[2]):
    if not line.startswith(" "):
        part = re.match(r"\w+", line).group()
    name = re.match(r"  (\S+) ", line)
    option = re.match(r"      (\w+)=(\S+|.* to .*) \((\w+), default (.*)\)$", line)
    if name and part in names:
        method = name.group(1)
        names[part].add(method)
    if not option or part not in ("methods", "experiments"):
        continue
    key, allowed, kind, default = option.groups()
    options += 1
    field = defs["method-" + method]["properties"].pop(key)
    assert field["description"].endswith("Default: %s." % default), (method, key, field)
    if key in ("chunk", "depth"):
        assert field["$ref"] in ("#/$defs/chunks", "#/$defs/counts")
        continue
    if "$ref" in field:
        field = defs[field["$ref"].split("/")[-1]]
    value = field["anyOf"][0]
    assert field["anyOf"][1]["items"] == value
    if kind == "enum":
        assert value == {"enum": allowed.split("|")}, (method, key, value)
    elif kind == "int":
        assert [value["minimum"], value["maximum"]] == [int(n) for n in allowed.split(" to ")], (method, key)
    elif kind == "bool":
        assert value == {"type": "boolean"}
    else:
        assert value == {"$ref": "#/$defs/" + kind}, (method, key, value)
assert options > 60, options
left = {m: set(d["properties"]) for m, d in defs.items() if m.startswith("method-")}
assert all(keys == {"name"} for keys in left.values()), left
methods = {m[len("method-"):] for m in left}
# an experiment's line stands before that of its method
experiments = names["experiments"] - methods | {"queue"}
assert methods == names["methods"] | (names["experiments"] - experiments) | {"queue"}, methods
assert set(defs["pattern"]["enum"]) == names["patterns"] | experiments | {"matrix", "pairs"}, defs["pattern"]
EOT
    # forms and devices are named by the errors
    printf '{"name": "t", "show": "x", "cases": [1]}\n' >s.json
    run -2 xb validate s.json
    [[ $(grep -oE 'expected the form .*' <<<"$output" | sed 's/expected the form //; s/, / /g; s/ or / /' | tr ' ' '\n' | sort | xargs) == \
        "$("$PYTHON" -c 'import json, sys
print(*sorted(json.load(open(sys.argv[1]))["properties"]["show"]["enum"]))' "$XB_SRCDIR/results/schema/scenario-v1.schema.json")" ]]
}

@test "the schema of a campaign's configurations refuses what the program refuses" {
    [[ -n $XB_PYTHON ]] || skip "no python with jsonschema"
    agree configurations-v1 '' '' <<'EOT'
0|{"configs": [{"name": "a", "launcher": []}]}
0|{"configs": [{"name": "a", "launcher": ["mpirun", "-n", "2"], "environment": {"A": "1", "B_2": null}, "run": ["--seed", "3"]}, {"name": "b+1", "launcher": []}]}
0|{"scenario": "wires", "launches": 3, "seed": 7, "launch_timeout": "10m", "threshold": "2%", "ignore": ["engine"], "filter": ["method=p2p"], "run": ["--passes", "3"], "configs": [{"name": "a", "launcher": []}]}
0|{"until": "2%", "max_launches": 12, "configs": [{"name": "a", "launcher": []}]}
1|{"configs": []}
1|{"configs": [{"name": "a"}]}
1|{"configs": [{"launcher": []}]}
1|{"configs": [{"name": "", "launcher": []}]}
1|{"configs": [{"name": "a/b", "launcher": []}]}
1|{"configs": [{"name": "a", "launcher": "mpirun -n 2"}]}
1|{"configs": [{"name": "a", "launcher": [], "environment": {"2A": "1"}}]}
1|{"configs": [{"name": "a", "launcher": [], "environment": {"A": 1}}]}
1|{"configs": [{"name": "a", "launcher": [], "run": ["--output", "x"]}]}
1|{"configs": [{"name": "a", "launcher": [], "run": ["--size=8"]}]}
1|{"configs": [{"name": "a", "launcher": [], "runs": []}]}
1|{"launches": 0, "configs": [{"name": "a", "launcher": []}]}
1|{"launches": 3, "until": "2%", "configs": [{"name": "a", "launcher": []}]}
1|{"max_launches": 3, "configs": [{"name": "a", "launcher": []}]}
1|{"seed": -1, "configs": [{"name": "a", "launcher": []}]}
1|{"launch_timeout": "0s", "configs": [{"name": "a", "launcher": []}]}
1|{"launch_timeout": 10, "configs": [{"name": "a", "launcher": []}]}
1|{"threshold": 0.05, "configs": [{"name": "a", "launcher": []}]}
1|{"threshold": "much", "configs": [{"name": "a", "launcher": []}]}
1|{"launch": 3, "configs": [{"name": "a", "launcher": []}]}
EOT
}

@test "the schema of expectations refuses what the program refuses" {
    [[ -n $XB_PYTHON ]] || skip "no python with jsonschema"
    agree expectations-v1 '{"schema": {"name": "xferbench-expectations", "version": 1}, "name": "e", ' '}' <<'EOT'
0|"match": {}
0|"match": {"gpu": ["*H200*", "*H100*"]}, "require": {"gpus": 4, "ecc": true}
0|"match": {}, "bounds": [{"cases": {"method": "p2p", "size_class": [4, 5]}, "gb_per_s": {"below": {"warning": 300, "critical": 200}}}]
0|"match": {}, "bounds": [{"cases": {"bytes": {"from": "1MiB"}}, "of": "case", "time_us": {"above": {"critical": 9}}, "required": true}]
1|"bounds": []
1|"match": {"moon": "full"}
1|"match": {"gpu": []}
1|"match": {}, "require": {"gpus": -1}
1|"match": {}, "require": {"ecc": 1}
1|"match": {}, "bounds": [{"gb_per_s": {"below": {"warning": 3}}}]
1|"match": {}, "bounds": [{"cases": {}}]
1|"match": {}, "bounds": [{"cases": {}, "gb_per_s": {"below": {}}}]
1|"match": {}, "bounds": [{"cases": {}, "gb_per_s": {"below": {"bad": 3}}}]
1|"match": {}, "bounds": [{"cases": {"bytes": "4MB"}, "gb_per_s": {"below": {"warning": 3}}}]
1|"match": {}, "bounds": [{"cases": {"locality": "here"}, "gb_per_s": {"below": {"warning": 3}}}]
1|"match": {}, "bounds": [{"cases": {}, "of": "job", "gb_per_s": {"below": {"warning": 3}}}]
1|"match": {}, "bounds": [{"cases": {}, "skipped": "fine", "gb_per_s": {"below": {"warning": 3}}}]
1|"match": {}, "bounds": [{"cases": {}, "gb_per_s": {"below": {"warning": 3}}, "time_us": {"above": {"warning": 3}}}]
EOT
}
