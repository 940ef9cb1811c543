"""Sort the files of a retired colleague by what they are about."""

from collections import defaultdict

from weft.primitives import agent, parallel, tool

SUBJECT = {
    "type": "object",
    "properties": {"subject": {"enum": ["contracts", "travel", "teaching", "private"]}},
    "required": ["subject"],
}


def stem_of(path):
    from pathlib import PurePosixPath

    return PurePosixPath(path).stem


async def main(args):
    paths = (await tool("list_files", pattern="*.txt") or [])[:100]
    replies = await parallel([agent(f"What is {path} about?", schema=SUBJECT, label=stem_of(path)) for path in paths])
    shelves = defaultdict(list)
    for path, reply in zip(paths, replies):
        if reply:
            shelves[reply["subject"]].append(stem_of(path))
    return {subject: sorted(names) for subject, names in shelves.items()}
