"""Record how each of the twelve regional tariffs treats night deliveries, and who could not be read."""

from weft.primitives import agent, log, parallel, phase

ARGS = {"type": "object", "properties": {"year": {"type": "integer", "minimum": 2000, "maximum": 2100}}, "required": ["year"]}
TARIFF = {
    "type": "object",
    "properties": {
        "surcharge_percent": {"type": "number"},
        "from_hour": {"type": "integer", "minimum": 0, "maximum": 23},
        "exceptions": {"type": "array", "maxItems": 5, "items": {"type": "string"}},
    },
    "required": ["surcharge_percent", "from_hour", "exceptions"],
}
REGIONS = ["North", "Fjord", "Lakes", "Heath", "Isles", "Marsh", "Upland", "Capital", "Gulf", "Mill", "Forest", "South"]


async def main(args):
    board = {}
    retried = []

    async def fill(region):
        tariff = await agent(
            f"Open the {args['year']} freight tariff of region {region}: night surcharge, from which hour, exceptions.",
            schema=TARIFF,
            label=f"tariff:{region}",
        )
        if tariff is None:
            retried.append(region)
            tariff = await agent(
                f"The first reader of the {args['year']} tariff of region {region} gave up. Look in the appendix for night rates.",
                schema=TARIFF,
                label=f"appendix:{region}",
            )
        board[region] = tariff

    phase("Read")
    await parallel([fill(region) for region in REGIONS])
    rows = [{"region": region, **board[region]} for region in REGIONS if board.get(region)]
    log(f"{len(rows)} tariffs read, {len(retried)} needed a second look")
    return {
        "rows": sorted(rows, key=lambda row: (row["surcharge_percent"], row["region"])),
        "second_look": sorted(retried),
        "missing": [region for region in REGIONS if not board.get(region)],
    }
