// The short tabs of an agent: what it came to, what it cost, why it was asked, and what the journal says of it.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { getLines, type Problem } from "../api";
import { Lazy, Value } from "../json";
import { to } from "../place";
import { Trouble, problemOf, useTold } from "../shared";
import { Long, Said, many, span, tokens, usd } from "../text";
import type { Watch } from "../watch";
import { CLASSES, type CostRow } from "./budget";

/** An agent of a run, and where it stands in the columns. */
export interface Of {
  watch: Watch;
  id: number;
  at: number;
  state: string;
}

export function Result({ watch, id, state }: Of) {
  const { data, problem } = useTold<any>(`${watch.at}/agents/${id}`, {}, state);
  if (problem.value) return <Trouble problem={problem.value} />;
  const agent = data.value;
  if (agent === null) return <p class="dim">…</p>;
  return (
    <>
      {agent.lost && <Lost of={agent.lost} />}
      {agent.result !== null ? <Value value={agent.result} /> : !agent.lost && <p class="dim">{watch.agents.over ? "The run ended before there was a result." : "There is no result yet."}</p>}
      {agent.touched?.length > 0 && (
        <Lazy title={`Opened, asked and done (${agent.touched.length})`}>{() => <Long text={agent.touched.join("\n")} />}</Lazy>
      )}
    </>
  );
}

/** Why it was lost, and how far it came; where its answer does not fit the schema, with the place marked. */
function Lost({ of }: { of: any }) {
  const message = String(of.message);
  const where = /\bat (\$[^\s:]*)/.exec(message)?.[1];
  return (
    <>
      <div class="trouble">
        <strong>Lost: <Said text={String(of.cause)} /></strong>
        <p><Said text={message} most={4000} /></p>
        <p class="dim">{many(of.attempts, "attempt")}</p>
      </div>
      {of.partial != null && <><h3>What it answered</h3><Value value={parsed(of.partial)} marked={where} /></>}
    </>
  );
}

function parsed(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return value; // no JSON, or cut
  }
}

// ------------------------------------------------------------------------------------------------ cost

interface Spent {
  usd: number;
  input_tokens: number;
  output_tokens: number;
  cache_read_tokens?: number;
  cache_write_tokens?: number;
  reasoning_tokens?: number;
}

type Price = CostRow["price"] | undefined;

export function Cost({ watch, id, at, state }: Of) {
  const { data, problem } = useTold<any>(`${watch.at}/agents/${id}`, {}, state);
  const costs = useTold<{ rows: CostRow[] }>(`${watch.at}/cost`, {}, state);
  if (problem.value) return <Trouble problem={problem.value} />;
  if (data.value === null || (costs.data.value === null && costs.problem.value === null)) return <p class="dim">…</p>;
  const { spent, model, by_model } = data.value;
  const asked = Object.entries<Spent>(by_model ?? { [model]: spent });
  const prices = asked.map(([name]): Price => costs.data.value?.rows.find((row) => row.model === name)?.price);
  const unpriced = asked.filter((_, place) => !prices[place]).map(([name]) => name);
  const sources = [...new Set(prices.flatMap((price) => (price ? [price.source] : [])))];
  return (
    <>
      <table class="plain amounts-of">
        <thead><tr><th scope="col">Tokens</th><th scope="col" class="number">Used</th><th scope="col" class="number">$ per million</th><th scope="col" class="number">Comes to</th></tr></thead>
        {asked.map(([name, of], place) => <OfModel key={name} name={asked.length > 1 ? name : null} of={of} price={prices[place]} />)}
        <tbody><tr><th scope="row">On record</th><td class="number">{tokens(spent.input_tokens + spent.output_tokens)}</td><td /><td class="number"><b>{usd(spent.usd)}</b></td></tr></tbody>
      </table>
      {spent.reasoning_tokens > 0 && <p class="dim">{spent.reasoning_tokens.toLocaleString("en")} tokens of the output were thought.</p>}
      {watch.agents.of.reused[at] === 1 && <p>Paid in an earlier execution; nothing was spent on it again.</p>}
      {sources.length > 0 && <p class="dim">Prices: <Said text={sources.join("; ")} />. Long requests and long-lived caches may cost other rates.</p>}
      {unpriced.length > 0 && <p class="dim">{asked.length === 1 ? "Its model has" : <><Said text={unpriced.join(", ")} />:</>} no list price.</p>}
    </>
  );
}

/** What of an agent one model was asked, class by class; it has a row with its name where there are several. */
function OfModel({ name, of, price }: { name: string | null; of: Spent; price: Price }) {
  const reads = of.cache_read_tokens ?? 0;
  const writes = of.cache_write_tokens ?? 0;
  const used: Record<string, number> = { input: of.input_tokens - reads - writes, cache_read: reads, cache_write: writes, output: of.output_tokens };
  return (
    <tbody>
      {name !== null && <tr class="of-model"><th scope="rowgroup" colSpan={3}><Said text={name} /></th><td class="number">{usd(of.usd)}</td></tr>}
      {CLASSES.map(([kind, title]) => (
        <tr key={kind}>
          <th scope="row">{title}</th><td class="number">{used[kind]!.toLocaleString("en")}</td>
          <td class="number">{price ? price.rates[kind] : "–"}</td><td class="number">{price ? usd((used[kind]! * price.rates[kind]!) / 1e6) : "–"}</td>
        </tr>
      ))}
    </tbody>
  );
}

// ------------------------------------------------------------------------------------------------ why

export function Why({ watch, id, at }: Of) {
  const { data, problem } = useTold<any>(`${watch.at}/agents/${id}/why`);
  const known = useTold<any>(`${watch.at}/agents/${id}`);
  if (problem.value) return <Trouble problem={problem.value} />;
  const why = data.value;
  const agent = known.data.value;
  if (why === null || agent === null) return <p class="dim">…</p>;
  const { agents } = watch;
  const { of } = agents;
  const link = (place: number) => <a key={place} href={to("r", watch.project, watch.run, "a", of.id[place]!)}><Said text={of.label[place]!} /></a>;
  const asker = agents.askerOf(at);
  const below = of.asked_by.flatMap((by, place) => (by === id ? [place] : []));
  return (
    <>
      <p><Decision of={why} /></p>
      <dl class="facts">
        <div><dt>Asked by</dt><dd>{asker === undefined ? "the harness" : link(asker)}</dd></div>
        <div><dt>Call path</dt><dd><code><Said text={agent.path} /></code></dd></div>
        {agent.occurrence > 0 && <div><dt>Asked the same before</dt><dd>{many(agent.occurrence, "time")}</dd></div>}
        {below.length > 0 && <div><dt>Has asked</dt><dd>{below.slice(0, 20).map((place) => <div key={place}>{link(place)}</div>)}{below.length > 20 && `and ${below.length - 20} more`}</dd></div>}
        <div class="across"><dt>Call key: the same key is the same question, and is not asked again by a resume</dt><dd><code class="key"><Said text={agent.key} /></code></dd></div>
      </dl>
      {why.before && (why.fields as string[]).map((field) => (
        <div key={field}><h3><Said text={field} /></h3><p class="dim">Before</p><Value value={why.before[field]} /><p class="dim">Now</p><Value value={why.now[field]} /></div>
      ))}
    </>
  );
}

function Decision({ of: { reused, reason, fields, execution } }: { of: any }) {
  if (reused) return <>Not asked again: its answer is from the journal of an earlier execution.</>;
  if (reason === null) return <>Asked because the run asked it; there was no execution before.</>;
  return <>Asked in execution {execution}: <Said text={String(reason)} />{fields.length > 0 && <> (<Said text={fields.join(", ")} />)</>}</>;
}

// ------------------------------------------------------------------------------------------------ events

interface Told {
  seq: number;
  at: number;
  type: string;
  data: Record<string, unknown>;
}

const MOST_EVENTS = 500;

export function Events({ watch, id, state }: Of) {
  const events = useSignal<Told[] | null>(null);
  const problem = useSignal<Problem | null>(null);
  useEffect(() => {
    const leaving = new AbortController();
    getLines<Told>(`${watch.at}/events?agent=${id}&limit=${MOST_EVENTS}`, leaving.signal).then(
      (told) => (events.value = told),
      (error) => leaving.signal.aborted || (problem.value = problemOf(error)),
    );
    return () => leaving.abort();
  }, [id, state]);
  if (problem.value) return <Trouble problem={problem.value} />;
  if (events.value === null) return <p class="dim">…</p>;
  return (
    <>
      <ul class="list log">
        {events.value.map((one) => (
          <li key={one.seq}>
            <span class="dim number">{span(one.at)}</span>
            <Lazy title={<>{one.type.replaceAll("_", " ")} <span class="dim">#{one.seq}</span></>}>{() => <Value value={one.data} />}</Lazy>
          </li>
        ))}
      </ul>
      {events.value.length === MOST_EVENTS && <p class="dim">The first {MOST_EVENTS}.</p>}
    </>
  );
}
