"""Names that nothing comes of: what they hold is only put into others of which nothing comes either."""

from __future__ import annotations

import ast

from weft.linter.effort import walk
from weft.linter.facts import Facts
from weft.linter.facts.places import COMPREHENSIONS, reads, uses

__all__ = ["Vain"]

_ADDING = {"add", "append", "appendleft", "extend", "extendleft", "insert", "setdefault", "update"}
"""Methods that put something into a container."""
_ASKING = {
    "casefold",
    "copy",
    "get",
    "items",
    "join",
    "keys",
    "lower",
    "split",
    "splitlines",
    "strip",
    "upper",
    "values",
}
"""Methods that only give a part or another form of what they are asked of."""
_WORKED_OUT = {"bool", "dict", "enumerate", "float", "int", "len", "list", "max", "min", "reversed", "round", "set"}
_WORKED_OUT |= {"sorted", "str", "sum", "tuple", "zip"}
"""Functions that only give something made of what they are given."""
_CONTAINERS = {"Counter", "defaultdict", "deque", "dict", "list", "set"}
_ELSEWHERE = (ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr, ast.Lambda)


class Vain:
    """Tells of names, wherever they are written, whether anything comes of what they hold."""

    def __init__(self, facts: Facts) -> None:
        self._tree = facts.tree
        self._places = facts.places
        self._known: dict[str, bool] = {}
        self._given = {node.arg for node in facts.places.nodes if isinstance(node, ast.arg)}

    def name(self, name: str) -> bool:
        """Tell whether each reading of a name only goes into names of which nothing comes."""
        if name not in self._known:
            self._known[name] = True  # that it goes into itself comes to nothing
            read = (use for use in uses(self._tree, name) if not isinstance(use.ctx, ast.Store))
            self._known[name] = all(map(self._ends, read))
        return self._known[name]

    def in_loop(self, loop: ast.For, name: str) -> bool:
        """Tell whether that is so of the variable of a loop which reads it, whatever other loops call their own."""
        read = [use for use in uses(self._tree, name) if not isinstance(use.ctx, ast.Store)]
        inside = [use for use in read if self._places.within(use, loop)]
        others = (use for use in read if use not in inside)
        return bool(inside) and all(map(self._ends, inside)) and all(self._is_of_a_loop(use) for use in others)

    def _is_of_a_loop(self, use: ast.Name) -> bool:
        """Tell whether a name is that of a loop or comprehension around it."""
        loops = (one for one in self._places.around(use) if isinstance(one, (ast.For, ast.AsyncFor, *COMPREHENSIONS)))
        targets = (target for loop in loops for target in _targets(loop))
        return any(one.id == use.id for target in targets for one in walk(target) if isinstance(one, ast.Name))

    def container(self, name: str) -> bool:
        """Tell whether a name has a container of its own, which nobody else holds, and nothing comes of that."""
        if name.startswith("_") or not any(map(self._begins_empty, uses(self._tree, name))):
            return False
        return self.name(name)

    def _variable(self, name: str) -> bool:
        return name not in self._given and not name.startswith("_") and self.name(name)

    def _begins_empty(self, use: ast.Name) -> bool:
        parent = self._places.parent(use)
        given = getattr(parent, "value", None)
        if isinstance(parent, ast.Tuple):
            values = getattr(self._places.parent(parent), "value", None)
            same = isinstance(values, ast.Tuple) and len(values.elts) == len(parent.elts)
            given = values.elts[parent.elts.index(use)] if same and isinstance(values, ast.Tuple) else None
        match given:
            case ast.List(elts=[]) | ast.Dict(keys=[]) | ast.Call(func=ast.Name(id="defaultdict")):
                return not isinstance(use.ctx, ast.Load)
            case ast.Call(func=ast.Name(id=made)):
                return made in _CONTAINERS and not isinstance(use.ctx, ast.Load)
        return False

    def _ends(self, use: ast.expr) -> bool:
        """Tell whether what is read here is put into something of which nothing comes."""
        node: ast.AST = use
        while isinstance(parent := self._places.parent(node), (ast.expr, ast.comprehension, ast.keyword)):
            if isinstance(parent, _ELSEWHERE):
                return False
            if isinstance(parent, ast.Call) and not self._only_asks(parent):
                held, put = _put_by(parent), self._places.parent(parent)
                return held is not None and isinstance(put, ast.Expr) and (held is use or self.container(held.id))
            node = parent
        return isinstance(parent, ast.stmt) and self.statement(parent, use)

    def statement(self, statement: ast.stmt, use: ast.expr | None = None) -> bool:
        """Tell whether nothing comes of a statement, where the names that it reads are of no consequence."""
        match statement:
            case ast.Pass():
                return True
            case ast.Expr(value=ast.Call() as call) if (held := _put_by(call)) is not None:
                return self.container(held.id) and all(map(self._is_plain, call.args))
            case ast.Assign(targets=[ast.Subscript(value=held)]) if held is use:
                return True
            case ast.Assign(targets=[ast.Name(id=name)]) if next(reads(self._tree, name), None) is None:
                return False  # what was made of it is forgotten, and perhaps nobody meant that
            case ast.Assign(targets=[target], value=value) | ast.AugAssign(target=target, value=value):
                return self._is_plain(value) and self._is_put(target)
            case ast.If(test=test, body=body, orelse=other):
                return self._is_plain(test) and all(map(self.statement, [*body, *other]))
            case ast.For(iter=walked, body=body, orelse=other):
                return self._is_plain(walked) and all(map(self.statement, [*body, *other]))
        return False

    def _is_put(self, target: ast.expr) -> bool:
        match target:
            case ast.Name(id=name):
                return self._variable(name)
            case ast.Subscript(value=ast.Name() as held):
                return self.container(held.id)
        return False

    def _is_plain(self, value: ast.expr) -> bool:
        """Tell whether an expression only works something out."""
        for node in walk(value):
            if isinstance(node, _ELSEWHERE) or (isinstance(node, ast.Call) and not self._only_asks(node)):
                return False
        return True

    def _only_asks(self, call: ast.Call) -> bool:
        match call.func:
            case ast.Name(id=name):
                return name in _WORKED_OUT
            case ast.Attribute(attr=name):
                return name in _ASKING
        return False


def _targets(loop: ast.AST) -> list[ast.expr]:
    clauses = getattr(loop, "generators", [loop])
    return [clause.target for clause in clauses]


def _put_by(call: ast.Call) -> ast.Name | None:
    """Return the name of the container into which a call puts something."""
    match call.func:
        case ast.Attribute(value=ast.Name() as held, attr=attr) if attr in _ADDING:
            return held
    return None
