"""Classes of the harness, their objects and their methods."""

from __future__ import annotations

import ast
from dataclasses import replace

from weft.linter.effort import unparsed
from weft.linter.facts.domain.values import Call, Class, Env, Function, Instance, Native, Value
from weft.linter.facts.follow.machine import Machine

__all__ = ["describes_itself", "instance_of", "made_class", "member_of", "method", "special"]

_PROPERTIES = {"property", "cached_property", "functools.cached_property"}
_TEXTS = ("__str__", "__repr__", "__format__")


def made_class(m: Machine, node: ast.ClassDef) -> Class:
    """Return the class that a definition makes here, its body followed."""
    bases = tuple(m.evaluate(base) for base in node.bases)
    env = Env(node, m.frame.env)
    outer, m.frame.env = m.frame.env, env
    m.execute(node.body)
    m.frame.env = outer
    return Class(node=node, env=env, bases=bases)


def member_of(m: Machine, cls: Class, name: str) -> Value | None:
    """Return what asking a class for an attribute gives."""
    found = _held(m, cls, name)
    if isinstance(found, Function) and "classmethod" in _decorators(found):
        return replace(found, bound=cls)
    return found


def method(m: Machine, instance: Instance, name: str) -> Value | None:
    """Return an attribute of an object's class, bound to the object."""
    found = member_of(m, instance.of, name)
    if not isinstance(found, Function) or found.bound is not None or "staticmethod" in _decorators(found):
        return found
    bound = replace(found, bound=instance)
    return m.apply(bound, found.node) if _PROPERTIES & _decorators(found) else bound


def special(m: Machine, value: Value, name: str, node: ast.AST, *args: Value) -> Value | None:
    """Return what a method such as `__getitem__` gives where an object has it; `None` where it has not."""
    found = method(m, value, name) if isinstance(value, Instance) else None
    return m.apply(found, node, *args) if isinstance(found, Function) else None


def _decorators(function: Function) -> set[str]:
    return set() if isinstance(function.node, ast.Lambda) else {unparsed(d) for d in function.node.decorator_list}


def _held(m: Machine, cls: Class, name: str) -> Value | None:
    """Return what a class or one of its bases has under a name."""
    own = m.read((cls.env, name))
    if own is not None:
        return own
    inherited = (_held(m, base, name) for base in _bases(cls))
    return next((value for value in inherited if value is not None), None)


def _bases(cls: Class) -> list[Class]:
    return [base for base in cls.bases if isinstance(base, Class)]


def instance_of(m: Machine, cls: Class, call: Call) -> Value:
    """Return the object that calling a class makes."""
    instance = Instance(of=cls, birth=m.birth(call.node))
    m.state.cells |= {(instance.birth, name): value for name, value in _defaults(m, cls).items()}
    init = method(m, instance, "__init__")
    if isinstance(init, Function):
        m.call(init, call)
        return instance
    names = _declared(cls)
    if not names and (call.args or call.keywords):
        return m.unknown("an object of a class that is not followed", *call.args, *call.keywords.values())
    for name, value in [*zip(names, call.args, strict=False), *call.keywords.items()]:
        m.state.cells[instance.birth, name] = value
    prepare = method(m, instance, "__post_init__")
    if isinstance(prepare, Function):
        m.apply(prepare, call.node)
    return instance


def _defaults(m: Machine, cls: Class) -> dict[str, Value]:
    """Return the values that the bodies of a class and its bases give to names: each object begins with them."""
    found = {name: value for base in _bases(cls) for name, value in _defaults(m, base).items()}
    for name, value in m.attributes_of(cls.env).items():
        if not isinstance(value, (Function, Class)):
            found[name] = _made(m, value, cls)
    return found


def _made(m: Machine, value: Value, cls: Class) -> Value:
    """Return the default of a field: what its factory makes where it has one."""
    match value:
        case Native(name="dataclasses.made", target=Value() as factory):
            return m.apply(factory, cls.node)
    return value


def _declared(cls: Class) -> list[str]:
    """Return the fields that the body of a dataclass or named tuple declares, those of its bases first."""
    inherited = [name for base in _bases(cls) for name in _declared(base)]
    own = [s.target.id for s in cls.node.body if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name)]
    return [*inherited, *(name for name in own if name not in inherited)]


def describes_itself(m: Machine, value: Value) -> bool:
    """Tell whether the text of a value says the same in every process: it holds no memory address."""
    if not isinstance(value, Instance):
        return not isinstance(value, Function)
    elsewhere = bool(value.of.node.decorator_list) or len(_bases(value.of)) < len(value.of.bases)
    return elsewhere or any(method(m, value, name) is not None for name in _TEXTS)
