// What of a run waits for a person: questions of its harness, and the run itself where it is held.
import { useSignal } from "@preact/signals";
import { readOnly, tell } from "../shared";
import { Long, Said, many, span, usd } from "../text";
import { clock, type Head, type Question, type Watch } from "../watch";
import { pauseOrContinue, type Asking } from "./steer";

export function NeedsYou({ watch, head, ask }: { watch: Watch; head: Head; ask: (asking: Asking) => void }) {
  const number = head.questions.length + (head.suspended ? 1 : 0);
  if (number === 0 || head.outcome !== "running") return null;
  return (
    <section class="panel needs" aria-label="Needs you" id="needs">
      <h2>◆ Needs you<span class="count">{number}</span></h2>
      {head.suspended && (head.suspended.gate ? <Gate watch={watch} head={head} ask={ask} /> : <Held watch={watch} head={head} />)}
      {head.questions.map((question) => <Asked key={question.ask} watch={watch} question={question} held={head.suspended !== null} />)}
    </section>
  );
}

function Held({ watch, head }: { watch: Watch; head: Head }) {
  const held = head.suspended!;
  return (
    <div class="card">
      <p><Said text={held.detail} most={1000} /></p>
      <p class="dim">Held by <Said text={held.by} />{held.reason && <>: <Said text={held.reason} most={1000} /></>}</p>
      {!readOnly.value && <div class="buttons"><button class="main" onClick={() => pauseOrContinue(watch)}>Continue</button></div>}
    </div>
  );
}

/** It would go beyond what was approved, and somebody has to say whether it may. */
function Gate({ watch, head, ask }: { watch: Watch; head: Head; ask: (asking: Asking) => void }) {
  void clock.value;
  const held = head.suspended!;
  const { budget_usd, budget_tokens } = head.settings;
  const done = head.counts.done ?? 0;
  const spent = head.spent.usd;
  const each = done > 0 && spent > 0 ? spent / done : null;
  return (
    <div class="card">
      <p><b>Wider than you approved.</b> <Said text={held.detail} most={1000} /></p>
      <p class="dim">
        {many(done, "agent")} done for {usd(spent)}{each !== null && `, about ${usd(each)} each`}.{" "}
        {budget_usd != null ? `${usd(Math.max(0, budget_usd - spent))} of ${usd(budget_usd)} left.` : budget_tokens == null ? "No ceiling is set." : ""}
      </p>
      {!readOnly.value && (
        <div class="buttons">
          <button class="main" onClick={() => pauseOrContinue(watch)}>Go on</button>
          <button onClick={() => ask({ kind: "budget" })}>Change the budget…</button>
          <button class="danger" onClick={() => ask({ kind: "stop", agent: null, label: "" })}>Stop…</button>
        </div>
      )}
      {held.until !== null && <p class="dim">Without an answer in {span(held.until - watch.now())}: the run is paused, with everything kept.</p>}
    </div>
  );
}

function Asked({ watch, question, held }: { watch: Watch; question: Question; held: boolean }) {
  void clock.value;
  const words = useSignal("");
  const left = question.until - watch.now();
  const answer = (value: string) => tell(watch.at, { verb: "answer", ask: String(question.ask), value });
  const by = typeof question.default === "string" ? question.default : JSON.stringify(question.default);
  return (
    <div class="card">
      <Long text={question.question} />
      {!readOnly.value && question.choices && (
        <div class="buttons">{question.choices.map((choice) => <button key={choice} class={choice === question.default ? "default" : ""} onClick={() => answer(choice)}><Said text={choice} /></button>)}</div>
      )}
      {!readOnly.value && !question.choices && (
        <form class="inline" onSubmit={(event) => (event.preventDefault(), answer(words.value))}>
          <input aria-label="Answer" required value={words.value} onInput={(event) => (words.value = event.currentTarget.value)} />
          <button class="main" type="submit">Answer</button>
        </form>
      )}
      <p class="dim">{held ? "It is asked once the run goes on. " : ""}Without an answer in {span(left)}, the answer is <Said text={by ?? "nothing"} />, and the run goes on.</p>
    </div>
  );
}
