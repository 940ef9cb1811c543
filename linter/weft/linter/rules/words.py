"""What the names in a harness suggest: all guesses from words, kept apart from what the analysis knows.

A name proves nothing: rules ask here only where no fact of the analysis decides.
"""

from __future__ import annotations

import re

__all__ = [
    "ASKS_FOR_PROSE",
    "ESTIMATE",
    "FINDINGS",
    "NAME",
    "PLACE",
    "POSITION",
    "PROSE",
    "REASON",
    "WHOLE",
    "favour",
    "speaks_against",
]

FINDINGS = {"findings", "bugs", "claims", "issues", "vulnerabilities", "risks", "defects", "weaknesses"}
"""Fields in which agents list what others should check."""
PROSE = re.compile(
    r"(^|_)(descriptions?|summary|reason(ing)?|rationale|text|quote|evidence|explanation|why|notes?|details?|comments?|"
    r"justification|remarks?|argument|opinion|observation|impact|consequences?|suggestion|recommendation|advice|hint|"
    r"concern|context|body|content|wording|sentence|motivation|background|analysis|meaning|definition|caveat|"
    r"scenario|snippet|excerpt|passage)$",
    re.I,
)
"""Fields of free prose."""
ASKS_FOR_PROSE = re.compile(r"\b(sentences?|why|explain\w*|paragraphs?|own words|prose)\b", re.I)
"""What the description of a field says that is to hold prose."""
ESTIMATE = re.compile(
    r"(^|_)(score|confidence|fit|severity|probability|likelihood|rating|relevance|importance|weight)$", re.I
)
"""Numbers that a model estimates."""
PLACE = re.compile(
    r"(^|_)(line|page|row|col(umn)?|id|number|no|index|year|port|start|end|offset|position|count)$", re.I
)
"""Numbers that identify something."""
POSITION = re.compile(
    r"(^|_)(line|row|col(umn)?|page|offset|position|index|start|end|paragraph|cell|verse|section|step|slide|frame|minute|second|"
    r"timestamp)(_?(no|number))?$",
    re.I,
)
"""Numbers that say where in something a thing is."""
WHOLE = re.compile(
    r"(^|_)(file|path|url|uri|document|doc|source|module|package|table|sheet|chapter|book|repo\w*)s?(_?name)?$", re.I
)
"""Fields that name something in which there are positions."""
REASON = re.compile(r"(^|_)(why|reason(s|ing)?|rationale|explanation|justification|remarks?|argument(ation)?)$", re.I)
"""Fields in which an agent says why it thinks so."""
NAME = re.compile(
    r"(^|_)(id|key|name|title|file|path|url|uri|link|domain|sha|hash|commit|function|method|class|symbol|module|package|"
    r"field|column|table|rule|code|kind|type|category|label|tag|author|email|date|day|month|country|city|language)s?$",
    re.I,
)
"""Fields that identify something."""
_AGAINST = re.compile(
    r"refut|reject|disprov|dismiss|untru|\bbad|wrong|fals|broke|fail|object|block|veto|unsafe|flaw|invalid|incorrect|"
    r"inaccur|disagree|unsound|contradict|mislead|unsupported|hallucinat|spam|violat|problem",
    re.I,
)
_WORRYING = re.compile(
    r"forge[dr]|\bfak|fraud|scam|phish|\binvented|plagiar|leak|duplica|clash|conflict|breach|\bbreaks|offen[ds]|\brude|"
    r"toxic|\bharm(?!less|on)|danger|\brisk|threat|suspic|suspect|malic|illegal|vulnerab|ambigu|impossib|outdated|"
    r"\bstale\b|expired|\berror|defect|damag|\bbias|\b(?:high|severe|critical|major|grave)\b",
    re.I,
)
_FAVOURABLE = re.compile(
    r"\b(?:ok|okay|yes|done|pass|fine|good|approv|accept|valid|sound|true|safe|clean|clear|keep|kept|genuin|correct|"
    r"complete|support|confirm|surviv|agree|allow|ready|holds|low|none|minor)",
    re.I,
)


def speaks_against(word: str) -> bool:
    """Tell whether what is kept under this name is said to be wrong."""
    return _AGAINST.search(word.replace("_", " ")) is not None


def favour(word: str) -> int:
    """Return 1 for a word that speaks for what it is said of, -1 for one that speaks against it, and 0 for others."""
    spaced = word.replace("_", " ")
    if speaks_against(word) or _WORRYING.search(spaced) is not None:
        return -1
    return int(_FAVOURABLE.search(spaced) is not None)
