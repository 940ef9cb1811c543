"""What programs that are agents write: `claude -p`, `codex exec`, our own JSON, and plain text.

Each format says what goes in and reads what comes out; executing the program is `command`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, get_args

from weft.primitives.lost import NOTHING_SPENT, Cause, Spent
from weft.runtime.agents.adapters.asking import in_words
from weft.runtime.project.programs import Format
from weft.runtime.request import AgentRequest

__all__ = ["FORMATS", "UNSAID", "Form", "Said"]

UNSAID = object()
"""In place of a value: the program gave none, but perhaps a text."""

LIMITED = re.compile(r"rate.?limit|usage limit|too many requests|quota|\b429\b", re.IGNORECASE)
PASSING = re.compile(r"overloaded|timed? ?out|connection|temporarily|unavailable|\b5\d\d\b", re.IGNORECASE)

SUBTYPES: Mapping[str, Cause] = {
    "error_max_turns": "stopped",
    "error_max_budget_usd": "stopped",
    "error_max_structured_output_retries": "invalid",
}
"""How `claude` says that it came to an end of its own."""

STOPS: Mapping[str, Cause] = {
    "refusal": "refused",
    "max_tokens": "truncated",
    "model_context_window_exceeded": "overflow",
}
"""How it says that its model did, of which it makes no error."""


@dataclass(slots=True, kw_only=True)
class Said:
    """What a program has said."""

    text: str | None = None
    value: Any = UNSAID
    spent: Spent = NOTHING_SPENT
    failed: tuple[Cause, str, bool] | None = None
    """Why it has no answer: the cause, in words, and whether another attempt may help."""
    transcript: list[dict[str, Any]] = field(default_factory=list)
    model: str | None = None
    """Who answered, where it says so."""


class Form(NamedTuple):
    """One format."""

    given: Callable[[AgentRequest, bool], str]
    """Returns what the program reads, with the schema in words or not."""
    read: Callable[[str], Said]
    """Reads what it wrote. Raises `ValueError` where that is in another form."""
    told: Callable[[str], tuple[Cause, str, bool]]
    """Tells a failure from what the program says of it."""
    costs: bool = True
    """Whether it says what it has cost, once it has answered."""


def failure(said: str) -> tuple[Cause, str, bool]:
    """Return what kind of failure it is that a program tells in words."""
    if LIMITED.search(said):
        return "rate_limit", said, True
    return "provider", said, PASSING.search(said) is not None


def _text(out: str) -> Said:
    return Said(text=out.strip())


def _request(request: AgentRequest, _schema: bool) -> str:
    """Return a call as data."""
    names = ("prompt", "context", "schema", "label", "phase", "profile", "model", "effort", "max_tokens", "attempt")
    told = {name: getattr(request, name) for name in (*names, "complaint")}
    return json.dumps({**told, "acted": [*request.acted], "key": request.identity})


def _json(out: str) -> Said:
    said = json.loads(out)
    if not isinstance(said, dict) or not ({"value", "error"} & said.keys()):
        raise ValueError("it is no object with a value or an error")
    spent = _spent(said.get("usage"), said.get("usd"))
    error = said.get("error")
    if error is None:
        return Said(value=said.get("value"), spent=spent)
    told = error if isinstance(error, dict) else {"message": error}
    causes: dict[str, Cause] = {cause: cause for cause in get_args(Cause)}
    cause = causes.get(str(told.get("cause")), "crashed")
    return Said(spent=spent, failed=(cause, str(told.get("message", "it says no more")), told.get("passing") is True))


def _claude(out: str) -> Said:
    """Read the result of `claude -p`: one object, or the last of a list or of lines."""
    results = [entry for entry in _entries(out) if entry.get("type") == "result"]
    if not results:
        raise ValueError("it has no result")
    said = results[-1]
    kind, text, stop = str(said.get("subtype", "success")), said.get("result"), str(said.get("stop_reason"))
    models, value = said.get("modelUsage"), said.get("structured_output")
    found = Said(
        text=text if isinstance(text, str) else None,
        value=UNSAID if value is None else value,
        spent=_spent(said.get("usage"), said.get("total_cost_usd")),
        model=next(iter(models), None) if isinstance(models, dict) and len(models) == 1 else None,
        transcript=[{"part": "claude", **{k: said[k] for k in ("session_id", "num_turns", "result") if k in said}}],
    )
    if said.get("is_error") is True or kind != "success":
        errors = said.get("errors")
        words = found.text or ("; ".join(map(str, errors)) if isinstance(errors, list) else "") or kind
        told = f"{said.get('api_error_status') or ''} {words}".strip()
        found.failed = (SUBTYPES[kind], f"{kind}: {words}", False) if kind in SUBTYPES else failure(told)
    elif stop in STOPS and found.value is UNSAID:
        found.failed = (STOPS[stop], f"the model stopped: {stop}", False)
    elif found.text is None and found.value is UNSAID:
        raise ValueError("its result has no text")
    return found


def _codex(out: str) -> Said:
    """Read the events of `codex exec --json`."""
    found = Said()
    for event in _entries(out):
        item, usage = event.get("item"), event.get("usage")
        match event.get("type"):
            case "item.completed" if isinstance(item, dict):
                found.transcript.append({"part": str(item.get("type")), "content": item.get("text", item)})
                if item.get("type") == "agent_message":
                    found.text = str(item.get("text", ""))
            case "turn.completed":
                found.spent += _spent(usage, None, beside=False)
                found.failed = None
            case "turn.failed" | "error" as kind:
                error = event.get("error") if kind == "turn.failed" else event
                found.failed = failure(str(error.get("message", kind) if isinstance(error, dict) else error))
    if found.text is None and found.failed is None:
        raise ValueError("it has no message of the agent")
    return found


def _entries(out: str) -> Iterator[dict[str, Any]]:
    """Yield the objects of an output: the one it is, those of a list, or one on each line that has one."""
    try:
        whole = json.loads(out)
    except (ValueError, RecursionError):
        whole = [*_lines(out)]
    for entry in whole if isinstance(whole, list) else [whole]:
        if isinstance(entry, dict):
            yield entry


def _lines(out: str) -> Iterator[Any]:
    for line in out.split("\n"):  # and nothing else that ends lines, which texts in JSON may have in them
        try:
            yield json.loads(line)
        except (ValueError, RecursionError):
            continue


def _spent(usage: Any, usd: Any, *, beside: bool = True) -> Spent:
    """Return a cost that is told; what is no number counts nothing.

    Args:
        usage: Tokens by their class.
        usd: Dollars; without them, those of the usage.
        beside: Whether input that the provider had kept, or has, is counted beside the input, and not in it.
    """
    usage = usage if isinstance(usage, dict) else {}
    reads = _count(usage.get("cache_read_input_tokens", usage.get("cached_input_tokens")))
    writes = _count(usage.get("cache_creation_input_tokens", usage.get("cache_write_input_tokens")))
    told = _count(usage.get("input_tokens")) + (reads + writes if beside else 0)
    dollars = usage.get("usd") if usd is None else usd
    known = isinstance(dollars, int | float) and not isinstance(dollars, bool) and 0 <= dollars < float("inf")
    return Spent(told, _count(usage.get("output_tokens")), float(dollars) if known else 0.0, reads, writes)


def _count(tokens: Any) -> int:
    return tokens if type(tokens) is int and tokens > 0 else 0


def _words(request: AgentRequest, schema: bool) -> str:
    return in_words(request, schema=schema)


FORMATS: Mapping[Format, Form] = {
    "text": Form(_words, _text, lambda said: ("crashed", said, False), costs=False),
    "json": Form(_request, _json, lambda said: ("crashed", said, False)),
    "claude": Form(_words, _claude, failure),
    "codex": Form(_words, _codex, failure),
}
