// The tree of phases and agents, whose last column is the timeline. Only rows that can be seen are on the page, and of
// these only those are drawn again of which something is another now.
import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { standings, type Agents } from "../agents";
import { Said, State, many, span, tokens, usd } from "../text";
import { clock, type Head, type Phase, type Watch } from "../watch";
import { QUIET_S, titleOf, type Row, type Rows } from "./rows";

const MORE = 6;
const DEEPEST = 8; // further in there would be no room for names
const narrow = matchMedia("(max-width: 720px)");

export interface TreeProps {
  watch: Watch;
  rows: Rows;
  cursor: string;
  pick: (row: Row) => void;
  fold: (key: string) => void;
}

export function Tree({ watch, rows, cursor, pick, fold }: TreeProps) {
  const box = useRef<HTMLDivElement>(null);
  const seen = useSignal({ top: 0, height: 800 });
  const look = (node: HTMLElement) => (seen.value = { top: node.scrollTop, height: node.clientHeight });
  const height = useRowHeight();
  useEffect(() => {
    const node = box.current!;
    const sizes = new ResizeObserver(() => look(node));
    sizes.observe(node);
    return () => sizes.disconnect();
  }, []);
  const place = useMemo(() => rows.placeOf(cursor), [rows, rows.size, cursor]);
  useLayoutEffect(() => reveal(box.current!, place, height), [cursor, height]);
  const first = Math.max(0, Math.floor(seen.value.top / height) - MORE);
  const most = Math.ceil(seen.value.height / height) + 2 * MORE + 1;
  const shown = rows.slice(first, most);
  const head = watch.head.value!;
  // What is going on grows, all of it together once a second.
  const now = useMemo(() => Math.max(watch.now(), 0.001), [watch.agents, head.outcome, clock.value]);
  const acts = useRef({ pick, fold });
  acts.current = { pick, fold };
  const { agents } = watch;
  return (
    <div
      ref={box}
      class="tree"
      role="treegrid"
      aria-label="Phases and agents"
      aria-rowcount={rows.size + 1}
      aria-activedescendant={place >= first && place < first + most ? idOf(cursor) : undefined}
      tabIndex={0}
      onScroll={(event) => look(event.currentTarget)}
    >
      <Heading now={now} />
      <div class="rows" role="rowgroup" style={{ height: `${rows.size * height}px` }}>
        {shown.map((row, index) => {
          const at = first + index;
          const slot = at % most; // a row that scrolls out is used for one that scrolls in
          const common = { place: at, height, selected: row.key === cursor, now, acts };
          return row.kind === "phase" ? (
            <PhaseRow key={slot} {...common} row={row} phase={head.phases[row.phase]!} over={agents.over} />
          ) : (
            <AgentRow key={slot} {...common} row={row} agents={agents} />
          );
        })}
      </div>
    </div>
  );
}

function idOf(key: string): string {
  return `row-${key}`;
}

interface RowProps {
  place: number;
  height: number;
  selected: boolean;
  now: number;
  acts: { current: { pick: (row: Row) => void; fold: (key: string) => void } };
}

function common(key: string, { place, height, selected }: RowProps) {
  const style = { transform: `translateY(${place * height}px)` };
  return { id: idOf(key), role: "row" as const, "aria-rowindex": place + 2, "aria-selected": selected, style };
}

function PhaseRow({ row, phase, over, ...props }: RowProps & { row: Row & { kind: "phase" }; phase: Phase; over: boolean }) {
  const { now, acts } = props;
  return (
    <div class="row phase" aria-level={1} aria-expanded={row.open} {...common(row.key, props)} onClick={() => acts.current.fold(row.key)}>
      <PhaseCells phase={phase} over={over} number={row.phase + 1} open={row.open} now={now} />
    </div>
  );
}

function AgentRow({ row, agents, ...props }: RowProps & { row: Row & { kind: "agent" }; agents: Agents }) {
  const { now, acts, place, height, selected } = props;
  const { key, at, depth, open } = row;
  return useMemo(() => (
    <div class="row agent" aria-level={2 + depth} aria-expanded={open ?? undefined} {...common(key, props)} onClick={() => acts.current.pick(row)}>
      <AgentCells agents={agents} row={row} now={now} fold={(key) => acts.current.fold(key)} />
    </div>
  ), [agents, at, agents.changes[at], agents.over, depth, open, place, height, selected, now]);
}

function useRowHeight(): number {
  const is = useSignal(narrow.matches);
  useEffect(() => {
    const change = () => (is.value = narrow.matches);
    narrow.addEventListener("change", change);
    return () => narrow.removeEventListener("change", change);
  }, []);
  return is.value ? 52 : 28;
}

/** Scroll so far that a row can be seen, below the heading. */
function reveal(box: HTMLElement, place: number, height: number): void {
  if (place < 0) return;
  const heading = box.firstElementChild!.clientHeight;
  const top = place * height;
  if (top < box.scrollTop) box.scrollTop = top;
  else if (top + height + heading > box.scrollTop + box.clientHeight) box.scrollTop = top + height + heading - box.clientHeight;
}

function Heading({ now }: { now: number }) {
  return (
    <div class="heading" role="row" aria-rowindex={1}>
      <span role="columnheader">Phase / agent</span>
      <span role="columnheader">Doing now</span>
      <span role="columnheader" class="number">Quiet</span>
      <span role="columnheader" class="number">Tokens</span>
      <span role="columnheader" class="number">Cost</span>
      <span role="columnheader" class="axis">
        <span class="hidden">Timeline</span>
        {[0, 0.25, 0.5, 0.75].map((part) => (
          <span key={part} aria-hidden="true" style={{ left: `${part * 100}%` }}>{span(now > 40 ? Math.round(now * part) : now * part)}</span>
        ))}
      </span>
    </div>
  );
}

function PhaseCells({ phase, over, number, open, now }: { phase: Phase; over: boolean; number: number; open: boolean; now: number }) {
  const counts = phase.counts;
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const said = standings(counts, over).filter(([state]) => state !== "done");
  const ended = (counts.running ?? 0) + (counts.waiting ?? 0) + (counts.queued ?? 0) === 0;
  return (
    <>
      <span role="gridcell" class="name">
        <Fold open={open} />
        <span class="dim">{number}</span> <Said text={titleOf(phase)} />
      </span>
      <span role="gridcell" class="doing">
        {counts.done ?? 0}/{all}
        {said.map(([state, count]) => <span key={state} class={`is-${state}`}> · {count} {state}</span>)}
      </span>
      <span role="gridcell" class="number quiet-for" />
      <span role="gridcell" class="number">{phase.tokens ? tokens(phase.tokens) : ""}</span>
      <span role="gridcell" class="number">{usd(phase.usd)}</span>
      <span role="gridcell" class="line">
        {phase.started_at !== null && (
          <Bar kind="phase" from={phase.started_at} until={ended ? phase.ended_at ?? now : now} now={now} />
        )}
        <span class="hidden">{phase.started_at === null ? "not begun" : `from ${span(phase.started_at)}`}</span>
      </span>
    </>
  );
}

function Fold({ open, act }: { open: boolean; act?: () => void }) {
  return <span class="fold" aria-hidden="true" onClick={act && ((event) => (event.stopPropagation(), act()))}>{open ? "▾" : "▸"}</span>;
}

function AgentCells({ agents, row, now, fold }: { agents: Agents; row: Row & { kind: "agent" }; now: number; fold: (key: string) => void }) {
  const { at, depth, open } = row;
  const of = agents.of;
  const state = of.reused[at] ? "reused" : agents.stands(at);
  const queued = of.queued_at[at]!;
  const started = agents.startedAt(at);
  const ended = agents.endedAt(at);
  const quiet = agents.quiet(at, now);
  return (
    <>
      <span role="gridcell" class="name">
        <span class="indent" style={{ marginLeft: `${Math.min(depth, DEEPEST) * 16}px` }} />
        {open !== null && <Fold open={open} act={() => fold(row.key)} />}
        <Said text={of.label[at]!} />
      </span>
      <span role="gridcell" class="doing">
        <State of={state} word={word(agents, at)} />
        {of.doing[at] && !agents.over && <span class="dim"> <Said text={of.doing[at]!} /></span>}
      </span>
      <span role="gridcell" class={`number quiet-for ${quiet !== null && quiet > QUIET_S && state === "running" ? "is-waiting" : ""}`}>
        {quiet !== null && state !== "queued" ? span(Math.floor(quiet)) : ""}
      </span>
      <span role="gridcell" class="number">{of.tokens[at] ? tokens(of.tokens[at]!) : ""}</span>
      <span role="gridcell" class="number">{of.usd[at] ? usd(of.usd[at]) : ""}</span>
      <span role="gridcell" class="line">
        <Bar kind="wait" from={queued} until={started ?? ended ?? now} now={now} />
        {started !== null && <Bar kind={state} from={started} until={ended ?? now} now={now} />}
        <span class="hidden">{started === null ? "not begun" : `${span((ended ?? now) - started)} from ${span(started)}`}</span>
      </span>
    </>
  );
}

function word(agents: Agents, at: number): string {
  if (agents.of.reused[at]) return "from before";
  const cause = agents.of.cause[at];
  return cause ? `lost: ${cause}` : agents.stands(at);
}

function Bar({ kind, from, until, now }: { kind: string; from: number; until: number; now: number }) {
  const part = (seconds: number) => `${(Math.min(1, Math.max(0, seconds / now)) * 100).toFixed(2)}%`;
  return <span class={`span on-${kind}`} style={{ left: part(from), width: part(until - from) }} />;
}

/** What of a run's agents is where, in words. */
export function Census({ head }: { head: Head }) {
  const said = standings(head.counts, head.outcome !== "running");
  return (
    <span class="census">
      {many(head.numbers.agents ?? 0, "agent")}
      {said.map(([state, count]) => <span key={state}> · <span class={`is-${state}`}>{count.toLocaleString("en")} {state}</span></span>)}
      {head.numbers.reused ? ` · ${head.numbers.reused} from before` : ""}
    </span>
  );
}
