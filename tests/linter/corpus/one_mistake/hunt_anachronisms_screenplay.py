"""Hunt for anachronisms in a screenplay, round after round."""
from weft.primitives import Seen, agent, parallel, until_dry

META = {"name": "anachronisms", "description": "Things that the year did not have"}
ARGS = {"type": "object", "properties": {"play": {"type": "string"}, "year": {"type": "integer"}}, "required": ["play", "year"]}
SLIPS = {"type": "object", "properties": {"slips": {"type": "array", "maxItems": 8, "items": {
    "type": "object", "properties": {"scene": {"type": "integer"}, "object": {"type": "string"}}, "required": ["scene", "object"]}}},
    "required": ["slips"]}
EYES = {"props": "props and furniture", "talk": "words and idioms", "tech": "machines"}


async def main(args):
    memory = Seen(key=lambda s: (s["scene"], s["object"].casefold()))
    listed = []
    for r in until_dry(max_rounds=5, patience=2):
        replies = await parallel([
            agent(f"Read {args['play']}, set in {args['year']}. Pass {r.number}: look at {what} for anachronisms. {len(memory)} are known.",
                  schema=SLIPS, label=eye, context={"known": listed[-30:]}) for eye, what in EYES.items()])
        haul = []
        for reply in replies:
            haul.extend(reply["slips"] if reply else [])
        unseen = memory.add(haul)
        listed.extend(unseen)
        gathered = haul
        r.found(gathered)
    return {"slips": listed}
