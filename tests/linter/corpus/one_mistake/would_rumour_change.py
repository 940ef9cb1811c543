"""How would a rumour change that goes through sixty villages? Each hears what its neighbours say."""

from weft.primitives import log, phase, swarm, synthesize

ARGS = {"type": "object", "properties": {"rumour": {"type": "string"}}, "required": ["rumour"]}
VILLAGES = 60
DAYS = 18


def ring(size):
    return {index: [(index - 1) % size, (index + 1) % size] for index in range(size)}


def voice(index, rumour):
    trade = ("fishers", "weavers", "masons")[index % 3]
    return f"You live in village {index} among {trade}. Tell on what you heard; it began as: {rumour}"


async def main(args):
    phase("Rumour")
    prompts = [voice(index, args["rumour"]) for index in range(VILLAGES)]
    said = await swarm(prompts, neighbours=ring(VILLAGES), rounds=DAYS)
    told = [text for text in said if text]
    log(f"{len(told)} villages still talk")
    phase("Look back")
    return {"story": await synthesize(told, "How did the rumour change from village to village?", fan_in=10)}
