"""Whether an agent is asked to act on the world, so that the order of calls is part of what they mean."""

from __future__ import annotations

import re

from weft.linter.facts.domain.schema import constant
from weft.linter.facts.domain.values import Call, Listing, Text

__all__ = ["acts"]

_READING = re.compile(r"read|grep|search|find|glob|list|view|look|fetch|get|query|inspect|show", re.I)
_EDITING = re.compile(
    r"^\W*(?:please |now |then )?"
    r"(edit|rename|migrate|convert|refactor|fix|rewrite|apply|implement|commit|cherry-pick)\b",
    re.I,
)
_OBJECT = re.compile(r"\b(file|module|repositor|repo\b|branch|commit|in place|package|codebase|director|folder)", re.I)
_RETURNED = re.compile(r"return (the|only|it)|do not (change|edit|modify|touch)|without (changing|editing)", re.I)


def acts(call: Call) -> bool:
    """Tell whether an agent call may change something outside the run."""
    tools = call.keywords.get("tools")
    if isinstance(tools, Listing) and any(not _reads(constant(part.element)) for part in tools.parts):
        return True
    prompt = call.argument(0, "prompt")
    words = prompt.words if isinstance(prompt, Text) else ""
    return bool(_EDITING.search(words) and _OBJECT.search(words)) and not _RETURNED.search(words)


def _reads(tool: object) -> bool:
    return isinstance(tool, str) and _READING.search(tool) is not None
