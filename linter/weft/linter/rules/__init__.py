"""All rules, in the order of their codes. There is no other registry.

A module holds the rules about one subject; `rule` is what they have in common. What several of them ask, or what takes
many steps to find out, has a module of its own: `asking`, `votes`, `decisions`, `leaves`, `reached`, `fusible`,
`words`; `fusing` and `importing` write fixes.
"""

from __future__ import annotations

from weft.linter.rules.answers import AnswerTooLong
from weft.linter.rules.awaits import AwaitedInsideParallel, AwaitInLoop, IndependentAwaits
from weft.linter.rules.barriers import BarrierBetweenStages, BarrierOnlyToFlatten, SplitPipeline, WaveBarrier
from weft.linter.rules.budgets import BudgetUnit
from weft.linter.rules.choices import NeverSaid
from weft.linter.rules.comparisons import BudgetScale, DeadTest
from weft.linter.rules.confinement import (
    AsyncioPrimitive,
    ClassTrick,
    ForbiddenBuiltin,
    ForbiddenImport,
    ForbiddenSyntax,
    UnderscoreAttribute,
)
from weft.linter.rules.conflated import LostAsRefuted, UndecidedAsRefuted
from weft.linter.rules.cost import (
    LimitStarvesPool,
    OverBackstop,
    PairwiseFanout,
    SpawnsWithoutLimit,
    UnboundedFanout,
    UncheckedArgs,
)
from weft.linter.rules.determinism import CompletionOrderState, NondeterministicCall, SetOrderReachesAgent
from weft.linter.rules.doubles import VerifyBeforeDedup
from weft.linter.rules.fanouts import BadStage, LateBinding, QuorumExceedsVoters, ZipAfterFilter
from weft.linter.rules.full import FullOfAnother
from weft.linter.rules.guesses import CutUntold, FirstCopyKept, LossUntold, OwnSpelling, ReasonsToSkeptics
from weft.linter.rules.isolation import EditsWithoutWorktree
from weft.linter.rules.keys import (
    DedupAgainstConfirmed,
    DedupInBranch,
    KeyFieldMissing,
    SeenResetEachRound,
    UnstableKey,
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
from weft.linter.rules.narrow import KeyTooNarrow
from weft.linter.rules.outcomes import OutvotedUnseen
from weft.linter.rules.prompts import (
    MissingFString,
    OutputAsInstructions,
    PromptIgnoresItem,
    RawSetInPrompt,
    SetInEveryBranch,
)
from weft.linter.rules.results import ReturnsNothing, UnserialisableReturn
from weft.linter.rules.robustness import FieldNotInSchema, NeverAwaited, NoneUnchecked
from weft.linter.rules.rule import Rule
from weft.linter.rules.schemas import OptionalSubscripted, SchemaInvalid, SchemaMissing
from weft.linter.rules.unheeded import VerdictIgnored
from weft.linter.rules.unused import UnusedResult
from weft.linter.rules.usage import ApiMisuse
from weft.linter.rules.verification import IndependenceAsNumber, UnverifiedFindings, VerdictTruthiness
from weft.linter.rules.votes_lost import FailedVoteApproves
from weft.linter.rules.voting import IdenticalSkeptics, SkepticsSeeVotes

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
    OverBackstop(),
    LimitStarvesPool(),
    PairwiseFanout(),
    UnusedResult(),
    UncheckedArgs(),
    SpawnsWithoutLimit(),
    NondeterministicCall(),
    SetOrderReachesAgent(),
    CompletionOrderState(),
    EditsWithoutWorktree(),
    DedupAgainstConfirmed(),
    UnstableKey(),
    KeyFieldMissing(),
    VerifyBeforeDedup(),
    DedupInBranch(),
    SeenResetEachRound(),
    KeyTooNarrow(),
    UnboundedLoop(),
    CounterNotAdvanced(),
    TargetMayStall(),
    RoundNeverTold(),
    DryFedUnfiltered(),
    RecursionWithoutDepth(),
    VacuousBound(),
    WorklistUnbounded(),
    DeadTest(),
    BudgetScale(),
    OutvotedUnseen(),
    AnswerTooLong(),
    LostAsRefuted(),
    LossUntold(),
    ReasonsToSkeptics(),
    OwnSpelling(),
    CutUntold(),
    FirstCopyKept(),
    RawSetInPrompt(),
    SetInEveryBranch(),
    OutputAsInstructions(),
    MissingFString(),
    PromptIgnoresItem(),
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
    BudgetUnit(),
    FullOfAnother(),
    NeverSaid(),
    ForbiddenImport(),
    UnderscoreAttribute(),
    ForbiddenBuiltin(),
    ClassTrick(),
    AsyncioPrimitive(),
    ForbiddenSyntax(),
    VerdictIgnored(),
    UnverifiedFindings(),
    IdenticalSkeptics(),
    SkepticsSeeVotes(),
    FailedVoteApproves(),
    VerdictTruthiness(),
    IndependenceAsNumber(),
    UndecidedAsRefuted(),
)
