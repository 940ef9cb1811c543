// Search in what a file has in it: what `weft search` finds, in the shape in which the API says it.
import { blockOf, blocksOf, file, read, textOf } from "./held";

const MOST_HITS = 100;
const MOST_OF_ONE = 5;
const MOST_FOUND = 1_000;
const MOST_MS = 3_000;
const LONGEST_TEXT = 2_000_000;
const AROUND = 100;

interface Hit {
  id: number | null;
  label: string;
  where: string;
  text: string;
}

type Texts = [where: string, text: string][];

export async function search(said: string, signal?: AbortSignal | null): Promise<unknown> {
  const words = said.toLowerCase().split(/\s+/).filter(Boolean);
  const hits: Hit[] = [];
  const until = performance.now() + MOST_MS;
  let cut = file!.content ? null : "what agents were asked and answered is not in this file";
  for await (const { id, label, texts } of everything()) {
    signal?.throwIfAborted();
    if (performance.now() > until) cut = `it took more than ${MOST_MS / 1000} seconds`;
    else if (hits.length >= MOST_FOUND) cut = `there are ${MOST_FOUND.toLocaleString("en")} places or more`;
    if (performance.now() > until || hits.length >= MOST_FOUND) break;
    for (const [where, whole] of texts) {
      const text = whole.slice(0, LONGEST_TEXT);
      const lower = text.toLowerCase();
      if (words.every((word) => lower.includes(word))) hits.push({ id, label, where, text: around(text, lower.indexOf(words[0]!)) });
      else if (whole.length > LONGEST_TEXT) cut = `of a text only the first ${LONGEST_TEXT.toLocaleString("en")} characters are searched`;
    }
  }
  const counts = new Map<number | null, number>();
  const few = (id: number | null) => counts.set(id, (counts.get(id) ?? 0) + 1).get(id)! <= MOST_OF_ONE;
  const found = hits.filter(({ id }) => id === null || few(id)).slice(0, MOST_HITS);
  return { run: file!.run, total: hits.length, complete: found.length === hits.length && cut === null, cut, found };
}

/** Yield whose texts there are: the harness's own, then those of agents and calls by their numbers. */
async function* everything(): AsyncGenerator<{ id: number | null; label: string; texts: Texts }> {
  const findings = (await listed("findings")).map((one, at) => [`finding ${at + 1}`, flat(one)] as Texts[0]);
  const logs = (await listed("logs")).map((one, at) => [`log ${at + 1}`, one.message] as Texts[0]);
  yield { id: null, label: "", texts: [...findings, ...logs] };
  const calls = (await listed("host_calls")).map((one) => ({ id: one.id, label: one.label, texts: ofCall(one) }));
  for (const block of blocksOf("agents")) {
    for (const line of (await read(block)).split("\n").filter(Boolean)) {
      const told = JSON.parse(line);
      while (calls.length > 0 && calls[0]!.id < told.id) yield calls.shift()!;
      yield { id: told.id, label: told.agent.label, texts: ofAgent(told) };
    }
  }
  yield* calls;
}

async function listed(name: string): Promise<any[]> {
  return JSON.parse(await textOf(blockOf(name)!));
}

function ofAgent({ agent, transcript }: any): Texts {
  const { label, prompt, context } = agent.request;
  const texts: Texts = label === null ? [] : [["label", label]];
  if (!file!.content) return texts;
  texts.push(["prompt", prompt]);
  if (context !== null) texts.push(["context", flat(context)]);
  if (agent.lost) texts.push(["lost", agent.lost.message]);
  if (agent.result !== null) texts.push(["result", flat(agent.result)]);
  const known = new Set(texts.map(([, text]) => text)); // the prompt is the first part, and the answer the last
  transcript.forEach((part: any, at: number) => {
    const text = [part.args, part.content].filter((one) => one !== undefined).map(flat).join("\n");
    if (!known.has(text)) texts.push([`transcript ${at + 1}`, text]);
    known.add(text);
  });
  return texts;
}

function ofCall(call: any): Texts {
  if (!file!.content) return [];
  const answered: Texts = call.state === "done" || call.state === "lost" ? [["result", flat(call.result)]] : [];
  return [["request", flat(call.request)], ...answered];
}

/** Return data on one line; a text as it is. */
function flat(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === null) return "nothing";
  if (typeof value === "boolean") return value ? "yes" : "no";
  const inner = (one: unknown) => (one !== null && typeof one === "object" ? `(${flat(one)})` : flat(one));
  if (Array.isArray(value)) return value.map(inner).join(", ") || "none";
  if (typeof value !== "object") return String(value);
  return Object.entries(value).map(([name, one]) => `${name.replaceAll("_", " ")}: ${inner(one)}`).join(", ") || "nothing";
}

function around(text: string, at: number): string {
  const start = Math.max(0, at - AROUND);
  const end = at + AROUND;
  const piece = text.slice(start, end).split(/\s+/).filter(Boolean).join(" ");
  return `${start ? "… " : ""}${piece}${end < text.length ? " …" : ""}`;
}
