"""The shape of the project: who may import whom, where things are, what is public. Cheap to keep, dear to regain."""

from __future__ import annotations

import ast
import graphlib
import importlib
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
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


@cache
def modules(package: str) -> list[tuple[Path, ast.Module]]:
    paths = sorted((ROOT / package / "weft" / package).rglob("*.py"))
    return [(path, ast.parse(path.read_text())) for path in paths if "library" not in path.parts]


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports can cross packages unseen"
            yield node.module or ""


FLOORS = (
    {"words"},  # the modules of weft.runtime itself
    {"schemas"},
    {"journal"},
    {"project"},
    {"tools"},
    {"worktrees"},
    {"money"},
    {"agents"},
    {"scheduling"},
    {"steering"},
    {"forecasting"},
    {"execution"},
    {"rehearsal"},
    {"keeping"},
    {"analysis"},
    {"authoring"},
    {"views"},
    {"serving", "exporting", "integrations"},
    {"cli"},
)
"""The rooms of the runtime from the ground up: each imports from those below it alone."""


def dotted(package: str, path: Path) -> str:
    """Return the name a module is imported by."""
    parts = path.relative_to(ROOT / package).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


def room(module: str) -> str:
    """Return the room of a module of the runtime, by its name."""
    parts = module.split(".")[2:]
    inner = parts and (ROOT / "runtime/weft/runtime" / parts[0]).is_dir()
    return parts[0] if inner else "words"


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_point_one_way(package: str) -> None:
    for path, tree in modules(package):
        for name in imported(tree):
            parts = name.split(".")
            if parts[0] == "weft" and len(parts) > 1 and parts[1] != package:
                assert parts[1] in MAY_IMPORT[package], f"{path.relative_to(ROOT)} imports {name}"


def test_the_rooms_of_the_runtime_form_a_tower() -> None:
    floors = {name: floor for floor, names in enumerate(FLOORS) for name in names}
    for path, tree in modules("runtime"):
        name = dotted("runtime", path)
        if name == "weft.runtime":
            continue  # the door: it hands out names of all rooms
        for other in imported(tree):
            if other.startswith("weft.runtime"):
                assert other != "weft.runtime", f"{name} goes in by the door instead of to the room itself"
                assert floors[room(other)] <= floors[room(name)], f"{name} imports upwards: {other}"


@pytest.mark.slow
def test_no_circles_not_even_lazily_or_for_types() -> None:
    trees = {dotted(package, path): tree for package in PACKAGES for path, tree in modules(package)}
    trees.pop("weft.runtime")  # the door: it hands out names of all rooms
    imports = {
        name: {other for other in edges(tree) if other in trees and other != name} for name, tree in trees.items()
    }
    sorter = graphlib.TopologicalSorter(imports)
    sorter.prepare()  # raises CycleError, which shows the circle


def edges(tree: ast.Module) -> Iterator[str]:
    """Yield the modules that a module may mean by its imports, of any kind and wherever they stand."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@pytest.mark.slow
def test_what_others_import_is_listed() -> None:
    listed = {dotted(package, path): listed_in(tree) for package in PACKAGES for path, tree in modules(package)}
    for package in PACKAGES:
        for path, tree in modules(package):
            for node in ast.walk(tree):
                if isinstance(node, ast.ImportFrom) and node.module in listed:
                    for alias in node.names:
                        known = alias.name in listed[node.module] or f"{node.module}.{alias.name}" in listed
                        assert known, f"{dotted(package, path)} imports {alias.name}, not listed in {node.module}"


def listed_in(tree: ast.Module) -> set[str]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "__all__":
            return set(ast.literal_eval(node.value))
    return set()


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


@pytest.mark.slow
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
    from weft.runtime.project.shipped import builtin_harnesses

    assert (ROOT / "runtime/weft/runtime/authoring/prompts/author.md").exists()
    assert len(list(builtin_harnesses())) >= 4


DOORS = {
    "weft.runtime.cli": "the list of commands, which is ours",
    "weft.runtime.cli.columns": "asks whether somebody looks on",
    "weft.runtime.cli.group": "flushes, and closes what cannot be written",
    "weft.runtime.cli.language_server": "speaks JSON to an editor",
    "weft.runtime.cli.output": "pages, data, texts, questions",
    "weft.runtime.schemas.work": "answers the process that it works for",
    "weft.runtime.views.live": "a run that goes on",
    "weft.runtime.views.terminal": "pages on a terminal",
}
"""The modules that can print, and what. All that passes through them is cleaned of what a terminal would obey."""

PRINTING = {"print", "echo", "secho", "confirm", "prompt", "stdout", "stderr", "__stdout__", "__stderr__", "Console"}


def prints(tree: ast.Module) -> bool:
    """Whether a module names anything by which it could print; the streams of child processes are no terminals."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id in ("sys", "click") and node.attr in PRINTING:
                return True
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in PRINTING:
            return True
        elif isinstance(node, ast.ImportFrom) and node.module in ("sys", "click", "rich", "rich.console"):
            names = {alias.name for alias in node.names}
            if names & PRINTING and not any(isinstance(block, ast.If) and node in block.body for block in tree.body):
                return True  # and not only for types
    return False


def test_only_the_doors_can_print() -> None:
    found = {dotted(package, path) for package in PACKAGES for path, tree in modules(package) if prints(tree)}
    assert found == set(DOORS)


def test_python_is_parsed_through_one_door():
    door = "language/parsing.py"
    for package in PACKAGES:
        for path, tree in modules(package):
            calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
            named = [ast.unparse(call) for call in calls if isinstance(call, (ast.Name, ast.Attribute))]
            assert "ast.parse" not in named or path.as_posix().endswith(door), path
