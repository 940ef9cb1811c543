"""Makes up harnesses whose branches share state, fail, end early and are cancelled: for tests of determinism."""

from __future__ import annotations

from hypothesis import strategies as st

PREAMBLE = """\
state = []

async def see(what):
    reply = await agent(f"{what} after {len(state)}")
    state.append(f"{what}:{reply}")
    return reply

"""


class Writer:
    """Writes one harness. Everything it does leaves a trace in `state`, which goes into prompts and the result."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw
        self._names = 0

    def harness(self) -> str:
        """Return the source."""
        lines = [*self._parallel(0), *self._block(0), "return [state, len(state)]"]
        return PREAMBLE + "async def main(args):\n" + "".join(f"    {line}\n" for line in lines)

    def _name(self) -> str:
        self._names += 1
        return f"n{self._names}"

    def _number(self, least: int, most: int) -> int:
        return self._draw(st.integers(least, most))

    def _block(self, depth: int) -> list[str]:
        return [line for _ in range(self._number(1, 3)) for line in self._statement(depth)]

    def _nested(self, depth: int) -> list[str]:
        return [f"    {line}" for line in self._block(depth + 1)]

    def _statement(self, depth: int) -> list[str]:
        simple = [self._see, self._note, self._fail, self._end_early]
        nested = [self._parallel, self._pipeline, self._loop, self._finally, self._except, self._with]
        return self._draw(st.sampled_from(simple if depth > 1 else [self._see, *simple, *nested, *nested]))(depth)

    def _see(self, depth: int) -> list[str]:
        return [f"await see({self._name()!r})"]

    def _note(self, depth: int) -> list[str]:
        return [self._draw(st.sampled_from(["log(f'{state}')", "phase(str(len(state)))", "finding(state[-2:])"]))]

    def _fail(self, depth: int) -> list[str]:
        return [f"if len(state) % 5 == {self._number(0, 4)}:", "    raise ValueError(len(state))"]

    def _end_early(self, depth: int) -> list[str]:
        return [f"if len(state) % 7 == {self._number(0, 6)}:", "    return len(state)"]

    def _branches(self, depth: int) -> tuple[list[str], list[str]]:
        names = [self._name() for _ in range(self._number(1, 4 - depth))]
        lines = []
        for name in names:
            lines += [f"async def {name}(*value):", f"    await see({name!r})", *self._nested(depth)]
        return names, lines

    def _parallel(self, depth: int) -> list[str]:
        names, lines = self._branches(depth)
        quorum = f"quorum={self._number(1, len(names))}"
        options = ["", "fail_fast=True", f"limit={self._number(1, 3)}", quorum, quorum]
        chosen = self._draw(st.sampled_from(options))
        calls = ", ".join(name + self._draw(st.sampled_from(["", "()"])) for name in names)
        kept = self._name()
        return [*lines, f"{kept} = await parallel([{calls}], {chosen})", f"state.append([{kept}, len({kept}.lost)])"]

    def _pipeline(self, depth: int) -> list[str]:
        names, lines = self._branches(depth)
        limit = self._draw(st.sampled_from(["", f"limit={self._number(1, 2)}"]))
        return [*lines, f"state.append(await pipeline(range({self._number(0, 4)}), {', '.join(names)}, {limit}))"]

    def _loop(self, depth: int) -> list[str]:
        return [f"for {self._name()} in range({self._number(1, 3)}):", *self._nested(depth)]

    def _finally(self, depth: int) -> list[str]:
        last = self._draw(st.sampled_from([f"state.append({self._name()!r})", *self._see(depth), *self._note(depth)]))
        return ["try:", *self._nested(depth), "finally:", f"    {last}"]

    def _except(self, depth: int) -> list[str]:
        return ["try:", *self._nested(depth), "except Exception as error:", "    state.append(repr(error))"]

    def _with(self, depth: int) -> list[str]:
        name = self._name()
        left = f"    def __exit__(self, *what): state.append('left {name}')"
        entered = f"    def __enter__(self): state.append('entered {name}')"
        return [f"class {name.upper()}:", entered, left, f"with {name.upper()}():", *self._nested(depth)]


@st.composite
def racing_harnesses(draw: st.DrawFn) -> str:
    """Return the source of a harness."""
    return Writer(draw).harness()
