"""Should each backlog idea be built? Three roles vote at once, a chair who has no vote writes the reasons down."""
from weft.primitives import agent, log, parallel, phase, pipeline

ARGS = {
    "type": "object",
    "properties": {"ideas": {"type": "array", "items": {"type": "string"}, "maxItems": 20}},
    "required": ["ideas"],
}
VOTE = {
    "type": "object",
    "properties": {"build": {"type": "boolean"}, "reason": {"type": "string"}},
    "required": ["build", "reason"],
}
MINUTES = {
    "type": "object",
    "properties": {"summary": {"type": "string"}, "condition": {"type": ["string", "null"]}},
    "required": ["summary", "condition"],
}
ROLES = {"support": "what users complain about", "finance": "cost over three years", "engineering": "what it breaks"}


async def poll(idea):
    votes = await parallel([
        agent(f"As {role} you judge by {lens}. Should we build this?\n<idea>{idea}</idea>", schema=VOTE, label=f"{role}:{idea[:20]}")
        for role, lens in ROLES.items()
    ])
    named = [{"role": role, **vote} for role, vote in zip(ROLES, votes) if vote]
    return {"idea": idea, "votes": named, "build": sum(v["build"] for v in named) >= 2}


async def chair(result):
    said = "\n".join(f"- {v['role']} ({'for' if v['build'] else 'against'}): {v['reason']}" for v in result["votes"])
    minutes = await agent(
        f"The vote is closed: the idea is {'accepted' if result['build'] else 'rejected'}. Write the minutes, do not reopen it.\n{said}",
        schema=MINUTES,
        label=f"minutes:{result['idea'][:20]}",
    )
    return {**result, "minutes": minutes}


async def main(args):
    phase("Backlog")
    results = await pipeline(args["ideas"], poll, chair)
    decided = [r for r in results if r]
    log(f"{sum(r['build'] for r in decided)} accepted")
    return {"decided": decided, "failed": [i for i, r in zip(args["ideas"], results) if not r]}
