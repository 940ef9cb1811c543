// One run as it stands and goes on: its snapshot, what the stream changes in it, and what time it is in it.
import { signal, type Signal } from "@preact/signals";
import { Agents, type Columns } from "./agents";
import { Failure, get, runAt, type Problem } from "./api";
import { present } from "./file/held";
import { Stream, type Line } from "./stream";

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

/** What holds a run. */
export interface Hold {
  at: number;
  detail: string;
  by: string;
  reason: string;
  gate: boolean;
  until: number | null;
}

/** What time it is in a run that goes on, in seconds from its beginning. */
export function timeIn({ at, began_at, started_at }: { at: number; began_at: number; started_at: string }): number {
  return Math.max(at, began_at + (present() - Date.parse(started_at)) / 1000);
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
  suspended: Hold | null;
  questions: Question[];
  numbers: Record<string, number>;
}

/** A run that is looked at; `close` ends that. */
export class Watch {
  readonly head = signal<Head | null>(null);
  readonly version = signal(0);
  readonly problem = signal<Problem | null>(null);
  agents = new Agents();
  private seq = 0;
  private readonly stream: Stream;

  constructor(readonly project: string, readonly run: string) {
    this.stream = new Stream({
      at: () => (this.head.value === null ? null : `${this.at}/stream?after=${this.seq}`),
      change: (change) => this.take(change),
      anew: () => void this.begin(),
      problem: (problem) => (this.problem.value = problem),
    });
    void this.begin();
  }

  get at(): string {
    return runAt(this.project, this.run);
  }

  get line(): Signal<Line> {
    return this.stream.line;
  }

  close(): void {
    this.stream.close();
  }

  /** What time it is in the run, in seconds from its beginning; one that is over stands still. */
  now(): number {
    const head = this.head.value;
    if (head === null || head.outcome !== "running" || head.settings.virtual_time) return head?.at ?? 0;
    return timeIn(head);
  }

  private async begin(): Promise<void> {
    try {
      const shown = await get<{ seq: number; head: Head; agents: Columns }>(this.at);
      this.agents = new Agents();
      this.agents.over = shown.head.outcome !== "running";
      this.agents.take(shown.agents);
      this.seq = shown.seq;
      this.head.value = shown.head;
      this.problem.value = null;
      this.version.value++;
      this.stream.open();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (error.status === 0) return this.stream.again();
      this.problem.value = error.problem;
      this.stream.fail();
    }
  }

  private take(change: { seq: number; head: Partial<Head>; agents: Columns }): void {
    this.seq = change.seq;
    this.agents.take(change.agents);
    this.head.value = { ...this.head.value!, ...change.head };
    this.agents.over = this.head.value.outcome !== "running";
    this.version.value++;
  }
}

/** Counts seconds, so that what shows a time is drawn again. */
export const clock = signal(Date.now());
setInterval(() => document.hidden || (clock.value = Date.now()), 1000);
