"""Judge a claim by the files that were opened: a verdict, a reason and the sentences that decide.

A claim is never supported by what it is about (`subject` of a prompt), nor by a sentence that says only a part of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, Literal

from weft.runtime.agents.offline.evidence import is_denied
from weft.runtime.agents.offline.material import PLACED, QUOTED, Material
from weft.runtime.agents.offline.relate import relate
from weft.runtime.agents.offline.text import Rarity, Sentence, terms

__all__ = ["VERDICTS", "cited_in", "claim_of", "side_of", "subjects_of", "verdict"]

VERDICTS = {"supported", "refuted", "qualified", "unchecked"}

Side = Literal["for", "against", "both"]

AGAINST = re.compile(r"\b(?:opposite|otherwise|against|contradict\w*|den(?:y|ies)|refut\w*)\b", re.IGNORECASE)
FOR = re.compile(r"\b(?:support\w*|evidence|says? (?:so|it)|quotation|stands? there|confirm\w*)\b", re.IGNORECASE)
"""How a lens says which side it looks at."""

BESIDES = 0.2
"""How much of the weight of a sentence with a denial may be of other words than those of a claim that it supports."""

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
    if cited and not subjects:
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


def side_of(prompt: str) -> Side:
    """Return which side a skeptic looks at, by the words of its lens."""
    lens = re.search(r"\blens: (.*)", prompt)
    text = lens.group(1) if lens else ""
    return "against" if AGAINST.search(text) else "for" if FOR.search(text) else "both"


def _check_citations(cited: list[Sentence], side: Side, material: Material) -> tuple[str, str, list[Sentence]]:
    for sentence in cited:
        if not _stands(sentence, material):
            return "refuted", f"{sentence.place} does not say so", []
    if len(cited) == 1:
        _, against = ([], []) if side == "for" else _evidence(cited[0].text, material, {cited[0].source})
        if against:
            return "qualified", _places(against, "otherwise"), [cited[0], *against]
        denied = "" if side == "for" else ", and no other sentence opened denies it"
        return "supported", f"{cited[0].place} says so{denied}", cited
    judged = relate(_read(cited[0], material), _read(cited[1], material), material.rarity())
    if judged.relation != "contradicts":
        return "unchecked", "both stand there; their words do not show a contradiction", cited
    return "supported", f"{cited[0].place} and {cited[1].place}: {judged.words}", cited


def _read(cited: Sentence, material: Material) -> Sentence:
    """Return a cited sentence as it was read, with what it inherits from where it stands."""
    places = (cited.text, cited.source, cited.line)
    return next((found for found in material.sentences if (found.text, found.source, found.line) == places), cited)


def _stands(sentence: Sentence, material: Material) -> bool:
    lines = material.lines.get(sentence.source, {})
    here = " ".join(lines.get(sentence.line + offset, "") for offset in range(4))
    return " ".join(sentence.text.split()) in " ".join(here.split())


def _check_text(claim: str, side: Side, material: Material, subjects: Iterable[str]) -> tuple[str, str, list[Sentence]]:
    agreeing, against = _evidence(claim, material, {subject.partition(":")[0] for subject in subjects})
    if agreeing and against and side == "both":
        return "qualified", f"{_places(agreeing, 'so')}, {_places(against, 'otherwise')}", [*agreeing, *against]
    if against and (side != "for" or not agreeing):
        return "refuted", _places(against, "otherwise"), against
    if agreeing:
        return "supported", _places(agreeing, "so"), agreeing
    return "unchecked", "no sentence that was opened decides it", []


def _places(found: list[Sentence], what: str) -> str:
    return f"{' and '.join(sentence.place for sentence in found)} {'say' if len(found) > 1 else 'says'} {what}"


def _evidence(claim: str, material: Material, besides: set[str]) -> tuple[list[Sentence], list[Sentence]]:
    """Return the sentences that say what a claim says, and those that speak against it."""
    rarity, wanted = material.rarity(), set(terms(claim))
    weighed = [
        (sum(rarity.of(word) for word in wanted & set(terms(sentence.text))), sentence)
        for sentence in material.sentences
        if sentence.source not in besides
    ]
    near = sorted((entry for entry in weighed if entry[0] > 0), key=lambda entry: -entry[0])[:MOST_COMPARED]
    agreeing: list[Sentence] = []
    against: list[Sentence] = []
    for _, sentence in near:
        if relate(claim, sentence, rarity).relation == "contradicts":
            against += [sentence] if _meets(sentence, claim) else []
        elif _says(sentence, claim, material, rarity):
            agreeing.append(sentence)
    return agreeing[:MOST_EVIDENCE], against[:MOST_EVIDENCE]


def _meets(sentence: Sentence, claim: str) -> bool:
    """Whether a sentence shares enough words with a claim to speak against it: two, or half of its words."""
    wanted = {word for word in terms(claim) if not word.isdigit()}
    shared = len(wanted & set(terms(sentence.text)))
    return shared > 1 or shared * 2 >= len(wanted) > 0


def _says(sentence: Sentence, claim: str, material: Material, rarity: Rarity) -> bool:
    """Whether a sentence says all that a claim says, where it stands: each of its words, denied or not as there.

    What is denied is said to be the same only by a sentence that says little else: "not taken" does not deny "expire".
    """
    wanted, said = set(terms(claim)), set(terms(sentence.text))
    if not wanted <= said | set(terms(material.heading(sentence))) or is_denied(sentence.text) != is_denied(claim):
        return False
    besides = sum(rarity.of(word) for word in said - wanted)
    return not is_denied(claim) or besides <= BESIDES * sum(rarity.of(word) for word in said)
