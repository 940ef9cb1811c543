"""Values that fit a JSON Schema, made up: the smallest one, or a seeded variety of them found by hypothesis.

For simulated agents only: nothing from here is ever shown as the answer of a model. (hypothesis-jsonschema did this
job; it no longer works with current releases of hypothesis.) One walk through the schema, in `walk`, makes a value and
leaves every choice to a `Chooser`; what the walk does not understand of a schema is left to the check at its end.
"""

from __future__ import annotations

import json
import re
import string
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from weft.primitives.data import as_json
from weft.primitives.errors import NotJson
from weft.primitives.limits import MAX_CHARACTERS
from weft.runtime.agents.walk import Between, made_up
from weft.runtime.schemas.fitting import misfit, schema_fault
from weft.runtime.schemas.kept import Kept
from weft.runtime.schemas.reading import text_of
from weft.runtime.schemas.validating import worst
from weft.runtime.schemas.worker import worked_out

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["TEXT", "least_of", "smallest", "varied", "variety"]

TEXT = "stub answer"
"""What stands for the text of an agent without a schema."""

SECONDS = 8.0
"""Processor time that making values up for one schema may take."""

SHORT = 5_000
"""Characters of a schema for which the simplest value is tried at once."""

MORE = 5
"""How many items a made-up list has beyond the fewest it must have."""

MORE_LETTERS = 40

DIFFERENT = 12
"""How many items of a long list differ."""

T = TypeVar("T")


async def smallest(schema: dict[str, Any] | None) -> Any:
    """Return a simplest value that satisfies a schema; always the same one.

    Raises:
        ValueError: no value that satisfies it was found.
    """
    if schema is None:
        return TEXT
    text = text_of(schema)
    return json.loads(await _least.found(text, partial(_smallest, schema, text)))


async def _smallest(schema: dict[str, Any], text: str) -> str:
    fault = await schema_fault(schema)
    if fault is not None:
        raise ValueError(f"no value fits the schema: {fault}")
    if len(text) <= SHORT:
        with suppress(ValueError, RecursionError, OverflowError):  # there may be a smaller one on another way
            value = made_up(schema, Least())
            if await misfit(value, schema) is None:
                return json.dumps(value)
    found: str = await worked_out(least_of, text, seconds=SECONDS)
    return found


def least_of(schema: str) -> str:
    """Return that value as text, however long it takes to find.

    Raises:
        ValueError: none was found.
    """
    with suppress(ValueError, RecursionError, OverflowError):
        value = made_up(json.loads(schema), Least())
        if _fits(value, schema):
            return json.dumps(value)
    # Patterns, distinct items and the like: take the shortest of what hypothesis finds.
    return min(varied(schema, 20), key=lambda found: (len(found), found))


async def variety(schema: dict[str, Any] | None, count: int) -> list[Any]:
    """Return about `count` values that satisfy a schema, larger ones among them; always the same ones.

    Raises:
        ValueError: no value that satisfies it was found.
    """
    if schema is None:
        return [TEXT]
    text = text_of(schema)
    return [json.loads(value) for value in await _varied.found((text, count), partial(_variety, schema, text, count))]


async def _variety(schema: dict[str, Any], text: str, count: int) -> list[str]:
    fault = await schema_fault(schema)
    if fault is not None:
        raise ValueError(f"no value fits the schema: {fault}")
    values: list[str] = await worked_out(varied, text, count, seconds=SECONDS)
    return values


_least: Kept[str, str] = Kept()
_varied: Kept[tuple[str, int], list[str]] = Kept()


def _fits(value: Any, schema: str) -> bool:
    try:
        plain = as_json(value)
    except NotJson:
        return False
    return len(str(plain)) <= MAX_CHARACTERS and worst(plain, schema) is None


class Least:
    """Takes the least of everything."""

    varied = False
    different = DIFFERENT

    def __init__(self) -> None:
        self.path: list[str] = []

    def option(self, options: list[T]) -> T:
        """Take the first."""
        return options[0]

    def way(self, ways: list[T]) -> T:
        """Take the first."""
        return ways[0]

    def count(self, least: int, most: int | None) -> int:
        """Take as few as there may be."""
        return least

    def whole(self, limits: Between) -> int:
        """Take the number that is nearest to zero."""
        return limits.nearest_to_zero()

    def number(self, limits: Between) -> float:
        """Take the number that is nearest to zero, or one beside it."""
        zero = limits.nearest_to_zero()
        middle = limits.middle()
        return zero if limits.holds(zero) or middle is None else middle

    def text(self, least: int, most: int | None) -> str:
        """Take as few letters as there may be."""
        return "x" * least

    def matching(self, pattern: str) -> str:
        """Take nothing: whoever checks the value finds out."""
        return ""


@dataclass(frozen=True, slots=True)
class Drawn:
    """Lets hypothesis choose."""

    draw: Callable[[SearchStrategy[Any]], Any]
    path: list[str] = field(default_factory=list)
    varied: ClassVar[bool] = True
    different: ClassVar[int] = DIFFERENT

    def option(self, options: list[T]) -> T:
        """Draw one."""
        from hypothesis import strategies as st

        drawn: T = self.draw(st.sampled_from(options))
        return drawn

    def way(self, ways: list[T]) -> T:
        """Draw one."""
        return self.option(ways)

    def count(self, least: int, most: int | None) -> int:
        """Draw how many, not far from the fewest."""
        from hypothesis import strategies as st

        enough = least + MORE
        drawn: int = self.draw(st.integers(least, enough if most is None else max(least, min(most, enough))))
        return drawn

    def whole(self, limits: Between) -> int:
        """Draw a whole number."""
        from hypothesis import strategies as st

        low, high = limits.whole()
        if low is not None and high is not None and low > high:
            return low
        drawn: int = self.draw(st.integers(low, high))
        return drawn

    def number(self, limits: Between) -> float:
        """Draw a number."""
        from hypothesis import strategies as st

        low, high = limits.low, limits.high
        if low is not None and high is not None and low > high:
            return low
        drawn: float = self.draw(st.floats(low, high, allow_nan=False, allow_infinity=False))
        return drawn

    def text(self, least: int, most: int | None) -> str:
        """Draw a few letters, and fill up to the fewest there must be: hypothesis does not draw long texts."""
        from hypothesis import strategies as st

        letters = string.ascii_lowercase + " -.é<>&\"'\n"
        some = least + MORE_LETTERS
        drawn: str = self.draw(st.text(letters, max_size=min(some if most is None else most, some)))
        return drawn + "x" * (least - len(drawn))

    def matching(self, pattern: str) -> str:
        """Draw a text that the pattern is found in."""
        from hypothesis import strategies as st

        drawn: str = self.draw(st.from_regex(pattern))
        return drawn


def varied(schema: str, count: int) -> list[str]:
    """Return those values as texts, however long it takes to find them.

    Raises:
        ValueError: none was found.
    """
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import strategies as st
    from hypothesis.errors import InvalidArgument, Unsatisfiable

    wanted = json.loads(schema)
    values: list[str] = []

    @st.composite
    def near(draw: Callable[[SearchStrategy[Any]], Any]) -> Any:
        return made_up(wanted, Drawn(draw))

    @settings(
        derandomize=True,
        database=None,
        max_examples=count,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(near().filter(lambda value: _fits(value, schema)))
    def collect(value: Any) -> None:
        values.append(json.dumps(value))

    try:
        with _homeless():
            collect()
    except (Unsatisfiable, InvalidArgument, re.error):
        raise ValueError("no value was found that satisfies the schema") from None
    return values


@contextmanager
def _homeless() -> Iterator[None]:
    """Keep what hypothesis would leave in the working directory out of it."""
    from hypothesis.configuration import set_hypothesis_home_dir

    with TemporaryDirectory() as home:
        set_hypothesis_home_dir(home)
        try:
            yield
        finally:
            set_hypothesis_home_dir(None)
