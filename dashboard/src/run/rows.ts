// Which rows the tree of a run has: phases, and their agents as they were filtered, put in order and folded.
import { isOver, type Agents } from "../agents";
import type { Head, Phase } from "../watch";

export type Row = { kind: "phase"; phase: number } | { kind: "agent"; at: number };

export interface View {
  text: string;
  filter: Filter;
  sort: Sort;
  folded: ReadonlySet<number>;
}

export const FILTERS = ["", "going", "problem", "lost", "done", "reused"] as const;
export type Filter = (typeof FILTERS)[number];

export const SORTS = ["", "cost", "quiet", "time"] as const;
export type Sort = (typeof SORTS)[number];

/** How long nothing is heard of an agent before that counts as a problem. */
export const QUIET_S = 60;

export function rowsOf(agents: Agents, head: Head, view: View, now: number): Row[] {
  const groups: number[][] = head.phases.map(() => []);
  const words = view.text.toLowerCase();
  for (let at = 0; at < agents.size; at++) if (fits(agents, at, view.filter, words, now)) groups[agents.of.phase[at]!]!.push(at);
  const rows: Row[] = [];
  const chosen = view.filter !== "" || words !== "";
  groups.forEach((group, phase) => {
    if (chosen && group.length === 0) return;
    rows.push({ kind: "phase", phase });
    if (view.folded.has(phase)) return;
    for (const at of sorted(agents, group, view.sort, now)) rows.push({ kind: "agent", at });
  });
  return rows;
}

function fits(agents: Agents, at: number, filter: Filter, words: string, now: number): boolean {
  const { state, label, reused, doing } = agents.of;
  if (words && !label[at]!.toLowerCase().includes(words) && !doing[at]?.toLowerCase().includes(words)) return false;
  switch (filter) {
    case "":
      return true;
    case "going":
      return !isOver(state[at]!);
    case "problem":
      return isProblem(agents, at, now);
    case "reused":
      return reused[at] === 1;
    default:
      return state[at] === filter;
  }
}

/** Whether an agent is one to look at: it was lost, waits for somebody, or nothing was heard of it for long. */
export function isProblem(agents: Agents, at: number, now: number): boolean {
  const state = agents.of.state[at]!;
  if (state === "lost" || state === "waiting") return true;
  return state === "running" && (agents.quiet(at, now) ?? 0) > QUIET_S;
}

function sorted(agents: Agents, group: number[], sort: Sort, now: number): number[] {
  if (sort === "") return group;
  const by: Record<Exclude<Sort, "">, (at: number) => number> = {
    cost: (at) => agents.of.usd[at]!,
    quiet: (at) => agents.quiet(at, now) ?? -1,
    time: (at) => (agents.endedAt(at) ?? now) - (agents.startedAt(at) ?? now),
  };
  const value = by[sort];
  return group.sort((one, other) => value(other) - value(one));
}

/** What a phase is called; one within saved harnesses, after them. */
export function titleOf(phase: Phase): string {
  return [...phase.within, phase.title ?? (phase.within.length ? "" : "Before any phase")].filter(Boolean).join(" › ");
}

export function keyOf(row: Row, agents: Agents): string {
  return row.kind === "phase" ? `p${row.phase}` : String(agents.of.id[row.at]);
}
