"""Before we print: which sentences of the minister's speech are wrong?"""

from weft.primitives import agent, finding, parallel, pipeline

ARGS = {
    "type": "object",
    "properties": {"claims": {"type": "array", "items": {"type": "string"}, "maxItems": 18}},
    "required": ["claims"],
}
RULING = {
    "type": "object",
    "properties": {"ruling": {"enum": ["true", "false", "cannot tell"]}, "source": {"type": "string"}},
    "required": ["ruling", "source"],
}
DESK = ["Amina", "Bertil", "Chiara"]
cited = set()


def rule_on(claim, checker):
    return agent(
        f"Try to show that this sentence of the speech is false, using official statistics: «{claim}»",
        schema=RULING,
        label=f"{checker} on {claim[:30]}",
    )


async def panel(claim):
    rulings = [r for r in await parallel([rule_on(claim, c) for c in DESK]) if r]
    wrong = [r for r in rulings if r["ruling"] == "false"]
    if len(wrong) < 2:
        return None
    if wrong[0]["source"] in cited:
        return None
    cited.add(wrong[0]["source"])
    finding({"claim": claim, "sources": [r["source"] for r in wrong]})
    return {"claim": claim, "sources": sorted({r["source"] for r in wrong})}


async def main(args):
    printed = await pipeline(args["claims"], panel)
    return {"wrong": [p for p in printed if p], "checked": len(args["claims"])}
