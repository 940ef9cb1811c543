"""Choose the best of thirteen logo slogans by a knock-out between pairs."""

from weft.primitives import agent, log, parallel, phase

SLOGANS = [
    "Bread that waits", "Crust first", "Rise early", "The slow loaf", "Salt, water, time", "Warm by six", "Your corner oven",
    "Nothing hidden", "Flour and patience", "Baked at night", "One good bread", "The honest crumb", "Still warm",
]
PICK = {
    "type": "object",
    "properties": {"better": {"type": "string", "enum": ["first", "second"]}},
    "required": ["better"],
}


async def duel(pair):
    one, two = pair
    pick = await agent(f"Which slogan suits a bakery? First: {one}. Second: {two}.", schema=PICK, label=f"{one} / {two}")
    return two if pick and pick["better"] == "second" else one


async def main(args):
    field = list(SLOGANS)
    history = []
    while len(field) > 1:
        phase(f"{len(field)} left")
        pairs = list(zip(field[::2], field[1::2]))
        free = field[-1:] if len(field) % 2 else []
        winners = await parallel([duel(pair) for pair in pairs])
        field = [winner or pair[0] for winner, pair in zip(winners, pairs)] + free
        history.append(len(field))
        log(f"{len(pairs)} duels")
    return {"slogan": field[0], "history": history}
