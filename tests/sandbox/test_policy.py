"""What compiles and what does not: every form that binds, reads or writes a name, and the words of the refusals."""

from __future__ import annotations

import ast
import itertools
import textwrap
import types

import pytest
from RestrictedPython.transformer import RestrictingNodeTransformer

from weft.primitives.language import BUILTINS, MAX_SOURCE_BYTES, METHODS
from weft.primitives.language.builtin import HIDDEN_BUILTINS
from weft.sandbox.errors import PolicyError
from weft.sandbox.policy import compile_harness
from weft.sandbox.transformer import HarnessTransformer
from weft.sandbox.world import build_world


def refusal(source: str) -> str:
    with pytest.raises(PolicyError) as caught:
        compile_harness(textwrap.dedent(source), "harness.py")
    return caught.value.what


# ---------------------------------------------------------------------------------------------- names

RESERVED = ["_read_", "_write_", "_bases_", "_str_", "__builtins__", "__import__", "__file__", "__hidden", "super"]

BINDINGS = [
    "{} = 1",
    "{}: int = 1",
    "{}: int",
    "a, {} = 1, 2",
    "[a, *{}] = 1, 2",
    "{} += 1",
    "({} := 1)",
    "for {} in x: pass",
    "for a, ({}, b) in x: pass",
    "[0 for {} in x]",
    "{{0 for {} in x}}",
    "{{0: 0 for {} in x}}",
    "(0 for {} in x)",
    "[({} := a) for a in x]",
    "with x as {}: pass",
    "with x as (a, {}): pass",
    "try: pass\nexcept ValueError as {}: pass",
    "def {}(): pass",
    "async def {}(): pass",
    "class {}: pass",
    "def f({}): pass",
    "def f({}, /): pass",
    "def f(*, {}): pass",
    "def f(*{}): pass",
    "def f(**{}): pass",
    "async def f({}): pass",
    "async def f(*, {}=1): pass",
    "lambda {}: 0",
    "lambda *{}: 0",
    "lambda *, {}=1: 0",
    "def f():\n  global {}",
    "def f():\n  a = 1\n  def g():\n    nonlocal {}",
    "del {}",
    "import math as {}",
    "from math import pi as {}",
    "match x:\n  case {}: pass",
    "match x:\n  case [a, *{}]: pass",
    "match x:\n  case {{'k': 1, **{}}}: pass",
    "match x:\n  case (1 | 2) as {}: pass",
    "match x:\n  case dict(items={}): pass",
    "f({}=1)",
    "class A(total={}): pass",
    "class A:\n  {} = 1",
    "class A:\n  def {}(self): pass",
    "class A:\n  async def {}(self): pass",
    "class A:\n  import math as {}",
    "class A:\n  for {} in x: pass",
    "@{}\ndef f(): pass",
    "def f(a={}): pass",
    "f'{{{}}}'",
    "f'{{x:{{{}}}}}'",
    "f'{{x!r:{{{}}}}}'",
]


@pytest.mark.parametrize(("form", "name"), [*itertools.product(BINDINGS, RESERVED)])
def test_no_form_binds_or_reads_a_reserved_name(form, name):
    assert f"`{name}`" in refusal(form.format(name))


UNICODE = ["_read＿", "_ｒead_", "__ｂuiltins__", "__𝒷uiltins__", "__buıltins__".replace("ı", "ｉ")]


@pytest.mark.parametrize("name", UNICODE)
def test_names_are_judged_as_python_reads_them(name):
    """Python normalises identifiers (NFKC); a check on the text alone would see another name."""
    assert "is not available" in refusal(f"{name} = 1")


def test_throw_away_and_private_names_are_free():
    compile_harness("_, __ = 1, 2\n_x = 3\ndef _f(_a, *_b, **_c): return _a\n_f(1, _k=2)", "harness.py")


# ---------------------------------------------------------------------------------------------- attributes

CLOSED = [
    *["gi_frame", "gi_code", "gi_yieldfrom", "gi_running", "gi_suspended"],
    *["cr_frame", "cr_code", "cr_await", "cr_origin", "cr_running", "ag_frame", "ag_await", "asend", "aclose"],
    *["tb_frame", "tb_next", "tb_lineno", "f_back", "f_globals", "f_builtins", "f_locals", "f_code", "co_consts"],
    *["mro", "with_traceback", "__class__", "__dict__", "__globals__", "__subclasses__", "__wrapped__", "__self__"],
    *["__init__", "__call__", "__await__", "__private", "_value2member_map_", "_abc_impl", "ｇi_frame", "__ｃlass__"],
]

ACCESSES = [
    "x.{}",
    "x.{}()",
    "x.y.{}.z",
    "x.{} = 1",
    "x.{} += 1",
    "x.{}: int = 1",
    "x.{}: int",
    "del x.{}",
    "for x.{} in y: pass",
    "[0 for x.{} in y]",
    "with y as x.{}: pass",
    "a, *x.{} = y",
    "f'{{x.{}}}'",
    "match y:\n  case object({}=a): pass",
    "match y:\n  case x.{}: pass",
]


@pytest.mark.parametrize(("form", "name"), [*itertools.product(ACCESSES, CLOSED)])
def test_no_form_reaches_a_closed_attribute(form, name):
    assert "not available" in refusal(form.format(name))


BODIES = [
    "{} = 1",
    "{}: int",
    "def {}(self): pass",
    "async def {}(self): pass",
    "for {} in x: pass",
]


@pytest.mark.parametrize(("form", "name"), [*itertools.product(BODIES, ["mro", "gi_frame", "_abc_impl", "_missing_"])])
def test_no_class_body_makes_a_closed_attribute(form, name):
    """`dataclass` would take the inherited one as the default of a field of that name."""
    assert "not available" in refusal("class A:\n  " + form.format(name))


SPECIAL_METHODS = """
    __new__ __del__ __getattr__ __getattribute__ __setattr__ __delattr__ __dir__ __class__ __dict__ __slots__
    __init_subclass__ __class_getitem__ __set_name__ __get__ __set__ __delete__ __prepare__ __mro_entries__
    __instancecheck__ __subclasscheck__ __subclasshook__ __await__ __aiter__ __anext__ __aenter__ __aexit__
    __reduce__ __reduce_ex__ __getstate__ __setstate__ __copy__ __deepcopy__ __getnewargs__ __match_args__
    __annotations__ __signature__ __wrapped__ __buffer__ __sizeof__ __fspath__ __isabstractmethod__
""".split()


@pytest.mark.parametrize("name", SPECIAL_METHODS)
def test_no_class_changes_how_python_works(name):
    assert name not in METHODS
    assert name in refusal(f"class A:\n  def {name}(self, *a): pass")
    assert name in refusal(f"class A:\n  {name} = 1")


@pytest.mark.parametrize("name", sorted(METHODS))
def test_ordinary_special_methods_can_be_defined_in_classes_only(name):
    compile_harness(f"class A:\n  def {name}(self, *a): return super().{name}(*a)", "harness.py")
    assert name in refusal(f"def {name}(self): pass")
    assert name in refusal(f"class A:\n  {name} = lambda self: 0")
    assert name in refusal(f"class A:\n  def f(self, other): return other.{name}()")


# ---------------------------------------------------------------------------------------------- constructs

REFUSED = {
    # a metaclass runs when a class is made, and sees its namespace
    "class A(metaclass=M): pass": "class keyword `metaclass`",
    "class A(**{'metaclass': M}): pass": "class keyword `**`",
    # asynchronous generators have frames and finalisers that the loop does not know
    "async def f():\n  yield 1": "collect a list",
    "async def f():\n  x = lambda y=(yield): y": "collect a list",
    "async def f():\n  class A((yield)): pass": "collect a list",
    "async def f():\n  @(yield)\n  def g(): pass": "collect a list",
    "async def f():\n  async for x in y: pass": "`async for`",
    "async def f():\n  async with x: pass": "`async with`",
    "async def f():\n  return [x async for x in y]": "`async for`",
    "def f():\n  return (x async for x in y)": "`async for`",
    "async def f():\n  return (await x for x in y)": "[await f(x) for …]",
    "async def f():\n  return (x for x in y if await x)": "[await f(x) for …]",
    "async def f():\n  return (x for x in y for z in await x)": "[await f(x) for …]",
    "async def f():\n  return ([await x for x in y] for y in z)": "[await f(x) for …]",
    "async def f():\n  return ((lambda a=await x: a) for x in y)": "[await f(x) for …]",
    # the type confusion of `except*` (RestrictedPython 8.0), and what it would catch
    "try: pass\nexcept* ValueError: pass": "`except*`",
    # names that the checker cannot see
    "from math import *": "*",
    "from weft.primitives import nothing": "`weft.primitives.nothing` is not available",
    "from weft import runtime": "`weft.runtime` is not available",
    "from . import x": "not available",
    "from .math import pi": "not available",
    "import os": "put it in args",
    "import os.path as p": "not available",
    "import json.decoder": "`json.decoder` is not available",
    "from json import decoder": "`json.decoder` is not available",
    "from weft.primitives.calls import call": "not available",
    "import weft.runtime": "not available",
    "import builtins": "not available",
    "import _thread": "not available",
    "from __future__ import braces": "not available",
    "from __future__ import annotations, division": "not available",
    # super() with arguments, or under another name, looks into any class
    "super(A, b).x": "without arguments",
    "s = super": "without arguments",
    "super(*a)": "without arguments",
    # patterns read attributes without a guard
    "match x:\n  case str(format=f): pass": "in a pattern",
    "match x:\n  case object(send=f): pass": "in a pattern",
    "match x:\n  case object(_call=f): pass": "in a pattern",
    "match x:\n  case A._x: pass": "in a pattern",
    "match x:\n  case A._x.B(): pass": "in a pattern",
    "match x:\n  case {A._x: 1}: pass": "in a pattern",
    # Python does not await it, and a coroutine is true: it would swallow every error
    "class A:\n  async def __exit__(self, *a): pass": "cannot be async",
}


@pytest.mark.parametrize(("source", "words"), [*REFUSED.items()])
def test_what_the_language_lacks_is_refused_with_words(source, words):
    assert words in refusal(source)


@pytest.mark.parametrize("name", sorted(name for name in HIDDEN_BUILTINS if name not in ("__name__", "__doc__")))
def test_hidden_builtins_are_named(name):
    assert f"`{name}`" in refusal(f"x = [{name}]")


@pytest.mark.parametrize("name", ["open", "vars", "id", "dir", "input"])
def test_a_hidden_builtin_is_a_free_name(name):
    compile_harness(f"def f({name}):\n  return {name}\n", "harness.py")


def test_a_new_kind_of_node_is_refused():
    class Strange(ast.expr):
        _fields = ()

    tree = ast.Module([ast.Expr(Strange(lineno=7, col_offset=0))], [])
    with pytest.raises(PolicyError, match="Strange is not part of the language") as caught:
        HarnessTransformer().visit(tree)
    assert caught.value.line == 7


AS_RESTRICTED_PYTHON_HAS_IT = """
    Add And Assert BinOp BitAnd BitOr BitXor BoolOp Break Compare Constant Continue Del Delete Dict DictComp Div Eq Expr
    Expression FloorDiv FormattedValue Gt GtE IfExp In Interactive Invert Is IsNot JoinedStr LShift List ListComp Load
    Lt LtE MatMult Mod Mult NamedExpr Not NotEq NotIn Or Pass Pow RShift Raise Return Set SetComp Slice Starred Store
    Sub Try Tuple UAdd USub UnaryOp While alias withitem
"""


def test_what_is_inherited_has_been_looked_at():
    """A release of RestrictedPython may bring visitors; each must be read before it is trusted."""
    ours = vars(HarnessTransformer)
    inherited = {name for name in vars(RestrictingNodeTransformer) if name.startswith("visit_") and name not in ours}
    known = AS_RESTRICTED_PYTHON_HAS_IT.split()
    assert inherited == {f"visit_{name}" for name in known}


def test_compiled_code_calls_only_guards_that_the_world_has():
    source = """
        class A(B):
            x: int = 1
            y: ClassVar[int] = 2
            def __exit__(self, *what): self._a += 1; self.b, c[1] = x
        for a, (b, c) in x: print(f"{a}{b!r}{c!s}{a!a}", str(a), a.format, *b, **c)
        try: [a for a in b]; a[1:2] += c
        except: del a.b
        def f(a):
            match a:
                case A(x=1): pass
    """
    code = [compile_harness(textwrap.dedent(source), "harness.py")]
    used = set()
    while code:
        one = code.pop()
        used |= {name for name in one.co_names if name.startswith("_") and name.endswith("_")}
        code.extend(constant for constant in one.co_consts if isinstance(constant, types.CodeType))
    used -= {
        "__module__",
        "__qualname__",
        "__name__",
        "__annotations__",
        "__exit__",
        "__static_attributes__",
        "__firstlineno__",
    }
    assert used <= build_world({}, name="harness")["__builtins__"].keys()
    assert {"_read_", "_write_", "_bases_", "_exit_", "_Exception_", "_ClassVar_"} <= used


def test_the_refusal_names_the_line():
    with pytest.raises(PolicyError) as caught:
        compile_harness("x = 1\n\ny = x.__class__\n", "harness.py")
    assert caught.value.line == 3


# ---------------------------------------------------------------------------------------------- the source itself

TEXTS = {
    "a = 'x\0'": "NUL",
    "a = 1\nb = '\ud800'": "lone surrogate",
    "a" * (MAX_SOURCE_BYTES + 1): "at most",
    "é" * (MAX_SOURCE_BYTES // 2 + 1): "at most",
    "-" * 100_000 + "1": "too deeply",
    "a" + ".b" * 100_000: "too deeply",
    "+".join("1" * 100_000): "too deeply",
    "if a: pass\n" + "elif a: pass\n" * 20_000: "too deeply",
    "lambda: " * 50_000 + "1": "too deeply",
}


@pytest.mark.parametrize("source", TEXTS, ids=[f"{words}-{n}" for n, words in enumerate(TEXTS.values())])
def test_a_source_that_would_break_the_compiler_is_refused(source):
    assert TEXTS[source] in refusal(source)


@pytest.mark.parametrize(
    "source", ["def", "(" * 300 + ")" * 300, "x = " + "9" * 100_000, "async def f(): return await"]
)
def test_what_is_not_python_is_a_syntax_error(source):
    with pytest.raises(SyntaxError):
        compile_harness(source, "harness.py")


def test_advice_of_the_compiler_is_not_an_error():
    """The suite turns warnings into errors; a harness with a doubtful escape still compiles."""
    compile_harness(r"x = '\d' is 1", "harness.py")


def test_nothing_of_this_process_leaks_into_the_compilation():
    """`compile` would hand down the `__future__` flags of the module that calls it."""
    code = compile_harness("x = 1", "harness.py")
    assert code.co_flags & 0x1000000 == 0
    assert code.co_filename == "harness.py"


def test_blocks_that_never_run_may_say_anything():
    source = """
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            import numpy
        if __name__ == "__main__":
            import asyncio, sys
            asyncio.run(main(eval(sys.argv[1])))
        else:
            x = 1
    """
    names: dict[str, object] = {"__name__": "harness", "__builtins__": {"__import__": lambda *a: _Typing()}}
    exec(compile_harness(textwrap.dedent(source), "harness.py"), names)
    assert names["x"] == 1
    assert "numpy" not in names


class _Typing:
    TYPE_CHECKING = False


def test_annotations_are_dropped():
    source = """
        x: undefined[1] = 1
        def f(a: undefined, *b: undefined, c: undefined = 2) -> undefined:
            y: undefined
            return c
    """
    names: dict[str, object] = {"__builtins__": {}}
    exec(compile_harness(textwrap.dedent(source), "harness.py"), names)
    assert names["x"] == 1
    assert names["f"].__annotations__ == {}


def test_tables_do_not_contradict_each_other():
    assert BUILTINS.isdisjoint(HIDDEN_BUILTINS)
