"""The arguments of a harness on the command line: `--args` as JSON, and one option for each property of its `ARGS`.

What paths of files mean in them is `files`; how they are explained is `explaining`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from weft.runtime.errors import UsageError
from weft.runtime.meant import did_you_mean, did_you_mean_path
from weft.runtime.project.files import read_text
from weft.runtime.project.filled import offered
from weft.runtime.schemas.unfit import OWN, kinds_named, option_name

__all__ = ["as_options", "kind_of", "option_for", "option_name", "read_arguments", "read_options"]


AS_JSON = {"object": """ such as '{"name": "value"}'""", "array": " such as '[1, 2]'"}
"""How values that are not obvious are written."""


def read_arguments(given: str | None) -> Any:
    """Read `--args`: JSON, or @FILE with JSON in it; `None` where it is not given.

    Raises:
        UsageError: it is no JSON, or the file cannot be read.
    """
    if given is None:
        return None
    try:
        text = read_text(Path(given[1:]), piped=True) if given.startswith("@") else given
        return json.loads(text, parse_constant=_no_number)
    except OSError as error:
        raise UsageError(
            f"the file of --args cannot be read: {error.strerror}",
            where=given[1:],
            meaning="nothing was started",
            fix=did_you_mean_path(Path(given[1:]), "--args @FILE, with a JSON file"),
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


def kind_of(schema: Any) -> str:
    """Return what a property takes: a JSON type, or `json` where several or none are named."""
    named = schema.get("type", "string") if isinstance(schema, dict) else "string"
    if isinstance(named, list):
        return "string" if "string" in named else "json"
    return named if isinstance(named, str) else "json"


def read_options(words: tuple[str, ...], schema: dict[str, Any] | None, *, harness: str) -> dict[str, Any]:
    """Return the properties that are given as options: `--name VALUE`, `--name` and `--no-name`, `--names A B @FILE`.

    An option for a list takes all words up to the next option, may be repeated, and reads @FILE line by line.

    Args:
        words: What stands behind the harness on the command line.
        schema: Its `ARGS`, if it declares them.
        harness: How it is called on the command line.

    Raises:
        UsageError: there is no such property, or the value is none of its type.
    """
    return _Options(words, schema, harness).read()


def option_for(name: str, properties: dict[str, Any], *, on: bool = True) -> str | None:
    """Return the option that gives a property, or switches it off.

    It is `None` where that option is one of the command itself or means another property too: then only `--args` can
    give it.
    """
    option = option_name(name) if on else f"--no-{option_name(name)[2:]}"
    return option if _meanings(properties).get(option) == [(name, on)] else None


def _meanings(properties: dict[str, Any]) -> dict[str, list[tuple[str, bool] | None]]:
    """Return what each option can mean: a property, and whether it is switched on; `None` for the command's own."""
    from weft.runtime.settings import FLAGS

    found: dict[str, list[tuple[str, bool] | None]] = {name: [None] for name in OWN}
    found |= {flag.name: [None] for flag in FLAGS.values()}
    for name, schema in properties.items():
        found.setdefault(option_name(name), []).append((name, True))
        if kind_of(schema) == "boolean":
            found.setdefault(f"--no-{option_name(name)[2:]}", []).append((name, False))
    return found


def as_options(args: Any, schema: dict[str, Any] | None) -> list[str] | None:
    """Return arguments as the words that `read_options` reads them from; `None` where options cannot say them."""
    properties = (schema or {}).get("properties", {})
    if not isinstance(args, dict) or not args.keys() <= properties.keys():
        return None
    parts = [
        _words(option, value, properties[name])
        if (option := option_for(name, properties, on=value is not False or kind_of(properties[name]) != "boolean"))
        else None
        for name, value in args.items()
    ]
    return None if None in parts else [word for words in parts for word in words or ()]


def _words(option: str, value: Any, schema: Any) -> list[str] | None:
    """Return one argument as an option, which for a switch says already whether it is on."""
    kind = kind_of(schema)
    if kind == "boolean":
        return [option] if isinstance(value, bool) else None
    inner = kind_of(schema.get("items", {})) if kind == "array" else kind
    values = value if kind == "array" else [value]
    if not isinstance(values, list) or not values:
        return None
    if inner == "string" and not all(isinstance(one, str) for one in values):
        return None
    texts = [one if inner == "string" else json.dumps(one, ensure_ascii=False) for one in values]
    if kind == "array" and any(text.startswith("@") for text in texts):
        return None
    # What begins as an option does stands behind an equals sign.
    return [f"{option}={text}" for text in texts] if any(text[:1] == "-" for text in texts) else [option, *texts]


class _Options:
    """Reads the options of one harness, word by word."""

    def __init__(self, words: tuple[str, ...], schema: dict[str, Any] | None, harness: str) -> None:
        self._rest = list(words)
        self._schema = schema
        self._properties: dict[str, Any] = (schema or {}).get("properties", {})
        self._harness = harness

    def read(self) -> dict[str, Any]:
        given: dict[str, Any] = {}
        while self._rest:
            word = self._rest.pop(0)
            option, equals, attached = word.partition("=")
            name, on = self._property(option)
            values = [attached] if equals else self._values(name)
            kind = kind_of(self._properties[name])
            if kind == "boolean" and not values:
                given[name] = on
            elif not on:
                raise self._wrong(f"{option} takes no value")
            elif not values:
                raise self._wrong(f"{option} needs a value")
            elif kind == "array":
                given.setdefault(name, []).extend(self._items(name, option, values))
            else:
                given[name] = self._value(option, values[0], kind)
        return given

    def _property(self, option: str) -> tuple[str, bool]:
        """Return the property that an option is for, and whether it switches it on."""
        if not option.startswith("--"):
            raise self._wrong(f"{option!r} belongs to no option; a text of several words goes in quotes")
        meant = [one for one in _meanings(self._properties).get(option.replace("_", "-"), []) if one is not None]
        if not meant:
            raise self._wrong(f"{self._harness} has no option {option}", option)
        if len(meant) > 1:
            either = " or ".join(f"{name!r}" if on else f"that {name!r} is off" for name, on in meant)
            raise self._wrong(f"{option} can mean {either}, so only --args can give them")
        return meant[0]

    def _values(self, name: str) -> list[str]:
        """Take the words that belong to an option: none for a switch, all up to the next option for a list."""
        most = {"boolean": 0, "array": len(self._rest)}.get(kind_of(self._properties[name]), 1)
        taken: list[str] = []
        while len(taken) < most and self._rest and not self._rest[0].startswith("--"):
            taken.append(self._rest.pop(0))
        return taken

    def _items(self, name: str, option: str, values: list[str]) -> list[Any]:
        kind = kind_of(self._properties[name].get("items", {}))
        texts = [line for value in values for line in (self._lines(option, value) if value[:1] == "@" else [value])]
        return [self._value(option, text, kind) for text in texts]

    def _lines(self, option: str, value: str) -> list[str]:
        """Return the lines of a file that are not empty."""
        try:
            text = read_text(Path(value[1:]), piped=True)
            return [line.strip() for line in text.splitlines() if line.strip()]
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
            raise UsageError(
                f"the list of {option} cannot be read: {why}",
                where=value[1:],
                meaning="nothing was started",
                fix=did_you_mean_path(Path(value[1:]), f"{option} @FILE reads a file with one value a line"),
            ) from None

    def _value(self, option: str, text: str, kind: str) -> Any:
        if kind == "string":
            return text
        try:
            return json.loads(text, parse_constant=_no_number)
        except (ValueError, RecursionError):
            what = "a value as JSON" if kind == "json" else kinds_named(kind)
            example = AS_JSON.get(kind, "")
            raise self._wrong(f"{option} takes {what}{example}, not {text!r}") from None

    def _wrong(self, what: str, option: str = "") -> UsageError:
        from weft.runtime.settings import FLAGS

        own = [option_name(name) for name in offered(self._schema)]
        known = [*own, *(flag.name for flag in FLAGS.values())]
        return UsageError(
            what,
            where=f"options of this harness: {', '.join(own)}"
            if own
            else "this harness declares no ARGS, so no options",
            meaning="nothing was started",
            fix=did_you_mean(option, known, f"weft run {self._harness} --help explains them"),
        )
