"""Describe the HTTP routes of a legacy application."""

from weft.primitives import agent, log, parallel, pipeline

ARGS = {
    "type": "object",
    "required": ["files"],
    "properties": {"files": {"type": "array", "items": {"type": "string"}, "maxItems": 60}},
}
ROUTES = {
    "type": "object",
    "required": ["routes"],
    "properties": {
        "routes": {
            "type": "array",
            "maxItems": 30,
            "items": {
                "type": "object",
                "required": ["path", "verb"],
                "properties": {"path": {"type": "string"}, "verb": {"enum": ["GET", "POST", "PUT", "DELETE"]}},
            },
        }
    },
}


class RouteBook:
    async def list_routes(self, file):
        reply = await agent(f"List the HTTP routes that {file} registers.", schema=ROUTES)
        return reply["routes"] if reply and reply["routes"] else None

    async def describe(self, routes, file):
        texts = await parallel([agent(f"State purpose and owner of {r['verb']} {r['path']} in {file}.") for r in routes])
        entries = []
        for route, text in zip(routes, texts):
            if text is None:
                continue
            entries.append({**route, "purpose": text["purpose"]})
        return entries


async def main(args):
    book = RouteBook()
    chapters = await pipeline(args["files"], book.list_routes, book.describe)
    total = sum(len(c) for c in chapters if c)
    log(f"{total} routes described")
    return {file: chapter for file, chapter in zip(args["files"], chapters) if chapter}
