"""Whether the answer of a model is taken: as it is, repaired, or not, and then it is told why and asked again."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from pydantic_ai import RunContext
from pydantic_ai.messages import ModelMessage, ModelRequest, ToolReturnPart, UserPromptPart

from weft.runtime.agents.placeholders import placeholder
from weft.runtime.agents.repair import mended
from weft.runtime.agents.shape import Unfit, asked_in_text, unwrapped, wrapped
from weft.runtime.request import AgentError, AgentRequest
from weft.runtime.schemas.validating import UnusableSchema

__all__ = ["Taking"]

MOST_SCHEMA = 20_000
"""Characters of a schema that is told again in words."""


class Taking:
    """Judges the answers of one agent."""

    def __init__(self, request: AgentRequest) -> None:
        self._request = request
        self._filled_in = False
        """Whether it was asked again because of a text that stands for an answer."""
        self._misfits = 0
        self.mended: list[str] = []
        """What was wrong with an answer that was taken all the same, because it could be read in one way only."""

    async def fits(self, context: RunContext[object], output: Any) -> Any:
        """Return the answer that is taken, in the form in which it came.

        Raises:
            Unfit: the model is to answer again.
            AgentError: no answer can be judged.
        """
        schema = self._request.schema
        try:
            value, was_wrong, problem = await mended(unwrapped(output, schema), schema)
        except UnusableSchema as unusable:
            raise AgentError("invalid", str(unusable)) from None
        if problem is not None:
            self._misfits += 1
            raise Unfit(problem, self._how())
        # Asked again once, and never lost: it may be meant.
        if not self._filled_in and context.retry < context.max_retries:
            stand_in = placeholder(value, schema, partial(_known, context.messages))
            if stand_in is not None:
                self._filled_in = True
                raise Unfit(stand_in, "Answer again with the real value, or leave out what you do not know.")
        if was_wrong is not None:
            self.mended.append(f"it was taken without asking again, for it can be read in one way only: {was_wrong}")
        return wrapped(value, schema)

    def _how(self) -> str:
        """Return how to answer; with the schema again for who did not heed it twice."""
        schema = self._request.schema
        told = "" if schema is None or self._misfits < 2 else asked_in_text(schema)
        return told if told and len(told) <= MOST_SCHEMA else "Answer again, with all of it."


def _known(messages: Sequence[ModelMessage]) -> str:
    """Return what the agent was told and has read."""
    parts = (part for message in messages if isinstance(message, ModelRequest) for part in message.parts)
    said: list[str] = []
    for part in parts:
        match part:
            case UserPromptPart(content=str() as text):
                said.append(text)
            case UserPromptPart(content=pieces):
                said += [piece for piece in pieces if isinstance(piece, str)]
            case ToolReturnPart():
                said.append(str(part.content))
    return "\n".join(said)
