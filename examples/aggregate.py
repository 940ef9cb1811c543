"""What is wrong in these files, each thing said once, the surest first?

Finders read one file each, several times over. What they say is merged and checked by rule against the files, and only
then do agents read it again: the report is put together by a tree of agents, each of which sees a few findings, and
the critic sees the surest alone. So no prompt receives all that was found, however much it is.
"""

from weft.primitives import (
    agent,
    critique,
    log,
    parallel,
    phase,
    pipeline,
    semantic_dedup,
    synthesize,
    tool,
    top_k,
    union,
)

ARGS = {
    "type": "object",
    "properties": {
        "task": {"type": "string", "default": "Find mistakes: what is false, missing, or contradicts itself."},
        "views": {"type": "integer", "minimum": 1, "maximum": 2, "default": 2},
        "top": {"type": "integer", "minimum": 1, "maximum": 50, "default": 20},
    },
}
MOST_FILES = 50

FOUND = {
    "type": "object",
    "properties": {
        "findings": {
            "type": "array",
            "maxItems": 20,
            "items": {
                "type": "object",
                "properties": {
                    "problem": {"type": "string", "maxLength": 400, "description": "One sentence that stands alone."},
                    "quote": {"type": "string", "maxLength": 200, "description": "The words, exactly as they stand."},
                    "confidence": {"type": "number", "minimum": 0, "maximum": 1},
                },
                "required": ["problem", "quote", "confidence"],
            },
        }
    },
    "required": ["findings"],
}


def weighed(cluster, texts):
    """Return what was kept of a cluster, with what speaks for it: a quotation that stands in the file, other views."""
    kept, every = cluster["kept"], [cluster["kept"], *cluster["merged"]]
    text = texts.get(kept["file"]) or ""
    quote = next((said["quote"] for said in every if said["quote"].strip() and said["quote"] in text), "")
    views = len({said["view"] for said in every})
    weight = views + max(said["confidence"] for said in every) if quote else 0.0
    return {"file": kept["file"], "problem": kept["problem"], "quote": quote, "said": len(every), "weight": weight}


async def main(args):
    files = (await tool("list_files") or [])[:MOST_FILES]
    views = [(path, view) for path in files for view in range(args["views"])]

    phase("Find")
    found = await parallel(
        [
            agent(f"{args['task']}\nRead {path}. You are reader {view}.", schema=FOUND, label=f"find:{view}:{path}")
            for path, view in views
        ]
    )
    told = [
        [{**finding, "file": path, "view": view} for finding in reply["findings"]]
        for (path, view), reply in zip(views, found)
        if reply
    ]

    phase("Merge, and check by rule")
    raw = union(told)
    merged = await semantic_dedup(raw, text=lambda finding: f"{finding['file']}: {finding['problem']}")
    texts = dict(zip(files, await pipeline(files, lambda path: tool("read_file", path=path))))
    findings = [weighed(cluster, texts) for cluster in merged.clusters]
    standing = [finding for finding in findings if finding["quote"]]
    log(f"{len(raw)} findings, {len(findings)} of them different, {len(standing)} with a quotation that stands")

    phase("Put together")
    surest = top_k(standing, args["top"], by="weight")
    report, gaps = None, None
    if findings:
        lines = [f"{one['file']}: {one['problem']} (said {one['said']} times; “{one['quote']}”)" for one in findings]
        report, gaps = await parallel(
            [
                synthesize(lines, f"{args['task']} Put these findings together.", fan_in=20),
                critique(surest, args["task"]),
            ]
        )
    return {
        "report": report,
        "surest": surest,
        "missing": gaps["missing"] if gaps else [],
        "counts": {"said": len(raw), "different": len(findings), "standing": len(standing)},
        "measure": merged.measure,
    }
