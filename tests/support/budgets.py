"""Requests of agents to a budget."""

from __future__ import annotations

from weft.runtime.request import AgentRequest

__all__ = ["ask"]


def ask(number: int, pool: str | None = None) -> AgentRequest:
    """Return the request of an agent that draws on a pool, or on the ceiling alone."""
    return AgentRequest(
        id=number,
        prompt="p",
        model="m",
        tools=(),
        timeout=None,
        retries=0,
        phase=None if pool == "critical" else pool,
        critical=pool == "critical",
    )
