"""How long branches that were done waited for the others of their fan-out: at a barrier, nothing follows before all."""

from __future__ import annotations

from dataclasses import dataclass, replace

from weft.runtime.analysis.streaming import Saving, Simulation
from weft.runtime.analysis.weaving import Joined, Piece, Work
from weft.runtime.scheduling.slots import Caps

__all__ = ["Barrier", "barriers"]

MOST = 20
"""For how many fan-outs, those with most idle time, it is simulated what it would be without their barrier."""


@dataclass(frozen=True, slots=True)
class Barrier:
    """The end of one fan-out."""

    joined: Joined
    ended_at: float
    idle: float
    """Seconds, over all branches, from the end of each to the end of the fan-out."""
    last: Piece | None
    """The call that all waited for."""
    alone: float
    """Seconds that only the last branch was still at work."""
    followed: Joined | None = None
    """The fan-out that began right after it, and waited for it."""
    saving: Saving | None = None
    """What it would have saved had that one not waited for the whole of it; `None` where that was not simulated."""


def barriers(work: Work, caps: Caps) -> tuple[list[Barrier], Saving | None]:
    """Return the fan-outs with more than one branch that had calls, those with most idle time first.

    And what it would save if none of those that followed one another had waited for the whole of the one before; `None`
    where there are none, or the harness did not come to its result.

    Args:
        work: The execution.
        caps: How many agents may be at work at once.
    """
    followers = {join.after[0]: join for join in work.joins if len(join.after) == 1}
    found = [_barrier(work, join, followers.get(join.piece)) for join in work.joins if len(join.branches) > 1]
    ranked = sorted(found, key=lambda one: (-one.idle, one.joined.piece))
    pairs = [(one.joined, one.followed) for one in ranked if one.followed is not None]
    if not pairs or not work.completed:
        return ranked, None
    simulation = Simulation(work, caps)
    return [
        replace(one, saving=simulation.without([(one.joined, one.followed)])) if one.followed and place < MOST else one
        for place, one in enumerate(ranked)
    ], simulation.without(pairs)


def _barrier(work: Work, joined: Joined, followed: Joined | None) -> Barrier:
    at = work.pieces[joined.piece].called_at
    last = [piece for pieces in joined.branches.values() if (piece := work.latest(pieces)) is not None]
    ends = sorted(piece.ended_at for piece in last if piece.ended_at is not None)
    slowest = max(last, key=lambda piece: piece.ended_at or 0.0, default=None)
    alone = ends[-1] - ends[-2] if len(ends) > 1 else 0.0
    return Barrier(joined, at, sum(at - end for end in ends), slowest, alone, followed)
