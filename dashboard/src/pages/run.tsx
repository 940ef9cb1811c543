// The page of one run: how it stands, what it spends, its agents, and beside them what one may want to know or do.
import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { useKeys, type Key } from "../keys";
import { go, place, say, to } from "../place";
import { Away, Notice, Trouble, noted, readOnly, useTitle } from "../shared";
import { Said, State, many, moment, span } from "../text";
import { clock, Watch, type Head } from "../watch";
import { Budget } from "../run/budget";
import { Inspector } from "../run/inspector";
import { FILTERS, SORTS, Rows, isPlain, isProblem, type Filter, type Row, type Sort, type View } from "../run/rows";
import { NeedsYou } from "../run/needs";
import { Search, find } from "../run/search";
import { Side } from "../run/side";
import { Ask, Steering, pauseOrContinue, retry, type Asking } from "../run/steer";
import { Census, Tree } from "../run/tree";

export function RunPage({ project, run, open }: { project: string; run: string; open: string | null }) {
  const watch = useMemo(() => new Watch(project, run), []);
  useEffect(() => () => watch.close(), []);
  const head = watch.head.value;
  useTitle(head?.name ?? run);
  const problem = watch.problem.value;
  if (head === null) return problem ? <Trouble problem={problem} /> : <p class="empty">Reading the journal …</p>;
  return (
    <>
      {problem && <Trouble problem={problem} />}
      <Away line={watch.line} />
      <Whole watch={watch} head={head} open={open} />
    </>
  );
}

function viewOf(query: URLSearchParams): View {
  const one = <T extends string>(name: string, of: readonly T[]) => of.find((value) => value === query.get(name)) ?? of[0]!;
  const folded = (query.get("folded") ?? "").split(",").filter(Boolean);
  const line = query.has("line") ? Number(query.get("line")) : null;
  return { text: query.get("text") ?? "", filter: one<Filter>("filter", FILTERS), line, of: query.get("of"), sort: one<Sort>("sort", SORTS), folded: new Set(folded) };
}

function Whole({ watch, head, open }: { watch: Watch; head: Head; open: string | null }) {
  const asking = useSignal<Asking | null>(null);
  const cursor = useSignal(open ?? "p0");
  const search = useRef<HTMLInputElement>(null);
  const view = viewOf(place.value.query);
  void watch.version.value;
  const second = isPlain(view) ? 0 : clock.value;
  const words = `${view.text}\n${view.filter}\n${view.line}\n${view.of}\n${view.sort}\n${[...view.folded]}`;
  const rows = useMemo(() => new Rows(watch.agents, view, head, watch.now()), [watch.agents, words, second]).grow(head);
  const at = open === null ? undefined : watch.agents.placeOf(Number(open));

  const show = (id: string | null) => {
    go(to("r", watch.project, watch.run, ...(id === null ? [] : ["a", id])) + place.value.words, { replace: open !== null && id !== null });
  };
  const pick = (row: Row) => {
    cursor.value = row.key;
    if (row.kind === "agent") show(cursor.value);
  };
  const fold = (key: string) => {
    const folded = new Set(view.folded);
    if (!folded.delete(key)) folded.add(key);
    cursor.value = key;
    say({ folded: [...folded].join(",") });
  };
  const acts = { watch, rows, view, cursor, show, fold, pick, search, ask: (one: Asking) => (asking.value = one), open };
  useRunKeys(acts);
  return (
    <div class="run">
      <Heading watch={watch} head={head} ask={acts.ask} />
      <Notice of={`${head.outcome} ${head.execution}`} />
      <Budget watch={watch} head={head} />
      <div class="columns">
        <section class="agents" aria-label="Agents">
          <Bar watch={watch} head={head} view={view} search={search} />
          <Tree watch={watch} rows={rows} cursor={cursor.value} pick={pick} fold={fold} />
        </section>
        <aside class="side" aria-label="About the run">
          <NeedsYou watch={watch} head={head} ask={acts.ask} />
          {open !== null && at !== undefined && <Inspector key={open} watch={watch} at={at} close={() => show(null)} ask={acts.ask} />}
          {open !== null && at === undefined && <p class="empty">There is no agent <Said text={open} />.</p>}
          <Side watch={watch} head={head} />
        </aside>
      </div>
      {place.value.query.has("find") && <Search watch={watch} />}
      {asking.value && <Ask asking={asking.value} watch={watch} done={() => (asking.value = null)} />}
    </div>
  );
}

function Heading({ watch, head, ask }: { watch: Watch; head: Head; ask: (asking: Asking) => void }) {
  void clock.value;
  const going = head.outcome === "running";
  const lost = head.numbers.lost ?? 0;
  const waits = head.questions.length + (head.suspended ? 1 : 0);
  const time = going ? head.wall_s + Math.max(0, watch.now() - head.at) : head.wall_s;
  return (
    <header class="heading-of-run">
      <div>
        <h1><Said text={head.name} /></h1>
        <State of={head.suspended && going ? "paused" : head.outcome} />
        <State of={head.health} />
        <span role="status">
          {lost > 0 && <span class="tag lost">{many(lost, "loss", "losses")}</span>}
          {going && waits > 0 && <a class="tag needs" href="#needs">◆ {many(waits, "thing")} for you</a>}
        </span>
      </div>
      <p class="task"><Said text={head.task.split("\n\n")[0]!} most={240} /></p>
      <p class="dim">
        <span>{span(Math.floor(time))}</span> · began {moment(head.started_at)} · <Said text={head.run} />
        {head.execution > 1 && ` · execution ${head.execution}`} · <a href={to("r", watch.project, watch.run, "script")}>Script</a> · <a href={to("r", watch.project, watch.run, "analyse")}>Analyse</a>
      </p>
      <Steering watch={watch} head={head} ask={ask} />
    </header>
  );
}

const FILTER_WORDS: Record<Filter, string> = { "": "All agents", going: "Not ended", problem: "Problems", lost: "Lost", done: "Done", reused: "From before" };
const SORT_WORDS: Record<Sort, string> = { "": "In order of calls", cost: "Dearest first", quiet: "Quietest first", time: "Longest first" };

function Bar({ watch, head, view, search }: { watch: Watch; head: Head; view: View; search: { current: HTMLInputElement | null } }) {
  return (
    <div class="bar">
      <input ref={search} type="search" aria-label="Search agents" placeholder="Agents by label" value={view.text} onInput={(event) => say({ text: event.currentTarget.value })} />
      <select aria-label="Which agents" value={view.filter} onChange={(event) => say({ filter: event.currentTarget.value })}>
        {FILTERS.map((one) => <option key={one} value={one}>{FILTER_WORDS[one]}</option>)}
      </select>
      <select aria-label="Order of agents" value={view.sort} onChange={(event) => say({ sort: event.currentTarget.value })}>
        {SORTS.map((one) => <option key={one} value={one}>{SORT_WORDS[one]}</option>)}
      </select>
      <button onClick={() => find("")} aria-keyshortcuts="/">Search all <kbd>/</kbd></button>
      {view.line !== null && (
        <span class="tag chosen">
          <a href={`${to("r", watch.project, watch.run, "script")}?line=${view.line}`}>line {view.line}{view.of !== null && <> of <Said text={view.of} /></>}</a>
          <button class="quiet" aria-label="All lines" onClick={() => say({ line: "", of: "" })}>×</button>
        </span>
      )}
      <span class="grow" />
      <Census head={head} />
    </div>
  );
}

// ------------------------------------------------------------------------------------------------ keys

interface Acts {
  watch: Watch;
  rows: Rows;
  view: View;
  cursor: { value: string };
  open: string | null;
  show: (id: string | null) => void;
  fold: (key: string) => void;
  pick: (row: Row) => void;
  search: { current: HTMLInputElement | null };
  ask: (asking: Asking) => void;
}

function useRunKeys(acts: Acts): void {
  const latest = useRef(acts);
  latest.current = acts;
  useKeys(useMemo(() => keysOf(() => latest.current), []));
}

function keysOf(now: () => Acts): Key[] {
  const steered = (act: (watch: Watch) => void) => () => act(now().watch);
  return [
    { keys: ["j", "ArrowDown"], does: "next row", act: () => move(now(), 1) },
    { keys: ["k", "ArrowUp"], does: "row before", act: () => move(now(), -1) },
    { keys: ["PageDown"], does: "twenty rows down", act: () => move(now(), 20) },
    { keys: ["PageUp"], does: "twenty rows up", act: () => move(now(), -20) },
    { keys: ["Home"], does: "first row", act: () => move(now(), -Infinity) },
    { keys: ["End"], does: "last row", act: () => move(now(), Infinity) },
    { keys: ["ArrowLeft"], does: "fold the row, or what it is in", act: () => setFold(now(), true) },
    { keys: ["ArrowRight"], does: "unfold the row", act: () => setFold(now(), false) },
    { keys: ["Enter"], does: "open the agent, or fold the phase", act: () => enter(now()) },
    { keys: ["Escape"], does: "back", act: () => back(now()) },
    { keys: ["/"], does: "search all that was said", act: () => find("") },
    { keys: ["l"], does: "search agents by label", act: () => now().search.current?.focus() },
    { keys: ["c"], does: "what was spent, by phase and model", act: () => say({ costs: "1" }) },
    { keys: ["f"], does: "next filter", act: () => nextFilter(now()) },
    { keys: ["n"], does: "next problem", act: () => problem(now(), 1) },
    { keys: ["N"], does: "problem before", act: () => problem(now(), -1) },
    { keys: ["."], does: "the latest agent at work", act: () => latest(now()) },
    { keys: ["a"], does: "answer what waits for you", act: () => document.querySelector<HTMLElement>("#needs button, #needs input")?.focus() },
    { keys: ["p"], does: "pause or continue", act: steered(pauseOrContinue) },
    { keys: ["r"], does: "retry what was lost", act: steered(retry) },
    { keys: ["b"], does: "change the ceiling", act: () => ifSteered(now(), { kind: "budget" }) },
    { keys: ["x"], does: "stop the run", act: () => ifSteered(now(), { kind: "stop", agent: null, label: "" }) },
    { keys: ["y"], does: "copy the link", act: () => void navigator.clipboard?.writeText(location.href).then(() => noted("The link is copied.")) },
    { keys: ["g f"], does: "go to the findings", act: toFindings },
    { keys: ["g s"], does: "go to the script", act: () => go(to("r", now().watch.project, now().watch.run, "script")) },
    { keys: ["g a"], does: "go to the analysis", act: () => go(to("r", now().watch.project, now().watch.run, "analyse")) },
  ];
}

function ifSteered(acts: Acts, asking: Asking): void {
  if (!readOnly.value && acts.watch.head.value!.outcome === "running") acts.ask(asking);
}

function placeOf({ rows, cursor }: Acts): number {
  return rows.placeOf(cursor.value);
}

function move(acts: Acts, by: number): void {
  const row = acts.rows.at(Math.min(acts.rows.size - 1, Math.max(0, placeOf(acts) + by)));
  if (row === undefined) return;
  acts.cursor.value = row.key;
  if (acts.open !== null && row.kind === "agent") acts.show(acts.cursor.value);
}

function setFold(acts: Acts, folded: boolean): void {
  const row = acts.rows.at(placeOf(acts));
  if (row === undefined) return;
  if (row.open === folded) acts.fold(row.key);
  else if (folded && row.kind === "agent") acts.fold(acts.rows.around(row.at));
}

function enter(acts: Acts): void {
  const row = acts.rows.at(placeOf(acts));
  if (row === undefined) return;
  if (row.kind === "phase") acts.fold(row.key);
  else acts.pick(row);
}

function back(acts: Acts): void {
  const focused = document.activeElement;
  if (focused instanceof HTMLElement && focused.closest("input, select")) focused.blur();
  else if (acts.open !== null) acts.show(null);
  else if (acts.view.text || acts.view.filter || acts.view.line !== null) say({ text: "", filter: "", line: "", of: "" });
}

function latest(acts: Acts): void {
  for (let at = acts.rows.size - 1; at >= 0; at--) {
    const row = acts.rows.at(at)!;
    if (row.kind === "agent" && acts.watch.agents.of.state[row.at] === "running") return move(acts, at - placeOf(acts));
  }
}

function toFindings(): void {
  const panel = document.querySelector<HTMLElement>('section[aria-label="Findings"]');
  if (panel === null) return;
  panel.tabIndex = -1;
  panel.focus();
}

function nextFilter({ view }: Acts): void {
  say({ filter: FILTERS[(FILTERS.indexOf(view.filter) + 1) % FILTERS.length]! });
}

function problem(acts: Acts, by: number): void {
  const { rows, watch } = acts;
  const now = watch.now();
  for (let step = 1, at = placeOf(acts); step <= rows.size; step++) {
    const row = rows.at((at + by * step + rows.size * 2) % rows.size)!;
    if (row.kind === "agent" && isProblem(watch.agents, row.at, now)) return acts.pick(row);
  }
}
