"""Explain a monorepo to a new colleague: describe a folder, then every folder below it that matters."""

from weft.primitives import agent, parallel

ARGS = {"type": "object", "properties": {"root": {"type": "string", "default": "packages"}}}

FOLDER = {
    "type": "object",
    "properties": {
        "summary": {"type": "string"},
        "children": {"type": "array", "maxItems": 4, "items": {"type": "string"}},
    },
    "required": ["summary", "children"],
}


async def walk(path, trail=()):
    node = await agent(f"Describe the folder {path} in two sentences and name the subfolders worth reading.", schema=FOLDER)
    if not node:
        return {"path": path, "summary": None, "children": []}
    breadcrumb = (*trail, path)
    kids = [c for c in node["children"] if c not in breadcrumb]
    below = await parallel([walk(c, breadcrumb) for c in kids])
    return {"path": path, "summary": node["summary"], "children": [b for b in below if b]}


async def main(args):
    return await walk(args["root"])
