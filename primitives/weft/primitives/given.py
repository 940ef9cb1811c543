"""What a run is given from outside and never changes: `args`, `now()`, and `sample` in place of randomness."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from typing import Any, get_args

from weft.primitives.calls import current

__all__ = ["Arguments", "args", "now", "sample"]


class Arguments:
    """Stands for the arguments of the run where the file is read by an editor; a run puts the real value here.

    Of what was left out, they have what the property's `default` in `ARGS` says.
    """

    __slots__ = ()

    def __getitem__(self, key: Any) -> Any:
        return current("args").args[key]

    def __iter__(self) -> Iterator[Any]:
        return iter(current("args").args)

    def __len__(self) -> int:
        return len(current("args").args)

    def get(self, key: str, default: Any = None) -> Any:
        """Return an argument, or `default` when it was not given."""
        return current("args").args.get(key, default)


args = Arguments()


def now() -> str:
    """Return when the run started, as ISO 8601 with its offset; the same on every replay."""
    return current("now()").now


Seed = int | float | str | bytes


def sample(items: Iterable[Any], k: int, *, seed: Seed = 0) -> list[Any]:
    """Return `k` different items in a random but reproducible order; all of them when there are fewer.

    Raises:
        TypeError: `items` is a set, whose order says nothing; or `seed` is no number, text or bytes, or not-a-number.
    """
    current("sample()")
    if isinstance(items, (set, frozenset)):
        raise TypeError("sample() refuses a set: its order differs from one process to the next. Use sorted(…)")
    if type(seed) not in (bool, *get_args(Seed)) or seed != seed:  # noqa: PLR0124 - only not-a-number is not itself
        raise TypeError(f"sample() takes a number or text as seed, got {seed!r}")
    pool = list(items)
    return random.Random(seed).sample(pool, min(k, len(pool)))
