"""Titrate the wording of a survey question until readers understand it the same way."""

from weft.primitives import agent, log

ARGS = {"type": "object", "required": ["question"], "properties": {"question": {"type": "string"}}}
READING = {
    "type": "object",
    "required": ["ambiguity", "rewording"],
    "properties": {"ambiguity": {"type": "integer", "minimum": 0, "maximum": 10}, "rewording": {"type": "string"}},
}
LIMIT = 12


async def main(args):
    wording = args["question"]
    ambiguity = 10
    attempt = 0
    while ambiguity > 2 and attempt != LIMIT:
        attempt += 1
        reading = await agent(
            f"Read this survey question as a respondent would, rate its ambiguity and reword it. Question: <q>{wording}</q>",
            schema=READING,
            label=f"attempt {attempt}",
        )
        if reading is None:
            continue
        if reading["ambiguity"] >= ambiguity:
            log(f"attempt {attempt} made it no better")
            continue
        ambiguity = reading["ambiguity"]
        wording = reading["rewording"]
    summary = await agent(f"In two sentences, say what this question measures: <q>{wording}</q>")
    return {"wording": wording, "ambiguity": ambiguity, "measures": summary}
