"""The arguments of a harness on the command line: `--args` as JSON, and one option for each property of its `ARGS`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

__all__ = ["read_arguments", "with_options"]


def read_arguments(given: str | None) -> Any:
    """Read `--args`: JSON, or @FILE with JSON in it; `None` where it is not given.

    Raises:
        UsageError: it is no JSON, or the file cannot be read.
    """
    from weft.runtime.errors import UsageError

    if given is None:
        return None
    try:
        text = Path(given[1:]).read_text("utf-8") if given.startswith("@") else given
        return json.loads(text, parse_constant=_no_number)
    except OSError as error:
        raise UsageError(
            f"the file of --args cannot be read: {error.strerror}",
            where=given[1:],
            meaning="nothing was started",
            fix="--args @FILE, with a JSON file",
        ) from None
    except (ValueError, RecursionError) as error:
        raise UsageError(
            "--args is not JSON",
            where="nested too deeply" if isinstance(error, RecursionError) else str(error),
            meaning="nothing was started",
            fix="""--args '{"files": ["a.md"]}', or --args @FILE""",
        ) from None


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is not a JSON number")


def with_options(args: Any, words: tuple[str, ...], schema: dict[str, Any] | None) -> Any:
    """Return the arguments with those that were given as options: `--name VALUE`, or `--name` and `--no-name`.

    An option belongs to a property of the harness's `ARGS` (`_` is written `-`); one for a list may be repeated.

    Raises:
        UsageError: there is no such property, or the value is none of its type.
    """
    if not words:
        return args
    properties: dict[str, Any] = (schema or {}).get("properties", {})
    merged: dict[str, Any] = dict(args) if isinstance(args, dict) else {}
    given: dict[str, Any] = {}
    rest = list(words)
    while rest:
        word, equals, value = rest.pop(0).partition("=")
        name, kind = _property(word, properties)
        if kind == "boolean":
            given[name] = not word.startswith("--no-") or name.startswith("no_")
            continue
        if not equals and not rest:
            raise _wrong(f"{word} needs a value", properties)
        text = value if equals else rest.pop(0)
        if kind == "array":
            items = properties[name].get("items", {})
            given.setdefault(name, []).append(_value(word, text, items.get("type", "string"), properties))
        else:
            given[name] = _value(word, text, kind, properties)
    return merged | given


def _property(word: str, properties: dict[str, Any]) -> tuple[str, str]:
    """Return the property an option is for, and its type."""
    name = word.removeprefix("--").replace("-", "_")
    negated = name.removeprefix("no_")
    if word.startswith("--") and name in properties:
        return name, _type(properties[name])
    if word.startswith("--no-") and _type(properties.get(negated)) == "boolean":
        return negated, "boolean"
    raise _wrong(f"there is no option {word}", properties)


def _type(schema: Any) -> str:
    kind = schema.get("type", "string") if isinstance(schema, dict) else "string"
    return kind if isinstance(kind, str) else "json"


def _value(word: str, text: str, kind: str, properties: dict[str, Any]) -> Any:
    if kind == "string":
        return text
    try:
        return json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise _wrong(f"{word} takes {kind}, as JSON, not {text!r}", properties) from None


def _wrong(what: str, properties: dict[str, Any]) -> Exception:
    from weft.runtime.errors import UsageError

    there = ", ".join("--" + name.replace("_", "-") for name in properties)
    return UsageError(
        what,
        where=f"options of this harness: {there}" if there else "this harness declares no ARGS, so it has no options",
        meaning="nothing was started",
        fix="weft run --help lists the options of the command; those of a harness come after its name",
    )
