"""All rules, in the order of their codes. There is no other registry."""

from __future__ import annotations

from weft.linter.rules.barriers import AwaitInLoop, BarrierBetweenStages
from weft.linter.rules.confinement import ForbiddenBuiltin, ForbiddenImport, UnderscoreAttribute
from weft.linter.rules.cost import UnboundedFanout
from weft.linter.rules.determinism import CompletionOrderState, NondeterministicCall, SetOrderReachesAgent
from weft.linter.rules.keys import (
    DedupAgainstConfirmed,
    DedupInBranch,
    KeyFieldMissing,
    SeenResetEachRound,
    UnstableKey,
    VerifyBeforeDedup,
)
from weft.linter.rules.loops import (
    CounterNotAdvanced,
    DryFedUnfiltered,
    RecursionWithoutDepth,
    RoundNeverTold,
    TargetMayStall,
    UnboundedLoop,
    VacuousBound,
    WorklistUnbounded,
)
from weft.linter.rules.robustness import FieldNotInSchema, NeverAwaited, NoneUnchecked
from weft.linter.rules.rule import Rule
from weft.linter.rules.usage import ApiMisuse

__all__ = ["RULES", "Rule"]

RULES: tuple[Rule, ...] = (
    BarrierBetweenStages(),
    AwaitInLoop(),
    UnboundedFanout(),
    NondeterministicCall(),
    SetOrderReachesAgent(),
    CompletionOrderState(),
    DedupAgainstConfirmed(),
    UnstableKey(),
    KeyFieldMissing(),
    VerifyBeforeDedup(),
    DedupInBranch(),
    SeenResetEachRound(),
    UnboundedLoop(),
    CounterNotAdvanced(),
    TargetMayStall(),
    RoundNeverTold(),
    DryFedUnfiltered(),
    RecursionWithoutDepth(),
    VacuousBound(),
    WorklistUnbounded(),
    NoneUnchecked(),
    FieldNotInSchema(),
    NeverAwaited(),
    ApiMisuse(),
    ForbiddenImport(),
    UnderscoreAttribute(),
    ForbiddenBuiltin(),
)
