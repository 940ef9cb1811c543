"""Collect uses of a deprecated API across the organisation until nothing new turns up."""

from weft.primitives import Seen, agent, log, parallel, until_dry

USES = {
    "type": "object",
    "properties": {
        "uses": {
            "type": "array",
            "maxItems": 15,
            "items": {
                "type": "object",
                "properties": {"repo": {"type": "string"}, "path": {"type": "string"}, "symbol": {"type": "string"}},
                "required": ["repo", "path", "symbol"],
            },
        }
    },
    "required": ["uses"],
}
ARGS = {"type": "object", "properties": {"api": {"type": "string"}}, "required": ["api"]}


async def main(args):
    seen = Seen(key=lambda u: (u["repo"], u["path"], u["symbol"]))
    owners = {}
    for lap in until_dry(max_rounds=6, patience=6):
        replies = await parallel(
            [
                agent(f"Lap {lap.number}: search {where} for uses of {args['api']}; {len(seen)} are known.", schema=USES)
                for where in ("the code index", "the build logs")
            ]
        )
        uses = [u for r in replies if r for u in r["uses"]]
        lap.found(uses)
        if not (fresh := seen.add(uses)):
            log(f"lap {lap.number}: nothing new")
            continue
        repos = sorted({u["repo"] for u in fresh})[:20]
        owners[str(lap.number)] = await agent(f"Who owns these repositories? {', '.join(repos)}")
    return {"known": len(seen), "owners": owners}
