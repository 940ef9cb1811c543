"""What a task or a prompt says by its form: what it quotes, which files it names, which claims it wants checked.

What is inside a quotation, or in tags, is spoken of: a path in it is not a file to open.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Literal

from weft.runtime.agents.offline.text import names_path

__all__ = ["claims_in", "form", "is_sure", "judged_file", "missing_files", "named_files", "own_words", "quotations"]

_QUOTED = re.compile(
    r'"([^"\n]+)"|“([^”\n]+)”|„([^“”\n]+)[“”]|«([^»\n]+)»|`([^`\n]+)`|(?<!\w)\'((?:[^\'\n]|(?<=\w)\'(?=\w))+)\'(?!\w)'
)
_TAGGED = re.compile(r"<(\w+)>.*?</\1>", re.DOTALL)
_PATH = re.compile(r"/?[\w-]+(?:[/.]+[\w-]+)+")
_ENDING = re.compile(r"\.[A-Za-z]\w{1,3}$")
_WHETHER = re.compile(
    r"\b(?:check|verify|confirm|test|true|correct|right|false|case|examine)\s+(?:that|whether|if)\s+(.+)", re.I | re.S
)
_JUDGED_BY = re.compile(r"\b(?:against|according to|by|with|using|based on)\s+(?:the\s+)?$", re.IGNORECASE)
"""What stands before a file that is to be judged by, not to be judged."""

_FILE = re.compile(r"(?<![\w/.-])[\w/-]+\.[A-Za-z]\w{0,4}(?![\w/])")
_AGREEING = re.compile(r"\b(?:agrees?|consistent|match(?:es)?|the same|in line|correspond(?:s|ing)?)\b", re.IGNORECASE)
_TRUE = re.compile(r"\b(?:is|are)\b.*\b(?:true|correct|right|accurate|false|wrong)\s*\?\W*$", re.IGNORECASE | re.DOTALL)
_CHECKING = re.compile(r"\W*(?:(?:please|can you|could you)\W+)*(?:check|verify|confirm)\b[^:.?\n]*:\s", re.IGNORECASE)

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[\"'(\[]?[A-Z0-9])|\s*;\s+|\n+")
SHORTEST_CLAIM = 3
"""Words that a claim has at least."""
SHORTEST_BESIDE = 2
"""The same beside one that is longer."""


def quotations(text: str) -> list[str]:
    """Return what a text quotes: several words between quotation marks of any kind."""
    found = [next(filter(None, match.groups())).strip() for match in _QUOTED.finditer(text)]
    return [quoted for quoted in found if len(quoted.split()) > 1]


def own_words(text: str) -> str:
    """Return a text without what it quotes or hands over in tags; one word in quotation marks is its own."""

    def blank(match: re.Match[str]) -> str:
        inner = next(filter(None, match.groups()))
        return inner if len(inner.split()) == 1 else " "

    return _QUOTED.sub(blank, _TAGGED.sub(" ", text))


def named_files(text: str, paths: Collection[str]) -> list[str]:
    """Return the files that a text names itself, by path or by name; also where all of a quotation is such a name.

    A word without an ending, as `list`, names a file only in the place of one: it may be any word of the text.
    """
    own, quoted = own_words(text), set(quotations(text))

    def names(called: str) -> bool:
        if called in quoted or not names_path(own, called):
            return called in quoted
        return not called.islower() or not called.isalpha() or _in_place(called).search(own) is not None

    exact = {path for path in paths if names(path)}
    beside = {path for path in exact if "/" not in path}  # named by all of its path, and so no file of a folder

    def called(path: str) -> bool:
        name = path.rpartition("/")[2]
        return name not in beside and names(name)

    return [path for path in paths if path in exact or called(path)]


def _in_place(word: str) -> re.Pattern[str]:
    """Return where a word stands for a file: "Read list …", "the file list", and "… in list" at the end."""
    return re.compile(rf"(?:^\W*Read|\bfiles?:?)\s+{re.escape(word)}\b|\bin\s+{re.escape(word)}\W*$", re.MULTILINE)


def missing_files(text: str, paths: Sequence[str], *, likely: bool = False) -> list[str]:
    """Return what a text names like a file and is none: absolute paths, and names with an ending that files here have.

    Args:
        text: What names them.
        paths: The files there are.
        likely: Return also what has any ending that a file could have, as a domain or a library has too.
    """
    words = (word.strip("\"'`<>()[],;:!?").rstrip(".") for word in own_words(text).split())
    named = [word for word in words if _PATH.fullmatch(word)]
    meant = [word for word in named if is_sure(word, paths) or (likely and _ENDING.search(word))]
    return [word for word in dict.fromkeys(meant) if not any(word == path or word in path for path in paths)]


def is_sure(name: str, paths: Sequence[str]) -> bool:
    """Whether a name can hardly be but that of a file: an absolute path, or with an ending that files here have."""
    endings = {"md", "txt", *(path.rpartition(".")[2] for path in paths if "." in path)}
    return name.startswith("/") or name.rpartition(".")[2] in endings


def claims_in(task: str, paths: Sequence[str]) -> list[str]:
    """Return the claims that a task wants checked: what it quotes, else what follows a colon, "whether" or "that".

    What follows names no claim where it names a file, as in "check whether a.md is right", or is a question.
    """
    quoted = [text for text in quotations(task) if _is_claim(text)]
    if quoted:
        return quoted
    after = re.search(r":\s+(\S.*)", task, re.DOTALL) or _WHETHER.search(task)
    parts = _SENTENCE_END.split(after.group(1)) if after else []
    said = [part.strip().strip("-* ") for part in parts]
    if after and after.re is _WHETHER:
        said = [part.rstrip("?").strip() for part in said]
    if not any(map(_is_claim, said)):
        return []
    shorter = (part for part in said if len(part.split()) >= SHORTEST_BESIDE and not part.endswith("?"))
    return [part for part in shorter if not named_files(part, paths)]


def form(task: str) -> Literal["compare", "check"] | None:
    """Return what the form of a task asks for: whether named files agree, or whether it is true what one says.

    A task that begins with "check" or "verify" and goes on after a colon names its claims there.
    """
    own = own_words(task)
    files = _FILE.findall(own)
    if len(files) > 1 and _AGREEING.search(own):
        return "compare"
    return "check" if (files and _TRUE.search(own)) or _CHECKING.match(own) else None


def judged_file(task: str, paths: Sequence[str]) -> str | None:
    """Return the file whose claims a task wants checked: the first that it names, but not as what to judge by."""
    own = own_words(task)
    places = {path: _place(own, path) for path in named_files(task, paths)}
    judged = [path for path, place in places.items() if not _JUDGED_BY.search(own[:place])]
    return min(judged, key=lambda path: places[path], default=None)


def _place(text: str, path: str) -> int:
    found = text.find(path)
    return found if found >= 0 else text.find(path.rpartition("/")[2])


def _is_claim(text: str) -> bool:
    return len(text.split()) >= SHORTEST_CLAIM and not text.endswith("?")
