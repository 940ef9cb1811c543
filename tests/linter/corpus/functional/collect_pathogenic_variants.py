"""Collect pathogenic variants that the papers report for one gene."""

from dataclasses import dataclass, field

from weft.primitives import Seen, agent, parallel, phase, pipeline, until_dry, verify

META = {"name": "variant-sweep", "description": "Sweep papers for variants of a gene"}
ARGS = {
    "type": "object",
    "properties": {
        "gene": {"type": "string"},
        "papers": {"type": "array", "items": {"type": "string"}, "maxItems": 10},
    },
    "required": ["gene", "papers"],
}
VARIANTS = {
    "type": "object",
    "properties": {
        "variants": {
            "type": "array",
            "maxItems": 6,
            "items": {
                "type": "object",
                "properties": {"hgvs": {"type": "string"}, "source": {"type": "string"}},
                "required": ["hgvs", "source"],
            },
        }
    },
    "required": ["variants"],
}


@dataclass
class Sweep:
    gene: str
    confirmed: list = field(default_factory=list)

    def read(self, paper):
        known = [v["hgvs"] for v in self.confirmed]
        prompt = f"Variants of {self.gene} called pathogenic in {paper}, besides {known}."
        return agent(prompt, schema=VARIANTS, label=f"read:{paper}")

    def fresh(self, replies):
        seen = Seen(key=lambda v: v["hgvs"].replace(" ", ""))
        return seen.add(v for r in replies if r for v in r["variants"])


async def hold_up(variant):
    verdict = await verify(variant, lenses=["the paper reports it", "functional evidence exists"], quorum=2)
    return variant if verdict["survives"] else None


async def main(args):
    sweep = Sweep(args["gene"])
    for lap in until_dry(max_rounds=5, patience=2):
        phase(f"Sweep {lap.number}")
        fresh = sweep.fresh(await parallel([sweep.read(p) for p in args["papers"]]))
        lap.found(fresh)
        sweep.confirmed += [v for v in await pipeline(fresh, hold_up) if v]
    return sweep.confirmed
