"""Generate a crossword whose words all fit, letting the checker's complaints flow into the next attempt."""
from weft.primitives import agent, log, parallel, phase

ARGS = {
    "type": "object",
    "properties": {"themes": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 8}},
    "required": ["themes"],
}
GRID = {
    "type": "object",
    "properties": {
        "rows": {"type": "array", "minItems": 9, "maxItems": 9, "items": {"type": "string", "minLength": 9, "maxLength": 9}},
        "across": {"type": "array", "maxItems": 20, "items": {"type": "string"}},
        "down": {"type": "array", "maxItems": 20, "items": {"type": "string"}},
    },
    "required": ["rows", "across", "down"],
}
TRIES = 4


def columns(rows):
    return ["".join(letters) for letters in zip(*rows)]


def misfits(grid):
    across, down = " ".join(grid["rows"]), " ".join(columns(grid["rows"]))
    return [w for w in grid["across"] if w not in across] + [w for w in grid["down"] if w not in down]


async def crossword(theme):
    attempt, complaints = 0, []
    while True:
        attempt += 1
        if attempt > TRIES:
            return {"theme": theme, "grid": None, "attempts": TRIES, "complaints": complaints}
        grid = await agent(
            f"Attempt {attempt}: make a 9x9 crossword on {theme}. These words did not fit before: {', '.join(complaints) or 'none'}.",
            schema=GRID,
            label=f"{theme}:{attempt}",
        )
        if not grid:
            continue
        complaints = misfits(grid)
        if not complaints:
            return {"theme": theme, "grid": grid, "attempts": attempt, "complaints": []}


async def main(args):
    phase("Crosswords")
    puzzles = await parallel([crossword(theme) for theme in args["themes"]])
    done = [p for p in puzzles if p and p["grid"]]
    log(f"{len(done)} of {len(puzzles)} puzzles fit")
    return {"puzzles": done, "given_up": [p["theme"] for p in puzzles if p and not p["grid"]]}
