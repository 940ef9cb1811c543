"""Pages of runs that go on, in a real browser: many agents, agents below others, and a server that dies and is back."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from browsing import browser as started
from browsing import looking
from command import WEFT, environment
from crowd import Crowd, one_told
from playwright.sync_api import Browser, CDPSession, Page, Request, expect
from served import served

from weft.runtime.journal.events import Event
from weft.runtime.serving.server import Address

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> list[Event]:
    return one_told(tmp_path_factory.mktemp("one"))


@pytest.fixture
def crowd(tmp_path: Path, told: list[Event]) -> Iterator[Crowd]:
    crowd = Crowd(tmp_path / "shop", told)
    with crowd.folder.locked():
        yield crowd
    crowd.close()


@pytest.fixture(scope="module")
def browser(told: list[Event]) -> Iterator[Browser]:
    """Start a browser; the run in this thread is over by then, for it has its event loop."""
    with started() as found:
        yield found


def census(page: Page, words: str) -> None:
    expect(page.locator(".census")).to_have_text(words)


# ------------------------------------------------------------------------------------------------ many


def work(coverage: CDPSession) -> int:
    """Return how often the parts of our code were executed since this was asked last."""
    scripts = coverage.send("Profiler.takePreciseCoverage")["result"]
    functions = (one for script in scripts if script["url"].endswith("/pages.js") for one in script["functions"])
    return sum(part["count"] for function in functions for part in function["ranges"])


SCROLLED = """async () => {
    const tree = document.querySelector(".tree"), others = new Set();
    const drawn = () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
    tree.scrollTop = 100 * 28;
    await drawn();
    new MutationObserver(all => all.forEach(one => others.add(one.target)))
        .observe(tree, {subtree: true, attributeFilter: ["id"]});
    tree.scrollTop += 2 * 28;
    await drawn();
    return others.size;
}"""
"""Scroll by two rows, and return how many rows are others then."""


def test_what_a_page_does_for_a_change_does_not_grow_with_the_agents(
    browser: Browser, crowd: Crowd, tmp_path: Path
) -> None:
    few, many, changed = 500, 5_000, 50
    done = 0

    def finished(of: int) -> int:
        nonlocal done
        work(coverage)
        crowd.finish(range(done, done + changed))
        done += changed
        census(page, f"{of:,} agents · {of - done:,} running · {done:,} done")
        return work(coverage)

    def least(of: int) -> int:
        return min(finished(of) for _ in range(3))  # now and then something else is done besides

    crowd.call(range(few))
    crowd.start(range(few))
    with served(tmp_path / "shop") as server, looking(browser, server) as page:
        coverage = page.context.new_cdp_session(page)
        coverage.send("Profiler.enable")
        coverage.send("Profiler.startPreciseCoverage", {"callCount": True, "detailed": True})
        page.goto(f"{server.address.url}/r/shop/{crowd.folder.id}")  # parts are counted of what is loaded from here on
        census(page, f"{few:,} agents · {few:,} running")
        at_first = least(few)
        crowd.call(range(few, many))
        crowd.start(range(few, many))
        census(page, f"{many:,} agents · {many - done:,} running · {done:,} done")
        at_last = least(many)
        assert at_last < 1.5 * at_first, (at_first, at_last)
        assert page.evaluate(SCROLLED) == 2
        assert page.locator("*").count() < 1_000
        assert page.get_by_role("row").count() < 60
        assert page.get_by_role("treegrid").get_attribute("aria-rowcount") == str(many + 2)


# ------------------------------------------------------------------------------------------------ below


def tree(page: Page) -> list[tuple[str, int, str | None]]:
    """Return the rows of agents that can be seen: label, level, and whether it is open."""
    found = page.locator(".row").evaluate_all(
        """rows => rows.map(row => [row.querySelector("bdi").textContent, Number(row.ariaLevel), row.ariaExpanded,
            Number(row.ariaRowIndex)])"""
    )
    return [(label, level, is_open) for label, level, is_open, _ in sorted(found, key=lambda row: row[3])]


def test_agents_stand_below_those_that_asked_them(browser: Browser, crowd: Crowd, tmp_path: Path) -> None:
    crowd.call([0, 1])
    crowd.call([2], asker=0)
    with served(tmp_path / "shop") as server, looking(browser, server) as page:
        page.get_by_role("link", name="test").click()
        census(page, "3 agents · 3 queued")
        crowd.call([3], asker=2)
        crowd.call([4])
        crowd.call([5, 6], asker=0)
        census(page, "7 agents · 7 queued")
        top, below, further = ("one:0", 2, "true"), ("one:2", 3, "true"), ("one:3", 4, None)
        others = [("one:5", 3, None), ("one:6", 3, None), ("one:1", 2, None), ("one:4", 2, None)]
        phase = ("Crowd", 1, "true")
        assert tree(page) == [phase, top, below, further, *others]
        page.reload()
        census(page, "7 agents · 7 queued")
        assert tree(page) == [phase, top, below, further, *others]
        for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowLeft"):  # on a row that has none below: what it is in
            page.keyboard.press(key)
        expect(page.get_by_role("row", selected=True)).to_contain_text("one:2")
        assert tree(page) == [phase, top, ("one:2", 3, "false"), *others]
        crowd.call([7], asker=2)  # which is folded
        census(page, "8 agents · 8 queued")
        assert len(tree(page)) == 7
        page.keyboard.press("ArrowRight")
        page.get_by_label("Search agents").fill("one:3")
        expect(page.locator(".row")).to_have_count(2)
        assert tree(page) == [phase, ("one:3", 2, None)]


# ------------------------------------------------------------------------------------------------ away


class Serving:
    """A server in a process of its own, which is started again at the same place."""

    def __init__(self, project: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self._project = project
        self.start()

    def start(self) -> None:
        words = [WEFT, "serve", str(self._project), "--port", str(self._port), "--json"]
        self.process = subprocess.Popen(words, env=environment(), stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        told = json.loads(self.process.stdout.readline())
        self.address = Address(told["url"], told["token"])

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@contextmanager
def serving(project: Path) -> Iterator[Serving]:
    server = Serving(project)
    try:
        yield server
    finally:
        server.kill()


def test_pages_go_on_when_a_server_that_was_killed_is_back(browser: Browser, crowd: Crowd, tmp_path: Path) -> None:
    crowd.call(range(9))
    crowd.start(range(6))
    asked: list[Request] = []
    with serving(tmp_path / "shop") as server, looking(browser, server, away=True) as page:
        runs = page.context.new_page()
        runs.goto(server.address.url)
        page.get_by_role("link", name="test").click()
        census(page, "9 agents · 6 running · 3 queued")
        crowd.finish([0])  # from now on the page has a position
        census(page, "9 agents · 5 running · 3 queued · 1 done")
        page.evaluate("window.loaded = 'once'")
        page.on("request", lambda one: asked.append(one))  # noqa: PLW0108 - Playwright takes no built-in
        seq = len(crowd.folder.events())
        server.kill()
        expect(page.locator(".banner")).to_contain_text("The server does not answer")
        expect(runs.locator(".banner")).to_contain_text("The server does not answer")
        crowd.finish([1, 2])
        crowd.call([9, 10], asker=0)
        crowd.start([6, 9])
        server.start()
        census(page, "11 agents · 5 running · 3 queued · 3 done")
        expect(page.locator(".banner")).to_have_count(0)
        expect(runs.get_by_role("row", name="test")).to_contain_text("3/11")
        crowd.finish([3])
        census(page, "11 agents · 4 running · 3 queued · 4 done")
        crowd.end()
        expect(page.get_by_role("region", name="Result")).to_be_visible()
        assert page.evaluate("window.loaded") == "once"
        assert not [one.url for one in asked if one.url.endswith(crowd.folder.id)]  # no other snapshot was taken
        again = [one for one in asked if "/stream" in one.url][-1]
        assert again.all_headers()["last-event-id"] == f"{seq}.0"
        caught_up = page.locator(".tree").inner_text()
        page.reload()
        expect(page.locator(".tree")).to_have_text(page.locator(".tree").text_content() or "")
        assert page.locator(".tree").inner_text() == caught_up


# ------------------------------------------------------------------------------------------------ hidden


SEEN = """hidden => {
    Object.defineProperty(document, "hidden", {get: () => hidden, configurable: true});
    document.dispatchEvent(new Event("visibilitychange"));
}"""


def test_a_page_that_cannot_be_seen_holds_no_stream(browser: Browser, crowd: Crowd, tmp_path: Path) -> None:
    crowd.call([0])
    with served(tmp_path / "shop") as server, looking(browser, server) as page:
        with page.expect_event("requestfailed", lambda one: "runs/stream" in one.url):
            page.evaluate(SEEN, True)
        page.evaluate(SEEN, False)
        page.get_by_role("link", name="test").click()
        census(page, "1 agent · 1 queued")
        with page.expect_event("requestfailed", lambda one: "/stream?after=" in one.url):
            page.evaluate(SEEN, True)
        crowd.call([1, 2])
        page.evaluate(SEEN, False)
        census(page, "3 agents · 3 queued")
