"""Fetch the snow depth of seven stations; ask again, at most three times, for those that did not answer."""

from weft.primitives import agent, log, parallel

STATIONS = ["Kredarica", "Vogel", "Rogla", "Krvavec", "Lisca", "Javornik", "Kanin"]
DEPTH = {
    "type": "object",
    "properties": {"cm": {"type": "integer", "minimum": 0}, "hour": {"type": "string"}},
    "required": ["cm", "hour"],
}


async def main(args):
    depth = {}
    tries = 0
    todo = list(STATIONS)
    while todo and tries < 3:
        tries += 1
        answers = await parallel(
            [agent(f"Snow depth at {name} this morning? Attempt {tries}.", schema=DEPTH, label=f"{name} {tries}") for name in todo]
        )
        for name, answer in zip(todo, answers):
            if answer:
                depth[name] = answer
        todo = [name for name in STATIONS if name not in depth]
        log(f"{len(todo)} stations are still silent")
    rows = [{"station": name, "cm": depth[name]["cm"]} for name in STATIONS if name in depth]
    return {"rows": rows, "silent": todo, "tries": tries}
