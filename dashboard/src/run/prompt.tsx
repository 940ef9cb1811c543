// What an agent was asked, and what of that is other than what a sibling, or it itself in an earlier execution, was.
import { Changes } from "../changes";
import { Lazy, Value } from "../json";
import { place, say } from "../place";
import { Trouble, useTold } from "../shared";
import { shown } from "../text";
import type { Of } from "./known";

const SIBLINGS = 100;
const BEFORE = "before";

export function Prompt({ watch, id, at }: Of) {
  const { data, problem } = useTold<any>(`${watch.at}/agents/${id}/prompt`);
  const earlier = useTold<any>(`${watch.at}/agents/${id}/why`);
  const siblings = siblingsOf(watch.agents.of, at);
  const chosen = place.value.query.get("with") ?? "";
  const other = siblings.find((one) => String(one.id) === chosen);
  const theirs = useTold<any>(other ? `${watch.at}/agents/${other.id}/prompt` : null);
  if (problem.value) return <Trouble problem={problem.value} />;
  if (data.value === null) return <p class="dim">…</p>;
  const { prompt, ...others } = data.value;
  const before = earlier.data.value?.before;
  const against = chosen === BEFORE ? before : other ? theirs.data.value : null;
  return (
    <>
      {(siblings.length > 0 || before) && (
        <label class="against">
          Compare with
          <select value={against || other ? chosen : ""} onChange={(event) => say({ with: event.currentTarget.value })}>
            <option value="">nothing</option>
            {before && <option value={BEFORE}>what it was asked in the execution before</option>}
            {siblings.map((one) => <option key={one.id} value={String(one.id)}>{shown(one.label)}</option>)}
          </select>
        </label>
      )}
      {against ? <Changes before={String(against.prompt)} now={prompt} /> : <Value value={prompt} />}
      {against ? <Others before={against} now={others} /> : <Lazy title="Everything else it was asked with">{() => <Value value={others} />}</Lazy>}
    </>
  );
}

/** Agents of the same line: before this one the nearest first, and after it. */
function siblingsOf(of: Of["watch"]["agents"]["of"], at: number): { id: number; label: string }[] {
  const found: number[] = [];
  const alike = (one: number) => one !== at && of.line[one] === of.line[at] && of.workflow[one] === of.workflow[at];
  for (let one = at - 1; one >= 0 && found.length < SIBLINGS / 2; one--) if (alike(one)) found.push(one);
  for (let one = at + 1; one < of.id.length && found.length < SIBLINGS; one++) if (alike(one)) found.push(one);
  return found.map((one) => ({ id: of.id[one]!, label: of.label[one]! }));
}

function Others({ before, now }: { before: Record<string, unknown>; now: Record<string, unknown> }) {
  const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value, null, 2) ?? "nothing");
  const changed = Object.keys(now).filter((name) => name !== "id" && name !== "label" && text(before[name]) !== text(now[name]));
  if (changed.length === 0) return <p class="dim">All else it was asked with is the same.</p>;
  return <>{changed.map((name) => <div key={name}><h3>{shown(name)}</h3><Changes before={text(before[name])} now={text(now[name])} /></div>)}</>;
}
