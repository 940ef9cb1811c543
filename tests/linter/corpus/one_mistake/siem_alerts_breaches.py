"""Which SIEM alerts are breaches that the customer must be told about?"""

from weft.primitives import agent, parallel, pipeline

ARGS = {
    "type": "object",
    "properties": {"alerts": {"type": "array", "items": {"type": "string"}, "maxItems": 15}},
    "required": ["alerts"],
}
VOTE = {
    "type": "object",
    "properties": {"benign": {"type": "boolean"}, "because": {"type": "string"}},
    "required": ["benign", "because"],
}
ROLES = {
    "network": "a network defender who knows the usual scanners",
    "endpoint": "an endpoint engineer who knows what the EDR agent itself does",
    "identity": "an identity admin who knows the service accounts",
    "red team": "an attacker who would have hidden better",
    "on call": "the person who gets up at three for it",
}


async def breach(alert):
    ballots = await parallel(
        [
            agent(f"You are {who}. Try to explain this alert as benign.\n<alert>{alert}</alert>", schema=VOTE, label=f"{name}")
            for name, who in ROLES.items()
        ]
    )
    explained = len([b for b in ballots if b and b["benign"]])
    match explained:
        case 0 | 1:
            return {"alert": alert, "doubts": explained}
        case _:
            return None


async def letter(case):
    text = await agent(f"Write the notice to the customer for this breach; {case['doubts']} of 5 saw a harmless cause.\n<alert>{case['alert']}</alert>")
    return {**case, "letter": text}


async def main(args):
    told = await pipeline(args["alerts"], breach)
    letters = await pipeline([t for t in told if t is not None], letter)
    return {"notify": [x for x in letters if x]}
