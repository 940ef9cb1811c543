"""What an agent is to the host: one request, one reply, or a typed failure. Who answers is behind one Protocol.

`models` answers with language models, `stub` with scripted values, `offline` with the user's own files; any other
`async (AgentRequest) -> AgentReply` will do.
"""

from weft.runtime.agents.request import AgentError, AgentReply, AgentRequest, Agents

__all__ = ["AgentError", "AgentReply", "AgentRequest", "Agents"]
