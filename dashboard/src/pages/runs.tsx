// The list of runs: those that go on first. It is streamed, so that runs that begin appear, and states and costs move.
import { signal, useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { get, type Problem } from "../api";
import { place, go, say, to } from "../place";
import { Away, Trouble, problemOf, projects, useTitle } from "../shared";
import { Stream } from "../stream";
import { Said, State, many, moment, span, tokens, usd } from "../text";
import { Unstarted } from "./inbox";

interface Row {
  project: string;
  cursor: string;
  run: string;
  problem?: string;
  name: string;
  task: string;
  outcome: string;
  health: string;
  spent: { usd: number; input_tokens: number; output_tokens: number };
  counts: Record<string, number>;
  numbers: Record<string, number>;
  started_at: string;
  wall_s: number;
  budget_usd: number | null;
  budget_tokens: number | null;
  needs_you: number;
}

/** A page of the list that is looked at; `close` ends that. */
class List {
  readonly rows = signal<Row[] | null>(null);
  readonly next = signal<string | null>(null);
  readonly problem = signal<Problem | null>(null);
  readonly stream: Stream;
  private known = new Map<string, Row>();

  constructor(private readonly words: Record<string, string>) {
    const query = new URLSearchParams(Object.entries(words).filter(([, value]) => value !== ""));
    this.stream = new Stream({
      at: () => `runs/stream?${query}`,
      change: (change) => this.take(change),
      anew: () => void this.anew(),
      problem: (problem) => (this.problem.value = problem),
    });
    this.stream.open();
  }

  private take({ runs, order, next }: { runs: Row[]; order: string[]; next: string | null }): void {
    for (const row of runs) this.known.set(row.cursor, row);
    this.known = new Map(order.map((cursor) => [cursor, this.known.get(cursor)!]));
    this.rows.value = [...this.known.values()];
    this.next.value = next;
    this.problem.value = null;
  }

  /** Ask why there is no stream; where nothing is wrong any more, open it again. */
  private async anew(): Promise<void> {
    try {
      await get("runs", { ...this.words, limit: 1 });
      this.stream.open();
    } catch (error) {
      const problem = problemOf(error);
      if (problem.type === "Unreachable") return this.stream.again();
      this.problem.value = problem;
      this.stream.fail();
    }
  }
}

export function RunsPage() {
  const query = place.value.query;
  const words = Object.fromEntries(["text", "outcome", "health", "project", "after"].map((name) => [name, query.get(name) ?? ""]));
  const list = useMemo(() => new List(words), [JSON.stringify(words)]);
  useEffect(() => () => list.stream.close(), [list]);
  const latest = useRef<Row[] | null>(null); // those of before stay until the new ones are there
  const rows = (latest.current = list.rows.value ?? latest.current);
  const chosen = useSignal<Row[]>([]);
  useTitle("Runs");
  const choose = (row: Row) => {
    const without = chosen.value.filter((one) => one.cursor !== row.cursor && one.project === row.project);
    chosen.value = isChosen(row) ? without : [...without.slice(-1), row];
  };
  const isChosen = (row: Row) => chosen.value.some((one) => one.cursor === row.cursor);
  const [a, b] = [...chosen.value].sort((one, other) => (one.run < other.run ? -1 : 1));
  return (
    <div class="page">
      <div class="bar">
        <h1>Runs</h1>
        <Filters words={words} />
        <span class="grow" />
        <button disabled={!a || !b} onClick={() => go(to("diff", a!.project, a!.run, b!.run))}>Compare two</button>
      </div>
      <Away line={list.stream.line} />
      {list.problem.value && <Trouble problem={list.problem.value} />}
      <Unstarted />
      {rows && <Table rows={rows} isChosen={isChosen} choose={choose} />}
      {rows?.length === 0 && <p class="empty">{query.size ? "No run is like that." : "There are no runs yet. Begin with “New task”, or in a terminal with: weft run"}</p>}
      <div class="bar">
        {words.after && <button onClick={() => say({ after: "" })}>Latest</button>}
        {list.next.value && <button onClick={() => say({ after: list.next.value! })}>Earlier</button>}
      </div>
    </div>
  );
}

function Filters({ words }: { words: Record<string, string> }) {
  const set = (name: string) => (event: { currentTarget: HTMLInputElement | HTMLSelectElement }) =>
    say({ [name]: event.currentTarget.value, after: "" });
  const choice = (name: string, all: string, values: string[]) => (
    <select aria-label={all} value={words[name]} onChange={set(name)}>
      <option value="">{all}</option>
      {values.map((value) => <option key={value}>{value}</option>)}
    </select>
  );
  return (
    <div class="filters" role="search">
      <input type="search" aria-label="Name, task or run" placeholder="Name, task or run" value={words.text} onInput={set("text")} />
      {choice("outcome", "Any outcome", ["running", "completed", "paused", "error", "killed"])}
      {choice("health", "Any health", ["clean", "degraded"])}
      {projects.value.length > 1 && choice("project", "All projects", projects.value.map((one) => one.name))}
    </div>
  );
}

function Table({ rows, isChosen, choose }: { rows: Row[]; isChosen: (row: Row) => boolean; choose: (row: Row) => void }) {
  return (
    <div class="scroll">
      <table class="runs">
        <thead>
          <tr>
            <th><span class="hidden">Compare</span></th><th>Run</th><th>Outcome</th><th>Health</th>
            <th class="number">Cost</th><th class="number">Agents</th><th class="number wide">Findings</th>
            <th class="number wide">Started</th><th class="number">Time</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.cursor} class={row.outcome === "running" ? "live" : ""}>
              <td>{!row.problem && <input type="checkbox" aria-label={`Compare ${row.run}`} checked={isChosen(row)} onChange={() => choose(row)} />}</td>
              {row.problem ? <Broken row={row} /> : <Cells row={row} />}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Broken({ row }: { row: Row }) {
  return <td colSpan={8}><Said text={row.run} /> <span class="is-lost">cannot be read: <Said text={row.problem!} /></span></td>;
}

function Cells({ row }: { row: Row }) {
  const counts = row.counts;
  const all = row.numbers.agents ?? 0;
  const spent = row.budget_usd === null && row.budget_tokens !== null
    ? `${tokens(row.spent.input_tokens + row.spent.output_tokens)} of ${tokens(row.budget_tokens)}`
    : `${usd(row.spent.usd)}${row.budget_usd === null ? "" : ` of ${usd(row.budget_usd)}`}`;
  const goesOn = row.outcome === "running";
  const time = goesOn ? Math.max(row.wall_s, 0) : row.wall_s;
  return (
    <>
      <td class="named">
        <a href={to("r", row.project, row.run)}><Said text={row.name} /></a>
        {row.needs_you > 0 && <span class="tag needs">◆ needs you</span>}
        <span class="task"><Said text={row.task} /></span>
      </td>
      <td><State of={row.outcome} /></td>
      <td><State of={row.health} /></td>
      <td class="number">{spent}</td>
      <td class="number">{counts.done ?? 0}/{all}<span class="in-words"> {all === 1 ? "agent" : "agents"}</span>{counts.lost ? <span class="is-lost"> {many(counts.lost, "lost", "lost")}</span> : null}</td>
      <td class="number wide">{row.numbers.findings || "–"}</td>
      <td class="number wide">{moment(row.started_at)}</td>
      <td class="number"><span class="in-words">took </span>{span(time)}</td>
    </>
  );
}
