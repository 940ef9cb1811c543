"""Ask around, in branches that share what they have seen."""
seen = Seen()


async def ask(n):
    first = await agent(f"find {n}", label=f"find:{n}", schema={"type": "object", "required": ["text"]})
    if n == 3:
        raise ValueError("three is too many")
    fresh = seen.add([first["text"] if first else "lost"])
    return await agent(f"look at {fresh}", label=f"look:{n}")


async def main(args):
    phase("Find")
    found = await parallel([ask(n) for n in range(4)])
    log(f"{len(found)} found")
    finding({"found": len(found)})
    phase("Vote")
    votes = await parallel([agent(f"vote {n}", label=f"vote:{n}") for n in range(3)], quorum=2)
    inner = await workflow("inner", {"n": 1})
    if args.get("fail"):
        return {"never": 1 / 0}
    return {"found": list(found), "votes": list(votes), "inner": inner, "seen": len(seen), "at": len(now())}
