"""Which tide tables can be trusted? Sort the harbours by the state that an agent reads off the notice board."""

from enum import Enum

from weft.primitives import agent, log, parallel

ARGS = {
    "type": "object",
    "properties": {"harbours": {"type": "array", "items": {"type": "string"}, "maxItems": 30}},
    "required": ["harbours"],
}
BOARD = {"type": "object", "properties": {"state": {"type": "string"}}, "required": ["state"]}


class State(Enum):
    CURRENT = "current"
    LATE = "late"
    GONE = "gone"


def state_of(reply):
    if reply is None:
        return State.GONE
    word = reply["state"].strip().lower()
    return State(word) if word in State._value2member_map_ else State.LATE


async def main(args):
    names = args["harbours"]
    replies = await parallel([agent(f"Is the tide table of {name} current, late or gone?", schema=BOARD) for name in names])
    states = {name: state_of(reply) for name, reply in zip(names, replies)}
    log(f"{sum(state is State.CURRENT for state in states.values())} are current")
    return {name: state.value for name, state in states.items()}
