"""The offline author: picks the built-in harness whose trigger words stand in a task, and fills in its arguments.

The words are in `library/triggers.toml`. A task that takes more than finding, comparing and quoting is refused.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

from weft.runtime.agents.offline.text import asked_for, names_path
from weft.runtime.agents.tools import lines_of
from weft.runtime.project.folders import builtin_harnesses
from weft.runtime.project.harness import Harness
from weft.runtime.request import AgentError

__all__ = ["shows_all", "write"]

GENERAL = "answer-from-files"
"""Written for any question, and so the choice where no trigger word stands in the task."""

POLITE = (
    r"(?:please|kindly|(?:can|could|would|will) you|i (?:want|need) you to|i'd like you to|help me(?: to)?|just|now)"
)
GOES_ON = r"(?:[,;.]|\band\b|\bthen\b)\s+(?:(?:and|then|also|please)\s+)*"
"""What stands before a further instruction."""

OBJECT = r"(?=\s+(?:it|them|this|that|these|those|the|an?|all|every\w*|each|my|our|me|us)\b)"
"""What follows an instruction, and tells it from one more verb of a question: "which notes create and delete rows"."""

QUESTION = re.compile(
    r"\?\s*$|^\W*(?:who|what|where|when|which|why|how|is|are|do|does|did|has|have|was|were)\b", re.IGNORECASE
)


def shows_all(prompt: str) -> bool:
    """Whether an author's prompt lists every file there is."""
    return _listed(_marked("files", prompt))[1] == 0


def write(prompt: str, listing: str | None = None) -> str:
    """Return a harness and its arguments, as fenced blocks, for the task in the author's prompt.

    Args:
        prompt: The author's prompt.
        listing: What `list_files` returned, where the prompt does not show all files.

    Raises:
        AgentError: the task takes a model, or there are too few files for it.
    """
    task = _marked("task", prompt)
    harness = _best_fit(task)
    args = _arguments(harness, task, *_listed(_marked("files", prompt) if listing is None else listing))
    return f"```python\n{harness.source}```\n\n```json\n{json.dumps(args, ensure_ascii=False, indent=1)}\n```\n"


# ------------------------------------------------------------------------------------------------ which harness


@cache
def _triggers() -> dict[str, Any]:
    return tomllib.loads(files("weft.runtime").joinpath("library/triggers.toml").read_text("utf-8"))


def _best_fit(task: str) -> Harness:
    """Return the harness of which most trigger words stand in the task."""
    fits = {name: len(_standing(entry["words"], task)) for name, entry in _triggers()["harnesses"].items()}
    best = max(fits, key=lambda name: fits[name])
    beyond = _triggers()["beyond"]
    _refuse(task, beyond["always"] if fits[best] else [*beyond["always"], *beyond["without_fit"]])
    chosen = best if fits[best] else GENERAL
    return next(harness for harness in builtin_harnesses() if harness.name == chosen)


def _standing(words: Iterable[str], task: str) -> list[str]:
    return [word for word in words if re.search(_pattern(word), task, re.IGNORECASE)]


def _pattern(word: str) -> str:
    """Return a pattern for a trigger word or phrase."""
    words = r"\s+".join(map(re.escape, word.removesuffix("*").split()))
    return rf"(?<!\w){words}" if word.endswith("*") else rf"(?<!\w){words}(?!\w)"


def _refuse(task: str, beyond: Iterable[str]) -> None:
    """Refuse a task that asks for what takes a model, at its beginning or after an "and".

    Raises:
        AgentError: it does.
    """
    for word in beyond:
        begins = rf"^\W*(?:{POLITE}\W+)*{_pattern(word)}"
        goes_on = rf"{GOES_ON}{_pattern(word)}{'' if ' ' in word else OBJECT}"
        question = QUESTION.search(task)
        if re.search(begins, task, re.IGNORECASE) or (not question and re.search(goes_on, task, re.IGNORECASE)):
            asked = word.removesuffix("*")
            raise AgentError(
                "refused",
                f"the task says “{asked}”, which takes a model with an API key; "
                "the offline model only finds, compares and quotes what your files say",
            )


# ------------------------------------------------------------------------------------------------ its arguments


def _arguments(harness: Harness, task: str, paths: list[str], more: int) -> dict[str, Any]:
    """Fill in what a harness declares: its files, the task as its question, and what had to be left out."""
    declared = (harness.args_schema or {}).get("properties", {})
    fewest, most = declared["files"]["minItems"], declared["files"]["maxItems"]
    if len(paths) < fewest:
        there = "is only 1" if paths else "are none"
        raise AgentError(
            "refused",
            f"this needs {fewest} or more files that agents can read, and there {there}; "
            "what is not in files takes a model with an API key",
        )
    named = [path for path in paths if _names(task, path)]
    wanted = named if len(named) >= fewest and not _needs_all(harness) else paths
    chosen = _chosen(wanted, task, most)
    left_out = [path for path in wanted if path not in set(chosen)]
    args: dict[str, Any] = {"question": task, "files": chosen}
    if left_out:
        args["left_out"] = {"count": len(left_out) + more, "files": left_out}
    return args


def _needs_all(harness: Harness) -> bool:
    return bool(_triggers()["harnesses"].get(harness.name, {}).get("needs_all_files"))


def _chosen(paths: list[str], task: str, most: int) -> list[str]:
    """Return as many files as may be: those the task names, then those whose names share most words with it."""
    asked = asked_for(task)
    ranked = sorted(paths, key=lambda path: (not _names(task, path), -len(asked & asked_for(path))))
    kept = set(ranked[:most])
    return [path for path in paths if path in kept]


def _names(task: str, path: str) -> bool:
    return names_path(task, path) or names_path(task, path.rpartition("/")[2])


def _listed(listing: str) -> tuple[list[str], int]:
    """Return the files of a listing, and how many more it says there are."""
    paths = [line for line in lines_of(listing) if line and line != "no files" and not line.startswith("(")]
    more = re.search(r"^\((\d+) more", listing, re.MULTILINE)
    return paths, int(more.group(1)) if more else 0


def _marked(name: str, prompt: str) -> str:
    found = re.search(rf"<{name}>\n(.*?)\n</{name}>", prompt, re.DOTALL)
    return found.group(1) if found else ""
