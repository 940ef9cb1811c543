// What a run may spend: what is spent, in flight, held back and left, each as a part of the bar and as a number.
import { tokens, usd } from "../text";
import type { Head, Money } from "../watch";

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

export function Budget({ head }: { head: Head }) {
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
      <dl class="amounts">
        {all.map(([kind, title, amount]) => (
          <div key={kind}><dt><span class={`swatch of-${kind}`} aria-hidden="true" />{title}</dt><dd>{words(amount)}</dd></div>
        ))}
        <div><dt>Ceiling</dt><dd>{ceiling === null ? "none" : words(ceiling)}</dd></div>
        {head.left && <div><dt>Agents called so far may still take</dt><dd>{usd(head.left.usd)}</dd></div>}
        {head.unsettled.requests > 0 && <div><dt>Unsettled, counted as spent</dt><dd>{usd(head.unsettled.usd)}</dd></div>}
      </dl>
    </section>
  );
}
