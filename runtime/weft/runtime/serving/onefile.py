"""A run as one file that a browser opens from disk: the dashboard, with the answers of its API and the journal in it.

Each answer is a block of compressed JSON, which the page opens when it is asked for; those of agents, and the journal,
are in blocks of several lines, named by the number of the first. The page is written block by block, for a large run
must not be in memory once more. The browser executes the one script whose hash the policy names, and fetches nothing.
"""

from __future__ import annotations

import gzip
import json
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from string import Template
from typing import Any

from weft.runtime.analysis.analysis import analysed
from weft.runtime.execution.result import result_object
from weft.runtime.journal import RunState
from weft.runtime.journal.codec import as_line
from weft.runtime.journal.compare import explained
from weft.runtime.journal.events import Event
from weft.runtime.journal.withheld import told, without_content
from weft.runtime.plain import verbatim
from weft.runtime.project.config import read_config
from weft.runtime.project.folders import RunFolder
from weft.runtime.serving.feeds import Feed, told_of
from weft.runtime.serving.projects import projects_of
from weft.runtime.serving.told import LISTED, as_bytes, cost_object, script_object
from weft.runtime.views.analysis import analysis_object
from weft.runtime.views.data import agent_object
from weft.runtime.views.resume import explanation_object

__all__ = ["page"]

STATIC = Path(__file__).parent / "static"
BLOCK = 256_000
"""From how many bytes on lines are a block of their own."""

HEAD = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="$policy">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Weft</title>
<style>$style</style>
<script type="module">$script</script>
</head>
<body>
<div id="app"></div>
<noscript>This page needs JavaScript; nothing in it comes from elsewhere.</noscript>
""")
NOWHERE = "img-src data:; base-uri 'none'; form-action 'none'"

Events = Sequence[tuple[float, Event]]


class _Moment(RunFolder):
    """A run as it stands at one moment, by the events that may be told."""

    def __init__(self, folder: RunFolder, events: list[tuple[float, Event]], *, alive: bool) -> None:
        super().__init__(folder.path)
        self._events = events
        self._alive = alive

    @property
    def alive(self) -> bool:
        """Whether a process executed the run at that moment."""
        return self._alive

    def events(self, *, after: int = 0, most: int | None = None) -> list[tuple[float, Event]]:
        """Return what may be told, and when it happened."""
        return self._events[after:] if most is None else self._events[after : after + most]


def page(folder: RunFolder, events: Events | None = None, *, content: bool = False) -> Iterator[str]:
    """Yield the page of a run, piece by piece.

    Args:
        folder: The run.
        events: Its journal as far as it is told; all of it without.
        content: Whether what agents were told and have said is in it.

    Raises:
        JournalError: the journal cannot be read.
    """
    alive = folder.alive
    whole = list(folder.events() if events is None else events)
    may_be_told = told(whole, content=content)
    moment = _Moment(folder, may_be_told, alive=alive)
    project = folder.path.parents[2]
    feed = Feed(moment)
    yield _head()
    yield _block("run", feed.snapshot())
    with feed.state() as state:
        about = {
            "project": next(iter(projects_of([project]))),
            "run": folder.id,
            "written_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "going": state.outcome == "running",
            "content": content,
        }
        yield f'<script type="application/json" id="file">{_harmless(as_bytes(about).decode())}</script>\n'
        for name, answer in _answers(may_be_told, state, project):
            yield _block(name, _compressed(as_bytes(answer)))
        yield from _blocks("agents", _agents(may_be_told, state))
    yield from _blocks("journal", _journal(whole, content=content))
    yield "</body>\n</html>\n"


def _head() -> str:
    """Return the page up to its answers: style and script are those of the dashboard."""
    style, script = (_harmless((STATIC / f"pages.{kind}").read_text(encoding="utf-8")) for kind in ("css", "js"))
    allowed = f"default-src 'none'; script-src {_hashed(script)}; style-src {_hashed(style)}"
    return HEAD.substitute(policy=f"{allowed}; {NOWHERE}", style=style, script=script)


def _harmless(text: str) -> str:
    """Return a style, a script or JSON in which nothing ends its element, and every letter can be seen.

    What is escaped stands in texts alone, where its escape means the same.
    """
    return re.sub(r"<(?=/(?:script|style)|!--|script)", r"\\u003c", verbatim(text), flags=re.IGNORECASE)


def _hashed(text: str) -> str:
    """Return what lets a browser take exactly this text in the place of the policy."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _compressed(data: bytes) -> bytes:
    return gzip.compress(data, 6, mtime=0)


def _block(name: str, compressed: bytes) -> str:
    return f'<script type="application/json" id="told-{name}">"{b64encode(compressed).decode()}"</script>\n'


def _blocks(name: str, lines: Iterable[tuple[int, Any]]) -> Iterator[str]:
    """Yield lines of JSON as blocks, each named by the number of its first."""
    first, data = 0, bytearray()
    for number, line in lines:
        first = first if data else number
        data += as_bytes(line) + b"\n"
        if len(data) >= BLOCK:
            yield _block(f"{name}-{first}", _compressed(bytes(data)))
            data.clear()
    if data:
        yield _block(f"{name}-{first}", _compressed(bytes(data)))


def _answers(events: list[tuple[float, Event]], state: RunState, project: Path) -> Iterator[tuple[str, Any]]:
    """Yield what is asked of a run as a whole, by the ends of the addresses."""
    yield "result", result_object(state)
    yield "script", script_object(state)
    yield "cost", cost_object(state, read_config(project))
    yield "analysis", analysis_object(analysed(events, state), state)
    for name, listed in LISTED.items():
        yield name, listed(state)


def _agents(events: list[tuple[float, Event]], state: RunState) -> Iterator[tuple[int, Any]]:
    """Yield agents by number, each with its transcript, why it was asked, and the numbers of the events about it."""
    about: dict[int, list[int]] = {}
    for seq, (_, event) in enumerate(events, start=1):
        for number in told_of(event):
            about.setdefault(number, []).append(seq)
    whys = explained(events, state)
    for number, agent in sorted(state.agents.items()):
        parts = [] if agent.finished is None else list(agent.finished.transcript)
        why = explanation_object(whys[number])
        one = {"id": number, "agent": agent_object(agent), "transcript": parts, "why": why}
        yield number, {**one, "events": about.get(number, [])}


def _journal(events: Events, *, content: bool) -> Iterator[tuple[int, Any]]:
    """Yield the events of a run by number, in the form of the API; long values stand in their places."""
    for seq, (at, whole) in enumerate(events, start=1):
        event, left_out = (whole, []) if content else without_content(whole)
        data = json.loads(as_line(at, event))["data"]
        yield seq, {"seq": seq, "at": at, "type": event.type, "data": data, "left_out": left_out}
