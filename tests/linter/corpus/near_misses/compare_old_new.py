"""Compare the old and the new version of a medicine leaflet."""

from weft.primitives import agent, parallel

ARGS = {"type": "object", "properties": {"old": {"type": "string"}, "new": {"type": "string"}}, "required": ["old", "new"]}
LEAFLET = {
    "type": "object",
    "properties": {
        "dose_mg": {"type": "number"},
        "warnings": {"type": "array", "maxItems": 30, "items": {"type": "string"}},
        "storage": {"type": "string"},
    },
    "required": ["dose_mg", "warnings"],
}


async def main(args):
    old, new = await parallel([agent(f"Read dose, warnings and storage in the leaflet {args[k]}.", schema=LEAFLET) for k in ("old", "new")])
    if any(leaflet is None for leaflet in (old, new)):
        return {"compared": False}
    known = {warning.casefold() for warning in old["warnings"]}
    return {
        "compared": True,
        "dose": new["dose_mg"] - old["dose_mg"],
        "warnings": [warning for warning in new["warnings"] if warning.casefold() not in known],
        "storage": None if new.get("storage") == old.get("storage") else new.get("storage"),
    }
