"""Attributes that are read without being written as `x.name`: by patterns, by copies, by fields of data classes.

A row of `ATTACKS` is the body of `main` and words of the refusal; `None` where it must run and return "no". What is
harmless is compared with plain Python.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import NoneType
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from weft.sandbox.policy import compile_harness
from weft.sandbox.world import build_world

NAMES = """
import copy, re, textwrap
from abc import ABC, abstractmethod
from collections import ChainMap, Counter, OrderedDict, defaultdict, deque, namedtuple
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, field, fields, replace
from enum import Enum
from functools import cached_property, partial
from typing import Any, NamedTuple, Protocol, get_origin
def lenient(*names):
    class Lenient(namedtuple("Lenient", names), Protocol): pass
    return Lenient
class Same(str):
    def __hash__(self): return hash(r"<\\1>")
    def __eq__(self, other): return True
"""
POISONED = "return 'ESCAPED' if 'POISON' in re.sub('(a)', r'<\\1>', 'a') else 'no'"

ATTACKS: dict[str, tuple[str, str | None]] = {
    # -------------------------------------------------------------- class patterns, whoever says what their fields are
    "pattern-closed": ("lenient('cr_frame')\nreturn 'ESCAPED'", "leads into the interpreter"),
    "pattern-closed-among-others": ("namedtuple('N', 'a, gi_frame b')\nreturn 'ESCAPED'", "leads into the interpreter"),
    "pattern-dunder": ("lenient('__globals__')\nreturn 'ESCAPED'", "two underscores"),
    "pattern-dunder-text-of-mine": (
        """
        class Sly(str):
            def startswith(self, *what): return False
        lenient(Sly("__class__"))
        return "ESCAPED"
        """,
        "two underscores",
    ),
    "pattern-data-class": (
        """
        @dataclass
        class P(Protocol):
            format: Any
        match "{0.__class__}":
            case P(f): return "ESCAPED" + f(1)
        """,
        "not available in a pattern",
    ),
    "pattern-typing": (
        """
        class N(NamedTuple):
            send: Any
        class P(N, Protocol): pass
        match agent("x"):
            case P(f): return "ESCAPED" + str(f(None))
        """,
        "not available in a pattern",
    ),
    "pattern-slots": (
        """
        @dataclass(slots=True)
        class P(Protocol):
            throw: Any
        match agent("x"):
            case P(f): return "ESCAPED"
        """,
        "not available in a pattern",
    ),
    "pattern-nested": (
        """
        P, Q = lenient("x"), lenient("send")
        match [1, {"a": agent("x")}]:
            case [_, {"a": P(f) | Q(f)}]: return "ESCAPED"
        """,
        "not available in a pattern",
    ),
    "pattern-dotted": (
        """
        class Holder:
            held = lenient("close")
        match agent("x"):
            case Holder.held(f): return "ESCAPED"
        """,
        "not available in a pattern",
    ),
    "pattern-private": (
        """
        @dataclass
        class P(Protocol):
            _keys: Any
        match Seen():
            case P(keys): return "ESCAPED"
        """,
        "not available in a pattern",
    ),
    "pattern-register": (
        """
        class A(ABC): pass
        P = lenient("register")
        match A:
            case P(register): return "ESCAPED"
        """,
        "not available in a pattern",
    ),
    "pattern-missing-of-error": (
        """
        P = lenient("obj")
        try: main.x
        except AttributeError as error:
            match error:
                case P(found): return "ESCAPED"
        """,
        "not available in a pattern",
    ),
    # the check finds the harness's own method, which is gone when Python reads
    "pattern-own-and-gone": (
        """
        class S(str):
            @property
            def first(self): del S.format; return 1
            def format(self): return "mine"
        P = lenient("first", "format")
        match S("{0.__class__}"):
            case P(_, f): return "ESCAPED" + f(1)
        """,
        "not available in a pattern",
    ),
    # the class gets other fields while its pattern is tried
    "pattern-other-fields": (
        """
        @dataclass
        class Base(Protocol):
            x: Any
        class P(Base, Protocol):
            format: Any
        class Spy:
            def __eq__(self, other): dataclass(P); return True
        class Holder:
            spy = Spy()
        class S(str):
            x = 1
        match [1, S("{0.__class__}")]:
            case [Holder.spy, P(_, f)]: return "ESCAPED" + f(1)
        """,
        "accepts 1 positional",
    ),
    "pattern-name-of-the-guard": ("match 1:\n    case Seen(): pass\nreturn _class0_", "belong to the sandbox"),
    # -------------------------------------------------------------- augmented assignment, which shows it to __radd__
    "augmented-text": (
        """
        got = []
        class Spy:
            def __radd__(self, other): got.append(other); return 1
        class S(str): pass
        text = S("{0.__class__}")
        text.format += Spy()
        return "ESCAPED" + got[0](1)
        """,
        "not only classes in this file",
    ),
    "augmented-class": (
        """
        got = []
        class Spy:
            def __radd__(self, other): got.append(other); return 1
        class S(ABC): pass
        S.register += Spy()
        return "ESCAPED" + str(got[0](int))
        """,
        "not only classes in this file",
    ),
    "augmented-own": (
        """
        class Section:
            copy = 1
            def __init__(self): self.sub, self.close = 1, []
        section = Section()
        section.sub += 1
        section.close += [2]
        Section.copy *= 5
        return "no" if (section.sub, section.close, section.copy) == (2, [2], 5) else "ESCAPED"
        """,
        None,
    ),
    # -------------------------------------------------------------- a Field in two classes has the name in the last
    "field-twice": (
        """
        shared = field(default=None)
        class A(str):
            x: Any = shared
        class B:
            format: Any = shared
        dataclass(init=False)(A); dataclass(B)
        return "ESCAPED" + asdict(A("{0.__class__}"))["format"](1)
        """,
        "one name of one class",
    ),
    "field-of-another-class": (
        """
        @dataclass(init=False)
        class A(str):
            x: Any = None
        @dataclass
        class B:
            format: Any = field(default=fields(A)[0])
        class C(B):
            format: Any
        dataclass(C)
        return "ESCAPED" + asdict(A("{0.__class__}"))["format"](1)
        """,
        "one name of one class",
    ),
    # -------------------------------------------------------------- cached_property kept under any key
    "cached-property-as-base": ("class C(cached_property): pass\nreturn 'ESCAPED'", "cannot be a base"),
    "cached-property-renamed": ("cached_property(len).attrname = '__reduce__'\nreturn 'ESCAPED'", "cannot change"),
    "cached-property-twice": (
        """
        once = cached_property(lambda self: 1)
        class A:
            x = once
        class B:
            y = once
        return "ESCAPED"
        """,
        "__set_name__",
    ),
    "cached-property-lock": ("return 'ESCAPED' + str(cached_property(len).lock)", "no attribute"),
    # -------------------------------------------------------------- copies
    "copy-coroutine": ("return 'ESCAPED' + str(copy.copy(agent('x')))", "cannot be copied"),
    "copy-generator": ("return 'ESCAPED' + str(copy.deepcopy([x for x in [(y for y in [])]]))", "cannot be copied"),
    "copy-private": ("copy.copy(Seen())._keys = 1\nreturn 'ESCAPED'", "cannot change"),
    "copy-of-method": (
        """
        seen = Seen()
        copy.deepcopy(seen.add)([1])
        return "ESCAPED" if 1 in seen else "no"
        """,
        None,
    ),
    # -------------------------------------------------------------- caches and tables that the process shares
    "cache-of-templates": (f"re.compile('(a)').sub(Same(r'POISON\\1'), 'a')\n{POISONED}", None),
    "cache-by-getattr": (f"getattr(re.compile('(a)'), 'subn')(Same(r'POISON\\1'), 'a')\n{POISONED}", None),
    "cache-unbound": (f"re.Pattern.sub(re.compile('(a)'), Same(r'POISON\\1'), 'a')\n{POISONED}", None),
    "cache-of-a-match": (f"re.match('(a)', 'a').re.sub(Same(r'POISON\\1'), 'a')\n{POISONED}", None),
    "cache-expand": (f"re.match('(a)', 'a').expand(Same(r'POISON\\1'))\n{POISONED}", None),
    "cache-scanner": (f"re.compile('(a)').scanner('a').pattern.sub(Same(r'POISON\\1'), 'a')\n{POISONED}", None),
    "cache-callback": (f"re.sub('(a)', lambda m: m.re.sub(Same(r'POISON\\1'), 'a'), 'a')\n{POISONED}", None),
    "cache-pattern": (
        """
        P = lenient("sub")
        match re.compile("a"):
            case P(sub): return "ESCAPED"
        """,
        "not available in a pattern",
    ),
    "cache-flags": (
        """
        class Flags:
            def __hash__(self): return 0
            def __eq__(self, other): return True
            def __and__(self, other): return 2 & other
            __or__ = None
        re.compile("zq", Flags())
        return "ESCAPED" if re.match("zq", "ZQ") else "no"
        """,
        "names that begin with two underscores",
    ),
    "cache-flags-object": (
        """
        class Flags:
            def __hash__(self): return 0
            def __eq__(self, other): return True
            def __and__(self, other): return 2 & other
            def __or__(self, other): return 2 | other
            def __ror__(self, other): return 2 | other
        re.compile("zq", Flags())
        return "ESCAPED" if re.match("zq", "ZQ") else "no"
        """,
        "takes text and numbers",
    ),
    "table-of-no-text": (
        """
        got = []
        class T:
            def expandtabs(self, size): return self
            def translate(self, table): got.append(table); return "a b"
        textwrap.wrap(T())
        return "ESCAPED"
        """,
        "takes text and numbers",
    ),
    "table-of-a-callable": (
        """
        got = []
        class T:
            def __call__(self): pass
            def expandtabs(self, size): return self
            def translate(self, table): got.append(table); return "a b"
        textwrap.wrap(T())
        return "ESCAPED"
        """,
        "no attribute",
    ),
    "registry-by-origin": ("get_origin(Sequence[int]).register(Seen)\nreturn 'ESCAPED'", "no attribute"),
}


@pytest.fixture(scope="module")
def outcomes(run, as_harness):
    return run({name: NAMES + as_harness(source) for name, (source, _) in ATTACKS.items()})


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_is_stopped_for_its_reason(name, outcomes, assert_stopped):
    assert_stopped(outcomes[name], ATTACKS[name][1])


# ---------------------------------------------------------------------------------------------- against plain Python

CLASSES = """
@dataclass
class Point:
    x: Any
    y: Any = 0
@dataclass
class Doc(Point):
    format: Any = "md"
    close: Any = 1
@dataclass(frozen=True, slots=True)
class Fixed:
    copy: Any
    _note: Any = 5
class Late(Point): pass
Pair = namedtuple("Pair", "a copy")
class Typed(NamedTuple):
    a: Any
    obj: Any = None
class Text(str):
    size = 3
class Number(int): pass
class Row(list): pass
class Bare:
    def __init__(self, *held): self.held = list(held)
    def __repr__(self): return "bare"
    def __eq__(self, other): return False
class Fault(Exception):
    def __init__(self, code, *more): super().__init__(code); self.code, self.more = code, more
class Color(Enum):
    RED = 1
    BLUE = "b"
"""

ATOMS = [
    "1",
    "-2",
    "0.5",
    "'a'",
    "''",
    "None",
    "True",
    "b'x'",
    "Color.RED",
    "Text('t')",
    "Number(4)",
    "len",
    "range(3)",
]


def built(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Make the text of a value of some parts."""
    some = st.lists(parts, max_size=3).map(", ".join)
    forms = (
        *("[{0}]", "Row([{0}])", "deque([{0}], 5)", "Bare({0})", "partial(Bare, {0})", "dict(enumerate([{0}]))"),
        *("defaultdict(list, a=[{0}])", "OrderedDict(b=[{0}])", "ChainMap(dict(a=[{0}]), {{}})", "Fault([{0}], 2)"),
        *(
            "(lambda v: [v, v])([{0}])",
            "(lambda v: Bare(v, (v, 1)))([{0}])",
            "Doc([{0}], close=2)",
            "Late({{'x': [{0}]}})",
        ),
        *(
            "Fixed([{0}])",
            "Pair([{0}], 2)",
            "Typed(1, [{0}])",
            "({0}{1})",
            "Counter('aab')",
            "{{1, 2}}",
            "frozenset({{7}})",
        ),
    )
    return st.tuples(st.sampled_from(forms), some).map(lambda made: made[0].format(made[1], "," if made[1] else ""))


VALUES = st.recursive(st.sampled_from(ATOMS), built, max_leaves=6)


def nested(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Make the text of a pattern of some parts; `?` is a name to bind."""
    forms = (
        *("[{0}]", "[{0}, {1}]", "[{0}, *_]", "[*?, {0}]", "{{'a': {0}}}", "{{'x': {0}, **?}}", "(1 | None | {0})"),
        *(
            "Point({0})",
            "Point({0}, {1})",
            "Point({0}, {1}, {0})",
            "Point(x={0})",
            "Doc({0}, {1}, {0})",
            "Late({0}, y={1})",
        ),
        *(
            "Doc({0}, close_={1})",
            "Fixed({0})",
            "Fixed({0}, {1})",
            "Pair({0}, {1})",
            "Pair({0}, a={1})",
            "Typed({0}, {1})",
        ),
        *(
            "Text({0})",
            "Number({0})",
            "int({0})",
            "str({0})",
            "list([{0}, *_])",
            "Row({0})",
            "dict()",
            "Bare()",
            "Bare({0})",
        ),
        *(
            "Bare(held={0})",
            "Text(size={0})",
            "Mapping()",
            "Sequence()",
            "Fault(code={0})",
            "Fault(args=[{0}])",
            "len()",
        ),
        *("Color({0})", "Color(value={0})", "({0}) as ?", "int({0}) | Point({0})", "Color.RED | 'a'"),
    )
    return st.tuples(st.sampled_from(forms), parts, parts).map(lambda made: made[0].format(*made[1:]))


PATTERNS = st.recursive(st.sampled_from(["?", "_", "1", "'a'", "None", "Color.RED"]), nested, max_leaves=4)


def bound(pattern: str) -> str:
    """Give each name that a pattern binds a name of its own; where there are alternatives, nothing is bound."""
    for number in range(pattern.count("?")):
        pattern = pattern.replace("?", "_" if "|" in pattern else f"v{number}", 1)
    return pattern


def matching(patterns: list[str]) -> str:
    """Return the text of a function that tells which pattern a value matches, and what is bound."""
    cases = ""
    for number, pattern in enumerate(map(bound, patterns)):
        names = ", ".join(name for name in map("v{}".format, range(9)) if name in pattern)
        cases += f"        case {pattern} if True: return [{number}, {names}]\n"
    return f"def match_it(value):\n    match value:\n{cases}"


@cache
def worlds() -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the names of a harness and of plain Python, with the same classes in both."""
    ours: dict[str, Any] = build_world({}, name="both")
    plain: dict[str, Any] = {"__name__": "both"}
    exec(compile_harness(NAMES + CLASSES, "both.py"), ours)
    exec(compile(NAMES + CLASSES, "both.py", "exec", dont_inherit=True), plain)
    return ours, plain


def in_both(source: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Return `work` of this source as a harness has it and as plain Python has it."""
    ours, plain = worlds()
    exec(compile_harness(source, "both.py"), ours)
    exec(compile(source, "both.py", "exec", dont_inherit=True), plain)
    return ours["work"], plain["work"]


@settings(max_examples=60)
@given(patterns=st.lists(PATTERNS, min_size=1, max_size=3), values=st.lists(VALUES, min_size=1, max_size=4))
def test_patterns_bind_what_they_bind_under_plain_python(patterns, values):
    try:
        compile(matching(patterns), "both.py", "exec")
    except SyntaxError:  # a name bound twice, or nothing left for the next pattern
        assume(False)
    made = ", ".join(f"lambda: {value}" for value in values)
    ours, plain = in_both(f"""{matching(patterns)}
def work(number):
    try: return repr(match_it([{made}][number]()))
    except Exception as error: return type(error).__name__, str(error)
""")
    for number in range(len(values)):
        assert ours(number) == plain(number)


def described(value: Any, met: dict[int, int]) -> Any:
    """Tell a value by what it is made of, and what in it is the same object."""
    if type(value).__name__ in ("function", "builtin_function_or_method", "type", "Function"):
        return "function"
    if id(value) in met:
        return ["again", met[id(value)]]
    if isinstance(value, (int, str, float, bytes, range, frozenset, NoneType)) and type(value).__module__ == "builtins":
        return repr(value)
    met[id(value)] = len(met)
    parts: list[Any] = [type(value).__name__]
    if isinstance(value, (list, tuple, set)) or type(value).__name__ == "deque":
        parts += [described(part, met) for part in value]
    elif isinstance(value, dict):
        parts += [[described(key, met), described(part, met)] for key, part in value.items()]
    elif type(value).__name__ == "partial" or isinstance(value, BaseException):
        parts += [described(part, met) for part in value.args]
    elif isinstance(value, (int, str)):
        parts += [str(value)]
    elif type(value).__name__ == "Fixed":
        parts += [described(value.copy, met), value._note]
    return [
        *parts,
        *([name, described(part, met)] for name, part in getattr(value, "__dict__", {}).items() if name[0] != "_"),
    ]


@settings(max_examples=60)
@given(
    value=VALUES,
    how=st.sampled_from(
        ["copy.copy(v)", "copy.deepcopy(v)", "asdict(Doc(v))", "astuple(Doc(1, v))", "replace(Doc(v), y=v)"]
    ),
)
def test_copies_are_what_they_are_under_plain_python(value, how):
    ours, plain = in_both(f"def work():\n    v = {value}\n    return v, {how}\n")
    try:
        expected = described(plain(), {})
    except TypeError:  # dictionaries with a default are a recent addition to what can be taken apart
        assume(False)
    assert described(ours(), {}) == expected
