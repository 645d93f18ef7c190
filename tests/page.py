#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""page.py - what holds of every page that `report --format html` writes, checked without a browser.

    page.py FILE [EXPRESSION...]

Every element is closed where it was opened; ids are unique, and all that is named by one is there;
parts come in their order; each chart has a table; nothing is fetched. Then each expression must be
true, of: text (the file), elements (all, in order: .tag, .attrs, .text), by (element by id), charts
(figures of charts), scripts (those that run), hosts (texts of the boxes of nodes).
"""
import html.parser
import json
import re
import sys

VOID = {"meta", "br", "link", "img", "hr", "input", "wbr", "base", "col"}
ORDER = ["verdict", "machine", "tuned", "charts", "comparison", "cases"]
LOADS = {"src", "href", "xlink:href", "data", "action", "poster", "srcset", "formaction", "background", "ping"}


class Element:
    def __init__(self, tag, attrs, parent):
        self.tag, self.attrs, self.parent = tag, {n: v or "" for n, v in attrs}, parent
        self.parts = []  # texts and elements, in order
        assert len(self.attrs) == len(attrs), f"an attribute of <{tag}> stands twice"

    @property
    def children(self):
        return [p for p in self.parts if isinstance(p, Element)]

    @property
    def text(self):
        return "".join(p for p in self.parts if isinstance(p, str))

    def find(self, tag):
        return [e for c in self.children for e in ([c] if c.tag == tag else []) + c.find(tag)]

    @property
    def whole(self):
        return "".join(p if isinstance(p, str) else p.whole for p in self.parts)


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.elements, self.open = [], []
        self.feed(text)
        self.close()
        assert not self.open, f"not closed: {[e.tag for e in self.open]}"

    def handle_starttag(self, tag, attrs, closed=False):
        parent = self.open[-1] if self.open else None
        element = Element(tag, attrs, parent)
        self.elements.append(element)
        if parent:
            parent.parts.append(element)
        if not closed and tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag, attrs):
        assert any(e.tag == "svg" for e in self.open) or tag in VOID, f"<{tag}/> is not closed in HTML"
        self.handle_starttag(tag, attrs, closed=True)

    def handle_endtag(self, tag):
        assert self.open and self.open[-1].tag == tag, f"</{tag}> closes {[e.tag for e in self.open[-3:]]} at {self.getpos()}"
        self.open.pop()

    def handle_data(self, data):
        if self.open:
            self.open[-1].parts.append(data)
        else:
            assert not data.strip(), f"loose text {data!r}"

    def handle_comment(self, data):
        raise AssertionError(f"a comment: {data!r}")


def check(page, text):
    elements = page.elements
    ids = [e.attrs["id"] for e in elements if "id" in e.attrs]
    assert len(ids) == len(set(ids)), "ids that stand twice: %s" % [i for i in set(ids) if ids.count(i) > 1]
    for e in elements:
        for name in ("aria-labelledby", "aria-describedby"):
            for named in e.attrs.get(name, "").split():
                assert named in ids, f"{name} names {named}, which is not there"
        for name, value in e.attrs.items():
            assert not name.startswith("on"), f"<{e.tag} {name}>"
            if name in LOADS:
                assert value.startswith("#") and value[1:] in ids, f"<{e.tag} {name}={value!r}> loads something"
            assert "url(" not in value.replace("url(#", ""), f"<{e.tag} {name}={value!r}> loads something"
        if e.tag == "style":
            assert "url(" not in e.text and "@import" not in e.text
    assert not {"link", "iframe", "object", "embed", "img", "base", "form"} & {e.tag for e in elements}
    policy = [e.attrs["content"] for e in elements if e.attrs.get("http-equiv") == "Content-Security-Policy"]
    assert len(policy) == 1 and policy[0].startswith("default-src 'none';"), policy
    parts = [e.attrs["id"] for e in elements if e.tag == "section"]
    assert parts == [p for p in ORDER if p in parts] and {"verdict", "machine", "charts", "cases"} <= set(parts), parts
    for figure in (e for e in elements if "chart" in e.attrs.get("class", "").split()):
        tables, drawn = figure.find("table"), figure.find("svg")
        assert len(tables) == 1 and len(tables[0].find("tr")) > 1, f"{figure.attrs['id']} has no table"
        assert len(drawn) <= 1 and all(s.attrs.get("role") == "img" and s.attrs.get("aria-labelledby") for s in drawn)
    for table in (e for e in elements if e.tag == "table"):
        rows = table.find("tr")
        assert len({len(r.children) for r in rows}) == 1, "rows of a table differ in length"
        assert all(h.attrs.get("scope") == "col" for h in rows[0].children)
    for script in (e for e in elements if e.tag == "script"):
        if script.attrs.get("type") == "application/json":
            json.loads(script.text)
            assert not set("<>&\u2028\u2029") & set(script.text), "JSON that may end its element"
        else:
            assert f"'nonce-{script.attrs['nonce']}'" in policy[0] and len(script.attrs["nonce"]) == 32
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f]", text), "control characters"


def main():
    text = open(sys.argv[1], encoding="utf-8", newline="").read()
    page = Page(text)
    check(page, text)
    env = {
        "text": text,
        "elements": page.elements,
        "by": {e.attrs["id"]: e for e in page.elements if "id" in e.attrs},
        "charts": [e for e in page.elements if "chart" in e.attrs.get("class", "").split()],
        "scripts": [e for e in page.elements if e.tag == "script" and e.attrs.get("type") != "application/json"],
        "hosts": [e.whole for e in page.elements if e.attrs.get("class") == "node"],
    }
    wrong = [e for e in sys.argv[2:] if not eval(e, env)]
    for expression in wrong:
        print(f"not so, in {sys.argv[1]}: {expression}")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
