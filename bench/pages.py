"""How fast the page of a large run is, in a real browser: first paint, and frames while agents end.

    python bench/pages.py [--agents N ...] [--rate N] [--seconds N]

A run of so many agents is told to a journal, event by event, as a live one would; `weft serve` is a process of its own.
Of each size it prints: what the snapshot takes, compressed; when the page has its first content and the whole tree;
then, while nothing happens, while agents end at the rate, and while somebody scrolls through that too, frames
(milliseconds from one to the next), tasks of more than 50 ms, and how much of a processor the page and the server
took. Without a screen the browser draws in software, and a busy machine shows in frames before it does in processor
time.
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
        ends = iter(range(agents - 3 * rate * seconds, agents))

        def end() -> None:
            crowd.finish([next(ends) for _ in range(round(rate * TICK_S))])

        tree = page.locator(".tree")
        for name, acts in (
            ("still", []),
            (f"{rate} end/s", [end]),
            (f"{rate} end/s, scrolled", [end, lambda: tree.evaluate("it => it.scrollTop += 100")]),
        ):
            _watch(page, cdp, server, name, seconds, acts)
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


def _watch(page: Page, cdp: CDPSession, server: int, name: str, seconds: int, acts: list[Callable[[], Any]]) -> None:
    page.evaluate("window.frames_.length = 0, window.long_.length = 0")
    page_before, server_before, began = _page_s(cdp), _process_s(server), time.monotonic()
    tick = began
    while tick < began + seconds:
        for act in acts:
            act()
        tick += TICK_S
        page.wait_for_timeout(max(0.0, tick - time.monotonic()) * 1000)
    took = time.monotonic() - began
    frames, long = page.evaluate("[window.frames_, window.long_]")
    cuts = statistics.quantiles(frames, n=100)
    page_part, server_part = (_page_s(cdp) - page_before) / took, (_process_s(server) - server_before) / took
    _say(
        f"  {name}: frames median {statistics.median(frames):.1f} ms, p99 {cuts[98]:.1f} ms; {len(long)} long tasks"
        f"{f' up to {max(long):.0f} ms' if long else ''}; page {page_part:.0%}, server {server_part:.0%} of a"
        f" processor; {page.locator('*').count()} nodes"
    )


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _page_s(cdp: CDPSession) -> float:
    metrics = {one["name"]: one["value"] for one in cdp.send("Performance.getMetrics")["metrics"]}
    return float(metrics["TaskDuration"])


def _process_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
