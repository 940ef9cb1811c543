"""Prepare a museum's audio guide: one plan object, a few texts per hall."""

from dataclasses import asdict, dataclass, field
from enum import Enum

from weft.primitives import agent, parallel, phase


class Voice(Enum):
    CHILD = "a child of nine"
    EXPERT = "a visiting historian"


@dataclass
class Stop:
    hall: str
    number: int
    title: str
    texts: dict = field(default_factory=dict)

    def __post_init__(self):
        self.title = self.title.strip()

    def line(self):
        return "{hall}, stop {number}: {title}".format(hall=self.hall, number=self.number, title=self.title)


class Plan:
    def __init__(self, stops):
        self.stops = stops
        self.count = 0

    def open(self, hall):
        return [stop for stop in self.stops if stop.hall == hall]

    async def compile(self, stop):
        _voices = list(Voice)
        texts = await parallel(
            [agent(f"Write a text for {voice.value} about {stop.line()}") for voice in _voices]
        )
        return {voice.name.lower(): text for voice, text in zip(_voices, texts) if text}

    def ready(self):
        self.count += 1
        return self.count


async def main(args):
    plan = Plan([Stop("Bronze", 1, "The sword "), Stop("Bronze", 2, "The kettle"), Stop("Iron", 1, "The situla")])
    phase("Write")
    stops = plan.open("Bronze") + plan.open("Iron")
    for stop, texts in zip(stops, await parallel([plan.compile(stop) for stop in stops])):
        setattr(stop, "texts", texts or {})
        plan.ready()
    return {"stops": [asdict(stop) for stop in plan.stops], "ready": plan.ready() - 1}
