"""What the skeptics of `verify` said, in words: how many hold a claim up, and whether they opened different files."""

from __future__ import annotations

from collections import Counter
from typing import Any, get_type_hints

from weft.primitives.judging import Verdict, Vote
from weft.runtime.page import Role

__all__ = ["OPINIONS", "in_words"]

OPINIONS: dict[str, Role] = {
    "supported": "ok",
    "refuted": "lost",
    "qualified": "warning",
    "unchecked": "warning",
}
"""What a vote can be, and how it is shown."""

VERDICT, VOTE = get_type_hints(Verdict).keys(), get_type_hints(Vote).keys()


def in_words(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record in which a verdict, or what a harness kept of one, is put as a person would say it.

    Of a full vote, the places that were opened are left out: what they say of the votes is in the words.
    """
    votes, overlap = record.get("votes"), record.get("independence")
    if not isinstance(votes, list) or not isinstance(overlap, (int, float)) or not 0 <= overlap <= 1:
        return record
    said = [str(vote.get("verdict") if isinstance(vote, dict) else vote) for vote in votes]
    if not all(verdict in OPINIONS for verdict in said):
        return record
    words: dict[str, Any] = {}
    for name, value in record.items():
        if name == "survives" and isinstance(value, bool) and record.keys() >= VERDICT:
            words["survives"] = f"{'yes' if value else 'no'}, {_counted(said)}"
        elif name == "votes":
            words["votes"] = [_vote(vote) for vote in votes]
        elif name == "independence":
            words |= _rests(votes, said, float(overlap))
        else:
            words[name] = value
    return words


def _counted(said: list[str]) -> str:
    counts = Counter(said)
    return "votes: " + ", ".join(f"{counts[opinion]} {opinion}" for opinion in OPINIONS if counts[opinion])


def _vote(vote: Any) -> Any:
    if not isinstance(vote, dict) or not vote.keys() >= VOTE:
        return vote
    return {name: value for name, value in vote.items() if name != "touched"}


def _rests(votes: list[Any], said: list[str], overlap: float) -> dict[str, str]:
    """Return what the votes rest on; nothing where there are not two to compare."""
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
