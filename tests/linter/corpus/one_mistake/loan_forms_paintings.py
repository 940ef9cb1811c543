"""Loan forms for paintings that travel to the spring show."""

from weft.primitives import agent, log, pipeline

ARGS = {
    "type": "object",
    "properties": {"paintings": {"type": "array", "maxItems": 16, "items": {"type": "string"}}},
    "required": ["paintings"],
}
CONDITION = {
    "type": "object",
    "properties": {"fragile": {"type": "boolean"}, "frame": {"type": "string"}},
    "required": ["fragile", "frame"],
}


def inspect(painting):
    return agent(f"State of the painting {painting} in the restorer's file", schema=CONDITION, label=painting)


def announce(condition, painting):
    kind = "fragile" if condition["fragile"] else "sturdy"
    log(f"{painting} is {kind}")


def write_form(condition, painting):
    care = "two handlers" if condition["fragile"] else "one handler"
    return agent(f"Loan form for {painting}: frame {condition['frame']}, {care}.", label=f"form:{painting}")


async def main(args):
    stages = (inspect, announce, write_form)
    forms = await pipeline(args["paintings"], *stages)
    named = {painting: form for painting, form in zip(args["paintings"], forms) if form}
    return {"forms": named, "lost": [painting for painting in args["paintings"] if painting not in named]}
