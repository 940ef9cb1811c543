"""Nothing that a harness can compute depends on where in memory an object lies: every process says the same."""

from __future__ import annotations

import json

from child import execute

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


def computed(expressions: list[str]) -> dict[str, str]:
    last, _ = execute(SOURCE.replace("EXPRESSIONS", ",\n".join(expressions)))
    assert isinstance(last, Finished), last
    return {expression: json.dumps(value) for expression, value in zip(expressions, last.value, strict=True)}


def test_no_text_shows_an_address() -> None:
    assert {expression: text for expression, text in computed(TEXTS).items() if "0x" in text} == {}


def test_sets_have_the_same_order_in_every_process() -> None:
    first = computed(ORDERS)
    for _ in range(3):
        assert computed(ORDERS) == first
