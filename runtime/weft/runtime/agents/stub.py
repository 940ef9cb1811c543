"""Agents with scripted answers, for tests and rehearsals: any harness runs without a model.

The file format is part of the command-line contract:

    {"seed": 0,
     "rules": [{"match": {"label": regex, "prompt": regex}, "result": …, "from_schema": true, "lost": cause,
                "latency": seconds or [low, high], "usage": {"input": n, "output": n}, "touched": [source, …],
                "understood": {"count": n, "of": n, "what": …, "hint": …}, "times": k}],
     "default": {"from_schema": true}}

Of an agent with a worktree of its own, a result is what it says, or all of `{"branch", "patch", "files", "result"}`.

A rule with `"match": {"tool": regex}` answers calls of tools in place of the host, found by name and arguments as in
`read_file {"path": "a.md"}`; one with `"match": {"ask": regex}` answers questions in place of people. Without a rule a
tool does what it does, and a question is open to people.

The first matching rule that has uses left answers; one that gives no result answers from the schema. Each attempt of
an agent counts as a use, so a rule with `"times": 1` and an unfitting result shows how an agent is asked again. `lost`
is for good: no further attempt is made.
"""

from __future__ import annotations

import json
import math
import random
from pathlib import Path
from typing import Annotated, Any, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from weft.primitives.calls import ToolCall
from weft.primitives.data import as_json
from weft.primitives.errors import NotJson
from weft.primitives.lost import Cause, Spent
from weft.primitives.schemas import pattern_problem
from weft.runtime.agents.examples import smallest
from weft.runtime.change import Change, parted
from weft.runtime.clock import Clock
from weft.runtime.errors import UsageError
from weft.runtime.helping import HostReply, HostRequest
from weft.runtime.meant import did_you_mean_path
from weft.runtime.money.budget import Budget
from weft.runtime.money.prices import price_of
from weft.runtime.project.config import Config
from weft.runtime.project.files import read_regular
from weft.runtime.request import AgentError, AgentReply, AgentRequest
from weft.runtime.schemas.patterns import at_length, quickly
from weft.runtime.schemas.worker import TooHard
from weft.runtime.understood import Understood

__all__ = ["Answering", "Script", "StubAgents", "read_script"]


class _Strict(BaseModel):
    model_config = ConfigDict(defer_build=True, extra="forbid", frozen=True, allow_inf_nan=False)


class Usage(_Strict):
    """What a scripted attempt claims to have used, in tokens."""

    input: Annotated[int, Field(ge=0, strict=True)] = 0
    output: Annotated[int, Field(ge=0, strict=True)] = 0


class Match(_Strict):
    """Whom a rule answers: regular expressions, searched for. Those of agents match all where they are left out."""

    label: str = ""
    prompt: str = ""
    tool: str | None = None
    """Makes it a rule for calls of tools alone."""
    ask: str | None = None
    """Makes it a rule for questions alone."""

    @field_validator("label", "prompt", "tool", "ask")
    @classmethod
    def _compiles(cls, pattern: str | None) -> str | None:
        problem = None if pattern is None else pattern_problem(pattern)
        if problem is not None:
            raise ValueError(f"is not a regular expression: {problem}")
        return pattern

    @model_validator(mode="after")
    def _is_for_one_kind(self) -> Self:
        if sum((bool(self.label or self.prompt), self.tool is not None, self.ask is not None)) > 1:
            raise ValueError("a rule is for agents, or for tools, or for questions")
        return self

    def searches(self, request: AgentRequest | HostRequest) -> list[tuple[str, str]] | None:
        """Return what must be found where, for the rule to be for this call; `None` for one of another kind."""
        if isinstance(request, AgentRequest):
            others = self.tool is not None or self.ask is not None
            return None if others else [(self.label, request.label or ""), (self.prompt, request.prompt)]
        call = request.call
        wanted, text = (
            (self.tool, f"{call.name} {json.dumps(call.arguments, ensure_ascii=False)}")
            if isinstance(call, ToolCall)
            else (self.ask, call.text)
        )
        return None if wanted is None else [(wanted, text)]


class Answering(_Strict):
    """How to answer: a result, a loss, or a made-up value that fits the schema."""

    result: Any = None
    from_schema: bool = False
    lost: str | None = None
    latency: float | tuple[float, float] = 0.0
    """Seconds, or a range to draw from."""
    usage: Usage = Field(default_factory=Usage)
    touched: tuple[str, ...] | None = None
    """What its tools are to have opened; a rule that does not say is of an agent of which nobody keeps a record."""
    understood: Understood | None = None
    """How much of what it was asked about the agent claims to have made something of."""

    @field_validator("result")
    @classmethod
    def _is_data(cls, result: Any) -> Any:
        try:
            return as_json(result, "result")
        except NotJson as error:
            raise ValueError(f"is not JSON data: {error}") from None

    @field_validator("latency", mode="before")
    @classmethod
    def _passes(cls, latency: Any) -> float | tuple[float, float]:
        limits = latency if isinstance(latency, (list, tuple)) else [latency, latency]
        if not (len(limits) == 2 and all(type(limit) in (int, float) for limit in limits)):
            raise ValueError("is neither a number of seconds nor a range [low, high]")
        low, high = limits
        if not 0 <= low <= high < math.inf:
            raise ValueError("must be 0 or more, and a range must rise")
        return (float(low), float(high)) if limits is latency else float(latency)

    @field_validator("lost")
    @classmethod
    def _known(cls, cause: str | None) -> str | None:
        if cause is not None and cause not in get_args(Cause):
            raise ValueError(f"is not a cause of loss; there are {', '.join(get_args(Cause))}")
        return cause


class Rule(Answering):
    """An answer for the agents it matches, as often as `times` says."""

    match: Match = Field(default_factory=Match)
    times: Annotated[int, Field(ge=1, strict=True)] | None = None

    @model_validator(mode="after")
    def _answers(self) -> Self:
        of_agents = self.match.tool is None and self.match.ask is None
        if not of_agents and self.lost is None and "result" not in self.model_fields_set:
            raise ValueError("a rule for tools or questions says what is answered: result, or lost")
        return self


class Script(_Strict):
    """All that stub agents will say."""

    seed: Annotated[int, Field(strict=True)] = 0
    rules: tuple[Rule, ...] = ()
    default: Answering = Field(default_factory=lambda: Answering(from_schema=True))


def read_script(path: Path) -> Script:
    """Read a script from a JSON file.

    Raises:
        UsageError: the file cannot be read, is not JSON, or says something that means nothing.
    """
    try:
        return Script.model_validate_json(read_regular(path))
    except OSError as error:
        raise UsageError(
            f"the stub file cannot be read: {error.strerror}",
            where=str(path),
            meaning="nobody could answer the agents, so nothing was started",
            fix=did_you_mean_path(path, "--agents stub:FILE.json"),
        ) from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UsageError(
            f"the stub file does not say what agents answer: {first['msg'].removeprefix('Value error, ')}",
            where=f"{path}, at {where or 'the beginning'}",
            meaning="nothing was started",
            fix='such as {"rules": [{"match": {"label": "find"}, "result": "…"}], "default": {"from_schema": true}}',
        ) from None


class StubAgents:
    """Answers agents from a script; the same script and seed always answer the same."""

    def __init__(self, script: Script, *, budget: Budget, clock: Clock, config: Config | None = None) -> None:
        self._script = script
        self._left = [rule.times for rule in script.rules]
        self._budget = budget
        self._clock = clock
        self._config = config

    async def __call__(self, request: AgentRequest) -> AgentReply:
        """Answer one attempt.

        Raises:
            AgentError: the script says that this attempt is lost.
            Pause: the usage that the script gives does not fit under the ceiling, or has no price.
        """
        rule = await self._choose(request) or self._script.default
        spent = self._cost(request, rule.usage)
        reservation = await self._budget.reserve(request.id, spent.tokens, spent.usd)
        try:
            await self._clock.sleep(_latency(rule, request, self._script.seed))
        finally:
            self._budget.settle(reservation, spent)
        if rule.lost is not None:
            raise _lost(rule.lost)
        value, change = parted(await self._value(rule, request), isolated=request.isolation is not None)
        change = change or Change(branch="stub")
        return AgentReply(value=value, touched=rule.touched, understood=rule.understood, change=change)

    async def help(self, request: HostRequest) -> HostReply | None:
        """Answer a call of the host, where the script has a rule for it; as `Helper`.

        Raises:
            AgentError: the script says that it is lost.
        """
        rule = await self._choose(request)
        if rule is None:
            return None
        await self._clock.sleep(_latency(rule, request, self._script.seed))
        if rule.lost is not None:
            raise _lost(rule.lost)
        return HostReply(value=rule.result, by="script", touched=rule.touched or ())

    async def _choose(self, request: AgentRequest | HostRequest) -> Answering | None:
        """Return the rule for a call, which counts as a use of it; nothing where there is none."""
        fitting = await self._fitting(request)
        for index, rule in enumerate(self._script.rules):
            left = self._left[index]
            if left != 0 and index in fitting:
                self._left[index] = None if left is None else left - 1
                return rule
        return None

    async def _fitting(self, request: AgentRequest | HostRequest) -> set[int]:
        """Return which rules are for an agent; of those that may take long only the ones before one that surely is."""
        fitting: set[int] = set()
        slow: dict[int, list[tuple[str, str]]] = {}
        for index, rule in enumerate(self._script.rules):
            searches = rule.match.searches(request)
            if searches is None:
                continue
            fits = quickly(searches)
            if fits is None:
                slow[index] = searches
            elif fits:
                fitting.add(index)
                if rule.times is None:
                    break
        if not slow:
            return fitting
        try:
            found = await at_length([*slow.values()])
        except TooHard as hard:
            raise AgentError("crashed", f"it cannot be found out which rule is for it: {hard}") from None
        return fitting | {index for index, fits in zip(slow, found, strict=True) if fits}

    def _cost(self, request: AgentRequest, usage: Usage) -> Spent:
        if not usage.input and not usage.output:
            return Spent()
        price = price_of(request.model, self._config)
        if price is None:
            self._budget.refuse_unpriced(request.model, request.id)
            return Spent(usage.input, usage.output)
        from genai_prices import Usage as Used

        return Spent(usage.input, usage.output, price(Used(input_tokens=usage.input, output_tokens=usage.output)))

    async def _value(self, rule: Answering, request: AgentRequest) -> Any:
        if "result" in rule.model_fields_set and not rule.from_schema:
            return rule.result
        return await _made_up(request)


def _lost(cause: str) -> AgentError:
    known: Cause = cause  # type: ignore[assignment]  # checked when the script was read
    return AgentError(known, "the stub says so")


async def _made_up(request: AgentRequest) -> Any:
    try:
        return await smallest(request.schema)
    except ValueError as error:
        raise AgentError("invalid", str(error)) from None


def _latency(rule: Answering, request: AgentRequest | HostRequest, seed: int) -> float:
    if isinstance(rule.latency, tuple):
        # Drawn by what the call is, not by when it comes: concurrency must not change it.
        attempt = request.attempt if isinstance(request, AgentRequest) else 1
        draw = random.Random(json.dumps([seed, request.key(), request.id, attempt]))
        return draw.uniform(*rule.latency)
    return rule.latency
