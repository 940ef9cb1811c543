"""How fast the page of a large run is, in a real browser: first paint, and frames while agents end.

    python bench/pages.py [--agents N ...] [--rate N] [--seconds N]

A run of so many agents is told to a journal, event by event, as a live one would; `weft serve` is a process of its own.
Of each size it prints: what the snapshot takes, compressed; when the page has its first content and the whole tree;
then, while nothing happens, while agents end at the rate among those that are seen, and while somebody scrolls through
that too: frames (milliseconds from one to the next, and how many were dropped), tasks of more than 50 ms, how much of
a processor the page and the server took, what the page's main thread did for each batch of changes beyond what it does
when nothing happens (with the scrolling, where there is some), and how often it laid out. Without a screen the browser
draws in software, and a busy machine shows in frames before it does in processor time.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from playwright.sync_api import CDPSession, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from crowd import Crowd, one_told

from weft.runtime.journal.events import Event

AT_A_TIME = 1_000
TICK_S = 0.05
FRAME_MS = 1000 / 60
TOLD = "Network.eventSourceMessageReceived"
FRAMES = """() => {
    window.frames_ = []; window.long_ = [];
    new PerformanceObserver(list => window.long_.push(...list.getEntries().map(one => one.duration)))
        .observe({type: "longtask"});
    let before = performance.now();
    const frame = now => { window.frames_.push(now - before); before = now; requestAnimationFrame(frame); };
    requestAnimationFrame(frame);
}"""

WHOLE = """new MutationObserver((_, watch) => {
    if (!document.querySelector(".row.agent")) return;
    watch.disconnect();
    window.whole_ = performance.now();
}).observe(document, {childList: true, subtree: true});"""


def main() -> None:
    """Measure each size in turn."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--agents", type=int, nargs="+", default=[5_000, 20_000])
    parser.add_argument("--rate", type=int, default=200, help="How many agents end in a second.")
    parser.add_argument("--seconds", type=int, default=6, help="How long each is looked at.")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        told = one_told(Path(folder) / "one")
        for agents in asked.agents:
            _measure(Path(folder) / str(agents), told, agents, asked.rate, asked.seconds)


def _measure(project: Path, told: list[Event], agents: int, rate: int, seconds: int) -> None:
    crowd = _crowd(project, told, agents, left=3 * rate * seconds)
    _say(f"{agents:,} agents")
    with crowd.folder.locked(), _served(project) as (url, token, server), sync_playwright() as playwright:
        at = f"{url}/api/v1/projects/{project.name}/runs/{crowd.folder.id}"
        asked = Request(at, headers={"Authorization": f"Bearer {token}", "Accept-Encoding": "gzip"})
        with urlopen(asked) as answer:
            _say(f"  snapshot {len(answer.read()) / 1000:.0f} kB")
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 820})
        page.add_init_script(WHOLE)
        page.goto(f"{url}/?token={token}")
        page.wait_for_selector("h1")
        _first_paint(page, f"{url}/r/{project.name}/{crowd.folder.id}")
        page.evaluate(FRAMES)
        cdp = page.context.new_cdp_session(page)
        cdp.send("Performance.enable", {"timeDomain": "threadTicks"})  # what it took itself, on a busy machine too
        looked = _Looked(page, cdp, server)
        ends = iter(random.sample(range(agents - 3 * rate * seconds, agents), 3 * rate * seconds))

        def end() -> None:
            crowd.finish([next(ends) for _ in range(round(rate * TICK_S))])

        tree = page.locator(".tree")
        tree.evaluate("(it, part) => it.scrollTop = it.scrollHeight * part", 1 - 2 * rate * seconds / agents)
        looked.watch("still", seconds, [])
        looked.watch(f"{rate} end/s", seconds, [end])
        scroll = "it => it.scrollTop -= 100"
        looked.watch(f"{rate} end/s, scrolled", seconds, [end, lambda: tree.evaluate(scroll)])
        browser.close()
    crowd.close()


def _crowd(project: Path, told: list[Event], agents: int, *, left: int) -> Crowd:
    """Begin a run in which all agents but so many have ended."""
    crowd = Crowd(project, told)
    random.seed(agents)
    for first in range(0, agents, AT_A_TIME):
        numbers = range(first, min(agents, first + AT_A_TIME))
        crowd.call(numbers)
        crowd.start(numbers)
        ended = [number for number in numbers if number < agents - left]
        crowd.finish(random.sample(ended, len(ended)))
    return crowd


@contextmanager
def _served(project: Path) -> Iterator[tuple[str, str, int]]:
    words = [str(Path(sys.executable).with_name("weft")), "serve", str(project), "--port", "0", "--json"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, env=os.environ | {"HOME": str(project)}) as server:
        assert server.stdout is not None
        try:
            told = json.loads(server.stdout.readline())
            yield told["url"], told["token"], server.pid
        finally:
            server.kill()


def _first_paint(page: Page, url: str) -> None:
    first, whole = [], []
    for _ in range(3):
        page.goto(url)
        page.wait_for_selector(".row.agent")
        whole.append(page.evaluate("window.whole_"))
        first.append(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"))
    _say(f"  first paint {statistics.median(first):.0f} ms, tree {statistics.median(whole):.0f} ms")


class _Looked:
    """Looks at what a page does, and compares it with what it does when nothing happens."""

    def __init__(self, page: Page, cdp: CDPSession, server: int) -> None:
        self.page, self.cdp, self.server = page, cdp, server
        self._batches = 0
        self._still: float | None = None
        """Seconds of the page's main thread in each second when nothing happens."""
        cdp.on(TOLD, self._told)
        cdp.send("Network.enable")

    def _told(self, message: dict[str, Any]) -> None:
        self._batches += message["eventName"] == "change"

    def watch(self, name: str, seconds: int, acts: list[Callable[[], Any]]) -> None:
        """Do something again and again, and say what that took."""
        self.page.evaluate("window.frames_.length = 0, window.long_.length = 0")
        before, server_before, began = _metrics(self.cdp), _process_s(self.server), time.monotonic()
        self._batches = 0
        tick = began
        while tick < began + seconds:
            for act in acts:
                act()
            tick += TICK_S
            self.page.wait_for_timeout(max(0.0, tick - time.monotonic()) * 1000)
        took = time.monotonic() - began
        did = {name: value - before[name] for name, value in _metrics(self.cdp).items()}
        server = (_process_s(self.server) - server_before) / took
        self._say(name, did, took, server)

    def _say(self, name: str, did: dict[str, float], took: float, server: float) -> None:
        frames, long = self.page.evaluate("[window.frames_, window.long_]")
        dropped = sum(max(0, round(frame / FRAME_MS) - 1) for frame in frames)
        p99 = statistics.quantiles(frames, n=100)[98]
        page = did["TaskDuration"] / took
        self._still = page if self._still is None else self._still
        beyond = 1000 * (page - self._still) * took
        each = f", {beyond / self._batches:.1f} ms of the page for each" if self._batches else ""
        _say(
            f"  {name}: frames median {statistics.median(frames):.1f} ms, p99 {p99:.1f} ms, {dropped} of"
            f" {dropped + len(frames)} dropped; {len(long)} long tasks up to {max(long, default=0):.0f} ms;"
            f" page {page:.0%}, server {server:.0%} of a processor; {self._batches} batches{each};"
            f" {did['LayoutCount']:.0f} layouts; {self.page.locator('*').count()} nodes"
        )


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _metrics(cdp: CDPSession) -> dict[str, float]:
    return {one["name"]: float(one["value"]) for one in cdp.send("Performance.getMetrics")["metrics"]}


def _process_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
