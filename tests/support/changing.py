"""Makes up harnesses that change lists, numbers, texts, objects and arguments in place before they start agents."""

from __future__ import annotations

from hypothesis import strategies as st

PREAMBLE = """\
import bisect
import functools
import operator

NUMBER = {"type": "integer", "maximum": 4}


class Box:
    xs = [1]
    n = 2

    @property
    def size(self):
        return self.n

    @size.setter
    def size(self, value):
        self.n = value * 2


@functools.cache
def kept():
    return [1]


def grow(some, more=[1]):
    more.append(2)
    some.extend(more)
    return some


def given(first=1, *others, **named):
    return [*others, *named]


"""

CHANGES = (
    "xs.append(n)",
    "xs += [1, 2]",
    "ys.extend(xs[:4])",
    "xs[1:] = [4, 5, 6]",
    "xs[:0] = list(d)",
    "list.append(ys, 1)",
    "bisect.insort(xs, 1)",
    "operator.iadd(ys, [3])",
    "xs = (xs * 2)[:9]",
    "ys *= len(ys) < 5 and 2 or 1",
    "ys = xs",
    "xs = list(ys)",
    "xs, ys = ys, xs",
    "xs = xs[:n]",
    "xs = xs[-n:]",
    "xs = xs[n:9]",
    "xs = ys[:5] + grow(xs)[:5]",
    "xs = [ys, grow(ys)][0][:9]",
    "d['xs'] = xs",
    "d.setdefault('xs', []).append(1)",
    "d.get('xs', ys).extend([1, 2])",
    "d.update(n=n)",
    "d |= {str(n): n}",
    "d.pop('n', None)",
    "n = d.get('n', 5)",
    "n = -n",
    "n = n * n % 11",
    "n -= 4",
    "n = abs(n) % 9",
    "n = ~n",
    "n = 7 - n",
    "n = min(n, 5, key=abs)",
    "n = sum([n, 1], 3)",
    "n = args.get('n', 3)",
    "n = (await agent('how many', schema=NUMBER)) or 0",
    "box.xs.append(1)",
    "box.xs = xs",
    "xs = box.xs",
    "Box.xs = xs",
    "Box.n = 6",
    "box.n += 3",
    "box.size = 3",
    "setattr(box, 'n', 4)",
    "for name in ('n', 'm'): setattr(box, name, 5)",
    "xs = args['files']",
    "args['files'] += ['z']",
    "args['files'] = [*args['files'], 'z']",
    "args.setdefault('more', []).append(1)",
    "t += 'ab'",
    "t = t.replace('a', 'bb')[:9]",
    "t = f'{t:>9}'",
    "xs.extend(t[:4])",
    "xs = given(*xs, 3)",
    "xs = given(**d)",
    "xs = kept()",
    "kept().append(1)",
    "add = ys.append; add(1)",
    "it = iter(xs); ys.append(3); xs = list(it)",
    "xs.sort(key=lambda x: ys.append(1) if len(ys) < 9 else 1)",
)

ENDS = (
    "xs",
    "ys",
    "d",
    "t",
    "box.xs",
    "Box.xs",
    "kept()",
    "d.get('xs', [])",
    "args['files']",
    "args.get('more', [])",
    "range(n)",
    "range(n, 6)",
    "range(box.n)",
    "range(Box.n)",
    "xs[:n]",
    "xs[n:]",
    "enumerate(xs)",
)


@st.composite
def changing(draw: st.DrawFn) -> str:
    """Draw a harness that changes what it has, in loops, branches or nested functions, and then walks some of it."""
    lines = ["xs, ys, d, n, t, box = [1], [2], {}, 2, 'a', Box()"]
    for number in range(draw(st.integers(1, 4))):
        changes = draw(st.lists(st.sampled_from(CHANGES), min_size=1, max_size=3))
        match draw(st.sampled_from(("plain", "plain", "loop", "branch", "function"))):
            case "plain":
                lines += changes
            case "loop":
                lines += ["for i in range(3):", *(f"    {change}" for change in changes)]
            case "branch":
                lines += ["if args.get('n', 0) > 0:", *(f"    {change}" for change in changes)]
            case "function":
                lines += [f"async def step{number}():", "    nonlocal xs, ys, d, n, t"]
                lines += [*(f"    {change}" for change in changes), f"await step{number}()", f"await step{number}()"]
    for end in draw(st.lists(st.sampled_from(ENDS), min_size=1, max_size=3)):
        lines += [f"for x in {end}:", "    await agent('x')"]
    return PREAMBLE + "async def main(args):\n" + "".join(f"    {line}\n" for line in lines)
