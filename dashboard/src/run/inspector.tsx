// One agent: what it came to, what it and its model said, what it was asked, and why. Each is asked for when it is shown.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { isOver } from "../agents";
import { place, say } from "../place";
import { Trouble, readOnly, useTold } from "../shared";
import { Data, Long, Said, State, many, span, tokens, usd } from "../text";
import { clock, type Watch } from "../watch";
import type { Asking } from "./steer";

const covering = matchMedia("(max-width: 1080px)"); // as in the style: there it lies over everything else

const TABS = ["Result", "Transcript", "Prompt", "Why"] as const;

export function Inspector({ watch, at, close, ask }: { watch: Watch; at: number; close: () => void; ask: (asking: Asking) => void }) {
  const of = watch.agents.of;
  const id = of.id[at]!;
  const state = of.state[at]!;
  const tab = TABS.find((one) => one.toLowerCase() === place.value.query.get("tab")) ?? "Result";
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (!covering.matches) return;
    heading.current!.focus();
    return () => document.querySelector<HTMLElement>(".tree")?.focus();
  }, []);
  return (
    <section class="panel inspector" aria-label="Agent">
      <header>
        <h2 ref={heading} tabIndex={-1}><Said text={of.label[at]!} /></h2>
        {!readOnly.value && !isOver(state) && watch.head.value!.outcome === "running" && (
          <button class="quiet" onClick={() => ask({ kind: "stop", agent: id, label: of.label[at]! })}>Stop agent</button>
        )}
        <button class="quiet" onClick={close} aria-label="Close agent">×</button>
      </header>
      <Facts watch={watch} at={at} />
      <Tabs tab={tab} />
      <div role="tabpanel" aria-label={tab} class="tab">
        {tab === "Result" && <Result watch={watch} id={id} state={state} />}
        {tab === "Transcript" && <Transcript watch={watch} id={id} state={state} />}
        {tab === "Prompt" && <Prompt watch={watch} id={id} />}
        {tab === "Why" && <Why watch={watch} id={id} />}
      </div>
    </section>
  );
}

function Facts({ watch, at }: { watch: Watch; at: number }) {
  void clock.value;
  const { agents } = watch;
  const of = agents.of;
  const now = watch.now();
  const started = agents.startedAt(at);
  const quiet = agents.quiet(at, now);
  return (
    <dl class="facts">
      <div><dt>State</dt><dd><State of={of.reused[at] ? "reused" : of.state[at]!} />{of.cause[at] && <> <Said text={of.cause[at]!} /></>}</dd></div>
      {of.doing[at] && <div><dt>Doing</dt><dd><Said text={of.doing[at]!} /></dd></div>}
      {quiet !== null && <div><dt>Quiet for</dt><dd>{span(Math.floor(quiet))}</dd></div>}
      <div><dt>Model</dt><dd>{of.model[at] ? <Said text={of.model[at]!} /> : "–"}</dd></div>
      <div><dt>Cost</dt><dd>{usd(of.usd[at])} · {tokens(of.tokens[at]!)} tokens</dd></div>
      <div><dt>Time</dt><dd>{started === null ? "waits for its turn" : `${span((agents.endedAt(at) ?? now) - started)}, waited ${span(of.waited[at])}`}</dd></div>
      {of.line[at] !== null && <div><dt>Called by</dt><dd>line {of.line[at]}{of.workflow[at] && <> of <Said text={of.workflow[at]!} /></>}</dd></div>}
    </dl>
  );
}

function Tabs({ tab }: { tab: string }) {
  const moved = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by === undefined) return;
    const next = TABS[(TABS.indexOf(tab as (typeof TABS)[number]) + by + TABS.length) % TABS.length]!;
    say({ tab: next.toLowerCase() });
    ((event.currentTarget as Element).querySelector(`[data-tab=${next}]`) as HTMLElement).focus();
  };
  return (
    <div role="tablist" class="tabs" aria-label="About the agent" onKeyDown={moved}>
      {TABS.map((one) => (
        <button key={one} role="tab" data-tab={one} aria-selected={one === tab} tabIndex={one === tab ? 0 : -1} onClick={() => say({ tab: one.toLowerCase() })}>
          {one}
        </button>
      ))}
    </div>
  );
}

interface Asked {
  watch: Watch;
  id: number;
  state?: string;
}

function Result({ watch, id, state }: Asked) {
  const { data, problem } = useTold<any>(`${watch.at}/agents/${id}`, {}, state);
  if (problem.value) return <Trouble problem={problem.value} />;
  const agent = data.value;
  if (agent === null) return <p class="dim">…</p>;
  return (
    <>
      {agent.lost && (
        <div class="trouble">
          <strong>Lost: <Said text={String(agent.lost.cause)} /></strong>
          <p><Said text={String(agent.lost.message)} most={4000} /></p>
          <p class="dim">{many(agent.lost.attempts, "attempt")}</p>
        </div>
      )}
      {agent.result !== null ? <Data value={agent.result} /> : !agent.lost && <p class="dim">There is no result yet.</p>}
      {agent.touched?.length > 0 && (
        <details><summary>Opened, asked and done ({agent.touched.length})</summary><Long text={agent.touched.join("\n")} /></details>
      )}
    </>
  );
}

const PARTS = 100;

function Transcript({ watch, id, state }: Asked) {
  const most = useSignal(PARTS);
  const { data, problem } = useTold<{ parts: any[]; total: number }>(`${watch.at}/agents/${id}/transcript`, { limit: most.value }, state);
  if (problem.value) return <Trouble problem={problem.value} />;
  if (data.value === null) return <p class="dim">…</p>;
  const { parts, total } = data.value;
  if (total === 0) return <p class="dim">There is none {isOver(state as never) ? "on record" : "before the agent has answered"}.</p>;
  return (
    <ol class="parts">
      {parts.map((part, place) => <Part key={place} part={part} />)}
      {total > parts.length && <li><button onClick={() => (most.value += PARTS)}>Show more ({total - parts.length} left)</button></li>}
    </ol>
  );
}

function Part({ part }: { part: any }) {
  const kind = String(part.part ?? "part");
  const said = [part.args, part.content].filter((one) => one !== undefined);
  const body = said.map((one, place) => <Data key={place} value={one} />);
  const title = <><span class="kind">{kind.replace("-", " ")}</span>{part.tool_name && <> <Said text={String(part.tool_name)} /></>}</>;
  const folds = kind.startsWith("tool");
  return <li>{folds ? <details><summary>{title}</summary>{body}</details> : <>{title}{body}</>}</li>;
}

function Prompt({ watch, id }: Asked) {
  const { data, problem } = useTold<any>(`${watch.at}/agents/${id}/prompt`);
  if (problem.value) return <Trouble problem={problem.value} />;
  if (data.value === null) return <p class="dim">…</p>;
  const { prompt, ...others } = data.value;
  return (
    <>
      <Data value={prompt} />
      <details><summary>Everything else it was asked with</summary><Data value={others} /></details>
    </>
  );
}

function Why({ watch, id }: Asked) {
  const { data, problem } = useTold<any>(`${watch.at}/agents/${id}/why`);
  if (problem.value) return <Trouble problem={problem.value} />;
  if (data.value === null) return <p class="dim">…</p>;
  const { reused, reason, fields, execution, before, now } = data.value;
  if (reused) return <p>Not asked again: its answer is from the journal of an earlier execution.</p>;
  if (reason === null) return <p>Asked because the run asked it; there was no execution before.</p>;
  return (
    <>
      <p>Asked in execution {execution}: <Said text={String(reason)} />{fields.length > 0 && <> (<Said text={fields.join(", ")} />)</>}</p>
      {before && (fields as string[]).map((field) => (
        <div key={field}><h3><Said text={field} /></h3><p class="dim">Before</p><Data value={before[field]} /><p class="dim">Now</p><Data value={now[field]} /></div>
      ))}
    </>
  );
}
