# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
# What the tests of campaigns share: launchers that fail, hang or measure nothing, and questions to
# campaign.json.

# A launcher that counts its launches in the file `count` and does to some of them, by number, what
# its variable FAKE says; otherwise it becomes the command that follows it.
fake_launcher() {
    cat >fake <<'EOF'
#!/bin/bash
echo >>count
n=$(wc -l <count)
echo "launch $n has MARK=${MARK-nothing}, session $(($(cut -d' ' -f6 /proc/$$/stat) == $$))"
for what in $FAKE; do
    [[ ${what%:*} == "$n" ]] || continue
    case ${what#*:} in
        fail) echo "no such partition"; echo "-----"; exit 7 ;;
        lie) exit 0 ;;
        die) kill -KILL $$ ;;
        hang) : >hanging; sleep 3000 ;;
        resist) trap '' TERM; setsid setsid sleep 3000 & : >hanging; while :; do sleep 1; done ;;
        leave) setsid setsid sleep 3000 & ;;
        partial) PARTIAL=1 "$@"; exit 1 ;; # as mpirun would, whose ranks were interrupted
    esac
done
exec "$@"
EOF
    chmod +x fake
}

# A launcher that measures nothing: ./canned FACTOR SPREAD gives a report whose times are 100 us times
# FACTOR, and differ from launch to launch by up to SPREAD to either side.
canned_launcher() {
    need_python
    xb run s.json -q -o template.json --set 'cases[0].sizes=["1KiB","4KiB","16KiB"]' --passes 2 >/dev/null
    cat >canned <<EOF
#!/usr/bin/env $PYTHON
import json, os, random, sys
factor, spread = map(float, sys.argv[1:3])
out = sys.argv[sys.argv.index("-o") + 1]
random.seed(os.path.basename(out))
r = json.load(open("template.json"))
for c in r["cases"]:
    f = factor * (1 + spread * random.uniform(-1, 1)) * 100 / c["time_us"]["median"]
    for t in c["time_us"], c["lanes"][0]["time_us"]:
        t.update({k: v * f for k, v in t.items() if v is not None and k != "cv"})
    c["passes_us"] = [c["time_us"]["median"] for x in c["passes_us"]]
if "PARTIAL" in os.environ:
    r["status"] = "interrupted"
json.dump(r, open(out, "w"))
EOF
    chmod +x canned
}

# has EXPRESSION...: each is true of the campaign c in the folder ab, its launches l, their names,
# and those by name.
has() {
    "$PYTHON" - "$@" <<'EOF'
import json, sys
c = json.load(open("ab/campaign.json"))
l = c["launches"]
names = ["%s-%02d" % (x["config"], x["number"]) for x in l]
env = {"c": c, "l": l, "names": names, "by": dict(zip(names, l)), "json": json}
wrong = [e for e in sys.argv[1:] if not eval(e, env)]
for e in wrong:
    print("not so: %s" % e)
if wrong:
    print(json.dumps(c)[:3000])
sys.exit(bool(wrong))
EOF
    [[ -z $XB_PYTHON ]] || "$XB_PYTHON" "$XB_SRCDIR/tests/validate_json.py" \
        "$XB_SRCDIR/results/schema/campaign-v1.schema.json" ab/campaign.json
}

# Nothing sleeps any more that this test's launchers have started. What was killed may take an instant to go.
no_sleepers() { wait_for 30 none_sleeps; }

none_sleeps() {
    local pid
    for pid in $(pgrep -x sleep); do
        if [[ "/proc/$pid/cwd" -ef . ]]; then return 1; fi
    done
}

# In the background, as start_ranks has its ranks; a shell would have it ignore SIGINT.
start_campaign() {
    env --default-signal=INT,HUP "$XFERBENCH" campaign "$@" </dev/null >out 2>err 3>&- &
    # shellcheck disable=SC2034 # wait_job and end_job read it
    job=$!
}
