"""Write the handover of a hospital day: what each shift left to the next."""

from weft.primitives import agent, parallel, phase

ARGS = {
    "type": "object",
    "properties": {"wards": {"type": "array", "items": {"type": "string"}, "maxItems": 8}},
    "required": ["wards"],
}
SHIFTS = ["early", "late", "night"]


async def main(args):
    digest = "nothing yet"
    for shift in SHIFTS:
        phase(f"The {shift} shift")
        notes = await parallel(
            [agent(f"Handover so far: {digest}\nWhich of it did ward {w} settle in the {shift} shift?") for w in args["wards"]]
        )
        told = [f"{ward}: {note}" for ward, note in zip(args["wards"], notes) if note]
        digest = await agent(f"Bring the handover up to date.\nBefore: {digest}\nFrom the {shift} shift:\n" + "\n".join(told)) or digest
    return {"handover": digest}
