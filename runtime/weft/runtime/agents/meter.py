"""The only place where a request to a model leaves: wait for its limit, reserve, send, listen, settle.

The clients of the providers do not repeat requests by themselves, so this is also the only place that does. How long to
wait before is the business of `limiter` and `retry`.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import logging
from dataclasses import dataclass

from httpx2 import HTTPError
from pydantic_ai.exceptions import (
    ModelAPIError,
    ModelOverloadedError,
    ModelRateLimitError,
    UnexpectedModelBehavior,
)
from pydantic_ai.messages import (
    ModelMessage,
    ModelResponse,
)
from pydantic_ai.models import Model, ModelRequestParameters, StreamedResponse
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RequestUsage

from weft.primitives.lost import Spent
from weft.runtime.agents.hearing import Ear
from weft.runtime.agents.limiter import Limit, Permit, Ticket, sending
from weft.runtime.agents.noting import Note, noting
from weft.runtime.agents.output import OVERHEAD_TOKENS, most_unseen, output_settings
from weft.runtime.agents.prompting import shared_part
from weft.runtime.agents.reach import Reach
from weft.runtime.agents.repair import readable, reminded
from weft.runtime.agents.responses import (
    UNFORMED,
    asks_again,
    beyond,
    count_from_the_beginning,
    covers,
    ended,
    explained,
    never_ran,
    passing,
    plausible,
    request_size,
    streamed_size,
    whole,
)
from weft.runtime.agents.retry import trying
from weft.runtime.agents.shape import as_asked
from weft.runtime.agents.transcript import transcript
from weft.runtime.agents.warming import Lead, Prefix, Warming, prefix_of
from weft.runtime.clock import Clock
from weft.runtime.journal.events import Reserved
from weft.runtime.money.budget import Budget
from weft.runtime.money.prices import Price
from weft.runtime.pause import Pause
from weft.runtime.request import AgentError, AgentRequest

__all__ = ["MAX_TURNS", "STALL", "Meter", "Metering"]

LOG = logging.getLogger(__name__)

MAX_TURNS = 50
"""How many requests one agent may make, those that are sent again after a passing fault not counted."""

STALL = 300.0
"""Seconds without a sign of life from a model after which its turn is cut, where nothing else is said."""

ROUNDING = 1e-9
"""Dollars by which two ways to add up the same cost may differ."""

SLOWEST_THINKING = 30.0
"""Tokens a second that a model thinks at the least; some say nothing at all meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metering:
    """What all requests to one model of a run go by."""

    budget: Budget
    clock: Clock
    limit: Limit | None
    """`None` for a model on this machine, which takes all, costs nothing and answers in one piece."""
    price: Price | None
    reach: Reach
    warming: Warming | None = None
    """`None` for a model on this machine."""
    stall: float = STALL
    patience: float | None = None
    """Seconds that a request may be kept waiting by its limit; `None` for any time."""


@dataclass(slots=True, eq=False)
class _Turn:
    """One request of the agent, which may be sent several times."""

    messages: list[ModelMessage]
    settings: ModelSettings
    parameters: ModelRequestParameters
    prefix: Prefix | None = None
    """What it begins with, where others may begin in the same way."""
    lead: Lead | None = None
    """What those wait for."""
    stream: StreamedResponse | None = None
    """What has come of it since it was sent last."""
    note: Note | None = None
    """What is noted of that."""
    sent: int = 0
    """How often it was sent before."""

    @property
    def most_output(self) -> int:
        """The most it may put out, in tokens."""
        return self.settings["max_tokens"]


class _NotTaken(Exception):
    """The provider does not take the request for the moment, and has done nothing for it."""

    def __init__(self, error: ModelAPIError, said: str) -> None:
        super().__init__(said)
        self.said = said
        self.wait = error.retry_after
        self.limited = isinstance(error, ModelRateLimitError)


class Meter(WrapperModel):
    """Stands before the model of one agent and answers for every token it uses."""

    def __init__(self, model: Model, request: AgentRequest, by: Metering) -> None:
        super().__init__(model)
        self._request = request
        self._by = by
        self._budget = by.budget
        self._put_out = 0
        self.turns = 0
        """How many requests the agent has made."""
        self.suspended = False
        """Whether the model's last word was that it has not finished its turn."""
        self.broken: ModelResponse | None = None
        """What has come of the last answer, where that broke off."""

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """Send one request of the agent, again after passing faults.

        Raises:
            AgentError: the agent is lost, with a typed cause.
            Pause: the request does not fit under the ceiling, or the provider refuses us.
        """
        self.turns += 1
        if self.turns > MAX_TURNS:
            raise AgentError("stopped", f"the agent did not come to an end in {MAX_TURNS} requests")
        model_request_parameters = as_asked(model_request_parameters, self._request.schema)
        told = reminded(messages, model_request_parameters)
        settings = self._own_settings(told, model_settings, model_request_parameters.output_mode)
        turn = _Turn(told, settings, model_request_parameters)
        asked_again = asks_again(messages, model_request_parameters)

        async def once(attempt: int, failed: AgentError | None) -> ModelResponse:
            if asked_again or attempt > 1:  # the first attempt of all is counted where the agent is called
                self._budget.count_attempt(self._request.id)
            self._by.reach.check()
            try:
                return await self._when_taken(turn)
            except Pause as pause:
                self._by.reach.paused(pause)
                raise
            except AgentError as failure:
                raise self._by.reach.failed(failure, attempt) from failure.__cause__

        try:
            turn.lead = await self._lead(turn)
            response = await trying(self._request, self._by.clock, once)
        except AgentError as failure:
            raise self._by.reach.lost(failure, self._request.id) from failure.__cause__
        finally:
            if turn.lead is not None:
                turn.lead.over()
        self._by.reach.answered()
        self.suspended = response.state == "suspended"
        return readable(whole(response, turn.most_output), model_request_parameters, first=self.turns == 1)

    async def _lead(self, turn: _Turn) -> Lead | None:
        """Wait until another agent that begins in the same way has gone ahead, or go ahead of others."""
        if self.turns > 1 or self._by.warming is None or self._request.attempt > 1:
            return None
        turn.prefix = prefix_of(turn.messages, turn.parameters, shared_part(self._request))
        return await self._by.warming.lead(turn.prefix)

    def _own_settings(self, messages: list[ModelMessage], given: ModelSettings | None, form: str) -> ModelSettings:
        """Return what a request says besides its messages."""
        output = output_settings(self.profile, self._request.effort, self._output_left())
        settings: ModelSettings = {**(given or {}), **output}
        if self._request.identity:
            settings["extra_headers"] = {"Idempotency-Key": self._idempotency_key(messages, form)}
        return settings

    def _idempotency_key(self, messages: list[ModelMessage], form: str) -> str:
        """Return what is the same for the same request sent again, also by a resumed run, and for no other."""
        asked = [self._request.identity, self.model_name, transcript(messages), *(["native"] * (form == "native"))]
        said = json.dumps(asked, sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()

    # -------------------------------------------------------------------------------------------- when to send

    async def _when_taken(self, turn: _Turn) -> ModelResponse:
        """Send a request, and again for as long as the provider does not take it: that is no attempt."""
        if self._by.limit is None:
            response, _ = await self._send(turn, await self._budget.reserve(self._request.id, 0, 0.0))
            return response
        ticket = self._by.limit.ticket(self._request.seed())
        while True:
            permit, reserved = await self._admitted(turn, self._by.limit, ticket)
            try:
                with sending(permit):
                    response, spent = await self._send(turn, reserved)
                permit.settle(self._counted_input(spent), spent.output_tokens)
                return response
            except _NotTaken as refusal:
                permit.refuse(refusal.wait, limited=refusal.limited, said=refusal.said)
            finally:
                permit.leave()

    def _counted_input(self, spent: Spent) -> int:
        """Return what of the input counts against a limit: where Anthropic had kept it, it does not."""
        return spent.input_tokens - (spent.cache_read_tokens if self.system == "anthropic" else 0)

    async def _admitted(self, turn: _Turn, limit: Limit, ticket: Ticket) -> tuple[Permit, Reserved]:
        """Wait for leave to send and for the money; while it waits for one of them, it holds nothing of the other."""
        if self._by.price is None:
            self._budget.refuse_unpriced(self._request.model, self._request.id)
        size = request_size(turn.messages, turn.parameters)
        demand = limit.demand(size, turn.most_output)
        most = size + OVERHEAD_TOKENS  # a token of text stands for at least one byte
        while True:
            permit = await limit.enter(ticket, demand, self._by.patience)
            if self._fits(turn, most):
                return permit, await self._reserve_for(permit, turn, most)
            permit.leave(unused=True)
            most = await self._counted(turn, most)
            reserved = await self._reserve(turn, most)
            later = limit.try_enter(ticket, demand)
            if later is not None:
                return later, reserved
            self._budget.settle(reserved, Spent())

    async def _reserve_for(self, permit: Permit, turn: _Turn, most: int) -> Reserved:
        try:
            return await self._reserve(turn, most)
        except BaseException:
            permit.leave(unused=True)
            raise

    def _fits(self, turn: _Turn, most: int) -> bool:
        return self._budget.fits(self._request.id, most + turn.most_output, self._most_dollars(turn, most))

    async def _reserve(self, turn: _Turn, most: int) -> Reserved:
        return await self._budget.reserve(self._request.id, most + turn.most_output, self._most_dollars(turn, most))

    async def _counted(self, turn: _Turn, most: int) -> int:
        """Ask the provider to count, which is slower and closer than the bound that needs no question.

        Raises:
            AgentError: counting failed in passing; the bound would stop a run that has money left.
        """
        if self._fits(turn, most):  # there is room since it was asked for
            return most
        with self._by.clock.timeout(self._by.stall):
            try:
                usage = await self.wrapped.count_tokens(turn.messages, turn.settings, turn.parameters)
                return min(most, usage.input_tokens + OVERHEAD_TOKENS)
            except NotImplementedError:
                return most
            except ModelAPIError as error:
                if passing(error):
                    raise explained(error, self.wrapped.base_url) from error
                return most
        raise self._silent(self._by.stall)

    # -------------------------------------------------------------------------------------------- sending

    async def _send(self, turn: _Turn, reserved: Reserved) -> tuple[ModelResponse, Spent]:
        """Send a request once, and settle what it has cost, whatever comes of it.

        Raises:
            AgentError: it failed.
            _NotTaken: the provider refused it for the moment.
            Pause: the provider refuses us.
        """
        turn.stream = None
        spent: Spent | None = Spent()
        try:
            self._by.reach.check()  # it may have been given up while this one waited for leave
            spent = None
            asked = f"{self.system}:{self.model_name}"
            with noting(self._by.clock, reserved.number, asked, turn.most_output, turn.sent) as turn.note:
                turn.sent += 1
                turn.note.response = response = await self._exchange(turn)
            spent = self._used(turn, response, reserved)
        except ModelAPIError as error:
            if never_ran(error):
                spent = Spent()
                if isinstance(error, (ModelRateLimitError, ModelOverloadedError)):
                    raise _NotTaken(error, explained(error, self.wrapped.base_url).message) from error
            raise explained(error, self.wrapped.base_url) from error
        finally:
            self._budget.settle(reserved, self._cut(turn, reserved) if spent is None else spent)
        self._put_out += spent.output_tokens
        self.broken = None
        return response, spent

    async def _exchange(self, turn: _Turn) -> ModelResponse:
        """Return the whole answer of the model.

        Raises:
            AgentError: it was cut.
            ModelAPIError: the provider answered with an error, or not at all.
        """
        if self._by.limit is None:
            return await self.wrapped.request(turn.messages, turn.settings, turn.parameters)
        ear = Ear(self._by.clock, self._by.stall, self._patience(turn), None if turn.lead is None else turn.lead.began)
        try:
            async with ear.listening():
                await self._listen(turn, ear)
        except UnexpectedModelBehavior as error:
            raise AgentError("provider", f"{self.model_name}: {error.message}", passing=True) from error
        except UNFORMED as error:
            said = f"{self.model_name}: the answer is not in the form of its protocol"
            raise AgentError("provider", said, passing=True) from error
        except HTTPError as error:  # the clients let it pass where it is the body of an error that breaks off
            raise AgentError("provider", f"{self.model_name}: {error}", passing=True) from error
        if ear.cut:
            raise self._silent(ear.patience)
        assert turn.stream is not None
        response = turn.stream.get()
        if not (response.state == "suspended" or ended(response, end_heard=ear.end_heard)):
            raise AgentError("provider", f"{self.model_name}: the answer broke off", passing=True)
        return response

    def _patience(self, turn: _Turn) -> float:
        """Return the seconds of silence before the first part of an answer: the model may think as long."""
        if self._by.stall != STALL:
            return self._by.stall
        return STALL + most_unseen(self.profile, self._request.effort, turn.most_output) / SLOWEST_THINKING

    def _silent(self, seconds: float) -> AgentError:
        return AgentError("timeout", f"{self.model_name}: nothing was heard for {seconds:.4g} s", passing=True)

    async def _listen(self, turn: _Turn, ear: Ear) -> None:
        async with self.wrapped.request_stream(turn.messages, turn.settings, turn.parameters) as turn.stream:
            count_from_the_beginning(turn.stream)
            async for _ in turn.stream:
                ear.hear()
                if turn.note is not None:
                    turn.note.heard()

    # -------------------------------------------------------------------------------------------- what it costs

    def _used(self, turn: _Turn, response: ModelResponse, reserved: Reserved) -> Spent:
        """Return what an answered request has cost; the most it can have cost, where the provider does not say."""
        usage = response.usage
        if self._by.limit is None:
            return Spent()
        if self._disputed(turn, usage, reserved):
            return self._worst(turn, reserved)
        if plausible(usage) and covers(usage, response):
            if turn.lead is not None:
                turn.lead.used(usage)
            elif turn.prefix is not None and self._by.warming is not None:
                self._by.warming.followed(turn.prefix, usage)
            return self._cost(usage)
        if self._by.reach.first_untold():
            LOG.warning("%s did not say what a request used; the most it can have used is counted", self.model_name)
        return self._worst(turn, reserved)

    def _worst(self, turn: _Turn, reserved: Reserved) -> Spent:
        """Return the most that a request can have cost: what is known of its input, and all the output it may have."""
        return self._most(turn, reserved, turn.most_output)

    def _cut(self, turn: _Turn, reserved: Reserved) -> Spent:
        """Return the most that a request can have cost that was cut: of its output, what has come, and was thought."""
        said = None if turn.stream is None else turn.stream.get()
        if said is None or not said.parts:
            return self._worst(turn, reserved)
        self.broken = said
        # Anthropic's protocol alone tells of every thought that there was one, before anything else is said.
        tells = self.system == "anthropic" and said.thinking is None
        unseen = 0 if tells else most_unseen(self.profile, self._request.effort, turn.most_output)
        return self._most(turn, reserved, min(streamed_size(said) + unseen, turn.most_output))

    def _most(self, turn: _Turn, reserved: Reserved, output: int) -> Spent:
        """Return the most that a request can have cost that has put out so much at the most, or what it has told."""
        if self._by.limit is None:
            return Spent()
        known = turn.stream.usage if turn.stream else None
        disputed = 0 if known is None else self._disputed(turn, known, reserved)
        if disputed:  # it may have used all that it can have
            LOG.warning("%s says that a request used more than it can have: the most is counted", self.model_name)
            output = turn.most_output
        elif known is not None and plausible(known):
            told = min(known.output_tokens, turn.most_output)
            cost = self._cost(dataclasses.replace(known, output_tokens=max(output, told)))
            if cost.tokens <= reserved.tokens and cost.usd <= reserved.usd + ROUNDING:
                return cost
            output = turn.most_output
        read = reserved.tokens - turn.most_output  # OpenAI's protocol tells at the end what it was
        usd = 0.0 if self._by.price is None else self._by.price.most(read, output)
        return Spent(read, output, usd, disputed=disputed)

    def _disputed(self, turn: _Turn, usage: RequestUsage, reserved: Reserved) -> int:
        """Return how many tokens a provider claims beyond what was set aside, which is the most there can be."""
        tokens = beyond(usage, reserved.tokens)
        if tokens or not plausible(usage):
            return tokens
        # So many tokens there can be, but not so many of those that are dear.
        dearer = self._cost(usage).usd > reserved.usd + ROUNDING
        return max(1, usage.output_tokens - turn.most_output) if dearer else 0

    def _output_left(self) -> int | None:
        if self._request.max_tokens is None:
            return None
        left = self._request.max_tokens - self._put_out
        if left < 1:
            raise AgentError("truncated", f"the agent has put out the {self._request.max_tokens} tokens it may")
        return left

    def _most_dollars(self, turn: _Turn, most: int) -> float:
        # Without a price there is no ceiling in dollars either: see `Budget.refuse_unpriced`.
        return 0.0 if self._by.price is None else self._by.price.most(most, turn.most_output)

    def _cost(self, usage: RequestUsage) -> Spent:
        usd = 0.0 if self._by.price is None else self._by.price(usage)
        reads, writes, thought = usage.cache_read_tokens, usage.cache_write_tokens, usage.output_reasoning_tokens
        thought = thought if type(thought) is int and 0 < thought <= usage.output_tokens else 0
        return Spent(usage.input_tokens, usage.output_tokens, usd, reads, writes, thought)
