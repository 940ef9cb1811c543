"""Classes of the harness, their objects and their methods."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from weft.linter.effort import spend, unparsed
from weft.linter.facts.domain.code import Call, Class, Env, Function, Instance, Native
from weft.linter.facts.domain.holding import anything
from weft.linter.facts.domain.values import Listing, Text, Unknown, Value
from weft.linter.facts.follow.machine import Machine
from weft.linter.record import replace

__all__ = [
    "instance_of",
    "lineage",
    "made_class",
    "member_of",
    "members",
    "method",
    "names_of",
    "set_by_code",
    "special",
    "unnamed",
]

_PROPERTIES = {"property", "cached_property", "functools.cached_property"}
_TEXTS = ("__str__", "__repr__", "__format__")


def made_class(m: Machine, node: ast.ClassDef) -> Class:
    """Return the class that a definition makes here, its body followed."""
    bases = tuple(m.evaluate(base) for base in node.bases)
    env = Env(node, m.frame.env)
    outer, m.frame.env = m.frame.env, env
    m.execute(node.body)
    m.frame.env = outer
    made = Class(node=node, env=env, bases=bases, behind=_behind(_bases(bases)))
    for base in _bases(bases):
        hook = _held(m, base, "__init_subclass__")
        if isinstance(hook, Function):
            m.apply(replace(hook, bound=made), node)
    if node.keywords:
        m.lose("the class has a metaclass, or options", made)
    return made


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
    if not _PROPERTIES & _decorators(found):
        return bound
    value = m.apply(bound, found.node)
    if "property" not in _decorators(found):  # it is kept by the object
        m.state.cells[instance.birth, name] = value
    return value


def names_of(m: Machine, instance: Instance) -> list[str]:
    """Return the names of all attributes and methods that an object is given by its own code; none if not all are."""
    classes = lineage(instance.of)
    if any(len(_bases(cls.bases)) < len(cls.bases) for cls in classes):
        return []
    owners = (instance.birth, *(cls.env for cls in classes))
    return sorted({name for owner in owners for name in m.attributes_of(owner) if not name.startswith("__")})


def special(m: Machine, value: Value, name: str, node: ast.AST, *args: Value) -> Value | None:
    """Return what a method such as `__getitem__` gives where an object has it; `None` where it has not."""
    found = method(m, value, name) if isinstance(value, Instance) else None
    return m.apply(found, node, *args) if isinstance(found, Function) else None


def _decorators(function: Function) -> set[str]:
    return set() if isinstance(function.node, ast.Lambda) else {unparsed(d) for d in function.node.decorator_list}


def _held(m: Machine, cls: Class, name: str) -> Value | None:
    """Return what a class or one of its bases has under a name."""
    held = (m.read((one.env, name)) for one in lineage(cls))
    return next((value for value in held if value is not None), None)


def lineage(cls: Class) -> list[Class]:
    """Return a class and its bases in the order in which Python looks for an attribute in them."""
    return [cls, *cls.behind]


def _behind(bases: list[Class]) -> tuple[Class, ...]:
    """Return the bases of a class and theirs in the order in which Python looks in them."""
    left = [line for line in (*(lineage(base) for base in bases), bases) if line]
    order: list[Class] = []
    while left:
        spend(len(left))
        later = {one.env for line in left for one in line[1:]}
        order.append(next((line[0] for line in left if line[0].env not in later), left[0][0]))
        left = [rest for line in left if (rest := [one for one in line if one.env is not order[-1].env])]
    return tuple(order)


def _bases(bases: Iterable[Value]) -> list[Class]:
    return [base for base in bases if isinstance(base, Class)]


def instance_of(m: Machine, cls: Class, call: Call) -> Value:
    """Return the object that calling a class makes."""
    instance = Instance(of=cls, birth=m.birth(call.node))
    m.state.cells |= {(instance.birth, name): value for name, value in _defaults(m, cls).items()}
    if member_of(m, cls, "__new__") is not None or cls.node.keywords:
        return m.unknown("an object of a class that makes it in its own way", instance, *call.inputs())
    _work_unseen(m, instance, call)
    init = method(m, instance, "__init__")
    if isinstance(init, Function):
        m.call(init, call)
        return instance
    names = _declared(cls)
    if not names and (call.args or call.keywords):
        return m.unknown("an object of a class that is not followed", *call.inputs())
    if not call.complete:
        return m.unknown("an object whose fields are not known", instance, *call.inputs())
    for name, value in [*zip(names, call.args, strict=False), *call.keywords.items()]:
        m.state.cells[instance.birth, name] = value
    prepare = method(m, instance, "__post_init__")
    if isinstance(prepare, Function):
        m.apply(prepare, call.node)
    return instance


def _work_unseen(m: Machine, instance: Instance, call: Call) -> None:
    """Forget what methods may change that Python calls where the analysis does not see it."""
    unseen = {name for name in members(m, instance.of) if name.startswith("__") and name.endswith("__")} - _SEEN
    own = [method(m, instance, name) for name in sorted(unseen)]
    if any(isinstance(one, Function) for one in own):
        m.unknown("methods that are called where it is not seen", instance, *call.inputs())


_SEEN = {
    *("__init__", "__post_init__", "__iter__", "__len__", "__getitem__", "__setitem__", "__delitem__", "__contains__"),
    *("__call__", "__enter__", "__exit__", "__str__", "__repr__", "__format__", "__neg__", "__pos__", "__invert__"),
    *(
        f"__{way}{name}__"
        for way in ("", "r", "i")
        for name in ("add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "pow", "lshift", "rshift")
    ),
    *(f"__{way}{name}__" for way in ("", "r", "i") for name in ("and", "or", "xor")),
    *("__init_subclass__", "__setattr__", "__doc__", "__slots__", "__match_args__"),
}
"""Special methods that are followed where they are called."""


_MADE = "dataclasses.made"
"""The default of a field of a dataclass that a factory makes for each object; it sets nothing."""


def _defaults(m: Machine, cls: Class) -> dict[str, Value]:
    """Return the values that the bodies of a class and its bases give to names: each object begins with them."""
    found: dict[str, Value] = {}
    for one in reversed(lineage(cls)):
        for name, value in m.attributes_of(one.env).items():
            found.pop(name, None)
            if not isinstance(value, (Function, Class)):
                found[name] = _made(m, value, one)
    return found


def _made(m: Machine, value: Value, cls: Class) -> Value:
    """Return the default of a field: what its factory makes where it has one."""
    match value:
        case Native(name=name, target=Value() as factory) if name == _MADE:
            return m.apply(factory, cls.node)
    return value


def _declared(cls: Class) -> list[str]:
    """Return the fields that the body of a dataclass or named tuple declares, those of its bases first."""
    inherited = [name for base in _bases(cls.bases) for name in _declared(base)]
    own = [s.target.id for s in cls.node.body if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name)]
    return [*inherited, *(name for name in own if name not in inherited)]


def members(m: Machine, cls: Class) -> set[str]:
    """Return the names that a class and its bases have."""
    return {*m.attributes_of(cls.env)}.union(*(members(m, base) for base in _bases(cls.bases)))


def set_by_code(m: Machine, instance: Instance, name: str, value: Value, node: ast.AST) -> bool:
    """Follow the code that setting an attribute runs, and tell whether there is such: a setter, or a descriptor."""
    own = method(m, instance, "__setattr__")
    if isinstance(own, Function):
        m.apply(own, node, Text(const=name), value)
        return True
    setter = _held(m, instance.of, f"{name}.setter")
    if isinstance(setter, Function):
        m.apply(replace(setter, bound=instance), node, value)
        return True
    held = _held(m, instance.of, name)
    described = isinstance(held, Instance) and method(m, held, "__set__") is not None
    if isinstance(held, (Unknown, Native, Instance)) and (described or not _is_plain(held)):
        m.lose("what sets it is not followed", instance, value, held, keeps=True)
        m.state.cells[instance.birth, name] = anything("what sets it is not followed", value)
        return True
    return False


def _is_plain(held: Value) -> bool:
    """Tell whether what a class holds under a name lets objects have an attribute of that name."""
    return isinstance(held, Instance) or (isinstance(held, Native) and held.name == _MADE)


def unnamed(m: Machine, value: Value, *, inner: bool = False) -> str | None:
    """Return what a value is whose text holds a memory address; `None` if it says the same in every process.

    Args:
        m: The machine.
        value: What is made text of.
        inner: It is in a list or dict, whose text shows what is in it by `__repr__`.
    """
    match value:
        case Function():
            return "function"
        case Listing(kind="iterator"):
            return "generator"
        case Instance(of=cls):
            elsewhere = bool(cls.node.decorator_list) or len(_bases(cls.bases)) < len(cls.bases)
            texts = ("__repr__",) if inner else _TEXTS
            return None if elsewhere or any(method(m, value, name) is not None for name in texts) else cls.node.name
    return None
