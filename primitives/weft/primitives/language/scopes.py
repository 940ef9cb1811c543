"""Which name means what: scopes, what each binds, imports, and the names that nothing in the harness binds."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from weft.primitives.language.nodes import children

__all__ = ["Import", "Scope", "Scopes", "all_parameters"]

ScopeNode = (
    ast.Module
    | ast.FunctionDef
    | ast.AsyncFunctionDef
    | ast.Lambda
    | ast.ClassDef
    | ast.ListComp
    | ast.SetComp
    | ast.DictComp
    | ast.GeneratorExp
)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


_LONGEST_WAY = 50
"""Steps from a name to what it stands for; assignments can go in circles."""


@dataclass(frozen=True, slots=True)
class Import:
    """One name that an import statement binds."""

    node: ast.Import | ast.ImportFrom
    alias: ast.alias
    module: str
    """The module as written, with a dot for each level of a relative import."""
    name: str | None
    """What is taken from the module; `None` for the module itself."""

    @property
    def bound(self) -> str:
        """The name that it binds."""
        return self.alias.asname or (self.name if self.name is not None else self.module.partition(".")[0])

    @property
    def stands_for(self) -> str:
        """What that name stands for: `import a.b` binds the name `a` to `a`."""
        if self.name is not None:
            return f"{self.module}.{self.name}"
        return self.module if self.alias.asname is not None else self.bound


@dataclass(slots=True, eq=False)
class Scope:
    """A module, function, class or comprehension, and the names that it binds."""

    node: ScopeNode
    parent: Scope | None = None
    bound: set[str] = field(default_factory=set)
    meant: dict[str, str | ast.expr | None] = field(default_factory=dict)
    """What each name is bound to: a dotted name by an import, an expression by an assignment; `None` where that is
    something else, or more than one thing."""
    outer: set[str] = field(default_factory=set)
    """Names declared `nonlocal`, or `global`."""
    shared: set[str] = field(default_factory=set)
    """Names declared `global`."""
    loads: list[ast.Name] = field(default_factory=list)

    def around(self) -> Iterator[Scope]:
        """Yield the scopes in which names used here are looked up, from the inside out."""
        yield self
        scope = self.parent
        while scope is not None:
            if not isinstance(scope.node, ast.ClassDef):
                yield scope
            scope = scope.parent

    def owner(self, name: str) -> Scope | None:
        """Return the scope that a name used here belongs to; `None` for one that nothing binds."""
        for scope in self.around():
            if name in scope.shared:
                return scope.module() if name in scope.module().bound else None
            if name in scope.bound and name not in scope.outer:
                return scope
        return None

    def bind(self, name: str, to: str | ast.expr | None = None) -> None:
        """Take note that a name is bound here."""
        known = name not in self.bound or (to is not None and self.meant[name] == to)
        self.meant[name] = to if known else None
        self.bound.add(name)

    def dotted(self, node: ast.expr) -> str | None:
        """Return what an expression used here names, as in `collections.abc`, when it leads back to one import."""
        scope, attributes = self, []
        for _ in range(_LONGEST_WAY):
            match node:
                case ast.Attribute(value=value, attr=attribute):
                    attributes.append(attribute)
                    node = value
                    continue
                case ast.NamedExpr(value=value):
                    node = value
                    continue
                case ast.Name(id=name):
                    owner = scope.owner(name)
            if not isinstance(node, ast.Name) or owner is None:
                return None
            to = owner.meant[name]
            if isinstance(to, str):
                return ".".join([to, *reversed(attributes)])
            if to is None:
                return None
            scope, node = owner, to
        return None

    def module(self) -> Scope:
        """Return the outermost scope."""
        return self if self.parent is None else self.parent.module()

    def visible(self) -> set[str]:
        """Return the names that mean something here, beside those of the language."""
        return {name for scope in self.around() for name in scope.bound}


class Scopes:
    """All scopes of a harness."""

    def __init__(self, tree: ast.Module) -> None:
        self.imports: list[Import] = []
        self._by_node: dict[ast.AST, Scope] = {}
        self._open(tree, None, tree.body)
        for scope in self._by_node.values():
            _share(scope)
        self.reads = {name: scope for scope in self._by_node.values() for name in scope.loads}
        """The scope in which each name is read."""
        self.free = [
            (name, scope) for scope in self._by_node.values() for name in scope.loads if scope.owner(name.id) is None
        ]
        """The names that nothing in the harness binds, and the scopes in which they are read."""

    def nodes(self) -> Iterator[ast.AST]:
        """Yield the nodes that open a scope."""
        return iter(self._by_node)

    def of(self, node: ast.AST) -> Scope:
        """Return the scope that a module, function, class or comprehension opens."""
        return self._by_node[node]

    def _open(self, node: ScopeNode, parent: Scope | None, body: list[ast.AST] | list[ast.stmt]) -> Scope:
        scope = self._by_node[node] = Scope(node, parent)
        for child in body:
            self._visit(child, scope)
        return scope

    def _visit(self, node: ast.AST, scope: Scope) -> None:
        match node:
            case ast.Name(id=name, ctx=ast.Load()):
                scope.loads.append(node)
            case ast.Name(id=name):
                scope.bind(name)
            case ast.Assign(value=ast.Name() | ast.Attribute()):
                self._assign(node, scope)
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                scope.outer.update(names)
                scope.shared.update(names if isinstance(node, ast.Global) else ())
            case ast.NamedExpr(target=ast.Name(id=name), value=value):
                holder = _holder(scope)
                holder.bind(name, value if holder is scope else None)
                self._visit(value, scope)
            case ast.Import() | ast.ImportFrom():
                self._import(node, scope)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                self._function(node, scope)
            case ast.ClassDef():
                _bind_all(scope, (node.name, *_type_parameters(node)))
                self._each([*node.decorator_list, *node.bases, *node.keywords], scope)
                self._open(node, scope, node.body)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                self._comprehension(node, scope)
            case ast.AnnAssign(target=target, value=value):  # the annotation is dropped before a run
                self._each([target, *([value] if value is not None else [])], scope)
            case _:
                _bind_all(scope, _bound_here(node))
                self._each(children(node), scope)

    def _each(self, nodes: list[ast.AST], scope: Scope) -> None:
        for node in nodes:
            self._visit(node, scope)

    def _assign(self, node: ast.Assign, scope: Scope) -> None:
        self._visit(node.value, scope)
        for target in node.targets:
            if isinstance(target, ast.Name):
                scope.bind(target.id, node.value)
            else:
                self._visit(target, scope)

    def _import(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
        for alias in node.names:
            if isinstance(node, ast.Import):
                found = Import(node, alias, alias.name, None)
            else:
                found = Import(node, alias, "." * node.level + (node.module or ""), alias.name)
            self.imports.append(found)
            scope.bind(found.bound, found.stands_for)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, scope: Scope) -> None:
        outside: list[ast.AST] = [*node.args.defaults, *(d for d in node.args.kw_defaults if d is not None)]
        if not isinstance(node, ast.Lambda):
            _bind_all(scope, (node.name, *_type_parameters(node)))
            outside += node.decorator_list
        parameters = list(all_parameters(node.args))
        self._each(outside, scope)
        inner = self._open(node, scope, [])
        _bind_all(inner, (parameter.arg for parameter in parameters))
        self._each([node.body] if isinstance(node, ast.Lambda) else list(node.body), inner)

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp, scope: Scope) -> None:
        first, *others = node.generators
        self._visit(first.iter, scope)
        inner = self._open(node, scope, [first.target, *first.ifs, *others])
        self._each([node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt], inner)


def all_parameters(args: ast.arguments) -> Iterator[ast.arg]:
    """Return every parameter of a function, in order."""
    yield from (*args.posonlyargs, *args.args)
    if args.vararg is not None:
        yield args.vararg
    yield from args.kwonlyargs
    if args.kwarg is not None:
        yield args.kwarg


def _bind_all(scope: Scope, names: Iterable[str]) -> None:
    for name in names:
        scope.bind(name)


def _share(scope: Scope) -> None:
    """Tell the scopes that names declared `global` or `nonlocal` belong to that they are bound here too."""
    for name in scope.bound & scope.outer:
        if name in scope.shared:
            scope.module().bind(name)
        elif (owner := scope.owner(name)) is not None:
            owner.bind(name)


def _holder(scope: Scope) -> Scope:
    """Return the scope in which `:=` binds: a comprehension's own names end with it."""
    while isinstance(scope.node, _COMPREHENSIONS) and scope.parent is not None:
        scope = scope.parent
    return scope


def _type_parameters(node: ast.AST) -> list[str]:
    """Return the names in the brackets of `def f[T](…)`, which newer versions of Python know."""
    return [parameter.name for parameter in getattr(node, "type_params", [])]


def _bound_here(node: ast.AST) -> list[str]:
    match node:
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            return [name]
        case ast.MatchMapping(rest=str(name)):
            return [name]
    return []
