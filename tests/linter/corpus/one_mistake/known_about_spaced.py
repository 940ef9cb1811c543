"""What is known about spaced repetition for motor skills, for and against?"""

from weft.primitives import agent, dedup, pipeline

STUDIES = {
    "type": "object",
    "properties": {
        "studies": {
            "type": "array",
            "maxItems": 10,
            "items": {
                "type": "object",
                "properties": {"title": {"type": "string"}, "year": {"type": "integer"}, "result": {"type": "string"}},
                "required": ["title", "year", "result"],
            },
        }
    },
    "required": ["studies"],
}


async def both_sides(topic):
    pro = await agent(f"List studies that found a benefit of {topic}.", schema=STUDIES, label="pro")
    contra = await agent(f"List studies that found no benefit, or harm, of {topic}.", schema=STUDIES, label="contra")
    return (pro or {"studies": []})["studies"], (contra or {"studies": []})["studies"]


def appraise(study):
    return agent(f"Appraise the design of {study['title']} ({study['year']}): sample, blinding, preregistration. Three lines.")


async def main(args):
    pro, contra = await both_sides("spaced repetition for motor skills")
    studies = dedup(pro + contra, key=lambda s: s["doi"].lower())
    appraisals = await pipeline(studies, appraise)
    return {"studies": [{**s, "appraisal": a} for s, a in zip(studies, appraisals)], "pro": len(pro), "contra": len(contra)}
