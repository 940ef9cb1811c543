"""The shape of the project: who may import whom, where things are, what is public. Cheap to keep, dear to regain."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("primitives", "linter", "sandbox", "runtime")
MAY_IMPORT = {
    "primitives": set(),
    "linter": {"primitives"},
    "sandbox": {"primitives"},
    "runtime": {"primitives", "linter", "sandbox"},
}


def modules(package: str) -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted((ROOT / package / "weft" / package).rglob("*.py")):
        if "library" not in path.parts:
            yield path, ast.parse(path.read_text())


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports can cross packages unseen"
            yield node.module or ""


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_point_one_way(package: str) -> None:
    for path, tree in modules(package):
        for name in imported(tree):
            parts = name.split(".")
            if parts[0] == "weft" and len(parts) > 1 and parts[1] != package:
                assert parts[1] in MAY_IMPORT[package], f"{path.relative_to(ROOT)} imports {name}"


def test_the_linter_has_no_import_circles() -> None:
    """Lazy imports and those for type checkers count: whoever reads one module of a circle has to read all."""
    found = {
        ".".join(path.relative_to(ROOT / "linter").with_suffix("").parts): tree for path, tree in modules("linter")
    }
    named = {name.removesuffix(".__init__"): set(imported(tree)) for name, tree in found.items()}
    TopologicalSorter({name: uses & named.keys() for name, uses in named.items()}).prepare()


def test_primitives_and_linter_stand_on_the_standard_library_alone() -> None:
    for package in ("primitives", "linter"):
        for path, tree in modules(package):
            for name in imported(tree):
                top = name.split(".")[0]
                assert top == "weft" or top in sys.stdlib_module_names, f"{path.relative_to(ROOT)} imports {name}"


def test_the_namespace_has_no_init() -> None:
    """It would hide the other three source roots, and no type checker would notice."""
    assert not list(ROOT.glob("*/weft/__init__.py"))


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_is_typed_and_every_module_says_what_it_is(package: str) -> None:
    assert (ROOT / package / "weft" / package / "py.typed").exists()
    for path, tree in modules(package):
        assert ast.get_docstring(tree), f"{path.relative_to(ROOT)} has no docstring"


@pytest.mark.parametrize("package", PACKAGES)
def test_public_names_are_listed_sorted_and_there(package: str) -> None:
    for path, tree in modules(package):
        name = ".".join(path.relative_to(ROOT / package).with_suffix("").parts).removesuffix(".__init__")
        module = importlib.import_module(name)
        listed = getattr(module, "__all__", None)
        if listed is None:
            defined = [node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
            assert not defined, f"{name} defines things and lists nothing"
            continue
        assert len(listed) == len(set(listed)), f"{name} lists something twice"
        for entry in listed:
            assert hasattr(module, entry), f"{name} lists {entry}, which is not there"


def test_the_vocabulary_is_what_primitives_export() -> None:
    import weft.primitives
    from weft.primitives.language import TYPES, VOCABULARY

    assert {*VOCABULARY, *TYPES} == set(weft.primitives.__all__)


@pytest.mark.parametrize(
    ("statement", "heavy"),
    [
        (
            "import weft.runtime.cli",
            {"pydantic", "pydantic_ai", "anthropic", "anyio", "jsonschema", "rich", "hypothesis", "pygls"},
        ),
        ("import weft.linter", {"pydantic", "click", "anyio", "jsonschema", "rich"}),
        ("import weft.primitives", {"weft.sandbox", "weft.runtime", "weft.linter", "asyncio", "anyio"}),
    ],
)
def test_nothing_heavy_loads_before_it_is_needed(statement: str, heavy: set[str]) -> None:
    code = f"import sys; {statement}; print(*sys.modules)"
    loaded = set(
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    )
    assert not heavy & loaded


def test_prompts_and_library_are_shipped_as_data() -> None:
    from weft.runtime.store import builtin_harnesses

    assert (ROOT / "runtime/weft/runtime/prompts/author.md").exists()
    assert len(list(builtin_harnesses())) >= 4
