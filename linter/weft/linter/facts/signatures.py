"""How each primitive is called: its parameters, which are required, and what kind of value each takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

__all__ = ["SIGNATURES", "Parameter", "Signature"]

Takes = Literal["text", "number", "items", "schema", "names", "function", "truth", "function or text", "anything"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a primitive."""

    name: str
    takes: Takes = "anything"
    required: bool = False
    positional: bool = False
    one_of: tuple[str, ...] = ()
    """The only texts that it takes."""
    nullable: bool = True
    """Whether it may be given None."""


@dataclass(frozen=True, slots=True)
class Signature:
    """How one primitive is called."""

    name: str
    parameters: tuple[Parameter, ...]
    more: Parameter | None = None
    """What any further positional arguments are."""

    def text(self) -> str:
        """Return the call as one line, as in `parallel(branches, *, quorum, limit, fail_fast)`."""
        positional = [_shown(p) for p in self.parameters if p.positional]
        further = [f"*{self.more.name}"] if self.more is not None else []
        named = [_shown(p) for p in self.parameters if not p.positional]
        star = ["*"] if named and self.more is None else []
        return f"{self.name}({', '.join([*positional, *further, *star, *named])})"


def _shown(parameter: Parameter) -> str:
    return parameter.name if parameter.required else f"{parameter.name}=…"


def _needs(name: str, takes: Takes = "anything", **options: bool) -> Parameter:
    return Parameter(name, takes, required=True, positional=options.get("positional", True), nullable=False)


def _may(
    name: str, takes: Takes = "anything", *one_of: str, positional: bool = False, nullable: bool = True
) -> Parameter:
    return Parameter(name, takes, positional=positional, one_of=one_of, nullable=nullable)


_AGENT = Signature(
    "agent",
    (
        _needs("prompt", "text"),
        _may("schema", "schema"),
        _may("label"),
        _may("phase"),
        _may("profile", "text"),
        _may("model", "text"),
        _may("effort", "text", "minimal", "low", "medium", "high", "xhigh", "max"),
        _may("tools", "names"),
        _may("context"),
        _may("isolation", "text", "worktree"),
        _may("max_tokens", "number"),
        _may("timeout", "number"),
        _may("retries", "number"),
        _may("critical", "truth", nullable=False),
        _may("on_interrupt", "text", "rerun", "ask", "skip", nullable=False),
    ),
)

SIGNATURES: Mapping[str, Signature] = {
    signature.name: signature
    for signature in (
        _AGENT,
        Signature(
            "parallel",
            (
                _needs("branches", "items"),
                _may("quorum", "number"),
                _may("limit", "number"),
                _may("fail_fast", "truth", nullable=False),
            ),
        ),
        Signature("pipeline", (_needs("items", "items"), _may("limit", "number")), more=_needs("stages", "function")),
        Signature("workflow", (_needs("name", "text"), _may("args", positional=True), _may("budget", "number"))),
        Signature(
            "verify",
            (
                _needs("claim"),
                _may("lenses", "names", nullable=False),
                _may("quorum", "number", nullable=False),
                _may("profile", "text"),
                _may("tools", "names"),
            ),
        ),
        Signature(
            "synthesize", (_needs("items", "items"), _needs("prompt", "text"), _may("fan_in", "number", nullable=False))
        ),
        Signature("phase", (_needs("title", "text"),)),
        Signature("log", (_needs("message", "text"),)),
        Signature("finding", (_needs("data"),)),
        Signature("now", ()),
        Signature("sample", (_needs("items", "items"), _needs("k", "number"), _may("seed", "number", nullable=False))),
        Signature(
            "until_dry", (_needs("max_rounds", "number", positional=False), _may("patience", "number", nullable=False))
        ),
        Signature("until_target", (_needs("n", "number"), _needs("max_rounds", "number", positional=False))),
        Signature(
            "while_budget",
            (_needs("reserve", "number", positional=False), _needs("max_rounds", "number", positional=False)),
        ),
        Signature("Seen", (_may("key", "function", positional=True),)),
        Signature("dedup", (_needs("items", "items"), _may("key", "function", positional=True))),
        Signature("union", (_needs("lists", "items"),)),
        Signature(
            "quorum", (_needs("lists", "items"), _may("key", "function"), _may("at_least", "number", nullable=False))
        ),
        Signature(
            "top_k",
            (_needs("items", "items"), _needs("k", "number"), _needs("by", "function or text", positional=False)),
        ),
    )
}
"""Every primitive that can be called."""
