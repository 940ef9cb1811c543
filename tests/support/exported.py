"""What an exported page has in it, as its browser would open it."""

from __future__ import annotations

import base64
import gzip
import json
import re
from typing import Any

__all__ = ["answers_in", "lines_in", "opened"]

BLOCK = re.compile(r'<script type="application/json" id="told-([^"]+)">"([^"<]*)"</script>')


def opened(page: str) -> dict[str, str]:
    """Return the text of each block, by its name."""
    return {name: gzip.decompress(base64.b64decode(packed)).decode() for name, packed in BLOCK.findall(page)}


def answers_in(page: str) -> dict[str, Any]:
    """Return the answers about the run as a whole, by the ends of their addresses."""
    return {name: json.loads(text) for name, text in opened(page).items() if "-" not in name}


def lines_in(page: str, kind: str) -> list[Any]:
    """Return all lines of a kind: `agents`, or `journal`."""
    texts = [text for name, text in opened(page).items() if name.startswith(f"{kind}-")]
    return [json.loads(line) for line in "".join(texts).split("\n") if line]
