// The agents of a run in columns, as they are sent: 20,000 of them cost little to keep, to change and to go through.

export type Standing = "queued" | "running" | "waiting" | "done" | "lost" | "cancelled" | "unfinished";

export interface Columns {
  id: number[];
  label: string[];
  asked_by: (number | null)[];
  phase: number[];
  state: Standing[];
  cause: (string | null)[];
  reused: number[];
  doing: (string | null)[];
  line: (number | null)[];
  workflow: (string | null)[];
  model: (string | null)[];
  queued_at: number[];
  waited: (number | null)[];
  took: (number | null)[];
  heard_at: number[];
  tokens: number[];
  usd: number[];
}

const NAMES: (keyof Columns)[] = [
  "id", "label", "asked_by", "phase", "state", "cause", "reused", "doing", "line", "workflow", "model", "queued_at",
  "waited", "took", "heard_at", "tokens", "usd",
];

export class Agents {
  readonly of: Columns = Object.fromEntries(NAMES.map((name) => [name, []])) as unknown as Columns;
  /** How often each has changed; where that is as before, so is everything else about it. */
  readonly changes: number[] = [];
  private readonly places = new Map<number, number>();
  /** Whether the run is over: who has not ended by then does nothing any more. */
  over = false;

  get size(): number {
    return this.of.id.length;
  }

  /** Return at which place of the columns an agent stands. */
  placeOf(id: number): number | undefined {
    return this.places.get(id);
  }

  /** Take rows in: they take the place of those with the same number, or are new. Numbers are sent as differences. */
  take(rows: Columns): void {
    let id = 0;
    for (let row = 0; row < rows.id.length; row++) {
      id += rows.id[row]!;
      let at = this.places.get(id);
      if (at === undefined) {
        at = this.size;
        this.places.set(id, at);
      }
      this.changes[at] = (this.changes[at] ?? 0) + 1;
      for (const name of NAMES) (this.of[name] as unknown[])[at] = name === "id" ? id : rows[name][row];
    }
  }

  /** Return where the agent stands that has asked one; nothing of one that the harness has asked. */
  askerOf(at: number): number | undefined {
    const asker = this.of.asked_by[at];
    return asker == null ? undefined : this.places.get(asker);
  }

  /** How one stands; what it did when the run ended is not what it does. */
  stands(at: number): Standing {
    const state = this.of.state[at]!;
    return this.over && !isOver(state) ? "unfinished" : state;
  }

  /** When one was given its turn, in seconds of the run; nothing of one that waits for it. */
  startedAt(at: number): number | null {
    const waited = this.of.waited[at];
    return waited == null ? null : this.of.queued_at[at]! + waited;
  }

  /** When one has ended; one that the end of the run has cut off, when it was last heard of. */
  endedAt(at: number): number | null {
    const took = this.of.took[at];
    const started = this.startedAt(at);
    if (started !== null && took != null) return started + took;
    if (this.stands(at) === "unfinished") return Math.max(started ?? this.of.queued_at[at]!, this.of.heard_at[at]!);
    return isOver(this.of.state[at]!) ? started ?? this.of.queued_at[at]! : null;
  }

  /** How long nothing was heard of one that has not ended. */
  quiet(at: number, now: number): number | null {
    return this.over || isOver(this.of.state[at]!) ? null : Math.max(0, now - this.of.heard_at[at]!);
  }
}

/** How many stand how, where the run is over or goes on. */
export function standings(counts: Record<string, number>, over: boolean): [Standing, number][] {
  const going = (["running", "waiting", "queued"] as const).map((state) => [state, counts[state] ?? 0] as [Standing, number]);
  const rest: [Standing, number] = ["unfinished", going.reduce((sum, [, count]) => sum + count, 0)];
  const ended = (["done", "lost", "cancelled"] as const).map((state) => [state, counts[state] ?? 0] as [Standing, number]);
  return [...(over ? [rest] : going), ...ended].filter(([, count]) => count > 0);
}

export function isOver(state: Standing): boolean {
  return state === "done" || state === "lost" || state === "cancelled";
}
