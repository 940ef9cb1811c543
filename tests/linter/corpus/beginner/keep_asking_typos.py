"""Keep asking for typos in the warehouse handbook until the proofreader says that it is done."""
from weft.primitives import agent, phase

META = {"name": "handbook-typos", "description": "Proofread the warehouse handbook until nothing is left"}
ARGS = {
    "type": "object",
    "properties": {"handbook": {"type": "string"}},
    "required": ["handbook"],
}
TYPOS = {
    "type": "object",
    "properties": {
        "typos": {"type": "array", "maxItems": 10, "items": {"type": "string"}},
        "done": {"type": "boolean"},
    },
    "required": ["typos", "done"],
}


async def main(args):
    phase("Proofread")
    done = False
    all_typos = []
    asked = 0
    while not done and asked < 8:
        asked += 1
        reply = await agent(
            "Read " + args["handbook"] + " and list typos that are not in this list yet: " + str(all_typos),
            schema=TYPOS,
            label="proofread",
        )
        if reply is not None:
            for typo in reply["typos"]:
                if typo not in all_typos:
                    all_typos.append(typo)
            if reply["done"]:
                done = True
    return {"typos": all_typos, "count": len(all_typos), "done": done}
