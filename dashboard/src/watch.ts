// One run as it stands and goes on: its snapshot, what the stream changes in it, and what time it is in it.
import { signal } from "@preact/signals";
import { Agents, type Columns } from "./agents";
import { Failure, get, runAt, streamAt, type Problem } from "./api";

export interface Money {
  usd: number;
  input_tokens: number;
  output_tokens: number;
}

export interface Phase {
  title: string | null;
  within: string[];
  counts: Record<string, number>;
  tokens: number;
  usd: number;
  started_at: number | null;
  ended_at: number | null;
}

export interface Question {
  ask: number;
  question: string;
  choices: string[] | null;
  default: unknown;
  asked_at: number;
  until: number;
}

/** The parts of the head that these pages show; the reference of the API says what each is. */
export interface Head {
  run: string;
  name: string;
  task: string;
  outcome: string;
  health: string;
  error: Problem | null;
  execution: number;
  started_at: string;
  began_at: number;
  wall_s: number;
  at: number;
  settings: Record<string, any>;
  hold: Record<string, { amount: number; percent: boolean }> | null;
  bound: unknown;
  spent: Money;
  settled: Money;
  in_flight: Money;
  unsettled: Money & { requests: number };
  left: { agents: number; seconds: number; usd: number } | null;
  counts: Record<string, number>;
  phases: Phase[];
  models: Record<string, number>;
  suspended: { at: number; detail: string; by: string; reason: string; gate: boolean; until: number | null } | null;
  questions: Question[];
  numbers: Record<string, number>;
}

export type Line = "loading" | "live" | "broken" | "failed";

/** A run that is looked at; `close` ends that. */
export class Watch {
  readonly head = signal<Head | null>(null);
  readonly version = signal(0);
  readonly line = signal<Line>("loading");
  readonly problem = signal<Problem | null>(null);
  agents = new Agents();
  private seq = 0;
  private source: EventSource | null = null;
  private closed = false;

  constructor(readonly project: string, readonly run: string) {
    document.addEventListener("visibilitychange", this.seen);
    void this.begin();
  }

  get at(): string {
    return runAt(this.project, this.run);
  }

  close(): void {
    this.closed = true;
    this.source?.close();
    document.removeEventListener("visibilitychange", this.seen);
  }

  /** What time it is in the run, in seconds from its beginning; one that is over stands still. */
  now(): number {
    const head = this.head.value;
    if (head === null || head.outcome !== "running" || head.settings.virtual_time) return head?.at ?? 0;
    return Math.max(head.at, head.began_at + (Date.now() - Date.parse(head.started_at)) / 1000);
  }

  private async begin(): Promise<void> {
    try {
      const shown = await get<{ seq: number; head: Head; agents: Columns }>(this.at);
      if (this.closed) return;
      this.agents = new Agents();
      this.agents.take(shown.agents);
      this.seq = shown.seq;
      this.head.value = shown.head;
      this.problem.value = null;
      this.version.value++;
      this.listen();
    } catch (error) {
      if (this.closed) return;
      if (!(error instanceof Failure)) throw error;
      this.problem.value = error.problem;
      this.line.value = error.status === 0 ? "broken" : "failed";
      if (error.status === 0) setTimeout(() => this.closed || void this.begin(), 2000);
    }
  }

  private listen(): void {
    if (this.closed || document.hidden) return;
    const source = new EventSource(streamAt(this.project, this.run, this.seq));
    this.source = source;
    source.onopen = () => (this.line.value = "live");
    source.addEventListener("change", (event) => this.take(JSON.parse(event.data)));
    source.addEventListener("resync", () => {
      source.close();
      void this.begin();
    });
    source.addEventListener("problem", (event) => {
      source.close();
      this.problem.value = JSON.parse(event.data).error;
      this.line.value = "failed";
    });
    source.onerror = () => {
      this.line.value = "broken"; // the browser tries again by itself, unless the server answers with something else
      if (source.readyState === EventSource.CLOSED) setTimeout(() => this.closed || void this.begin(), 2000);
    };
  }

  private take(change: { seq: number; head: Partial<Head>; agents: Columns }): void {
    this.seq = change.seq;
    this.agents.take(change.agents);
    this.head.value = { ...this.head.value!, ...change.head };
    this.line.value = "live";
    this.version.value++;
  }

  /** A hidden page holds no connection: a browser has few for each server. */
  private seen = (): void => {
    this.source?.close();
    if (!document.hidden && this.head.value !== null) this.listen();
  };
}

/** Counts seconds, so that what shows a time is drawn again. */
export const clock = signal(Date.now());
setInterval(() => document.hidden || (clock.value = Date.now()), 1000);
