"""How data stands in the prompts of primitives: as text, and between tags that nothing in it can close."""

from __future__ import annotations

import json
import re

from weft.primitives.data import as_json

__all__ = ["as_text", "between"]


def as_text(value: object, path: str = "$") -> str:
    """Return text as it is, and other JSON data on one line.

    Raises:
        NotJson: something in it has no JSON form; the message begins with its path.
    """
    plain = as_json(value, path)
    return plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)


def between(tag: str, text: str, **attributes: object) -> str:
    """Return a text between tags with these attributes. What looks like such a tag in it is shown as `&lt;tag`."""
    opening = " ".join([tag, *(f'{name}="{_quoted(value)}"' for name, value in attributes.items())])
    inside = re.sub(rf"<(?=/?{tag}\b)", "&lt;", text)
    return f"<{opening}>\n{inside}\n</{tag}>"


def _quoted(value: object) -> str:
    return re.sub(r'["\n<>]', " ", str(value))
