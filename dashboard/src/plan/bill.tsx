// The bill of a resume: what is used again, what is asked and why, and what a person decides before.
import { Data, Said, many, usd } from "../text";

const SHOWN = 200;

/** Why an agent is asked. */
const WHY: Record<string, string> = {
  lost: "lost last time", stopped: "stopped by you", below: "one that it had asked was lost", waited: "still waited", interrupted: "was at work when the run ended",
  waiting: "had not started", changed: "its input changed", new: "new",
};

function price(range: [number, number] | null): string {
  return range === null ? "no price known" : range[0] === range[1] ? usd(range[0]) : `${usd(range[0])} – ${usd(range[1])}`;
}

export function Bill({ of, choose }: { of: any; choose: ((choices: Record<string, string>) => void) | null }) {
  return (
    <>
      <dl class="facts wide-facts">
        <div><dt>Answers kept</dt><dd>{of.reused.length}</dd></div>
        <div><dt>To be asked</dt><dd>{of.asked.length}</dd></div>
        <div><dt>That costs about</dt><dd>{price(of.usd)}</dd></div>
        <div><dt>Spent so far</dt><dd>{usd(of.spent.usd)}</dd></div>
        {of.budget.usd != null && <div><dt>Left of the ceiling</dt><dd>{usd(Math.max(0, of.budget.usd - of.spent.usd))}</dd></div>}
      </dl>
      <Undecided of={of.undecided} choose={choose} />
      <Otherwise of={of} choose={choose} />
      {of.asked.length > 0 && (
        <section class="panel" aria-label="To be asked">
          <h2>To be asked<span class="count">{of.asked.length}</span></h2>
          <ul class="list">{of.asked.slice(0, SHOWN).map((one: any, at: number) => <li key={at} class="priced"><span><Said text={one.label} /> <span class="dim"><Said text={[WHY[one.reason] ?? one.reason, ...(one.fields ?? [])].filter(Boolean).join(", ")} /></span></span><span class="number">{price(one.usd)}</span></li>)}</ul>
        </section>
      )}
      {of.asked.length > SHOWN && <p class="dim">The first {SHOWN} of {of.asked.length}.</p>}
      <details><summary>The whole bill</summary><Data value={of} /></details>
    </>
  );
}

type Choose = ((choices: Record<string, string>) => void) | null;

function Undecided({ of, choose }: { of: { label: string }[]; choose: Choose }) {
  if (of.length === 0) return null;
  return (
    <section class="panel needs" aria-label="To be decided">
      <h2>◆ To be decided<span class="count">{of.length}</span></h2>
      <p>{many(of.length, "agent")} had started and may have had effects outside: <Said text={of.map((one) => one.label).join(", ")} most={1000} /></p>
      {choose && (
        <div class="buttons">
          <button onClick={() => choose({ interrupted: "rerun" })}>Ask them again</button>
          <button onClick={() => choose({ interrupted: "skip" })}>Skip them: they count as lost</button>
        </div>
      )}
    </section>
  );
}

const WORDS: Record<string, string> = {
  "saved now": "Execute the saved harnesses as they are now",
  "saved recorded": "Execute the saved harnesses as the run has loaded them",
  "again all": "Ask the other model all again",
  "again missing": "Ask the other model only what is missing",
};

/** The other ways to go on, with what each comes to. */
function Otherwise({ of, choose }: { of: any; choose: Choose }) {
  if (of.otherwise.length === 0 && of.saved_harnesses.length === 0) return null;
  const ways: [string, string, any][] = of.otherwise.map((one: any) => [...one.option.replace(/^--/, "").split(" "), one]);
  return (
    <section class="panel" aria-label="Other ways to go on">
      <h2>Other ways to go on</h2>
      {of.saved_harnesses.map((one: any) => (
        <details key={one.name}><summary><Said text={one.name} /> is another harness now; it is executed as {one.executed === "now" ? "it is now" : "it was"}</summary><Data value={one.difference.join("\n")} /></details>
      ))}
      {ways.map(([name, value, one]) => (
        <p key={one.option}>
          {choose && <button onClick={() => choose({ [name]: value })}>{WORDS[`${name} ${value}`] ?? one.option}</button>} {one.reused} used again, {one.asked} asked, {one.usd === null ? "at a price nobody knows" : `about ${price(one.usd)}`}
        </p>
      ))}
    </section>
  );
}
