"""What functions and methods of Python itself do in a trial. All that is not here comes to something unknown."""

from __future__ import annotations

import ast
import bisect
import collections
import functools
import heapq
import itertools
import math
import operator
import statistics
from collections.abc import Callable, Iterator, Sized
from typing import Any

from weft.linter.trials.code import Class, Coro, Function, Method, Object, Test
from weft.linter.trials.playing import Play
from weft.linter.trials.symbols import GUESS, GaveUp, Symbol, frozen, has_symbol, worded
from weft.linter.trials.verdicts import Independence

__all__ = ["MODULES", "NAMES", "Module", "Results", "attribute_of", "called"]

_MOST = 12
_LARGE = 10_000
_HELD = (str, list, dict, set, frozenset, tuple, int, float, collections.deque)
"""Values that Python's own methods may be called on."""


class Results(list[object]):
    """What the branches of a fan-out came to."""

    @property
    def lost(self) -> list[object]:
        """Those that failed."""
        return [Symbol("failure", at) for at, one in enumerate(self) if one is None]


class Module(dict[str, object]):
    """What a module offers."""


def _range(*ends: object) -> list[int]:
    known = [2 if isinstance(end, Symbol) else end for end in ends]
    return list(itertools.islice(range(*known), _MOST))  # type: ignore[call-overload]


def _text(value: object = "") -> object:
    return value if isinstance(value, (str, Symbol)) else worded([value])


def _number(value: object = 0, *rest: object) -> object:
    return value if isinstance(value, Symbol) else int(value)  # type: ignore[call-overload]


def _decimal(value: object = 0) -> object:
    return value if isinstance(value, Symbol) else float(value)  # type: ignore[arg-type]


def _is_of(value: object, kind: object) -> bool:
    kinds = kind if isinstance(kind, tuple) else (kind,)
    if isinstance(value, Symbol):
        return GUESS.get()()
    for one in kinds:
        real = _KINDS.get(one) if not isinstance(one, (Class, Symbol)) else None
        if real is not None and isinstance(value, real):
            return True
        if isinstance(one, Class) and isinstance(value, Object) and (value.of is one or one in value.of.bases):
            return True
    return False


def _asked(value: object, name: object, *other: object) -> object:
    if isinstance(value, Object) and isinstance(name, str):
        return value.fields.get(name, *other)
    raise GaveUp


def _some(make: Callable[..., Iterator[object]]) -> Callable[..., list[object]]:
    """Return a function that gives a few elements of what another gives."""
    return lambda *args, **given: list(itertools.islice(make(*args, **given), 4 * _MOST))


def _unfold(value: Any = None, **given: object) -> object:
    """Return what a decorator with or without arguments makes of a function: the same."""
    return value if value is not None else (lambda function: function)


def _anew(default_factory: object = None, default: object = None, **given: object) -> object:
    return Symbol("made anew", default_factory) if default_factory is not None else default


_KINDS: dict[object, type] = {
    _text: str,
    _number: int,
    _decimal: float,
    bool: bool,
    list: list,
    dict: dict,
    set: set,
    tuple: tuple,
}

NAMES: dict[str, object] = {
    **{one.__name__: one for one in (abs, all, any, bool, dict, divmod, enumerate, filter, frozenset, iter, len, list)},
    **{one.__name__: one for one in (map, max, min, next, reversed, round, set, sorted, sum, tuple, zip)},
    "range": _range,
    "str": _text,
    "int": _number,
    "float": _decimal,
    "repr": _text,
    "isinstance": _is_of,
    "getattr": _asked,
    "print": lambda *args, **given: None,
    **{
        name: Symbol("error type", name)
        for name in ("Exception", "ValueError", "TypeError", "KeyError", "RuntimeError")
    },
}
MODULES: dict[str, Module] = {
    "collections": Module(
        Counter=collections.Counter,
        defaultdict=collections.defaultdict,
        deque=collections.deque,
        OrderedDict=dict,
    ),
    "dataclasses": Module(dataclass=_unfold, field=_anew, asdict=lambda one: one.fields, replace=_asked),
    "functools": Module(
        partial=functools.partial, reduce=functools.reduce, lru_cache=_unfold, cache=_unfold, wraps=lambda one: _unfold
    ),
    "heapq": Module(
        nlargest=heapq.nlargest,
        nsmallest=heapq.nsmallest,
        heappush=heapq.heappush,
        heappop=heapq.heappop,
        heapify=heapq.heapify,
    ),
    "itertools": Module(
        {
            **{
                one.__name__: _some(one)
                for one in (
                    itertools.accumulate,
                    itertools.chain,
                    itertools.combinations,
                    itertools.compress,
                    itertools.cycle,
                    itertools.dropwhile,
                    itertools.filterfalse,
                    itertools.islice,
                    itertools.pairwise,
                    itertools.permutations,
                    itertools.product,
                    itertools.repeat,
                    itertools.starmap,
                    itertools.takewhile,
                    itertools.zip_longest,
                )
            },
            "count": lambda start=0, step=1: _range(start, start + _MOST),
            "groupby": lambda items, key=None: [
                (name, list(group)) for name, group in itertools.groupby(list(items), key)
            ],
        }
    ),
    "json": Module(dumps=lambda value, **given: worded([value]), loads=lambda text: Symbol("loaded", frozen(text))),
    "math": Module(ceil=math.ceil, floor=math.floor, sqrt=math.sqrt, inf=math.inf, prod=math.prod, log=math.log),
    "operator": Module(
        itemgetter=operator.itemgetter,
        add=operator.add,
        and_=operator.and_,
        or_=operator.or_,
        not_=operator.not_,
        eq=operator.eq,
        lt=operator.lt,
        gt=operator.gt,
    ),
    "statistics": Module(mean=statistics.mean, fmean=statistics.fmean, median=statistics.median, mode=statistics.mode),
    "bisect": Module(bisect=bisect.bisect, bisect_left=bisect.bisect_left, bisect_right=bisect.bisect_right),
}
MODULES["itertools"]["chain"] = Module(from_iterable=_some(itertools.chain.from_iterable), call=_some(itertools.chain))
_KEEPING = {"add", "heappush", "append", "appendleft", "extend", "insert", "setdefault", "update"}


def attribute_of(value: object, name: str) -> object:
    """Return what something that is none of the harness's own objects has under a name."""
    if isinstance(value, Module):
        return value.get(name, Symbol("offered", name))
    if name.startswith("_"):
        raise GaveUp
    if isinstance(value, Symbol):
        return Symbol("of", value, name)
    if isinstance(value, _HELD):
        if isinstance(value, list) and not hasattr(value, name):  # what the lists of the language tell of themselves
            return Symbol("of", name)
        return getattr(value, name)
    if value is None:
        raise AttributeError
    found = getattr(value, f"w_{name}", None)
    if found is not None:
        return found
    if value is dict and name == "fromkeys":
        return dict.fromkeys
    if value is _text and hasattr(str, name):
        return lambda one, *rest: Symbol("called", name, one) if isinstance(one, Symbol) else getattr(one, name)(*rest)
    raise GaveUp


def called(play: Play, node: ast.Call, call: object, args: list[object], given: dict[str, object]) -> object:
    """Return what calling something gives."""
    if isinstance(call, (Function, Method, Class)):
        return call(*args, **given)
    if isinstance(call, Symbol):
        return _of_unknown(call, args, given)
    if isinstance(call, Module):
        call = call["call"]
    if getattr(call, "is_primitive", False):
        return call(node, args, given)  # type: ignore[operator]
    if isinstance(call, functools.partial):
        return called(play, node, call.func, [*call.args, *args], {**call.keywords, **given})
    if not callable(call):
        raise TypeError
    return _native(play, node, call, args, given)


def _handed(play: Play, node: ast.Call, value: object) -> object:
    """Return a primitive, with or without arguments filled in, as a function that Python's own can call."""
    if isinstance(value, functools.partial) or getattr(value, "is_primitive", False):
        return lambda *args, **given: called(play, node, value, [*args], given)
    return value


def _of_unknown(call: Symbol, args: list[object], given: dict[str, object]) -> object:
    """Return what a function gives that is not known, or a method of something unknown."""
    of, name = call.parts if call.op == "of" and len(call.parts) == 2 else (None, None)
    if isinstance(of, Symbol):
        if name == "get" and args:
            return Symbol("entry", of, frozen(args[0]))
        if name in ("items", "values", "keys", "copy"):
            return [(Symbol("key", one), one) for one in of] if name == "items" else list(of)
        if name in ("startswith", "endswith", "isdigit", "isalpha", "issubset", "isupper", "islower"):
            return Symbol("compared")
    return Symbol("called", call, *map(frozen, args), *(frozen(one) for one in given.values()))


def _native(
    play: Play, node: ast.Call, call: Callable[..., object], args: list[object], given: dict[str, object]
) -> object:
    name = getattr(call, "__name__", "")
    args = [list(itertools.islice(one, 4 * _MOST)) if isinstance(one, Iterator) and name != "next" else one
            for one in args]  # fmt: skip
    if call is not functools.partial:  # which calls nothing yet
        args = [_handed(play, node, one) for one in args]
    if any(isinstance(one, int) and abs(one) > _LARGE for one in args) or name == "format":
        return Symbol("called", name, *map(frozen, args))
    of = getattr(call, "__self__", None)
    if name in _KEEPING and args:
        play.passed(node, args[-1], of)
    if isinstance(of, Sized) and len(of) > _LARGE:
        raise GaveUp
    play.at = node
    try:
        value = call(*args, **given)
        if isinstance(value, Iterator):
            value = iter(found := list(itertools.islice(value, 4 * _MOST)))  # here it is asked what it holds
        for one in found if isinstance(value, Iterator) else value if isinstance(value, list) else ():
            play.passed(node, one)
    except StopIteration as error:
        raise LookupError from error
    except (TypeError, AttributeError):
        if any(isinstance(part, Independence) for one in args for part in (one if isinstance(one, list) else [one])):
            play.misused[node] = None
        if any(isinstance(one, Coro) for one in args) or not has_symbol([of if isinstance(of, _HELD) else None, *args]):
            raise
        return Symbol("called", name, frozen(of) if isinstance(of, _HELD) else None, *map(frozen, args))
    if call in (any, all):
        play.note(Test(node, bool(value), plain=False))
    return value
