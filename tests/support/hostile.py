"""Makes up harnesses out of nearly all that Python has, so that a bound can be tried on what nobody thought of.

A template is a piece of Python with holes: `<L>` is for something to walk, `<N>` for a number, and so on, see
`PIECES`. `<l>` is a variable that holds a list, `@L1` a new one. A hole with `-`, as `<L->`, is filled without
awaiting. A line that is `<B>` stands for a block, `<R>` for one in a loop, `<F>` for one in a function.
"""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Mapping
from types import MappingProxyType

from hostile_statements import STATEMENTS

__all__ = ["ARGUMENTS", "hostile"]

PREAMBLE = """\
import copy, functools, heapq, itertools, math, operator, re
from collections import Counter, OrderedDict, defaultdict, deque

NUM = {"type": "integer", "minimum": -2, "maximum": 4}
LIST = {"type": "array", "maxItems": 3, "items": {"type": "string"}}
OK = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}
ROW = {"type": "object", "properties": {"k": {"type": "string"}, "n": {**NUM, "minimum": 0}, "xs": LIST}}
ROWS = {"type": "array", "maxItems": 2, "items": {**ROW, "required": ["k", "n", "xs"]}}


"""

ARGUMENTS: tuple[Mapping[str, object], ...] = (
    MappingProxyType({"files": ["a", "b", "c"], "n": 2, "q": "ßsß", "flag": True, "more": ["m"]}),
    MappingProxyType({"files": [], "n": -3, "q": "", "more": ["m"] * 4}),
    MappingProxyType({"files": ["a", "a", "bb", "c", "d"], "n": 4, "q": "abc", "flag": False, "more": []}),
)

LISTS = """
range(3)|range(1, 4)|['a', 'b', 'a']|['c']|[]|args['files']|args['files'][:2]|args['more']
[*<L>, *<L>]|[*<L>, 'w']|list(<L>)|tuple(<L>)|(<V> + <V>)|(<V> * min(<N>, 3))|<V>.copy()|copy.deepcopy(<V>)
<V>[:<N>]|<V>[<N>:]|<V>[<N>:<N>]|<V>[::2]|<V>[::-1]|<V>[<N>:<N>:2]|<V>[<N>:<N>:-2]|[*<L>][-1:]|[<V>, <V>][-1]
sorted(<L>, key=str)|sorted(<L>, key=str, reverse=True)[:<N>]|list(reversed(<V>))|enumerate(<L>)|zip(<L>, <L>)
[x for x in <L>]|[x for x in <L> if <P>]|[y for x in <L> for y in <L->]|[(x, y) for x in <L> for y in <L-> if x != y]
[x for i, x in enumerate(<L>) if i % 2]|[x for x in <L> for _ in range(2)]|(x for x in <L>)|iter(<V>)
itertools.chain(<L>, <L>)|itertools.chain.from_iterable([<L>, <L>])|list(itertools.chain(*([x, x] for x in <L->)))
itertools.islice(<L>, 3)|itertools.islice(<L>, 1, None, 2)|itertools.islice(itertools.cycle(<L>), 4)
itertools.combinations(<L>, 2)|itertools.permutations(<V>[:4], 2)|itertools.combinations_with_replacement(<V>[:4], 2)
itertools.product(<V>[:5], <V>[:5])|itertools.product(<V>[:3], repeat=2)|itertools.zip_longest(<L>, <L>)
itertools.accumulate([1] * len(<V>))|itertools.accumulate(map(str, <L>), initial='s')|itertools.pairwise(<L>)
[k for k, g in itertools.groupby(<L>, key=str)]|itertools.takewhile(lambda x: <P>, <L>)|itertools.tee(<L>, 2)[1]
itertools.dropwhile(lambda x: <P>, <L>)|itertools.filterfalse(lambda x: <P>, <L>)|itertools.compress(<L>, [1, 0, 1])
itertools.repeat('r', max(0, min(<N>, 4)))|itertools.starmap(lambda a, b: a, zip(<L>, <L>))
[x for x, _ in zip(<L>, itertools.count())]|zip(*[iter(<V>)] * 2)|(lambda w: zip(w, w[1:]))(<V>)
set(<L>)|(set(<L>) | set(<L>))|(set(<L>) - set(<L>))|(set(<L>) & set(<L>))|(set(<L>) ^ set(<L>))|{x for x in <L>}
set(<L>).union(<L>, <L>)|frozenset(<L>)|{*<L>}|{x: 1 for x in <L>}|dict.fromkeys(<L>)|OrderedDict.fromkeys(<L>)
{str(x): x for x in <L>}.values()|{**{str(x): 1 for x in <L>}, **{str(x): 2 for x in <L>}}|dict(zip(<L>, <L>)).items()
(dict.fromkeys(<L>) | dict.fromkeys(<L>))|dict(enumerate(<L>)).values()|{'a': <V>, 'b': <V>}.get(<K>, <V>)
Counter(<L>)|Counter(<L>).elements()|[x for x, _ in Counter(<L>).most_common(2)]|deque(<L>, maxlen=2)
heapq.nlargest(2, <L>, key=str)|dedup(<L>)|dedup(<L>, key=str)|union([<L>, <L>, None])|quorum([<L>, <L>], at_least=1)
top_k(<L>, 2, by=str)|top_k(<L>, abs(<N>), by=str)|Seen().add(<L>)|'a b c d'.split()[:<N>]|'a,b,c'.split(',', 1)
list(<T>)|'a\\nb'.splitlines()|(<L> if <C> else <L>)|(<V> or <V>)|(<V> and <V>)|max(<V>, <V>, key=len)
map(lambda x: x, <L>)|filter(None, <L>)|filter(lambda x: <P>, <L>)|sum([<V>, <V>], [])|next(iter([<V>]), [])
functools.reduce(operator.add, [<V>, <V>])|range(<N>)|range(<N>, <N>)|range(<N>, <N>, -2)|range(0, len(<V>), 2)
(lambda *a: a)(*<L>, 1)|(lambda w: [y for i in range(0, len(w), 2) for y in w[i : i + 2]])(<V>)
(lambda w: [(a, b) for i, a in enumerate(w) for b in w[i + 1 :]])(<V>[:5])|(lambda w: w[len(w) // 2 :])(<V>)
(await agent('l', schema=LIST) or [])|[y for r in await agent('r', schema=ROWS) or [] for y in r['xs']]
[r['k'] for r in await agent('r', schema=ROWS) or [] for _ in range(r['n'])]
[x for x in await parallel([<J> for x in <L->]) if x is not None]|[str(x) for x in await pipeline(<L>, <S>) if x]
union(await parallel([agent(f'{x}', schema=LIST) for x in <L>]))|<l>|<l>|<l>|<l>|<l>|<l>
<d>.get(<K>, [])|<d>|[y for w in <d>.values() for y in w]|[k for k, w in <d>.items() if w]|sum(<d>.values(), [])
[y for g in {str(x)[:1]: [x, x] for x in <L>}.values() for y in g]|sum(([x] * 2 for x in <L->), [])|[*zip(*[<V>, <V>])]
[x for w in [<V>, <V>] for x in w[::2]]|[w for w in [<V>, <V>] for _ in w][-1:]|[<V>, <V>][<N> % 2]
[*map(list, zip(<V>, <V>))]
sorted({x: 1 for x in map(str, <L>)}, reverse=True)|[w for w in zip(*[iter(<V>)] * 3)]|(lambda a, *b: b)(*<V>, 1)
[x for x in <L> if (y := str(x)) < 'b' or len(y) > 1]|(lambda w: [w.append(x) or len(w) for x in <L->])([1])
<c>|[k for k, n in <c>.items() for _ in range(min(n, 5))]|<s>|sorted(<s>, key=str)|[x for x in <L> if x not in <s>]
"""

NUMBERS = """
0|1|2|3|-1|-2|5|(<N> + <N>)|(<N> - <N>)|(<N> * <N>)|(<N> // 2)|(<N> // -2)|(<N> % 3)|(<N> % -2)|min(<N>, <N>)|-<N>
max(<N>, <N>)|abs(<N>)|math.ceil(<N> / 2)|sum([<N>, <N>])|max([<N>, <N>], default=1)|(<N> if <C> else <N>)
(<N> or <N>)|divmod(<N>, 3)[1]|(<N> & 3)|(<N> >> 1)|(abs(<N>) % 4 << 1)|min(abs(<N>), 3) ** 2|int(bool(<N>))
len(<L>)|len(<V>)|len(<T>)|len(set(<L>))|sum(1 for _ in <L->)|sum(1 for x in <L-> if <P>)|sum(map(len, [<V>, <V>]))
<V>.count('a')|sum(range(min(<N>, 4)))|min(<N>, <N>, key=abs)|[<N>, <N>][1]|len(max(<V>, <V>, key=len))|args['n']
((await agent('n', schema=NUM)) or 1)|<n>|<n>|<n>|<n>|<c>.get(<K>, 2)|sum(<c>.values())|max(<c>.values(), default=0)
len(<d>)|sum(len(w) for w in <d>.values())|len(<s>)
"""

PIECES: Mapping[str, str] = {
    "L": LISTS,
    "N": NUMBERS,
    "V": "list(<L>)|['a', 'b']|<l>|<l>",
    "K": "'a'|'b'|0|1|'text 1'",
    "T": "'abc'|args['q']|'ab' * 2|f'{1}-{22}'|'Ab'.upper()|'x,y,z'[1:]|'ab'.center(5)|<t>|<t>",
    "P": "str(x) < 'b'|x|x != 'a'|str(x)[:1] == 'a'|args['n'] > 1",
    "C": "<V>|not <V>|len(<V>) > 1|<N> < <N>|<N> == 1|args.get('flag')|<K> in <V>|any(<V>)|<N> > 1 or <N> < 0|"
    "(await agent('ok', schema=OK) or {}).get('ok')",
    "J": "agent(f'{x}')|agent(f'{x}', label='l')|verify(f'{x}', lenses=['a', 'b'])|critique(['a'], 'p')|"
    "verify(f'{x}', votes=3, tie_breaker='t')|judge(['a', 'b'], criteria='c', judges=2)|"
    "reflect('w', critic='c', max_rounds=2)|debate('t', roles=['a', 'b'], rounds=2)|"
    "synthesize([str(x)] * 5, 'p', fan_in=2)|parallel([agent('p'), agent('q')])|<f>(x)|<f>(x)|<f>(x)|"
    "parallel([agent('p'), agent('q'), agent('z')], quorum=2)|pipeline([x, 1], lambda v: agent(f'{v}'))|"
    "swarm(['a', 'b'], neighbours=lambda i: [1 - i], rounds=2)|workflow('inner', {**args, 'files': ['a', 'b']})",
    "S": "lambda x: <J>|lambda x: agent(f'{x}', schema=LIST)|lambda x, item: agent(f'{x}{item}')|str|<f>|"
    "lambda v, item, i: agent(f'{v}') if i else v|lambda x: <J>, lambda v: agent(f'{v}')",
}

CHANGES = """
<l>.append(<K>)|<l> += <L>|<l>.extend(<L>)|<l>[<N>:] = <L>|<l>[:<N>] = <L>|<l>[<N>:<N>] = <L>|<l>[:] = <L>
del <l>[<N>:]|del <l>[:<N>]|del <l>[::2]|<l>.insert(0, 1)|<l>.sort(key=str)|<l>.reverse()|<l>.clear()|<l> = <V>
<l>, @L1 = <V>, <l>|<l> *= min(<N>, 2)|<l>[::2] = [0] * len(<l>[::2])|@N1, *<l> = [1, *<L>]|<l> = [*<l>, *<l>]
[<l>.append(x) for x in <L->]|list(map(<l>.append, <L>))|operator.iadd(<l>, <L>)|list.extend(<l>, <L>)
<n> += <N>|<n> -= <N>|<n> = <N>|<n> //= 2|<n> *= 2|<n> %= 4|<n> = -<n>|<n> = max(<n>, <N>)|<n>, @N1 = <N>, <N>
<d>.setdefault(<K>, []).append(1)|<d>[<K>] = list(<L>)|<d>.setdefault(<K>, [0]).extend(<L>)|<d>.pop(<K>, None)
<d>.update({<K>: list(<L>)})|<d> |= {str(x): [x] for x in <L>}|<d>.update({str(x): [1, 2] for x in <L>})
<d> = {**<d>, <K>: [1]}|<d> = {k: w for k, w in <d>.items() if w}|<d> = {len(w): w for k, w in <d>.items()}
<d> = {k: w * 2 for k, w in <d>.items()}|<d>[<K>] = <d>.get(<K>, []) + [1]|<d> = dict.fromkeys(<L>, [])
<d>[<K>] = <d>.get(<K>, [])|<d>.setdefault(<K>, <l>)|<d>.setdefault(<t>, <d>.get(<K>, []))|<d>[<t>] = <l>
<d> = {str(k) + s: w for k, w in <d>.items() for s in 'pq'}|<d> = {**<d>, **{str(k) + 'r': w for k, w in <d>.items()}}
<d>.update(zip(<L>, <d>.values()))|<d> = dict(zip(<L>, itertools.cycle(<d>.values())))
[w.append(1) for w in <d>.values()]|<d>.update({str(k) + 'u': w for k, w in <d>.items()})
<d>[<t>] = [*<d>.get(<t>, []), 1]|<l> = sum(<d>.values(), <l>)
<c>[<K>] = <c>.get(<K>, 0) + 1|<c>[<K>] = <N>|<c>.setdefault(<K>, <N>)|<c> |= dict.fromkeys(<L>, 2)
<c> = {k: n - 1 for k, n in <c>.items() if n > 0}|<c>.update(zip(<L>, range(3)))|<c> = dict(Counter(<L>))
<s>.add(<K>)|<s> |= set(<L>)|<s> -= set(<L>)|<s> &= set(<L>)|<s>.update(<L>, <L>)|<s>.discard(1)|<s> ^= {1, 5}
<t> += 'ab'|<t> = <t>[:<N>]|<t> = <t>.replace('a', 'bb')[:9]|<t> = f'{<t>:>6}'
@L1 = list(<L>)|@L1 = <V>|@L1 = list(<L>)|@N1 = <N>|@N1 = <N>|@T1 = <T>|@S1 = set(<L>)|@D1 = defaultdict(list)
@D1 = {str(x)[:1]: [x] for x in <L>}|@D1 = dict.fromkeys(<L>, [1])|@D1 = {x: [] for x in <L>}|@D1 = {'a': [1]}
@C1 = Counter(<L>)|@C1 = {x: i for i, x in enumerate(<L>)}|@C1 = defaultdict(int)
await <J0>|await parallel([<J> for x in <L>])|await pipeline(<L>, <S>)
await parallel([agent('a'), *(<J> for x in <L->)])
await parallel([<J> for x in <L> if <P>], quorum=1)|await parallel([lambda x=x: <J> for x in <L>])
await synthesize([str(x) for x in <L>], 'p', fan_in=3)|await judge([str(x) for x in <L>], criteria='c')
await route(<L>, by=lambda x: str(x) < 'b', handlers={True: lambda x: <J>, False: lambda x: <J>})
await swarm([str(x) for x in <L>], neighbours=lambda i: [i], rounds=2)|await verify('c', votes=max(1, <N>))
"""

SHORT: Mapping[str, str] = {
    "put": "@L1.append(x)|@L1 += [x, x]|@L1 = [*@L1, x]|@L1.extend(<L->)|@L1 = @L1[-2:] + [x]|"
    "if x not in @L1: @L1.append(x)",
    "pop": "pop()|pop(0)",
    "J0": "agent('x')|<f>(0)|verify('x')|workflow('inner', args)",
}

ENDS: Mapping[str, tuple[str, ...]] = {
    "n": ("for x in range(<v>): await agent('e')",),
    "d": ("for x in <v>: await agent('e')", "await parallel([agent('e') for w in <v>.values() for x in w])"),
    "c": ("for x in <v>: await agent('e')", "await parallel([agent('e') for n in <v>.values() for x in range(n)])"),
    "": ("for x in <v>: await agent('e')",),
}


SEPARATOR = re.compile(r"(?<! )\||\n")
"""What stands between two templates: no `|` with a space before it, which is an operator."""

FILLINGS = {kind: [one for one in SEPARATOR.split(text) if one] for kind, text in (PIECES | SHORT).items()}
SIMPLE = [one for one in SEPARATOR.split(CHANGES) if one]
COMPOUND = STATEMENTS.strip("\n").split("\n---\n")

HOLE = re.compile(r"<(\w+)(-?)>")
NEW = re.compile(r"@([LNDCSTx])(\d)")


class _Writer:
    """Fills templates; what it makes is a function of luck."""

    def __init__(self, luck: random.Random) -> None:
        self._luck = luck
        self._names = 0
        self._known: dict[str, list[str]] = {kind: [] for kind in "lndcstf"}
        """The variables that can be used here, by the holes that they fill; under `f` the functions."""

    def harness(self, size: int) -> str:
        """Return a harness with so many statements, and walks over some of what they leave."""
        helper = ["async def helper(x, *rest):", *_indented(self._function("x")), f"    return {self._filled('<J>')}"]
        self._known["f"].append("helper")
        lines = [line for _ in range(size) for line in self._statement(2)]
        for kind in "lndcst":
            for name in self._known[kind]:
                if self._luck.random() < 0.5:
                    lines.append(self._luck.choice(ENDS.get(kind, ENDS[""])).replace("<v>", name))
        return PREAMBLE + "\n".join([*helper, "", "", "async def main(args):", *_indented(lines)]) + "\n"

    def _statement(self, depth: int) -> list[str]:
        if depth > 0 and self._luck.random() < 0.5:
            return self._lines(self._luck.choice(COMPOUND), depth)
        return self._lines(self._luck.choice([one for one in SIMPLE if self._can_be_filled(one)]), depth)

    def _lines(self, template: str, depth: int) -> list[str]:
        """Fill a statement line by line, so that each knows the variables that those before it have made."""
        names: dict[str, str] = {}
        lines: list[str] = []
        for line in template.split("\n"):
            plain = line.lstrip()
            space = line[: len(line) - len(plain)]
            if plain in ("<B>", "<R>"):
                inner = self._block(depth - 1, loop=plain == "<R>")
            elif plain == "<F>":
                inner = self._function()
            else:
                inner = [NEW.sub(lambda new: names.setdefault(new[0], self._new()), self._filled(plain))]
            lines += [space + one for one in inner]
            if not plain.startswith(("for ", "while ", "class ", "def ", "async ")) or plain in ("<B>", "<R>"):
                self._learn(names)
        self._learn(names)
        return lines

    def _learn(self, names: Mapping[str, str]) -> None:
        for new, name in names.items():
            kind = new[1].lower()
            if kind in self._known and name not in self._known[kind]:
                self._known[kind].append(name)

    def _new(self) -> str:
        self._names += 1
        return f"v{self._names}"

    def _block(self, depth: int, *, loop: bool = False) -> list[str]:
        """Return one or two statements, after which nothing more is known than before."""
        known = {kind: [*names] for kind, names in self._known.items()}
        lines = [line for _ in range(self._luck.randint(1, 2)) for line in self._statement(depth)]
        if loop and self._luck.random() < 0.3:
            lines.append(f"if {self._filled('<C>')}: {self._luck.choice(['break', 'continue', 'return 1'])}")
        self._known = known
        return lines

    def _function(self, *parameters: str) -> list[str]:
        """Return the body of a function, which may change the variables around it."""
        lines = self._block(0)
        tree = ast.parse("\n".join(["async def f():", *_indented(lines)]))
        bound = {one.id for one in ast.walk(tree) if isinstance(one, ast.Name) and not isinstance(one.ctx, ast.Load)}
        outer = sorted(bound & {name for names in self._known.values() for name in names} - {*parameters})
        return [*([f"nonlocal {', '.join(outer)}"] if outer else []), *lines]

    def _can_be_filled(self, template: str) -> bool:
        return all(self._known[kind] for kind, _ in HOLE.findall(template) if kind in self._known)

    def _filled(self, template: str, depth: int = 2, *, plain: bool = False) -> str:
        """Fill the holes of a template, up to so many templates within each other."""

        def fill(hole: re.Match[str]) -> str:
            kind, still = hole[1], plain or bool(hole[2]) or "lambda" in template
            if kind in self._known:
                return self._luck.choice(self._known[kind])
            fitting = [
                one
                for one in FILLINGS[kind]
                if self._can_be_filled(one) and not (still and "await" in one) and (depth > 0 or not _deepens(one))
            ]
            return self._filled(self._luck.choice(fitting), depth - 1, plain=still)

        return HOLE.sub(fill, template)


def _deepens(template: str) -> bool:
    return any(kind in ("L", "V", "N", "C", "J", "S") for kind, _ in HOLE.findall(template))


def _indented(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def hostile(luck: random.Random) -> tuple[str, dict[str, str]]:
    """Return a harness, and the saved ones that it calls by name."""
    return _Writer(luck).harness(luck.randint(1, 4)), {"inner": _Writer(luck).harness(1).replace("'inner'", "'none'")}
