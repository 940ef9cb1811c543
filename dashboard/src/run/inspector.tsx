// One agent: its facts, and tabs of what is known of it. What a tab shows is asked for when it is shown.
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { isOver } from "../agents";
import { file } from "../file/held";
import { LeftOut } from "../file/note";
import { place, say, to } from "../place";
import { readOnly } from "../shared";
import { Said, State, span, tokens, usd } from "../text";
import { clock, type Watch } from "../watch";
import { Cost, Events, Result, Why } from "./known";
import { Prompt } from "./prompt";
import type { Asking } from "./steer";
import { Transcript } from "./transcript";

const covering = matchMedia("(max-width: 1080px)"); // as in the style: there it lies over everything else

const TABS = ["Result", "Transcript", "Prompt", "Cost", "Why", "Events"] as const;
type Tab = (typeof TABS)[number];
const CONTENT = new Set<Tab>(["Result", "Transcript", "Prompt"]);

export function Inspector({ watch, at, close, ask }: { watch: Watch; at: number; close: () => void; ask: (asking: Asking) => void }) {
  const of = watch.agents.of;
  const id = of.id[at]!;
  const state = watch.agents.stands(at);
  const tab = TABS.find((one) => one.toLowerCase() === place.value.query.get("tab")) ?? "Result";
  const box = useRef<HTMLElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (covering.matches) heading.current!.focus();
  }, []);
  useLayoutEffect(() => { // what has the focus is in the page until this has ended
    const whole = box.current!;
    return () => whole.contains(document.activeElement) && document.querySelector<HTMLElement>(".tree")?.focus();
  }, []);
  const about = { watch, id, at, state };
  const withheld = file !== null && !file.content && CONTENT.has(tab);
  return (
    <section ref={box} class="panel inspector" aria-label="Agent">
      <header>
        <h2 ref={heading} tabIndex={-1}><Said text={of.label[at]!} /></h2>
        {!readOnly.value && !watch.agents.over && !isOver(state) && (
          <button class="quiet" onClick={() => ask({ kind: "stop", agent: id, label: of.label[at]! })}>Stop agent</button>
        )}
        <button class="quiet" onClick={close} aria-label="Close agent">×</button>
      </header>
      <Facts watch={watch} at={at} />
      <Tabs tab={tab} />
      <div role="tabpanel" aria-label={tab} class="tab">
        {tab === "Result" && <Result {...about} />}
        {withheld && <p class="dim"><LeftOut /></p>}
        {tab === "Transcript" && !withheld && <Transcript {...about} />}
        {tab === "Prompt" && <Prompt {...about} />}
        {tab === "Cost" && <Cost {...about} />}
        {tab === "Why" && <Why {...about} />}
        {tab === "Events" && <Events {...about} />}
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
  const line = of.line[at];
  const workflow = of.workflow[at];
  return (
    <dl class="facts">
      <div><dt>State</dt><dd><State of={of.reused[at] ? "reused" : agents.stands(at)} />{of.cause[at] && <> <Said text={of.cause[at]!} /></>}</dd></div>
      {of.doing[at] && !agents.over && <div><dt>Doing</dt><dd><Said text={of.doing[at]!} /></dd></div>}
      {quiet !== null && <div><dt>Quiet for</dt><dd>{span(Math.floor(quiet))}</dd></div>}
      <div><dt>Model</dt><dd>{of.model[at] ? <Said text={of.model[at]!} /> : "–"}</dd></div>
      <div><dt>Cost</dt><dd>{usd(of.usd[at])} · {tokens(of.tokens[at]!)} tokens</dd></div>
      <div><dt>Time</dt><dd>{started === null ? (agents.over ? "never had its turn" : "waits for its turn") : `${span((agents.endedAt(at) ?? now) - started)}, waited ${span(of.waited[at])}`}</dd></div>
      {line != null && (
        <div>
          <dt>Called by</dt>
          <dd>{workflow ? <>line {line} of <Said text={workflow} /></> : <a href={`${to("r", watch.project, watch.run, "script")}?line=${line}`}>line {line}</a>}</dd>
        </div>
      )}
    </dl>
  );
}

function Tabs({ tab }: { tab: Tab }) {
  const show = (one: Tab) => say({ tab: one.toLowerCase(), part: "" });
  const moved = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by === undefined) return;
    const next = TABS[(TABS.indexOf(tab) + by + TABS.length) % TABS.length]!;
    show(next);
    ((event.currentTarget as Element).querySelector(`[data-tab=${next}]`) as HTMLElement).focus();
  };
  return (
    <div role="tablist" class="tabs" aria-label="About the agent" onKeyDown={moved}>
      {TABS.map((one) => (
        <button key={one} role="tab" data-tab={one} aria-selected={one === tab} tabIndex={one === tab ? 0 : -1} onClick={() => show(one)}>
          {one}
        </button>
      ))}
    </div>
  );
}
