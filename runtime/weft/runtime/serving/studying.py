"""What is found out of runs: costs, what decided them, who said what, and how two differ. Each function is a route.

What stands in a journal as it is, is `reading`.
"""

from __future__ import annotations

from typing import Any

from weft.runtime.analysis.analysis import analysed, priced_again
from weft.runtime.analysis.repricing import wanted_of
from weft.runtime.errors import UsageError
from weft.runtime.journal.compare import compare, explain
from weft.runtime.project.config import read_config
from weft.runtime.serving.asked import Asked
from weft.runtime.serving.told import cost_object
from weft.runtime.views.analysis import analysis_object, repriced_object
from weft.runtime.views.difference import difference_object
from weft.runtime.views.resume import explanation_object
from weft.runtime.views.transcript import hits_in, hits_object, texts_of

__all__ = ["analysis", "cost", "diff", "search", "why"]

SEARCH_S = 3.0
"""How long a search may take."""
MOST_LETTERS = 500
"""How long what is searched for may be."""


def cost(asked: Asked) -> Any:
    """Add up what a run has cost, by phase, model and class of tokens; answers of earlier executions are in no row.

    `usd` of a row is what is on record. That of each of its `classes` is what its `tokens` cost at the `price` of
    today, whose `rates` are dollars for a million in a request that is not long; `null` where the model has none.
    """
    config = read_config(asked.served.folder)
    with asked.feed.state() as state:
        return cost_object(state, config)


def search(asked: Asked) -> Any:
    """Find where texts of a run have all `words`: labels, prompts, answers, transcripts, calls, findings, the log.

    It takes a few seconds at most: `cut` says why not all was searched, `complete` whether all that was found is told.
    """
    words = asked.text("words")[:MOST_LETTERS].split()
    if not words:
        raise UsageError("no words are given", fix="?words=restart+lost")
    with asked.feed.state() as state:
        texts = texts_of(state)  # these are made and searched outside, or all who look on would wait for it
    return hits_object(hits_in(texts, words, seconds=SEARCH_S), asked.path["run"], alone=False)


def why(asked: Asked) -> Any:
    """Say why an agent was asked, or was not, in a run that was resumed."""
    return explanation_object(explain(asked.run.events(), asked.path["agent"]))


def analysis(asked: Asked) -> Any:
    """Say what decided how long a run took, and what barriers, votes and rounds were worth: `weft analyse --json`.

    Parameters: `model`, repeatable: `MODEL`, or `PHASE=MODEL`. Then it gives what the run would have cost on it.
    """
    events = asked.run.events()
    state = asked.run.state(events)
    models = asked.query.getlist("model")
    if not models:
        return analysis_object(analysed(events, state), state)
    phases = [one.called.request.phase for one in state.agents.values() if one.called.request.phase]
    rows = priced_again(events, state, wanted_of(models, phases), read_config(asked.served.folder))
    return {"run": asked.run.id, **repriced_object(rows, state)}


def diff(asked: Asked) -> Any:
    """Compare two runs of a project, `a` with `b`: outcome, cost by phase, calls, findings, results."""
    found = [asked.served.run(asked.text(name)).state() for name in ("a", "b")]
    return difference_object(compare(*found))
