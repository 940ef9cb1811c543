"""What an agent and its model said to each other, for people; and what was said in a run that has some words.

All of it was made fit to be recorded, without secrets; it is shown when somebody asks for it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from operator import itemgetter
from typing import Any

from weft.primitives.independence import source_of
from weft.runtime.journal.agentstate import AgentState
from weft.runtime.journal.fold import RunState
from weft.runtime.journal.hoststate import HostCallState
from weft.runtime.outline import flat
from weft.runtime.page import Block, line
from weft.runtime.plain import plain

__all__ = [
    "Hit",
    "Sought",
    "Texts",
    "hits_in",
    "hits_object",
    "hits_page",
    "texts_of",
    "touched_rows",
    "transcript_page",
]

MOST_PARTS = 100
"""Parts of a transcript on one page."""
FOLDED = 8
"""Lines that are shown of what a tool returned."""
LONGEST_LINE = 400
MOST_HITS = 100
"""Places that one search shows."""
MOST_OF_ONE = 5
"""How many of these are of one agent or call."""
MOST_FOUND = 1_000
"""After how many places a search that may not take long ends."""
LONGEST_TEXT = 2_000_000
"""How many characters of one text are searched."""
AROUND = 100
"""Characters that are shown before and after what was found."""


def transcript_page(agent: AgentState, first: int = 1) -> list[Block]:
    """Return the parts of a conversation from one on; what tools returned is folded, unless that is the one."""
    parts = agent.transcript
    name = line(f"agent {agent.called.id}  ", (plain(agent.called.request.name), "strong"))
    if not parts:
        return [name, f"there is no transcript: the agent {_why_none(agent)}"]
    page: list[Block] = [name]
    for number, part in enumerate(parts[first - 1 : first - 1 + MOST_PARTS], start=first):
        kind, tool = plain(str(part.get("part"))), plain(str(part.get("tool_name", "")))
        page += ["", line((f"{number}  {kind}", "dim"), *([f"  {tool}"] if tool else []))]
        folded = kind == "tool-return" and number != first
        page += _lines(part, number, FOLDED if folded else None)
    last = min(len(parts), first - 1 + MOST_PARTS)
    if last < len(parts):
        page += ["", f"parts {first} to {last} of {len(parts)}; --from {last + 1} goes on"]
    return page


def _why_none(agent: AgentState) -> str:
    ended = agent.finished is not None or agent.lost is not None
    return "has none on record" if ended else f"has not answered yet ({agent.standing})"


def _lines(part: dict[str, Any], number: int, most: int | None) -> Iterator[Block]:
    rows = _text(part).split("\n")
    for row in rows[:most]:
        cut = most is not None and len(row) > LONGEST_LINE
        yield line(f"    {plain(row[:LONGEST_LINE] + ' …' if cut else row)}", hang=4)
    if most is not None and len(rows) > most:
        more = len(rows) - most
        them = f"lines; --from {number} shows them" if more > 1 else f"line; --from {number} shows it"
        yield line((f"    … {more:,} more {them}", "dim"))


def _text(part: dict[str, Any]) -> str:
    """Return what a part says, without the name of its tool."""
    return "\n".join(_said(part[field]) for field in ("args", "content") if field in part)


def _said(value: Any) -> str:
    return value if isinstance(value, str) else flat(value)


def touched_rows(touched: Iterable[str]) -> list[Block]:
    """Return what tools opened, asked and did, by source: the lines of a file together."""
    by_source: dict[str, list[str]] = {}
    for place in touched:
        source = source_of(place)
        by_source.setdefault(source, []).append(place[len(source) :].removeprefix(":"))
    rows: list[Block] = []
    for source, lines in by_source.items():
        ranges = ", ".join(filter(None, lines))
        rows.append(line(f"  {plain(source)}", (f"  {ranges}" if ranges else "", "dim"), hang=4))
    return rows


# ------------------------------------------------------------------------------------------------ searching


@dataclass(frozen=True, slots=True)
class Hit:
    """A place in a run where all words are."""

    id: int | None
    """Of the agent, or the call of the host; `None` for what the harness itself published or said."""
    label: str
    where: str
    """`label`, `prompt`, `result`, `transcript 3`, `request`; `finding 2` or `log 5` of the harness."""
    text: str
    """What stands around the first of the words."""


@dataclass(slots=True)
class Sought:
    """What a search has found so far."""

    hits: list[Hit] = field(default_factory=list)
    cut: str | None = None
    """Why not all of the run was searched; `None` where it was."""


Texts = tuple[int | None, str, Callable[[], dict[str, str]]]
"""Whose texts: its number, its label, and what gives them by where they stand."""


def texts_of(state: RunState) -> list[Texts]:
    """Return whose texts a run has, the harness's own first; they are not made before they are searched."""
    findings = [(f"finding {number}", _said(data)) for number, data in enumerate(state.findings, start=1)]
    logs = [(f"log {number}", message) for number, (_, message) in enumerate(state.logs, start=1)]
    own: Texts = (None, "", lambda: dict(findings + logs))
    others: list[tuple[int, str, Callable[[], dict[str, str]]]] = [
        *((one.called.id, one.called.request.name, partial(_of_agent, one)) for one in state.agents.values()),
        *((one.called.id, one.called.request.name, partial(_of_call, one)) for one in state.host_calls.values()),
    ]
    return [own, *sorted(others, key=itemgetter(0))]


def hits_in(texts: Iterable[Texts], words: Sequence[str], *, seconds: float | None = None) -> Sought:
    """Find where texts of a run have all words, in any case.

    Args:
        texts: What is searched; see `texts_of`.
        words: What each of them must have.
        seconds: How long that may take; what is found by then is returned, and `cut` says so.
    """
    sought = [word.lower() for word in words if word.strip()]
    found, until = Sought(), None if seconds is None else time.monotonic() + seconds
    for number, label, told in texts if sought else ():
        if until is not None and time.monotonic() > until:
            found.cut = f"it took more than {seconds:g} seconds"
            break
        for where, text in told().items():
            at = _found(text[:LONGEST_TEXT], sought)
            if at is not None:
                found.hits.append(Hit(number, label, where, _around(text, at)))
            elif len(text) > LONGEST_TEXT:
                found.cut = f"of a text only the first {LONGEST_TEXT:,} characters are searched"
        if seconds is not None and len(found.hits) >= MOST_FOUND:
            found.cut = f"there are {MOST_FOUND:,} places or more"
            break
    return found


def _of_agent(agent: AgentState) -> dict[str, str]:
    request, finished = agent.called.request, agent.finished
    said = {"prompt": request.prompt}
    if request.label is not None:
        said = {"label": request.label, **said}
    if request.context is not None:
        said["context"] = _said(request.context)
    if agent.lost is not None:
        said["lost"] = agent.lost.message
    if finished is not None:
        said["result"] = _said(finished.value)
    for number, part in enumerate(agent.transcript, start=1):
        text = _text(part)
        if text not in said.values():  # the prompt is the first part, and the answer the last
            said[f"transcript {number}"] = text
    return said


def _of_call(call: HostCallState) -> dict[str, str]:
    said = {"request": flat(asdict(call.called.request.call))}
    if call.answered is not None:
        said["result"] = _said(call.answered.value)
    return said


def _found(text: str, words: Sequence[str]) -> int | None:
    told = text.lower()
    return told.find(words[0]) if all(word in told for word in words) else None


def _around(text: str, at: int) -> str:
    start, end = max(0, at - AROUND), at + AROUND
    cut = " ".join(text[start:end].split())
    return f"{'… ' if start else ''}{cut}{' …' if end < len(text) else ''}"


def _shown(hits: Sequence[Hit]) -> list[Hit]:
    """Return those that are shown: of each agent or call some."""
    counts: dict[int | None, int] = {}
    shown: list[Hit] = []
    for hit in hits:
        counts[hit.id] = counts.get(hit.id, 0) + 1
        if (hit.id is None or counts[hit.id] <= MOST_OF_ONE) and len(shown) < MOST_HITS:
            shown.append(hit)
    return shown


def hits_page(found: Sought, run: str, *, alone: bool) -> list[Block]:
    """Return what was found; of one agent or call alone all of it."""
    hits = found.hits
    shown = list(hits[:MOST_HITS]) if alone else _shown(hits)
    page: list[Block] = []
    latest: Hit | None = None
    for hit in shown:
        if latest is None or hit.id != latest.id:
            page.append(line(run if hit.id is None else f"{run}/{hit.id}  ", (plain(hit.label), "strong")))
        latest = hit
        page.append(line((f"  {hit.where}: ", "dim"), plain(hit.text), hang=4))
    number = len({hit.id for hit in hits if hit.id is not None})
    told = f"{len(hits)} place{'s' * (len(hits) != 1)} in {number} agent{'s' * (number != 1)} or calls"
    if len(shown) < len(hits):
        more = "give more words" if alone else f"weft search {run}/AGENT has those of one"
        page.append(f"{len(shown)} of {told} are shown; {more}")
    else:
        page.append(f"all of {told}" if hits else "nothing has all of these words")
    return [*page, *([line((f"not all was searched: {found.cut}", "warning"))] if found.cut else [])]


def hits_object(found: Sought, run: str, *, alone: bool) -> dict[str, Any]:
    """Return the same as JSON data."""
    hits = found.hits
    shown = list(hits[:MOST_HITS]) if alone else _shown(hits)
    return {
        "run": run,
        "total": len(hits),
        "complete": len(shown) == len(hits) and found.cut is None,
        "cut": found.cut,
        "found": [asdict(hit) for hit in shown],
    }
