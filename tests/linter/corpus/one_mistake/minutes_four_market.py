"""Minutes of four market days, put down as the reporters ring in."""

from weft.primitives import agent, log, parallel

TOWNS = {"Aldham": "cattle", "Brixford": "wool", "Corsley": "cheese", "Dunmere": "horses"}


class Minutes:
    def __init__(self, title):
        self.body = title
        self.count = 0

    def add(self, town, text):
        self.body += f"\n\n{town}: {text}"
        self.count += 1


async def report(minutes, town, goods):
    text = await agent(f"Report from the {goods} market in {town}, six lines, with prices.", label=town)
    if text is None:
        log(f"{town} did not ring in")
        return False
    minutes.add(town, text)
    return True


async def main(args):
    minutes = Minutes("Market days")
    rang = await parallel([report(minutes, town, goods) for town, goods in TOWNS.items()])
    if not any(rang):
        return {"text": None, "towns": 0}
    return {"text": minutes.body, "towns": minutes.count}
