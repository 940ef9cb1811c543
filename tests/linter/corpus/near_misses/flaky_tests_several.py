"""Flaky tests of several repositories: each repository is searched on its own until it runs dry."""

from weft.primitives import Seen, agent, log, parallel, until_dry

ARGS = {
    "type": "object",
    "properties": {"repos": {"type": "array", "maxItems": 12, "items": {"type": "string"}}},
    "required": ["repos"],
}
TESTS = {
    "type": "object",
    "properties": {
        "tests": {
            "type": "array",
            "maxItems": 10,
            "items": {
                "type": "object",
                "properties": {"file": {"type": "string"}, "name": {"type": "string"}},
                "required": ["file", "name"],
            },
        }
    },
    "required": ["tests"],
}


async def survey(repo):
    seen = Seen(key=lambda test: (test["file"], test["name"]))
    flaky = []
    for turn in until_dry(max_rounds=4, patience=1):
        reply = await agent(
            f"Find tests in {repo} that fail now and then. Known already: {len(seen)}. Look at part {turn.number} of 4.",
            schema=TESTS,
            label=f"{repo} {turn.number}",
        )
        fresh = seen.add(reply["tests"]) if reply else []
        turn.found(fresh)
        flaky += fresh
    if not flaky:
        return {"repo": repo, "flaky": [], "cause": None}
    names = ", ".join(test["name"] for test in flaky[:8])
    cause = await agent(f"In {repo}, what do these flaky tests have in common: {names}?")
    return {"repo": repo, "flaky": flaky, "cause": cause}


async def main(args):
    surveys = await parallel([survey(repo) for repo in args["repos"]])
    done = [survey for survey in surveys if survey]
    log(f"{len(done)} of {len(surveys)} repositories")
    return {"repos": done}
