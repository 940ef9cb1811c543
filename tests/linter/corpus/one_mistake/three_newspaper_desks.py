"""Three newspaper desks pitch a story about the new library."""

from weft.primitives import agent, parallel

PITCH = {
    "type": "object",
    "properties": {"headline": {"type": "string"}, "angle": {"type": "string"}},
    "required": ["headline", "angle"],
}


class Desk:
    def __init__(self, title, readers):
        self.title = title
        self.readers = readers

    def brief(self):
        return f"Readers: {self.readers}. Pitch one story about the new central library."


DESKS = [Desk("culture", "concert-goers"), Desk("city", "commuters"), Desk("money", "tax payers")]


def pitch(desk):
    return agent(f"You are {desk}. {desk.brief()}", schema=PITCH, label=desk.title)


async def main(args):
    pitches = await parallel([pitch(desk) for desk in DESKS])
    kept = [{"desk": desk.title, **answer} for desk, answer in zip(DESKS, pitches) if answer]
    return {"pitches": kept, "missing": [desk.title for desk, answer in zip(DESKS, pitches) if not answer]}
