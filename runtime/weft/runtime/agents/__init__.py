"""Who answers agents: `models` with language models, `stub` with scripted values, `offline` with the user's own files.

What an agent is to the host, one request and one reply, is `weft.runtime.request`; any `async (AgentRequest) ->
AgentReply` will do, and `adapters` makes such of the agents of others. `answer` tries until there is an answer that
fits, `limiter` and `meter` say when a request may leave and what it may cost, `tools` what agents can look at.
`providers` knows models by their names, `local` the model servers of this machine, `reach` when one is given up.
"""
