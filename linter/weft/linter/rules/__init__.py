"""All rules, in the order of their codes. There is no other registry."""

from __future__ import annotations

from weft.linter.rules.barriers import AwaitInLoop, BarrierBetweenStages
from weft.linter.rules.confinement import (
    AsyncioPrimitive,
    ClassTrick,
    ForbiddenBuiltin,
    ForbiddenImport,
    UnderscoreAttribute,
)
from weft.linter.rules.cost import (
    LimitStarvesPool,
    OverBackstop,
    PairwiseFanout,
    UnboundedFanout,
    UncheckedArgs,
    UnusedResult,
)
from weft.linter.rules.determinism import NondeterministicCall, SetOrderReachesAgent
from weft.linter.rules.fanouts import BadStage, LateBinding, QuorumExceedsVoters, ZipAfterFilter
from weft.linter.rules.keys import DedupAgainstConfirmed
from weft.linter.rules.loops import RoundNeverTold, UnboundedLoop
from weft.linter.rules.results import ReturnsNothing, UnserialisableReturn
from weft.linter.rules.robustness import FieldNotInSchema, NeverAwaited, NoneUnchecked
from weft.linter.rules.rule import Rule
from weft.linter.rules.schemas import OptionalSubscripted, SchemaInvalid, SchemaMissing
from weft.linter.rules.usage import ApiMisuse

__all__ = ["RULES", "Rule"]

RULES: tuple[Rule, ...] = (
    BarrierBetweenStages(),
    AwaitInLoop(),
    UnboundedFanout(),
    OverBackstop(),
    LimitStarvesPool(),
    PairwiseFanout(),
    UnusedResult(),
    UncheckedArgs(),
    NondeterministicCall(),
    SetOrderReachesAgent(),
    DedupAgainstConfirmed(),
    UnboundedLoop(),
    RoundNeverTold(),
    NoneUnchecked(),
    FieldNotInSchema(),
    OptionalSubscripted(),
    SchemaMissing(),
    NeverAwaited(),
    QuorumExceedsVoters(),
    ReturnsNothing(),
    UnserialisableReturn(),
    BadStage(),
    LateBinding(),
    ZipAfterFilter(),
    ApiMisuse(),
    SchemaInvalid(),
    ForbiddenImport(),
    UnderscoreAttribute(),
    ForbiddenBuiltin(),
    ClassTrick(),
    AsyncioPrimitive(),
)
