// What the harness has published, in whatever shape: the form of each value says how it is shown, not its name.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Lazy, Value } from "../json";
import { place, to } from "../place";
import { useTold } from "../shared";
import { Folded, Said, shown } from "../text";
import type { Watch } from "../watch";
import { searchAt } from "./search";
import { Panel } from "./panel";

const SHOWN = 200;
const AT_ONCE = 10;

export function Findings({ watch, number }: { watch: Watch; number: number }) {
  const { data } = useTold<{ findings: unknown[]; next: number | null }>(number ? `${watch.at}/findings` : null, { limit: SHOWN }, number);
  const sought = Number(place.value.query.get("finding") ?? 0);
  const most = useSignal(Math.max(AT_ONCE, sought));
  const found = data.value?.findings;
  useEffect(() => {
    most.value = Math.max(most.value, sought);
    document.getElementById(`finding-${sought}`)?.scrollIntoView({ block: "center" });
  }, [sought, found !== undefined]);
  return (
    <Panel title="Findings" number={number}>
      {number === 0 && <p class="dim">None.</p>}
      <ol class="findings">
        {found?.slice(0, most.value).map((one, at) => (
          <li key={at} id={`finding-${at + 1}`} class={at + 1 === sought ? "sought" : undefined}><Finding watch={watch} of={one} number={at + 1} /></li>
        ))}
      </ol>
      {found && found.length > most.value && <button onClick={() => (most.value = SHOWN)}>Show all {found.length}</button>}
      {data.value?.next != null && <p class="dim">The first {SHOWN} of {number}.</p>}
    </Panel>
  );
}

/** The parts of a finding, by the form of what stands in them. */
interface Parts {
  lead: string | null;
  severity: string | null;
  place: string | null;
  marks: [string, string][];
  texts: [string, string][];
  counts: [string, [string, number][]][];
  lists: [string, string[]][];
  rest: [string, unknown][];
}

const isObject = (value: unknown): value is Record<string, unknown> => value !== null && typeof value === "object" && !Array.isArray(value);
const isPath = (text: string) => text.length < 300 && !/\s/.test(text) && /[^/]\/[^/]|^[\w-]+\.\w{1,6}(:\d+)?$/.test(text);

export function partsOf(whole: Record<string, unknown>): Parts {
  const parts: Parts = { lead: null, severity: null, place: null, marks: [], texts: [], counts: [], lists: [], rest: [] };
  for (const [name, value] of Object.entries(whole)) {
    if (name === "severity" && typeof value === "string" && value.length < 40) parts.severity = value;
    else if (typeof value === "string" && parts.place === null && isPath(value)) parts.place = value;
    else if (typeof value === "string" && parts.lead === null && /\S\s+\S/.test(value)) parts.lead = value;
    else if (typeof value === "string" && value.length > 60) parts.texts.push([name, value]);
    else if (!isObject(value) && !Array.isArray(value)) parts.marks.push([name, String(value)]);
    else if (Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === "string")) parts.lists.push([name, value]);
    else if (isObject(value) && Object.keys(value).length > 0 && Object.values(value).every((one) => typeof one === "number")) parts.counts.push([name, Object.entries(value) as [string, number][]]);
    else parts.rest.push([name, value]);
  }
  const line = parts.marks.findIndex(([name, value]) => name === "line" && /^\d+$/.test(value));
  if (parts.place !== null && line >= 0) parts.place += `:${parts.marks.splice(line, 1)[0]![1]}`;
  return parts;
}

/** What is around one, as `{"finding": {…}, "votes": …}`, stands beside its fields. */
function flattened(of: unknown): unknown {
  if (!isObject(of)) return of;
  const objects = Object.entries(of).filter(([, value]) => isObject(value) && Object.values(value as object).some((one) => typeof one === "string"));
  if (objects.length !== 1 || Object.values(of).some((value) => typeof value === "string" && value.length > 40)) return of;
  const [[name, inner]] = objects as [[string, Record<string, unknown>]];
  return { ...inner, ...Object.fromEntries(Object.entries(of).filter(([one]) => one !== name && !(one in inner))) };
}

function Finding({ watch, of, number }: { watch: Watch; of: unknown; number: number }) {
  const whole = flattened(of);
  if (typeof whole === "string") return <p class="lead"><Folded text={whole} /></p>;
  if (!isObject(whole)) return <Value value={whole} />;
  const { lead, severity, place: where, marks, texts, counts, lists, rest } = partsOf(whole);
  return (
    <article aria-label={`Finding ${number}`}>
      <p class="lead">{severity && <Severity of={severity} />}{lead ? <Folded text={lead} /> : <span class="dim">Finding {number}</span>}</p>
      {where && <p class="place"><code><Said text={where} /></code></p>}
      {(marks.length > 0 || counts.length > 0) && (
        <p class="marks">
          {counts.map(([name, each]) => <span key={name}><span class="dim">{shown(name)}</span> <Said text={each.map(([word, count]) => `${count} ${word}`).join(" · ")} /></span>)}
          {marks.map(([name, value]) => <span key={name}><span class="dim">{shown(name)}</span> <Said text={value} most={120} /></span>)}
        </p>
      )}
      {texts.map(([name, value]) => <p key={name}><span class="dim">{shown(name)}</span> <Folded text={value} /></p>)}
      {lists.map(([name, each]) => <Listed key={name} watch={watch} name={name} each={each} />)}
      {rest.length > 0 && <Lazy title={rest.map(([name]) => shown(name)).join(", ")}>{() => <Value value={Object.fromEntries(rest)} />}</Lazy>}
      {lead && <p class="behind"><a href={searchAt(watch, lead.slice(0, 200))}>Agents behind it</a></p>}
    </article>
  );
}

function Severity({ of }: { of: string }) {
  const kind = /crit|high|block|severe/i.test(of) ? "lost" : /med|major|warn/i.test(of) ? "needs" : "";
  return <span class={`tag ${kind}`}><Said text={of} most={40} /></span>;
}

/** Texts; those that are labels of agents lead to them. */
function Listed({ watch, name, each }: { watch: Watch; name: string; each: string[] }) {
  const all = useSignal(false);
  const { label, id } = watch.agents.of;
  return (
    <div>
      <span class="dim">{shown(name)}</span>
      <ul class="bullets">
        {each.slice(0, all.value ? undefined : 3).map((one, at) => {
          const agent = one.length < 200 ? label.indexOf(one) : -1;
          return <li key={at}>{agent < 0 ? <Folded text={one} /> : <a href={to("r", watch.project, watch.run, "a", id[agent]!)}><Said text={one} /></a>}</li>;
        })}
      </ul>
      {each.length > 3 && !all.value && <button class="more" onClick={() => (all.value = true)}>{each.length - 3} more</button>}
    </div>
  );
}
