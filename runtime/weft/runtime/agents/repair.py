"""Cheap repair of an answer that does not fit: what was meant is read without asking again, where nothing is lost.

Two kinds: a response whose JSON is not where or as it should be, and a value that fits once texts are read as what they
spell. Whether something fits is `schemas.fitting`.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from pydantic_ai.messages import ModelMessage, ModelRequest, ModelResponse, TextPart, ToolCallPart, UserPromptPart
from pydantic_ai.models import ModelRequestParameters

from weft.runtime.agents.native import Unheeded
from weft.runtime.agents.shape import asked_in_text, json_values, shaped
from weft.runtime.schemas.fitting import misfit

__all__ = ["mended", "readable", "reminded"]

MOST_DEPTH = 40
"""How deep a value is looked into."""

NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,17})(?:\.\d{1,15})?(?:[eE][+-]?\d{1,2})?")
"""What spells a number, as JSON does, that is not changed by being read."""

WORDS = {"true": True, "false": False}


def reminded(messages: list[ModelMessage], parameters: ModelRequestParameters) -> list[ModelMessage]:
    """Return messages with the schema in words at the end, where a model that was to be kept to it said no JSON."""
    form, last = parameters.output_object, messages[-1]
    if parameters.output_mode != "native" or form is None or not isinstance(last, ModelRequest) or len(messages) < 2:
        return messages
    said = messages[-2]
    if not isinstance(said, ModelResponse) or said.tool_calls or next(json_values(said.text or ""), None) is not None:
        return messages
    told = UserPromptPart(asked_in_text(form.json_schema))
    return [*messages[:-1], dataclasses.replace(last, parts=[*last.parts, told])]


def readable(response: ModelResponse, parameters: ModelRequestParameters, *, first: bool) -> ModelResponse:
    """Return a response with its answer in the form that was asked for, where it has one in another form.

    An answer may have been written as text where a tool was to be called, or the other way round; and its JSON may be
    in a fence, between words, with commas or comments too many.

    Args:
        response: What the model said.
        parameters: What it was told.
        first: Whether it is the first of its conversation, so that nothing is lost by another one.

    Raises:
        Unheeded: its provider was to keep it to a schema, and there is no JSON in it at all.
    """
    if parameters.output_mode == "native" and parameters.output_object is not None:
        schema, tool = parameters.output_object.json_schema, None
    elif parameters.output_mode == "tool" and len(parameters.output_tools) == 1 and not parameters.allow_text_output:
        tool = parameters.output_tools[0]
        schema = tool.parameters_json_schema
    else:
        return response
    known = {function.name for function in parameters.function_tools}
    calls = [part for part in response.parts if isinstance(part, ToolCallPart)]
    if any(call.tool_name in known for call in calls):
        return response  # it goes on
    said = _said(response, calls)
    if said is None:
        return response
    found, *others = [*islice(json_values(said), 2)] or [None]
    if any(other != found for other in others):
        return response  # nobody can tell which of them is meant
    if found is None and tool is None and first and not calls:
        raise Unheeded
    if found is None and (tool is not None or not calls):
        return response
    args = said if found is None else json.dumps(shaped(found, schema), ensure_ascii=False)
    if _as_it_should_be(response, calls, None if tool is None else tool.name, args):
        return response
    answer: TextPart | ToolCallPart = TextPart(args)
    if tool is not None:
        answer = ToolCallPart(tool.name, args)
        if calls:
            answer.tool_call_id = calls[0].tool_call_id
    rest = [part for part in response.parts if not isinstance(part, TextPart | ToolCallPart)]
    return dataclasses.replace(response, parts=[*rest, answer])


def _said(response: ModelResponse, calls: list[ToolCallPart]) -> str | None:
    """Return the text that has the answer; nothing where it is in several places."""
    if len(calls) > 1:
        return None
    if calls:
        return calls[0].args if isinstance(calls[0].args, str) else calls[0].args_as_json_str()
    return "".join(part.content for part in response.parts if isinstance(part, TextPart)) or None


def _as_it_should_be(response: ModelResponse, calls: list[ToolCallPart], tool: str | None, args: str) -> bool:
    """Whether the answer is where it belongs already, and as it is to be read."""
    if tool is None:
        texts = [part.content for part in response.parts if isinstance(part, TextPart)]
        return not calls and len(texts) == 1 and _same(texts[0], args)
    return [call.tool_name for call in calls] == [tool] and _same(calls[0].args_as_json_str(), args)


def _same(text: str, args: str) -> bool:
    try:
        return bool(json.loads(text) == json.loads(args))
    except (ValueError, RecursionError):
        return False


async def mended(value: Any, schema: dict[str, Any] | None) -> tuple[Any, str | None, str | None]:
    """Return a value that fits, what was mended of it, and what is wrong with it where it does not.

    Raises:
        UnusableSchema: nothing can be held against the schema.
    """
    problem = await misfit(value, schema)
    if problem is None or schema is None:
        return value, None, problem
    for candidate in _candidates(value, schema):
        if await misfit(candidate, schema) is None:
            return candidate, problem, None
    return value, None, problem


def _candidates(value: Any, schema: dict[str, Any]) -> Iterator[Any]:
    """Yield what the value may be meant as, the least changed first."""
    for inner in _within(value, schema):
        read = _read(inner, schema, schema, MOST_DEPTH)
        if inner is not value:
            yield inner
        if read != inner or type(read) is not type(inner):
            yield read


def _within(value: Any, schema: dict[str, Any]) -> Iterator[Any]:
    """Yield the value, and what is in it where it is the only thing in a wrapper that nobody asked for."""
    yield value
    if isinstance(value, dict) and len(value) == 1:
        (name, inner), *_ = value.items()
        properties = schema.get("properties")
        if not isinstance(properties, dict) or name not in properties:
            yield inner


def _read(value: Any, schema: Any, root: dict[str, Any], depth: int) -> Any:
    """Return a value with each text read as what it spells, where the schema wants that and no text."""
    schema = _resolved(schema, root)
    if schema is None or depth <= 0:
        return value
    kinds = schema.get("type")
    wanted = {kinds} if isinstance(kinds, str) else set(kinds) if isinstance(kinds, list) else set()
    if isinstance(value, str) and wanted and "string" not in wanted:
        value = _spelled(value, wanted)
    elif type(value) is int and wanted == {"string"}:
        value = str(value)
    if isinstance(value, str) and isinstance(schema.get("enum"), list):
        value = _one_of(value, schema["enum"])
    if isinstance(value, list):
        return [_read(item, schema.get("items"), root, depth - 1) for item in value]
    if isinstance(value, dict) and isinstance(properties := schema.get("properties"), dict):
        required = schema.get("required", [])
        return {
            name: _read(item, properties.get(name), root, depth - 1)
            for name, item in value.items()
            if item is not None or name not in properties or name in required or _takes_null(properties[name], root)
        }
    return value


def _resolved(schema: Any, root: dict[str, Any]) -> dict[str, Any] | None:
    """Return a schema, or what it refers to within the whole."""
    for _ in range(MOST_DEPTH):
        if not isinstance(schema, dict):
            return None
        reference = schema.get("$ref")
        if not isinstance(reference, str):
            return schema
        group, _, name = reference.removeprefix("#/").partition("/")
        definitions = root.get(group)
        schema = definitions.get(name) if isinstance(definitions, dict) else None
    return None


def _takes_null(schema: Any, root: dict[str, Any]) -> bool:
    resolved = _resolved(schema, root)
    if resolved is None:
        return True
    kinds = resolved.get("type")
    return "null" in kinds if isinstance(kinds, list) else kinds in (None, "null")


def _spelled(text: str, wanted: set[str]) -> Any:
    """Return what a text spells out of what is wanted; else the text."""
    plain = text.strip()
    if "boolean" in wanted and plain.lower() in WORDS:
        return WORDS[plain.lower()]
    if wanted & {"integer", "number"} and NUMBER.fullmatch(plain):
        return json.loads(plain)
    if wanted & {"object", "array"} and plain[:1] in ("{", "["):
        try:
            return json.loads(plain)
        except (ValueError, RecursionError):
            return text
    return text


def _one_of(text: str, choices: list[Any]) -> Any:
    """Return the one choice that a text is but for its case and the space around it."""
    near = [one for one in choices if isinstance(one, str) and one.casefold().strip() == text.casefold().strip()]
    return near[0] if len(near) == 1 else text
