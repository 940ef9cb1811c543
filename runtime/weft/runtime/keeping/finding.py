"""Which saved harnesses are for a task like this one: by their words, or by a model of embeddings.

What a harness is for is read off its name, its docstring, its arguments, and the tasks that it was run for.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from weft.runtime.agents.offline.lexicon import related
from weft.runtime.agents.offline.text import STOPWORDS, Rarity, terms
from weft.runtime.errors import NotFound
from weft.runtime.keeping.record import remembered
from weft.runtime.keeping.shelf import Shelf
from weft.runtime.meant import did_you_mean
from weft.runtime.pause import Pause
from weft.runtime.project.folders import Project
from weft.runtime.project.harness import Harness, check_args
from weft.runtime.project.saved import SavedHarness
from weft.runtime.request import AgentError

if TYPE_CHECKING:
    from weft.runtime.agents.likeness.embedding import Embeddings

__all__ = ["Similar", "chosen", "similar"]

LOG = logging.getLogger(__name__)

LONGEST = 4_000
"""How many letters of what a harness is for are embedded."""

LATEST = 20
"""How many runs are asked what they were for."""

LEAST = 0.15
"""With less than this a harness is not for the task, by its words."""

LEAST_COSINE = 0.3
"""The same of vectors."""

IN_WORDS, IN_TEXT = 0.7, 0.4
"""How much a word says that stands in what a harness says of itself, or only in its text, such as in a prompt; that is
1 for its name and the first line of its docstring."""

OF_RELATED = 0.5
"""How much of that is left where not the word itself is there, but a related one."""


@dataclass(frozen=True, slots=True)
class Similar:
    """A saved harness that may be for a task."""

    saved: SavedHarness
    harness: Harness
    score: float
    """How much of the task it speaks of, from 0 to 1; of embeddings, their cosine."""


async def similar(task: str, project: Project, *, most: int = 3, embeddings: Embeddings | None = None) -> list[Similar]:
    """Return the saved harnesses that are most likely for a task, the likeliest first; none where none is.

    Args:
        task: What is to be done, in words.
        project: Whose saved harnesses are looked at; also the user's, and those that come with weft.
        most: How many are returned, at most.
        embeddings: Compares by meaning; where it fails, and without it, words are compared.
    """
    found = [(saved, saved.harness) for saved in project.harnesses() if saved.harness is not None]
    scores = await _by_meaning(task, project, found, embeddings) if embeddings is not None else None
    least = LEAST if scores is None else LEAST_COSINE
    scores = _by_words(task, project, found) if scores is None else scores
    ranked = sorted(zip(found, scores, strict=True), key=lambda one: (-one[1], one[0][0].name))
    return [Similar(saved, harness, round(score, 3)) for (saved, harness), score in ranked[:most] if score >= least]


def chosen(project: Project, name: str, args: Any) -> Harness:
    """Return the saved harness that an author answers a task with, once its arguments fit.

    Raises:
        NotFound: there is none of that name.
        Refused: the arguments do not fit, or it is broken.
    """
    harness = project.find_harness(name)
    if harness is None:
        names = project.harness_names()
        raise NotFound(
            f"there is no saved harness {name!r}",
            meaning="the answer names one that is not there",
            fix=did_you_mean(name, names, f"there are {', '.join(names)}"),
        )
    check_args(harness, args)
    return harness


def _by_words(task: str, project: Project, found: Sequence[tuple[SavedHarness, Harness]]) -> list[float]:
    """Return how much of what a task says each harness speaks of, by how rare its words are among all of them."""
    spoken = [_spoken(*one, project) for one in found]
    rarity = Rarity(spoken)
    weights = {word: rarity.weight(word) for word in _terms(task)}
    total = math.fsum(weights.values())
    if not total:
        return [0.0] * len(found)
    return [math.fsum(weight * _says(word, words) for word, weight in weights.items()) / total for words in spoken]


def _spoken(saved: SavedHarness, harness: Harness, project: Project) -> dict[str, float]:
    """Return the words of a harness, with how much each says of what it is for."""
    tiers = (
        (IN_TEXT, harness.source),
        (IN_WORDS, _about(saved, harness, project)),
        (1.0, f"{_words(saved.name)} {saved.purpose}"),
    )
    return {word: weight for weight, text in tiers for word in _terms(text)}


def _says(word: str, words: Mapping[str, float]) -> float:
    """Return how much a harness says of what a word means."""
    near = max((words[other] for other in related(word) if other in words), default=0.0)
    return max(words.get(word, 0.0), OF_RELATED * near)


def _terms(text: str) -> set[str]:
    """Return the words of a text in common form; what is asked for is one of them here, as in "contradict"."""
    return set(terms(text, without=STOPWORDS))


async def _by_meaning(
    task: str, project: Project, found: Sequence[tuple[SavedHarness, Harness]], embeddings: Embeddings
) -> list[float] | None:
    """Return how alike the meaning of a task and of each harness are; `None` where the model fails."""
    texts = [
        task,
        *(
            f"{_words(saved.name)}: {saved.purpose}\n{_about(saved, harness, project)}"[:4_000]
            for saved, harness in found
        ),
    ]
    try:
        asked, *vectors = await embeddings.of(texts, 0)
    except (AgentError, Pause) as failure:
        LOG.warning("%s was not asked which saved harnesses fit, so their words are: %s", embeddings.name, failure)
        return None
    return [max(0.0, _cosine(asked, vector)) for vector in vectors]


def _cosine(one: Sequence[float], other: Sequence[float]) -> float:
    length = math.hypot(*one) * math.hypot(*other)
    return math.fsum(a * b for a, b in zip(one, other, strict=True)) / length if length else 0.0


def _words(name: str) -> str:
    return name.replace("-", " ").replace("_", " ")


def _about(saved: SavedHarness, harness: Harness, project: Project) -> str:
    """Return what a harness says of itself and its arguments, and for which tasks it was run lately."""
    properties = (harness.args_schema or {}).get("properties", {})
    said = [harness.task]
    for name, schema in properties.items() if isinstance(properties, dict) else ():
        said += [_words(name), str(schema.get("description", "")) if isinstance(schema, dict) else ""]
    runs = remembered(Shelf.of(project, saved.name))[-LATEST:] if saved.path is not None else []
    return "\n".join([*said, *dict.fromkeys(one.task for one in runs)])
