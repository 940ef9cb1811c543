"""Replace home-made crypto by the platform library, one worktree a service."""

from functools import partial

from weft.primitives import agent, pipeline

ARGS = {
    "type": "object",
    "properties": {"services": {"type": "array", "items": {"type": "string"}, "maxItems": 10}},
    "required": ["services"],
}
editor = partial(agent, tools=["read", "edit", "bash"], isolation="worktree", profile="engineer")
REVIEW = {
    "type": "object",
    "properties": {"safe": {"type": "boolean"}, "objections": {"type": "array", "maxItems": 5, "items": {"type": "string"}}},
    "required": ["safe", "objections"],
}


def replace(service):
    return editor(f"In {service}, replace every hand-written cipher or hash by the platform's crypto library; run its tests.")


async def review(change, service):
    verdict = await agent(
        f"Review this patch to {service}. Are old ciphertexts still readable?\n<patch>\n{change['patch']}\n</patch>",
        schema=REVIEW,
        tools=[],
    )
    if verdict is None or not verdict["safe"]:
        return {"service": service, "branch": None, "objections": verdict["objections"] if verdict else ["no review"]}
    return {"service": service, "branch": change["branch"], "objections": []}


async def main(args):
    results = await pipeline(args["services"], replace, review, limit=4)
    return {"services": [r for r in results if r], "lost": len(results.lost)}
