"""Judge a claim by the files that were opened: a verdict, a reason and the sentences that decide.

A claim is never supported by what it is about (`subject` of a prompt), nor by a sentence that says only a part of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from weft.runtime.agents.offline.affirms import affirms
from weft.runtime.agents.offline.material import PLACED, QUOTED, Material
from weft.runtime.agents.offline.relate import relate
from weft.runtime.agents.offline.text import Rarity, Sentence, terms
from weft.runtime.understood import Understood

__all__ = ["NOT_JUDGED", "VERDICTS", "can_judge", "cited_in", "claim_of", "side_of", "subjects_of", "verdict"]

VERDICTS = {"supported", "refuted", "qualified", "unchecked"}

Side = Literal["for", "against", "both"]

AGAINST = re.compile(r"\b(?:opposite|otherwise|against|contradict\w*|den(?:y|ies)|refut\w*)\b", re.IGNORECASE)
FOR = re.compile(r"\b(?:support\w*|evidence|says? (?:so|it)|quotation|stands? there|confirm\w*)\b", re.IGNORECASE)
"""How a lens says which side it looks at."""
WHOLE = re.compile(
    r"\b(?:true|correct|right|wrong|false|accurate|facts?|holds?|limits?|generally|both|same|consistent)\b",
    re.IGNORECASE,
)
"""How it says that it looks at both."""
NOT_JUDGED = Understood(
    count=0,
    of=1,
    what="lenses",
    hint="the offline model can only tell whether sentences say so or otherwise; for the rest, name a --model",
)

_ASKS = re.compile(
    r"^(?:[^:]*:\s*)?(?:do|does|did|is|are|was|has|have|can|could|whether|which|what|who|where|when|how)\b",
    re.IGNORECASE,
)
"""How a lens begins that asks something; others say what is to be so."""

MOST_COMPARED = 200
"""How many sentences a claim is compared with: those that share most of its rare words."""

MOST_EVIDENCE = 3
"""How many sentences of either side are shown."""


def claim_of(prompt: str) -> str | None:
    """Return the claim of a skeptic's prompt, where it is one."""
    marked = re.search(r"<claim>\s*(.*?)\s*</claim>", prompt, re.DOTALL)
    return marked.group(1) if marked else None


def subjects_of(prompt: str) -> list[str]:
    """Return the sources that a skeptic's prompt says its claim is about; they are no evidence for it."""
    marked = re.search(r"<subject>\s*(.*?)\s*</subject>", prompt, re.DOTALL)
    return marked.group(1).splitlines() if marked else []


def cited_in(claim: str) -> list[Sentence]:
    """Return the sentences that a claim quotes with their place."""
    return [Sentence(text, source, line) for text, source, line in _quoted(claim) if source and line is not None]


def _quoted(claim: str) -> list[tuple[str, str | None, int | None]]:
    """Return the texts that a claim given as data holds, each with its place."""
    try:
        data = json.loads(claim)
    except ValueError:
        return []
    found: list[tuple[str, str | None, int | None]] = []

    def collect(value: Any) -> None:
        if isinstance(value, dict):
            text = next((value[name] for name in QUOTED if isinstance(value.get(name), str)), None)
            source = next((value[name] for name in PLACED if isinstance(value.get(name), str)), None)
            if text:
                found.append((text, source, value["line"] if isinstance(value.get("line"), int) else None))
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            collect(inner)

    collect(data)
    return found


def verdict(schema: dict[str, Any], material: Material) -> dict[str, Any]:
    """Judge the claim of the prompt, in the form that the schema asks for."""
    claim = claim_of(material.prompt) or material.prompt
    cited, subjects, side = cited_in(claim), subjects_of(material.prompt), side_of(material.prompt)
    if not can_judge(material.prompt):
        judged, reason, evidence = "unchecked", NOT_JUDGED.hint, list[Sentence]()
    elif cited and not subjects:
        judged, reason, evidence = _check_citations(cited, side, material)
    else:
        text = next((text for text, *_ in _quoted(claim)), claim)
        judged, reason, evidence = _check_text(text, side, material, subjects)
    answer = {
        "verdict": judged,
        "reason": reason,
        "evidence": [{"source": found.source, "line": found.line, "quote": found.text} for found in evidence],
    }
    return {name: value for name, value in answer.items() if name in schema["properties"]}


def can_judge(prompt: str) -> bool:
    """Whether the lens of a prompt asks what can be judged by words: whether sentences say so, or otherwise."""
    lens = _lens(prompt)
    return len(lens.split()) < 2 or any(sign.search(lens) for sign in (AGAINST, FOR, WHOLE))


def side_of(prompt: str) -> Side:
    """Return which side a skeptic looks at, by the words of its lens."""
    text = _lens(prompt)
    return "against" if AGAINST.search(text) else "for" if FOR.search(text) else "both"


def _lens(prompt: str) -> str:
    found = re.search(r"\blens: (.*)", prompt)
    return found.group(1) if found else ""


def _check_citations(cited: list[Sentence], side: Side, material: Material) -> tuple[str, str, list[Sentence]]:
    for sentence in cited:
        if not _stands(sentence, material):
            return "refuted", f"{sentence.place} does not say so", []
    if len(cited) == 1:
        return _check_citation(cited[0], side, material)
    judged = relate(_read(cited[0], material), _read(cited[1], material), material.rarity())
    if judged.relation != "contradicts":
        return "unchecked", "both stand there; their words do not show a contradiction", cited
    return "supported", f"{cited[0].place} and {cited[1].place}: {judged.words}", cited


def _check_citation(cited: Sentence, side: Side, material: Material) -> tuple[str, str, list[Sentence]]:
    """Judge a sentence that stands where it is said to stand by what the lens asks: that, or what others say of it."""
    against = [] if side == "for" else _evidence(cited.text, material, {cited.source}).against
    if against:
        asserted = side == "against" and not _ASKS.search(_lens(material.prompt))
        return "supported" if asserted else "qualified", _places(against, "otherwise"), [cited, *against]
    if side == "against":
        return "unchecked", "no other sentence that was opened says otherwise", [cited]
    denied = "" if side == "for" else ", and no other sentence opened denies it"
    return "supported", f"{cited.place} says so{denied}", [cited]


def _read(cited: Sentence, material: Material) -> Sentence:
    """Return a cited sentence as it was read, with what it inherits from where it stands."""
    places = (cited.text, cited.source, cited.line)
    return next((found for found in material.sentences if (found.text, found.source, found.line) == places), cited)


def _stands(sentence: Sentence, material: Material) -> bool:
    lines = material.lines.get(sentence.source, {})
    here = " ".join(lines.get(sentence.line + offset, "") for offset in range(4))
    return " ".join(sentence.text.split()) in " ".join(here.split())


def _check_text(claim: str, side: Side, material: Material, subjects: Iterable[str]) -> tuple[str, str, list[Sentence]]:
    found = _evidence(claim, material, {subject.partition(":")[0] for subject in subjects})
    agreeing, against = found.agreeing, found.against
    if agreeing and against and side == "both":
        return "qualified", f"{_places(agreeing, 'so')}, {_places(against, 'otherwise')}", [*agreeing, *against]
    if against and (side != "for" or not agreeing):
        return "refuted", _places(against, "otherwise"), against
    if agreeing:
        return "supported", _places(agreeing, "so"), agreeing
    if found.qualifying:
        return "qualified", _places(found.qualifying, "so only of some cases, or with less certainty"), found.qualifying
    return "unchecked", "no sentence that was opened decides it", []


def _places(found: list[Sentence], what: str) -> str:
    return f"{' and '.join(sentence.place for sentence in found)} {'say' if len(found) > 1 else 'says'} {what}"


@dataclass(frozen=True, slots=True)
class _Evidence:
    """The sentences that say what a claim says, that say it of some cases only, and that speak against it."""

    agreeing: list[Sentence]
    qualifying: list[Sentence]
    against: list[Sentence]


def _evidence(claim: str, material: Material, besides: set[str]) -> _Evidence:
    """Return what the sentences outside of some sources say of a claim.

    What speaks against a sentence that says what a claim says speaks against the claim too.
    """
    rarity, wanted = material.rarity(), set(terms(claim))
    weighed = [
        (sum(rarity.of(word) for word in wanted & set(terms(f"{sentence.text} {sentence.context}"))), sentence)
        for sentence in material.sentences
        if sentence.source not in besides
    ]
    weighed = [entry for entry in weighed if entry[0] > 0]
    near = [sentence for _, sentence in sorted(weighed, key=lambda entry: -entry[0])[:MOST_COMPARED]]
    against = [sentence for sentence in near if _contradicts(claim, sentence, rarity) and _meets(sentence, claim)]
    judged = [(affirms(claim, sentence, rarity), sentence) for sentence in near if sentence not in against]
    agreeing = [sentence for affirmed, sentence in judged if affirmed == "says"][:MOST_EVIDENCE]
    against += [
        sentence
        for affirmed, sentence in judged
        if affirmed == "nothing" and any(relate(so, sentence, rarity).relation == "contradicts" for so in agreeing)
    ]
    return _Evidence(
        agreeing,
        [sentence for affirmed, sentence in judged if affirmed == "qualifies"][:MOST_EVIDENCE],
        against[:MOST_EVIDENCE],
    )


def _contradicts(claim: str, sentence: Sentence, rarity: Rarity) -> bool:
    """Whether a sentence, or one of the things it says of different ones, speaks against a claim."""
    return relate(claim, sentence, rarity).relation == "contradicts"


def _meets(sentence: Sentence, claim: str) -> bool:
    """Whether a sentence shares enough words with a claim to speak against it: two, or half of its words."""
    wanted = {word for word in terms(claim) if not word.isdigit()}
    shared = len(wanted & set(terms(f"{sentence.text} {sentence.context}")))
    return shared > 1 or shared * 2 >= len(wanted) > 0
