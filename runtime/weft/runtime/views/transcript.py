"""What an agent and its model said to each other, for people; and what was said in a run that has some words.

All of it was made fit to be recorded, without secrets; it is shown when somebody asks for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from weft.primitives.independence import source_of
from weft.runtime.journal.agentstate import AgentState
from weft.runtime.journal.fold import RunState
from weft.runtime.journal.hoststate import HostCallState
from weft.runtime.outline import flat
from weft.runtime.page import Block, line
from weft.runtime.plain import plain

__all__ = ["Hit", "hits_in", "hits_object", "hits_page", "touched_rows", "transcript_page"]

MOST_PARTS = 100
"""Parts of a transcript on one page."""
FOLDED = 8
"""Lines that are shown of what a tool returned."""
LONGEST_LINE = 400
MOST_HITS = 100
"""Places that one search shows."""
MOST_OF_ONE = 5
"""How many of these are of one agent or call."""
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

    id: int
    """Of the agent, or the call of the host."""
    label: str
    where: str
    """`prompt`, `result`, `transcript 3`, …"""
    text: str
    """What stands around the first of the words."""


def hits_in(state: RunState, words: Sequence[str], wanted: int | None = None) -> list[Hit]:
    """Return where texts of a run have all words, in any case: prompts, answers, transcripts, and calls of the host.

    Args:
        state: The run.
        words: What each of them must have.
        wanted: The agent or call, where it is about one.
    """
    sought = [word.lower() for word in words if word.strip()]
    texts = [*map(_of_agent, state.agents.values()), *map(_of_call, state.host_calls.values())]
    return [
        Hit(number, label, where, _around(text, at))
        for number, label, said in sorted(texts, key=lambda entry: entry[0])
        if wanted in (None, number)
        for where, text in said.items()
        if sought and (at := _found(text, sought)) is not None
    ]


def _of_agent(agent: AgentState) -> tuple[int, str, dict[str, str]]:
    request, finished = agent.called.request, agent.finished
    said = {"prompt": request.prompt}
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
    return agent.called.id, request.name, said


def _of_call(call: HostCallState) -> tuple[int, str, dict[str, str]]:
    said = {"request": flat(asdict(call.called.request.call))}
    if call.answered is not None:
        said["result"] = _said(call.answered.value)
    return call.called.id, call.called.request.name, said


def _found(text: str, words: Sequence[str]) -> int | None:
    told = text.lower()
    return told.find(words[0]) if all(word in told for word in words) else None


def _around(text: str, at: int) -> str:
    start, end = max(0, at - AROUND), at + AROUND
    cut = " ".join(text[start:end].split())
    return f"{'… ' if start else ''}{cut}{' …' if end < len(text) else ''}"


def _shown(hits: Sequence[Hit]) -> list[Hit]:
    """Return those that are shown: of each agent or call some."""
    counts: dict[int, int] = {}
    shown: list[Hit] = []
    for hit in hits:
        counts[hit.id] = counts.get(hit.id, 0) + 1
        if counts[hit.id] <= MOST_OF_ONE and len(shown) < MOST_HITS:
            shown.append(hit)
    return shown


def hits_page(hits: Sequence[Hit], run: str, *, alone: bool) -> list[Block]:
    """Return what was found; of one agent or call alone all of it."""
    shown = list(hits[:MOST_HITS]) if alone else _shown(hits)
    page: list[Block] = []
    latest: int | None = None
    for hit in shown:
        if hit.id != latest:
            page.append(line(f"{run}/{hit.id}  ", (plain(hit.label), "strong")))
        latest = hit.id
        page.append(line((f"  {hit.where}: ", "dim"), plain(hit.text), hang=4))
    number = len({hit.id for hit in hits})
    found = f"{len(hits)} place{'s' * (len(hits) != 1)} in {number} agent{'s' * (number != 1)} or calls"
    if len(shown) < len(hits):
        more = "give more words" if alone else f"weft search {run}/AGENT has those of one"
        page.append(f"{len(shown)} of {found} are shown; {more}")
    else:
        page.append(f"all of {found}" if hits else "nothing has all of these words")
    return page


def hits_object(hits: Sequence[Hit], run: str, *, alone: bool) -> dict[str, Any]:
    """Return the same as JSON data."""
    shown = list(hits[:MOST_HITS]) if alone else _shown(hits)
    return {
        "run": run,
        "total": len(hits),
        "complete": len(shown) == len(hits),
        "found": [asdict(hit) for hit in shown],
    }
