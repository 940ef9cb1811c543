// Which rows the tree of a run has: phases, and their agents, each below the one that has asked it. As they are called
// they are put in where they belong; only a view that chooses or sorts is made anew, for which once a second will do.
import { isOver, type Agents } from "../agents";
import type { Head, Phase } from "../watch";

export type Row =
  | { kind: "phase"; key: string; phase: number; open: boolean }
  | { kind: "agent"; key: string; at: number; depth: number; open: boolean | null };

export interface View {
  text: string;
  filter: Filter;
  /** The line that has called them, where only those are shown; `of` is the saved harness that it is of. */
  line: number | null;
  of: string | null;
  sort: Sort;
  /** The keys of rows below which nothing is shown. */
  folded: ReadonlySet<string>;
}

export const FILTERS = ["", "going", "problem", "lost", "done", "reused"] as const;
export type Filter = (typeof FILTERS)[number];

export const SORTS = ["", "cost", "quiet", "time"] as const;
export type Sort = (typeof SORTS)[number];

/** How long nothing is heard of an agent before that counts as a problem. */
export const QUIET_S = 60;

/** Whether a view has all agents, in the order of their calls. */
export function isPlain(view: View): boolean {
  return !isChosen(view) && view.sort === "";
}

function isChosen(view: View): boolean {
  return view.text !== "" || view.filter !== "" || view.line !== null;
}

export class Rows {
  size = 0;
  /** Of each phase the agents that have a row, in the order of their rows. */
  private readonly groups: number[][] = [];
  /** At which row each phase begins; nothing of one that has none. */
  private begins: (number | undefined)[] = [];
  /** Of each agent those that it has asked and that are chosen. */
  private readonly below = new Map<number, number[]>();
  private readonly chosen: Set<number> | null;
  private taken = 0;

  constructor(private readonly agents: Agents, private readonly view: View, head: Head, now: number) {
    this.chosen = isChosen(view) ? chosenOf(agents, view, now) : null;
    const tops: number[][] = head.phases.map(() => []);
    for (; this.taken < agents.size; this.taken++) {
      if (this.chosen !== null && !this.chosen.has(this.taken)) continue;
      const above = this.above(this.taken);
      if (above === undefined) tops[agents.of.phase[this.taken]!]!.push(this.taken);
      else this.under(above, this.taken);
    }
    const sort = sorting(agents, view.sort, now);
    for (const top of tops) {
      const group: number[] = [];
      this.lay(sort(top), group, sort);
      this.groups.push(group);
    }
    this.measure();
  }

  /** Put in the agents that were called since, where the view has all of them. */
  grow(head: Head): this {
    if (!isPlain(this.view)) return this;
    while (this.groups.length < head.phases.length) this.groups.push([]);
    for (; this.taken < this.agents.size; this.taken++) this.put(this.taken);
    this.measure();
    return this;
  }

  at(index: number): Row | undefined {
    return this.slice(index, 1)[0];
  }

  slice(first: number, most: number): Row[] {
    const rows: Row[] = [];
    this.begins.forEach((begin, phase) => {
      if (begin === undefined || begin >= first + most) return;
      const key = `p${phase}`;
      const open = !this.view.folded.has(key);
      if (begin >= first) rows.push({ kind: "phase", key, phase, open });
      if (!open) return;
      const from = Math.max(0, first - begin - 1);
      for (const at of this.groups[phase]!.slice(from, Math.max(0, first + most - begin - 1))) rows.push(this.rowOf(at));
    });
    return rows;
  }

  /** Return at which row a key is; -1 where it has none. */
  placeOf(key: string): number {
    if (key.startsWith("p")) return this.begins[Number(key.slice(1))] ?? -1;
    const at = this.agents.placeOf(Number(key));
    if (at === undefined) return -1;
    const phase = this.agents.of.phase[this.ways(at).at(-1) ?? at]!;
    const begin = this.begins[phase];
    const place = this.groups[phase]!.indexOf(at);
    return begin === undefined || place < 0 || this.view.folded.has(`p${phase}`) ? -1 : begin + 1 + place;
  }

  /** Return the key of what a row is in: the agent that has asked it, or its phase. */
  around(at: number): string {
    const above = this.above(at);
    return above === undefined ? `p${this.agents.of.phase[at]!}` : this.keyOf(above);
  }

  private rowOf(at: number): Row {
    const key = this.keyOf(at);
    const open = this.below.has(at) ? !this.view.folded.has(key) : null;
    return { kind: "agent", key, at, depth: this.ways(at).length, open };
  }

  private keyOf(at: number): string {
    return String(this.agents.of.id[at]);
  }

  /** Return the agent below which one stands: the nearest one of those above it that is chosen. */
  private above(at: number): number | undefined {
    let above = this.agents.askerOf(at);
    while (above !== undefined && this.chosen !== null && !this.chosen.has(above)) above = this.agents.askerOf(above);
    return above;
  }

  /** Return the agents above one, the nearest first. */
  private ways(at: number): number[] {
    const ways: number[] = [];
    for (let above = this.above(at); above !== undefined; above = this.above(above)) ways.push(above);
    return ways;
  }

  private lay(ones: number[], group: number[], sort: (ones: number[]) => number[]): void {
    for (const at of ones) {
      group.push(at);
      const below = this.below.get(at);
      if (below !== undefined && !this.view.folded.has(this.keyOf(at))) this.lay(sort(below), group, sort);
    }
  }

  private put(at: number): void {
    const ways = this.ways(at);
    const group = this.groups[this.agents.of.phase[ways.at(-1) ?? at]!]!;
    const above = ways[0];
    if (above === undefined) return void group.push(at);
    const last = this.lastBelow(above);
    this.under(above, at);
    if (ways.some((one) => this.view.folded.has(this.keyOf(one)))) return;
    group.splice(group.lastIndexOf(last) + 1, 0, at);
  }

  private under(above: number, at: number): void {
    const siblings = this.below.get(above);
    if (siblings === undefined) this.below.set(above, [at]);
    else siblings.push(at);
  }

  /** Return the agent whose row is the last one below this one, or its own. */
  private lastBelow(at: number): number {
    const below = this.view.folded.has(this.keyOf(at)) ? undefined : this.below.get(at);
    return below === undefined ? at : this.lastBelow(below.at(-1)!);
  }

  private measure(): void {
    this.size = 0;
    this.begins = this.groups.map((group, phase) => {
      if (this.chosen !== null && group.length === 0) return undefined;
      const begin = this.size;
      this.size += 1 + (this.view.folded.has(`p${phase}`) ? 0 : group.length);
      return begin;
    });
  }
}

function chosenOf(agents: Agents, view: View, now: number): Set<number> {
  const chosen = new Set<number>();
  const words = view.text.toLowerCase();
  for (let at = 0; at < agents.size; at++) if (fits(agents, at, view, words, now)) chosen.add(at);
  return chosen;
}

function fits(agents: Agents, at: number, { filter, line, of }: View, words: string, now: number): boolean {
  const { label, reused, doing, line: lines, workflow } = agents.of;
  if (line !== null && (lines[at] !== line || (workflow[at] ?? null) !== of)) return false;
  if (words && !label[at]!.toLowerCase().includes(words) && !doing[at]?.toLowerCase().includes(words)) return false;
  switch (filter) {
    case "":
      return true;
    case "going":
      return !isOver(agents.stands(at));
    case "problem":
      return isProblem(agents, at, now);
    case "reused":
      return reused[at] === 1;
    default:
      return agents.stands(at) === filter;
  }
}

/** Whether an agent is one to look at: it was lost, waits for somebody, or nothing was heard of it for long. */
export function isProblem(agents: Agents, at: number, now: number): boolean {
  const state = agents.stands(at);
  if (state === "lost" || state === "waiting") return true;
  return state === "running" && (agents.quiet(at, now) ?? 0) > QUIET_S;
}

function sorting(agents: Agents, sort: Sort, now: number): (ones: number[]) => number[] {
  if (sort === "") return (ones) => ones;
  const by: Record<Exclude<Sort, "">, (at: number) => number> = {
    cost: (at) => agents.of.usd[at]!,
    quiet: (at) => agents.quiet(at, now) ?? -1,
    time: (at) => (agents.endedAt(at) ?? now) - (agents.startedAt(at) ?? now),
  };
  const value = by[sort];
  return (ones) => ones.sort((one, other) => value(other) - value(one));
}

/** What a phase is called; one within saved harnesses, after them. */
export function titleOf(phase: Phase): string {
  return [...phase.within, phase.title ?? (phase.within.length ? "" : "Before any phase")].filter(Boolean).join(" › ");
}
