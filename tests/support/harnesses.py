"""Makes up small harnesses for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

PREAMBLE = """\
from itertools import combinations, islice, product

LIST = {"type": "array", "maxItems": 3, "items": {"type": "string"}}
ITEMS = {"type": "object", "properties": {"items": LIST}, "required": ["items"]}
FLAG = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}


async def twice(x):
    await agent(f"once {x}")
    return await agent(f"twice {x}")


async def check(x):
    verdict = await verify(f"{x}", lenses=["a", "b"])
    return x if verdict["survives"] else None


async def look(x):
    found = await agent(f"look {x}", schema=ITEMS)
    return found["items"] if found else []


def ask(x):
    return agent(f"ask {x}")


def pieces(xs, size):
    for i in range(0, len(xs), size):
        yield xs[i : i + size]


def failing(xs):
    yield from xs
    raise ValueError("no more")


def again(function):
    async def both(*given):
        await function(*given)
        return await function(*given)

    return both


class Leaving:
    def __init__(self, holds_back):
        self.holds_back = holds_back

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        return self.holds_back


"""

ERRORS = (
    "except AgentFailed:",
    "except ValueError:",
    "except (ValueError, AgentFailed) as error:",
    "except Exception:",
)


class Writer:
    """Writes one harness.

    `straight` ones have no branches, so that their bound must be exact; of `ordered` ones no call depends on which
    agent answers first.
    """

    def __init__(self, draw: st.DrawFn, *, straight: bool, ordered: bool) -> None:
        self.draw = draw
        self.straight = straight
        self.ordered = ordered
        self.names = 0
        self.lists: list[str] = []
        """Variables that hold lists of values other than None."""
        self.loops: list[str] = []
        """The loops around, by what may be done in them besides going on: `break`, or `continue` as well."""

    def harness(self) -> str:
        """Return the source."""
        body = self.block(0, self.draw(st.integers(1, 4)))
        return PREAMBLE + "async def main(args):\n" + "".join(f"    {line}\n" for line in [*body, "return None"])

    def pick(self, *options: str) -> str:
        return self.draw(st.sampled_from(options))

    def name(self) -> str:
        self.names += 1
        return f"v{self.names}"

    def items(self) -> str:
        """Return an expression for a list."""
        n = self.draw(st.integers(0, 4))
        options = [f"range({n})", str(["a", "b", "c", "d"][:n]), f"[x for x in range({n})]"]
        if self.lists:
            known = self.pick(*self.lists)
            options += [known, f"{known}[:2]", f"list({known})", f"[x for x in {known}]"]
            if not self.straight:
                options += [f"sorted({known})", f"{known}[1:]", f"dedup({known})", f"{known}[-2:]", f"{known}[1:3]"]
        return self.pick(*options)

    def coroutine(self, x: str) -> str:
        return self.pick(f"agent(f'a {{{x}}}')", f"twice({x})", f"check({x})", f"ask({x})", f"verify(f'{{{x}}}')")

    def block(self, depth: int, size: int) -> list[str]:
        known = list(self.lists)
        lines = [line for _ in range(size) for line in self.statement(depth)]
        self.lists = known if depth else self.lists
        return lines

    def nested(self, depth: int, loop: str | None = None) -> list[str]:
        """Return an indented block, in a loop if it is said what may be done in it."""
        self.loops += [loop] if loop is not None else []
        lines = self.block(depth + 1, self.draw(st.integers(1, 2)))
        self.loops = self.loops[:-1] if loop is not None else self.loops
        return [f"    {line}" for line in lines]

    def maybe(self, *lines: str) -> list[str]:
        return list(lines) if self.draw(st.booleans()) else []

    def leave(self) -> str:
        """Return a statement that leads elsewhere."""
        jumps = {"break": ["break"], "continue": ["break", "continue"]}[self.loops[-1]] if self.loops else []
        return self.pick("return 1", 'raise ValueError("made up")', *jumps, *jumps)

    def flag(self) -> list[str]:
        """Return lines that ask an agent, up to an `if` for its answer."""
        name = self.name()
        return [f"{name} = await agent('flag', schema=FLAG)", f"if {name} and {name}['ok']:"]

    def statement(self, depth: int) -> list[str]:
        kinds = [self.single, self.parallel, self.pipeline, self.mixed, self.synthesis, self.listing, self.pieces]
        kinds += [self.together, self.routed]
        kinds += (
            [self.sliding, self.pairs, self.iterated]
            if self.straight
            else [self.sliding, self.grouped, self.pairs, self.iterated, self.shares]
        )
        if depth < 2:
            kinds += [self.for_loop, self.while_loop, self.accumulated, self.worklist]
            if not self.straight:
                kinds += [self.branch, self.rounds, self.attempt, self.early_end, self.way_out, self.failing]
                kinds += [self.cases, self.context, self.function, self.recursion, self.endless, self.buckets]
        return self.draw(st.sampled_from(kinds))(depth)

    def single(self, depth: int) -> list[str]:
        return [f"await {self.coroutine('0')}"]

    def parallel(self, depth: int) -> list[str]:
        name, x = self.name(), self.name()
        guard = "" if self.straight or self.draw(st.booleans()) else f" if {x}"
        lines = [f"{name} = await parallel([{self.coroutine(x)} for {x} in {self.items()}{guard}])"]
        lines.append(f"{name} = [x for x in {name} if x is not None]")
        self.lists += [] if self.straight else [name]
        return lines

    def pipeline(self, depth: int) -> list[str]:
        stages = ", ".join(
            self.pick("twice", "check", "ask", "look", "lambda x: agent(f'{x}')")
            for _ in range(self.draw(st.integers(1, 2)))
        )
        if self.straight:
            stages = stages.replace("check", "twice")
        return [f"await pipeline({self.items()}, {stages})"]

    def mixed(self, depth: int) -> list[str]:
        first, second = self.coroutine("1"), self.coroutine("2")
        return [
            f"jobs = [{first}]",
            f"jobs.append({second})",
            f"await parallel(jobs + [{self.coroutine('x')} for x in {self.items()}])",
        ]

    def synthesis(self, depth: int) -> list[str]:
        fan_in = self.draw(st.integers(2, 4))
        return [f"await synthesize([str(x) for x in {self.items()}], 'sum up', fan_in={fan_in})"]

    def together(self, depth: int) -> list[str]:
        """Return a panel or a conversation."""
        texts, rounds = f"[str(x) for x in {self.items()}]", self.draw(st.integers(1, 3))
        calls = [
            f"judge({texts}, criteria='short', judges={rounds})",
            f"critique({texts}, 'all of it')",
            f"debate('who?', roles={['a', 'b', 'c'][:rounds]}, rounds={rounds})",
            f"swarm({texts}, neighbours=lambda i: [i], rounds={rounds})",
        ]
        calls += [] if self.straight else [f"reflect('write', critic='short?', max_rounds={rounds})"]
        return [f"await {self.pick(*calls)}"]

    def routed(self, depth: int) -> list[str]:
        other = "twice" if self.straight else self.pick("check", "ask", "look", "lambda x: None")
        handlers = f"{{True: twice, False: {other}}}"
        return [f"await route({self.items()}, by=lambda x: str(x) < 'b', handlers={handlers})"]

    def shares(self, depth: int) -> list[str]:
        total, score = self.draw(st.integers(0, 6)), self.pick("len(str(x))", "1", "str(x) == 'a'")
        pairs = f"allot({self.items()}, {total}, by=lambda x: int({score}), most={self.draw(st.integers(1, 3))})"
        return [f"await parallel([{self.coroutine('x')} for x, n in {pairs} for _ in range(n)])"]

    def listing(self, depth: int) -> list[str]:
        name = self.name()
        self.lists.append(name)
        return [f"{name} = await look({depth})"]

    def pieces(self, depth: int) -> list[str]:
        x, size = self.name(), self.draw(st.integers(1, 3))
        source = self.items()
        loop = self.pick(
            f"for {x} in pieces(list({source}), {size}):",
            f"for {x} in [list({source})[i : i + {size}] for i in range(0, len(list({source})), {size})]:",
        )
        return [loop, f"    await parallel([{self.coroutine('y')} for y in {x}])", f"    await {self.coroutine('9')}"]

    def sliding(self, depth: int) -> list[str]:
        i, most, size = self.name(), self.draw(st.integers(0, 5)), self.draw(st.integers(1, 3))
        source = f"list({self.items()})"
        window = self.pick(
            f"{source}[{i}:]",
            f"range({i})",
            f"range({i}, {most})",
            f"{source}[{i} : {i} + {size}]",
            f"range({most} - {i})",
        )
        if not self.straight:
            window = self.pick(
                window,
                f"{source}[:{i}]",
                f"{source}[{i} * {size} :]",
                f"{source}[-{i} :]",
                f"{source}[:: {size}]",
                f"{source}[1 : {i}]",
            )
        walk = self.pick(f"range({most})", f"range(0, {most}, {size})", f"range(1, {most})", f"reversed(range({most}))")
        if self.straight:
            walk, window = f"range({most})", self.pick(f"range({i})", f"range({i}, {most})", f"range({most} - {i})")
        return [f"for {i} in {walk}:", f"    await parallel([{self.coroutine('y')} for y in {window}])"]

    def pairs(self, depth: int) -> list[str]:
        source = self.items()
        both = self.pick(
            f"combinations(list({source}), 2)",
            f"product({source}, {self.items()})",
            f"zip(list({source}), range({self.draw(st.integers(0, 4))}))",
            f"[(x, y) for x in {source} for y in {self.items()}]",
            f"[(x, y) for x, y in enumerate({source})]",
        )
        return [f"await parallel([{self.coroutine('a')} for a, b in {both}])"]

    def grouped(self, depth: int) -> list[str]:
        g, name = self.name(), self.items()
        make = self.pick(
            f"    {g}.setdefault(str(x)[:1], []).append(x)",
            f"    {g}[str(x)] = {g}.get(str(x), []) + [x]",
        )
        use = self.pick(
            f"await parallel([agent(f'{{k}}') for k in {g}])",
            f"await parallel([agent(f'{{k}} {{y}}') for k, v in {g}.items() for y in v])",
            f"await pipeline(list({g}.values()), lambda v: parallel([agent(f'{{y}}') for y in v]))",
        )
        return [f"{g} = {{}}", f"for x in {name}:", make, use]

    def iterated(self, depth: int) -> list[str]:
        it, size = self.name(), self.draw(st.integers(1, 3))
        lines = [f"{it} = iter(list({self.items()}))", f"while block := list(islice({it}, {size})):"]
        return [*lines, f"    await parallel([{self.coroutine('y')} for y in block])"]

    def for_loop(self, depth: int) -> list[str]:
        lines = [f"for {self.name()} in {self.items()}:", *self.nested(depth, "continue")]
        return lines if self.straight else [*lines, *self.maybe("else:", *self.nested(depth))]

    def while_loop(self, depth: int) -> list[str]:
        n, step = self.name(), self.draw(st.integers(1, 2))
        limit = self.draw(st.integers(0, 4))
        up = [f"{n} = 0", f"while {n} < {limit}:", f"    {n} += {step}", *self.nested(depth, "continue")]
        down = [f"{n} = {limit}", f"while {n} > 0:", *self.nested(depth, "break"), f"    {n} -= {step}"]
        endless = [
            f"{n} = 0",
            "while True:",
            f"    {n} += 1",
            *self.nested(depth, "break"),
            f"    if {n} >= {limit}:",
            "        break",
        ]
        return self.draw(st.sampled_from([up, down, endless]))

    def accumulated(self, depth: int) -> list[str]:
        name, x = self.name(), self.name()
        put = self.pick(
            f"{name}.append({x})", f"{name} += [{x}, {x}]", f"{name} = {name} + [{x}]", f"{name}.extend([{x}])"
        )
        lines = [f"{name} = []", f"for {x} in {self.items()}:", f"    {put}", *self.nested(depth, "continue")]
        self.lists.append(name)
        return lines

    def worklist(self, depth: int) -> list[str]:
        name = self.name()
        take = self.pick(f"{name}.pop()", f"{name}.pop(0)")
        return [f"{name} = list({self.items()})", f"while {name}:", f"    {take}", *self.nested(depth, "continue")]

    def branch(self, depth: int) -> list[str]:
        return [*self.flag(), *self.nested(depth), *self.maybe("else:", *self.nested(depth))]

    def rounds(self, depth: int) -> list[str]:
        name, most = self.name(), self.draw(st.integers(1, 3))
        body = [f"    found = await look({name}.number)", f"    {name}.found(found)", *self.nested(depth, "continue")]
        return [f"for {name} in until_dry(max_rounds={most}, patience=1):", *body]

    def attempt(self, depth: int) -> list[str]:
        critical = "    await agent('must', critical=True)"
        body = ["try:", *self.maybe(critical), *self.nested(depth), *self.maybe(f"    {self.leave()}")]
        handlers = [self.pick(*ERRORS), *self.nested(depth), *self.maybe("    raise")]
        last = ["finally:", *self.nested(depth), *self.maybe(f"    {self.leave()}")]
        if self.draw(st.integers(0, 3)) == 0:
            return [*body, *last]
        return [*body, *handlers, *self.maybe("else:", *self.nested(depth)), *self.maybe(*last)]

    def early_end(self, depth: int) -> list[str]:
        return [*self.flag(), *self.nested(depth), "    return 1"]

    def way_out(self, depth: int) -> list[str]:
        return [*self.flag(), *self.nested(depth), f"    {self.leave()}"]

    def failing(self, depth: int) -> list[str]:
        name = self.name()
        source = [f"for {name} in failing({self.items()}):", *self.nested(depth, "continue")]
        return ["try:", *(f"    {line}" for line in source), self.pick(*ERRORS), *self.nested(depth)]

    def cases(self, depth: int) -> list[str]:
        lines = ["match await agent('which?', schema=FLAG):"]
        for case in ("case {'ok': True}:", "case None:", *self.maybe("case _:")):
            lines += [f"    {line}" for line in (case, *self.nested(depth), *self.maybe(f"    {self.leave()}"))]
        return lines

    def context(self, depth: int) -> list[str]:
        lines = [f"with Leaving({self.pick('True', 'False', 'None')}):", *self.nested(depth)]
        return [*lines, *self.maybe(f"    {self.leave()}")]

    def function(self, depth: int) -> list[str]:
        """Return a function within `main`, and calls of it."""
        name, shared, loops = self.name(), self.name(), self.loops
        self.loops = []
        body = [*self.maybe(f"    {shared}.append(x)"), *self.nested(depth), *self.maybe(f"    {self.leave()}")]
        self.loops = loops
        decorator = self.maybe("@again")
        call = self.pick(
            f"await {name}(1)",
            f"await parallel([{name}(x) for x in {self.items()}])",
            f"await pipeline({self.items()}, {name})",
        )
        # Branches that add to it in more than one step do so in the order in which agents answer.
        gathered = f"sorted({shared}, key=str)" if self.ordered else shared
        after = f"await parallel([agent(f'{{x}}') for x in {gathered}])"
        return [f"{shared} = ['a', 'b']", *decorator, f"async def {name}(x):", *body, call, after]

    def recursion(self, depth: int) -> list[str]:
        name, loops = self.name(), self.loops
        self.loops = []
        body = self.nested(depth)
        self.loops = loops
        inner = self.pick(f"await {name}(n - 1)", f"await parallel([{name}(n - 1), {name}(n - 2)])")
        start = self.draw(st.integers(0, 2))
        lines = [*self.maybe("@again"), f"async def {name}(n):", *body, "    if n > 0:", f"        {inner}"]
        return [*lines, f"await {name}({start})"]

    def endless(self, depth: int) -> list[str]:
        n, limit, end = self.name(), self.draw(st.integers(1, 3)), self.pick("break", "return 1", "raise ValueError")
        body = self.nested(depth, "break")
        return [f"{n} = 0", "while True:", f"    {n} += 1", *body, f"    if {n} == {limit}:", f"        {end}"]

    def buckets(self, depth: int) -> list[str]:
        name, x = self.name(), self.name()
        put = self.pick(
            f"    {name}['a' if {x} == 'a' else 'b'].append({x})",
            f"    ({name}['a'] if {x} else {name}['b']).append({x})",
            f"    {name}[str({x})[:1]] = [{x}]",
            f"    kept = {name}['a'] if {x} else {name}['b']; kept += [{x}]",
        )
        use = f"await parallel([agent(f'{{x}}') for x in {name}['{self.pick('a', 'b')}']])"
        return [f"{name} = {{'a': [], 'b': []}}", f"for {x} in {self.items()}:", put, use]


@st.composite
def harnesses(draw: st.DrawFn, *, straight: bool, ordered: bool = False) -> str:
    """Return the source of a harness; of an `ordered` one no call depends on which agent answers first."""
    return Writer(draw, straight=straight, ordered=ordered).harness()
