"""Benchmark four codecs on three kinds of data, in fresh sandboxes."""

from functools import partial

from weft.primitives import agent, parallel

CODECS = ["zstd", "lz4", "brotli", "gzip"]
DATA = {"logs": "a day of JSON logs", "images": "thumbnails", "text": "one novel"}
SPEED = {
    "type": "object",
    "properties": {"ratio": {"type": "number"}, "mb_per_s": {"type": "number"}},
    "required": ["ratio", "mb_per_s"],
}


def bench(codec, what):
    async def once():
        reply = await agent(f"Compress {what} with {codec} at its default level; report ratio and speed.", schema=SPEED, isolation="worktree")
        return reply and {"codec": codec, "data": what, **reply["result"]}

    return once


async def main(args):
    branches = []
    for codec in CODECS:
        for kind, what in DATA.items():
            branches.append(bench(codec, what) if kind != "images" else partial(bench(codec, f"{what} (already compressed)")))
    rows = [r for r in await parallel(branches) if r]
    rows.sort(key=lambda r: (r["data"], -r["ratio"]))
    return rows
