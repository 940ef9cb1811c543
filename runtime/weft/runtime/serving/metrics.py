"""What Prometheus is told of all runs that are served: sums of what their summaries say, in its text format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from weft.runtime.border import clean
from weft.runtime.serving.asked import Asked

__all__ = ["metrics"]

FAMILIES = {
    "weft_runs": "Runs on this machine, by how they stand.",
    "weft_runs_unreadable": "Runs whose journal cannot be read.",
    "weft_agents": "Agents of those runs, by state.",
    "weft_spent_dollars": "US dollars that ended agents of those runs have cost.",
    "weft_lost": "Agents, calls and branches that those runs have lost.",
    "weft_findings": "Findings that those runs have reported.",
}
"""What each number is. All are gauges: a run that is removed counts no more."""

Sample = tuple[str, tuple[tuple[str, str], ...]]
"""A name with labels."""


def metrics(asked: Asked) -> str:
    """Tell Prometheus how many runs, agents, losses and findings there are, and what was spent.

    Gives its text format: the gauges `weft_runs` by `outcome` and `health`, `weft_runs_unreadable`, `weft_agents` by
    `state`, `weft_spent_dollars`, `weft_lost` and `weft_findings`, each by `project` and none by run. In the
    configuration of Prometheus the token is the `credentials` of `authorization`.
    """
    sums: Counter[Sample] = Counter()
    for run in asked.service.summaries.in_order([*asked.service.projects.values()]):
        for name, labels, value in _samples(run):
            sums[name, (("project", run["project"]), *labels.items())] += value
    text: str = clean("".join(_lines(sums)))
    return text


def _samples(run: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, str], Any]]:
    if "problem" in run:
        yield "weft_runs_unreadable", {}, 1
        return
    yield "weft_runs", {"outcome": run["outcome"], "health": run["health"]}, 1
    for state, count in run["counts"].items():
        yield "weft_agents", {"state": state}, count
    yield "weft_spent_dollars", {}, run["spent"]["usd"]
    yield "weft_lost", {}, run["numbers"]["lost"]
    yield "weft_findings", {}, run["numbers"]["findings"]


def _lines(sums: Mapping[Sample, Any]) -> Iterator[str]:
    for family, about in FAMILIES.items():
        yield f"# HELP {family} {about}\n# TYPE {family} gauge\n"
        for (name, labels), value in sorted(sums.items()):
            if name == family:
                said = ",".join(f'{label}="{text}"' for label, text in labels)  # names of ours: nothing to escape
                yield f"{name}{{{said}}} {value}\n"
