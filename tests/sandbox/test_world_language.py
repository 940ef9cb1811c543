"""Ordinary Python works: each program gives in a world what it gives under plain Python."""

from __future__ import annotations

import json

import pytest

from weft.primitives import calls

PROGRAMS = {
    "data-classes": """
        from dataclasses import KW_ONLY, InitVar, asdict, astuple, dataclass, field, fields, is_dataclass, replace
        from typing import ClassVar, Optional
        @dataclass(order=True)
        class P:
            x: int
            tags: list[str] = field(default_factory=list)
            count: ClassVar[int] = 7
            parent: Optional["P"] = None
            _note: str = "private"
        @dataclass(frozen=True, slots=True)
        class Q:
            a: int = 1
            _b: int = 2
            def total(self): return self.a + self._b
        @dataclass
        class R:
            a: int
            scale: InitVar[int] = 2
            _: KW_ONLY
            b: int = 0
            def __post_init__(self, scale): self.a *= scale
        @dataclass
        class Section:
            format: str
            close: float
            send: int = 0
        class Child(P):
            pass
        p, q, r = P(1), Q(), R(2, b=5)
        try:
            q.a = 5
        except Exception as e:
            frozen = type(e).__name__
        match Section("md", 1.5):
            case Section(f, c): pattern = [f, c]
        return [
            asdict(p), astuple(replace(p, x=3)), P.count, P(1) < P(2), q.total(), frozen, r.a, r.b, len({q, Q()}),
            [f.name for f in fields(P)], is_dataclass(p), pattern, Section("a", 1).format, Child(2).x,
            hash(q) == hash(Q()),
        ]
        """,
    "enumerations": """
        from enum import Enum, Flag, IntEnum, StrEnum, auto, unique
        @unique
        class Color(Enum):
            RED = 1
            GREEN = auto()
            def pretty(self): return self.name.lower()
        class Planet(Enum):
            EARTH = (5.9, 6.3)
            def __init__(self, mass, radius):
                self.mass = mass
                self._radius = radius
            @property
            def ratio(self): return round(self.mass / self._radius, 2)
        class S(StrEnum):
            A = auto()
        class L(str, Enum):
            LOW = "low"
        class N(IntEnum):
            ONE = 1
        class F(Flag):
            R = auto()
            W = auto()
        return [
            Color(1).name, Color["GREEN"].value, [c.pretty() for c in Color], Planet.EARTH.ratio, S.A,
            L("low") is L.LOW,
            L.LOW == "low", N.ONE + 1, (F.R | F.W).value, F.R in (F.R | F.W), repr(Color.RED), str(Color.RED),
            len(Color),
            isinstance(Color.RED, Color), type(Color.RED) is Color, L.LOW.value.upper(), f"{S.A}",
            {Color.RED: 1}[Color(1)],
        ]
        """,
    "named-tuples": """
        from collections import namedtuple
        from typing import NamedTuple
        P = namedtuple("P", "x y", defaults=[2])
        class Q(NamedTuple):
            a: int
            b: str = "z"
            def both(self): return f"{self.a}{self.b}"
        p, q = P(1), Q(3)
        match q:
            case Q(a, b): pattern = (a, b)
        return [p._asdict(), p._replace(x=5), P._fields, P._make([7, 8]), q.both(), pattern, type(p) is P, repr(p),
            repr(q)]
        """,
    "types-and-hints": """
        from abc import ABC, abstractmethod
        from collections.abc import Iterator, Mapping, Sequence
        from typing import Any, Callable, Generic, Literal, NewType, Protocol, TypedDict, TypeVar
        from typing import cast, final, get_args, runtime_checkable
        T = TypeVar("T")
        Level = Literal["low", "high"]
        UserId = NewType("UserId", int)
        Handler = dict[str, Callable[[int], int] | None]
        class Item(TypedDict, total=False):
            name: str
            score: int
        class Stack(Generic[T]):
            def __init__(self) -> None: self._items: list[T] = []
            def push(self, x: T) -> None: self._items.append(x)
            def __len__(self) -> int: return len(self._items)
        class Shape(ABC):
            @property
            @abstractmethod
            def area(self) -> float: ...
        @final
        class Square(Shape):
            def __init__(self, side): self._side = side
            @property
            def area(self): return self._side ** 2
        @runtime_checkable
        class Runs(Protocol):
            def run(self) -> int: ...
        class Job(Protocol, Generic[T]):
            def do(self) -> T: ...
        class Runner:
            def run(self): return 1
        class Ring(Sequence):
            def __init__(self, xs): self._xs = list(xs)
            def __getitem__(self, i): return self._xs[i]
            def __len__(self): return len(self._xs)
        class Table(dict[str, int]):
            def __missing__(self, key): return 0
        s = Stack[int]()
        s.push(1)
        try:
            Shape()
        except TypeError:
            abstract = True
        x: Any = 5
        y: list[int] = []
        return [
            len(s), Square(3).area, abstract, isinstance([], Sequence), isinstance({}, Mapping), list(Ring([1, 2])),
            2 in Ring([1, 2]), UserId(5), list(get_args(Level)), cast(str, x), isinstance(len, Callable),
            Item(name="b"),
            isinstance(Runner(), Runs), isinstance(1, Runs),
            isinstance(iter([]), Iterator), Ring([1, 2, 3]).index(3), Table(a=1)["zz"], y,
        ]
        """,
    "classes": """
        import functools
        class Base:
            _count = 0
            def __init__(self, name, **options):
                super().__init__()
                self.name = name
                self._secret = options.get("secret", 0)
                Base._count += 1
            @classmethod
            def make(cls, name):
                cls._count += 1
                return cls(name)
            def __repr__(self): return f"{type(self).__name__}({self.name!r})"
            def __eq__(self, other): return isinstance(other, Base) and self.name == other.name
            def __hash__(self): return hash(self.name)
            def _helper(self): return "base"
            def __enter__(self): return self
            def __exit__(self, kind, error, traceback): return kind is ValueError
        class Child(Base):
            def _helper(self): return "child+" + super()._helper()
            def __call__(self, x): return x + 1
            @functools.cached_property
            def slow(self): return self.name * 2
            @property
            def secret(self): return self._secret
            @secret.setter
            def secret(self, value): self._secret = value
        @functools.total_ordering
        class Version:
            def __init__(self, n): self.n = n
            def __lt__(self, other): return self.n < other.n
            def __eq__(self, other): return self.n == other.n
        class Tag(str):
            def shout(self): return self.upper() + "!"
        class Mixin:
            def hello(self): return "hello"
        class Both(Mixin, Tag): pass
        class Log(list):
            def peek(self): return self[-1]
        c = Child.make("n")
        c.secret = 5
        c.secret += 1
        with c: raise ValueError("quiet")
        del c.name
        c.name = "m"
        setattr(c, "extra", 1)
        return [
            repr(c), c(1), c._helper(), c.slow, c.secret, Base._count, c.extra, getattr(c, "nope", 9), hasattr(c,
            "extra"),
            len({Child("a"), Child("a")}), str([c]), f"{c!r:>12}", isinstance(c, Base), issubclass(Child, Base),
            type(c) is Child, callable(c), hasattr([], "__iter__"), Version(1) >= Version(0), Tag("a").shout(),
            Both("b").hello(), "{}-{:>3}".format(Tag("x"), 1), Log([1]).peek(), repr(Log([2])),
        ]
        """,
    "functions": """
        import functools
        def repeat(times):
            def decorate(f):
                @functools.wraps(f)
                def wrapper(*args, **kwargs): return [f(*args, **kwargs) for _ in range(times)]
                wrapper.times = times
                wrapper._private = 1
                return wrapper
            return decorate
        @repeat(2)
        def greet(name, /, greeting="hi", *, end="!"):
            "Say it."
            return f"{greeting} {name}{end}"
        @functools.lru_cache
        def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
        total = 0
        def count(n=1):
            nonlocal total
            total += n
            return total
        count(); count(2)
        return [
            greet("a"), greet("b", end="?"), greet.__name__, greet.__doc__, greet.times, greet._private, fib(30),
            fib.cache_info().hits, total, functools.reduce(lambda a, b: a + b, [1, 2]), functools.partial(max, 3)(2),
        ]
        """,
    "generators": """
        def talk():
            got = yield 1
            try:
                yield got
            finally:
                closed.append(True)
        def outer():
            result = yield from [1, 2]
            return result
        closed = []
        it = talk()
        first, second = next(it), it.send(5)
        it.close()
        squares = {x: x * x for x in range(3) if x}
        nested = [(a, b) for a in range(2) for b in range(a, 2)]
        return [first, second, closed, list(outer()), squares, nested, [y := 1, y], sum(x for x in range(4)),
            [*outer()]]
        """,
    "patterns": """
        class Point:
            def __init__(self, x, y): self.x, self.y = x, y
        def f(x):
            match x:
                case {"k": [a, *rest], **more}: return [a, rest, more]
                case [1, (2 | 3) as b]: return b
                case Point(x=0, y=y): return ["y", y]
                case str() as s if s.startswith("z"): return s
                case None | True: return "n"
                case -1: return "neg"
                case _: return "other"
        return [f({"k": [1, 2, 3], "z": 1}), f([1, 3]), f("zz"), f(None), f(-1), f(5), f(Point(0, 4))]
        """,
    "errors": """
        class Failure(Exception):
            def __init__(self, what, *, code=1):
                super().__init__(what)
                self.code = code
            def __str__(self): return f"failed {self.code}"
        log = []
        try:
            try: raise Failure("x", code=5)
            except Failure as e: raise ValueError("v") from e
        except (ValueError, TypeError) as e: log += [str(e), list(e.args)]
        else: log.append("never")
        finally: log.append("finally")
        try: {}["k"]
        except LookupError as e: log.append(repr(e))
        try: assert 0, "m"
        except AssertionError as e: log.append(str(e))
        try: [][0]
        except: log.append("bare")
        return log + [str(Failure("q"))]
        """,
    "text": """
        import re, string, textwrap
        class A: x = 3
        a = A()
        return [
            "Hi {name:>5} {0[k]} {1.x} {{}}".format({"k": 1}, A(), name="n"), "%s %5.2f" % ("a", 1.5),
            f"{a.x=} {'q'!r:>5}",
            f"{1.5:.2f} {'a'!r} {[1]!s} {None} {1 == 1} {'é'!a}", "{:,} {!r}".format(1234567, "x"),
            "{a[b]}".format_map({"a": {"b": 2}}), f"{5!s:>3}{5:>3}{'x':{4}}|", str(b"x", "ascii"), str(5), format(5),
            format(3.14159, ".2f"), repr("q"), ascii("é"), string.Template("$who").substitute(who="me"),
            string.capwords("a b"), textwrap.dedent("  a\\n  b"), textwrap.wrap("aa bb cc", 5),
            re.sub(r"(\\w)(\\w)", r"\\2\\1", "ab"), re.findall("a.", "abac", flags=re.I),
            re.compile("(?P<n>b)").search("ab")["n"],
            [m.start() for m in re.finditer("a", "banana")], "text at 0x1234 stays", str(["at 0x12"]),
        ]
        """,
    "types": """
        return [
            type(1) is int, type("s") == str, isinstance(None, type(None)), type([]).__name__, isinstance(int, type),
            type(type(1)) is type, type(lambda: 0).__name__, isinstance(len, type(len)), type(1.0) in (int, float),
            {int: "i"}[type(3)], type(ValueError("x")).__name__, type(x for x in []) is type(x for x in [1]),
        ]
        """,
    "assignments": """
        _, __, *rest = 1, 2, 3, 4
        _x = 3
        grid = [[0] * 2 for _ in range(2)]
        grid[1][0] += 7
        d = {"a": [1]}
        d["a"] += [2]
        d |= {"b": 1}
        del d["b"], grid[0]
        (a, (b, *c)) = 1, (2, 3, 4)
        class Box: pass
        box = Box()
        box.a, box.b = 1, [2]
        box.b += [3]
        for box.a in range(3): pass
        i: int = 5
        i //= 2
        return [rest, _x, grid, d, a, b, c, box.a, box.b, i]
        """,
    "libraries": """
        import bisect, collections, copy, heapq, itertools, json, math, operator, statistics
        class Node:
            def __init__(self): self.items = [1]
        node = Node()
        other = copy.deepcopy(node)
        other.items.append(2)
        heap, chain = [3, 1, 2], collections.ChainMap({"a": 1}, {"b": 2})
        heapq.heapify(heap)
        return [
            collections.Counter("aab").most_common(1), dict(chain.new_child({"c": 3}).parents.copy()),
            heapq.heappop(heap),
            list(itertools.chain.from_iterable([[1], [2]])), json.loads(json.dumps({"a": [1, None]})),
            math.isclose(0.3, 0.1 + 0.2),
            statistics.mean([1, 2, 3]), bisect.bisect([1, 3], 2), operator.itemgetter("a")({"a": 5}), node.items,
            other.items,
            [list(g) for _, g in itertools.groupby("aab")], collections.deque([1, 2], maxlen=1)[0],
            list(heapq.merge([1], [0])),
        ]
        """,
}


@pytest.fixture(scope="module")
def outcomes(run):
    return run(PROGRAMS)


@pytest.mark.parametrize("name", PROGRAMS)
def test_program_gives_what_it_gives_under_plain_python(name, outcomes, as_harness):
    names: dict[str, object] = {"__name__": "plain"}
    exec(compile(as_harness(PROGRAMS[name]), name, "exec", dont_inherit=True), names)
    with pytest.raises(StopIteration) as returned:
        names["main"]({}).send(None)
    assert outcomes[name]["what"] == json.loads(json.dumps(returned.value.value))


# ---------------------------------------------------------------------------------------------- with primitives

HARNESSES = {
    "gather": (
        """
        import asyncio
        async def boom(): raise ValueError("b")
        both = await asyncio.gather(agent("x"), agent("y"))
        mixed = await asyncio.gather(agent("z"), boom(), return_exceptions=True)
        try:
            await asyncio.gather(boom(), agent("q"))
        except ValueError as e:
            error = str(e)
        return [both, mixed[0], type(mixed[1]).__name__, error]
        """,
        [["reply:x", "reply:y"], "reply:z", "ValueError", "b"],
    ),
    "primitives-as-values": (
        """
        from functools import partial
        class Asker:
            async def __call__(self, q): return await agent(q)
        ask = Asker()
        return [
            await pipeline(["a", "b"], agent, lambda reply, item: reply + item),
            await parallel([partial(agent, "x", label="l"), lambda: agent("y"), ask("z")]),
            [await f("w") for f in (agent, ask)],
        ]
        """,
        [["reply:aa", "reply:bb"], ["reply:x", "reply:y", "reply:z"], ["reply:w", "reply:w"]],
    ),
    "rounds-and-sets": (
        """
        seen = Seen(key=lambda c: c["id"])
        fresh = seen.add([{"id": 1}, {"id": 1}])
        rounds = []
        for r in until_dry(max_rounds=3, patience=1):
            r.found([1] if r.number == 1 else [])
            rounds.append(r.number)
        return [fresh, rounds, len(seen), 1 in seen, top_k([1, 5, 3], 2, by=lambda x: x), isinstance(seen, Seen)]
        """,
        [[{"id": 1}], [1, 2], 1, True, [5, 3], True],
    ),
    "docstring-and-name": (
        '''
        """Find the answer."""
        async def main(args):
            return [__doc__, __name__]
        ''',
        ["Find the answer.", "harness"],
    ),
    "sets-of-objects-keep-their-order": (
        """
        class N:
            def __init__(self, i): self.i = i
        nodes = [N(i) for i in range(50)]
        return [n.i for n in set(nodes)]
        """,
        list(range(50)),
    ),
    "objects-without-addresses": (
        """
        class A:
            def m(self): pass
        def f(): pass
        texts = [str(A()), f"{A()}", repr([A()]), str(f), f"{[f]!r}", "{}".format(f), str(object()), str(A().m),
            f"{(1 for _ in [])}"]
        return [t for t in texts if " at 0x" in t]
        """,
        [],
    ),
}


def test_harnesses_give_what_is_expected(run):
    outcomes = run({name: source for name, (source, _) in HARNESSES.items()})
    expected = {name: ("returned", value) for name, (_, value) in HARNESSES.items()}
    assert {name: (outcome["how"], outcome["what"]) for name, outcome in outcomes.items()} == expected


@pytest.fixture(autouse=True)
def _no_run_is_going_on():
    calls.install(None)
