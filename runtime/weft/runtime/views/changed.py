"""What was changed of a harness before anything has run: line by line, and of its arguments."""

from __future__ import annotations

import json
from difflib import unified_diff
from typing import Any

from weft.runtime.page import Block, Role, line
from weft.runtime.plain import plain

__all__ = ["changed_page"]

AROUND = 2
"""How many lines that are as before are shown around those that are not."""


def changed_page(before: str, now: str, args_before: Any = None, args_now: Any = None) -> list[Block]:
    """Return what is different, or that nothing is."""
    source = list(unified_diff(before.splitlines(), now.splitlines(), n=AROUND, lineterm=""))[2:]
    args = list(unified_diff(_lines(args_before), _lines(args_now), n=AROUND, lineterm=""))[2:]
    if not (source or args):
        return ["nothing is different from before"]
    told: list[Block] = [line((plain(text), _role(text))) for text in source]
    return [*told, *(["its arguments:"] if args else []), *(line((plain(text), _role(text))) for text in args)]


def _lines(args: Any) -> list[str]:
    return json.dumps(args, indent=1, ensure_ascii=False, sort_keys=True).splitlines()


def _role(text: str) -> Role:
    if text.startswith("+"):
        return "ok"
    return "lost" if text.startswith("-") else "dim"
