"""How far votes rest on different evidence, by the places that were opened for each beyond what a claim is about.

What a claim names, everybody has to open: that two votes share it says nothing. Who votes, and how, is `verifying`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal, TypedDict

__all__ = [
    "ENOUGH",
    "Ground",
    "Independence",
    "Word",
    "independence",
    "names_a_source",
    "source_of",
    "texts_in",
    "told_of",
]

Word = Literal["independent", "partly", "same source", "none needed"]

ENOUGH = 0.5
"""From which share on votes count as independent: when more than half of what two of them rest on is not the same."""

SAME_FILE = 0.5
"""How far two votes rest on the same where they read lines of one file that have none in common."""

ONE_ALONE = 0.5
"""The same where one of them has nothing beyond the claim's subject."""

OTHER_READER = 0.5
"""By what that is multiplied where another model or role has read it: the same evidence, but another reading of it."""


class Independence(TypedDict):
    """Whether votes rest on different evidence, beyond the sources that the claim is about."""

    word: Word
    """`independent`: mostly on different evidence. `partly`: mostly on the same. `same source`: all on the same, or on
    nothing that anybody opened. `none needed`: what the claim is about was opened, and decided it alone."""
    share: float | None
    """The mean part of what two votes rest on that is not the same, above 0 and up to 1; `None` where the word says it
    all."""
    why: str
    """A sentence on what was shared."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What one vote rests on."""

    places: tuple[str, ...]
    """What was opened or asked for it, as `path:first-last`, a URL or `tool("…")`."""
    reader: tuple[str | None, ...] = ()
    """Which model in which role has voted, as far as that was chosen."""


Lines = tuple[float, float]
"""The first and the last line."""

Evidence = Mapping[str, Sequence[Lines]]
"""Which lines of which sources."""

_PLACE = re.compile(r"(?P<source>.+?):(?P<first>\d+)(?:-(?P<last>\d+))?", re.DOTALL)
_WHOLE: Lines = (0, float("inf"))


def independence(grounds: Sequence[Ground], about: Callable[[str], bool]) -> Independence:
    """Return how far votes rest on different evidence.

    The overlap of two votes is the part of their sources that both have opened: a file counts fully where they read the
    same lines of it, half where they read others. The share is 1 less the mean overlap of all pairs.

    Args:
        grounds: What each vote that decided something rests on.
        about: Tells of a source whether the claim is about it.
    """
    opened = [_evidence(ground.places) for ground in grounds]
    beyond = [{source: lines for source, lines in one.items() if not about(source)} for one in opened]
    if grounds and not any(beyond) and all(opened):
        subject = _listed({source for one in opened for source in one})
        return {"word": "none needed", "share": None, "why": f"{subject}, which the claim is about, was enough"}
    if len(grounds) < 2:
        why = "a single vote decided" if grounds else "no vote rests on evidence of its own"
        return {"word": "same source", "share": None, "why": why}
    if not any(opened):
        return {"word": "same source", "share": None, "why": _shared(beyond)}
    share = round(1 - _overlap(grounds, beyond), 4)
    if share <= 0:
        return {"word": "same source", "share": None, "why": _shared(beyond)}
    others = len({ground.reader for ground in grounds}) > 1
    why = _shared(beyond) + (", and more than one model or role has looked" if others else "")
    return {"word": "independent" if share >= ENOUGH else "partly", "share": share, "why": why}


def _overlap(grounds: Sequence[Ground], beyond: Sequence[Evidence]) -> float:
    """Return the mean overlap of all pairs, which no order of the votes changes."""
    pairs = combinations(zip(grounds, beyond, strict=True), 2)
    overlaps = [
        _common(one, other) * (1 if first.reader == second.reader else OTHER_READER)
        for (first, one), (second, other) in pairs
    ]
    return sum(sorted(overlaps)) / len(overlaps)


def _common(one: Evidence, other: Evidence) -> float:
    if not one and not other:
        return 1.0
    if not one or not other:
        return ONE_ALONE
    shared = [1.0 if _meet(one[source], other[source]) else SAME_FILE for source in one.keys() & other.keys()]
    return sum(shared) / len(one.keys() | other.keys())


def _meet(some: Sequence[Lines], others: Sequence[Lines]) -> bool:
    return any(first <= end and begin <= last for first, last in some for begin, end in others)


def _evidence(places: Iterable[str]) -> dict[str, list[Lines]]:
    found: dict[str, list[Lines]] = {}
    for place in places:
        source, lines = _parted(place)
        found.setdefault(source, []).append(lines)
    return found


def _parted(place: str) -> tuple[str, Lines]:
    parts = _PLACE.fullmatch(place)
    if parts is None or ("://" in place and parts["last"] is None):  # what looks like a line is a port
        return _spelt(place), _WHOLE
    return _spelt(parts["source"]), (float(parts["first"]), float(parts["last"] or parts["first"]))


def _spelt(source: str) -> str:
    """Return a file or page under one of the names that mean it: `./a.md` is `a.md`, and a page has no fragment."""
    if _is_file(source):
        return "/".join(part for part in source.split("/") if part not in ("", ".")) or source
    if "(" in source:
        return source
    scheme, _, address = source.partition("#")[0].partition("://")
    host, slash, path = address.partition("/")
    scheme = "https" if scheme.lower() == "http" else scheme.lower()
    return f"{scheme}://{host.lower().removeprefix('www.')}{slash}{path}".rstrip("/")


def source_of(place: str) -> str:
    """Return the file, page or question of a place, without its lines."""
    return _parted(place)[0]


def _shared(beyond: Sequence[Evidence]) -> str:
    """Say how many votes rest on what most of them share."""
    number = len(beyond)
    sources = sorted({source for one in beyond for source in one})
    if not sources:
        return f"none of the {number} votes rests on anything beyond what the claim says and names"
    most = max(sum(source in one for one in beyond) for source in sources)
    if most == 1:
        return f"no two of {number} votes opened the same"
    return f"{most} of {number} votes opened {_listed(s for s in sources if sum(s in one for one in beyond) == most)}"


def _listed(sources: Iterable[str]) -> str:
    names = sorted(sources)
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


# ------------------------------------------------------------------------------------------ what a claim is about


def told_of(claim: Any, subject: Iterable[str]) -> Callable[[str], bool]:
    """Return what tells of a source whether a claim is about it: the claim names it, or stands under the subject.

    A path is named by its end too: `docs/a.md` by `a.md`, where no other folder stands before it.
    """
    text = "\n".join([*texts_in(claim), *subject]).lower().replace("://www.", "://")
    folders = tuple(_spelt(one).lower() + "/" for one in subject if one.strip("/"))
    known: dict[str, bool] = {}

    def tells(source: str) -> bool:
        below = source.startswith(folders) or (_is_file(source) and "./" in folders)
        return below or any(_stands(name, text) for name in _names(source))

    def about(source: str) -> bool:
        if source not in known:
            known[source] = tells(source.lower())
        return known[source]

    return about


def _is_file(source: str) -> bool:
    """Whether a source is neither a page nor what a tool was asked."""
    return "://" not in source and "(" not in source


def _names(source: str) -> Iterator[str]:
    yield source.partition("://")[2] or source
    if _is_file(source):
        parts = source.split("/")
        yield from ("/".join(parts[start:]) for start in range(1, len(parts)))


def _stands(name: str, text: str) -> bool:
    """Whether a name stands in a text by itself, not as a part of another one."""
    at = text.find(name) if name else -1
    while at >= 0:
        before, after = text[max(at - 2, 0) : at], text[at + len(name) : at + len(name) + 2]
        whole = before in ("./", "//") or not (before[-1:].isalnum() or before[-1:] in ("_", "-", "/", "."))
        if whole and not re.match(r"[\w-]|/\w|\.\w", after):
            return True
        at = text.find(name, at + 1)
    return False


def texts_in(data: Any) -> Iterator[str]:
    """Yield the texts that data holds, without the names of its fields."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, (list, tuple, dict)):
        for value in data.values() if isinstance(data, dict) else data:
            yield from texts_in(value)


_LOCATION = re.compile(  # found without going back: a claim may be a million characters of anything
    r"\w://\w"  # a URL
    r"|[\w.@~-]/[\w@~-]{1,100}\.\w"  # a file in a folder
    r"|[\w-]\.[a-z]\w{0,9}:\d",  # a line of a file
    re.IGNORECASE,
)
_FILE = re.compile(r"[^\s/]{1,200}\.[a-z]\w{0,9}", re.IGNORECASE)
_FIELDS = frozenset({"source", "file", "path", "url", "page", "document"})


def names_a_source(data: Any, field: str = "") -> bool:
    """Whether a claim names something that can be opened: a URL, a path, a line of a file, a field that says so."""
    if isinstance(data, dict):
        return any(names_a_source(value, name) for name, value in data.items())
    if isinstance(data, (list, tuple)):
        return any(names_a_source(value, field) for value in data)
    if not isinstance(data, str) or not data.strip():
        return False
    return field.lower() in _FIELDS or bool(_LOCATION.search(data) or _FILE.fullmatch(data.strip()))
