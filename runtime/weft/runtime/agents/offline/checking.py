"""Judge a claim by the files that were opened: a verdict, a reason and the sentences that decide."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from weft.runtime.agents.offline.material import PLACED, QUOTED, Material
from weft.runtime.agents.offline.relate import relate
from weft.runtime.agents.offline.text import Sentence, names_in

__all__ = ["VERDICTS", "verdict"]

VERDICTS = {"supported", "refuted", "qualified", "unchecked"}


def verdict(schema: dict[str, Any], material: Material) -> dict[str, Any]:
    """Judge the claim of the prompt, in the form that the schema asks for."""
    marked = re.search(r"<claim>\s*(.*?)\s*</claim>", material.prompt, re.DOTALL)
    claim = marked.group(1) if marked else material.prompt
    cited = _cited(claim)
    judged, reason, evidence = _check_citations(cited, material) if cited else _check_text(claim, material)
    answer = {
        "verdict": judged,
        "reason": reason,
        "evidence": [{"source": found.source, "line": found.line, "quote": found.text} for found in evidence],
    }
    return {name: value for name, value in answer.items() if name in schema["properties"]}


def _cited(claim: str) -> list[Sentence]:
    """Return the sentences that a claim quotes with their place."""
    try:
        data = json.loads(claim)
    except ValueError:
        return []
    found: list[Sentence] = []

    def collect(value: Any) -> None:
        if isinstance(value, dict):
            text = next((value[name] for name in QUOTED if isinstance(value.get(name), str)), None)
            source = next((value[name] for name in PLACED if isinstance(value.get(name), str)), None)
            if text and source and isinstance(value.get("line"), int):
                found.append(Sentence(text, source, value["line"]))
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            collect(inner)

    collect(data)
    return found


def _check_citations(cited: list[Sentence], material: Material) -> tuple[str, str, list[Sentence]]:
    for sentence in cited:
        if not _stands(sentence, material):
            return "refuted", f"{sentence.place} does not say so", []
    if len(cited) == 1:
        against = _against(cited[0].text, material, besides=cited[0].source)
        if against is not None:
            return "qualified", f"{against.place} says otherwise", [cited[0], against]
        return "supported", f"{cited[0].place} says so, and no other sentence opened denies it", cited
    judged = relate(cited[0].text, cited[1].text, material.rarity())
    if judged.relation != "contradicts":
        return "unchecked", "both stand there; their words do not show a contradiction", cited
    return "supported", f"{cited[0].place} and {cited[1].place}: {judged.words}", cited


def _stands(sentence: Sentence, material: Material) -> bool:
    lines = material.lines.get(sentence.source, {})
    here = " ".join(lines.get(sentence.line + offset, "") for offset in range(4))
    return " ".join(sentence.text.split()) in " ".join(here.split())


def _check_text(claim: str, material: Material) -> tuple[str, str, list[Sentence]]:
    agreeing = _first(claim, material, "agrees")
    against = _first(claim, material, "contradicts")
    if agreeing and against:
        return "qualified", f"{agreeing.place} says so, {against.place} says otherwise", [agreeing, against]
    if against:
        return "refuted", f"{against.place} says otherwise", [against]
    if agreeing:
        return "supported", f"{agreeing.place} says so", [agreeing]
    return "unchecked", "no sentence that was opened decides it", []


def _against(text: str, material: Material, besides: str) -> Sentence | None:
    return _first(text, material, "contradicts", lambda sentence: sentence.source != besides)


def _first(
    text: str, material: Material, relation: str, wanted: Callable[[Sentence], bool] = lambda _: True
) -> Sentence | None:
    rarity = material.rarity()
    named = set(names_in(text))
    return next(
        (
            sentence
            for sentence in material.sentences
            if wanted(sentence)
            and (not named or named & set(names_in(sentence.text)))
            and relate(text, sentence.text, rarity).relation == relation
        ),
        None,
    )
