// What an agent and its model said to each other. It is asked for page by page as one scrolls, and what is out of sight
// is not drawn; of a long part the beginning is shown.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { isOver, type Standing } from "../agents";
import { get, type Problem } from "../api";
import { place } from "../place";
import { Trouble, problemOf } from "../shared";
import { Value } from "../json";
import { Long, Said } from "../text";
import type { Of } from "./known";

const PAGE = 100;
const AT_ONCE = 4_000;

interface Told {
  parts: any[];
  total: number;
  next: number | null;
}

export function Transcript({ watch, id, state }: Of) {
  const parts = useSignal<any[] | null>(null);
  const total = useSignal(0);
  const problem = useSignal<Problem | null>(null);
  const end = useRef<HTMLLIElement>(null);
  const sought = Number(place.value.query.get("part") ?? 0);
  const busy = useRef(false);
  const more = async (from: any[], until: number, signal: AbortSignal) => {
    if (busy.current) return;
    busy.current = true;
    try {
      let known = from;
      do {
        const told = await get<Told>(`${watch.at}/agents/${id}/transcript`, { after: known.length, limit: PAGE }, signal);
        known = [...known, ...told.parts];
        total.value = told.total;
      } while (known.length < Math.min(until, total.value));
      parts.value = known;
    } catch (error) {
      if (!signal.aborted) problem.value = problemOf(error);
    } finally {
      busy.current = false;
    }
  };
  useEffect(() => {
    const leaving = new AbortController();
    busy.current = false;
    void more([], sought, leaving.signal);
    return () => leaving.abort();
  }, [id, state]);
  useEffect(() => {
    if (end.current === null) return;
    const leaving = new AbortController();
    const near = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && void more(parts.value!, 0, leaving.signal), { rootMargin: "600px" });
    near.observe(end.current);
    return () => (near.disconnect(), leaving.abort());
  }, [parts.value]);
  useEffect(() => document.getElementById(`part-${sought}`)?.scrollIntoView({ block: "center" }), [sought, parts.value !== null]);
  if (problem.value) return <Trouble problem={problem.value} />;
  if (parts.value === null) return <p class="dim">…</p>;
  if (total.value === 0) return <p class="dim">There is none {isOver(state as Standing) || watch.agents.over ? "on record" : "before the agent has answered"}.</p>;
  return (
    <>
      <p class="dim">{total.value.toLocaleString("en")} parts</p>
      <ol class="parts">
        {parts.value.map((part, at) => <Part key={at} part={part} number={at + 1} sought={at + 1 === sought} />)}
        {total.value > parts.value.length && <li ref={end} class="dim">…</li>}
      </ol>
    </>
  );
}

function Part({ part, number, sought }: { part: any; number: number; sought: boolean }) {
  const kind = String(part.part ?? "part");
  const open = useSignal(sought || !kind.startsWith("tool"));
  const said = [part.args, part.content].filter((one) => one !== undefined);
  return (
    <li id={`part-${number}`} class={`part-of ${sought ? "sought" : ""}`}>
      <details open={open.value} onToggle={(event) => (open.value = event.currentTarget.open)}>
        <summary><span class="dim number">{number}</span> <span class="kind">{kind.replaceAll("-", " ")}</span>{part.tool_name && <> <Said text={String(part.tool_name)} /></>}</summary>
        {open.value && said.map((one, at) => (typeof one === "string" ? <Long key={at} text={one} atOnce={AT_ONCE} /> : <Value key={at} value={one} />))}
      </details>
    </li>
  );
}
