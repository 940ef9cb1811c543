"""Which wording of a prompt does better: each is run on the same examples, and a metric says what came out.

Where the prompts are is `wordings`. Each trial is an ordinary run, which can be looked at and gone on with. What has
been answered on record for an example is not asked again, unless its prompt is another one now.
"""

from __future__ import annotations

import math
import sys
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from weft.primitives.lost import Spent
from weft.runtime.authoring.wordings import Prompt, named, prompts_in, reworded
from weft.runtime.errors import RuntimeFailure, UsageError
from weft.runtime.execution.result import result_object
from weft.runtime.execution.run import Run
from weft.runtime.journal import Past
from weft.runtime.project.files import read_text
from weft.runtime.project.harness import Harness, parse_harness
from weft.runtime.settings import Settings

__all__ = ["HARDLY", "Example", "Metric", "Trial", "Tuning", "Wording", "read_metric", "tune", "wordings_of"]

HARDLY = 0.05
"""How probable something may be that hardly comes about by chance."""

Metric = Callable[[Any, dict[str, Any]], float]
"""Says of a result, and of its run as `--json` shows it, how good it is: the higher the number, the better."""


@dataclass(frozen=True, slots=True)
class Example:
    """What a harness is tried on."""

    args: Any
    past: Callable[[], Past] = Past
    """Makes what is on record of it; nothing by itself."""


@dataclass(frozen=True, slots=True)
class Wording:
    """A harness as it is, or with other words in one of its prompts."""

    harness: Harness
    prompt: Prompt | None = None
    words: str = ""
    number: int = 0
    """Which of those for this prompt."""

    @property
    def name(self) -> str:
        """Return what to call it in front of a person."""
        return f"{self.prompt.name}: {self.number}" if self.prompt else "as it is"


@dataclass(slots=True)
class Trial:
    """What a wording has come to, example by example."""

    wording: Wording
    scores: list[float | None] = field(default_factory=list)
    """`None` where a run has come to no result."""
    runs: list[str] = field(default_factory=list)
    agents: int = 0
    """How many were asked."""
    lost: int = 0
    """How many of them were lost."""
    spent: Spent = field(default_factory=Spent)

    @property
    def mean(self) -> float | None:
        """The mean score; `None` where an example has none."""
        scores = [score for score in self.scores if score is not None]
        return sum(scores) / len(scores) if scores and len(scores) == len(self.scores) else None

    def against(self, other: Trial) -> tuple[int, int, int]:
        """Return on how many examples it scores higher, the same and lower than another."""
        both = [(a, b) for a, b in zip(self.scores, other.scores, strict=False) if a is not None and b is not None]
        return sum(a > b for a, b in both), sum(a == b for a, b in both), sum(a < b for a, b in both)

    def chance(self, other: Trial) -> float:
        """Return how probable a difference at least so clear is where both are equally good: an exact sign test."""
        better, _, worse = self.against(other)
        count, least = better + worse, min(better, worse)
        return min(1.0, sum(math.comb(count, k) for k in range(least + 1)) / 2 ** (count - 1)) if count else 1.0


@dataclass(frozen=True, slots=True)
class Tuning:
    """All that was tried."""

    prompts: list[Prompt]
    trials: list[Trial]
    """The harness as it is first."""
    cut: str | None = None
    """Why not all was tried."""

    @property
    def best(self) -> Trial | None:
        """The wording with the highest mean of those that do better than the harness as it is; `None` for none."""
        first, *others = self.trials
        tried = [trial for trial in others if trial.mean is not None and len(trial.scores) == len(first.scores)]
        ranked = sorted(tried, key=lambda trial: trial.mean or 0.0, reverse=True)
        best = ranked[0] if ranked else None
        beaten = best is not None and (first.mean is None or (best.mean or 0.0) > first.mean)
        return best if beaten else None

    @property
    def tried(self) -> int:
        """How many other wordings were run."""
        return sum(bool(trial.runs) for trial in self.trials[1:])

    @property
    def chance(self) -> float | None:
        """How probable it is, at most, that one of all that were tried does so well where none is better."""
        return None if self.best is None else min(1.0, self.tried * self.best.chance(self.trials[0]))

    @property
    def enough(self) -> int:
        """On how many examples, at least, one would have to do better to be hardly by chance the best of all."""
        return 1 + math.ceil(math.log2(max(1, self.tried) / HARDLY))


def wordings_of(harness: Harness, given: Mapping[str, Sequence[str]]) -> list[Wording]:
    """Return a harness as it is, and once with each wording in place of the prompt that it is for.

    What is the same harness as another is left out.

    Raises:
        UsageError: there is no such prompt, or a wording does not fit it.
    """
    prompts, tried = prompts_in(harness.source), {harness.source}
    wordings = [Wording(harness)]
    for name, texts in given.items():
        prompt = named(prompts, name)
        for number, words in enumerate(texts, start=1):
            source = reworded(harness.source, prompt, words)
            if source in tried or words == prompt.text:
                continue
            tried.add(source)
            varied = parse_harness(source, name=harness.name, filename=harness.filename)
            wordings.append(Wording(varied, prompt, words, number))
    return wordings


async def tune(
    wordings: Sequence[Wording],
    examples: Sequence[Example],
    metric: Metric,
    settings: Settings,
    start: Callable[[Harness, Example, Settings], Awaitable[Run]],
) -> AsyncIterator[Tuning]:
    """Try each wording on each example, one run after the other; yield what there is after each run.

    Args:
        wordings: The harness as it is first.
        examples: What they are tried on.
        metric: How good a result is.
        settings: Of each run; the ceiling is that of all of them together.
        start: Runs a harness on an example.

    Raises:
        UsageError: the metric fails, or gives no number; what there is then is given first.
        RuntimeFailure: a run could not be started; as well.
    """
    prompts, trials, left = prompts_in(wordings[0].harness.source), [], settings
    for wording in wordings:
        trial = Trial(wording)
        trials.append(trial)
        for example in examples:
            if (left.budget_usd is not None and left.budget_usd <= 0) or left.budget_tokens == 0:
                yield Tuning(prompts, trials, "the ceiling is used up")
                return
            try:
                done = await start(wording.harness, example, left)
                left = _less(left, done.state.spent)
                _add(trial, done, metric)
            except RuntimeFailure as failure:
                yield Tuning(prompts, trials, failure.what)
                raise
            cut = f"run {done.folder.id} was {done.state.outcome}" if done.state.outcome == "paused" else None
            yield Tuning(prompts, trials, cut)
            if cut is not None:
                return


def _add(trial: Trial, done: Run, metric: Metric) -> None:
    shown = result_object(done.state)
    trial.runs.append(done.folder.id)
    trial.agents += shown["agents"]["started"]
    trial.lost += shown["agents"]["lost"]
    trial.spent += done.state.spent
    trial.scores.append(None)
    if done.state.outcome == "completed":
        trial.scores[-1] = _score(metric, shown)


def _less(settings: Settings, spent: Spent) -> Settings:
    usd, tokens = settings.budget_usd, settings.budget_tokens
    return replace(
        settings,
        budget_usd=None if usd is None else max(0.0, usd - spent.usd),
        budget_tokens=None if tokens is None else max(0, tokens - spent.tokens),
    )


# ------------------------------------------------------------------------------------------------ the metric


def read_metric(path: Path) -> Metric:
    """Read `def metric(result, run) -> float` from a Python file of the user's, which is executed here.

    Raises:
        UsageError: there is none, or the file fails.
    """
    try:
        source = read_text(path)
    except OSError as error:
        raise _no_metric(f"it cannot be read: {error.strerror}", str(path)) from None
    names: dict[str, Any] = {"__name__": "metric", "__file__": str(path)}
    try:
        exec(compile(source, str(path), "exec"), names)
    except Exception as error:
        raise _no_metric(f"it fails: {type(error).__name__}: {error}", _where(error, path)) from error
    if not callable(names.get("metric")):
        raise _no_metric("it has no function metric", str(path))
    found: Metric = names["metric"]

    def metric(result: Any, run: dict[str, Any]) -> float:
        try:
            score = found(result, run)
        except (Exception, SystemExit) as error:
            raise _no_metric(f"metric fails: {type(error).__name__}: {error}", _where(error, path)) from error
        if not isinstance(score, (int, float)) or not abs(score) <= sys.float_info.max:
            raise _no_metric(f"metric returned {score!r:.40}, which is no number", str(path))
        return float(score)

    return metric


def _score(metric: Metric, run: dict[str, Any]) -> float:
    return metric(run["result"], run)


def _where(error: BaseException, path: Path) -> str:
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    if isinstance(error, SyntaxError):
        lines.append(error.lineno)
    return f"{path}:{lines[-1]}" if lines else str(path)


def _no_metric(why: str, where: str) -> UsageError:
    return UsageError(
        f"the metric cannot be used: {why}",
        where=where,
        meaning="nothing more is run; what has run is kept, weft runs shows it",
        fix="--metric FILE.py with  def metric(result, run): return …  , a number, the higher the better",
    )
