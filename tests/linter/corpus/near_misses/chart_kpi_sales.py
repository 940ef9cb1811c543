"""Chart every KPI of the sales dashboard and describe the trend in one sentence."""

from weft.primitives import agent, parallel

KPIS = {"arr": "annual recurring revenue", "nrr": "net revenue retention", "cac": "acquisition cost", "churn": "logo churn"}


async def main(args):
    thunks = []
    for key in KPIS:
        title = KPIS[key]

        def run(key=key, title=title):
            return agent(f"Describe the twelve month trend of {title} in one sentence.", label=key)

        thunks.append(run)
    sentences = await parallel(thunks)
    out = {}
    i = 0
    for key in KPIS:
        out[key] = sentences[i] or "no data"
        i += 1
    return out
