#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""scroll.py - how long frames take while somebody scrolls over the whole of a page.

    scroll.py CHROMIUM PAGE PROFILE [PIXELS]

Opens the page in the browser, without a window, scrolls PIXELS (150) further in each frame from its top
to its end, and prints as JSON: "ms" (median, p95 and worst frame), "frames", "over_100_ms" (how many),
"drawn" and "figures" (charts that scripts had drawn anew by then, and all), "rested" (those in view are
drawn when the scrolling is over). PROFILE is a folder for the browser. The browser is asked through its
debugging pipe.
"""
import json
import os
import subprocess
import sys

SCROLL = """(async () => {
  const sleep = ms => new Promise(done => setTimeout(done, ms));
  const frame = () => new Promise(requestAnimationFrame);
  while (document.readyState !== 'complete') await sleep(50);
  const count = which => document.querySelectorAll('figure.chart' + which).length;
  const took = [];
  let before = await frame(), y = -1;
  while (window.scrollY > y) {
    y = window.scrollY;
    window.scrollTo(0, y + PIXELS);
    const now = await frame();
    took.push(now - before);
    before = now;
  }
  const drawn = count('[data-drawn]');
  document.querySelector('figure.chart').scrollIntoView();
  for (let i = 0; i < 600 && !document.querySelector('figure.chart').dataset.drawn; i++) await sleep(100);
  return {took, drawn, figures: count(''), rested: !!document.querySelector('figure.chart').dataset.drawn};
})()"""


class Browser:
    """A browser that reads what it is asked from its descriptor 3 and answers on 4."""

    def __init__(self, program, profile):
        asked, self.ask = os.pipe()
        self.answers, answer = os.pipe()
        self.rest, self.asked = b"", 0
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage",
                   "--user-data-dir=" + profile, "--remote-debugging-pipe"]
        command = 'exec 3<&%d 4>&%d; exec "$@"' % (asked, answer)
        self.process = subprocess.Popen(["bash", "-c", command, "browser", program] + options, pass_fds=(asked, answer),
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(asked)
        os.close(answer)

    def next(self):
        while b"\0" not in self.rest:
            more = os.read(self.answers, 1 << 16)
            assert more, "the browser has ended"
            self.rest += more
        message, _, self.rest = self.rest.partition(b"\0")
        return json.loads(message)

    def call(self, method, session=None, **params):
        self.asked += 1
        message = {"id": self.asked, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        os.write(self.ask, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.next()
            if answer.get("id") == self.asked:
                assert "error" not in answer, answer
                return answer["result"]


def scroll(program, page, profile, pixels):
    browser = Browser(program, profile)
    target = browser.call("Target.createTarget", url="about:blank")["targetId"]
    session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    browser.call("Emulation.setDeviceMetricsOverride", session, width=1280, height=900, deviceScaleFactor=1, mobile=False)
    browser.call("Page.navigate", session, url="file://" + os.path.abspath(page))
    result = browser.call("Runtime.evaluate", session, expression=SCROLL.replace("PIXELS", str(pixels)),
                          awaitPromise=True, returnByValue=True)["result"]
    browser.call("Browser.close")
    browser.process.wait()
    return result["value"]


def main():
    found = scroll(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]) if len(sys.argv) > 4 else 150)
    took = sorted(found.pop("took"))
    found["frames"] = len(took)
    found["over_100_ms"] = sum(ms > 100 for ms in took)
    found["ms"] = {"median": took[len(took) // 2], "p95": took[len(took) * 95 // 100], "worst": took[-1]}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
