"""Which prompt wording makes our code-completion model produce compiling Rust?"""

from itertools import product
from statistics import fmean

from weft.primitives import agent, parallel

WORDINGS = [f"wording {letter}" for letter in "ABCDEFGHIJKLMN"]
TASKS = [f"task-{n:02d}" for n in range(30)]
MODELS = ("small", "medium", "large")
TRIAL = {"type": "object", "properties": {"compiles": {"type": "boolean"}, "warnings": {"type": "integer"}}, "required": ["compiles", "warnings"]}


def trial(model, wording, task):
    return agent(f"With {wording}, complete {task} in Rust; compile it in the sandbox.", schema=TRIAL, model=model, label=f"{model}/{task}")


async def main(args):
    grid = list(product(MODELS, WORDINGS, TASKS))
    results = await parallel([trial(*cell) for cell in grid], limit=32)
    rates = {}
    for model, wording in product(MODELS, WORDINGS):
        cells = [r for (m, w, _), r in zip(grid, results) if r and (m, w) == (model, wording)]
        if cells:
            rates[model, wording] = {
                "compiles": fmean(r["compiles"] for r in cells),
                "warnings": fmean(r["warnings"] for r in cells),
            }
    return dict(sorted(rates.items(), key=lambda kv: -kv[1]["compiles"]))
