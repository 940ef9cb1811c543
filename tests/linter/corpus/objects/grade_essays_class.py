"""Grade the essays of a class against a rubric, criterion by criterion."""

from dataclasses import dataclass, field

from weft.primitives import agent, phase

ARGS = {
    "type": "object",
    "properties": {"essays": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 35}},
    "required": ["essays"],
}
GRADE = {
    "type": "object",
    "properties": {"points": {"type": "integer", "minimum": 0, "maximum": 10}, "quote": {"type": "string"}},
    "required": ["points", "quote"],
}
RUBRIC = ["thesis", "use of sources", "structure", "language"]


@dataclass
class Sheet:
    essay: str
    points: dict = field(default_factory=dict)

    def grade(self, criterion):
        return agent(
            f"Read the essay {self.essay} and grade its {criterion} from 0 to 10, with a quotation that shows it.",
            schema=GRADE,
            label=f"{self.essay}:{criterion}",
        )

    async def fill(self):
        for criterion in RUBRIC:
            reply = await self.grade(criterion)
            self.points[criterion] = reply["points"] if reply else None
        return self

    @property
    def total(self):
        return sum(points for points in self.points.values() if points is not None)


class Gradebook:
    def __init__(self, essays):
        self.sheets = [Sheet(essay) for essay in essays]

    async def run(self):
        for sheet in self.sheets:
            await sheet.fill()
        return [{"essay": sheet.essay, "points": sheet.points, "total": sheet.total} for sheet in self.sheets]


async def main(args):
    phase("Grade")
    return await Gradebook(args["essays"]).run()
