"""Files that begin with fields, between two lines of `---`, and go on with text: as profiles of agents do.

What the fields mean is `profiles`.
"""

from __future__ import annotations

import re
from typing import Any

__all__ = ["Unreadable", "divided", "loosely_read", "strictly_read"]

MOST_FIELDS = 20_000
"""Characters that the fields may have."""

_DIVIDED = re.compile(r"---[ \t]*\r?\n(.*?)^---[ \t]*(?:\r?\n|\Z)(.*)", re.DOTALL | re.MULTILINE)

_FIELD = re.compile(r"([A-Za-z][\w-]*):(?:[ \t]+(.*)|$)")


class Unreadable(ValueError):
    """It does not say what it should; the message says why."""


def divided(text: str) -> tuple[str, str]:
    """Return the fields of a file as they stand there, and its text.

    Raises:
        Unreadable: there are none, or too many.
    """
    found = _DIVIDED.fullmatch(text)
    if found is None:
        raise Unreadable("it does not begin with fields between two lines of ---")
    if len(found[1]) > MOST_FIELDS:
        raise Unreadable(f"its fields have {len(found[1]):,} characters, and at most {MOST_FIELDS:,} are read")
    return found[1], found[2].strip()


def strictly_read(fields: str) -> dict[Any, Any]:
    """Return fields that are YAML, of plain data.

    Raises:
        Unreadable: they are not; or refer to each other, by which a few lines could stand for any number of values.
    """
    import yaml

    class Loader(yaml.SafeLoader):
        def compose_node(self, parent: Any, index: Any) -> Any:
            if self.check_event(yaml.events.AliasEvent):
                raise yaml.YAMLError("a value refers to another by *")
            return super().compose_node(parent, index)

    try:
        read = yaml.load(fields, Loader)
    except yaml.MarkedYAMLError as error:
        line = "" if error.problem_mark is None else f", line {error.problem_mark.line + 2}"
        raise Unreadable(f"its fields are not YAML{line}: {error.problem}") from None
    except yaml.YAMLError as error:
        raise Unreadable(f"its fields are not YAML: {error}") from None
    except (RecursionError, ValueError) as error:  # a date of no calendar is one
        said = "they are nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise Unreadable(f"its fields are not YAML: {said}") from None
    if not isinstance(read, dict):
        raise Unreadable("its fields have no names")
    return read


def loosely_read(fields: str) -> dict[Any, Any]:
    """Return fields as other products read them: where they are not YAML, each is all that stands after its name.

    People write sentences there, in which a colon is just that.

    Raises:
        Unreadable: they are neither.
    """
    try:
        return strictly_read(fields)
    except Unreadable:
        lines: dict[Any, list[str]] = {}
        for line in fields.splitlines():
            found = _FIELD.fullmatch(line)
            if found is not None:
                lines[found[1]] = [found[2] or ""]
            elif lines:
                lines[next(reversed(lines))].append(line.strip())
        if "name" not in lines:
            raise
        return {name: " ".join(filter(None, said)) for name, said in lines.items()}
