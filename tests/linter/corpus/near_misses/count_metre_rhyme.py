"""Count metre and rhyme in a collection of poems."""

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"poems": {"type": "array", "items": {"type": "string"}, "maxItems": 30}, "tongue": {"type": "string"}},
    "required": ["poems", "tongue"],
}
FORM = {
    "type": "object",
    "properties": {"metre": {"type": "string"}, "rhyme": {"type": "string"}},
    "required": ["metre", "rhyme"],
}
ASK = 'Scan {poem}, a poem in {tongue}. Answer like {"metre": "iambic", "rhyme": "abab"}.'


async def main(args):
    tongue = args["tongue"]
    forms = await parallel([agent(ASK.replace("{poem}", poem).replace("{tongue}", tongue), schema=FORM) for poem in args["poems"]])
    return [{"poem": poem, "tongue": tongue, **form} for poem, form in zip(args["poems"], forms) if form]
