"""Names of OpenTelemetry's conventions for generative AI that Weft uses: of attributes, events and instruments.

They are those of one revision of `open-telemetry/semantic-conventions-genai`, where all of them are in development. A
test holds what is sent against these tables. What has no name there begins with `weft.`.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

__all__ = ["ATTRIBUTES", "EVALUATION", "EVENT", "INSTRUMENTS", "LONG", "REVISION", "Instrument"]

REVISION = "024a4f944a1291fcb627c9c47da69e79868dd15e"
"""The commit whose `docs/gen-ai/client-inference.md` the names of requests are from, and the others of that time."""

USAGE = frozenset({"gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"})

ATTRIBUTES: dict[str, frozenset[str]] = {
    "invoke_workflow": frozenset(
        {"gen_ai.workflow.name", "gen_ai.conversation.id", "gen_ai.output.messages", "error.type"}
    ),
    "invoke_agent": USAGE
    | {
        "gen_ai.agent.name",
        "gen_ai.conversation.id",
        "gen_ai.output.type",
        "gen_ai.request.model",
        "gen_ai.request.max_tokens",
        "gen_ai.response.finish_reasons",
        "gen_ai.system_instructions",
        "gen_ai.input.messages",
        "gen_ai.output.messages",
        "error.type",
    },
    "chat": USAGE
    | {
        "gen_ai.provider.name",
        "gen_ai.conversation.id",
        "gen_ai.output.type",
        "gen_ai.request.model",
        "gen_ai.request.max_tokens",
        "gen_ai.request.reasoning.level",
        "gen_ai.request.stream",
        "gen_ai.response.finish_reasons",
        "gen_ai.response.id",
        "gen_ai.response.model",
        "gen_ai.response.time_to_first_chunk",
        "gen_ai.usage.cache_read.input_tokens",
        "gen_ai.usage.cache_write.input_tokens",
        "gen_ai.usage.reasoning.output_tokens",
        "error.type",
    },
    "execute_tool": frozenset(
        {
            "gen_ai.tool.name",
            "gen_ai.tool.type",
            "gen_ai.tool.call.arguments",
            "gen_ai.agent.name",
            "mcp.method.name",
            "error.type",
        }
    ),
}
"""What spans have besides `gen_ai.operation.name`, by that; the span of a phase has none of these."""

EVENT = "gen_ai.evaluation.result"
"""The one event."""

EVALUATION = frozenset(
    {
        "gen_ai.evaluation.name",
        "gen_ai.evaluation.score.value",
        "gen_ai.evaluation.score.label",
        "gen_ai.evaluation.explanation",
    }
)
"""What it has."""

REQUEST = frozenset({"gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model", "gen_ai.response.model"})
WORKFLOW = frozenset({"gen_ai.workflow.name"})
AGENT = frozenset({"gen_ai.agent.name", "gen_ai.request.model"})
FAILED = frozenset({"error.type"})

SECONDS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
LONG: tuple[float, ...] = (1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200)
TOKENS = tuple(4**power for power in range(14))
CALLS = (0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512)


class Instrument(NamedTuple):
    """What is measured, and by what it is told apart."""

    kind: Literal["counter", "histogram"]
    unit: str
    attributes: frozenset[str]
    buckets: tuple[float, ...] = ()


def _of_requests() -> dict[str, Instrument]:
    kinds = (
        "input_tokens",
        "output_tokens",
        "cache_read.input_tokens",
        "cache_write.input_tokens",
        "reasoning.output_tokens",
    )
    used = REQUEST | {"gen_ai.token.modality"}
    counters = {f"gen_ai.client.inference.usage.{kind}": Instrument("counter", "{token}", used) for kind in kinds}
    each = {
        f"gen_ai.client.inference.operation.{kind}": Instrument("histogram", "{token}", REQUEST, TOKENS)
        for kind in kinds[:2]
    }
    return counters | each


INSTRUMENTS: dict[str, Instrument] = {
    **_of_requests(),
    "gen_ai.client.inference.duration": Instrument("histogram", "s", REQUEST | FAILED, SECONDS),
    "gen_ai.client.inference.time_to_first_chunk": Instrument("histogram", "s", REQUEST, SECONDS),
    "gen_ai.invoke_workflow.duration": Instrument("histogram", "s", WORKFLOW | FAILED, LONG),
    "gen_ai.invoke_workflow.inference_calls": Instrument("histogram", "{inference_call}", WORKFLOW, CALLS),
    "gen_ai.invoke_workflow.tool_calls": Instrument("histogram", "{tool_call}", WORKFLOW, CALLS),
    "gen_ai.invoke_agent.duration": Instrument("histogram", "s", AGENT | FAILED, LONG),
    "gen_ai.invoke_agent.inference_calls": Instrument("histogram", "{inference_call}", AGENT, CALLS),
    "gen_ai.invoke_agent.tool_calls": Instrument("histogram", "{tool_call}", AGENT, CALLS),
    "gen_ai.execute_tool.duration": Instrument(
        "histogram", "s", FAILED | {"gen_ai.tool.name", "gen_ai.tool.type", "gen_ai.agent.name"}, SECONDS
    ),
}
"""All instruments of the conventions that are filled."""
