"""Nothing that a harness can compute depends on where in memory an object lies: every process says the same."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from child import execute
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from weft.sandbox.launcher import end_server
from weft.sandbox.protocol import Finished

TEXTS = [
    *("str(f)", "repr(f)", "f'{f}'", "f'{f!r:>40}'", "format(f)", "ascii(f)", "str(object=f)", "str(*[f])"),
    *("'%s %r' % (f, f)", "'%(a)s' % {'a': f}", "'{0} {1!r}'.format(f, f)", "'{a}'.format_map({'a': f})"),
    *("list(map(str, [f, object()]))", "' '.join(map(repr, [f]))", "json.dumps([f], default=str)"),
    *("string.Template('$a').substitute(a=f)", "str(KeyError(f))", "repr([ValueError(f)])", "told(lambda: {}[f])"),
    *("told(lambda: [1].index(object()))", "told(lambda: Colour(object()))", "str(collections.deque([f]))"),
    *("str(collections.defaultdict(f))", "str(collections.ChainMap({1: f}))", "str(Data(f))", "str({1: f}.items())"),
    *("str(functools.partial(f))", "str(itertools.repeat(f))", "str(staticmethod(f))", "str(functools.lru_cache(f))"),
    *("str((x for x in []))", "str([].append)", "str(len)", "str(zip())", "str(Own())", "str(Own().method)"),
    *("str(agent)", "str(parallel)", "str(json)", "str(iter([]))", "str(re.compile('a'))", "str(Own)"),
    "(await parallel([fails])).lost[0].message",
]
ORDERS = [
    "[str(x) for x in {(k, None) for k in 'abcdefgh'}]",
    "[x.x for x in {Data(k) for k in 'abcdefgh'}]",
    "[x.x for x in {Slots(k) for k in 'abcdefgh'}]",
    "[x() for x in {(lambda i=i: i) for i in range(20)}]",
    "[x.__name__ for x in {len, max, min, sum, abs, f}]",
    "[x() for x in {k.upper for k in 'abcdefgh'}]",
    "[x() for x in {Own(k).method for k in 'abcdefgh'}]",
    "[x.k for x in {Own(k) for k in 'abcdefgh'}]",
    "[x.args for x in {Odd(k) for k in 'abcdefgh'}]",
    "[x.args for x in {ValueError(k) for k in 'abcdefgh'}]",
    "[k for _, k in {(float('nan'), k) for k in 'abcdefgh'}]",
    "[str(x) for x in {*map(float, ['nan'] * 3), 1, 2.5, 'a', f, ValueError('b')}]",
    "[str(x) for x in {None, ..., NotImplemented, 'a', 1, 2.5}]",
    "[x.group() for x in set(re.finditer('.', 'abcdefgh'))]",
    "[list(x) for x in {iter(k) for k in 'abcdefgh'}]",
    "[str(x) for x in {k: 1 for k in ['a', None, 'b']}.keys() & {'a', None, 'b'}]",
]
SOURCE = """
import collections, dataclasses, enum, functools, itertools, json, re, string

def f(): pass
class Colour(enum.Enum):
    RED = 1
@dataclasses.dataclass(frozen=True)
class Data:
    x: object
    y: object = None
@dataclasses.dataclass(eq=False, slots=True)
class Slots:
    x: object
class Own:
    def __init__(self, k=0): self.k = k
    def method(self): return self.k
class Odd(Exception): pass
async def fails(): raise ValueError(f)
def told(function):
    try: function()
    except Exception as error: return [str(error), repr(error), f"{error}", '%s' % error]
async def main(args):
    return [
EXPRESSIONS
    ]
"""


def in_another_process(source: str) -> Finished:
    """Execute a harness in a process that was not forked from the one before, and lies elsewhere in memory."""
    end_server()
    last, _ = execute(source)
    assert isinstance(last, Finished), last
    return last


def computed(expressions: list[str]) -> dict[str, str]:
    last = in_another_process(SOURCE.replace("EXPRESSIONS", ",\n".join(expressions)))
    return {expression: json.dumps(value) for expression, value in zip(expressions, last.value, strict=True)}


def test_no_text_shows_an_address() -> None:
    assert {expression: text for expression, text in computed(TEXTS).items() if "0x" in text} == {}


def test_sets_have_the_same_order_in_every_process() -> None:
    assert computed(ORDERS) == computed(ORDERS)


MANY = """
from weft.sandbox.addresses import hide_addresses
hide_addresses()
import dataclasses, functools
from weft.sandbox.world import build_world
from weft.sandbox.policy import compile_harness
names = build_world({})
exec(compile_harness(HARNESS, "many.py"), names)
print(*[len(set(map(hash, many))) for many in names["many"](1000)])
"""
HARNESS = """
import copy, dataclasses, functools
class Own:
    def method(self): pass
@dataclasses.dataclass(eq=False, slots=True)
class Slots:
    x: object
def many(n):
    makers = [Own, object, ValueError, lambda: Slots(1), lambda: (lambda: 1), lambda: functools.partial(len),
              lambda: Own().method, lambda: float("nan"), lambda: (float("nan"), 1), lambda: complex(0, float("nan"))]
    return [[make() for _ in range(n)] for make in makers]
"""


def test_objects_that_are_told_apart_have_hashes_of_their_own() -> None:
    """Otherwise a set of very many of them would take the square of the time."""
    command = [sys.executable, "-W", "ignore", "-c", f"HARNESS = {HARNESS!r}{MANY}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1000"] * 10


DEEP = """
def deepest(step, depth=0):
    try:
        step()
    except RecursionError:
        return depth
    try:
        return deepest(step, depth + 1)
    except RecursionError:
        return -1
async def main(args):
    steps = [lambda: str(main), lambda: repr([object()]), lambda: {main}, lambda: {int: 1}, lambda: {0.5, (None, 1)}]
    return [deepest(step) for step in steps]
"""


def test_a_stack_that_ends_in_a_text_or_a_hash_is_an_error_of_the_harness() -> None:
    assert all(900 < depth < 1000 for depth in in_another_process(DEEP).value)


# ---------------------------------------------------------------------------------------------- programs made at random

WORLD = """
import collections, copy, dataclasses, enum, functools, itertools, json, operator, re, string, typing

nan = float("nan")
def f(): pass
def g(): yield
class Plain:
    def method(self): pass
class Other: pass
class Error(Exception): pass
class Number(float): pass
class Same:
    def __eq__(self, other): return self is other
    def __hash__(self): return hash(Same.__name__)
class Loud:
    def __repr__(self): return super().__repr__().upper()
    def __hash__(self): return super().__hash__() + 1
class Colour(enum.Enum):
    RED = int
class Point(typing.NamedTuple):
    x: object
@dataclasses.dataclass(frozen=True)
class Claim:
    x: object
@dataclasses.dataclass(eq=False, slots=True)
class Slots:
    x: object
def error(function, *args):
    try: return function(*args)
    except Exception as error: return [type(error), str(error)]
def order(values, among):
    return [next(index for index, other in enumerate(among) if other is value) for value in values]
def popped(values):
    while values: yield values.pop()
def told(xs, ys):
    both, x, y = [*xs, *ys], dict.fromkeys(xs), dict.fromkeys(ys)
    return [[order(values, both) for values in [SETS]], [str(text) for text in [TEXTS]]]
async def main(args):
    return [told(*lists) for lists in [LISTS]]
"""
VALUES = """
    None ... NotImplemented True 0 1.5 -1 2**70 'a' 'b' '' b'a' (0,1) range(3) nan float('nan') -float('nan')
    complex(nan,1) complex(1,float('nan')) Number('nan') Number(1.5) int str type(None) object ValueError Plain Other
    Error Claim Colour Colour.RED Plain() Other() Same() Loud() Slots(1) Error('a') ValueError() object() f g main
    (lambda:0) len max 'a'.upper 'b'.upper str.upper Plain().method Plain.method g() iter([]) zip() property(f)
    classmethod(f) staticmethod(f) functools.partial(f) functools.partial(int,2) functools.cached_property(f)
    functools.lru_cache(f) itertools.count() itertools.repeat(f) operator.itemgetter(1) re.compile('a')
    re.compile('[^b-x]+') re.match('a','a') list[int] dict[str,Plain] tuple[f,...] (int|None) (Plain|str) typing.Any
    typing.List[int] typing.Optional[Plain] enum.auto() dataclasses.MISSING dataclasses.field() json agent parallel
    budget Seen string.Template('a') {}.keys type iter(set()) slice.indices collections.deque
""".split()
NESTED = (
    "{}", "{}", "{}", "({}, 1)", "(0, ({},))", "Point({})", "Claim({})", "Slots({})", "frozenset([{}, 1, 2])",
    "functools.partial(f, {})", "frozenset([({}, 3), 'x'])",
)  # fmt: skip
SETS = [
    *("{*xs}", "set(xs)", "frozenset(xs)", "{v for v in both}", "set(xs) - set(ys)", "{*xs} | {*ys}", "{*xs} ^ {*ys}"),
    *("x.keys() - y.keys()", "x.keys() & {*ys}", "x.keys() ^ y.keys()", "x.keys() | ys", "{*xs}.union(ys)"),
    *("[v for v, _ in x.items() - y.items()]", "{*xs} & y.keys()", "set(both).difference(ys[:1])", "[*{*both}]"),
    *("operator.or_({*xs}, {*ys})", "operator.ixor({*xs}, {*ys})", "functools.reduce(operator.or_, [{v} for v in xs])"),
    *("popped({*both})", "popped({*both} - {*xs})", "copy.copy({*xs})", "{*x.keys()}"),
    *("sorted({*xs}, key=str)", "{v: 0 for v in {*xs}}", "collections.Counter({*xs})", "filter(callable, {*xs})"),
    *("(lambda *vs: vs)(*{*xs})", "[v for v in {*xs} if v in {*ys}]", "[v[0] for v in {(v, 1) for v in xs}]"),
    *("itertools.chain({*xs}, frozenset(ys))", "max([{*xs}, {*ys}], key=len)", "next(iter([{*both}]))"),
    *(
        "[v.x for v in {Claim(v) for v in xs}]",
        "[v.x for v in {Slots(v) for v in xs}]",
        "[*zip(*{(v, 0) for v in xs})][0]",
    ),
]
TEXTS_OF_ALL = [
    *("xs", "{*xs}", "frozenset(ys)", "x", "f'{ys!r:>3}'", "'%s %r' % (xs[0], ys)", "json.dumps(xs, default=repr)"),
    *("[*map(type, xs)]", "[type(v).__name__ for v in xs]", "[getattr(v, '__name__', 0) for v in xs]"),
    *(
        "error(lambda: {}[xs[0]])",
        "error([].remove, xs[0])",
        "error(sorted, xs)",
        "error(sum, xs)",
        "error(hash, xs[0])",
    ),
    *("error(int, xs[0])", "error(xs[0])", "error(lambda: xs[0] + ys[0])", "error(lambda: xs[0].missing)"),
    *(
        "error(json.dumps, xs)",
        "error(iter, xs[0])",
        "error(json.dumps, {ys[0]: 1})",
        "ascii({*ys})",
        "KeyError({*ys})",
    ),
    *(
        "functools.partial(f, {*xs})",
        "collections.deque({*xs})",
        "Claim({*xs})",
        "error(lambda: sample(xs, 3, seed=xs[0]))",
    ),
]


@st.composite
def lists_of_values(draw: st.DrawFn) -> list[tuple[str, str]]:
    """Return pairs of lists, as they are written in a harness."""
    value = st.builds(str.format, st.sampled_from(NESTED), st.sampled_from(VALUES))
    values = st.lists(value, min_size=1, max_size=9).map(", ".join)
    return draw(st.lists(st.tuples(values, values), min_size=20, max_size=20))


@settings(max_examples=2, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(lists_of_values())
def test_programs_made_at_random_compute_the_same_in_every_process(lists: list[tuple[str, str]]) -> None:
    source = (
        WORLD.replace("SETS", ", ".join(SETS))
        .replace("TEXTS", ", ".join(TEXTS_OF_ALL))
        .replace("LISTS", ", ".join(f"([{xs}], [{ys}])" for xs, ys in lists))
    )
    first, second = in_another_process(source), in_another_process(source)
    assert second == first


# ---------------------------------------------------------------------------------------------- what Python says

NUMBERS = """
    0 0.0 -0.0 False 1 True 1.0 (1+0j) -1 -1.0 -2 2**61-1 float(2**61-1) 2**61 2.0**61 -2.0**61 0.1 5e-324 1e300
    inf -inf complex(0,1) complex(-0.0,0.5) complex(1.5,-2) nan other complex(nan,1) None 'a' b'a' '' () (1,) (1.0,)
    (True,) (nan,) (other,) frozenset({1}) frozenset({1.0}) frozenset({nan}) range(1) range(0,1) int (int,1) type(None)
""".split()
SEMANTICS = """
inf, nan, other = float("inf"), float("nan"), float("nan")
def said(xs, ys):
    a, b = {*xs}, {*ys}
    values = [a, b, a | b, a & b, a - b, a ^ b, frozenset(xs), dict.fromkeys(xs).keys() & b, {(v, 1) for v in xs}]
    return [
        [[len(value), sorted(map(repr, value))] for value in values],
        [[x in b, (x, 1) in {(y, 1) for y in b}, {y: i for i, y in enumerate(ys)}.get(x)] for x in xs],
        [a == b, a <= b, a < b, a.isdisjoint(b), a == frozenset(xs), {frozenset(xs)} == {frozenset(ys)}],
        [hash(x) for x in xs if isinstance(x, (int, float, complex)) and x == x],
    ]
"""


@settings(max_examples=1, phases=[Phase.generate])
@given(
    st.lists(
        st.tuples(*[st.lists(st.sampled_from(NUMBERS) | st.floats(allow_nan=False).map(repr), max_size=9)] * 2),
        min_size=100,
        max_size=100,
    )
)
def test_sets_and_numbers_are_what_they_are_in_python(lists: list[tuple[list[str], list[str]]]) -> None:
    """They are ordered alike in every process, and in all else they are Python's own."""
    calls = ", ".join(f"said([{', '.join(xs)}], [{', '.join(ys)}])" for xs, ys in lists)
    here: dict[str, Any] = {}
    exec(f"{SEMANTICS}\nfound = [{calls}]", here)
    last, _ = execute(f"{SEMANTICS}\nasync def main(args): return [{calls}]")
    assert last == Finished(value=here["found"])


# ---------------------------------------------------------------------------------------------- all there is

EVERYTHING = """
from weft.sandbox.addresses import hide_addresses
hide_addresses()
import _thread, functools, gc, re, sys, weakref
from weft.sandbox import child, world
world.warm()

class A: pass
def f(x): return lambda: x
async def g(): yield
a = A()
found = [f(1), f(1).__closure__, weakref.ref(a), weakref.proxy(a), g(), g().asend(None), (x for x in ()), object(),
         sys._getframe(), _thread.allocate_lock(), _thread.RLock(), memoryview(b""), "a".__add__, "a".upper, a]
known, kinds, showing = set(), {}, {}
found += gc.get_objects()
for value in found:
    if id(value) not in known and value is not known and value is not found:
        known.add(id(value))
        kinds.setdefault(type(value), []).append(value)
        found += gc.get_referents(value)
for kind, values in kinds.items():
    if kind not in (str, bytes, int, float, dict, list, tuple, set, frozenset) and kind.__module__ not in HIDDEN:
        for value in values[:3]:
            if re.search("0x[0-9a-f]{9,}|[0-9]{12,}", repr(value)):
                showing[kind.__qualname__] = repr(value)
print(set(showing) - {"PyCapsule", "stderrprinter"})
"""


def test_no_object_of_the_interpreter_shows_an_address() -> None:
    """Except those that no harness can reach, in modules that belong to the sandbox."""
    source = f"HIDDEN = {('ctypes', '_contextvars', 'codecs', 'sys')}{EVERYTHING}"
    command = [sys.executable, "-W", "ignore", "-c", source]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
