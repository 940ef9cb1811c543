"""A run in forms that others read; its agents say what would harm a reader that obeys them."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from below import Asked, Caller, lead_harness
from command import weft
from exported import answers_in, lines_in, opened
from markdown_it import MarkdownIt
from running import resume_source, run_source
from trace_reader import read_trace

from weft.primitives.lost import Spent
from weft.runtime.analysis.analysis import analysed
from weft.runtime.analysis.classed import classed
from weft.runtime.execution.card import card
from weft.runtime.exporting.markdown import markdown
from weft.runtime.exporting.otlp import spans_of
from weft.runtime.exporting.perfetto import perfetto
from weft.runtime.exporting.rows import COLUMNS, CONTENT, agent_row
from weft.runtime.exporting.when import Wall
from weft.runtime.journal import fold
from weft.runtime.journal.events import Steered
from weft.runtime.project.folders import Project
from weft.runtime.serving.onefile import page
from weft.runtime.views.analysis import analysis_page

HARM = "</script><script>window.XSS=1</script><img src=//evil.example/x onerror=XSS()>\x1b[2J\u202e \u2028`````"
SECRET = "very-secret-value-0123456789"
RUN = """
async def check(one):
    return await agent(f"check this claim: {one}", label="check")


async def main(args):
    phase("Find")
    found = await parallel([agent(f"the hidden prompt {n}", label=args["harm"] if n == 0 else None) for n in range(3)])
    finding({"claim": args["harm"]})
    phase("Verify")
    return await pipeline([one for one in found if one], check)
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exported")
    rules: list[dict[str, Any]] = [
        {"match": {"prompt": "prompt 2"}, "lost": "provider", "latency": 1},
        {"match": {"prompt": "prompt 0"}, "result": f"the hidden answer {HARM}", "latency": 2},
        {"match": {"prompt": "prompt 1"}, "result": "another hidden answer", "latency": 4, "usage": {"input": 10}},
        {"match": {"label": "^check$"}, "result": HARM, "latency": 3},
    ]
    run_source(RUN, folder, args={"harm": HARM}, stub={"rules": rules})
    return folder


def exported(project: Path, form: str, *more: str) -> str:
    done = weft(project, "export", "@last", "--format", form, "--out", "-", *more)
    assert done.code == 0, done.err
    return done.out


class Reader(HTMLParser):
    """Reads a page as a browser does, as far as that is what counts here."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inside: dict[str, list[str]] = {"script": [], "style": []}
        self.within = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.within = tag
        if tag in self.inside:
            self.inside[tag].append("")

    def handle_endtag(self, tag: str) -> None:
        self.within = ""

    def handle_data(self, data: str) -> None:
        if self.within in self.inside:
            self.inside[self.within][-1] += data


def test_the_page_is_one_file_in_which_nothing_of_agents_is_obeyed(project: Path) -> None:
    text = exported(project, "html", "--content")
    reader = Reader()
    reader.feed(text)
    scripts, (style,) = reader.inside["script"], reader.inside["style"]
    assert [tag for tag, _ in reader.tags if tag in ("img", "link", "iframe", "object", "form", "base")] == []
    names = [name for _, given in reader.tags for name in given]
    assert [name for name in names if name in ("src", "href", "style") or name.startswith("on")] == []
    policy = next(given["content"] for _, given in reader.tags if given.get("http-equiv"))
    hashes = [base64.b64encode(hashlib.sha256(part.encode()).digest()).decode() for part in (scripts[0], style)]
    allowed = "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'".format(*hashes)
    assert policy == f"{allowed}; img-src data:; base-uri 'none'; form-action 'none'"
    assert {given["type"] for tag, given in reader.tags if tag == "script"} == {"module", "application/json"}
    first, *_ = lines_in(text, "agents")
    assert first["agent"]["result"] == f"the hidden answer {HARM}" and answers_in(text)["findings"] == [{"claim": HARM}]
    assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2028]", text)


def test_content_is_there_only_where_it_is_asked_for(project: Path) -> None:
    # What the harness is, what it has published and what it returned is no content of agents.
    for form in ("html", "md", "jsonl", "perfetto"):
        without, whole = exported(project, form), exported(project, form, "--content")
        if form == "html":
            without, whole = ("\n".join(opened(text).values()) for text in (without, whole))
        assert not re.search(r"hidden answer|hidden prompt \d|check this claim: [^{]", without)
        assert "hidden answer" in whole


def test_what_was_lost_asked_and_told_is_content_too(tmp_path: Path) -> None:
    source = """
async def main(args):
    said = args["said"]
    await agent(said, schema={"type": "integer"})
    await tool("read_file", path=said)
    await ask(f"{said}?", default=said, timeout=60)
"""
    done = run_source(source, tmp_path, args={"said": "whispered"}, stub={"default": {"result": "whispered"}})
    told = Steered(verb="answer", detail="whispered", reason="whispered", by="somebody")
    events = [*done.folder.events()[:-1], (done.state.at, told), done.folder.events()[-1]]
    for form in ("md", "jsonl", "perfetto"):
        assert "whispered" not in exported(tmp_path, form) and "whispered" in exported(tmp_path, form, "--content")
    without, whole = ("".join(span.to_json() for span in spans_of(events, content=one)) for one in (False, True))
    assert "whispered" not in without and "whispered" in whole and "weft.answer" in without


def test_lines_have_the_documented_columns(project: Path) -> None:
    rows = [json.loads(line) for line in exported(project, "jsonl").splitlines()]
    assert [set(row) for row in rows] == [set(COLUMNS)] * 5
    assert [(row["state"], row["lost"], row["queued_s"], row["ended_s"]) for row in rows[:3]] == [
        ("done", None, 0, 2),
        ("done", None, 0, 4),
        ("lost", "provider", 0, 1),
    ]
    assert (rows[1]["label"], rows[1]["input_tokens"], rows[3]["phase"]) == ("agent 1", 10, "Verify")
    whole = [json.loads(line) for line in exported(project, "jsonl", "--content").splitlines()]
    assert set(whole[0]) == {*COLUMNS, *CONTENT} and whole[1]["prompt"] == "the hidden prompt 1"


def test_a_trace_has_tracks_without_overlaps_and_arrows_that_meet(project: Path) -> None:
    events = json.loads(exported(project, "perfetto"))["traceEvents"]
    spans = [one for one in events if one["ph"] == "X" and one["cat"] == "agent"]
    assert [(one["ts"], one["dur"]) for one in spans if one["args"]["phase"] == "Verify"] == [(4e6, 3e6), (4e6, 3e6)]
    _, arrows = read_trace({"traceEvents": events})
    assert {after for _, after in arrows.values()} == {"check"} and len(arrows) == 2
    starts = [one for one in events if one["ph"] == "s"]
    names = {one["pid"]: one["args"]["name"] for one in events if one["name"] == "process_name"}
    assert list(names.values()) == ["test", "Find", "Verify"]
    assert {names[one["pid"]] for one in starts} == {"Find"}
    at_work = [one["args"]["agents at work"] for one in events if one["name"] == "agents at work"]
    assert max(at_work) == 3 and at_work[-1] == 0


def test_what_agents_ask_is_in_traces_too(tmp_path: Path) -> None:
    async def lead(at: Caller) -> str:
        return await at.spawn("one")

    done = run_source(lead_harness(), tmp_path, agents=Asked(lead=lead))
    events = done.folder.events()
    slices, _ = read_trace(perfetto(events, done.state))
    assert sorted(one["name"] for one in slices if one["cat"] == "agent") == ["agent 1000000", "lead"]
    below, _, above, _ = spans_of(events, content=False)
    assert below.parent is not None and above.context is not None and below.parent.span_id == above.context.span_id


def test_the_report_says_what_was_lost_and_what_each_phase_took(project: Path) -> None:
    text = exported(project, "md")
    assert "## What was lost" in text and "| Find | 3 | 2 | 1 | 0 | 10 |" in text and "## Findings" in text
    assert "``````text" in text  # longer than the ticks in what was found


FORGED = (
    "x | y\n\n# Head\n```\n~~~\n</details><script>1</script> [a](javascript:x) ![i](http://e/x.png) &lt; _u_ 1. \n- z"
)


def test_nothing_in_a_report_is_marked_up_by_what_agents_say(tmp_path: Path) -> None:
    source = f"""
H = {FORGED!r}


async def main(args):
    phase(H)
    a = await parallel([agent(H + str(n), label=H) for n in range(2)])
    finding({{H: H}})
    log(H)
    return args["result"]
"""
    rules = [{"match": {"prompt": "1$"}, "lost": "provider"}, {"match": {}, "result": FORGED}]
    cases: list[tuple[Any, list[str]]] = [
        ({FORGED: FORGED}, []),
        (f"<b>{FORGED}", []),
        ("# Its own\n\n~~~\n<T>", ["Its own"]),
    ]
    for result, own in cases:
        done = run_source(source, tmp_path, args={"result": result}, stub={"rules": rules})
        text = markdown(done.state, content=True)
        tokens = MarkdownIt("commonmark").enable("table").parse(text)
        inline = [child for token in tokens for child in token.children or []]
        assert {token.type for token in [*tokens, *inline]} & {
            "html_block",
            "html_inline",
            "link_open",
            "image",
        } == set()
        titles = [after.content for token, after in pairwise(tokens) if token.type == "heading_open"]
        expected = ["test", "What was lost", "Fan-outs", "Result", *own, "Log", "Run", "Phases", "Findings", "Agents"]
        assert [title for title in titles if title[0] not in "01"] == expected and len(titles) == len(expected) + 2


def test_secrets_are_masked(project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # The run could not know that this is one.
    source = f"async def main(args):\n    return await agent('say {SECRET}', label='{SECRET}')\n"
    run_source(source, tmp_path, stub={"rules": [{"match": {}, "result": SECRET}]})
    for form in ("html", "md", "jsonl", "perfetto"):
        done = weft(tmp_path, "export", "@last", "--format", form, "--content", "--out", "-", MY_API_KEY=SECRET)
        text = "\n".join(opened(done.out).values()) if form == "html" else done.out
        assert done.code == 0 and SECRET not in done.out + text and "***" in text, form


def test_one_command_writes_runs_and_harnesses_and_overwrites_nothing(project: Path, tmp_path: Path) -> None:
    run = Project(project).runs()[-1].id
    first = weft(project, "export", run, "--format", "md", "--json")
    assert first.code == 0 and first.json["path"] == f"{run}.md" and (project / f"{run}.md").is_file()
    again = weft(project, "export", run, "--format", "md")
    assert again.code == 2 and "there already" in again.err
    without = weft(project, "export", run)
    assert without.code == 2 and "--format" in without.err
    assert weft(project, "export", run, "a", "--out", "b", "--format", "md").code == 2
    assert weft(project, "export", run, "--content").code == 2


def test_resumed_and_empty_runs_can_be_exported(tmp_path: Path) -> None:
    lost = {"rules": [{"match": {"prompt": "prompt 1"}, "lost": "provider"}]}
    done = run_source(RUN, tmp_path, args={"harm": "none"}, stub=lost)
    resume_source(done, tmp_path)
    for form in ("html", "md", "jsonl", "perfetto"):
        assert exported(tmp_path, form)
    rows = [json.loads(line) for line in exported(tmp_path, "jsonl").splitlines()]
    assert {row["reused"] for row in rows if row["phase"] == "Find"} == {True, False}
    run_source("async def main(args):\n    pass\n", tmp_path)
    assert [exported(tmp_path, form)[:1] for form in ("html", "md", "jsonl", "perfetto")] == ["<", "#", "", "{"]


def test_a_notebook_shows_a_card_that_obeys_nothing(project: Path) -> None:
    folder = Project(project).runs()[-1]
    state = folder.state()
    shown = card(state)
    assert "completed, degraded" in shown and not re.search(r"<(?!/?(div|p|strong|br|ul|li|pre)>)", shown)
    assert "&lt;script&gt;" in shown and "\x1b" not in shown


def test_a_journal_that_ends_anywhere_can_be_read(project: Path) -> None:
    """As of a run that goes on, or was killed; whatever is open then is as long as what is known of the run."""
    folder = Project(project).runs()[-1]
    events = folder.events()
    for count in range(1, len(events) + 1):
        state = fold(events[:count])
        found = analysed(events[:count], state)
        assert sum(found.critical.spent.values()) == pytest.approx(found.work.seconds)
        assert analysis_page(found, state) and perfetto(events[:count], state)
    for count in range(1, len(events), len(events) // 6):
        assert len(lines_in("".join(page(folder, events[:count])), "journal")) == count


def test_what_a_fallback_cost_is_booked_under_its_own_name(tmp_path: Path) -> None:
    done = run_source(
        "async def main(args):\n    return await agent('x')\n", tmp_path, stub={"default": {"result": "x"}}
    )
    agent = done.state.agents[0]
    own, other = Spent(100, 10, 0.5), Spent(200, 20, 0.25)
    agent.by_model, agent.spent = {"anthropic:one": own, "openai:two": other}, own + other
    assert {row.model: row.spent for row in classed([agent])} == agent.by_model
    assert done.state.started is not None
    row = agent_row(agent, done.state, Wall(done.state.started, 0.0))
    assert (row["usd"], row["by_model"]) == (0.75, {"anthropic:one": 0.5, "openai:two": 0.25})
