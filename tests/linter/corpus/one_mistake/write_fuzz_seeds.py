"""Write fuzz seeds for a parser until four fifths of its branches are hit."""

from weft.primitives import agent, phase

ARGS = {"type": "object", "properties": {"target": {"type": "string"}}, "required": ["target"]}
SEED = {
    "type": "object",
    "properties": {
        "seed": {"type": "string"},
        "newly_hit": {"type": "array", "maxItems": 40, "items": {"type": "integer"}},
    },
    "required": ["seed", "newly_hit"],
}


async def main(args):
    hit, seeds = set(), []

    def covered(total=500):
        return len(hit) / total

    while covered() < 0.8:
        phase(f"{len(hit)} branches")
        reply = await agent(
            f"Write one seed input for {args['target']} that reaches branches other than {sorted(hit)}; run it and say which ids are new.",
            schema=SEED,
        )
        if not reply:
            continue
        hit.update(reply["newly_hit"])
        seeds.append(reply["seed"])
    return {"seeds": seeds, "covered": covered()}
