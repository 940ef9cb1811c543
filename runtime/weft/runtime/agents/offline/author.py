"""The offline author: picks the built-in harness whose trigger words stand in a task, and fills in its arguments.

The words are in `library/triggers.toml`. What takes more than finding, comparing and quoting is refused, see `beyond`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from weft.runtime.agents.offline.asked import (
    claims_in,
    form,
    is_sure,
    judged_file,
    missing_files,
    named_files,
    own_words,
)
from weft.runtime.agents.offline.beyond import refuse_beyond, standing, triggers, without_triggers
from weft.runtime.agents.offline.opening import by_rare_words, listed_paths, searches
from weft.runtime.agents.offline.text import asked_for
from weft.runtime.meant import did_you_mean
from weft.runtime.project.harness import Harness
from weft.runtime.project.shipped import builtin_harness
from weft.runtime.request import AgentError
from weft.runtime.tools.folders import lines_of

__all__ = ["looks_for", "shows_all", "write"]

GENERAL = "answer-from-files"
"""Written for any question, and so the choice where no trigger word stands in the task."""

BY_FORM = {"compare": "find-contradictions", "check": "check-facts"}
"""Which one is meant by the form of a task without a trigger word."""

MOST_FILES = 200
"""How many files the built-in harnesses take."""

MOST_NAMED = 5
"""How many files that are skipped the first line of a result names; the result itself names all."""


def shows_all(prompt: str) -> bool:
    """Whether an author's prompt lists every file there is."""
    return _listed(_marked("files", prompt))[1] == 0


def looks_for(prompt: str, listing: str | None) -> list[str]:
    """Return the words to search for first.

    What the task names like a file, and is none, may be only spoken of; and where there are more files than a harness
    takes, those with its rare words come first.
    """
    task, paths = _marked("task", prompt), _listed(_marked("files", prompt) if listing is None else listing)[0]
    missing = missing_files(task, paths, likely=True)
    return [*missing, *(searches(without_triggers(own_words(task))) if len(paths) > MOST_FILES else ())]


def write(prompt: str, listing: str | None = None, searched: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return a harness and its arguments, as fenced blocks, for the task in the author's prompt.

    Args:
        prompt: The author's prompt.
        listing: What `list_files` returned, where the prompt does not show all files.
        searched: What `search_text` returned, by what was searched for.

    Raises:
        AgentError: the task takes a model, names a file that is not there, or there are too few files for it.
    """
    task = _marked("task", prompt)
    harness = _best_fit(task)
    paths, more = _listed(_marked("files", prompt) if listing is None else listing)
    unreadable = dict(line.rsplit(": ", 1) for line in lines_of(_marked("unreadable", prompt)) if ": " in line)
    there = _Files([path for path in paths if path not in unreadable], unreadable, more)
    spoken_of = {name for name, text in searched.items() if name in text}
    _refuse_missing(harness, missing_files(task, paths, likely=True), spoken_of, paths)
    args = _arguments(harness, task, there, searched)
    return f"```python\n{harness.source}```\n\n```json\n{json.dumps(args, ensure_ascii=False, indent=1)}\n```\n"


@dataclass(frozen=True, slots=True)
class _Files:
    """What there is to read."""

    readable: list[str]
    unreadable: dict[str, str]
    """What agents cannot read, and why."""
    more: int
    """How many there are besides, which nobody lists."""


# ------------------------------------------------------------------------------------------------ which harness


def _best_fit(task: str) -> Harness:
    """Return the harness of which most trigger words stand in the task.

    Raises:
        AgentError: the task takes a model.
    """
    own = own_words(task)
    fits = {name: len(standing(entry["words"], own)) for name, entry in triggers()["harnesses"].items()}
    best = max(fits, key=lambda name: fits[name])
    if not fits[best] and (asked := form(task)):
        best, fits[BY_FORM[asked]] = BY_FORM[asked], 1
    refuse_beyond(task, best if fits[best] else None)
    chosen = builtin_harness(best if fits[best] else GENERAL)
    assert chosen is not None  # a test holds the names against each other
    return chosen


# ------------------------------------------------------------------------------------------------ its arguments


def _refuse_missing(harness: Harness, missing: list[str], spoken_of: Collection[str], paths: list[str]) -> None:
    """Refuse a task about a file that is not there.

    A task may also be about what only stands in the files, as in "what is set in /etc/a.conf?" or "who uses node.js?".
    """
    asks = harness.name == GENERAL or _needs_all(harness)
    absent = [name for name in missing if name not in spoken_of or not (asks or not is_sure(name, paths))]
    if absent:
        otherwise = "where it is only spoken of, put the words around it in quotation marks"
        meant = did_you_mean(absent[0].rpartition("/")[2], [path.rpartition("/")[2] for path in paths], otherwise)
        raise AgentError(
            "refused",
            f"the task names {', '.join(absent)}, which is not among the {len(paths)} files that agents can see; "
            f"{meant}",
        )


def _arguments(harness: Harness, task: str, there: _Files, searched: Mapping[str, str]) -> dict[str, Any]:
    """Fill in what a harness declares: its files, the task as its question, and what had to be left out."""
    declared = (harness.args_schema or {}).get("properties", {})
    fewest, most = declared["files"]["minItems"], declared["files"]["maxItems"]
    _refuse_unreadable(named_files(task, there.unreadable), there)
    if len(there.readable) < fewest:
        are = "is only 1" if there.readable else "are none"
        why = f" ({_why(there.unreadable)})" if there.unreadable else ""
        raise AgentError(
            "refused",
            f"this needs {fewest} or more files that agents can read, and there {are}{why}; "
            "what is not in files takes a model with an API key",
        )
    named = named_files(task, there.readable)
    alone = len(named) >= fewest and not _needs_all(harness)
    wanted = named if alone else there.readable
    chosen = _chosen(wanted, named, task, most, searched)
    args: dict[str, Any] = {"question": task, "files": chosen, **_claims(declared, task, there.readable)}
    if alone:
        there = _Files(wanted, {}, 0)
    return args | _left_out(there, chosen, most)


def _refuse_unreadable(named: list[str], there: _Files) -> None:
    if named:
        raise AgentError("refused", f"{named[0]} {there.unreadable[named[0]]}, so there is nothing in it to read")


def _claims(declared: dict[str, Any], task: str, paths: Sequence[str]) -> dict[str, Any]:
    """Return the claims of the task, and the file that it wants checked, for a harness that checks claims.

    Raises:
        AgentError: the task names neither.
    """
    if "claims" not in declared:
        return {}
    claims, document = claims_in(task, paths)[: declared["claims"]["maxItems"]], judged_file(task, paths)
    if not claims and document is None:
        raise AgentError(
            "refused",
            "the task names no claim: put what is to be checked in quotation marks or after a colon, or name the file "
            "whose claims are to be checked; or ask which documents contradict each other",
        )
    return ({"claims": claims} if claims else {}) | ({"document": document} if document is not None else {})


def _left_out(there: _Files, chosen: list[str], most: int) -> dict[str, Any]:
    """Return what a harness is told of files that are not looked at, if there are any."""
    kept = set(chosen)
    beyond = [path for path in there.readable if path not in kept]
    count = len(beyond) + there.more + len(there.unreadable)
    if not count:
        return {}
    whys = [f"{len(beyond) + there.more} beyond the {most} that are looked at"] if beyond or there.more else []
    whys += [_why(there.unreadable)] if there.unreadable else []
    return {"left_out": {"count": count, "files": [*beyond, *there.unreadable], "why": "skipped: " + "; ".join(whys)}}


def _why(unreadable: dict[str, str]) -> str:
    shown = [f"{path} {why}" for path, why in unreadable.items()][:MOST_NAMED]
    if len(unreadable) > len(shown):
        shown.append(f"and {len(unreadable) - len(shown)} more")
    return ", ".join(shown)


def _needs_all(harness: Harness) -> bool:
    return bool(triggers()["harnesses"].get(harness.name, {}).get("needs_all_files"))


def _chosen(paths: list[str], named: list[str], task: str, most: int, searched: Mapping[str, str]) -> list[str]:
    """Return as many files as may be: those the task names, then those that have its rare words, in text or name."""
    asked = asked_for(own_words(task))
    by_name = sorted(paths, key=lambda path: -len(asked & asked_for(path)))
    ranked = sorted(by_rare_words(by_name, searched), key=lambda path: path not in named)
    kept = set(ranked[:most])
    return [path for path in paths if path in kept]


def _listed(listing: str) -> tuple[list[str], int]:
    """Return the files of a listing, and how many more it says there are."""
    paths = listed_paths(listing)
    more = re.search(r"^\((\d+) more", listing, re.MULTILINE)
    return paths, int(more.group(1)) if more else 0


def _marked(name: str, prompt: str) -> str:
    found = re.search(rf"<{name}>\n(.*?)\n</{name}>", prompt, re.DOTALL)
    return found.group(1) if found else ""
