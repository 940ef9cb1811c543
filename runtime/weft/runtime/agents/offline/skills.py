"""What the offline model can do for an agent: list sentences, compare statements, check a claim, quote passages.

Each skill answers with words of the user's own files (or of the prompt) and where they stand, fitted to the schema.
A field for which there are no such words is left out, or the whole record is: nothing is made up.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from weft.runtime.agents.offline.evidence import is_definite
from weft.runtime.agents.offline.relate import relate
from weft.runtime.agents.offline.text import Rarity, Sentence, asked_for, names_in, stem, terms

__all__ = ["Material", "respond"]

QUOTED = ("statement", "claim", "text", "quote", "sentence", "finding", "passage", "excerpt", "what", "description")
PLACED = ("source", "file", "path", "document", "where")
NAMED = ("subject", "system", "name", "topic", "entity", "component", "about")
"""Names of schema fields that ask for a sentence, for the file it stands in, and for what it is about."""

VERDICTS = {"supported", "refuted", "qualified", "unchecked"}
MOST_PASSAGES = 8


@dataclass(frozen=True, slots=True)
class Material:
    """What an agent has to answer from."""

    prompt: str
    context: Any
    sentences: tuple[Sentence, ...]
    """Of the files it opened."""
    lines: dict[str, dict[int, str]]
    """The files it opened, line by line."""
    subjects: dict[str, str | None]
    """The name that each file it opened is about, where there is one."""
    paths: tuple[str, ...]
    """Every file there is."""

    def rarity(self) -> Rarity:
        """Return how much words say in the opened files."""
        return Rarity(terms(sentence.text) for sentence in self.sentences)


def respond(schema: dict[str, Any] | None, material: Material) -> Any:
    """Answer in the form that the schema asks for."""
    if schema is None:
        return _quote(material)
    properties = schema.get("properties", {})
    if VERDICTS & set(properties.get("verdict", {}).get("enum", ())):
        return _verdict(schema, material)
    return {name: _value(name, inner, material) for name, inner in properties.items() if _has_answer(inner)}


def _has_answer(schema: dict[str, Any]) -> bool:
    return schema.get("type") in ("array", "string")


def _value(name: str, schema: dict[str, Any], material: Material) -> Any:
    if schema.get("type") == "string":
        return _option(schema["enum"], material.prompt) if schema.get("enum") else _quote(material)
    items = schema.get("items", {})
    most = schema.get("maxItems", 20)
    fields = items.get("properties", {})
    if sum(inner.get("type") == "integer" for inner in fields.values()) >= 2:
        return _conflicts(items, material)[:most]
    found = _relevant(material)
    if items.get("type") == "string":
        return [sentence.text for sentence in _telling(found, most)]
    records = {sentence: _record(items, sentence, material) for sentence in found}
    chosen = _telling([sentence for sentence, record in records.items() if record is not None], most)
    return [records[sentence] for sentence in chosen]


# ------------------------------------------------------------------------------------------------ list sentences


def _relevant(material: Material) -> list[Sentence]:
    """Return the sentences that bear on the prompt, in the order in which they stand."""
    asked = asked_for(_question(material))
    if not asked:  # it asks about everything
        return list(material.sentences)
    rarity = material.rarity()
    scored = [
        (sum(rarity.of(word) for word in asked & set(terms(sentence.text))), sentence)
        for sentence in material.sentences
    ]
    return [sentence for score, sentence in scored if score > 0]


def _question(material: Material) -> str:
    """Return the prompt without the names of files, which are not what it asks about."""
    marked = re.search(r"<question>\s*(.*?)\s*</question>", material.prompt, re.DOTALL)
    text = marked.group(1) if marked else material.prompt
    for path in material.paths:
        text = text.replace(path, " ")
    return text


def _telling(found: list[Sentence], most: int) -> list[Sentence]:
    """Return as many sentences as are wanted, in their order: those first that say what another could contradict."""
    kept = set(sorted(found, key=lambda sentence: not is_definite(sentence.text))[:most])
    return [sentence for sentence in found if sentence in kept]


def _record(items: dict[str, Any], sentence: Sentence, material: Material) -> dict[str, Any] | None:
    record = {}
    for name, inner in items.get("properties", {}).items():
        value = _field(name, inner, sentence, material)
        if value is not None:
            record[name] = value
    return record if all(name in record for name in items.get("required", ())) else None


def _field(name: str, schema: dict[str, Any], sentence: Sentence, material: Material) -> Any:
    if schema.get("enum"):
        return _option(schema["enum"], sentence.text)
    if schema.get("type") == "integer":
        return sentence.line if name.startswith("line") else None
    if schema.get("type") != "string":
        return None
    if name in PLACED:
        return sentence.source
    if name in NAMED:
        return _subject(sentence, material)
    return sentence.text if name in QUOTED else None


def _option(options: list[Any], text: str) -> Any:
    """Return the option whose own word stands in the text, if exactly one does."""
    words = set(terms(text))
    named = [option for option in options if isinstance(option, str) and stem(option) in words]
    return named[0] if len(named) == 1 else None


def _subject(sentence: Sentence, material: Material) -> str | None:
    """Return what a sentence is about: the name in it that most files are called after, or that its file is about.

    Where files are not called after what they are about, it is the first name in the sentence.
    """
    names = names_in(sentence.text)
    called = {name: _files_called(name, material) for name in names}
    best = max(called, key=lambda name: called[name], default=None)
    if best is not None and called[best]:
        return best
    return material.subjects.get(sentence.source) or next(iter(names), None)


def _files_called(name: str, material: Material) -> int:
    words = name.lower().split()
    return sum(all(word in re.split(r"[^a-z0-9]+", path.lower()) for word in words[:1]) for path in material.paths)


# ------------------------------------------------------------------------------------------------ compare statements


def _conflicts(items: dict[str, Any], material: Material) -> list[dict[str, Any]]:
    """Return the pairs of numbered statements in the context whose words contradict each other."""
    first, second = [name for name, inner in items["properties"].items() if inner.get("type") == "integer"][:2]
    texts = [name for name, inner in items["properties"].items() if inner.get("type") == "string"]
    statements = [entry for entry in _listed(material.context) if "number" in entry and "statement" in entry]
    rarity = Rarity(terms(entry["statement"]) for entry in statements)
    about = str(material.context.get("subject", "")) if isinstance(material.context, dict) else ""
    found = []
    for a, b in combinations(statements, 2):
        if a.get("source") == b.get("source"):
            continue
        judged = relate(a["statement"], b["statement"], rarity, about=about)
        if judged.relation == "contradicts":
            found.append({first: a["number"], second: b["number"], **dict.fromkeys(texts, judged.words)})
    return found


def _listed(context: Any) -> list[dict[str, Any]]:
    if isinstance(context, dict):
        return [entry for value in context.values() for entry in _listed(value)]
    if isinstance(context, list):
        return [entry for entry in context if isinstance(entry, dict)]
    return []


# ------------------------------------------------------------------------------------------------ check a claim


def _verdict(schema: dict[str, Any], material: Material) -> dict[str, Any]:
    marked = re.search(r"<claim>\s*(.*?)\s*</claim>", material.prompt, re.DOTALL)
    claim = marked.group(1) if marked else material.prompt
    cited = _cited(claim)
    verdict, reason, evidence = _check_citations(cited, material) if cited else _check_text(claim, material)
    answer = {
        "verdict": verdict,
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


# ------------------------------------------------------------------------------------------------ quote


def _quote(material: Material) -> str:
    """Return passages word for word: the items of the prompt, or the sentences that bear on it most."""
    items = re.findall(r"<item>\s*(.*?)\s*</item>", material.prompt, re.DOTALL)
    if items:
        return "\n".join(f"- {item}" for item in dict.fromkeys(items))
    asked, rarity = asked_for(_question(material)), material.rarity()
    ranked = sorted(
        _relevant(material), key=lambda found: -sum(rarity.of(word) for word in asked & set(terms(found.text)))
    )
    quoted = [f"- “{sentence.text}” ({sentence.place})" for sentence in ranked[:MOST_PASSAGES]]
    return "\n".join(quoted) or "Nothing in the files bears on this."
