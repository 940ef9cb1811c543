"""What an author answered, as text: the file, its arguments, or the saved harness that it chose instead.

Nothing is judged here; whether the file is sound is for `author` to find out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from weft.primitives.language.parsing import parse

__all__ = ["NO_JSON", "Answer", "read_answer"]


class NoJson:
    """Stands for arguments in a block that is no JSON: they are neither given nor left out."""


NO_JSON = NoJson()


@dataclass(frozen=True, slots=True)
class Answer:
    """What one reply holds."""

    source: str | None
    """The file; `None` where there is none in it."""
    use: str | None
    """The name of a saved harness in place of a file."""
    args: Any
    """The arguments of either: `None` where the reply names none, `NO_JSON` where they cannot be read."""


def read_answer(reply: str) -> Answer:
    """Return what a reply holds: the first block of Python, and the last of JSON beside it."""
    reply = reply.replace("\r\n", "\n")
    source, rest = _fenced(reply, r"(?:python|py)", _is_python) or ("", reply)
    args = _last_json(rest)
    if source.strip():
        return Answer(source, None, args)
    if isinstance(args, dict) and isinstance(args.get("use"), str):
        return Answer(None, args["use"], args.get("args"))
    return Answer(None, None, args)


def _last_json(text: str) -> Any:
    args: Any = None
    while (found := _fenced(text, "json", _is_json)) is not None:
        block, text = found
        args = json.loads(block) if _is_json(block) else NO_JSON
    return args


def _fenced(text: str, language: str, whole: Callable[[str], bool]) -> tuple[str, str] | None:
    """Return the first fenced block of a language, and the text without it.

    What stands in a block may hold fences of its own, as prompts do. So it ends at the first fence with which it is
    `whole`, fences that begin a line before others; where none makes it so, at the first of them.
    """
    opening = re.search(rf"^[ \t]*```{language}[ \t]*\n", text, re.MULTILINE)
    if opening is None:
        return None
    body = text[opening.end() :]
    closings = [*re.finditer(r"^[ \t]*```", body, re.MULTILINE), *re.finditer(r"(?<=[^\s`])```", body)]
    ends = [closing.start() for closing in closings] or [len(body)]
    end = next((end for end in ends if whole(body[:end])), ends[0])
    after = re.sub(r"\A[ \t]*```[ \t]*$", "", body[end:], count=1, flags=re.MULTILINE)
    return body[:end], f"{text[: opening.start()]}\n{after}"


def _is_python(text: str) -> bool:
    try:
        parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
