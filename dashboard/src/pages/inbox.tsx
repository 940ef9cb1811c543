// What waits for a person in all runs, and what was to be run and could not be started.
import { effect, signal } from "@preact/signals";
import { get } from "../api";
import { to } from "../place";
import { useTitle, useTold } from "../shared";
import { Said } from "../text";
import { clock } from "../watch";

interface Waiting {
  project: string;
  run: string;
  name: string;
  kind: "held" | "question";
  question?: string;
  default?: unknown;
  detail?: string;
}

export const waiting = signal<Waiting[]>([]);

const EVERY_MS = 5000;
let askedAt = 0;

effect(() => {
  if (document.hidden || clock.value - askedAt < EVERY_MS) return;
  askedAt = clock.value;
  get<{ questions: Waiting[] }>("questions").then((told) => (waiting.value = told.questions), () => undefined); // each page says itself that nothing answers
});

export function InboxPage() {
  useTitle("Needs you");
  return (
    <div class="page">
      <h1>Needs you</h1>
      {waiting.value.length === 0 && <p class="empty">Nothing waits for you.</p>}
      <ul class="cards">
        {waiting.value.map((one, place) => (
          <li key={place}>
            <a href={`${to("r", one.project, one.run)}`}><Said text={one.name} /></a> <span class="tag">{one.kind === "held" ? "held" : "question"}</span>
            <p><Said text={one.question ?? one.detail ?? ""} most={600} /></p>
            {one.kind === "question" && <p class="dim">Without an answer in time: <Said text={String(one.default)} /></p>}
          </li>
        ))}
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
