"""The reference of the language, made of the docstrings and signatures of `weft.primitives`; nothing is executed."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

import griffe

import weft.primitives

__all__ = ["language"]

PACKAGE = "weft.primitives"
LINE = 100
"""Characters up to which a signature stands on one line."""

STARS = {"variadic positional": "*", "variadic keyword": "**"}
LABELS = {"parameters": "Takes", "returns": "Gives", "raises": "Raises"}


def language() -> str:
    """Return the page: the groups of the table at the head of the package, then types and errors."""
    primer = inspect.getdoc(weft.primitives) or ""
    groups = _groups(primer)
    grouped = {name for names in groups.values() for name in names}
    groups["types and errors"] = [name for name in weft.primitives.__all__ if name not in grouped]
    members = _Members()
    parts = ["# The language", _linked(primer.partition("\n\n")[2])]
    for title, names in groups.items():
        parts += [f"## {title[:1].upper()}{title[1:]}", *(entry for name in names for entry in members.entry(name))]
    return "\n\n".join(part for part in parts if part) + "\n"


def _groups(primer: str) -> dict[str, list[str]]:
    """Return the columns of the first table in a text: their titles and the names in them."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in primer.splitlines() if line.startswith("|")
    ]
    return {
        title: [name for row in rows[2:] for name in re.findall(r"`(\w+)", row[at])] for at, title in enumerate(rows[0])
    }


def _linked(text: str) -> str:
    """Let the names of the language in a table lead to what is said of them."""
    names = set(weft.primitives.__all__)

    def link(found: re.Match[str]) -> str:
        return f"[{found[0]}](#{found[1].lower()})" if found[1] in names else found[0]

    lines = text.splitlines()
    return "\n".join(re.sub(r"`(\w+)`", link, line) if line.startswith("|") else line for line in lines)


class _Members:
    """What the package exports, as it stands in the source."""

    def __init__(self) -> None:
        self._package = griffe.load(PACKAGE, resolve_aliases=True, resolve_external=True)
        self._shown: set[str] = set()

    def entry(self, name: str) -> Iterator[str]:
        """Yield the parts of what is said of a name, and of the classes that its result is made of."""
        value = getattr(weft.primitives, name)
        kind = value if hasattr(value, "__qualname__") else type(value)
        found = self._package[f"{kind.__module__}.{kind.__qualname__}".removeprefix(f"{PACKAGE}.")]
        self._shown.add(found.path)
        yield f"### `{name}` {{ #{name.lower()} }}"
        yield from self._class(found, name) if found.is_class else self._function(found, name)

    def _function(self, found: Any, name: str) -> Iterator[str]:
        yield _fenced(_signature(found, name))
        yield from _told(found)
        yield from self._results(found, str(found.returns))

    def _class(self, found: Any, name: str) -> Iterator[str]:
        init = found.members.get("__init__")
        if init is not None and init.docstring is not None and name in weft.primitives.__all__:
            yield _fenced(_signature(init, name, awaited=False))
        yield from _told(found)
        yield "\n".join(map(_attribute, _public(found, "attribute")))
        for method in _public(found, "function"):
            yield _fenced(_signature(method, f"{name}.{method.name}"))
            yield from _told(method)

    def _results(self, found: Any, annotation: str) -> Iterator[str]:
        """Yield what is said of the classes that an annotation names, each once."""
        for word in re.findall(r"[A-Z]\w+", annotation):
            path = found.module.resolve(word) if word in found.module.members else ""
            if path.startswith(PACKAGE) and path not in self._shown and word not in weft.primitives.__all__:
                target = self._package[path.removeprefix(f"{PACKAGE}.")]
                if target.is_class:
                    self._shown.add(path)
                    yield f"**`{word}`**"
                    yield from self._class(target, word)
                    for attribute in _public(target, "attribute"):
                        yield from self._results(target, str(attribute.annotation))


def _public(found: Any, kind: str) -> Iterator[Any]:
    for member in found.members.values():
        if member.kind.value == kind and not member.name.startswith("_"):
            yield member


def _attribute(found: Any) -> str:
    told = f": {_joined(found.docstring.value)}" if found.docstring is not None else ""
    kind = f" (`{found.annotation}`)" if found.annotation is not None else ""
    return f"- `{found.name}`{kind}{told}"


def _signature(found: Any, name: str, *, awaited: bool = True) -> str:
    """Return how a function is called, and what it gives; what is to be awaited says so."""
    returns = str(found.returns or "")
    coroutine = re.fullmatch(r"Coroutine\[Any, Any, (.*)\]", returns)
    wait = "await " if awaited and (coroutine or "async" in found.labels) else ""
    gives = coroutine[1] if coroutine else returns
    listed = list(_parameters(found))
    tail = f") -> {gives}" if awaited and gives else ")"
    line = f"{wait}{name}({', '.join(listed)}{tail}"
    if len(line) <= LINE:
        return line
    return "\n".join((f"{wait}{name}(", *(f"    {one}," for one in listed), tail))


def _parameters(found: Any) -> Iterator[str]:
    starred = False
    for one in found.parameters:
        if one.name == "self":
            continue
        kind = one.kind.value
        if kind == "keyword-only" and not starred:
            yield "*"
        starred = starred or kind in ("keyword-only", "variadic positional")
        stars = STARS.get(kind, "")
        annotation = f": {one.annotation}" if one.annotation is not None else ""
        default = f" = {one.default}" if one.default is not None and not stars else ""
        yield f"{stars}{one.name}{annotation}{default}"


def _told(found: Any) -> Iterator[str]:
    """Yield what a docstring says, part by part."""
    if found.docstring is None:
        return
    for section in found.docstring.parse("google", returns_named_value=False, warnings=False):
        kind = section.kind.value
        if kind == "text":
            yield section.value
        else:
            yield f"**{LABELS.get(kind, kind.capitalize())}**"
            yield "\n".join(map(_item, section.value))


def _item(part: Any) -> str:
    text = _joined(part.description)
    name = getattr(part, "name", None) or (str(part.annotation).strip("()") if part.annotation else "")
    return f"- `{name}`: {text}" if name else f"- {text}"


def _joined(text: str) -> str:
    return " ".join(text.split())


def _fenced(text: str) -> str:
    return f"```python\n{text}\n```"
