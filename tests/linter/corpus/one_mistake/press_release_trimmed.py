"""Have a press release trimmed in turn by three editors until the lawyer has nothing to say."""

from itertools import cycle

from weft.primitives import agent, log, verify

ARGS = {"type": "object", "properties": {"news": {"type": "string"}}, "required": ["news"]}
OBJECTIONS = {
    "type": "object",
    "properties": {"objections": {"type": "array", "maxItems": 5, "items": {"type": "string"}}},
    "required": ["objections"],
}
EDITORS = {"house style": "short sentences", "numbers": "every figure with its source", "tone": "no superlatives"}
LENS = "does the text promise more than the news says"


async def trim(text, rule):
    shorter = await agent(f"Trim this press release by the rule '{rule}' and return the text: <<{text}>>")
    return shorter or text


async def main(args):
    text = await agent(f"A press release on: {args['news']}", critical=True)
    for editor, rule in cycle(EDITORS.items()):
        text = await trim(text, rule)
        reply = await agent(f"As a lawyer, what do you object to in <<{text}>>?", schema=OBJECTIONS)
        objections = reply["objections"] if reply else ["no answer"]
        log(f"after {editor}: {len(objections)} objections")
        if not objections:
            break
    verdict = await verify(text, lenses=[LENS] * 3, quorum=2)
    return {"text": text, "sound": verdict["survives"]}
