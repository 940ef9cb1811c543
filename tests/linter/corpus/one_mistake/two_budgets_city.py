"""What do two budgets of the city spend on in common, and how did it change?"""

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"old": {"type": "string"}, "new": {"type": "string"}},
    "required": ["old", "new"],
}
POSTS = {
    "type": "object",
    "properties": {
        "posts": {
            "type": "array",
            "maxItems": 30,
            "items": {
                "type": "object",
                "properties": {"title": {"type": "string"}, "thousands": {"type": "integer"}},
                "required": ["title", "thousands"],
            },
        }
    },
    "required": ["posts"],
}


def table(reply):
    return {post["title"].strip().lower(): post["thousands"] for post in reply["posts"]} if reply else {}


async def main(args):
    before, after = map(
        table, await parallel([agent(f"List the posts of the budget {args[when]}.", schema=POSTS) for when in ("old", "new")])
    )
    if not before or not after:
        return {"text": None, "change": 0}
    shared = before.keys() & after.keys()
    text = await agent("Explain in ten lines why a city keeps spending on: " + ", ".join(shared))
    return {"text": text, "change": sum(after[title] - before[title] for title in shared)}
