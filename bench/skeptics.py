"""How often correlated skeptics pass a false claim, and keep a true one, under each protection that `verify` has.

python bench/skeptics.py [CLAIMS]

Each claim quotes a source that is wrong, or right. Of three skeptics each either looks or, now and then, only repeats
the claim. Whoever looks opens the claim's source and one more. As often as a row says, that is a copy of the source for
all of them: their votes are one vote. Else each finds a source of its own, and misjudges it now and then. A tie-breaker
looks elsewhere, and finds the copy less often. The votes are weighed by the real `verify`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any, NoReturn

from weft.primitives import calls, verify
from weft.primitives.calls import AgentCall, Allowance
from weft.sandbox.loop import Loop
from weft.sandbox.protocol import CallAgent, ChildMessage, Failed, Limits, Result, Start

SHARED = (0.0, 0.3, 0.6, 0.9)
"""How likely it is that all skeptics find the copy of the mistake."""
ECHOES = 0.35
"""How likely a skeptic is to repeat the claim without having opened anything."""
MISJUDGES = 0.15
"""How likely it is to misjudge what it has opened."""
ELSEWHERE = 0.25
"""How likely a tie-breaker is to find the copy too, where the others do."""

CLAIM = {"claim": "the cache is shared by all workers", "quote": "one cache for all", "source": "design.md:12"}


@dataclass(frozen=True)
class Protection:
    """One way to ask."""

    name: str
    options: dict[str, Any]
    recorded: bool = True
    """Whether it is known what skeptics opened, so that echoes are discounted."""


PROTECTIONS = (
    Protection("majority", {"veto": False}, recorded=False),
    Protection("veto", {}, recorded=False),
    Protection("veto and discount", {}),
    Protection("with a tie-breaker", {"tie_breaker": "elsewhere"}),
)


@dataclass(frozen=True)
class World:
    """What there is to be found on one claim."""

    true: bool
    shared: bool
    """Whether all find the copy of what the claim's source says."""
    random: Random

    def vote(self, call: AgentCall, *, recorded: bool) -> Result:
        """Answer as one skeptic; which one it is decides what it does, in whatever way it is asked."""
        breaker = call.label == "verify:tie-breaker"
        echoes, misjudges, finds_copy = (self.random.random() < p for p in (ECHOES, MISJUDGES, ELSEWHERE))
        if echoes and not breaker:
            return _said("supported", [], CLAIM["quote"], recorded)
        if self.shared and (finds_copy or not breaker):
            return _said("supported", ["design.md:1-40", "copy.md:1-20"], "one for all of them", recorded)
        own = f"source-{self.random.randrange(10**6)}.md:1-9"
        holds = self.true != misjudges
        return _said("supported" if holds else "refuted", ["design.md:1-40", own], "what it says there", recorded)


def _said(verdict: str, touched: list[str], quote: str, recorded: bool) -> Result:
    source = (touched or ["design.md"])[-1].partition(":")[0]
    value = {"verdict": verdict, "reason": "", "evidence": [{"source": source, "quote": quote}]}
    return Result(id=0, value=value, touched=tuple(touched) if recorded else None)


def survives(world: World, protection: Protection) -> bool:
    """Have one claim verified."""

    async def main(args: Any) -> Any:
        return (await verify(CLAIM, **protection.options))["survives"]

    answered = driven(main, lambda call: world.vote(call, recorded=protection.recorded))
    return bool(answered)


def driven(main: Callable[[Any], Any], answer: Callable[[AgentCall], Result]) -> Any:
    """Run a harness with the loop of the sandbox, in this process."""
    waiting: list[CallAgent] = []

    def send(message: ChildMessage) -> None:
        if isinstance(message, CallAgent):
            waiting.append(message)

    def stop(message: Failed) -> NoReturn:
        raise RuntimeError(message.message)

    start = Start(source="", filename="bench", args=None, now="", allowance=Allowance())
    loop = Loop(start, Limits(), compile_harness=lambda *_: main, send=send, stop=stop)
    calls.install(loop)
    try:
        turns = loop.run(main(None))
        next(turns)
        while True:
            call = waiting.pop(0)
            said = answer(call.agent)
            turns.send([Result(id=call.id, value=said.value, touched=said.touched)])
    except StopIteration as ended:
        return ended.value
    finally:
        calls.install(None)


def passed(protection: Protection, shared: float, claims: int, *, true: bool, seed: int = 0) -> float:
    """Return the share of claims that survive; the same seed gives all protections the same claims."""
    kept = 0
    for number in range(claims):
        random = Random(f"{seed}:{number}:{true}")
        kept += survives(World(true, random.random() < shared, random), protection)
    return kept / claims


def main(claims: int) -> None:
    """Print the table."""
    heads = "".join(protection.name.rjust(22) for protection in PROTECTIONS)
    show = sys.stdout.write
    show(f"{claims} claims a cell; three skeptics: false claims passed / true claims kept\n\nvotes are one   {heads}\n")
    for shared in SHARED:
        cells = [
            f"{passed(one, shared, claims, true=False):.1%} / {passed(one, shared, claims, true=True):.1%}"
            for one in PROTECTIONS
        ]
        show(f"{shared:.0%} of the time".ljust(16) + "".join(cell.rjust(22) for cell in cells) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
