// What the API answers, of what a file has in it: the same addresses, and the same shapes.
import { blockOf, file, linesOf, textOf } from "./held";
import { search } from "./search";

/** Return the answer to an address; nothing where the file has none. */
export async function answer(address: string, signal?: AbortSignal | null): Promise<unknown> {
  const { parts, query } = asked(address);
  if (parts === null) return undefined;
  const [kind = "run", id, part] = parts;
  if (kind === "agents") return ofAgent(Number(id), part, query);
  if (kind === "search") return search(query.get("words") ?? "", signal);
  const block = blockOf(kind);
  if (block === null || query.has("model")) return undefined;
  const told = JSON.parse(await textOf(block));
  return Array.isArray(told) ? paged(kind, told, query) : told;
}

/** Return the events that an address asks for: those of one agent. */
export async function eventsAt<T>(address: string): Promise<T[]> {
  const { query } = asked(address);
  const [agent] = await linesOf("agents", "id", [Number(query.get("agent"))]);
  return linesOf("journal", "seq", (agent?.events ?? []).slice(0, Number(query.get("limit"))));
}

/** Return what is asked of the run of the file; no parts where another one is meant. */
function asked(address: string): { parts: string[] | null; query: URLSearchParams } {
  const [path = "", words] = address.split("?");
  const [, project, , run, ...parts] = path.split("/").map(decodeURIComponent);
  return { parts: project === file!.project && run === file!.run ? parts : null, query: new URLSearchParams(words) };
}

async function ofAgent(id: number, part: string | undefined, query: URLSearchParams): Promise<unknown> {
  const [told] = await linesOf("agents", "id", [id]);
  switch (part) {
    case undefined:
      return told?.agent;
    case "prompt":
      return told?.agent.request;
    case "why":
      return told?.why;
    case "transcript":
      return told && paged("parts", told.transcript, query);
  }
  return undefined;
}

function paged(name: string, all: unknown[], query: URLSearchParams): Record<string, unknown> {
  const after = Number(query.get("after") ?? 0);
  const end = after + Number(query.get("limit") ?? 200);
  return { [name]: all.slice(after, end), total: all.length, next: end < all.length ? end : null };
}
