"""Estimate the effort of migrating ETL jobs and rank them by cost against value."""

import statistics
from dataclasses import asdict, dataclass

from weft.primitives import agent, log, parallel, phase

ARGS = {
    "type": "object",
    "properties": {"jobs": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 40}},
    "required": ["jobs"],
}
ESTIMATE = {
    "type": "object",
    "properties": {"days": {"type": "number", "minimum": 0.5, "maximum": 60}, "value": {"type": "integer", "minimum": 1, "maximum": 10}},
    "required": ["days", "value"],
}
ROLES = ["an engineer who knows the old platform", "an engineer who knows the new platform", "a manager who pays for both"]


@dataclass
class Estimate:
    job: str
    days: float
    value: float
    heard: int


async def estimate(job):
    replies = await parallel([agent(f"As {role}: how many days does the migration of {job} take, and what is it worth?", schema=ESTIMATE, label=f"{job}:{role}") for role in ROLES])
    heard = [reply for reply in replies if reply]
    if len(heard) < 2:
        return None
    return Estimate(job, statistics.median(one["days"] for one in heard), statistics.mean(one["value"] for one in heard), len(heard))


async def main(args):
    phase("Estimate")
    results = await parallel([estimate(job) for job in args["jobs"]])
    known = [result for result in results if result]
    known.sort(key=lambda one: (-one.value / one.days, one.job))
    total = sum(one.days for one in known)
    log(f"{total} days for {len(known)} jobs")
    return {
        "order": [{**asdict(one), "share": one.days / total} for one in known],
        "open": [job for job, result in zip(args["jobs"], results) if result is None],
    }
