// Two runs of a project side by side: how they went, what they came to, and which calls were others.
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { projectAt } from "../api";
import { go, to } from "../place";
import { Trouble, useTold } from "../shared";
import { Data, Said, State, many, span, tokens, usd } from "../text";

interface Sides {
  run: string;
  digest: string;
  outcome: string;
  health: string;
  usd: number;
  tokens: number;
  wall_s: number;
  agents: number;
}

interface Told {
  before: Sides;
  now: Sides;
  identical: number;
  changed: { before: number | null; now: number | null; label: string; fields: string[] }[];
  results: { place: string; before?: unknown; now?: unknown }[];
}

const MOST = 500;

export function DiffPage({ project, before, now }: { project: string; before: string; now: string }) {
  const { data, problem } = useTold<Told>(`${projectAt(project)}/diff`, { a: before, b: now });
  useEffect(() => void (document.title = "Compare · Weft"), []);
  if (problem.value) return <Trouble problem={problem.value} />;
  const told = data.value;
  if (told === null) return <p class="empty">Comparing …</p>;
  return (
    <div class="page">
      <div class="bar"><h1>Compare</h1><span class="grow" /><button onClick={() => go(to("diff", project, now, before))}>Swap</button></div>
      <Table project={project} before={told.before} now={told.now} />
      <h2>Calls</h2>
      <p>{many(told.identical, "identical call")}, {many(told.changed.length, "other", "others")}.</p>
      <ul class="list">
        {told.changed.slice(0, MOST).map((one, at) => (
          <li key={at}>
            <Said text={one.label} /> <span class="dim">{one.before === null ? "only in the second" : one.now === null ? "only in the first" : <Said text={one.fields.join(", ")} />}</span>{" "}
            {one.before !== null && <a href={to("r", project, before, "a", one.before)}>first</a>} {one.now !== null && <a href={to("r", project, now, "a", one.now)}>second</a>}
          </li>
        ))}
      </ul>
      {told.changed.length > MOST && <p class="dim">The first {MOST} are shown.</p>}
      <h2>Results</h2>
      {told.results.length === 0 && <p>Both came to the same.</p>}
      {told.results.slice(0, MOST).map((one) => (
        <section key={one.place} class="two">
          <h3><Said text={one.place || "the result"} /></h3>
          <div>{"before" in one ? <Data value={one.before} /> : <p class="dim">not there</p>}</div>
          <div>{"now" in one ? <Data value={one.now} /> : <p class="dim">not there</p>}</div>
        </section>
      ))}
    </div>
  );
}

function Table({ project, before, now }: { project: string; before: Sides; now: Sides }) {
  const row = (title: string, of: (side: Sides) => ComponentChildren) => (
    <tr><th scope="row">{title}</th><td>{of(before)}</td><td>{of(now)}</td></tr>
  );
  return (
    <div class="scroll">
      <table class="plain">
        <tbody>
          {row("Run", (side) => <a href={to("r", project, side.run)}><Said text={side.run} /></a>)}
          {row("Outcome", (side) => <State of={side.outcome} />)}
          {row("Health", (side) => <State of={side.health} />)}
          {row("Cost", (side) => usd(side.usd))}
          {row("Tokens", (side) => tokens(side.tokens))}
          {row("Time", (side) => span(side.wall_s))}
          {row("Agents", (side) => side.agents)}
          {row("Harness", (side) => (before.digest === now.digest ? "the same" : <code>{side.digest.slice(0, 12)}</code>))}
        </tbody>
      </table>
    </div>
  );
}
