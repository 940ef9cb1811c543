"""Is the old mill worth a survey, and what does it say?"""
from weft.primitives import agent

META = {"name": "mill", "description": "A look first, then the survey"}
ARGS = {"type": "object", "properties": {"mill": {"type": "string"}}, "required": ["mill"]}
LOOK = {"type": "object", "properties": {"stands": {"type": "boolean"}, "year": {"type": "integer"}}, "required": ["stands"]}


async def look(mill):
    return await agent(f"Does the mill {mill} still stand? Give its year if it is known.", schema=LOOK, label="look")


async def main(args):
    seen = await look(args["mill"])
    match seen:
        case None | {"stands": False}:
            return {"survey": None, "year": None}
    survey = await agent(f"Survey the mill {args['mill']}: wheel, race, roof.", label="survey", critical=True)
    return {"survey": survey, "year": seen.get("year")}
