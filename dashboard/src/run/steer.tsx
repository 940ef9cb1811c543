// What a person tells a run that goes on: buttons, and the dialogs that say first what will become of it.
import { useSignal } from "@preact/signals";
import type { Problem } from "../api";
import { planned } from "../plan/asking";
import { Dialog, Trouble, problemOf, readOnly, tell } from "../shared";
import { Said, many, shown, usd } from "../text";
import type { Head, Watch } from "../watch";

export type Asking = { kind: "stop"; agent: number | null; label: string } | { kind: "budget" } | { kind: "limits" } | { kind: "resume" };

/** Let a run that is held go on, or hold it. */
export function pauseOrContinue(watch: Watch): void {
  const head = watch.head.value!;
  if (head.outcome === "running" && !readOnly.value) void tell(watch.at, { verb: head.suspended ? "continue" : "pause" });
}

export function retry(watch: Watch): void {
  if (watch.head.value!.outcome === "running" && !readOnly.value) void tell(watch.at, { verb: "retry" });
}

export function Steering({ watch, head, ask }: { watch: Watch; head: Head; ask: (asking: Asking) => void }) {
  if (readOnly.value) return null;
  if (head.outcome !== "running") {
    const whole = head.outcome === "completed" && head.health === "clean";
    return whole ? null : <div class="buttons"><button class={head.outcome === "paused" ? "main" : ""} onClick={() => ask({ kind: "resume" })}>Go on with it…</button></div>;
  }
  return (
    <div class="buttons" role="group" aria-label="Steer the run">
      {!head.suspended?.gate && <button aria-keyshortcuts="p" onClick={() => pauseOrContinue(watch)}>{head.suspended ? "Continue" : "Pause"}</button>}
      {(head.numbers.lost ?? 0) > 0 && <button aria-keyshortcuts="r" onClick={() => retry(watch)}>Retry lost</button>}
      <button aria-keyshortcuts="b" onClick={() => ask({ kind: "budget" })}>Budget…</button>
      <button onClick={() => ask({ kind: "limits" })}>At work…</button>
      <button aria-keyshortcuts="x" class="danger" onClick={() => ask({ kind: "stop", agent: null, label: "" })}>Stop…</button>
    </div>
  );
}

export function Ask({ asking, watch, done }: { asking: Asking; watch: Watch; done: () => void }) {
  switch (asking.kind) {
    case "budget":
      return <AskBudget watch={watch} done={done} />;
    case "limits":
      return <AskLimits watch={watch} done={done} />;
    case "resume":
      return <AskResume watch={watch} done={done} />;
    default:
      return <AskStop asking={asking} watch={watch} done={done} />;
  }
}

function AskStop({ asking, watch, done }: { asking: Asking & { kind: "stop" }; watch: Watch; done: () => void }) {
  const reason = useSignal("");
  const counts = watch.head.value!.counts;
  const atWork = (counts.running ?? 0) + (counts.waiting ?? 0);
  const one = asking.agent !== null;
  const stop = async (event: Event) => {
    event.preventDefault();
    done();
    await tell(watch.at, { verb: "stop", reason: reason.value, ...(one ? { agent: String(asking.agent) } : {}) });
  };
  return (
    <Dialog title={one ? "Stop this agent?" : "Stop this run?"} close={done}>
      <form onSubmit={stop}>
        {one ? (
          <p><Said text={asking.label} /> is ended and counts as lost; the harness goes on without its answer.</p>
        ) : (
          <p>{many(atWork, "agent")} at work {atWork === 1 ? "is" : "are"} ended and {many(counts.queued ?? 0, "more", "more")} will not start. Everything finished is kept, and the run can be gone on with.</p>
        )}
        <label>Reason, for the journal<input value={reason.value} maxLength={1000} onInput={(event) => (reason.value = event.currentTarget.value)} /></label>
        <div class="buttons"><button type="button" onClick={done}>Let it go on</button><button type="submit" class="danger">Stop</button></div>
      </form>
    </Dialog>
  );
}

function AskBudget({ watch, done }: { watch: Watch; done: () => void }) {
  const amount = useSignal("");
  const { budget_usd, budget_tokens } = watch.head.value!.settings;
  const inTokens = budget_usd == null && budget_tokens != null;
  const raise = async (event: Event) => {
    event.preventDefault();
    done();
    await tell(watch.at, { verb: "budget", [inTokens ? "tokens" : "usd"]: Number(amount.value) });
  };
  return (
    <Dialog title="Change the ceiling" close={done}>
      <form onSubmit={raise}>
        <p>Now {inTokens ? `${budget_tokens.toLocaleString("en")} tokens` : budget_usd == null ? "there is none" : usd(budget_usd)}. Agents that wait for room under it start as soon as there is.</p>
        <label>New ceiling in {inTokens ? "tokens" : "dollars"}
          <input type="number" min="0" step={inTokens ? "1" : "any"} required value={amount.value} onInput={(event) => (amount.value = event.currentTarget.value)} />
        </label>
        <div class="buttons"><button type="button" onClick={done}>Leave it</button><button type="submit" class="main">Change</button></div>
      </form>
    </Dialog>
  );
}

function AskLimits({ watch, done }: { watch: Watch; done: () => void }) {
  const head = watch.head.value!;
  const amount = useSignal("");
  const model = useSignal("");
  const change = async (event: Event) => {
    event.preventDefault();
    done();
    const most = Number(amount.value);
    await tell(watch.at, { verb: "limits", ...(model.value ? { models: { [model.value]: most } } : { concurrency: most }) });
  };
  return (
    <Dialog title="How many may be at work" close={done}>
      <form onSubmit={change}>
        <p>Now {head.settings.concurrency == null ? "as many as fit" : `${head.settings.concurrency} of all`}. It holds at once; none that is at work is ended.</p>
        <label>Of which<select value={model.value} onChange={(event) => (model.value = event.currentTarget.value)}><option value="">all agents</option>{Object.keys(head.models).map((one) => <option key={one} value={one}>{shown(one)}</option>)}</select></label>
        <label>Most at work<input type="number" min="1" max="10000" step="1" required value={amount.value} onInput={(event) => (amount.value = event.currentTarget.value)} /></label>
        <div class="buttons"><button type="button" onClick={done}>Leave it</button><button type="submit" class="main">Change</button></div>
      </form>
    </Dialog>
  );
}

/** What has to be said before a run can be gone on with, by why it ended: without it, it would end there again. */
const NEEDED: Record<string, "ceiling" | "agents" | "effects"> = { budget: "ceiling", price: "ceiling", agents: "agents", width: "agents", decision: "effects" };

function AskResume({ watch, done }: { watch: Watch; done: () => void }) {
  const head = watch.head.value!;
  const needs = NEEDED[head.error?.type ?? ""];
  const { budget_usd, budget_tokens, max_agents } = head.settings;
  const unit = budget_usd == null && budget_tokens != null ? "budget_tokens" : "budget";
  const amount = useSignal("");
  const model = useSignal("");
  const effects = useSignal("");
  const problem = useSignal<Problem | null>(null);
  const plan = async (event: Event) => {
    event.preventDefault();
    const setting = needs === "agents" ? "max_agents" : unit;
    const options = { ...(amount.value ? { [setting]: Number(amount.value) } : {}), ...(model.value.trim() ? { model: model.value.trim() } : {}) };
    try {
      await planned(watch.project, { resume: watch.run, options, choices: effects.value ? { interrupted: effects.value } : {} });
    } catch (error) {
      problem.value = problemOf(error);
    }
  };
  const now = unit === "budget" ? (budget_usd == null ? "none" : usd(budget_usd)) : `${budget_tokens.toLocaleString("en")} tokens`;
  const number = { min: "0", required: needs === "ceiling" || needs === "agents", value: amount.value, onInput: (event: { currentTarget: { value: string } }) => (amount.value = event.currentTarget.value) };
  return (
    <Dialog title="Go on with this run" close={done}>
      <form onSubmit={plan}>
        {head.error && <p><Said text={head.error.message} most={600} /></p>}
        <p>What it has paid for is used again. You see what is asked, and what that costs, before anything starts.</p>
        {needs === "effects" && (
          <label>Agents that may have had effects before
            <select required value={effects.value} onChange={(event) => (effects.value = event.currentTarget.value)}><option value="" /><option value="rerun">ask them again</option><option value="skip">skip them: they count as lost</option></select>
          </label>
        )}
        {needs === "agents" ? (
          <label>Most agents it may start, now {max_agents.toLocaleString("en")}<input type="number" step="1" {...number} /></label>
        ) : (
          <label>Ceiling in {unit === "budget" ? "dollars" : "tokens"}, now {now}<input type="number" step={unit === "budget" ? "any" : "1"} {...number} /></label>
        )}
        <label>Another model, if you want one<input spellcheck={false} value={model.value} onInput={(event) => (model.value = event.currentTarget.value)} /></label>
        {problem.value && <Trouble problem={problem.value} />}
        <div class="buttons"><button type="button" onClick={done}>Leave it</button><button type="submit" class="main">Show the bill</button></div>
      </form>
    </Dialog>
  );
}
