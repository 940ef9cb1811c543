"""What is known about microplastics in drinking water of this region? Research in rounds led by a critic."""

from weft.primitives import Seen, agent, critique, parallel, phase, pipeline, synthesize, verify

ARGS = {"type": "object", "properties": {"region": {"type": "string"}}, "required": ["region"]}
FACTS = {
    "type": "object",
    "properties": {
        "facts": {
            "type": "array",
            "maxItems": 5,
            "items": {
                "type": "object",
                "properties": {"statement": {"type": "string"}, "source": {"type": "string"}, "page": {"type": "integer"}},
                "required": ["statement", "source", "page"],
            },
        }
    },
    "required": ["facts"],
}
FIRST = ["which particles were measured", "which waterworks filter them", "what doctors say about the amounts"]


async def check(fact):
    verdict = await verify(fact, votes=3, quorum=2)
    return {**fact, "outcome": verdict["outcome"]}


async def main(args):
    seen = Seen(key=lambda f: (f["source"], f["page"], f["statement"].casefold()))
    facts, questions, asked, lost, satisfied = [], FIRST, [], [], False
    for number in range(1, 4):
        phase(f"Research {number}")
        replies = await parallel([agent(f"For {args['region']}: {q}? Cite source and page.", schema=FACTS, label=q) for q in questions])
        asked += questions
        lost += [q for q, reply in zip(questions, replies) if reply is None]
        fresh = seen.add(f for reply in replies if reply for f in reply["facts"])
        facts += [f for f in await pipeline(fresh, check) if f]
        kept = [f for f in facts if f["outcome"] == "survives"]
        gaps = await critique([f["statement"] for f in kept], f"An overview of microplastics in the drinking water of {args['region']}. Already asked: {asked}")
        if gaps is None:
            break
        if gaps["enough"]:
            satisfied = True
            break
        questions = [m for m in gaps["missing"] if m not in asked][:3]
        if not questions:
            break
    phase("Write")
    lines = [f"{f['statement']} ({f['source']}, p. {f['page']})" for f in kept]
    text = await synthesize(lines, f"An overview of microplastics in the drinking water of {args['region']}.", fan_in=10) if lines else None
    return {
        "overview": text,
        "facts": kept,
        "undecided": [f for f in facts if f["outcome"] == "undecided"],
        "questions": asked,
        "lost": lost,
        "critic_satisfied": satisfied,
    }
