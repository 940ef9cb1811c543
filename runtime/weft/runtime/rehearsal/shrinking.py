"""From a run that broke a harness to the smallest one that does: as few made-up answers as will do, each as plain as it
can be, as a stub file with which anybody sees it break (`weft run FILE --agents stub:…`)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from weft.primitives.calls import Question, ToolCall
from weft.runtime.journal.events import HostAnswered, HostCalled
from weft.runtime.rehearsal.answering import Answer, Lost, Seat, ToolTwist
from weft.runtime.rehearsal.knowledge import Knowledge
from weft.runtime.rehearsal.manner import Manner
from weft.runtime.rehearsal.playing import Played, Stage
from weft.runtime.schemas.fitting import misfit

__all__ = ["fault_of", "shrunk", "stub_of"]

MOST_TRIES = 40
"""How many runs are played to make one smaller."""


def fault_of(played: Played) -> tuple[int | None, str, str] | None:
    """Return what tells one fault from another: where, of which kind, and which error."""
    problem = played.problem
    return None if problem is None else (problem.line, problem.type, problem.message.partition(":")[0])


async def shrunk(stage: Stage, played: Played, known: Knowledge) -> tuple[Played, list[Answer]]:
    """Return a run with the same fault in which as few agents as will do answer otherwise than with the shortest.

    With it those answers. All are left in where even the shortest take long to break it.
    """
    shrinking = _Shrinking(stage, played, known)
    if not (played.stopped or played.endless):
        await shrinking.drop()
        await shrinking.simplify()
    return shrinking.best, [answer for answer in _in_order(shrinking.best.answers) if shrinking.kept(answer)]


Recalled = Sequence[tuple[ToolCall, Any]]
"""See `Played.recalled`."""


def _recalling(facts: Recalled) -> ToolTwist | None:
    """Give the harness these facts, one after the other where it asks for the same again; `None` where there are none.

    Agents that give their shortest answer remember nothing.
    """
    left = [*facts]

    def give(call: ToolCall) -> Any:
        index = next((index for index, (asked, _) in enumerate(left) if asked == call), None)
        return None if index is None else left.pop(index)[1]

    return give if left else None


class _Shrinking:
    def __init__(self, stage: Stage, played: Played, known: Knowledge) -> None:
        self.best = played
        self._fault = fault_of(played)
        self._stage = stage
        self._known = known
        self._asked = {answer.seat: answer for answer in played.answers}
        self._instead: dict[Seat, Any] = {seat: answer.value for seat, answer in self._asked.items()}
        self._facts: Recalled = played.recalled
        self._left = MOST_TRIES
        self._manner = Manner(
            name=played.manner.name,
            style="least",
            choice=played.manner.choice,
            tools_fail=played.manner.tools_fail,
            saved_fail=played.manner.saved_fail,
        )

    def kept(self, answer: Answer) -> bool:
        """Whether it is one of those that are needed."""
        return answer.seat in self._instead

    async def drop(self) -> None:
        """Leave facts out, and answers, halves first, whose agents then give the shortest that fits."""
        if self._facts and not await self._try(self._instead, []):
            for recalled in [*self._facts]:
                await self._try(self._instead, [one for one in self._facts if one is not recalled])
        size = len(self._instead)
        while size and self._left:
            seats = list(self._instead)
            for first in range(0, len(seats), size):
                out = set(seats[first : first + size])
                await self._try({seat: value for seat, value in self._instead.items() if seat not in out})
            size //= 2

    async def simplify(self) -> None:
        """Make the facts and the answers that are left plainer."""
        if self._facts:
            await self._try(self._instead, [(call, known[:1]) for call, known in self._facts])
            plain = [(call, [{**fact, "value": ""} for fact in known]) for call, known in self._facts]
            await self._try(self._instead, plain)
        for seat in list(self._instead):
            schema = self._asked[seat].called.request.schema
            for plainer in _plainer(self._instead[seat]):
                fits = schema is None or isinstance(plainer, Lost) or await misfit(plainer, schema) is None
                if fits and await self._try({**self._instead, seat: plainer}):
                    break

    async def _try(self, instead: dict[Seat, Any], facts: Recalled | None = None) -> bool:
        if not self._left:
            return False
        self._left -= 1
        facts = self._facts if facts is None else facts
        played = await self._stage.play(self._manner, self._known, instead=instead, tools=_recalling(facts))
        if fault_of(played) != self._fault:
            return False
        self.best, self._instead, self._facts = played, instead, facts
        return True


def _plainer(value: Any) -> Iterator[Any]:
    """Yield plainer values, the plainest first."""
    if isinstance(value, Lost) and value != Lost():
        yield Lost()
    if isinstance(value, list):
        if value:
            yield []
            yield value[:1]
            yield from ([plain] for plain in _plainer(value[0]))
    elif isinstance(value, dict):
        every = {name: next(_plainer(part), part) for name, part in value.items()}
        yield every
        for name, part in value.items():
            yield from ({**value, name: plain} for plain in _plainer(part))
    elif isinstance(value, str) and value:
        yield ""
        yield value[:1]


def stub_of(played: Played, needed: Sequence[Answer]) -> dict[str, Any]:
    """Return the answers of a run as a stub file; of agents none but those needed, all others give the shortest.

    Those that are asked the same are told apart by which comes first, so they are all there.
    """
    asked = {_asked(answer) for answer in needed}
    agents = [_rule(answer) for answer in _in_order(played.answers) if _asked(answer) in asked]
    return {"rules": [*agents, *_of_host(played)], "default": {"from_schema": True}}


def _in_order(answers: Sequence[Answer]) -> list[Answer]:
    return sorted(answers, key=lambda answer: answer.called.id)


def _asked(answer: Answer) -> tuple[str, str | None]:
    return answer.called.request.prompt, answer.called.request.label


def _rule(answer: Answer) -> dict[str, Any]:
    request, value = answer.called.request, answer.value
    match = {"prompt": _exactly(request.prompt)}
    if request.label is not None:
        match["label"] = _exactly(request.label)
    said = {"lost": value.cause} if isinstance(value, Lost) else {"result": answer.delivered}
    return {"match": match, "times": 1, **said}


def _of_host(played: Played) -> Iterator[dict[str, Any]]:
    """Yield rules for the questions that a person answered, the tools that failed, and the facts that were recalled."""
    called = {event.id: event.request.call for event in played.events if isinstance(event, HostCalled)}
    for event in played.events:
        if not isinstance(event, HostAnswered) or event.id not in called:
            continue
        call = called[event.id]
        if isinstance(call, Question) and event.by == "script":
            yield {"match": {"ask": _exactly(call.text)}, "times": 1, "result": event.value}
        elif isinstance(call, ToolCall) and event.lost is not None and played.manner.tools_fail:
            yield {**_of_tool(call), "lost": event.lost.cause}
    for call, facts in played.recalled:
        yield {**_of_tool(call), "result": facts}


def _of_tool(call: ToolCall) -> dict[str, Any]:
    arguments = json.dumps(call.arguments, ensure_ascii=False)
    return {"match": {"tool": _exactly(f"{call.name} {arguments}")}, "times": 1}


def _exactly(text: str) -> str:
    return f"^{re.escape(text)}$"
