// Two runs of a project side by side: how they went, what they found and paid, and which calls were others.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { projectAt, runAt } from "../api";
import { Changes } from "../changes";
import { Value } from "../json";
import { go, to } from "../place";
import { Trouble, useTitle, useTold } from "../shared";
import { Said, State, many, span, tokens, usd } from "../text";

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

interface Phase {
  agents: number;
  usd: number;
}

interface Told {
  before: Sides;
  now: Sides;
  identical: number;
  changed: { before: number | null; now: number | null; label: string; fields: string[] }[];
  findings: { identical: number; changed: { before: unknown; now: unknown }[]; added: unknown[]; gone: unknown[] };
  phases: { phase: string | null; within: string[]; before: Phase; now: Phase }[];
  results: { place: string; before?: unknown; now?: unknown }[];
}

const MOST = 200;

export function DiffPage({ project, before, now }: { project: string; before: string; now: string }) {
  const { data, problem } = useTold<Told>(`${projectAt(project)}/diff`, { a: before, b: now });
  useTitle("Compare");
  if (problem.value) return <Trouble problem={problem.value} />;
  const told = data.value;
  if (told === null) return <p class="empty">Comparing …</p>;
  return (
    <div class="page">
      <div class="bar"><h1>Compare</h1><span class="grow" /><button onClick={() => go(to("diff", project, now, before))}>Swap</button></div>
      <Table project={project} before={told.before} now={told.now} />
      <Findings of={told.findings} />
      <Phases of={told.phases} />
      <Calls told={told} project={project} />
      <Part title="Results" about={told.results.length === 0 ? "the same" : many(told.results.length, "difference")}>
        {told.results.slice(0, MOST).map((one) => (
          <section key={one.place} class="two">
            <h3><Said text={one.place === "$" ? "the whole result" : one.place} /></h3>
            {typeof one.before === "string" && typeof one.now === "string" ? (
              <div class="across"><Changes before={one.before} now={one.now} /></div>
            ) : (
              <>
                <div>{"before" in one ? <Value value={one.before} /> : <p class="dim">not there</p>}</div>
                <div>{"now" in one ? <Value value={one.now} /> : <p class="dim">not there</p>}</div>
              </>
            )}
          </section>
        ))}
        {told.results.length > MOST && <p class="dim">The first {MOST} are shown.</p>}
      </Part>
    </div>
  );
}

function Part({ title, about, children }: { title: string; about: string; children?: ComponentChildren }) {
  return (
    <section class="panel" aria-label={title}>
      <h2>{title} <span class="count">{about}</span></h2>
      {children}
    </section>
  );
}

function Findings({ of: { identical, changed, added, gone } }: { of: Told["findings"] }) {
  if (identical + changed.length + added.length + gone.length === 0) return null;
  const text = (one: unknown) => (typeof one === "string" ? one : JSON.stringify(one, null, 2));
  const all = [
    ...added.map((one) => ({ sign: "+", word: "only in the second", kind: "ok", body: <Value value={one} /> })),
    ...gone.map((one) => ({ sign: "−", word: "only in the first", kind: "lost", body: <Value value={one} /> })),
    ...changed.map((one) => ({ sign: "~", word: "changed", kind: "waiting", body: <Changes before={text(one.before)} now={text(one.now)} /> })),
  ];
  return (
    <Part title="Findings" about={`${identical} same · ${added.length} added · ${gone.length} gone · ${changed.length} changed`}>
      <ul class="list">
        {all.slice(0, MOST).map(({ sign, word, kind, body }, at) => (
          <li key={at} class="difference"><span class={`sign is-${kind}`}><span aria-hidden="true">{sign}</span> {word}</span><div>{body}</div></li>
        ))}
      </ul>
      {all.length > MOST && <p class="dim">The first {MOST} are shown.</p>}
    </Part>
  );
}

function Phases({ of }: { of: Told["phases"] }) {
  const most = Math.max(...of.flatMap((one) => [one.before.usd, one.now.usd]), 1e-9);
  const bar = (amount: number, kind: string) => <span class="meter" aria-hidden="true"><span class={`part ${kind}`} style={{ width: `${(amount / most) * 100}%` }} /></span>;
  return (
    <Part title="Cost by phase" about="of each execution as a whole">
      <div class="scroll" tabIndex={0} role="region" aria-label="Cost by phase">
        <table class="plain whole phases">
          <thead><tr><th scope="col">Phase</th><th scope="col" class="number">Agents</th><th scope="col">Cost, first and second</th><th scope="col" class="number">First</th><th scope="col" class="number">Second</th></tr></thead>
          <tbody>
            {of.map((one) => (
              <tr key={`${one.within} ${one.phase}`}>
                <th scope="row"><Said text={[...one.within, one.phase ?? "no phase"].join(" › ")} /></th>
                <td class="number">{one.before.agents} → {one.now.agents}</td>
                <td class="bars">{bar(one.before.usd, "of-held")}{bar(one.now.usd, "of-spent")}</td>
                <td class="number">{usd(one.before.usd)}</td><td class="number">{usd(one.now.usd)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Part>
  );
}

function Calls({ told, project }: { told: Told; project: string }) {
  const first = told.changed[0];
  return (
    <Part title="Calls" about={`${told.identical} same · ${told.changed.length} other`}>
      {first && <p>The first that differs: <b><Said text={first.label} /></b> <span class="dim"><Said text={what(first)} /></span></p>}
      <ul class="list">
        {told.changed.slice(0, MOST).map((one, at) => (
          <li key={at}><Call one={one} open={at === 0} project={project} before={told.before.run} now={told.now.run} /></li>
        ))}
      </ul>
      {told.changed.length > MOST && <p class="dim">The first {MOST} are shown.</p>}
    </Part>
  );
}

function what({ before, now, fields }: Told["changed"][number]): string {
  return before === null ? "only in the second" : now === null ? "only in the first" : fields.join(", ") || "occurrence";
}

function Call({ one, open, project, before, now }: { one: Told["changed"][number]; open: boolean; project: string; before: string; now: string }) {
  const shown = useSignal(open);
  const link = (run: string, id: number, word: string) => <a href={to("r", project, run, "a", id)}>{word}</a>;
  return (
    <details open={shown.value} onToggle={(event) => (shown.value = event.currentTarget.open)}>
      <summary><Said text={one.label} /> <span class="dim"><Said text={what(one)} /></span></summary>
      <p class="links">{one.before !== null && link(before, one.before, "Open in the first")} {one.now !== null && link(now, one.now, "Open in the second")}</p>
      {shown.value && one.before !== null && one.now !== null && <Requests fields={one.fields} before={`${runAt(project, before)}/agents/${one.before}/prompt`} now={`${runAt(project, now)}/agents/${one.now}/prompt`} />}
    </details>
  );
}

function Requests({ fields, before, now }: { fields: string[]; before: string; now: string }) {
  const first = useTold<any>(before);
  const second = useTold<any>(now);
  const problem = first.problem.value ?? second.problem.value;
  if (problem) return <Trouble problem={problem} />;
  if (first.data.value === null || second.data.value === null) return <p class="dim">…</p>;
  const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value, null, 2) ?? "nothing");
  return <>{fields.map((field) => <div key={field}><p class="dim"><Said text={field} /></p><Changes before={text(first.data.value[field])} now={text(second.data.value[field])} /></div>)}</>;
}

function Table({ project, before, now }: { project: string; before: Sides; now: Sides }) {
  const row = (title: string, of: (side: Sides) => ComponentChildren) => (
    <tr><th scope="row">{title}</th><td>{of(before)}</td><td>{of(now)}</td></tr>
  );
  return (
    <div class="scroll">
      <table class="plain sides">
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
