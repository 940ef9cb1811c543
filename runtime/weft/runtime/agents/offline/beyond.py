"""What a task asks for that takes a model: told by which words ask for something, and which only stand in the task.

The words are in `library/triggers.toml`. A word asks for something as an instruction ("rank the notes"), as a thing to
be made ("a ranking of the notes"), as what others are done by ("list them by importance"), or as a degree of how good a
text is. It asks for nothing as part of a question about what is written: "which group owns it?", "the ranking policy".
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from weft.runtime.agents.offline.asked import form, own_words
from weft.runtime.request import AgentError

__all__ = ["compares", "everything", "refuse_beyond", "standing", "triggers", "without_triggers"]

POLITE = (
    r"(?:please|kindly|(?:can|could|would|will) you|i (?:want|need) you to|i(?:'d| would) like you to|help me(?: to)?"
    r"|let's|let us|just|now|then)"
)
ASKING = (
    r"(?:(?:give|show|make|create|produce|provide|prepare|write|build|get|do|return|draw up|come up with|need|want|like"
    r"|i need|i want|i(?:'d| would) like)(?:\s+(?:me|us))?)"
)
"""With what one asks for a thing."""

GOES_ON = r"(?:[,;.]|\band\b|\bthen\b)\s+(?:(?:and|then|also|please)\s+)*"
"""What stands before a further instruction."""

OBJECT = r"(?=\s+(?:it|them|this|that|these|those|the|an?|all|every\w*|each|my|our|me|us|both)\b)"
"""What follows an instruction, and tells it from one more verb of a question: "which notes create and delete rows"."""

LIGHT = (
    r"(?!(?:the|this|that|these|those|my|our|your|their|its|his|her|is|are|was|were|do|does|did|who|what|which|how|when"
    r"|where|why|whose|and|or|of)\b)[\w-]+"
)
"""A word that may stand before a noun and describe it."""

GOES_WITH = r"(?=\W*$|\s*[,;.:?!]|\s+(?:of|by|for|from|among|between|in|with|on|and|or|across|used|is|are|to|at)\b)"
"""What follows a noun that is what is spoken of; another noun after it would make it that one's description."""

WORDS = r"(?:\s+[\w'./-]+){0,6}?\s+"
"""A few words in between."""

WH = re.compile(r"^\W*(?:who|what|where|when|which|why|how|whose)\b", re.IGNORECASE)
QUESTION = re.compile(
    r"\?\s*$|^\W*(?:who|what|where|when|which|why|how|is|are|do|does|did|has|have|was|were)\b", re.IGNORECASE
)
TAKES_A_MODEL = "takes a model with an API key; the offline model only finds, compares and quotes what your files say"


@cache
def triggers() -> dict[str, Any]:
    """Return the words of `library/triggers.toml`."""
    return tomllib.loads(files("weft.runtime").joinpath("library/triggers.toml").read_text("utf-8"))


def standing(words: Iterable[str], task: str) -> list[str]:
    """Return those of the words that stand in a task."""
    return [word for word in words if re.search(_pattern(word), task, re.IGNORECASE)]


def compares(task: str) -> bool:
    """Whether a task asks for what contradicts what."""
    words = triggers()["harnesses"]["find-contradictions"]["words"]
    return bool(standing(words, own_words(task))) or form(task) == "compare"


def everything() -> list[str]:
    """Return the words that name all there is, which is nothing to look for: "summarise the folder"."""
    names: list[str] = triggers()["texts"]["everything"]
    return names


def without_triggers(task: str) -> str:
    """Return a task without the words by which its harness is chosen: they say what to do, not what to look for."""
    words = [word for entry in triggers()["harnesses"].values() for word in entry["words"]]
    return re.sub(
        "|".join(_pattern(word) + (r"\w*" if word.endswith("*") else "") for word in words), " ", task, flags=re.I
    )


def refuse_beyond(task: str, harness: str | None) -> None:
    """Refuse a task that takes a model.

    Args:
        task: What a person wants.
        harness: The built-in harness whose words stand in it.

    Raises:
        AgentError: the task takes a model; the message says which of its words.
    """
    own = own_words(task)
    beyond = triggers()["beyond"]
    for word in beyond["always"] if harness else [*beyond["always"], *beyond["without_fit"]]:
        if _instructs(word, own):
            raise _refused(word.removesuffix("*"), "")
    for said, why in _judging(own, harness):
        raise _refused(said, why)


def _refused(said: str, why: str) -> AgentError:
    return AgentError("refused", f"the task says “{said}”{f': {why}, and that' if why else ', which'} {TAKES_A_MODEL}")


def _pattern(word: str) -> str:
    """Return a pattern for a trigger word or phrase; one that ends in * stands for all that begin with it."""
    words = r"\s+".join(map(re.escape, word.removesuffix("*").split()))
    return rf"(?<!\w){words}" if word.endswith("*") else rf"(?<!\w){words}(?!\w)"


def _any(words: Iterable[str]) -> str:
    return rf"(?:{'|'.join(_pattern(word) for word in words)})"


def _instructs(word: str, task: str) -> bool:
    """Whether a task begins with a word as an instruction, or goes on with it after an "and"."""
    begins = rf"^\W*(?:{POLITE}\W+)*{_pattern(word)}"
    goes_on = rf"{GOES_ON}{_pattern(word)}{'' if ' ' in word else OBJECT}"
    question = QUESTION.search(task)
    return bool(re.search(begins, task, re.IGNORECASE) or (not question and re.search(goes_on, task, re.IGNORECASE)))


# ------------------------------------------------------------------------------------------------ judgements


def _judging(task: str, harness: str | None) -> Iterator[tuple[str, str]]:
    """Yield the words of a task that ask for a judgement, and why that takes one."""
    for kind in triggers()["judgements"].values():
        for said in (*_as_instruction(kind, task), *_as_thing(kind, task), *standing(kind.get("asked", ()), task)):
            yield said, kind["why"]
    if not QUESTION.search(_plain(task)) or harness == "digest":
        for said in _measured(task):
            yield said, "sorting things by that is a judgement of what each is about and how much it matters"
    for said in _degrees(task):
        yield said, triggers()["judgements"]["quality"]["why"]


def _plain(task: str) -> str:
    """Return a task without what is only polite about it: "can you rank them?" is no question."""
    plain = re.sub(rf"^\W*(?:{POLITE}\W+)+", "", task, flags=re.IGNORECASE)
    return plain if plain == task else plain.rstrip("? ")


def _found(pattern: str, task: str) -> Iterator[str]:
    match = re.search(pattern, task, re.IGNORECASE)
    if match:
        yield " ".join(match["said"].split())


def _as_instruction(kind: dict[str, Any], task: str) -> Iterator[str]:
    begins = rf"^\W*(?:{POLITE}\W+)*"
    texts = _any(triggers()["texts"]["nouns"])
    then = r"\s+(?:by|into|in order|from|according to|on a scale)\b"
    measured = rf"(?=(?:\s+[\w'-]+){{0,6}}{then}|\s+(?:[\w-]+\s+)?{texts}|\s+\S+\.\w+|\s*:)"
    yield from _found(rf"{begins}(?P<said>{_any(kind['verbs'])})", task)
    yield from _found(rf"{begins}(?P<said>{_any(kind['verbs_and_nouns'])})(?:{OBJECT}|{measured})", _plain(task))
    if not WH.search(task):
        verbs = _any([*kind["verbs"], *kind["verbs_and_nouns"]])
        yield from _found(rf"{GOES_ON}(?P<said>{verbs}){OBJECT}", task)


def _as_thing(kind: dict[str, Any], task: str) -> Iterator[str]:
    """Yield a noun that is to be made: asked for, or named alone, with "a" or no article; "the ranking" is there."""
    noun = rf"(?P<said>(?:{LIGHT}\s+){{0,2}}?{_any(kind['nouns'])}(?:\s+of)?){GOES_WITH}"
    yield from _found(rf"^\W*(?:{POLITE}\W+)*{ASKING}\s+(?:an?\s+|some\s+|your\s+)?{noun}", task)
    yield from _found(rf"^\W*(?:an?\s+)?{noun}", "" if QUESTION.search(task) else task)
    given = _any([*kind["nouns"], *kind["verbs_and_nouns"]])
    yield from _found(rf"^\W*(?:{POLITE}\W+)*{ASKING}{WORDS}an?\s+(?P<said>{given}){GOES_WITH}", task)
    yield from _found(rf"\b(?:into|as|with)\s+an?\s+{noun}", task)


def _measured(task: str) -> Iterator[str]:
    measures = triggers()["measures"]
    each = r"(?:by|according to|in order of|per|(?:per|for|under)\s+(?:each|every))"
    by = rf"{each}\s+(?:their\s+|its\s+|the\s+)?{_any(measures['by'])}"
    into = rf"(?:in|into)\s+(?:{LIGHT}\s+)?{_any(measures['into'])}"
    yield from _found(rf"\b(?P<said>{by}){GOES_WITH}", task)
    yield from _found(rf"\b(?P<said>{into}){GOES_WITH}", task)
    yield from _found(rf"(?P<said>{_any(measures['made'])}\s+{LIGHT})", task)


def _degrees(task: str) -> Iterator[str]:
    """Yield words that ask how good a text is, or how it is written."""
    texts = triggers()["texts"]
    text = rf"(?:{_any(texts['nouns'])}|[\w-]+\.(?:md|txt|py|rst|html)\b)"
    quality, made, manner = _any(texts["qualities"]), _any(texts["made"]), _any(texts["manner"])
    most = rf"(?:{_any(texts['degrees'])}|(?:most|least|more|less)\s+{quality})"
    end = r"(?=\W*$|\s*,|\s+(?:and|or|of)\b)"
    compares = r"(?:compar\w+|contrast\w*|differ\w*|similar\w*|analy[sz]\w+|describe|comment on|characteri\w+|improve)"
    for pattern in (
        # How good it is.
        rf"\b(?P<said>how\s+{quality}){WORDS}(?:{text}|{made})",
        rf"\b(?P<said>how\s+{_any(texts['of_texts'])})",
        rf"\b(?:is|are){WORDS}(?P<said>(?:well|badly|poorly|clearly|nicely)[\s-]+{made})",
        rf"\b(?P<said>quality){WORDS}(?:of\s+)?(?:the\s+)?{text}",
        # Which is better.
        rf"\bwhich(?:{WORDS}|\s+)(?:is|are|reads?|sounds?)\s+(?:the\s+)?(?P<said>{most})(?:\s+ones?)?{end}",
        rf"{text}{WORDS}(?P<said>{most})(?=\W*$)",
        rf"(?P<said>{most}[\s-]+{made})",
        rf"(?P<said>{most}\s+(?:of\s+)?(?:the\s+|all\s+)*{text})",
        # In which manner it is written.
        rf"\b(?:is|are)\s+(?:the|this|my|our)\s+(?P<said>{manner}\s+(?:(?:any|too|very|really)\s+)?{quality})",
        rf"(?P<said>{manner}){WORDS}(?:differ\w*|compare[sd]?)\b",
        rf"\b(?P<said>{compares}{WORDS}{manner}){GOES_WITH}",
        rf"\b(?P<said>(?:how|what)\s+(?:is|are|'s)\s+the\s+{manner})\s+(?:of|in){WORDS}?{text}",
    ):
        yield from _found(pattern, task)
