"""Grid-test prompt templates against golden questions for a municipal chatbot."""
from collections import defaultdict
from itertools import product
from statistics import mean

from weft.primitives import agent, log, parallel, phase

ARGS = {"type": "object", "properties": {"bot": {"type": "string"}}, "required": ["bot"]}
TONES = ("formal", "plain", "friendly", "terse")
LENGTHS = (40, 80, 160)
GROUNDING = ("none", "faq", "statutes")
TOPICS = [f"{area} {kind}" for area in ("waste", "parking", "dogs", "permits", "schools", "tax", "marriage", "water", "noise", "parks")
          for kind in ("fees", "deadlines", "offices")]
SCORE = {
    "type": "object",
    "properties": {"right": {"type": "boolean"}, "words": {"type": "integer"}},
    "required": ["right", "words"],
}


def templates():
    for tone, length, grounding in product(TONES, LENGTHS, GROUNDING):
        yield f"{tone}, at most {length} words, grounding: {grounding}"


async def trial(bot, template, topic):
    reply = await agent(
        f"Ask bot {bot} one resident's question on {topic} under the template '{template}' and mark its answer.",
        schema=SCORE,
        label=f"{template}/{topic}",
    )
    return template, reply


async def main(args):
    phase("Grid")
    trials = await parallel([trial(args["bot"], t, topic) for t, topic in product(templates(), TOPICS)], limit=24)
    marks, lengths = defaultdict(list), defaultdict(list)
    for template, reply in filter(None, trials):
        if reply is not None:
            marks[template].append(1 if reply["right"] else 0)
            lengths[template].append(reply["words"])
    log(f"{sum(map(len, marks.values()))} trials marked")
    table = [{"template": t, "right": mean(m), "words": mean(lengths[t])} for t, m in marks.items()]
    return {"table": sorted(table, key=lambda row: (-row["right"], row["words"]))[:10], "trials": len(trials)}
