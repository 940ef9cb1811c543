// What waits for a person in all runs, and what was to be run and could not be started.
import { effect, signal } from "@preact/signals";
import { get, runAt } from "../api";
import { to } from "../place";
import { Asked, Held } from "../run/needs";
import { Notice, useTitle, useTold } from "../shared";
import { Said } from "../text";
import { clock, timeIn, type Hold, type Question } from "../watch";

type Waiting = {
  project: string;
  run: string;
  name: string;
  at: number;
  began_at: number;
  started_at: string;
} & (({ kind: "held" } & Hold) | ({ kind: "question" } & Question));

export const waiting = signal<Waiting[]>([]);

const EVERY_MS = 5000;
let askedAt = 0;

effect(() => {
  if (document.hidden || clock.value - askedAt < EVERY_MS) return;
  askedAt = clock.value;
  look();
});

function look(): void {
  get<{ questions: Waiting[] }>("questions").then((told) => (waiting.value = told.questions), () => undefined); // each page says itself that nothing answers
}

export function InboxPage() {
  useTitle("Needs you");
  return (
    <div class="page">
      <h1>Needs you</h1>
      <Notice />
      {waiting.value.length === 0 && <p class="empty">Nothing waits for you.</p>}
      <ul class="cards">
        {waiting.value.map((one) => {
          const of = { at: runAt(one.project, one.run), now: () => timeIn(one), done: look };
          return (
            <li key={`${one.project} ${one.run} ${one.kind === "question" ? one.ask : "held"}`}>
              <a href={to("r", one.project, one.run)}><Said text={one.name} /></a>
              {one.kind === "question" ? <Asked {...of} question={one} held={waiting.value.some((other) => other.kind === "held" && other.run === one.run)} /> : <Held {...of} held={one} />}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

/** What was last to be run in a project, and why it could not be started. */
export function Unstarted() {
  const turn = Math.floor(clock.value / EVERY_MS);
  const { data } = useTold<{ unstarted: { project: string; why: string }[] }>("unstarted", {}, turn);
  return (
    <>
      {data.value?.unstarted.map((one) => (
        <p key={one.project} class="trouble">What was last to be run in <Said text={one.project} /> could not be started: <Said text={one.why} most={600} /></p>
      ))}
    </>
  );
}
