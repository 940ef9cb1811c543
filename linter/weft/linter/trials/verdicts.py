"""What `verify` gives in a trial: dicts that tell what is read of them, and where they are misread."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, KeysView, ValuesView
from typing import NoReturn

from weft.linter.trials.playing import Asking, Play
from weft.linter.trials.symbols import Answer, Symbol

__all__ = ["Independence", "Verdict", "verdict_of"]


def verdict_of(play: Play, asking: Asking, outcome: str) -> Verdict:
    """Return the verdict on a claim."""
    said = asking.identity
    opinion = {"survives": "supported", "refuted": "refuted"}.get(outcome, "unchecked")
    votes = [{"opinion": opinion, "reason": Symbol("said", said, at)} for at in range(3)]
    independence = Independence(play, said)
    fields: dict[object, object] = {
        "outcome": outcome,
        "survives": outcome == "survives",
        "votes": votes,
        "independence": independence,
    }
    return Verdict(play, asking, fields)


class Verdict(Answer):
    """A verdict: true whatever it says, and so its truth is told apart from what is read of it."""

    __slots__ = ("_asking", "_play")

    def __init__(self, play: Play, asking: Asking, fields: dict[object, object]) -> None:
        super().__init__(asking.identity, fields)
        self._play = play
        self._asking = asking

    def __bool__(self) -> bool:
        if self._play.at is not None:
            self._play.weighed.setdefault(self._play.at, self._asking.node)
        return True

    def _read(self) -> None:
        self._play.heeded.add(self._asking.node)

    def __getitem__(self, name: object) -> object:
        self._read()
        return super().__getitem__(name)

    def get(self, name: object, default: object = None) -> object:
        """Return what it says under a name."""
        self._read()
        return super().get(name, default)

    def __iter__(self) -> Iterator[object]:
        self._read()
        return super().__iter__()

    def keys(self) -> KeysView[object]:  # type: ignore[override]
        """Return the names of what it says."""
        self._read()
        return super().keys()

    def items(self) -> ItemsView[object, object]:  # type: ignore[override]
        """Return all that it says, with its names."""
        self._read()
        return super().items()

    def values(self) -> ValuesView[object]:  # type: ignore[override]
        """Return all that it says."""
        self._read()
        return super().values()


class Independence(dict[object, object]):
    """How far votes rest on different evidence, which is no number."""

    __slots__ = ("_play",)

    def __init__(self, play: Play, said: Symbol) -> None:
        super().__init__({"word": "apart", "share": 0.5, "why": Symbol("said", said, "why")})
        self._play = play

    def _misused(self, *others: object) -> NoReturn:
        if self._play.at is not None:
            self._play.misused[self._play.at] = None
        raise TypeError

    __lt__ = __le__ = __gt__ = __ge__ = __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _misused
    __truediv__ = __rtruediv__ = __abs__ = __round__ = __float__ = __int__ = _misused

    def __format__(self, spec: str) -> str:
        return self._misused() if spec else super().__format__(spec)
