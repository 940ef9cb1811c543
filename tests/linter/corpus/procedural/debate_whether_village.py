"""Debate whether a village should sell its forest, and let somebody who took no part weigh it."""

from weft.primitives import agent, debate, log, parallel, phase

META = {"name": "forest", "description": "A bounded debate with an outside panel"}

ARGS = {
    "type": "object",
    "properties": {"dossier": {"type": "string"}, "price": {"type": "number", "minimum": 0}},
    "required": ["dossier", "price"],
}

ROLES = ["the treasurer", "a forester", "a young family", "a neighbour whose well is in the forest"]

WEIGHED = {
    "type": "object",
    "properties": {
        "side": {"enum": ["sell", "keep", "lease"]},
        "strongest": {"type": "string"},
        "unanswered": {"type": "array", "maxItems": 5, "items": {"type": "string"}},
    },
    "required": ["side", "strongest", "unanswered"],
}

PANEL = {
    "law": "Weigh only arguments that the municipal code allows a council to use.",
    "money": "Weigh only what can be put in figures over thirty years.",
    "trust": "Weigh what the village would still think right in ten years.",
}


async def main(args):
    phase("Debate")
    topic = f"Should the village sell its forest for {args['price']:.0f}? The dossier is {args['dossier']}."
    speeches = await debate(topic, roles=ROLES, rounds=2)

    lines = []
    for speech in speeches:
        if speech["speech"] is None:
            log(f"{speech['role']} said nothing in round {speech['round']}")
            continue
        lines.append(f"({speech['round']}) speaker {ROLES.index(speech['role']) + 1}: {speech['speech']}")
    if not lines:
        return {"side": None, "why": "nobody spoke"}
    transcript = "\n\n".join(lines)

    phase("Weigh")
    opinions = await parallel(
        [
            agent(f"{how}\nYou took no part in this debate. Which side has it?\n\n{transcript}", schema=WEIGHED, label=f"panel:{name}")
            for name, how in PANEL.items()
        ]
    )

    counts = {"sell": 0, "keep": 0, "lease": 0}
    unanswered = []
    for opinion in opinions:
        if opinion is None:
            continue
        counts[opinion["side"]] += 1
        unanswered.extend(opinion["unanswered"])
    majority = [side for side, votes in counts.items() if votes * 2 > len(PANEL)]
    return {
        "side": majority[0] if majority else None,
        "counts": counts,
        "unanswered": unanswered,
        "panel_lost": len(opinions.lost),
    }
