"""Screen abstracts for a meta-analysis with three reviewers each."""

from weft.primitives import agent, log, parallel, phase, pipeline

ARGS = {
    "type": "object",
    "required": ["abstracts"],
    "properties": {"abstracts": {"type": "array", "items": {"type": "string"}, "maxItems": 120}},
}
STUDY = {
    "type": "object",
    "required": ["design", "participants"],
    "properties": {"design": {"enum": ["rct", "cohort", "case"]}, "participants": {"type": "integer"}},
}
OPINION = {
    "type": "object",
    "required": ["exclude", "reason"],
    "properties": {"exclude": {"type": "boolean"}, "reason": {"type": "string"}},
}
VIEWS = ("a statistician", "a clinician", "a trial registrar")


async def extract(path):
    study = await agent(f"Read the abstract in {path}; state design and size.", schema=STUDY)
    if study is None or study["participants"] < 20:
        return None
    return {"path": path, "design": study["design"], "n": study["participants"]}


async def screen(study):
    opinions = await parallel(
        [
            agent(f"As {view}, say whether {study['path']} ({study['design']}, n={study['n']}) must be excluded.", schema=OPINION)
            for view in VIEWS
        ]
    )
    objections = 0
    for opinion in opinions:
        if opinion is not None and opinion["exclude"]:
            objections += 1
    if objections <= 1:
        return study
    return None


async def main(args):
    phase("Screen")
    rows = await pipeline(args["abstracts"], extract, screen)
    included = [r for r in rows if r is not None]
    log(f"{len(included)} of {len(args['abstracts'])} included")
    return {"included": included}
