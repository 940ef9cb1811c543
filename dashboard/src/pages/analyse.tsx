// What a run can teach: what decided how long it took, and what its barriers, votes, rounds and findings were worth.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import { runAt } from "../api";
import { file } from "../file/held";
import { useKeys } from "../keys";
import { go, place, say, to } from "../place";
import { Trouble, useTitle, useTold } from "../shared";
import { Said, many, span, tokens, usd } from "../text";

interface Spent {
  input_tokens: number;
  output_tokens: number;
  usd: number;
}

interface Piece {
  id: number | null;
  kind: string;
  label: string;
  reused: boolean;
}

interface Saving {
  as_it_was: number;
  saves: number;
  at_most: boolean;
}

interface Told {
  run: string;
  outcome: string;
  execution: number;
  seconds: number;
  critical_path: { spent_on: Record<string, number>; calls: (Piece & { spent_on: Record<string, number> })[] };
  barriers: { path: string; line: number | null; workflow: string | null; kind: string; branches: number; idle: number; last: Piece | null; alone: number; streamed: Saving | null }[];
  streamed: Saving | null;
  votes: { claims: number; survived: number; by_number: { vote: number | string; asked: number; claims: number; changed: number | null; as_in_the_end: number; spent: Spent }[] };
  rounds: { helper: string; line: number | null; workflow: string | null; without_end: number; rounds: { round: number; loops: number; found: number | null; agents: number; spent: Spent }[] }[];
  worth: Record<string, any> & { spent: Spent; votes: Spent };
  says: { streamed: string };
}

const WORDS: Record<string, string> = {
  work: "agents at work", slots: "waiting for a slot", limits: "waiting for a provider's limit", budget: "waiting for room in the budget",
  agents: "waiting for agents below", retries: "waiting to ask again", people: "waiting for people", tools: "tools of the harness", harness: "the harness itself",
};
const BUSY = new Set(["work", "tools", "harness"]);
/** How each is drawn; all that is waiting is drawn alike. */
const DRAWN: Record<string, string> = { work: "of-spent", tools: "of-tools", harness: "of-held" };
const SHOWN = 20;

/** A time in a table; nothing for none. */
const time = (seconds: number) => (seconds < 0.0005 ? "" : span(seconds));

export function AnalysePage({ project, run }: { project: string; run: string }) {
  const at = runAt(project, run);
  const { data, problem } = useTold<Told>(`${at}/analysis`);
  const back = to("r", project, run);
  useTitle(`Analysis of ${run}`);
  useKeys(useMemo(() => [{ keys: ["Escape"], does: "back to the run", act: () => go(back) }], []));
  const told = data.value;
  if (told === null) return problem.value ? <Trouble problem={problem.value} /> : <p class="empty">Reading the journal …</p>;
  const call = (piece: Piece) => (piece.kind === "agent" && piece.id !== null ? <a href={`${back}/a/${piece.id}`}><Said text={piece.label} /></a> : <Said text={piece.label} />);
  const lineOf = (one: { line: number | null; workflow: string | null }) =>
    one.workflow === null ? <a href={`${back}/script?line=${one.line}`}>line {one.line}</a> : <>line {one.line} of <Said text={one.workflow} /></>;
  return (
    <div class="page">
      <div class="bar"><h1>Analysis</h1><span class="dim">{told.outcome}, {span(told.seconds)}</span><span class="grow" /><a href={back}>Back to the run</a></div>
      {told.execution > 1 && <p class="dim">Times are of the latest execution, {told.execution}; cost is of all.</p>}
      {told.outcome !== "completed" && <p class="banner">It has not come to a result: this is how far it came.</p>}
      <Critical told={told} call={call} />
      <Barriers told={told} call={call} lineOf={lineOf} />
      <Votes told={told} />
      <Rounds told={told} lineOf={lineOf} />
      <Worth told={told} />
      {file === null ? <OtherModel at={at} /> : <p class="dim">What it would have cost on another model is not in this file; <code>weft analyse {run} --model MODEL</code> says it, where the run is.</p>}
    </div>
  );
}

type Linking<T> = (of: T) => ComponentChildren;

function Part({ title, about, children }: { title: string; about: string; children: ComponentChildren }) {
  return (
    <section class="panel" aria-label={title}>
      <h2>{title} <span class="count">{about}</span></h2>
      {children}
    </section>
  );
}

/** A table; columns whose heading begins with # are numbers. */
function Table({ of, head, rows }: { of: string; head: string[]; rows: ComponentChildren[][] }) {
  const number = (column: number) => (head[column]!.startsWith("#") ? "number" : undefined);
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={of}>
      <table class="plain whole">
        <thead><tr>{head.map((title, column) => <th key={title} scope="col" class={number(column)}>{title.replace("#", "")}</th>)}</tr></thead>
        <tbody>{rows.map((row, at) => <tr key={at}>{row.map((cell, column) => <td key={column} class={number(column)}>{cell}</td>)}</tr>)}</tbody>
      </table>
    </div>
  );
}

function Critical({ told, call }: { told: Told; call: Linking<Piece> }) {
  const { spent_on: on, calls } = told.critical_path;
  const kinds = Object.entries(on).filter(([, seconds]) => seconds >= 0.0005).sort((one, other) => other[1] - one[1]);
  const all = told.seconds || 1;
  const sum = (of: Record<string, number>, which: (kind: string) => boolean) => Object.entries(of).reduce((total, [kind, seconds]) => total + (which(kind) ? seconds : 0), 0);
  const longest = calls.map((one, at) => ({ ...one, at, took: sum(one.spent_on, () => true) })).sort((one, other) => other.took - one.took).slice(0, SHOWN).sort((one, other) => one.at - other.at);
  return (
    <Part title="Critical path" about="what decided how long it took">
      <div class="meter" aria-hidden="true">{kinds.map(([kind, seconds]) => <span key={kind} class={`part ${DRAWN[kind] ?? "of-flight"}`} style={{ width: `${(seconds / all) * 100}%` }} />)}</div>
      <dl class="amounts">
        {kinds.map(([kind, seconds]) => <div key={kind}><dt><span class={`swatch ${DRAWN[kind] ?? "of-flight"}`} aria-hidden="true" />{WORDS[kind] ?? kind}</dt><dd>{span(seconds)} · {Math.round((seconds / all) * 100)} %</dd></div>)}
      </dl>
      {longest.length > 0 && <Table of="Calls of the critical path" head={["Call", "Kind", "#Took", "#Of that waiting"]} rows={longest.map((one) => [<>{call(one)}{one.reused && <span class="dim"> from the journal</span>}</>, one.kind, span(one.took), time(sum(one.spent_on, (kind) => !BUSY.has(kind)))])} />}
      {calls.length > SHOWN && <p class="dim">The {SHOWN} longest of its {calls.length} calls.</p>}
    </Part>
  );
}

const saves = (saving: Saving | null) => (saving === null ? "" : `${saving.at_most ? "at most " : ""}${span(saving.saves)}`);

function Barriers({ told: { barriers, streamed, says }, call, lineOf }: { told: Told; call: Linking<Piece>; lineOf: Linking<Told["barriers"][number]> }) {
  const idle = barriers.reduce((sum, one) => sum + one.idle, 0);
  if (barriers.length === 0) return null;
  return (
    <Part title="Barriers" about={`branches waited ${span(idle)} in all for others`}>
      {streamed && <p>All of them as a pipeline would have saved <b>{saves(streamed)}</b> of {span(streamed.as_it_was)}.</p>}
      <Table of="Barriers" head={["Where", "#Branches", "#Idle", "The last was", "#Alone for", "#A pipeline saves"]} rows={barriers.slice(0, SHOWN).map((one) => [<>{one.kind}, {lineOf(one)}</>, one.branches, time(one.idle), one.last && call(one.last), time(one.alone), one.streamed && one.streamed.saves > 0 ? saves(one.streamed) : ""])} />
      {barriers.length > SHOWN && <p class="dim">The first {SHOWN} of {barriers.length}.</p>}
      <p class="dim">{says.streamed}</p>
    </Part>
  );
}

function Votes({ told: { votes } }: { told: Told }) {
  if (votes.claims === 0) return null;
  return (
    <Part title="Votes" about={`${many(votes.claims, "claim")}, ${votes.survived} survived`}>
      <Table
        of="Votes"
        head={["Vote", "#Cast", "#Changed the verdict", "#Verdict as in the end", "#Cost", "#Per change"]}
        rows={votes.by_number.map((one) => [one.vote, one.asked, one.changed === null ? "" : `${one.changed} of ${one.claims}`, `${one.as_in_the_end} of ${one.claims}`, usd(one.spent.usd), one.changed ? usd(one.spent.usd / one.changed) : ""])}
      />
      <p class="dim">With fewer votes the quorum is taken to be no larger than their number.</p>
    </Part>
  );
}

function Rounds({ told: { rounds }, lineOf }: { told: Told; lineOf: Linking<Told["rounds"][number]> }) {
  if (rounds.length === 0) return null;
  return (
    <Part title="Rounds" about="what each has found">
      {rounds.map((loop, at) => (
        <div key={at}>
          <h3><Said text={loop.helper} />, {lineOf(loop)}{loop.without_end > 0 && <span class="dim"> ({loop.without_end} without an end on record)</span>}</h3>
          <Table of={`Rounds of ${loop.helper}`} head={["#Round", "#Loops", "#Found", "#Agents", "#Cost", "#Per item"]} rows={loop.rounds.slice(0, SHOWN).map((one) => [one.round, one.loops, one.found ?? "not said", one.agents, usd(one.spent.usd), one.found ? usd(one.spent.usd / one.found) : ""])} />
          {loop.rounds.length > SHOWN && <p class="dim">The first {SHOWN} of {loop.rounds.length}.</p>}
        </div>
      ))}
    </Part>
  );
}

function Worth({ told: { worth } }: { told: Told }) {
  const kinds = [["finding", "findings", "usd_per_finding"], ["item of the result", "results", "usd_per_result"], ["claim that survived", "survived", "usd_per_survivor"]] as const;
  const said = kinds.filter(([, , each]) => worth[each] != null);
  return (
    <Part title="Worth" about={`${usd(worth.spent.usd)}, ${tokens(worth.spent.input_tokens + worth.spent.output_tokens)} tokens in all`}>
      <dl class="amounts">
        {said.map(([name, count, each]) => <div key={name}><dt>Per {name}</dt><dd>{usd(worth[each])} <span class="dim">({worth[count]})</span></dd></div>)}
        {worth.claims > 0 && <div><dt>Votes, per claim</dt><dd>{usd(worth.votes.usd / worth.claims)} <span class="dim">({worth.claims})</span></dd></div>}
      </dl>
      {said.length === 0 && <p class="dim">It has published no findings and returned no list, so there is nothing to divide by.</p>}
    </Part>
  );
}

// ------------------------------------------------------------------------------------------------ another model

interface Repriced {
  phases: { phase: string | null; agents: number; model: string; spent: Spent; instead: string; usd: number }[];
  spent_usd: number;
  usd: number;
  says: string;
}

function OtherModel({ at }: { at: string }) {
  const model = place.value.query.get("model") ?? "";
  const words = useSignal(model);
  const { data, problem } = useTold<Repriced>(model ? `${at}/analysis` : null, { model });
  const told = model ? data.value : null;
  return (
    <Part title="On another model" about="the same tokens at its prices">
      <form class="inline" onSubmit={(event) => (event.preventDefault(), say({ model: words.value.trim() }))}>
        <input aria-label="Model" placeholder="provider:model, or Phase=provider:model" value={words.value} onInput={(event) => (words.value = event.currentTarget.value)} />
        <button type="submit">What it would cost</button>
      </form>
      {model && problem.value && <Trouble problem={problem.value} />}
      {told && (
        <>
          <p>It cost {usd(told.spent_usd)}; it would have cost <b>{usd(told.usd)}</b>.</p>
          <Table of="Cost on the other model" head={["Phase", "#Agents", "Answered by", "#Cost", "Instead", "#Would have cost"]} rows={told.phases.map((row) => [<Said text={row.phase ?? "no phase"} />, row.agents, <Said text={row.model} />, usd(row.spent.usd), row.instead === row.model ? "" : <Said text={row.instead} />, usd(row.usd)])} />
          <p class="dim">{told.says}</p>
        </>
      )}
    </Part>
  );
}
