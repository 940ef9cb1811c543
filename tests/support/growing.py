"""Harnesses of any size of one shape, to see how what the linter does grows with them."""

from __future__ import annotations

__all__ = ["chain", "nest"]

PREAMBLE = "from weft.primitives import *\n\n\n"


def nest(depth: int) -> str:
    """Return a harness with `for` and `while` loops in turn, so deep, of two rounds each; each changes something."""
    lines = ["async def main(args):", "    total, out = 0, []"]
    for level in range(depth):
        space = "    " * (level + 1)
        if level % 2:
            lines += [f"{space}n{level} = 0", f"{space}while n{level} < 2:", f"{space}    n{level} += 1"]
        else:
            lines += [f"{space}for n{level} in range(2):"]
    space = "    " * (depth + 1)
    lines += [f"{space}total += 1", f'{space}out.append(await agent(f"{{total}}: {{len(out)}}"))', "    return out"]
    return PREAMBLE + "\n".join(lines) + "\n"


def chain(length: int, *body: str) -> str:
    """Return a harness with so many functions after a first one that asks an agent.

    Args:
        length: How many.
        body: Statements of each, with `{f}` for the function before it.
    """
    lines = ["async def f0(x):", '    return await agent(f"do {x}")']
    for number in range(1, length + 1):
        lines += [f"async def f{number}(x):", *(f"    {line.replace('{f}', f'f{number - 1}')}" for line in body)]
    lines += ["async def main(args):", f'    return await f{length}("the work")']
    return PREAMBLE + "\n".join(lines) + "\n"
