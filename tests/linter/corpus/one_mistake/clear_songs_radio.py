"""Clear songs for a radio play; at most five of them get the long check."""

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"songs": {"type": "array", "maxItems": 20, "items": {"type": "string"}}},
    "required": ["songs"],
}
RIGHTS = {
    "type": "object",
    "properties": {"free": {"type": "boolean"}, "owner": {"type": "string"}},
    "required": ["free", "owner"],
}


class Clearing:
    long_checks = 5

    def __init__(self):
        self.used = 0

    def room(self):
        return self.used < self.long_checks

    async def clear(self, song):
        rights = await agent(f"Is '{song}' free of rights? Who owns it?", schema=RIGHTS, effort="low")
        if rights is None or rights["free"] or not self.room():
            return {"song": song, "rights": rights, "checked": False}
        self.used += 1
        sure = await agent(f"Search all registers: who owns '{song}'? First guess {rights['owner']}.", schema=RIGHTS)
        return {"song": song, "rights": sure or rights, "checked": sure is not None}


async def main(args):
    clearing = Clearing()
    rows = [row for row in await parallel([clearing.clear(song) for song in args["songs"]]) if row]
    return {"rows": rows, "long_checks": clearing.used}
