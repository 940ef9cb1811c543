"""Attributes that are read without being written as `x.name`: by patterns, by copies, by fields of data classes.

A row of `ATTACKS` is the body of `main` and words of the refusal; `None` where it must run and return "no".
"""

from __future__ import annotations

import pytest

NAMES = """
import copy, re, textwrap
from abc import ABC
from collections import namedtuple
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from functools import cached_property
from typing import Any, NamedTuple, Protocol, get_origin
def lenient(*names):
    class Lenient(namedtuple("Lenient", names), Protocol): pass
    return Lenient
class Same(str):
    def __hash__(self): return hash(r"<\\1>")
    def __eq__(self, other): return True
"""
POISONED = "return 'ESCAPED' if 'POISON' in re.sub('(a)', r'<\\1>', 'a') else 'no'"

ATTACKS: dict[str, tuple[str, str | None]] = {
    # -------------------------------------------------------------- class patterns, whoever says what their fields are
    "pattern-closed": ("lenient('cr_frame')\nreturn 'ESCAPED'", "leads into the interpreter"),
    "pattern-closed-among-others": ("namedtuple('N', 'a, gi_frame b')\nreturn 'ESCAPED'", "leads into the interpreter"),
    "pattern-renamed": ("namedtuple('N', 'a gi_frame', rename=True)\nreturn 'ESCAPED'", "leads into the interpreter"),
    "pattern-dunder": ("lenient('__globals__')\nreturn 'ESCAPED'", "two underscores"),
    "pattern-dunder-text-of-mine": (
        """
        class Sly(str):
            def startswith(self, *what): return False
        lenient(Sly("__class__"))
        return "ESCAPED"
        """,
        "two underscores",
    ),
    "pattern-data-class": (
        """
        @dataclass
        class P(Protocol):
            format: Any
        match "{0.__class__}":
            case P(f): return "ESCAPED" + f(1)
        """,
        "not available in a pattern",
    ),
    "pattern-typing": (
        """
        class N(NamedTuple):
            send: Any
        class P(N, Protocol): pass
        match agent("x"):
            case P(f): return "ESCAPED" + str(f(None))
        """,
        "not available in a pattern",
    ),
    "pattern-slots": (
        """
        @dataclass(slots=True)
        class P(Protocol):
            throw: Any
        match agent("x"):
            case P(f): return "ESCAPED"
        """,
        "not available in a pattern",
    ),
    "pattern-nested": (
        """
        P, Q = lenient("x"), lenient("send")
        match [1, {"a": agent("x")}]:
            case [_, {"a": P(f) | Q(f)}]: return "ESCAPED"
        """,
        "not available in a pattern",
    ),
    "pattern-dotted": (
        """
        class Holder:
            held = lenient("close")
        match agent("x"):
            case Holder.held(f): return "ESCAPED"
        """,
        "not available in a pattern",
    ),
    "pattern-private": (
        """
        @dataclass
        class P(Protocol):
            _keys: Any
        match Seen():
            case P(keys): return "ESCAPED"
        """,
        "not available in a pattern",
    ),
    "pattern-register": (
        """
        class A(ABC): pass
        P = lenient("register")
        match A:
            case P(register): return "ESCAPED"
        """,
        "not available in a pattern",
    ),
    "pattern-missing-of-error": (
        """
        P = lenient("obj")
        try: main.x
        except AttributeError as error:
            match error:
                case P(found): return "ESCAPED"
        """,
        "not available in a pattern",
    ),
    # the check finds the harness's own method, which is gone when Python reads
    "pattern-own-and-gone": (
        """
        class S(str):
            @property
            def first(self): del S.format; return 1
            def format(self): return "mine"
        P = lenient("first", "format")
        match S("{0.__class__}"):
            case P(_, f): return "ESCAPED" + f(1)
        """,
        "not available in a pattern",
    ),
    # the class gets other fields while its pattern is tried
    "pattern-other-fields": (
        """
        @dataclass
        class Base(Protocol):
            x: Any
        class P(Base, Protocol):
            format: Any
        class Spy:
            def __eq__(self, other): dataclass(P); return True
        class Holder:
            spy = Spy()
        class S(str):
            x = 1
        match [1, S("{0.__class__}")]:
            case [Holder.spy, P(_, f)]: return "ESCAPED" + f(1)
        """,
        "accepts 1 positional",
    ),
    "pattern-name-of-the-guard": ("match 1:\n    case Seen(): pass\nreturn _class0_", "belong to the sandbox"),
    # -------------------------------------------------------------- augmented assignment, which shows it to __radd__
    "augmented-text": (
        """
        got = []
        class Spy:
            def __radd__(self, other): got.append(other); return 1
        class S(str): pass
        text = S("{0.__class__}")
        text.format += Spy()
        return "ESCAPED" + got[0](1)
        """,
        "not only classes in this file",
    ),
    "augmented-class": (
        """
        got = []
        class Spy:
            def __radd__(self, other): got.append(other); return 1
        class S(ABC): pass
        S.register += Spy()
        return "ESCAPED" + str(got[0](int))
        """,
        "not only classes in this file",
    ),
    "augmented-own": (
        """
        class Section:
            copy = 1
            def __init__(self): self.sub, self.close = 1, []
        section = Section()
        section.sub += 1
        section.close += [2]
        Section.copy *= 5
        return "no" if (section.sub, section.close, section.copy) == (2, [2], 5) else "ESCAPED"
        """,
        None,
    ),
    # -------------------------------------------------------------- a Field in two classes has the name in the last
    "field-twice": (
        """
        shared = field(default=None)
        class A(str):
            x: Any = shared
        class B:
            format: Any = shared
        dataclass(init=False)(A); dataclass(B)
        return "ESCAPED" + asdict(A("{0.__class__}"))["format"](1)
        """,
        "has one name",
    ),
    "field-of-another-class": (
        """
        @dataclass(init=False)
        class A(str):
            x: Any = None
        @dataclass
        class B:
            format: Any = field(default=fields(A)[0])
        class C(B):
            format: Any
        dataclass(C)
        return "ESCAPED" + asdict(A("{0.__class__}"))["format"](1)
        """,
        "has one name",
    ),
    # -------------------------------------------------------------- cached_property kept under any key
    "cached-property-as-base": ("class C(cached_property): pass\nreturn 'ESCAPED'", "cannot be a base"),
    "cached-property-renamed": ("cached_property(len).attrname = '__reduce__'\nreturn 'ESCAPED'", "cannot change"),
    "cached-property-twice": (
        """
        once = cached_property(lambda self: 1)
        class A:
            x = once
        class B:
            y = once
        return "ESCAPED"
        """,
        "__set_name__",
    ),
    "cached-property-lock": ("return 'ESCAPED' + str(cached_property(len).lock)", "no attribute"),
    # -------------------------------------------------------------- copies
    "copy-coroutine": ("return 'ESCAPED' + str(copy.copy(agent('x')))", "cannot be copied"),
    "copy-generator": ("return 'ESCAPED' + str(copy.deepcopy([x for x in [(y for y in [])]]))", "cannot be copied"),
    "copy-private": ("copy.copy(Seen())._keys = 1\nreturn 'ESCAPED'", "cannot change"),
    "copy-of-method": (
        """
        seen = Seen()
        copy.deepcopy(seen.add)([1])
        return "ESCAPED" if 1 in seen else "no"
        """,
        None,
    ),
    # -------------------------------------------------------------- caches and tables that the process shares
    "cache-of-templates": (f"re.compile('(a)').sub(Same(r'POISON\\1'), 'a')\n{POISONED}", None),
    "cache-by-getattr": (f"getattr(re.compile('(a)'), 'subn')(Same(r'POISON\\1'), 'a')\n{POISONED}", None),
    "cache-unbound": (f"re.Pattern.sub(re.compile('(a)'), Same(r'POISON\\1'), 'a')\n{POISONED}", None),
    "cache-of-a-match": (f"re.match('(a)', 'a').re.sub(Same(r'POISON\\1'), 'a')\n{POISONED}", None),
    "cache-expand": (f"re.match('(a)', 'a').expand(Same(r'POISON\\1'))\n{POISONED}", None),
    "cache-scanner": (f"re.compile('(a)').scanner('a').pattern.sub(Same(r'POISON\\1'), 'a')\n{POISONED}", None),
    "cache-callback": (f"re.sub('(a)', lambda m: m.re.sub(Same(r'POISON\\1'), 'a'), 'a')\n{POISONED}", None),
    "cache-pattern": (
        """
        P = lenient("sub")
        match re.compile("a"):
            case P(sub): return "ESCAPED"
        """,
        "not available in a pattern",
    ),
    "cache-flags": (
        """
        class Flags:
            def __hash__(self): return 0
            def __eq__(self, other): return True
            def __and__(self, other): return 2 & other
            __or__ = None
        re.compile("zq", Flags())
        return "ESCAPED" if re.match("zq", "ZQ") else "no"
        """,
        "names that begin with two underscores",
    ),
    "cache-flags-object": (
        """
        class Flags:
            def __hash__(self): return 0
            def __eq__(self, other): return True
            def __and__(self, other): return 2 & other
            def __or__(self, other): return 2 | other
            def __ror__(self, other): return 2 | other
        re.compile("zq", Flags())
        return "ESCAPED" if re.match("zq", "ZQ") else "no"
        """,
        "takes text and numbers",
    ),
    "table-of-no-text": (
        """
        got = []
        class T:
            def expandtabs(self, size): return self
            def translate(self, table): got.append(table); return "a b"
        textwrap.wrap(T())
        return "ESCAPED"
        """,
        "takes text and numbers",
    ),
    "table-of-a-callable": (
        """
        got = []
        class T:
            def __call__(self): pass
            def expandtabs(self, size): return self
            def translate(self, table): got.append(table); return "a b"
        textwrap.wrap(T())
        return "ESCAPED"
        """,
        "no attribute",
    ),
    "registry-by-origin": ("get_origin(Sequence[int]).register(Seen)\nreturn 'ESCAPED'", "no attribute"),
}


@pytest.fixture(scope="module")
def outcomes(run, as_harness):
    return run({name: NAMES + as_harness(source) for name, (source, _) in ATTACKS.items()})


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_is_stopped_for_its_reason(name, outcomes, assert_stopped):
    assert_stopped(outcomes[name], ATTACKS[name][1])
