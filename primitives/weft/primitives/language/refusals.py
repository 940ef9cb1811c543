"""Everything in a source that the language of a harness does not have, and what to write instead.

This is the one opinion: the linter shows what is found here as errors, the sandbox refuses to start for it. What can
only be told while a harness runs (what object is asked for an attribute, which name is computed) is not found here.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from weft.primitives.language.attributes import (
    GUARDED,
    METHODS,
    NAMED_TUPLE,
    READABLE,
    attribute_problem,
    attributes_in,
)
from weft.primitives.language.builtin import BUILTINS, HIDDEN_BUILTINS, PRINT_OPTIONS, builtin_advice
from weft.primitives.language.modules import EXPORTS, module_problem, name_problem_in
from weft.primitives.language.nodes import children
from weft.primitives.language.scopes import Scopes
from weft.primitives.language.syntax import NODES, name_problem, node_problem
from weft.primitives.language.vocabulary import VOCABULARY

__all__ = ["Kind", "Refusal", "refusals"]

Kind = Literal["import", "attribute", "builtin", "class", "syntax"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing that a harness may not write."""

    node: ast.AST
    """Where it stands."""
    kind: Kind
    what: str
    instead: str
    subject: str
    """What it is about: a module, `module.name`, an attribute, a name or a kind of node."""

    @property
    def line(self) -> int:
        """The line on which it stands."""
        line: int = getattr(self.node, "lineno", 1)
        return line

    def __str__(self) -> str:
        return f"{self.what}{'; ' if ': ' in self.what else ': '}{self.instead}"


def refusals(tree: ast.Module, scopes: Scopes) -> list[Refusal]:
    """Return what a tree of `source.read` has and the language has not, in the order of the source.

    Args:
        tree: The tree.
        scopes: The scopes of that tree.
    """
    reading = _Reading(tree, scopes)
    reading.visit(tree)
    return sorted(reading.found, key=lambda one: (one.line, getattr(one.node, "col_offset", 0)))


class _Reading:
    """One walk over a tree. Every node is looked at once; no kind of node is passed over unseen."""

    def __init__(self, tree: ast.Module, scopes: Scopes) -> None:
        self.found: list[Refusal] = []
        self._scopes = scopes
        self._free = {name for name, _ in scopes.free}
        self._around: list[str] = []
        """What is around the current node, innermost last: module is none; class, def, async, lambda, generator."""
        self._tree = tree

    def visit(self, node: ast.AST) -> None:
        """Look at a node and at all inside of it."""
        kind = type(node).__name__
        if kind not in NODES:
            self._refuse(node, "syntax", node_problem(kind), kind)
        # Not by super().visit: a source may be nested as deeply as MAX_NESTING, and the stack is not endless.
        getattr(self, f"visit_{kind}", self._visit_inside)(node)

    def _refuse(self, node: ast.AST, kind: Kind, problem: tuple[str, str] | None, subject: str) -> None:
        if problem is not None:
            self.found.append(Refusal(node, kind, *problem, subject))

    def _inside(self, kind: str, *nodes: ast.AST) -> None:
        self._around.append(kind)
        for node in nodes:
            self.visit(node)
        self._around.pop()

    def _each(self, *nodes: ast.AST) -> None:
        for node in nodes:
            self.visit(node)

    def _visit_inside(self, node: ast.AST) -> None:
        for inner in children(node):
            self.visit(inner)

    @property
    def _here(self) -> str:
        return self._around[-1] if self._around else ""

    # ------------------------------------------------------------------------------------------ names

    def _check_name(self, node: ast.AST, name: str | None) -> None:
        if name is None:
            return
        self._refuse(node, "syntax", name_problem(name), name)
        if name == "super":
            problem = "`super` is only available as super().method(…), without arguments", "write super().method(…)"
            self._refuse(node, "syntax", problem, name)

    def visit_Name(self, node: ast.Name) -> None:
        loads = isinstance(node.ctx, ast.Load)
        if node.id in ("__name__", "__doc__") and loads:
            return
        hidden = loads and node in self._free and node.id in HIDDEN_BUILTINS
        if not hidden:
            self._check_name(node, node.id)
        if self._here == "class" and isinstance(node.ctx, ast.Store) and name_problem(node.id) is None:
            self._refuse(node, "attribute", attribute_problem(node.id), node.id)
        if hidden:
            problem = f"`{node.id}` is not available in a harness", builtin_advice(node.id)
            self._refuse(node, "builtin", problem, node.id)

    def visit_Global(self, node: ast.Global | ast.Nonlocal) -> None:
        for name in node.names:
            self._check_name(node, name)

    visit_Nonlocal = visit_Global

    def visit_keyword(self, node: ast.keyword) -> None:
        self._check_name(node, node.arg)
        self._visit_inside(node)

    def visit_arg(self, node: ast.arg) -> None:
        self._check_name(node, node.arg)
        self._visit_inside(node)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        self._check_name(node, node.name)
        self._visit_inside(node)

    # ------------------------------------------------------------------------------------------ attributes

    def visit_Attribute(self, node: ast.Attribute) -> None:
        name, loads = node.attr, isinstance(node.ctx, ast.Load)
        if not (loads and (name in READABLE or (name in METHODS and _is_super(node.value)))):
            self._check_attribute(node, name, reads=loads)
        module = self._module(node.value)
        if loads and module is not None:
            self._refuse(node, "import", name_problem_in(module, name), f"{module}.{name}")
        if not loads:
            self._check_owner(node, node.value)
        self.visit(node.value)

    def _check_owner(self, node: ast.AST, owner: ast.expr) -> None:
        """Look at whose attribute is set or deleted: modules and all that is imported or built in stay as they are."""
        dotted = self._dotted(owner)
        built_in = isinstance(owner, ast.Name) and owner in self._free and owner.id in BUILTINS | set(VOCABULARY)
        if built_in or (dotted is not None and (dotted in EXPORTS or dotted.rpartition(".")[0] in EXPORTS)):
            name = ast.unparse(owner)
            problem = f"`{name}` cannot be changed: it is not of this file", "keep the value in a variable of your own"
            self._refuse(node, "attribute", problem, name)

    def _check_attribute(self, node: ast.AST, name: str, *, reads: bool = True) -> None:
        problem = attribute_problem(name)
        if problem is None and reads and self._is_private(name):
            reason = "it begins with an underscore, and no line of this file gives any object one"
            problem = f"the attribute `{name}` is not available: {reason}", "use what the object offers openly"
        self._refuse(node, "attribute", problem, name)

    def _is_private(self, name: str) -> bool:
        if not name.startswith("_") or name == "_" or name in NAMED_TUPLE:
            return False
        return self._private is not None and name not in self._private

    @cached_property
    def _private(self) -> frozenset[str] | None:
        return _private_names(self._tree, self._scopes)  # hardly any source asks

    def _module(self, node: ast.expr) -> str | None:
        dotted = self._dotted(node)
        return dotted if dotted in EXPORTS else None

    def _dotted(self, node: ast.expr) -> str | None:
        """Return what an expression names that leads back to an import, as in `collections.abc`."""
        base = node
        while isinstance(base, (ast.Attribute, ast.NamedExpr)):
            base = base.value
        scope = self._scopes.reads.get(base) if isinstance(base, ast.Name) else None
        return scope.dotted(node) if scope is not None else None

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self._each(*filter(None, (node.target, node.value)))  # what is left of the annotation says nothing

    # ------------------------------------------------------------------------------------------ calls

    def visit_Call(self, node: ast.Call) -> None:
        if not _is_super(node):
            self._check_call(node)
            self._visit_inside(node)

    def _check_call(self, node: ast.Call) -> None:
        match node:
            case ast.Call(func=ast.Name(id="type") as name, args=[_, _, *_]) if name in self._free:
                problem = "type() takes one argument here", "write a class statement"
                self._refuse(node, "class", problem, "type")
            case ast.Call(func=ast.Name(id="print") as name, keywords=keywords) if name in self._free:
                for keyword in keywords:
                    if keyword.arg is not None and keyword.arg not in PRINT_OPTIONS:
                        problem = f"print has no `{keyword.arg}` here: it writes into the log", "write log(message)"
                        self._refuse(keyword, "builtin", problem, "print")
            case ast.Call(func=ast.Attribute(value=ast.Constant(value=str(template)), attr="format" | "format_map")):
                for attribute in attributes_in(template):
                    if attribute not in READABLE:
                        self._check_attribute(node, attribute)
            case ast.Call(func=ast.Name() as name, args=[_, ast.Constant(value=str(attribute)), *rest]):
                if name in self._free and not node.keywords:
                    self._check_named(node, name.id, attribute, bool(rest))

    def _check_named(self, node: ast.Call, function: str, attribute: str, default: bool) -> None:
        """Look at the attribute that `getattr` and its like name in place."""
        if function == "getattr" and attribute not in READABLE:
            if default:  # given for what is private, too
                self._refuse(node, "attribute", attribute_problem(attribute), attribute)
            else:
                self._check_attribute(node, attribute)
        elif function == "hasattr" and attribute not in READABLE | METHODS:
            self._refuse(node, "attribute", attribute_problem(attribute), attribute)
        elif function == "setattr":
            self._check_owner(node, node.args[0])
            problem = attribute_problem(attribute)
            if attribute in READABLE:
                problem = f"the attribute `{attribute}` cannot be set", "use functools.wraps"
            self._refuse(node, "attribute", problem, attribute)

    # ------------------------------------------------------------------------------------------ functions and classes

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._check_type_parameters(node)
        if self._here == "class":
            self._check_method(node)
        else:
            self._check_name(node, node.name)
        if isinstance(node, ast.AsyncFunctionDef) and node.name in METHODS - {"__call__"}:
            problem = f"`{node.name}` cannot be async: Python does not await it", "write it with def"
            self._refuse(node, "class", problem, node.name)
        # Decorators and defaults are evaluated outside: an `await` there belongs to the scope around.
        self._each(*node.decorator_list, node.args)
        self._inside("async" if isinstance(node, ast.AsyncFunctionDef) else "def", *node.body)

    visit_AsyncFunctionDef = visit_FunctionDef

    def _check_method(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        if node.name in METHODS:
            return
        if node.name.startswith("__") and node.name.strip("_"):
            what = f"a class cannot define `{node.name}` here: it would change how Python itself works"
            problem = what, "a dict of functions, or a dataclass, often does the same"
            self._refuse(node, "class", problem, node.name)
            return
        self._check_name(node, node.name)
        if name_problem(node.name) is None:
            self._refuse(node, "attribute", attribute_problem(node.name), node.name)

    def _check_type_parameters(self, node: ast.AST) -> None:
        if getattr(node, "type_params", None):
            self._refuse(node, "syntax", node_problem("TypeParameters"), "TypeParameters")

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self.visit(node.args)
        self._inside("lambda", node.body)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._check_type_parameters(node)
        self._check_name(node, node.name)
        for keyword in node.keywords:
            if keyword.arg != "total":  # of a TypedDict
                problem = f"the class keyword `{keyword.arg or '**'}` is not available", "use plain classes"
                self._refuse(keyword, "class", problem, keyword.arg or "**")
        for base in node.bases:
            if isinstance(base, ast.Name) and base.id == "type" and base in self._free:
                problem = "`type` cannot be a base of a class here", "use plain classes"
                self._refuse(node, "class", problem, "type")
        self._each(*node.decorator_list, *node.bases, *node.keywords)
        self._inside("class", *node.body)

    # ------------------------------------------------------------------------------------------ async and generators

    def visit_Await(self, node: ast.Await) -> None:
        if self._here == "generator":  # it would become an asynchronous one
            problem = "`await` in a generator expression is not available", "write a list, [await f(x) for …]"
            self._refuse(node, "syntax", problem, "Await")
        self._visit_inside(node)

    def visit_Yield(self, node: ast.Yield | ast.YieldFrom) -> None:
        if self._here == "async":
            problem = "`yield` in an async function is not available", "collect a list and return it"
            self._refuse(node, "syntax", problem, "Yield")
        self._visit_inside(node)

    visit_YieldFrom = visit_Yield

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> None:
        first, *others = node.generators
        self._check_sync(first)
        self.visit(first.iter)  # the first iterable is evaluated outside of the generator
        self._inside("generator", first.target, *first.ifs, *others, node.elt)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        self._check_sync(node)
        self._visit_inside(node)

    def _check_sync(self, node: ast.comprehension) -> None:
        if node.is_async:
            self._refuse(node.iter, "syntax", node_problem("AsyncFor"), "AsyncFor")

    # ------------------------------------------------------------------------------------------ imports

    def _check_lazy(self, node: ast.Import | ast.ImportFrom) -> None:
        if getattr(node, "is_lazy", 0):  # of Python 3.15; it would not ask the import hook
            self._refuse(node, "syntax", node_problem("LazyImport"), "LazyImport")

    def visit_Import(self, node: ast.Import) -> None:
        self._check_lazy(node)
        for alias in node.names:
            problem = module_problem(alias.name)
            self._refuse(node, "import", problem, alias.name)
            self._check_name(alias, alias.asname or (None if problem else alias.name.partition(".")[0]))

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        self._check_lazy(node)
        module = "." * node.level + (node.module or "")
        problem = module_problem(module)
        if module == "__future__":
            written = ", ".join(alias.name for alias in node.names)
            problem = f"`from __future__ import {written}` is not available", "only annotations can be imported from it"
        self._refuse(node, "import", problem, module)
        for alias in node.names:
            if problem is None and alias.name == "*":
                star = f"`from {module} import *` is not available", "name what you need"
                self._refuse(node, "import", star, f"{module}.*")
            elif problem is None:
                self._refuse(alias, "import", name_problem_in(module, alias.name), f"{module}.{alias.name}")
            self._check_name(alias, alias.asname)

    # ------------------------------------------------------------------------------------------ match

    def visit_MatchClass(self, node: ast.MatchClass) -> None:
        for name in node.kwd_attrs:
            problem = attribute_problem(name)
            if problem is None and _needs_guard(name):
                problem = f"the attribute `{name}` is not available in a pattern", f"read it with x.{name}"
            self._refuse(node, "attribute", problem, name)
        self._check_dotted(node.cls)
        self._visit_inside(node)

    def visit_MatchValue(self, node: ast.MatchValue) -> None:
        self._check_dotted(node.value)
        self._visit_inside(node)

    def _check_dotted(self, value: ast.expr) -> None:
        # Python takes only constants and dotted names in a pattern; what needs a guard would be a call.
        for part in ast.walk(value):
            if isinstance(part, ast.Attribute) and _needs_guard(part.attr):
                problem = f"the attribute `{part.attr}` is not available in a pattern", "compare it with `if`"
                self._refuse(value, "attribute", problem, part.attr)

    def visit_MatchAs(self, node: ast.MatchAs | ast.MatchStar) -> None:
        self._check_name(node, node.name)
        self._visit_inside(node)

    visit_MatchStar = visit_MatchAs

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        self._check_name(node, node.rest)
        for key in node.keys:
            self._check_dotted(key)
        self._visit_inside(node)


def _needs_guard(name: str) -> bool:
    return name in GUARDED or (name.startswith("_") and name not in READABLE and attribute_problem(name) is None)


def _is_super(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="super"), args=[], keywords=[]):
            return True
    return False


def _private_names(tree: ast.Module, scopes: Scopes) -> frozenset[str] | None:
    """Return the attributes with an underscore that some line gives to an object; `None` where that cannot be told."""
    made: set[str] = set()
    free = {name for name, _ in scopes.free}
    named: set[ast.AST] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=name, ctx=ast.Store()):
                made.add(name)
            case ast.ClassDef():
                made |= scopes.of(node).bound
            case ast.Call(func=ast.Name(id="setattr") as function, args=[_, ast.Constant(value=str(name)), _]):
                made.add(name)
                named.add(function)
    computed = any(name.id == "setattr" and name not in named for name in free)
    return None if computed else frozenset(name for name in made if name.startswith("_"))
