"""In which form a model is asked for an answer that has a schema, and how that is read back.

Whether the answer fits is `schemas.fitting`; how much it may take is `output`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

from pydantic import ValidationError
from pydantic_ai import ModelRetry, NativeOutput, StructuredDict, TextOutput, ToolOutput
from pydantic_ai.exceptions import UserError
from pydantic_ai.models import ModelRequestParameters

from weft.runtime.request import AgentError
from weft.runtime.schemas.fitting import misfit
from weft.runtime.schemas.validating import UnusableSchema

__all__ = [
    "Unfit",
    "as_asked",
    "asked_in_text",
    "json_values",
    "output_type",
    "shaped",
    "unwrapped",
    "why_unfit",
    "wrapped",
]

ANSWER = "answer"
"""The tool an answer is given with, and the property it travels in when its schema is not that of an object."""

DEFINITIONS = ("$defs", "definitions")

ANYTHING = {"type": "object", "properties": {}, "additionalProperties": True, "$comment": "the schema is put in later"}

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


def output_type(
    schema: dict[str, Any] | None,
    *,
    in_text: bool,
    tools: bool = True,
    native: Callable[[dict[str, Any]], bool] | None = None,
) -> Any:
    """Return how the model is to answer, as pydantic-ai puts it.

    Args:
        schema: Of the answer; `None` for text.
        in_text: Whether JSON in the text of an answer will do where the tool is not called, as small models have it.
        tools: Whether the agent has other tools; without any, a model that takes none can answer in text.
        native: Whether the provider itself keeps answers to a schema; where nobody can tell, it does not.
    """
    if schema is None:
        return str
    if in_text and not tools:
        return TextOutput(_reader(schema))
    if not in_text and native is not None and native(_wrapped(schema)):
        return NativeOutput(_form(schema), strict=True)
    # Through a tool, which every server that speaks the protocol honours, and which leaves the schema as it is.
    tool = ToolOutput(_form(schema), name=ANSWER)
    return [tool, TextOutput(_reader(schema))] if in_text else tool


def _form(schema: dict[str, Any]) -> Any:
    """Return a schema as a type of pydantic-ai, or any object where that cannot hold it: see `as_asked`."""
    whole = _wrapped(schema)
    if all(reference.startswith("#/$defs/") for reference in _references(whole)):
        with suppress(UserError):  # it refers to itself
            return StructuredDict(whole, name=ANSWER)
    return StructuredDict(dict(ANYTHING), name=ANSWER)


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(reference := part.get("$ref"), str):
            yield reference
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            yield from _references(inner)


def as_asked(parameters: ModelRequestParameters, schema: dict[str, Any] | None) -> ModelRequestParameters:
    """Return what a model is told with the schema put in, where pydantic-ai cannot hold it: it refers to itself."""
    if schema is None:
        return parameters
    form, whole = parameters.output_object, _wrapped(schema)
    if form is not None and form.json_schema.get("$comment") == ANYTHING["$comment"]:
        parameters = replace(parameters, output_object=replace(form, json_schema=whole))
    tools = [
        replace(tool, parameters_json_schema=whole)
        if tool.parameters_json_schema.get("$comment") == ANYTHING["$comment"]
        else tool
        for tool in parameters.output_tools
    ]
    return replace(parameters, output_tools=tools)


def asked_in_text(schema: dict[str, Any]) -> str:
    """Return what tells a model without tools how to answer."""
    return f"Answer with JSON alone that fits this schema:\n{json.dumps(_wrapped(schema))}"


def unwrapped(output: Any, schema: dict[str, Any] | None) -> Any:
    """Return the answer itself."""
    if schema is None or schema.get("type") == "object" or not isinstance(output, dict):
        return output
    return output.get(ANSWER)


def shaped(value: Any, schema: dict[str, Any]) -> Any:
    """Return a value as it travels under a schema that was sent: in its property, where that is all there is to it."""
    alone = schema.get("properties", {}).keys() == {ANSWER} and schema.get("required") == [ANSWER]
    return {ANSWER: value} if alone and not (isinstance(value, dict) and ANSWER in value) else value


def wrapped(value: Any, schema: dict[str, Any] | None) -> Any:
    """Return an answer as it travels; the other way round from `unwrapped`."""
    return value if schema is None or schema.get("type") == "object" else {ANSWER: value}


def _wrapped(schema: dict[str, Any]) -> dict[str, Any]:
    if schema.get("type") == "object":
        return schema
    definitions = {key: value for key, value in schema.items() if key in DEFINITIONS}
    inner = {key: value for key, value in _moved(schema).items() if key not in DEFINITIONS}
    return {
        "type": "object",
        "properties": {ANSWER: inner},
        "required": [ANSWER],
        **{key: _moved(value) for key, value in definitions.items()},
    }


def _moved(part: Any) -> Any:
    """Return a part of a schema with what it refers to where that is once the whole is a property."""
    if isinstance(part, list):
        return [_moved(item) for item in part]
    if not isinstance(part, dict):
        return part
    moved = {key: _moved(value) for key, value in part.items()}
    reference = part.get("$ref")
    if isinstance(reference, str) and (reference + "/").startswith("#/"):
        group = reference[2:].partition("/")[0]
        moved["$ref"] = reference if group in DEFINITIONS else f"#/properties/{ANSWER}{reference[1:]}"
    return moved


def _reader(schema: dict[str, Any]) -> Callable[[str], Awaitable[dict[str, Any]]]:
    whole = _wrapped(schema)

    async def read(text: str) -> dict[str, Any]:
        problem = None
        for found in json_values(text):
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


def json_values(text: str) -> Iterator[Any]:
    """Yield the JSON objects and arrays that stand in a text, from the first on, whatever commas are too many."""
    decoder, at = json.JSONDecoder(strict=False), 0
    for _ in range(MOST_STARTS):
        start = re.compile(r"[{\[]").search(text, at)
        if start is None:
            return
        try:
            value, at = decoder.raw_decode(text, start.start())
        except (ValueError, RecursionError):
            relaxed = _relaxed(text[start.start() :]) if at == 0 else ""
            try:
                value, _ = decoder.raw_decode(relaxed)
            except (ValueError, RecursionError):
                at = start.end()
                continue
            at = len(text)
        yield value


def _relaxed(text: str) -> str:
    """Return a text without comments and commas that JSON does not have, in one pass; what is in quotes stays."""
    kept: list[str] = []
    at = 0
    while at < len(text):
        match = _PIECE.match(text, at)
        piece = match[0] if match else text[at]
        at += len(piece)
        if piece in ("}", "]"):
            while kept and not kept[-1].strip():
                kept.pop()
            if kept and kept[-1] == ",":
                kept.pop()
        if not piece.startswith(("//", "/*")):
            kept.append(_CONSTANTS.get(piece, piece))
    return "".join(kept)


_PIECE = re.compile(r'"(?:[^"\\]+|\\.)*+"?|//[^\n]*|/\*(?:[^*]+|\*(?!/))*+(?:\*/)?|\s+|\w+|[^"/\s\w]', re.DOTALL)
"""What a text is made of, each read in one pass: quoted, comment, space, word, anything else."""

_CONSTANTS = {"True": "true", "False": "false", "None": "null"}
"""What models write that think of Python."""


def _meant(value: Any) -> Iterator[Any]:
    """Yield what a JSON value may mean: itself, or the arguments of a call that was written out instead of made."""
    yield value
    if isinstance(value, dict) and value.get("name") == ANSWER:
        yield from (value[key] for key in ("arguments", "parameters") if key in value)
