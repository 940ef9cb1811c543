// What a run may spend: what is spent, in flight, held back and left, each as a part of the bar and as a number; and the table
// of who spent it on which tokens.
import { place, say } from "../place";
import { Dialog, Trouble, useTold } from "../shared";
import { Said, tokens, usd } from "../text";
import type { Head, Money, Watch } from "../watch";

interface Amounts {
  spent: number;
  flight: number;
  held: number;
  ceiling: number | null;
  words: (amount: number) => string;
}

function amountsOf(head: Head): Amounts {
  const { budget_usd, budget_tokens } = head.settings;
  const inTokens = budget_usd == null && budget_tokens != null;
  const of = (money: Money) => (inTokens ? money.input_tokens + money.output_tokens : money.usd);
  const ceiling: number | null = inTokens ? budget_tokens : budget_usd ?? null;
  const spentBy = (title: string) =>
    head.phases.filter((phase) => phase.title === title).reduce((sum, phase) => sum + (inTokens ? phase.tokens : phase.usd), 0);
  const held = Object.entries(head.hold ?? {}).map(([title, share]) => {
    const whole = share.percent ? ((ceiling ?? 0) * share.amount) / 100 : share.amount;
    return Math.max(0, whole - spentBy(title));
  });
  return {
    spent: of(head.spent) + of(head.settled),
    flight: of(head.in_flight),
    held: head.outcome === "running" ? held.reduce((sum, one) => sum + one, 0) : 0,
    ceiling,
    words: inTokens ? (amount) => `${tokens(amount)} tokens` : usd,
  };
}

export function Budget({ watch, head }: { watch: Watch; head: Head }) {
  const { spent, flight, held, ceiling, words } = amountsOf(head);
  const left = Math.max(0, (ceiling ?? 0) - spent - flight - held);
  const parts: [string, string, number][] = [["spent", "Spent", spent], ["flight", "In flight", flight], ["held", "Held back", held], ["left", "Left", left]];
  const all = ceiling === null ? parts.slice(0, 2) : parts;
  const whole = Math.max(ceiling ?? 0, spent + flight) || 1;
  return (
    <section class="budget" aria-label="Budget">
      {ceiling !== null && (
        <div class="meter" role="meter" aria-label="Budget spent" aria-valuemin={0} aria-valuemax={ceiling} aria-valuenow={Math.min(spent, ceiling)} aria-valuetext={`${words(spent)} of ${words(ceiling)}`}>
          {parts.map(([kind, , amount]) => <span key={kind} class={`part of-${kind}`} style={{ width: `${(amount / whole) * 100}%` }} />)}
        </div>
      )}
      <div class="under-meter">
        <dl class="amounts">
          {all.map(([kind, title, amount]) => (
            <div key={kind}><dt><span class={`swatch of-${kind}`} aria-hidden="true" />{title}</dt><dd>{words(amount)}</dd></div>
          ))}
          <div><dt>Ceiling</dt><dd>{ceiling === null ? "none" : words(ceiling)}</dd></div>
          {head.left && <div><dt>Agents called so far may still take</dt><dd>{usd(head.left.usd)}</dd></div>}
          {head.unsettled.requests > 0 && <div><dt>Unsettled, counted as spent</dt><dd>{usd(head.unsettled.usd)}</dd></div>}
        </dl>
        <button class="more" onClick={() => say({ costs: "1" })} aria-keyshortcuts="c">By phase and model</button>
      </div>
      {place.value.query.has("costs") && <Costs watch={watch} head={head} />}
    </section>
  );
}

// ------------------------------------------------------------------------------------------------ by phase and model

export const CLASSES = [["input", "Input"], ["cache_read", "Cache read"], ["cache_write", "Cache write"], ["output", "Output"]] as const;

export interface CostRow extends Money {
  phase: string | null;
  within: string[];
  model: string;
  agents: number;
  classes: Record<string, { tokens: number; usd: number | null }>;
  price: { source: string; rates: Record<string, number> } | null;
}

interface Told {
  rows: CostRow[];
  spent: Money;
}

function Costs({ watch, head }: { watch: Watch; head: Head }) {
  const { data, problem } = useTold<Told>(`${watch.at}/cost`, {}, head.spent.usd);
  return (
    <Dialog title="What was spent, by phase and model" wide close={() => say({ costs: "" })}>
      {problem.value && <Trouble problem={problem.value} />}
      {data.value ? <CostTable told={data.value} /> : !problem.value && <p class="dim">Reading the journal …</p>}
      <div class="buttons"><button onClick={() => say({ costs: "" })}>Close</button></div>
    </Dialog>
  );
}

function CostTable({ told: { rows, spent } }: { told: Told }) {
  const besides = spent.usd - rows.reduce((sum, row) => sum + row.usd, 0);
  const prices = new Map(rows.flatMap((row) => (row.price ? [[row.model, row.price] as const] : [])));
  return (
    <>
      <div class="scroll" tabIndex={0} role="region" aria-label="Table of costs">
        <table class="plain costs">
          <thead>
            <tr>
              <th scope="col">Phase</th><th scope="col">Model</th><th scope="col" class="number">Agents</th>
              {CLASSES.map(([kind, title]) => <th key={kind} scope="col" class="number">{title}</th>)}
              <th scope="col" class="number">On record</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={`${row.phase}${row.within}${row.model}`}>
                <th scope="row"><Said text={[...row.within, row.phase ?? "no phase"].join(" › ")} /></th><td><Said text={row.model} /></td><td class="number">{row.agents}</td>
                {CLASSES.map(([kind]) => <td key={kind} class="number">{tokens(row.classes[kind]!.tokens)}<span class="dim"> {row.classes[kind]!.usd === null ? "" : usd(row.classes[kind]!.usd)}</span></td>)}
                <td class="number"><b>{usd(row.usd)}</b></td>
              </tr>
            ))}
            {besides > 0.00005 && <tr><th scope="row" colSpan={7}>Besides: earlier executions, and writing the harness</th><td class="number"><b>{usd(besides)}</b></td></tr>}
            <tr><th scope="row" colSpan={7}>In all</th><td class="number"><b>{usd(spent.usd)}</b></td></tr>
          </tbody>
        </table>
      </div>
      <h3>Prices of today, in dollars per million tokens</h3>
      <ul class="list">
        {[...prices].map(([model, { source, rates }]) => (
          <li key={model}><Said text={model} />: {CLASSES.map(([kind, title]) => `${title.toLowerCase()} ${rates[kind]}`).join(", ")} <span class="dim">(<Said text={source} />)</span></li>
        ))}
        {rows.filter((row) => !row.price).map((row) => <li key={row.model}><Said text={row.model} />: no list price</li>)}
      </ul>
      <p class="dim">What is on record was paid at the prices of its time; dollars of a class are its tokens at those of today. Long requests and long-lived caches may have cost other rates.</p>
    </>
  );
}
