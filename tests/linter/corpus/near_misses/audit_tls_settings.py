"""Audit TLS settings of our hosts; give up early when the scanners themselves do not work."""

from weft.primitives import agent, log, parallel, phase

TLS = {
    "type": "object",
    "properties": {
        "lowest": {"type": "string", "enum": ["1.0", "1.1", "1.2", "1.3"]},
        "expires": {"type": "string"},
    },
    "required": ["lowest", "expires"],
}
WAVE = 10
TOO_MANY = 3


async def main(args):
    hosts = args.get("hosts")
    if not isinstance(hosts, list) or not all(isinstance(host, str) for host in hosts):
        return {"report": {}, "old": [], "lost": 0, "not_reached": None}
    report, lost = {}, 0
    for start in range(0, len(hosts), WAVE):
        wave = hosts[start : start + WAVE]
        phase(f"Hosts {start + 1} to {start + len(wave)}")
        answers = await parallel([agent(f"Look up the TLS settings of {host}.", schema=TLS, label=host) for host in wave])
        for host, answer in zip(wave, answers):
            if answer is None:
                lost += 1
            else:
                report[host] = answer
        if lost > TOO_MANY:
            log(f"{lost} scans lost, stopped after {start + len(wave)} hosts")
            break
    old = sorted(host for host, answer in report.items() if answer["lowest"] < "1.2")
    return {"report": report, "old": old, "lost": lost, "not_reached": len(hosts) - len(report) - lost}
