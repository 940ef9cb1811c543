"""Simulated agents: they answer what they are asked for as a `Manner` says, from what is plausible in a harness."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, get_args

from weft.primitives.calls import Question, ToolCall
from weft.primitives.lost import NOTHING_SPENT, Cause, Spent
from weft.primitives.tools import TOOLS
from weft.runtime.agents.examples import smallest, variety
from weft.runtime.agents.walk import made_up
from weft.runtime.change import Change
from weft.runtime.clock import Clock
from weft.runtime.forecasting.cold import Use
from weft.runtime.helping import HostReply, HostRequest
from weft.runtime.journal.events import AgentCalled
from weft.runtime.money.budget import Budget
from weft.runtime.rehearsal.choosing import Saying
from weft.runtime.rehearsal.knowledge import Knowledge, MadeUp, names_in, patterns_in
from weft.runtime.rehearsal.manner import Leaf, Manner, Site, Spot
from weft.runtime.rehearsal.remembering import FACT, REMEMBER, Memory, Remembered
from weft.runtime.rehearsal.taking import LIMITED, Expected, in_time, taken
from weft.runtime.request import AgentError, AgentReply, AgentRequest
from weft.runtime.schemas.fitting import misfit
from weft.runtime.tools.facts import MAX_VALUE
from weft.runtime.working import waiting

__all__ = ["TEXT", "Answer", "Lost", "Seat", "Simulated", "ToolTwist", "Twist", "fan_out_of", "site_of"]

TEXT = ("text",)
"""The leaf of an answer that is a text and nothing else."""

CAUSES: tuple[Cause, ...] = tuple(cause for cause in get_args(Cause) if cause != "raised")
"""Why agents are lost; branches raise."""

SLOWEST = 1000.0
"""Seconds that the first agent takes where those that are asked first answer last."""

FAR = 1_000_000
"""Below what number one is drawn that tells what agents make up from what others do."""

FORMED = 20
"""How many texts are at hand for a pattern."""

SAID_BY_TOOL = "what the tool would give"
"""In place of what a tool would give that does not come with Weft."""

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
    began: float
    ended: float
    """When it was asked, and when it answered, in seconds on the virtual clock."""
    use: Use
    """What it is expected to use."""
    change: Change | None = None
    """What it has changed, where it has a worktree of its own."""

    @property
    def delivered(self) -> Any:
        """What the harness gets of it, where it is not lost."""
        return self.value if self.change is None else self.change.around(self.value)


Twist = Callable[[AgentCalled, Any], Any]
"""Puts another answer, or `Lost`, in place of one."""

ToolTwist = Callable[[ToolCall], Any]
"""Gives the answer, or `Lost`, of a tool that the harness calls itself; `None` for what the tool does."""


def site_of(called: AgentCalled) -> Site:
    """Return the place of the harness that asked."""
    text = json.dumps(called.request.schema, sort_keys=True)
    return Site(called.line or 0, hashlib.sha256(text.encode()).hexdigest()[:12])


def _changed(request: AgentRequest, manner: Manner) -> Change | None:
    """Return what an agent with a worktree of its own has changed: a file of which its prompt decides, or nothing."""
    if request.isolation is None:
        return None
    number = hashlib.sha256(f"{manner.seed}{request.prompt}".encode()).hexdigest()[:4]
    if manner.style == "least" or (manner.style == "odd" and number < "8"):
        return Change()
    file = f"src/part_{number}.py"
    patch = f"diff --git a/{file} b/{file}\n--- a/{file}\n+++ b/{file}\n@@ -1 +1 @@\n-before\n+after\n"
    return Change(branch=f"rehearsal/{number}", patch=patch, files=(file,))


def fan_out_of(called: AgentCalled) -> str:
    """Return the fan-out that an agent is a branch of; of skeptics, one claim each."""
    return called.path.rpartition(".")[0]


class Simulated:
    """Answers agents, and the questions and tools of a harness, in one run."""

    def __init__(
        self,
        manner: Manner,
        known: Knowledge,
        clock: Clock,
        budget: Budget,
        expected: Expected,
        called: Mapping[int, AgentCalled],
        *,
        twist: Twist | None = None,
        tools: ToolTwist | None = None,
        instead: Mapping[Seat, Any] | None = None,
        gives: Mapping[str, dict[str, Any]] | None = None,
    ) -> None:
        """Prepare to answer.

        Args:
            manner: How agents behave.
            known: What is plausible.
            clock: What they take their time by.
            budget: What they spend from.
            expected: What they take.
            called: What the journal holds of a call, by its number.
            twist: Changes answers.
            tools: Answers in place of tools.
            instead: Answers that are given in place of any others, `Lost` among them.
            gives: What the tools give that the project adds, as JSON Schema, where that is known.
        """
        self.answers: list[Answer] = []
        self.spots: dict[Leaf, Spot] = {}
        self.memory = Memory()
        self._manner = manner
        self._known = known
        self._clock = clock
        self._budget = budget
        self._expected = expected
        self._called = called
        self._twist = twist
        self._tools = tools
        self._instead = instead or {}
        self._gives = gives or {}
        self._asked: Counter[str] = Counter()
        self._on_path: Counter[str] = Counter()
        self._seats: dict[int, Seat] = {}
        self._spared: Counter[tuple[Site, str]] = Counter()
        """How many of a fan-out have answered where all others are lost."""

    async def __call__(self, request: AgentRequest) -> AgentReply:
        """Answer after a simulated while.

        Raises:
            AgentError: this agent is one of those to be lost, or nothing fits its schema.
        """
        called = self._called[request.id]
        drawn = self._draw(request)
        draw = Random(drawn)
        if request.id not in self._seats:
            self._seats[request.id] = (called.path, self._on_path[called.path])
            self._on_path[called.path] += 1
        seat = self._seats[request.id]
        use = self._expected.use(request)
        seconds = taken(request, use, draw.random())
        if self._manner.slow:
            seconds = in_time(request, SLOWEST / (1 + request.id))
        if self._manner.limit_every and request.id % self._manner.limit_every == 0:
            async with waiting("limit", "rate limit, in rehearsal", LIMITED):
                await self._clock.sleep(LIMITED)
        began = self._clock.now()
        await self._charged(request, use, seconds)
        value = self._instead[seat] if seat in self._instead else await self._value(called, draw, drawn)
        if self._twist is not None:
            value = self._twist(called, value)
        change = _changed(request, self._manner)
        self.answers.append(Answer(called, seat, value, began, self._clock.now(), use, change))
        if isinstance(value, Lost):
            raise AgentError(value.cause, "lost in rehearsal")
        if REMEMBER in request.tools and self._manner.style != "least":
            self._remember(request, site_of(called), Random(f"{REMEMBER} {drawn}"))
        return AgentReply(value=value, change=change)

    async def _charged(self, request: AgentRequest, use: Use, seconds: float) -> None:
        """Take time, and as much of the budget as each agent costs.

        Raises:
            Pause, AgentError: there is not so much left.
        """
        most, spent = self._cost(request, use)
        costs = most != NOTHING_SPENT
        reserved = await self._budget.reserve(request.id, most.tokens, most.usd) if costs else None
        try:
            await self._clock.sleep(seconds)
        finally:
            if reserved is not None:
                self._budget.settle(reserved, spent)

    def _cost(self, request: AgentRequest, use: Use) -> tuple[Spent, Spent]:
        """Return what is set aside for an agent, and what it then costs."""
        if self._manner.priced:
            return self._expected.most(request, use), use.spent
        ceiling, part = self._budget.ceiling, self._manner.charge
        cost = Spent(round(part * (ceiling.tokens or 0)), 0, part * (ceiling.usd or 0))
        return cost, cost

    def _remember(self, request: AgentRequest, site: Site, draw: Random) -> None:
        """Remember something; what that is does not depend on what else is answered."""
        asked = f"{request.prompt}\n{json.dumps(request.context, ensure_ascii=False)}"
        names = names_in(asked)
        saying = Saying(draw, site, self._manner, self._known, names, {}, request.id)
        saying.path.extend(FACT)
        value = saying.text(1, MAX_VALUE)
        self.spots.update(saying.spots)
        self.memory.told[request.id] = Remembered(request.id, site, asked, tuple(names), value)

    def _draw(self, request: AgentRequest) -> str:
        """Return what decides an answer: the words of the question in any order, and how often it was asked before;

        of agents that agree, what the question names.
        """
        if self._manner.style == "agreed":
            return json.dumps([self._manner.seed, request.schema, sorted(names_in(request.prompt))])
        words = sorted(f"{request.prompt} {json.dumps(request.context, sort_keys=True)}".split())
        asked = json.dumps([self._manner.seed, request.schema, words], sort_keys=True)
        self._asked[asked] += 1
        return f"{asked}{self._asked[asked]}"

    async def _value(self, called: AgentCalled, draw: Random, drawn: str) -> Any:
        request, site = called.request, site_of(called)
        if self._loses(called, site):
            turn = self._manner.seed + request.id // (self._manner.lose_every or 1)
            return Lost(self._manner.cause or CAUSES[turn % len(CAUSES)])
        try:
            if self._manner.style == "least":
                return await smallest(request.schema)
            return await self._said_again(called, site, draw, drawn)
        except ValueError as error:
            raise AgentError("invalid", str(error)) from None

    def _loses(self, called: AgentCalled, site: Site) -> bool:
        manner, number = self._manner, called.request.id
        if manner.lose_every and number % manner.lose_every == 0:
            return True
        if manner.lose_after is not None and number >= manner.lose_after:
            return True
        if site not in manner.lose_at:
            return False
        fan_out = (site, fan_out_of(called))
        self._spared[fan_out] += 1
        return self._spared[fan_out] > manner.spare

    async def _said_again(self, called: AgentCalled, site: Site, draw: Random, drawn: str) -> Any:
        """Return what it says: the same as in a run before, where that run and what is known were the same for it."""
        request = called.request
        asked = (id(self._manner), site.line, request.id, request.attempt, request.retries, called.key, drawn)
        kept = self._known.made_up.get(asked)
        if kept is None:
            kept = MadeUp(self._manner, *await self._said(request, site, draw))
            self._known.keep(asked, kept)
        self.spots.update(kept.spots)
        return kept.value

    async def _said(self, request: AgentRequest, site: Site, draw: Random) -> tuple[Any, Mapping[Leaf, Spot]]:
        """Make up what it says; return it with what there was to choose."""
        names = names_in(f"{request.prompt}\n{json.dumps(request.context, ensure_ascii=False)}")
        try:
            formed = {
                pattern: await variety({"type": "string", "pattern": pattern}, FORMED)
                for pattern in patterns_in(request.schema)
            }
        except ValueError:
            formed = {}  # one of them is hard, or nothing is of its form: what the schema says of the whole decides
        number = draw.randrange(FAR) if self._manner.style == "agreed" else request.id
        saying = Saying(draw, site, self._manner, self._known, names, formed, number)
        try:
            if request.schema is None:
                saying.path.extend(TEXT)
                return saying.text(1, None), saying.spots
            if request.attempt == 1:
                value = made_up(request.schema, saying)
                # Where it is asked again, the run itself finds out whether this fits: checking takes half the time.
                if request.retries or await misfit(value, request.schema) is None:
                    return value, saying.spots
        except (ValueError, RecursionError, OverflowError):
            pass  # what the walk does not understand is found in another way
        finally:
            self.spots.update(saying.spots)
        return draw.choice(await variety(request.schema, VARIETY)), saying.spots

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
            value = self.memory.give(question) if value is None else value
            if isinstance(value, Lost):
                raise AgentError(value.cause, "failed in rehearsal")
            if value is None and question.name not in TOOLS:  # what it would do to the world is not tried
                value = await self._given(question)
            return None if value is None else HostReply(value=value, by="script")
        if manner.choice is None:
            return None
        offered = question.choices or ("an answer",)
        return HostReply(value=offered[manner.choice % len(offered)], by="script")

    async def _given(self, call: ToolCall) -> Any:
        """Return what a tool might give that is not called: the same for the same arguments, if its kind is known."""
        schema, manner = self._gives.get(call.name), self._manner
        if schema is None:
            return SAID_BY_TOOL
        asked = json.dumps([manner.seed, call.name, call.arguments], sort_keys=True)
        try:
            if manner.style == "least":
                return await smallest(schema)
            saying = Saying(Random(asked), Site(0, call.name), manner, self._known, names_in(asked), {}, 0)
            value = made_up(schema, saying)
            self.spots.update(saying.spots)
        except (ValueError, RecursionError, OverflowError):
            return SAID_BY_TOOL
        return value
