"""Rate the readability of consent forms and compare it with the length of each form."""

import statistics

from weft.primitives import agent, log, parallel

ARGS = {
    "type": "object",
    "properties": {
        "forms": {
            "type": "array",
            "maxItems": 35,
            "items": {
                "type": "object",
                "properties": {"path": {"type": "string"}, "words": {"type": "integer"}},
                "required": ["path", "words"],
            },
        }
    },
    "required": ["forms"],
}
GRADE = {"type": "object", "properties": {"grade": {"type": "number"}}, "required": ["grade"]}


async def main(args):
    forms = args["forms"]
    raw = await parallel([agent(f"School grade needed to read the consent form {f['path']}.", schema=GRADE) for f in forms])
    y = []
    for r in raw:
        if r is not None and r["grade"] > 0:
            y.append(r["grade"])
    log(f"{len(raw) - len(y)} forms without a usable grade")
    if len(y) < 3:
        return {"r": None, "hardest": None}
    x = [f["words"] for f in forms]
    mx = statistics.mean(x)
    my = statistics.mean(y)
    sxy = sum((a - mx) * (b - my) for a, b in zip(x, y))
    sxx = sum((a - mx) ** 2 for a in x)
    syy = sum((b - my) ** 2 for b in y)
    r = sxy / (sxx * syy) ** 0.5 if sxx > 0 and syy > 0 else None
    hardest = forms[y.index(max(y))]["path"]
    return {"r": r, "hardest": hardest, "n": len(y)}
