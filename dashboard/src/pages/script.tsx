// The harness of a run, with what the agents that each line called came to so far.
import type { ComponentChildren } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { runAt } from "../api";
import { useKeys } from "../keys";
import { go, to } from "../place";
import { Trouble, useTold } from "../shared";
import { Source } from "../source";
import { Said, usd } from "../text";
import { clock } from "../watch";

const EVERY_S = 3;
const STATES = ["running", "waiting", "queued", "lost", "cancelled"] as const;

type Counts = Record<(typeof STATES)[number] | "done" | "usd", number> & { workflow: string | null; line: number | null };

export function ScriptPage({ project, run }: { project: string; run: string }) {
  const turn = Math.floor(clock.value / 1000 / EVERY_S);
  const { data, problem } = useTold<{ file: string; source: string; lines: Counts[] }>(`${runAt(project, run)}/script`, {}, turn);
  const back = to("r", project, run);
  useEffect(() => void (document.title = `Script of ${run} · Weft`), []);
  useKeys(useMemo(() => [{ keys: ["Escape"], does: "back to the run", act: () => go(back) }], []));
  if (data.value === null) return problem.value ? <Trouble problem={problem.value} /> : <p class="empty">…</p>;
  const { file, source, lines } = data.value;
  const own = lines.filter((line) => line.workflow === null && line.line !== null);
  const elsewhere = lines.filter((line) => line.workflow !== null);
  return (
    <div class="page">
      <div class="bar"><h1><Said text={file} /></h1><span class="grow" /><a href={back}>Back to the run</a></div>
      <Source text={source} beside={new Map(own.map((line) => [line.line!, <Told of={line} />]))} />
      {elsewhere.length > 0 && (
        <>
          <h2>In saved harnesses</h2>
          <ul class="list">{elsewhere.map((line) => <li key={`${line.workflow}${line.line}`}><Said text={`${line.workflow}, line ${line.line}`} /> <Told of={line} /></li>)}</ul>
        </>
      )}
    </div>
  );
}

function Told({ of }: { of: Counts }): ComponentChildren {
  const all = STATES.reduce((sum, state) => sum + of[state], of.done);
  return (
    <span class="told-of">
      <b>×{all}</b>
      {STATES.filter((state) => of[state]).map((state) => <span key={state} class={`is-${state}`}> {of[state]} {state}</span>)}
      {of.usd > 0 && <span> {usd(of.usd)}</span>}
    </span>
  );
}
