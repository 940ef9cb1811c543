"""Whatever the language advises to write instead is tried: it runs, and the linter has no error to say of it."""

from __future__ import annotations

import pytest

from weft.linter import lint
from weft.linter.rules import confinement
from weft.primitives.language import attributes, builtin, modules, syntax

ADVICE = {
    *modules._ADVICE.values(),
    *modules._NAME_ADVICE.values(),
    *builtin._ADVICE.values(),
    builtin._OTHER_ERRORS,
    *attributes._INSTEAD.values(),
    *(instead for _, instead in syntax._LACKING.values()),
    *confinement._FOR_CONCURRENCY.values(),
    *(instead for _, _, instead in confinement._COMPUTED.values()),
}

READS = """
text = await agent("Read notes/a.md", tools=["read_file"])
return [args.get("notes"), text]
"""
HANDLERS = """
HANDLERS = {"up": lambda text: text.upper(), "down": lambda text: text.lower()}
return HANDLERS[args.get("name") or "up"]("a")
"""
TOGETHER = """
out = await parallel([agent("a"), agent("b")], limit=1)
return [*out, len(out.lost)]
"""
ERRORS = """
class Refused(Exception): pass
try:
    if not args: raise Refused("no")
except Exception as error:
    return str(error)
"""
FLOWS = """
async def first(x): return await agent(x)
return await pipeline(["a", "b"], first)
"""
LOGS = """
log("so far")
return await agent("a")
"""
NUMBERED = "return [f'{number}: {name}' for number, name in enumerate(['a', 'b'])]"
DATA = """
from dataclasses import asdict, dataclass
@dataclass
class Row:
    x: int
return [asdict(Row(1)), {"x": 2}]
"""
FOR_AWAIT = """
async def read(): return [await agent("a") or ""]
return [x.upper() for x in await read()]
"""
KINDS = """
class A: pass
class B(A): pass
b = B()
return [isinstance(b, A), issubclass(B, A), type(b) is B, type(b).__name__]
"""

TRIALS = {
    # -------------------------------------------------------------- modules
    modules._FILES: READS,
    modules._NETWORK: READS,
    modules._TOGETHER: TOGETHER,
    modules._TIME: """
        text = await agent("What is new?", timeout=60)
        return [args.get("today") or now(), text]
        """,
    modules._CHANCE: """
        ITEMS = ["a", "b"]
        return [sample(ITEMS, 1, seed=3), [ITEMS[index % len(ITEMS)] for index in range(3)]]
        """,
    modules._LOG: LOGS,
    "use str(error) and type(x)": """
        try:
            return int("x")
        except ValueError as error:
            return [str(error), type(error).__name__]
        """,
    "count in whole units (cents, not euros), or use float and round()": "return [1999 // 100, round(19.994, 2)]",
    "use a list": "numbers = [0] * 3\nnumbers[1] = 5\nreturn numbers",
    "use complex numbers with abs(), and math": "import math\nreturn [abs(3 + 4j), math.hypot(3, 4), (1j ** 2).real]",
    "write a class with __enter__ and __exit__, or try/except": """
        class Step:
            def __enter__(self): return self
            def __exit__(self, kind, error, traceback): return None
        with Step():
            return await agent("a")
        """,
    "key on the text itself; a dict or Seen compares it": """
        seen = Seen()
        return [seen.add(["a", "a", "b"]), {"a long text": 1}["a long text"]]
        """,
    "use statistics and math": "import math, statistics\nreturn [statistics.mean([1, 2]), math.prod([2, 3])]",
    "use lists of dicts with itertools and statistics": """
        import itertools, statistics
        rows = [{"k": "a", "v": 1}, {"k": "a", "v": 3}]
        groups = itertools.groupby(sorted(rows, key=lambda row: row["k"]), key=lambda row: row["k"])
        return {key: statistics.mean([row["v"] for row in group]) for key, group in groups}
        """,
    "use json": "import json\nreturn json.loads(json.dumps({'a': [1, None]}))",
    "describe answers with a JSON Schema in schema=": """
        await agent("Rate it", schema={"type": "object", "properties": {"score": {"type": "number"}}})
        return 1
        """,
    "run the command before, and put its output into args": "return args.get('output')",
    "put what the run needs into args, and return the result": "return args.get('argv') or []",
    "number things: enumerate(items)": NUMBERED,
    # -------------------------------------------------------------- names of modules
    "derive from dict": "class D(dict):\n    def total(self): return sum(self.values())\nreturn D(a=1).total()",
    "derive from list": "class L(list):\n    def last(self): return self[-1]\nreturn L([1, 2]).last()",
    "derive from str": "class S(str):\n    def shout(self): return self.upper()\nreturn S('a').shout()",
    "use dataclasses.replace(x, …)": """
        import dataclasses
        @dataclasses.dataclass(frozen=True)
        class Row:
            x: int
        return dataclasses.replace(Row(1), x=2).x
        """,
    "write a class statement with @dataclass": DATA,
    "write a method": "class A:\n    def add(self, x, y=1): return x + y\nreturn A().add(1)",
    "write `if isinstance(x, C): …`, or a dict of functions": "if not isinstance(args, dict): return 1\n" + HANDLERS,
    "use functools.wraps(function)": """
        import functools
        def shown(function):
            @functools.wraps(function)
            def inner(x): return function(x)
            return inner
        @shown
        def double(x): return 2 * x
        return [double(2), double.__name__]
        """,
    "write [items[i:i + n] for i in range(0, len(items), n)]": """
        items, n = [1, 2, 3], 2
        return [items[i:i + n] for i in range(0, len(items), n)]
        """,
    "use json.dumps(value, default=str), or make plain data first": """
        import json
        class A:
            def __str__(self): return "an A"
        return json.dumps({"a": A()}, default=str)
        """,
    "use json.loads(text)": "import json\nreturn json.loads('[1]')",
    "use json.dumps(value)": "import json\nreturn json.dumps([1])",
    "write sum(a * b for a, b in zip(x, y))": "x, y = [1, 2], [3, 4]\nreturn sum(a * b for a, b in zip(x, y))",
    "write lambda x: x.name": "return sorted([2 + 1j, 1 + 2j], key=lambda x: x.real)[0].imag",
    "call the function": "def f(x): return x\nreturn f(1)",
    "write lambda x: x.name()": "return list(map(lambda x: x.upper(), ['a']))",
    "use statistics.mean and statistics.stdev": "import statistics as s\nreturn s.stdev([1, 2]) + s.mean([1, 2])",
    "use an f-string, or template.format(…)": "x, TEXT = 'a', 'Read {x}'\nreturn [f'Read {x}', TEXT.format(x=x)]",
    "use textwrap.wrap(text, width) or textwrap.fill(text, width)": """
        import textwrap
        return [textwrap.wrap("a b c", 3), textwrap.fill("a b c", 3)]
        """,
    "leave it out: annotations are dropped": "def f(x: int) -> int: return x\nreturn f(1)",
    # -------------------------------------------------------------- built-ins
    builtin._NO_CODE: "def area(a, b): return a * b\nreturn area(2, 3)",
    builtin._NO_SCOPES: "values = {}\nvalues['a'] = 1\nreturn values",
    builtin._NO_STOPS: "if args: raise RuntimeError('stop')\n" + ERRORS,
    builtin._OTHER_ERRORS: ERRORS,
    "read `.lost` of a fan-out; its failures are there": TOGETHER,
    "return from main, or `raise RuntimeError(…)`": "if args: raise RuntimeError('stop')\nreturn 1",
    "take it from args": "return args.get('answer')",
    "number the items with enumerate(); addresses differ from run to run": NUMBERED,
    "write import at the top": "import math\nreturn math.floor(2.5)",
    "write `del x.name`": "class A: pass\nx = A()\nx.name = 1\ndel x.name\nreturn hasattr(x, 'name')",
    "collect parts in a list and join them": "parts = []\nparts.append(b'a')\nreturn len(b''.join(parts))",
    "slice the bytes": "return len(b'abc'[1:2])",
    "write `for x in await f()`": FOR_AWAIT,
    "write log(…)": LOGS,
    # -------------------------------------------------------------- attributes
    "write type(x) or isinstance(x, C)": KINDS,
    "keep the data in a dict of your own, or use dataclasses.asdict(x)": DATA,
    "write super().__init__(…)": """
        class A:
            def __init__(self, x): self.x = x
        class B(A):
            def __init__(self): super().__init__(3)
        return B().x
        """,
    "the error's text is str(error)": ERRORS,
    "isinstance() and issubclass() answer most questions": KINDS,
    "write `raise … from error`": """
        try:
            try:
                return int("x")
            except ValueError as error:
                raise LookupError("no number") from error
        except LookupError as error:
            return str(error)
        """,
    # -------------------------------------------------------------- syntax
    "write `with`, and await inside": """
        class Step:
            def __enter__(self): return self
            def __exit__(self, *what): return None
        with Step():
            return await agent("a")
        """,
    "write `import`": "import json\nreturn json.dumps(1)",
    "write `except`; failures of a fan-out are in its `.lost`": ERRORS + TOGETHER,
    "write `X = …`": "X = dict[str, int]\ndef f(x: X) -> X: return x\nreturn f({'a': 1})",
    "leave them out; nothing checks them here": "def first(xs: list) -> object: return xs[0]\nreturn first([1])",
    # -------------------------------------------------------------- concurrency, and names computed
    "limit=n of parallel and pipeline": TOGETHER,
    "nothing: between two awaits no other branch runs": """
        total = []
        async def ask(x):
            text = await agent(x)
            total.append(1)
            return text
        await parallel([ask("a"), ask("b")])
        return len(total)
        """,
    "a list, or pipeline(items, …) for work that flows": FLOWS,
    "timeout= of agent(…)": "return await agent('a', timeout=30)",
    "nothing: a run waits for its agents by itself": "return await agent('a')",
    "nothing: the runtime awaits main(args)": "return await agent('a')",
    "pipeline(items, …), which takes each result on as soon as it is there": FLOWS,
    "use a dict of functions: HANDLERS[name]": HANDLERS,
    "use a dict: d[name] = value": "d = {}\nfor name in ['a', 'b']: d[name] = 1\nreturn d",
    "use an f-string, or replace()": "name = 'a'\nreturn [f'Read {name}', 'Read NAME'.replace('NAME', name)]",
}


def test_every_advice_has_a_trial():
    assert TRIALS.keys() == ADVICE


@pytest.fixture(scope="module")
def outcomes(run):
    return run(TRIALS)


@pytest.mark.parametrize("advice", TRIALS)
def test_the_advice_works(advice, outcomes, as_harness):
    assert outcomes[advice]["how"] == "returned", outcomes[advice]["what"]
    found = lint(as_harness(TRIALS[advice])).findings
    assert [one.message for one in found if one.severity == "error"] == []


def test_what_is_said_of_habits_is_true(run):
    """`print` logs and ends nothing; `gather` raises the first failure, once all have ended."""
    outcomes = run(
        {
            "print": "print('a', 1, sep='-', end='', flush=True)\nreturn 'went on'",
            "gather": """
                import asyncio
                ended = []
                async def ask(x):
                    text = await agent(x)
                    ended.append(x)
                    if x == "a": raise ValueError("first")
                    return text
                try:
                    await asyncio.gather(ask("a"), ask("b"))
                except ValueError as error:
                    return [str(error), sorted(ended)]
                """,
        }
    )
    assert {name: outcome["what"] for name, outcome in outcomes.items()} == {
        "print": "went on",
        "gather": ["first", ["a", "b"]],
    }
