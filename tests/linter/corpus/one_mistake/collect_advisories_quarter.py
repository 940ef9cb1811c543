"""Collect the advisories of this quarter that touch our embedded controllers and keep what can be reproduced."""

from dataclasses import dataclass, field

from weft.primitives import agent, dedup, log, parallel, phase, pipeline, verify

ARGS = {"type": "object", "properties": {"inventory": {"type": "string"}}, "required": ["inventory"]}
ADVISORIES = {
    "type": "object",
    "properties": {
        "advisories": {"type": "array", "maxItems": 5, "items": {
            "type": "object",
            "properties": {"cve": {"type": "string"}, "component": {"type": "string"}, "effect": {"type": "string"}},
            "required": ["cve", "component", "effect"]}},
    },
    "required": ["advisories"],
}
FEEDS = ["the vendor bulletins", "the national vulnerability database", "the mailing lists of the RTOS projects"]


@dataclass
class Ledger:
    accepted: list = field(default_factory=list)
    rounds: list = field(default_factory=list)

    def is_new(self, advisory):
        return not any(a["cve"] == advisory["cve"] and a["component"] == advisory["component"] for a in self.accepted)

    def accept(self, advisories):
        self.accepted.extend(advisories)
        self.rounds.append(len(advisories))


async def reproduce(advisory):
    verdict = await verify(
        advisory,
        lenses=["the component is in the inventory", "the version is affected", "the path is reachable in our build"],
        quorum=2,
    )
    return advisory if verdict["survives"] else None


async def main(args):
    ledger = Ledger()
    for sweep in range(1, 5):
        phase(f"Sweep {sweep}")
        replies = await parallel([
            agent(
                f"Sweep {sweep}: read {feed} for advisories that touch {args['inventory']}. "
                f"We already hold {', '.join(a['cve'] for a in ledger.accepted) or 'none'}.",
                schema=ADVISORIES,
                label=f"feed:{sweep}:{feed}",
            )
            for feed in FEEDS
        ])
        named = dedup([a for r in replies if r for a in r["advisories"]], key=lambda a: (a["cve"], a["component"]))
        candidates = [a for a in named if ledger.is_new(a)]
        if not candidates:
            log(f"sweep {sweep} brought nothing")
            continue
        ledger.accept([a for a in await pipeline(candidates, reproduce) if a])
    return {"advisories": ledger.accepted, "per_sweep": ledger.rounds}
