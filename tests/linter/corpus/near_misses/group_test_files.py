"""Group test files by the fixtures they share, to plan how to split a slow suite."""

from collections import defaultdict
from dataclasses import asdict, dataclass

from weft.primitives import agent, parallel

ARGS = {
    "type": "object",
    "properties": {"files": {"type": "array", "items": {"type": "string"}, "maxItems": 16}},
    "required": ["files"],
}
USES = {
    "type": "object",
    "properties": {
        "fixtures": {"type": "array", "maxItems": 12, "items": {"type": "string"}},
        "seconds": {"type": "number"},
    },
    "required": ["fixtures", "seconds"],
}


@dataclass
class Shard:
    fixtures: list
    files: list
    seconds: float = 0.0


async def main(args):
    uses = await parallel([agent(f"Which fixtures does {f} use, and how long did it run last?", schema=USES) for f in args["files"]])
    shards, per_minute = defaultdict(lambda: Shard([], [])), defaultdict(int)
    for name, use in zip(args["files"], uses):
        if use is None:
            continue
        shard = shards[frozenset(use["fixtures"])]
        shard.files.append(name)
        shard.seconds += use["seconds"]
        per_minute[int(use["seconds"] // 60)] += 1
    for fixtures, shard in shards.items():
        shard.fixtures = sorted(fixtures)
    ordered = sorted(shards.values(), key=lambda s: (-s.seconds, s.files))
    return {"shards": [asdict(s) for s in ordered], "minutes": {str(m): n for m, n in sorted(per_minute.items())}}
