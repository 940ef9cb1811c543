"""Taste-test recipe variants with simulated diets, on a grid small enough to pay for."""
from collections import defaultdict
from itertools import islice, product

from weft.primitives import agent, log, parallel, sample

ARGS = {
    "type": "object",
    "properties": {"recipes": {"type": "array", "items": {"type": "string"}, "maxItems": 100}},
    "required": ["recipes"],
}
DIETS = ["vegan", "low salt", "coeliac", "diabetic", "halal"]
SWAPS = ["as written", "half the sugar", "no dairy"]
VERDICT = {
    "type": "object",
    "properties": {"fits": {"type": "boolean"}, "obstacle": {"type": "string"}},
    "required": ["fits"],
}
CELLS = 150


async def taste(recipe, swap, diet):
    verdict = await agent(f"Can somebody on a {diet} diet eat {recipe}, cooked {swap}?", schema=VERDICT, label=f"{recipe}/{swap}/{diet}")
    return {"recipe": recipe, "swap": swap, "diet": diet, **verdict} if verdict else None


async def main(args):
    chosen = sample(args["recipes"], min(12, len(args["recipes"])), seed=4)
    grid = list(islice(product(chosen, SWAPS, DIETS), CELLS))
    left_out = len(chosen) * len(SWAPS) * len(DIETS) - len(grid)
    if left_out:
        log(f"{left_out} cells of the grid were left out")
    cells = [c for c in await parallel([taste(*cell) for cell in grid]) if c]
    fits, obstacles = defaultdict(int), defaultdict(list)
    for cell in cells:
        fits[cell["recipe"]] += cell["fits"]
        if cell.get("obstacle"):
            obstacles[cell["recipe"]].append(cell["obstacle"])
    return {
        "recipes": [{"recipe": r, "fits": fits[r], "obstacles": obstacles[r][:5]} for r in sorted(fits, key=lambda r: (-fits[r], r))],
        "cells": len(cells),
        "left_out": left_out,
    }
