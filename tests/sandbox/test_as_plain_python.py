"""Patterns and copies, which the sandbox reads attributes for itself, give what they give under plain Python."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import NoneType
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from weft.sandbox.policy import compile_harness
from weft.sandbox.world import build_world

CLASSES = """
import copy
from collections import ChainMap, Counter, OrderedDict, defaultdict, deque, namedtuple
from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, replace
from enum import Enum
from functools import partial
from typing import Any, NamedTuple
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
    ours: dict[str, Any] = build_world({})
    plain: dict[str, Any] = {"__name__": "harness"}
    exec(compile_harness(CLASSES, "both.py"), ours)
    exec(compile(CLASSES, "both.py", "exec", dont_inherit=True), plain)
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
