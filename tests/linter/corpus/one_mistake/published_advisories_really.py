"""Which published advisories really reach code that our lockfile pulls in?"""

from weft.primitives import agent, log, parallel, verify

ADVISORIES = {
    "type": "object",
    "properties": {
        "advisories": {
            "type": "array",
            "maxItems": 8,
            "items": {
                "type": "object",
                "properties": {"id": {"type": "string"}, "package": {"type": "string"}, "path": {"type": "string"}},
                "required": ["id", "package", "path"],
            },
        }
    },
    "required": ["advisories"],
}
LENSES = ["the vulnerable function is called", "the locked version is in the range", "no patch is vendored"]


def known(upheld, advisory):
    return next((u for u in upheld if (u["id"], u["package"]) == (advisory["id"], advisory["package"])), None) is not None


async def main(args):
    upheld = []
    for n in range(1, 5):
        names = ", ".join(u["id"] for u in upheld) or "nothing"
        reply = await agent(f"Pass {n}: list advisories that reach our lockfile, apart from {names}.", schema=ADVISORIES)
        if reply is None:
            log(f"pass {n} was lost")
            continue
        todo = [a for a in reply["advisories"] if not known(upheld, a)]
        verdicts = await parallel([verify(a, lenses=LENSES, quorum=2) for a in todo])
        upheld += [a for a, v in zip(todo, verdicts) if v and v["survives"]]
    return {"upheld": upheld}
