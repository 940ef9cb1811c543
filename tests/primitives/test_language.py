"""The language as a whole: nothing in a source is passed over, and names mean what they mean to Python."""

from __future__ import annotations

import ast
import gc
import symtable
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from trying import examples

from weft.primitives.language.attributes import attributes_in
from weft.primitives.language.builtin import BUILTINS, HABIT_BUILTINS, HIDDEN_BUILTINS
from weft.primitives.language.modules import EXPORTS, MODULES, PRIMITIVES
from weft.primitives.language.parsing import parse
from weft.primitives.language.refusals import _Reading, refusals
from weft.primitives.language.scopes import Scopes
from weft.primitives.language.source import SourceRefused, SourceTooLarge, read
from weft.primitives.language.syntax import NODES
from weft.primitives.language.vocabulary import TYPES, VOCABULARY
from weft.primitives.limits import MAX_NESTING, MAX_SOURCE_BYTES

EVERYTHING = """
import math, collections.abc as c
from json import dumps as d, loads
x: int = 1
y = z = [a for a in range(3) if a] + [*()] + [{a: b, **{}} for a, (b, *_) in ()] + [{a for a in ()}]
@staticmethod
def f(a, /, b=1, *c, d=2, **e):
    global x
    def g():
        nonlocal b
        yield
        yield from ()
    return lambda q, *r: (q, b, not -q if q else +q, q[1:2:3], f"{q!r:>{b}}", 1 < q <= 2 and q or q @ q)
class A(list, total=1):
    x: int
    def m(self): return super().m(1, *self, k=2, **self.x)
async def main(args):
    with f as h, f: pass
    for i, j in (): continue
    else: pass
    while (w := 1): break
    try: raise ValueError from None
    except (KeyError, ValueError) as error: assert error, 1
    else: pass
    finally: del x.y, y[1]
    match args:
        case A(1, x=2) | {"k": 1, **rest} | [1, *more] | None | math.pi | (3 as n) if n: x += 1
    return await f(*(i async for i in ()))
"""


def test_every_node_is_looked_at() -> None:
    """What stands in a field that the reading forgets would run unchecked."""
    tree = read(EVERYTHING)
    seen: set[ast.AST] = set()

    class Spying(_Reading):
        def visit(self, node: ast.AST) -> None:
            seen.add(node)
            super().visit(node)

    Spying(tree, Scopes(tree)).visit(tree)
    passed_over = [node for node in ast.walk(tree) if node not in seen]
    known = (ast.alias, ast.expr_context, ast.operator, ast.boolop, ast.unaryop, ast.cmpop)
    fields = {node.annotation for node in ast.walk(tree) if isinstance(node, ast.AnnAssign)}
    calls = {node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == "super"}
    comprehensions = {node.generators[0] for node in ast.walk(tree) if isinstance(node, ast.GeneratorExp)}
    forgotten = [
        ast.dump(node)
        for node in passed_over
        if not isinstance(node, known)
        and node not in fields | calls | comprehensions
        and not (isinstance(node, ast.Call) and node.func in calls)
    ]
    assert forgotten == []


def test_the_kinds_of_nodes_are_those_of_python() -> None:
    assert {name for name in NODES if not hasattr(ast, name)} == set()


@pytest.mark.parametrize(
    ("template", "attributes"),
    [
        ("{} {{0.a}}", []),
        ("{0.a.b} {x[1].c!r:>{w.d}}", ["a", "b", "c", "d"]),
        ("{0[a.b]} {[_x]}", []),
        ("{0[a].b[c.d].e}", ["b", "e"]),
        ("{0.a", []),
        ("{0.}", [""]),
    ],
)
def test_the_attributes_that_a_template_reads(template: str, attributes: list[str]) -> None:
    assert attributes_in(template) == attributes


def test_the_tables_do_not_contradict_each_other() -> None:
    assert not (BUILTINS | HABIT_BUILTINS) & HIDDEN_BUILTINS
    assert EXPORTS[PRIMITIVES] == {*VOCABULARY, *TYPES}
    for module in MODULES:
        assert not [name for name in EXPORTS[module] if name.startswith("_")]


@pytest.mark.parametrize(
    ("source", "line", "words"),
    [
        ("x = 1\n" + "é" * MAX_SOURCE_BYTES, None, "at most"),
        ("x = 1\ny = '\ud800'", 2, "lone surrogate"),
        ("x = 1\n\ny = '\0'", 3, "NUL"),
        ("x = 1\ny = " + "-" * (MAX_NESTING + 1) + "1", 2, "nested too deeply"),
    ],
)
def test_what_cannot_be_read(source: str, line: int | None, words: str) -> None:
    with pytest.raises(SourceRefused, match=words) as caught:
        read(source)
    assert caught.value.line == line
    assert isinstance(caught.value, SourceTooLarge) == (line is None)


def test_what_only_editors_read_is_left_out() -> None:
    source = """
from __future__ import annotations
from weft.primitives import *
if TYPE_CHECKING:
    import os
elif __name__ == "__main__":
    import sys
x: eval("1") = 2
def f(a: __import__("os"), *b: open) -> exec: y: vars
class A:
    z: dir(1) = 3
"""
    tree = read(source)
    assert refusals(tree, Scopes(tree)) == []
    assert {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} == {"x", "y", "z"}


# ---------------------------------------------------------------------------------------------- scopes

NAMES = st.sampled_from(["a", "b", "c"])
PIECES = [
    "{0} = {1}", "{0}: int = {1}", "{0} += {1}", "del {0}", "import {0}", "from m import {0} as {1}",
    "for {0} in {1}: {2}", "with {1} as {0}: {2}", "try: {1}\nexcept {2} as {0}: pass", "[{0} for {1} in {2}]",
    "[({0} := {1}) for {2} in {0}]", "lambda {0}, *{1}: {2}", "match {0}:\n    case [{1}, *{2}]: pass",
    "match {0}:\n    case {{'k': {1}, **{2}}}: pass", "{{{0}: {1} for {0} in {2} if {1}}}", "f'{{{0}}}'",
    "({0} for {0} in {1} for {2} in {0})", "{0}.{1} = {2}", "def {0}({1}={2}): return {0}, {2}",
    "class {0}({1}): {2} = {1}",
]  # fmt: skip


@st.composite
def nests(draw: st.DrawFn, depth: int = 0) -> str:
    """Return statements with functions and classes in them, each of which may declare names global or nonlocal."""
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 3))):
        one, two, three = draw(NAMES), draw(NAMES), draw(NAMES)
        kind = draw(st.integers(0, 5))
        if kind > 1 or depth == 3:
            lines.append(draw(st.sampled_from(PIECES)).format(one, two, three))
            continue
        declared = draw(st.sampled_from(["", f"global {one}\n", f"nonlocal {one}\n"])) if kind == 0 else ""
        head = f"def {two}({three}):" if kind == 0 else f"class {two}:"
        body = declared + draw(nests(depth=depth + 1))
        lines.append(head + "\n" + "\n".join("    " + line for line in body.split("\n")))
    return "\n".join(lines)


def free_by_python(source: str) -> set[str]:
    """Return the names that are read and that only the built-ins could have, as Python's own compiler sees it."""
    top = symtable.symtable(source, "harness.py", "exec")
    tables = [top]
    bound, read_names = set(), set()
    while tables:
        table = tables.pop()
        tables += table.get_children()
        for symbol in table.get_symbols():
            of_module = symbol.is_global() or table is top
            if of_module and (symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()):
                bound.add(symbol.get_name())
            if of_module and symbol.is_referenced():
                read_names.add(symbol.get_name())
    return read_names - bound


@given(nests())
@settings(max_examples=examples(100, of=500))
def test_names_are_free_exactly_when_python_says_so(source: str) -> None:
    try:
        tree = read(source)
        expected = free_by_python(ast.unparse(tree))
    except SyntaxError:  # such as a name that is a parameter and global
        return
    assert {name.id for name, _ in Scopes(tree).free} - {"int"} == expected - {"int"}


def test_threads_that_parse_at_once_do_not_disturb_one_another():
    source = "x = [" + "(1, [2, {3: (4, 5)}]), " * 60 + "]"

    def hand_over(*_):  # as a finalizer does that waits for something
        time.sleep(0)

    usual = gc.get_threshold()
    gc.callbacks.append(hand_over)
    gc.set_threshold(5, 1, 1)
    try:
        with ThreadPoolExecutor(4) as threads:
            trees = list(threads.map(parse, [source] * 80))
    finally:
        gc.set_threshold(*usual)
        gc.callbacks.remove(hand_over)
    assert {ast.dump(tree) for tree in trees} == {ast.dump(ast.parse(source))}
