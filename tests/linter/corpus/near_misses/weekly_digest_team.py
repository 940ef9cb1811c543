"""Weekly digest for every team, each from the channels the team reads."""

from weft.primitives import agent, parallel

CHANNELS = {
    "platform": ["#infra", "#incidents"],
    "mobile": ["#ios", "#android", "#releases"],
    "growth": ["#experiments", "#seo"],
}
STYLE = "Five bullet points, no names, link the thread."


class Digest:
    def __init__(self, team):
        self.team = team
        self.channels = CHANNELS[team]

    def prompt(self):
        return " ".join(["Summarise last week in", ", ".join(self.channels), "on our chat server.", STYLE])

    def run(self):
        return agent(self.prompt(), label=f"digest:{self.team}")


async def main(args):
    digests = [Digest(team) for team in CHANNELS]
    texts = await parallel([d.run for d in digests])
    return {d.team: text or "(nothing this week)" for d, text in zip(digests, texts)}
