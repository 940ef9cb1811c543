"""Audit the deployment pipeline for ways to smuggle code into production."""

from weft.primitives import agent, dedup, parallel, phase, pipeline, synthesize, top_k, verify

META = {"name": "pipeline-smuggling", "description": "Lenses, dedup, skeptics, report"}
PATHS = {
    "type": "object",
    "properties": {
        "paths": {
            "type": "array",
            "maxItems": 10,
            "items": {
                "type": "object",
                "properties": {
                    "job": {"type": "string"},
                    "weak_point": {"type": "string"},
                    "effort": {"type": "integer", "minimum": 1, "maximum": 5},
                    "story": {"type": "string"},
                },
                "required": ["job", "weak_point", "effort", "story"],
            },
        }
    },
    "required": ["paths"],
}
LENSES = {
    "insider": """You are a contractor with write access to one repository and a grudge.
You may open pull requests but not merge them. Find ways to get code into production
that no reviewer has read. Name the job of the pipeline and its weak point.""",
    "supplier": """You publish a library that this pipeline downloads. You may release any version
at any time. Find ways in which a release of yours would reach production unseen.
Name the job of the pipeline and its weak point.""",
    "operator": """You run the build machines. You can read and write their disks, but every action
is logged. Find ways that leave no unusual line in the log. Name job and weak point.""",
}


async def stands(path):
    verdict = await verify(
        path, lenses=["the job is configured so", "no later gate stops it", "the role can do this", "the log stays quiet"], quorum=3
    )
    return path if verdict["survives"] else None


async def main(args):
    phase("Find")
    answers = await parallel([agent(text, schema=PATHS, label=role) for role, text in LENSES.items()])
    paths = dedup([p for a in answers if a for p in a["paths"]], key=lambda p: (p["job"].lower(), p["weak_point"].lower()))
    easiest = top_k(paths, 12, by=lambda p: 5 - p["effort"])
    phase("Contest")
    standing = [p for p in await pipeline(easiest, stands) if p]
    phase("Report")
    report = await synthesize([p["story"] for p in standing], "Describe these confirmed ways in, easiest first.", fan_in=8)
    return {"report": report, "confirmed": standing, "not_contested": len(paths) - len(easiest)}
