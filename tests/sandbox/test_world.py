"""The world a harness sees: what is there, what worlds share, and that nothing in it leads out."""

from __future__ import annotations

import inspect
import subprocess
import sys
import types

import pytest

import weft.primitives
from weft.primitives import calls
from weft.primitives.language import BUILTINS, MODULES, TYPES, VOCABULARY
from weft.primitives.language.builtin import HABIT_BUILTINS
from weft.sandbox import guards, modules
from weft.sandbox.classes import HarnessName
from weft.sandbox.facades import Function, Module
from weft.sandbox.policy import compile_harness
from weft.sandbox.world import build_world

PRIMITIVES = {name: getattr(weft.primitives, name) for name in (*VOCABULARY, *TYPES)}


def executed(source: str, **primitives: object) -> dict[str, object]:
    names = build_world(PRIMITIVES | primitives)
    exec(compile_harness(source, "harness.py"), names)
    return names


# ---------------------------------------------------------------------------------------------- what is there


def test_the_built_ins_are_those_of_the_language():
    there = build_world({})["__builtins__"]
    machinery = {name for name in there if name.startswith("_") and name.endswith("_")}
    assert there.keys() - machinery == BUILTINS | HABIT_BUILTINS


def test_every_module_of_the_language_has_a_facade():
    assert modules.STANDARD.keys() == set(MODULES)
    for name, module in modules.STANDARD.items():
        assert type(module).__base__ is Module
        assert not hasattr(module, "__name__"), "IMPORT_FROM would look for submodules in sys.modules"
        assert not hasattr(module, "__dict__")
        assert all(not export.startswith("_") for export in module._exports), name


@pytest.mark.parametrize("module", MODULES)
def test_every_name_of_a_facade_can_be_imported(module):
    exports = ", ".join(sorted(modules.STANDARD[module]._exports))
    executed(f"from {module} import {exports}\nimport {module}")


def test_primitives_are_there_with_and_without_import():
    names = executed(
        "import weft\nimport weft.primitives as w\nfrom weft.primitives import agent as ask, parallel\n"
        "same = ask is agent is w.agent is weft.primitives.agent and parallel is w.parallel"
    )
    assert names["same"] is True


@pytest.mark.parametrize(
    ("module", "names"),
    [("weft.primitives", ("nothing",)), ("weft.primitives", ("calls",)), ("weft", ("runtime",)), ("os", ())],
)
def test_what_a_harness_cannot_import_the_import_hook_refuses_too(module, names):
    """Library code in C calls it; Python's fallback to `sys.modules` stays out."""
    hook = build_world(PRIMITIVES)["__builtins__"]["__import__"]
    with pytest.raises(ImportError, match="is not available in a harness"):
        hook(module, fromlist=names)


def test_library_code_in_c_may_import_what_it_needs():
    """A pattern's `sub` imports `re` through the `__import__` of the harness."""
    assert executed(r"import re; x = re.compile('(a)(b)').sub(r'\2\1', 'ab')")["x"] == "ba"


def test_functions_keep_their_parameters():
    """`pipeline` counts them."""
    names = executed("import json")
    assert list(inspect.signature(names["agent"]).parameters)[:2] == ["prompt", "schema"]
    assert "obj" in inspect.signature(names["json"].dumps).parameters


def test_a_stage_may_be_a_primitive_or_a_method():
    source = "class A:\n  ask = agent\n  def go(self, x): return x"
    names = executed(source)
    a = names["A"]()
    assert type(a.ask) is types.MethodType
    assert len(inspect.signature(a.go).parameters) == 1


def test_print_logs_one_line():
    lines = []
    executed("print('a', [1], sep='-', end='')\nprint()", log=lines.append)
    assert lines == ["a-[1]", ""]


# ---------------------------------------------------------------------------------------------- worlds apart


def test_worlds_share_nothing_that_can_change():
    one, two = build_world(PRIMITIVES), build_world(PRIMITIVES)
    exec(compile_harness("agent = len = 1\nimport json\njson = 2", "one.py"), one)
    assert isinstance(two["agent"], Function)
    assert two["__builtins__"]["len"] is len
    assert one["__builtins__"] is not two["__builtins__"]
    shared = [value for key, value in one["__builtins__"].items() if value is two["__builtins__"].get(key)]
    assert [value for value in shared if isinstance(value, (dict, list, set))] == []


def test_numbers_of_objects_begin_anew_in_each_world():
    """What a saved harness computes must not depend on how many objects its caller had hashed."""
    source = "class A: pass\nhashes = [hash(A()), hash(A())]"
    assert executed(source)["hashes"] == executed(source)["hashes"] == [1, 2]


@pytest.mark.parametrize("change", ["x.y = 1", "del x.dumps", "x.dumps = 1", "x.dumps.y = 1"])
def test_facades_are_frozen_even_without_the_guard(change):
    with pytest.raises(AttributeError):
        exec(change, {"x": modules.STANDARD["json"]})


def test_a_class_is_marked_as_the_harness_s_own_and_does_not_show_the_file_it_is_in():
    source = "from dataclasses import dataclass\n@dataclass\nclass A:\n  x: int = 1\ny = A().x"
    names = build_world({})
    exec(compile_harness(source, "json"), names)
    assert names["y"] == 1
    assert type(names["A"].__module__) is HarnessName
    assert str(names["A"]) == "<class 'harness.A'>"


def test_awaiting_a_coroutine_cannot_be_done_by_hand():
    names = executed("async def f(): return 1\nc = f()")
    for name in ("send", "throw", "close"):
        with pytest.raises(AttributeError, match="write `await`"):
            guards.get_attribute(names["c"], name)
    names["c"].close()


# ---------------------------------------------------------------------------------------------- before the lock

LOCKED = """
import builtins, sys
from weft.sandbox import world
from weft.sandbox.policy import compile_harness
world.warm()
sys.path.clear()
sys.path_importer_cache.clear()
opened = []
sys.addaudithook(lambda event, args: opened.append(args[0]) if event in ("open", "import") else None)
for source in eval(sys.stdin.read()):
    exec(compile_harness(source, "harness"), world.build_world({}))
assert not opened, opened
"""

LAZY = [
    r"x = '\N{BULLET}'; é = 1",
    "import collections; collections.Counter('aab').most_common(1)",
    r"import re; re.sub('(a)', r'\1', 'a'); re.compile('(a)').sub(r'\1', 'a')",
    "import statistics as s; s.quantiles([1, 2, 3]); s.mode('aab'); s.stdev([1, 2, 4]); s.correlation([1, 2], [2, 3])",
    "import textwrap; textwrap.shorten('a b c d e f', 10)",
    "import json; json.dumps({'é': 1.5}, indent=1); json.loads('[1]')",
    "'é'.encode('utf-16').decode('utf-16'); b'a'.decode('latin-1'); 'é'.encode('idna'); 'é'.encode('cp1252')",
    "import copy, dataclasses as d\n@d.dataclass\nclass A:\n  x: int = 1\ncopy.deepcopy(d.replace(A(), x=2))",
    "from enum import Flag, auto\nclass F(Flag):\n  A = auto()\n  B = auto()\nstr(F.A | F.B)",
    "from functools import cached_property, lru_cache\nlru_cache(len)('a')",
    "f'{1e300:.2f} {10**30:,} {2.5:e}'; '{0.real:>4}'.format(1); round(2.675, 2); int('9' * 4000)",
]


def test_nothing_is_loaded_once_the_process_is_locked():
    command = [sys.executable, "-W", "ignore", "-c", LOCKED]
    done = subprocess.run(command, input=repr(LAZY), capture_output=True, text=True, check=False)
    assert done.stderr == ""


@pytest.fixture(autouse=True)
def _no_run_is_going_on():
    calls.install(None)
