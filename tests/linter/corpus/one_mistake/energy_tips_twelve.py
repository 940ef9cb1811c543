"""Energy tips for twelve rooms of a school."""

from weft.primitives import agent, log, parallel

ROOMS = [f"class {year}{group}" for year in (5, 6, 7, 8) for group in "abc"]
TIP = {
    "type": "object",
    "properties": {"tip": {"type": "string"}, "saves_kwh": {"type": "integer"}},
    "required": ["tip", "saves_kwh"],
}


class School:
    LANES = max(1, len(ROOMS) // 20)

    def __init__(self, rooms):
        self.rooms = rooms

    def advise(self, room):
        return agent(f"One energy tip for the room of {room}, from its heating log", schema=TIP, label=room)

    async def tips(self):
        replies = await parallel([self.advise(room) for room in self.rooms], limit=self.LANES)
        return {room: reply for room, reply in zip(self.rooms, replies) if reply}


async def main(args):
    tips = await School(ROOMS).tips()
    log(f"{len(tips)} rooms have a tip")
    best = sorted(tips, key=lambda room: (-tips[room]["saves_kwh"], room))
    return {"tips": tips, "order": best}
