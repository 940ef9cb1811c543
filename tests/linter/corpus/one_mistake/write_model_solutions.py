"""Write model solutions for the exercises of a textbook, hardest first."""

from weft.primitives import agent, phase, pipeline

ARGS = {"type": "object", "properties": {"book": {"type": "string"}}, "required": ["book"]}
CONTENTS = {
    "type": "object",
    "properties": {
        "chapters": {
            "type": "array",
            "maxItems": 12,
            "items": {
                "type": "object",
                "properties": {
                    "title": {"type": "string"},
                    "exercises": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": {"number": {"type": "string"}, "stars": {"type": "integer"}},
                            "required": ["number", "stars"],
                        },
                    },
                },
                "required": ["title", "exercises"],
            },
        }
    },
    "required": ["chapters"],
}


async def main(args):
    contents = await agent(f"List chapters and exercises of {args['book']}.", schema=CONTENTS)
    if contents is None:
        return []
    rest = [e for chapter in contents["chapters"] for e in chapter["exercises"][1:]]
    rest.sort(key=lambda e: (-e["stars"], e["number"]))
    phase("Solve")
    solved = await pipeline(rest, lambda e: agent(f"Solve exercise {e['number']} of {args['book']}, step by step."))
    return [{"exercise": e["number"], "solution": text} for e, text in zip(rest, solved) if text]
