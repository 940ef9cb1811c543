"""Per-team threat models; each team must not repeat a threat, but two teams may share one."""

from weft.primitives import Seen, agent, log, parallel

TEAMS = ["payments", "identity", "search", "mobile", "data-platform"]
ASPECTS = ["spoofing and tampering", "repudiation and disclosure", "denial of service and elevation"]
THREATS = {
    "type": "object",
    "properties": {
        "threats": {
            "type": "array",
            "maxItems": 4,
            "items": {
                "type": "object",
                "properties": {"component": {"type": "string"}, "category": {"enum": ["S", "T", "R", "I", "D", "E"]}},
                "required": ["component", "category"],
            },
        }
    },
    "required": ["threats"],
}


async def model(team, settled):
    local = Seen(key=lambda t: (t["component"].casefold(), t["category"]))
    replies = await parallel(
        [
            agent(
                f"Threat-model the {team} services for {aspect}. Controls that earlier teams showed to be in place: {settled or 'none'}.",
                schema=THREATS,
            )
            for aspect in ASPECTS
        ]
    )
    own = local.add(t for r in replies if r for t in r["threats"])
    return own, await parallel([agent(f"Which control of {team} stops {t['category']} on {t['component']}? One line.") for t in own])


async def main(args):
    settled, models = [], {}
    for team in TEAMS:
        own, controls = await model(team, settled)
        settled = [c for c in controls if c][:6]
        models[team] = [{**t, "control": c} for t, c in zip(own, controls)]
        log(f"{team}: {len(own)} threats")
    return models
