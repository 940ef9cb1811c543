"""Break the question why deliveries are late into causes, two levels deep, and put times on the leaves."""
from weft.primitives import agent, log, now, parallel, phase

ARGS = {"type": "object", "properties": {"question": {"type": "string"}}, "required": ["question"]}
CAUSES = {
    "type": "object",
    "properties": {"causes": {"type": "array", "maxItems": 3, "items": {"type": "string"}}},
    "required": ["causes"],
}
MINUTES = {
    "type": "object",
    "properties": {"minutes": {"type": "integer"}, "source": {"type": "string"}},
    "required": ["minutes", "source"],
}


def time(leaf):
    return agent(f"How many minutes a day does this cost, by the tour log? {leaf}", schema=MINUTES, label=f"time:{leaf[:30]}")


def random(nodes):
    return nodes[len(nodes) // 2] if nodes else None


async def explain(question, depth):
    if depth <= 0:
        cost = await time(question)
        return {"cause": question, "minutes": cost["minutes"] if cost else None, "because": []}
    reply = await agent(f"Name up to three causes of: {question}", schema=CAUSES, label=f"why:{depth}:{question[:30]}")
    if not reply or not reply["causes"]:
        return {"cause": question, "minutes": None, "because": []}
    branches = await parallel([explain(cause, depth - 1) for cause in reply["causes"]])
    known = [b for b in branches if b]
    return {"cause": question, "minutes": sum(b["minutes"] or 0 for b in known), "because": known}


async def main(args):
    phase("Why")
    tree = await explain(args["question"], 2)
    log(f"{tree['minutes']} minutes explained")
    return {"asked_at": now(), "tree": tree, "example": random(tree["because"])}
