"""What the skeptics of `verify` said, in words: what they come to, and whether they rest on different evidence."""

from __future__ import annotations

from collections import Counter
from typing import Any, get_type_hints

from weft.primitives.independence import Independence
from weft.primitives.skeptics import Vote
from weft.runtime.page import Role

__all__ = ["OPINIONS", "in_words"]

OPINIONS: dict[str, Role] = {
    "survives": "ok",
    "supported": "ok",
    "refuted": "lost",
    "undecided": "warning",
    "qualified": "warning",
    "unchecked": "warning",
}
"""What a claim or a vote can come to, and how it is shown."""

VOTE, INDEPENDENCE = get_type_hints(Vote).keys(), get_type_hints(Independence).keys()


def in_words(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record in which a verdict, or what a harness kept of one, is put as a person would say it.

    Of a full vote, the places that were opened are left out: what they say of the votes is in the words.
    """
    votes, rests = record.get("votes"), record.get("independence")
    said = _said(votes) if rests is not None else []
    whole = "outcome" in record and isinstance(rests, dict)
    words: dict[str, Any] = {}
    for name, value in record.items():
        if name == "independence":
            words |= _rests(value, votes, said)
        elif said and name == "votes":
            words["votes"] = [_vote(vote) for vote in value]
        elif said and name == "outcome":
            words["outcome"] = f"{value}, {_counted(said)}"
        elif said and name == "survives" and isinstance(value, bool) and not whole:
            words["survives"] = f"{'yes' if value else 'no'}, {_counted(said)}"
        elif not (whole and (name == "survives" or (name == "saved" and not value))):  # which the outcome says
            words[name] = value
    return words


def _said(votes: Any) -> list[str]:
    """Return what votes say, if that is what they are."""
    listed = votes if isinstance(votes, list) else []
    said = [str(vote.get("verdict") if isinstance(vote, dict) else vote) for vote in listed]
    return said if all(opinion in OPINIONS for opinion in said) else []


def _counted(said: list[str]) -> str:
    counts = Counter(said)
    return "votes: " + ", ".join(f"{counts[opinion]} {opinion}" for opinion in OPINIONS if counts[opinion])


def _vote(vote: Any) -> Any:
    if not isinstance(vote, dict) or not vote.keys() >= VOTE - {"discounted"}:
        return vote
    shown = {name: value for name, value in vote.items() if name not in ("touched", "discounted")}
    if vote.get("discounted"):
        shown["verdict"] = f"{vote['verdict']}, not counted: by nothing but the claim's own words"
    return shown


def _rests(rests: Any, votes: list[Any] | None, said: list[str]) -> dict[str, Any]:
    """Return what votes rest on; nothing where there are not two to compare."""
    if isinstance(rests, dict) and rests.keys() == INDEPENDENCE:
        share = f" ({rests['share']:.0%})" if isinstance(rests["share"], (int, float)) else ""
        return {"independence": f"{rests['word']}{share}: {rests['why']}"}
    if (
        votes is None
        or not said
        or isinstance(rests, bool)
        or not isinstance(rests, (int, float))
        or not 0 <= rests <= 1
    ):
        return {"independence": rests}
    return _rests_of_version_1(votes, said, float(rests))


# ------------------------------------------------------------------------------------------ results of earlier runs


def _rests_of_version_1(votes: list[Any], said: list[str], overlap: float) -> dict[str, str]:
    """Return what votes rest on of which the first version of the language only gave a number."""
    checked = [vote for vote, verdict in zip(votes, said, strict=True) if verdict != "unchecked"]
    number = len(checked)
    if number < 2:
        return {}
    opened = [_files(vote) for vote in checked if isinstance(vote, dict) and isinstance(vote.get("touched"), list)]
    return {"independence": _shared(opened, number, overlap)}


def _shared(opened: list[frozenset[str]], number: int, overlap: float) -> str:
    """Return how many of the votes rest on the same files; `opened` has those of each vote, where that is known."""
    if len(opened) < number:
        if overlap == 1:
            return f"no two of {number} votes rest on the same file"
        return f"all {number} votes rest on the same files" if overlap == 0 else "in part: some files are the same"
    if not any(opened):
        return f"none of the {number} votes opened a file: all rest on the wording alone"
    if overlap == 1:
        return f"no two of {number} votes rest on the same file"
    (file, most), *_ = Counter(file for files in opened for file in sorted(files)).most_common(1)
    together = [file] if most < number else sorted(frozenset.intersection(*opened))
    same = "the same file" if len(together) == 1 else f"the same {len(together)} files"
    names = ", ".join(together[:3]) + (" …" if len(together) > 3 else "")
    return f"{most} of {number} votes rest on {same}: {names}"


def _files(vote: dict[str, Any]) -> frozenset[str]:
    return frozenset(str(place).rpartition(":")[0] or str(place) for place in vote["touched"])
