"""The vocabulary of a harness.

| to start agents | to loop with an end | to keep lists clean | to check and merge | to be seen | to know |
|---|---|---|---|---|---|
| `agent` | `until_dry` | `Seen` | `verify` | `phase` | `args` |
| `parallel` | `until_target` | `dedup` | `quorum` | `log` | `now` |
| `pipeline` | `while_budget` | `union` | `synthesize` | `finding` | `budget` |
| `workflow` | | `top_k` | `judge` | `understood` | `sample` |
| `route` | | `allot` | `critique` | | `tool`, `ask` |
| `reflect` | | `semantic_dedup` | | | |
| `debate` | | | | | |
| `swarm` | | | | | |

Everything here is pure Python over one gate (`weft.primitives.calls`): no I/O, no clock, no randomness. What
needs a run says, outside of one, how to run the file; what only computes (`dedup`, `top_k`, …) works anywhere.
"""

from weft.primitives.acting import ask, tool
from weft.primitives.agent import agent
from weft.primitives.allotting import allot
from weft.primitives.budget import budget
from weft.primitives.conversing import debate, reflect, swarm
from weft.primitives.errors import AgentFailed, NotJson, OutsideRun, RoundNotReported, WeftError, WorkflowRefused
from weft.primitives.flow import Results, parallel, pipeline, workflow
from weft.primitives.given import args, now, sample
from weft.primitives.likeness import Distinct, semantic_dedup
from weft.primitives.lost import Lost
from weft.primitives.merging import synthesize
from weft.primitives.panels import Ranking, critique, judge
from weft.primitives.progress import finding, log, phase, understood
from weft.primitives.rounds import Round, until_dry, until_target, while_budget
from weft.primitives.routing import route
from weft.primitives.sets import Seen, dedup, quorum, top_k, union
from weft.primitives.verifying import verify

__all__ = [
    "AgentFailed",
    "Distinct",
    "Lost",
    "NotJson",
    "OutsideRun",
    "Ranking",
    "Results",
    "Round",
    "RoundNotReported",
    "Seen",
    "WeftError",
    "WorkflowRefused",
    "agent",
    "allot",
    "args",
    "ask",
    "budget",
    "critique",
    "debate",
    "dedup",
    "finding",
    "judge",
    "log",
    "now",
    "parallel",
    "phase",
    "pipeline",
    "quorum",
    "reflect",
    "route",
    "sample",
    "semantic_dedup",
    "swarm",
    "synthesize",
    "tool",
    "top_k",
    "understood",
    "union",
    "until_dry",
    "until_target",
    "verify",
    "while_budget",
    "workflow",
]
