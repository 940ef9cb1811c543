// JSON data as a tree: what is folded is not on the page, and of a long list some are until somebody asks for more.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { Folded, Long, many, Said, shown } from "./text";

const AT_ONCE = 100;
const OPEN_LEVELS = 2;
const OPEN_MOST = 20;

/** Any data: a text as it is, everything else as a tree. `marked` is a place in it, as `$.list[0].name`. */
export function Value({ value, marked }: { value: unknown; marked?: string | undefined }) {
  if (typeof value === "string") return <Long text={value} />;
  return <div class="json"><Node value={value} place="$" level={0} marked={marked} /></div>;
}

/** What is on the page only while it is unfolded. */
export function Lazy({ title, children }: { title: ComponentChildren; children: () => ComponentChildren }) {
  const open = useSignal(false);
  return (
    <details open={open.value} onToggle={(event) => (open.value = event.currentTarget.open)}>
      <summary>{title}</summary>
      {open.value && children()}
    </details>
  );
}

interface Of {
  name?: string;
  value: unknown;
  place: string;
  level: number;
  marked?: string | undefined;
}

function Node({ name, value, place, level, marked }: Of) {
  const within = marked !== undefined && (marked === place || marked.startsWith(`${place}.`) || marked.startsWith(`${place}[`));
  const inner = childrenOf(value, place);
  const open = useSignal(within || (level < OPEN_LEVELS && (inner?.length ?? 0) <= OPEN_MOST));
  const most = useSignal(AT_ONCE);
  const title = name !== undefined && <span class="json-name"><bdi>{shown(name)}</bdi></span>;
  const here = marked === place ? "json-here" : undefined;
  if (inner === null || inner.length === 0) return <div class={here}>{title} <Leaf value={value} /></div>;
  const lead = inner.map((one) => one.value).find((one) => typeof one === "string" && one !== "") as string | undefined;
  const count = Array.isArray(value) ? many(inner.length, "item") : many(inner.length, "field");
  return (
    <details class={here} open={open.value} onToggle={(event) => (open.value = event.currentTarget.open)}>
      <summary>{title} <span class="dim">{count}</span>{!open.value && lead && <span class="json-lead"><Said text={lead} most={120} /></span>}</summary>
      {open.value && (
        <div class="json-inner">
          {inner.slice(0, most.value).map((one) => <Node key={one.place} {...one} level={level + 1} marked={within ? marked : undefined} />)}
          {inner.length > most.value && <button onClick={() => (most.value += 10 * AT_ONCE)}>Show more ({(inner.length - most.value).toLocaleString("en")} left)</button>}
        </div>
      )}
    </details>
  );
}

function childrenOf(value: unknown, place: string): { name: string; value: unknown; place: string }[] | null {
  if (Array.isArray(value)) return value.map((one, at) => ({ name: String(at), value: one, place: `${place}[${at}]` }));
  if (value === null || typeof value !== "object") return null;
  return Object.entries(value).map(([name, one]) => ({ name, value: one, place: `${place}.${name}` }));
}

function Leaf({ value }: { value: unknown }) {
  if (typeof value === "string") return <span class="json-text"><Folded text={value} most={400} /></span>;
  if (Array.isArray(value)) return <span class="dim">no items</span>;
  if (value !== null && typeof value === "object") return <span class="dim">no fields</span>;
  return <span class="json-value">{String(value)}</span>;
}
