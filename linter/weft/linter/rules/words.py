"""What the names in a harness suggest: all guesses from words, kept apart from what the analysis knows.

A name proves nothing: rules ask here only where no fact of the analysis decides.
"""

from __future__ import annotations

import re

__all__ = ["ESTIMATE", "FINDINGS", "NAME", "PLACE", "PROSE", "REASON", "leaning"]

FINDINGS = {"findings", "bugs", "claims", "issues", "vulnerabilities", "risks", "defects", "weaknesses"}
"""Fields in which agents list what others should check."""
PROSE = re.compile(
    r"(^|_)(descriptions?|summary|reason(ing)?|rationale|text|quote|evidence|explanation|why|notes?|details?|comment|"
    r"justification)$",
    re.I,
)
"""Fields of free prose."""
ESTIMATE = re.compile(
    r"(^|_)(score|confidence|fit|severity|probability|likelihood|rating|relevance|importance|weight)$", re.I
)
"""Numbers that a model estimates."""
PLACE = re.compile(
    r"(^|_)(line|page|row|col(umn)?|id|number|no|index|year|port|start|end|offset|position|count)$", re.I
)
"""Numbers that identify something."""
REASON = re.compile(r"(^|_)(why|reason(s|ing)?|rationale|explanation|justification|remarks?|argument(ation)?)$", re.I)
"""Fields in which an agent says why it thinks so."""
NAME = re.compile(
    r"(^|_)(id|key|name|title|file|path|url|uri|link|domain|sha|hash|commit|function|method|class|symbol|module|package|"
    r"field|column|table|rule|code|kind|type|category|label|tag|author|email|date|day|month|country|city|language)s?$",
    re.I,
)
"""Fields that identify something."""
_AGAINST = re.compile(
    r"refut|reject|\bbad|wrong|fals|broke|fail|object|block|veto|unsafe|flaw|invalid|incorrect|inaccur|disagree|"
    r"unsound|contradict|mislead|unsupported|hallucinat|spam|violat|problem",
    re.I,
)
_FOR = re.compile(
    r"\bok|accept|approv|pass|valid|surviv|hold|real|confirm|correct|sound|support|agree|keep|safe|true|faithful|"
    r"accura|good|genuine|uph[eo]ld|stand|plausib|verified|reproduc|legit|fair|endors|\byes",
    re.I,
)


def leaning(word: str) -> int:
    """Return whether a yes, under this name, speaks for the matter (1) or against it (-1); 0 where nobody can tell."""
    words = word.replace("_", " ")
    return -1 if _AGAINST.search(words) else 1 if _FOR.search(words) else 0
