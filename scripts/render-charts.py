#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""render-charts.py - draw charts of Vega-Lite as SVG or PNG, without a browser or a network.

Reads from standard input, and writes to standard output, a JSON document:

    {"format": "svg", "bundle": true,
     "charts": [{"id": "curve-1", "title": "...", "description": "...", "spec": {}, "rows": []}]}

    {"drawn": ["<svg ...>"], "bundle": "..."}

With the format "png" what is drawn is base64. The bundle is the JavaScript that draws the same
on a page; it can do so without eval (vegaEmbed's option `ast`). Ends with 3 where the package
vl-convert-python is missing, and with 1 and a line that says why where a chart cannot be drawn.
"""
import base64
import json
import os
import re
import sys
import xml.etree.ElementTree as ET

MISSING = 3
SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
PIXELS = 2  # of a PNG for one of its SVG
SNIPPET = "window.vegaEmbed = vegaEmbed; window.vegaLite = vegaLite; window.vega = vega;"
# What XML cannot hold, whoever named a host so.
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# What has a name of its own, but shows no value.
FRAMES = {"axis", "legend", "title", "title text", "header", "group mark container"}
# Attributes that name another element by "url(#id)" or "#id".
REFERENCE = re.compile(r"^(url\(['\"]?)?#([^)'\"]+)(['\"]?\))?$")


def cleaned(value):
    """The same value, with texts that XML can hold."""
    if isinstance(value, str):
        return NOT_XML.sub("\ufffd", value)
    if isinstance(value, list):
        return [cleaned(v) for v in value]
    if isinstance(value, dict):
        return {cleaned(k): cleaned(v) for k, v in value.items()}
    return value


def whole_spec(chart):
    """The specification with its rows in it."""
    return dict(chart["spec"], data={"name": "rows", "values": chart["rows"]})


def own_ids(root, prefix):
    """Let all ids begin with the chart's own, so that several charts fit on a page."""
    known = {e.get("id") for e in root.iter() if e.get("id")}
    for element in root.iter():
        for name, value in list(element.attrib.items()):
            named = REFERENCE.match(value)
            if name == "id":
                element.set(name, f"{prefix}-{value}")
            elif named and named.group(2) in known:
                element.set(name, f"{named.group(1) or ''}#{prefix}-{named.group(2)}{named.group(3) or ''}")


def told_values(root):
    """A mark's values are its title, which a browser shows under the pointer without scripts."""
    for element in root.iter():
        label = element.attrib.pop("aria-label", None)
        if label and element.get("role") == "graphics-symbol" and element.get("aria-roledescription") not in FRAMES:
            told = ET.Element(f"{{{SVG}}}title")
            told.text = label
            element.insert(0, told)


def finished_svg(text, chart):
    """The drawing with its own ids, a name and a description."""
    root = ET.fromstring(text)
    own_ids(root, chart["id"])
    told_values(root)
    root.set("id", chart["id"] + "-svg")
    root.set("role", "img")
    root.set("aria-label", chart["title"])
    root.set("aria-describedby", chart["id"] + "-desc")
    description = ET.Element(f"{{{SVG}}}desc", {"id": chart["id"] + "-desc"})
    description.text = chart["description"]
    root.insert(0, description)
    return ET.tostring(root, encoding="unicode")


def main():
    try:
        import vl_convert
    except ImportError as missing:
        print(missing, file=sys.stderr)
        return MISSING
    ET.register_namespace("", SVG)
    ET.register_namespace("xlink", XLINK)
    parent = os.getppid()
    asked = cleaned(json.loads(sys.stdin.buffer.read()))
    out = {"drawn": []}
    for chart in asked["charts"]:
        if os.getppid() != parent:
            return 1  # who asked was killed, and nobody waits for the rest
        try:
            # No address is allowed: whatever stands in a chart, nothing is fetched.
            if asked["format"] == "png":
                picture = vl_convert.vegalite_to_png(whole_spec(chart), scale=PIXELS, allowed_base_urls=[])
                out["drawn"].append(base64.b64encode(picture).decode("ascii"))
            else:
                text = vl_convert.vegalite_to_svg(whole_spec(chart), allowed_base_urls=[])
                out["drawn"].append(finished_svg(text, chart))
        except (ValueError, ET.ParseError) as wrong:
            first = str(wrong).strip().split("\n")[0]
            print(f"chart {chart['id']}: {first}", file=sys.stderr)
            return 1
    if asked.get("bundle"):
        # "<\/" is "</" to JavaScript, and ends no element of a page.
        out["bundle"] = re.sub("</(?=script)", r"<\\/", vl_convert.javascript_bundle(SNIPPET), flags=re.I)
    json.dump(out, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
