"""What waits for a person, in a real browser: questions, what is wider than approved, and the bill of a resume."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import accessible, looking
from browsing import browser as started
from command import weft
from needing import going
from playwright.sync_api import Browser, Page, expect
from running import run_source
from served import Replayed, served
from unconfined import without_processes

from weft.runtime.journal.events import AgentsStarted
from weft.runtime.project.folders import RunFolder

pytestmark = pytest.mark.slow

WRITING = '''"""Look, then write."""
from weft.primitives import agent, parallel


async def main(args):
    seen = await agent("Look", label="look")
    return await parallel(agent(f"Write {seen}", label=f"write:{n}", on_interrupt="ask") for n in range(2))
'''


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """Return a run that was killed while agents were at work that a person decides about."""
    folder = tmp_path_factory.mktemp("killed")
    stub = {"default": {"result": "so", "latency": 2, "usage": {"input": 9000, "output": 900}}}
    events = run_source(WRITING, folder / "before", stub=stub, model="anthropic:claude-sonnet-4-5").folder.events()
    begun = [at for at, (_, event) in enumerate(events, start=1) if isinstance(event, AgentsStarted)]
    run = Replayed(folder, events)
    with run.folder.locked():
        run.say(begun[1])
    run.close()
    return run.folder


@pytest.fixture(scope="module")
def bill(killed: RunFolder) -> Any:
    """Return what it costs to go on with that run, by the command line."""
    more = ("--budget", "3", "--interrupted", "rerun")
    return weft(killed.path.parents[2], "resume", killed.id, "--plan", *more).json


@pytest.fixture(scope="module")
def browser(bill: Any) -> Iterator[Browser]:
    """Start a browser; it has the event loop of this thread from then on."""
    with started() as found:
        yield found


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    without_processes(monkeypatch)
    return tmp_path


def card(page: Page) -> Any:
    return page.get_by_role("region", name="Needs you")


def test_a_question_is_answered_where_all_are_listed_and_is_gone_everywhere(browser: Browser, shop: Path) -> None:
    with going(shop) as (server, run), looking(browser, server) as page:
        other = page.context.new_page()
        for one in (other, page):
            one.goto(f"{server.address.url}/inbox")
            expect(one.get_by_text("Look at all?")).to_be_visible()
        expect(page.get_by_text("the answer is some, and the run goes on")).to_be_visible()
        accessible(page)
        page.get_by_role("button", name="all", exact=True).click()
        expect(page.get_by_role("status").filter(has_text="all")).to_be_visible()
        for one in (page, other):
            expect(one.get_by_role("button", name="all", exact=True)).to_have_count(0)
            expect(one.get_by_text("3 branches, and 2 were approved")).to_be_visible()
        other.get_by_role("button", name="Go on").click()
        for one in (page, other):
            expect(one.get_by_text("Nothing waits for you.")).to_be_visible()
        run.end()
        assert run.folder.state().outcome == "completed"


@pytest.mark.parametrize(("button", "outcome"), [("Go on", "completed"), ("Stop…", "paused")])
def test_what_is_wider_than_approved_waits_for_a_yes_or_a_no(
    browser: Browser, shop: Path, button: str, outcome: str
) -> None:
    with going(shop) as (server, run), looking(browser, server) as page:
        page.get_by_role("link", name="asking").click()
        card(page).get_by_role("button", name="all", exact=True).click()
        expect(card(page)).to_contain_text("Wider than you approved.")
        expect(card(page)).to_contain_text("the parallel at line 7 has 3 branches, and 2 were approved")
        expect(card(page)).to_contain_text("the run is paused, with everything kept")
        assert run.folder.state().count("done") == 0
        if button == "Stop…":
            accessible(page)
        card(page).get_by_role("button", name=button).focus()
        page.keyboard.press("Enter")
        if button == "Stop…":
            dialog = page.get_by_role("dialog", name="Stop this run?")
            expect(dialog).to_be_visible()
            page.keyboard.press("Escape")
            expect(card(page).get_by_role("button", name=button)).to_be_focused()
            page.keyboard.press("Enter")
            dialog.get_by_role("button", name="Stop", exact=True).click()
        expect(page.get_by_role("region", name="Result")).to_be_visible()
        expect(card(page)).to_have_count(0)
        run.end()
        assert run.folder.state().outcome == outcome
        assert run.folder.state().count("done") == (3 if outcome == "completed" else 0)


def test_a_run_is_gone_on_with_after_its_bill_and_a_decision_only(
    browser: Browser, killed: RunFolder, bill: Any
) -> None:
    folder, before = killed.path.parents[2], killed.events()
    with served(folder) as server, looking(browser, server) as page:
        page.get_by_role("link", name="test").click()
        agents = page.get_by_role("region", name="Agents")
        expect(agents).to_contain_text("2 unfinished")
        agents.get_by_role("row", name="write:1").click()
        page.get_by_role("tab", name="Cost").focus()
        page.keyboard.press("Escape")
        expect(page.get_by_role("treegrid")).to_be_focused()
        page.get_by_role("button", name="Go on with it").click()
        dialog = page.get_by_role("dialog", name="Go on with this run")
        page.get_by_label("Ceiling in dollars").fill("3")
        accessible(page)
        dialog.get_by_role("button", name="Show the bill").click()
        undecided = page.get_by_role("region", name="To be decided")
        expect(undecided).to_contain_text("write:0, write:1")
        assert page.get_by_role("button", name="Go on with it").count() == 0
        undecided.get_by_role("button", name="Ask them again").click()
        expect(page.get_by_role("button", name="Go on with it")).to_be_visible()
        expect(page.get_by_role("region", name="To be asked").get_by_role("listitem")).to_have_count(2)
        accessible(page)
        address = page.url.replace("/plan/", "/api/v1/projects/").rpartition("/")
        plan = page.request.get(f"{address[0]}/plans/{address[2]}").json()["plan"]
        assert plan == bill
        expect(page.get_by_text("That costs about").locator("..")).to_contain_text(f"${bill['usd'][1]:.2f}")
        page.get_by_role("link", name="No").click()
        expect(page.get_by_role("button", name="Go on with it")).to_be_visible()
    assert killed.events() == before
