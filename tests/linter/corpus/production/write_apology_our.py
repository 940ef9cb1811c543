"""Write the apology to our hosting customers for Tuesday's outage: several drafts, a blind panel, one revision."""

from weft.primitives import agent, critique, judge, parallel, phase

ARGS = {"type": "object", "properties": {"timeline": {"type": "string"}}, "required": ["timeline"]}
VOICES = {"plain": "short and factual", "warm": "personal and warm", "technical": "exact about the cause", "legal": "careful about promises"}
CRITERIA = ["it says what happened and to whom", "it promises nothing that the timeline does not hold up", "it does not blame others"]


async def main(args):
    phase("Draft")
    drafts = await parallel([agent(f"Read {args['timeline']} and write the apology, {style}. At most 200 words.", label=voice) for voice, style in VOICES.items()])
    voices = list(VOICES)
    written = [(voice, draft) for voice, draft in zip(voices, drafts) if draft]
    if not written:
        return {"apology": None, "why": "every draft was lost"}

    phase("Judge")
    ranking = await judge([draft for _, draft in written], criteria=CRITERIA, judges=3)
    voice, best = written[ranking.standings[0]["index"]]

    phase("Revise")
    gaps = await critique([best], f"An apology to customers that rests on {args['timeline']}.")
    final = best
    if gaps and gaps["missing"] and not gaps["enough"]:
        wanted = "\n".join(f"- {m}" for m in gaps["missing"])
        final = await agent(f"Revise this apology. Add only what {args['timeline']} says.\n<apology>\n{best}\n</apology>\nMissing:\n{wanted}", label="revise") or best
    return {
        "apology": final,
        "voice": voice,
        "panel": ranking.outcome,
        "agreement": ranking.agreement,
        "revised": final is not best,
        "criticised": gaps is not None,
        "drafts_lost": [v for v, draft in zip(voices, drafts) if draft is None],
    }
