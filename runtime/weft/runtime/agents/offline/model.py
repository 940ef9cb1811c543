"""The offline model: answers agents from the user's own files and authors from the built-in harnesses.

It is an ordinary pydantic-ai model: it calls the agent's tools, reads what they return, and answers. It understands
nothing; what it can and cannot do is in `skills` and `author`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any, Literal

from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models import Model
from pydantic_ai.models.function import AgentInfo, FunctionModel

from weft.runtime.agents.offline.author import looks_for, shows_all, write
from weft.runtime.agents.offline.material import Material
from weft.runtime.agents.offline.opening import listed_paths, misread, plan_reading
from weft.runtime.agents.offline.quoting import NOTHING_FOUND
from weft.runtime.agents.offline.skills import respond
from weft.runtime.agents.offline.statements import about, sentences
from weft.runtime.agents.offline.text import files_called, main_name
from weft.runtime.agents.prompting import CONTEXT_END, CONTEXT_START
from weft.runtime.agents.transcript import UNDERSTOOD
from weft.runtime.request import AgentError
from weft.runtime.settings import OFFLINE
from weft.runtime.tools.folders import lines_of

__all__ = ["offline_model"]

MOST_FILES = 60
"""How many files one agent reads where the prompt names none."""


def offline_model(role: Literal["agent", "author"]) -> Model:
    """Return the model that answers as an agent, or that writes as an author."""
    return FunctionModel(_author if role == "author" else _agent, model_name=OFFLINE)


def _author(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
    prompt, returned = _prompt(messages), list(_returned(messages))
    tools = {tool.name for tool in info.function_tools}
    listing = next((text for name, _, text in returned if name == "list_files"), None)
    if listing is None and "list_files" in tools and not shows_all(prompt):
        return ModelResponse(parts=[ToolCallPart("list_files", {})])
    searched = {arguments["query"]: text for name, arguments, text in returned if name == "search_text"}
    words = looks_for(prompt, listing) if "search_text" in tools and not searched else []
    if words:
        return ModelResponse(parts=[ToolCallPart("search_text", {"query": word}) for word in words])
    return ModelResponse(parts=[TextPart(write(prompt, listing, searched))])


def _agent(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
    tools = {tool.name for tool in info.function_tools}
    prompt, context = _split(_prompt(messages))
    returned = list(_returned(messages))
    paths = tuple(path for name, _, text in returned if name == "list_files" for path in listed_paths(text))
    opened = {arguments["path"]: text for name, arguments, text in returned if name == "read_file"}
    if "list_files" in tools and not any(name == "list_files" for name, _, _ in returned):
        return ModelResponse(parts=[ToolCallPart("list_files", {})])
    reading = plan_reading(prompt, paths, MOST_FILES)
    searched = {arguments["query"]: text for name, arguments, text in returned if name == "search_text"}
    if reading.searches and "search_text" in tools and not searched:
        return ModelResponse(parts=[ToolCallPart("search_text", {"query": word}) for word in reading.searches])
    wanted = reading.files(searched, MOST_FILES)
    unread = [path for path in wanted if path not in opened] if "read_file" in tools else []
    if unread:
        return ModelResponse(parts=[ToolCallPart("read_file", {"path": path}) for path in unread])
    _check_opened(reading.named, opened)
    material = _material(prompt, context, opened, paths)
    answer, understood = respond(_schema(info), material)
    understood = misread(reading.named, material, may_list="list_files" in tools) or understood
    if understood is None and _is_empty(answer) and not reading.named and context is None:
        understood = NOTHING_FOUND
    part = ToolCallPart(info.output_tools[0].name, answer) if info.output_tools else TextPart(answer)
    return ModelResponse(parts=[part], metadata={UNDERSTOOD: asdict(understood)} if understood else None)


def _is_empty(answer: Any) -> bool:
    """Whether an answer is nothing but empty lists."""
    return isinstance(answer, dict) and all(value == [] for value in answer.values())


def _check_opened(named: Sequence[str], opened: dict[str, str]) -> None:
    """Refuse to answer about a file that could not be read: saying nothing of it would pass for an answer.

    Raises:
        AgentError: a file that the prompt names was refused.
    """
    for path in named:
        if opened.get(path, "").startswith("refused: "):
            raise AgentError("refused", opened[path].removeprefix("refused: "))


def _schema(info: AgentInfo) -> dict[str, Any] | None:
    return info.output_tools[0].parameters_json_schema if info.output_tools else None


def _prompt(messages: list[ModelMessage]) -> str:
    first = next(part for part in _parts(messages) if isinstance(part, UserPromptPart))
    return first.content if isinstance(first.content, str) else " ".join(map(str, first.content))


def _parts(messages: list[ModelMessage]) -> Iterator[object]:
    return (part for message in messages if isinstance(message, ModelRequest) for part in message.parts)


def _split(prompt: str) -> tuple[str, Any]:
    """Part the prompt from the context that is handed over with it."""
    if not prompt.startswith(CONTEXT_START):
        return prompt, None
    context, _, text = prompt.removeprefix(CONTEXT_START).rpartition(f"{CONTEXT_END}\n\n")
    try:
        return text, json.loads(context)
    except ValueError:
        return text, context


def _returned(messages: list[ModelMessage]) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield what each tool was asked and what it returned."""
    asked = {
        part.tool_call_id: part.args_as_dict()
        for message in messages
        if isinstance(message, ModelResponse)
        for part in message.parts
        if isinstance(part, ToolCallPart)
    }
    for part in _parts(messages):
        if isinstance(part, ToolReturnPart):
            yield part.tool_name, asked.get(part.tool_call_id, {}), str(part.content)


def _material(prompt: str, context: Any, opened: dict[str, str], paths: tuple[str, ...]) -> Material:
    lines = {path: dict(_numbered(text)) for path, text in opened.items()}
    read = {path: sentences(path, text) for path, text in opened.items()}
    subjects = {path: main_name(f"{_title(lines[path])} {path}", found) for path, found in read.items()}
    shared = {path: _shared(name, paths) for path, name in subjects.items()}
    return Material(
        prompt=prompt,
        context=context,
        sentences=tuple(about(shared[path], sentence) for path, found in read.items() for sentence in found),
        lines=lines,
        subjects=subjects,
        paths=paths,
    )


def _shared(name: str | None, paths: tuple[str, ...]) -> str | None:
    """Return the name that a document is about where several files are called after it: there are others, then."""
    return name if name and files_called(name, paths) > 1 else None


def _numbered(text: str) -> Iterator[tuple[int, str]]:
    for row in lines_of(text):
        number, colon, line = row.partition(": ")
        if colon and number.isdigit():
            yield int(number), line


def _title(lines: dict[int, str]) -> str:
    return next((line for line in lines.values() if line.startswith("#")), "")
