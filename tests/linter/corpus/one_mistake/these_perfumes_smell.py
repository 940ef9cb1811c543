"""Which of these perfumes smell alike?"""
from weft.primitives import agent, parallel

META = {"name": "perfumes", "description": "Pairs that smell alike"}
ARGS = {"type": "object", "properties": {"perfumes": {"type": "array", "maxItems": 40, "items": {"type": "string"}}}, "required": ["perfumes"]}
NOSE = {"type": "object", "properties": {"alike": {"type": "boolean"}}, "required": ["alike"]}


def pairs(names):
    for at, left in enumerate(names):
        for right in names[at + 1:]:
            yield left, right


async def main(args):
    todo = list(pairs(args["perfumes"]))
    noses = await parallel([agent(f"Do {left} and {right} smell alike?", schema=NOSE) for left, right in todo])
    alike = [[left, right] for (left, right), nose in zip(todo, noses) if nose and nose["alike"]]
    return {"alike": alike, "asked": len(todo)}
