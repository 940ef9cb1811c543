"""All rules, in the order of their codes. There is no other registry."""

from __future__ import annotations

from weft.linter.rules.barriers import AwaitInLoop, BarrierBetweenStages
from weft.linter.rules.confinement import ForbiddenBuiltin, ForbiddenImport, UnderscoreAttribute
from weft.linter.rules.cost import UnboundedFanout
from weft.linter.rules.determinism import NondeterministicCall, SetOrderReachesAgent
from weft.linter.rules.isolation import EditsWithoutWorktree
from weft.linter.rules.keys import DedupAgainstConfirmed
from weft.linter.rules.loops import RoundNeverTold, UnboundedLoop
from weft.linter.rules.prompts import (
    MissingFString,
    OutputAsInstructions,
    PromptIgnoresItem,
    RawSetInPrompt,
    SetInEveryBranch,
)
from weft.linter.rules.robustness import FieldNotInSchema, NeverAwaited, NoneUnchecked
from weft.linter.rules.rule import Rule
from weft.linter.rules.usage import ApiMisuse
from weft.linter.rules.verification import (
    FailedVoteApproves,
    IdenticalSkeptics,
    SkepticsSeeVotes,
    UnverifiedFindings,
    VerdictIgnored,
    VerdictTruthiness,
)

__all__ = ["RULES", "Rule"]

RULES: tuple[Rule, ...] = (
    BarrierBetweenStages(),
    AwaitInLoop(),
    UnboundedFanout(),
    NondeterministicCall(),
    SetOrderReachesAgent(),
    EditsWithoutWorktree(),
    DedupAgainstConfirmed(),
    UnboundedLoop(),
    RoundNeverTold(),
    RawSetInPrompt(),
    SetInEveryBranch(),
    OutputAsInstructions(),
    MissingFString(),
    PromptIgnoresItem(),
    NoneUnchecked(),
    FieldNotInSchema(),
    NeverAwaited(),
    ApiMisuse(),
    ForbiddenImport(),
    UnderscoreAttribute(),
    ForbiddenBuiltin(),
    VerdictIgnored(),
    UnverifiedFindings(),
    IdenticalSkeptics(),
    SkepticsSeeVotes(),
    FailedVoteApproves(),
    VerdictTruthiness(),
)
