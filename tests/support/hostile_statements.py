"""Templates of statements with blocks for harnesses that `hostile` makes up; it says what the holes mean."""

from __future__ import annotations

__all__ = ["STATEMENTS"]

STATEMENTS = """
if <C>:
    <B>
else:
    <B>
---
if <C>:
    <B>
    return 1
---
for @x1 in <L>:
    <R>
---
for @N1 in range(<N>):
    <R>
else:
    <B>
---
@L1 = []
for x in <L>:
    <put>
    <R>
---
@N1 = 0
while @N1 < 4:
    @N1 += 1
    <R>
---
@N1 = 3
while @N1 > 0:
    @N1 -= 1
    <R>
---
@N1 = 9
while @N1 > 1:
    @N1 //= 2
    <R>
---
@N1 = 0
while 3 - @N1 > 0:
    @N1 += 1
    <R>
---
@N1 = 3
while @N1 > 0:
    try:
        <B>
        @N1 -= 1
    except ValueError:
        break
---
@L1 = list(<L>)
while @L1:
    @L1.<pop>
    <R>
---
@L1 = list(<L>)
while len(@L1) > 1:
    @L1 = @L1[: len(@L1) // 2]
    <R>
---
@L1 = list(<L>)
while @L1:
    @L2, @L1 = @L1[:2], @L1[2:]
    await parallel([<J> for x in @L2])
---
@L1 = list(<L>)
while @L1:
    @x1, *@L1 = @L1
    <R>
---
@L1 = list(<L>)
for x in @L1:
    if len(@L1) < 5: @L1.append(x)
    await <J>
---
for @x1 in until_dry(max_rounds=3, patience=2):
    @x1.found(list(<L>))
    <R>
---
for @x1 in until_target(4, max_rounds=3):
    @x1.found(list(<L>))
    <R>
---
try:
    await agent('must', critical=True)
    <B>
except (ValueError, AgentFailed):
    <B>
finally:
    <B>
---
try:
    <B>
    if <C>: raise ValueError
except ValueError:
    <B>
---
class @x1:
    def __enter__(self): return self
    def __exit__(self, *e): return True
with @x1():
    <B>
    raise KeyError
---
async def @x1(x=0):
    <F>
    return <J>
await @x1()
await @x1(1)
---
async def @x1(x):
    <F>
await parallel([@x1(x) for x in <L>])
---
@L1 = []
async def @x1(x):
    @L1.append(await <J>)
await pipeline(<L>, @x1)
---
@N1 = 0
async def @x1(x):
    nonlocal @N1
    @N1 += 2
    await <J>
await parallel([@x1(x) for x in <L>])
---
def @x1(x, kept=[]):
    kept.append(x)
    return kept
for x in <L>: @x1(x)
for x in @x1(0): await <J>
---
async def @x1(xs):
    if not xs: return
    await agent('x')
    await @x1(xs[1:])
await @x1(list(<L>))
---
async def @x1(xs):
    if len(xs) <= 1: return await agent('x')
    await parallel([@x1(xs[: len(xs) // 2]), @x1(xs[len(xs) // 2 :])])
await @x1(list(<L>))
---
async def @x1(n, depth=0):
    if depth >= 2: return await agent('x')
    return await parallel([@x1(p, depth + 1) for p in await agent('s', schema=LIST) or []])
await @x1('x')
---
def @x1(xs):
    xs = list(xs)
    for x in <L->:
        if len(xs) < 5: xs.append(1)
        yield x
for @x2 in @x1(<L>):
    <R>
---
async def @x1():
    for x in <L>:
        yield x
        await agent('in')
async for x in @x1():
    await <J>
---
class @x1:
    n = 1
    def __init__(self, xs): self.xs = list(xs)
    def add(self, x):
        self.xs.append(x)
        self.n += 1
        return self
    async def go(self):
        await parallel([agent(f'{x}') for x in self.xs[: self.n]])
class @x2(@x1):
    def add(self, x): return super().add(x).xs and super().add(x)
@x3 = @x2(<L>)
for x in <L>: @x3.add(x)
await @x3.go()
for x in @x3.xs: await <J>
---
@D1 = {}
for x in <L>: @D1.setdefault(str(x)[:1], []).append(x)
for @x1, @L1 in @D1.items():
    await parallel([<J> for x in @L1])
---
@D1 = {k: list(<L->) for k in <L>}
for x in <L>: @D1.setdefault(x, []).append(x)
---
@L1 = list(<L>)
for i in range(0, len(@L1), 2):
    await parallel([<J> for x in @L1[i : i + 2]])
---
@L1 = list(<L>)
for i in range(len(@L1)):
    for x in @L1[i + 1 :]: await <J>
---
@x1 = [[]] * 3
for x in <L>: @x1[0].append(x)
for @L1 in @x1:
    for x in @L1: await <J>
---
@x1 = [[] for _ in range(3)]
for i, x in enumerate(<L>): @x1[i % 3].append(x)
await parallel([<J> for w in @x1 for x in w])
---
@x1 = iter(<L>)
while @L1 := list(itertools.islice(@x1, 2)):
    await parallel([<J> for x in @L1])
    <R>
---
@x1 = iter(<L>)
for x in @x1:
    next(@x1, None)
    await <J>
---
match [*<L>]:
    case []:
        <B>
    case [one, *@L1]:
        <B>
---
@x1 = []
for x in <L>:
    @x1.append(<J>)
    if <P>: @x1 += [agent('j'), agent('k')]
await parallel(@x1)
---
@N1, @N2 = <N>, 3
while @N2 > 0:
    if <C>:
        @N2 -= 1
    elif @N1 < 4:
        @N1 += 1
    else:
        break
    <R>
---
@N1, @N2 = 0, 0
while @N1 < 3:
    await <J0>
    if @N2 < 2 and <C>:
        @N2 += 1
    else:
        @N1 += 1
        @N2 = <N>
---
@L1, @N1 = list(<L>), 0
while @L1:
    x = @L1.pop()
    await <J>
    if @N1 < 3:
        @N1 += 1
        @L1 += list(<L>)[:2]
---
@L1, @S1 = list(<L>), set()
while @L1 and len(@S1) < 5:
    x = str(@L1.pop())
    if x in @S1: continue
    @S1.add(x)
    @L1 += list(<L>)[:2]
    await <J>
---
@D1 = {}
for x in <L>:
    if str(x)[:1] not in @D1: @D1[str(x)[:1]] = []
    @D1[str(x)[:1]].append(x)
    <R>
for @L1 in @D1.values():
    for x in @L1: await <J>
---
@D1 = {k: [] for k in ['a', 'b', 'c']}
for x in <L>:
    @D1.get(str(x)[:1], @D1['a']).append(x)
<B>
await parallel([<J> for w in @D1.values() for x in w])
---
@D1 = {str(x): [x] for x in <L>}
for @x1 in list(@D1): @D1[@x1 + 'q'] = @D1[@x1]
<B>
---
@L1 = list(<L>)
while len(@L1) > 1:
    @x1 = []
    for @L2 in [@L1[i : i + 2] for i in range(0, len(@L1), 2)]:
        await <J0>
        @x1.append(@L2[0])
    @L1 = @x1
---
@L1 = list(<L>)
while @L1:
    await parallel([<J> for x in @L1])
    @L1 = @L1[1::2]
---
async def @x1(xs):
    match list(xs):
        case []:
            return None
        case [x]:
            return await <J>
        case [x, *rest]:
            await @x1(rest)
            return await <J>
await @x1(<L>)
---
def @x1(xs):
    def add(x):
        xs.append(x)
        return xs
    return add
@L1 = list(<L>)
@x2 = @x1(@L1)
for x in <L>: @x2(x)
for x in @L1: await <J>
---
@L1 = list(<L>)
@L2 = @L1
for x in <L>: @L2.append(x)
<B>
for x in @L1: await <J>
---
@x1 = [list(<L>) for _ in range(2)]
@x1.append(@x1[0])
for @L1 in @x1:
    @L1.append(1)
    if len(@x1) < 4: @x1.append([1])
    await parallel([<J> for x in @L1])
---
@T1 = <T>
while @T1:
    @T1 = @T1[1:]
    <R>
---
@L1 = list(<L>)
while (@N1 := len(@L1)) > 0:
    @L1 = @L1[: @N1 // 2]
    <R>
---
@x1, @N1 = deque(<L>, maxlen=4), 0
while @x1 and @N1 < 5:
    @N1 += 1
    x = @x1.popleft()
    @x1.rotate(1)
    if <P>: @x1.append(x)
    await <J>
---
async def @x1(x):
    try:
        if <P>: return await <J>
        raise ValueError
    except ValueError:
        return await <J>
    finally:
        await agent('f')
await parallel([@x1(x) for x in <L>])
---
class @x1:
    async def on_a(self, x): return await <J>
    async def on_b(self, x): return await parallel([<J>, <J>])
for x in <L>: await getattr(@x1(), 'on_' + ('a' if <P> else 'b'))(x)
---
@x1 = {}
def @x2(f):
    @x1[str(len(@x1))] = f
    return f
@@x2
async def one(x): return await <J>
@@x2
async def two(x): return await one(x)
for @x3 in @x1.values(): await @x3(1)
---
@D1 = {}
async def @x1(n):
    if n < 2: return await <J0>
    if str(n) not in @D1: @D1[str(n)] = [await @x1(n - 1), await @x1(n - 2)]
    return @D1[str(n)]
await @x1(4)
---
def @x1(xs):
    yield from xs
    got = yield 1
    for x in <L->: yield x
@x2 = @x1(<L>)
next(@x2, None)
for x in @x2: await <J>
---
@N1 = 1
async def @x1(xs):
    for x in xs:
        for _ in range(@N1): await agent('g')
        yield x
async for x in @x1(<L>):
    <R>
---
for x in <L>:
    for y in <L>:
        if str(x) == str(y): continue
        await <J>
        break
    else:
        continue
    if <P>: break
---
for @x1 in range(3):
    @x2 = await agent('t', schema=OK)
    if @x2 and @x2['ok']: break
else:
    <B>
"""
