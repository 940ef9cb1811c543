// What a person decides about: phases with what they take, what was found, what may be done, and the harness itself.
import type { ComponentChildren } from "preact";
import { Source } from "../source";
import { Said, many, tokens, usd } from "../text";

/** How many of the findings have a fix that is safe to apply. */
export function fixable(of: any): number {
  return (of.lint?.diagnostics ?? []).filter((one: any) => one.fix?.safety === "safe").length;
}

export function Shown({ of, before }: { of: any; before: string | null }) {
  return (
    <>
      {of.forecast && <Forecast of={of} />}
      <Permissions of={of} />
      <Found of={of} />
      {of.rehearsal && <Rehearsed of={of.rehearsal} />}
      <h2>Harness</h2>
      <Harness of={of} before={before} />
    </>
  );
}

// ------------------------------------------------------------------------------------------------ what it takes

function range(of: any, words: (amount: number) => string = String): string {
  if (of == null) return "no price known";
  const [low, high] = [words(of.p10), words(of.p90)];
  return low === high ? low : `${low} – ${high}`;
}

function minutes(amount: number): string {
  if (amount < 1) return `${Math.round(amount * 60)} s`;
  return `${amount < 10 ? amount.toFixed(1) : Math.round(amount)} min`;
}

function share(of: { amount: number; percent: boolean } | undefined): string {
  return of === undefined ? "" : of.percent ? `${of.amount}%` : String(of.amount);
}

function Forecast({ of }: { of: any }) {
  const forecast = of.forecast;
  const tools = new Map<string | null, string[]>(of.phases.map((one: any) => [one.phase, one.tools]));
  const cost = (one: any) => (of.free ? "nothing" : range(one.usd, usd));
  const holds = Object.keys(of.hold).length > 0;
  const row = (title: string, one: any, may: string, held: string) => (
    <tr key={title}>
      <th scope="row"><Said text={title} /></th>
      <td class="number">{range(one.agents)}</td>
      <td class="number">{cost(one)}</td>
      <td class="number">{range(one.minutes, minutes)}</td>
      {holds && <td class="number">{held}</td>}
      <td>{one.models && <Said text={one.models.join(", ")} />}</td>
      <td><Said text={may} /></td>
    </tr>
  );
  return (
    <div>
      <div class="scroll" tabIndex={0} role="region" aria-label="What it may take">
        <table class="plain forecast">
          <thead><tr><th>Phase</th><th class="number">Agents</th><th class="number">Cost</th><th class="number">Time</th>{holds && <th class="number">Held back</th>}<th>Model</th><th>May use</th></tr></thead>
          <tbody>
            {forecast.phases.map((one: any) => row(one.phase ?? "Before any phase", one, tools.get(one.phase)?.join(", ") || "nothing", share(of.hold[one.phase])))}
            {row("In all", forecast, "", share(of.hold.critical))}
          </tbody>
        </table>
      </div>
      <p class="dim">From a tenth to nine tenths of what was simulated; <Said text={forecast.basis} most={400} />. {most(of)}</p>
      {forecast.savings.length > 0 && <p class="dim">Cheaper: <Said text={forecast.savings.map((one: any) => `${one.phase ?? "all"} with ${one.instead} instead of ${one.model} saves about ${usd(one.saved)}`).join("; ")} most={800} /></p>}
      {forecast.written?.usd > 0 && <p class="dim">Writing it has cost {usd(forecast.written.usd)}.</p>}
    </div>
  );
}

/** The most that it can come to. */
function most(of: any): string {
  const { usd: dollars, tokens: number } = of.budget;
  const limits = [dollars == null ? "" : usd(dollars), number == null ? "" : `${tokens(number)} tokens`].filter(Boolean);
  return limits.length ? `Never more than ${limits.join(" or ")}.` : of.free ? "" : "No ceiling is set.";
}

// ------------------------------------------------------------------------------------------------ what it may do

function Permissions({ of }: { of: any }) {
  const may = of.permissions;
  if (may === null) return null;
  const fact = (name: string, said: ComponentChildren) => <div><dt>{name}</dt><dd>{said}</dd></div>;
  const bound = may.agents_at_most != null ? `${many(may.agents_at_most, "agent")}, as is proved` : may.agents_rehearsed != null ? `${many(may.agents_rehearsed, "agent")} as in rehearsal; it asks before it goes beyond` : "no bound is proved";
  const widths = Object.entries(may.widths ?? {}).map(([place, width]) => `${width} at once at line ${place}`);
  return (
    <dl class="facts wide-facts" aria-label="What it may do">
      {fact("Reads", <Said text={may.folders.join(", ") || "nothing"} />)}
      {fact("Tools", <Said text={may.tools.join(", ") || "none"} />)}
      {fact("Granted besides", <Said text={may.allowed.join(", ") || "nothing: it may not write files, run commands or use the network"} />)}
      {fact("Answered by", <Said text={[...may.models, may.agents === "models" ? "" : may.agents].filter(Boolean).join(", ")} />)}
      {fact("At most", <Said text={[bound, ...widths].join("; ")} most={500} />)}
      {may.calls.length > 0 && fact("May call", <Said text={may.calls.join(", ")} />)}
      {of.worktrees && fact("Worktrees", <Said text={of.worktrees.problem ?? `from ${String(of.worktrees.commit).slice(0, 12)}`} />)}
      {of.wants.missing.map((one: any) => fact("Lacks", <Said text={`${one.where}: ${one.what}`} most={500} />))}
    </dl>
  );
}

// ------------------------------------------------------------------------------------------------ what was found

function Line({ of }: { of: number | null | undefined }) {
  return of == null ? null : <a href={`#line-${of}`} class="number">line {of}</a>;
}

function Found({ of }: { of: any }) {
  const found: any[] = of.lint?.diagnostics ?? [];
  const reasons: any[] = of.bound === null || typeof of.bound === "string" ? of.lint?.bound?.reasons ?? [] : [];
  return (
    <section class="panel" aria-label="What the linter found">
      <h2>Linter<span class="count">{found.length ? many(found.length, "finding") : "clean"}</span></h2>
      <ul class="list">
        {found.map((one, place) => (
          <li key={place}>
            <b class={`severity-${one.severity}`}>{one.severity} {one.code}</b> <Line of={one.line} /> <Said text={one.message} most={1000} />
            {one.why && <p class="dim"><Said text={one.why} most={1000} /></p>}
            {one.fix && <p>Help: <Said text={one.fix.text} most={1000} />{one.fix.safety === "safe" && <> <span class="tag">safe fix</span></>}</p>}
          </li>
        ))}
        {reasons.map((one, place) => <li key={`bound${place}`}><b>no bound</b> <Line of={one.line} /> <Said text={`${one.why}; ${one.fix}`} most={1000} /></li>)}
      </ul>
    </section>
  );
}

function Rehearsed({ of }: { of: any }) {
  const said = (one: any) => one.what ?? one.condition ?? one.message ?? "";
  const kinds: [string, any[]][] = [
    ["Breaks", of.crashes], ["Losses that are ignored", of.losses_ignored], ["Depends on the order of answers", of.order_dependent],
    ["Drops answers", of.dropped], ["Closed", of.closed], ["Never reached", of.never_reached],
  ];
  const shown = kinds.filter(([, ones]) => ones.length > 0);
  const number = shown.reduce((sum, [, ones]) => sum + ones.length, of.unending);
  return (
    <section class="panel" aria-label="What the rehearsal found">
      <h2>Rehearsal<span class="count">{many(of.runs, "simulated run")}, {number ? many(number, "thing to know", "things to know") : "nothing to say"}</span></h2>
      {of.unending > 0 && <p>{many(of.unending, "run")} came to no end.</p>}
      {shown.map(([title, ones]) => (
        <details key={title} open={title === "Breaks"}>
          <summary>{title} ({ones.length})</summary>
          <ul class="list">{ones.slice(0, 100).map((one, place) => (
            <li key={place}><Line of={one.line} /> <Said text={[one.type, said(one), one.manner && `(${one.manner})`].filter(Boolean).join(" ")} most={1000} />{one.fix && <p class="dim">Help: <Said text={String(one.fix)} most={600} /></p>}</li>
          ))}</ul>
        </details>
      ))}
    </section>
  );
}

function Harness({ of, before }: { of: any; before: string | null }) {
  const source: string = of.source;
  const old = before === null || before === source ? null : new Set(before.split("\n"));
  const places = new Set<number>();
  const below = new Map<number, ComponentChildren>();
  const beside = new Map<number, ComponentChildren>();
  for (const one of of.lint?.diagnostics ?? []) {
    below.set(one.line, <>{below.get(one.line)}<p class={`lint ${one.severity}`}><b>{one.severity} {one.code}</b> <Said text={one.message} most={1000} /></p></>);
    places.add(one.line);
  }
  for (const one of [...(of.rehearsal?.crashes ?? []), ...of.never_reached, ...(of.lint?.bound?.reasons ?? [])]) if (one.line != null) places.add(one.line);
  for (const list of ["losses_ignored", "order_dependent", "dropped", "closed"]) for (const one of of.rehearsal?.[list] ?? []) if (one.line != null) places.add(one.line);
  source.split("\n").forEach((line, at) => {
    const changed = old !== null && line.trim() !== "" && !old.has(line);
    if (changed || places.has(at + 1)) beside.set(at + 1, <span id={`line-${at + 1}`}>{changed ? "changed" : "◂"}</span>);
  });
  return <Source text={source} below={below} beside={beside} />;
}
