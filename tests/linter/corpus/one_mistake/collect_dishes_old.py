"""Collect the dishes of old menus and their preparations."""

from functools import partial
from itertools import chain

from weft.primitives import agent, dedup, parallel

ARGS = {
    "type": "object",
    "required": ["menus"],
    "properties": {"menus": {"type": "array", "items": {"type": "string"}, "maxItems": 45}},
}
DISH = {
    "type": "object",
    "required": ["name", "cuisine", "preparation"],
    "properties": {"name": {"type": "string"}, "cuisine": {"type": "string"}, "preparation": {"type": "string"}},
}
DISHES = {"type": "object", "required": ["dishes"], "properties": {"dishes": {"type": "array", "maxItems": 15, "items": DISH}}}
SEASON = {"type": "object", "required": ["season"], "properties": {"season": {"enum": ["spring", "summer", "autumn", "winter"]}}}


def dish_key(dish):
    return dish["name"].casefold(), dish.get("kitchen")


read = partial(agent, schema=DISHES)
date = partial(agent, schema=SEASON)


async def main(args):
    menus = args["menus"]
    answers = await parallel(
        [read(f"List the dishes on the front of menu {m}.") for m in menus]
        + [read(f"List the dishes on the back of menu {m}.") for m in menus]
        + [date(f"For which season was menu {m} printed?") for m in menus]
    )
    pages, seasons = answers[: 2 * len(menus)], answers[2 * len(menus) :]
    dishes = dedup(chain.from_iterable(p["dishes"] for p in pages if p), key=dish_key)
    methods = dedup(dishes, key=lambda d: d["preparation"])
    return {
        "dishes": [d["name"] for d in dishes],
        "methods": [d["preparation"] for d in methods],
        "seasons": {m: s["season"] for m, s in zip(menus, seasons) if s},
    }
