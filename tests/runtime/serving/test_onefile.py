"""A run as one file: it answers as the server does, a browser shows it from disk, and no text of agents is in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

import pytest
from browsing import browser as started
from browsing import opening
from exported import answers_in, lines_in, opened
from playwright.sync_api import Browser, Page, expect
from running import resume_source, run_source
from served import client_of, served

from weft.runtime.execution.run import Run
from weft.runtime.journal import fold
from weft.runtime.journal.events import Event
from weft.runtime.journal.withheld import HARMLESS, told
from weft.runtime.serving.live import head
from weft.runtime.serving.onefile import page as pieces
from weft.runtime.serving.sums import Sums

SAID = "whispered"
PLANTED = f"{SAID} </script><!--<script>document.title='planted'</script>"
SOURCE = '''"""Look, and check."""
from weft.primitives import agent, ask, finding, log, parallel, phase, tool


async def main(args):
    said = args["said"]
    phase("Look")
    log("begins")
    lines = await tool("search_text", query=said)
    await parallel([agent(f"{said} {n}", label=f"look {n}" if n else None, context=[said] * 30) for n in range(5)])
    await agent(said, label="odd", schema={"type": "object", "title": said})
    phase("Check")
    finding({"title": "One of them", "severity": "high"})
    last = await agent("Check it", label="last")
    return [len(lines or []), await ask(f"{said}?", default=said, timeout=60) == last]
'''
STUB = {
    "rules": [
        {"match": {"label": "look 3"}, "lost": "provider"},
        {"match": {"label": "odd"}, "result": PLANTED},
    ],
    "default": {"result": PLANTED, "latency": 2, "usage": {"input": 900, "output": 90}},
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shop")


@pytest.fixture(scope="module")
def done(shop: Path) -> Run:
    return run_source(SOURCE, shop, stub=STUB, args={"said": PLANTED}, model="anthropic:claude-sonnet-4-5")


@pytest.fixture(scope="module")
def again(shop: Path, done: Run) -> Run:
    return resume_source(done, shop, stub={"default": {"result": SAID}})


@pytest.fixture(scope="module")
def browser(again: Run) -> Iterator[Browser]:
    """Start a browser; runs in this thread are over by then, for it has its event loop."""
    with started() as found:
        yield found


def written(run: Run, path: Path, *, content: bool) -> Path:
    path.write_text("".join(pieces(run.folder, content=content)), encoding="utf-8")
    return path


def test_a_file_answers_as_the_server_does(shop: Path, again: Run) -> None:
    text = "".join(pieces(again.folder, content=True))
    answers, agents = answers_in(text), lines_in(text, "agents")
    with served(shop) as server, client_of(server.address.url, server.address.token) as client:
        at = f"/api/v1/projects/{shop.name}/runs/{again.folder.id}"
        assert client.get(at).json() == answers.pop("run")
        for name, told in answers.items():
            answer = client.get(f"{at}/{name}").json()
            assert (answer[name] if isinstance(told, list) else answer) == told, name
        for one in agents:
            of = f"{at}/agents/{one['id']}"
            assert client.get(of).json() == one["agent"] and client.get(f"{of}/why").json() == one["why"]
            assert client.get(f"{of}/transcript").json()["parts"] == one["transcript"]
            about = client.get(f"{at}/events?agent={one['id']}").text.splitlines()
            assert [json.loads(line)["seq"] for line in about] == one["events"]
        events = [json.loads(line) for line in client.get(f"{at}/events").text.split("\n") if line]
    lines = lines_in(text, "journal")
    assert [event | {"data": 0, "left_out": []} for event in events] == [line | {"data": 0} for line in lines]
    whole = [(event, line) for event, line in zip(events, lines, strict=True) if not event["left_out"]]
    assert all(event["data"] == line["data"] for event, line in whole) and 0 < len(whole) < len(lines)


def test_no_text_of_agents_is_in_a_file_without_content(again: Run) -> None:
    without, whole = (opened("".join(pieces(again.folder, content=content))) for content in (False, True))
    assert [name for name, text in without.items() if SAID in text] == []
    assert {"agents-1", "journal-1", "host_calls", "lost"} <= {name for name, text in whole.items() if SAID in text}
    assert "look 1" in without["run"] and "One of them" in without["findings"] and "agent 1" in without["run"]


def head_of(events: list[tuple[float, Event]]) -> dict[str, Any]:
    state, sums = fold(events), Sums()
    for agent in state.agents.values():
        sums.take(agent, state)
    return {name: value for name, value in head(state, sums, "run").items() if name != "questions"}


def test_what_is_left_of_events_is_the_same_run(again: Run) -> None:
    events = again.folder.events()
    for count in range(1, len(events) + 1, 5):
        whole, left = (head_of(told(events[:count], content=content)) for content in (True, False))
        assert whole == left


def test_each_event_is_listed_by_the_fields_that_stay() -> None:
    """What is not listed is left out; an event without a line would be a mistake that no file may hide."""
    assert {*get_args(Event)} <= {*HARMLESS}
    for kind, names in HARMLESS.items():
        assert {*names.split()} <= {field.name for field in fields(kind)}, kind


def tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name).click()


@pytest.mark.slow
def test_a_browser_shows_it_from_disk(browser: Browser, again: Run, tmp_path: Path) -> None:
    with opening(browser, written(again, tmp_path / "whole.html", content=True)) as page:
        expect(page.get_by_role("complementary", name="This file")).not_to_contain_text("not in this file")
        page.get_by_role("row", name="look 1").click()
        panel = page.get_by_role("tabpanel")
        expect(panel).to_contain_text(SAID)
        shown = {"Prompt": PLANTED, "Cost": "On record", "Why": "Call path", "Events": "agent called"}
        for name, said in shown.items():
            tab(page, name)
            expect(panel).to_contain_text(said)
        page.reload()
        expect(panel).to_contain_text("agent called")
        page.get_by_role("link", name="Script").click()
        expect(page.get_by_role("region", name="Source")).to_contain_text("query=said")
        page.go_back()
        expect(panel).to_contain_text("agent called")
        page.get_by_role("button", name="Search all").click()
        page.get_by_role("searchbox", name="Words").fill(f"{SAID} 2")
        page.get_by_role("dialog").get_by_role("link").first.click()
        expect(page.get_by_role("region", name="Agent", exact=True)).to_contain_text("look 2")
        page.get_by_role("link", name="Analyse").click()
        expect(page.get_by_text("on another model is not in this file")).to_be_visible()
        with page.expect_download() as saved:
            page.get_by_role("button", name="Save the journal").click()
        lines = saved.value.path().read_text(encoding="utf-8").split("\n")
        assert [json.loads(line)["seq"] for line in lines if line] == [*range(1, len(again.folder.events()) + 1)]
        assert page.title() != "planted"


@pytest.mark.slow
def test_a_file_says_what_it_leaves_out_and_when_it_was_written(browser: Browser, done: Run, tmp_path: Path) -> None:
    events = done.folder.events()
    with done.folder.locked():  # as if it went on
        text = "".join(pieces(done.folder, events[: len(events) // 2]))
    (tmp_path / "part.html").write_text(text, encoding="utf-8")
    with opening(browser, tmp_path / "part.html") as page:
        note = page.get_by_role("complementary", name="This file")
        expect(note).to_contain_text("The run went on then, and is shown as it stood.")
        expect(note).to_contain_text("not in this file")
        page.get_by_role("row", name="look 1").click()
        expect(page.get_by_role("tabpanel")).to_contain_text("not in this file")
        assert page.get_by_role("link", name="Runs").count() == page.get_by_role("button", name="Pause").count() == 0
