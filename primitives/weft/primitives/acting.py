"""Calls of the host without a model: `tool` does something by rule, `ask` has a person decide."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import Any

from weft.primitives.calls import HostCall, Question, Reply, ToolCall, call, current
from weft.primitives.data import as_json
from weft.primitives.tools import check_tool_call

__all__ = ["ask", "tool"]

LONGEST_QUESTION = 366 * 24 * 3600
"""Seconds that a question may stay open."""


def tool(name: str, **arguments: Any) -> Coroutine[Any, Any, Any]:
    """Describe one call of a tool without a model; it is made when this is awaited or handed to a fan-out.

    It costs no agent and nothing of the budget, sees what agents see, and is part of the record: a replay, and a
    resume, give what was found then and look for nothing again.

    | tool | takes | gives |
    |---|---|---|
    | `cluster_texts` | `texts`, `threshold` | `{"clusters", "measure"}`: see `semantic_dedup`, which calls it |
    | `list_files` | `pattern`: a part of the path, or such as `src/**/*.py` | the paths of all files, sorted |
    | `read_file` | `path`, `first_line`, `last_line` | the text of these lines; without both, all of them |
    | `recall` | `key`, or `prefix`: how keys begin | the facts that agents have remembered: `{key, value, version}` |
    | `search_text` | `query`, `path`: as `pattern`, `match`, `case` | the lines that have all words of the query |

    What `.gitignore` names is not listed or searched. With `match="text"` a line has the query as it stands, with
    `match="regex"` it matches it, as RE2 reads it; without `match` it has its words, in any order, or where the query
    has none, itself. Case does not count without `case=True`.
    Such a line is `{"source": path, "line": number, "text": line}`. A tool that the project adds, as `mcp:SERVER.TOOL`
    or by the name of a function, takes and gives what it says, where a person has granted it; it may act. What it takes
    as `name` is given as `name_`.

    Returns:
        What the tool gives; `None` when it failed, for example because there is no such file, or because that would be
        more than one answer may hold: nothing is left out silently. A failure counts as lost, as that of an agent.

    Raises:
        OutsideRun: called where no run is going on.
        TypeError, ValueError: there is no such tool, or it does not take these arguments.
    """
    gate = current("tool()")
    return _answer(ToolCall(name, check_tool_call(name, arguments, gate.tools)))


def ask(
    question: str, *, choices: Sequence[str] | None = None, default: str, timeout: float
) -> Coroutine[Any, Any, str]:
    """Describe a decision by a person; they are asked when this is awaited or handed to a fan-out.

    Whoever is at the terminal of the run is asked there, and anybody can answer by `weft answer`. Who decided is part
    of the record, and nobody is asked twice: a replay, and a resume, give the same answer again.

    Args:
        question: What is to be decided, complete.
        choices: The answers there are; without them any text is one.
        default: What counts where nobody answers in time, or nobody is there to be asked; one of the choices.
        timeout: Seconds that the question stays open; at most a year.

    Returns:
        The answer: one of the choices, or a text. Never `None`.

    Raises:
        OutsideRun: called where no run is going on.
        TypeError, ValueError: an argument cannot mean anything.
    """
    current("ask()")
    text, answer = _text("the question", question), _text("default", default)
    offered = None if choices is None else _choices(choices)
    if offered is not None and answer not in offered:
        raise ValueError(f"ask(default={default!r}) is not one of the choices: {', '.join(map(repr, offered))}")
    return _answer(Question(text, answer, _seconds(timeout), offered))


async def _answer(request: HostCall) -> Any:
    reply: Reply = await call(request)
    return reply.value


def _choices(choices: object) -> tuple[str, ...]:
    if not isinstance(choices, (list, tuple)):
        raise TypeError(f"ask(choices=…) takes a list of texts, got a {type(choices).__name__}")
    offered = tuple(_text("each choice", choice) for choice in choices)
    if not offered or len({choice.strip().casefold() for choice in offered}) < len(offered):
        raise ValueError("ask(choices=…) takes at least one text, and texts that differ by more than their case")
    return offered


def _text(what: str, given: object) -> str:
    if not isinstance(given, str):
        raise TypeError(f"ask() takes {what} as text, got a {type(given).__name__}")
    text: str = as_json(given, what)
    if not text.strip():
        raise ValueError(f"ask() got nothing as {what}")
    return text


def _seconds(timeout: object) -> float:
    if isinstance(timeout, bool) or not isinstance(timeout, (int, float)) or not 0 < timeout <= LONGEST_QUESTION:
        raise ValueError(f"ask(timeout=…) takes seconds, above 0 and at most those of a year, got {timeout!r:.40}")
    return float(timeout)
