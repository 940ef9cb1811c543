"""All rules, in the order of their codes. There is no other registry."""

from __future__ import annotations

from weft.linter.rules.barriers import (
    AwaitedInsideParallel,
    AwaitInLoop,
    BarrierBetweenStages,
    BarrierOnlyToFlatten,
    IndependentAwaits,
    SplitPipeline,
    WaveBarrier,
)
from weft.linter.rules.confinement import ForbiddenBuiltin, ForbiddenImport, UnderscoreAttribute
from weft.linter.rules.cost import UnboundedFanout
from weft.linter.rules.determinism import NondeterministicCall, SetOrderReachesAgent
from weft.linter.rules.keys import DedupAgainstConfirmed
from weft.linter.rules.loops import RoundNeverTold, UnboundedLoop
from weft.linter.rules.robustness import FieldNotInSchema, NeverAwaited, NoneUnchecked
from weft.linter.rules.rule import Rule
from weft.linter.rules.usage import ApiMisuse

__all__ = ["RULES", "Rule"]

RULES: tuple[Rule, ...] = (
    BarrierBetweenStages(),
    BarrierOnlyToFlatten(),
    AwaitInLoop(),
    IndependentAwaits(),
    WaveBarrier(),
    SplitPipeline(),
    AwaitedInsideParallel(),
    UnboundedFanout(),
    NondeterministicCall(),
    SetOrderReachesAgent(),
    DedupAgainstConfirmed(),
    UnboundedLoop(),
    RoundNeverTold(),
    NoneUnchecked(),
    FieldNotInSchema(),
    NeverAwaited(),
    ApiMisuse(),
    ForbiddenImport(),
    UnderscoreAttribute(),
    ForbiddenBuiltin(),
)
