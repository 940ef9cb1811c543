"""Fill a product passport: four departments answer at once, whoever is needed for the kind of product."""

from collections import Counter
from dataclasses import asdict, dataclass

from weft.primitives import agent, log, parallel, phase

ARGS = {
    "type": "object",
    "properties": {"product": {"type": "string"}, "battery": {"type": "boolean", "default": False}},
    "required": ["product"],
}
FIELD = {
    "type": "object",
    "properties": {"value": {"type": "string"}, "basis": {"type": "string", "enum": ["measured", "supplier", "guess"]}},
    "required": ["value", "basis"],
}


@dataclass
class Entry:
    name: str
    value: str
    basis: str


def field(product, name):
    return agent(f"For the passport of {product}: what is its {name}?", schema=FIELD, label=name)


async def main(args):
    product = args["product"]
    asked = {"weight": field(product, "weight"), "origin": field(product, "country of origin")}
    if args["battery"]:
        asked["cells"] = field(product, "cell chemistry")
    else:
        asked["repair"] = field(product, "repair score")
        asked["plastic"] = field(product, "share of recycled plastic")

    phase("Ask")
    answers = await parallel(list(asked.values()))
    entries = [Entry(name, answer["value"], answer["basis"]) for name, answer in zip(asked, answers) if answer]
    log(f"{len(entries)} of {len(asked)} fields")
    return {
        "entries": [asdict(entry) for entry in entries],
        "basis": Counter(entry.basis for entry in entries),
        "missing": sorted(set(asked) - {entry.name for entry in entries}),
        "shape": (len(entries), len(asked)),
    }
