// What waits for a person: questions of a harness, and a run itself where it is held. The cards are those of the inbox, too.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { readOnly, tell } from "../shared";
import { Long, Said, many, span, usd } from "../text";
import { clock, type Head, type Hold, type Question, type Watch } from "../watch";
import type { Asking } from "./steer";

export function NeedsYou({ watch, head, ask }: { watch: Watch; head: Head; ask: (asking: Asking) => void }) {
  const number = head.questions.length + (head.suspended ? 1 : 0);
  if (number === 0 || head.outcome !== "running") return null;
  const of = { at: watch.at, now: () => watch.now() };
  return (
    <section class="panel needs" aria-label="Needs you" id="needs">
      <h2>◆ Needs you<span class="count">{number}</span></h2>
      {head.suspended && (
        <Held {...of} held={head.suspended} steered={!head.suspended.gate} more={head.suspended.gate && <><button onClick={() => ask({ kind: "budget" })}>Change the budget…</button><button class="danger" onClick={() => ask({ kind: "stop", agent: null, label: "" })}>Stop…</button></>}>
          {head.suspended.gate && <Taken head={head} />}
        </Held>
      )}
      {head.questions.map((question) => <Asked key={question.ask} {...of} question={question} held={head.suspended !== null} />)}
    </section>
  );
}

/** Where a card is of, what time it is there, and what is done once somebody has said something. */
interface Of {
  at: string;
  now: () => number;
  done?: () => void;
}

/** A run that is held, and what lets it go on unless it is `steered` from beside; where it would go beyond what was approved, somebody has to say whether it may. */
export function Held({ at, now, done, held, steered = false, more, children }: Of & { held: Hold; steered?: boolean; more?: ComponentChildren; children?: ComponentChildren }) {
  void clock.value;
  const goOn = () => void tell(at, { verb: "continue" }).then(done);
  return (
    <div class="card">
      <p>{held.gate && <b>Wider than you approved. </b>}<Said text={held.detail} most={1000} /></p>
      {!held.gate && <p class="dim">Held by <Said text={held.by} />{held.reason && <>: <Said text={held.reason} most={1000} /></>}</p>}
      {children}
      {!readOnly.value && !steered && <div class="buttons"><button class="main" onClick={goOn}>{held.gate ? "Go on" : "Continue"}</button>{more}</div>}
      {held.until !== null && <p class="dim">Without an answer in {span(held.until - now())} the run is paused, with everything kept.</p>}
    </div>
  );
}

/** What was spent so far, by which one may judge what more comes to. */
function Taken({ head }: { head: Head }) {
  const { budget_usd, budget_tokens } = head.settings;
  const done = head.counts.done ?? 0;
  const spent = head.spent.usd;
  return (
    <p class="dim">
      {many(done, "agent")} done for {usd(spent)}{done > 0 && spent > 0 && `, about ${usd(spent / done)} each`}.{" "}
      {budget_usd != null ? `${usd(Math.max(0, budget_usd - spent))} of ${usd(budget_usd)} left.` : budget_tokens == null ? "No ceiling is set." : ""}
    </p>
  );
}

export function Asked({ at, now, done, question, held }: Of & { question: Question; held: boolean }) {
  void clock.value;
  const words = useSignal("");
  const answer = (value: string) => void tell(at, { verb: "answer", ask: String(question.ask), value }).then(done);
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
      <p class="dim">{held ? "It is asked once the run goes on. " : ""}Without an answer in {span(question.until - now())} the answer is <b><Said text={by ?? "nothing"} /></b>, and the run goes on.</p>
    </div>
  );
}
