"""No run starts more agents than the bound says, however a harness changes what it has before it starts them."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest
from changing import changing
from counted import ANY, WIDEST, Answers, agents_started, run_of
from hostile import ARGUMENTS, hostile
from hypothesis import given, settings
from hypothesis import strategies as st

from weft.linter import lint

ARGS: tuple[dict[str, Any], ...] = (
    {},
    {"files": ["a", "b", "c"], "n": -9, "q": "ßsß", "groups": [["a"], ["b", "c"]]},
    {"files": [], "n": 4, "q": "", "groups": []},
)
PREAMBLE = """\
import bisect, copy, functools, heapq, itertools, operator, re
from collections import Counter, defaultdict, deque
from functools import cache, partial

NUMBER = {"type": "integer", "maximum": 3}
LIST = {"type": "array", "maxItems": 2, "items": {"type": "string"}}
ROWS = {"type": "array", "maxItems": 2, "items": {"type": "object", "properties": {"xs": LIST}, "required": ["xs"]}}


"""

FORMS = {
    # functions that call themselves, and slices from anywhere
    "a depth that counts up": (
        "async def f(d):\n    r = await agent('x', schema=LIST)\n    if r and d < 2:\n"
        "        await parallel([f(d + 1) for x in r])\nawait f(0)"
    ),
    "a depth that starts again now and then": (
        "async def f(d, e):\n    await agent('x')\n    if d < 2: await f(d + 1, e)\n"
        "    if e < 2: await f(0, e + 1)\nawait f(0, 0)"
    ),
    "a depth that an argument begins": (
        "async def f(d):\n    await agent('x')\n    if d > 0: await f(d - 1); await f(d - 2)\n"
        "await f(min(3, args['n']))"
    ),
    "halves": (
        "async def f(xs):\n    await agent('x')\n    h = len(xs) // 2\n"
        "    if len(xs) > 1: await f(xs[:h]); await f(xs[h:])\nawait f([*range(11)])"
    ),
    "a list that calls fill for each other": (
        "xs = []\nasync def f(d):\n    xs.append(d)\n    if d < 2: await f(d + 1); await f(d + 1)\n"
        "await f(0)\nfor x in xs: await agent('x')"
    ),
    "a window": "n = await agent('x', schema=NUMBER) or 0\nfor i in (-9, -1, 0, n):\n"
    "    for x in [*range(5)][n - i : n - i + 3]: await agent('x')",
    "keys that are taken out and put in": (
        "d = {}\nfor i in range(4): d[f'{i}'] = 1\nfor k in [*d]:\n    d[k] += 1\n    d[f'{k}!'] = d.pop(k)\n"
        "    d[k] = 1\nfor k in d: await agent('x')"
    ),
    "two ends that meet": (
        "low, high = 0, 9\nwhile low < high:\n    await agent('x')\n    if high % 2: low += 1\n    else: high -= 1"
    ),
    # numbers below 0
    "a range from an argument": "for x in range(args['n'], 5): await agent('x')",
    "a difference": "for x in range(5 - args['n']): await agent('x')",
    "a product": "for x in range(args['n'] * args['n']): await agent('x')",
    "a distance": "for x in range(abs(args['n'])): await agent('x')",
    "an inverted number": "for x in range(~args['n']): await agent('x')",
    "a quotient": "for x in range(20 // args['n']): await agent('x')",
    "the end of a slice": "for x in [*range(20)][: args['n']]: await agent('x')",
    "the beginning of a slice": "for x in [*range(20)][-args['n'] :]: await agent('x')",
    "a slice backwards": "for x in [*range(20)][: args['n'] : -1]: await agent('x')",
    "an agent's number": "n = await agent('x', schema=NUMBER) or 0\nfor x in range(n, 3): await agent('x')",
    "an agent's end": "n = await agent('x', schema=NUMBER) or 0\nfor x in [*range(20)][:n]: await agent('x')",
    "a counter's square": "n, xs = 3, []\nfor i in range(9): n -= 1; xs += range(n * n)\nfor x in xs: await agent('x')",
    "the extreme by a key": "for x in range(abs(max(3, args['n'], key=abs))): await agent('x')",
    "a division by less than one": "for x in range(int(10 / 0.5)): await agent('x')",
    # arguments that are not what was declared
    "a default": "for x in args.get('xs', ['a'] * 9): await agent('x')",
    "two defaults": "for x in range(args.get('k', 1) + args.get('k', 9)): await agent('x')",
    "an argument that grows": "xs = args['files']\nxs.append('z')\nfor x in args['files']: await agent('x')",
    "an argument that is replaced": "args['files'] = ['z'] * 9\nfor x in args['files']: await agent('x')",
    "an argument that may be replaced": (
        "if args.get('n', 0) < 0: args['files'] = ['z'] * 9\nfor x in args['files']: await agent('x')"
    ),
    "an argument that grows in a loop": (
        "for i in range(9): args['files'] += ['z']\nfor x in args['files']: await agent('x')"
    ),
    "an argument that grows while it is walked": (
        "for x in args['files']:\n    await agent('x')\n    if len(args['files']) < 9: args['files'].append('z')"
    ),
    "elements of an argument": (
        "for g in args['groups']: g += 'zzzz'\nfor g in args['groups']:\n    for x in g: await agent('x')"
    ),
    "more arguments": "args |= {'p': 1, 'q2': 2}\nfor x in args: await agent('x')",
    # containers
    "an entry made where it is missing": (
        "d = {}\nfor i in range(9): d.setdefault('k', []).append(i)\nfor x in d['k']: await agent('x')"
    ),
    "an entry that counts": (
        "d = {}\nfor i in range(9): d['k'] = d.get('k', 0) + 1\nfor x in range(d['k']): await agent('x')"
    ),
    "a slice that is stored": "xs = ys = [1]\nxs[1:] = range(9)\nfor x in ys: await agent('x')",
    "an unbound method": "xs = [1]\nfor i in range(9): list.append(xs, i)\nfor x in xs: await agent('x')",
    "an operator as a function": "xs = [1]\noperator.iadd(xs, range(9))\nfor x in xs: await agent('x')",
    "a sorted insertion": "xs = [1]\nfor i in range(9): bisect.insort(xs, i)\nfor x in xs: await agent('x')",
    "a repetition in place": "xs = ys = [1]\nxs *= 9\nfor x in ys: await agent('x')",
    "something unknown": (
        "xs = [1]\nbox = [xs, 'x', 3]\nbox[args.get('z', 0)].extend('abcdefgh')\nfor x in xs: await agent('x')"
    ),
    "what is first there in a loop": (
        "for i in range(9):\n    if not i: xs = []\n    else: xs.append(i)\nfor x in xs: await agent('x')"
    ),
    "an iterator over what grows": "xs = [1]\nit = iter(xs)\nxs.extend('abcdefgh')\nfor x in it: await agent('x')",
    "a view of what grows": "d = {}\nks = d.keys()\nfor i in range(9): d[i] = i\nfor x in ks: await agent('x')",
    "a key function that grows its list": (
        "xs = [1]\ndef key(x):\n    if len(xs) < 9: xs.append(len(xs))\n    return x\n"
        "for x in dedup(xs, key=key): await agent('x')"
    ),
    "a later operand": "xs = [1]\nfor x in xs + (xs.extend('abcdefgh') or []): await agent('x')",
    "a result that is changed before it is given": (
        "xs = [1]\ndef f():\n    try: return xs\n    finally: xs.extend('abcdefgh')\nfor x in f(): await agent('x')"
    ),
    "a pattern": (
        "d = {'xs': [1]}\nmatch d:\n    case {**rest}: rest['xs'].extend('abcdefgh')\n"
        "for x in d['xs']: await agent('x')"
    ),
    "an answer's list": (
        "rows = await agent('x', schema=ROWS) or []\nfor r in rows: r['xs'].extend('abcdefgh')\n"
        "for r in rows:\n    for x in r['xs']: await agent('x')"
    ),
    "a schema that is changed": (
        "S = {**LIST}\nS['maxItems'] = 9\nfor x in await agent('x', schema=S) or []: await agent('x')"
    ),
    "a sum from a start": "for x in range(sum([1], 9)): await agent('x')",
    "a reduction in place": (
        "xs = []\nfunctools.reduce(lambda a, b: (a.append(b), a)[1], range(9), xs)\nfor x in xs: await agent('x')"
    ),
    # texts
    "a replacement": "for x in 'aa'.replace('a', 'bbbb'): await agent('x')",
    "a width": "for x in f'{1:>9}': await agent('x')",
    "another case": "for x in args['q'].upper(): await agent('x')",
    "a text that grows": "t = 'a'\nfor i in range(9): t += 'b'\nfor x in t: await agent('x')",
    # calls
    "star arguments": "async def f(a, *xs):\n    for x in xs: await agent('x')\nawait f(0, *[x for x in range(9)])",
    "keywords under unknown names": (
        "async def f(**xs):\n    for x in xs: await agent('x')\nawait f(**{str(i): i for i in range(9)})"
    ),
    "a list by name": "for x in union(lists=[['a'] * 9]): await agent(x)",
    "branches by name": "await parallel(branches=[agent('x') for i in range(9)])",
    "handlers that are added": (
        "h = {'a': lambda x: agent(x)}\nh['b'] = lambda x: parallel([agent(x) for i in range(9)])\n"
        "await route(['b', 'b'], by=str, handlers=h)"
    ),
    "a list that its own key makes longer": (
        "xs = ['a']\ndef by(x):\n    if len(xs) < 9: xs.append('a')\n    return x\n"
        "await route(xs, by=by, handlers={'a': str})\nfor x in xs: await agent(x)"
    ),
    "shares that are walked twice": (
        "ps = allot(['a', 'b'], 9, by=len)\nfor x, n in ps:\n    for y, m in ps:\n"
        "        for i in range(m): await agent(x)"
    ),
    "shares squared": "for x, n in allot(['a', 'b'], 5, by=len):\n    for i in range(n * n): await agent(x)",
    "a ranking that grows": (
        "r = await judge(['a', 'b'], criteria='c')\nr += 'cdefgh'\nfor x in r: await agent(x)\n"
        "for x in r.standings: await agent('s')"
    ),
    "lenses under an unknown name": "await verify('c', **{k: ['a'] * 9 for k in ['lenses']})",
    "a result that is kept": (
        "@cache\ndef box(): return [1]\nfor i in range(9): box().append(i)\nfor x in box(): await agent('x')"
    ),
    "a default that all calls share": (
        "def f(xs=[]):\n    xs.append(1)\n    return xs\nfor i in range(9): f()\nfor x in f(): await agent('x')"
    ),
    "a callback": "xs = [1]\nre.sub('a', lambda m: xs.append(1) or '', 'a' * 9)\nfor x in xs: await agent('x')",
    # classes
    "a class attribute": ("class K:\n    n = 1\nk = K()\nK.n = 9\nfor x in range(k.n): await agent('x')"),
    "an attribute by a computed name": (
        "class K:\n    n = 1\nk = K()\nfor a in ('n', 'm'): setattr(k, a, 9)\nfor x in range(k.n): await agent('x')"
    ),
    "a setter": (
        "class K:\n    v = 1\n    @property\n    def n(self): return self.v\n    @n.setter\n"
        "    def n(self, x): self.v = x * 3\nk = K()\nk.n = 3\nfor x in range(k.v): await agent('x')"
    ),
    "a decorator of a class": (
        "def d(cls):\n    cls.n = 9\n    return cls\n@d\nclass K:\n    n = 1\nfor x in range(K.n): await agent('x')"
    ),
    "a method that is replaced": (
        "class K:\n    async def go(self): await agent('x')\nasync def many(self):\n"
        "    for i in range(9): await agent('x')\n"
        "K.go = many\nawait K().go()"
    ),
    "an attribute that is taken away": (
        "class K:\n    n = 9\nk = K()\nk.n = 1\ndel k.n\nfor x in range(k.n): await agent('x')"
    ),
    "a comparison that does more": (
        "xs = [1]\nclass K:\n    def __eq__(self, other):\n        xs.extend('abcdefgh')\n"
        "        return True\nK() == 1\n"
        "for x in xs: await agent('x')"
    ),
    "an asynchronous manager": (
        "class K:\n    async def __aenter__(self): await agent('x')\n"
        "    async def __aexit__(self, *e): await agent('x')\n"
        "async with K(): pass"
    ),
    "an asynchronous iterator": (
        "class K:\n    n = 0\n    def __aiter__(self): return self\n"
        "    async def __anext__(self):\n        self.n += 1\n"
        "        if self.n > 9: raise StopAsyncIteration\n        await agent('x')\nasync for x in K(): pass"
    ),
    "a generator expression that reads a variable late": (
        "n = 1\nxs = (y for x in range(2) for y in range(n))\nn = 8\nfor x in xs: await agent('x')"
    ),
    "a generator that reads a variable late": (
        "n = 1\ndef f():\n    for i in range(n): yield i\nxs = f()\nn = 8\nfor x in xs: await agent('x')"
    ),
    "a map that reads a variable late": (
        "n = 1\nxs = map(lambda x: [x] * n, [1, 2])\nn = 8\nfor ys in xs:\n    for y in ys: await agent('x')"
    ),
    "a generator expression that reads an entry late": (
        "d = {'n': 1}\nxs = (y for x in range(2) for y in range(d['n']))\nd['n'] = 8\nfor x in xs: await agent('x')"
    ),
    "a sum that begins with something": (
        "for x in itertools.accumulate([1, 2], initial=0): await agent('x')\nawait agent('x')"
    ),
    "a text written out": "for x in repr('\\0\\1'): await agent('x')",
    "a text that is filled up": "for x in format('a', '>12'): await agent('x')",
    "an entry that is something else too": (
        "d = {}\nd.setdefault('a', d.setdefault('b', [])).extend('abcdefgh')\nfor x in d['b']: await agent('x')"
    ),
    "an attribute of several bases": (
        "class A: n = 1\nclass B(A): pass\nclass C(A): n = 9\nclass D(B, C): pass\n"
        "for x in range(D.n): await agent('x')\nfor x in range(D().n): await agent('x')"
    ),
    "a method of several bases": (
        "class A:\n    def n(self): return 1\nclass B(A):\n    def n(self): return super().n()\n"
        "class C(A):\n    def n(self): return 9\nclass D(B, C): pass\n"
        "for x in range(D().n()): await agent('x')"
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_form(form: str) -> None:
    source = PREAMBLE + "async def main(args):\n" + "".join(f"    {line}\n" for line in FORMS[form].split("\n"))
    bound = lint(source).bound
    most = 0
    for args in ARGS:
        for seed in (None, 1, 2):
            started = agents_started(source, copy.deepcopy(args), seed)
            limit = bound.evaluate(args)
            assert limit == "unbounded" or started <= limit
            most = max(most, started)
    assert most > 1, "the form tries nothing"


@settings(max_examples=15)
@given(changing(), st.sampled_from(ARGS[1:]), st.sampled_from((None, 1, 2)))
def test_what_changes_is_followed_or_given_up(source: str, args: dict[str, Any], seed: int | None) -> None:
    limit = lint(source).bound.evaluate(args)
    assert limit == "unbounded" or agents_started(source, copy.deepcopy(args), seed) <= limit, source


@pytest.mark.parametrize("seed", range(6, 26))
def test_no_run_of_a_made_up_harness_starts_more(seed: int) -> None:
    """Whatever Python it is made of, and however agents answer."""
    source, saved = hostile(random.Random(seed))
    bound = lint(source, workflows=saved.get).bound
    for args, answers in zip(ARGUMENTS, (WIDEST, Answers(truth=True, alike=True), ANY), strict=True):
        limit = bound.evaluate(dict(args))
        if limit != "unbounded":
            run = run_of(source, copy.deepcopy(dict(args)), answers, seed, saved=saved, seconds=0.2)
            assert run.started <= limit, source
