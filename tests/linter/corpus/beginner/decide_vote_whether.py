"""Decide by a vote whether an insurance claim for water damage should be paid."""
from weft.primitives import agent, phase

META = {"name": "water-damage", "description": "Vote on an insurance claim"}
ARGS = {
    "type": "object",
    "properties": {"claim": {"type": "string"}, "policy": {"type": "string"}},
    "required": ["claim", "policy"],
}
VOTE = {
    "type": "object",
    "properties": {"pay": {"type": "boolean"}, "reason": {"type": "string"}},
    "required": ["pay", "reason"],
}


async def main(args):
    question = "Claim: " + args["claim"] + "\nPolicy: " + args["policy"] + "\nShould this be paid?"
    yes = 0
    reasons = []

    phase("First adjuster")
    first = await agent(question + " Read the policy word by word.", schema=VOTE, label="adjuster-1")
    if first is not None:
        if first["pay"]:
            yes += 1
        reasons.append(first["reason"])

    phase("Second adjuster")
    second = await agent(question + " Look for exclusions.", schema=VOTE, label="adjuster-2")
    if second is not None:
        if second["pay"]:
            yes += 1
        reasons.append(second["reason"])

    phase("Third adjuster")
    third = await agent(question + " Compare the dates.", schema=VOTE, label="adjuster-3")
    if third is not None:
        if third["pay"]:
            yes += 1
        reasons.append(third["reason"])

    if yes >= 4:
        return {"decision": "pay", "reasons": reasons}
    return {"decision": "refuse", "reasons": reasons}
