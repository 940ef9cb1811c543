"""What do the guests of thirty inns complain about? One report for the association."""

from weft.primitives import agent, parallel, phase

ARGS = {
    "type": "object",
    "properties": {"inns": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 30}},
    "required": ["inns"],
}


class Report:
    def __init__(self, order):
        self.body = order

    def add(self, inn, text):
        self.body += f"\n\n# {inn}\n{text}"
        return self


def complaints(inn):
    return agent(f"What do guests of {inn} complain about? Half a page.", label=inn)


async def main(args):
    phase("Read")
    texts = await parallel([complaints(inn) for inn in args["inns"]])
    report = Report("Write a report for the association of inns from what stands below.")
    for inn, text in zip(args["inns"], texts):
        if text:
            report.add(inn, text)
    phase("Report")
    return {"report": await agent(report.body, label="report")}
