"""In which form a model is asked for an answer that has a schema, and how that is read back.

Whether the answer fits is `schemas.fitting`; how much it may take is `output`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from pydantic import ValidationError
from pydantic_ai import ModelRetry, StructuredDict, TextOutput, ToolOutput

from weft.runtime.request import AgentError
from weft.runtime.schemas.fitting import misfit
from weft.runtime.schemas.validating import UnusableSchema

__all__ = ["Unfit", "asked_in_text", "output_type", "unwrapped", "why_unfit"]

ANSWER = "answer"
"""The tool an answer is given with, and the property it travels in when its schema is not that of an object."""

MOST_CAUSES = 12
"""How far down an error is looked into for what it came from."""

MOST_STARTS = 100
"""Places in a text at which JSON is looked for."""


class Unfit(ModelRetry):
    """The model is told that its answer does not fit, and asked again."""

    def __init__(self, problem: str, how: str) -> None:
        """Tell it what is wrong with the answer, and how to answer."""
        super().__init__(f"The answer does not fit. {problem}. {how}")
        self.problem = problem


def why_unfit(error: BaseException | None) -> str | None:
    """Return what was wrong with the answer that an error came from; nothing where there was no answer to judge."""
    for _ in range(MOST_CAUSES):
        match error:
            case None:
                return None
            case Unfit(problem=problem):
                return problem
            case ValidationError():
                return error.errors(include_url=False, include_context=False)[0]["msg"]
        error = error.__cause__
    return None


def output_type(schema: dict[str, Any] | None, *, in_text: bool, tools: bool = True) -> Any:
    """Return how the model is to answer, as pydantic-ai puts it.

    Args:
        schema: Of the answer; `None` for text.
        in_text: Whether JSON in the text of an answer will do where the tool is not called, as small models have it.
        tools: Whether the agent has other tools; without any, a model that takes none can answer in text.
    """
    if schema is None:
        return str
    if in_text and not tools:
        return TextOutput(_reader(schema))
    # Through a tool, which every server that speaks the protocol honours, and which leaves the schema as it is.
    tool = ToolOutput(StructuredDict(_wrapped(schema), name=ANSWER), name=ANSWER)
    return [tool, TextOutput(_reader(schema))] if in_text else tool


def asked_in_text(schema: dict[str, Any]) -> str:
    """Return what tells a model without tools how to answer."""
    return f"Answer with JSON alone that fits this schema:\n{json.dumps(_wrapped(schema))}"


def unwrapped(output: Any, schema: dict[str, Any] | None) -> Any:
    """Return the answer itself."""
    if schema is None or schema.get("type") == "object" or not isinstance(output, dict):
        return output
    return output.get(ANSWER)


def _wrapped(schema: dict[str, Any]) -> dict[str, Any]:
    if schema.get("type") == "object":
        return schema
    definitions = {key: value for key, value in schema.items() if key in ("$defs", "definitions")}
    return {"type": "object", "properties": {ANSWER: schema}, "required": [ANSWER], **definitions}


def _reader(schema: dict[str, Any]) -> Callable[[str], Awaitable[dict[str, Any]]]:
    whole = _wrapped(schema)

    async def read(text: str) -> dict[str, Any]:
        problem = None
        for found in _values(text):
            for value in _meant(found):
                try:
                    shaped = value if schema is whole or await misfit(value, whole) is None else {ANSWER: value}
                    unfit = await misfit(shaped, whole)
                except UnusableSchema as unusable:
                    raise AgentError("invalid", str(unusable)) from None
                if unfit is None and isinstance(shaped, dict):
                    return shaped
                problem = problem or unfit
        raise Unfit(problem or "There is no JSON in it", asked_in_text(schema))

    return read


def _values(text: str) -> Iterator[Any]:
    """Yield the JSON objects and arrays that stand in a text, from the first on."""
    decoder, at = json.JSONDecoder(), 0
    for _ in range(MOST_STARTS):
        start = re.compile(r"[{\[]").search(text, at)
        if start is None:
            return
        try:
            value, at = decoder.raw_decode(text, start.start())
        except (ValueError, RecursionError):
            at = start.end()
        else:
            yield value


def _meant(value: Any) -> Iterator[Any]:
    """Yield what a JSON value may mean: itself, or the arguments of a call that was written out instead of made."""
    yield value
    if isinstance(value, dict) and value.get("name") == ANSWER:
        yield from (value[key] for key in ("arguments", "parameters") if key in value)
