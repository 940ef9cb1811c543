"""The offline author: picks the built-in harness that fits a task best, by its words, and fills in its arguments."""

from __future__ import annotations

import json
import re
from typing import Any

from weft.runtime.agents.offline.text import STOPWORDS, Rarity, terms
from weft.runtime.harness import Harness
from weft.runtime.store import builtin_harnesses

__all__ = ["write"]

GENERAL = "answer-from-files"
"""Written for any question, and so the choice where no other harness fits."""


def write(prompt: str) -> str:
    """Return a harness and its arguments, as fenced blocks, for the task in the author's prompt."""
    task, files = _marked("task", prompt), _marked("files", prompt).splitlines()
    harness = _best_fit(task)
    args = _arguments(harness, task, [file for file in files if file and not file.startswith("(")])
    return f"```python\n{harness.source}```\n\n```json\n{json.dumps(args, ensure_ascii=False, indent=1)}\n```\n"


def _best_fit(task: str) -> Harness:
    """Return the harness whose description shares the rarest words with the task."""
    harnesses = list(builtin_harnesses())
    described = {harness.name: set(terms(harness.task, without=STOPWORDS)) for harness in harnesses}
    rarity = Rarity(described.values())
    asked = set(terms(task, without=STOPWORDS))

    def fit(harness: Harness) -> tuple[float, bool]:
        shared = asked & described[harness.name]
        return sum(rarity.of(word) for word in shared), harness.name == GENERAL

    return max(harnesses, key=fit)


def _arguments(harness: Harness, task: str, files: list[str]) -> dict[str, Any]:
    """Fill in what a harness declares: a list of files with the files, a text with the task."""
    args: dict[str, Any] = {}
    for name, schema in (harness.args_schema or {}).get("properties", {}).items():
        if schema.get("type") == "array":
            args[name] = files[: schema.get("maxItems", len(files))]
        elif schema.get("type") == "string":
            args[name] = task
    return args


def _marked(name: str, prompt: str) -> str:
    found = re.search(rf"<{name}>\n(.*?)\n</{name}>", prompt, re.DOTALL)
    return found.group(1) if found else ""
