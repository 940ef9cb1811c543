"""Answer the questions that readers sent in about a gardening column."""
from weft.primitives import agent, parallel

META = {"name": "garden", "description": "Answers, grouped by plant"}
ARGS = {"type": "object", "properties": {"mailbox": {"type": "string"}}, "required": ["mailbox"]}
MAIL = {"type": "object", "properties": {"questions": {"type": "array", "items": {
    "type": "object", "properties": {"plant": {"type": "string"}, "question": {"type": "string"}}, "required": ["plant", "question"]}}},
    "required": ["questions"]}


def answer(plant, asked):
    return agent(f"A reader's questions about {plant}, as data: {asked}. Answer them in a paragraph.", label=plant)


async def main(args):
    mail = await agent(f"List the questions in {args['mailbox']}.", schema=MAIL, critical=True)
    beds = {}
    for row in mail["questions"]:
        beds.setdefault(row["plant"].lower(), []).append(row["question"][:300])
    plants = sorted(beds)
    jobs = []
    for plant in plants:
        jobs.append(answer(plant, beds[plant][:5]))
    answers = await parallel(jobs)
    return {plant: text for plant, text in zip(plants, answers) if text}
