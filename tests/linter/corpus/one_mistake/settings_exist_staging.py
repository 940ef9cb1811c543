"""Which settings exist in staging but not in production, and does anybody miss them?"""

from weft.primitives import agent, parallel

SETTINGS = {
    "type": "object",
    "properties": {
        "settings": {
            "type": "array",
            "maxItems": 12,
            "items": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "value": {"type": "string"}},
                "required": ["name", "value"],
            },
        }
    },
    "required": ["settings"],
}


def table(reply):
    return {s["name"]: s["value"] for s in reply["settings"]}


async def main(args):
    staging, production = await parallel(
        [agent(f"Read the settings of {env}; mask every secret value.", schema=SETTINGS, label=env) for env in ("staging", "production")]
    )
    if staging is None or production is None:
        return {"error": "one environment could not be read"}
    only_staging = table(staging).keys() - table(production).keys()
    branches = []
    for name in only_staging:
        branches.append(lambda: agent(f"Does production code read the setting {name}? Answer with file and line.", label="search"))
    answers = await parallel(branches)
    traced = len([a for a in answers if a])
    summary = await agent(f"{len(only_staging)} settings exist only in staging, {traced} of them were traced. Draft one sentence for the change log.")
    return {"missing": sorted(only_staging), "answers": [a for a in answers if a], "summary": summary}
