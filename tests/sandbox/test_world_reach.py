"""Nothing in the world leads out of it: walk all that attributes reach, and call all that can be called."""

from __future__ import annotations

import random
import signal
import sys
import types
from collections import deque

import pytest

import weft.primitives
from weft.primitives import calls
from weft.primitives.language import BUILTINS, TYPES, VOCABULARY
from weft.primitives.language.attributes import READABLE, attribute_problem
from weft.primitives.language.builtin import HABIT_BUILTINS
from weft.sandbox import guards
from weft.sandbox.modules import STANDARD
from weft.sandbox.policy import compile_harness
from weft.sandbox.world import build_world

OUTSIDE = (types.ModuleType, types.FrameType, types.CodeType, types.TracebackType)
PLAIN = (str, int, float, bool, bytes, types.NoneType)
ENDLESS = ("count", "cycle", "repeat", "product", "permutations", "combinations", "combinations_with_replacement")

SAMPLES = """
import abc, collections, collections.abc, dataclasses, enum, functools, heapq, itertools, json, re, string, typing
told = []
class Own:
    pairs = ["X", (), {}]
    def __init__(self, *args, **kwargs): told.append((args, kwargs))
    def __call__(self, *args, **kwargs): told.append((args, kwargs)); return self
    def __eq__(self, other): told.append(other); return False
    def __hash__(self): return 1
    def __iter__(self): return iter([1])
    def __getitem__(self, key): told.append(key); return 1
    def __len__(self): return 1
    def __or__(self, other): told.append(other); return 1
    @classmethod
    def as_integer_ratio(cls): return (1, 1)
class Text(str):
    def translate(self, *a): told.append(a); return self
    def split(self, *a): told.append(a); return [self]
    def join(self, *a): told.append(a); return self
    def replace(self, *a): told.append(a); return self
    def encode(self, *a): told.append(a); return b""
    def isidentifier(self): return True
    def expandtabs(self, *a): told.append(a); return self
    def __eq__(self, other): told.append(other); return True
    def __hash__(self): return 5
class Table(dict):
    def get(self, *a): told.append(a); return 1
    def items(self): return []
    def update(self, *a): told.append(a)
    def __missing__(self, key): told.append(key); return 1
class Tally(collections.Counter): pass
class Base(abc.ABC): pass
class Ring(collections.abc.Sequence):
    def __getitem__(self, i): return [1][i]
    def __len__(self): return 1
class Color(enum.Enum): RED = 1
class Mode(enum.IntFlag): A = 1
class Row(typing.NamedTuple):
    a: int
class Item(typing.TypedDict, total=False):
    a: int
@dataclasses.dataclass
class Data:
    x: int = 0
class Heir(Seen): pass
class Failure(Exception): pass
def function(*args, **kwargs): told.append((args, kwargs)); return 1
def generator(): yield 1
def caught(f):
    try: f()
    except Exception as error: return error
samples = (
    Own(), Own, Text("a b"), Table(a=1), Tally("a"), Tally, Base(), Ring(), Color.RED, Color, Mode.A, Row(1), Row,
    Item(), Data(), Data, Heir(), Heir, Failure("x"), Failure, function, generator(), len, int, str, type, json, agent,
    budget, Seen(), Seen, {1}, b"ab", [1, 2], {"a": 1}, (1,), 2.5, "a", 1, None, lambda x: x, list[int], int | str,
    dataclasses.fields(Data), re.match("a", "a"), re.compile("a"), functools.partial(function), str.format, "a".format,
    functools.lru_cache(function), functools.cached_property(function), string.Template("a"), heapq.merge([1]),
    caught(lambda: json.loads("{")), caught(lambda: [].x), type(len), typing.List[int],
    typing.TypeVar("T"), collections.namedtuple("P", "x")(1), property(function), classmethod(function),
    staticmethod(function), [].append, {}.keys(), range(3), slice(1), enum.auto(), typing.Generic, typing.Protocol,
)
"""


@pytest.fixture
def names():
    calls.install(None)
    primitives = {name: getattr(weft.primitives, name) for name in (*VOCABULARY, *TYPES)} | {"args": {}}
    names = build_world(primitives)
    exec(compile_harness(SAMPLES, "harness.py"), names)
    return names


@pytest.fixture
def walk(names):
    """Return the walk along attributes and items, and the check of one object."""
    own = {id(value) for value in [*names.values(), *names["samples"], *names["samples"][0].pairs]}
    shared = _shared_containers() - own

    def check(path, value):
        assert not isinstance(value, OUTSIDE), path
        assert not (isinstance(value, type) and issubclass(value, (type, super))), path
        assert id(value) not in shared, path

    def walk(start):
        waiting, seen = deque(start), {}
        while waiting:
            path, value = waiting.popleft()
            if id(value) in seen or type(value) in PLAIN:
                continue
            seen[id(value)] = path, value
            check(path, value)
            waiting.extend((f"{path}.{name}", part) for name, part in _readable(value))
            waiting.extend((f"{path}[{n}]", part) for n, part in enumerate(value if type(value) is tuple else ()))
            waiting.append((f"type({path})", names["__builtins__"]["type"](value)))
        return list(seen.values())

    return walk, check


def _shared_containers():
    """Return the ids of all containers that belong to modules, classes and defaults of the process."""
    found = [value for module in list(sys.modules.values()) for value in list(vars(module).values())]
    found += [value for kind in found if isinstance(kind, type) for value in list(vars(kind).values())]
    found += [value for f in found if isinstance(f, types.FunctionType) for value in f.__defaults__ or ()]
    return {id(value) for value in found if isinstance(value, (dict, list, set))}


def _readable(value):
    for name in sorted({*dir(value), *dir(type(value))}):
        if name in READABLE or not attribute_problem(name):
            try:
                yield name, guards.get_attribute(value, name)
            except Exception:  # noqa: BLE001 - then it does not lead anywhere
                continue


def _all_there(names):
    yield from ((name, value) for name, value in names.items() if not name.startswith("__"))
    yield from ((name, names["__builtins__"][name]) for name in (BUILTINS | HABIT_BUILTINS) - {"super"})
    yield from STANDARD.items()


def test_no_way_of_attributes_leads_out(names, walk):
    walk_along, _ = walk
    assert len(walk_along(_all_there(names))) > 800, "the walk has become short: are the samples still reached?"


def test_no_call_leads_out(names, walk):
    """Call everything with one argument of each kind, and some with two: neither results nor what methods of the
    harness are told by library code lead out. (`Counter.copy(int)` once gave the real `type`.)
    """
    walk_along, check = walk
    choose, samples, told = random.Random(0), names["samples"], names["told"]
    arguments = [(), *((sample,) for sample in samples), *(tuple(choose.choices(samples, k=2)) for _ in range(20))]
    for path, call in walk_along(_all_there(names)):
        if not callable(call) or path.rpartition(".")[2] in ENDLESS:
            continue
        for given in arguments:
            result = _called(call, given)
            if isinstance(result, types.CoroutineType):
                result.close()
            for value in (result, *told, *(result if type(result) in (tuple, list) else ())):
                check(f"{path}{tuple(type(value).__name__ for value in given)}", value)
            told.clear()


def _called(call, given):
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        return call(*given)
    except Exception as error:  # noqa: BLE001 - errors carry objects too
        return error
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


@pytest.fixture(autouse=True)
def _calls_end():
    """Some calls would never return; they are given up."""

    def give_up(*_):
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, give_up)
    yield
    signal.signal(signal.SIGALRM, before)
