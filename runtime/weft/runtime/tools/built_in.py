"""The tools that Weft brings, each with what agents are told of it. What they do is in the modules beside."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import anyio.to_thread

from weft.primitives.tools import AGENT_TOOLS
from weft.runtime.tools.addresses import address_of, is_address
from weft.runtime.tools.facts import MAX_KEY, MAX_VALUE, recall, recalled, remember
from weft.runtime.tools.reading import OpenFiles
from weft.runtime.tools.running import (
    MOST_SECONDS,
    USUAL_SECONDS,
    command_line,
    is_command,
    run_command,
    stays_inside,
)
from weft.runtime.tools.spawning import MOST_ASKED, run_workflow, spawn_agent
from weft.runtime.tools.tool import Calling, Tool, taking
from weft.runtime.tools.writing import edit_file, path_of, write_file

__all__ = ["BUILT_IN", "RECALL", "REMEMBER"]


def _reading(method: Callable[..., str]) -> Callable[[Calling, dict[str, Any]], Awaitable[str]]:
    """Return the call of a tool that only looks at files.

    It runs in a thread. An agent that is cancelled does not wait for it; `OpenFiles.end` lets it come to an end.
    """

    async def call(at: Calling, arguments: dict[str, Any]) -> str:
        opened = OpenFiles(at.folders, at.touched)
        try:
            return await anyio.to_thread.run_sync(partial(method, opened, **arguments), abandon_on_cancel=True)
        finally:
            opened.end()

    return call


READ_FILE = Tool(
    name="read_file",
    description="Read lines of a text file. Each line comes with its number, as `12: text`.",
    acts=AGENT_TOOLS["read_file"],
    parameters=taking(
        {
            "path": ("string", "A path as `list_files` shows it."),
            "first_line": ("integer", "The first line to read, from 1."),
            "last_line": ("integer", "The last line to read; at most 2,000 lines come at once."),
            "first_column": ("integer", "Where in the first line to begin, from 1; only for very long lines."),
        },
        required=("path",),
    ),
    call=_reading(OpenFiles.read_file),
    free=True,
)

LIST_FILES = Tool(
    name="list_files",
    description=(
        "List the files there are, one path a line, each with its lines and bytes. Hidden files are not among them, "
        "nor what .gitignore leaves out. The last line says whether that is all."
    ),
    acts=AGENT_TOOLS["list_files"],
    parameters=taking(
        {"pattern": ("string", "Only paths that contain this text, or are like a pattern such as src/**/*.py.")}
    ),
    call=_reading(OpenFiles.list_files),
    free=True,
)

SEARCH_TEXT = Tool(
    name="search_text",
    description=(
        "Find the lines that contain a text. Shows `path:line: text`; the last line says how many there are, and "
        "whether all are shown."
    ),
    acts=AGENT_TOOLS["search_text"],
    parameters=taking(
        {
            "query": ("string", "What to look for: a text as it stands in a line, unless `match` says otherwise."),
            "path": ("string", "Only files whose path contains this text, or is like a pattern such as src/**/*.py."),
            "match": (
                "string",
                "text; regex (as RE2 and ripgrep read it); or words, all of them in any order. Without it a text, and "
                "where no line has that, its words.",
            ),
            "case": ("boolean", "Whether case counts; without it, it does not."),
            "context": ("integer", "How many lines to show before and after each, at most 10."),
        },
        required=("query",),
    ),
    call=_reading(OpenFiles.search_text),
    free=True,
)


def _writing(function: Callable[..., str]) -> Callable[[Calling, dict[str, Any]], Awaitable[str]]:
    """Return the call of a tool that changes a file, in a thread: what has begun is done before anybody goes on."""

    async def call(at: Calling, arguments: dict[str, Any]) -> str:
        return await anyio.to_thread.run_sync(partial(function, at.folders, at.touched, **arguments))

    return call


def _always(at: Calling) -> bool:
    return True


WRITE_FILE = Tool(
    name="write_file",
    description="Write a text file: a new one with the folders on its way, or all of one that is there.",
    acts=AGENT_TOOLS["write_file"],
    parameters=taking(
        {"path": ("string", "A path as `list_files` shows it."), "text": ("string", "All that it is to hold.")},
        required=("path", "text"),
    ),
    call=_writing(write_file),
    subject=path_of,
    stays=_always,
    example="src/**",
)

EDIT_FILE = Tool(
    name="edit_file",
    description="Replace a text in a file by another. It must be there exactly once, to the letter, or `all` be true.",
    acts=AGENT_TOOLS["edit_file"],
    parameters=taking(
        {
            "path": ("string", "A path as `list_files` shows it."),
            "old": ("string", "The text that is there, without the line numbers of `read_file`."),
            "new": ("string", "What is to be there instead."),
            "all": ("boolean", "Whether to replace it wherever it is."),
        },
        required=("path", "old", "new"),
    ),
    call=_writing(edit_file),
    subject=path_of,
    stays=_always,
    example="src/**",
)

RUN_COMMAND = Tool(
    name="run_command",
    description=(
        "Run a program, and see how it ended and what it wrote. There is no shell: no pipes, no variables, no `*`, one "
        "program a call. It gets no input, and unless a person has allowed more it reaches no network, and no files "
        "but those of the folder, of hidden ones those that git knows. What it leaves running is ended with it."
    ),
    acts=AGENT_TOOLS["run_command"],
    parameters=taking(
        {
            "command": ("string", "The program and its arguments, quoted as for a shell."),
            "timeout": ("integer", f"Seconds it may take, {USUAL_SECONDS} without it, at most {MOST_SECONDS}."),
            "folder": ("string", "Where to run it, as a path; the folder you see without it."),
        },
        required=("command",),
    ),
    call=run_command,
    subject=command_line,
    stays=stays_inside,
    fits=is_command,
    foreign=True,
    example="pytest*",
)


async def _fetching(at: Calling, arguments: dict[str, Any]) -> str:
    from weft.runtime.tools.fetching import fetch_url

    return await fetch_url(at, arguments)


FETCH_URL = Tool(
    name="fetch_url",
    description="Fetch a page of the web by GET, and see what it says as text, with its links.",
    acts=AGENT_TOOLS["fetch_url"],
    parameters=taking({"url": ("string", "Where, from http:// or https:// on.")}, required=("url",)),
    call=_fetching,
    subject=address_of,
    fits=is_address,
    foreign=True,
    example="docs.example.org/*",
)

REMEMBER = Tool(
    name="remember",
    description=(
        "Tell all other agents of this run a fact, under a key. With `expected` it is set only where nobody was "
        "faster: 0 where there is none yet, or the version that `recall` gave; else you are told what stands there."
    ),
    acts=AGENT_TOOLS["remember"],
    parameters={
        "type": "object",
        "properties": {
            "key": {"type": "string", "minLength": 1, "maxLength": MAX_KEY, "description": "As in `owner/billing`."},
            "value": {"type": "string", "maxLength": MAX_VALUE, "description": "A text, or data as JSON."},
            "expected": {"type": "integer", "minimum": 0, "description": "The version it must have to be changed."},
        },
        "required": ["key", "value"],
        "additionalProperties": False,
    },
    call=remember,
    free=True,
)

RECALL = Tool(
    name="recall",
    description="See what agents of this run have remembered, one fact a line, with its version.",
    acts=AGENT_TOOLS["recall"],
    parameters=taking(
        {
            "key": ("string", "The key of one fact."),
            "prefix": ("string", "Only keys that begin so; all without it."),
        }
    ),
    call=recall,
    data=recalled,
    free=True,
    foreign=True,
)

SPAWN_AGENT = Tool(
    name="spawn_agent",
    description=(
        "Have another agent answer: it sees only the prompt, and what you were given as context. Several calls in one "
        "turn are answered side by side."
    ),
    acts=AGENT_TOOLS["spawn_agent"],
    parameters={
        "type": "object",
        "properties": {
            "prompt": {
                "type": "string",
                "minLength": 1,
                "maxLength": MOST_ASKED,
                "description": "All that it is to know and to do.",
            },
            "label": {"type": "string", "maxLength": 100, "description": "A short name, for people."},
            "schema": {"type": "object", "description": "JSON Schema of its answer; without it, that is text."},
            "tools": {
                "type": "array",
                "items": {"type": "string"},
                "description": "Which of your tools it has; without it all but those that ask others.",
            },
        },
        "required": ["prompt"],
        "additionalProperties": False,
    },
    call=spawn_agent,
    free=True,
    foreign=True,
    patient=True,
)

RUN_WORKFLOW = Tool(
    name="run_workflow",
    description="Have a saved harness of the project answer, with all the agents that it asks, and see its result.",
    acts=AGENT_TOOLS["run_workflow"],
    parameters={
        "type": "object",
        "properties": {
            "name": {"type": "string", "minLength": 1, "description": "What it was saved as."},
            "args": {"type": "object", "description": "Its arguments, as it declares them."},
        },
        "required": ["name"],
        "additionalProperties": False,
    },
    call=run_workflow,
    free=True,
    foreign=True,
    patient=True,
)

BUILT_IN: tuple[Tool, ...] = (
    READ_FILE,
    LIST_FILES,
    SEARCH_TEXT,
    WRITE_FILE,
    EDIT_FILE,
    RUN_COMMAND,
    FETCH_URL,
    REMEMBER,
    RECALL,
    SPAWN_AGENT,
    RUN_WORKFLOW,
)
"""All of them, in the order in which they are named to people."""
