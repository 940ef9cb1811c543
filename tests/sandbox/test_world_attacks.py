"""Attacks through what the world offers, which compile and must fail when they run: each is refused for its own reason.

A row is the body of `main` and words of the refusal; `None` where it must run and return "no".
"""

from __future__ import annotations

import pytest

ATTACKS: dict[str, tuple[str, str | None]] = {
    # -------------------------------------------------------------- library functions as deputies
    # a method is copied by asking getattr for the name of its function, which wraps() can plant
    "copy-method": (
        """
        import copy
        from collections import namedtuple
        from functools import wraps
        def m(cls): pass
        wraps(namedtuple('__class__', 'x'))(m)
        class A:
            go = classmethod(m)
        return 'ESCAPED' + str(copy.copy(A.go)('X', (), {}))
        """,
        "positional argument",
    ),
    # the memo's keys are addresses
    "deepcopy-memo": (
        "import copy\nmemo = {}\ncopy.deepcopy([[]], memo)\nreturn 'ESCAPED' + str(list(memo))",
        "positional argument",
    ),
    "copy-reducers": ("import copy\ncopy.dispatch_table['x'] = 1\nreturn 'ESCAPED'", "not available"),
    # each copy would have the rounds of its own that are left
    "copy-rounds": (
        """
        import copy
        loop = until_dry(max_rounds=2)
        return 'ESCAPED' + str([next(copy.copy(loop)).number for _ in range(5)])
        """,
        "cannot be copied",
    ),
    "deepcopy-rounds-inside": (
        """
        import copy
        class Kept:
            loop = None
        kept = Kept()
        kept.loop = until_target(3, max_rounds=2)
        return 'ESCAPED' + str(copy.deepcopy([kept])[0].loop.ended)
        """,
        "cannot be copied",
    ),
    # library code hands its tables to methods of the text it is given
    "textwrap-table": (
        """
        import textwrap
        got = []
        class Sly(str):
            def translate(self, table): got.append(table); return self
        textwrap.wrap(Sly('a b'))
        return 'ESCAPED' if got else 'no'
        """,
        None,
    ),
    "escape-table": (
        """
        import re
        got = []
        class Sly(str):
            def translate(self, table): got.append(table); return self
        re.escape(Sly('.'))
        return 'ESCAPED' if got else 'no'
        """,
        None,
    ),
    "template-table": (
        """
        from string import Template
        got = []
        class Sly(str):
            def translate(self, table): got.append(table); return self
        class T(Template):
            delimiter = Sly('$')
        return 'ESCAPED' + str(got)
        """,
        "cannot be a base",
    ),
    # a pattern that is equal to all others replaces one in the cache of the process
    "pattern-cache": (
        """
        import re
        class Sly(str):
            def __hash__(self): return hash('a')
            def __eq__(self, other): return True
        re.compile(Sly('zzz'))
        return 'ESCAPED' if re.match('a', 'zzz') else 'no'
        """,
        None,
    ),
    # `inspect` asks whether a stage is `in (type, object)`, and so shows its __eq__ the real `type`
    "signature-eq": (
        """
        got = []
        class Spy:
            def __call__(self, value): return value
            def __eq__(self, other): got.append(other); return False
        await pipeline([1], Spy())
        return 'ESCAPED' + str(got[0]('X', (), {})) if got else 'no'
        """,
        None,
    ),
    "signature-eq-wrapped": (
        """
        from functools import lru_cache, partial
        got = []
        class Spy:
            def __call__(self, *values): return values[0]
            def __eq__(self, other): got.append(other); return False
            def __hash__(self): return 1
        class Holder:
            held = classmethod(Spy())
        await pipeline([1], partial(Spy()), lru_cache(Spy()), Holder.held, partial(lru_cache(Spy())))
        return 'ESCAPED' + str(got[0]('X', (), {})) if got else 'no'
        """,
        None,
    ),
    "wraps-foreign": ("from functools import wraps\nwraps(main)(Seen.add)\nreturn 'ESCAPED'", "this file only"),
    "abstractmethod-foreign": (
        "from abc import abstractmethod\nabstractmethod(Seen.add)\nreturn 'ESCAPED'",
        "this file only",
    ),
    "ordering-foreign": (
        "from functools import total_ordering\ntotal_ordering(Seen)\nreturn 'ESCAPED'",
        "this file only",
    ),
    "update-wrapper": ("from functools import update_wrapper\nreturn 'ESCAPED'", "not available"),
    "singledispatch": ("from functools import singledispatch\nreturn 'ESCAPED'", "not available"),
    "type-hints": ("from typing import get_type_hints\nreturn 'ESCAPED'", "not available"),
    "formatter": ("import string\nreturn 'ESCAPED' + string.Formatter().format('{0.__class__}', 1)", "not available"),
    "attrgetter": ("from operator import attrgetter\nreturn 'ESCAPED'", "not available"),
    "methodcaller": ("from operator import methodcaller\nreturn 'ESCAPED'", "not available"),
    "userstring": ("from collections import UserString\nreturn 'ESCAPED'", "not available"),
    "random-numbers": ("from statistics import NormalDist\nreturn 'ESCAPED'", "not available"),
    "library-in-library": ("from statistics import sys\nreturn 'ESCAPED'", "not available"),
    "library-attribute": ("import re\nreturn 'ESCAPED' + str(re.enum.sys)", "not available"),
    "registry-of-abc": ("from abc import ABC\nABC.register(int)\nreturn 'ESCAPED'", "derive from the class"),
    "registry-of-typing": ("from typing import Sequence\nSequence.register(Seen)\nreturn 'ESCAPED'", "no attribute"),
    # -------------------------------------------------------------- driving coroutines by hand
    "send": ("return 'ESCAPED' + str(agent('x').send(None))", "write `await`"),
    "throw": ("agent('x').throw(ValueError)\nreturn 'ESCAPED'", "write `await`"),
    "close": ("agent('x').close()\nreturn 'ESCAPED'", "write `await`"),
    "send-by-getattr": ("return 'ESCAPED' + str(getattr(agent('x'), 'send'))", "write `await`"),
    "send-with-default": ("return 'ESCAPED' if getattr(agent('x'), 'send', None) else 'no'", None),
    "send-formatted": ("return 'ESCAPED' + '{0.send}'.format(agent('x'))", "write `await`"),
    "yield-from-coroutine": (
        "def g(): yield from agent('x')\nreturn 'ESCAPED' + str(list(g()))",
        "cannot 'yield from'",
    ),
    "next-of-coroutine": ("return 'ESCAPED' + str(next(agent('x')))", "not an iterator"),
    "await-own-object": ("class A:\n    def __iter__(self): yield 1\nreturn 'ESCAPED' + str(await A())", "'await'"),
    "await-generator": ("def g(): yield 1\nreturn 'ESCAPED' + str(await g())", "'await'"),
    "await-twice": ("c = agent('x')\nawait c\nreturn 'ESCAPED' + str(await c)", "already awaited"),
    # -------------------------------------------------------------- errors and what ends a run
    "exit-sees-traceback": (
        """
        got = []
        class C:
            def __enter__(self): return self
            def __exit__(self, kind, error, traceback): got.append(traceback); return True
        with C(): 1 / 0
        return 'ESCAPED' if got[0] is not None else 'no'
        """,
        None,
    ),
    # GeneratorExit reaches __exit__, which would get hold of the class and could swallow it
    "exit-sees-stop": (
        """
        got = []
        class C:
            def __enter__(self): return self
            def __exit__(self, kind, error, traceback): got.append(kind); return True
        def g():
            with C(): yield 1
        it = g(); next(it); it.close()
        return 'ESCAPED' if got[0] is not None else 'no'
        """,
        None,
    ),
    "exit-through-super": (
        """
        got = []
        class A:
            def __exit__(self, *what): got.extend(what); return True
        class B(A):
            def __enter__(self): return self
            def __exit__(self, *what): return super().__exit__(*what)
        with B(): 1 / 0
        return 'ESCAPED' if got[2] is not None else 'no'
        """,
        None,
    ),
    "bare-except": (
        """
        def g():
            try: yield 1
            except: pass
            yield 'ESCAPED'
        it = g(); next(it); it.close()
        return 'no'
        """,
        None,
    ),
    # the object whose attribute was missing may be one of the interpreter's
    "error-object": ("try: main.x\nexcept AttributeError as e: return 'ESCAPED' + str(e.obj)", "`obj`"),
    "error-descriptor": ("return 'ESCAPED' + str(AttributeError.obj)", "`obj`"),
    "stop-swallowed": (
        """
        class C:
            def __enter__(self): return self
            def __exit__(self, *what): return True
        for n in range(40):
            with C():
                try: await agent('x')
                except: pass
                finally: continue
        return 'ESCAPED'
        """,
        "the budget is spent",
    ),
    # -------------------------------------------------------------- changing what others use
    "write-primitive": ("agent.limit = 1\nreturn 'ESCAPED'", "cannot be changed"),
    "write-class": ("Seen.add = lambda self, items: items\nreturn 'ESCAPED'", "cannot be changed"),
    "write-instance": ("Seen().add = 1\nreturn 'ESCAPED'", "cannot change"),
    "write-budget": ("budget.total = 1\nreturn 'ESCAPED'", "cannot be changed"),
    "write-budget-augmented": ("budget.total += 1\nreturn 'ESCAPED'", "cannot be changed"),
    "write-in-for": ("for budget.total in [1]: pass\nreturn 'ESCAPED'", "cannot be changed"),
    "write-in-comprehension": ("[0 for budget.total in [1]]\nreturn 'ESCAPED'", "cannot be changed"),
    "write-in-with": (
        """
        class C:
            def __enter__(self): return 1
            def __exit__(self, *what): pass
        with C() as budget.total: pass
        return 'ESCAPED'
        """,
        "cannot be changed",
    ),
    "write-starred": ("a, *budget.total = 1, 2\nreturn 'ESCAPED'", "cannot be changed"),
    "write-by-setattr": ("setattr(parallel, 'limit', 1)\nreturn 'ESCAPED'", "cannot be changed"),
    "write-by-map": ("list(map(setattr, [Seen], ['add'], [1]))\nreturn 'ESCAPED'", "cannot change"),
    "delete": ("del budget.total\nreturn 'ESCAPED'", "cannot be changed"),
    "write-module": ("import math\nmath.pi = 3\nreturn 'ESCAPED'", "cannot be changed"),
    "delete-from-module": ("import math\ndel math.pi\nreturn 'ESCAPED'", "cannot be changed"),
    "item-of-module": ("import math\nmath['pi'] = 3\nreturn 'ESCAPED'", "item assignment"),
    "write-library-class": ("from collections import Counter\nCounter.x = 1\nreturn 'ESCAPED'", "cannot be changed"),
    "write-alias": ("from collections import Counter\nCounter[int].x = 1\nreturn 'ESCAPED'", "cannot change"),
    "write-builtin": ("int.x = 1\nreturn 'ESCAPED'", "cannot be changed"),
    "write-error": ("try: 1 / 0\nexcept Exception as e: e.x = 1\nreturn 'ESCAPED'", "cannot change"),
    "write-partial": ("from functools import partial\npartial(len).func = 1\nreturn 'ESCAPED'", "cannot change"),
    # -------------------------------------------------------------- private to others
    "private-function": ("return 'ESCAPED' + str(agent._call)", "begins with an underscore"),
    "private-module": ("import math\nreturn 'ESCAPED' + str(math._exports)", "begins with an underscore"),
    "private-object": ("return 'ESCAPED' + str(Seen()._keys)", "begins with an underscore"),
    "private-name": ("return 'ESCAPED' + str(__name__._serials)", "begins with an underscore"),
    "private-of-base": ("class S(Seen): pass\nreturn 'ESCAPED' + str(S()._keys)", "begins with an underscore"),
    "private-write-of-base": ("class S(Seen): pass\nS()._keys = 1\nreturn 'ESCAPED'", "begins with an underscore"),
    # the class has one of its own, super() skips it
    "private-past-own": (
        """
        class S(Seen):
            _keys = None
            def leak(self): return super()._keys
        return 'ESCAPED' + str(S().leak())
        """,
        "begins with an underscore",
    ),
    "private-of-metaclass": (
        "from abc import ABC\nclass A(ABC): pass\nA._dump_registry()\nreturn 'ESCAPED'",
        "begins with an underscore",
    ),
    # -------------------------------------------------------------- addresses
    "address-hash": ("return 'ESCAPED' + str(hash(object()))", "memory address"),
    "address-hash-in-tuple": ("return 'ESCAPED' + str(hash((1, main)))", "memory address"),
    "address-hash-of-class": ("class A: pass\nreturn 'ESCAPED' + str(hash(A))", "memory address"),
    "address-hash-of-nan": ("return 'no' if hash(float('nan')) == hash(float('nan')) else 'ESCAPED'", None),
    "address-super-hash": (
        """
        class A:
            def address(self): return super().__hash__()
        return 'ESCAPED' if A().address() > 10_000 else 'no'
        """,
        None,
    ),
    "address-percent": ("return 'ESCAPED' if ' at 0x' in '%r %r' % (agent, str.format) else 'no'", None),
    "address-str": ("return 'ESCAPED' if ' at 0x' in str([main, object()]) else 'no'", None),
    "address-fstring": ("return 'ESCAPED' if ' at 0x' in f'{main} {[main]!r} {(x for x in [])}' else 'no'", None),
    "address-format": ("return 'ESCAPED' if ' at 0x' in '{} {x!r}'.format(main, x=[main]) else 'no'", None),
    "address-super-repr": (
        """
        class A:
            def __repr__(self): return super().__repr__()
        return 'ESCAPED' if ' at 0x' in repr(A()) else 'no'
        """,
        None,
    ),
    # -------------------------------------------------------------- too much
    "wide-format": ("return 'ESCAPED' + '{:>9999999999}'.format(1)", "MemoryError"),
    "wide-fstring": ("return f'ESCAPED {1:>9999999999}'", "MemoryError"),
    "print-flood": ("while True: print('x')", "too many notes"),
    "long-sum": ("return 'ESCAPED' + str(sum(range(10**10)))", "status"),
    "power": ("return 'ESCAPED' + str((7**4_000_000).bit_length())", "status"),
}


@pytest.fixture(scope="module")
def outcomes(run):
    return run({name: source for name, (source, _) in ATTACKS.items()})


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_is_stopped_for_its_reason(name, outcomes, assert_stopped):
    assert_stopped(outcomes[name], ATTACKS[name][1])
