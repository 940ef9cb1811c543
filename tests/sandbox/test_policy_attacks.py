"""Attacks on attributes and classes that compile and must fail when they run: each is refused for its own reason.

A row is the body of `main` and words of the refusal; `None` where it must run and return "no".
"""

from __future__ import annotations

import pytest

ATTACKS: dict[str, tuple[str, str | None]] = {
    # -------------------------------------------------------------- attributes by name
    # getattr with a literal, a computed and a mapped name
    "getattr-dunder": ("return 'ESCAPED' + str(getattr(1, '__cla' + 'ss__'))", "write type(x)"),
    "getattr-map": ("return 'ESCAPED' + str(list(map(getattr, [int], ['mro'])))", "leads into the interpreter"),
    "getattr-reduce": (
        "from functools import reduce\nreturn 'ESCAPED' + str(reduce(getattr, ['__class__', '__base__'], 1))",
        "write type(x)",
    ),
    # Python does not normalise names given as text
    "getattr-fullwidth": ("return 'ESCAPED' + str(getattr(1, '__ｃlass__'))", "not available"),
    # a str subclass shows the check one thing and Python another
    "getattr-str-subclass": (
        """
        class Sly(str):
            def startswith(self, *a): return False
            def __eq__(self, other): return False
            def __hash__(self): return 0
        return 'ESCAPED' + str(getattr(1, Sly('__class__')))
        """,
        "must be plain text",
    ),
    "setattr-str-subclass": (
        """
        class Sly(str):
            def __hash__(self): return hash('x')
        class A: pass
        setattr(A(), Sly('__class__'), A)
        return 'ESCAPED'
        """,
        "must be plain text",
    ),
    "setattr-dunder": ("class A: pass\nsetattr(A, '__call__', lambda s: 1)\nreturn 'ESCAPED'", "two underscores"),
    "setattr-name": ("setattr(main, '__name__', 'x')\nreturn 'ESCAPED'", "functools.wraps"),
    # hasattr as an oracle for what is behind the wall
    "hasattr-oracle": ("return 'ESCAPED' if hasattr(1, '__class__') else 'no'", "write type(x)"),
    "hasattr-private": ("return 'ESCAPED' if hasattr(Seen(), '_keys') else 'no'", None),
    # -------------------------------------------------------------- text that reads attributes
    "format-dunder": ("return 'ESCAPED' + '{0.__class__}'.format(1)", "write type(x)"),
    "format-deep": ("return 'ESCAPED' + '{0[0].__class__.__base__}'.format([1])", "write type(x)"),
    "format-in-spec": ("return 'ESCAPED' + '{0:{1.__class__}}'.format('a', 1)", "write type(x)"),
    "format-frame": (
        "def g(): yield\nreturn 'ESCAPED' + '{0.gi_frame}'.format(g())",
        "leads into the interpreter",
    ),
    "format-private": ("return 'ESCAPED' + '{0._keys}'.format(Seen())", "begins with an underscore"),
    "format-unbound": ("return 'ESCAPED' + str.format('{0.__class__}', 1)", "write type(x)"),
    "format-mapped": ("return 'ESCAPED' + list(map(str.format, ['{0.__class__}'], [1]))[0]", "write type(x)"),
    "format-by-getattr": ("return 'ESCAPED' + getattr('{0.__class__}', 'format')(1)", "write type(x)"),
    "format-map": (
        """
        class D(dict):
            def __missing__(self, key): return 1
        return 'ESCAPED' + '{x.__class__}'.format_map(D())
        """,
        "write type(x)",
    ),
    "format-partial": (
        "from functools import partial\nreturn 'ESCAPED' + partial(str.format, '{0.__class__}')(1)",
        "write type(x)",
    ),
    "format-subclass": (
        "class S(str):\n    fmt = str.format\nreturn 'ESCAPED' + S('{0.__class__}').fmt(1)",
        "write type(x)",
    ),
    # through super() there is no str to be seen, only its method
    "format-super": (
        """
        class S(str):
            def go(self):
                above = super()
                return above.format(1)
        return 'ESCAPED' + S('{0.__class__}').go()
        """,
        "write type(x)",
    ),
    "format-descriptor-of-error": (
        "try: (1).x\nexcept AttributeError as e: return 'ESCAPED {0.obj}'.format(e)",
        "`obj`",
    ),
    # -------------------------------------------------------------- data classes read fields without a guard
    # the field has no value of its own, so the raw method of the other base is read by name
    "field-format-asdict": (
        """
        from dataclasses import dataclass, asdict
        @dataclass(init=False)
        class A:
            format: object
        class B(A, str): pass
        return 'ESCAPED' + asdict(B('{0.__class__}'))['format'](1)
        """,
        "a field cannot be called `format`",
    ),
    # the generated __eq__ shows it to the other side's __eq__
    "field-format-eq": (
        """
        from dataclasses import dataclass
        got = []
        class Spy:
            def __eq__(self, other): got.append(other); return True
        @dataclass(init=False)
        class A(str):
            format: object
        a, b = A('{0.__class__}'), A()
        b.format = Spy()
        a == b
        return 'ESCAPED' + got[0](1)
        """,
        "a field cannot be called `format`",
    ),
    # __match_args__ reads it in a pattern
    "field-format-match": (
        """
        from dataclasses import dataclass
        @dataclass(init=False)
        class A:
            format: object
        class B(A, str): pass
        match B('{0.__class__}'):
            case A(f): return 'ESCAPED' + f(1)
        """,
        "a field cannot be called `format`",
    ),
    # decorated only after the class derived from it exists
    "field-format-late": (
        """
        from dataclasses import dataclass, asdict
        class A:
            format: object
        class B(A, str): pass
        dataclass(init=False)(A)
        return 'ESCAPED' + asdict(B('{0.__class__}'))['format'](1)
        """,
        "a field cannot be called `format`",
    ),
    # a generic alias hides the class from a look at the bases
    "field-format-alias": (
        """
        from collections import deque
        from dataclasses import dataclass, asdict
        @dataclass(init=False)
        class A(deque):
            format: object
        class B(A[int], str): pass
        return 'ESCAPED' + asdict(B('{0.__class__}'))['format'](1)
        """,
        "a field cannot be called `format`",
    ),
    # dataclass takes the private attribute of a library's class as the default, and Field shows defaults
    "field-private-default": (
        """
        from collections import Counter
        from dataclasses import dataclass, fields
        @dataclass
        class A(Counter):
            _keep_positive: object
        return 'ESCAPED' + str(fields(A)[0].default)
        """,
        "a field cannot be called `_keep_positive`",
    ),
    "field-private-beside": (
        """
        from dataclasses import dataclass, asdict
        @dataclass(init=False)
        class A:
            _keys: object
        class B(A, Seen): pass
        return 'ESCAPED' + str(asdict(B())['_keys'])
        """,
        "a field cannot be called `_keys`",
    ),
    # the same through the metaclass
    "field-metaclass": (
        """
        from abc import ABC
        from dataclasses import dataclass, fields
        @dataclass
        class A(ABC):
            _dump_registry: object
        return 'ESCAPED' + str(fields(A)[0].default)
        """,
        "a field cannot be called `_dump_registry`",
    ),
    "field-register": (
        """
        from abc import ABC
        from dataclasses import dataclass, fields
        @dataclass
        class A(ABC):
            register: object
        return 'ESCAPED' + str(fields(A)[0].default(int))
        """,
        "a field cannot be called `register`",
    ),
    # decorating a class of the library changes it for the whole process
    "dataclass-foreign": ("from dataclasses import dataclass\ndataclass(Seen)\nreturn 'ESCAPED'", "this file only"),
    "dataclass-code": ("from dataclasses import make_dataclass\nreturn 'ESCAPED'", "make_dataclass` is not available"),
    # string annotations are for others to evaluate
    "annotation-text": (
        """
        from dataclasses import dataclass, fields
        @dataclass
        class A:
            x: "__import__('os').getcwd()" = 1
        return 'ESCAPED' if isinstance(fields(A)[0].type, str) else 'no'
        """,
        None,
    ),
    # -------------------------------------------------------------- classes made without a class statement
    "type-three-arguments": ("return 'ESCAPED' + str(type('X', (), {}))", "takes one argument"),
    # the type of a class is the real `type`
    "type-of-a-class": ("return 'ESCAPED' + str(type(int)('X', (), {}))", "takes one argument"),
    "type-of-own-class": ("class A: pass\nreturn 'ESCAPED' + str(type(A)('X', (), {}))", "takes one argument"),
    "type-of-an-enum": (
        "from enum import Enum\nreturn 'ESCAPED' + str(type(Enum)('X', (), {}))",
        "takes one argument",
    ),
    "type-of-super": (
        """
        class A:
            def f(self): return type(super())
        return 'ESCAPED' + str(A().f()(A, A()))
        """,
        "not callable",
    ),
    "type-of-function": ("return 'ESCAPED' + str(type(main)(1, {}))", "not callable"),
    "type-of-module": ("import json\nreturn 'ESCAPED' + str(type(json)('x', {}))", "not callable"),
    "type-of-primitive": ("return 'ESCAPED' + str(type(agent)(len))", "not callable"),
    "type-of-coroutine": ("return 'ESCAPED' + str(type(agent('x')).send)", "no attribute"),
    "type-as-base": ("class M(type): pass\nreturn 'ESCAPED'", "cannot be a base"),
    # Enum(name, members) takes any method, special ones too
    "enum-from-data": (
        "from enum import Enum\nreturn 'ESCAPED' + str(Enum('E', {'__getattr__': len}))",
        "takes one value",
    ),
    "enum-from-data-keywords": (
        "from enum import Enum\nreturn 'ESCAPED' + str(Enum(value='E', names='A', type=str))",
        "takes one value",
    ),
    # namedtuple puts the names into source code that it evaluates
    "namedtuple-code": (
        """
        from collections import namedtuple
        class Sly(str):
            def isidentifier(self): return True
        class Name:
            def __str__(self): return Sly('x=__import__("os").getcwd()')
        return 'ESCAPED' + str(namedtuple('P', [Name()])())
        """,
        "must be valid identifiers",
    ),
    # the functional form compares types with real forms of typing, which __eq__ gets to see
    "namedtuple-typing-eq": (
        """
        from typing import NamedTuple
        got = []
        class Spy:
            def __eq__(self, other): got.append(other); return False
        NamedTuple('P', [('x', Spy())])
        return 'ESCAPED' + str(got)
        """,
        "cannot be called",
    ),
    # an object as a base: Python calls its type with the body of the class
    # x.copy() of a library class calls x.__class__(x), and for a class that is the real `type`
    "type-by-copy": (
        "from collections import Counter\nreturn 'ESCAPED' + str(Counter.copy(int)('X', (), {}))",
        "only available on objects",
    ),
    "type-by-copy-of-alias": (
        "from collections import Counter\nreturn 'ESCAPED' + str(Counter[int].copy(int)('X', (), {}))",
        "only available on objects",
    ),
    "type-by-copy-of-super": (
        """
        from collections import Counter
        class C(Counter):
            @classmethod
            def go(cls): return super().copy
        return 'ESCAPED' + str(C.go()(int)('X', (), {}))
        """,
        "only available on objects",
    ),
    "type-by-copy-of-field": (
        """
        from collections import Counter
        from dataclasses import dataclass, fields
        @dataclass
        class C(Counter):
            copy: object
        return 'ESCAPED' + str(fields(C)[0].default(int)('X', (), {}))
        """,
        "a field cannot be called `copy`",
    ),
    "type-by-chain": (
        """
        from collections import ChainMap
        class A:
            maps = ["X", (), {"__getattr__": len}]
        return 'ESCAPED' + str(ChainMap.new_child(A, "X"))
        """,
        "a method of ChainMap",
    ),
    "type-by-chain-of-class": (
        """
        from collections import ChainMap
        class A:
            maps = ["", "X", (), {"__getattr__": len}]
        class C(ChainMap): pass
        return 'ESCAPED' + str(C.parents.fget(A))
        """,
        "a method of ChainMap",
    ),
    # in a class method super().__init__ is a function that writes to any object
    "init-of-anything": (
        """
        from enum import auto
        class A(auto):
            @classmethod
            def go(cls): return super().__init__
        A.go()(Seen, 5)
        return 'ESCAPED' + str(Seen.value)
        """,
        "only available in methods of objects",
    ),
    "base-function": ("class X(agent): pass\nreturn 'ESCAPED'", "cannot be a base"),
    "base-module": ("import json\nclass X(json): pass\nreturn 'ESCAPED'", "cannot be a base"),
    "base-object-of-mine": (
        """
        class A:
            def __init__(self, *body): self.body = body
        class X(A()): pass
        return 'ESCAPED' + str(X.body)
        """,
        "cannot be a base",
    ),
    "base-starred": ("class X(*(lambda: 0,)): pass\nreturn 'ESCAPED'", "cannot be a base"),
    "base-opaque": ("class X(type(len)): pass\nreturn 'ESCAPED'", "cannot be a base"),
    # mixin methods of these drive whatever coroutine they are given
    "base-coroutine": ("from typing import Coroutine\nclass X(Coroutine): pass\nreturn 'ESCAPED'", "cannot be a base"),
    "abstract-close-origin": (
        "from typing import Generator, get_origin\nget_origin(Generator[int]).close(agent('x'))\nreturn 'ESCAPED'",
        "no attribute",
    ),
    "abstract-close": (
        "from collections.abc import Generator\nreturn 'ESCAPED' + str(Generator.close)",
        "no attribute",
    ),
}


@pytest.fixture(scope="module")
def outcomes(run):
    return run({name: source for name, (source, _) in ATTACKS.items()})


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_is_stopped_for_its_reason(name, outcomes, assert_stopped):
    assert_stopped(outcomes[name], ATTACKS[name][1])
