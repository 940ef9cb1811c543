"""Check job advertisements for wording that may discriminate and propose a better one."""

from dataclasses import dataclass

from weft.primitives import agent, phase, pipeline

ARGS = {
    "type": "object",
    "required": ["vacancies"],
    "properties": {"vacancies": {"type": "array", "items": {"type": "string"}, "maxItems": 80}},
}
WORDING = {
    "type": "object",
    "required": ["phrase", "kind"],
    "properties": {"phrase": {"type": "string"}, "kind": {"enum": ["age", "gender", "origin", "none"]}},
}


@dataclass
class Proposal:
    vacancy: str
    phrase: str
    better: str


class Wording:
    async def inspect(self, vacancy):
        found = await agent(f"Quote the most doubtful phrase in advertisement {vacancy}.", schema=WORDING)
        return (vacancy, found) if found else None

    async def improve(self, pair):
        vacancy, found = pair
        better = await agent(f"Propose a neutral wording for this phrase (return text only): <p>{found['phrase']}</p>")
        return Proposal(vacancy, found["phrase"], better) if better else None

    @staticmethod
    def doubtful(pair):
        return pair is not None and pair[1]["kind"] != "none"


async def main(args):
    wording = Wording()
    phase("Inspect")
    inspected = await pipeline(args["vacancies"], wording.inspect)
    doubtful = [pair for pair in inspected if wording.doubtful(pair)]
    phase("Improve")
    proposals = await pipeline(doubtful, wording.improve)
    return {"proposals": [p for p in proposals if p is not None]}
