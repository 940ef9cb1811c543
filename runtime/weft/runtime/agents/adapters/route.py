"""Who answers which agents of one run, by the profiles that the harness names."""

from __future__ import annotations

from collections.abc import Mapping

from weft.runtime.request import AgentError, AgentReply, AgentRequest, Agents

__all__ = ["Routed", "route"]


class Routed:
    """Hands each call to whoever answers for its profile."""

    def __init__(self, routes: Mapping[str | None, Agents]) -> None:
        self._routes = dict(routes)

    @property
    def open(self) -> bool:
        """Whether nobody answers for the other profiles: then the run's own settings say who does."""
        return None not in self._routes

    def filled(self, others: Agents) -> Routed:
        """Return the same with whoever answers for all other profiles."""
        return Routed({None: others, **self._routes})

    async def __call__(self, request: AgentRequest) -> AgentReply:
        """Answer one attempt.

        Raises:
            AgentError: nobody answers for its profile, or as whoever does.
        """
        chosen = None if request.role is None else request.role.name
        agents = self._routes.get(request.profile) or self._routes.get(chosen) or self._routes.get(None)
        if agents is None:
            raise AgentError("crashed", f"nobody answers agents of the profile {request.profile!r}")
        return await agents(request)


def route(routes: Mapping[str | None, Agents]) -> Routed:
    """Let agents of each profile be answered by somebody else.

    Args:
        routes: Who answers, by the profile of the call, or what was chosen of its pool; `None` for all others. Without
            it these are answered by the model, or the script, of the run's settings.
    """
    return Routed(routes)
