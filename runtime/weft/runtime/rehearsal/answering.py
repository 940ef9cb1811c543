"""Simulated agents: they answer what they are asked for as a `Manner` says, from what is plausible in a harness."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from weft.primitives.calls import Question, ToolCall
from weft.primitives.lost import Cause, Spent
from weft.runtime.agents.examples import smallest, variety
from weft.runtime.agents.walk import made_up
from weft.runtime.change import Change
from weft.runtime.clock import Clock
from weft.runtime.helping import HostReply, HostRequest
from weft.runtime.journal.events import AgentCalled
from weft.runtime.money.budget import Budget
from weft.runtime.rehearsal.choosing import Saying
from weft.runtime.rehearsal.knowledge import Knowledge, names_in
from weft.runtime.rehearsal.manner import Leaf, Manner, Site, Spot
from weft.runtime.request import AgentError, AgentReply, AgentRequest
from weft.runtime.schemas.fitting import misfit

__all__ = ["TEXT", "Answer", "Lost", "Seat", "Simulated", "ToolTwist", "Twist", "site_of"]

TEXT = ("text",)
"""The leaf of an answer that is a text and nothing else."""

VARIETY = 12
"""How many answers are made up in another way for a schema that cannot be walked through."""


@dataclass(frozen=True, slots=True)
class Lost:
    """In place of an answer: the agent is lost."""

    cause: Cause = "provider"


Seat = tuple[str, int]
"""A call of a run that is found again in another of the same harness: its call path, and which on it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one agent was asked, and what it said."""

    called: AgentCalled
    seat: Seat
    value: Any
    """Or `Lost`."""
    seconds: float
    """How long it took, on the virtual clock."""


Twist = Callable[[AgentCalled, Any], Any]
"""Puts another answer, or `Lost`, in place of one."""

ToolTwist = Callable[[ToolCall], Any]
"""Gives the answer, or `Lost`, of a tool that the harness calls itself; `None` for what the tool does."""


def site_of(called: AgentCalled) -> Site:
    """Return the place of the harness that asked."""
    text = json.dumps(called.request.schema, sort_keys=True)
    return Site(called.line or 0, hashlib.sha256(text.encode()).hexdigest()[:12])


CHANGE = Change(branch="rehearsal")
"""What an agent with a worktree of its own is taken to have changed."""


class Simulated:
    """Answers agents, and the questions and tools of a harness, in one run."""

    def __init__(
        self,
        manner: Manner,
        known: Knowledge,
        clock: Clock,
        budget: Budget,
        called: Mapping[int, AgentCalled],
        *,
        twist: Twist | None = None,
        tools: ToolTwist | None = None,
        instead: Mapping[Seat, Any] | None = None,
    ) -> None:
        """Prepare to answer.

        Args:
            manner: How agents behave.
            known: What is plausible.
            clock: What they take their time by.
            budget: What they spend from.
            called: What the journal holds of a call, by its number.
            twist: Changes answers.
            tools: Answers in place of tools.
            instead: Answers that are given in place of any others, `Lost` among them.
        """
        self.answers: list[Answer] = []
        self.spots: dict[Leaf, Spot] = {}
        self._manner = manner
        self._known = known
        self._clock = clock
        self._budget = budget
        self._called = called
        self._twist = twist
        self._tools = tools
        self._instead = instead or {}
        self._asked: Counter[str] = Counter()
        self._on_path: Counter[str] = Counter()
        self._seats: dict[int, Seat] = {}

    async def __call__(self, request: AgentRequest) -> AgentReply:
        """Answer after a simulated while.

        Raises:
            AgentError: this agent is one of those to be lost, or nothing fits its schema.
        """
        called = self._called[request.id]
        draw = self._draw(request)
        if request.id not in self._seats:
            self._seats[request.id] = (called.path, self._on_path[called.path])
            self._on_path[called.path] += 1
        seat = self._seats[request.id]
        seconds = draw.uniform(1, 30)
        if self._manner.slow:
            seconds = 1000 / (1 + request.id)
        await self._charged(request.id, seconds)
        value = self._instead[seat] if seat in self._instead else await self._value(called, draw)
        if self._twist is not None:
            value = self._twist(called, value)
        self.answers.append(Answer(called, seat, value, seconds))
        if isinstance(value, Lost):
            raise AgentError(value.cause, "lost in rehearsal")
        return AgentReply(value=value, change=None if request.isolation is None else CHANGE)

    async def _charged(self, agent: int, seconds: float) -> None:
        """Take time, and as much of the budget as each agent costs.

        Raises:
            Pause, AgentError: there is not so much left.
        """
        ceiling, part = self._budget.ceiling, self._manner.charge
        tokens, usd = round(part * (ceiling.tokens or 0)), part * (ceiling.usd or 0)
        reserved = await self._budget.reserve(agent, tokens, usd) if part else None
        try:
            await self._clock.sleep(seconds)
        finally:
            if reserved is not None:
                self._budget.settle(reserved, Spent(tokens, 0, usd))

    def _draw(self, request: AgentRequest) -> Random:
        """Return what decides an answer: the words of the question in any order, and how often it was asked before."""
        words = sorted(f"{request.prompt} {json.dumps(request.context, sort_keys=True)}".split())
        asked = json.dumps([self._manner.seed, request.schema, words], sort_keys=True)
        self._asked[asked] += 1
        return Random(f"{asked}{self._asked[asked]}")

    async def _value(self, called: AgentCalled, draw: Random) -> Any:
        request, manner = called.request, self._manner
        site = site_of(called)
        if site in manner.lose_at or (manner.lose_every and request.id % manner.lose_every == 0):
            return Lost(manner.cause)
        try:
            if manner.style == "least":
                return await smallest(request.schema)
            return await self._said(request, site, draw)
        except ValueError as error:
            raise AgentError("invalid", str(error)) from None

    async def _said(self, request: AgentRequest, site: Site, draw: Random) -> Any:
        names = names_in(f"{request.prompt}\n{json.dumps(request.context, ensure_ascii=False)}")
        saying = Saying(draw, site, self._manner, self._known, names, request.id)
        try:
            if request.schema is None:
                saying.path.extend(TEXT)
                return saying.text(1, None)
            if request.attempt == 1:
                value = made_up(request.schema, saying)
                # Where it is asked again, the run itself finds out whether this fits: checking takes half the time.
                if request.retries or await misfit(value, request.schema) is None:
                    return value
        except (ValueError, RecursionError, OverflowError):
            pass  # what the walk does not understand is found in another way
        finally:
            self.spots.update(saying.spots)
        return draw.choice(await variety(request.schema, VARIETY))

    async def help(self, request: HostRequest) -> HostReply | None:
        """Answer a question, or leave it to its default; let a tool fail, or do what it does.

        Raises:
            AgentError: it is the call of a tool, and tools fail.
        """
        manner, question = self._manner, request.call
        if not isinstance(question, Question):
            if manner.tools_fail:
                raise AgentError("refused", "failed in rehearsal")
            value = None if self._tools is None else self._tools(question)
            if isinstance(value, Lost):
                raise AgentError(value.cause, "failed in rehearsal")
            return None if value is None else HostReply(value=value, by="script")
        if manner.choice is None:
            return None
        offered = question.choices or ("an answer",)
        return HostReply(value=offered[manner.choice % len(offered)], by="script")
