"""What the names in a harness suggest: all guesses from words, kept apart from what the analysis knows.

A name proves nothing: rules ask here only where no fact of the analysis decides.
"""

from __future__ import annotations

import re

__all__ = ["ESTIMATE", "FINDINGS", "NAME", "PLACE", "PROSE", "ROUNDS"]

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
NAME = re.compile(
    r"(^|_)(id|key|name|title|file|path|url|uri|link|domain|sha|hash|commit|function|method|class|symbol|module|package|"
    r"field|column|table|rule|code|kind|type|category|label|tag|author|email|date|day|month|country|city|language)s?$",
    re.I,
)
"""Fields that identify something."""
ROUNDS = re.compile(r"round|pass|attempt|tr(y|ies)|sweep|iteration", re.I)
"""Variables of a loop that does the same again and again."""
