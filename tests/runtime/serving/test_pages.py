"""The pages in a real browser: what a person sees, and does with keys alone; and whether they are of their sources."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import accessible, looking
from browsing import browser as started
from live import live
from playwright.sync_api import Browser, Page, Route, expect
from running import run_source
from served import Replayed, served

from weft.runtime.execution.run import Run
from weft.runtime.serving.app import STATIC
from weft.runtime.serving.live import COLUMNS
from weft.runtime.serving.server import Server

ROOT = Path(__file__).parents[3]
PLANTED = "<img src=x onerror=\"document.title='planted'\"><script>document.title='planted'</script>"
HIDDEN = "\x1b[2Jgone \u202etxt.exe"
SOURCE = '''"""Look, and check."""
from weft.primitives import agent, finding, log, parallel, phase


async def main(args):
    phase("Look <b>")
    log("begins \\x1b[31mred")
    await parallel([agent(f"Look at {n}", label=f"look:{n}/") for n in range(40)])
    phase("Check")
    finding({"title": args["planted"], "severity": "high"})
    return await agent("Check " + args["planted"], label="<b>check</b> \\u202egnp.exe")
'''
STUB = {
    "rules": [
        {"match": {"label": "look:3/"}, "lost": "provider"},
        {"match": {"label": "look:"}, "result": PLANTED + HIDDEN, "latency": 2, "usage": {"input": 900, "output": 90}},
    ],
    "default": {"result": PLANTED + HIDDEN, "latency": 1},
}
MODEL = "anthropic:claude-sonnet-4-5"
ASKING = '''"""Ask somebody."""
from weft.primitives import agent, ask


async def main(args):
    said = await ask("Go on?", choices=["yes", "no"], default="no", timeout=600)
    return await agent(f"They said {said}", label="after")
'''


def test_the_pages_are_those_of_their_sources() -> None:
    files = [*(ROOT / "dashboard").rglob("*"), *STATIC.rglob("*")]
    now = {
        str(path.relative_to(ROOT)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if path.is_file() and path.name != "SHA256SUMS" and "node_modules" not in path.parts
    }
    lines = (STATIC / "SHA256SUMS").read_text().splitlines()
    assert {name: digest for digest, _, name in (line.partition("  ") for line in lines)} == now, "run: make pages"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shop")


@pytest.fixture(scope="module")
def done(shop: Path) -> Run:
    return run_source(SOURCE, shop, stub=STUB, args={"planted": PLANTED + HIDDEN}, budget_usd=5.0, model=MODEL)


@pytest.fixture(scope="module")
def browser(done: Run) -> Iterator[Browser]:
    """Start a browser; runs in this thread are over by then, for it has its event loop."""
    with started() as found:
        yield found


@pytest.fixture(scope="module")
def server(shop: Path, done: Run) -> Iterator[Server]:
    with served(shop) as server:
        yield server


def at(server: Server, run: Any, more: str = "") -> str:
    return f"{server.address.url}/r/{run.folder.path.parents[2].name}/{run.folder.id}{more}"


def row(page: Page, label: str) -> Any:
    return page.get_by_role("row", name=label)


@pytest.mark.slow
def test_what_is_planted_in_a_run_is_only_text(browser: Browser, server: Server, done: Run) -> None:
    with looking(browser, server) as page:
        page.get_by_role("link", name="test").click()
        expect(page.get_by_role("meter")).to_have_attribute("aria-valuemax", "5")
        expect(page.get_by_text("1 loss", exact=True)).to_be_visible()
        page.get_by_label("Search agents").fill("check")
        row(page, "check").last.click()
        panel = page.get_by_role("region", name="Agent", exact=True)
        expect(panel.get_by_role("heading")).to_contain_text("<b>check</b> ⟨202E⟩gnp.exe")
        expect(panel.get_by_role("tabpanel")).to_contain_text(PLANTED)
        expect(panel.get_by_role("tabpanel")).to_contain_text("␛[2Jgone ⟨202E⟩txt.exe")
        for tab in ("Transcript", "Prompt", "Why"):
            panel.get_by_role("tab", name=tab).click()
            expect(panel.get_by_role("tabpanel")).not_to_contain_text("…")
        expect(page.get_by_role("region", name="Findings")).to_contain_text("<img src=x")
        expect(page.get_by_role("region", name="What was lost")).to_contain_text("branch 3")
        assert page.locator("img, main script, main b").count() == 0
        assert page.title() == "test · Weft"


@pytest.mark.slow
def test_a_reload_keeps_the_place(browser: Browser, server: Server, done: Run) -> None:
    with looking(browser, server) as page:
        page.goto(at(server, done))
        row(page, "look:7/").click()
        page.get_by_role("tab", name="Prompt").click()
        page.get_by_label("Which agents").select_option("Done")
        row(page, "Look <b>").click()  # folds the phase
        for _ in range(2):
            expect(page.get_by_role("tab", name="Prompt")).to_have_attribute("aria-selected", "true")
            expect(page.get_by_role("tabpanel")).to_contain_text("Look at 7")
            expect(page.get_by_label("Which agents")).to_have_value("done")
            expect(page.get_by_role("row", expanded=False)).to_contain_text("Look <b>")
            page.reload()
        page.go_back()
        expect(page.get_by_role("region", name="Agent", exact=True)).to_have_count(0)


@pytest.mark.slow
def test_what_changes_is_seen_and_what_waits_is_answered_by_keys_alone(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "asking.py").write_text(ASKING)
    (tmp_path / "stub.json").write_text(json.dumps({"default": {"result": "so be it"}}))
    with live(tmp_path, "run", "asking.py", "--agents", "stub:stub.json", "--yes", "--json") as run:
        run.until(lambda state: bool(state.host_calls.unanswered))
        with served(tmp_path) as server, looking(browser, server) as page:
            press = page.keyboard.press
            link = page.get_by_role("link", name="asking")
            expect(page.get_by_role("row", name="asking").get_by_text("needs you")).to_be_visible()
            for _ in range(30):
                press("Tab")
                if link.evaluate("it => it === document.activeElement"):
                    break
            press("Enter")
            expect(page.get_by_role("region", name="Needs you")).to_contain_text("Go on?")
            press("x")
            expect(page.get_by_role("dialog", name="Stop this run?")).to_be_visible()
            press("Escape")
            expect(page.get_by_role("dialog")).to_have_count(0)
            press("p")
            expect(page.get_by_role("button", name="Continue").first).to_be_visible()
            press("p")
            expect(page.get_by_role("button", name="Pause")).to_be_visible()
            press("a")
            press("Enter")
            expect(page.get_by_role("region", name="Result")).to_contain_text("so be it")
            press("End")
            press("Enter")
            expect(page.get_by_role("tabpanel")).to_contain_text("so be it")
            press("Escape")
            expect(page.get_by_role("region", name="Agent", exact=True)).to_have_count(0)
        assert run.done().code == 0


@pytest.mark.slow
def test_who_only_looks_on_sees_changes_and_no_buttons(browser: Browser, tmp_path: Path, done: Run) -> None:
    events = done.folder.events()
    going = Replayed(tmp_path, events)
    going.say(8)
    with going.folder.locked(), served(tmp_path, read_only=True) as server, looking(browser, server) as page:
        page.get_by_role("link", name="test").click()
        expect(page.get_by_text("shows only")).to_be_visible()
        tree = page.get_by_role("treegrid")
        expect(tree).to_be_visible()
        going.say()
        expect(page.get_by_role("region", name="Result")).to_contain_text("<img src=x")
        expect(tree).to_have_attribute("aria-rowcount", str(len(done.folder.state().agents) + 3))
        press = page.keyboard.press
        for key in ("x", "p", "b", "r"):
            press(key)
        assert page.get_by_role("group", name="Steer the run").count() == 0
        assert page.get_by_role("dialog").count() == 0
    going.close()


@pytest.mark.slow
def test_twenty_thousand_agents_are_as_many_rows_as_can_be_seen(browser: Browser, server: Server, done: Run) -> None:
    many = 20_000

    def widened(route: Route) -> None:
        shown = route.fetch().json()
        agents = {name: [shown["agents"][name][0]] * many for name in COLUMNS}
        agents |= {"id": [0, *[1] * (many - 1)], "label": [f"one:{n}" for n in range(many)]}
        route.fulfill(json={**shown, "agents": agents})

    with looking(browser, server) as page:
        page.route(re.compile(r"/runs/[^/?]+$"), widened)
        page.goto(at(server, done))
        expect(row(page, "one:0 ").first).to_be_visible()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("End")
        page.keyboard.press("k")
        expect(row(page, f"one:{many - 1}")).to_be_visible()
        assert page.get_by_role("row").count() < 100
        page.get_by_label("Search agents").fill("one:1234")
        expect(page.get_by_role("treegrid")).to_have_attribute("aria-rowcount", "13")


WIDE_ONES = (
    "",
    "/r/{project}/{run}/a/3?tab=cost",
    "/r/{project}/{run}?find=check",
    "/r/{project}/{run}/analyse",
    "/library/{project}/digest",
    "/diff/{project}/{run}/{run}",
)
NARROW_ONES = (
    "",
    "/r/{project}/{run}",
    "/r/{project}/{run}/a/3",
    "/r/{project}/{run}/a/4?tab=prompt&with=3",
    "/r/{project}/{run}/script?line=9",
    "/r/{project}/{run}/analyse",
    "/r/{project}/{run}?costs=1",
    "/new/{project}",
    "/library/{project}/digest",
    "/diff/{project}/{run}/{run}",
)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("theme", "size", "paths"), [("light", (1280, 800), WIDE_ONES), ("dark", (360, 640), NARROW_ONES)]
)
def test_everybody_can_use_each_page(
    browser: Browser, server: Server, done: Run, theme: Any, size: tuple[int, int], paths: tuple[str, ...]
) -> None:
    with looking(browser, server, size=size, color_scheme=theme, reduced_motion="reduce") as page:
        for path in paths:
            page.goto(server.address.url + path.format(project=at(server, done).split("/")[-2], run=done.folder.id))
            expect(page.locator("main h1")).to_be_visible()
            accessible(page, theme)
            assert page.evaluate("document.documentElement.scrollWidth") == size[0], path


# ------------------------------------------------------------------------------------------------ understanding a run


@pytest.mark.slow
def test_a_line_of_the_script_leads_to_its_agents_and_back(browser: Browser, server: Server, done: Run) -> None:
    with looking(browser, server) as page:
        page.goto(at(server, done, "/script"))
        page.get_by_role("link", name="40 agents of line 8, 1 lost").click()
        tree = page.get_by_role("treegrid")
        expect(tree).to_have_attribute("aria-rowcount", "42")
        page.reload()
        expect(tree).to_have_attribute("aria-rowcount", "42")
        page.get_by_role("link", name="line 8").click()
        expect(page.locator("tr.sought")).to_contain_text("look:")
        page.keyboard.press("Escape")
        expect(tree).to_have_attribute("aria-rowcount", "44")


@pytest.mark.slow
def test_all_that_was_said_is_searched_with_keys_alone(browser: Browser, server: Server, done: Run) -> None:
    with looking(browser, server) as page:
        page.goto(at(server, done))
        press = page.keyboard.press
        page.get_by_role("treegrid").wait_for()
        press("/")
        page.keyboard.type("look at 17")
        dialog = page.get_by_role("dialog", name="Search this run")
        expect(dialog.get_by_role("link")).to_have_count(1)
        page.reload()
        expect(dialog.get_by_role("link")).to_contain_text("look:17/")
        dialog.get_by_label("Words").focus()
        press("ArrowDown")
        press("Enter")
        expect(page.get_by_role("tabpanel", name="Prompt")).to_contain_text("Look at 17")
        press("/")
        page.keyboard.type("severity")
        expect(dialog.get_by_role("link")).to_contain_text("finding 1")
        press("ArrowDown")
        press("Enter")
        expect(page.locator("#finding-1.sought")).to_contain_text("high")
        press("/")
        page.keyboard.type("nowhere")
        expect(dialog.get_by_role("status")).to_have_text("Nothing has all of these words.")


@pytest.mark.slow
def test_an_agent_is_looked_at_from_all_sides(browser: Browser, server: Server, done: Run) -> None:
    with looking(browser, server) as page:
        panel = page.get_by_role("tabpanel")
        page.goto(at(server, done, "/a/5?tab=prompt&with=4"))
        expect(panel.locator("del")).to_have_text("4")
        expect(panel.locator("ins")).to_have_text("5")
        page.get_by_role("tab", name="Cost").click()
        expect(panel.get_by_role("row", name="Input")).to_contain_text("900")
        page.get_by_role("tab", name="Why").click()
        expect(panel).to_contain_text("there was no execution before")
        page.get_by_role("tab", name="Events").click()
        expect(panel).to_contain_text("agent finished")
        page.go_back()
        page.goto(at(server, done, "?costs=1"))
        costs = page.get_by_role("dialog")
        expect(costs.get_by_role("row", name="Look <b>")).to_contain_text("35.1k")
        expect(costs).to_contain_text("genai-prices")


@pytest.mark.slow
def test_of_a_long_transcript_as_much_is_there_as_was_scrolled_to(browser: Browser, server: Server, done: Run) -> None:
    many, asked = 2_000, []
    parts = [{"part": "text", "content": f"part {n} " + "words " * 100} for n in range(many)]

    def paged(route: Route) -> None:
        query = dict(pair.split("=") for pair in route.request.url.partition("?")[2].split("&"))
        after, limit = int(query["after"]), int(query["limit"])
        asked.append(after)
        route.fulfill(json={"parts": parts[after : after + limit], "total": many, "next": after + limit})

    with looking(browser, server) as page:
        page.route(re.compile("/transcript"), paged)
        page.goto(at(server, done, "/a/5?tab=transcript"))
        panel = page.get_by_role("tabpanel")
        expect(panel).to_contain_text("2,000 parts")
        assert panel.locator("li").count() <= 202
        page.goto(at(server, done, "/a/5?tab=transcript&part=350"))
        expect(panel.locator("#part-350")).to_be_in_viewport()
        assert panel.locator("li").count() <= 502 and max(asked) <= 500


@pytest.mark.slow
def test_what_a_run_teaches_is_a_page(browser: Browser, server: Server, done: Run) -> None:
    with looking(browser, server) as page:
        page.goto(at(server, done))
        page.get_by_role("link", name="Analyse").click()
        expect(page.get_by_role("region", name="Critical path", exact=True)).to_contain_text("agents at work")
        expect(page.get_by_role("region", name="Barriers").first).to_contain_text("parallel, line 8")
        expect(page.get_by_role("region", name="Worth")).to_contain_text("Per finding")
        page.get_by_label("Model", exact=True).fill("anthropic:claude-opus-4-5")
        page.keyboard.press("Enter")
        expect(page.get_by_role("region", name="Cost on the other model")).to_contain_text("claude-opus-4-5")
