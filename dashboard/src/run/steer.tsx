// What a person tells a run that goes on: buttons, and the dialogs that say first what will become of it.
import { useSignal } from "@preact/signals";
import { post } from "../api";
import { go, to } from "../place";
import { Dialog, notice, problemOf, readOnly, tell } from "../shared";
import { Said, many, usd } from "../text";
import type { Head, Watch } from "../watch";

export type Asking = { kind: "stop"; agent: number | null; label: string } | { kind: "budget" };

/** Let a run that is held go on, or hold it. */
export function pauseOrContinue(watch: Watch): void {
  const head = watch.head.value!;
  if (head.outcome === "running" && !readOnly.value) void tell(watch.at, { verb: head.suspended ? "continue" : "pause" });
}

export function retry(watch: Watch): void {
  if (watch.head.value!.outcome === "running" && !readOnly.value) void tell(watch.at, { verb: "retry" });
}

/** Have a plan made to go on with a run that has ended; it says what that costs before anything is done. */
async function planResume(watch: Watch): Promise<void> {
  try {
    const plan = await post<{ id: string }>(`${watch.at.replace(/\/runs\/.*/, "")}/plans`, { resume: watch.run });
    go(to("plan", watch.project, plan.id));
  } catch (error) {
    notice.value = { text: problemOf(error).message, bad: true };
  }
}

export function Steering({ watch, head, ask }: { watch: Watch; head: Head; ask: (asking: Asking) => void }) {
  if (readOnly.value) return null;
  if (head.outcome !== "running") {
    const whole = head.outcome === "completed" && head.health === "clean";
    return whole ? null : <div class="buttons"><button onClick={() => void planResume(watch)}>Go on with it…</button></div>;
  }
  return (
    <div class="buttons" role="group" aria-label="Steer the run">
      <button aria-keyshortcuts="p" onClick={() => pauseOrContinue(watch)}>{head.suspended ? "Continue" : "Pause"}</button>
      {(head.numbers.lost ?? 0) > 0 && <button aria-keyshortcuts="r" onClick={() => retry(watch)}>Retry lost</button>}
      <button aria-keyshortcuts="b" onClick={() => ask({ kind: "budget" })}>Budget…</button>
      <button aria-keyshortcuts="x" class="danger" onClick={() => ask({ kind: "stop", agent: null, label: "" })}>Stop…</button>
    </div>
  );
}

export function Ask({ asking, watch, done }: { asking: Asking; watch: Watch; done: () => void }) {
  return asking.kind === "budget" ? <AskBudget watch={watch} done={done} /> : <AskStop asking={asking} watch={watch} done={done} />;
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
