"""From words to a result in a real browser: planned, changed, approved, watched to its end; and what may go wrong."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from anthropic_server import error, serving, text
from browsing import accessible, looking
from browsing import browser as started
from command import environment
from greeting import HELLO, greeting
from playwright.sync_api import Browser, Page, expect
from served import served
from waiting import until

from weft.runtime.serving.server import Server

pytestmark = pytest.mark.slow

LONG_MS = 90_000
"""How long a plan may take on a machine that has much else to do."""
LOUDER = HELLO.replace("Greet {name}", "Shout at {name}")
PRINTING = LOUDER.replace("    return {", '    print("done")\n    return {')


class Author:
    """Plays the model: writes harnesses when it may, and answers agents."""

    def __init__(self) -> None:
        self.may_answer = threading.Event()
        self.refuses = False

    def __call__(self, body: dict[str, Any]) -> Any:
        asked = json.dumps(body["messages"])
        if self.refuses:
            return error(401, "authentication_error", "this key is of nobody")
        if "<task>" not in asked:
            return text("hi")
        self.may_answer.wait(60)
        wrote = LOUDER if "louder" in asked else HELLO
        return text(f"```python\n{wrote}```\n```json\n{{}}\n```")


@pytest.fixture(scope="module")
def author() -> Author:
    return Author()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with started() as found:
        yield found


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, author: Author) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("shop")
    greeting(folder)
    with (
        serving(author) as model,
        pytest.MonkeyPatch.context() as patched,
        served(folder) as server,
    ):
        keys = {"ANTHROPIC_API_KEY": "sk-test", "ANTHROPIC_BASE_URL": model.url}
        for name, value in environment(**keys).items():
            patched.setenv(name, value)
        yield server
        until(lambda: not server._service.plans._tasks)  # who executes a run is waited for by the server's event loop


def begin(page: Page, task: str, **settings: str) -> None:
    page.get_by_role("link", name="New task").click()
    page.get_by_label("What do you want to know?").fill(task)
    page.get_by_label("Budget in dollars").fill("1")
    page.get_by_text("Folder, model, tools").click()
    page.get_by_label("Folders that agents may read").fill("notes")
    for label, value in settings.items():
        page.get_by_label(label).fill(value)
    page.get_by_role("button", name="Plan it").click()


def ready(page: Page) -> None:
    expect(page.get_by_role("button", name="Approve and run")).to_be_visible(timeout=LONG_MS)


def test_a_task_is_planned_revised_edited_mended_approved_and_run(
    browser: Browser, server: Server, author: Author
) -> None:
    with looking(browser, server) as page:
        begin(page, "Greet all the people")
        progress = page.get_by_role("region", name="Progress")
        expect(progress).to_contain_text("round 1 of at most 3", timeout=LONG_MS)
        assert page.get_by_role("button", name="Approve and run").count() == 0
        author.may_answer.set()
        ready(page)
        phases = page.get_by_role("table").first
        expect(phases.get_by_role("row", name="Greet")).to_contain_text("read_file")
        expect(page.get_by_text("Never more than $1.00.")).to_be_visible()
        accessible(page)
        first = page.url

        page.get_by_role("button", name="Revise in words").click()
        expect(page.get_by_label("What is to be different?")).to_be_focused()
        page.keyboard.type("be louder")
        page.get_by_role("button", name="Revise", exact=True).click()
        expect(page.get_by_text("Revised: be louder")).to_be_visible()
        ready(page)
        expect(page.get_by_role("row", name="Shout at").get_by_text("changed")).to_be_visible()
        assert page.url != first

        page.get_by_role("button", name="Edit the script").click()
        page.get_by_label("The script").fill(PRINTING)
        page.get_by_role("button", name="Check and plan it").click()
        findings = page.get_by_role("region", name="What the linter found")
        expect(findings.get_by_text("safe fix")).to_be_visible(timeout=LONG_MS)
        expect(findings.get_by_role("link", name="line 10")).to_be_visible()
        page.get_by_role("button", name="Fix 1 finding").click()
        ready(page)
        expect(page.get_by_role("region", name="Source")).to_contain_text('log("done")')

        page.get_by_role("button", name="Save…").click()
        page.get_by_label("Under which name?").fill("shout")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_text("It is in the library.")).to_be_visible(timeout=LONG_MS)
        page.get_by_role("button", name="Approve and run").click()
        expect(page.get_by_role("region", name="Result")).to_contain_text("hi", timeout=LONG_MS)
        assert "/r/" in page.url
        expect(page.locator(".heading-of-run .task")).to_have_text("Greet all the people")


def test_what_cannot_be_written_is_told_and_can_be_asked_again(
    browser: Browser, server: Server, author: Author
) -> None:
    with looking(browser, server) as page:
        author.may_answer.clear()
        begin(page, "Greet somebody")
        page.get_by_role("button", name="Cancel").click()
        expect(page.get_by_text("It was cancelled.")).to_be_visible()
        author.refuses = True
        author.may_answer.set()
        page.get_by_role("link", name="Change what was asked").click()
        expect(page.get_by_label("What do you want to know?")).to_have_value("Greet somebody")
        expect(page.get_by_label("Folders that agents may read")).to_have_value("notes")
        page.get_by_role("button", name="Plan it").click()
        expect(page.get_by_role("alert")).to_contain_text("this key is of nobody", timeout=LONG_MS)
        assert page.get_by_role("button", name="Approve and run").count() == 0


def test_the_library_says_beside_each_argument_what_is_wrong_and_an_offline_run_comes_to_its_result(
    browser: Browser, server: Server
) -> None:
    with looking(browser, server, refused=1) as page:
        page.get_by_role("link", name="Library").click()
        page.get_by_label("Search the library").fill("digest")
        page.get_by_role("link", name="digest").first.click()
        page.get_by_label("question").fill("no")
        page.get_by_text("Folder, model, tools").click()
        page.get_by_label("Folders that agents may read").fill("notes")
        page.get_by_label("Model").fill("offline")
        page.get_by_role("button", name="Plan it").click()
        expect(page.locator("label", has_text="question").get_by_role("alert")).to_contain_text("at least 3")
        page.get_by_label("question").fill("What is kept, and for how long?")
        page.get_by_role("button", name="Plan it").click()
        ready(page)
        page.get_by_role("button", name="Approve and run").click()
        expect(page.get_by_role("region", name="Result")).to_contain_text("Orca", timeout=LONG_MS)
