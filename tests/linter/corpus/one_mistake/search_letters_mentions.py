"""Search letters for mentions of ships until no round brings another."""
from weft.primitives import agent, dedup, until_dry

META = {"name": "ships", "description": "Ships named in letters"}
ARGS = {"type": "object", "properties": {"letters": {"type": "string"}}, "required": ["letters"]}
SHIPS = {"type": "object", "properties": {"ships": {"type": "array", "maxItems": 10, "items": {
    "type": "object", "properties": {"ship": {"type": "string"}, "port": {"type": "string"}}, "required": ["ship", "port"]}}},
    "required": ["ships"]}


def sieve(rows):
    met, new = set(), []
    for row in rows:
        mark = (row["ship"].casefold(), row["port"].casefold())
        if mark not in met:
            met.add(mark)
            new.append(row)
    return new


async def main(args):
    fleet = []
    for r in until_dry(max_rounds=6, patience=2):
        reply = await agent(f"Round {r.number}: which ships do {args['letters']} name? Skip these: {[s['ship'] for s in fleet[-40:]]}", schema=SHIPS)
        new = sieve(reply["ships"] if reply else [])
        r.found(new)
        fleet += new
    return {"ships": dedup(fleet, key=lambda s: (s["ship"].casefold(), s["port"].casefold()))}
