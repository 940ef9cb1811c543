// The harness of a run, with what the agents that each line called came to so far; a line leads to them.
import { useEffect, useMemo } from "preact/hooks";
import { useKeys } from "../keys";
import { go, place, to } from "../place";
import { Away, Trouble, useTitle, useTold } from "../shared";
import { Source } from "../source";
import { Said, usd } from "../text";
import { Watch } from "../watch";

const STATES = ["running", "waiting", "queued", "unfinished", "lost", "cancelled"] as const;

interface Line {
  workflow: string | null;
  line: number;
  states: Map<string, number>;
  all: number;
  usd: number;
}

export function ScriptPage({ project, run }: { project: string; run: string }) {
  const watch = useMemo(() => new Watch(project, run), []);
  useEffect(() => () => watch.close(), []);
  const head = watch.head.value;
  const script = useTold<{ file: string; source: string }>(head && `${watch.at}/script`, {}, head?.execution);
  const lines = useMemo(() => linesOf(watch), [watch.version.value, watch.agents]);
  const sought = Number(place.value.query.get("line") ?? 0);
  const back = to("r", project, run);
  useTitle(`Script of ${run}`);
  useEffect(() => document.getElementById(`L${sought}`)?.scrollIntoView({ block: "center" }), [sought, script.data.value !== null]);
  useKeys(useMemo(() => [{ keys: ["Escape"], does: "back to the run", act: () => go(back) }], []));
  const problem = watch.problem.value ?? script.problem.value;
  if (script.data.value === null) return problem ? <Trouble problem={problem} /> : <p class="empty">…</p>;
  const own = lines.filter((line) => line.workflow === null);
  const elsewhere = lines.filter((line) => line.workflow !== null);
  const told = (line: Line) => <Told of={line} run={back} />;
  return (
    <div class="page">
      <div class="bar"><h1><Said text={script.data.value.file} /></h1><span class="grow" /><a href={back}>Back to the run</a></div>
      <Away line={watch.line} />
      <Source text={script.data.value.source} beside={new Map(own.map((line) => [line.line, told(line)]))} sought={sought} />
      {elsewhere.length > 0 && (
        <>
          <h2>In saved harnesses</h2>
          <ul class="list">{elsewhere.map((line) => <li key={`${line.workflow} ${line.line}`}><Said text={`${line.workflow}, line ${line.line}`} /> {told(line)}</li>)}</ul>
        </>
      )}
    </div>
  );
}

/** Count the agents of each line. */
function linesOf({ agents }: Watch): Line[] {
  const { of } = agents;
  const lines = new Map<string, Line>();
  for (let at = 0; at < agents.size; at++) {
    const line = of.line[at];
    if (line == null) continue;
    const key = `${line} ${of.workflow[at] ?? ""}`;
    let known = lines.get(key);
    if (known === undefined) lines.set(key, (known = { workflow: of.workflow[at] ?? null, line, states: new Map(), all: 0, usd: 0 }));
    known.states.set(agents.stands(at), (known.states.get(agents.stands(at)) ?? 0) + 1);
    known.all++;
    if (!of.reused[at]) known.usd += of.usd[at]!;
  }
  return [...lines.values()];
}

function Told({ of, run }: { of: Line; run: string }) {
  const query = new URLSearchParams({ line: String(of.line), ...(of.workflow === null ? {} : { of: of.workflow }) });
  const states = STATES.filter((state) => of.states.get(state));
  const title = `${of.all} agents of line ${of.line}`;
  return (
    <a class="told-of" href={`${run}?${query}`} aria-label={[title, ...states.map((state) => `${of.states.get(state)} ${state}`), usd(of.usd)].join(", ")}>
      <b>×{of.all.toLocaleString("en")}</b>
      {states.map((state) => <span key={state} class={`is-${state}`}> {of.states.get(state)} {state}</span>)}
      {of.usd > 0 && <span> {usd(of.usd)}</span>}
    </a>
  );
}
