"""Learn how sure it is that a clash is a contradiction, from folders whose contradictions are known.

python bench/sureness.py [FOLDER ...] > sureness.toml      to be put beside runtime/…/offline/sureness.py

Needs scikit-learn. Without folders it learns from those in bench/folders/ and examples/notes. On standard error it says
how each folder is judged by what all others teach, which is what to expect of folders that nobody has seen.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from offline import FOLDERS, near, planted_in
from sklearn.feature_extraction import DictVectorizer  # type: ignore[import-not-found]
from sklearn.linear_model import LogisticRegression  # type: ignore[import-not-found]
from sklearn.pipeline import Pipeline, make_pipeline  # type: ignore[import-not-found]
from sklearn.preprocessing import StandardScaler  # type: ignore[import-not-found]

from weft.runtime.agents.offline.comparing import surest
from weft.runtime.agents.offline.relate import SURE, weighed
from weft.runtime.agents.offline.statements import sentences
from weft.runtime.agents.offline.sureness import BIAS
from weft.runtime.agents.offline.text import Rarity, terms

HEADER = "# How much each feature of a clash says for a contradiction: learned by bench/sureness.py.\n"
NOTES = FOLDERS.parent.parent / "examples" / "notes"
STRICTNESS = 0.5
"""How far weights may go from nothing: scikit-learn's `C`."""


@dataclass(frozen=True)
class Example:
    """One serious clash of two statements of a folder."""

    pair: tuple[int, int]
    sources: tuple[str, str]
    features: dict[str, float]
    planted: frozenset[int]
    """The numbers of the contradictions that stand there; none where it is no contradiction."""


def examples(folder: Path) -> tuple[list[Example], int]:
    """Return the clashes of a folder, and how many contradictions are planted in it."""
    planted = planted_in(folder)
    said = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        rows = enumerate(path.read_text("utf-8").splitlines(), start=1)
        said += sentences(path.relative_to(folder).as_posix(), "\n".join(f"{number}: {row}" for number, row in rows))
    rarity = Rarity(terms(sentence.text) for sentence in said)
    found = []
    for one, other in combinations(range(len(said)), 2):
        a, b = said[one], said[other]
        if a.source == b.source:
            continue
        there = frozenset(
            number
            for number, pair in enumerate(planted)
            if any(near(x, pair["a"]) and near(y, pair["b"]) for x, y in ((a, b), (b, a)))
        )
        found += [Example((one, other), (a.source, b.source), known, there) for known in weighed(a, b, rarity)]
    return found, len(planted)


def learned(given: list[Example]) -> Pipeline:
    """Return a regression over some examples."""
    model = make_pipeline(
        DictVectorizer(sparse=False), StandardScaler(), LogisticRegression(C=STRICTNESS, max_iter=5000)
    )
    return model.fit([example.features for example in given], [bool(example.planted) for example in given])


def judged(model: Pipeline, given: list[Example]) -> tuple[int, int]:
    """Return how many contradictions of a folder are found, and how many claims are false."""
    if not given:
        return 0, 0
    sure = model.predict_proba([example.features for example in given])[:, 1]
    best: dict[tuple[int, int], tuple[float, Example]] = {}
    for probable, example in zip(sure, given, strict=True):
        if probable > max(SURE, best.get(example.pair, (0.0,))[0]):
            best[example.pair] = (probable, example)
    claimed = surest([(probable, *example.pair, *example.sources) for probable, example in best.values()])
    claims = [best[pair][1] for pair in claimed]
    found = frozenset[int]().union(*(claim.planted for claim in claims))
    return len(found), sum(not claim.planted for claim in claims)


def weights(model: Pipeline) -> dict[str, float]:
    """Return the weights of a regression for features as they are, and its bias."""
    vectors, scaled, regression = (step for _, step in model.steps)
    plain = regression.coef_[0] / scaled.scale_
    bias = float(regression.intercept_[0] - (plain * scaled.mean_).sum())
    return {BIAS: bias} | dict(zip(vectors.feature_names_, map(float, plain), strict=True))


def main() -> None:
    """Learn, say how well, and print the weights."""
    folders = [Path(word) for word in sys.argv[1:]] or [*sorted(filter(Path.is_dir, FOLDERS.iterdir())), NOTES]
    known = {folder: examples(folder) for folder in folders}
    total = [0, 0, 0]
    for folder, (given, planted) in known.items():
        others = [example for other, (some, _) in known.items() if other != folder for example in some]
        found, false = judged(learned(others), given)
        total = [total[0] + found, total[1] + planted, total[2] + false]
        sys.stderr.write(f"{folder.name:28} {found} of {planted} found, {false} false\n")
    sys.stderr.write(f"{'all':28} {total[0]} of {total[1]} found, {total[2]} false\n")
    learnt = weights(learned([example for given, _ in known.values() for example in given]))
    sys.stdout.write(HEADER + "".join(f"{name} = {value:.4f}\n" for name, value in sorted(learnt.items())))


if __name__ == "__main__":
    main()
